"""仪表盘: today's figures, funnel, trend, ranking, warnings and what to do, on one printed page."""

from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.book.area import Area, quoted
from sheetcrm.book.write import Book
from sheetcrm.metrics.analysis import Analysis
from sheetcrm.metrics.performance import Performance, Result, people_of
from sheetcrm.metrics.recorded import stage_gap
from sheetcrm.metrics.results import Summary, Worklist
from sheetcrm.metrics.words import amount, anomaly_line, report_lines, sales_line, todo_lines
from sheetcrm.tabs.charts import WAN_LABELS, column_chart, compact, funnel_chart, people_chart
from sheetcrm.tabs.dashboard_data import (
    START_CELL,
    Data,
    month_tests,
    write_data,
)
from sheetcrm.tabs.frame import (
    AS_OF_ROW,
    Canvas,
    Look,
    at,
    close_tab,
    figure,
    open_tab,
    section,
)
from sheetcrm.tabs.live import Live
from sheetcrm.tabs.outcomes import by_status, counted, summed
from sheetcrm.tabs.overdue import count_cell, people_cells
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["dashboard"]
_COLUMNS, _PRINTED, _WIDTH = 14, 12, 11.6
_LINKS, _TILES, _CHARTS, _TABLES = 4, 7, 11, 23
_ROWS = 7
_CHART_POINTS = 18.0
_LAST = _TABLES + _ROWS
# What a manager looks at first, in that order.
_WARNINGS = (
    "next_follow_up_overdue",
    "never_followed_up",
    "churn_risk",
    "silent_manager",
    "in_stage_over",
    "requests_overdue",
    "service_proposal",
    "no_plan",
    "silent_owner",
)
_CHART = {"object_position": 2, "x_scale": 0.715, "y_scale": 0.9}


@dataclass(frozen=True)
class _Tile:
    """One figure: what it is, its value and style, its formula, a line below it."""

    name: str
    value: float | None
    style: str
    live: Live | None
    line: str


def dashboard_tab(
    book: Book, name: str, summary: Summary, analysis: Analysis, places: Places
) -> None:
    """Write the tab."""
    found = analysis.performance
    gap = stage_gap(analysis.data)
    title = f"{TITLE}：{gap.partition('：')[0] or _headline(found)}"
    look = Look(title, gap or sales_line(found), [_WIDTH] * _COLUMNS)
    canvas = open_tab(book, name, summary.as_of, look)
    canvas.sheet.text(AS_OF_ROW, 3, "本月起", "label+right")
    canvas.sheet.date(AS_OF_ROW, 4, found.month.start, "cell+bold")
    _links(canvas, places)
    tiles = _tiles(canvas, summary, analysis, places)
    for number, tile in enumerate(tiles):
        _tile(canvas, 1 + 2 * number, tile)
    _pace(canvas, found)
    below = _text(canvas, _LAST + 2, report_lines(summary, analysis, "day"))
    data = write_data(canvas, below + 1, summary, analysis, places)
    _charts(canvas, summary, analysis, data)
    _warnings(canvas, summary, places)
    _middle(canvas, summary, found, places, data)
    _todo(canvas, summary, analysis)
    canvas.sheet.print_area(Area(1, 1, _LAST, _PRINTED))
    close_tab(canvas, TITLE, pages_tall=1)


def _headline(found: Performance) -> str:
    total = found.total
    text = f"{found.month.start.month}月销售额{amount(total.sales)}"
    if total.completion is None or found.behind is None:
        return text
    points = round(abs(found.behind) * 100)
    pace = (
        f"{'落后' if found.behind > 0 else '领先'}进度{points}个百分点" if points else "与进度持平"
    )
    return f"{text}，完成目标{total.completion:.0%}，{pace}"


