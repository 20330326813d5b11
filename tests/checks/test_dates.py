"""DAT-01 follow-up before acquisition · 02 won before contact · 03 future · 04 next not after last
· 05 stage before acquisition · 06 expected date passed · 07 impossible year · 08 other pairs."""

import pytest

from sheetcrm.checks import check, dates
from tests.checks.support import AS_OF, follow_ups, leads, progress, requests, told
from tests.tables import clean_book


def test_impossible_year():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索获取时间 | 预计采购时间
        L1      | 明禾机械 | 2024-03-01  | 2024-08-01
        L2      | 长风物流 | 1924-03-01  | 2204-08-01
        """),
        own=True,
    )
    assert told(dates.impossible_year(book, AS_OF)) == [
        "线索跟踪!C3 DAT-07",
        "线索跟踪!D3 DAT-07",
    ]
    assert dates.in_future(book, AS_OF) == []


def test_in_future__only_what_has_happened():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索获取时间 | 下次跟进时间 | 成交时间
        L1      | 明禾机械 | 2024-06-30  | 2024-09-01  |
        L2      | 长风物流 | 2025-08-04  | 2024-09-01  | 2024-07-01
        """),
        follow_ups("""
        线索编号 | 跟进时间          | 跟进方式
        L1      | 2024-06-30 18:30 | 电话
        L1      | 2024-07-01 09:00 | 电话
        """),
        own=True,
    )
    assert told(dates.in_future(book, AS_OF)) == [
        "线索跟踪!C3 DAT-03",
        "线索跟踪!E3 DAT-03",
        "跟进记录!B3 DAT-03",
    ]


def test_out_of_order__lead_dates():
    book = clean_book(
        leads("""
        线索编号 | 线索状态 | 线索获取时间 | 录入时间    | 最后跟进时间 | 下次跟进时间 | 成交时间
        L1      | 意向    | 2024-03-01  | 2024-03-01 | 2024-03-05  | 2024-03-06  |
        L2      | 意向    | 2024-03-01  | 2024-03-01 | 2024-02-05  | 2024-03-06  |
        L3      | 意向    | 2024-03-01  | 2024-02-28 | 2024-03-05  | 2024-03-05  |
        L4      | 成交    | 2024-03-01  | 2024-03-01 | 2024-03-05  | 2024-03-01  | 2024-02-01
        L5      | 意向    | 2024-03-01  | 2024-03-10 | 2024-03-05  |            |
        """),
        own=True,
    )
    assert told(dates.out_of_order(book, AS_OF)) == [
        "线索跟踪!D4 DAT-08",
        "线索跟踪!E3 DAT-01",
        "线索跟踪!E3 DAT-08 W",
        "线索跟踪!E6 DAT-08 W",
        "线索跟踪!G5 DAT-02",
        "线索跟踪!G5 DAT-08 W",
        "线索跟踪!F4 DAT-04 W",
    ]


def test_out_of_order__a_date_with_its_own_finding_accuses_no_other():
    """An acquisition in the future is one finding, not one more for each date before it."""
    book = clean_book(
        leads("""
        线索编号 | 线索状态 | 线索获取时间 | 最后跟进时间 | 成交时间
        L1      | 成交    | 2025-08-04  | 2024-05-01  | 2024-05-20
        """),
        own=True,
    )
    assert dates.out_of_order(book, AS_OF) == []


def test_out_of_order__requests():
    book = clean_book(
        requests("""
        需求编号   | 提出时间          | 要求完成时间 | 实际完成时间
        XZ2024001 | 2024-05-10 15:00 | 2024-05-10  | 2024-05-12
        XZ2024002 | 2024-05-10 15:00 | 2024-05-12  | 2024-05-09
        """),
        own=True,
    )
    assert told(dates.out_of_order(book, AS_OF)) == ["协作需求!D3 DAT-08"]


LEADS = """
线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 成交时间
L1      | 明禾机械 | 成交    | 2024-03-01  | 2024-04-01
L2      | 长风物流 | 成交    | 2024-03-01  | 2024-03-05
L3      | 云岭食品 | 意向    | 2024-03-01  |
"""


