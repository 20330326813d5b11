"""REQ and AMT-04: cells that must be filled, always or as things stand, and are not.

In a guest workbook, whose rules are not ours, three things are softer. A blank is an error only
where the record cannot be identified, dated, placed or assigned without it (REQ-01); what only our
stages ask for is a warning (REQ-02). And a column that is blank in more than half of the rows that
should have it is evidently not asked for there: one REQ-06 on its heading, not a finding a row.
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import DATE_TYPES, missing, name_of, place_of, report, values
from sheetcrm.checks.leads import kinds, lead_rows, newest, open_leads, subjects
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding, Place, Severity, finding
from sheetcrm.kit.model import Column
from sheetcrm.kit.readings import SPARSE
from sheetcrm.kit.requirement import Condition, Requirement, parse, required_mask
from sheetcrm.table import column_letter
from sheetcrm.values.text import is_placeholder

PLAN = "next_follow_up"
# Columns whose blank has a code of its own.
OWN_CODES: Mapping[tuple[str, str], str] = {
    ("lead", "amount"): "AMT-04",
    ("lead", "lost_reason"): "REQ-04",
    ("lead", "lost_stage"): "REQ-04",
    ("status_change", "reason"): "REQ-04",
}

_NAME_EVERY_ROW = (
    "请在每一行都写上客户名称，几行是同一个客户的也一样；不写的行各算一条没有名称的线索"
)


class _Stages(NamedTuple):
    """The phase of each row's stage, and whether it is open, won or lost; missing where unknown."""

    phases: pd.Series
    kinds: pd.Series


def filled(book: CleanBook, as_of: date) -> list[Finding]:
    """REQ-01, REQ-02, REQ-04, AMT-04: a required cell is blank; REQ-03: it holds a placeholder."""
    del as_of
    return [
        f
        for table in book.tables.values()
        for stages in (_stages(book, table),)
        for column in table.spec.columns
        if column.required and table.source.has(column.key) and column.key != PLAN
        for f in _column(book, table, column, stages)
    ]


def planned(book: CleanBook, as_of: date) -> list[Finding]:
    """REQ-05: an open lead has no next follow-up, in its own row or in its newest follow-up row.

    Told at the lead's own cell, or at the follow-up's where the lead table has no such column.
    """
    del as_of
    leads, follow_ups = book.tables.get("lead"), book.tables.get("follow_up")
    if leads is None or "status" not in leads.data:
        return []
    still_open = open_leads(book)
    told = leads.data.index[:0]
    if follow_ups is not None and {"followed_on", PLAN} <= set(follow_ups.data):
        lead = lead_rows(book, follow_ups)
        last = newest(follow_ups, "followed_on", lead)
        without = missing(follow_ups, PLAN)[last]
        told = pd.Index(lead[last][~without])
        if PLAN not in leads.data:
            hits = last[without & still_open.reindex(lead[last]).to_numpy()]
            result = report(follow_ups, "REQ-05", PLAN, hits.sort_values())
            return _unless_sparse(book, follow_ups, PLAN, result, len(last))
    if PLAN not in leads.data:
        return []
    unplanned = missing(leads, PLAN) & still_open & ~leads.data.index.isin(told)
    rows = leads.data.index[unplanned]
    result = report(leads, "REQ-05", PLAN, rows)
    return _unless_sparse(book, leads, PLAN, result, int(still_open.sum()))


def _column(book: CleanBook, table: CleanTable, column: Column, stages: _Stages) -> list[Finding]:
    requirement = _told_here(table, column)
    if not requirement:
        return []
    needed = _needed(book, table, requirement, stages)
    empty = table.data.index[(needed & missing(table, column.key)).to_numpy()]
    if empty.empty:
        return []
    gone = [
        c.column
        for c in requirement
        if c.kind == "without" and c.column in table.spec.by_key and c.column not in table.data
    ]
    if gone and book.own and len(empty) > SPARSE * needed.sum():
        return [_lost_column(table, key) for key in gone]
    raw = table.source.raw.loc[empty, column.key]
    stand_in = np.array([is_placeholder(cell) for cell in raw], dtype=bool)
    rows = empty[~stand_in]
    code = _code(table, column, requirement)
    facts = pd.DataFrame(index=rows)
    if code in ("REQ-02", "REQ-04"):
        facts["condition"] = _because(table, requirement, rows)
    if code == "AMT-04":
        facts["open_stage"] = _before_won(book)
    result = report(table, code, column.key, facts, _severity(book, table, column, code))
    result = _unless_sparse(book, table, column.key, result, int(needed.sum()))
    return result + report(table, "REQ-03", column.key, empty[stand_in])


