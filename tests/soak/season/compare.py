"""What the workbooks and the JSON of a run say, held against the model, cell by cell."""

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sheetcrm.workflows.weekly import TeamResult
from tests.soak.season.figures import (
    WON,
    Fact,
    cohort,
    exits,
    figures,
    share,
    step_days,
    total,
    weeks,
)
from tests.soak.season.model import LOST, ORDER, Book, Line
from tests.soak.season.sheets import Grid, Value, read_tabs, table

Names = Mapping[str, str]  # what the manager calls the stages now
OUTCOMES = {"open": "进行中", "won": "成交", "lost": "流失"}


def differences(left: Any, right: Any, where: str = "") -> list[str]:
    """Return where two values of JSON are not the same; `left` is the model's."""
    if isinstance(left, Mapping) and isinstance(right, Mapping):
        keys = dict.fromkeys((*left, *right))
        parts = (differences(left.get(k, "—"), right.get(k, "—"), f"{where}.{k}") for k in keys)
        return [text for part in parts for text in part]
    if isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
        pairs = enumerate(zip(left, right, strict=True))
        return [text for n, pair in pairs for text in differences(*pair, f"{where}[{n}]")]
    return [] if same(left, right) else [f"{where}: {left!r} != {right!r}"]


def same(left: object, right: object) -> bool:
    if isinstance(left, int | float) and isinstance(right, int | float):
        return math.isclose(left, right, rel_tol=1e-9, abs_tol=1e-6)
    return left == right


def figures_differ(
    books: Sequence[Book], result: TeamResult, as_of: date, names: Names
) -> Iterator[str]:
    """Compare the JSON of the team and of every workbook."""
    assert result.summary is not None
    wanted, _ = figures(books, as_of)
    yield from differences(_called(wanted, names), result.summary.as_json(), "team")
    for book, done in zip(books, result.files, strict=True):
        assert done.summary is not None, done.findings
        mine, told = figures([book], as_of)[0], done.summary.as_json()
        if book.kind == "new":
            mine = _called(mine, names)
        elif len(told["funnel"]) < len(ORDER):
            told["funnel"] = mine["funnel"]  # fewer stages as yet than the team has
        yield from differences(mine, told, book.owner)


def _called(wanted: dict[str, Any], names: Names) -> dict[str, Any]:
    rows = [{**r, "stage": names.get(r["stage"], r["stage"])} for r in wanted["funnel"]]
    return {**wanted, "funnel": rows}


def log_differs(tab: Grid, before: Sequence[Line], added: Sequence[Line]) -> Iterator[str]:
    """Compare the lines of 阶段日志: the old ones as they were, the new ones as they should be."""
    _, _, rows = table(tab, "日期")
    told = [tuple(_blank(cell) for cell in row[:10]) for row in rows]
    old, new = Counter(map(_cells, before)), Counter(map(_cells, added))
    for what, found, meant in (
        ("old", Counter(told[: len(before)]), old),
        ("new", Counter(told[len(before) :]), new),
    ):
        yield from (f"log {what}: more {line}" for line in (found - meant))
        yield from (f"log {what}: lacks {line}" for line in (meant - found))


def _cells(line: Line) -> tuple[object, ...]:
    texts = (line.day, line.id, line.company, line.item, line.old, line.new)
    return tuple(map(_blank, (*texts, line.owner, line.origin, line.grade, line.amount)))


def _blank(cell: object) -> object:
    return None if cell in ("", None) else cell


def tabs_differ(folder: Path, books: Sequence[Book], as_of: date, names: Names) -> Iterator[str]:
    """Compare the figures on the tabs of every workbook and of the team's."""
    for book in books:
        tabs = read_tabs(folder / book.file)
        facts = figures([book], as_of)[1]
        told = (
            *_funnel(tabs["漏斗分析"], facts, as_of, names),
            *_overdue(tabs["逾期预警"], [book], as_of),
            *_groups(tabs["转化分析"], facts),
            *(_steps(tabs, facts, as_of) if book.kind == "new" else ()),
        )
        yield from (f"{book.owner} {text}" for text in told)
    tabs = read_tabs(folder / "团队汇总.xlsx")
    facts = figures(books, as_of)[1]
    yield from _funnel(tabs["漏斗分析"], facts, as_of, names)
    yield from _overdue(tabs["逾期预警"], books, as_of)
    yield from _groups(tabs["转化分析"], facts)
    yield from _steps(tabs, facts, as_of)
    yield from _performance(tabs["业绩"], books, facts, as_of)
    yield from _trend(tabs["趋势"], facts, as_of)
    yield from _merged(tabs["团队明细"], facts, names)


