"""The documents' own examples come out to the digit."""

import pandas as pd
import pytest

from tests.metrics.books import book, parse, summary


def stages_reached(*reached: int, day: str = "2024-06-10", first: int = 0) -> list[str]:
    """Return lead lines so that `reached` leads came to each stage; those left behind are lost."""
    names = ("线索", "意向", "商机", "成交")
    lines = []
    for position, count in enumerate(reached):
        further = reached[position + 1] if position + 1 < len(reached) else 0
        status = "成交" if position == len(reached) - 1 else "流失"
        stage = "-" if status == "成交" else names[position]
        won_on = day if status == "成交" else "-"
        lines += [f"{status} {stage} {day} {won_on}"] * (count - further)
    return [f"L{first + i} {line}" for i, line in enumerate(lines)]


def leads(*lines: str) -> pd.DataFrame:
    return parse("lead", "\n".join(["lead_id status lost_stage acquired_on won_on", *lines]))


def progress(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a stage row per lead and stage reached, all on the day it was acquired."""
    names = ("线索", "意向", "商机", "成交")
    lines = ["lead_id stage entered_stage_on"]
    for lead, lost_stage, day in zip(
        rows["lead_id"], rows["lost_stage"], rows["acquired_on"], strict=True
    ):
        far = 3 if pd.isna(lost_stage) else names.index(lost_stage)
        lines += [f"{lead} {name} {day:%Y-%m-%d}" for name in names[: far + 1]]
    return parse("stage_progress", "\n".join(lines))


@pytest.mark.parametrize(
    ("reached", "conversion", "drop_off"),
    [
        ((100, 30, 10, 5), (None, "30.0%", "33.3%", "50.0%"), (None, "70.0%", "66.7%", "50.0%")),
        ((100, 60, 30, 15), (None, "60.0%", "50.0%", "50.0%"), (None, "40.0%", "50.0%", "50.0%")),
    ],
)
def test_funnel__documents(reached, conversion, drop_off):
    result = summary(book(lead=leads(*stages_reached(*reached))))

    assert tuple(row.reached for row in result.funnel) == reached
    assert tuple(shown(row.conversion) for row in result.funnel) == conversion
    assert tuple(shown(row.drop_off) for row in result.funnel) == drop_off


def test_change_and_target__documents():
    june = stages_reached(100, 60, 30, 15)
    may = stages_reached(91, 57, 33, 20, day="2024-05-20", first=1000)
    rows = leads(*may, *june)
    target = """
        month      owner team stage stage_target
        2024-06-01 -     一部 线索  120
        2024-06-01 -     一部 商机  40
        2024-06-01 -     一部 成交  20
    """
    result = summary(book(lead=rows, stage_progress=progress(rows), target=target))

    assert [(row.change.current, row.change.previous) for row in result.funnel] == [
        (100, 91),
        (60, 57),
        (30, 33),
        (15, 20),
    ]
    assert [shown(row.change.value) for row in result.funnel] == ["9.9%", "5.3%", "-9.1%", "-25.0%"]
    assert [shown(row.completion) for row in result.funnel] == ["83.3%", None, "75.0%", "75.0%"]


def test_step__reasons_and_days_of_the_step_into_a_stage():
    result = summary(
        book(
            lead="""
                lead_id status lost_stage lost_reason acquired_on
                L1      流失   线索       预算不足    2024-06-01
                L2      流失   线索       预算不足    2024-06-01
                L3      流失   线索       竞品对手    2024-06-01
                L4      流失   线索       -           2024-06-01
                L5      意向   -          -           2024-06-01
                L6      意向   -          -           2024-06-01
            """,
            stage_progress="""
                lead_id stage entered_stage_on
                L5      线索  2024-06-01
                L5      意向  2024-06-05
                L6      线索  2024-06-01
                L6      意向  2024-06-07
            """,
        )
    )
    first, second = result.funnel[:2]

    assert second.step_reasons == first.reasons
    assert [(r.reason, r.count, r.share) for r in first.reasons.top()] == [
        ("预算不足", 2, 2 / 3),
        ("竞品对手", 1, 1 / 3),
    ]
    assert first.reasons.missing == 1
    assert (second.mean_step_days, second.step_count) == (5.0, 2)
    assert (first.median_dwell_days, first.dwell_count) == (5.0, 2)


def shown(rate: float | None) -> str | None:
    return None if rate is None else f"{rate:.1%}"
