"""A list of orders or receipts in the shape that the import of any other sheet has."""

from collections.abc import Iterable, Mapping

import pandas as pd

from sheetcrm.clean import CleanTable
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.ledger import LEDGER, ledger_headings
from sheetcrm.intake.model import DECISION_COLUMNS, Action, Decided, Incoming
from sheetcrm.intake.payments import Ledger
from sheetcrm.intake.post import PaymentQuestion, Posted
from sheetcrm.table import RawSheet, Table
from sheetcrm.values.text import is_blank

_CHANGES = ("row", "target", "key", "old", "new")
_CODES = {"lead": "IMP-21", "amount": "IMP-22"}
_MATCHED = "单据"


def as_incoming(ledger: Ledger, raw: RawSheet, source: str) -> Incoming:
    """Return the sheet as one that came in: its rows, blank ones told apart."""
    found = ledger_headings(raw)
    top = found.header_row if found else 1
    known = [*ledger.documents.index.tolist(), *(row for row, _ in ledger.left_out)]
    last = max(known, default=top)
    filled = [_filled(raw, row) for row in range(top + 1, last + 1)]
    rows = [row for row, has in enumerate(filled, top + 1) if has]
    blank = tuple(row for row, has in enumerate(filled, top + 1) if not has)
    index = pd.Index(rows, dtype="int64")
    table = Table(ledger.file, ledger.sheet, LEDGER.key, top, (), pd.DataFrame(index=index))
    documents = ledger.documents.reindex(columns=["company", "lead_id"])
    return Incoming(
        ledger.file,
        ledger.sheet,
        LEDGER.key,
        source,
        ledger.headings,
        (),
        table,
        documents.reindex(index).astype("str"),
        pd.DataFrame(index=index),
        blank,
        ledger.findings,
        ledger.assumptions,
    )


def as_decided(incoming: Incoming, ledger: Ledger, posted: Posted, leads: CleanTable) -> Decided:
    """Return what becomes of every document: its lead's amount changes, or why it does not."""
    went = dict(posted.fingerprints)
    marks = ledger.documents["fingerprint"]
    rows_of = _lead_rows(leads)
    asked = {row: question for question in posted.questions for row in question.rows}
    left_out = dict(ledger.left_out)
    changed = {str(lead) for lead in posted.updates["lead_id"]}
    lines = []
    first = 0
    for row in incoming.data.index.tolist():
        mark = str(marks.get(row, ""))
        lead = went.get(mark, "")
        target = rows_of.get(lead)
        if row in asked:
            question = asked[row]
            lines.append(_line("reject", None, question.reason, _CODES[question.about], mark))
        elif row in left_out:
            lines.append(_line("skip", None, left_out[row], "", mark))
        elif not mark:
            lines.append(_line("merge", None, "和上面一行是同一张单据", "", mark, first))
        elif not lead:
            lines.append(_line("skip", None, "以前导入过", "", mark))
        elif lead in changed:
            lines.append(_line("update", target, "计入这条线索的金额", "", mark))
        else:
            lines.append(_line("skip", target, "表里的金额已经包含它", "", mark))
        first = row if mark else first
    decisions = pd.DataFrame(lines, index=incoming.data.index, columns=list(DECISION_COLUMNS))
    decisions = decisions.astype({"target": "Int64", "first": "Int64"})
    return Decided(
        decisions,
        _changes(decisions, posted, went, ledger),
        pd.DataFrame(columns=[*_CHANGES, "reason"]),
        pd.DataFrame(index=pd.Index([], dtype="int64")),
        pd.DataFrame(),
        tuple(_findings(ledger, posted.questions)),
        posted.notes,
    )


def _filled(raw: RawSheet, row: int) -> bool:
    cells = raw.rows[row - 1] if row <= len(raw.rows) else ()
    return not all(is_blank(cell) for cell in cells)


def _lead_rows(leads: CleanTable) -> Mapping[str, int]:
    ids = leads.data.get(leads.spec.id_column)
    named = {} if ids is None else {str(text): int(str(row)) for row, text in ids.dropna().items()}
    companies = leads.data["company"].dropna() if "company" in leads.data else pd.Series(dtype=str)
    return {f"客户:{text}": int(str(row)) for row, text in companies.items()} | named


def _line(
    action: Action, target: int | None, reason: str, code: str, mark: str, first: int = 0
) -> tuple[object, ...]:
    return (action, target, first or None, True, _MATCHED, reason, code, mark)


def _changes(
    decisions: pd.DataFrame, posted: Posted, went: Mapping[str, str], ledger: Ledger
) -> pd.DataFrame:
    """Return the cells that change, each under the first document that goes into it."""
    leads = ledger.documents["fingerprint"].map(went)
    kinds = ledger.documents["kind"].map({"order": "amount", "receipt": "paid_amount"})
    changes = []
    for update in posted.updates.to_dict("records"):
        mine = leads.index[(leads == update["lead_id"]) & (kinds == update["key"])]
        row = int(mine[0]) if len(mine) else int(decisions.index[0])
        old = update["old"]
        changes.append((row, int(update["row"]), update["key"], old, update["new"]))
    return pd.DataFrame(changes, columns=list(_CHANGES))


def _findings(ledger: Ledger, questions: Iterable[PaymentQuestion]) -> Iterable[Finding]:
    """Yield a finding for every document that waits for a person."""
    headings = {match.key: match for match in ledger.headings}
    for question in questions:
        match = headings.get("company") if question.about == "lead" else None
        column = match.text if match else ""
        choices = "、".join(question.choices) or "没有"
        for row in question.rows:
            place = Place(ledger.file, ledger.sheet, f"A{row}", row, column)
            code = _CODES[question.about]
            yield finding(code, place, question.company, reason=question.reason, choices=choices)
