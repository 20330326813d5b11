"""Headline rates, groups, cycles, bottleneck, intervals."""

import pytest

from sheetcrm.metrics.rate import Rate
from tests.metrics.books import book, kit, summary

LEADS = """
    lead_id source owner status lost_stage acquired_on won_on     amount expected_amount
    L1      官网   林    成交   -          2024-05-01  2024-05-31 100    1
    L2      官网   林    成交   -          2024-05-01  2024-06-01 200    1
    L3      官网   周    成交   -          2024-06-10  2024-06-20 300    1
    L4      展会   周    流失   商机       2024-05-01  -          -      1
    L5      展会   -     商机   -          2024-05-31  -          -      50
    L6      -      -     线索   -          2024-06-01  -          -      60
"""


def test_rates__each_with_its_own_population():
    result = summary(book(lead=LEADS))

    assert {r.key: (r.rate.numerator, r.rate.denominator) for r in result.totals.rates} == {
        "overall_conversion": (3, 6),
        "win_rate": (3, 4),
        "lead_conversion_rate": (5, 6),
        "opportunity_win_rate": (3, 5),
        "won_in_time_rate": (1, 4),
    }
    assert "意向" in result.totals.rates[2].population
    assert "商机" in result.totals.rates[3].population


def test_totals__cycle_and_amounts():
    totals = summary(book(lead=LEADS)).totals

    assert totals.median_cycle_days == 30
    assert (totals.won_amount, totals.open_amount) == (600, 110)


def test_groups__largest_first_and_unfilled_last():
    result = summary(book(lead=LEADS))

    assert [(r.name, r.leads, r.open, r.won, r.lost, r.won_amount) for r in result.by_source] == [
        ("官网", 3, 0, 3, 0, 600),
        ("展会", 2, 1, 0, 1, 0),
        ("（未填）", 1, 1, 0, 0, 0),
    ]
    assert [r.name for r in result.by_owner] == ["周", "林", "（未填）"]


def test_groups__won_within_thirty_days_of_leads_that_old():
    result = summary(book(lead=LEADS))

    in_time = {
        r.name: (r.won_in_time.numerator, r.won_in_time.denominator) for r in result.by_source
    }

    assert in_time == {"官网": (1, 2), "展会": (0, 2), "（未填）": (0, 0)}


def test_cycle__reversed_dates_are_left_out_and_said():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on won_on
                L1      成交   2024-06-10  2024-06-01
                L2      成交   2024-06-01  2024-06-11
                L3      成交   -           2024-06-11
            """
        )
    )

    assert result.totals.median_cycle_days == 10
    assert any("2条成交线索的获取或成交时间缺失或颠倒" in text for text in result.assumptions)
    assert any("3条成交线索没有实际成交金额" in text for text in result.assumptions)


def test_bottleneck__lowest_step_among_those_with_enough_leads():
    leads = ["lead_id status lost_stage lost_reason"]
    leads += [f"A{i} 流失 意向 价格" for i in range(8)] + [f"B{i} 商机 - -" for i in range(4)]
    leads += ["C0 线索 - -"]

    result = summary(book(lead="\n".join(leads)))

    # 商机→成交 is 0 of 4, fewer than the ten leads it takes to be judged.
    assert (result.bottleneck.previous, result.bottleneck.stage) == ("意向", "商机")
    assert "12条中4条" in result.bottleneck.sentence
    assert "“价格”（占已填原因的100%）" in result.bottleneck.sentence


def test_bottleneck__not_named_without_enough_leads():
    result = summary(book(lead="lead_id status\nL1 商机\nL2 线索"))

    assert result.bottleneck.stage == ""
    assert "不足10条" in result.bottleneck.sentence
    assert result.funnel[1].step is not None
    assert result.funnel[1].step.reason == "样本不足（n=2）"


def test_bottleneck__none_when_nobody_is_left_behind():
    result = summary(book(its_kit=kit(bottleneck_min_n=1), lead="lead_id status\nL1 成交\nL2 成交"))

    assert result.bottleneck.stage == ""
    assert "100%" in result.bottleneck.sentence


# Newcombe (1998), Statistics in Medicine 17, table I, method 3: Wilson score intervals.
@pytest.mark.parametrize(
    ("wins", "of", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_rate__wilson_interval(wins, of, low, high):
    interval = Rate(wins, of).interval

    assert interval is not None
    assert tuple(round(x, 4) for x in interval) == (low, high)


def test_rate__without_a_denominator():
    rate = Rate(0, 0, enough=10)

    assert (rate.value, rate.interval, rate.reason) == (None, None, "没有样本")


def test_change__looks_at_the_days_of_the_setting():
    leads = """
        lead_id status acquired_on
        L1      线索   2024-06-25
        L2      线索   2024-06-20
        L3      线索   2024-06-02
    """
    changes = {
        days: summary(book(its_kit=kit(change_days=days), lead=leads)).funnel[0].change
        for days in (7, 30)
    }
    assert {d: (c.days, c.current, c.previous) for d, c in changes.items()} == {
        7: (7, 1, 1),
        30: (30, 3, 0),
    }
