"""客户分层: the three tiers, where they are, the win-back tasks, and every customer of them."""

from collections.abc import Sequence

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.segments import RISK, STABLE, TIERS, VALUE, Segments, Spread, SpreadRow
from sheetcrm.tabs.charts import CHART_SIZE, stacked_chart
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
)
from sheetcrm.tabs.live import Live, Test, count, total
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["segments"]
_LOOK = Look(
    title=TITLE,
    line="进行中和成交的客户分成三层：每层怎么跟、谁在里面、先做什么；高价值潜客集中在哪里；流失风险客户的挽回任务。",
    widths=(16, 11, 10, 12, 12, 11, 14, 13, 26, 48, 20, 12, 10, 13, 18),
)
_PRINTED = 11
_HEADINGS = ("层级", "客户数", "占比", "已到期\n该联系", "金额\n（万元）", "怎么划分")
_SPREAD = (
    "客户数",
    "进行中",
    "高价值潜客",
    "高价值占比\n÷进行中",
    "稳定客户",
    "流失风险\n客户",
    "流失风险占比\n÷进行中",
    "高价值占比的95%区间",
)
_FIELDS = (
    Shown("tier", "层级"),
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["grade"],
    Shown("silent_days", "静默(天)", "cell+integer+center"),
    Shown("due_on", "应联系日期", "cell"),
    Shown("late", "已过(天)", "cell+integer+center"),
    Shown("money", "预计或成交\n金额(元)", "cell+money"),
    LEAD_FIELDS["stage"],
    LEAD_FIELDS["company"],
    Shown("action", "先做什么", "cell"),
    ORIGIN,
    LEAD_FIELDS["industry"],
    LEAD_FIELDS["region"],
    LEAD_FIELDS["source"],
    LEAD_FIELDS["lead_id"],
    Shown("result", "结果", "cell+center"),
)
_WORDS_ROW, _TOP = 5, 7
_CHART_ROWS = 16
_WIDE = {**CHART_SIZE, "x_scale": 1.45, "y_scale": 1.2}
_CHARTED = ("industry", "region")
_MOST_CHARTED = 10
_MOST_ROWS = 15


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether there is no customer, open or won."""
    return analysis.segments.rows.empty


def segments_tab(
    book: Book, name: str, summary: Summary, analysis: Analysis, places: Places
) -> None:
    """Write the tab."""
    found = analysis.segments
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    sentence = Area(_WORDS_ROW, 1, _WORDS_ROW, _PRINTED)
    canvas.sheet.merge(sentence, found.sentence, "label+wrap+middle")
    canvas.sheet.height(_WORDS_ROW, 34)
    charted = [s for s in found.spreads if s.key in _CHARTED and s.rows]
    charts = _TOP + len(TIERS) + 3
    tasks = charts + (_CHART_ROWS if charted else 0) + 1
    tops = [tasks + len(found.win_back) + 5]
    for spread in found.spreads:
        tops.append(tops[-1] + min(len(spread.rows), _MOST_ROWS) + 4)
    lines = _note_lines(found)
    detail = tops[-1] + len(lines) + 3
    block = _detail(canvas, detail, found, places)
    _tiers(canvas, found, block)
    _tasks(canvas, tasks, found, block)
    for top, spread in zip(tops, found.spreads, strict=False):
        _spread(canvas, top, spread, block)
    for number, spread in enumerate(charted):
        top = tops[found.spreads.index(spread)]
        _chart(canvas, (charts, 1 + 8 * number), spread, top + 2)
    notes(canvas, tops[-1], lines)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.page_breaks([tops[0], detail - 1])
    canvas.sheet.print_area(Area(1, 1, max(block.last, block.first), _PRINTED))
    close_tab(canvas, TITLE)


def _detail(canvas: Canvas, top: int, found: Segments, places: Places) -> Block:
    section(canvas, top - 1, "客户名单", "按层级；每层先做的在前，流失风险客户按负责人。可以筛选。")
    rows = found.rows
    frame = lead_frame(rows).assign(position=rows.index.to_numpy())
    block = write_block(canvas, top, _FIELDS, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "还没有进行中或成交的客户。", "plain")
        return block
    canvas.sheet.autofilter(Area(top, 1, block.last, block.width))
    late = Area(block.first, 6, block.last, 6)
    canvas.sheet.condition(late, f"$F{block.first}>0", "warn")
    return block


def _tiers(canvas: Canvas, found: Segments, block: Block) -> None:
    sheet = canvas.sheet
    headings(canvas, _TOP, [*_HEADINGS, "", "", "", "建议策略", "跟进间隔"])
    sheet.merge(Area(_TOP, 6, _TOP, 9), "怎么划分", "heading")
    start, last = 0, _TOP + len(TIERS) + 1
    for row, tier in enumerate(found.tiers, _TOP + 1):
        sheet.text(row, 1, tier.name, "label")
        mine = [Test("tier", "=", tier.name, f"$A${row}")]
        cells = block.cells(start, tier.count) if tier.count else ""
        numbers = count(block.columns, mine)
        linked_figure(canvas, (row, 2), tier.count, "cell+integer+center+bold", (cells, [numbers]))
        share = tier.count / len(found.rows) if len(found.rows) else None
        ratio(canvas, (row, 3), (at(row, 2), f"{at(last, 2)}"), share)
        # Every win-back task is due; of the others those whose date has passed.
        late = mine if tier.name == RISK else [*mine, Test("late", ">", 0.0)]
        figure(canvas, (row, 4), tier.due, "cell+integer+center", [count(block.columns, late)])
        money = [total(block.columns, "money", mine)]
        figure(canvas, (row, 5), tier.amount, "cell+wan+center", money)
        sheet.merge(Area(row, 6, row, 9), tier.definition, "cell+wrap+middle")
        sheet.text(row, 10, tier.strategy, "cell+wrap+middle")
        sheet.text(row, 11, tier.cadence, "cell+wrap+middle")
        sheet.height(row, 52)
        start += tier.count
    sheet.row(last, [None] * _PRINTED, "total")
    sheet.text(last, 1, "合计", "total")
    for column, style in ((2, "integer"), (4, "integer"), (5, "wan")):
        values = (tier_value(found, column),)
        area = Area(_TOP + 1, column, last - 1, column)
        sheet.formula(last, column, f"SUM({area.absolute})", values[0], f"total+{style}+center")


def tier_value(found: Segments, column: int) -> float:
    """Return the total of a column of the tiers."""
    values = {2: [t.count for t in found.tiers], 4: [t.due for t in found.tiers]}
    return float(sum(values.get(column, [t.amount for t in found.tiers])))


def _tasks(canvas: Canvas, top: int, found: Segments, block: Block) -> None:
    section(
        canvas,
        top,
        "挽回任务",
        "流失风险客户派给各自的负责人；点数量看名单，期限写在“应联系日期”。",
    )
    headings(canvas, top + 1, ["负责人", "任务数", "", "期限", "预计金额\n（万元）"])
    canvas.sheet.merge(Area(top + 1, 2, top + 1, 3), "任务数", "heading")
    first = len(found.rows) - sum(item.tasks for item in found.win_back)
    due = found.rows["due_on"].iloc[-1] if found.win_back else None
    start = first
    for row, item in enumerate(found.win_back, top + 2):
        canvas.sheet.text(row, 1, item.owner, "label")
        mine = [Test("tier", "=", RISK), Test("owner", "=", item.owner, f"$A${row}")]
        behind = block.cells(start, item.tasks), [count(block.columns, mine)]
        canvas.sheet.merge(Area(row, 2, row, 3), "", "cell")
        linked_figure(canvas, (row, 2), item.tasks, "cell+integer+center", behind)
        canvas.sheet.put(row, 4, due, "cell")
        money = [total(block.columns, "money", mine)]
        figure(canvas, (row, 5), item.amount, "cell+wan+center", money)
        start += item.tasks
    if not found.win_back:
        canvas.sheet.text(top + 2, 1, "没有流失风险客户。", "plain")


def _spread(canvas: Canvas, top: int, spread: Spread, block: Block) -> None:
    section(canvas, top, f"按{spread.name}")
    headings(canvas, top + 1, [spread.name, *_SPREAD])
    for row, item in enumerate(spread.rows[:_MOST_ROWS], top + 2):
        canvas.sheet.text(row, 1, item.name, "label")
        _spread_row(canvas, row, item, (spread.key, block))
    if len(spread.rows) > _MOST_ROWS:
        rest = f"其余{len(spread.rows) - _MOST_ROWS}个{spread.name}客户更少，见下面的名单。"
        canvas.sheet.text(top + 2 + _MOST_ROWS, 1, rest, "muted")


def _spread_row(canvas: Canvas, row: int, item: SpreadRow, behind: tuple[str, Block]) -> None:
    key, block = behind
    mine = [Test(key, "=", item.name, f"$A${row}")]
    style = "cell+integer+center"

    def of(tier: str) -> list[Live | None]:
        return [count(block.columns, [*mine, Test("tier", "=", tier)])]

    figure(canvas, (row, 2), item.customers, style, [count(block.columns, mine)])
    running = count(block.columns, [*mine, Test("result", "=", "进行中")])
    figure(canvas, (row, 3), item.open, style, [running])
    figure(canvas, (row, 4), item.value, style, of(VALUE))
    ratio(canvas, (row, 5), (at(row, 4), at(row, 3)), item.valuable.value)
    figure(canvas, (row, 6), item.stable, style, of(STABLE))
    figure(canvas, (row, 7), item.risk, style, of(RISK))
    ratio(canvas, (row, 8), (at(row, 7), at(row, 3)), item.at_risk.value)
    interval, reason = item.valuable.interval, item.valuable.reason
    text = reason if interval is None else f"{interval[0]:.0%}～{interval[1]:.0%}"
    canvas.sheet.text(row, 9, text + (f" {reason}" if reason and interval else ""), "cell+muted")


def _chart(canvas: Canvas, place: tuple[int, int], spread: Spread, first: int) -> None:
    last = first + min(len(spread.rows), _MOST_CHARTED) - 1
    columns: Sequence[tuple[str, int]] = ((VALUE, 4), (STABLE, 6), (RISK, 7))
    series = [(name, Area(first, column, last, column)) for name, column in columns]
    names = Area(first, 1, last, 1)
    chart = stacked_chart(canvas.book, canvas.sheet.name, spread.sentence, names, series)
    row, column = place
    canvas.sheet.chart(row, column, chart, **_WIDE)


def _note_lines(found: Segments) -> list[str]:
    return [
        "一条线索算一个客户；流失的不在分层里，所以合计＝进行中＋成交。同一家公司有几条线索的，各算各的。",
        "应联系日期＝上次联系（成交客户为成交和上次联系中较晚的）加跟进间隔；约了更早的下次跟进时间的按约定。"
        "倍数、天数都在“设置”页改，阶段的建议间隔在阶段表里改。",
        "集中在哪里：逐个行业、区域、来源与其余客户比高价值占比，差别超出随机波动"
        "（单侧5%，按比较的组数收紧）才说集中；进行中太少的组不比。",
        *found.assumptions,
    ]
