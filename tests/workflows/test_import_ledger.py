"""Orders and receipts of a finance program: amounts of leads grow by each document once."""

from pathlib import Path

import openpyxl
import pytest

from sheetcrm.workflows.undo import undo
from tests.workflows.imports import counts, lead_sheet, new_book, rows, run

LEADS = """
客户名称 | 联系人 | 手机 | 线索状态 | 成交时间 | 实际成交金额 | 线索获取时间
苏州明禾机械有限公司 | 许文清 | 13800130001 | 成交 | 2024-06-01 | 80000 | 2024-05-01
杭州东方物流有限公司 | 李二 | 13800131002 | 成交 | 2024-06-02 | | 2024-05-02
北辰教育公司 | 王三 | 13800131003 | 线索 | | | 2024-05-03
"""
RECEIPTS = """
收款单号 | 客户名称 | 收款金额 | 收款日期 | 状态
SK01 | 苏州明禾机械有限公司 | 50000 | 2024-06-10 | 已审核
SK02 | 明禾机械（苏州）有限公司 | 2万 | 2024-06-15 | 已审核
SK03 | 杭州东方物流有限公司 | 5000 | 2024-06-16 | 已作废
SK04 | 南山医疗公司 | 1000 | 2024-06-17 | 已审核
SK05 | 杭州东方物流有限公司 | 3000 | 2024-06-18 | 已审核
"""


@pytest.fixture
def book(tmp_path):
    book = new_book(tmp_path, ("lead",))
    run(lead_sheet(tmp_path, LEADS, "线索.csv"), book)
    return book


def paid(book: Path) -> dict[object, object]:
    return {row[0]: row[1] for row in rows(book, "lead", "company", "paid_amount")}


def test_receipts__go_to_their_leads_once_and_can_be_taken_back(book, tmp_path):
    before, sheet = book.read_bytes(), lead_sheet(tmp_path, RECEIPTS, "收款.csv")
    result = run(sheet, book)
    assert counts(result) == (0, 3, 1, 1, 0)
    assert paid(book) == {
        "苏州明禾机械有限公司": 70_000,
        "杭州东方物流有限公司": 3_000,
        "北辰教育公司": None,
    }
    after = book.read_bytes()
    assert counts(run(sheet, book)) == (0, 0, 4, 1, 0)
    assert book.read_bytes() == after
    undo(book, batch=result.batch)
    assert book.read_bytes() == before
    assert counts(run(sheet, book)) == (0, 3, 1, 1, 0)


def test_receipts__later_ones_are_added(book, tmp_path):
    run(lead_sheet(tmp_path, RECEIPTS, "收款.csv"), book)
    more = RECEIPTS + "SK06 | 苏州明禾机械有限公司 | 10000 | 2024-06-20 | 已审核\n"
    assert counts(run(lead_sheet(tmp_path, more, "收款7月.csv"), book)) == (0, 1, 4, 1, 0)
    assert paid(book)["苏州明禾机械有限公司"] == 80_000


def test_receipts__without_a_lead_come_back_to_be_mended(book, tmp_path):
    sheet = lead_sheet(tmp_path, RECEIPTS, "收款.csv")
    result = run(sheet, book)
    decision = result.files[0].decision
    assert decision is not None
    edited = openpyxl.load_workbook(decision)
    mend = edited["待修正"]
    assert [mend.cell(5, c).value for c in (1, 2, 6)] == ["SK04", "南山医疗公司", "IMP-21"]
    mend["B5"] = "杭州东方物流有限公司"
    edited.save(decision)
    assert counts(run(decision, book)) == (0, 1, 4, 0, 0)
    assert paid(book)["杭州东方物流有限公司"] == 4_000


def test_orders__an_amount_typed_by_hand_is_asked_about(book, tmp_path):
    sheet = lead_sheet(
        tmp_path,
        """
        订单编号 | 客户名称 | 订单金额 | 下单日期
        DD01 | 苏州明禾机械有限公司 | 30000 | 2024-06-10
        DD02 | 杭州东方物流有限公司 | 12000 | 2024-06-11
        """,
        "订单.csv",
    )
    result = run(sheet, book)
    assert counts(result) == (0, 1, 0, 1, 0)
    assert [f.code for f in result.findings if f.severity == "error"] == ["IMP-22"]
    assert ("杭州东方物流有限公司", 12_000) in rows(book, "lead", "company", "amount")


def test_leads_and_receipts__in_one_run(tmp_path):
    book = new_book(tmp_path, ("lead",))
    sheets = [
        lead_sheet(tmp_path, LEADS, "线索.csv"),
        lead_sheet(tmp_path, RECEIPTS, "收款.csv"),
    ]
    assert counts(run(sheets, book)) == (3, 3, 1, 1, 0)
    assert paid(book)["苏州明禾机械有限公司"] == 70_000
    assert counts(run(sheets, book)) == (0, 0, 7, 1, 0)
