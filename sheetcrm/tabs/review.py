"""复盘: what customers want and object to, why deals are won or lost, what helps."""

from collections.abc import Callable

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.mentions import MOST_TALKS
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.review import Review
from sheetcrm.metrics.terms import MOST_TEXTS
from sheetcrm.tabs import review_deals, review_words
from sheetcrm.tabs.charts import CHART_SIZE, people_chart
from sheetcrm.tabs.detail import LEAD_FIELDS, ORIGIN, Block, Shown, lead_frame, write_block
from sheetcrm.tabs.frame import Canvas, Look, close_tab, notes, open_tab, section
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["review"]
_LOOK = Look(
    title=TITLE,
    line="复盘会用：客户常提的需求和异议，为什么流失，成交的有什么共同点，碰到哪些竞品，哪些话术之后有推进。",
    widths=(19, 14, 13, 13, 13, 16, 15, 14, 44, 20, 14, 16, 12, 12),
)
_PRINTED = review_words.LINK_COLUMN
_CLOSED = (
    LEAD_FIELDS["company"],
    Shown("result", "结果", "cell+center"),
    Shown("talks", "跟进次数", "cell+integer+center"),
    Shown("response_days", "首次响应\n(天)", "cell+integer+center"),
    LEAD_FIELDS["cycle_days"],
    LEAD_FIELDS["lost_reason"],
    LEAD_FIELDS["source"],
    LEAD_FIELDS["industry"],
    ORIGIN,
    LEAD_FIELDS["region"],
    LEAD_FIELDS["product"],
    LEAD_FIELDS["grade"],
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["lead_id"],
)
_RIVALS = (
    LEAD_FIELDS["company"],
    Shown("rival", "竞争对手"),
    Shown("result", "结果", "cell+center"),
    LEAD_FIELDS["owner"],
    LEAD_FIELDS["stage"],
    LEAD_FIELDS["lost_reason"],
    LEAD_FIELDS["expected_amount"],
    LEAD_FIELDS["lead_id"],
    ORIGIN,
)
_CHART_ROWS = 16
_CHARTS, _FIRST = 8, 8 + _CHART_ROWS
_MOST_BARS = 8
_WIDE = {**CHART_SIZE, "x_scale": 1.3, "y_scale": 1.2}


def nothing_to_show(summary: Summary, analysis: Analysis) -> bool:
    """Say whether nothing has been closed and nobody has written a follow-up."""
    log = analysis.data.frames["follow_up"]
    return log.empty and summary.population.won + summary.population.lost == 0


def review_tab(book: Book, name: str, summary: Summary, analysis: Analysis, places: Places) -> None:
    """Write the tab."""
    found = analysis.review
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    for row, text in ((5, found.deals.sentence), (6, found.answers.best.sentence)):
        canvas.sheet.merge(Area(row, 1, row, _PRINTED), text, "label+wrap+middle")
        canvas.sheet.height(row, 34)
    sizes = _sizes(found, summary)
    tops = [_FIRST + sum(sizes[:n]) for n in range(len(sizes) + 1)]
    lines = _note_lines(found)
    closed_top = tops[-1] + len(lines) + 3
    closed = _closed(canvas, closed_top, found, places)
    met = _met(canvas, max(closed.last, closed.first) + 4, found, places)
    for top, write in zip(
        tops, _writers(canvas, summary, found, (closed, met, places)), strict=False
    ):
        write(top)
    _charts(canvas, found, summary, tops)
    notes(canvas, tops[-1], lines)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.page_breaks([tops[1], tops[4], tops[6]])
    canvas.sheet.print_area(Area(1, 1, tops[-1] + len(lines), _PRINTED))
    close_tab(canvas, TITLE)


def _sizes(found: Review, summary: Summary) -> list[int]:
    """Return how many rows each part takes, with the gap below it."""
    said, done, met, helped = found.mentions, found.deals, found.rivals, found.answers
    return [
        review_words.terms_rows(said.needs) + 2,
        len(said.objections) + 4,
        review_words.terms_rows(said.doubt_terms) + 2,
        len(summary.reasons.items) + 4,
        len(done.traits) + 3,
        len(done.measures) + 3,
        len(done.nodes) + 3,
        len(met.items) + 4,
        max(len(helped.answers), 1) + 3,
        max(len(helped.tags), 1) + 3,
        len(helped.best.examples) + 4,
    ]


