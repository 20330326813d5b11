"""Orders and receipts: what is recognised, how documents are counted, where they go, only once."""

import pandas as pd
import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.intake.incoming import incoming
from sheetcrm.intake.ledger import is_ledger
from sheetcrm.intake.payments import Ledger, ledgers
from sheetcrm.intake.post import Posted, post
from sheetcrm.kit.load import load_kit
from tests.tables import clean_book, raw_book, sheet

KIT = load_kit()
LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 实际成交金额 | 回款金额
L1 | 苏州明禾机械有限公司 | 展会推荐 | 成交 | 92000 |
L2 | 上海星辰科技有限公司 | 展会推荐 | 成交 | | 46000
L3 | 南京嘉禾智能有限公司 | 展会推荐 | 成交 | 10000 |
L4 | 南京嘉禾智能有限公司 | 展会推荐 | 成交 | 20000 |
L5 | 广州白云物流有限公司 | 展会推荐 | 商机 | |
"""
CONTRACTS = """
合同编号 | 线索编号 | 客户名称 | 合同金额 | 送审时间 | 签订时间
HT2024001 | L4 | 南京嘉禾智能有限公司 | 20000 | 2024-05-01 | 2024-05-03
"""
RECEIPTS = """
收款单号 | 客户名称 | 合同号 | 收款金额 | 到账日期 | 单据状态
SK01 | 苏州明禾机械有限公司 | | 30000 | 2024-06-01 | 已审核
SK02 | 明禾机械（苏州）有限公司 | | '2万' | 2024-06-15 | 已审核
SK03 | 苏州明禾机械有限公司 | | 5000 | 2024-06-16 | 已作废
SK04 | 苏州明禾机械有限公司 | | 1000 | 2024-06-17 | 已退款
SK05 | 南京嘉禾智能有限公司 | HT2024001 | 20000 | 2024-06-18 | 已审核
合计 | | | 75000 | |
"""


def book() -> CleanBook:
    return clean_book(sheet(LEADS), sheet(CONTRACTS, "合同"), own=True)


def ledger(text: str) -> Ledger:
    (made,) = ledgers(raw_book(sheet(text, "明细")), KIT)
    return made


def documents(made: Ledger) -> list[tuple[str, str, float]]:
    frame = made.documents
    return list(zip(frame["kind"], frame["document"], frame["amount"], strict=True))


def updates(made: Posted) -> list[tuple[object, ...]]:
    frame = made.updates[["lead_id", "key", "old", "new", "documents"]].astype(object)
    return [tuple(None if pd.isna(v) else v for v in row) for row in frame.itertuples(index=False)]


def known(*posted: Posted) -> dict[str, str]:
    return {fingerprint: lead for made in posted for fingerprint, lead in made.fingerprints}


@pytest.mark.parametrize(
    ("headings", "expected"),
    [
        ("收款单号 | 客户名称 | 收款金额 | 收款日期", True),
        ("客户 | 回款金额 | 回款日期", True),
        ("订单编号 | 客户名称 | 订单金额 | 下单日期", True),
        ("销售订单号 | 往来单位 | 订单总额 | 已收金额", True),
        ("合同号 | 付款方 | 到账金额 | 到账日期", True),
        ("发票号码 | 购方名称 | 价税合计 | 开票日期", True),
        ("交易流水号 | 对方户名 | 贷方金额 | 交易日期", True),
        ("线索编号 | 客户名称 | 回款金额 | 回款日期 | 线索状态", False),
        ("客户名称 | 来源 | 订单金额 | 订单编号 | 下次跟进时间", False),
        ("合同编号 | 客户名称 | 合同金额 | 送审时间 | 签订时间", False),
        ("客户名称 | 联系人 | 电话", False),
        ("客户名称 | 成交金额 | 回款金额", False),
        ("姓名 | 金额 | 日期", False),
    ],
)
def test_is_ledger__documents_with_an_amount_and_a_customer(headings, expected):
    cells = " | ".join("甲" for _ in headings.split("|"))
    assert is_ledger(sheet(f"{headings}\n{cells}")) is expected


def test_incoming__leaves_a_ledger_to_the_amounts():
    made = incoming(raw_book(sheet(LEADS), sheet(RECEIPTS, "收款明细")), KIT)
    assert [m.kind for m in made] == ["lead"]
    assert [s for s in made[0].assumptions if "收款明细" in s]


def test_ledgers__void_documents_count_for_nothing_and_refunds_take_away():
    made = ledger(RECEIPTS)
    assert documents(made) == [
        ("receipt", "SK01", 30000),
        ("receipt", "SK02", 20000),
        ("receipt", "SK04", -1000),
        ("receipt", "SK05", 20000),
    ]
    assert made.left_out == ((4, "状态是“已作废”"),)
    assert made.findings == ()


def test_ledgers__order_lines():
    repeated = """
        订单编号 | 客户名称 | 订单金额 | 商品
        D1 | 甲公司 | 500 | 软件
        D1 | 甲公司 | 500 | 服务
        D2 | 乙公司 | 300 | 软件
    """
    assert documents(ledger(repeated)) == [("order", "D1", 500), ("order", "D2", 300)]
    lines = repeated.replace("500 | 服务", "200 | 服务")
    assert documents(ledger(lines)) == [("order", "D1", 700), ("order", "D2", 300)]


def test_ledgers__receipts_without_a_number_are_known_by_what_they_say():
    text = """
        客户 | 回款金额(万元) | 回款日期
        甲公司 | 1 | 2024-06-01
        甲公司 | 1 | 2024-06-01
        甲公司 | 2 | '2024/6/2'
    """
    made = ledger(text)
    assert [amount for _, _, amount in documents(made)] == [10000, 10000, 20000]
    assert made.documents["fingerprint"].is_unique
    turned = "\n".join(reversed(text.strip().splitlines()[1:]))
    again = ledger(text.strip().splitlines()[0] + "\n" + turned.replace("'2024/6/2'", "2024-06-02"))
    assert set(again.documents["fingerprint"]) == set(made.documents["fingerprint"])


def test_ledgers__invoices_are_no_receipts():
    made = ledger("发票号码 | 购方名称 | 价税合计 | 开票日期\n001 | 甲公司 | 500 | 2024-06-01")
    assert made.documents.empty
    assert [s for s in made.assumptions if "开票不等于到账" in s]


def test_post__to_the_one_won_lead_or_the_contracts():
    made = post(ledger(RECEIPTS), book())
    assert updates(made) == [
        ("L1", "paid_amount", None, 49000, 3),
        ("L4", "paid_amount", None, 20000, 1),
    ]
    assert made.questions == ()
    assert len(made.fingerprints) == 4


def paid(by_lead: dict[str, int]) -> CleanBook:
    lines = LEADS.strip().splitlines()
    for i, line in enumerate(lines):
        lead = line.split("|")[0].strip()
        if lead in by_lead:
            lines[i] = line.rpartition("|")[0] + f"| {by_lead[lead]}"
    return clean_book(sheet("\n".join(lines)), sheet(CONTRACTS, "合同"), own=True)


def test_post__again_adds_nothing_and_later_only_what_is_new():
    first = post(ledger(RECEIPTS), book())
    after = paid({"L1": 49000, "L4": 20000})
    again = post(ledger(RECEIPTS), after, known(first))
    assert (updates(again), again.questions, again.repeated) == ([], (), 4)
    more = RECEIPTS.replace(
        "合计 |", "SK06 | 苏州明禾机械有限公司 | | 43000 | 2024-07-01 |\n合计 |"
    )
    later = post(ledger(more), after, known(first))
    assert updates(later) == [("L1", "paid_amount", 49000, 92000, 1)]


def test_post__an_export_without_the_journal_sees_that_the_book_has_it():
    made = post(ledger(RECEIPTS), paid({"L1": 49000, "L4": 20000}))
    assert updates(made) == []
    assert len(made.fingerprints) == 4


STAR = "收款单号 | 客户名称 | 收款金额 | 到账日期\nSK11 | 上海星辰科技有限公司 | {} | 2024-06-01"


def test_post__a_typed_amount_is_asked_about():
    made = post(ledger(STAR.format(30000)), book())
    assert updates(made) == []
    assert made.fingerprints == ()
    (question,) = made.questions
    assert (question.about, question.kind, question.company) == (
        "amount",
        "receipt",
        "上海星辰科技有限公司",
    )
    assert question.choices == ("30000.00", "76000.00")


ORDERS = """
订单编号 | 客户名称 | 订单金额 | 已收金额
D1 | 苏州明禾机械有限公司 | 92000 | {}
D2 | 南京嘉禾智能有限公司 | 20000 | 0
D3 | 广州白云物流有限公司 | 8000 |
D4 | 没有的公司 | 100 |
"""


def test_post__customers_with_several_won_leads_or_none_are_asked_about():
    made = post(ledger(ORDERS.format(30000)), book())
    assert updates(made) == [("L1", "paid_amount", None, 30000, 1)]
    assert [(q.about, q.kind, q.company, q.rows, q.choices) for q in made.questions] == [
        ("lead", "order", "南京嘉禾智能有限公司", (3,), ("L3", "L4")),
        ("lead", "receipt", "南京嘉禾智能有限公司", (3,), ("L3", "L4")),
        ("lead", "order", "广州白云物流有限公司", (4,), ("L5",)),
        ("lead", "order", "没有的公司", (5,), ()),
    ]


def test_post__a_running_total_replaces_the_one_before():
    first = post(ledger(ORDERS.format(30000)), book())
    after = paid({"L1": 30000})
    later = post(ledger(ORDERS.format(50000)), after, known(first))
    assert updates(later) == [("L1", "paid_amount", 30000, 50000, 1)]
    less = post(ledger(ORDERS.format(20000)), after, known(first))
    assert updates(less) == [("L1", "paid_amount", 30000, 20000, 1)]


def test_post__running_totals_and_single_receipts_are_not_added_up():
    first = post(ledger(ORDERS.format(30000)), book())
    after = paid({"L1": 30000})
    single = post(ledger(RECEIPTS), after, known(first))
    assert [(q.about, q.company) for q in single.questions] == [("amount", "苏州明禾机械有限公司")]
