"""What a person chose in the decision workbook, in place of the default."""

from typing import Any

import pandas as pd

from sheetcrm.checks.cells import folded
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.case import Case
from sheetcrm.intake.keys import text_column
from sheetcrm.intake.options import Answer
from sheetcrm.intake.prepare import NO_RECORD

LOST_ANSWER = "IMP-12"
_CHOSEN = "按你的决定"


def asked_to_create(case: Case, rejected: pd.DataFrame) -> pd.Index:
    """Return the rejected rows that a person wants as they are; one without a name cannot be."""
    wanted = [row for row, answer in _answers(case).items() if answer.action == "create"]
    able = rejected.index[rejected["code"] != NO_RECORD]
    return able[able.isin(wanted)]


def split_off(grouped: pd.DataFrame, case: Case) -> pd.DataFrame:
    """Keep rows that a person decided about out of the row they would be merged into."""
    for row, answer in _answers(case).items():
        if row in grouped.index and answer.action != "merge":
            head = grouped["head"].to_dict()[row]
            if head != row:
                grouped.loc[row, "head"] = row
                grouped.loc[row, "beside"] = head
    return grouped


def imported(case: Case) -> pd.Index:
    """Return the rows brought in before that nobody has decided anew about."""
    prints = case.rows.prints
    known = prints.isin(list(case.options.imported)) & ~prints.isin(list(case.options.answers))
    return prints.index[known]


def without_imported(grouped: pd.DataFrame, rows: pd.Index) -> pd.DataFrame:
    """Part new rows from a row that was imported before: they meet the book by themselves."""
    head = grouped["head"]
    parted = head[head.isin(rows) & ~head.index.isin(rows)]
    if len(parted):
        first = pd.Series(parted.index, index=parted.index).groupby(parted).transform("min")
        grouped.loc[parted.index, "head"] = first
    return grouped


def answered(case: Case, decisions: pd.DataFrame) -> tuple[pd.DataFrame, list[Finding]]:
    """Put the answers in place of the defaults; one that cannot be carried out is a finding."""
    lost = []
    for row, answer in _answers(case).items():
        if decisions.at[row, "action"] == "reject":
            continue
        target = _target(case, answer, decisions.at[row, "target"])
        first: Any = decisions.at[row, "first"]
        action = answer.action
        if action in ("update", "merge"):
            action = "merge" if pd.isna(target) and not pd.isna(first) else "update"
            if pd.isna(target) and pd.isna(first):
                lost.append(_finding(case, int(row), answer))
                continue
        decisions.loc[row, ["action", "certain", "reason"]] = [action, True, _CHOSEN]
        decisions.at[row, "target"] = pd.NA if action == "create" else target
        if action in ("create", "update"):
            decisions.at[row, "first"] = pd.NA
    return decisions, lost


def _answers(case: Case) -> dict[int, Answer]:
    """Return the answers by row; of rows with the same content it is for the first."""
    prints = case.rows.prints
    hit = prints[prints.isin(list(case.options.answers))]
    hit = hit[~hit.duplicated()]
    return {int(row): case.options.answers[text] for row, text in hit.items()}  # type: ignore[call-overload]


def _target(case: Case, answer: Answer, found: Any) -> Any:
    """Return the book's row an answer names, by its id or its Excel row; else the one found."""
    table = case.table
    if not answer.target or table is None:
        return found
    ids = folded(text_column(table.data, table.spec.id_column))
    rows = ids.index[ids == folded(pd.Series([answer.target], dtype="str")).iloc[0]]
    if len(rows) == 1:
        return int(rows[0])
    number = int(answer.target) if answer.target.isdecimal() else 0
    return number if number in table.data.index else pd.NA


def _finding(case: Case, row: int, answer: Answer) -> Finding:
    table = case.incoming.table
    place = Place(table.file, table.sheet, f"A{row}", row)
    return finding(LOST_ANSWER, place, answer.target)
