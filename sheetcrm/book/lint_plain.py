"""The plain cells of a worksheet, looked over in bulk.

Most cells of our tabs hold a short text, a number or nothing, written in one way. Those are checked
a few thousand rows at a time and left out of the tree the rules walk through: rows of nothing else
as a whole, each distinct cell once, then the single cells of the other rows. Where anything at all
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

# Column and row, style, number, shared text; 250 bytes are too few for any rule about a text.
_PLAIN = re.compile(
    rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})"(?: s="([0-9]{1,5})")?'
    rb'(?:/>|><v>([^<]{1,40})</v></c>| t="s"><v>([0-9]{1,9})</v></c>'
    rb'| t="inlineStr"><is><t(?: xml:space="preserve")?>[^<]{0,250}</t></is></c>)'
)
_GROUPS = _PLAIN.groups + 1
_PLACE = re.compile(rb'<(?:row r="|c r="([A-Z]{1,3}))([1-9][0-9]{0,6})"')
_CELL = re.compile(rb"<c[ />]")
# A row that says nothing but its number, columns and a height of at most 399 points.
_BARE = rb'"(?: spans="[0-9:]+")?(?: ht="[1-3]?[0-9]{1,2}(?:\.[0-9]+)?")?(?: customHeight="1")?>'
_BARE_2010 = _BARE.removesuffix(b">") + rb'(?: x14ac:dyDescent="[0-9.]+")?+>'
_PREFIX_2010 = b" xmlns:x14ac="
_BARE_ROW, _BARE_ROW_2010 = (
    re.compile(rb'<row r="[0-9]+%b</row>' % tag) for tag in (_BARE, _BARE_2010)
)
_ROW_NUMBER = re.compile(rb'<row r="([0-9]{1,9})"')
# What may be no XML, or may hide what looks like a cell.
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_ODD = (b"<!", b"]]>", "\ufffe".encode(), "\uffff".encode())
_UNKNOWN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_OPEN, _CLOSE, _ROW_END = b"<sheetData>", b"</sheetData>", b"</row>"
_PIECE_BYTES = 256 << 10  # some hundred rows: most pieces of a list are of one kind

# The same for whole rows at once: a text with only characters that XML may have, a number that is
# one to Excel and exact, one that is a day.
_LETTER = rb"[^<&\x00-\x08\x0b\x0c\x0e-\x1f]"
_USUAL_TEXT = (
    rb' t="inlineStr"><is><t(?: xml:space="preserve")?+>(?>%b{0,250}+(?=<)'
    rb"|(?=[^<]{0,250}+<)(?:%b|&(?:amp|lt|gt|quot|apos);)*+)</t></is></c>" % (_LETTER, _LETTER)
)
_USUAL_SHARED = rb' t="s"><v>[0-9]{1,9}</v></c>'
_USUAL_NUMBER = rb"><v>-?[0-9]{1,14}(?:\.[0-9]{1,20})?(?:E-[0-9]{1,2})?</v></c>"
_USUAL_DAY = rb"><v>[0-9]{1,6}(?:\.[0-9]{1,20})?</v></c>"
_SHARED = re.compile(rb' t="s"><v>([0-9]{1,9})</v>')
# Column, style and kind of a cell.
_KIND = re.compile(rb'<c r="([A-Z]{1,3})[0-9]{1,7}"(?: s="([0-9]{1,5})")?( t="[a-zA-Z]+"|><v>)?')
# Making a pattern takes as long as looking at some hundred rows cell by cell: rows too wide for
# one, and sheets where so many were of no use, are looked at that way.
_MOST_COLUMNS, _MOST_IN_VAIN = 64, 3


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
    if not len(_OPEN) <= start <= end or sheet.count(b"<sheetData") > 1:
        return None
    numbers = frozenset(None if number is None else number.encode() for number in dates)
    known, order = _Known(formats, numbers, texts), _Order()
    usual = _UsualRows(sheet[:start], formats, numbers)
    bare_row = _BARE_ROW_2010 if _PREFIX_2010 in sheet[:start] else _BARE_ROW
    left, read = [sheet[:start]], [sheet[:start]]
    for piece in _pieces(sheet[start:end]):
        other = usual.without(piece)
        if other:
            parts = _PLAIN.split(other)
            between, *plain = (parts[at::_GROUPS] for at in range(_GROUPS))
            rest = b"".join(between)
            if not order.holds(between, rest, *plain[:2]) or not known.hold(*plain[2:]):
                return None
            left.append(bare_row.sub(b"", rest))
            read.append(other)
    read.append(sheet[end:])
    if usual.ascend and known.short(usual.shared) and _is_utf8(b"".join(read)):
        return b"".join((*left, sheet[end:]))
    return None


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


def _is_text(rows: bytes) -> bool:
    """Say so of rows without controls, comments and unknown entities."""
    try:
        text = rows.decode()
    except UnicodeDecodeError:
        return False
    # one character is found several times as fast in the text as its bytes
    return "\ufffe" not in text and "\uffff" not in text and b"]]>" not in rows


def _pieces(rows: bytes) -> Iterator[bytes]:
    """Yield the rows in pieces; small ones first, for what stands above a list is unlike it."""
    start, size = 0, _PIECE_BYTES // 8
    while start < len(rows):
        found = rows.find(_ROW_END, start + size)
        end = len(rows) if found < 0 else found + len(_ROW_END)
        yield rows[start:end]
        start, size = end, min(2 * size, _PIECE_BYTES)


class _UsualRows:
    """Rows that lie as one looked at before, matched as a whole and many at once.

    `ascend` says whether the numbers of all rows do, so far as the others give one; `shared` are
    the numbers of the shared texts in them.

    Args:
        head: What stands before the rows.
        formats: How many cell formats there are.
        dates: The numbers of those that show dates.
    """

    def __init__(self, head: bytes, formats: int, dates: Collection[bytes | None]) -> None:
        self.ascend = True
        self.shared: set[int] = set()
        self._bare = _BARE_2010 if _PREFIX_2010 in head else _BARE
        self._formats, self._dates = formats, dates
        self._kinds: dict[bytes, set[tuple[bytes, bytes]]] = {}
        self._row: re.Pattern[bytes] | None = None
        self._in_vain = self._last = 0

    def without(self, rows: bytes) -> bytes:
        """Return some rows of a sheet; nothing if all of them are usual and alike."""
        numbers = self._matched(rows)
        if numbers is None and self._learn(rows):
            numbers = self._matched(rows)
        self._follow(_ROW_NUMBER.findall(rows) if numbers is None else numbers)
        return rows if numbers is None else b""

    def _matched(self, rows: bytes) -> list[bytes] | None:
        """Return the numbers of rows; None unless they are nothing but usual rows."""
        if self._row is None or not self._row.match(rows):
            return None
        parts = self._row.split(rows)
        if any(parts[::2]) or not _is_text(rows):
            return None
        self._in_vain = 0
        if b' t="s"' in rows:
            self.shared.update(map(int, _SHARED.findall(rows)))
        return parts[1::2]

    def _follow(self, numbers: Sequence[bytes]) -> None:
        found = np.array([b"%d" % self._last, *numbers]).astype(np.int64)
        self.ascend = self.ascend and bool((np.diff(found) > 0).all())
        self._last = int(found[-1])

    def _learn(self, rows: bytes) -> bool:
        """Make a pattern of the last row's columns and what all rows have in them."""
        if len(rows) < _PIECE_BYTES // 8 or self._in_vain == _MOST_IN_VAIN:
            return False
        parts = _PLAIN.split(rows[max(rows.rfind(b"<row "), 0) :])
        columns, behind = tuple(parts[1::_GROUPS]), b"".join(parts[_GROUPS::_GROUPS])
        if behind != _ROW_END or not 0 < _columns(columns)[1] <= LAST_COLUMN:
            return False
        if len(columns) > _MOST_COLUMNS:
            return False
        for column, style, kind in set(_KIND.findall(rows)):
            if int(style or 0) < max(1, self._formats):
                self._kinds.setdefault(column, set()).add((style, kind))
        cells = [b'<c r="%b\\1"%b' % (column, self._content(column)) for column in columns]
        row = b'<row r="([1-9][0-9]{0,6})%b%b</row>' % (self._bare, b"".join(cells))
        if self._row is not None and row == self._row.pattern:
            return False
        self._row, self._in_vain = re.compile(row), self._in_vain + 1
        return True

    def _content(self, column: bytes) -> bytes:
        """Return what matches a plain cell of a column behind its address."""
        found = []
        known = self._kinds.get(column, set())
        for is_date, number in ((False, _USUAL_NUMBER), (True, _USUAL_DAY)):
            alike = [each for each in known if ((each[0] or None) in self._dates) == is_date]
            styles = sorted({b' s="%b"' % s if s else b"" for s, _ in alike}, reverse=True)
            forms = {b' t="inlineStr"': _USUAL_TEXT, b' t="s"': _USUAL_SHARED, b"><v>": number}
            held = [forms[kind] for kind in sorted({kind for _, kind in alike}) if kind in forms]
            if styles:
                found.append(b"(?>%b)(?>%b)" % (b"|".join(styles), b"|".join((*held, b"/>"))))
        return b"(?:%b)" % b"|".join(found)


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
        return all(0 <= day < MAX_DATE for day in days) and self.short(used)

    def short(self, used: set[int]) -> bool:
        """Say whether shared texts are there, and none of them too long."""
        if not used:
            return True
        known = not self.texts.is_new or self.texts.long.isdisjoint(used)
        return known and max(used) < len(self.texts)
