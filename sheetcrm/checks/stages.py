"""STG: moves in the pipeline that need a reason."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import report, values
from sheetcrm.checks.leads import order, subjects
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding


def moved_back(book: CleanBook, as_of: date) -> list[Finding]:
    """STG-02: a stage entered after a later one, and no 状态变更 row that says why.

    Rows of one day count in pipeline order; lost has no place in the order. Without a 状态变更
    table there is nowhere to give the reason, and the finding is a warning.
    """
    del as_of
    table = book.tables.get("stage_progress")
    if table is None or not {"stage", "entered_stage_on"} <= set(table.data):
        return []
    rows = pd.DataFrame(
        {
            "lead": subjects(book, table),
            "day": values(table, "entered_stage_on").dt.normalize(),
            "stage": values(table, "stage"),
            "order": order(book, values(table, "stage")),
        }
    ).dropna()
    rows = rows.sort_values(["lead", "day", "order"], kind="stable")
    earlier = rows.groupby("lead")[["stage", "order"]].shift()
    back = rows["order"] < earlier["order"]
    facts = pd.DataFrame({"before": earlier.loc[back, "stage"]}).sort_index()
    reasons = _explained(book)
    if reasons is None:
        return report(table, "STG-02", "stage", facts, "warning")
    keys = list(zip(rows.loc[facts.index, "lead"], rows.loc[facts.index, "order"], strict=True))
    return report(table, "STG-02", "stage", facts[[key not in reasons for key in keys]])


def _explained(book: CleanBook) -> set[tuple[str, float]] | None:
    """Return (lead, stage order) of the moves with a reason; None where nobody can give one."""
    table = book.tables.get("status_change")
    if table is None or not {"to_status", "reason"} <= set(table.data):
        return None
    given = values(table, "reason").notna()
    leads = subjects(book, table)[given]
    orders = order(book, values(table, "to_status"))[given]
    known = leads.notna() & orders.notna()
    return set(zip(leads[known], orders[known], strict=True))
