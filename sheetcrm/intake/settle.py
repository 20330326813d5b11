"""Cells whose notation alone is odd, put right without a word: text dates, serial numbers, 5万.

A text file has nothing but text, and that is the container's doing, not the sender's.
"""

from collections.abc import Callable

import numpy as np
import pandas as pd

from sheetcrm.clean.readers import plain, reader
from sheetcrm.kit.model import Column
from sheetcrm.table import Cell
from sheetcrm.values.parsed import Parsed

# Notes that tell of a notation that was read without a doubt.
_CERTAIN = frozenset(("FMT-04", "FMT-10", "FMT-11", "FMT-13"))


def settled(cells: pd.Series, column: Column, factor: float) -> pd.Series:
    """Replace cells that are read without a doubt by what they say; leave the others.

    Args:
        cells: Raw cells of one column.
        column: The field they fill.
        factor: Turns their bare numbers into the kit's unit; the result is still in the sheet's.
    """
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    read = reader(column, factor)
    right = np.empty(len(distinct) + 1, dtype=object)
    right[:-1], right[-1] = distinct, None
    changed = False
    usual = plain(column, factor)
    known = usual(distinct.tolist()) if usual else [False] * len(distinct)
    for i, cell in enumerate(distinct):
        if not known[i] and isinstance(cell, str | float | int):
            said = _plain(cell, read, factor)
            right[i], changed = said, changed or said is not cell
    return pd.Series(right[codes], index=cells.index, dtype=object) if changed else cells


def _plain(cell: Cell, read: Callable[[Cell], Parsed[object]], factor: float) -> Cell:
    result = read(cell)
    if result.note not in _CERTAIN or result.value is None:
        return cell
    if isinstance(result.value, float):
        return result.value / factor
    value: Cell = result.value  # type: ignore[assignment]
    return value
