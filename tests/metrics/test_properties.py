"""What holds for any workbook, and the same figures from a second, plain computation."""

import json
import random
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from sheetcrm.clean import CleanBook
from sheetcrm.metrics.results import Summary
from tests.metrics import oracle
from tests.metrics.books import book, summary, typed

AS_OF = date(2024, 6, 30)
DAY = st.integers(-120, 20).map(lambda n: AS_OF + timedelta(days=n))
DAYS = st.none() | DAY
LEAD_FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "status": st.sampled_from(["线索", "意向", "商机", "成交", "流失", "流失", None]),
    "lost_stage": st.sampled_from(["线索", "意向", "商机", "成交", None]),
    "lost_reason": st.sampled_from(["价格", "预算", "竞品", None]),
    "source": st.sampled_from(["官网", "展会", None]),
    "owner": st.sampled_from(["林", "周", "吴", None]),
    "acquired_on": DAYS,
    "won_on": DAYS,
    "last_follow_up": DAYS,
    "next_follow_up": DAYS,
    "expected_amount": st.none() | st.integers(0, 10**6).map(float),
    "amount": st.none() | st.integers(0, 10**6).map(float),
}
LEAD = st.fixed_dictionaries(LEAD_FIELDS)
# One day a stage row, so that their order in time is never in doubt.
STAYS = st.lists(
    st.tuples(
        DAY,
        st.sampled_from(["线索", "意向", "商机", "成交", "流失"]),
        DAYS,
    ),
    max_size=4,
    unique_by=lambda stay: stay[0],
)
REQUEST = st.fixed_dictionaries(
    {
        "status": st.sampled_from(["待响应", "处理中", "已完成", "已驳回"]),
        "due_on": DAYS,
        "done_on": DAYS,
        "requester": st.sampled_from(["林", "周", None]),
    }
)
Rows = Sequence[Mapping[str, Any]]
Tables = tuple[Rows, Rows, Rows, Rows]


@st.composite
def tables(draw: st.DrawFn, least: int = 0) -> Tables:
    leads = [
        {"lead_id": f"L{i}", **lead}
        for i, lead in enumerate(draw(st.lists(LEAD, min_size=least, max_size=12)))
    ]
    progress = [
        {"lead_id": lead["lead_id"], "entered_stage_on": day, "stage": stage, "left_stage_on": left}
        for lead in leads
        for day, stage, left in draw(STAYS)
    ]
    contacts = st.lists(st.tuples(st.integers(0, 12), DAY), max_size=8)
    follow_ups = [{"lead_id": f"L{i}", "followed_on": day} for i, day in draw(contacts)]
    return leads, progress, follow_ups, draw(st.lists(REQUEST, max_size=5))


COLUMNS = (
    ("lead", ("lead_id", *LEAD_FIELDS)),
    ("stage_progress", ("lead_id", "entered_stage_on", "stage", "left_stage_on")),
    ("follow_up", ("lead_id", "followed_on")),
    ("request", ("status", "due_on", "done_on", "requester")),
)


def made(rows: Tables, file: str = "甲.xlsx") -> CleanBook:
    frames = {
        kind: typed(kind, part, keys) for (kind, keys), part in zip(COLUMNS, rows, strict=True)
    }
    return book(file, None, **frames)


# Without shrinking: at some tenths of a second a summary it would take minutes.
quick = settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)


@quick
@given(tables())
def test_summary__of_any_workbook(rows):
    result = summary(made(rows))
    shown = result.as_json()

    assert shown == approximately(oracle.figures(rows, AS_OF))
    assert json.loads(json.dumps(shown, allow_nan=False)) == shown
    adds_up(result)
    every_number_equals_its_rows(result)


def adds_up(result: Summary) -> None:
    people, funnel = result.population, result.funnel
    reached = [row.reached for row in funnel]

    assert people.open + people.won + people.lost == people.leads == len(result.leads)
    assert reached == sorted(reached, reverse=True)
    assert reached[0] == people.leads
    assert reached[-1] == people.won
    assert sum(row.lost_here for row in funnel) == people.lost == result.reasons.lost
    assert len(result.events) == sum(reached)
    for groups in (result.by_source, result.by_owner):
        assert sum(g.leads for g in groups) == people.leads
        assert sum(g.open for g in groups) == people.open
        assert sum(g.won for g in groups) == people.won
        assert sum(g.lost for g in groups) == people.lost
        assert sum(g.won_amount for g in groups) == result.totals.won_amount
        assert sum(g.open_amount for g in groups) == result.totals.open_amount
    counted_once = sum(g.count for g in result.reasons.items) + result.reasons.missing
    assert counted_once == people.lost


def every_number_equals_its_rows(result: Summary) -> None:
    leads = result.leads

    for item in result.overdue.lists[:9]:
        assert item.count == leads[item.key].sum()
        assert (item.rows["outcome"] == "open").all()
        assert item.rows["action"].str.endswith("。").all()
        assert sum(p.counts[item.key] for p in result.overdue.people) == item.count
    for row in result.funnel:
        assert row.current == (leads["stage"] == row.stage).sum()
        assert row.reached == (leads["reached"] >= row.position).sum()
        assert row.reached == (result.events["position"] == row.position).sum()
    for person in result.overdue.people:
        assert (person.rows["owner"] == person.owner).all()
        assert (person.rows["reasons"] != "").all()


@quick
@given(tables(), st.randoms(use_true_random=False))
def test_summary__does_not_depend_on_the_order_of_rows(rows, shuffle):
    leads, progress, follow_ups, requests = (shuffled(part, shuffle) for part in rows)
    mixed = made((leads, progress, follow_ups, requests))

    assert summary(mixed).as_json() == approximately(summary(made(rows)).as_json())


@quick
@given(tables(least=1), tables(least=1))
def test_summary__of_two_files_is_the_sum_of_both_in_either_order(first, second):
    # A file without leads would be a log of the other's.
    books = [made(first, "甲.xlsx"), made(second, "乙.xlsx")]
    both, reverse = summary(*books), summary(*books[::-1])
    each = [summary(one) for one in books]

    assert reverse.as_json() == approximately(both.as_json())
    assert [r.reached for r in both.funnel] == [
        a.reached + b.reached for a, b in zip(each[0].funnel, each[1].funnel, strict=True)
    ]
    for key in ("silent_owner", "in_stage_over", "no_plan", "requests_open"):
        assert both.overdue.list(key).count == sum(one.overdue.list(key).count for one in each)


def shuffled(rows: Rows, shuffle: random.Random) -> Rows:
    return shuffle.sample(list(rows), len(rows))


def approximately(value: Any) -> Any:
    """Return the JSON with floats compared within rounding."""
    if isinstance(value, dict):
        return {key: approximately(item) for key, item in value.items()}
    if isinstance(value, list):
        return [approximately(item) for item in value]
    return pytest.approx(value) if isinstance(value, float) else value


def test_summary__is_repeatable():
    rows: Tables = ([{"lead_id": "L1", **dict.fromkeys(COLUMNS[0][1][1:])}], (), (), ())
    results: list[Summary] = [summary(made(rows)) for _ in range(2)]

    assert results[0] == results[1]
