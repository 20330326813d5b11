"""Which cells take a change back in a book that was edited since, and which are left alone.

A row that was created is emptied if nothing in it was touched, and filled again if nothing was put
into it; a cell that was updated gets its old value back if it still holds the new one.
Nothing is deleted: a row that went would move all others.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, timedelta
from typing import cast

from sheetcrm.book.cellformulas import formula_cells
from sheetcrm.book.cells import CellValue
from sheetcrm.book.changes import ChangedRow
from sheetcrm.book.target import Workbook
from sheetcrm.table import Cell, RawBook, RawSheet, column_letter, column_number
from sheetcrm.workflows.take_back_rows import LOST, Before, cell_at, comparable, places, same

EDITED = "后来改过"
GONE = "工作表已经没有了，或者改了名字"
NOT_FOUND = "这一行没有编号，后来挪动过或者改得多，认不出是哪一行了"


@dataclass(frozen=True)
class KeptCell:
    """A cell that is not taken back: what the run wrote into it, and what it holds now."""

    sheet: str
    cell: str
    then: Cell
    now: Cell
    reason: str = EDITED


@dataclass
class Plan:
    """What is written to take rows back: `cells` by sheet and cell, None where it is emptied.

    `changes` say the same row by row, for the journal.
    """

    cells: dict[str, dict[str, CellValue | None]] = field(default_factory=dict)
    changes: list[ChangedRow] = field(default_factory=list)
    kept: list[KeptCell] = field(default_factory=list)


def plan(raw: RawBook, target: Workbook, rows: Sequence[ChangedRow], before: Before) -> Plan:
    """Say how to take changed rows back.

    Args:
        raw: The book as it is now.
        target: The same, opened for writing.
        rows: What a run did, in its order.
        before: Gives the rows of a sheet at the time of the run.
    """
    by_sheet: dict[str, list[ChangedRow]] = {}
    for row in reversed(rows):
        by_sheet.setdefault(row.sheet, []).append(row)
    sheets, made = {sheet.name: sheet for sheet in raw.sheets}, Plan()
    for name, changed in by_sheet.items():
        if name in sheets:
            _Taking(sheets[name], target, made).take(changed, before)
        else:
            made.kept += [each for row in changed for each in _missed(row, GONE)]
    made.kept.sort(key=lambda each: (list(by_sheet).index(each.sheet), _order(each.cell)))
    return made


def _order(cell: str) -> tuple[int, int]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), column_number(letters)


def _missed(row: ChangedRow, reason: str) -> list[KeptCell]:
    """Return the cells of a row that is nowhere to be found, where they once were."""
    cells = row.new.items()
    return [KeptCell(row.sheet, f"{c}{row.row}", then, None, reason) for c, then in cells]


def _writable(cell: Cell) -> CellValue | None:
    """Return a value that can be written; a time of day becomes the part of a day it is."""
    if isinstance(cell, time | timedelta):
        return cast(float, comparable(cell))
    return None if cell == "" else cell


@dataclass
class _Taking:
    """One sheet, on which rows are taken back into `made`."""

    sheet: RawSheet
    target: Workbook
    made: Plan

    def take(self, rows: Sequence[ChangedRow], before: Before) -> None:
        found = list(zip(rows, places(self.sheet, rows, before), strict=True))
        suspects = {
            at for row, at in found if at and (row.created or row.emptied) and self._more(row, at)
        }
        formulas = formula_cells(self.target, self.sheet.name, suspects) if suspects else ()
        for row, at in found:
            if at == LOST:
                self.made.kept += _missed(row, NOT_FOUND)
            elif at:
                self._take_row(row, at, formulas)

    def _take_row(self, row: ChangedRow, at: int, formulas: Collection[str]) -> None:
        held = {column: self._now(at, column) for column in row.new}
        edited = [c for c, then in row.new.items() if not same(held[c], then)]
        kept = [self._keep(at, c, row.new[c]) for c in edited]
        if row.created or row.emptied:
            kept += [
                self._keep(at, c, None) for c in self._more(row, at) if f"{c}{at}" not in formulas
            ]
        self.made.kept += kept
        back = [c for c in row.new if c not in edited and not same(held[c], row.old.get(c))]
        if ((row.created or row.emptied) and kept) or not back:
            return
        done = replace(
            row,
            row=at,
            new={c: row.new[c] for c in back},
            old={c: row.old.get(c) for c in back},
        )
        cells = self.made.cells.setdefault(self.sheet.name, {})
        cells |= {f"{c}{at}": _writable(row.old.get(c)) for c in back}
        inverse = done.inverse()
        self.made.changes.append(inverse if not kept else replace(inverse, fingerprint=""))

    def _more(self, row: ChangedRow, at: int) -> list[str]:
        """Return the columns that hold something, but not by this change."""
        cells = self.sheet.rows[at - 1] if at <= len(self.sheet.rows) else ()
        letters = (column_letter(n) for n, cell in enumerate(cells, 1) if cell not in (None, ""))
        return [letter for letter in letters if letter not in row.new]

    def _now(self, at: int, column: str) -> Cell:
        return cell_at(self.sheet.rows, at, column_number(column))

    def _keep(self, at: int, column: str, then: Cell) -> KeptCell:
        now = self._now(at, column)
        return KeptCell(self.sheet.name, f"{column}{at}", then, now)
