"""对账: each figure in two ways, live, with 一致 or 不一致; what was not counted, and why."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area, cell_name, quoted
from sheetcrm.book.write import Book
from sheetcrm.book.write_formula import serial
from sheetcrm.findings import Finding
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.reconciliation import CENT, Check
from sheetcrm.metrics.results import GroupRow, Summary
from sheetcrm.tabs.detail import ORIGIN, Shown, write_block
from sheetcrm.tabs.frame import (
    AS_OF_ROW,
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    headings,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.funnel import TABLE_TOP as FUNNEL_TOP
from sheetcrm.tabs.live import Live, Test, plus
from sheetcrm.tabs.outcomes import all_leads, by_status, counted, summed
from sheetcrm.tabs.overdue import count_cell, people_cells
from sheetcrm.tabs.source import Places, Source, matching
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["reconciliation"]
HAND_EDITED = "SUM-02"
SAME, DIFFERENT = "一致", "不一致"
START_CELL = "$D$3"
_WIDTHS = (14, 30, 16, 24, 16, 20, 12, 16)
_HEADINGS = ("核对", "这样算", "数字", "那样算", "数字", "相差", "结果")
_MATRIX = (
    "线索",
    "进行中",
    "成交",
    "流失",
    "成交金额(元)",
    "进行中\n预计金额(元)",
    "本月销售额(元)",
)
_TOP = 7
MOST_ROWS = 1_000
_ROWS = (
    Shown("what", "哪张表"),
    Shown("why", "为什么"),
    Shown("counted", "是否计入", "cell+center"),
    ORIGIN,
    Shown("file_name", "文件"),
    Shown("company", "客户名称"),
)


@dataclass(frozen=True)
class _Behind:
    """What the formulas count over."""

    source: Source
    ways: Mapping[str, list[list[Test]]]
    month: Sequence[Test]


def reconciliation_tab(
    book: Book,
    name: str,
    summary: Summary,
    analysis: Analysis,
    places: Places,
) -> None:
    """Write the tab."""
    found = analysis.reconciliation
    wrong = found.wrong
    told = f"{wrong}项不一致，请把这张表发给维护人员" if wrong else "全部一致"
    title = f"{TITLE}：{len(found.checks)}项核对，{told}"
    line = "同一个数字用两种办法算，两边都是活的公式；改了原表，这里也跟着变。"
    canvas = open_tab(book, name, summary.as_of, Look(title, line, _WIDTHS))
    canvas.sheet.text(AS_OF_ROW, 3, "本月起", "label+right")
    canvas.sheet.date(AS_OF_ROW, 4, analysis.performance.month.start, "cell+bold")
    behind = _behind(canvas, summary, analysis, places.leads)
    checks_end = _TOP + len(found.checks)
    tops = {"owner": checks_end + 4}
    tops["source"] = tops["owner"] + len(summary.by_owner) + 4
    rest = tops["source"] + len(summary.by_source) + 4
    sums = {
        "owner": _matrix(canvas, tops["owner"], ("负责人", "owner"), summary.by_owner, behind),
        "source": _matrix(
            canvas, tops["source"], ("来源渠道", "source"), summary.by_source, behind
        ),
    }
    _month_sales(canvas, tops["owner"], summary, analysis, behind)
    _checks(canvas, found.checks, _lives(summary, places, behind, sums))
    rest = _edits(canvas, rest, places.edited)
    last = _excluded(canvas, rest, analysis, places)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, last, len(_WIDTHS)))
    close_tab(canvas, TITLE)


def _behind(canvas: Canvas, summary: Summary, analysis: Analysis, source: Source) -> _Behind:
    ways = {kind: by_status(source, summary.leads, kind) for kind in ("open", "won", "lost")}
    start = serial(analysis.performance.month.start)
    month = [
        Test("won_on", ">=", start, START_CELL),
        Test("won_on", "<", serial(canvas.as_of) + 1, f"({canvas.as_of_cell}+1)"),
    ]
    return _Behind(source, ways, month)


def _matrix(
    canvas: Canvas,
    top: int,
    by: tuple[str, str],
    rows: Sequence[GroupRow],
    behind: _Behind,
) -> tuple[int, int]:
    """Write the figures by one column of the leads; return the first and last row."""
    name, key = by
    section(canvas, top - 1, f"按{name}")
    headings(canvas, top, [name, *_MATRIX[: 7 if key == "owner" else 6]])
    source = behind.source
    for row, group in enumerate(rows, top + 1):
        canvas.sheet.text(row, 1, group.name, "label")
        mine = matching(source, key, group.name, f"$A${row}")
        style = "cell+integer+center"
        figure(canvas, (row, 2), group.leads, style, [counted(source, [mine])])
        for column, kind in enumerate(("open", "won", "lost"), 3):
            live = counted(source, behind.ways[kind], mine)
            figure(canvas, (row, column), getattr(group, kind), style, [live])
        won = summed(source, "amount", behind.ways["won"], mine)
        figure(canvas, (row, 6), group.won_amount, "cell+money+center", [won])
        open_ = summed(source, "expected_amount", behind.ways["open"], mine)
        figure(canvas, (row, 7), group.open_amount, "cell+money+center", [open_])
    return top + 1, top + len(rows)


def _month_sales(
    canvas: Canvas, top: int, summary: Summary, analysis: Analysis, behind: _Behind
) -> None:
    sales = {person.name: person.sales for person in analysis.performance.people}
    for row, group in enumerate(summary.by_owner, top + 1):
        mine = [*matching(behind.source, "owner", group.name, f"$A${row}"), *behind.month]
        live = summed(behind.source, "amount", behind.ways["won"], mine)
        figure(canvas, (row, 8), sales.get(group.name, 0.0), "cell+money+center", [live])


Pair = tuple[Live | None, Live | None]


def _lives(
    summary: Summary, places: Places, behind: _Behind, sums: Mapping[str, tuple[int, int]]
) -> Mapping[str, Pair]:
    """Return the formulas of both sides of each check, None where a side is a value."""
    source, ways = behind.source, behind.ways
    every = all_leads(source)
    totals = {
        "leads": (2, float(len(summary.leads)), every),
        "won": (4, float(summary.population.won), counted(source, ways["won"])),
        "amount": (6, summary.totals.won_amount, summed(source, "amount", ways["won"])),
        "open": (7, summary.totals.open_amount, summed(source, "expected_amount", ways["open"])),
    }
    found: dict[str, Pair] = {
        "outcome": (plus(counted(source, ways[kind]) for kind in ("open", "won", "lost")), every),
        "rows": (None, every),
    }
    for key, (first, last) in sums.items():
        for what, (column, value, live) in totals.items():
            found[f"{key}_{what}"] = (_sum(first, last, column, value), live)
    first, last = sums["owner"]
    sold = summed(source, "amount", ways["won"], behind.month)
    if sold is not None:
        found["month"] = (_sum(first, last, 8, sold.value), sold)
    deals = counted(source, ways["won"], behind.month)
    found["month_deals"] = (None, deals)
    tab = places.tabs.get("funnel")
    if tab and summary.funnel:
        cell = cell_name(FUNNEL_TOP + 1, 2, absolute=True)
        found["funnel"] = (Live(f"{quoted(tab)}!{cell}", summary.funnel[0].reached), every)
    return found | _of_warnings(summary, places)


def _sum(first: int, last: int, column: int, value: float) -> Live | None:
    if last < first:
        return None
    return Live(f"SUM({Area(first, column, last, column).absolute})", value)


def _of_warnings(summary: Summary, places: Places) -> dict[str, Pair]:
    tab = places.tabs.get("overdue")
    found: dict[str, Pair] = {}
    for item in summary.overdue.lists if tab else ():
        area = people_cells(summary.overdue, item.key)
        one = Live(f"{quoted(tab or '')}!{count_cell(summary.overdue, item.key)}", item.count)
        both = Live(f"SUM({area.on(tab or '')})", item.count) if area else None
        found[item.key] = (one, both)
    return found


def _checks(canvas: Canvas, checks: Sequence[Check], lives: Mapping[str, Pair]) -> None:
    section(canvas, _TOP - 2, "核对")
    headings(canvas, _TOP - 1, _HEADINGS)
    for row, check in enumerate(checks, _TOP):
        left, right = lives.get(check.key, (None, None))
        style = "cell+money+center" if check.unit == "元" else "cell+integer+center"
        canvas.sheet.text(row, 1, check.name, "label")
        canvas.sheet.text(row, 2, check.first, "cell")
        figure(canvas, (row, 3), check.left, style, [left])
        canvas.sheet.text(row, 4, check.second, "cell")
        figure(canvas, (row, 5), check.right, style, [right])
        gap = f"{at(row, 3)}-{at(row, 5)}"
        canvas.sheet.formula(row, 6, f"ROUND({gap},2)", round(check.left - check.right, 2), style)
        verdict = f'IF(ABS({gap})<{CENT:g},"{SAME}","{DIFFERENT}")'
        said = SAME if check.same else DIFFERENT
        canvas.sheet.formula(row, 7, verdict, said, "cell+center+bold")
    if checks:
        area = Area(_TOP, 7, _TOP + len(checks) - 1, 7)
        canvas.sheet.condition(area, f'$G{_TOP}="{DIFFERENT}"', "bad")
        canvas.sheet.condition(area, f'$G{_TOP}="{SAME}"', "good")


def _edits(canvas: Canvas, row: int, edited: Sequence[Finding]) -> int:
    """List the cells of our own tabs that people had changed; return the next free row."""
    section(
        canvas,
        row,
        "手工改过的汇总格",
        "这次重新生成时换掉了；原来的在备份里，也可以用 sheetcrm undo 找回。",
    )
    if not edited:
        canvas.sheet.text(row + 1, 1, "没有。", "plain")
        return row + 4
    headings(canvas, row + 1, ["汇总页", "格子"])
    canvas.sheet.merge(Area(row + 1, 3, row + 1, len(_WIDTHS)), "写的是", "heading")
    for at_row, each in enumerate(edited, row + 2):
        canvas.sheet.text(at_row, 1, each.sheet, "label")
        canvas.sheet.text(at_row, 2, each.cell, "cell")
        canvas.sheet.merge(Area(at_row, 3, at_row, len(_WIDTHS)), each.value, "cell")
    return row + 4 + len(edited)


def _excluded(canvas: Canvas, row: int, analysis: Analysis, places: Places) -> int:
    """List the rows that were not counted, or counted twice; return the last row."""
    rows = analysis.reconciliation.rows
    section(
        canvas, row, "没有计入的行", "以及重复的、几本表都有却仍计入的行；点“原表位置”跳到那一行。"
    )
    if not len(rows):
        canvas.sheet.text(row + 1, 1, "没有。", "plain")
        return row + 1
    reasons = Counter(zip(rows["what"], rows["why"], strict=True))
    lines = [f"{what} {number}行：{why}。" for (what, why), number in reasons.items()]
    if len(rows) > MOST_ROWS:
        lines.append(f"下面只列前{MOST_ROWS}行。")
    top = notes(canvas, row + 1, lines)
    shown = rows.head(MOST_ROWS).reset_index(drop=True)
    frame = shown.assign(
        position=range(len(shown)),
        counted=shown["counted"].map({True: "计入", False: "不计入"}),
        file_name=shown["file"].astype("str").str.replace(r"^.*[\\/]", "", regex=True),
    )
    block = write_block(canvas, top, _ROWS, frame, places.of_rows)
    return block.last