def _links(canvas: Canvas, places: Places) -> None:
    others = [name for kind, name in places.tabs.items() if kind != "dashboard"]
    each = _PRINTED if len(others) <= _PRINTED else -(-len(others) // 2)
    for number, name in enumerate(others[: 2 * _PRINTED]):
        row, column = _LINKS + number // each, 1 + number % each
        canvas.sheet.link(row, column, (name, "A1"), name, "muted+link+center")


def _tiles(
    canvas: Canvas, summary: Summary, analysis: Analysis, places: Places
) -> tuple[_Tile, ...]:
    found, trend, source = analysis.performance, analysis.trend, places.leads
    total, leads = found.total, summary.leads
    won, open_ = (by_status(source, leads, kind) for kind in ("won", "open"))
    month = month_tests(canvas, found, "won_on")
    new = trend.months[-1].new
    came = counted(source, [month_tests(canvas, found, "acquired_on")])
    goal = "没有本月目标" if total.target is None else f"目标{amount(total.target)}"
    average = "" if total.average is None else f"客单价{amount(total.average)}"
    weeks = f"本周{trend.weeks[-1].new}，上周{trend.weeks[-2].new}"
    sales = Live(f"IF({_place(1)}=0,0,{_place(1)})", total.sales)
    done = None
    if total.target:
        done = Live(f"{sales.formula}/{total.target:.15g}", total.sales / total.target)
    expected = f"预计{amount(summary.totals.open_amount)}"
    todo = sum(len(person.rows) for person in summary.overdue.people)
    late = summary.overdue.list("next_follow_up_overdue").count
    return (
        _Tile("本月销售额（万元）", total.sales, "wan", summed(source, "amount", won, month), goal),
        _Tile("目标完成率", total.completion, "whole_percent", done, _behind(found)),
        _Tile("本月成交（单）", total.deals, "integer", counted(source, won, month), average),
        _Tile("本月新增线索", new, "integer", came, weeks),
        _Tile("进行中线索", summary.population.open, "integer", counted(source, open_), expected),
        _Tile(
            "待处理线索", todo, "integer", _waiting(summary, places, todo), f"下次跟进逾期{late}条"
        ),
    )


def _place(number: int) -> str:
    return at(_TILES + 1, 2 * number - 1)


def _behind(found: Performance) -> str:
    if found.behind is None:
        return f"工作日已过{found.month.share:.0%}"
    word = "落后" if found.behind > 0 else "领先"
    return f"时间进度{found.month.share:.0%}，{word}{abs(found.behind) * 100:.0f}点"


def _waiting(summary: Summary, places: Places, todo: int) -> Live | None:
    tab = places.tabs.get("overdue")
    area = people_cells(summary.overdue)
    return Live(f"SUM({area.on(tab)})", todo) if tab and area else None


def _tile(canvas: Canvas, column: int, tile: _Tile) -> None:
    sheet = canvas.sheet
    for row, text, style in (
        (_TILES, tile.name, "tile_name+center"),
        (_TILES + 1, "", f"tile_figure+{tile.style}+center"),
        (_TILES + 2, tile.line, "tile_line+center"),
    ):
        sheet.merge(Area(row, column, row, column + 1), text, style)
    style = f"tile_figure+{tile.style}"
    figure(canvas, (_TILES + 1, column), tile.value, f"{style}+center", [tile.live])
    sheet.height(_TILES - 1, 6)
    sheet.height(_TILES, 18)
    sheet.height(_TILES + 1, 36)
    sheet.height(_TILES + 2, 17)
    sheet.height(_TILES + 3, 6)


def _pace(canvas: Canvas, found: Performance) -> None:
    """Colour the completion: red while behind the working days that are over."""
    if found.total.completion is not None:
        cell, share = _place(2), f"{found.month.share:.15g}"
        column = 3
        area = Area(_TILES + 1, column, _TILES + 1, column + 1)
        canvas.sheet.condition(area, f"${cell[0]}${cell[1:]}<{share}", "bad")
        canvas.sheet.condition(area, f"${cell[0]}${cell[1:]}>={share}", "good")


def _charts(canvas: Canvas, summary: Summary, analysis: Analysis, data: Data) -> None:
    book, name = canvas.book, canvas.sheet.name
    for row in range(_CHARTS, _TABLES - 1):
        canvas.sheet.height(row, _CHART_POINTS)
    if summary.funnel:
        first, last = data.funnel
        areas = Area(first, 1, last, 1), Area(first, 3, last, 3), Area(first, 2, last, 2)
        end = summary.funnel[-1]
        share = end.reached / summary.funnel[0].reached if summary.funnel[0].reached else 0.0
        title = f"{summary.funnel[0].reached}条线索走到“{end.stage}”{end.reached}条（{share:.1%}）"
        chart = funnel_chart(book, name, areas, title)
        canvas.sheet.chart(_CHARTS, 1, compact(chart, title), **_CHART)
    first, last = data.weeks
    series = [("新增线索", Area(first, 8, last, 8)), ("成交", Area(first, 9, last, 9))]
    title = _week_title(analysis)
    chart = column_chart(book, name, title, Area(first, 5, last, 5), series)
    canvas.sheet.chart(_CHARTS, 5, compact(chart, title), **_CHART)
    _sales_chart(canvas, analysis, data.sales)


def _week_title(analysis: Analysis) -> str:
    certain = [drop.sentence for drop in analysis.trend.drops if not drop.chance]
    return f"上周{certain[0]}" if certain else "每周新增与成交：上周没有明显下降"


def _sales_chart(canvas: Canvas, analysis: Analysis, rows: tuple[int, int]) -> None:
    book, name, found = canvas.book, canvas.sheet.name, analysis.performance
    first, last = rows
    people = people_of(found)
    names = Area(first, 11, last, 11)
    if len(people) > 1:
        series = [("销售额", Area(first, 12, last, 12))]
        if any(person.target for person in people):
            series.append(("目标", Area(first, 13, last, 13)))
        title = _people_title(people)
        chart = people_chart(book, name, title, names, series, WAN_LABELS)
    else:
        best = max(analysis.trend.months, key=lambda month: month.sales)
        title = f"每月销售额（万元）：{best.label}最高" if best.sales else "每月销售额（万元）"
        column = Area(first, 14, last, 14)
        chart = column_chart(book, name, title, names, [("销售额", column)], WAN_LABELS)
    canvas.sheet.chart(_CHARTS, 9, compact(chart, title), **_CHART)


def _people_title(people: Sequence[Result]) -> str:
    aimed = [person for person in people if person.target]
    if aimed:
        met = sum((person.completion or 0) >= 1 for person in aimed)
        return f"本月销售额（万元）：{len(aimed)}人中{met}人完成目标"
    return f"本月销售额（万元）：{people[0].name}最高" if people[0].sales else "本月销售额（万元）"


def _head(canvas: Canvas, column: int, texts: Sequence[tuple[str, int]]) -> None:
    """Write a heading row; each text comes with how many columns it spans."""
    for text, width in texts:
        area = Area(_TABLES, column, _TABLES, column + width - 1)
        if width > 1:
            canvas.sheet.merge(area, text, "heading")
        else:
            canvas.sheet.text(_TABLES, column, text, "heading")
        column += width
    canvas.sheet.height(_TABLES, 20)


def _warnings(canvas: Canvas, summary: Summary, places: Places) -> None:
    _head(canvas, 1, [("预警", 3), ("条数", 1)])
    lists = {item.key: item for item in summary.overdue.lists}
    asked = [lists[key] for key in _WARNINGS if key in lists]
    # Those with something in them first, each kind in the order of what to look at first.
    shown = sorted(asked, key=lambda item: not item.count)[:_ROWS]
    tab = places.tabs.get("overdue", "")
    first = _TABLES + 1
    for row, item in enumerate(shown, first):
        canvas.sheet.merge(Area(row, 1, row, 3), item.name, "cell")
        _warning(canvas, row, item, tab, count_cell(summary.overdue, item.key))
        canvas.sheet.height(row, 19)
    canvas.sheet.condition(Area(first, 4, first + len(shown) - 1, 4), f"$D{first}>0", "warn")


def _warning(canvas: Canvas, row: int, item: Worklist, tab: str, cell: str) -> None:
    style = "cell+integer+center+bold"
    if tab:
        canvas.sheet.link(row, 4, (tab, cell.replace("$", "")), str(item.count), style)
        live = Live(f"{quoted(tab)}!{cell}", item.count)
        figure(canvas, (row, 4), item.count, f"{style}+link", [live])
    else:
        figure(canvas, (row, 4), item.count, style)


def _middle(
    canvas: Canvas, summary: Summary, found: Performance, places: Places, data: Data
) -> None:
    people = people_of(found)
    if len(people) > 1:
        _ranking(canvas, summary, found, data)
        return
    _head(canvas, 5, [("先联系的客户", 2), ("为什么", 2)])
    rows = [person.rows for person in summary.overdue.people if len(person.rows)]
    first = _TABLES + 1
    listed = rows[0].head(_ROWS) if rows else summary.leads[:0].assign(reasons="")
    positions = summary.leads.index.get_indexer(listed.index).tolist()
    told = listed[["file", "sheet", "row", "company", "reasons"]].to_dict("records")
    records = zip(positions, told, strict=True)
    for row, (position, lead) in enumerate(records, first):
        target = places.lead(position, {str(key): value for key, value in lead.items()})
        canvas.sheet.merge(Area(row, 5, row, 6), str(lead["company"]), "cell")
        if target is not None and not target.file:
            where = (target.sheet, target.cell)
            canvas.sheet.link(row, 5, where, str(lead["company"]), "cell+link")
        canvas.sheet.merge(Area(row, 7, row, 8), str(lead["reasons"]), "cell+muted")
    if not len(listed):
        canvas.sheet.merge(Area(first, 5, first, 8), "没有需要处理的线索", "cell")


def _ranking(canvas: Canvas, summary: Summary, found: Performance, data: Data) -> None:
    _head(canvas, 5, [("本月排名", 1), ("销售额(万元)", 1), ("目标完成率", 1), ("待处理", 1)])
    todo = {person.owner: len(person.rows) for person in summary.overdue.people}
    for number, person in enumerate(people_of(found)[: _ROWS - 1]):
        row, source = _TABLES + 1 + number, data.sales[0] + number
        canvas.sheet.text(row, 5, f"{person.rank}. {person.name}", "label")
        sold = [Live(at(source, 12), person.sales)]
        figure(canvas, (row, 6), person.sales, "cell+wan+center", sold)
        done = None
        if person.target:
            done = Live(f"{at(row, 6)}/{at(source, 13)}", person.sales / person.target)
        figure(canvas, (row, 7), person.completion, "cell+whole_percent+center", [done])
        canvas.sheet.number(row, 8, todo.get(person.name, 0), "cell+integer+center")
    total = found.total
    canvas.sheet.text(_LAST, 5, "全队", "total")
    figure(canvas, (_LAST, 6), total.sales, "total+wan+center", [Live(_place(1), total.sales)])
    done = Live(_place(2), total.completion) if total.completion is not None else None
    figure(canvas, (_LAST, 7), total.completion, "total+whole_percent+center", [done])
    waiting = float(sum(todo.values()))
    figure(canvas, (_LAST, 8), waiting, "total+integer+center", [Live(_place(6), waiting)])


def _todo(canvas: Canvas, summary: Summary, analysis: Analysis) -> None:
    _head(canvas, 9, [("要做的事", 4)])
    lines = todo_lines(summary, analysis, 5) or ["没有紧急的事。"]
    texts = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
    texts.append(anomaly_line(analysis.trend))
    area = Area(_TABLES + 1, 9, _LAST, _PRINTED)
    canvas.sheet.merge(area, "\n".join(text for text in texts if text), "cell+wrap")


def _text(canvas: Canvas, row: int, lines: Sequence[str]) -> int:
    """Write the daily report below the page, to be copied; return the row after it."""
    section(canvas, row, "日报", "选中下面几行复制，就能发到群里；命令行用 summarise --text。")
    for number, line in enumerate(lines, row + 1):
        canvas.sheet.text(number, 1, line, "plain")
    return row + 1 + len(lines)


__all__ = ["START_CELL", "TITLE", "dashboard_tab"]
