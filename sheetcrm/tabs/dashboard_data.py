"""The numbers behind the charts of 仪表盘, below its page: funnel, weeks, people or months."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area, cell_name, quoted
from sheetcrm.book.write_formula import serial
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.performance import Performance, Result, people_of
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.trend import Point
from sheetcrm.tabs.frame import Canvas, at, figure, headings, section
from sheetcrm.tabs.funnel import TABLE_TOP as FUNNEL_TOP
from sheetcrm.tabs.live import Live, Test
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.source import Places, Source, matching

START_CELL = "$D$3"
MOST_PEOPLE = 10
_COUNT = "cell+integer+center"


@dataclass(frozen=True)
class Data:
    """Where the numbers stand: rows of each table, first and last."""

    funnel: tuple[int, int]
    weeks: tuple[int, int]
    sales: tuple[int, int]


def month_tests(canvas: Canvas, found: Performance, key: str) -> list[Test]:
    """Return the tests for what lies in the month, up to the day of the report."""
    return [
        Test(key, ">=", serial(found.month.start), START_CELL),
        Test(key, "<", serial(canvas.as_of) + 1, f"({canvas.as_of_cell}+1)"),
    ]


def write_data(
    canvas: Canvas, top: int, summary: Summary, analysis: Analysis, places: Places
) -> Data:
    """Write the three tables side by side."""
    section(canvas, top, "图表数据", "上面的图由这些数字画出，随原表变化；不打印。")
    first = top + 2
    funnel = _funnel(canvas, first, summary, places.tabs.get("funnel", ""))
    weeks = _weeks(canvas, first, summary, analysis, places.leads)
    people = people_of(analysis.performance)
    if len(people) > 1:
        sales = _people(canvas, first, people[:MOST_PEOPLE], summary, analysis, places.leads)
    else:
        sales = _months(canvas, first, analysis.trend.months, summary, places.leads)
    return Data(funnel, weeks, sales)


def _funnel(canvas: Canvas, first: int, summary: Summary, tab: str) -> tuple[int, int]:
    headings(canvas, first - 1, ["阶段", "到达", "留白"])
    last = first + len(summary.funnel) - 1
    widest = max((stage.reached for stage in summary.funnel), default=0)
    for row, stage in enumerate(summary.funnel, first):
        canvas.sheet.text(row, 1, stage.stage, "label")
        cell = cell_name(FUNNEL_TOP + 1 + stage.position, 2, absolute=True)
        live = [Live(f"{quoted(tab)}!{cell}", stage.reached)] if tab else []
        figure(canvas, (row, 2), stage.reached, _COUNT, live)
        numbers = Area(first, 2, last, 2).absolute
        half = (widest - stage.reached) / 2
        canvas.sheet.formula(row, 3, f"(MAX({numbers})-{at(row, 2)})/2", half, "cell+number")
    return first, last


def _weeks(
    canvas: Canvas, first: int, summary: Summary, analysis: Analysis, source: Source
) -> tuple[int, int]:
    headings(canvas, first - 1, ["周（起）", "起", "止", "新增线索", "成交"], 5)
    weeks = analysis.trend.weeks
    won = by_status(source, summary.leads, "won")
    for row, week in enumerate(weeks, first):
        _span(canvas, row, 5, week)
        new = counted(source, [_within(canvas, row, 6, week, "acquired_on")])
        figure(canvas, (row, 8), week.new, _COUNT, [new])
        deals = counted(source, won, _within(canvas, row, 6, week, "won_on"))
        figure(canvas, (row, 9), week.won, _COUNT, [deals])
    return first, first + len(weeks) - 1


def _span(canvas: Canvas, row: int, column: int, point: Point) -> None:
    canvas.sheet.text(row, column, point.label + ("" if point.complete else "*"), "label")
    canvas.sheet.date(row, column + 1, point.start, "cell")
    canvas.sheet.date(row, column + 2, point.end, "cell")


def _within(canvas: Canvas, row: int, column: int, point: Point, key: str) -> list[Test]:
    end = min(point.end, canvas.as_of)
    last = f"(MIN({at(row, column + 1)},{canvas.as_of_cell})+1)"
    return [
        Test(key, ">=", serial(point.start), at(row, column)),
        Test(key, "<", serial(end) + 1, last),
    ]


def _people(
    canvas: Canvas,
    first: int,
    people: Sequence[Result],
    summary: Summary,
    analysis: Analysis,
    source: Source,
) -> tuple[int, int]:
    headings(canvas, first - 1, ["负责人", "本月销售额\n（万元）", "目标\n（万元）"], 11)
    won = by_status(source, summary.leads, "won")
    month = month_tests(canvas, analysis.performance, "won_on")
    for row, person in enumerate(people, first):
        canvas.sheet.text(row, 11, person.name, "label")
        mine = [*matching(source, "owner", person.name, f"$K${row}"), *month]
        sold = summed(source, "amount", won, mine)
        figure(canvas, (row, 12), person.sales, "cell+wan+center", [sold])
        figure(canvas, (row, 13), person.target, "cell+wan+center")
    return first, first + len(people) - 1


def _months(
    canvas: Canvas, first: int, months: Sequence[Point], summary: Summary, source: Source
) -> tuple[int, int]:
    headings(canvas, first - 1, ["月", "起", "止", "销售额\n（万元）"], 11)
    won = by_status(source, summary.leads, "won")
    for row, month in enumerate(months, first):
        _span(canvas, row, 11, month)
        sold = summed(source, "amount", won, _within(canvas, row, 12, month, "won_on"))
        figure(canvas, (row, 14), month.sales, "cell+wan+center", [sold])
    return first, first + len(months) - 1
