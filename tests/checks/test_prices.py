"""AMT-06: an amount below the list price times the lowest discount."""

import pytest

from sheetcrm.checks.prices import below_floor
from tests.checks.support import AS_OF, contracts, leads, prices, told
from tests.tables import clean_book

PRICES = prices("""
产品      | 版本   | 标准价 | 最低折扣 | 生效日期
进销存软件 | 基础版 | 60000  |         | 2024-01-01
进销存软件 | 高级版 | 90000  | 80%     | 2024-01-01
进销存软件 | 高级版 | 99000  | 80%     | 2024-12-01
""")


@pytest.mark.parametrize(
    ("row", "cells"),
    [
        ("报价 | 基础版 | 53999 |", ["E2"]),
        ("报价 | 基础版 | 54000 |", []),
        ("报价 | 高级版 | 71999 |", ["E2"]),
        ("报价 | 高级版 | 72000 |", []),  # the dearer price is not valid yet
        ("报价 | 进销存软件 | 53000 |", ["E2"]),  # the cheapest edition
        ("报价 | 定制 | 1000 |", []),  # no price
        ("意向 | 基础版 | 1000 |", []),  # a guess, no offer
        ("成交 | 基础版 | 1000 | 50000", ["F2"]),
        ("成交 | 基础版 | 1000 | 54000", []),
    ],
)
def test_below_floor(row, cells):
    head = "线索编号 | 客户名称 | 线索状态 | 产品 | 预计成交金额 | 实际成交金额"
    book = clean_book(leads(f"{head}\nL1 | 明禾机械 | {row}"), PRICES, own=True)
    assert told(below_floor(book, AS_OF)) == [f"线索跟踪!{c} AMT-06 W" for c in cells]


def test_below_floor__contracts_and_no_price_list():
    contract = contracts("""
    合同编号   | 客户名称 | 采购版本 | 合同金额 | 送审时间
    HT2024001 | 明禾机械 | 高级版   | 50000   | 2024-05-20
    """)
    assert told(below_floor(clean_book(contract, PRICES, own=True), AS_OF)) == ["合同!D2 AMT-06 W"]
    assert below_floor(clean_book(contract, own=True), AS_OF) == []
