"""A second table on a sheet, below the first one or beside it: its rows are not the first one's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from sheetcrm.kit.headings import LONGEST_HEADING, read_heading, vocabulary
from sheetcrm.kit.load import load_kit
from sheetcrm.table import Cell, Heading, RawSheet, column_letter

# A heading row names at least so many known columns, and they are at least this share of it.
_FEWEST = 3
_SHARE = 0.6
_MOST_SHOWN = 4


@dataclass(frozen=True)
class Apart:
    """Another table on the sheet: the cell it starts at, its headings, its rows with content."""

    cell: str
    row: int
    headings: str
    rows: int


def below_it(sheet: RawSheet, header_row: int, headings: Sequence[Heading]) -> Apart | None:
    """Find the table that starts below: known headings of another kind after a gap or a title."""
    cells = sheet.by_column
    filled = np.zeros(len(cells), dtype=np.int64)
    for column in cells.columns:
        if len(column.values) > 1:  # most columns of a sheet with a cell far away are blank
            filled += np.frombuffer(column.codes, dtype=np.intc) > 0
    starts = np.flatnonzero((filled[1:] >= _FEWEST) & (filled[:-1] <= 1)) + 1
    own = {h.text for h in headings}
    for index in starts[starts > header_row].tolist():
        row = sheet.rows[index]
        texts = [cell.strip() for cell in row if isinstance(cell, str) and cell.strip()]
        if len(texts) < filled[index] or not _are_headings(texts):
            continue
        if 2 * len(own.intersection(texts)) >= len(own):
            continue  # the same table goes on
        first = index
        while first > header_row + 1 and filled[first - 1] == 1:
            first -= 1
        at = next(at for at, cell in enumerate(sheet.rows[first]) if cell is not None)
        rows = int((filled[index + 1 :] > 0).sum())
        return Apart(f"{column_letter(at + 1)}{first + 1}", first + 1, _shown(texts), rows)
    return None


def beside_it(sheet: RawSheet, header_row: int, headings: Sequence[Heading]) -> Apart | None:
    """Find the table that was left out to the right of the last heading, where it has rows."""
    last = max(h.column for h in headings)
    row = sheet.rows[header_row - 1]
    right = [at for at in range(last, len(row)) if _text(row[at])]
    if len(right) < _FEWEST - 1:
        return None
    columns = [sheet.by_column.columns[at] for at in right]
    codes = [np.frombuffer(c.codes, dtype=np.intc)[header_row:] > 0 for c in columns]
    rows = int(np.logical_or.reduce(codes).sum())
    if not rows:
        return None
    shown = _shown([_text(row[at]) for at in right])
    return Apart(f"{column_letter(right[0] + 1)}{header_row}", header_row, shown, rows)


def _are_headings(texts: Sequence[str]) -> bool:
    if any(len(text) > LONGEST_HEADING for text in texts):
        return False
    said = sum(
        not _known().isdisjoint((read.whole, read.bare)) for read in map(read_heading, texts)
    )
    return said >= max(_FEWEST, _SHARE * len(texts))


@cache
def _known() -> frozenset[str]:
    return frozenset(name for spec in load_kit().tables for name in vocabulary(spec).names)


def _text(cell: Cell) -> str:
    return cell.strip() if isinstance(cell, str) else ""


def _shown(texts: Sequence[str]) -> str:
    return "、".join(texts[:_MOST_SHOWN]) + ("等" if len(texts) > _MOST_SHOWN else "")
