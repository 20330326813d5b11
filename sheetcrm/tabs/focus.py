"""攻坚清单: this month's customers to concentrate on, by person, with the next step."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.focus import KINDS, Focus, FocusPerson
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.charts import CHART_SIZE, people_chart
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import (
    Canvas,
    Look,
    close_tab,
    figure,
    headings,
    height,
    linked_figure,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.live import Test, count, total
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["focus"]
_PROGRESS_WIDTH, _PLAN_WIDTH, _ACTION_WIDTH = 28, 22, 44
_LOOK = Look(
    title=TITLE,
    line="每月月初对着这张清单定攻坚计划：离成交最近的，和卡住最久的；月中看“本月进展”。",
    widths=(12, 18, 12, 11, 11, 13, 26, _PROGRESS_WIDTH, _PLAN_WIDTH, 12, _ACTION_WIDTH, 18, 18),
)
_PRINTED = 12
_FIELDS = (
    LEAD_FIELDS["owner"],
    Shown("kind", "为什么攻坚", "cell+center"),
    LEAD_FIELDS["stage"],
    Shown("dwell_days", "停留(天)", "cell+integer+center"),
    Shown("silent_days", "静默(天)", "cell+integer+center"),
    LEAD_FIELDS["expected_amount"],
    LEAD_FIELDS["company"],
    Shown("progress", "本月进展", "cell+wrapped"),
    Shown("planned", "上次约定的下一步", "cell+wrapped"),
    Shown("next_follow_up", "下次跟进", "cell"),
    Shown("action", "攻坚动作", "cell+wrapped"),
    ORIGIN,
    LEAD_FIELDS["lead_id"],
    LEAD_FIELDS["grade"],
)
_WORDS_ROW, _TOP = 5, 7
_CHART_ROWS = 14
_MOST_CHARTED = 12


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether nobody has a lead to concentrate on."""
    return analysis.focus.rows.empty


def focus_tab(book: Book, name: str, summary: Summary, analysis: Analysis, places: Places) -> None:
    """Write the tab."""
    found = analysis.focus
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    words = Area(_WORDS_ROW, 1, _WORDS_ROW, _PRINTED)
    canvas.sheet.merge(words, found.sentence, "label+wrap+middle")
    canvas.sheet.height(_WORDS_ROW, 26)
    charts = _TOP + len(found.people) + 3
    below = charts + (_CHART_ROWS if found.people else 0) + 1
    detail = below + 4
    block = _detail(canvas, detail, found, places)
    _people(canvas, found, block)
    if found.people:
        _chart(canvas, charts, found)
    notes(canvas, below, _note_lines(found))
    canvas.sheet.freeze(4, 2)
    canvas.sheet.page_breaks([detail - 1])
    canvas.sheet.print_area(Area(1, 1, max(block.last, block.first), _PRINTED))
    close_tab(canvas, f"{TITLE}：{summary.as_of.year}年{summary.as_of.month}月", (detail, detail))


def _detail(canvas: Canvas, top: int, found: Focus, places: Places) -> Block:
    section(canvas, top - 1, "清单", "每人先攻的在前。可以筛选。")
    rows = found.rows
    frame = lead_frame(rows).assign(position=rows.index.to_numpy())
    block = write_block(canvas, top, _FIELDS, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "没有高意向或久未推进的客户。", "plain")
        return block
    texts = zip(frame["progress"], frame["planned"], frame["action"], strict=True)
    for row, (progress, planned, action) in enumerate(texts, block.first):
        parts = ((progress, _PROGRESS_WIDTH), (planned, _PLAN_WIDTH), (action, _ACTION_WIDTH))
        canvas.sheet.height(row, height(parts))
    canvas.sheet.autofilter(Area(top, 1, block.last, block.width))
    first = Area(block.first, 2, block.last, 2)
    canvas.sheet.condition(first, f'$B{block.first}="{KINDS[0]}"', "warn")
    return block


def _people(canvas: Canvas, found: Focus, block: Block) -> None:
    texts = ["负责人", "攻坚合计", *KINDS, "预计金额\n（万元）", "各阶段的进行中线索（全部）"]
    headings(canvas, _TOP, texts)
    canvas.sheet.merge(Area(_TOP, 7, _TOP, 9), texts[-1], "heading")
    start = 0
    for row, person in enumerate([*found.people, found.total], _TOP + 1):
        is_total = person is found.total
        base = "total" if is_total else "cell"
        canvas.sheet.text(row, 1, person.name, "total" if is_total else "label")
        mine = [] if is_total else [Test("owner", "=", person.name, f"$A${row}")]
        for number, (kind, size) in enumerate(zip(KINDS, person.kinds, strict=True)):
            live = [count(block.columns, [*mine, Test("kind", "=", kind)])]
            figure(canvas, (row, 3 + number), size, f"{base}+integer+center", live)
        cells = block.cells(0 if is_total else start, person.listed) if person.listed else ""
        every = [count(block.columns, mine or [Test("kind", "filled")])]
        style = f"{base}+integer+center+bold"
        linked_figure(canvas, (row, 2), person.listed, style, (cells, every))
        money = [total(block.columns, "expected_amount", mine or [Test("kind", "filled")])]
        figure(canvas, (row, 6), person.amount, f"{base}+wan+center", money)
        canvas.sheet.merge(Area(row, 7, row, 9), _stages(found, person), base)
        start += 0 if is_total else person.listed


def _stages(found: Focus, person: FocusPerson) -> str:
    pairs = zip(found.stages, person.stages, strict=True)
    text = "，".join(f"{stage} {size}" for stage, size in pairs if size)
    return f"共{person.open}条：{text}" if text else f"共{person.open}条"


def _chart(canvas: Canvas, row: int, found: Focus) -> None:
    first = _TOP + 1
    last = first + min(len(found.people), _MOST_CHARTED) - 1
    series = [(kind, Area(first, 3 + n, last, 3 + n)) for n, kind in enumerate(KINDS)]
    top = found.people[0]
    title = f"每人要攻坚的客户：{top.name}最多（{top.listed}条）" if top.listed else "攻坚的客户"
    chart = people_chart(canvas.book, canvas.sheet.name, title, Area(first, 1, last, 1), series)
    canvas.sheet.chart(row, 1, chart, **CHART_SIZE)


def _note_lines(found: Focus) -> list[str]:
    return [
        found.definition + "（等级、阶段、天数都在“设置”页改）。",
        "本月进展＝本月1日到截止日期的跟进次数，和其间进入的阶段；上次约定的下一步取最近一条跟进记录的“下一步行动”。",
    ]
