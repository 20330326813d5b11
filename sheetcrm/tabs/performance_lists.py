"""The lower parts of 业绩: the month's end, the bonus, the process figures, the negative list."""

from sheetcrm.book.area import Area
from sheetcrm.metrics.performance import Performance, Result
from sheetcrm.metrics.process import Process
from sheetcrm.metrics.quality import RATE_NAMES
from sheetcrm.metrics.rate import Rate
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import Canvas, at, figure, headings, section
from sheetcrm.tabs.source import Places

_FORECAST = (
    "负责人",
    "依据\n（月数）",
    "预计月末\n（万元）",
    "预计区间（万元）\n历史最少～最多",
    "本月目标\n（万元）",
    "预计\n完成率",
    "预计缺口\n（万元）",
    "提成比例\n现在的档次",
    "奖金\n（元）",
    "说明",
)
_PROCESS = (
    "负责人",
    "每周\n跟进次数",
    "每周\n拜访次数",
    "方案及时率\n按时÷应交",
    *RATE_NAMES.values(),
)
_CASES = (
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["grade"],
    Shown("lost_on", "流失时间", "cell"),
    LEAD_FIELDS["company"],
    LEAD_FIELDS["lead_id"],
    LEAD_FIELDS["lost_reason"],
    Shown("idle_days", "流失前\n失联(天)", "cell+integer+center"),
    LEAD_FIELDS["reached_stage"],
    LEAD_FIELDS["source"],
    LEAD_FIELDS["product"],
    LEAD_FIELDS["region"],
    LEAD_FIELDS["expected_amount"],
    ORIGIN,
    Shown("why", "为什么列在这里", "cell+wrapped"),
)


def tier_table(canvas: Canvas, top: int, found: Performance) -> tuple[Area, Area] | None:
    """Write the steps of the bonus; return their floors and rates, None without any."""
    section(
        canvas, top, "奖金阶梯", "完成率达到下限，就按右边的比例乘本月全部销售额；在“设置”页改。"
    )
    headings(canvas, top + 1, ["完成率下限", "提成比例"])
    if not found.tiers:
        canvas.sheet.text(top + 2, 1, "没有设奖金阶梯", "plain")
        return None
    for row, tier in enumerate(found.tiers, top + 2):
        canvas.sheet.number(row, 1, tier.floor, "cell+percent+center")
        canvas.sheet.number(row, 2, tier.rate, "cell+percent+center")
    first, last = top + 2, top + 1 + len(found.tiers)
    return Area(first, 1, last, 1), Area(first, 2, last, 2)


def forecast_table(
    canvas: Canvas,
    top: int,
    found: Performance,
    people_row: int,
    tiers: tuple[Area, Area] | None,
) -> None:
    """Write what the month may end at, and the bonus as things stand.

    Args:
        canvas: The tab.
        top: The row of the title.
        found: The figures.
        people_row: Row of the first person in the table above, whose cells are used.
        tiers: Floors and rates of the bonus on the tab.
    """
    sheet = canvas.sheet
    section(canvas, top, "月末预测与奖金", "预测是按历史推算的数值，随运行更新；奖金随销售额重算。")
    results = [*found.people, found.total]
    said = any(result.projection.reason for result in results)
    headings(canvas, top + 1, _FORECAST if said else _FORECAST[:-1])
    if said:
        sheet.merge(Area(top + 1, 10, top + 1, 14), _FORECAST[-1], "heading")
    for number, result in enumerate(results):
        row, above = top + 2 + number, people_row + number
        base = "total" if result is found.total else "cell"
        sheet.text(row, 1, result.name, "total" if base == "total" else "label")
        _projection(canvas, row, result, base)
        if base == "total":
            people = Area(top + 2, 9, row - 1, 9) if found.people else None
            _total_bonus(canvas, row, result, people)
        else:
            _bonus(canvas, (row, above), result, tiers)
        if said:
            sheet.merge(Area(row, 10, row, 14), result.projection.reason, f"{base}+muted")


def _projection(canvas: Canvas, row: int, result: Result, base: str) -> None:
    sheet, end = canvas.sheet, result.projection
    wan = f"{base}+wan+center"
    figure(canvas, (row, 2), end.months or None, f"{base}+integer+center")
    figure(canvas, (row, 3), end.likely, wan)
    low, high = end.low, end.high
    known = low is not None and high is not None
    text = f"{(low or 0) / 10000:,.1f}～{(high or 0) / 10000:,.1f}" if known else "—"
    sheet.text(row, 4, text, f"{base}+center")
    figure(canvas, (row, 5), result.target, wan)
    if end.likely is None or result.target is None:
        sheet.row(row, ["—", "—"], f"{base}+center", 6)
        return
    likely, target = at(row, 3), at(row, 5)
    share = end.likely / result.target
    sheet.formula(row, 6, f'IF({target}=0,"",{likely}/{target})', share, f"{base}+percent+center")
    gap = max(result.target - end.likely, 0.0)
    sheet.formula(row, 7, f"MAX(0,{target}-{likely})", gap, wan)


