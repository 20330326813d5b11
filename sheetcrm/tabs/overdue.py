"""逾期预警: what needs somebody today, counted, by person, and listed by what to do first."""

from collections.abc import Mapping, Sequence
from datetime import date

from sheetcrm.book.area import Area, cell_name
from sheetcrm.book.write import Book
from sheetcrm.book.write_formula import serial
from sheetcrm.metrics.results import Overdue, PersonList, Summary, Worklist
from sheetcrm.tabs.charts import CHART_SIZE, people_chart
from sheetcrm.tabs.detail import Block
from sheetcrm.tabs.frame import (
    ROW_POINTS,
    Canvas,
    Look,
    close_tab,
    figure,
    headings,
    linked_figure,
    notes,
    open_tab,
    section,
)
from sheetcrm.tabs.live import Live, Test, count
from sheetcrm.tabs.overdue_lists import (
    LOW_VALUE,
    NEVER,
    NO_PLAN,
    OPEN_REQUEST,
    lead_list,
    request_list,
    service_list,
)
from sheetcrm.tabs.source import Places
from sheetcrm.tabs.titles import TITLES

TITLE = TITLES["overdue"]
_LOOK = Look(
    title=TITLE,
    line="进行中线索的三个时钟（账龄、停留、静默）、协作需求和服务时限：谁、哪一条、今天先做什么。"
    "改截止日期会重算天数和数量；名单在下次运行时更新。",
    widths=(12, 26, 13, 8, 8, 8, 12, 14, 11, 11, 24, 44, 18, 12, 12, 12, 18, 9),
    editable_date=True,
)
_PRINTED = 13
_ACTION = 12
_TABLE_TOP = 5
_MANAGER = frozenset({"churn_risk", "silent_manager", "next_follow_up_overdue"})
_SEVERE = frozenset({*_MANAGER, "never_followed_up", "requests_overdue", "service_proposal"})
_FOR_REFERENCE = frozenset({"requests_open", "low_value", "service_entry"})
# The lists of the table by person, in the order of its columns C to I.
_BY_PERSON = (
    "next_follow_up_overdue",
    "never_followed_up",
    "churn_risk",
    "silent_manager",
    "silent_owner",
    "no_plan",
    "in_stage_over",
)
_CHARTED = (("next_follow_up_overdue", 3), ("churn_risk", 5), ("in_stage_over", 9))
_MOST_CHARTED = 12
_CHART_ROWS = 14
_PERSON_POINTS = 34.0
# What surely fits on a printed page at the tab's scale, in points of its own rows.
_PAGE_POINTS = 640.0


def overdue_tab(book: Book, name: str, summary: Summary, places: Places) -> None:
    """Write the tab."""
    canvas = open_tab(book, name, summary.as_of, _LOOK)
    overdue = summary.overdue
    person_top = _person_top(overdue)
    chart_top = person_top + max(len(overdue.people), 1) + 3
    request_top = chart_top + (_CHART_ROWS if overdue.people else 0) + 1
    requests = request_list(canvas, request_top, summary, places)
    services = service_list(canvas, requests.last + 3, summary, places)
    lead_top = services.last + 3
    leads = lead_list(canvas, lead_top, summary, places)
    blocks = {"lead": leads, "requests": requests, "service": services}
    conditions = _Conditions(canvas, overdue.lists, blocks, summary.as_of)
    _lists(canvas, overdue.lists, conditions)
    _people(canvas, person_top, overdue.people, conditions)
    if overdue.people:
        _chart(canvas, chart_top, person_top, overdue)
    notes(canvas, chart_top - 1, _note_lines(summary))
    _colours(canvas, leads, conditions)
    canvas.sheet.autofilter(Area(leads.first - 1, 1, max(leads.first - 1, leads.last), leads.width))
    canvas.sheet.freeze(4, 3)
    canvas.sheet.print_area(Area(1, 1, max(leads.last, leads.first), _PRINTED))
    canvas.sheet.page_breaks(_breaks(overdue, chart_top, lead_top))
    close_tab(canvas, TITLE, repeat=(leads.first - 1, leads.first - 1))


def count_cell(overdue: Overdue, key: str) -> str:
    """Return the absolute cell of a list's number on the tab."""
    keys = [item.key for item in overdue.lists]
    return cell_name(_TABLE_TOP + 1 + keys.index(key), 3, absolute=True)


