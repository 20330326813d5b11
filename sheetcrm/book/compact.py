"""Sparse worksheets made small before parsing, and their rows put back where they belong.

calamine allocates the whole rectangle a sheet's cells span: two cells in opposite corners of the
grid abort the interpreter. So such a sheet is renumbered to the rows and columns it really uses.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sheetcrm.book.container import RESAVE
from sheetcrm.errors import FileProblem
from sheetcrm.table import LAST_COLUMN, LAST_ROW, Cell, column_letter, column_number

# A cell that closes itself holds nothing.
_TAG = re.compile(
    rb"(?P<row><(?:\w+:)?row(?:[\s/][^>]*+)?>)"
    rb"|(?P<blank><(?:\w+:)?c[\s/](?:[^>]*+)(?<=/)>)|(?P<cell><(?:\w+:)?c(?:\s[^>]*+)?>)"
)
_REFERENCE = re.compile(rb"""\sr\s*=\s*["']([^"'<>]*)["']""")
_PLACE = re.compile(rb"\$?([A-Za-z]{1,3})\$?(\d{1,7})")
_BLANK = (None, "")


@dataclass(frozen=True)
class Places:
    """Where the rows and columns of a compacted sheet really are, counted from 1, ascending."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def check(self, path: str) -> None:
        """Refuse a sheet with a cell where there is none.

        Raises:
            FileProblem: A row that names no number follows the last one, or a column does.
        """
        if max(self.rows, default=1) > LAST_ROW or max(self.columns, default=1) > LAST_COLUMN:
            raise FileProblem(path, "有单元格在 Excel 的行列范围之外", RESAVE)

    def expand(self, cells: list[list[Cell]]) -> list[list[Cell]]:
        """Put rows back; unused rows share one empty list."""
        return spread(
            (row, column, cell)
            for row, line in zip(self.rows, cells, strict=False)
            for column, cell in zip(self.columns, line, strict=False)
        )


def spread(cells: Iterable[tuple[int, int, Cell]]) -> list[list[Cell]]:
    """Return the rows of cells given with row and column; unused rows share one empty list."""
    used: dict[int, dict[int, Cell]] = {}
    for row, column, cell in cells:
        if cell not in _BLANK:
            used.setdefault(row, {})[column] = cell
    empty: list[Cell] = []
    full = [empty] * max(used, default=0)
    for row, line in used.items():
        wide: list[Cell] = [None] * max(line)
        for column, cell in line.items():
            wide[column - 1] = cell
        full[row - 1] = wide
    return full


def renumbered(data: bytes) -> tuple[bytes, Places]:
    """Return a worksheet part with its used rows and columns counted from 1, and their places."""
    cells = [(tag, row, column) for tag, row, column in _places(data) if tag["cell"]]
    rows = sorted({row for _, row, _ in cells})
    columns = sorted({column for _, _, column in cells})
    new_row = {at: str(i).encode() for i, at in enumerate(rows, 1)}
    new_column = {at: column_letter(i).encode() for i, at in enumerate(columns, 1)}
    places = {tag.start(): (row, column) for tag, row, column in cells}

    def place(tag: re.Match[bytes]) -> bytes:
        if tag["blank"]:
            return b""
        plain = _REFERENCE.sub(b"", tag[0], count=1)
        if tag["row"]:
            return plain
        row, column = places[tag.start()]
        return b'%b r="%b%b">' % (plain[:-1], new_column[column], new_row[row])

    return _TAG.sub(place, data), Places(tuple(rows), tuple(columns))


def _places(data: bytes) -> Iterator[tuple[re.Match[bytes], int, int]]:
    """Yield every cell with its row and column: what names none follows what is before it."""
    row, column = 0, 0
    for tag in _TAG.finditer(data):
        said = _REFERENCE.search(tag[0])
        if tag["row"]:
            row, column = int(said[1]) if said and said[1].isdigit() else row + 1, 0
            continue
        place = _PLACE.fullmatch(said[1]) if said else None
        column = column_number(place[1].decode()) if place else column + 1
        yield tag, int(place[2]) if place else row, column
