"""STG-04 won without proof · REF-03 master and log disagree · GRD-03 raised without a talk."""

import pytest

from sheetcrm.checks.evidence import (
    log_disagrees,
    raised_without_follow_up,
    won_without_proof,
)
from tests.checks.support import AS_OF, changes, contracts, follow_ups, leads, told
from tests.tables import clean_book


@pytest.mark.parametrize(
    ("status", "paid", "signed", "hit"),
    [
        ("成交", "", "", True),
        ("成交", "", "2024-06-01", False),
        ("成交", "5000", "", False),
        ("报价", "", "", False),
    ],
)
def test_won_without_proof(status, paid, signed, hit):
    book = clean_book(
        leads(f"线索编号 | 客户名称 | 线索状态 | 回款金额\nL1 | 明禾机械 | {status} | {paid}"),
        contracts(
            f"合同编号 | 线索编号 | 送审时间 | 签订时间\nHT2024001 | L1 | 2024-05-20 | {signed}"
        ),
        own=True,
    )
    assert told(won_without_proof(book, AS_OF)) == (["线索跟踪!C2 STG-04 W"] if hit else [])


def test_won_without_proof__not_where_no_contracts_are_kept():
    book = clean_book(leads("线索编号 | 客户名称 | 线索状态\nL1 | 明禾机械 | 成交"), own=True)
    assert won_without_proof(book, AS_OF) == []


@pytest.mark.parametrize(
    ("typed", "logged", "hit"),
    [
        ("2024-06-10", "2024-06-10 15:00", False),
        ("2024-06-10", "2024-06-12", True),
        ("2024-06-12", "2024-06-10", True),
        ("", "2024-06-10", False),
        ("2024-06-10", "2024-07-10", False),  # DAT-03: it has not happened
    ],
)
def test_log_disagrees(typed, logged, hit):
    book = clean_book(
        leads(f"线索编号 | 客户名称 | 线索状态 | 最后跟进时间\nL1 | 明禾机械 | 意向 | {typed}"),
        follow_ups(f"线索编号 | 跟进时间 | 跟进内容\nL1 | {logged} | 演示\nL9 | 2024-06-20 | 演示"),
        own=True,
    )
    assert told(log_disagrees(book, AS_OF)) == (["线索跟踪!D2 REF-03 W"] if hit else [])


@pytest.mark.parametrize(
    ("typed", "logged", "advice"),
    [
        ("2024-06-10", "2024-06-12", "请把最后跟进时间改成2024-06-12"),
        (
            "2024-06-12",
            "2024-06-10",
            "请把2024-06-12的那次补到跟进记录；没有联系过就改正最后跟进时间",
        ),
    ],
)
def test_log_disagrees__nobody_is_told_to_write_an_older_day(typed, logged, advice):
    book = clean_book(
        leads(f"线索编号 | 客户名称 | 线索状态 | 最后跟进时间\nL1 | 明禾机械 | 意向 | {typed}"),
        follow_ups(f"线索编号 | 跟进时间 | 跟进内容\nL1 | {logged} | 演示"),
        own=True,
    )
    assert [f.suggestion for f in log_disagrees(book, AS_OF)] == [advice]


@pytest.mark.parametrize(
    ("moves", "talk", "cells"),
    [
        (("线索 | 意向",), "2024-06-05", []),
        (("线索 | 意向",), "2024-06-10", []),  # the day of the change
        (("线索 | 意向",), "2024-06-11", ["D2"]),
        (("线索 | 意向",), "2024-05-05", ["D2"]),  # before the lead was there
        (("意向 | 线索",), "2024-06-11", []),
        (("线索 | 流失",), "2024-06-11", []),
        (("线索 | 意向", "意向 | 商机"), "2024-06-05", ["D3"]),
    ],
)
def test_raised_without_follow_up(moves, talk, cells):
    rows = "\n".join(
        f"L1 | 2024-06-{day} | {move} | 客户要求 | 林晓舟"
        for day, move in zip((10, 15), moves, strict=False)
    )
    book = clean_book(
        leads("线索编号 | 客户名称 | 线索状态 | 线索获取时间\nL1 | 明禾机械 | 意向 | 2024-06-01"),
        follow_ups(f"线索编号 | 跟进时间 | 跟进内容\nL1 | {talk} | 演示"),
        changes(f"线索编号 | 变更时间 | 原状态 | 新状态 | 变更原因 | 变更人\n{rows}"),
        own=True,
    )
    assert told(raised_without_follow_up(book, AS_OF)) == [f"状态变更!{c} GRD-03 W" for c in cells]
