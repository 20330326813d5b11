"""What a person chose in the decision workbook, in place of the default."""

from collections.abc import Mapping
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import folded
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.intake.case import Case
from sheetcrm.intake.keys import text_column
from sheetcrm.intake.merge import combined, no_cells
from sheetcrm.intake.model import ACTION_NAMES, DECISIONS, Chosen
from sheetcrm.intake.options import Answer, Strange
from sheetcrm.intake.prepare import NO_RECORD

_Said = TypeVar("_Said", Answer, Strange)

LOST_ANSWER, STRANGE_ANSWER = "IMP-12", "IMP-15"
_CHOSEN = "按你的决定"
_UNCLEAR = "看不懂你的决定“{text}”"


def asked_to_create(case: Case, rejected: pd.DataFrame) -> pd.Index:
    """Return the rejected rows that a person wants as they are; one without a name cannot be."""
    wanted = [row for row, answer in _answers(case).items() if answer.action == "create"]
    able = rejected.index[rejected["code"] != NO_RECORD]
    return able[able.isin(wanted)]


def mended_before(case: Case, rejected: pd.DataFrame) -> pd.Index:
    """Return the rejected rows that were put right and brought in before.

    Of rows that say the same nobody knows which one that was: they stay rejected.
    """
    prints = case.rows.prints[rejected.index]
    known = prints.isin(list(case.options.imported)) & ~prints.duplicated(keep=False)
    return prints.index[known]


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


def asked_for(case: Case, rows: pd.Index) -> np.ndarray:
    """Return the action a person chose for each of some rows, "" for none."""
    said = {row: answer.action for row, answer in _answers(case).items()}
    return np.array([said.get(int(row), "") for row in rows], dtype=object)


def with_merged(
    case: Case, decisions: pd.DataFrame, data: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put rows that a person merges into an earlier row of the sheet into it.

    合并 fills the blanks of that row, 更新 replaces what it says.

    Returns:
        The rows, and the values that went nowhere (KEPT_COLUMNS, `target` missing).
    """
    said = {row: answer.action for row, answer in _answers(case).items() if row in data.index}
    data, lost = data.copy() if said else data, []
    for row, action in said.items():
        first: Any = decisions.at[row, "first"]
        if decisions.at[row, "action"] != "merge" or first not in data.index:
            continue
        pair = [row, int(first)] if action == "update" else [int(first), row]
        head = pd.Series([pair[0], pair[0]], index=pair)
        both, left = combined(data.loc[pair], head)
        for key in data:
            value: Any = both.at[pair[0], key]
            data.at[int(first), key] = value
        lost.append(left)
    return data, pd.concat(lost) if lost else no_cells()


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


def unclear(case: Case, decisions: pd.DataFrame) -> list[Finding]:
    """Leave rows out whose decision nobody understands; each is a finding."""
    found, words = [], "、".join(ACTION_NAMES[action] for action in DECISIONS)
    known = imported(case)
    for row, said in _by_row(case, case.options.strange).items():
        if row in known or decisions.at[row, "action"] == "reject":
            continue
        reason = _UNCLEAR.format(text=said.text)
        for key, value in (("action", "skip"), ("certain", False), ("reason", reason)):
            decisions.at[row, key] = value
        place = Place(case.options.decision, said.sheet, said.cell, 0, "你的决定")
        found.append(finding(STRANGE_ANSWER, place, said.text, row=row, choices=words))
    return found


def chosen(case: Case, decisions: pd.DataFrame) -> dict[int, Chosen]:
    """Return what people wrote about rows, beside what is proposed for them."""
    texts = {row: said.text for row, said in _by_row(case, case.options.strange).items()}
    texts |= {row: ACTION_NAMES[answer.action] for row, answer in _answers(case).items()}
    lines: Any = decisions.loc[list(texts)].to_dict("index")
    return {row: _chosen(text, lines[row]) for row, text in texts.items()}


def _chosen(text: str, line: Mapping[str, Any]) -> Chosen:
    target, first = (None if pd.isna(line[key]) else int(line[key]) for key in ("target", "first"))
    return Chosen(text, line["action"], target, first, line["reason"])


def _answers(case: Case) -> dict[int, Answer]:
    return _by_row(case, case.options.answers)


def _by_row(case: Case, said: Mapping[str, _Said]) -> dict[int, _Said]:
    """Return what was said by row; of rows with the same content it is for the first."""
    prints = case.rows.prints
    hit = prints[prints.isin(list(said))]
    hit = hit[~hit.duplicated()]
    return {int(row): said[text] for row, text in hit.items()}  # type: ignore[call-overload]


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
