"""漏斗分析: who reached each stage, who stands there now, what was lost on the way."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.rate import Rate, percent
from sheetcrm.metrics.results import Change, FunnelRow, Reasons, Summary
from sheetcrm.tabs.charts import CHART_SIZE, funnel_chart, rate_chart
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, OUTCOMES, Block, lead_frame, write_block
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
from sheetcrm.tabs.funnel_views import view_lines, views_table
from sheetcrm.tabs.headline import headline, rate_lines
from sheetcrm.tabs.live import Live, Test, agrees, count
from sheetcrm.tabs.outcomes import at_stage, by_status, counted, lost_at, summed
from sheetcrm.tabs.source import Places, Source
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["funnel"]
_LOOK = Look(
    title=TITLE,
    line="每个阶段到达过多少客户、有多少走到下一步、在哪里流失。带下划线的蓝色数字可以点开背后的明细。",
    widths=(25, 19, 13, 10, 14, 15, 11, 11, 34, 14, 14, 20),
)
_HEADINGS = (
    "阶段",
    "客户数量\n（到达过本阶段）",
    "环比变化",
    "目标数量",
    "完成率\n期内进入÷目标",
    "转化率\n本阶段÷上一阶段",
    "流失率\n1－转化率",
    "在本阶段流失",
    "流失原因TOP3\n（占已填原因的比例）",
    "当前在库\n（不是转化率）",
    "在库金额(元)",
    "备注",
)
_FIELDS = (
    *(LEAD_FIELDS[key] for key in ("company", "lead_id", "owner", "grade", "status")),
    *(LEAD_FIELDS[key] for key in ("reached_stage", "step", "result", "lost_reason")),
    *(LEAD_FIELDS[key] for key in ("expected_amount", "amount")),
    ORIGIN,
    *(LEAD_FIELDS[key] for key in ("source", "industry", "region", "product")),
)
_COUNT, _MONEY = "cell+integer+center", "cell+money+center"
_FURTHER_WIDTHS = (16, 14, 11, 16)
_SPACING_COLUMN = 18
_CHART_ROWS = 14
TABLE_TOP = 8


def funnel_tab(book: Book, name: str, summary: Summary, places: Places) -> None:
    """Write the tab."""
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    canvas.sheet.widths(_FURTHER_WIDTHS, canvas.last_column + 1)
    said = headline(canvas, 5, summary, places.leads)
    first, last = TABLE_TOP + 1, TABLE_TOP + len(summary.funnel)
    charts = views_table(canvas, last + 3, summary, (first, last)) if summary.funnel else last + 3
    below = charts + _CHART_ROWS if summary.funnel else charts
    detail_top = notes(canvas, below, [*said, *_note_lines(summary)]) + 2
    section(canvas, detail_top - 1, "明细", "每条线索一行，点“原表位置”跳到原表；可以筛选。")
    block = _detail(canvas, detail_top, summary, places)
    width = _table(canvas, summary, places, block)
    _totals(canvas, last + 1, summary.funnel, width)
    if summary.funnel:
        spacing = _spacing(canvas, (first, last), summary.funnel)
        _charts(canvas, charts, summary, spacing)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, detail_top - 2, canvas.last_column))
    close_tab(canvas, TITLE, pages_tall=1)


def ordered(leads: pd.DataFrame) -> pd.DataFrame:
    """Return the leads so that those who reached a stage are the first rows of the block."""
    rank = leads["outcome"].map({"won": 0, "open": 1, "lost": 2})
    frame = lead_frame(leads).assign(_rank=rank.to_numpy())
    return frame.sort_values(["step", "_rank", "position"], ascending=[False, True, True])


def _detail(canvas: Canvas, top: int, summary: Summary, places: Places) -> Block:
    block = write_block(canvas, top, _FIELDS, ordered(summary.leads), places.of_leads)
    canvas.sheet.autofilter(Area(top, 1, max(top, block.last), block.width))
    return block


def _table(canvas: Canvas, summary: Summary, places: Places, block: Block) -> int:
    """Write the table; return how many columns it has: 备注 is one where a stage has a remark."""
    remarks = []
    lives = _lives(summary, places.leads)
    for stage, live in zip(summary.funnel, lives, strict=True):
        row = TABLE_TOP + 1 + stage.position
        said = [_counts(canvas, row, stage, block, live)]
        said.append(figure(canvas, (row, 10), stage.current, _COUNT, [live.current]))
        said.append(figure(canvas, (row, 11), stage.current_amount, _MONEY, [live.amount]))
        _rates(canvas, row, stage)
        canvas.sheet.text(row, 9, reason_text(stage.reasons), "cell+wrap+middle")
        weak = stage.step.reason if stage.step else ""
        remarks.append("；".join(note for note in (weak, worst(said)) if note))
        canvas.sheet.height(row, 34)
    if summary.funnel:
        last = TABLE_TOP + len(summary.funnel)
        canvas.sheet.data_bar(Area(TABLE_TOP + 1, 2, last, 2), "#9DC3E6")
    texts = _headings(summary.funnel)
    width = len(texts) if any(remarks) else len(texts) - 1
    headings(canvas, TABLE_TOP, texts[:width])
    for row, remark in enumerate(remarks if any(remarks) else (), TABLE_TOP + 1):
        canvas.sheet.text(row, width, remark, "cell+wrap+muted+middle")
    return width


@dataclass(frozen=True)
class _Lives:
    """The formulas of one stage's figures over the user's sheet; None where there is none."""

    reached: Live | None
    lost: Live | None
    current: Live | None
    amount: Live | None


def _lives(summary: Summary, source: Source) -> list[_Lives]:
    """Return the formulas of all stages.

    Who is lost at a stage is told by 流失阶段, the first stage has all the others. Who reached a
    stage stands there or further, or was lost there or further: sums over the rows of the table.
    """
    funnel, leads = summary.funnel, summary.leads
    if not funnel:
        return []
    last = TABLE_TOP + len(funnel)
    ways = [at_stage(source, leads, stage.stage, stage.kind) for stage in funnel]
    current = [
        _agreeing(counted(source, way), s.current) for way, s in zip(ways, funnel, strict=True)
    ]
    opens = [stage for stage in funnel if stage.kind == "open"]
    lost = [
        _agreeing(counted(source, lost_at(source, leads, stage.stage)), stage.lost_here)
        for stage in opens
    ]
    every = _agreeing(counted(source, by_status(source, leads, "lost")), summary.population.lost)
    if every and opens and all(lost[1:]):
        others = f"-SUM({at(TABLE_TOP + 2, 8)}:{at(last, 8)})" if last > TABLE_TOP + 1 else ""
        rest = every.value - sum(live.value for live in lost[1:] if live)
        lost[0] = _agreeing(Live(f"{at(6, 4)}{others}", rest), opens[0].lost_here)
    keys = ["amount" if stage.kind == "won" else "expected_amount" for stage in funnel]
    found = []
    for number, way in enumerate(ways):
        row = TABLE_TOP + 1 + number
        parts = [*current[number:], *lost[number:]]
        reached = None
        if all(parts):
            cells = (f"SUM({at(row, column)}:{at(last, column)})" for column in (10, 8))
            reached = Live("+".join(cells), sum(live.value for live in parts if live))
        here = lost[number] if number < len(lost) else None
        found.append(_Lives(reached, here, counted(source, way), summed(source, keys[number], way)))
    return found


def _agreeing(live: Live | None, figure: float) -> Live | None:
    return live if agrees(live, figure) else None


def _headings(funnel: Sequence[FunnelRow]) -> list[str]:
    days = funnel[0].change.days if funnel else 30
    texts = list(_HEADINGS)
    texts[2] = f"环比变化\n近{days}天/前{days}天"
    return texts


def _counts(canvas: Canvas, row: int, stage: FunnelRow, block: Block, live: _Lives) -> str:
    sheet = canvas.sheet
    sheet.text(row, 1, stage.stage, "label")
    step = Test("step", ">=", stage.position + 1)
    behind = block.cells(count=stage.reached), [live.reached, count(block.columns, [step])]
    note = linked_figure(canvas, (row, 2), stage.reached, _COUNT, behind)
    sheet.text(row, 3, change_text(stage.change), "cell+center+wrap+middle")
    goal = stage.target
    figure(canvas, (row, 4), goal.goal if goal else None, _COUNT)
    done = f"{percent(stage.completion)}\n（{goal.achieved}/{goal.goal:g}）" if goal else "—"
    sheet.text(row, 5, done, "cell+center+wrap+middle")
    here = [Test("step", "=", stage.position + 1), Test("result", "=", OUTCOMES["lost"])]
    # Within the rows of a stage the lost ones come last.
    cells = block.cells(stage.reached - stage.lost_here, stage.lost_here)
    lost = [live.lost, count(block.columns, here)]
    linked_figure(canvas, (row, 8), stage.lost_here, _COUNT, (cells, lost))
    return note


def _rates(canvas: Canvas, row: int, stage: FunnelRow) -> None:
    if stage.step is None:
        canvas.sheet.row(row, ["—", "—"], "cell+center", 6)
        return
    ratio(canvas, (row, 6), (at(row, 2), at(row - 1, 2)), stage.conversion)
    cell = at(row, 6)
    value = "" if stage.drop_off is None else stage.drop_off
    canvas.sheet.formula(row, 7, f'IF({cell}="","",1-{cell})', value, "cell+percent+center")


def _totals(canvas: Canvas, row: int, funnel: Sequence[FunnelRow], width: int) -> None:
    canvas.sheet.row(row, [None] * width, "total")
    canvas.sheet.text(row, 1, "合计" if funnel else "没有可以统计的线索", "total")
    if not funnel:
        return
    sums = (
        (8, sum(stage.lost_here for stage in funnel), "total+integer+center"),
        (10, sum(stage.current for stage in funnel), "total+integer+center"),
        (11, sum(stage.current_amount for stage in funnel), "total+money+center"),
    )
    for column, value, style in sums:
        area = Area(TABLE_TOP + 1, column, row - 1, column)
        canvas.sheet.formula(row, column, f"SUM({area.absolute})", float(value), style)


def _spacing(canvas: Canvas, rows: tuple[int, int], funnel: Sequence[FunnelRow]) -> Area:
    """Write the invisible left part of each bar into a hidden column."""
    first, last = rows
    numbers = Area(first, 2, last, 2).absolute
    widest = max(stage.reached for stage in funnel)
    for row, stage in enumerate(funnel, first):
        half = (widest - stage.reached) / 2
        formula = f"(MAX({numbers})-{at(row, 2)})/2"
        canvas.sheet.formula(row, _SPACING_COLUMN, formula, half, "plain")
    canvas.sheet.hide_column(_SPACING_COLUMN)
    return Area(first, _SPACING_COLUMN, last, _SPACING_COLUMN)


def _charts(canvas: Canvas, row: int, summary: Summary, spacing: Area) -> None:
    funnel = summary.funnel
    first, last = TABLE_TOP + 1, TABLE_TOP + len(funnel)
    names, numbers = Area(first, 1, last, 1), Area(first, 2, last, 2)
    whole = Rate(funnel[-1].reached, funnel[0].reached).value
    title = (
        f"{funnel[0].reached}条线索中{funnel[-1].reached}条走到“{funnel[-1].stage}”"
        f"（{percent(whole)}）"
    )
    chart = funnel_chart(canvas.book, canvas.sheet.name, (names, spacing, numbers), title)
    canvas.sheet.chart(row, 1, chart, **CHART_SIZE)
    if last > first:
        steps = Area(first + 1, 1, last, 1), Area(first + 1, 6, last, 6)
        second = rate_chart(canvas.book, canvas.sheet.name, weakest_title(funnel), steps)
        canvas.sheet.chart(row, 7, second, **CHART_SIZE)


def weakest_title(funnel: Sequence[FunnelRow]) -> str:
    """Return the title of a chart of the steps: which of those with enough leads is the lowest."""
    steps = [
        (row.step.value, f"{before.stage}→{row.stage}")
        for before, row in pairwise(funnel)
        if row.step and row.step.value is not None and not row.step.reason
    ]
    if not steps:
        return "各阶段转化率（本阶段÷上一阶段）"
    value, step = min(steps)
    return f"“{step}”转化率最低：{value:.1%}"


def change_text(change: Change) -> str:
    """Say a change with both its counts: +12.0%（28/25）."""
    counts = f"（{change.current}/{change.previous}）"
    return f"{change.value:+.1%}\n{counts}" if change.value is not None else f"—\n{counts}"


def reason_text(reasons: Reasons, most: int = 3) -> str:
    """Say the most frequent lost reasons with their share, and how many leads give none."""
    parts = [
        f"{item.reason} {item.count}" + (f"（{item.share:.0%}）" if item.share is not None else "")
        for item in reasons.top(most)
    ]
    if reasons.missing:
        parts.append(f"缺原因 {reasons.missing}")
    return "、".join(parts) or "—"


def _target_lines(summary: Summary) -> list[str]:
    spans = {row.target.months for row in summary.funnel if row.target}
    return [
        f"目标与完成率：{_months_text(months)} 进入各阶段的客户数量 ÷ 同期目标数量。"
        for months in sorted(spans)
    ]


def _months_text(months: Sequence[date]) -> str:
    """Say from when to when, or which months where one between them is left out."""
    start, last = months[0], months[-1]
    if 12 * (last.year - start.year) + last.month - start.month + 1 > len(months):
        return "、".join(f"{month:%Y年%m月}" for month in months)
    end = (last + timedelta(days=31)).replace(day=1) - timedelta(days=1)
    return f"{start:%Y-%m-%d} 至 {end:%Y-%m-%d}"


def _note_lines(summary: Summary) -> list[str]:
    people = summary.population
    lines = [
        f"总数核对：线索 {people.leads} ＝ 进行中 {people.open} ＋ 成交 {people.won} ＋ 流失 "
        f"{people.lost}。到达数含后来流失的线索，按走到的最远阶段计。",
        *_target_lines(summary),
        *view_lines(summary.views),
        *rate_lines(summary),
        *summary.assumptions,
    ]
    return list(dict.fromkeys(line for line in lines if line))
