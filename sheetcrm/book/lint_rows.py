"""A worksheet taken apart for linting: its frame, and its rows a few thousand at a time.

A sheet of two million cells makes a tree of gigabytes. Its rows are found as bytes; those that a
workbook had before are passed over, the rest become small trees one after another.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from lxml import etree

from sheetcrm.book.cellplaces import Rows, SheetText
from sheetcrm.book.sheetnodes import plain
from sheetcrm.book.xmlpart import BadXml, as_utf8, descendants, parse, unescaped

# What is parsed at once: smaller sheets stay in one piece.
CHUNK_BYTES = 4 << 20

_DECLARATION = re.compile(rb"^\s*(?:\xef\xbb\xbf)?<\?xml[^>]*\?>")
_ITEM = re.compile(rb"<(?:[\w.-]+:)?si(?:\s[^>]*)?(?:/>|>(.*?)</(?:[\w.-]+:)?si\s*>)", re.DOTALL)
_PHONETIC = re.compile(rb"<(?:[\w.-]+:)?rPh[\s>].*?</(?:[\w.-]+:)?rPh\s*>", re.DOTALL)
_TEXT = re.compile(rb"<(?:[\w.-]+:)?t(?:\s[^>]*)?(?<!/)>(.*?)</(?:[\w.-]+:)?t\s*>", re.DOTALL)
_CDATA = re.compile(rb"<!\[CDATA\[(.*?)\]\]>", re.DOTALL)
_SHORT = 254  # bytes: too few for any rule about a text


class Texts:
    """The shared strings of a workbook, read one by one; `is_new` where they were not before."""

    def __init__(self, data: bytes, *, is_new: bool = True) -> None:
        self.is_new = is_new
        self._data = _CDATA.sub(_escaped, as_utf8(data)[0]).replace(b"\r\n", b"\n")

    @cached_property
    def _items(self) -> list[tuple[int, int]]:
        return [match.span(1) for match in _ITEM.finditer(self._data)]

    def __len__(self) -> int:
        return len(self._items)

    def __getitem__(self, index: int) -> str:
        start, end = self._items[index]
        inside = _PHONETIC.sub(b"", self._data[start:end])
        return unescaped("".join(plain(text) for text in _TEXT.findall(inside)))

    @cached_property
    def long(self) -> frozenset[int]:
        """The numbers of texts long enough to break a rule."""
        return frozenset(i for i, (a, b) in enumerate(self._items) if b - a >= _SHORT)


@dataclass(frozen=True)
class SheetPieces:
    """A sheet in pieces: `frame` is the sheet with no rows but those tables have headers in.

    `chunks` yields small sheets of rows; `numbers` are the numbers of all rows as they come.
    """

    text: SheetText | None
    frame: etree._Element = field(repr=False)
    pieces: tuple[tuple[int, int], ...]
    numbers: tuple[int, ...] = ()

    def shared_formulas(self) -> Iterator[tuple[str, bool]]:
        """Yield the number of each shared formula, and whether it is the one others share."""
        if self.text is None:
            for formula in self.frame.iter("{*}f"):
                if formula.get("t") == "shared":
                    yield formula.get("si") or "", bool(formula.text)
        elif b"shared" in self.text.text:
            for element in self.text.elements(b"f", self.text.data.inner, self.text.data.close):
                if element.get(b"t") == b"shared":
                    si = (element.get(b"si") or b"").decode("ascii", "replace")
                    yield si, element.inner < element.close

    def chunks(self, lighter: Callable[[bytes], bytes]) -> Iterator[etree._Element]:
        """Yield the rows to look at as trees.

        Args:
            lighter: Takes cells that need no tree off a small sheet.

        Raises:
            BadXml: One of them is not well formed.
        """
        if self.text is None:
            yield self.frame
            return
        for start, end in _gathered(self.pieces):
            rows = b"".join(self.text.text[a:b] for a, b in self.pieces[start:end])
            yield parse(lighter(_small_sheet(self.text, rows)))


@dataclass(frozen=True)
class RowsOf:
    """A worksheet part to be taken apart.

    Args:
        data: The part.
        known: The part as it was before; rows in it are passed over. None to look at all.
        headers: The rows to keep in the frame.
    """

    data: bytes
    known: bytes | None
    headers: Collection[int]

    def split(self) -> SheetPieces:
        """Take it apart.

        Raises:
            BadXml: It is not well formed, as far as that can be seen without its rows.
        """
        if self.known is None and len(self.data) <= CHUNK_BYTES:
            return SheetPieces(None, parse(self.data), ())
        text, code = as_utf8(self.data)
        part = SheetText(_DECLARATION.sub(b"", text) if code else text)
        try:
            rows = part.rows
        except BadXml:
            return SheetPieces(None, parse(self.data), ())
        if not _nothing_between(part, rows):
            return SheetPieces(None, parse(self.data), ())
        new = _places(rows) if self.known is None else _unknown(part, self.known)
        headed = rows.where(np.isin(rows.numbers, list(self.headers)))
        frame = parse(
            part.text[: part.data.inner]
            + b"".join(part.text[r.start : r.end] for r in headed)
            + part.text[part.data.close :]
        )
        return SheetPieces(part, frame, tuple(new), tuple(rows.numbers.tolist()))


def text_of(element: etree._Element) -> str:
    """Return the text of a shared or inline string, phonetic runs left out."""
    runs = (
        t.text or ""
        for t in descendants(element, "t")
        if (parent := t.getparent()) is None or not str(parent.tag).endswith("}rPh")
    )
    return unescaped("".join(runs))


def _escaped(match: re.Match[bytes]) -> bytes:
    return match[1].replace(b"&", b"&amp;").replace(b"<", b"&lt;")


def _places(rows: Rows) -> Iterator[tuple[int, int]]:
    return zip(rows.starts.tolist(), rows.ends.tolist(), strict=True)


def _unknown(part: SheetText, known: bytes) -> Iterable[tuple[int, int]]:
    """Return where rows of a part are that it did not have before."""
    before, rows = SheetText(as_utf8(known)[0]), part.rows
    try:
        # most often the sheet only grew at its end
        start, there = part.data.inner, before.data.inner
        same = min(_equal_bytes(part.text, start, before.text, there), before.data.close - there)
        kept = int(np.searchsorted(rows.ends, start + same, "right"))
        at = int(rows.ends[kept - 1]) if kept else start
        texts = {before.text[a:b] for a, b in _places(before.rows_from(there + at - start))}
    except BadXml:
        return _places(rows)
    return [(a, b) for a, b in _places(rows) if a >= at and part.text[a:b] not in texts]


def _equal_bytes(one: bytes, at: int, other: bytes, there: int) -> int:
    """Return how many bytes are the same from these places on."""
    mine, theirs = np.frombuffer(one, np.uint8)[at:], np.frombuffer(other, np.uint8)[there:]
    most = min(mine.size, theirs.size)
    unlike = mine[:most] != theirs[:most]
    return int(unlike.argmax()) if unlike.any() else most


def _nothing_between(part: SheetText, rows: Rows) -> bool:
    ends = np.append(part.data.inner, rows.ends)
    starts = np.append(rows.starts, part.data.close)
    gaps = np.flatnonzero(ends != starts).tolist()
    return not any(part.mask[ends[at] : starts[at]].strip() for at in gaps)


def _small_sheet(part: SheetText, rows: bytes) -> bytes:
    """Return a part of those rows alone, with the names that the sheet declares."""
    root = part.mask.index(b"<" + part.prefix + b"worksheet")
    declaration = _DECLARATION.match(part.text)
    head = declaration[0] if declaration else b""
    head += part.text[root : part.mask.index(b">", root) + 1]
    opened = part.text[part.data.start : part.data.inner]
    closed = part.text[part.data.close : part.data.end]
    return head + opened + rows + closed + b"</" + part.prefix + b"worksheet>"


def _gathered(pieces: tuple[tuple[int, int], ...]) -> Iterator[tuple[int, int]]:
    """Yield slices of the pieces of about CHUNK_BYTES each."""
    start = size = 0
    for number, (a, b) in enumerate(pieces):
        size += b - a
        if size >= CHUNK_BYTES:
            yield start, number + 1
            start, size = number + 1, 0
    if start < len(pieces):
        yield start, len(pieces)
