"""Workbooks with next to nothing in them, or with nonsense."""

import json

import pytest

from tests.metrics.books import book, parse, summary


def test_summary__empty_tables():
    result = summary(book(lead=parse("lead", "lead_id status"), request=parse("request", "status")))

    assert json.loads(json.dumps(result.as_json(), allow_nan=False))["population"] == {
        "leads": 0,
        "open": 0,
        "won": 0,
        "lost": 0,
    }
    assert [(r.reached, r.conversion, r.median_dwell_days) for r in result.funnel] == [
        (0, None, None)
    ] * 4
    assert result.totals.rate("win_rate").reason == "没有样本"
    assert (result.by_source, result.overdue.people) == ((), ())


def test_summary__book_without_any_table():
    assert summary(book()).population.leads == 0


def test_summary__only_other_tables():
    result = summary(book(request="request_id status due_on\nR1 处理中 2024-06-01"))

    assert result.overdue.list("requests_overdue").count == 1
    assert result.overdue.people == ()


def test_summary__all_won():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on won_on     amount
                L1      成交   2024-06-01  2024-06-11 100
                L2      成交   2024-06-01  2024-06-21 300
            """
        )
    )

    assert [r.reached for r in result.funnel] == [2, 2, 2, 2]
    assert [r.drop_off for r in result.funnel] == [None, 0, 0, 0]
    assert result.totals.rate("win_rate").value == 1
    assert result.overdue.as_json()["no_plan"] == 0


def test_summary__dates_missing():
    lead = "lead_id status last_follow_up\nL1 意向 -\nL2 成交 -\nL3 流失 -"
    result = summary(book(lead=lead))

    assert result.totals.median_cycle_days is None
    assert result.totals.rate("won_in_time_rate").value is None
    assert [r.change.value for r in result.funnel] == [None] * 4
    assert result.as_json()["overdue"]["silent"] == {"3": 0, "7": 0, "30": 0}
    assert result.overdue.list("never_followed_up").rows["action"].tolist() == [
        "获取若干天还没有人联系：今天完成首次联系。"
    ]
    assert any("未判断静默天数" in text for text in result.assumptions)


def test_summary__future_dates_never_give_negative_days():
    result = summary(
        book(
            lead="lead_id status acquired_on last_follow_up\nL1 意向 2024-08-01 2024-09-01",
            stage_progress="lead_id stage entered_stage_on\nL1 意向 2024-08-02",
        )
    )

    assert result.leads[["age_days", "dwell_days", "silent_days"]].to_numpy().tolist() == [
        [0, 0, 0]
    ]
    assert result.leads["last_follow_up"].isna().all()
    assert not result.leads["never_followed_up"].any()
    assert [r.change.current for r in result.funnel] == [0, 0, 0, 0]
    assert any("获取时间晚于截止日期" in text for text in result.assumptions)


def test_summary__times_of_day_do_not_move_days():
    rows = parse("lead", "lead_id status acquired_on\nL1 意向 2024-06-01")
    log = parse("follow_up", "lead_id followed_on\nL1 2024-06-27T23:50\nL1 2024-06-30T23:50")

    result = summary(book(lead=rows, follow_up=log.iloc[:1]))
    today = summary(book(lead=rows, follow_up=log))

    assert result.leads["silent_days"].tolist() == [3]
    assert today.leads["silent_days"].tolist() == [0]


def test_targets__people_added_up_team_only_where_no_person_has_one():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 意向 2024-06-02\nL2 意向 2024-05-02",
            target="""
                month      owner team stage stage_target
                2024-06-01 林    -    意向  3
                2024-06-01 周    -    意向  1
                2024-06-01 -     一部 意向  9
                2024-06-01 -     一部 商机  5
                2024-07-01 林    -    商机  50
                2024-06-01 林    -    -     7
                2024-06-01 林    -    流失  7
            """,
        )
    )
    goals = {row.stage: row.target for row in result.funnel if row.target}

    assert {name: (t.goal, t.achieved) for name, t in goals.items()} == {
        "意向": (4, 1),
        "商机": (5, 0),
    }
    assert [m.isoformat() for m in goals["意向"].months] == ["2024-06-01"]


def test_targets__months_between_without_a_target_do_not_count():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on
                L1      意向   2024-03-02
                L2      意向   2024-04-02
                L3      意向   2024-05-31
                L4      意向   2024-06-30
                L5      意向   2024-07-01
            """,
            target="""
                month      owner team stage stage_target
                2024-03-01 -     一部 意向  5
                2024-06-01 -     一部 意向  5
            """,
        )
    )
    goal = result.funnel[1].target

    assert goal is not None
    assert (goal.goal, goal.achieved) == (10, 2)
    assert [m.isoformat() for m in goal.months] == ["2024-03-01", "2024-06-01"]


@pytest.mark.parametrize("key", ["funnel", "by_owner", "lost_reasons"])
def test_json__keys_of_the_contract(key):
    contract = {
        "funnel": {
            "stage",
            "reached",
            "current",
            "conversion",
            "lost_here",
            "drop_off",
            "median_dwell_days",
            "top_lost_reasons",
        },
        "by_owner": {
            "name",
            "leads",
            "won",
            "lost",
            "open",
            "conversion",
            "win_rate",
            "won_amount",
        },
        "lost_reasons": {"reason", "count", "share"},
    }
    shown = summary(book(lead="lead_id status lost_reason\nL1 流失 价格")).as_json()

    assert set(shown[key][0]) == contract[key]
    assert set(shown) == {
        "as_of",
        "population",
        "funnel",
        "overall_conversion",
        "win_rate",
        "median_cycle_days",
        "won_amount",
        "open_amount",
        "lost_reasons",
        "by_source",
        "by_owner",
        "overdue",
    }
