"""Where the rows behind a summary stand, so that its formulas and links can point at them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sheetcrm.book.area import Area
from sheetcrm.clean import CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.table import (
    LAST_ROW,
    CellRows,
    Coded,
    Heading,
    RawSheet,
    Table,
    sheets_and_rows,
)
from sheetcrm.tabs.live import Columns, Span, SpansOf, Test, span

# Rows typed below the last one count at once, so far down.
SPARE_ROWS = 500
ROUND_ROWS = 1_000
_ANCHORS = ("company", "lead_id", "contact", "owner")


class Target(NamedTuple):
    """One row to jump to: a cell of this workbook, or of another one at a relative path."""

    sheet: str
    cell: str
    file: str = ""


@dataclass(frozen=True)
class Source:
    """The columns the live formulas count over, by column key, sheet by sheet.

    `anchor` is the key of a text column that is filled on every row and nowhere else. `labels`
    holds, by stage name, the status labels people may type. With `canonical` the sheet is our own
    团队明细, which has the columns stage and result.
    """

    sheets: tuple[Columns, ...] = ()
    anchor: str = ""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    canonical: bool = False


@dataclass(frozen=True)
class Places:
    """Where everything stands that the tabs count over and link to.

    `files` is None when the tabs go into the workbook that holds the data; else it gives the path
    of each input file (`CleanBook.file`) from the folder the tabs' workbook lies in. `team` is
    the name of 团队明细 and its first row, which then stands for the rows of `Summary.leads`.
    `sheets` are the sheets that stay in that workbook; a finding on one that went has no link.
    `tabs` are the names of the tabs that are made together, by kind; `edited` is what people had
    changed on the tabs that these replace.
    """

    leads: Source = field(default_factory=Source)
    files: Mapping[str, str] | None = None
    sheets: frozenset[str] = frozenset()
    team: tuple[str, int] | None = None
    tabs: Mapping[str, str] = field(default_factory=dict)
    edited: tuple[Finding, ...] = ()

    def lead(self, position: int, row: Mapping[str, Any]) -> Target | None:
        """Say where a row of `Summary.leads` is to be seen, None where it cannot be linked."""
        if self.team is not None:
            return Target(self.team[0], f"A{self.team[1] + position}")
        return self.row(row)

    def row(self, row: Mapping[str, Any]) -> Target | None:
        """Say where a row with `file`, `sheet` and `row` is, in the user's own sheet."""
        return self.cell(str(row["file"]), str(row["sheet"]), f"A{row['row']}")

    def of_leads(self, rows: pd.DataFrame) -> list[Target | None]:
        """Say of rows of `Summary.leads`, each with its `position` there, where it is seen."""
        if self.team is not None:
            name, first = self.team
            return [Target(name, f"A{first + at}") for at in rows["position"].tolist()]
        return self.of_rows(rows)

    def of_rows(self, rows: pd.DataFrame) -> list[Target | None]:
        """Say of rows with `file`, `sheet` and `row` where each is, in the user's own sheet."""
        places = zip(*(rows[key].tolist() for key in ("file", "sheet", "row")), strict=True)
        return [self.cell(str(file), str(sheet), f"A{row}") for file, sheet, row in places]

    def cell(self, file: str, sheet: str, cell: str) -> Target | None:
        """Say where a cell of an input file is, None where it cannot be linked."""
        if not sheet or not cell:
            return None
        if self.files is None:
            return Target(sheet, cell) if sheet in self.sheets else None
        path = self.files.get(file)
        return Target(sheet, cell, path) if path else None


def workbook_places(
    sheets: Sequence[RawSheet], table: CleanTable | None, pipeline: Pipeline | None = None
) -> Places:
    """Describe a workbook that holds the data and gets the summary.

    Args:
        sheets: Its sheets, without the tabs that are taken out.
        table: The lead table, None where there is none.
        pipeline: Whose status labels count too, when people come to use them.
    """
    source = Source() if table is None else lead_source(sheets, table, pipeline)
    return Places(source, sheets=frozenset(s.name for s in sheets))


def files_places(files: Mapping[str, str]) -> Places:
    """Describe a summary in a workbook without the data: values only, links go to the files.

    Args:
        files: Path of each input file from the summary's folder, by `CleanBook.file`.
    """
    return Places(files=files)


