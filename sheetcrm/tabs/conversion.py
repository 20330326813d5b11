"""转化分析: the step into each stage, and how sources, people, industries compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area, cell_name, quoted
from sheetcrm.book.write import Book
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.rate import Rate, percent
from sheetcrm.metrics.results import FunnelRow, GroupRow, Summary
from sheetcrm.tabs.charts import CHART_SIZE, rate_chart
from sheetcrm.tabs.detail import OUTCOMES
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    headings,
    notes,
    open_tab,
    ratio,
    section,
    worst,
)
from sheetcrm.tabs.funnel import TABLE_TOP as FUNNEL_TOP
from sheetcrm.tabs.funnel import reason_text, weakest_title
from sheetcrm.tabs.headline import headline, rate_lines
from sheetcrm.tabs.live import Live, Test
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.source import Places, Source, matching
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["conversion"]
_LOOK = Look(
    title=TITLE,
    line="从上一阶段走到本阶段的比例、用时和流失原因；再按渠道、负责人等对比。样本少的比例不要排名。",
    widths=(25, 19, 12, 14, 15, 14, 14, 16, 19, 14, 14, 13, 30, 20),
)
_STAGE_HEADINGS = (
    "阶段",
    "进入阶段客户数",
    "从上一阶段\n转化数",
    "转化率\n转化数÷上一阶段",
    "转化率\n95%区间",
    "平均停留时长(天)\n上一阶段→本阶段",
    "统计条数",
    "停留中位数(天)\n已离开的",
    "统计条数\n（仍在的）",
    "停留中位数(天)\n连仍在的一起估计",
    "主要流失原因（占已填原因的比例）：在上一阶段流失的线索",
)
_REASONS_FROM = len(_STAGE_HEADINGS)
_GROUP_HEADINGS = (
    "线索数",
    "成交",
    "流失",
    "进行中",
    "转化率\n成交÷线索数",
    "赢单率\n成交÷(成交+流失)",
    "赢单率\n95%区间",
    "{in_time}（成单/满期）\n95%区间",
    "成交金额(元)",
    "进行中\n预计金额(元)",
    "成交周期\n中位数(天)",
    "主要流失原因\n（占已填原因的比例）",
    "备注",
)
_CHART_ROWS = 13
# The sources with the most leads; the table has them all.
_MOST_CHARTED = 12
_TABLE_TOP = 8


@dataclass(frozen=True)
class Dimension:
    """One way to group the leads: column key, what its values are called, its rows."""

    key: str
    name: str
    rows: Sequence[GroupRow]


def conversion_tab(book: Book, name: str, summary: Summary, places: Places) -> None:
    """Write the tab."""
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    said = headline(canvas, 5, summary, places.leads)
    last = _TABLE_TOP + len(summary.funnel)
    canvas.sheet.merge(
        Area(last + 2, 1, last + 2, canvas.last_column),
        summary.bottleneck.sentence,
        "label+wrap+middle",
    )
    canvas.sheet.height(last + 2, 30)
    charts = last + 4
    lines = [*said, *rate_lines(summary), *_history_lines(summary)]
    row = notes(canvas, charts + _CHART_ROWS, lines) + 1
    tops: dict[str, int] = {}
    for dimension in _dimensions(summary):
        tops[dimension.key] = row
        row += len(dimension.rows) + 4 if dimension.rows else 3
    _stages(canvas, summary, places.tabs.get("funnel", ""))
    behind = _behind(summary, places.leads)
    for dimension in _dimensions(summary):
        _group(canvas, tops[dimension.key], dimension, behind)
    _charts(canvas, charts, summary, tops)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, row - 1, canvas.last_column))
    close_tab(canvas, TITLE)


def _history_lines(summary: Summary) -> list[str]:
    """Say where the stages are known from, and how the cycle looks with the open leads."""
    cycle = summary.views.cycle
    lines = [f"阶段与停留的来源：{summary.history.sentence}"]
    if cycle.mostly_running and cycle.completed:
        estimate = "还不到一半成交" if cycle.estimate is None else f"{cycle.estimate:g}天"
        lines.append(
            f"成交周期中位数只算已成交的{cycle.completed}条；连同进行中的{cycle.running}条一起估计"
            f"（Kaplan–Meier），中位数：{estimate}。"
        )
    return [*lines, "各数字背后的线索在“漏斗分析”的明细里，可按渠道、负责人等筛选。"]


@dataclass(frozen=True)
class _Behind:
    """What stands behind the groups' figures."""

    source: Source
    in_time: str
    ways: Mapping[str, list[list[Test]]]


def _behind(summary: Summary, source: Source) -> _Behind:
    rates = {named.key: named.name for named in summary.totals.rates}
    ways = {kind: by_status(source, summary.leads, kind) for kind in OUTCOMES}
    return _Behind(source, rates["won_in_time_rate"], ways)


