"""Nobody neglected what there is no column for."""

import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.recorded import stage_gap
from sheetcrm.metrics.words import warning_line
from tests.metrics.books import book, summary

JUDGED = ("never_followed_up", "no_plan", "silent_owner", "silent_manager", "churn_risk")


def counts(*books: CleanBook) -> dict[str, int]:
    found = summary(*books).overdue
    return {key: found.list(key).count for key in JUDGED if found.list(key).count}


def said(*books: CleanBook) -> dict[str, str]:
    found = summary(*books).overdue
    return {key: found.list(key).definition.partition("；")[2] for key in JUDGED}


def test_recorded__without_any_column_nobody_is_accused():
    one = book(lead="lead_id status acquired_on\nL1 意向 2024-01-05\nL2 商机 2024-01-05")
    assert counts(one) == {}
    assert all("没有判断" in text for text in said(one).values())
    assert summary(one).leads["silent_days"].isna().all()


@pytest.mark.parametrize(
    "columns",
    [
        pytest.param({"lead": "lead_id status last_follow_up\nL1 意向 -"}, id="column of the lead"),
        pytest.param(
            {"lead": "lead_id status\nL1 意向", "follow_up": "lead_id followed_on\nL9 2024-06-01"},
            id="log",
        ),
    ],
)
def test_recorded__who_has_a_place_for_it_is_asked(columns):
    assert counts(book(**columns)) == {"never_followed_up": 1}
    assert said(book(**columns))["never_followed_up"] == ""
    assert "没有判断" in said(book(**columns))["no_plan"]


def test_recorded__one_file_of_several_lacks_it():
    first = book("甲.xlsx", lead="lead_id status last_follow_up next_follow_up\nL1 意向 - -")
    second = book("乙.xlsx", lead="lead_id status acquired_on\nL2 意向 2024-01-05")
    assert counts(first, second) == {"never_followed_up": 1, "no_plan": 1}
    assert said(first, second)["no_plan"] == "【乙.xlsx】没有“下次跟进时间”列，没有判断"


def test_recorded__a_log_kept_apart_is_everybodys():
    leads = book("线索.xlsx", lead="lead_id status\nL1 意向\nL2 意向")
    log = book("跟进.xlsx", follow_up="lead_id followed_on next_follow_up\nL2 2024-06-29 -")
    assert counts(leads, log) == {"never_followed_up": 1, "no_plan": 2}


def test_recorded__a_contact_that_is_known_counts_all_the_same():
    first = book("甲.xlsx", lead="lead_id company status\nL1 明禾 意向")
    log = book("跟进.xlsx", follow_up="company followed_on\n明禾 2024-06-01")
    assert counts(first, log)["silent_manager"] == 1


def test_stage_gap__leads_without_any_stage_are_no_figures():
    one = book(lead="lead_id company acquired_on\nL1 明禾 2024-06-05")
    assert stage_gap(dataset([one])).startswith("没有认出写阶段的列")
    assert "没有认出写阶段的列" in summary(one).assumptions[0]


def test_stage_gap__a_log_without_rows_tells_nothing():
    log = "lead_id stage entered_stage_on"
    one = book(lead="lead_id company\nL1 明禾", stage_progress=log)
    assert stage_gap(dataset([one])).startswith("没有认出写阶段的列")


@pytest.mark.parametrize(
    "tables",
    [
        {"lead": "lead_id status\nL1 -"},
        {"lead": "lead_id\nL1", "stage_progress": "lead_id stage entered_stage_on\nL1 意向 -"},
    ],
)
def test_stage_gap__a_column_or_a_log_tells(tables):
    assert stage_gap(dataset([book(**tables)])) == ""


def test_stage_gap__names_the_files_where_others_tell():
    first = book("甲.xlsx", lead="lead_id status\nL1 意向")
    second = book("乙.xlsx", lead="lead_id company\nL2 明禾")
    assert stage_gap(dataset([first, second])).startswith("【乙.xlsx】没有认出写阶段的列")


def test_warning_line__says_what_was_not_judged():
    one = book(lead="lead_id status acquired_on\nL1 意向 2024-01-05")
    assert warning_line(summary(one).overdue) == (
        "预警：没有逾期事项；表里没有“最后跟进时间”列和跟进记录，没有判断；表里没有“下次跟进时间”列，没有判断。"
    )


def test_recorded__a_file_without_the_column_has_its_plans_in_its_log():
    """Beside a file whose lead sheet has the column, the other one's log is still its plan."""
    first = book("甲.xlsx", lead="lead_id status next_follow_up\nL1 意向 2024-07-09")
    second = book(
        "乙.xlsx",
        lead="lead_id status\nL2 意向\nL3 意向",
        follow_up="""
            lead_id followed_on next_follow_up
            L2      2024-06-29  2024-07-03
            L3      2024-06-20  2024-06-27
        """,
    )
    alone, both = summary(second).overdue, summary(first, second).overdue
    for key in ("no_plan", "next_follow_up_overdue"):
        assert both.list(key).count == alone.list(key).count
    assert both.list("next_follow_up_overdue").count == 1
