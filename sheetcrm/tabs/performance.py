"""业绩: the month by person and team, against targets, with what the ranking is worth."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_formula import serial
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.performance import Performance, Result
from sheetcrm.metrics.performance_words import performance_lines
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.words import amount
from sheetcrm.tabs.charts import CHART_SIZE, WAN_LABELS, people_chart, rate_chart
from sheetcrm.tabs.conversion import interval_text
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import (
    AS_OF_ROW,
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    headings,
    height,
    linked_figure,
    notes,
    open_tab,
    ratio,
    section,
    worst,
)
from sheetcrm.tabs.live import Live, Test, agrees, count, total
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.performance_lists import (
    forecast_table,
    lost_list,
    process_table,
    shortcoming_table,
    tier_table,
)
from sheetcrm.tabs.source import Places, matching
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["performance"]
_LOOK = Look(
    title=TITLE,
    line="本月每人、每队和全队：卖了多少、离目标多远、月末大概多少、过程做得怎样。金额单位：万元（另注明的除外）。",
    widths=(13, 13, 13, 26, 19, 13, 14, 14, 12, 12, 12, 16, 18, 30),
)
_HEADINGS = (
    "负责人",
    "名次",
    "销售额\n（万元）",
    "销售额95%区间（万元）\n按这样几单的偶然性",
    "本月目标\n（万元）",
    "目标完成率\n销售额÷目标",
    "缺口\n（万元）",
    "成交单数",
    "客单价\n（万元）",
    "回款率\n本月成交的",
    "赢单率\n全部已结束",
    "赢单率\n95%区间",
    "平均成交周期(天)\n本月成交的",
    "备注",
)
_DEALS = (
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["grade"],
    LEAD_FIELDS["won_on"],
    LEAD_FIELDS["company"],
    LEAD_FIELDS["lead_id"],
    LEAD_FIELDS["product"],
    LEAD_FIELDS["cycle_days"],
    LEAD_FIELDS["source"],
    LEAD_FIELDS["amount"],
    Shown("paid_amount", "回款金额(元)", "cell+money"),
    LEAD_FIELDS["region"],
    LEAD_FIELDS["industry"],
    ORIGIN,
)
START_CELL = "$D$3"
_WORDS_ROW, _TABLE_TOP = 5, 8
_CHART_ROWS = 14
_MOST_CHARTED = 12


@dataclass(frozen=True)
class _Behind:
    """What stands behind the figures: the lead sheet, the list of deals, tests of the month."""

    places: Places
    leads: pd.DataFrame
    block: Block
    month: tuple[Test, ...]


def performance_tab(
    book: Book, name: str, summary: Summary, analysis: Analysis, places: Places
) -> None:
    """Write the tab."""
    found = analysis.performance
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    canvas.sheet.text(AS_OF_ROW, 3, "统计期起", "label+right")
    canvas.sheet.date(AS_OF_ROW, 4, found.month.start, "cell+bold")
    row = _words(canvas, found)
    people_rows = (row + 1, row + len(found.people))
    charts = people_rows[1] + 3
    row = charts + (_CHART_ROWS if found.people else 0) + 1
    tops = _lay_out(found, row, len(_note_lines(summary, found, ())) + 1)
    block = _deals(canvas, tops.deals, found, places)
    behind = _Behind(places, summary.leads, block, _month(summary, found))
    said = _people(canvas, people_rows[0] - 1, found, behind)
    if found.teams:
        _teams(canvas, tops.teams, found.teams)
    tiers = tier_table(canvas, tops.tiers, found)
    forecast_table(canvas, tops.forecast, found, people_rows[0], tiers)
    process_table(canvas, tops.process, found)
    shortcoming_table(canvas, tops.shortcomings, found)
    lost_list(canvas, tops.lost, found, places)
    notes(canvas, tops.notes, _note_lines(summary, found, said))
    if found.people:
        _charts(canvas, charts, people_rows, found)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.page_breaks([tops.process])
    canvas.sheet.print_area(Area(1, 1, max(block.last, block.first), canvas.last_column))
    close_tab(canvas, TITLE)


@dataclass(frozen=True)
class _Tops:
    """The row of each section's title, and of the notes."""

    teams: int
    forecast: int
    tiers: int
    process: int
    shortcomings: int
    lost: int
    notes: int
    deals: int