def _dimensions(summary: Summary) -> tuple[Dimension, ...]:
    return tuple(Dimension(d.key, d.name, d.rows) for d in summary.dimensions)


def _stages(canvas: Canvas, summary: Summary, funnel_tab: str) -> None:
    sheet, funnel = canvas.sheet, summary.funnel
    headings(canvas, _TABLE_TOP, _STAGE_HEADINGS)
    sheet.merge(
        Area(_TABLE_TOP, _REASONS_FROM, _TABLE_TOP, canvas.last_column),
        _STAGE_HEADINGS[-1],
        "heading",
    )
    if not funnel:
        sheet.text(_TABLE_TOP + 1, 1, "没有可以统计的线索", "cell")
    for row, stage in enumerate(funnel, _TABLE_TOP + 1):
        sheet.text(row, 1, stage.stage, "label")
        _reached(canvas, row, stage, funnel_tab)
        if stage.step is None:
            sheet.row(row, ["—"] * 3, "cell+center", 3)
        else:
            sheet.formula(row, 3, at(row, 2), float(stage.reached), "cell+integer+center")
            ratio(canvas, (row, 4), (at(row, 3), at(row - 1, 2)), stage.conversion)
            sheet.text(row, 5, interval_text(stage.step), "cell+center")
        figure(canvas, (row, 6), stage.mean_step_days, "cell+decimal+center")
        sheet.number(row, 7, stage.step_count, "cell+integer+center")
        _dwell(canvas, row, stage, summary)
        text = reason_text(stage.step_reasons, 5) if stage.step_reasons else "—"
        sheet.merge(Area(row, _REASONS_FROM, row, canvas.last_column), text, "cell+wrap+middle")
        sheet.height(row, 34)


def _reached(canvas: Canvas, row: int, stage: FunnelRow, funnel_tab: str) -> None:
    """Write the number of leads that came to a stage: the one of the funnel's own tab."""
    if not funnel_tab:
        canvas.sheet.number(row, 2, stage.reached, "cell+integer+center")
        return
    cell = cell_name(FUNNEL_TOP + 1 + stage.position, 2, absolute=True)
    canvas.sheet.link(row, 2, (funnel_tab, cell.replace("$", "")), "明细", "cell")
    live = Live(f"{quoted(funnel_tab)}!{cell}", stage.reached)
    figure(canvas, (row, 2), stage.reached, "cell+integer+center+link", [live])


def _dwell(canvas: Canvas, row: int, stage: FunnelRow, summary: Summary) -> None:
    """Write the median stay, and the one with those still there where they are many."""
    figure(canvas, (row, 8), stage.median_dwell_days, "cell+decimal+center")
    if stage.kind == "won":
        canvas.sheet.row(row, ["—", "—"], "cell+center", 9)
        return
    stay = summary.views.dwell[stage.position]
    canvas.sheet.text(row, 9, f"{stage.dwell_count}（{stay.running}）", "cell+center")
    if not stay.mostly_running:
        canvas.sheet.text(row, 10, "—", "cell+center")
    elif stay.estimate is None:
        canvas.sheet.text(row, 10, "不到一半离开" if stay.completed else "—", "cell+center")
    else:
        canvas.sheet.number(row, 10, stay.estimate, "cell+decimal+center")


def _group(canvas: Canvas, top: int, dimension: Dimension, behind: _Behind) -> None:
    section(canvas, top, f"按{dimension.name}")
    if not dimension.rows:
        line = f"没有线索，或表中没有“{dimension.name}”这一列。"
        canvas.sheet.text(top + 1, 1, line, "muted")
        return
    remarks = []
    for row, group in enumerate(dimension.rows, top + 2):
        dirty = [*_group_counts(canvas, row, group, dimension.key, behind)]
        _group_rates(canvas, row, group)
        weak = group.conversion.reason
        remarks.append("；".join(note for note in (weak, worst(dirty)) if note))
    texts = [dimension.name, *(text.format(in_time=behind.in_time) for text in _GROUP_HEADINGS)]
    width = len(texts) if any(remarks) else len(texts) - 1
    headings(canvas, top + 1, texts[:width])
    for row, remark in enumerate(remarks if any(remarks) else (), top + 2):
        canvas.sheet.text(row, width, remark, "cell+muted")
    _group_total(canvas, top + 2, dimension.rows, width)


