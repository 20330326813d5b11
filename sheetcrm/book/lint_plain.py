"""The plain cells of a worksheet, looked over in bulk.

Most cells of our tabs hold a short text, a number or nothing, written in one way. Those are checked
a few thousand rows at a time and left out of the tree the rules walk through. Where anything at all
is unusual, nothing is left out: the rules then say what is wrong.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np

from sheetcrm.book.limits import EXACT_INTEGER_LIMIT
from sheetcrm.book.lint_rows import Texts
from sheetcrm.table import LAST_COLUMN, column_number

# First serial after 9999-12-31.
MAX_DATE = 2_958_466

# Column, row, style, number, shared text; one of 250 bytes is too short for any rule about texts.
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?(?:/>|><v>([^<]{1,40})</v></c>'
    rb'| t="s"><v>([0-9]{1,9})</v></c>'
    rb'| t="inlineStr"><is><t(?: xml:space="preserve")?>[^<]{0,250}</t></is></c>)'
)
_GROUPS = _PLAIN.groups + 1
_PLACE = re.compile(rb'<(?:row r="|c r="([A-Z]{1,3}))([1-9][0-9]{0,6})"')
_CELL = re.compile(rb"<c[ />]")
# A row without cells that says nothing but its number, columns and a height of at most 399 points.
_BARE_ROW = re.compile(
    rb'<row r="[0-9]+"(?: spans="[0-9:]+")?(?: ht="[1-3]?[0-9]{1,2}(?:\.[0-9]+)?")?'
    rb'(?: customHeight="1")?></row>'
)
# What may be no XML, or may hide what looks like a cell.
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_ODD = (b"<!", b"]]>", "\ufffe".encode(), "\uffff".encode())
_UNKNOWN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_PIECE_BYTES = 4 << 20


def without_plain(
    sheet: bytes, formats: int, dates: Collection[str | None], texts: Texts
) -> bytes | None:
    """Return a worksheet part without its plain cells; None where all are to be looked at.

    Args:
        sheet: The part.
        formats: How many cell formats there are.
        dates: The numbers of those that show dates.
        texts: The shared strings.
    """
    start, end = sheet.find(_OPEN) + len(_OPEN), sheet.find(_CLOSE)
    if not len(_OPEN) <= start <= end or sheet.count(b"<sheetData") > 1 or not _is_utf8(sheet):
        return None
    numbers = frozenset(number and number.encode() for number in dates)
    known, order = _Known(formats, numbers, texts), _Order()
    left = [sheet[:start]]
    for piece in _pieces(sheet[start:end]):
        parts = _PLAIN.split(piece)
        between, *plain = (parts[at::_GROUPS] for at in range(_GROUPS))
        rest = b"".join(between)
        if not order.holds(between, rest, *plain[:2]) or not known.hold(*plain[2:]):
            return None
        left.append(_BARE_ROW.sub(b"", rest))
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


class _Order:
    """Whether rows ascend, and in each the cells, all in the row they name."""

    def __init__(self) -> None:
        self._row, self._number, self._column = b"", 0, 0

    def holds(
        self,
        between: Sequence[bytes],
        rest: bytes,
        letters: Sequence[bytes],
        numbers: Sequence[bytes],
    ) -> bool:
        """Say so of the next rows: their plain cells, and what stands between those."""
        places = len(_PLACE.findall(rest))
        if places != rest.count(b"<row") + len(_CELL.findall(rest)):
            return False
        starts = [at for at, text in enumerate(between) if text]
        return starts[:1] == [0] and all(
            self._passes(between[at])
            and numbers[at:end].count(self._row) == end - at
            and self._ascend(tuple(letters[at:end]))
            for at, end in pairwise((*starts, len(numbers)))
        )

    def _passes(self, text: bytes) -> bool:
        for column, number in _PLACE.findall(text):
            if column and not (number == self._row and self._ascend((column,))):
                return False
            if not column:
                if int(number) <= self._number:
                    return False
                self._row, self._number, self._column = number, int(number), 0
        return True

    def _ascend(self, letters: tuple[bytes, ...]) -> bool:
        if not letters:
            return True
        first, last = _columns(letters)
        ascending = self._column < first <= last <= LAST_COLUMN
        self._column = last
        return ascending


@lru_cache(maxsize=1024)
def _columns(letters: tuple[bytes, ...]) -> tuple[int, int]:
    """Return the first and the last of ascending columns; (0, 0) where they do not ascend."""
    columns = [column_number(each.decode()) for each in letters]
    ascending = all(before < after for before, after in pairwise(columns))
    return (columns[0], columns[-1]) if ascending else (0, 0)


@dataclass(frozen=True)
class _Known:
    """What the numbers in cells stand for: formats, those that show dates, shared strings."""

    formats: int
    dates: frozenset[bytes | str | None]
    texts: Texts

    def hold(
        self,
        styles: Sequence[bytes | None],
        numbers: Sequence[bytes | None],
        shared: Sequence[bytes | None],
    ) -> bool:
        """Say whether formats and texts are there and the numbers are some that Excel takes."""
        if any(int(style) >= max(1, self.formats) for style in set(styles) if style):
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
            if number is not None and style in self.dates
        ]
        used = {int(index) for index in set(shared) if index is not None}
        return all(0 <= day < MAX_DATE for day in days) and self._short(used)

    def _short(self, used: set[int]) -> bool:
        if not used:
            return True
        known = not self.texts.is_new or self.texts.long.isdisjoint(used)
        return known and max(used) < len(self.texts)