@dataclass(frozen=True)
class _Where:
    """The rows of a table on its sheet, and how far down formulas over it reach."""

    sheet: str
    first: int
    last: int
    area_last: int


def lead_source(
    sheets: Sequence[RawSheet], table: CleanTable, pipeline: Pipeline | None = None
) -> Source:
    """Describe the lead table of a workbook: ranges on its sheets, and what stands in them."""
    raw = {sheet.name: sheet for sheet in sheets}
    found: list[Columns] = []
    rows: list[int] = []
    for part, data in _by_sheet(table):
        if part.sheet not in raw:
            return Source()
        if len(data):
            found.append(_columns(raw[part.sheet], part, data))
            rows.append(len(data))
    if not found:
        return Source()
    labels = {s.name: s.labels or (s.name,) for s in pipeline.stages} if pipeline else {}
    return Source(tuple(found), _anchor(found, rows), labels)


def _by_sheet(table: CleanTable) -> Iterator[tuple[Table, pd.DataFrame]]:
    """Yield each sheet's table and its typed rows by Excel's row numbers."""
    sheets, rows = sheets_and_rows(table.data.index.to_numpy())
    for at, part in enumerate(table.source.sheets):
        mine = sheets == at
        yield part, table.data[mine].set_axis(pd.Index(rows[mine]))


def _columns(sheet: RawSheet, part: Table, data: pd.DataFrame) -> Columns:
    first, last = int(data.index.min()), int(data.index.max())
    cells = sheet.by_column
    where = _Where(sheet.name, first, last, _extended(cells, last))
    known = (h for h in part.headings if h.known)
    return SpansOf({h.key: partial(_column, cells, data, h, where) for h in known})


def matching(source: Source, key: str, value: str, cell: str = "") -> list[Test]:
    """Return the tests for rows whose column shows that value; blank for UNFILLED."""
    if value == UNFILLED and not source.canonical:
        return [Test(source.anchor, "filled"), Test(key, "blank")]
    return [Test(key, "=", value, cell)]


def _extended(cells: CellRows, last: int) -> int:
    filled = (column.codes for column in cells.columns if len(column.values) > 1)
    if any(np.frombuffer(codes, dtype=np.intc)[last:].any() for codes in filled):
        return last
    return min(-(-(last + SPARE_ROWS) // ROUND_ROWS) * ROUND_ROWS, LAST_ROW)


def _column(cells: CellRows, data: pd.DataFrame, heading: Heading, where: _Where) -> Span:
    whole = cells.columns[heading.column - 1]
    values = np.empty(len(whole.values), dtype=object)
    values[:] = whole.values
    codes = np.frombuffer(whole.codes, dtype=np.intc)
    address = Area(where.first, heading.column, where.area_last, heading.column).on(where.sheet)
    dirty = _dirty(data[heading.key], Coded(values, codes[data.index.to_numpy() - 1]))
    part = Coded(values, codes[where.first - 1 : where.last])
    return span(address, part, heading.factor, dirty)


def _dirty(clean: pd.Series, raw: Coded) -> int:
    """Count cells that Excel reads differently from the cleaning; each distinct one once."""
    number, day = pd.api.types.is_numeric_dtype(clean), pd.api.types.is_datetime64_any_dtype(clean)
    used, rows, counts = np.unique(raw.codes, return_index=True, return_counts=True)
    typed = clean.iloc[rows]
    total = 0
    for code, good, meant, count in zip(used, typed.notna(), typed, counts, strict=True):
        value = raw.values[code]
        if number:
            same = isinstance(value, (int, float)) and not isinstance(value, bool)
        elif day:
            same = isinstance(value, date)
        else:
            same = isinstance(value, str) and value == meant
        total += 0 if not code or (good and same) else int(count)
    return total


def _anchor(sheets: Sequence[Columns], rows: Sequence[int]) -> str:
    """Return the first text column that is filled on every row of every sheet."""
    for key in _ANCHORS:
        columns = [sheet.get(key) for sheet in sheets]
        if all(_is_filled(column, count) for column, count in zip(columns, rows, strict=True)):
            return key
    return ""


def _is_filled(column: Span | None, rows: int) -> bool:
    if column is None:
        return False
    texts = int((column.codes >= 0).sum())
    return texts == rows and not any(column.number == column.number)