def _group_counts(
    canvas: Canvas, row: int, group: GroupRow, key: str, behind: _Behind
) -> Iterator[str]:
    canvas.sheet.text(row, 1, group.name, "label")
    source = behind.source
    mine = matching(source, key, group.name, f"$A${row}")
    won, lost, open_ = (behind.ways[kind] for kind in ("won", "lost", "open"))
    style = "cell+integer+center"
    every: list[Live | None] = [counted(source, [mine])]
    yield figure(canvas, (row, 2), group.leads, style, every)
    yield figure(canvas, (row, 3), group.won, style, [counted(source, won, mine)])
    yield figure(canvas, (row, 4), group.lost, style, [counted(source, lost, mine)])
    rest = f"{at(row, 2)}-{at(row, 3)}-{at(row, 4)}"
    canvas.sheet.formula(row, 5, rest, float(group.open), style)
    won_amount = summed(source, "amount", won, mine)
    yield figure(canvas, (row, 10), group.won_amount, "cell+money+center", [won_amount])
    open_amount = summed(source, "expected_amount", open_, mine)
    yield figure(canvas, (row, 11), group.open_amount, "cell+money+center", [open_amount])


def _group_rates(canvas: Canvas, row: int, group: GroupRow) -> None:
    ratio(canvas, (row, 6), (at(row, 3), at(row, 2)), group.conversion.value)
    closed = f"({at(row, 3)}+{at(row, 4)})"
    ratio(canvas, (row, 7), (at(row, 3), closed), group.win_rate.value)
    canvas.sheet.text(row, 8, interval_text(group.win_rate), "cell+center")
    in_time = group.won_in_time
    counts = f"（{in_time.numerator}/{in_time.denominator}）"
    text = f"{'样本不足' if in_time.denominator else '—'}{counts}"
    if not in_time.reason:
        text = f"{percent(in_time.value)}{counts}\n{interval_text(in_time)}"
    canvas.sheet.text(row, 9, text, "cell+center+wrap+middle")
    figure(canvas, (row, 12), group.median_cycle_days, "cell+decimal+center")
    canvas.sheet.text(row, 13, reason_text(group.reasons, 1), "cell+wrap+middle")
    canvas.sheet.height(row, 32)


def _group_total(canvas: Canvas, first: int, rows: Sequence[GroupRow], width: int) -> None:
    row = first + len(rows)
    canvas.sheet.row(row, [None] * width, "total")
    canvas.sheet.text(row, 1, "合计", "total")
    sums = (
        (2, sum(group.leads for group in rows), "total+integer+center"),
        (3, sum(group.won for group in rows), "total+integer+center"),
        (4, sum(group.lost for group in rows), "total+integer+center"),
        (5, sum(group.open for group in rows), "total+integer+center"),
        (10, sum(group.won_amount for group in rows), "total+money+center"),
        (11, sum(group.open_amount for group in rows), "total+money+center"),
    )
    for column, value, style in sums:
        area = Area(first, column, row - 1, column).absolute
        canvas.sheet.formula(row, column, f"SUM({area})", float(value), style)


def _charts(canvas: Canvas, row: int, summary: Summary, tops: Mapping[str, int]) -> None:
    first, last = _TABLE_TOP + 1, _TABLE_TOP + len(summary.funnel)
    book, name = canvas.book, canvas.sheet.name
    if last > first:
        steps = Area(first + 1, 1, last, 1), Area(first + 1, 4, last, 4)
        chart = rate_chart(book, name, weakest_title(summary.funnel), steps)
        canvas.sheet.chart(row, 1, chart, **CHART_SIZE)
    sources = next((d.rows for d in summary.dimensions if d.key == "source"), ())
    if sources:
        source_first = tops["source"] + 2
        source_last = source_first + min(len(sources), _MOST_CHARTED) - 1
        areas = Area(source_first, 1, source_last, 1), Area(source_first, 6, source_last, 6)
        chart = rate_chart(book, name, _source_title(sources), areas)
        canvas.sheet.chart(row, 7, chart, **CHART_SIZE)


def _source_title(rows: Sequence[GroupRow]) -> str:
    """Say which source converts best, where the others' intervals do not reach up to it."""
    sound = [row for row in rows if not row.conversion.reason and row.name != UNFILLED]
    ranked = sorted(sound, key=lambda row: row.conversion.value or 0, reverse=True)
    plain = "各来源渠道转化率（成交÷线索数）"
    if len(ranked) < 2:
        return plain
    best, *others = ranked
    low = (best.conversion.interval or (0.0, 0.0))[0]
    if all(low > (other.conversion.interval or (0.0, 1.0))[1] for other in others):
        return f"“{best.name}”转化率最高：{percent(best.conversion.value)}"
    return f"{plain}：渠道之间的差别还说明不了问题"


def interval_text(rate: Rate) -> str:
    """Say a rate's 95 % interval, a dash without data."""
    if rate.interval is None:
        return "—"
    low, high = rate.interval
    return f"{low:.1%}～{high:.1%}"
