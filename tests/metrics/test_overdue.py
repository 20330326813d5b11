"""The three clocks and the warning lists."""

import pytest

from sheetcrm.metrics.results import Summary
from tests.metrics.books import book, kit, summary


def ids(result: Summary, key: str) -> list[str]:
    return result.overdue.list(key).rows["lead_id"].tolist()


def test_silent__strictly_more_than_the_limit_and_from_acquisition_when_never_followed():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on last_follow_up next_follow_up
                L3      意向   2024-05-01  2024-06-27     2024-07-01
                L4      意向   2024-05-01  2024-06-26     2024-07-01
                L7      意向   2024-05-01  2024-06-23     2024-07-01
                L8      意向   2024-05-01  2024-06-22     2024-07-01
                L30     意向   2024-05-01  2024-05-31     2024-07-01
                L31     意向   2024-05-01  2024-05-30     2024-07-01
                NEVER   意向   2024-05-01  -              2024-07-01
                NEW     意向   2024-06-28  -              2024-07-01
                WON     成交   2024-01-01  -              -
                LOST    流失   2024-01-01  -              -
            """
        )
    )

    assert ids(result, "silent_owner") == ["NEVER", "L31", "L30", "L8", "L7", "L4"]
    assert ids(result, "silent_manager") == ["NEVER", "L31", "L30", "L8"]
    assert ids(result, "churn_risk") == ["NEVER", "L31"]
    assert ids(result, "never_followed_up") == ["NEVER", "NEW"]
    assert result.as_json()["overdue"]["silent"] == {"3": 6, "7": 4, "30": 2}


def test_silent__latest_of_column_and_log_but_not_in_the_future():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on last_follow_up
                L1      意向   2024-06-01  2024-06-10
                L2      意向   2024-06-01  2024-06-20
                L3      意向   2024-06-01  2024-07-20
                L4      意向   2024-06-01  -
            """,
            follow_up="""
                lead_id followed_on
                L1      2024-06-15
                L2      2024-06-15
                L3      2024-06-12
                L4      2024-07-15
            """,
        )
    )

    assert result.leads["silent_days"].tolist() == [15, 10, 18, 29]
    assert ids(result, "never_followed_up") == []


def test_next_follow_up__due_today_is_not_overdue_and_blank_is_its_own_list():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on next_follow_up
                YESTERDAY 意向 2024-06-29  2024-06-29
                TODAY     意向 2024-06-29  2024-06-30
                BLANK     意向 2024-06-29  -
                LOST      流失 2024-06-29  2024-06-01
            """
        )
    )

    assert ids(result, "next_follow_up_overdue") == ["YESTERDAY"]
    assert ids(result, "no_plan") == ["BLANK"]


def test_next_follow_up__from_the_log_where_no_lead_sheet_has_the_column():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 意向 2024-06-01\nL2 意向 2024-06-01",
            follow_up="""
                lead_id followed_on next_follow_up
                L1      2024-06-20  2024-06-25
                L1      2024-06-10  2024-07-25
                L2      2024-06-20  -
            """,
        )
    )

    assert ids(result, "next_follow_up_overdue") == ["L1"]
    assert ids(result, "no_plan") == ["L2"]


def test_next_follow_up__a_follow_up_of_tomorrow_has_not_happened_yet():
    result = summary(
        book(
            lead="lead_id status acquired_on\nL1 意向 2024-06-01",
            follow_up="""
                lead_id followed_on      next_follow_up
                L1      2024-06-20       2024-06-25
                L1      2024-07-01       2024-07-03
            """,
        )
    )

    assert ids(result, "next_follow_up_overdue") == ["L1"]


def test_dwell__over_fifteen_and_stalled_over_fourteen():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on
                L14     意向   2024-06-01
                L15     意向   2024-06-01
                L16     意向   2024-06-01
            """,
            stage_progress="""
                lead_id stage entered_stage_on
                L14     意向  2024-06-16
                L15     意向  2024-06-15
                L16     意向  2024-06-14
            """,
        )
    )

    assert ids(result, "in_stage_over") == ["L16"]
    assert ids(result, "stalled") == ["L16", "L15"]
    assert result.as_json()["overdue"]["in_stage_over"] == {"15": 1}


