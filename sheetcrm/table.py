"""The shapes data has between a file and the rules: raw sheets first, then recognised tables."""

from array import array
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import cached_property
from itertools import compress, zip_longest
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, overload

if TYPE_CHECKING:  # the worker that reads files must not wait for numpy and pandas
    import numpy as np
    import pandas as pd

# Excel specifications and limits: the size of a worksheet.
LAST_ROW, LAST_COLUMN = 1_048_576, 16_384
# What the row numbers of a table's next sheet are higher by, where it goes over several.
_ROWS_APART = 2 * LAST_ROW
# Rows that fill less than one part in so many of their rectangle are taken in cell by cell.
_SPARSE = 10

# One row of a table's frame or many of them at once.
Rows = TypeVar("Rows", int, "np.ndarray", "pd.Index")
Cell: TypeAlias = str | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True)
class ListValidation:
    """A drop-down the sheet itself carries: where it applies and what it allows.

    `cells` is the sqref text ("K2:K601 M2:M601"); `values` the allowed texts in order.
    """

    cells: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class CellColumn:
    """One column of a sheet: its distinct cells and, for every row, which of them it holds.

    `values[0]` is None, for blank cells; `codes` are C ints.
    """

    values: list[Cell]
    codes: "array[int]"


class CellRows(Sequence[list[Cell]]):
    """The rows of a sheet, kept by column and each distinct cell once.

    Big sheets repeat themselves: this is quick to send to another process, and a column can be
    read by its distinct cells. A row is a list made when it is asked for.
    """

    __slots__ = ("columns", "height")

    def __init__(self, rows: Sequence[Sequence[Cell]]) -> None:
        """Take in rows from A1 on; None and empty texts are blank."""
        self.height = len(rows)
        widths = Counter(map(len, rows))
        width, cells = max(widths, default=0), sum(n * rows for n, rows in widths.items())
        if cells * _SPARSE < width * self.height:
            self.columns = _sparse_columns(rows, width)
            return
        columns = zip(*rows, strict=True) if len(widths) <= 1 else zip_longest(*rows)
        self.columns = tuple(map(cell_column, columns))

    def __len__(self) -> int:
        return self.height

    @overload
    def __getitem__(self, index: int) -> list[Cell]: ...

    @overload
    def __getitem__(self, index: slice) -> list[list[Cell]]: ...

    def __getitem__(self, index: int | slice) -> list[Cell] | list[list[Cell]]:
        if isinstance(index, slice):
            return [self[at] for at in range(self.height)[index]]
        at = range(self.height)[index]
        return [column.values[column.codes[at]] for column in self.columns]

    def __iter__(self) -> Iterator[list[Cell]]:
        if not self.columns:
            return iter([[] for _ in range(self.height)])
        cells = (map(column.values.__getitem__, column.codes) for column in self.columns)
        return map(list, zip(*cells, strict=True))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and list(self) == list(other)

    def __hash__(self) -> int:
        return hash((self.height, len(self.columns)))


def _sparse_columns(rows: Sequence[Sequence[Cell]], width: int) -> tuple[CellColumn, ...]:
    """Return the columns of a big sheet with hardly a cell in it; blank ones are one object."""
    found: dict[int, dict[int, Cell]] = {}
    for at, row in compress(enumerate(rows), rows):
        for column, cell in enumerate(row):
            if cell is not None and cell != "":
                found.setdefault(column, {})[at] = cell
    blank = CellColumn([None], array("i", bytes(array("i").itemsize * len(rows))))
    columns = [blank] * width
    for column, cells in found.items():
        filled = cell_column(list(cells.values()))
        codes = array("i", blank.codes)
        for at, code in zip(cells, filled.codes, strict=True):
            codes[at] = code
        columns[column] = CellColumn(filled.values, codes)
    return tuple(columns)


def cell_column(cells: Sequence[Cell]) -> CellColumn:
    """Return a column with each distinct cell once."""
    known: dict[Cell, int] = {None: 0, "": 0}
    code = known.setdefault
    codes = array("i", [code(cell, len(known) - 1) for cell in cells])
    if 0 in known or 1 in known:  # True would be taken for 1 and False for 0: tell them apart
        typed: dict[tuple[type, Cell], int] = {(type(None), None): 0, (str, ""): 0}
        code_typed = typed.setdefault
        codes = array("i", [code_typed((type(c), c), len(typed) - 1) for c in cells])
        return CellColumn([None, *(cell for _, cell in list(typed)[2:])], codes)
    return CellColumn([None, *list(known)[2:]], codes)


@dataclass(frozen=True)
class RawSheet:
    """One worksheet as the file has it.

    `rows[0]` is Excel row 1 and `rows[r][0]` is column A; blank cells are None; rows may be
    ragged. `tab` is the kind of one of our own tabs ("settings", "funnel", ...), `table` the key
    of the input table a generated sheet was made for; both empty on sheets that are not ours.
    `filtered` says that a filter hides rows; `uncalculated` lists cells whose formula was never
    calculated (they read as blank). Error values are kept as their text ("#REF!").
    """

    name: str
    rows: Sequence[Sequence[Cell]] = field(repr=False)
    hidden: bool = False
    tab: str = ""
    table: str = ""
    validations: tuple[ListValidation, ...] = ()
    hidden_rows: frozenset[int] = frozenset()
    merged: tuple[str, ...] = ()
    filtered: bool = False
    uncalculated: tuple[str, ...] = ()

    @cached_property
    def by_column(self) -> CellRows:
        """The rows, so that they can be read by column."""
        return self.rows if isinstance(self.rows, CellRows) else CellRows(self.rows)


