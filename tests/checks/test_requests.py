"""FUP-08 a request overdue · SLA-07 not answered in time · REF-04 its lead is lost."""

from datetime import date

import pytest

from sheetcrm.checks.requests import in_vain, overdue, unanswered
from tests.checks.support import AS_OF, leads, requests, told
from tests.tables import clean_book

HEAD = (
    "需求编号 | 关联线索 | 协作部门 | 优先级 | 提出时间 | 响应时间 | 要求完成时间 | 状态 | 责任人"
)


def request(priority: str, asked: str, answered: str, due: str, status: str):
    row = f"X1 | L1 | 技术 | {priority} | {asked} | {answered} | {due} | {status} | 周启航"
    return requests(f"{HEAD}\n{row}")


@pytest.mark.parametrize(
    ("due", "status", "late"),
    [
        ("2024-06-29", "处理中", True),
        ("2024-06-29", "待响应", True),
        ("2024-06-30", "处理中", False),
        ("2024-06-29", "已完成", False),
        ("2024-06-29", "已驳回", False),
    ],
)
def test_overdue(due, status, late):
    book = clean_book(request("低", "2024-06-28", "", due, status), own=True)
    found = overdue(book, AS_OF)
    assert told(found) == (["协作需求!G2 FUP-08 W"] if late else [])
    assert all("周启航" in f.suggestion for f in found)


@pytest.mark.parametrize(
    ("priority", "asked", "answered", "status", "late"),
    [
        ("高", "2024-06-24 09:00", "2024-06-24 13:00", "处理中", False),
        ("高", "2024-06-24 09:00", "2024-06-24 14:00", "处理中", True),
        ("高", "2024-06-21 17:00", "2024-06-24 12:00", "处理中", False),  # over a weekend
        ("高", "2024-06-24", "2024-06-25", "处理中", False),  # days only: nothing proves it late
        ("高", "2024-06-24", "2024-06-26", "处理中", True),
        ("中", "2024-06-24", "2024-06-25", "处理中", False),
        ("中", "2024-06-24", "2024-06-26", "处理中", True),
        ("低", "2024-06-24", "2024-06-27", "处理中", False),
        ("低", "2024-06-24", "2024-06-28", "处理中", True),
        ("低", "2024-06-24", "", "待响应", True),
        ("低", "2024-06-26", "", "待响应", False),
        ("低", "2024-06-03", "", "处理中", False),  # answered, nobody wrote when
    ],
)
def test_unanswered(priority, asked, answered, status, late):
    book = clean_book(request(priority, asked, answered, "2024-07-30", status), own=True)
    assert told(unanswered(book, AS_OF)) == (["协作需求!F2 SLA-07 W"] if late else [])


@pytest.mark.parametrize(
    ("asked", "late"),
    [
        ("2024-06-28 09:00", False),  # today is not over
        ("2024-06-27 17:00", False),  # due at noon
        ("2024-06-27 10:00", True),
        ("2024-06-27", False),
        ("2024-06-26", True),
    ],
)
def test_unanswered__due_on_the_day_itself_is_not_late(asked, late):
    book = clean_book(request("高", asked, "", "2024-07-30", "待响应"), own=True)
    assert bool(unanswered(book, date(2024, 6, 28))) == late


def test_unanswered__no_days_to_count_yet():
    """Asked on a Friday, told on the Saturday."""
    book = clean_book(request("高", "2024-06-28 09:00", "", "2024-07-30", "待响应"), own=True)
    (found,) = unanswered(book, date(2024, 6, 29))
    assert "，还没有响应，" in found.message


@pytest.mark.parametrize(
    ("status", "lead", "told_"),
    [
        ("处理中", "流失", ["协作需求!H2 REF-04 W"]),
        ("处理中", "意向", []),
        ("处理中", "成交", []),
        ("已完成", "流失", []),
    ],
)
def test_in_vain(status, lead, told_):
    table = leads(f"线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | {lead}")
    asked = request("低", "2024-06-28", "", "2024-07-29", status)
    found = in_vain(clean_book(table, asked, own=True), AS_OF)
    assert told(found) == told_
    assert all("线索跟踪!A2" in f.message for f in found)