def _unless_sparse(
    book: CleanBook, table: CleanTable, key: str, findings: list[Finding], total: int
) -> list[Finding]:
    """Return the findings, or for a guest's sparse column one finding on its heading."""
    if book.own or len(findings) <= max(1, SPARSE * total):
        return findings
    place = place_of(table.source, 0, key)
    remedy = _NAME_EVERY_ROW if (table.spec.key, key) == ("lead", "company") else ""
    return [finding("REQ-06", place, suggestion=remedy, total=total, count=len(findings))]


def _lost_column(table: CleanTable, key: str) -> Finding:
    """Report the column that used to hold what is now missing in most rows (HDR-02)."""
    source, name = table.source, table.spec.by_key[key].name
    first = column_letter(min(h.column for h in source.headings))
    place = Place(source.file, source.sheet, f"{first}{source.header_row}", source.header_row, name)
    return finding("HDR-02", place, expected=name)


def _told_here(table: CleanTable, column: Column) -> Requirement:
    """Return the column's conditions without those that an earlier column tells already.

    Of two columns that are each required without the other, the first one speaks.
    """
    keys = [c.key for c in table.spec.columns]
    earlier = set(keys[: keys.index(column.key)]) & set(table.data)
    return tuple(
        c
        for c in parse(column.required)
        if not (
            c.kind == "without"
            and c.column in earlier
            and Condition("without", column=column.key)
            in parse(table.spec.by_key[c.column].required)
        )
    )


def _stages(book: CleanBook, table: CleanTable) -> _Stages:
    labels = values(table, table.spec.stage_column) if table.spec.stage_column else None
    if labels is None:
        labels = pd.Series(index=table.data.index, dtype="str")
    stages = book.kit.pipeline.by_label
    phases = labels.map({text: stage.phase for text, stage in stages.items()})
    return _Stages(phases, kinds(book, labels))


def _needed(
    book: CleanBook, table: CleanTable, requirement: Requirement, stages: _Stages
) -> pd.Series:
    needed = required_mask(requirement, stages.phases, stages.kinds, table.data)
    if table.spec.key == "stage_progress" and any(c.kind == "while" for c in requirement):
        last = newest(table, "entered_stage_on", subjects(book, table))
        needed &= table.data.index.isin(last)
    return needed


def _code(table: CleanTable, column: Column, requirement: Requirement) -> str:
    own = OWN_CODES.get((table.spec.key, column.key))
    if own:
        return own
    if any(c.kind == "always" for c in requirement):
        return "REQ-01"
    return "REQ-04" if any(c.column for c in requirement) else "REQ-02"


def _severity(book: CleanBook, table: CleanTable, column: Column, code: str) -> Severity | None:
    """Return "warning" for what a guest may well do without, None for the catalogue's severity."""
    spec = table.spec
    essential = (
        column.key in ("company", spec.id_column, spec.owner_column, spec.stage_column)
        or column.references
        or column.type in DATE_TYPES
    )
    soft = code == "REQ-02" or (code == "REQ-01" and not essential)
    return "warning" if soft and not book.own else None


def _before_won(book: CleanBook) -> str:
    """Name the last open stage, to which a lead goes back that is not won yet."""
    still_open = [s for s in book.kit.pipeline.stages if s.kind == "open"]
    return f"“{still_open[-1].labels[-1]}”" if still_open else "成交前的阶段"


def _because(table: CleanTable, requirement: Requirement, rows: pd.Index) -> list[str]:
    """Say for every row why its cell is required."""
    if any(c.kind == "always" for c in requirement):
        return ["每次变更"] * len(rows)
    by_column = [c for c in requirement if c.column]
    if by_column:
        said = "、".join(
            f"{name_of(table, c.column)}是“{c.value}”"
            if c.kind == "when"
            else f"没有填“{name_of(table, c.column)}”"
            for c in by_column
        )
        return [said] * len(rows)
    stages = values(table, table.spec.stage_column)[rows]
    return [f"{name_of(table, table.spec.stage_column)}是“{stage}”" for stage in stages]
