"""The plain cells of a worksheet, looked over in bulk.

Most cells of our tabs hold a short text, a number or nothing, written in one way. Those are checked
a few thousand rows at a time and left out of the tree the rules walk through. Where anything at all
is unusual, nothing is left out: the rules then say what is wrong.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from functools import cache

import numpy as np

from sheetcrm.book.limits import EXACT_INTEGER_LIMIT
from sheetcrm.table import LAST_COLUMN, column_number

# First serial after 9999-12-31.
MAX_DATE = 2_958_466

# Column, row, style, number; a text of 250 bytes is too short for any rule about texts.
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?:/>|><v>([^<]{1,40})</v></c>'
    rb'| t="inlineStr"><is><t(?: xml:space="preserve")?>[^<]{0,250}</t></is></c>)'
)
_GROUPS = _PLAIN.groups + 1
_PLACE = re.compile(rb'<(?:row r="|c r="([A-Z]{1,3}))([1-9][0-9]{0,6})"')
# What may be no XML, or may hide what looks like a cell.
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_ODD = (b"<!", b"]]>", "\ufffe".encode(), "\uffff".encode())
_UNKNOWN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_PIECE_BYTES = 4 << 20


def without_plain(sheet: bytes, formats: int, dates: Collection[str | None]) -> bytes | None:
    """Return a worksheet part without its plain cells; None where all are to be looked at.

    Args:
        sheet: The part.
        formats: How many cell formats there are.
        dates: The numbers of those that show dates.
    """
    start, end = sheet.find(_OPEN) + len(_OPEN), sheet.find(_CLOSE)
    if not len(_OPEN) <= start <= end or sheet.count(b"<sheetData") > 1 or not _is_utf8(sheet):
        return None
    numbers = frozenset(number and number.encode() for number in dates)
    known = _Styles(formats, numbers)
    left = [sheet[:start]]
    for piece in _pieces(sheet[start:end]):
        parts = _PLAIN.split(piece)
        plain = (parts[at::_GROUPS] for at in range(1, _GROUPS))
        if not _in_order(piece) or not known.hold(*plain):
            return None
        left += parts[0::_GROUPS]
    return b"".join((*left, sheet[end:]))


def _is_utf8(sheet: bytes) -> bool:
    """Say whether it has only characters that XML may have, and nothing like comments."""
    declared = sheet[:100].lower()
    if b"encoding=" in declared and b'encoding="utf-8"' not in declared:
        return False
    if any(odd in sheet for odd in _ODD) or _UNKNOWN_ENTITY.search(sheet) is not None:
        return False
    try:
        sheet.decode()
    except UnicodeDecodeError:
        return False
    return len(sheet.translate(None, _CONTROLS)) == len(sheet)


def _pieces(rows: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(rows):
        found = rows.find(_ROW_END, start + _PIECE_BYTES)
        end = len(rows) if found < 0 else found + len(_ROW_END)
        yield rows[start:end]
        start = end


def _in_order(piece: bytes) -> bool:
    """Say whether every cell is in the row it names, behind those with smaller columns."""
    places = _PLACE.split(piece)
    letters, numbers = places[1::3], places[2::3]
    if len(numbers) != piece.count(b"<row") + len(re.findall(rb"<c[ />]", piece)):
        return False
    columns = np.array([_column(each) if each else 0 for each in letters])
    rows = np.array(numbers, dtype="S7").astype(np.int64)
    is_row = columns == 0
    if not len(rows) or not is_row[0]:
        return not len(rows)
    row_of = rows[np.maximum.accumulate(np.where(is_row, np.arange(len(rows)), 0))]
    ascending = (np.diff(columns) > 0) | is_row[1:]
    return bool((rows == row_of).all() and ascending.all() and columns.max() <= LAST_COLUMN)


@cache
def _column(letters: bytes) -> int:
    return column_number(letters.decode())


class _Styles:
    """What the numbers of cell formats mean for the cells that have them."""

    def __init__(self, formats: int, dates: frozenset[bytes | str | None]) -> None:
        self._formats, self._dates = max(1, formats), dates

    def hold(
        self,
        _letters: Sequence[bytes],
        _rows: Sequence[bytes],
        styles: Sequence[bytes | None],
        numbers: Sequence[bytes | None],
    ) -> bool:
        """Say whether the styles are there and the numbers are some that Excel takes."""
        if any(int(style) >= self._formats for style in set(styles) if style):
            return False
        found = [number for number in numbers if number is not None]
        try:
            held = np.array(found, dtype="S40").astype(np.float64)
        except ValueError:
            return False
        # a greater whole number may have lost digits, an infinite one is none
        if not (np.abs(held) < EXACT_INTEGER_LIMIT).all():
            return False
        days = [
            float(number)
            for number, style in zip(numbers, styles, strict=True)
            if number is not None and style in self._dates
        ]
        return all(0 <= day < MAX_DATE for day in days)
