"""Which cells of our tabs somebody coloured or struck through: no run keeps that.

Programs give formats other numbers when they save, and keep the colours: a colour that is none of
ours was put there by somebody.
"""

import re
from collections.abc import Collection, Iterator

from lxml import etree

from sheetcrm.book.package import Package
from sheetcrm.book.tabcells import end_of_rows
from sheetcrm.book.tabstate import MOST_ROWS
from sheetcrm.book.xmlpart import child, children, integer

_CELL = re.compile(rb'<c r="([A-Z]+)(\d+)" s="(\d+)"')
# What stands for black, white and "automatic" in fonts, and what links have.
_PLAIN_INDEXES = frozenset((0, 1, 8, 9, 64, 65))
_PLAIN_THEMES = frozenset((0, 1, 10, 11))
_PLAIN = frozenset(("000000", "FFFFFF"))
_ON = frozenset((None, "1", "true"))


def foreign_formats(
    package: Package, styles: str | None, ours: Collection[str]
) -> frozenset[bytes]:
    """Return the numbers of the cell formats with a colour or a line that our tabs do not have.

    Args:
        package: The workbook.
        styles: The key of its styles part.
        ours: The colours of our tabs, six digits each.

    Raises:
        FileProblem: The part is broken.
    """
    if styles is None:
        return frozenset()
    root, known = package.xml(styles), _PLAIN.union(ours)
    fills = {at for at, item in enumerate(children(root, "fills")) if _is_filled(item, known)}
    fonts = {at for at, item in enumerate(children(root, "fonts")) if _is_marked(item, known)}
    return frozenset(
        b"%d" % at
        for at, item in enumerate(children(root, "cellXfs"))
        if at and (integer(item.get("fillId")) in fills or integer(item.get("fontId")) in fonts)
    )


def coloured(sheet: bytes, formats: Collection[bytes]) -> Iterator[tuple[int, str]]:
    """Yield row and letters of the first cell of each row that has one of these formats."""
    last = 0
    body = sheet[: end_of_rows(sheet, MOST_ROWS)] if formats else b""
    for column, number, at in _CELL.findall(body):
        if at in formats and int(number) != last:
            last = int(number)
            yield last, column.decode()


def _is_filled(fill: etree._Element, known: Collection[str]) -> bool:
    pattern = child(fill, "patternFill")
    if pattern is None:
        return child(fill, "gradientFill") is not None
    if pattern.get("patternType", "none") in ("none", "gray125"):
        return False
    colour = child(pattern, "fgColor")
    return colour is not None and not _is_known(colour, known)


def _is_marked(font: etree._Element, known: Collection[str]) -> bool:
    strike, colour = child(font, "strike"), child(font, "color")
    if strike is not None and strike.get("val") in _ON:
        return True
    return colour is not None and not _is_known(colour, known)


def _is_known(colour: etree._Element, known: Collection[str]) -> bool:
    rgb = colour.get("rgb")
    if rgb is not None:
        return rgb[-6:].upper() in known
    if colour.get("indexed") is not None:
        return integer(colour.get("indexed")) in _PLAIN_INDEXES
    plain = integer(colour.get("theme")) in _PLAIN_THEMES and colour.get("tint", "0") == "0"
    return plain or colour.get("theme") is None
