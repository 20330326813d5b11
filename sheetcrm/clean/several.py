"""A table that goes over several sheets: each is cleaned for itself, and then they are one."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sheetcrm.clean.shapes import CleanTable
from sheetcrm.kit.person import OWNER
from sheetcrm.table import ROWS_APART, Table


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
        part.data.set_axis(part.data.index + at * ROWS_APART).reindex(columns=keys).astype(types)
        for at, part in enumerate(parts)
    ]
    faulty = frozenset(
        (at * ROWS_APART + row, key) for at, part in enumerate(parts) for row, key in part.faulty
    )
    return CleanTable(source, parts[0].spec, pd.concat(frames), faulty)


def rows_off(table: CleanTable, names: Collection[str]) -> CleanTable | None:
    """Return a table without the rows of some sheets; None where none is left."""
    gone = [part.sheet in names for part in table.source.sheets]
    if not any(gone):
        return table
    if all(gone):
        return None
    kept = ~np.array(gone)[table.data.index.to_numpy() // ROWS_APART]
    source = replace(table.source, raw=table.source.raw[kept])
    return replace(table, source=source, data=table.data[kept])
