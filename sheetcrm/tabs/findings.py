"""校验结果: every finding with the way to its cell, by person, new, still open or fixed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_sheet import Sheet
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.findings import Finding, file_name
from sheetcrm.kit.words import SEVERITY_NAMES
from sheetcrm.tabs.detail import LINK_LIMIT, jump, linked_column
from sheetcrm.tabs.findings_record import (
    COLUMNS,
    FIXED,
    NEW,
    NOBODY,
    OPEN,
    CheckReport,
    Record,
    RecordGroup,
    compare,
)
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    close_tab,
    figure,
    headings,
    height,
    heights,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.live import Span, Test, count, plus, span
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES
from sheetcrm.tabs.unchecked import unchecked_lines

TITLE = TITLES["findings"]
_LINE = (
    "请在原表里修改，改完再运行一次：本表会说明哪些已解决、哪些是新增。"
    "点击单元格一列可跳到问题所在。"
)
_WIDTHS: Mapping[str, float] = {
    "状态": 11,
    "级别": 12,
    "负责人": 12,
    "工作表": 13,
    "单元格": 9,
    "字段": 15,
    "当前内容": 18,
    "问题": 60,
    "处理建议": 62,
    "代码": 9,
    "首次发现": 12,
    "解决日期": 12,
    "行编号": 20,
    "文件": 14,
    "指纹": 18,
}
MOST_ROWS = 20_000
_MOST_PEOPLE = 60
_PEOPLE_TOP = 5
_STATES = (NEW, OPEN, FIXED)
MOST_EXCEPTED = 1_000
# What the list of exceptions, under the findings, says in the columns of another name.
_EXCEPTED = {"处理建议": "例外的原因", "首次发现": "有效期至", "解决日期": ""}


@dataclass(frozen=True)
class _Layout:
    """The headings of the list in the tab's order; the first `printed` of them are printed."""

    headings: tuple[str, ...]
    printed: int

    def number(self, heading: str) -> int:
        """Return a column's number."""
        return self.headings.index(heading) + 1

    def cells(self, values: Mapping[str, object]) -> list[object]:
        """Return values by field of COLUMNS in the order of the columns."""
        return [values.get(COLUMNS[heading]) for heading in self.headings]

    def height(self, values: Mapping[str, object]) -> float:
        """Return the height of a row."""
        return height((values.get(COLUMNS[h]), _WIDTHS[h]) for h in self.headings[:-1])


def _layout(report: CheckReport) -> _Layout:
    """Put 文件 before 工作表 where the findings are of several files; it is hidden else."""
    headings = list(COLUMNS)
    if report.several:
        headings.remove("文件")
        headings.insert(headings.index("工作表"), "文件")
    return _Layout(tuple(headings), headings.index("解决日期") + 1)


def findings_tab(book: Book, name: str, report: CheckReport, places: Places) -> None:
    """Write the tab."""
    layout = _layout(report)
    widths = [_WIDTHS[heading] for heading in layout.headings]
    canvas = open_tab(book, name, report.as_of, Look(TITLE, _LINE, widths))
    groups = compare(report)
    records = _shown(groups)
    hidden = sum(len(group.records) for group in groups) - len(records)
    people = list(dict.fromkeys(group.owner for group in groups))[:_MOST_PEOPLE]
    row = _PEOPLE_TOP + len(people) + 3
    row = notes(canvas, row, _note_lines(report, hidden)) + 1
    section(canvas, row, "问题清单", "按负责人排列，错误在前，同一类问题在一起。可以筛选。")
    said = [_values(record) for record in records]
    _list(canvas, row + 1, records, said, (layout, places))
    spans = _spans(row + 2, said, layout)
    _people(canvas, people, _facts(groups), {} if hidden else spans)
    last = max(row + 1 + len(records), row + 2)
    below = _suppressed(canvas, last + 2, report.suppressed, (layout, places))
    canvas.sheet.autofilter(Area(row + 1, 1, last, len(layout.headings) - 1))
    for heading in ("指纹",) if report.several else ("文件", "指纹"):
        canvas.sheet.hide_column(layout.number(heading))
    canvas.sheet.freeze(4, layout.number("单元格") + 1)
    canvas.sheet.print_area(Area(1, 1, max(last, below), layout.printed))
    close_tab(canvas, TITLE, repeat=(row + 1, row + 1))


