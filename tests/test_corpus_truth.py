"""A foreign workbook end to end: every figure of its truth file, no error, nothing else touched."""

import json
import os
import shutil
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.workflows.check import check
from sheetcrm.workflows.summarise import summarise_books
from tests.workflows.workbooks import parts

AS_OF = date(2024, 6, 30)
SHARED = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = os.environ.get("SHEETCRM_CORPUS")
    if not root:
        pytest.skip("SHEETCRM_CORPUS names no corpus folder")
    folder = Path(root) / "sales" / "zh_synthetic"
    copy = tmp_path_factory.mktemp("truth") / "线索跟踪表_干净.xlsx"
    shutil.copyfile(folder / copy.name, copy)
    shutil.copyfile(folder / "线索跟踪表_干净.truth.json", copy.with_suffix(".truth.json"))
    return copy


@pytest.fixture(scope="module")
def truth(workbook: Path) -> dict[str, Any]:
    text = workbook.with_suffix(".truth.json").read_text(encoding="utf-8")
    record: dict[str, Any] = json.loads(text)
    return record


@pytest.fixture(scope="module")
def summary(workbook: Path) -> dict[str, Any]:
    result = summarise_books([str(workbook)], AS_OF)
    assert result.summary is not None
    record: dict[str, Any] = json.loads(json.dumps(result.summary.as_json()))
    return record


def percent(value: float) -> float:
    return round(value * 100, 2)


def test_population__equals_the_truth(summary, truth):
    assert summary["population"]["leads"] == truth["leads"]
    assert summary["population"]["open"] == truth["open_leads"]
    assert summary["population"]["lost"] == truth["current_stage_counts"]["流失"]
    assert summary["won_amount"] == truth["won_amount_sum"]
    assert summary["open_amount"] == truth["expected_amount_sum_open"]


def test_funnel__equals_the_truth(summary, truth):
    funnel = summary["funnel"]
    reached = {row["stage"]: row["reached"] for row in funnel}
    assert reached == truth["funnel_leads_that_reached"]
    current = truth["current_stage_counts"]
    assert {r["stage"]: r["current"] for r in funnel} == {s: current[s] for s in reached}
    steps = {f"{a['stage']}→{b['stage']}": percent(b["conversion"]) for a, b in pairwise(funnel)}
    assert steps == truth["funnel_step_rate_pct"]
    dwell = {r["stage"]: r["median_dwell_days"] for r in funnel if r["median_dwell_days"]}
    assert dwell == truth["median_days_in_stage"]


def test_rates__equal_the_truth(summary, truth):
    assert percent(summary["overall_conversion"]) == truth["overall_conversion_pct"]
    assert percent(summary["win_rate"]) == truth["win_rate_pct_won_over_closed"]
    assert summary["median_cycle_days"] == truth["median_sales_cycle_days"]


def test_lost_reasons__equal_the_truth(summary, truth):
    assert {r["reason"]: r["count"] for r in summary["lost_reasons"]} == truth["lost_reasons"]


def test_groups__equal_the_truth(summary, truth):
    by_source, by_owner = summary["by_source"], summary["by_owner"]
    assert {r["name"]: r["leads"] for r in by_source} == truth["leads_by_source"]
    rates = {r["name"]: percent(r["conversion"]) for r in by_source}
    assert rates == truth["conversion_pct_by_source"]
    assert {r["name"]: r["won"] for r in by_owner} == truth["won_by_rep"]
    rates = {r["name"]: percent(r["conversion"]) for r in by_owner}
    assert rates == truth["conversion_pct_by_rep"]


def test_overdue__equals_the_truth(summary, truth):
    overdue = summary["overdue"]
    assert overdue == {
        "silent": {
            "3": truth["open_idle_more_than_3_days"],
            "7": truth["open_idle_more_than_7_days"],
            "30": truth["open_idle_more_than_30_days"],
        },
        "never_followed_up": truth["open_never_followed_up"],
        "no_plan": overdue["no_plan"],  # the truth file does not count it
        "next_follow_up_overdue": truth["open_next_follow_up_before_as_of"],
        "in_stage_over": {"15": truth["open_in_stage_more_than_15_days"]},
        "requests_open": truth["requests_open"],
        "requests_overdue": truth["requests_open_overdue"],
        "requests_done_late": truth["requests_done_late"],
    }


def test_check__no_error_in_it(workbook):
    result = check([str(workbook)], AS_OF)
    assert [f for f in result.findings if f.severity == "error"] == []


def test_write_back__every_part_of_the_users_is_as_it_was(workbook, summary):
    original = Path(os.environ["SHEETCRM_CORPUS"]) / "sales" / "zh_synthetic" / workbook.name
    before, after = parts(original), parts(workbook)
    assert {n for n in before if before[n] != after.get(n)} <= SHARED | {"xl/calcChain.xml"}
    size = workbook.stat().st_size
    for _ in range(2):
        summarise_books([str(workbook)], AS_OF)
    assert workbook.stat().st_size == size
