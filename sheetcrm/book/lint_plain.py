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

# What follows a cell's address: style, number, shared text; one of 250 bytes is too short for any
# rule about texts.
_CONTENT = (
    rb'"(?: s="%b")?(?:/>|><v>%b</v></c>| t="s"><v>%b</v></c>'
    rb'| t="inlineStr"><is><t(?: xml:space="preserve")?>[^<]{0,250}</t></is></c>)'
)
_HELD = (rb"[0-9]{1,5}", rb"[^<]{1,40}", rb"[0-9]{1,9}")
_GROUPED = tuple(b"(%b)" % held for held in _HELD)
# Column and row, then the content.
_PLAIN = re.compile(rb'<c r="([A-Z]{1,3})([1-9][0-9]{0,6})' + _CONTENT % _GROUPED)
# What cells known to be plain hold; of texts the style alone.
_HOLDS = re.compile(rb'#"(?: s="%b")?(?:/>|><v>%b</v>| t="s"><v>%b</v>| t="inlineStr">)' % _GROUPED)
_GROUPS = _PLAIN.groups + 1
_PLACE = re.compile(rb'<(?:row r="|c r="([A-Z]{1,3}))([1-9][0-9]{0,6})"')
_CELL = re.compile(rb"<c[ />]")
# A row that says nothing but its number, columns and a height of at most 399 points.
_BARE = rb'"(?: spans="[0-9:]+")?(?: ht="[1-3]?[0-9]{1,2}(?:\.[0-9]+)?")?(?: customHeight="1")?>'
_BARE_TAG = re.compile(_BARE)
_BARE_TAG_2010 = re.compile(_BARE.removesuffix(b">") + rb'(?: x14ac:dyDescent="[0-9.]+")?>')
_PREFIX_2010 = b" xmlns:x14ac="
_BARE_ROW = re.compile(rb'<row r="[0-9]+' + _BARE + rb"</row>")
_NUMBER = re.compile(rb"[1-9][0-9]{0,6}")
_ROW_NUMBER = re.compile(rb'<row r="([0-9]+)"')
_LETTERS = re.compile(rb"[A-Z]{1,3}")
# What may be no XML, or may hide what looks like a cell.
_CONTROLS = bytes({*range(32)} - {*b"\t\n\r"})
_ODD = (b"<!", b"]]>", "\ufffe".encode(), "\uffff".encode())
_UNKNOWN_ENTITY = re.compile(rb"&(?!(?:amp|lt|gt|quot|apos);)")
_OPEN, _CLOSE = b"<sheetData>", b"</sheetData>"
_ROW, _CELL_START, _ROW_END = b'<row r="', b'<c r="', b"</row>"
_ANY = b'#"'  # stands for the row's number in its tag and its cells
_PIECE_BYTES = 256 << 10  # some hundred rows: most pieces of a list are of one kind


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
    numbers = frozenset(number and number.encode() for number in dates)
    known, order, usual = _Known(formats, numbers, texts), _Order(), _UsualRows(sheet[:start])
    left, read = [sheet[:start]], [sheet[:start]]
    for piece in _pieces(sheet[start:end]):
        other = usual.without(piece)
        if other:
            parts = _PLAIN.split(other)
            between, *plain = (parts[at::_GROUPS] for at in range(_GROUPS))
            rest = b"".join(between)
            if not order.holds(between, rest, *plain[:2]) or not known.hold(*plain[2:]):
                return None
            left.append(_BARE_ROW.sub(b"", rest))
            read.append(other)
    read += [sheet[end:], *usual.cells]
    if usual.ascend and known.hold(*usual.plain) and _is_utf8(b"".join(read)):
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


def _pieces(rows: bytes) -> Iterator[bytes]:
    start = 0
    while start < len(rows):
        found = rows.find(_ROW_END, start + _PIECE_BYTES)
        end = len(rows) if found < 0 else found + len(_ROW_END)
        yield rows[start:end]
        start = end


