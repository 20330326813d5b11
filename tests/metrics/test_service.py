"""Promises that are late, in working days, each counted by hand from the calendar."""

from sheetcrm.metrics.results import Summary
from tests.metrics.books import FIVE, book, kit, stage, summary

# 2024-06-30 is a Sunday; the working days before it are 24 to 28 June, a Monday to a Friday.
LEADS = """
    lead_id status owner acquired_on entered_on pain_point
    OPEN    意向   张三  2024-06-20  2024-06-21 价格
    LATE    意向   张三  2024-06-20  2024-06-24 -
    WEEKEND 线索   李四  2024-06-28  2024-06-30 价格
    CLOSED  流失   李四  2024-06-03  2024-06-20 -
    TALKED  线索   -     2024-06-20  2024-06-20 -
"""
LOG = """
    lead_id followed_on
    LATE    2024-06-26
    TALKED  2024-06-25
    CLOSED  2024-06-04
    OPEN    2024-06-20
"""


def told(result: Summary, key: str) -> list[tuple[str, str, float]]:
    rows = result.overdue.list(key).rows
    return list(zip(rows["lead_id"], rows["owner"], rows["days"], strict=True))


def test_entry__open_leads_written_down_later_than_a_working_day():
    # From Thursday the 20th to Monday the 24th are two working days; over a weekend none.
    assert told(summary(book(lead=LEADS)), "service_entry") == [("LATE", "张三", 2.0)]


def test_needs__talked_with_and_nothing_written():
    # Since Tuesday: 26, 27, 28. Since Wednesday: 27, 28, which is not more than two.
    result = summary(book(lead=LEADS, follow_up=LOG))
    assert told(result, "service_needs") == [("TALKED", "（未填）", 3.0)]


def test_proposal__needs_clear_and_no_proposal():
    stages = (*FIVE.stages[:3], stage("报价", "proposal"), *FIVE.stages[3:])
    five = kit(FIVE.model_copy(update={"stages": stages}))
    progress = """
        lead_id stage entered_stage_on
        A       商机  2024-06-21
        B       商机  2024-06-25
        C       商机  2024-06-03
        C       报价  2024-06-28
    """
    leads = """
        lead_id status owner acquired_on
        A       商机   张三  2024-06-01
        B       商机   张三  2024-06-01
        C       报价   张三  2024-06-01
    """
    result = summary(book(its_kit=five, lead=leads, stage_progress=progress))
    assert told(result, "service_proposal") == [("A", "张三", 5.0)]


def test_legal__contracts_and_requests_that_wait():
    contracts = """
        contract_id lead_id responsible submitted_on legal_done_on approved_on
        H1          L1      赵律        2024-06-26   -             -
        H2          L2      赵律        2024-06-27   -             -
        H3          L3      赵律        2024-06-03   2024-06-28    -
        H4          L4      赵律        2024-06-03   -             2024-06-20
    """
    requests = """
        request_id lead_id department content  responsible requested_on status
        X1         L5      法务部     合同审核 -           2024-06-24   处理中
        X2         L6      法务部     培训     -           2024-06-24   处理中
        X3         L7      法务部     合同审核 -           2024-06-24   已完成
    """
    leads = "lead_id status owner\nL1 意向 张三"
    result = summary(book(lead=leads, contract=contracts, request=requests))
    assert told(result, "service_legal") == [("L5", "法务部", 4.0), ("L1", "赵律", 2.0)]


def test_legal__nothing_waits():
    contracts = """
        contract_id lead_id responsible submitted_on legal_done_on
        H1          L1      赵律        2024-06-03   2024-06-28
    """
    result = summary(book(lead="lead_id status owner\nL1 意向 张三", contract=contracts))
    assert told(result, "service_legal") == []
    assert len(result.overdue.services) == 0


def test_people__each_has_the_promises_that_are_theirs():
    result = summary(book(lead=LEADS, follow_up=LOG))
    counts = {p.owner: len(p.services) for p in result.overdue.people}
    assert counts == {"张三": 1, "李四": 0, "（未填）": 1}
    assert sum(counts.values()) == len(result.overdue.services)
    for person in result.overdue.people:
        assert (
            sum(n for k, n in person.counts.items() if k.startswith("service"))
            == counts[person.owner]
        )


def test_win_back__is_due_in_working_days():
    lead = "lead_id status owner acquired_on last_follow_up\nL1 意向 张三 2024-05-01 -"
    rows = summary(book(lead=lead)).overdue.list("churn_risk").rows
    # 1, 2 and 3 July.
    assert "07月03日前" in rows["action"].item()
