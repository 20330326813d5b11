"""STG-01, STG-03, STG-05: moves in the pipeline that somebody should explain."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import report, values
from sheetcrm.checks.leads import kinds, order, subjects
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding

# Lost has no place in the order; on a day with several rows it comes last.
_LAST = 1e6


@dataclass(frozen=True)
class Moves:
    """The rows of 阶段进度 or 状态变更 in order of time, each with the row before it.

    `rows` is indexed by Excel row: lead, day, stage (label), order (NaN for lost), kind; `before`
    and `before_kind` are of the lead's previous row, missing in its first one.
    """

    table: CleanTable
    key: str
    rows: pd.DataFrame


def irregular(book: CleanBook, as_of: date) -> list[Finding]:
    """STG-01, STG-03, STG-05: the moves of all leads, put in order of time once."""
    del as_of
    result: list[Finding] = []
    for moves in _moves(book):
        result += _skipped(book, moves)
        # A 状态变更 row asks for its reason itself (REQ-04).
        if moves.table.spec.key == "stage_progress":
            result += _unexplained(book, moves)
    return result


def _skipped(book: CleanBook, moves: Moves) -> list[Finding]:
    """STG-01: a stage entered without the stages between it and the furthest one so far.

    Where a lead's rows begin is no skip: its history may be older than the table.
    """
    names = {float(i): s.name for i, s in enumerate(book.kit.pipeline.stages) if s.kind != "lost"}
    rows = moves.rows.dropna(subset="order")
    furthest = rows.groupby("lead")["order"].cummax().groupby(rows["lead"]).shift()
    jump = rows[rows["order"] > furthest + 1]
    between = [
        [name for place, name in names.items() if low < place < high]
        for low, high in zip(furthest[jump.index], jump["order"], strict=True)
    ]
    facts = pd.DataFrame(
        {
            "before": jump["before"],
            "skipped": ["、".join(f"“{name}”" for name in each) for each in between],
        },
        index=jump.index,
    )
    return report(moves.table, "STG-01", moves.key, facts[facts["skipped"] != ""].sort_index())


def _unexplained(book: CleanBook, moves: Moves) -> list[Finding]:
    """STG-03, STG-05: won after lost or the other way, open after either, and no reason given."""
    rows = moves.rows
    ended = rows["before_kind"].isin(["won", "lost"])
    changed = rows[ended & (rows["kind"] != rows["before_kind"])]
    reasons = _reasons(book)
    said = [key in reasons for key in zip(changed["lead"], changed["kind"], strict=True)]
    changed = changed[~np.array(said, dtype=bool)].sort_index()
    again = changed["kind"] == "open"
    return [
        *report(moves.table, "STG-03", moves.key, changed.loc[~again, ["before"]]),
        *report(moves.table, "STG-05", moves.key, changed.loc[again, ["before"]]),
    ]


def _moves(book: CleanBook) -> list[Moves]:
    """Return the moves of 阶段进度, and those of 状态变更 for leads without 阶段进度."""
    progress, changes = book.tables.get("stage_progress"), book.tables.get("status_change")
    result = []
    if progress is not None and {"stage", "entered_stage_on"} <= set(progress.data):
        result.append(_ordered(book, progress, "stage", "entered_stage_on"))
    if changes is not None and {"to_status", "changed_at"} <= set(changes.data):
        made = _ordered(book, changes, "to_status", "changed_at")
        known = set(result[0].rows["lead"]) if result else set()
        result.append(Moves(made.table, made.key, made.rows[~made.rows["lead"].isin(known)]))
    return result


def _ordered(book: CleanBook, table: CleanTable, key: str, when: str) -> Moves:
    labels = values(table, key)
    rows = pd.DataFrame(
        {
            "lead": subjects(book, table),
            "day": values(table, when),
            "stage": labels,
            "order": order(book, labels),
            "kind": kinds(book, labels),
        }
    ).dropna(subset=["lead", "day", "kind"])
    rows = rows.assign(date=rows["day"].dt.normalize(), place=rows["order"].fillna(_LAST))
    by = ["lead", "day"] if table.spec.key == "status_change" else ["lead", "date"]
    rows = rows.sort_values([*by, "place"], kind="stable")
    earlier = rows.groupby("lead")[["stage", "kind"]].shift()
    rows = rows.assign(before=earlier["stage"], before_kind=earlier["kind"])
    if table.spec.key == "status_change" and "from_status" in table.data:
        rows["before"] = values(table, "from_status")[rows.index].fillna(rows["before"])
    return Moves(table, key, rows)


def _reasons(book: CleanBook) -> set[tuple[str, str]]:
    """Return (lead, kind of the new status) of the changes with a reason."""
    table = book.tables.get("status_change")
    if table is None or not {"to_status", "reason"} <= set(table.data):
        return set()
    leads, kind = subjects(book, table), kinds(book, values(table, "to_status"))
    given = values(table, "reason").notna() & leads.notna() & kind.notna()
    return set(zip(leads[given], kind[given], strict=True))
