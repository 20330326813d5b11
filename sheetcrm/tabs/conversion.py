"""转化分析: the step into each stage, and how sources, people, industries compare."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import FunnelRow, GroupRow, Summary
from sheetcrm.tabs.charts import CHART_SIZE, rate_chart
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
from sheetcrm.tabs.funnel import reason_text
from sheetcrm.tabs.headline import headline, percent, rate_lines
from sheetcrm.tabs.live import Live, Test, count
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.source import Places, Source, matching

TITLE = "转化分析"
_LOOK = Look(
    title=TITLE,
    line="从上一阶段走到本阶段的比例、用时和流失原因；再按渠道、负责人等对比。样本少的比例不要排名。",
    widths=(25, 19, 12, 14, 14, 14, 14, 16, 18, 14, 14, 13, 20),
)
_STAGE_HEADINGS = (
    "阶段",
    "进入阶段客户数",
    "从上一阶段\n转化数",
    "转化率\n转化数÷上一阶段",
    "平均停留时长(天)\n上一阶段→本阶段",
    "统计条数",
    "停留中位数(天)\n已离开的",
    "统计条数",
    "主要流失原因（占已填原因的比例）：在上一阶段流失的线索",
)
_GROUP_HEADINGS = (
    "线索数",
    "成交",
    "流失",
    "进行中",
    "转化率\n成交÷线索数",
    "赢单率\n成交÷(成交+流失)",
    "赢单率\n95%区间",
    "{in_time}\n（成单/满期）",
    "成交金额(元)",
    "进行中\n预计金额(元)",
    "成交周期\n中位数(天)",
    "备注",
)
_FIELDS = (
    *(LEAD_FIELDS[key] for key in ("company", "lead_id", "owner", "source", "industry")),
    *(LEAD_FIELDS[key] for key in ("region", "product", "grade", "reached_stage", "step")),
    *(LEAD_FIELDS[key] for key in ("result", "amount")),
    ORIGIN,
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
    row = notes(canvas, charts + _CHART_ROWS, [*said, *rate_lines(summary)]) + 1
    tops: dict[str, int] = {}
    for dimension in _dimensions(summary):
        tops[dimension.key] = row
        row += len(dimension.rows) + 4 if dimension.rows else 3
    section(canvas, row, "明细", "每条线索一行，点击最右一列跳到原表；可以筛选。")
    frame = lead_frame(summary.leads)
    frame = frame.sort_values(["source", "step", "position"], ascending=[True, False, True])
    block = write_block(canvas, row + 1, _FIELDS, frame, places.lead)
    canvas.sheet.autofilter(Area(row + 1, 1, max(row + 1, block.last), block.width))
    _stages(canvas, summary.funnel, block)
    behind = _behind(summary, places.leads, block)
    for dimension in _dimensions(summary):
        _group(canvas, tops[dimension.key], dimension, behind)
    _charts(canvas, charts, summary, tops["source"] + 2)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, row - 1, canvas.last_column))
    close_tab(canvas, TITLE)


@dataclass(frozen=True)
class _Behind:
    """What stands behind the groups' figures."""

    source: Source
    block: Block
    in_time: str
    ways: Mapping[str, list[list[Test]]]


def _behind(summary: Summary, source: Source, block: Block) -> _Behind:
    rates = {named.key: named.name for named in summary.totals.rates}
    ways = {kind: by_status(source, summary.leads, kind) for kind in OUTCOMES}
    return _Behind(source, block, rates["won_in_time_rate"], ways)


def _dimensions(summary: Summary) -> tuple[Dimension, ...]:
    return (
        Dimension("source", "来源渠道", summary.by_source),
        Dimension("owner", "负责人", summary.by_owner),
        Dimension("industry", "所属行业", summary.by_industry),
        Dimension("region", "区域", summary.by_region),
        Dimension("product", "产品", summary.by_product),
        Dimension("grade", "线索等级", summary.by_grade),
    )


def _stages(canvas: Canvas, funnel: Sequence[FunnelRow], block: Block) -> None:
    sheet = canvas.sheet
    headings(canvas, _TABLE_TOP, _STAGE_HEADINGS)
    sheet.merge(Area(_TABLE_TOP, 9, _TABLE_TOP, canvas.last_column), _STAGE_HEADINGS[-1], "heading")
    if not funnel:
        sheet.text(_TABLE_TOP + 1, 1, "没有可以统计的线索", "cell")
    for row, stage in enumerate(funnel, _TABLE_TOP + 1):
        sheet.text(row, 1, stage.stage, "label")
        reached = count(block.columns, [Test("step", ">=", stage.position + 1)])
        behind = block.cells(), [reached]
        linked_figure(canvas, (row, 2), stage.reached, "cell+integer+center", behind)
        if stage.step is None:
            sheet.row(row, ["—", "—"], "cell+center", 3)
        else:
            sheet.formula(row, 3, at(row, 2), float(stage.reached), "cell+integer+center")
            ratio(canvas, (row, 4), (at(row, 3), at(row - 1, 2)), stage.conversion)
        figure(canvas, (row, 5), stage.mean_step_days, "cell+decimal+center")
        sheet.number(row, 6, stage.step_count, "cell+integer+center")
        figure(canvas, (row, 7), stage.median_dwell_days, "cell+decimal+center")
        sheet.number(row, 8, stage.dwell_count, "cell+integer+center")
        text = reason_text(stage.step_reasons, 5) if stage.step_reasons else "—"
        sheet.merge(Area(row, 9, row, canvas.last_column), text, "cell+wrap+middle")
        sheet.height(row, 34)


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
    every: list[Live | None] = [count(source.columns, mine)]
    yield linked_figure(canvas, (row, 2), group.leads, style, (behind.block.cells(), every))
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
    text = f"{percent(in_time.value)}（{in_time.numerator}/{in_time.denominator}）"
    canvas.sheet.text(row, 9, text, "cell+center")
    figure(canvas, (row, 12), group.median_cycle_days, "cell+decimal+center")


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


def _charts(canvas: Canvas, row: int, summary: Summary, source_first: int) -> None:
    first, last = _TABLE_TOP + 1, _TABLE_TOP + len(summary.funnel)
    book, name = canvas.book, canvas.sheet.name
    if last > first:
        steps = Area(first + 1, 1, last, 1), Area(first + 1, 4, last, 4)
        chart = rate_chart(book, name, "各阶段转化率（转化数÷上一阶段）", steps)
        canvas.sheet.chart(row, 1, chart, **CHART_SIZE)
    if summary.by_source:
        source_last = source_first + min(len(summary.by_source), _MOST_CHARTED) - 1
        areas = Area(source_first, 1, source_last, 1), Area(source_first, 6, source_last, 6)
        chart = rate_chart(book, name, "各来源渠道转化率（成交÷线索数）", areas)
        canvas.sheet.chart(row, 7, chart, **CHART_SIZE)


def interval_text(rate: Rate) -> str:
    """Say a rate's 95 % interval, a dash without data."""
    if rate.interval is None:
        return "—"
    low, high = rate.interval
    return f"{low:.1%}～{high:.1%}"
