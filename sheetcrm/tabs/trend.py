"""趋势: by week, month and day what came, what moved on, what was won; what fell last week."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_formula import serial
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.trend import Point, Trend
from sheetcrm.tabs.charts import CHART_SIZE, WAN_LABELS, column_chart, line_chart
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    headings,
    linked_figure,
    notes,
    open_tab,
    ratio,
    section,
    worst,
)
from sheetcrm.tabs.live import Test, count, total
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["trend"]
_LOOK = Look(
    title=TITLE,
    line="每周、每月、每天新增多少线索、多少到达意向、成交多少；上一个整周比前一周下降明显的写在下面。",
    widths=(19, 15, 13, 22, 20, 14, 13, 14, 14, 24, 18),
)
_HEADINGS = (
    "起",
    "止",
    "新增线索",
    "到达{}",
    "未到{}\n就流失",
    "成交",
    "销售额\n（万元）",
    "线索转化率\n到达÷(到达+流失)",
    "备注",
)
_FIELDS = (
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["source"],
    LEAD_FIELDS["grade"],
    LEAD_FIELDS["company"],
    LEAD_FIELDS["lead_id"],
    Shown("new_on", "获取时间", "cell"),
    Shown("interested_on", "到达{}", "cell"),
    Shown("left_on", "未到{}就流失", "cell"),
    Shown("won_on", "成交时间", "cell"),
    Shown("sales", "成交金额(元)", "cell+money"),
    ORIGIN,
)
_CHART_ROWS = 17


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether nothing moved in the time shown."""
    return analysis.trend.moves.empty


def trend_tab(book: Book, name: str, summary: Summary, analysis: Analysis, places: Places) -> None:
    """Write the tab."""
    found = analysis.trend
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    canvas.sheet.merge(Area(5, 1, 5, canvas.last_column), found.sentence, "label+wrap+middle")
    canvas.sheet.height(5, 34)
    charts = 7
    weeks = charts + 2 * _CHART_ROWS + 1
    months = weeks + len(found.weeks) + 4
    days = months + len(found.months) + 4
    below = days + len(found.days) + 3
    lines = _note_lines(found)
    detail = below + len(lines) + 3
    block = _detail(canvas, detail, found, places)
    won = by_status(places.leads, summary.leads, "won")
    behind = _Behind(places, won, block, found)
    said = []
    for top, title, points in (
        (weeks, "按周（周一至周日）", found.weeks),
        (months, "按月", found.months),
        (days, "按日", found.days),
    ):
        said += _table(canvas, top, title, points, behind)
    kept = worst(said)
    if kept:
        lines.append(f"有的数字是截至{summary.as_of}的数值，不随原表变化（{kept}）。")
    notes(canvas, below, lines)
    _charts(canvas, charts, (weeks, months, days), found)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.page_breaks([weeks])
    canvas.sheet.print_area(Area(1, 1, detail - 2, canvas.last_column))
    close_tab(canvas, TITLE)


@dataclass(frozen=True)
class _Behind:
    """What stands behind the figures: the lead sheet, and the list of moves on the tab.

    `won` are the alternative tests for what was won.
    """

    places: Places
    won: Sequence[Sequence[Test]]
    block: Block
    found: Trend


def _detail(canvas: Canvas, top: int, found: Trend, places: Places) -> Block:
    section(canvas, top - 1, "明细", "上面所示时间内有变动的线索，按获取时间排列；可以筛选。")
    moves = found.moves
    frame = lead_frame(moves).assign(position=moves.index.to_numpy())
    frame = frame.sort_values(["new_on", "position"], kind="stable")
    fields = [Shown(f.key, f.heading.format(found.interest), f.style) for f in _FIELDS[:-1]]
    block = write_block(canvas, top, [*fields, ORIGIN], frame, places.of_leads)
    canvas.sheet.autofilter(Area(top, 1, max(top, block.last), block.width))
    return block


def _table(
    canvas: Canvas, top: int, title: str, points: Sequence[Point], behind: _Behind
) -> list[str]:
    """Write one table, the latest period last; return why figures are values."""
    section(canvas, top, title)
    texts = [text.format(behind.found.interest) for text in _HEADINGS]
    headings(canvas, top + 1, ["期间", *texts])
    return [_row(canvas, row, point, behind) for row, point in enumerate(points, top + 2)]


