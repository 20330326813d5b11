"""设置: thresholds, drop-down lists and the company's own working days, to rows and back."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from itertools import pairwise

from sheetcrm.kit.blocks import (
    Block,
    FoundBlock,
    Line,
    Report,
    cell_number,
    join_words,
    named_lines,
    report_gaps,
    split_words,
)
from sheetcrm.kit.model import ChoiceItem, ChoiceList, DayException, Kit, Setting
from sheetcrm.kit.words import DAY_NAMES, DAYS, listed
from sheetcrm.table import Cell, column_letter
from sheetcrm.values.dates import parse_date
from sheetcrm.values.working_time import FIRST_YEAR, LAST_YEAR

SETTINGS_ANCHOR = "参数"
LIST_ANCHOR = "选项"
EXCEPTIONS_ANCHOR = "例外日期"
_SETTINGS_HEADERS = (SETTINGS_ANCHOR, "值", "单位", "说明", "参数代码")
_EXCEPTION_HEADERS = (EXCEPTIONS_ANCHOR, "安排", "说明")
_STRICT_HEADER = "选项（限选）"
_OPEN_HEADER = "选项（可另填）"
_CLOCK = re.compile(r"([01]?\d|2[0-3]):[0-5]\d")
CLOCK_UNIT = "时:分"
_SHARE_UNIT = "比例"
_COUNTED_UNITS = ("个", "行", "行/人")
# Each is at least the one before it: a reminder comes before the next higher one.
_RISING = (
    ("silent_days_owner", "silent_days_manager", "churn_days"),
    ("request_days_medium", "request_days_low"),
    ("low_value_ratio", "value_ratio"),
)
# Far beyond what anybody means, yet within what dates and the calendar of working days can hold.
_MOST = {"工作日": 1_000}
_MOST_OF_OTHERS = 100_000


def settings_block(kit: Kit) -> Block:
    """Describe the thresholds."""
    rows = tuple((s.name, s.value, s.unit, s.help, s.key) for s in kit.settings)
    choices = {s.name: s.choices for s in kit.settings if s.choices}
    return Block("settings", "参数", _SETTINGS_HEADERS, rows, choices=choices)


def list_blocks(kit: Kit) -> tuple[Block, ...]:
    """Describe the drop-down lists, one block each."""
    return tuple(
        Block(
            f"list:{item.key}",
            item.name,
            (_OPEN_HEADER if item.open else _STRICT_HEADER, "别名"),
            tuple((i.value, join_words(i.aliases)) for i in item.items),
        )
        for item in kit.lists
    )


def exceptions_block(kit: Kit) -> Block:
    """Describe the days on which the company departs from the public calendar."""
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (e.day, DAY_NAMES[e.working], e.note) for e in kit.exceptions
    )
    choices = {"安排": tuple(DAY_NAMES.values())}
    return Block("exceptions", "例外工作日", _EXCEPTION_HEADERS, rows, choices=choices)


def read_settings(
    found: FoundBlock | None, base: Sequence[Setting], report: Report
) -> tuple[Setting, ...]:
    """Read the thresholds; what is missing or wrong keeps its value of `base`."""
    if found is None:
        report.add_sheet("KIT-01", expected="参数、值")
        return tuple(base)
    by_key = {s.key: s for s in base}
    by_name = {s.name: s for s in base}
    changed: dict[str, Setting] = {}
    lines: dict[str, Line] = {}
    unknown = 0
    for line in found.lines:
        setting = by_key.get(line.text("参数代码")) or by_name.get(line.text(SETTINGS_ANCHOR))
        if setting is None:
            unknown += 1
            report.add("KIT-08", line, SETTINGS_ANCHOR)
        elif setting.key in changed:
            report.add("KIT-02", line, SETTINGS_ANCHOR, other="前面的行")
        else:
            value = _setting_value(line, setting, report)
            changed[setting.key] = setting.model_copy(update={"value": value})
            lines[setting.key] = line
    _keep_office_hours(changed, by_key, lines, report)
    _report_contradictions({**by_key, **changed}, lines, report)
    gone = [s for s in base if s.key not in changed]
    if len(gone) > unknown:  # else they were renamed, which is told at their rows
        _report_gone(gone, found, report)
    return tuple(changed.get(s.key, s) for s in base)


def _keep_office_hours(
    changed: dict[str, Setting],
    base: Mapping[str, Setting],
    lines: Mapping[str, Line],
    report: Report,
) -> None:
    """Go back to the usual hours where the day would end before it begins."""
    hours = ("workday_start", "workday_end")
    start, end = (changed.get(key) or base.get(key) for key in hours)
    if start is None or end is None or _minutes(start) < _minutes(end):
        return
    usual = "到".join(str(base[key].value) for key in hours)
    written = next((lines[key] for key in reversed(hours) if key in lines), None)
    if written:
        report.add("KIT-11", written, "值", expected=f"晚于{start.value}的时间", default=usual)
    changed.update({key: base[key] for key in hours})


def _report_contradictions(
    settings: Mapping[str, Setting], lines: Mapping[str, Line], report: Report
) -> None:
    """Report a threshold that is below the one it has to follow; both stay as they were written."""
    for lower, upper in (pair for keys in _RISING for pair in pairwise(keys)):
        low, high = settings.get(lower), settings.get(upper)
        line = lines.get(upper) or lines.get(lower)
        if line is None or low is None or high is None or float(low.value) <= float(high.value):
            continue
        facts = {"name": high.name, "other": low.name, "limit": f"{low.value}{low.unit}"}
        report.add("KIT-24", line, "值", **facts, found=f"{high.value}{high.unit}")


def _minutes(setting: Setting) -> int:
    hour, _, minute = str(setting.value).partition(":")
    return int(hour) * 60 + int(minute)


def _report_gone(gone: Sequence[Setting], found: FoundBlock, report: Report) -> None:
    """Say once, at the heading, which thresholds have lost their row and what stays in force."""
    at = f"{column_letter(min(found.columns.values()))}{found.header_row}"
    missing = "、".join(f"“{s.name}”" for s in gone)
    default = "、".join(f"{s.name} {s.value}{s.unit}" for s in gone)
    report.add_sheet("KIT-20", at, found.header_row, missing=missing, default=default)


def _setting_value(line: Line, setting: Setting, report: Report) -> float | int | str:
    facts = {"name": setting.name, "unit": setting.unit, "default": setting.value}
    if isinstance(setting.value, str):
        text = unicodedata.normalize("NFKC", line.text("值"))
        if setting.choices and text not in setting.choices:
            expected = "、".join(setting.choices)
            report.add("KIT-10", line, "值", expected=expected, default=setting.value)
            return setting.value
        if setting.unit == CLOCK_UNIT and not _CLOCK.fullmatch(text):
            report.add("KIT-11", line, "值", expected="09:00这样的时间", default=setting.value)
            return setting.value
        return text
    number = cell_number(line.cells.get("值"))
    if number is None:
        report.add("KIT-07", line, "值", **facts)
        return setting.value
    if expected := _out_of_range(number, setting.unit):
        report.add("KIT-11", line, "值", expected=expected, default=setting.value)
        return setting.value
    return int(number) if number.is_integer() else number


def _out_of_range(number: float, unit: str) -> str:
    """Say in Chinese what a threshold of that unit has to be; "" where the number is."""
    if unit == _SHARE_UNIT:
        return "" if 0 <= number <= 1 else "0到1之间的数字（如15%或0.15）"
    if unit in _COUNTED_UNITS and not number.is_integer():
        return "不小于0的整数"
    if number < 0:
        return "不小于0的数字"
    most = _MOST.get(unit, _MOST_OF_OTHERS)
    return f"不大于{most}的数字" if number > most else ""


def read_lists(
    found: Sequence[FoundBlock], base: Sequence[ChoiceList], report: Report
) -> tuple[ChoiceList, ...]:
    """Read the drop-down lists; a list without a block keeps its values of `base`."""
    by_name = {item.name: item for item in base}
    lists: dict[str, ChoiceList] = {}
    for block in found:
        at = f"{column_letter(min(block.columns.values()))}{block.header_row}"
        if not block.title:
            report.add_sheet("KIT-19", at, block.header_row, column="列表名称（表头上面一格）")
            continue
        known = by_name.get(block.title) or ChoiceList(key=block.title, name=block.title)
        if known.key in lists:
            report.add_sheet("KIT-02", at, block.header_row, value=block.title, other="另一个列表")
            continue
        report_gaps(block, block.title, report)
        flags = {"open": True} if "可另填" in block.header else {}
        flags |= {"open": False} if "限选" in block.header else {}
        items = _read_items(block, report)
        lists[known.key] = known.model_copy(update={"items": items, **flags})
    kept = [lists.pop(item.key, item) for item in base]
    return (*kept, *lists.values())


def _read_items(block: FoundBlock, report: Report) -> tuple[ChoiceItem, ...]:
    values = {line.text(LIST_ANCHOR) for line in block.lines}
    items: dict[str, ChoiceItem] = {}
    owners: dict[str, str] = {}
    for value, line in named_lines(block.lines, LIST_ANCHOR, report, "这个列表里"):
        aliases = [a for a in split_words(line.text("别名")) if a not in values]
        doubles = [a for a in aliases if owners.setdefault(a, value) != value]
        for alias in doubles:
            report.add_alias(line, alias, f"“{owners[alias]}”的别名里")
        aliases = [a for a in aliases if a not in doubles]
        items[value] = ChoiceItem(value=value, aliases=tuple(aliases))
    return tuple(items.values())


def read_exceptions(
    found: FoundBlock | None, base: Sequence[DayException], report: Report
) -> tuple[DayException, ...]:
    """Read the company's own working days and days off."""
    if found is None:
        return tuple(base)
    days: dict[date, DayException] = {}
    for line in found.lines:
        day = _day(line.cells.get(EXCEPTIONS_ANCHOR))
        word = line.text("安排")
        if not line.text(EXCEPTIONS_ANCHOR):
            report.add("KIT-19", line, EXCEPTIONS_ANCHOR)
        elif day is None:
            report.add("KIT-16", line, EXCEPTIONS_ANCHOR)
        elif not FIRST_YEAR <= day.year <= LAST_YEAR:
            expected = f"{FIRST_YEAR}到{LAST_YEAR}年的日期"
            report.add("KIT-11", line, EXCEPTIONS_ANCHOR, expected=expected, default="没有这一行")
        elif day in days:
            report.add("KIT-02", line, EXCEPTIONS_ANCHOR, other="前面的行")
        else:
            if word not in DAYS:
                report.add("KIT-10", line, "安排", expected=listed(DAY_NAMES), default="休息")
            working = DAYS.get(word, False)
            days[day] = DayException(day=day, working=working, note=line.text("说明"))
    return tuple(days.values())


def _day(cell: Cell) -> date | None:
    """Return the one day a cell names; None where it would take a guess."""
    parsed = parse_date(cell)
    guessed = parsed.note == "FMT-03"
    return parsed.value.date() if isinstance(parsed.value, datetime) and not guessed else None
