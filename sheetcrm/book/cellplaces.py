"""Where rows and cells stand in a worksheet part, as byte positions.

No tree is built: what is not looked at stays as it is, byte for byte. Text that only looks like
markup (comments, CDATA) is blanked out in a twin of equal length, on which all searching is done.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sheetcrm.book.xmlpart import BadXml, refuse_doctype
from sheetcrm.table import column_number

_ATTRIBUTES = rb"""((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>"""
_NO_MARKUP = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet\b")
_TOP = 100  # bytes: the declaration is shorter
_BLOCK = 4 << 20  # bytes searched at once
_REFERENCE = re.compile(rb"\$?([A-Za-z]{1,3})\$?(\d+)")


class Element(NamedTuple):
    """One element of the part: `number` is its row, or its column counted from 1.

    `inner` is behind its start tag, `close` before its end tag; both are `end` where it is `<x/>`.
    `attributes` is what stands between name and bracket.
    """

    number: int
    start: int
    inner: int
    close: int
    end: int
    attributes: bytes

    @property
    def is_empty(self) -> bool:
        """Say whether it is one tag, `<x/>`."""
        return self.inner == self.end

    def get(self, name: bytes) -> bytes | None:
        """Return an attribute as it is written, None where there is none."""
        return attribute(self.attributes, name)


class Rows:
    """The rows of a part in its order, of which each is put together when it is asked for.

    Args:
        numbers: Their numbers.
        starts: Where they start.
        ends: Where they end.
        row: Gives the row at a place of that order.
    """

    def __init__(
        self,
        numbers: npt.NDArray[np.int64],
        starts: npt.NDArray[np.int64],
        ends: npt.NDArray[np.int64],
        row: Callable[[int], Element],
    ) -> None:
        self.numbers, self.starts, self.ends, self._row = numbers, starts, ends, row

    @staticmethod
    def of(rows: list[Element]) -> "Rows":
        """Return rows that are put together already."""
        found = np.array([(r.number, r.start, r.end) for r in rows], np.int64).reshape(-1, 3)
        return Rows(found[:, 0], found[:, 1], found[:, 2], rows.__getitem__)

    def __len__(self) -> int:
        """Count them."""
        return len(self.numbers)

    def __getitem__(self, at: int) -> Element:
        """Return one of them; from the end where negative."""
        return self._row(range(len(self))[at])

    def __iter__(self) -> Iterator[Element]:
        """Yield all of them."""
        return map(self._row, range(len(self)))

    @cached_property
    def ascend(self) -> bool:
        """Whether each has a higher number than the one before."""
        return bool((np.diff(self.numbers) > 0).all())

    def numbered(self, number: int) -> Element | None:
        """Return the row of that number, the first of several."""
        if self.ascend:
            at = int(np.searchsorted(self.numbers, number))
            found = at < len(self) and self.numbers[at] == number
            return self[at] if found else None
        places = np.flatnonzero(self.numbers == number)
        return self[int(places[0])] if len(places) else None

    def where(self, hits: npt.NDArray[np.bool_]) -> list[Element]:
        """Return some of the rows."""
        return [self[at] for at in np.flatnonzero(hits).tolist()]


def attribute(attributes: bytes, name: bytes) -> bytes | None:
    """Return the value of an attribute by its full name, None where there is none."""
    found = _attribute_pattern(name).search(attributes)
    return None if found is None else found[1] if found[1] is not None else found[2]


def index_of(text: bytes | None) -> int:
    """Return an attribute or a content that counts something; 0 where it is no number."""
    return int(text) if text and text.isdigit() else 0


def without_attribute(attributes: bytes, name: bytes) -> bytes:
    """Return the attributes without one of them."""
    return _attribute_pattern(name).sub(b"", attributes)


@cache
def _attribute_pattern(name: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"""\s+%b\s*=\s*(?:"([^"]*)"|'([^']*)')""" % re.escape(name))