class _UsualRows:
    """Rows of plain cells only; each distinct cell of a column is looked at once.

    `ascend` says whether the numbers of all rows do, so far as the others give one.

    Args:
        head: What stands before the rows.
    """

    def __init__(self, head: bytes) -> None:
        self.ascend = True
        self._bare = _BARE_TAG_2010 if _PREFIX_2010 in head else _BARE_TAG
        self._tags: set[bytes] = set()
        self._cells: dict[bytes, set[bytes]] = {}
        self._held: set[tuple[bytes, ...]] = set()
        self._columns: tuple[bytes, ...] = ()
        self._last = 0

    @property
    def cells(self) -> Iterator[bytes]:
        """Their distinct cells."""
        return (cell for cells in self._cells.values() for cell in cells)

    @property
    def plain(self) -> Iterator[list[bytes | None]]:
        """The styles, the numbers and the shared texts of their cells, each distinct three once."""
        return ([held[at] or None for held in self._held] for at in range(3))

    def without(self, rows: bytes) -> bytes:
        """Return some rows of a sheet; nothing if all of them are usual and alike."""
        *texts, end = rows.split(_ROW_END)
        whole = bool(texts) and not end
        if whole and (self._takes(texts) or (self._learn(texts[-1]) and self._takes(texts))):
            return b""
        self._follow(_ROW_NUMBER.findall(rows))
        return rows

    def _takes(self, rows: Sequence[bytes]) -> bool:
        """Say whether rows are usual and have the columns of the last one; take all or none."""
        numbers, found, width = [], [], 1 + len(self._columns)
        for row in rows:
            number = row[len(_ROW) : row.find(b'"', len(_ROW))]
            bare = row.replace(number + b'"', _ANY)
            parts = bare.split(_CELL_START)
            # Nothing but its tag and its cells has the row's number, and all of them have.
            if len(row) - len(bare) != (len(number) - 1) * width or len(parts) != width:
                return False
            numbers.append(number)
            found.append(parts)
        tags, *columns = zip(*found, strict=True)
        if not self._tags.issuperset(tags) or not all(map(_NUMBER.fullmatch, numbers)):
            return False
        if all(map(self._are_plain, self._columns, columns)):
            self._follow(numbers)
            return True
        return False

    def _follow(self, numbers: Sequence[bytes]) -> None:
        found = [self._last, *map(int, numbers)]
        self.ascend = self.ascend and all(before < after for before, after in pairwise(found))
        self._last = found[-1]

    def _learn(self, row: bytes) -> bool:
        """Take over the tag and the columns of a row, if they are usual."""
        tag, *cells = row.split(_CELL_START)
        number, _, behind = tag.removeprefix(_ROW).partition(b'"')
        columns = tuple([cell.partition(b'"')[0].removesuffix(number) for cell in cells])
        usual = tag.startswith(_ROW) and self._bare.fullmatch(b'"' + behind)
        if not usual or not all(map(_LETTERS.fullmatch, columns)):
            return False
        if not columns or not 0 < _columns(columns)[1] <= LAST_COLUMN:
            return False
        self._tags.add(_ROW + _ANY + behind)
        self._columns = columns
        return True

    def _are_plain(self, column: bytes, cells: Sequence[bytes]) -> bool:
        known = self._cells.setdefault(column, set())
        new = set(cells).difference(known)
        if new:
            # one that is no cell in itself could pass together with the next, but for the signs
            together = b"<".join((*new, b""))
            if not _plain_cells(column).fullmatch(together):
                return False
            self._held.update(_HOLDS.findall(together))
            known |= new
        return True


@lru_cache(maxsize=256)
def _plain_cells(column: bytes) -> re.Pattern[bytes]:
    """Return what matches any number of plain cells of a column, each followed by a `<`."""
    return re.compile(rb"(?:%b#%b<)*+" % (column, _CONTENT % _HELD))


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