def people_cells(overdue: Overdue, key: str = "") -> Area | None:
    """Return the cells of one list's numbers by person, of all 待处理线索 without a key.

    None where nobody is listed, or the table has no column for the list.
    """
    column = 3 + _BY_PERSON.index(key) if key in _BY_PERSON else 2
    if not overdue.people or (key and key not in _BY_PERSON):
        return None
    first = _person_top(overdue) + 1
    return Area(first, column, first + len(overdue.people) - 1, column)


def _person_top(overdue: Overdue) -> int:
    return _TABLE_TOP + len(overdue.lists) + 3


def _breaks(overdue: Overdue, chart_top: int, lead_top: int) -> list[int]:
    """Return the rows a page starts with: the leads', and the chart's where it would be cut."""
    people = len(overdue.people)
    plain = chart_top + _CHART_ROWS - people
    cut = plain * ROW_POINTS + people * _PERSON_POINTS > _PAGE_POINTS
    return [chart_top, lead_top] if people and cut else [lead_top]


class _Conditions:
    """The conditions of every list, on the blocks of the tab."""

    def __init__(
        self,
        canvas: Canvas,
        lists: Sequence[Worklist],
        blocks: Mapping[str, Block],
        day: date,
    ) -> None:
        self.blocks, self.leads = blocks, blocks["lead"]
        self.rows = {item.key: _TABLE_TOP + 1 + i for i, item in enumerate(lists)}
        limits = {item.key: item.threshold for item in lists}
        as_of = serial(day)

        def over(key: str, days: str) -> list[Test]:
            limit = limits.get(key)
            return [Test(days, ">", limit, f"$D${self.rows[key]}")] if limit is not None else []

        late = Test("late", ">", 0.0)
        waiting = Test("state", "=", OPEN_REQUEST)
        self._tests: dict[str, list[Test]] = {
            "silent_owner": over("silent_owner", "silent_days"),
            "silent_manager": over("silent_manager", "silent_days"),
            "churn_risk": over("churn_risk", "silent_days"),
            "in_stage_over": over("in_stage_over", "dwell_days"),
            "stalled": over("stalled", "dwell_days"),
            "next_follow_up_overdue": [Test("next", "<", as_of, canvas.as_of_cell)],
            "no_plan": [Test("next", "=", NO_PLAN)],
            "never_followed_up": [Test("last", "=", NEVER)],
            "low_value": [Test("value", "=", LOW_VALUE)],
            "requests_open": [waiting],
            "requests_overdue": [waiting, late],
            "requests_done_late": [Test("state", "=", "已完成"), late],
            **{
                item.key: [Test("level", "=", item.name, f"$B${self.rows[item.key]}")]
                for item in lists
                if item.key.startswith("service")
            },
        }

    def count(self, key: str, also: Sequence[Test] = ()) -> Live | None:
        """Count a list's rows on the tab."""
        tests = self._tests.get(key)
        return count(self._block(key).columns, [*also, *tests]) if tests else None

    def count_all(self, block: str, tests: Sequence[Test]) -> Live | None:
        """Count the rows of a whole block."""
        return count(self.blocks[block].columns, tests)

    def cells(self, key: str) -> str:
        """Return the range of the list the rows are in."""
        return self._block(key).cells()

    def _block(self, key: str) -> Block:
        return self.blocks.get(key.partition("_")[0], self.leads)


def _lists(canvas: Canvas, lists: Sequence[Worklist], conditions: _Conditions) -> None:
    sheet = canvas.sheet
    headings(canvas, _TABLE_TOP, ["级别", "预警项目", "数量", "超过(天)", "口径"])
    sheet.merge(Area(_TABLE_TOP, 5, _TABLE_TOP, _ACTION), "口径", "heading")
    for item in lists:
        row = conditions.rows[item.key]
        sheet.text(row, 1, _level(item), "cell+center")
        sheet.text(row, 2, item.name, "label")
        behind = conditions.cells(item.key), [conditions.count(item.key)]
        linked_figure(canvas, (row, 3), item.count, "cell+integer+center+bold", behind)
        if item.threshold is None:
            sheet.text(row, 4, "—", "cell+center")
        else:
            sheet.number(row, 4, item.threshold, "cell+integer+center")
        sheet.merge(Area(row, 5, row, _ACTION), item.definition, "cell")
    if lists:
        area = Area(_TABLE_TOP + 1, 1, _TABLE_TOP + len(lists), 3)
        first = _TABLE_TOP + 1
        sheet.condition(area, f'AND($A{first}="严重",$C{first}>0)', "bad")
        sheet.condition(area, f'AND($A{first}="提醒",$C{first}>0)', "warn")


