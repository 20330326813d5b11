"""Orders and receipts of a finance export: documents that are added to a lead's amounts once.

Every document is remembered by its number (or, without one, by what it says), so the same export
brought in again adds nothing, and a later one adds what is new in it. A running total of an order
(已回款金额) replaces the one brought in before.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from sheetcrm.findings import Finding
from sheetcrm.intake.incoming import Context, read_sheet
from sheetcrm.intake.ledger import LEDGER, ledger_headings
from sheetcrm.intake.model import HeadingMatch, SavedMap
from sheetcrm.intake.sheets import Headed
from sheetcrm.intake.vocabulary import Words
from sheetcrm.kit.headings import vocabulary
from sheetcrm.kit.model import Kit
from sheetcrm.table import RawBook
from sheetcrm.values.company import normal_name

DocumentKind = Literal["order", "receipt"]
PREFIX = "ledger"
# Begins the document of a running total; any other is one order or one receipt.
RUNNING = "累计:"
DOCUMENT_COLUMNS = (
    "kind",  # a DocumentKind
    "document",  # its number, or what stands for one
    "company",
    "lead_id",
    "contract_id",
    "amount",  # in the kit's unit; a refund is negative
    "fingerprint",
)
_NOTHING = SavedMap()
_VOID = re.compile(
    r"取消|作废|关闭|驳回|拒绝|退回|草稿|失败|红冲|未审核|未提交|未收|待收|未到账|待确认|未付|待付|未支付|"
    r"cancel|void|draft|failed|rejected|unpaid|pending",
    re.IGNORECASE,
)
_REFUND = re.compile(r"退款|退货|refund", re.IGNORECASE)


@dataclass(frozen=True)
class Ledger:
    """One sheet of orders, receipts or invoices.

    `documents` has DOCUMENT_COLUMNS, indexed by the Excel row (the first one of a document that
    takes several). `left_out` are the rows that count for nothing, with the reason.
    """

    file: str
    sheet: str
    headings: tuple[HeadingMatch, ...]
    documents: pd.DataFrame = field(repr=False)
    left_out: tuple[tuple[int, str], ...] = ()
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()


def ledgers(
    raw: RawBook, kit: Kit, given: SavedMap = _NOTHING, saved: SavedMap = _NOTHING
) -> tuple[Ledger, ...]:
    """Read every sheet of a file that lists orders, receipts or invoices.

    Args:
        raw: The file.
        kit: The book's kit.
        given: What was said about its headings, in the words of `LEDGER`.
        saved: What was said for its source before.
    """
    with_ledger = kit.model_copy(update={"tables": (*kit.tables, LEDGER)})
    words = Words(LEDGER, vocabulary(LEDGER), kit.pipeline)
    context = Context(raw.path, with_ledger, given, saved, "")
    made = []
    for sheet in raw.sheets:
        found = ledger_headings(sheet) if not (sheet.tab or sheet.table or sheet.hidden) else None
        if found:
            headed = Headed(sheet, words, found.header_row, found.headings)
            made.append(_ledger(headed, context))
    return tuple(made)


def _ledger(headed: Headed, context: Context) -> Ledger:
    read = read_sheet(headed, context)
    data = _complete(read.data)
    left_out = dict(_void(data))
    kept = data.drop(index=list(left_out))
    documents, said = _documents(kept)
    if data["invoiced"].notna().any() and documents.empty:
        said = (*said, "开票不等于到账，发票金额不更新任何金额")
    left_out |= dict.fromkeys(kept.index.difference(_covered(kept)), "没有金额")
    # A refund is a negative amount on purpose.
    findings = tuple(f for f in read.findings if f.code != "AMT-01")
    return Ledger(
        read.file,
        read.sheet,
        read.headings,
        documents,
        tuple(sorted(left_out.items())),
        findings,
        (*read.assumptions, *said),
    )


def _complete(data: pd.DataFrame) -> pd.DataFrame:
    """Return all columns of a ledger, those the sheet lacks empty and of the right type."""
    types = {"amount": "float64", "date": "datetime64[us]"}
    missing = {
        column.key: pd.Series(None, index=data.index, dtype=types.get(column.type, "str"))
        for column in LEDGER.columns
        if column.key not in data
    }
    return data.assign(**missing)


def _void(data: pd.DataFrame) -> Iterator[tuple[int, str]]:
    """Yield the rows whose document does not count, with the reason."""
    for row, state in data["state"].dropna().items():
        if _VOID.search(state) and not _REFUND.search(state):
            yield int(str(row)), f"状态是“{state}”"


def _covered(data: pd.DataFrame) -> pd.Index:
    return data.index[data[["ordered", "received", "received_total"]].notna().any(axis=1)]


def _documents(data: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    orders, said = _orders(data)
    receipts = _receipts(data) if data["received"].notna().any() else _totals(data)
    made = pd.concat([orders, receipts]).sort_index(kind="stable")
    stem = PREFIX + "|" + made["kind"] + "|" + made["document"] + "|"
    made["fingerprint"] = stem + made["amount"].map("{:.2f}".format)
    if len(receipts) and data["received"].isna().all():
        said = (*said, "回款按每张订单的累计数读取，以最近一次导入的为准")
    return made[list(DOCUMENT_COLUMNS)], said


def _orders(data: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Make one document an order; lines that repeat the order's total count once."""
    found = data[data["ordered"].notna()]
    number = found["order_no"].fillna(found["contract_id"])
    made = _frame(found, "order", number.fillna(_own_key(found, "ordered")), "ordered")
    grouped = made.groupby("document", sort=False)["amount"]
    several = grouped.transform("size") > 1
    repeats = several & (grouped.transform("min") == grouped.transform("max"))
    total = grouped.transform("sum").where(~repeats, made["amount"])
    said: tuple[str, ...] = ()
    if repeats.any():
        said = ("同一订单的几行金额相同，当作重复写了订单总额，只计一次",)
    elif several.any():
        said = ("同一订单有几行的，金额加在一起",)
    return made.assign(amount=total).drop_duplicates("document"), said


