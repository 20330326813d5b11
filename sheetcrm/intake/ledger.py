"""Exports of ERP and finance programs: orders, receipts and invoices, recognised by headings."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.intake.variants import variants
from sheetcrm.kit.headings import LONGEST_HEADING, Vocabulary, vocabulary
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.locate import SEARCHED_ROWS
from sheetcrm.kit.model import Column, ColumnType, TableSpec
from sheetcrm.table import Cell, RawSheet


def _column(key: str, type_: ColumnType, name: str, *aliases: str) -> Column:
    return Column(key=key, name=name, type=type_, aliases=aliases)


# What such exports call things; it is no table of any book.
LEDGER = TableSpec(
    key="ledger",
    name="订单和收款明细",
    columns=(
        _column(
            *(
                "company",
                "text",
                "客户名称",
                "客户",
                "往来单位",
                "往来单位名称",
                "付款方",
                "付款单位",
            ),
            *(
                "付款人",
                "付款方名称",
                "付款户名",
                "对方户名",
                "对方单位",
                "对方名称",
                "交款单位",
                "购方名称",
            ),
            *(
                "购买方",
                "购买方名称",
                "购货单位",
                "公司名称",
                "单位名称",
                "客户全称",
                "核算项目",
                "Customer",
            ),
            *("Customer Name", "Payer", "Company", "Account Name", "Bill To"),
        ),
        _column("lead_id", "id", "线索编号", "线索ID", "商机编号", "商机ID", "机会编号", "Lead ID"),
        _column(
            *("contract_id", "id", "合同编号", "合同号", "协议编号", "关联合同", "销售合同号"),
            *("Contract No", "Contract ID"),
        ),
        _column(
            *(
                "order_no",
                "id",
                "订单编号",
                "订单号",
                "销售订单号",
                "单号",
                "单据编号",
                "单据号",
                "订单ID",
            ),
            *("销售单号", "出库单号", "Order No", "Order ID", "Order Number", "Sale ID", "Order"),
        ),
        _column(
            *(
                "receipt_no",
                "id",
                "收款单号",
                "收款编号",
                "回款编号",
                "回款单号",
                "收款单编号",
                "流水号",
            ),
            *(
                "交易流水号",
                "银行流水号",
                "凭证号",
                "交易号",
                "支付单号",
                "Payment ID",
                "Receipt No",
            ),
        ),
        _column(
            "invoice_no", "id", "发票号码", "发票号", "发票代码", "Invoice No", "Invoice Number"
        ),
        _column(
            *(
                "ordered",
                "amount",
                "订单金额",
                "订单总额",
                "订单总金额",
                "销售金额",
                "合同金额",
                "应收金额",
            ),
            *(
                "应收款",
                "成交金额",
                "订单实付金额",
                "含税金额",
                "Order Amount",
                "Order Total",
                "Sale Value",
            ),
        ),
        _column(
            *(
                "received",
                "amount",
                "收款金额",
                "回款金额",
                "到账金额",
                "到款金额",
                "实收金额",
                "实际到账",
            ),
            *(
                "本次收款",
                "本次回款",
                "本次收款金额",
                "本次回款金额",
                "收入金额",
                "贷方金额",
                "付款金额",
            ),
            *("核销金额", "入账金额", "Payment Amount", "Amount Received", "Paid"),
        ),
        _column(
            *(
                "received_total",
                "amount",
                "累计回款",
                "累计收款",
                "累计回款金额",
                "累计收款金额",
                "已收金额",
            ),
            *(
                "已回款",
                "已回款金额",
                "已收款",
                "已收款金额",
                "已付金额",
                "Amount Paid",
                "Total Paid",
            ),
        ),
        _column(
            *(
                "invoiced",
                "amount",
                "开票金额",
                "发票金额",
                "价税合计",
                "已开票金额",
                "Invoice Amount",
            ),
        ),
        _column(
            *("ordered_on", "date", "下单日期", "下单时间", "订单日期", "订单时间", "订单创建时间"),
            *("签订日期", "成交日期", "单据日期", "Order Date", "Sale Date"),
        ),
        _column(
            *(
                "received_on",
                "date",
                "到账日期",
                "到账时间",
                "回款日期",
                "回款时间",
                "收款日期",
                "收款时间",
            ),
            *(
                "到款日期",
                "付款日期",
                "付款时间",
                "入账日期",
                "入账时间",
                "交易日期",
                "交易时间",
                "支付时间",
            ),
            *("Payment Date", "Paid At", "Received On"),
        ),
        _column("invoiced_on", "date", "开票日期", "开票时间", "Invoice Date"),
        _column(
            *(
                "state",
                "text",
                "单据状态",
                "订单状态",
                "收款状态",
                "回款状态",
                "付款状态",
                "审核状态",
                "状态",
            ),
            *("交易状态", "发票状态", "Status", "Order Status", "Payment Status"),
        ),
    ),
)
_WHO = frozenset(("company", "lead_id", "contract_id"))
_RECEIPT_SIGNS = frozenset(("receipt_no", "received_on", "order_no"))
_INVOICE_SIGNS = frozenset(("invoice_no", "invoiced_on"))
# A sheet that has one of these is about leads, even where it has orders and receipts as well.
_OF_LEADS = frozenset(
    (
        *("source", "grade", "initial_need", "last_follow_up", "next_follow_up", "lost_reason"),
        *("lost_stage", "pain_point"),
    )
)
_STAGE = re.compile(r"阶段|线索状态|客户状态")


@dataclass(frozen=True)
class LedgerSheet:
    """Where the headings of such a sheet are: texts and columns counted from 1."""

    header_row: int
    headings: tuple[tuple[str, int], ...]


def is_ledger(sheet: RawSheet) -> bool:
    """Say whether a sheet lists orders, receipts or invoices."""
    return not sheet.table and ledger_headings(sheet) is not None


def ledger_headings(sheet: RawSheet) -> LedgerSheet | None:
    """Find the headings of a list of orders, receipts or invoices; None where it is none.

    It names a customer and an amount, and has the number or the day of a document; a sheet of
    leads or contracts that also has amounts is none.
    """
    words = vocabulary(LEDGER)
    leads = vocabulary(load_kit().by_key["lead"])
    for index, row in enumerate(sheet.rows[:SEARCHED_ROWS]):
        headings = tuple(_texts(row))
        keys = _keys([text for text, _ in headings], words)
        if len(keys) < 3 or not (keys & _WHO and _documents(keys)):
            continue
        about_leads = _keys([text for text, _ in headings], leads) & _OF_LEADS
        if about_leads or any(_STAGE.search(text) for text, _ in headings):
            return None
        return LedgerSheet(index + 1, headings)
    return None


def _documents(keys: frozenset[str]) -> bool:
    orders = {"ordered", "order_no"} <= keys
    receipts = "received" in keys and bool(keys & _RECEIPT_SIGNS)
    totals = "received_total" in keys and "order_no" in keys
    invoices = "invoiced" in keys and bool(keys & _INVOICE_SIGNS)
    return orders or receipts or totals or invoices


def _keys(texts: Sequence[str], words: Vocabulary) -> frozenset[str]:
    found = (
        next((f for reading in (text, *variants(text)) if (f := words.find(reading))), None)
        for text in texts
    )
    return frozenset(match[0].key for match in found if match)


def _texts(row: Sequence[Cell]) -> list[tuple[str, int]]:
    return [
        (cell.strip(), index + 1)
        for index, cell in enumerate(row)
        if isinstance(cell, str) and cell.strip() and len(cell) <= LONGEST_HEADING
    ]