def _lay_out(found: Performance, first: int, note_lines: int) -> _Tops:
    """Return the rows of the sections, one below the other from `first` on."""
    people = max(len(found.people), 1)
    forecast = first + (len(found.teams) + 4 if found.teams else 0)
    tiers = forecast + people + 4
    process = tiers + max(len(found.tiers), 1) + 3
    shortcomings = process + max(len(found.processes), 1) + 4
    lost = shortcomings + max(len(found.shortcomings), 1) + 3
    below = lost + max(len(found.lost_cases.rows), 1) + 3
    return _Tops(first, forecast, tiers, process, shortcomings, lost, below, below + note_lines + 2)


def _words(canvas: Canvas, found: Performance) -> int:
    """Write what the figures say; return the row of the people's headings."""
    row = _WORDS_ROW
    lines = [" ".join(performance_lines(found)), found.ranking.sales + found.ranking.win_rates]
    for line in (line for line in lines if line):
        canvas.sheet.merge(Area(row, 1, row, canvas.last_column), line, "label+wrap+middle")
        canvas.sheet.height(row, 24)
        row += 1
    return row + 1


def _month(summary: Summary, found: Performance) -> tuple[Test, ...]:
    """Return the tests for the deals of the month, over the lead sheet."""
    start, end = serial(found.month.start), serial(summary.as_of) + 1
    return (Test("won_on", ">=", start, START_CELL), Test("won_on", "<", end, "($B$3+1)"))


def _deals(canvas: Canvas, top: int, found: Performance, places: Places) -> Block:
    section(canvas, top - 1, "本月成交明细", "一单一行，点击“原表位置”跳到原表。")
    order = {person.name: n for n, person in enumerate(found.people)}
    deals = found.deals.assign(_place=found.deals["owner"].map(order))
    frame = lead_frame(deals).assign(position=deals.index.to_numpy())
    frame = frame.sort_values(["_place", "amount"], ascending=[True, False], kind="stable")
    block = write_block(canvas, top, _DEALS, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, _no_deals(found.total.undated), "plain")
    return block


def _no_deals(undated: int) -> str:
    if undated:
        return f"没有成交时间在本月的成交；{undated}条成交没有成交时间，不知道算哪个月。"
    return "本月还没有成交。"


def _people(canvas: Canvas, top: int, found: Performance, behind: _Behind) -> list[str]:
    """Write the table by person; return why figures are values."""
    headings(canvas, top, _HEADINGS)
    said: list[str] = []
    start = 0
    for row, person in enumerate(found.people, top + 1):
        said.append(_sales(canvas, row, person, behind, start))
        _rest(canvas, row, person)
        start += person.deals
    _total(canvas, top + 1, found)
    if found.people:
        canvas.sheet.data_bar(Area(top + 1, 3, top + len(found.people), 3), "#9DC3E6")
    return said


def _sales(canvas: Canvas, row: int, person: Result, behind: _Behind, start: int) -> str:
    """Write sales and deals, live, with a link to the deals, and what is a share of them."""
    sheet, block, source = canvas.sheet, behind.block, behind.places.leads
    sheet.text(row, 1, person.name, "label")
    if person.rank is None:
        sheet.text(row, 2, "—", "cell+center")
    else:
        sheet.number(row, 2, person.rank, "cell+integer+center")
    won = by_status(source, behind.leads, "won")
    mine = [*matching(source, "owner", person.name, f"$A${row}"), *behind.month]
    listed = [Test("owner", "=", person.name, f"$A${row}")]
    lives = [summed(source, "amount", won, mine), total(block.columns, "amount", listed)]
    cells = block.cells(start, person.deals) if person.deals else ""
    note = linked_figure(canvas, (row, 3), person.sales, "cell+wan+center", (cells, lives))
    deals = [counted(source, won, mine), count(block.columns, listed)]
    figure(canvas, (row, 8), person.deals, "cell+integer+center", deals)
    _paid(canvas, row, person, total(block.columns, "paid_amount", listed))
    return note


def _paid(canvas: Canvas, row: int, person: Result, paid: Live | None) -> None:
    rate, style = person.paid_rate, "cell+percent+center"
    if rate is not None and paid is not None and agrees(paid, person.paid or 0.0):
        sales = at(row, 3)
        canvas.sheet.formula(row, 10, f'IF({sales}=0,"",({paid.formula})/{sales})', rate, style)
    else:
        figure(canvas, (row, 10), rate, style)