def _shown(groups: Sequence[RecordGroup]) -> list[Record]:
    """Return what fits: errors before warnings before notes when there are too many."""
    room, shown = MOST_ROWS, {}
    for level in SEVERITY_NAMES:
        for number, group in enumerate(groups):
            if group.severity == level and room:
                shown[number] = group.in_order[:room]
                room -= len(shown[number])
    return [record for number in sorted(shown) for record in shown[number]]


def _note_lines(report: CheckReport, hidden: int) -> list[str]:
    lines = []
    if hidden:
        lines.append(f"清单列出前 {MOST_ROWS:,} 条，其余 {hidden:,} 条先改完这些后再运行。")
    lines += unchecked_lines(report.unchecked, several=report.several)
    if report.suppressed:
        lines.append(f"按“例外”表不再列为问题的有 {len(report.suppressed):,} 条，见本表末尾。")
    return lines


def _people(
    canvas: Canvas,
    people: Sequence[str],
    total: Counter[tuple[str, str]],
    spans: dict[str, Span],
) -> None:
    sheet = canvas.sheet
    if not people:
        sheet.merge(Area(_PEOPLE_TOP, 1, _PEOPLE_TOP, 8), "没有发现问题，做得好！", "label")
        return
    levels = list(SEVERITY_NAMES.values())
    headings(canvas, _PEOPLE_TOP, ["负责人", *levels, *_STATES])
    for row, owner in enumerate(people, _PEOPLE_TOP + 1):
        sheet.text(row, 1, owner, "label")
        mine = Test("owner", "=", owner, f"$A${row}")
        for column, level in enumerate(levels, 2):
            open_ = [
                count(spans, [mine, Test("severity", "=", level), Test("state", "=", s)])
                for s in (NEW, OPEN)
            ]
            lives = [plus(open_)]
            style = "cell+integer+center"
            figure(canvas, (row, column), total[owner, level], style, lives)
        for column, state in enumerate(_STATES, 5):
            lives = [count(spans, [mine, Test("state", "=", state)])]
            figure(canvas, (row, column), total[owner, state], "cell+integer+center", lives)
    _totals(canvas, len(people), total, people)


def _facts(groups: Sequence[RecordGroup]) -> Counter[tuple[str, str]]:
    """Count by person and state, and those not fixed by person and severity."""
    total: Counter[tuple[str, str]] = Counter()
    for group in groups:
        for state, count_ in group.counts.items():
            total[group.owner, state] += count_
            if state != FIXED:
                total[group.owner, SEVERITY_NAMES[group.severity]] += count_
    return total


def _totals(
    canvas: Canvas, count_: int, total: Counter[tuple[str, str]], people: Sequence[str]
) -> None:
    row = _PEOPLE_TOP + count_ + 1
    canvas.sheet.text(row, 1, "合计", "total")
    for column, name in enumerate([*SEVERITY_NAMES.values(), *_STATES], 2):
        value = float(sum(total[owner, name] for owner in people))
        area = Area(_PEOPLE_TOP + 1, column, row - 1, column).absolute
        canvas.sheet.formula(row, column, f"SUM({area})", value, "total+integer+center")


