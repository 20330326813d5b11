"""Rows of cells that are XML already, kept by column until the very end.

Long lists are the greater part of our tabs. Each distinct cell of a column is XML once; the rows
are put together in one go, and only where they are written for good: a tab on its way into a
user's workbook is carried with a mark in their place.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import TYPE_CHECKING

from sheetcrm.book.area import Area
from sheetcrm.table import column_letter

if TYPE_CHECKING:  # the child that reads files knows this module, and must not wait for numpy
    import numpy as np

_CELL, _ROW, _END = b'<c r="', b'<row r="', b"</row>"
_FORMAT = b'" s="%d'
_REWRITTEN = b'<c r="A1" s="'  # an address to rewrite a cell under, whatever its own is
_PIECE = 4096  # rows put together at once: their texts stay in the processor's cache


@dataclass(frozen=True)
class XmlColumn:
    """Cells below each other: the distinct ones, the format of each, and which each row has.

    `cells` are XML behind the number of their format.
    """

    column: int
    cells: Sequence[bytes] = field(repr=False)
    formats: Sequence[int] = field(repr=False)
    codes: "np.ndarray" = field(repr=False)

    def part(self, start: int, end: int) -> "XmlColumn":
        """Return some of its rows, counted from 0."""
        return replace(self, codes=self.codes[start:end])

    def cell(self, at: int, row: int) -> str:
        """Return the whole cell of a row that is the `at`-th of the column."""
        code = self.codes[at]
        behind: bytes = b"%d" % row + _FORMAT % self.formats[code] + self.cells[code]
        return (self.opened + behind).decode()

    @property
    def opened(self) -> bytes:
        """What every cell begins with, up to its row's number."""
        return _CELL + column_letter(self.column).encode()

    def behind_numbers(self, tail: bytes) -> list[bytes]:
        """Return what stands behind the row's number in each distinct cell, then `tail`."""
        starts = {number: _FORMAT % number for number in set(self.formats)}
        pairs = zip(self.formats, self.cells, strict=True)
        return [starts[number] + cell + tail for number, cell in pairs]


@dataclass(frozen=True)
class RowTags:
    """What stands behind the number in the tags of rows: the distinct ones, and which each has."""

    texts: Sequence[bytes]
    codes: "np.ndarray" = field(repr=False)


@dataclass(frozen=True)
class XmlRows:
    """Rows below each other with cells in the same columns, from left to right."""

    first: int
    tags: RowTags
    columns: tuple[XmlColumn, ...]

    @property
    def count(self) -> int:
        """How many they are."""
        return len(self.tags.codes)

    @property
    def mark(self) -> bytes:
        """What stands in their place."""
        return b'<row r="%d"/>' % self.first

    def xml(self) -> bytes:
        """Return them as a sheet holds them."""
        return b"".join(self._pieces())

    def with_formats(self, numbers: Mapping[int, int]) -> "XmlRows":
        """Return them with other formats: old number -> new number."""
        columns = (
            replace(column, formats=[numbers[number] for number in column.formats])
            for column in self.columns
        )
        return replace(self, columns=tuple(columns))

    def rewritten(self, rewrite: Callable[[bytes], bytes]) -> "XmlRows":
        """Return them with their cells rewritten; `rewrite` gets many, one behind the other."""
        columns = []
        for column in self.columns:
            pairs = zip(column.formats, column.cells, strict=True)
            new = rewrite(b"".join([_REWRITTEN + b"%d" % number + cell for number, cell in pairs]))
            cells = [cell.partition(b'"') for cell in new.split(_REWRITTEN)[1:]]
            numbers = [int(number) for number, _, _ in cells]
            held = [quote + behind for _, quote, behind in cells]
            columns.append(replace(column, cells=held, formats=numbers))
        return replace(self, columns=tuple(columns))

    def _pieces(self) -> Iterator[bytes]:
        # What opens the next cell, or closes the row, stands behind each.
        first, *tails = (*(column.opened for column in self.columns), _END)
        ready = [column.behind_numbers(t) for column, t in zip(self.columns, tails, strict=True)]
        ready.insert(0, [text + first for text in self.tags.texts])
        codes_of = [self.tags.codes, *(column.codes for column in self.columns)]
        width = 2 * len(ready) + 1
        for start in range(0, self.count, _PIECE):
            end = min(start + _PIECE, self.count)
            numbers = [b"%d" % row for row in range(self.first + start, self.first + end)]
            texts = [_ROW] * (width * (end - start))
            for at, (codes, cells) in enumerate(zip(codes_of, ready, strict=True)):
                texts[2 * at + 1 :: width] = numbers
                texts[2 * at + 2 :: width] = [cells[code] for code in codes[start:end].tolist()]
            yield b"".join(texts)


@dataclass(frozen=True)
class Built:
    """A workbook we authored, with marks where the long lists of its sheets belong.

    `areas` are those that people fill in and the next run keeps; by sheet, like `rows`.
    """

    data: bytes = field(repr=False)
    rows: Mapping[str, tuple[XmlRows, ...]] = field(default_factory=dict, repr=False)
    areas: Mapping[str, tuple[Area, ...]] = field(default_factory=dict)


def put_in(sheet: bytes, rows: Sequence[XmlRows]) -> bytes:
    """Return a sheet part with the rows in the place of their marks.

    Raises:
        ValueError: A mark is not there, or more than once.
    """
    if not rows:
        return sheet
    pieces, at = [], 0
    for each in rows:
        if sheet.count(each.mark) != 1:
            raise ValueError(f"no place for the rows from {each.first} on")
        place = sheet.index(each.mark, at)
        pieces += [sheet[at:place], each.xml()]
        at = place + len(each.mark)
    return b"".join([*pieces, sheet[at:]])


def runs(columns: Sequence[tuple[int, XmlColumn]], without: Collection[int]) -> Iterator[XmlRows]:
    """Yield the rows of columns that lie anywhere, in runs of the same columns.

    Args:
        columns: The first row of each column, and the column.
        without: Rows to leave out.

    `tags` are plain.
    """
    import numpy as np

    ends = {first for first, _ in columns} | {first + len(c.codes) for first, c in columns}
    ends |= {row for alone in without for row in (alone, alone + 1)}
    for start, end in pairwise(sorted(ends)):
        if start in without:
            continue
        here = [
            column.part(start - first, end - first)
            for first, column in columns
            if first <= start and end <= first + len(column.codes)
        ]
        if here:
            here.sort(key=lambda column: column.column)
            plain = RowTags([b'">'], np.zeros(end - start, dtype=np.intc))
            yield XmlRows(start, plain, tuple(here))
