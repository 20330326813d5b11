"""Dates that need their row: those without a year, and those in words (下周一, 3天内)."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from types import MappingProxyType
from typing import NamedTuple

import numpy as np

from sheetcrm.clean.note import Cells, Note
from sheetcrm.findings import plain_heading
from sheetcrm.values.dates import MonthDay, settle_year, shown_date
from sheetcrm.values.parsed import Column
from sheetcrm.values.relative_dates import Deadline, InWords, WorkingDays

MISSING = np.datetime64("NaT", "us")


class Basis(NamedTuple):
    """What words in a column count from: the first of these columns that has a date.

    `ahead` columns hold plans. The others tell what had happened when the row was written, so a
    reading later than the basis is none.
    """

    columns: tuple[str, ...]
    ahead: bool = True


# A plan is made at the last talk, else when the row was begun. The columns are settled in this
# order, so that a basis that is itself in words is a date before it is needed.
BASES: Mapping[str, Mapping[str, Basis]] = {
    "lead": {
        "next_follow_up": Basis(("last_follow_up", "entered_on", "acquired_on")),
        "expected_purchase_on": Basis(("last_follow_up", "entered_on", "acquired_on")),
    },
    "follow_up": {
        "followed_on": Basis(("recorded_at",), ahead=False),
        "next_follow_up": Basis(("followed_on", "recorded_at")),
    },
    "stage_progress": {"expected_close_on": Basis(("entered_stage_on",))},
    "request": {"due_on": Basis(("requested_on",))},
}
_NO_DAYS: WorkingDays = MappingProxyType({})
_NO_BASES: Mapping[str, Basis] = MappingProxyType({})
_NO_YEAR: Mapping[str, object] = MappingProxyType({"doubt": "没有写年份"})
# The day a cell means, and facts for its note; None where it means none.
_Reading = tuple[datetime, Mapping[str, object]] | None


@dataclass(frozen=True)
class DateColumn:
    """A date column as read: `days` where a cell is a date by itself.

    `open` has what the other cells of `codes` hold, to be dated from their rows.
    """

    cells: Cells
    days: np.ndarray
    notes: tuple[Note, ...]
    codes: np.ndarray = field(repr=False)
    open: Mapping[int, MonthDay | InWords]

    @property
    def key(self) -> str:
        """Column key, the heading for a column the kit does not know."""
        return self.cells.heading.key


def date_column(cells: Cells, read: Column[object], notes: Sequence[Note]) -> DateColumn:
    """Split read values into dates and what only its row can date."""
    unsettled = {i: v for i, v in enumerate(read.distinct) if isinstance(v, MonthDay | InWords)}
    whole = [None if i in unsettled else value for i, value in enumerate(read.distinct)]
    days = _typed(cells, np.array(whole, dtype="datetime64[us]"))[read.codes]
    return DateColumn(cells, days, tuple(notes), read.codes, unsettled)


def settle(
    columns: Sequence[DateColumn], table: str = "", working_days: WorkingDays = _NO_DAYS
) -> list[DateColumn]:
    """Date what is open from the other dates of its row.

    A date without a year takes the year that brings it nearest to the dates around it: its row's
    (the plans among them only where there are no others), else its column's, else the whole
    table's; in a column of plans, the coming one. Words count
    from the table's own basis (`BASES`). What has nothing to go by is not a date (TYP-02).

    Args:
        columns: The date columns of one table.
        table: The table's key.
        working_days: The company's exceptions to the public calendar.
    """
    if not any(column.open for column in columns):
        return list(columns)
    every = np.stack([column.days for column in columns])
    bases = BASES.get(table, _NO_BASES)
    plans = [column.key in bases and bases[column.key].ahead for column in columns]
    near = _middle(every[~np.array(plans)]) if not all(plans) else _middle(every)
    near = np.where(np.isnat(near), _middle(every), near)
    by_key = {c.key: _from_surroundings(c, near, every) for c in columns if c.key not in bases}
    waiting = {column.key: column for column in columns}
    for key, basis in bases.items():
        if key in waiting:
            counted = _from_basis(waiting[key], basis, by_key, working_days)
            by_key[key] = _from_surroundings(counted, near, every)
    return [by_key[column.key] for column in columns]


def _from_surroundings(column: DateColumn, near: np.ndarray, every: np.ndarray) -> DateColumn:
    """Settle what is still open: years from the dates around, words not at all.

    Args:
        column: The column.
        near: What the dates of each row centre on, NaT where it has none.
        every: All dates of the table.
    """
    if not column.open:
        return column
    for wider in (column.days, every.ravel()):
        near = np.where(np.isnat(near), _middle(wider.reshape(-1, 1))[0], near)

    def read(value: MonthDay | InWords, base: date | None) -> _Reading:
        made = settle_year(value, base) if isinstance(value, MonthDay) and base else None
        return (made, _NO_YEAR) if made else None

    return _settled(column, near, read, last=True)


def _from_basis(
    column: DateColumn,
    basis: Basis,
    settled: Mapping[str, DateColumn],
    working_days: WorkingDays,
) -> DateColumn:
    """Settle what counts from a basis, for every basis in turn."""
    for key in basis.columns:
        if key not in settled or not column.open:
            continue
        base = settled[key]
        label = plain_heading(base.cells.heading.text)

        def read(value: MonthDay | InWords, day: date | None, label: str = label) -> _Reading:
            return _counted(value, day, basis, working_days, label) if day else None

        column = _settled(column, base.days, read)
    return column


def _counted(
    value: MonthDay | InWords, day: date, basis: Basis, working_days: WorkingDays, label: str
) -> _Reading:
    if isinstance(value, MonthDay):
        if not basis.ahead:
            return None
        coming = settle_year(value, day, ahead=True)
        return (coming, _NO_YEAR) if coming else None
    deadline: Deadline | None = value.on(day, working_days)
    if deadline is None or (not basis.ahead and deadline.value.date() > day):
        return None
    doubt = "，".join(filter(None, (f"从“{label}”{day}算起", deadline.assumed)))
    return deadline.value, {"doubt": doubt}


def _settled(
    column: DateColumn,
    bases: np.ndarray,
    read: Callable[[MonthDay | InWords, date | None], _Reading],
    *,
    last: bool = False,
) -> DateColumn:
    """Read every distinct pair of cell and base once; `last` gives up on what cannot be read."""
    positions = np.flatnonzero(np.isin(column.codes, list(column.open)) & np.isnat(column.days))
    if not len(positions):
        return column
    near = bases[positions].astype("datetime64[D]")
    pairs, which = np.unique(
        np.stack([column.codes[positions], near.astype("int64")]), axis=1, return_inverse=True
    )
    readings = [
        read(column.open[int(code)], np.datetime64(int(day), "D").item()) for code, day in pairs.T
    ]
    which = which.reshape(-1)
    made = _typed(column.cells, np.array([r[0] if r else None for r in readings], "datetime64[us]"))
    days = column.days.copy()
    days[positions] = made[which]
    rows = column.cells.rows[positions]
    by_row = {note.row: note for note in column.notes}
    facts = [
        {**reading[1], "fixed": shown_date(day)} if reading else None
        for reading, day in zip(readings, made.tolist(), strict=True)
    ]
    for position, row, pair in zip(positions.tolist(), rows.tolist(), which.tolist(), strict=True):
        if told := facts[pair]:
            by_row[row] = replace(by_row[row], facts=told)
        elif last:
            by_row[row] = column.cells.note(position, "TYP-02", {})
    return replace(column, days=days, notes=tuple(by_row.values()))


def _typed(cells: Cells, days: np.ndarray) -> np.ndarray:
    """Return dates without their time where the column's type has none."""
    if cells.type == "date":
        return days.astype("datetime64[D]").astype("datetime64[us]")
    return days


def _middle(days: np.ndarray) -> np.ndarray:
    """Return the median date of every column of a matrix, NaT where it has none."""
    count = (~np.isnat(days)).sum(axis=0)
    ordered = np.sort(days, axis=0)  # NaT comes last
    middle: np.ndarray = ordered[np.minimum(count // 2, len(days) - 1), np.arange(days.shape[1])]
    return np.where(count > 0, middle, MISSING)
