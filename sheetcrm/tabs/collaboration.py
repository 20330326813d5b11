"""协作瓶颈: which department answers and delivers how fast, what is late; contracts likewise."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.collaboration import Collaboration, Department
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.contracts import STEPS, Contracts
from sheetcrm.metrics.rate import rate_text
from sheetcrm.metrics.results import Summary
from sheetcrm.tabs.charts import CHART_SIZE, column_chart, rate_chart
from sheetcrm.tabs.detail import ORIGIN, Block, Shown, write_block
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
from sheetcrm.tabs.live import Test, count
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["collaboration"]
_LOOK = Look(
    title=TITLE,
    line="各协作部门响应多快、几天完成、有多少逾期；合同的审核、审批和交付衔接要几个工作日。",
    widths=(14, 13, 13, 16, 26, 16, 14, 14, 14, 16, 14, 18),
)
_HEADINGS = (
    "协作部门",
    "需求数",
    "未完成",
    "响应中位数\n（工作小时）",
    "按时响应\n（按优先级的时限）",
    "完成中位数\n（工作日）",
    "到期的",
    "逾期的\n含超期完成",
    "逾期率\n逾期÷到期",
    "其中：\n逾期未完成",
    "其中：\n超期完成",
    "备注",
)
_FIELDS = (
    Shown("department", "协作部门"),
    Shown("priority", "优先级", "cell+center"),
    Shown("status", "状态", "cell+center"),
    Shown("request_id", "需求编号"),
    Shown("content", "需求内容", "cell+wrapped"),
    Shown("requester", "提出人"),
    Shown("requested_on", "提出时间", "cell"),
    Shown("due_on", "要求完成", "cell"),
    Shown("done_on", "完成时间", "cell"),
    Shown("response_hours", "响应\n(工作小时)", "cell+decimal+center"),
    Shown("completion_days", "完成\n(工作日)", "cell+integer+center"),
    ORIGIN,
    Shown("state", "是否完成", "cell+center"),
    Shown("late", "逾期(天)", "cell+integer+center"),
)
_CONTRACT_HEADINGS = (
    "合同环节",
    "完成份数",
    "进行中",
    "中位数\n（工作日）",
    "目标与达标",
    "平均\n（工作日）",
    "九成在几个\n工作日以内",
)
_STATES = {"open": "未完成", "done": "已完成", "rejected": "已驳回"}
_WORDS_ROW, _TABLE_TOP = 5, 7
_CHART_ROWS = 14
_MOST_CHARTED = 12


def nothing_to_show(_summary: Summary, analysis: Analysis) -> bool:
    """Say whether there are neither requests nor contracts."""
    return analysis.collaboration.rows.empty and analysis.goals.contracts.rows.empty


def collaboration_tab(
    book: Book, name: str, summary: Summary, analysis: Analysis, places: Places
) -> None:
    """Write the tab."""
    found, signed = analysis.collaboration, analysis.goals.contracts
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    words = found.sentence or "还没有协作需求。"
    canvas.sheet.merge(
        Area(_WORDS_ROW, 1, _WORDS_ROW, canvas.last_column), words, "label+wrap+middle"
    )
    canvas.sheet.height(_WORDS_ROW, 26)
    last = _TABLE_TOP + max(len(found.departments), 1) + 1
    charts = last + 2
    row = charts + (_CHART_ROWS if found.departments else 0) + 1
    row = _contracts(canvas, row, signed)
    row = notes(canvas, row, _note_lines(found)) + 2
    block = _detail(canvas, row, found, places)
    _departments(canvas, found, block)
    if found.departments:
        _charts(canvas, charts, found)
    canvas.sheet.freeze(4, 2)
    canvas.sheet.print_area(Area(1, 1, max(block.last, block.first), canvas.last_column))
    close_tab(canvas, TITLE)


def _detail(canvas: Canvas, top: int, found: Collaboration, places: Places) -> Block:
    section(canvas, top - 1, "协作需求明细", "按部门，逾期最久的在前；可以筛选。")
    rows = found.rows.assign(position=range(len(found.rows)))
    rows = rows.assign(
        department=rows["department"].fillna(UNFILLED),
        late=rows["days_late"].fillna(0),
        state=rows["state"].map(_STATES),
    )
    order = {d.name: n for n, d in enumerate(found.departments)}
    rows = rows.assign(_place=rows["department"].map(order))
    keys = ["_place", "late", "position"]
    rows = rows.sort_values(keys, ascending=[True, False, True], kind="stable")
    block = write_block(canvas, top, _FIELDS, rows, places.of_rows)
    if block.last < block.first:
        canvas.sheet.text(block.first, 1, "没有协作需求。", "plain")
        return block
    canvas.sheet.autofilter(Area(top, 1, block.last, block.width))
    return block


def _departments(canvas: Canvas, found: Collaboration, block: Block) -> None:
    headings(canvas, _TABLE_TOP, _HEADINGS)
    start = 0
    for row, item in enumerate(found.departments, _TABLE_TOP + 1):
        canvas.sheet.text(row, 1, item.name, "label")
        _department(canvas, (row, "cell"), item, (block, start))
        start += item.requests
    row = _TABLE_TOP + 1 + len(found.departments)
    canvas.sheet.row(row, [None] * len(_HEADINGS), "total")
    canvas.sheet.text(row, 1, "合计", "total")
    _department(canvas, (row, "total"), found.total, (block, 0))


def _department(
    canvas: Canvas, place: tuple[int, str], item: Department, behind: tuple[Block, int]
) -> None:
    row, base = place
    block, start = behind
    whole = f"{base}+integer+center"
    mine = [] if base == "total" else [Test("department", "=", item.name, f"$A${row}")]
    tests = mine or [Test("department", "filled")]
    waiting = Test("state", "=", _STATES["open"])
    late = Test("late", ">", 0.0)
    cells = block.cells(start, item.requests) if item.requests else ""
    every = (cells, [count(block.columns, tests)])
    linked_figure(canvas, (row, 2), item.requests, whole, every)
    open_ = (cells if item.open else "", [count(block.columns, [*tests, waiting])])
    linked_figure(canvas, (row, 3), item.open, whole, open_)
    figure(canvas, (row, 4), item.response.median, f"{base}+decimal+center")
    canvas.sheet.text(row, 5, rate_text(item.response.in_time), f"{base}+center")
    figure(canvas, (row, 6), item.completion.median, f"{base}+decimal+center")
    canvas.sheet.number(row, 7, item.overdue.denominator, whole)
    figure(canvas, (row, 10), item.late_now, whole, [count(block.columns, [*tests, waiting, late])])
    done = [*tests, Test("state", "=", _STATES["done"]), late]
    figure(canvas, (row, 11), item.done_late, whole, [count(block.columns, done)])
    both = f"{at(row, 10)}+{at(row, 11)}"
    canvas.sheet.formula(row, 8, both, float(item.overdue.numerator), whole)
    if base == "total":
        share = "" if item.overdue.value is None else item.overdue.value
        formula = f'IF({at(row, 7)}=0,"",{at(row, 8)}/{at(row, 7)})'
        canvas.sheet.formula(row, 9, formula, share, "total+percent+center")
        return
    ratio(canvas, (row, 9), (at(row, 8), at(row, 7)), item.overdue.value)
    canvas.sheet.text(row, 12, item.overdue.reason, "cell+muted")


def _contracts(canvas: Canvas, top: int, found: Contracts) -> int:
    """Write the steps of the contracts; return the row after them."""
    if found.rows.empty:
        return top
    section(canvas, top, "合同", "近90天完成的各环节；进行中的是还在等的，超过目标的算未达标。")
    headings(canvas, top + 1, _CONTRACT_HEADINGS)
    for row, (key, (name, _, _)) in enumerate(STEPS.items(), top + 2):
        step, limit = found.steps[key], found.limits[key]
        canvas.sheet.text(row, 1, name.partition("（")[0], "label")
        canvas.sheet.number(row, 2, step.done, "cell+integer+center")
        canvas.sheet.number(row, 3, step.waiting, "cell+integer+center")
        figure(canvas, (row, 4), step.median, "cell+decimal+center")
        goal = "没有定目标" if limit is None else f"≤{limit:g}个工作日：{rate_text(step.in_time)}"
        canvas.sheet.text(row, 5, goal, "cell+center")
        figure(canvas, (row, 6), step.mean, "cell+decimal+center")
        figure(canvas, (row, 7), step.slowest, "cell+decimal+center")
    return top + 3 + len(STEPS)


def _charts(canvas: Canvas, row: int, found: Collaboration) -> None:
    first = _TABLE_TOP + 1
    last = first + min(len(found.departments), _MOST_CHARTED) - 1
    names, book, name = Area(first, 1, last, 1), canvas.book, canvas.sheet.name
    late = rate_chart(book, name, "协作需求逾期率（逾期÷到期）", (names, Area(first, 9, last, 9)))
    canvas.sheet.chart(row, 1, late, **CHART_SIZE)
    if any(d.completion.median is not None for d in found.departments):
        series = [("完成中位数", Area(first, 6, last, 6))]
        title = "完成中位数（工作日）"
        chart = column_chart(book, name, title, names, series, "0.#")
        canvas.sheet.chart(row, 7, chart, **CHART_SIZE)


def _note_lines(found: Collaboration) -> list[str]:
    return [
        "响应＝提出时间到响应时间，只数上班时间；按时响应按优先级的时限（高：工作小时，中、低：工作日，"
        "在“设置”里改），没响应且截至日之前已超时的算未按时。只有日期的按整天折算。",
        "完成＝提出到实际完成的工作日数；逾期＝未完成且已过要求完成时间，或完成得比要求晚；已驳回的只计数。",
        *found.assumptions,
    ]
