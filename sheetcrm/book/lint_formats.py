"""What a style sheet lists: which of its cell formats show dates."""

import re

from lxml import etree

from sheetcrm.book.xmlpart import descendants

_DATE_FORMATS = frozenset(
    map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
)
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')


def listed(styles: etree._Element, tag: str) -> list[etree._Element]:
    """Return the entries of one list of the style sheet ("cellXfs", "fonts", ...)."""
    return [e for parent in styles.findall(f"{{*}}{tag}") for e in parent.iterchildren("*")]


def date_formats(styles: etree._Element) -> frozenset[str | None]:
    """Return the indexes of cell formats that show dates; None stands for the first format."""
    codes = {e.get("numFmtId"): e.get("formatCode") or "" for e in descendants(styles, "numFmt")}
    found: set[str | None] = {
        str(index)
        for index, xf in enumerate(listed(styles, "cellXfs"))
        if (id_ := xf.get("numFmtId") or "0") in _DATE_FORMATS
        or re.search("[ymdhs]", _LITERAL.sub("", codes.get(id_, "")), re.I)
    }
    return frozenset(found | {None} if "0" in found else found)