def _level(item: Worklist) -> str:
    if item.key in _SEVERE:
        return "严重"
    return "参考" if item.key in _FOR_REFERENCE else "提醒"


def _people(
    canvas: Canvas, top: int, people: Sequence[PersonList], conditions: _Conditions
) -> None:
    section(canvas, top - 1, "按负责人", "数字来自下方名单，与名单逐条相等。")
    names = (
        "逾期",
        "从未跟进",
        "流失\n风险",
        "静默提\n醒经理",
        "静默提\n醒本人",
        "没有计划",
        "停留超期",
    )
    requests = "协作需求\n逾期/未完"
    texts = ["负责人", "待处理线索", *names, requests, "服务时限超期", "先做什么"]
    headings(canvas, top, texts)
    sheet = canvas.sheet
    for row, person in enumerate(people, top + 1):
        sheet.text(row, 1, person.owner, "label")
        mine = Test("owner", "=", person.owner, f"$A${row}")
        marked = count(conditions.leads.columns, [mine, Test("reasons", "filled")])
        behind = conditions.cells("no_plan"), [marked]
        linked_figure(canvas, (row, 2), len(person.rows), "cell+integer+center+bold", behind)
        for column, key in enumerate(_BY_PERSON, 3):
            live = conditions.count(key, [mine])
            figure(canvas, (row, column), person.counts.get(key, 0), "cell+integer+center", [live])
        late, waiting = (person.counts.get(k, 0) for k in ("requests_overdue", "requests_open"))
        sheet.text(row, 10, f"{late} ／ {waiting}", "cell+center")
        promised = conditions.cells("service_entry"), [conditions.count_all("service", [mine])]
        style = "cell+integer+center"
        linked_figure(canvas, (row, 11), len(person.services), style, promised)
        sheet.text(row, _ACTION, first_step(person), "cell+wrap+middle")
        sheet.height(row, _PERSON_POINTS)
    if people:
        sheet.data_bar(Area(top + 1, 2, top + len(people), 2), "#F4B183")
    else:
        sheet.text(top + 1, 1, "没有进行中的线索和协作需求。", "plain")


def first_step(person: PersonList) -> str:
    """Say what the person should do first."""
    if len(person.rows):
        lead = person.rows.iloc[0]
        return f"{lead['company']}：{lead['action']}"
    if len(person.services):
        first = person.services.iloc[0]
        who = first["company"] if isinstance(first["company"], str) else first["level"]
        return f"{who}：{first['action']}"
    if len(person.requests):
        return str(person.requests.iloc[0]["action"])
    return "没有需要处理的线索"


def _chart(canvas: Canvas, row: int, person_top: int, overdue: Overdue) -> None:
    people = overdue.people[:_MOST_CHARTED]
    first, last = person_top + 1, person_top + len(people)
    names = {item.key: item.name for item in overdue.lists}
    series = [(names[key], Area(first, column, last, column)) for key, column in _CHARTED]
    chart = people_chart(
        canvas.book, canvas.sheet.name, "各负责人的预警数量", Area(first, 1, last, 1), series
    )
    canvas.sheet.chart(row, 1, chart, **{**CHART_SIZE, "x_scale": 1.9})


def _note_lines(summary: Summary) -> list[str]:
    return [
        f"截至 {summary.as_of:%Y-%m-%d}，进行中线索 {summary.population.open} 条；"
        "天数为自然日，超过（不含等于）才提醒；下次跟进当天到期不算逾期。"
    ]


def _colours(canvas: Canvas, leads: Block, conditions: _Conditions) -> None:
    if leads.last < leads.first:
        return
    first, last, sheet = leads.first, leads.last, canvas.sheet
    rows = conditions.rows
    for column, letter, key, style in (
        (4, "D", "churn_risk", "bad"),
        (4, "D", "silent_owner", "warn"),
        (5, "E", "in_stage_over", "warn"),
    ):
        if key in rows:
            test = f"AND(ISNUMBER(${letter}{first}),${letter}{first}>$D${rows[key]})"
            sheet.condition(Area(first, column, last, column), test, style, stop=True)
    late = f"AND(ISNUMBER($G{first}),$G{first}<{canvas.as_of_cell})"
    sheet.condition(Area(first, 7, last, 7), late, "bad")
    sheet.condition(Area(first, 7, last, 7), f'$G{first}="{NO_PLAN}"', "warn")
