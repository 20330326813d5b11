"""Where the rows that a run changed are now, in a book that was edited since.

A row is found by its id; one without by what it holds, so that sorting and inserting rows does no
harm: a created one by what was written into it, any other by its cells that the run left alone.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import TypeAlias

from sheetcrm.book.changes import ChangedRow
from sheetcrm.table import Cell, RawSheet, column_letter, column_number

Rows: TypeAlias = Sequence[Sequence[Cell]]
Before: TypeAlias = Callable[[str], Rows | None]
"""Gives the rows of a sheet at the time of the run; None where nothing tells any more."""

# No row has this number: it stands for a row that cannot be told from others.
LOST = -1
_Column: TypeAlias = dict[object, list[int]]
"""The rows of one column by what they hold."""
_DAY = timedelta(days=1)


def places(sheet: RawSheet, rows: Sequence[ChangedRow], before: Before) -> list[int | None]:
    """Return where each row is now; None for one that is gone, LOST for one that may be anywhere.

    Args:
        sheet: The sheet as it is now.
        rows: What was done to its rows.
        before: Asked only for rows that were there before and have no id.
    """
    moved = {row.id for row in rows if row.id and row.id not in _ids(sheet, row.row)}
    found: dict[str, list[int]] = {}
    for number in range(1, len(sheet.rows) + 1 if moved else 0):
        for text in _ids(sheet, number) & moved:
            found.setdefault(text, []).append(number)
    contents = _Contents(sheet)
    nameless = [bool(row.new) and not (row.id or row.created or row.emptied) for row in rows]
    then = before(sheet.name) if any(nameless) else None
    likeness = None if then is None else _Likeness(sheet, then)
    return [
        (likeness.place(row) if likeness else LOST) if one else _place(sheet, row, found, contents)
        for row, one in zip(rows, nameless, strict=True)
    ]


def same(now: Cell, then: Cell) -> bool:
    """Say whether a cell still holds what was written into it."""
    held, wrote = comparable(now), comparable(then)
    if isinstance(held, datetime) and isinstance(wrote, datetime):
        return abs(held - wrote) < timedelta(seconds=1)  # a serial number holds no more
    if isinstance(held, float) and isinstance(wrote, float):
        return abs(held - wrote) <= 1e-9 * max(1.0, abs(wrote))
    return type(held) is type(wrote) and held == wrote


def comparable(cell: Cell) -> object:
    """Return what a cell holds, the same for a value that was written and for one that was read."""
    if isinstance(cell, str):
        return cell.replace("\r\n", "\n").replace("\r", "\n") or None
    if isinstance(cell, date) and not isinstance(cell, datetime):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - cells have no zone
    if isinstance(cell, time):
        cell = datetime.combine(date.min, cell) - datetime.min  # noqa: DTZ901
    if isinstance(cell, timedelta):
        return cell / _DAY
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def cell_at(rows: Rows, row: int, column: int) -> Cell:
    """Return a cell, both numbers from 1; None outside what is filled."""
    cells = rows[row - 1] if row <= len(rows) else ()
    return cells[column - 1] if column <= len(cells) else None


def _place(
    sheet: RawSheet, row: ChangedRow, moved: Mapping[str, Sequence[int]], contents: "_Contents"
) -> int | None:
    if row.id in moved:
        there = moved[row.id]
        return there[0] if len(there) == 1 else None
    emptied = all(value in (None, "") for value in row.new.values())
    if emptied or row.id in _ids(sheet, row.row):
        return row.row
    place = None if row.id else contents.place(row.new)
    return place or (row.row if _resembles(sheet, row) else None)


def _resembles(sheet: RawSheet, row: ChangedRow) -> bool:
    """Say whether what is at the row's old place is the same row, edited."""
    values = {column_number(c): value for c, value in row.new.items() if value not in (None, "")}
    alike = sum(same(cell_at(sheet.rows, row.row, number), v) for number, v in values.items())
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
        row = self.known[columns].get(tuple(comparable(values[c]) for c in columns), 0)
        return row or None

    def _index(self, columns: tuple[str, ...]) -> dict[tuple[object, ...], int]:
        numbers, found = [column_number(c) for c in columns], dict[tuple[object, ...], int]()
        for row in range(1, len(self.sheet.rows) + 1):
            key = tuple(comparable(cell_at(self.sheet.rows, row, number)) for number in numbers)
            found[key] = 0 if key in found else row
        return found


@dataclass
class _Likeness:
    """Rows of a sheet by what they still have of a row as it was, apart from what was changed."""

    sheet: RawSheet
    before: Rows
    now: dict[int, _Column] = field(default_factory=dict)
    then: dict[int, _Column] = field(default_factory=dict)

    def place(self, row: ChangedRow) -> int:
        """Return the one row that has most of the texts that only this row had, or LOST.

        Half of them at least, as people go on editing; everything, where it had none of its own.
        Numbers and days tell less: a column that counts its rows has another in each.
        """
        cells = self.before[row.row - 1] if row.row <= len(self.before) else ()
        rest = [
            (number, held)
            for number, cell in enumerate(cells, 1)
            if column_letter(number) not in row.new and (held := comparable(cell)) is not None
        ]
        texts = [each for each in rest if isinstance(each[1], str)]
        own = [each for each in texts if len(self._rows(self.then, self.before, *each)) == 1]
        least = -(-len(own) // 2) if own else max(1, len(rest))
        alike = Counter(
            at for each in own or rest for at in self._rows(self.now, self.sheet.rows, *each)
        )
        most = max(alike.values(), default=0)
        best = [at for at, count in alike.items() if count == most >= least]
        if len(best) != 1:
            return row.row if row.row in best else LOST
        return best[0]

    @staticmethod
    def _rows(known: dict[int, _Column], rows: Rows, column: int, held: object) -> Sequence[int]:
        if column not in known:
            found: _Column = {}
            for at in range(1, len(rows) + 1):
                found.setdefault(comparable(cell_at(rows, at, column)), []).append(at)
            known[column] = found
        return known[column].get(held, ())
