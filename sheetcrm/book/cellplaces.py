"""Where rows and cells stand in a worksheet part, as byte positions.

No tree is built: what is not looked at stays as it is, byte for byte. Text that only looks like
markup (comments, CDATA) is blanked out in a twin of equal length, on which all searching is done.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from typing import NamedTuple

from sheetcrm.book.xmlpart import BadXml, refuse_doctype
from sheetcrm.table import column_number

_ATTRIBUTES = rb"""((?:\s+[^\s=/>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(/?)>"""
_NO_MARKUP = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>", re.DOTALL)
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet\b")
_TOP = 100  # bytes: the declaration is shorter
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


def attribute(attributes: bytes, name: bytes) -> bytes | None:
    """Return the value of an attribute by its full name, None where there is none."""
    found = _attribute_pattern(name).search(attributes)
    return None if found is None else found[1] if found[1] is not None else found[2]


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
    def rows(self) -> tuple[Element, ...]:
        """All rows, in the order of the part; one without a number follows the one before."""
        return self.rows_from(self.data.inner)

    def rows_from(self, start: int) -> tuple[Element, ...]:
        """Return the rows behind a byte that is in none of them; rows before it are not counted."""
        return self._plain_rows(start) or self._all_rows(start)

    def _plain_rows(self, start: int) -> tuple[Element, ...]:
        """Return the rows of a part as nearly every program writes them; none of another one."""
        mask, tag, stop = self.mask, self.prefix + b"row", self.data.close
        at, opens, ending = start, _plain_row_pattern(tag).match, b"</%b>" % tag
        length = len(ending)
        found: list[Element] = []
        while opened := opens(mask, at, stop):
            inner = opened.end()
            close = mask.find(ending[:-1], inner, stop)
            at = close + length
            if close < 0 or mask[close:at] != ending:
                return ()
            found.append(Element(int(opened[2]), opened.start(), inner, close, at, opened[1]))
        only_these = at == stop and mask.count(b"<" + tag, start, stop) == len(found)
        return tuple(found) if only_these else ()

    def _all_rows(self, start: int) -> tuple[Element, ...]:
        found: list[Element] = []
        for row in self.elements(b"row", start, self.data.close):
            number = row.get(b"r")
            last = found[-1].number if found else 0
            at = int(number) if number and number.isdigit() else last + 1
            found.append(_numbered(row, at))
        return tuple(found)

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


def _numbered(element: Element, number: int) -> Element:
    return Element(
        number, element.start, element.inner, element.close, element.end, element.attributes
    )