def _rest(canvas: Canvas, row: int, result: Result) -> None:
    """Write what follows from sales, target and deals of the row."""
    sheet = canvas.sheet
    sales, target, deals = at(row, 3), at(row, 5), at(row, 8)
    sheet.text(row, 4, _interval(result), "cell+center")
    figure(canvas, (row, 5), result.target, "cell+wan+center")
    if result.target is None:
        sheet.row(row, ["—", "—"], "cell+center", 6)
    else:
        ratio(canvas, (row, 6), (sales, target), result.completion)
        sheet.formula(row, 7, f"MAX(0,{target}-{sales})", result.gap or 0.0, "cell+wan+center")
    if result.average is not None and result.priced == result.deals:
        average = f'IF({deals}=0,"",{sales}/{deals})'
        sheet.formula(row, 9, average, result.average, "cell+wan+center")
    else:
        figure(canvas, (row, 9), result.average, "cell+wan+center")
    figure(canvas, (row, 11), result.win_rate.value, "cell+percent+center")
    sheet.text(row, 12, interval_text(result.win_rate), "cell+center")
    figure(canvas, (row, 13), result.cycle_days, "cell+decimal+center")
    _remarked(canvas, row, _remark(result), "cell+muted")


def _remarked(canvas: Canvas, row: int, text: str, style: str) -> None:
    canvas.sheet.text(row, len(_HEADINGS), text, f"{style}+wrap+middle")
    if text:
        canvas.sheet.height(row, height([(text, _LOOK.widths[-1])]))


def _remark(result: Result) -> str:
    rate = result.win_rate
    closed = f"已结束{rate.denominator}条，成交{rate.numerator}"
    few = "样本不足" if 0 < rate.denominator < rate.enough else ""
    unpriced = result.deals - result.priced
    missing = f"{unpriced}单缺金额" if unpriced else ""
    return "；".join(part for part in (closed, few, missing, _paid_goal(result)) if part)


def _paid_goal(result: Result) -> str:
    """Say how much of 回款目标 the deals of the month have brought in; "" without one."""
    goal, paid = result.paid_target, result.paid
    if not goal:
        return ""
    if paid is None:
        return f"回款目标{amount(goal)}，没有回款金额列"
    return f"回款{amount(paid)}，目标{amount(goal)}（{paid / goal:.0%}）"


def _interval(result: Result) -> str:
    if result.interval is None:
        return "—"
    low, high = (value / 10000 for value in result.interval)
    return f"{low:,.1f}～{high:,.1f}"


def _total(canvas: Canvas, first: int, found: Performance) -> None:
    """Write the last line: sums of the people's, rates of everybody."""
    row, sheet, result = first + len(found.people), canvas.sheet, found.total
    sheet.row(row, [None] * len(_HEADINGS), "total")
    sheet.text(row, 1, "合计", "total")
    summed_up = (
        (3, "total+wan+center", result.sales),
        (8, "total+integer+center", float(result.deals)),
    )
    for column, style, value in summed_up:
        _sum_or_value(canvas, (row, column), (first, row - 1), value, style)
    sheet.text(row, 4, _interval(result), "total+center")
    if result.target is not None:
        parts = sum(p.target or 0.0 for p in found.people)
        if parts == result.target:
            _sum_or_value(canvas, (row, 5), (first, row - 1), result.target, "total+wan+center")
        else:
            sheet.number(row, 5, result.target, "total+wan+center")
        cells = at(row, 3), at(row, 5)
        share = f'IF({cells[1]}=0,"",{cells[0]}/{cells[1]})'
        sheet.formula(row, 6, share, result.completion or 0.0, "total+percent+center")
        gap = f"MAX(0,{cells[1]}-{cells[0]})"
        sheet.formula(row, 7, gap, result.gap or 0.0, "total+wan+center")
    figure(canvas, (row, 9), result.average, "total+wan+center")
    figure(canvas, (row, 10), result.paid_rate, "total+percent+center")
    figure(canvas, (row, 11), result.win_rate.value, "total+percent+center")
    sheet.text(row, 12, interval_text(result.win_rate), "total+center")
    figure(canvas, (row, 13), result.cycle_days, "total+decimal+center")
    _remarked(canvas, row, _paid_goal(result), "total")


