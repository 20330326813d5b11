"""The result of reading one cell, and reading a whole column by its distinct values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd

from sheetcrm.table import Cell

T = TypeVar("T", covariant=True)


class Parsed(NamedTuple, Generic[T]):
    """One cell, read.

    `value` is None where the cell is blank or cannot be read. `note` is the finding code the cell
    deserves ("" for a healthy one), `facts` fill that code's sentences; `assumed` says in Chinese
    how the cell was read where that was not plain.
    """

    value: T | None = None
    note: str = ""
    assumed: str = ""
    facts: Mapping[str, object] = MappingProxyType({})


@dataclass(frozen=True)
class Column(Generic[T]):
    """A column, read.

    `distinct` are the values that occur, `codes` which of them each row has; the last one of
    `distinct` is None, for blank rows. `notes` are the positions whose cell deserves a finding,
    with the result that says which.
    """

    distinct: np.ndarray
    codes: np.ndarray
    notes: tuple[tuple[int, Parsed[T]], ...]

    @property
    def values(self) -> np.ndarray:
        """One value a row, None where missing."""
        values: np.ndarray = self.distinct[self.codes]
        return values


def parse_column(cells: np.ndarray, parse: Callable[[Cell], Parsed[T]]) -> Column[T]:
    """Read every cell of a column, each distinct value once.

    Args:
        cells: Raw cells, dtype object; missing are None.
        parse: Reads one cell that is not None.
    """
    codes, distinct = pd.factorize(cells, use_na_sentinel=True)
    # True would be taken for the number 1: tell them apart where there may be any.
    if any(isinstance(value, bool | float | int) and value in (0, 1) for value in distinct):
        told = [str(c).upper() if isinstance(c, bool) else c for c in cells]
        codes, distinct = pd.factorize(np.array(told, dtype=object), use_na_sentinel=True)
    results = [parse(value) for value in distinct]
    values = np.empty(len(results) + 1, dtype=object)
    values[:-1] = [result.value for result in results]
    noted = np.array([bool(result.note) for result in results] + [False])
    positions = np.flatnonzero(noted[codes])
    return Column(values, codes, tuple((int(i), results[codes[i]]) for i in positions))