def _funnel(tab: Grid, facts: Sequence[Fact], as_of: date, names: Names) -> Iterator[str]:
    _, _, rows = table(tab, "阶段")
    called = {label: at for at, label in enumerate(ORDER)}
    called |= {names.get(label, label): at for label, at in list(called.items())}
    for row in rows:
        if row[0] not in called:
            continue
        at = called[str(row[0])]
        here = [f for f in facts if f.past.current == at]
        entered = [f.past.first[at] for f in facts if at in f.past.first]
        ago = [(as_of - day).days for day in entered]
        window = sum(0 <= n < 30 for n in ago), sum(30 <= n < 60 for n in ago)
        amounts = [f.lead.amount if f.past.outcome == "won" else f.lead.expected for f in here]
        lost = sum(f.past.outcome == "lost" and f.past.reached == at for f in facts)
        meant = {
            1: sum(f.past.reached >= at for f in facts),
            7: lost,
            9: len(here),
            10: total(amounts),
        }
        yield from (
            f"漏斗分析 {row[0]} {n}: {want} != {row[n]}"
            for n, want in meant.items()
            if not same(want, row[n]) and not (n == 7 and len(rows) < len(ORDER))
        )
        if f"（{window[0]}/{window[1]}）" not in str(row[2]):
            yield f"漏斗分析 {row[0]} 环比: {window} != {row[2]!r}"


def _steps(tabs: Mapping[str, Grid], facts: Sequence[Fact], as_of: date) -> Iterator[str]:
    """Compare the time a step takes, the exits of 30 days and the mature cohort of every step."""
    _, _, times = table(tabs["转化分析"], "阶段")
    _, _, views = table(tabs["漏斗分析"], "进入的阶段")
    for at in range(1, len(ORDER)):
        took = [step_days(f, at) for f in facts]
        known = [n for n in took if n is not None and n >= 0]
        mean, count = times[at][5:7]
        if count != len(known) or not same(share(sum(known), len(known)), _none(mean)):
            yield f"转化分析 {ORDER[at]}: {sum(known)}/{len(known)} != {mean} ({count})"
        for n, meant in ((3, cohort(facts, at, as_of)), (7, exits(facts, at, as_of))):
            told = str(views[at][n])
            if re.fullmatch(r"\d+/\d+", told) and told != meant:
                yield f"漏斗分析 {ORDER[at]} {n}: {meant} != {told}"


def _none(cell: Value) -> Value:
    return None if cell == "—" else cell


def _overdue(tab: Grid, books: Sequence[Book], as_of: date) -> Iterator[str]:
    wanted, facts = figures(books, as_of)
    told = {row[1]: row[2] for row in table(tab, "级别")[2]}
    meant = wanted["overdue"]
    open_ = [f for f in facts if f.past.outcome == "open"]
    stalled = books[0].limit("stalled_days")
    silent = list(meant["silent"].values())
    counts = {
        "下次跟进逾期": meant["next_follow_up_overdue"],
        "从未跟进": meant["never_followed_up"],
        "未跟进提醒负责人": silent[0],
        "未跟进提醒经理": silent[1],
        "流失风险": silent[2],
        "没有跟进计划": meant["no_plan"],
        "阶段停留超期": next(iter(meant["in_stage_over"].values())),
        "停滞": sum(f.dwell is not None and f.dwell > stalled for f in open_),
        "低优先级商机": _low_value(books, facts),
    }
    yield from (
        f"逾期预警 {name}: {n} != {told.get(name)}"
        for name, n in counts.items()
        if not same(n, told.get(name))
    )
    if not open_:
        return
    _, headings, rows = table(tab, "负责人", 1 if _tables(tab, "负责人") > 1 else 0)
    at = {heading: n for n, heading in enumerate(headings)}
    days = ("静默(天)", "停留(天)", "账龄(天)")
    listed: Counter[tuple[object, ...]] = Counter(
        (
            *(row[at[key]] for key in ("负责人", "客户名称")),
            None if row[at["下次跟进"]] == "未计划" else row[at["下次跟进"]],
            *(row[at[key]] for key in days),
        )
        for row in rows
    )
    meant_rows: Counter[tuple[object, ...]] = Counter(
        (f.owner, f.lead.company, f.next, f.silent, f.dwell, f.age) for f in open_
    )
    yield from (f"进行中线索名单: more {row}" for row in listed - meant_rows)
    yield from (f"进行中线索名单: lacks {row}" for row in meant_rows - listed)


def _tables(tab: Grid, first: str) -> int:
    return sum(bool(row) and row[0] == first for row in tab)