def test_limits__come_from_the_settings():
    result = summary(
        book(
            its_kit=kit(silent_days_owner=5, dwell_days=2),
            lead="lead_id status acquired_on\nL1 线索 2024-06-26",
        )
    )

    assert result.as_json()["overdue"]["silent"] == {"5": 0, "7": 0, "30": 0}
    assert result.as_json()["overdue"]["in_stage_over"] == {"2": 1}


def test_low_value__under_eighty_percent_of_the_mean_won_amount():
    result = summary(
        book(
            lead="""
                lead_id status acquired_on expected_amount amount
                W1      成交   2024-06-01  1               80000
                W2      成交   2024-06-01  1               120000
                LOW     意向   2024-06-01  79999           -
                EVEN    意向   2024-06-01  80000           -
                BLANK   意向   2024-06-01  -               -
            """
        )
    )

    assert ids(result, "low_value") == ["LOW"]
    assert "80%" in result.overdue.list("low_value").definition


def test_low_value__nothing_to_compare_with():
    result = summary(book(lead="lead_id status acquired_on expected_amount\nL1 意向 2024-06-01 1"))

    assert ids(result, "low_value") == []


def test_people__most_urgent_first_with_the_action_of_the_first_reason():
    result = summary(
        book(
            lead="""
                lead_id owner status acquired_on last_follow_up next_follow_up
                SILENT  林    意向   2024-05-01  2024-06-25     2024-07-10
                FINE    林    意向   2024-05-01  2024-06-29     2024-07-10
                NEVER   林    线索   2024-06-20  -              2024-07-10
                MISSED  林    商机   2024-05-01  2024-06-29     2024-06-28
                OTHER   -     线索   2024-05-01  2024-06-29     -
            """
        )
    )
    lin, unfilled = result.overdue.people

    assert (lin.owner, unfilled.owner) == ("林", "（未填）")
    assert lin.rows["lead_id"].tolist() == ["MISSED", "NEVER", "SILENT"]
    assert lin.rows["days"].tolist() == [2, 10, 5]
    assert lin.rows["reasons"].tolist() == [
        "下次跟进逾期2天",
        "从未跟进、10天未跟进",
        "5天未跟进",
    ]
    assert lin.rows["action"].str.split("：").str[0].tolist() == [
        "约定的跟进已过2天",
        "获取10天还没有人联系",
        "5天没有联系",
    ]
    assert lin.counts["next_follow_up_overdue"] == 1
    assert lin.counts["no_plan"] == 0
    assert unfilled.counts["no_plan"] == 1


REQUESTS = """
    request_id requester responsible department status due_on     done_on
    OPEN       林        周          法务       处理中 2024-06-30 -
    LATE       林        -           法务       待响应 2024-06-28 -
    LATER      周        周          技术       处理中 2024-06-20 -
    DONE       林        周          法务       已完成 2024-06-20 2024-06-20
    DONELATE   林        周          法务       已完成 2024-06-20 2024-06-21
    UNSAID     林        周          法务       -      2024-06-20 2024-06-25
    REJECTED   林        周          法务       已驳回 2024-06-20 -
    UNDATED    林        周          法务       处理中 -          -
"""


@pytest.fixture
def requests():
    return summary(book(lead="lead_id status\nL1 线索", request=REQUESTS))


@pytest.mark.parametrize(
    ("key", "expected"),
    [
        ("requests_open", ["LATER", "LATE", "OPEN", "UNDATED"]),
        ("requests_overdue", ["LATER", "LATE"]),
        ("requests_done_late", ["UNSAID", "DONELATE"]),
    ],
)
def test_requests__open_overdue_and_done_late(requests, key, expected):
    assert requests.overdue.list(key).rows["request_id"].tolist() == expected


def test_requests__shown_to_who_asked_and_who_answers(requests):
    people = {p.owner: p for p in requests.overdue.people}

    assert people["林"].requests["request_id"].tolist() == ["LATE", "OPEN", "UNDATED"]
    assert people["周"].requests["request_id"].tolist() == ["LATER", "OPEN", "UNDATED"]
    assert people["林"].counts["requests_overdue"] == 1
    assert people["林"].requests["action"].iloc[0] == (
        "已超期2天：今天找法务确认完成时间，必要时请经理协调。"
    )