def _receipts(data: pd.DataFrame) -> pd.DataFrame:
    """Make one document a receipt; a refund takes away."""
    found = data[data["received"].notna()]
    number = found["receipt_no"]
    # The same number twice is one receipt split over several orders, so the order is part of it.
    split = number.duplicated(keep=False) & number.notna()
    own = _own_key(found, "received")
    made = _frame(
        found, "receipt", number.where(~split, number + "/" + own).fillna(own), "received"
    )
    refund = found["state"].fillna("").str.contains(_REFUND) & (made["amount"] > 0)
    return made.assign(amount=made["amount"].where(~refund, -made["amount"]))


def _totals(data: pd.DataFrame) -> pd.DataFrame:
    """Make one document an order's running total of receipts, the last row of each order."""
    found = data[data["received_total"].notna()]
    number = found["order_no"].fillna(found["contract_id"]).fillna(found["company"])
    made = _frame(found, "receipt", RUNNING + number, "received_total")
    return made.drop_duplicates("document", keep="last")


def _frame(found: pd.DataFrame, kind: DocumentKind, number: pd.Series, amount: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "kind": kind,
            "document": number.astype("str"),
            "company": found["company"],
            "lead_id": found["lead_id"],
            "contract_id": found["contract_id"],
            "amount": found[amount].astype("float64"),
        },
        index=found.index,
    )


def _own_key(found: pd.DataFrame, amount: str) -> pd.Series:
    """Return what stands for a missing number: customer, order, day, amount, and which of them."""
    day = found["received_on"].fillna(found["ordered_on"])
    days = day.dt.strftime("%Y%m%d").astype("str").fillna("")
    who = found["company"].fillna("").map(normal_name)
    parts = (
        who,
        found["lead_id"].fillna(""),
        found["contract_id"].fillna(""),
        found["order_no"].fillna(""),
        days,
        found[amount].map("{:.2f}".format),
    )
    key = parts[0].astype("str")
    for part in parts[1:]:
        key = key + "~" + part.astype("str")
    return key + "~" + key.groupby(key).cumcount().astype("str")


def posted_before(known: Mapping[str, str]) -> dict[tuple[str, str], tuple[str, float]]:
    """Return the documents brought in before: lead id and amount by kind and document.

    Args:
        known: The journal's fingerprints and the ids their rows went to, oldest first.
    """
    found: dict[tuple[str, str], tuple[str, float]] = {}
    for fingerprint, lead_id in known.items():
        prefix, _, rest = fingerprint.partition("|")
        if prefix == PREFIX:
            kind, _, rest = rest.partition("|")
            document, _, amount = rest.rpartition("|")
            found[kind, document] = (lead_id, float(amount))
    return found