@dataclass(frozen=True)
class Hazard:
    """Something in a workbook that runs, connects or reaches out: `what`, in Chinese, and where.

    `acts`: opening or clicking may already do harm; otherwise Excel asks first.
    """

    what: str
    sheet: str = ""
    cell: str = ""
    acts: bool = False


@dataclass(frozen=True)
class RawBook:
    """One workbook as the file has it; `sha256` is of the bytes that were read."""

    path: str
    sha256: str
    sheets: tuple[RawSheet, ...]
    hazards: tuple[Hazard, ...] = ()

    def tab(self, kind: str) -> RawSheet | None:
        """Return our own tab of that kind, or None."""
        return next((s for s in self.sheets if s.tab == kind), None)


@dataclass(frozen=True)
class Heading:
    """One column of a recognised table.

    `key` is the kit's column key, or the heading text itself where the kit knows no such column
    (`known` False). `column` counts from 1 (A). `factor` turns a number in the column into the
    kit's unit: 10,000 under a heading in 万元 where the kit counts 元.
    """

    key: str
    text: str
    column: int
    known: bool = True
    factor: float = 1.0


@dataclass(frozen=True)
class Coded:
    """A column of data rows: its distinct cells (the first is None) and the one each row has."""

    values: "np.ndarray" = field(repr=False)
    codes: "np.ndarray" = field(repr=False)

    @property
    def cells(self) -> "np.ndarray":
        """One cell a row, None where it is blank."""
        cells: np.ndarray = self.values[self.codes]
        return cells


class Spot(NamedTuple):
    """One cell of a workbook: its sheet, its A1 address, Excel's number of its row."""

    sheet: str
    cell: str
    row: int

    @property
    def text(self) -> str:
        """The cell as it is written in a formula or a sentence: 线索跟踪!B7."""
        return f"{self.sheet}!{self.cell}"


@dataclass(frozen=True)
class Table:
    """One recognised table: raw cells by column key, indexed by real Excel row number.

    `raw` has one object column a heading, named by its key, and one row a data row (title rows,
    blank rows, totals rows and example rows left out). `coded` has the same columns by their
    distinct cells, where the table was read from a sheet.

    A table that goes over several sheets has `parts`, a table a sheet in the workbook's order; its
    own sheet, header row and headings are the first one's (and the headings that others have
    besides), and the index of `raw` tells sheet and row at once: see `sheets_and_rows`.
    """

    file: str
    sheet: str
    kind: str
    header_row: int
    headings: tuple[Heading, ...]
    raw: "pd.DataFrame" = field(repr=False)
    coded: Mapping[str, Coded] = field(default_factory=dict, repr=False)
    parts: tuple["Table", ...] = field(default=(), repr=False)

    @cached_property
    def by_key(self) -> Mapping[str, Heading]:
        """Headings by column key."""
        return {h.key: h for h in self.headings}

    def has(self, key: str) -> bool:
        """Say whether the sheet has that column at all."""
        return key in self.by_key

    def cell(self, row: int, key: str) -> str:
        """Return the A1 address of a row's cell; the heading row for row 0."""
        return f"{self._letter(key)}{row or self.header_row}"

    def _letter(self, key: str) -> str:
        heading = self.by_key.get(key)
        return column_letter(heading.column) if heading else "A"

    @property
    def sheets(self) -> tuple["Table", ...]:
        """The table sheet by sheet: itself where it has one only."""
        return self.parts or (self,)

    def sheet_of(self, row: int) -> "Table":
        """Return the table of the sheet that a row of `raw` stands on."""
        return self.sheets[sheets_and_rows(row)[0]]

    def spot(self, row: int, key: str) -> Spot:
        """Return where a cell of a row of `raw` stands; the heading for row 0."""
        at, number = sheets_and_rows(row)
        there = self.sheets[at]
        return Spot(there.sheet, there.cell(number, key), number or there.header_row)

    def spots(self, rows: Sequence[int], key: str) -> list[Spot]:
        """Return where the cells of many rows of `raw` stand, as `spot` does of one."""
        if self.parts:
            return [self.spot(row, key) for row in rows]
        letter, numbers = self._letter(key), [row or self.header_row for row in rows]
        return [Spot(self.sheet, f"{letter}{number}", number) for number in numbers]

    def row_at(self, sheet: str, row: int) -> int:
        """Return the number in `raw` of Excel's row of a sheet; -1 for another table's sheet."""
        names = [part.sheet for part in self.sheets]
        return rows_on(names.index(sheet), row) if sheet in names else -1


def rows_on(at: int, rows: Rows) -> Rows:
    """Return the numbers that Excel's rows of a table's sheet have in the frame of the whole table.

    Args:
        at: Which of the table's sheets, the first is 0.
        rows: Excel's row numbers.
    """
    return rows + at * _ROWS_APART


def sheets_and_rows(rows: Rows) -> tuple[Rows, Rows]:
    """Take such numbers apart: which sheet each row stands on (0 first), and Excel's row number."""
    return divmod(rows, _ROWS_APART)


def column_number(letters: str) -> int:
    """Return the number of a column by its letters, A = 1."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number


def column_letter(column: int) -> str:
    """Return Excel's letters for a column counted from 1."""
    letters = ""
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