def _low_value(books: Sequence[Book], facts: Sequence[Fact]) -> int:
    won = [f.lead.amount for f in facts if f.past.outcome == "won" and f.lead.amount is not None]
    closed = [f.lead.expected for f in facts if f.past.outcome != "open"]
    known = won or [amount for amount in closed if amount is not None]
    if not known:
        return 0
    floor = books[0].limit("low_value_ratio") * sum(known) / len(known)
    open_ = [f.lead.expected for f in facts if f.past.outcome == "open"]
    return sum(amount is not None and amount < floor for amount in open_)


def _groups(tab: Grid, facts: Sequence[Fact]) -> Iterator[str]:
    for heading, key in (("来源渠道", "source"), ("负责人", "owner")):
        if not _tables(tab, heading):
            yield f"转化分析: 没有按{heading}"
            continue
        for row in table(tab, heading)[2]:
            mine = facts
            if row[0] != "合计":
                name = "" if row[0] == "（未填）" else row[0]
                mine = [f for f in facts if getattr(f.lead, key) == name]
            by = Counter(f.past.outcome for f in mine)
            amount = total(f.lead.amount for f in mine if f.past.outcome == "won")
            stock = total(f.lead.expected for f in mine if f.past.outcome == "open")
            meant = [len(mine), by["won"], by["lost"], by["open"], amount, stock]
            told = [*row[1:5], *row[9:11]]
            if not all(map(same, meant, told)):
                yield f"转化分析 {heading} {row[0]}: {meant} != {told}"


def _performance(
    tab: Grid, books: Sequence[Book], facts: Sequence[Fact], as_of: date
) -> Iterator[str]:
    start = as_of.replace(day=1)
    goals: Counter[str] = Counter()
    for book in books:
        goals.update({who: int(n) for (month, who), n in book.goals.items() if month == start})
    for row in table(tab, "负责人")[2]:
        everybody = row[0] == "合计"
        mine = [f for f in facts if everybody or f.owner == row[0]]
        won = [f for f in mine if f.past.outcome == "won"]
        deals = [f for f in won if f.lead.won_on and start <= f.lead.won_on <= as_of]
        priced = [f.lead.amount for f in deals if f.lead.amount is not None]
        cycles = [f.cycle for f in deals if f.cycle is not None]
        closed = [f for f in mine if f.past.outcome != "open"]
        goal = goals.total() if everybody else goals[str(row[0])]
        sales = total(priced)
        meant = {
            2: sales,
            4: goal or None,
            5: share(sales, goal),
            6: max(goal - sales, 0) if goal else None,
            7: len(deals),
            8: share(sales, len(priced)),
            10: share(len(won), len(closed)),
            12: share(sum(cycles), len(cycles)),
        }
        for n, want in meant.items():
            cell = None if row[n] == "—" else row[n]
            close = isinstance(cell, float) and want is not None and abs(cell - want) < 1e-6
            if not (same(want, cell) or close):
                yield f"业绩 {row[0]} {n}: {want} != {row[n]}"


def _trend(tab: Grid, facts: Sequence[Fact], as_of: date) -> Iterator[str]:
    meant = weeks(facts, as_of)
    shown = set()
    for row in table(tab, "期间")[2]:
        monday = row[1]
        assert isinstance(monday, date)
        shown.add(monday)
        told = tuple(row[3:8])
        want = meant.get(monday, (0, 0, 0, 0, 0.0))
        if not all(map(same, want, told)):
            yield f"趋势 {monday}: {want} != {told}"
    first = as_of - timedelta(days=as_of.weekday(), weeks=11)
    lacking = {monday for monday in meant if monday >= first} - shown
    yield from (f"趋势: 没有 {monday}" for monday in lacking)


def _merged(tab: Grid, facts: Sequence[Fact], names: Names) -> Iterator[str]:
    _, headings, rows = table(tab, "来源文件")
    at = {heading: n for n, heading in enumerate(headings)}
    keys = ("来源文件", "客户名称", "负责人", "当前阶段", "结果", "最远到达阶段", "最后跟进")
    listed = Counter(tuple(row[at[key]] for key in keys) for row in rows)
    meant = Counter(_row(f, names) for f in facts)
    yield from (f"团队明细: more {row}" for row in listed - meant)
    yield from (f"团队明细: lacks {row}" for row in meant - listed)


def _row(f: Fact, names: Names) -> tuple[Value, ...]:
    stages = [names.get(label, label) for label in ORDER]
    now = stages[f.past.current] if f.past.current != LOST else "（未填）"
    now = "流失" if f.past.outcome == "lost" else now
    reached = stages[min(f.past.reached, WON)]
    outcome = OUTCOMES[f.past.outcome]
    return (f.file, f.lead.company, f.owner, now, outcome, reached, f.followed)
