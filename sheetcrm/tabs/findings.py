"""校验结果: every finding with the way to its cell, by person, new, still open or fixed."""

from collections import Counter
from collections.abc import Sequence

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.tabs.detail import LINK_LIMIT, jump
from sheetcrm.tabs.findings_record import (
    COLUMNS,
    FIXED,
    NEW,
    NOBODY,
    OPEN,
    SEVERITY_NAMES,
    CheckReport,
    Record,
    compare,
)
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    close_tab,
    figure,
    headings,
    height,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.live import Span, Test, count, plus, span
from sheetcrm.tabs.source import Places

TITLE = "校验结果"
_LOOK = Look(
    title=TITLE,
    line="请在原表里修改，改完再运行一次：本表会说明哪些已解决、哪些是新增。点击单元格一列可跳到问题所在。",
    widths=(12, 12, 12, 16, 11, 16, 24, 46, 40, 10, 12, 12, 20, 22, 18),
)
MOST_ROWS = 20_000
_MOST_PEOPLE = 60
_MOST_UNCHECKED = 30
_HEADINGS = tuple(COLUMNS)
_FINGERPRINT = _HEADINGS.index("指纹") + 1
# Widths of 当前内容, 问题 and 处理建议.
_WRAPPED = (24, 46, 40)
_PEOPLE_TOP = 5
_STATES = (NEW, OPEN, FIXED)
MOST_EXCEPTED = 1_000
# The columns of the list of exceptions, under those of the findings.
_EXCEPTED = (
    *_HEADINGS[: _HEADINGS.index("处理建议")],
    "例外的原因",
    "代码",
    "有效期至",
    "",
    "行编号",
    "文件",
)


def findings_tab(book: Book, name: str, report: CheckReport, places: Places) -> None:
    """Write the tab."""
    canvas = open_tab(book, name, report.as_of, _LOOK)
    every = compare(report)
    records = _shown(every)
    people = list(Counter(r.owner for r in every))[:_MOST_PEOPLE]
    row = _PEOPLE_TOP + len(people) + 3
    row = notes(canvas, row, _note_lines(report, len(every) - len(records))) + 1
    section(canvas, row, "问题清单", "按负责人排列，可以筛选。")
    _list(canvas, row + 1, records, places)
    spans = _spans(row + 2, records)
    _people(canvas, people, every, spans if len(records) == len(every) else {})
    last = max(row + 1 + len(records), row + 2)
    below = _suppressed(canvas, last + 2, report.suppressed, places)
    canvas.sheet.autofilter(Area(row + 1, 1, last, len(_HEADINGS) - 1))
    canvas.sheet.hide_column(_FINGERPRINT)
    canvas.sheet.freeze(4, 6)
    canvas.sheet.print_area(Area(1, 1, max(last, below), _HEADINGS.index("解决日期") + 1))
    close_tab(canvas, TITLE, repeat=(row + 1, row + 1))


def _shown(records: Sequence[Record]) -> list[Record]:
    """Return what fits: errors before warnings before notes when there are too many."""
    if len(records) <= MOST_ROWS:
        return list(records)
    levels = list(SEVERITY_NAMES)
    ranked = sorted(
        range(len(records)), key=lambda i: (levels.index(records[i].finding.severity), i)
    )
    return [records[i] for i in sorted(ranked[:MOST_ROWS])]


def _note_lines(report: CheckReport, hidden: int) -> list[str]:
    lines = []
    if hidden:
        lines.append(f"清单列出前 {MOST_ROWS:,} 条，其余 {hidden:,} 条先改完这些后再运行。")
    left = report.unchecked[:_MOST_UNCHECKED]
    if left:
        more = len(report.unchecked) - len(left)
        lines.append(f"未检查的规则（{len(report.unchecked)} 条）：")
        lines += [f"　· {text}" for text in left]
        lines += [f"　· 其余 {more} 条"] if more else []
    if report.suppressed:
        lines.append(f"按“例外”表不再列为问题的有 {len(report.suppressed):,} 条，见本表末尾。")
    return lines


def _people(
    canvas: Canvas,
    people: Sequence[str],
    records: Sequence[Record],
    spans: dict[str, Span],
) -> None:
    sheet = canvas.sheet
    if not people:
        sheet.merge(Area(_PEOPLE_TOP, 1, _PEOPLE_TOP, 8), "没有发现问题，做得好！", "label")
        return
    levels = list(SEVERITY_NAMES.values())
    headings(canvas, _PEOPLE_TOP, ["负责人", *levels, *_STATES])
    total = Counter(_facts(records))
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


