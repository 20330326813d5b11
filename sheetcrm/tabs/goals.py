"""目标对比: what was to be reached, and what is."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.contracts import STEPS
from sheetcrm.metrics.goals import Goal, Goals
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.charts import CHART_SIZE, column_chart
from sheetcrm.tabs.detail import ORIGIN, Shown, write_block
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    headings,
    height,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["goals"]
_LOOK = Look(
    title=TITLE,
    line="响应时间、线索转化率、合同审批时间：定目标时是多少，要到多少，现在是多少。",
    widths=(18, 13, 13, 13, 13, 13, 14, 18, 64),
)
_HEADINGS = (
    "指标",
    "单位",
    "基线",
    "目标",
    "现在",
    "差距\n（到目标还差）",
    "是否达到",
    "达标的\n（在目标以内÷全部）",
    "口径",
)
_CONTRACTS = (
    Shown("contract_id", "合同编号"),
    Shown("responsible", "责任人"),
    Shown("submitted_on", "送审时间", "cell"),
    Shown("legal_done_on", "法务完成", "cell"),
    Shown("approved_on", "批准时间", "cell"),
    Shown("legal", "审核\n(工作日)", "cell+integer+center"),
    Shown("approval", "审批\n(工作日)", "cell+integer+center"),
    ORIGIN,
    Shown("company", "客户名称"),
)
_TABLE_TOP = 6
_CHART_ROWS = 14
_UNITS = {"小时": "decimal", "比例": "percent", "工作日": "decimal"}


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether nobody set such a goal."""
    return not analysis.goals.rows


def goals_tab(book: Book, name: str, summary: Summary, analysis: Analysis, places: Places) -> None:
    """Write the tab."""
    found = analysis.goals
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    headings(canvas, _TABLE_TOP, _HEADINGS)
    for row, goal in enumerate(found.rows, _TABLE_TOP + 1):
        _goal(canvas, row, goal)
    if not found.rows:
        canvas.sheet.text(_TABLE_TOP + 1, 1, "业绩目标表里没有这样的目标。", "plain")
    last = _TABLE_TOP + max(len(found.rows), 1)
    row = notes(canvas, last + 2, _note_lines(found))
    charts = _charts(canvas, row + 1, found)
    top = row + 1 + (_CHART_ROWS if charts else 0)
    if len(found.contracts.rows):
        _contracts(canvas, top, found, places)
    canvas.sheet.freeze(4, 2)
    close_tab(canvas, TITLE)


def _goal(canvas: Canvas, row: int, goal: Goal) -> None:
    sheet, style = canvas.sheet, f"cell+{_UNITS[goal.unit]}+center"
    sheet.text(row, 1, goal.name, "label")
    sheet.text(row, 2, goal.unit, "cell+center")
    for column, value in ((3, goal.baseline), (4, goal.goal), (5, goal.now)):
        figure(canvas, (row, column), value, style)
    if goal.gap is None:
        sheet.row(row, ["—", "—"], "cell+center", 6)
    else:
        better, worse = (5, 4) if goal.lower_is_better else (4, 5)
        gap = f"MAX(0,{at(row, better)}-{at(row, worse)})"
        sheet.formula(row, 6, gap, goal.gap, style)
        told = f'IF({at(row, 6)}>0,"未达到","达到")'
        sheet.formula(row, 7, told, "达到" if goal.reached else "未达到", "cell+center+bold")
    share = goal.share
    shown = share is not None and share.value is not None and goal.unit != "比例"
    text = f"{share.value:.0%}（{share.numerator}/{share.denominator}）" if shown and share else "—"
    sheet.text(row, 8, text, "cell+center")
    said = "；".join(p for p in (goal.population, f"共{goal.count}条", goal.reason) if p)
    sheet.text(row, 9, said, "cell+wrapped")
    sheet.height(row, max(24.0, height([(said, 64)])))
    area = Area(row, 7, row, 7)
    sheet.condition(area, f'${at(row, 7)[0]}{row}="未达到"', "bad")
    sheet.condition(area, f'${at(row, 7)[0]}{row}="达到"', "good")


def _charts(canvas: Canvas, row: int, found: Goals) -> bool:
    """Draw each figure that has all three values: baseline, goal, now."""
    drawn = 0
    for number, goal in enumerate(found.rows, _TABLE_TOP + 1):
        if goal.baseline is None or goal.goal is None or goal.now is None:
            continue
        labels = "0%" if goal.unit == "比例" else "0.#"
        names = Area(_TABLE_TOP, 3, _TABLE_TOP, 5)
        series = [(goal.name, Area(number, 3, number, 5))]
        title = f"{goal.name}（{goal.unit}）：{'达到' if goal.reached else '未达到'}目标"
        chart = column_chart(canvas.book, canvas.sheet.name, title, names, series, labels)
        canvas.sheet.chart(row, (1, 5, 9)[drawn], chart, **{**CHART_SIZE, "x_scale": 0.8})
        drawn += 1
    return drawn > 0


def _contracts(canvas: Canvas, top: int, found: Goals, places: Places) -> None:
    section(canvas, top, "合同明细", "天数为工作日；没有批准的算到截止日期。")
    rows = found.contracts.rows
    frame = rows.assign(position=range(len(rows)))
    frame = frame.sort_values(["submitted_on", "position"], ascending=[False, True], kind="stable")
    write_block(canvas, top + 1, _CONTRACTS, frame, places.of_rows)


def _note_lines(found: Goals) -> list[str]:
    steps = [
        f"{name}近90天完成{step.done}份，中位数{step.median:g}个工作日"
        for key, (name, _, _) in STEPS.items()
        if (step := found.contracts.steps[key]).median is not None
    ]
    lines = [f"基线和目标取自业绩目标表{found.month:%Y年%m月}的行。"] if found.month else []
    return [*lines, *([f"合同：{'；'.join(steps)}。"] if steps else []), *found.assumptions]
