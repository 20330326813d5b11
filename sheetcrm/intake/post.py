"""Which lead a finance document belongs to, and what its amounts become."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.intake.names import Names
from sheetcrm.intake.payments import RUNNING, DocumentKind, Ledger, posted_before
from sheetcrm.kit.model import Kit
from sheetcrm.values.text import fold

AMOUNT_KEYS: Mapping[DocumentKind, str] = {"order": "amount", "receipt": "paid_amount"}
POST_COLUMNS = ("row", "lead_id", "company", "key", "old", "new", "documents", "reason")
_CENT = 0.005  # amounts nearer than that are the same to the cent
_NONE: Mapping[str, str] = MappingProxyType({})
_KIND_NAMES: Mapping[DocumentKind, str] = {"order": "订单", "receipt": "收款"}


@dataclass(frozen=True)
class PaymentQuestion:
    """What only a person can say about documents; nothing of it is written until then.

    With `about` "lead", which of the leads `choices` (ids) the customer's documents belong to, or
    none is known; with "amount", whether the amount in the book already has these documents in it:
    `choices` are what it becomes if so ("total") and if not ("increment").
    """

    about: Literal["lead", "amount"]
    kind: DocumentKind
    company: str
    rows: tuple[int, ...]
    amount: float
    reason: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Posted:
    """What becomes of a list of orders or receipts.

    `updates` has POST_COLUMNS, one row a cell that changes, `row` being the lead's row in the book.
    `fingerprints` are the documents that are dealt with, with the id of their lead: to be kept in
    the journal. `repeated` counts documents brought in before.
    """

    updates: pd.DataFrame = field(repr=False)
    questions: tuple[PaymentQuestion, ...] = ()
    fingerprints: tuple[tuple[str, str], ...] = ()
    repeated: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Lead:
    row: int
    id: str
    company: str
    amounts: Mapping[str, float]


def post(ledger: Ledger, book: CleanBook, known: Mapping[str, str] = _NONE) -> Posted:
    """Add documents to the amounts of their leads, each once.

    A document goes to the lead it names, else to its contract's, else to the one won lead of its
    customer; several won leads, or none, are a question. The amount in the book is left where it
    already is what the documents come to.

    Args:
        ledger: The documents.
        book: The book they go into.
        known: The journal's fingerprints with the ids they went to, oldest first.
    """
    documents = ledger.documents
    before = posted_before(known)
    seen = [
        before.get((kind, number), ("", 0.0))
        for kind, number in zip(documents["kind"], documents["document"], strict=True)
    ]
    documents = documents.assign(
        earlier=[amount for _, amount in seen], went_to=[lead for lead, _ in seen]
    )
    repeated = (documents["went_to"] != "") & (
        (documents["amount"] - documents["earlier"]).abs() < _CENT
    )
    fresh = documents[~repeated]
    leads, questions = _leads(fresh, book)
    updates, asked, done = _updates(fresh, leads, before)
    return Posted(
        pd.DataFrame(updates, columns=list(POST_COLUMNS)),
        (*questions, *asked),
        done,
        int(repeated.sum()),
        (f"{int(repeated.sum())}张单据以前导入过，没有再加",) if repeated.any() else (),
    )


def _leads(fresh: pd.DataFrame, book: CleanBook) -> tuple[dict[int, _Lead], list[PaymentQuestion]]:
    """Find the lead of every document; ask once a customer and kind where there is no telling."""
    table = _lead_table(book)
    by_id = {lead.id: lead for lead in table.values() if lead.id}
    contracts = _contract_leads(book)
    found: dict[int, _Lead] = {}
    names = Names()
    texts = [c for c in fresh["company"].dropna().unique() if isinstance(c, str)]
    links = names.links(texts, sorted({lead.company for lead in table.values() if lead.company}))
    won = _won_rows(book)
    unsettled: dict[tuple[str, DocumentKind], list[int]] = {}
    for number, document in enumerate(fresh.itertuples()):
        lead = by_id.get(str(document.went_to)) or by_id.get(str(document.lead_id))
        if lead is None and isinstance(document.contract_id, str):
            lead = by_id.get(contracts.get(fold(document.contract_id), ""))
        company = document.company if isinstance(document.company, str) else ""
        lead = lead or _only_won(_of_company(company, table, links, ("strong",)), won)
        if lead:
            found[number] = lead
        else:
            kind: DocumentKind = "order" if document.kind == "order" else "receipt"
            unsettled.setdefault((company, kind), []).append(number)
    questions = []
    for (company, kind), numbers in unsettled.items():
        strong = _of_company(company, table, links, ("strong",))
        near = strong or _of_company(company, table, links, ("similar",))
        part = fresh.iloc[numbers]
        questions.append(
            _which_lead(company, kind, part, near, _reason(company, strong, near, won))
        )
    return found, questions


def _which_lead(
    company: str, kind: DocumentKind, part: pd.DataFrame, near: list[_Lead], reason: str
) -> PaymentQuestion:
    rows = tuple(int(row) for row in part.index)
    total = float(part["amount"].sum())
    return PaymentQuestion(
        "lead", kind, company, rows, total, reason, tuple(lead.id for lead in near if lead.id)
    )


def _reason(company: str, strong: list[_Lead], near: list[_Lead], won: frozenset[int]) -> str:
    if not company:
        return "没有写客户，也没有写线索编号或合同编号"
    if not near:
        return f"表里没有“{company}”这个客户"
    if not strong:
        return f"没有叫“{company}”的客户，名称相近的有“{near[0].company}”"
    closed = sum(lead.row in won for lead in strong)
    return f"“{company}”有{closed}条成交的线索" if closed else f"“{company}”还没有成交的线索"


def _only_won(leads: list[_Lead], won: frozenset[int]) -> _Lead | None:
    closed = [lead for lead in leads if lead.row in won]
    return closed[0] if len(closed) == 1 else None


def _of_company(
    company: str, table: Mapping[int, _Lead], links: pd.DataFrame, wanted: tuple[str, ...]
) -> list[_Lead]:
    if not company:
        return []
    near = links[(links["name"] == company) & links["likeness"].isin(wanted)]
    others = {*near["other"], *((company,) if "strong" in wanted else ())}
    return [lead for lead in table.values() if lead.company in others]


def _lead_table(book: CleanBook) -> dict[int, _Lead]:
    leads = book.tables.get("lead")
    if leads is None:
        return {}
    data = leads.data.reindex(columns=["lead_id", "company", *AMOUNT_KEYS.values()])
    return {
        int(row): _Lead(
            int(row),
            _text(lead_id) or f"客户:{_text(company)}",
            _text(company),
            {"amount": _number(amount), "paid_amount": _number(paid)},
        )
        for row, lead_id, company, amount, paid in data.itertuples(name=None)
    }


def _won_rows(book: CleanBook) -> frozenset[int]:
    leads = book.tables.get("lead")
    column = _stage_column(book.kit)
    if leads is None or column not in leads.data:
        return frozenset()
    kinds = {text: stage.kind for text, stage in book.kit.pipeline.by_label.items()}
    status = leads.data[column].map(kinds)
    return frozenset(int(row) for row in leads.data.index[status == "won"])


def _stage_column(kit: Kit) -> str:
    return kit.by_key["lead"].stage_column if "lead" in kit.by_key else ""


def _contract_leads(book: CleanBook) -> dict[str, str]:
    """Return the lead of every contract of the book, by folded contract number."""
    contracts = book.tables.get("contract")
    if contracts is None or not {"contract_id", "lead_id"} <= set(contracts.data):
        return {}
    named = contracts.data[["contract_id", "lead_id"]].dropna()
    pairs = zip(named["contract_id"], named["lead_id"], strict=True)
    return {fold(contract): lead for contract, lead in pairs}


def _updates(
    fresh: pd.DataFrame,
    leads: Mapping[int, _Lead],
    before: Mapping[tuple[str, str], tuple[str, float]],
) -> tuple[list[tuple[object, ...]], list[PaymentQuestion], tuple[tuple[str, str], ...]]:
    """Sum the documents of every lead and kind, and compare with what the book has."""
    part = fresh.iloc[list(leads)].assign(lead=[lead.row for lead in leads.values()])
    by_row = {lead.row: lead for lead in leads.values()}
    updates: list[tuple[object, ...]] = []
    questions: list[PaymentQuestion] = []
    done: list[tuple[str, str]] = []
    for (row, kind_text), group in part.groupby(["lead", "kind"], sort=True):
        kind: DocumentKind = "order" if kind_text == "order" else "receipt"
        lead, key = by_row[int(str(row))], AMOUNT_KEYS[kind]
        old = lead.amounts[key]
        running = group["document"].str.startswith(RUNNING).any()
        earlier, otherwise = _earlier(before, kind, lead.id, running=bool(running))
        added = float((group["amount"] - group["earlier"]).sum())
        new, question = _new_amount(old, earlier, added, otherwise)
        if question:
            rows = tuple(int(r) for r in group.index)
            choices = (f"{earlier + added:.2f}", f"{old + added:.2f}")
            questions.append(
                PaymentQuestion("amount", kind, lead.company, rows, added, question, choices)
            )
            continue
        done += [(fingerprint, lead.id) for fingerprint in group["fingerprint"]]
        if abs(new - old) >= _CENT:
            reason = f"{len(group)}张{_KIND_NAMES[kind]}，合计{added:,.2f}元"
            shown = None if old == 0 else old
            updates.append((lead.row, lead.id, lead.company, key, shown, new, len(group), reason))
    return updates, questions, tuple(done)


def _earlier(
    before: Mapping[tuple[str, str], tuple[str, float]],
    kind: DocumentKind,
    lead: str,
    *,
    running: bool,
) -> tuple[float, float]:
    """Return what a lead's earlier documents come to: those of the same way of counting, others."""
    same = other = 0.0
    for (k, document), (went_to, amount) in before.items():
        if k == kind and went_to == lead:
            if document.startswith(RUNNING) == running:
                same += amount
            else:
                other += amount
    return same, other


def _new_amount(old: float, earlier: float, added: float, otherwise: float) -> tuple[float, str]:
    """Return what an amount becomes, and what has to be asked first.

    Args:
        old: What the book has.
        earlier: What documents brought in before come to.
        added: What these add.
        otherwise: What came in before as running totals where these are single receipts, or the
            other way round.
    """
    total = round(earlier + added, 2)
    known_origin = abs(old - earlier) < _CENT and abs(otherwise) < _CENT
    if known_origin or abs(old - total) < _CENT:
        return total, ""
    if abs(otherwise) >= _CENT:
        how = "以前按订单的累计回款导入过，这次是一笔一笔的收款，或者相反"
        return old, f"{how}；表里是{old:,.2f}元，这次合计{added:,.2f}元，不知道是否已经包含在内"
    return old, (
        f"表里已经手工填了{old:,.2f}元，这次的单据合计{added:,.2f}元，不知道是否已经包含在内"
    )


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _number(value: object) -> float:
    return float(value) if isinstance(value, float | int) and not pd.isna(value) else 0.0
