"""抽检: this week's rows to verify by hand, with cells to fill in that the next run keeps."""

from collections.abc import Mapping

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_validation import Hint, Validation
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.sampling import RESULTS, TRUE, Sampling
from sheetcrm.tabs.detail import ORIGIN, Block, Shown, write_block
from sheetcrm.tabs.frame import (
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
)
from sheetcrm.tabs.live import Test, count
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["sampling"]
_FACTS_WIDTH, _NOTE_WIDTH = 56, 30
_LOOK = Look(
    title=TITLE,
    line="每周随机抽几行，由主管向客户、合同或附件核对。黄色的格子填核对结果和备注，下次运行会保留；其余内容不要改。",
    widths=(12, 13, 11, 12, 12, 26, _FACTS_WIDTH, _NOTE_WIDTH, 18, 34),
)
# By field of metrics.kept.Checked, the heading it stands under; the tab is read back by these.
HEADINGS: Mapping[str, str] = {
    "owner": "负责人",
    "table": "哪张表",
    "week": "周",
    "company": "客户名称",
    "facts": "要核对的内容",
    "result": "核对结果",
    "note": "核对备注",
    "mark": "行标识",
}
_FIELDS = (
    Shown("owner", HEADINGS["owner"]),
    Shown("number", "第几行", "cell+integer+center"),
    Shown("table", HEADINGS["table"], "cell+center"),
    Shown("week", HEADINGS["week"], "cell+center"),
    Shown("result", HEADINGS["result"], "input+center"),
    Shown("company", HEADINGS["company"]),
    Shown("facts", HEADINGS["facts"], "cell+wrapped"),
    Shown("note", HEADINGS["note"], "input+wrapped"),
    ORIGIN,
    Shown("mark", HEADINGS["mark"], "cell+muted"),
)
_RESULT_COLUMN, _NOTE_COLUMN = 5, 8
_TOP = 7


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether there is no row of anybody to draw."""
    return analysis.sampling.rows.empty


def sampling_tab(
    book: Book, name: str, summary: Summary, analysis: Analysis, places: Places
) -> None:
    """Write the tab."""
    found = analysis.sampling
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    canvas.sheet.merge(Area(5, 1, 5, 8), _sentence(found), "label+wrap+middle")
    canvas.sheet.height(5, 26)
    legend = _TOP + len(found.people) + 3
    below = legend + len(RESULTS) + 2
    detail = below + 3
    block = _detail(canvas, detail, found, places)
    _people(canvas, found, block)
    _legend(canvas, legend, block)
    notes(canvas, below, _note_lines(found))
    last = _earlier(canvas, block.last + 3, found)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, max(block.last, last), 9))
    close_tab(canvas, f"{TITLE}（{found.week}）", repeat=(detail, detail))


def _sentence(found: Sampling) -> str:
    checked = sum(p.checked for p in found.people)
    wrong = sum(p.checked - p.results[TRUE] for p in found.people)
    text = f"{found.week}周：每人抽{found.wanted}行，共{len(found.rows)}行"
    if not checked:
        return text + "，还没有核对。"
    return f"{text}，已核对{checked}行，其中{wrong}行有误或查不到。"


def _detail(canvas: Canvas, top: int, found: Sampling, places: Places) -> Block:
    section(canvas, top - 1, "本周抽检", "点“原表位置”看原行；填黄色的两列。")
    rows = found.rows
    frame = rows.assign(
        number=rows.groupby("owner", sort=False).cumcount() + 1,
        result=rows["result"].where(rows["result"] != ""),
        note=rows["note"].where(rows["note"] != ""),
    )
    block = write_block(canvas, top, _FIELDS, frame, places.of_rows)
    for row, (facts, note) in enumerate(
        zip(frame["facts"], frame["note"], strict=True), block.first
    ):
        canvas.sheet.height(row, height(((facts, _FACTS_WIDTH), (note, _NOTE_WIDTH))))
    if block.last >= block.first:
        canvas.sheet.autofilter(Area(top, 1, block.last, block.width))
    return block


def _people(canvas: Canvas, found: Sampling, block: Block) -> None:
    texts = ["负责人", "抽检", *RESULTS, "本周准确率\n属实÷已核对", "以前几周的准确率"]
    headings(canvas, _TOP, texts)
    start = 0
    for row, person in enumerate(found.people, _TOP + 1):
        canvas.sheet.text(row, 1, person.name, "label")
        mine = [Test("owner", "=", person.name, f"$A${row}")]
        cells = block.cells(start, person.drawn)
        behind = cells, [count(block.columns, mine)]
        linked_figure(canvas, (row, 2), person.drawn, "cell+integer+center", behind)
        for column, (result, size) in enumerate(person.results.items(), 3):
            live = [count(block.columns, [*mine, Test("result", "=", result)])]
            figure(canvas, (row, column), size, "cell+integer+center", live)
        checked = f"SUM({at(row, 3)}:{at(row, 5)})"
        ratio(canvas, (row, 6), (at(row, 3), checked), person.accuracy.value)
        before = person.before
        share = "—" if before.value is None else f"{before.value:.0%}"
        told = f"{share}（{before.numerator}/{before.denominator}）"
        canvas.sheet.text(row, 7, told if before.denominator else "—", "cell")
        start += person.drawn


def _legend(canvas: Canvas, top: int, block: Block) -> None:
    """Write what may be filled in; the drop-down takes it from here."""
    section(canvas, top, "核对结果怎么填")
    for row, (result, meaning) in enumerate(RESULTS.items(), top + 1):
        canvas.sheet.text(row, 1, result, "label")
        canvas.sheet.merge(Area(row, 2, row, 5), meaning, "cell")
    if block.last < block.first:
        return
    choices = Area(top + 1, 1, top + len(RESULTS), 1).absolute
    hint = Hint("核对结果", "从下拉列表里选", "不在列表里", "请选属实、有误或查不到。")
    cells = Area(block.first, _RESULT_COLUMN, block.last, _RESULT_COLUMN)
    canvas.sheet.validate(cells, Validation("list", hint, formula=choices))
    canvas.sheet.fill_in(cells)
    canvas.sheet.fill_in(Area(block.first, _NOTE_COLUMN, block.last, _NOTE_COLUMN))


def _earlier(canvas: Canvas, top: int, found: Sampling) -> int:
    """Write what was verified in the weeks before; return its last row."""
    if not found.earlier:
        return 0
    section(
        canvas,
        top - 1,
        "以前的核对",
        "最近的在前，保留26周；那一行已经不在表里的，填过的也留在这里。",
    )
    headings(canvas, top, [s.heading for s in _FIELDS])
    for row, each in enumerate(found.earlier, top + 1):
        fields = {**vars(each), "number": None, "origin": None}
        for column, field in enumerate(_FIELDS, 1):
            style = "cell+wrapped" if field.key in ("facts", "note") else "cell"
            canvas.sheet.put(row, column, fields[field.key], style)
        texts = ((each.facts, _FACTS_WIDTH), (each.note, _NOTE_WIDTH))
        canvas.sheet.height(row, height(texts))
    return top + len(found.earlier)


def _note_lines(found: Sampling) -> list[str]:
    return [
        "抽签按周和行的编号定，同一周再运行抽到的还是这些行，已填的保留；到了下一周换新的一批，核对过的移到“以前的核对”。"
        f"每人{found.wanted}行在“设置”页改：约四成抽近28天的跟进记录，其余抽线索。",
    ]