def _list(
    canvas: Canvas,
    top: int,
    records: Sequence[Record],
    said: Sequence[Mapping[str, object]],
    how: tuple[_Layout, Places],
) -> None:
    layout, places = how
    headings(canvas, top, layout.headings)
    sheet, first = canvas.sheet, top + 1
    if not records:
        sheet.text(first, 1, "没有发现问题", "plain")
        return
    fields = [[values.get(COLUMNS[heading]) for values in said] for heading in layout.headings]
    linked = layout.number("单元格")
    columns = [Column(n, c, "cell+wrap+middle") for n, c in enumerate(fields, 1) if n != linked]
    sheet.columns(first, columns)
    _links(sheet, (first, linked), [record.finding for record in records], places)
    widths = [_WIDTHS[heading] for heading in layout.headings[:-1]]
    sheet.heights(first, heights(zip(fields[:-1], widths, strict=True)))
    _colours(canvas, Area(first, 1, top + len(records), 2))


def _links(
    sheet: Sheet, corner: tuple[int, int], findings: Sequence[Finding], places: Places
) -> None:
    """Write where each finding is, as a link to it."""
    targets = [
        places.cell(f.file, f.sheet, f.cell) if number < LINK_LIMIT else None
        for number, f in enumerate(findings)
    ]
    linked_column(sheet, corner, [f.cell for f in findings], targets)


def _suppressed(
    canvas: Canvas, row: int, suppressed: Sequence[Suppressed], how: tuple[_Layout, Places]
) -> int:
    """List what exceptions silence, below the findings; return the last row."""
    if not suppressed:
        return row - 2
    sheet, (layout, places) = canvas.sheet, how
    section(canvas, row, "例外", "记在“例外”表里的，不再列为问题；到期后会重新出现。")
    headings(canvas, row + 1, [_EXCEPTED.get(h, h) for h in layout.headings[:-1]])
    shown = suppressed[:MOST_EXCEPTED]
    for at, each in enumerate(shown, row + 2):
        found, values = each.finding, _excepted(each)
        sheet.row(at, layout.cells(values)[:-1], "cell+wrap+middle")
        if found.cell:
            target = places.cell(found.file, found.sheet, found.cell)
            jump(sheet, (at, layout.number("单元格")), target, found.cell)
        sheet.height(at, layout.height(values))
    last = row + 1 + len(shown)
    if len(shown) < len(suppressed):
        last += 1
        sheet.text(last, 1, f"其余 {len(suppressed) - len(shown):,} 条没有列出", "plain")
    return last


def _excepted(each: Suppressed) -> dict[str, object]:
    return {
        **_facts_of(each.finding),
        "state": "例外",
        "suggestion": each.exemption.reason,
        "first_seen": each.exemption.until,
    }


def _values(record: Record) -> dict[str, object]:
    return {
        **_facts_of(record.finding),
        "state": record.state,
        "first_seen": record.first_seen,
        "fixed_on": record.fixed_on,
        "fingerprint": record.fingerprint,
    }


def _facts_of(found: Finding) -> dict[str, object]:
    return {
        "severity": SEVERITY_NAMES[found.severity],
        "owner": found.owner or NOBODY,
        "sheet": found.sheet,
        "cell": found.cell,
        "column": found.column,
        "value": found.value,
        "message": found.message,
        "suggestion": found.suggestion,
        "code": found.code,
        "key": found.key,
        "file": file_name(found.file),
    }


def _colours(canvas: Canvas, area: Area) -> None:
    first = area.top
    level = Area(first, 2, area.bottom, 2)
    canvas.sheet.condition(Area(first, 1, area.bottom, 1), f'$A{first}="{FIXED}"', "good")
    canvas.sheet.condition(level, f'AND($A{first}<>"{FIXED}",$B{first}="错误")', "bad")
    canvas.sheet.condition(level, f'AND($A{first}<>"{FIXED}",$B{first}="警告")', "warn")


def _spans(first: int, said: Sequence[Mapping[str, object]], layout: _Layout) -> dict[str, Span]:
    if not said:
        return {}
    columns: dict[str, Span] = {}
    for heading in ("状态", "级别", "负责人"):
        number, key = layout.number(heading), COLUMNS[heading]
        address = Area(first, number, first + len(said) - 1, number).absolute
        columns[key] = span(address, (values[key] for values in said))
    return columns
