"""What a decision workbook shows: an import as it is planned, or as it was done."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pandas as pd

from sheetcrm.clean import CleanTable
from sheetcrm.findings import Finding
from sheetcrm.intake.answers import Origin
from sheetcrm.intake.counts import Counts, count, total
from sheetcrm.intake.model import Decided, Incoming
from sheetcrm.kit.model import Column, Kit, TableSpec
from sheetcrm.table import Cell, RawSheet

# How a column's values are written where an import shows them.
_STYLES = {
    "date": "date",
    "datetime": "datetime",
    "integer": "integer",
    "number": "number",
    "amount": "number",
    "percent": "percent",
    "phone": "text",
    "contact": "text",
    "id": "text",
}
# Codes of what is said of a sheet or its headings, not of a row.
_OF_SHEETS = ("HDR-", "SHT-")


# A row's number and its cells by column name.
Line: TypeAlias = tuple[int, Mapping[str, Any]]


def lines(frame: pd.DataFrame) -> list[Line]:
    """Return the rows of a frame with their index."""
    records = frame.to_dict("records")
    numbers = (int(str(row)) for row in frame.index)
    return [(n, {str(k): v for k, v in r.items()}) for n, r in zip(numbers, records, strict=True)]


def values_of(frame: pd.DataFrame, rows: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the filled cells of some rows of a frame; rows it does not have are left out."""
    wanted = frame.loc[frame.index.intersection(pd.Index(list(rows)).unique())]
    numbers = wanted.index.tolist()
    found: dict[int, dict[str, Any]] = {row: {} for row in numbers}
    for key in wanted:
        there = wanted[key].dropna()
        for row, value in zip(there.index.tolist(), there.tolist(), strict=True):
            found[row][str(key)] = value
    return found


@dataclass(frozen=True)
class SheetPlan:
    """One table of the sheet that came in, what is to become of it, and the table it fills.

    `number` counts the tables of a file from 1; `raw` is the sheet as it came; `existing` is None
    where the book has no such table yet. `mended` are the rows that somebody has changed
    and that are not in the book, with the fingerprint they came with.
    """

    number: int
    raw: RawSheet
    incoming: Incoming
    decided: Decided
    existing: CleanTable | None
    mended: Mapping[int, str] = field(default_factory=dict)

    @property
    def table(self) -> str:
        """The key of the book's table that is filled or changed."""
        return self.existing.spec.key if self.existing else self.incoming.kind

    @property
    def counts(self) -> Counts:
        """Rows by what becomes of them."""
        return count(self.incoming, self.decided)

    def cell(self, row: int, column: int) -> Cell:
        """Return a cell as it came, counted as Excel counts."""
        cells = self.raw.rows[row - 1] if 0 < row <= len(self.raw.rows) else ()
        return cells[column - 1] if column <= len(cells) else None

    def rows(self, *actions: str) -> list[Line]:
        """Return the rows of those actions, each with its decision."""
        decisions = self.decided.decisions
        return lines(decisions[decisions["action"].isin(actions)])

    def findings(self) -> dict[int, list[Finding]]:
        """Return what was found about the incoming rows, by row."""
        found: dict[int, list[Finding]] = {}
        for each in (*self.incoming.findings, *self.decided.findings):
            if each.row and each.sheet == self.incoming.table.sheet:
                found.setdefault(each.row, []).append(each)
        return found

    def about_sheet(self) -> list[Finding]:
        """Return what was found about the sheet as a whole, such as columns nobody reads."""
        return [f for f in self.incoming.findings if f.code.startswith(_OF_SHEETS)]


@dataclass(frozen=True)
class Plan:
    """The import of one file.

    `origin.batch` is the batch that was written, "" for a dry run; `assumptions` are those of
    reading the file; `command` is what to run next.
    """

    origin: Origin
    kit: Kit
    sheets: Sequence[SheetPlan]
    assumptions: Sequence[str] = ()
    command: str = ""
    notes: Sequence[str] = field(default_factory=tuple)

    @property
    def counts(self) -> Counts:
        """Rows of all tables by what becomes of them."""
        return total(sheet.counts for sheet in self.sheets)

    @property
    def several(self) -> bool:
        """Whether the file has more than one table."""
        return len(self.sheets) > 1

    def spec(self, sheet: SheetPlan) -> TableSpec:
        """Return the table a sheet fills."""
        return self.kit.by_key[sheet.incoming.kind]


def column_style(column: Column | None) -> str:
    """Return the style words for a column's values."""
    return _STYLES.get(column.type, "wrapped") if column else "wrapped"


def column_width(column: Column | None) -> float:
    """Return a column's width: its own, else one that fits its kind."""
    return float(column.width or 14) if column else 14.0