def _sum_or_value(
    canvas: Canvas, place: tuple[int, int], rows: tuple[int, int], value: float, style: str
) -> None:
    if rows[1] < rows[0]:
        canvas.sheet.number(*place, value, style)
        return
    area = Area(rows[0], place[1], rows[1], place[1]).absolute
    canvas.sheet.formula(*place, f"SUM({area})", value, style)


def _teams(canvas: Canvas, top: int, teams: Sequence[Result]) -> None:
    section(canvas, top, "按团队", "成员按业绩目标表中“负责人”“团队”两列认定。")
    texts = list(_HEADINGS)
    texts[0] = "团队"
    headings(canvas, top + 1, texts)
    for row, team in enumerate(teams, top + 2):
        canvas.sheet.text(row, 1, team.name, "label")
        canvas.sheet.text(row, 2, "—", "cell+center")
        figure(canvas, (row, 3), team.sales, "cell+wan+center")
        figure(canvas, (row, 8), team.deals, "cell+integer+center")
        figure(canvas, (row, 10), team.paid_rate, "cell+percent+center")
        _rest(canvas, row, team)


def _charts(canvas: Canvas, row: int, rows: tuple[int, int], found: Performance) -> None:
    first, last = rows[0], min(rows[1], rows[0] + _MOST_CHARTED - 1)
    names, name = Area(first, 1, last, 1), canvas.sheet.name
    sales = [("销售额", Area(first, 3, last, 3))]
    if found.total.target is not None:
        sales.append(("目标", Area(first, 5, last, 5)))
    title = "本月销售额（万元）" if len(sales) == 1 else "本月销售额与目标（万元）"
    chart = people_chart(canvas.book, name, title, names, sales, WAN_LABELS)
    canvas.sheet.chart(row, 1, chart, **CHART_SIZE)
    closed = [p for p in found.people if p.name != UNFILLED and p.win_rate.denominator]
    if len(closed) > 1:
        areas = names, Area(first, 11, last, 11)
        second = rate_chart(canvas.book, name, _win_title(found), areas)
        canvas.sheet.chart(row, 7, second, **CHART_SIZE)


def _win_title(found: Performance) -> str:
    if "之内" in found.ranking.win_rates:
        return "赢单率：各人的差别在随机波动之内"
    return "赢单率（全部已结束线索）"


def _note_lines(summary: Summary, found: Performance, said: Sequence[str]) -> list[str]:
    month = found.month
    kept = worst(said)
    end = found.total.projection
    past = f"本次依据{end.months}个月。" if end.likely is not None else f"本次：{end.reason}。"
    lines = [
        f"统计期：{month.start:%Y-%m-%d} 至 {month.as_of:%Y-%m-%d}，本月{month.total}个工作日已过"
        f"{month.worked}个（时间进度{month.share:.0%}）。销售额＝成交时间在统计期内的实际成交金额。",
        "回款率＝这些成交的回款金额÷销售额（表里没有回款日期，不能按到账月份算）；客单价＝销售额÷"
        "有金额的成交单数；平均成交周期＝成交时间－获取时间。",
        "赢单率＝成交÷（成交＋流失），统计全部已结束的线索，不限本月；区间为Wilson法95%。",
        "销售额区间：一个月只有几单，把单数和每单金额看作偶然，标准误为各单金额平方和的平方根；"
        "区间重叠的两个人，不能说谁更强。",
        f"月末预测＝已成交＋过去几个完整月份在同样的工作日进度之后还成交的金额：取中位数，区间为其最少与最多。{past}"
        "各人的预测分别推算，相加不等于全队的预测。",
        "奖金＝销售额×达到的最高一档的提成比例，合计为各人奖金之和；阶梯在“设置”页“奖金阶梯”里改。",
        f"跟进、拜访（含面谈）次数为截至日前4周的每周平均；方案及时率：{found.proposal_line}，"
        "统计近90天；其余过程指标统计全部记录。跟进记录及时率按小时算，休息日不计时。",
        "负面清单的警戒线在“设置”页改；比率的样本少于“瓶颈最少样本”的不列。",
        *found.assumptions,
        *([f"销售额（{kept}）：改好之前显示截至{summary.as_of}的数值。"] if kept else []),
    ]
    if found.lost_cases.undated:
        lines.append(f"有{found.lost_cases.undated}条流失线索不知道哪天流失，未判断是否跟踪不力。")
    return lines
