"""What of a sheet nobody reads: columns without a heading, formulas that were never calculated."""

from collections.abc import Sequence

import numpy as np

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.rows import below
from sheetcrm.table import RawSheet, Table, column_letter
from sheetcrm.values.text import is_blank

_MOST_SHOWN = 5


def nameless(table: Table, sheet: RawSheet, left: str) -> list[Finding]:
    """HDR-09: a column that holds something under a blank heading, beside or between the others.

    Args:
        table: The table, with all headings of its sheet.
        sheet: The sheet it is on.
        left: What was not done with such a column.
    """
    named = {heading.column for heading in table.headings}
    rows = sheet.by_column
    data = table.raw.index.to_numpy() - table.header_row - 1
    found: list[Finding] = []
    for position in range(1, len(rows.columns) + 1):
        if position in named:
            continue
        column = below(rows, position, table.header_row)
        holds = np.array([not is_blank(value) for value in column.values])
        filled = int(holds[column.codes[data]].sum())
        if filled:
            cell = f"{column_letter(position)}{table.header_row}"
            place = Place(table.file, table.sheet, cell, table.header_row)
            found.append(finding("HDR-09", place, count=filled, left=left))
        elif position > max(named):
            break
    return found


def uncalculated(table: Table, sheet: RawSheet) -> list[Finding]:
    """SHT-06: formulas among a table's data that were never calculated."""
    stale = _within(sheet.uncalculated, table)
    if not stale:
        return []
    cells = "、".join(stale[:_MOST_SHOWN]) + ("等" if len(stale) > _MOST_SHOWN else "")
    row = int(stale[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ"))
    place = Place(table.file, table.sheet, stale[0], row)
    return [finding("SHT-06", place, count=len(stale), cells=cells)]


def _within(cells: Sequence[str], table: Table) -> list[str]:
    """Return those of the cells that belong to a table's data."""
    if not cells:
        return []
    letters = {column_letter(h.column) for h in table.headings}
    rows = set(table.raw.index)
    parts = ((cell, cell.rstrip("0123456789")) for cell in cells)
    return [c for c, letter in parts if letter in letters and int(c[len(letter) :]) in rows]
