"""Which cells take a change back in a book that was edited since, and which are left alone.

A row that was created is emptied if nothing in it was touched, and filled again if nothing was put
into it; a cell that was updated gets its
old value back if it still holds the new one. Rows are found again by their id, or by their content
where they have none, so that sorting and inserting rows does no harm. Nothing is deleted: a row
that went would move all others.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import cast

from sheetcrm.book.cellformulas import formula_cells
from sheetcrm.book.cells import CellValue
from sheetcrm.book.changes import ChangedRow
from sheetcrm.book.target import Workbook
from sheetcrm.table import Cell, RawBook, RawSheet, column_letter, column_number

EDITED = "后来改过"
GONE = "工作表已经没有了，或者改了名字"
_DAY = timedelta(days=1)


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


def plan(raw: RawBook, target: Workbook, rows: Sequence[ChangedRow]) -> Plan:
    """Say how to take changed rows back.

    Args:
        raw: The book as it is now.
        target: The same, opened for writing.
        rows: What a run did, in its order.
    """
    by_sheet: dict[str, list[ChangedRow]] = {}
    for row in reversed(rows):
        by_sheet.setdefault(row.sheet, []).append(row)
    sheets, made = {sheet.name: sheet for sheet in raw.sheets}, Plan()
    for name, changed in by_sheet.items():
        if name in sheets:
            _Taking(sheets[name], target, made).take(changed)
        else:
            made.kept += [
                KeptCell(name, f"{column}{row.row}", value, None, GONE)
                for row in changed
                for column, value in row.new.items()
            ]
    made.kept.sort(key=lambda each: (list(by_sheet).index(each.sheet), _order(each.cell)))
    return made


def _order(cell: str) -> tuple[int, int]:
    letters = cell.rstrip("0123456789")
    return int(cell[len(letters) :]), column_number(letters)


def same(now: Cell, then: Cell) -> bool:
    """Say whether a cell still holds what was written into it."""
    held, wrote = _comparable(now), _comparable(then)
    if isinstance(held, datetime) and isinstance(wrote, datetime):
        return abs(held - wrote) < timedelta(seconds=1)  # a serial number holds no more
    if isinstance(held, float) and isinstance(wrote, float):
        return abs(held - wrote) <= 1e-9 * max(1.0, abs(wrote))
    return type(held) is type(wrote) and held == wrote


def _comparable(cell: Cell) -> object:
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - cells have no zone
    if isinstance(cell, time):
        cell = datetime.combine(date.min, cell) - datetime.min  # noqa: DTZ901
    if isinstance(cell, timedelta):
        return cell / _DAY
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def _writable(cell: Cell) -> CellValue | None:
    """Return a value that can be written; a time of day becomes the part of a day it is."""
    if isinstance(cell, time | timedelta):
        return cast(float, _comparable(cell))
    return None if cell == "" else cell


@dataclass
class _Taking:
    """One sheet, on which rows are taken back into `made`."""

    sheet: RawSheet
    target: Workbook
    made: Plan

    def take(self, rows: Sequence[ChangedRow]) -> None:
        places = _places(self.sheet, rows)
        suspects = {
            at
            for row, at in zip(rows, places, strict=True)
            if at and (row.created or row.emptied) and self._more(row, at)
        }
        formulas = formula_cells(self.target, self.sheet.name, suspects) if suspects else ()
        for row, at in zip(rows, places, strict=True):
            if at is not None:
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
        return _cell(self.sheet, at, column_number(column))

    def _keep(self, at: int, column: str, then: Cell) -> KeptCell:
        now = self._now(at, column)
        return KeptCell(self.sheet.name, f"{column}{at}", then, now)


def _cell(sheet: RawSheet, row: int, column: int) -> Cell:
    cells = sheet.rows[row - 1] if row <= len(sheet.rows) else ()
    return cells[column - 1] if column <= len(cells) else None


def _places(sheet: RawSheet, rows: Sequence[ChangedRow]) -> list[int | None]:
    """Return where each row is now; None for one that is gone."""
    moved = {row.id for row in rows if row.id and row.id not in _ids(sheet, row.row)}
    found: dict[str, list[int]] = {}
    for number in range(1, len(sheet.rows) + 1 if moved else 0):
        for text in _ids(sheet, number) & moved:
            found.setdefault(text, []).append(number)
    contents = _Contents(sheet)
    return [_place(sheet, row, found, contents) for row in rows]


def _place(
    sheet: RawSheet, row: ChangedRow, moved: Mapping[str, Sequence[int]], contents: "_Contents"
) -> int | None:
    if row.id in moved:
        places = moved[row.id]
        return places[0] if len(places) == 1 else None
    emptied = all(value in (None, "") for value in row.new.values())
    if emptied or row.id in _ids(sheet, row.row) or not (row.id or row.created):
        return row.row
    place = None if row.id else contents.place(row.new)
    return place or (row.row if _resembles(sheet, row) else None)


def _resembles(sheet: RawSheet, row: ChangedRow) -> bool:
    """Say whether what is at the row's old place is the same row, edited."""
    values = {column_number(c): value for c, value in row.new.items() if value not in (None, "")}
    alike = sum(same(_cell(sheet, row.row, number), value) for number, value in values.items())
    return 2 * alike >= len(values) > 0


def _ids(sheet: RawSheet, row: int) -> set[str]:
    """Return what may be an id in a row: its texts and whole numbers."""
    cells = sheet.rows[row - 1] if row <= len(sheet.rows) else ()
    found = {cell for cell in cells if isinstance(cell, str)}
    return found | {
        str(int(cell)) for cell in cells if isinstance(cell, float) and cell.is_integer()
    }


@dataclass
class _Contents:
    """Rows of a sheet by what they hold in some columns, looked up only when one has moved."""

    sheet: RawSheet
    known: dict[tuple[str, ...], dict[tuple[object, ...], int]] = field(default_factory=dict)

    def place(self, values: Mapping[str, Cell]) -> int | None:
        """Return the one row with exactly these values; None for none and for several."""
        columns = tuple(sorted(values))
        if columns not in self.known:
            self.known[columns] = self._index(columns)
        row = self.known[columns].get(tuple(_comparable(values[c]) for c in columns), 0)
        return row or None

    def _index(self, columns: tuple[str, ...]) -> dict[tuple[object, ...], int]:
        numbers, found = [column_number(c) for c in columns], dict[tuple[object, ...], int]()
        for row in range(1, len(self.sheet.rows) + 1):
            key = tuple(_comparable(_cell(self.sheet, row, number)) for number in numbers)
            found[key] = 0 if key in found else row
        return found
