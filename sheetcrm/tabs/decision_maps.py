"""列映射 and 值映射: what each heading and each unknown value means, chosen from drop-downs."""

from collections.abc import Mapping, Sequence

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.intake.answers import (
    COLUMN_KEY,
    FIELD,
    HEADING_TEXT,
    IGNORE,
    KEEP,
    MEANT,
    PROPOSED,
    SHEET,
    VALUE_TEXT,
    field_name,
    field_names,
)
from sheetcrm.intake.mapping import SAID, SAVED
from sheetcrm.intake.model import HeadingHow, HeadingMatch, ValueHow, ValueMatch
from sheetcrm.table import column_letter
from sheetcrm.tabs.decision_frame import Desk, Lists, close_desk, headings, open_desk
from sheetcrm.tabs.decision_plan import Plan, SheetPlan
from sheetcrm.tabs.decision_preview import samples

_HOW: Mapping[HeadingHow, str] = {
    "name": "就是这个字段",
    "given": "你指定的",
    "saved": "上次的选择",
    "alias": "常见叫法",
    "content": "叫法相近，内容相符",
    "stage": "阶段的日期",
    "ignored": "不导入",
    "asked": "请选择",
}
_VALUE_HOW: Mapping[ValueHow, str] = {
    "same": "列表里有",
    "given": "你指定的",
    "saved": "上次的选择",
    "alias": "常见写法",
    "kept": "列表里没有，原样写入",
}
# What people said stays an answer when the workbook comes back; what was found out is none.
_SAID = ("given", "saved")
_HIDDEN = 2
_COLUMNS = (
    SHEET,
    "列",
    HEADING_TEXT,
    "内容举例",
    FIELD,
    "怎么认出来的",
    "说明",
    COLUMN_KEY,
    PROPOSED,
)
_COLUMN_WIDTHS = (14, 6, 24, 36, 24, 18, 52, 12, 12)
_VALUES = ("字段", VALUE_TEXT, "有几行", "建议", MEANT, "现在怎么办", COLUMN_KEY, PROPOSED)
_VALUE_WIDTHS = (16, 30, 9, 22, 24, 26, 12, 12)


def columns_tab(book: Book, plan: Plan, lists: Lists) -> int:
    """Write 列映射; return how many headings wait for an answer."""
    matches = [(sheet, match) for sheet in plan.sheets for match in sheet.incoming.headings]
    asked = sum(match.how == "asked" for _, match in matches)
    said = (
        "来的每一列对应表里的哪个字段。黄色的没认出来，请从下拉列表里选；认错的也可以改。"
        "选择会记住，下次同一来源不再问。"
    )
    desk = open_desk(book, "列映射", said, _COLUMN_WIDTHS, asks=bool(asked))
    headings(desk, _COLUMNS)
    for row, (sheet, match) in enumerate(matches, desk.first):
        _heading(desk, row, plan, (sheet, match))
        spec = plan.spec(sheet)
        if rule := lists.drop_down(
            f"字段_{spec.name}",
            field_names(spec, plan.kit, _more(sheet)),
            _candidates(plan, sheet, match),
        ):
            desk.sheet.validate(Area(row, 5, row, 5), rule)
    _hide(desk, len(_COLUMNS))
    close_desk(desk, len(matches), len(_COLUMNS), len(_COLUMNS) - _HIDDEN)
    return asked


def values_tab(book: Book, plan: Plan, lists: Lists) -> int:
    """Write 值映射: each value that is on no list once; return how many."""
    found = _values_of(plan.sheets)
    unknown = sum(match.how == "kept" for _, match in found)
    said = (
        "来的写法里表里没有的，每种一行。选一个就换成它；选“（保持原样）”或空着，就原样写进去。"
        "选择会记住。"
    )
    desk = open_desk(book, "值映射", said, _VALUE_WIDTHS, asks=bool(unknown))
    headings(desk, _VALUES)
    for row, (sheet, match) in enumerate(found, desk.first):
        column = plan.spec(sheet).by_key.get(match.key)
        kept = match.how == "kept"
        name = column.name if column else match.key
        values = (name, match.text, match.count, match.suggestion)
        desk.sheet.row(row, values, "cell+wrapped")
        desk.sheet.text(row, 5, "" if kept else match.value, "input+wrapped")
        desk.sheet.text(row, 6, _VALUE_HOW[match.how], f"cell+wrapped{'+warn' if kept else ''}")
        proposed = "" if kept or match.how in _SAID else match.value
        desk.sheet.row(row, (match.key, proposed), "cell", 7)
        desk.height(row, values)
        words = plan.kit.choices(column) if column else ()
        if rule := lists.drop_down(f"写法_{name}", (*words, KEEP), match.suggestion, "warning"):
            desk.sheet.validate(Area(row, 5, row, 5), rule)
    if not found:
        desk.sheet.text(desk.first, 1, "没有要换的写法", "plain")
    _hide(desk, len(_VALUES))
    close_desk(desk, len(found), len(_VALUES), len(_VALUES) - _HIDDEN)
    return unknown


def _heading(desk: Desk, row: int, plan: Plan, one: tuple[SheetPlan, HeadingMatch]) -> None:
    sheet, match = one
    asked = match.how == "asked"
    chosen = IGNORE if match.how == "ignored" else ""
    chosen = chosen or field_name(plan.spec(sheet), match.key, match.stage)
    values = (
        sheet.incoming.table.sheet,
        column_letter(match.column),
        match.text,
        "、".join(samples(sheet, match)),
        chosen,
        _HOW[match.how],
        match.reason,
        sheet.incoming.kind,
        "" if match.how in _SAID or match.reason in (SAID, SAVED) else chosen,
    )
    shade = "+warn" if asked else ""
    desk.sheet.row(row, values, f"cell+wrapped{shade}")
    desk.sheet.text(row, 5, chosen, f"input+wrapped{shade}")
    desk.height(row, values)


def _more(sheet: SheetPlan) -> list[str]:
    """Return the headings that only the book's own sheet has."""
    table = sheet.existing
    return [h.text for h in table.source.headings if not h.known] if table else []


def _hide(desk: Desk, last: int) -> None:
    for column in range(last - _HIDDEN + 1, last + 1):
        desk.sheet.hide_column(column)


def _candidates(plan: Plan, sheet: SheetPlan, match: HeadingMatch) -> str:
    names = [field_name(plan.spec(sheet), key) for key in match.candidates]
    likely = "、".join(name for name in names if name)
    return f"可能是：{likely}" if likely else "从列表里选；不要的选“（不导入）”。"


def _values_of(sheets: Sequence[SheetPlan]) -> list[tuple[SheetPlan, ValueMatch]]:
    """Return what is not simply on the list, unknown values first, each once."""
    found: dict[tuple[str, str], tuple[SheetPlan, ValueMatch]] = {}
    for sheet in sheets:
        for match in sheet.incoming.values:
            if match.how != "same":
                found.setdefault((match.key, match.text), (sheet, match))
    return sorted(found.values(), key=lambda one: (one[1].how != "kept", one[1].key, -one[1].count))