def _writers(
    canvas: Canvas, summary: Summary, found: Review, behind: tuple[Block, Block, Places]
) -> list[Callable[[int], None]]:
    """Return what writes each part, in the order of `_sizes`, given its row."""
    closed, met, places = behind
    said, done, helped = found.mentions, found.deals, found.answers
    return [
        lambda top: review_words.needs_table(canvas, top, said, places),
        lambda top: review_words.objections_table(canvas, top, said, places),
        lambda top: review_words.doubts_table(canvas, top, said, places),
        lambda top: review_deals.reasons_table(canvas, top, summary, closed),
        lambda top: review_deals.traits_table(canvas, top, done, closed),
        lambda top: review_deals.measures_table(canvas, top, done),
        lambda top: review_deals.nodes_table(canvas, top, done),
        lambda top: review_deals.rivals_table(canvas, top, found.rivals, met),
        lambda top: review_words.answers_table(canvas, top, helped, said, places),
        lambda top: review_words.tags_table(canvas, top, helped),
        lambda top: review_words.best_table(canvas, top, helped, places),
    ]


def _closed(canvas: Canvas, top: int, found: Review, places: Places) -> Block:
    section(
        canvas,
        top - 1,
        "已结束的线索",
        "成交的在前；上面的成交、流失、流失原因都从这里数。可以筛选。",
    )
    rows = found.deals.closed
    frame = lead_frame(rows).assign(position=rows.index.to_numpy())
    block = write_block(canvas, top, _CLOSED, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "还没有成交或流失的线索。", "plain")
        return block
    canvas.sheet.autofilter(Area(top, 1, block.last, block.width))
    return block


def _met(canvas: Canvas, top: int, found: Review, places: Places) -> Block:
    section(canvas, top - 1, "有竞品的线索", "一条线索有几家竞品就列几行。")
    rows = found.rivals.rows
    frame = lead_frame(rows).assign(position=rows.index.to_numpy())
    block = write_block(canvas, top, _RIVALS, frame, places.of_leads)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "没有写竞争对手的线索。", "plain")
    return block


def _charts(canvas: Canvas, found: Review, summary: Summary, tops: list[int]) -> None:
    book, name = canvas.book, canvas.sheet.name
    needs = found.mentions.needs.items[:_MOST_BARS]
    if needs:
        words, numbers = review_words.term_areas(tops[0], needs)
        title = f"常见需求：{needs[0].text}最多（{needs[0].leads}条线索）"
        chart = people_chart(book, name, title, words, [("线索数", numbers)])
        canvas.sheet.chart(_CHARTS, 1, chart, **_WIDE)
    reasons = summary.reasons.items[:_MOST_BARS]
    if reasons:
        first, last = tops[3] + 2, tops[3] + 1 + len(reasons)
        title = f"流失原因：{reasons[0].reason}占{reasons[0].share or 0:.0%}"
        series = [("线索数", Area(first, 2, last, 2))]
        chart = people_chart(book, name, title, Area(first, 1, last, 1), series)
        canvas.sheet.chart(_CHARTS, 7, chart, **_WIDE)


def _note_lines(found: Review) -> list[str]:
    said = found.mentions
    lines = [
        "词由分词程序切出，“设置”里各个列表的选项和产品名不会被切开；人名、来源、行业等名称和口头语不算。"
        "一条线索无论提到几次只算一次。",
        f"有需求、跟进文字的线索共{said.population}条。异议从文字里认的可能认错，以填了“异议类型”的为准。",
        "等级会随进展改动，成交的多半已升到高等级，所以等级的差别不当作成交的原因。",
    ]
    left = max(said.needs.left, said.doubt_terms.left)
    if said.unread:
        lines.append(
            f"跟进记录太多，文字只读了最近的{MOST_TALKS}条，较早的{said.unread}条没有读；异议类型这一列全都计入。"
        )
    if left:
        lines.append(f"不同的文字太多，只切了最近的{MOST_TEXTS}段，较早的{left}段没有计入常见词。")
    return lines
