"""Every figure of the corpus workbook's truth file that a summary covers."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from sheetcrm.metrics.results import GroupRow, Summary
from tests.metrics.books import summary
from tests.metrics.corpus import clean_book, folder


@pytest.fixture(scope="module")
def truth() -> Mapping[str, Any]:
    path = folder() / "线索跟踪表_干净.truth.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def result() -> Summary:
    return summary(clean_book())


def test_population__truth(result, truth):
    stages = result.leads["stage"].value_counts().to_dict()

    assert result.population.leads == truth["leads"]
    assert result.population.open == truth["open_leads"]
    assert stages == truth["current_stage_counts"]
    assert len(result.requests) == truth["cross_dept_requests"]


def test_funnel__truth(result, truth):
    names = [row.stage for row in result.funnel]
    steps = {
        f"{a}→{b.stage}": round(100 * b.conversion, 2)
        for a, b in zip(names, result.funnel[1:], strict=False)
    }
    dwell = {row.stage: row.median_dwell_days for row in result.funnel if row.kind == "open"}

    assert {r.stage: r.reached for r in result.funnel} == truth["funnel_leads_that_reached"]
    assert steps == truth["funnel_step_rate_pct"]
    assert dwell == truth["median_days_in_stage"]


def test_totals__truth(result, truth):
    shown = result.as_json()

    assert round(100 * shown["overall_conversion"], 2) == truth["overall_conversion_pct"]
    assert round(100 * shown["win_rate"], 2) == truth["win_rate_pct_won_over_closed"]
    assert shown["median_cycle_days"] == truth["median_sales_cycle_days"]
    assert shown["won_amount"] == truth["won_amount_sum"]
    assert shown["open_amount"] == truth["expected_amount_sum_open"]
    assert {r["reason"]: r["count"] for r in shown["lost_reasons"]} == truth["lost_reasons"]


def test_groups__truth(result, truth):
    by_source, by_owner = result.by_source, result.by_owner

    assert {r.name: r.leads for r in by_source} == truth["leads_by_source"]
    assert percent(by_source) == truth["conversion_pct_by_source"]
    assert {r.name: r.won for r in by_owner} == truth["won_by_rep"]
    assert percent(by_owner) == truth["conversion_pct_by_rep"]


def test_overdue__truth(result, truth):
    assert result.as_json()["overdue"] == {
        "silent": {
            "3": truth["open_idle_more_than_3_days"],
            "7": truth["open_idle_more_than_7_days"],
            "30": truth["open_idle_more_than_30_days"],
        },
        "in_stage_over": {"15": truth["open_in_stage_more_than_15_days"]},
        "never_followed_up": truth["open_never_followed_up"],
        "no_plan": 0,
        "next_follow_up_overdue": truth["open_next_follow_up_before_as_of"],
        "requests_open": truth["requests_open"],
        "requests_overdue": truth["requests_open_overdue"],
        "requests_done_late": truth["requests_done_late"],
    }


def test_history__all_declared_in_the_corpus(result):
    assert result.history.shares["declared"] == 1
    assert result.history.entries == sum(row.reached for row in result.funnel)
    assert (result.history.lost_stage_unknown, result.history.moved_back) == (0, 0)


def percent(rows: Sequence[GroupRow]) -> dict[str, float]:
    return {row.name: round(100 * (row.conversion.value or 0), 2) for row in rows}