def _facts(records: Sequence[Record]) -> list[tuple[str, str]]:
    states = [(r.owner, str(r.state)) for r in records]
    open_ = (r for r in records if r.state != FIXED)
    return states + [(r.owner, SEVERITY_NAMES[r.finding.severity]) for r in open_]


def _totals(
    canvas: Canvas, count_: int, total: Counter[tuple[str, str]], people: Sequence[str]
) -> None:
    row = _PEOPLE_TOP + count_ + 1
    canvas.sheet.text(row, 1, "合计", "total")
    for column, name in enumerate([*SEVERITY_NAMES.values(), *_STATES], 2):
        value = float(sum(total[owner, name] for owner in people))
        area = Area(_PEOPLE_TOP + 1, column, row - 1, column).absolute
        canvas.sheet.formula(row, column, f"SUM({area})", value, "total+integer+center")


def _list(canvas: Canvas, top: int, records: Sequence[Record], places: Places) -> None:
    headings(canvas, top, _HEADINGS)
    sheet = canvas.sheet
    cell = _HEADINGS.index("单元格") + 1
    for number, record in enumerate(records):
        row = top + 1 + number
        for column, value in enumerate(_values(record), 1):
            sheet.put(row, column, value, "cell+wrap+middle")
        found = record.finding
        target = places.cell(found.file, found.sheet, found.cell) if number < LINK_LIMIT else None
        if found.cell:
            jump(sheet, (row, cell), target, found.cell)
        sheet.height(
            row, height(zip((found.value, found.message, found.suggestion), _WRAPPED, strict=True))
        )
    if records:
        _colours(canvas, Area(top + 1, 1, top + len(records), 2))
    else:
        sheet.text(top + 1, 1, "没有发现问题", "plain")


def _suppressed(canvas: Canvas, row: int, suppressed: Sequence[Suppressed], places: Places) -> int:
    """List what exceptions silence, below the findings; return the last row."""
    if not suppressed:
        return row - 2
    sheet = canvas.sheet
    section(canvas, row, "例外", "记在“例外”表里的，不再列为问题；到期后会重新出现。")
    headings(canvas, row + 1, _EXCEPTED)
    shown = suppressed[:MOST_EXCEPTED]
    for at, each in enumerate(shown, row + 2):
        found = each.finding
        for column, value in enumerate(_excepted(each), 1):
            sheet.put(at, column, value, "cell+wrap+middle")
        if found.cell:
            target = places.cell(found.file, found.sheet, found.cell)
            jump(sheet, (at, _EXCEPTED.index("单元格") + 1), target, found.cell)
        texts = (found.value, found.message, each.exemption.reason)
        sheet.height(at, height(zip(texts, _WRAPPED, strict=True)))
    last = row + 1 + len(shown)
    if len(shown) < len(suppressed):
        last += 1
        sheet.text(last, 1, f"其余 {len(suppressed) - len(shown):,} 条没有列出", "plain")
    return last


def _excepted(each: Suppressed) -> list[object]:
    found = each.finding
    return [
        "例外",
        SEVERITY_NAMES[found.severity],
        found.owner or NOBODY,
        found.sheet,
        found.cell,
        found.column,
        found.value,
        found.message,
        each.exemption.reason,
        found.code,
        each.exemption.until,
        None,
        found.key,
        found.file.replace("\\", "/").rsplit("/", 1)[-1],
    ]


def _colours(canvas: Canvas, area: Area) -> None:
    first = area.top
    level = Area(first, 2, area.bottom, 2)
    canvas.sheet.condition(Area(first, 1, area.bottom, 1), f'$A{first}="{FIXED}"', "good")
    canvas.sheet.condition(level, f'AND($A{first}<>"{FIXED}",$B{first}="错误")', "bad")
    canvas.sheet.condition(level, f'AND($A{first}<>"{FIXED}",$B{first}="警告")', "warn")


def _values(record: Record) -> list[object]:
    found = record.finding
    name = found.file.replace("\\", "/").rsplit("/", 1)[-1]
    return [
        record.state,
        SEVERITY_NAMES[found.severity],
        record.owner,
        found.sheet,
        found.cell,
        found.column,
        found.value,
        found.message,
        found.suggestion,
        found.code,
        record.first_seen,
        record.fixed_on,
        found.key,
        name,
        record.fingerprint,
    ]


def _spans(first: int, records: Sequence[Record]) -> dict[str, Span]:
    if not records:
        return {}
    columns: dict[str, Span] = {}
    for number, heading in enumerate(_HEADINGS, 1):
        key = COLUMNS[heading]
        if key in ("state", "severity", "owner"):
            address = Area(first, number, first + len(records) - 1, number).absolute
            columns[key] = span(address, (_values(record)[number - 1] for record in records))
    return columns
