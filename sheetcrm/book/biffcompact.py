"""Sparse sheets of an .xls made small before parsing; of an .xlsx `book.compact` does it.

The cells stay in their records. Only the row and column they name become others: those of a narrow
rectangle without gaps.
"""

import struct
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sheetcrm.book.biff import sheet_starts, value_records
from sheetcrm.book.cfb import Broken, workbook_place, workbook_stream
from sheetcrm.book.compact import spread
from sheetcrm.table import Cell

_WIDTH = 256  # several numbers in one record stand side by side, at most so many


@dataclass(frozen=True)
class Moved:
    """Where the cells of a compacted sheet really are, by their number along its rows.

    Numbers count from 0; (row, column) from 1.
    """

    places: Mapping[int, tuple[int, int]]

    def expand(self, rows: Sequence[Sequence[Cell]]) -> list[list[Cell]]:
        """Put cells back; unused rows share one empty list."""
        return spread(
            (*self.places[row * _WIDTH + column], cell)
            for row, cells in enumerate(rows)
            for column, cell in enumerate(cells)
            if row * _WIDTH + column in self.places
        )


def compacted(data: bytes, sheets: Collection[int]) -> tuple[bytes, dict[int, Moved]]:
    """Return a checked .xls with those sheets made small, and where their cells really are.

    Raises:
        Broken: A cell is there twice, or the sectors of the workbook are those of something else.
    """
    place = workbook_place(data)
    stream = place.read(data)
    changed, starts = bytearray(stream), sheet_starts(stream)
    moved = {number: _move(stream, starts[number], changed) for number in sheets}
    small = place.write(data, bytes(changed))
    if workbook_stream(small) != changed:
        raise Broken
    return small, moved


def _move(stream: bytes, start: int, changed: bytearray) -> Moved:
    """Give the cells of a sheet their new rows and columns in the changed stream."""
    numbers: dict[tuple[int, int], int] = {}
    free = 0
    for at, last_at in value_records(stream, start):
        row, first = struct.unpack_from("<HH", stream, at)
        last = struct.unpack_from("<H", stream, last_at)[0]
        places = [(row + 1, column + 1) for column in range(first, last + 1)]
        number = numbers.get(places[0])
        if len(places) > 1 and not numbers.keys().isdisjoint(places):
            raise Broken
        if number is None:
            rest = -free % _WIDTH
            number = free + rest if rest < len(places) else free
            free = number + len(places)
            numbers.update(zip(places, range(number, free), strict=True))
        struct.pack_into("<HH", changed, at, *divmod(number, _WIDTH))
        struct.pack_into("<H", changed, last_at, (number + len(places) - 1) % _WIDTH)
    return Moved({number: place for place, number in numbers.items()})
