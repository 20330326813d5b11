"""A table that goes over several sheets: each is cleaned for itself, and then they are one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sheetcrm.clean.shapes import CleanTable
from sheetcrm.kit.person import OWNER
from sheetcrm.table import Table, rows_on, sheets_and_rows


def one_table(source: Table, parts: Sequence[CleanTable]) -> CleanTable:
    """Put the sheets of a table together; the only one is the table.

    Args:
        source: The whole table.
        parts: Its sheets, typed, in the order of `source.parts`.
    """
    if not source.parts:
        return parts[0]
    keys = [h.key for h in source.headings]
    keys += [OWNER] * any(OWNER in part.data and OWNER not in keys for part in parts)
    types = {key: part.data[key].dtype for key in keys for part in parts if key in part.data}
    frames = [
        part.data.set_axis(rows_on(at, part.data.index)).reindex(columns=keys).astype(types)
        for at, part in enumerate(parts)
    ]
    faulty = frozenset(
        (rows_on(at, row), key) for at, part in enumerate(parts) for row, key in part.faulty
    )
    return CleanTable(source, parts[0].spec, pd.concat(frames), faulty)


def rows_off(table: CleanTable, names: Collection[str]) -> CleanTable | None:
    """Return a table without the rows of some sheets; None where none is left."""
    gone = [part.sheet in names for part in table.source.sheets]
    if not any(gone):
        return table
    if all(gone):
        return None
    sheets, _ = sheets_and_rows(table.data.index.to_numpy())
    kept = ~np.array(gone)[sheets]
    source = replace(table.source, raw=table.source.raw[kept])
    return replace(table, source=source, data=table.data[kept])


def has_cell(table: CleanTable, key: str, rows: np.ndarray) -> np.ndarray:
    """Say of rows of `data` whether the sheet each stands on has the column."""
    has = np.array([part.has(key) for part in table.source.sheets])
    sheets, _ = sheets_and_rows(rows)
    found: np.ndarray = has[sheets]
    return found


def home(table: CleanTable) -> Table:
    """Return the sheet that new rows go to: the one with the latest day; of equal ones the last.

    The day is the first date the table has a column for: when a lead was acquired, a customer
    followed up.
    """
    return table.source.sheets[_newest(table)]


def next_row(table: CleanTable) -> int:
    """Return the number in `data` of the row below the last one of that sheet."""
    at = _newest(table)
    sheets, rows = sheets_and_rows(table.data.index.to_numpy())
    last = int(rows[sheets == at].max(initial=table.source.sheets[at].header_row))
    return rows_on(at, last + 1)


def _newest(table: CleanTable) -> int:
    if not table.source.parts:
        return 0
    dated = (c.key for c in table.spec.columns if c.type in ("date", "datetime"))
    key = next((key for key in dated if key in table.data), None)
    if key is None:
        return len(table.source.parts) - 1
    sheets, _ = sheets_and_rows(table.data.index.to_numpy())
    latest = table.data[key].groupby(sheets).max().dropna()
    return int(latest.index[latest == latest.max()][-1]) if len(latest) else 0
