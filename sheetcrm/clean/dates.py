"""Dates without a year, settled from the dates around them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from sheetcrm.clean.note import Cells, Note
from sheetcrm.values.dates import MonthDay, settle_year
from sheetcrm.values.parsed import Column

MISSING = np.datetime64("NaT", "us")


@dataclass(frozen=True)
class DateColumn:
    """A date column as read: `days` where the year is known, `partial` where it is not yet."""

    cells: Cells
    days: np.ndarray
    partial: tuple[tuple[int, MonthDay], ...]
    notes: tuple[Note, ...]


def date_column(cells: Cells, read: Column[object], notes: Sequence[Note]) -> DateColumn:
    """Split read values into full dates and those without a year."""
    unsettled = {i: v for i, v in enumerate(read.distinct) if isinstance(v, MonthDay)}
    positions = np.flatnonzero(np.isin(read.codes, list(unsettled))) if unsettled else ()
    partial = tuple((int(p), unsettled[int(read.codes[p])]) for p in positions)
    whole = [None if i in unsettled else value for i, value in enumerate(read.distinct)]
    days = np.array(whole, dtype="datetime64[us]")[read.codes]
    if cells.type == "date":
        days = days.astype("datetime64[D]").astype("datetime64[us]")
    return DateColumn(cells, days, partial, tuple(notes))


def settle(columns: Sequence[DateColumn]) -> list[DateColumn]:
    """Give every date without a year the year that brings it nearest to its surroundings.

    Its surroundings are the other dates of its row, else its column's, else the whole table's.
    Without any date around there is nothing to go by: the cell is not a date (TYP-02).
    """
    if not any(column.partial for column in columns):
        return list(columns)
    every = np.stack([column.days for column in columns])
    return [_settled(column, every) for column in columns]


def _settled(column: DateColumn, every: np.ndarray) -> DateColumn:
    days = column.days.copy()
    by_row = {note.row: note for note in column.notes}
    for position, partial in column.partial:
        row = int(column.cells.rows[position])
        near = _middle(every[:, position], column.days, every.ravel())
        made = (
            settle_year(partial, near.astype("datetime64[D]").item()) if near is not None else None
        )
        if made is None:
            by_row[row] = column.cells.note(position, "TYP-02", {})
            continue
        days[position] = np.datetime64(made, "us")
        by_row[row] = replace(by_row[row], facts={**by_row[row].facts, "fixed": f"{made:%Y-%m-%d}"})
    return replace(column, days=days, notes=tuple(by_row.values()))


def _middle(*surroundings: np.ndarray) -> np.datetime64 | None:
    """Return the median date of the first surroundings that hold one."""
    for days in surroundings:
        known = np.sort(days[~np.isnat(days)])
        if len(known):
            return known[len(known) // 2]  # type: ignore[no-any-return]
    return None