def test_follow_up_and_stage_before_acquisition():
    book = clean_book(
        leads(LEADS),
        follow_ups("""
        线索编号 | 跟进时间    | 跟进方式
        L1      | 2024-03-01 | 电话
        L3      | 2024-02-29 | 电话
        L9      | 2024-01-01 | 电话
        """),
        progress("""
        线索编号 | 客户名称 | 所属阶段 | 阶段进入时间
        L1      | 明禾机械 | 线索    | 2024-03-01
                | 云岭食品 | 线索    | 2024-02-01
        """),
        own=True,
    )
    assert told(dates.follow_up_before_acquisition(book, AS_OF)) == ["跟进记录!B3 DAT-01"]
    assert told(dates.stage_before_acquisition(book, AS_OF)) == ["阶段进度!D3 DAT-05"]


def test_won_before_contact():
    book = clean_book(
        leads(LEADS),
        follow_ups("""
        线索编号 | 跟进时间    | 跟进方式
        L1      | 2024-03-10 | 电话
        L1      | 2024-05-01 | 电话
        L2      | 2024-03-06 | 电话
        """),
        own=True,
    )
    assert told(dates.won_before_contact(book, AS_OF)) == ["线索跟踪!E3 DAT-02"]


def test_expected_passed__open_leads_only():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索状态 | 预计采购时间
        L1      | 明禾机械 | 意向    | 2024-06-30
        L2      | 长风物流 | 意向    | 2024-06-20
        L3      | 云岭食品 | 流失    | 2024-06-20
        """),
        progress("""
        线索编号 | 客户名称 | 所属阶段 | 阶段进入时间 | 预计成交时间
        L1      | 明禾机械 | 线索    | 2024-03-01  | 2024-05-01
        L1      | 明禾机械 | 意向    | 2024-04-01  | 2024-07-01
        L2      | 长风物流 | 意向    | 2024-04-01  | 2024-06-01
        L3      | 云岭食品 | 意向    | 2024-04-01  | 2024-06-01
        """),
        own=True,
    )
    found = dates.expected_passed(book, AS_OF)
    assert told(found) == ["线索跟踪!D3 DAT-06 W", "阶段进度!E4 DAT-06 W"]
    assert "10天" in found[0].message


@pytest.mark.parametrize(
    "rule",
    [
        dates.impossible_year,
        dates.in_future,
        dates.out_of_order,
        dates.follow_up_before_acquisition,
        dates.stage_before_acquisition,
        dates.won_before_contact,
        dates.expected_passed,
    ],
)
def test_dates__quiet_without_their_columns(rule):
    book = clean_book(
        leads("线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | 意向"), own=True
    )
    assert rule(book, AS_OF) == []


LATE = """
线索编号 | 线索状态 | 线索获取时间 | 最后跟进时间
L1      | 意向    | 2024-05-01  | 2024-03-09
L2      | 意向    | 2024-03-01  | 2024-03-09
L3      | 意向    | 2024-05-01  | 2024-03-09
"""


def test_acquired_late__told_once_at_the_lead_instead_of_every_follow_up():
    book = clean_book(
        leads(LATE),
        follow_ups("""
        线索编号 | 跟进时间   | 跟进方式
        L1      | 2024-03-03 | 电话
        L1      | 2024-03-09 | 电话
        L2      | 2024-02-20 | 电话
        L2      | 2024-03-09 | 电话
        L3      | 2024-03-09 | 电话
        """),
        progress("""
        线索编号 | 所属阶段 | 阶段进入时间
        L1      | 线索    | 2024-03-01
        L3      | 线索    | 2024-03-01
        """),
        own=True,
    )
    found = [f for f in check(book, AS_OF) if f.code.startswith("DAT")]
    assert told(found) == [
        "线索跟踪!C2 DAT-09",
        "线索跟踪!D4 DAT-01",
        "跟进记录!B4 DAT-01",
        "跟进记录!B6 DAT-01",
        "阶段进度!C3 DAT-05",
    ]
    (late,) = (f for f in found if f.code == "DAT-09")
    assert ("2次" in late.message, "2024-03-03" in late.message) == (True, True)


def test_acquired_late__one_follow_up_or_a_later_one_proves_nothing():
    book = clean_book(
        leads(LATE),
        follow_ups("""
        线索编号 | 跟进时间   | 跟进方式
        L1      | 2024-03-03 | 电话
        L1      | 2024-05-09 | 电话
        L3      | 2024-03-09 | 电话
        """),
        own=True,
    )
    assert dates.acquired_late(book, AS_OF) == []
