"""The row of headline figures under a tab's title."""

from sheetcrm.metrics.rate import Rate, percent
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.detail import OUTCOMES
from sheetcrm.tabs.frame import Canvas, at, figure, headings
from sheetcrm.tabs.outcomes import all_leads, by_status, counted, summed
from sheetcrm.tabs.source import Source

_HEADINGS = (
    "线索总数",
    "进行中",
    "成交",
    "流失",
    "总转化率\n成交÷线索总数",
    "赢单率\n成交÷(成交+流失)",
    "成交周期\n中位数(天)",
    "成交金额(元)",
    "进行中\n预计金额(元)",
)


def headline(canvas: Canvas, row: int, summary: Summary, source: Source) -> list[str]:
    """Write the headline figures: headings at `row`, figures below it.

    Returns:
        Notes on figures that are values because cells have to be mended first.
    """
    headings(canvas, row, _HEADINGS)
    people, totals, below = summary.population, summary.totals, row + 1
    won, lost = (by_status(source, summary.leads, key) for key in ("won", "lost"))
    open_ = by_status(source, summary.leads, "open")
    style = "cell+integer+center+bold"
    said = {
        "线索总数": figure(canvas, (below, 1), people.leads, style, [all_leads(source)]),
        OUTCOMES["won"]: figure(canvas, (below, 3), people.won, style, [counted(source, won)]),
        OUTCOMES["lost"]: figure(canvas, (below, 4), people.lost, style, [counted(source, lost)]),
        "成交金额": figure(
            canvas,
            (below, 8),
            totals.won_amount,
            "cell+money+center+bold",
            [summed(source, "amount", won)],
        ),
        "进行中预计金额": figure(
            canvas,
            (below, 9),
            totals.open_amount,
            "cell+money+center+bold",
            [summed(source, "expected_amount", open_)],
        ),
    }
    _open(canvas, below, people.open)
    cells = at(below, 3), at(below, 1), f"({at(below, 3)}+{at(below, 4)})"
    _rate(canvas, (below, 5), (cells[0], cells[1]), totals.rate("overall_conversion"))
    _rate(canvas, (below, 6), (cells[0], cells[2]), totals.rate("win_rate"))
    figure(canvas, (below, 7), totals.median_cycle_days, "cell+number+center+bold")
    canvas.sheet.height(below, 28)
    kept = [f"{name}（{note}）" for name, note in said.items() if note]
    if not kept:
        return []
    return [f"{'、'.join(kept)}：改好之前显示截至 {summary.as_of} 的数值，不随原表变化。"]


def rate_lines(summary: Summary) -> list[str]:
    """Say the named rates, each with its numerator and population."""
    return [
        f"{named.name} {percent(named.rate.value)}（{named.rate.numerator}/"
        f"{named.rate.denominator}）＝{named.population}"
        + (f"；{named.rate.reason}" if named.rate.reason else "")
        for named in summary.totals.rates
    ]


def _open(canvas: Canvas, row: int, value: int) -> None:
    formula = f"{at(row, 1)}-{at(row, 3)}-{at(row, 4)}"
    canvas.sheet.formula(row, 2, formula, float(value), "cell+integer+center+bold")


def _rate(canvas: Canvas, place: tuple[int, int], cells: tuple[str, str], rate: Rate) -> None:
    top, bottom = cells
    value = "" if rate.value is None else rate.value
    formula = f'IF({bottom}=0,"",{top}/{bottom})'
    canvas.sheet.formula(*place, formula, value, "cell+percent+center+bold")