@cache
def _tag_pattern(tag: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<%b%b" % (re.escape(tag), _ATTRIBUTES))


@cache
def _plain_row_pattern(tag: bytes) -> re.Pattern[bytes]:
    """Match the start of a row that names its number first and holds something."""
    return re.compile(rb"""<%b( r="([0-9]{1,7})"(?: [\w.:-]+="[^"<>]*")*)>""" % re.escape(tag))


def _count(text: bytes, mark: bytes) -> int:
    """Count a mark of two bytes; few sheets hold the second of them anywhere but at the top."""
    rare = text.find(mark[1:], _TOP) < 0
    return text.count(mark, 0, _TOP) if rare else text.count(mark)


@dataclass(frozen=True)
class SheetText:
    """A worksheet part in UTF-8 (or another encoding that leaves markup as it is in ASCII).

    Raises:
        BadXml: It declares a document type, or has no place for cells; when first looked at.
    """

    text: bytes

    @cached_property
    def mask(self) -> bytes:
        """The twin with nothing but markup in it."""
        if not _count(self.text, b"<!") and _count(self.text, b"<?") <= 1:
            return self.text
        return _NO_MARKUP.sub(lambda match: b" " * len(match[0]), self.text)

    @cached_property
    def prefix(self) -> bytes:
        """What element names start with: `x:` in `<x:worksheet>`, mostly nothing."""
        root = _ROOT.search(self.mask)
        if root is None:
            raise BadXml("no worksheet")
        refuse_doctype(self.text[: root.start()])
        return root[1]

    @cached_property
    def data(self) -> Element:
        """The element that holds the rows."""
        name = b"sheetData"
        first = next(self.elements(name), None)
        if first is None or any(
            next(self.elements(name, start, end), None)
            for start, end in ((first.inner, first.close), (first.end, -1))
            if self.mask.find(b"<" + self.prefix + name, start) >= 0
        ):
            raise BadXml("not one place for cells")
        return first

    @cached_property
    def rows(self) -> Rows:
        """All rows, in the order of the part; one without a number follows the one before."""
        return self.rows_from(self.data.inner)

    def rows_from(self, start: int) -> Rows:
        """Return the rows behind a byte that is in none of them; rows before it are not counted."""
        return self._plain_rows(start) or self._all_rows(start)

    def _plain_rows(self, start: int) -> Rows | None:
        """Return the rows of a part as nearly every program writes them; None of another one."""
        mask, tag, stop = self.mask, self.prefix + b"row", self.data.close
        named, letters = _found(mask, tag, start, stop), np.frombuffer(mask, np.uint8)
        starts = named[letters[named - 1] == ord("<")] - 1
        closes = named[(letters[named - 1] == ord("/")) & (letters[named - 2] == ord("<"))] - 2
        ends = closes + len(b"</%b>" % tag)
        if len(starts) != len(ends) or not _tile(starts, ends, start, stop):
            return None
        opens = _plain_row_pattern(tag).match
        ranges = zip(starts.tolist(), closes.tolist(), strict=True)
        opened = [each for a, b in ranges if (each := opens(mask, a, b))]
        if len(opened) < len(starts) or not (letters[ends - 1] == ord(">")).all():
            return None
        numbers = np.array([each[2] for each in opened], "S7").astype(np.int64)
        inners = np.array([each.end() for each in opened], np.int64)

        def row(at: int) -> Element:
            begin, inner = int(starts[at]), int(inners[at])
            said = mask[begin + 1 + len(tag) : inner - 1]
            return Element(int(numbers[at]), begin, inner, int(closes[at]), int(ends[at]), said)

        return Rows(numbers, starts, ends, row)

    def _all_rows(self, start: int) -> Rows:
        found: list[Element] = []
        for row in self.elements(b"row", start, self.data.close):
            number = row.get(b"r")
            last = found[-1].number if found else 0
            at = int(number) if number and number.isdigit() else last + 1
            found.append(_numbered(row, at))
        return Rows.of(found)

    def cells(self, row: Element) -> list[Element]:
        """Return the cells of a row, in the order of the part."""
        found: list[Element] = []
        for cell in self.elements(b"c", row.inner, row.close):
            place = _REFERENCE.fullmatch(cell.get(b"r") or b"")
            last = found[-1].number if found else 0
            found.append(_numbered(cell, column_number(place[1].decode()) if place else last + 1))
        return found

    def elements(self, name: bytes, start: int = 0, end: int = -1) -> Iterator[Element]:
        """Yield the elements of that name between two positions; they must not be nested."""
        mask, tag = self.mask, self.prefix + name
        ending, stop = b"</" + tag, len(mask) if end < 0 else end
        for opened in _tag_pattern(tag).finditer(mask, start, stop):
            inner = opened.end()
            if opened[2]:
                yield Element(0, opened.start(), inner, inner, inner, opened[1])
                continue
            close = mask.find(ending, inner, stop)
            bracket = mask.find(b">", close, stop) if close >= 0 else -1
            if bracket < 0 or mask[close + len(ending) : bracket].strip():
                raise BadXml(f"no end of {name.decode()}")
            yield Element(0, opened.start(), inner, close, bracket + 1, opened[1])


def _found(text: bytes, mark: bytes, start: int, stop: int) -> npt.NDArray[np.int64]:
    """Return where a mark is; its last letter is the one that is looked for, few others have it."""
    letters, found = np.frombuffer(text, np.uint8), [np.empty(0, np.int64)]
    for at in range(start + len(mark) - 1, stop, _BLOCK):
        block = letters[at : min(at + _BLOCK, stop)]
        places = np.flatnonzero(block == mark[-1]) + (at - len(mark) + 1)
        for letter, expected in enumerate(mark[:-1]):
            places = places[letters[places + letter] == expected]
        found.append(places)
    return np.concatenate(found)


def _tile(
    starts: npt.NDArray[np.int64], ends: npt.NDArray[np.int64], first: int, last: int
) -> bool:
    """Say whether ranges lie side by side from one place to the other."""
    return np.array_equal(np.append(starts, last), np.append(first, ends))


def _numbered(element: Element, number: int) -> Element:
    return Element(
        number, element.start, element.inner, element.close, element.end, element.attributes
    )
