"""The mature cohort finds the true rates of a pipeline; what stands in its stages does not."""

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.survival import waiting
from sheetcrm.metrics.views import Step
from tests.metrics.books import book, parse, summary

HEAD = "lead_id status acquired_on\n"
PROGRESS = "lead_id stage entered_stage_on\n"
STAGES = ("线索", "意向", "商机", "成交")
# Of those who come to a stage, the share that goes on, and the mean stay in days.
TRUE = (0.60, 0.50, 0.50)
STAYS = (6.0, 12.0, 25.0)
AS_OF = pd.Timestamp("2024-06-30")


def simulated(per_day: int = 12, days: int = 420, seed: int = 20240630) -> Summary:
    """Run a pipeline in which every step is passed with the true rate after a random stay."""
    chance = np.random.default_rng(seed)
    leads, rows = [], []
    for number in range(per_day * days):
        day = AS_OF - pd.Timedelta(days=days - number // per_day)
        stage, alive = 0, True
        rows.append((f"L{number}", STAGES[0], day))
        started = day
        while alive and stage < len(TRUE):
            day += pd.Timedelta(days=int(chance.gamma(2.0, STAYS[stage] / 2)) + 1)
            if day > AS_OF:
                break
            alive = chance.random() < TRUE[stage]
            stage += alive
            rows.append((f"L{number}", STAGES[stage] if alive else "流失", day))
        status = STAGES[stage] if alive else "流失"
        lost = None if alive else STAGES[stage]
        won = day if alive and stage == len(TRUE) else pd.NaT
        leads.append((f"L{number}", status, lost, started, won))
    columns = ["lead_id", "status", "lost_stage", "acquired_on", "won_on"]
    progress = ["lead_id", "stage", "entered_stage_on"]
    return summary(
        book(
            lead=typed_days(pd.DataFrame(leads, columns=columns)),
            stage_progress=typed_days(pd.DataFrame(rows, columns=progress)),
        ),
        as_of=f"{AS_OF:%Y-%m-%d}",
    )


def typed_days(frame: pd.DataFrame) -> pd.DataFrame:
    days = {key: "datetime64[us]" for key in frame if str(key).endswith("_on")}
    return frame.astype({**{key: "str" for key in frame if key not in days}, **days})


@pytest.fixture(scope="module")
def pipeline() -> Summary:
    return simulated()


def test_cohort__is_within_three_points_of_the_truth(pipeline):
    found = [step.cohort.value for step in pipeline.views.steps]
    assert found == [pytest.approx(true, abs=0.03) for true in TRUE]
    assert [row.cohort for row in pipeline.funnel[1:]] == [
        step.cohort.rate for step in pipeline.views.steps
    ]


def test_exits__are_within_eight_points_of_the_truth(pipeline):
    found = [step.exits.value for step in pipeline.views.steps]
    assert found == [pytest.approx(true, abs=0.08) for true in TRUE]


def test_snapshot__ratios_are_nowhere_near_the_truth(pipeline):
    """Which is why 当前在库 is never divided: every ratio is off by 20 points or more."""
    current = [row.current for row in pipeline.funnel]
    ratios = [after / before for before, after in pairwise(current)]
    assert all(abs(ratio - true) > 0.2 for ratio, true in zip(ratios, TRUE, strict=True))


def test_young_leads__pull_down_a_ratio_of_all_that_reached():
    """到达数 of everybody counts leads that had no time yet; the cohort does not."""
    young = simulated(per_day=40, days=100)
    naive, mature = young.funnel[3].conversion, young.views.steps[2].cohort
    assert naive is not None
    assert mature.value is not None
    assert mature.immature > 100
    assert naive < mature.value - 0.05


def step(lead: str, rows: str = PROGRESS, into: int = 1) -> Step:
    log = parse("follow_up", "lead_id followed_on\n")
    tables = book(
        lead=parse("lead", lead), stage_progress=parse("stage_progress", rows), follow_up=log
    )
    found = summary(tables).views.into(into)
    assert found is not None
    return found


def leads(count: int, status: str, day: str, first: int = 0) -> str:
    return "\n".join(f"L{first + n} {status} {day}" for n in range(count))


def test_cohort__needs_ten_leads_old_enough():
    young = step(HEAD + leads(30, "线索", "2024-06-10"))
    few = step(HEAD + leads(9, "线索", "2024-05-01"))
    enough = step(HEAD + leads(10, "线索", "2024-05-01"))

    assert (young.cohort.value, young.cohort.reason) == (None, "未成熟（满30天的0条）")
    assert (few.cohort.value, few.cohort.reason) == (None, "样本不足（n=9）")
    assert (enough.cohort.value, enough.cohort.reason) == (0, "")


def test_cohort__the_horizon_is_the_upper_quarter_of_the_time_taken():
    rows = [f"L{n} 意向 2024-{2 + n // 5:02d}-01" for n in range(20)]  # after 31 to 121 days
    found = step(HEAD + leads(20, "意向", "2024-01-01"), PROGRESS + "\n".join(rows))

    assert found.cohort.horizon == 99  # a quarter took longer
    assert (found.cohort.in_time.numerator, found.cohort.in_time.denominator) == (15, 20)
    assert (found.cohort.rate.numerator, found.cohort.rate.denominator) == (20, 20)
    assert f"{found.cohort.first} {found.cohort.last}" == "2023-03-25 2024-03-23"


def test_cohort__no_rate_where_the_days_of_those_who_went_on_are_missing():
    found = step(
        HEAD + leads(20, "线索", "2024-01-01") + "\n" + leads(20, "意向", "2024-01-01", 20)
    )

    assert (found.cohort.value, found.cohort.reason) == (None, "日期不全（缺20条）")
    assert (found.exits.value, found.exits.reason) == (None, "日期不全（缺20条）")


def test_exits__the_window_is_thirty_days_and_silence_may_count_as_lost():
    days = [*["06-01"] * 6, *["06-30"] * 6, "05-31", "05-01"]  # 12 of them within the window
    rows = [f"L{n} 意向 2024-{day}" for n, day in enumerate(days)]
    rows += [f"L{20 + n} 流失 2024-06-15" for n in range(4)]
    table = leads(14, "意向", "2024-03-01") + "\n" + leads(4, "流失", "2024-03-01", 20)
    table += "\n" + leads(8, "线索", "2024-03-01", 40)
    found = step(HEAD + table, PROGRESS + "\n".join(rows))

    assert (found.exits.rate.numerator, found.exits.rate.denominator) == (12, 16)
    assert (found.exits.strict.numerator, found.exits.strict.denominator) == (12, 24)


def test_exits__a_skipped_stage_was_passed_when_the_next_one_was_entered():
    rows = [f"L{n} 商机 2024-06-10" for n in range(10)]
    found = step(HEAD + leads(10, "商机", "2024-06-01"), PROGRESS + "\n".join(rows), into=2)

    assert (found.exits.rate.numerator, found.exits.rate.denominator) == (10, 10)


@pytest.mark.parametrize(
    ("completed", "running", "estimate"),
    [
        ((1, 2, 3, 4), (), 2),
        ((1, 2, 3, 4), (9, 9, 9), 4),
        ((1, 2), (9, 9, 9), None),
        ((2, 4), (1, 3), 4),  # at risk 3 and 1: 2/3, then 0
        ((), (), None),
        ((5, float("nan"), -1), (), 5),
    ],
)
def test_waiting__counts_those_still_running(completed, running, estimate):
    assert waiting(completed, running).estimate == estimate


def test_waiting__says_when_many_are_still_running():
    assert not waiting([1.0] * 8, [1.0] * 2).mostly_running
    assert waiting([1.0] * 7, [1.0] * 2).mostly_running


def test_dwell__with_those_still_there():
    rows = [f"L{n} 意向 2024-05-{n + 11}" for n in range(3)]
    table = leads(3, "意向", "2024-05-01") + "\n" + leads(3, "线索", "2024-05-01", 10)
    found = summary(
        book(
            lead=parse("lead", HEAD + table),
            stage_progress=parse(
                "stage_progress",
                PROGRESS + "\n".join([*(f"L{n} 线索 2024-05-01" for n in range(3)), *rows]),
            ),
        )
    ).views.dwell[0]

    assert (found.median, found.completed, found.running, found.estimate) == (11, 3, 3, 12)