def _row(canvas: Canvas, row: int, point: Point, behind: _Behind) -> str:
    sheet, source, block = canvas.sheet, behind.places.leads, behind.block
    sheet.text(row, 1, point.label + ("" if point.complete else "*"), "label")
    sheet.date(row, 2, point.start, "cell")
    sheet.date(row, 3, point.end, "cell")

    def within(key: str) -> list[Test]:
        end = min(point.end, canvas.as_of)
        # Never beyond the day of the report: what lies after it has not happened.
        last = f"(MIN({at(row, 3)},{canvas.as_of_cell})+1)"
        return [
            Test(key, ">=", serial(point.start), f"{at(row, 2)}"),
            Test(key, "<", serial(end) + 1, last),
        ]

    style = "cell+integer+center"

    def listed(number: int) -> str:
        return block.cells() if number else ""

    new = [counted(source, [within("acquired_on")]), count(block.columns, within("new_on"))]
    said = [linked_figure(canvas, (row, 4), point.new, style, (listed(point.new), new))]
    reached = [count(block.columns, within("interested_on"))]
    linked_figure(canvas, (row, 5), point.interested, style, (listed(point.interested), reached))
    left = [count(block.columns, within("left_on"))]
    linked_figure(canvas, (row, 6), point.left, style, (listed(point.left), left))
    deals = [counted(source, behind.won, within("won_on")), count(block.columns, within("won_on"))]
    said.append(linked_figure(canvas, (row, 7), point.won, style, (listed(point.won), deals)))
    sales = [
        summed(source, "amount", behind.won, within("won_on")),
        total(block.columns, "sales", within("won_on")),
    ]
    said.append(figure(canvas, (row, 8), point.sales, "cell+wan+center", sales))
    closed = f"({at(row, 5)}+{at(row, 6)})"
    if point.conversion.value is None:
        sheet.blank(row, 9, "cell")  # a chart draws an empty text as 0 %
    else:
        ratio(canvas, (row, 9), (at(row, 5), closed), point.conversion.value)
    few = point.conversion.reason if point.conversion.denominator else ""
    said_of = "；".join(part for part in ("" if point.complete else "*未满", few) if part)
    sheet.text(row, 10, said_of, "cell+muted")
    return worst(said)


def _charts(canvas: Canvas, row: int, tops: tuple[int, int, int], found: Trend) -> None:
    weeks, months, days = (
        (top + 2, top + 1 + len(points))
        for top, points in zip(tops, (found.weeks, found.months, found.days), strict=True)
    )
    book, name = canvas.book, canvas.sheet.name
    kinds = (("新增线索", 4), (f"到达{found.interest}", 5), ("成交", 7))

    def areas(rows: tuple[int, int], columns: Sequence[tuple[str, int]]) -> list[tuple[str, Area]]:
        return [(text, Area(rows[0], c, rows[1], c)) for text, c in columns]

    def names(rows: tuple[int, int]) -> Area:
        return Area(rows[0], 1, rows[1], 1)

    place = (_week_title(found), names(weeks), areas(weeks, kinds))
    canvas.sheet.chart(row, 1, column_chart(book, name, *place), **_WIDE)
    sales = (_sales_title(found), names(months), areas(months, [("销售额", 8)]), WAN_LABELS)
    canvas.sheet.chart(row, 6, column_chart(book, name, *sales), **_WIDE)
    below = row + _CHART_ROWS
    daily = (f"近{len(found.days)}天每天的线索", names(days), areas(days, kinds))
    canvas.sheet.chart(below, 1, line_chart(book, name, *daily), **_WIDE)
    rates = ("每周线索转化率", names(weeks), areas(weeks, [("线索转化率", 9)]), "0%")
    canvas.sheet.chart(below, 6, line_chart(book, name, *rates), **_WIDE)


_WIDE = {**CHART_SIZE, "x_scale": 1.33, "y_scale": 1.3}


def _week_title(found: Trend) -> str:
    certain = [d for d in found.drops if not d.chance and d.figure != "销售额"]
    if certain:
        return f"每周：上一个整周{certain[0].sentence}"
    return "每周：上一个整周没有超出随机波动的下降" if found.sentence else "每周"


def _sales_title(found: Trend) -> str:
    best = max(found.months, key=lambda month: month.sales)
    if not best.sales:
        return "每月销售额（万元）"
    return f"每月销售额（万元）：{best.label}最高"


def _note_lines(found: Trend) -> list[str]:
    return [
        f"新增按获取时间；到达{found.interest}按已知最早处在“{found.interest}”或以后阶段的那天；"
        "成交和销售额按成交时间，金额为实际成交金额。",
        f"线索转化率＝当期到达{found.interest}的线索÷（当期到达的＋当期没到就流失的）：只看当期有了结果的，"
        "所以新近的一周不会因为线索还没走完而显得低。",
        "带*的一期还没有结束，不与前面的比较；周以周一的日期称呼。异常：上一个整周比前一周下降超过"
        f"{found.threshold:.0%}（“设置”页“转化率下降预警线”）；两期之差小于1.96个标准误的注明在随机波动之内。",
        *found.assumptions,
    ]
