"""The result of reading one cell, and reading a whole column by its distinct values."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Generic, NamedTuple, TypeVar

import numpy as np

from sheetcrm.table import Cell, Coded, cell_column

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

    `distinct` are the values that occur, `codes` which of them each row has; the first of
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

    @property
    def counts(self) -> np.ndarray:
        """How many rows have each of `distinct`."""
        return np.bincount(self.codes, minlength=len(self.distinct))


def parse_column(
    cells: np.ndarray | Coded,
    parse: Callable[[Cell], Parsed[T]],
    plain: Callable[[Sequence[Cell]], Sequence[bool]] | None = None,
) -> Column[T]:
    """Read every cell of a column, each distinct value once.

    Args:
        cells: Raw cells, dtype object, missing ones None; or the same by distinct cells.
        parse: Reads one cell that is not None.
        plain: Says quickly which cells are their own values and need no reading.
    """
    coded = cells if isinstance(cells, Coded) else coded_cells(cells)
    values = coded.values.copy()
    noted: dict[int, Parsed[T]] = {}
    listed = coded.values.tolist()
    known = plain(listed) if plain else [False] * len(listed)
    for at in [at for at, done in enumerate(known) if at and not done]:
        result = parse(_without_truth(listed[at]))
        values[at] = result.value
        if result.note:
            noted[at] = result
    if not noted:
        return Column(values, coded.codes, ())
    positions = np.flatnonzero(np.isin(coded.codes, list(noted))).tolist()
    notes = tuple((at, noted[int(coded.codes[at])]) for at in positions)
    return Column(values, coded.codes, notes)


def _without_truth(cell: Cell) -> Cell:
    return str(cell).upper() if isinstance(cell, bool) else cell


def coded_cells(cells: Iterable[Cell]) -> Coded:
    """Return a column by its distinct cells; None and empty texts are blank."""
    column = cell_column(list(cells))
    values = np.empty(len(column.values), dtype=object)
    values[:] = column.values
    return Coded(values, np.frombuffer(column.codes, dtype=np.intc))
