"""Sparse worksheets made small before parsing, and their rows put back where they belong.

calamine allocates the whole rectangle a sheet's cells span: two cells in opposite corners of the
grid abort the interpreter. So such a sheet is renumbered to the rows and columns it really uses.
"""

import re
from dataclasses import dataclass

from sheetcrm.table import Cell, column_letter, column_number

_CELL = re.compile(
    rb"(?P<blank><(?:\w+:)?c(?:\s[^>]*+)?(?<=/)>)"
    rb'|(?P<open><(?:\w+:)?c\s(?:[^>]*?\s)?r=")\$?(?P<letters>[A-Za-z]{1,3})\$?(?P<row>\d{1,7})"'
)
_BLANK = (None, "")
_ROW_NUMBER = re.compile(rb'(<(?:\w+:)?row\b[^>]*?)\sr="\d+"')


@dataclass(frozen=True)
class Places:
    """Where the rows and columns of a compacted sheet really are, counted from 1, ascending."""

    rows: tuple[int, ...]
    columns: tuple[int, ...]

    def expand(self, cells: list[list[Cell]]) -> list[list[Cell]]:
        """Put rows back; unused rows share one empty list."""
        empty: list[Cell] = []
        full = [empty] * (self.rows[len(cells) - 1] if cells else 0)
        for place, row in zip(self.rows, cells, strict=False):
            used = [
                (at, cell)
                for at, cell in zip(self.columns, row, strict=False)
                if cell not in _BLANK
            ]
            wide: list[Cell] = [None] * (used[-1][0] if used else 0)
            for at, cell in used:
                wide[at - 1] = cell
            full[place - 1] = wide
        return full


def renumbered(data: bytes) -> tuple[bytes, Places]:
    """Return a worksheet part with its used rows and columns counted from 1, and their places."""
    used = [(m["letters"], m["row"]) for m in _CELL.finditer(data) if m["letters"]]
    rows = sorted({int(row) for _, row in used})
    columns = sorted({column_number(letters.decode()) for letters, _ in used})
    new_row = {at: str(i).encode() for i, at in enumerate(rows, 1)}
    new_column = {at: column_letter(i).encode() for i, at in enumerate(columns, 1)}

    def place(match: re.Match[bytes]) -> bytes:
        if match["blank"]:
            return b""
        column, row = column_number(match["letters"].decode()), int(match["row"])
        return match["open"] + new_column[column] + new_row[row] + b'"'

    text = _ROW_NUMBER.sub(rb"\1", _CELL.sub(place, data))
    return text, Places(tuple(rows), tuple(columns))