def _bonus(
    canvas: Canvas, rows: tuple[int, int], result: Result, tiers: tuple[Area, Area] | None
) -> None:
    row, above = rows
    sheet = canvas.sheet
    if tiers is None or result.bonus is None or result.completion is None:
        sheet.row(row, ["—", "—"], "cell+center", 8)
        return
    floors, rates = (area.absolute for area in tiers)
    done, sales, rate = at(above, 6), at(above, 3), at(row, 8)
    least = Area(tiers[0].top, tiers[0].left, tiers[0].top, tiers[0].left).absolute
    formula = f'IF({done}="","",IF({done}<{least},0,LOOKUP({done},{floors},{rates})))'
    sheet.formula(row, 8, formula, result.bonus_rate or 0.0, "cell+percent+center")
    pay = f'IF({rate}="","",{sales}*{rate})'
    sheet.formula(row, 9, pay, result.bonus, "cell+money+center")


def _total_bonus(canvas: Canvas, row: int, result: Result, people: Area | None) -> None:
    canvas.sheet.blank(row, 8, "total")
    if result.bonus is None or people is None:
        canvas.sheet.text(row, 9, "—", "total+center")
        return
    style = "total+money+center"
    canvas.sheet.formula(row, 9, f"SUM({people.absolute})", result.bonus, style)


def process_table(canvas: Canvas, top: int, found: Performance) -> None:
    """Write how people work."""
    section(canvas, top, "过程指标", "括号里是分子和分母；红色低于“设置”里的警戒线。")
    headings(canvas, top + 1, _PROCESS)
    bad = {(item.name, item.figure) for item in found.shortcomings}
    rows = [(*who, "cell") for who in found.processes]
    total = (found.total.name, found.total.process, "total")
    for row, (name, process, base) in enumerate([*rows, total], top + 2):
        canvas.sheet.text(row, 1, name, "total" if base == "total" else "label")
        if process is not None:
            _process_row(canvas, row, (name, base), process, bad)
        canvas.sheet.height(row, 34)


def _process_row(
    canvas: Canvas,
    row: int,
    who: tuple[str, str],
    process: Process,
    bad: set[tuple[str, str]],
) -> None:
    name, base = who

    def style(figure_name: str, style_name: str) -> str:
        return f"{base}+{style_name}" + ("+bad" if (name, figure_name) in bad else "")

    figure(canvas, (row, 2), process.talks_per_week, f"{base}+decimal+center")
    visits = style("每周拜访次数", "decimal+center")
    figure(canvas, (row, 3), process.visits_per_week, visits)
    rates = [("方案及时率", process.proposal)]
    rates += [(RATE_NAMES[key], process.quality[key]) for key in RATE_NAMES]
    for column, (figure_name, rate) in enumerate(rates, 4):
        look = style(figure_name, "center+wrap+middle")
        canvas.sheet.text(row, column, _rate_text(rate), look)


def _rate_text(rate: Rate) -> str:
    if rate.value is None:
        return "—"
    return f"{rate.value:.1%}\n（{rate.numerator}/{rate.denominator}）"


def shortcoming_table(canvas: Canvas, top: int, found: Performance) -> None:
    """Write whose figures are below the thresholds, and why."""
    sheet = canvas.sheet
    section(canvas, top, "负面清单（指标）", "低于“设置”里警戒线的，一人一项一行。")
    headings(canvas, top + 1, ["负责人", "指标", "", "现值", "警戒线", "依据"])
    sheet.merge(Area(top + 1, 2, top + 1, 3), "指标", "heading")
    sheet.merge(Area(top + 1, 6, top + 1, 14), "依据", "heading")
    for row, item in enumerate(found.shortcomings, top + 2):
        kind = "percent" if item.unit == "rate" else "decimal"
        sheet.text(row, 1, item.name, "label")
        sheet.merge(Area(row, 2, row, 3), item.figure, "cell")
        sheet.number(row, 4, item.value, f"cell+{kind}+center+bad")
        sheet.number(row, 5, item.threshold, f"cell+{kind}+center")
        sheet.merge(Area(row, 6, row, 14), item.why, "cell")
    if not found.shortcomings:
        sheet.text(top + 2, 1, "没有人的指标低于警戒线。", "plain")


def lost_list(canvas: Canvas, top: int, found: Performance, places: Places) -> Block:
    """Write the leads lost in the month for want of attention."""
    line = "本月流失、流失前太久没联系的线索：逐条找原因。"
    section(canvas, top, "负面清单（丢单）", line)
    rows = found.lost_cases.rows
    frame = lead_frame(rows).assign(position=rows.index.to_numpy())
    block = write_block(canvas, top + 1, _CASES, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "本月没有这样的线索。", "plain")
    return block
