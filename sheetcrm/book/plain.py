"""The same workbook in the plain form calamine understands.

calamine takes every part for UTF-8, whatever it declares (a sheet in UTF-16 reads as empty), fails
on a merge range that makes no sense, and knows no macro sheets. None of that touches the cells, so
the parts are rewritten in memory, and only where there is need.
"""

import io
import re
import zipfile
from collections.abc import Callable, Mapping

from lxml import etree

from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.guard import Inspected
from sheetcrm.book.outline import Outline
from sheetcrm.book.scan import END_OF_CELLS
from sheetcrm.book.xmlpart import BadXml, attribute, descendants, parse, remove

Change = Callable[[bytes], bytes]

_ROOT = re.compile(rb"<((?:\w+:)?)worksheet\b")


def rewritten(inspected: Inspected, changes: Mapping[str, Change]) -> bytes:
    """Return the package with the named parts changed, everything else as it is."""
    wanted = {part_key(part): change for part, change in changes.items()}
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(inspected.data)) as package,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as plain,
    ):
        for key, info in inspected.parts.items():
            data = package.read(info)
            if key in inspected.foreign:
                data = in_utf8(data)
            plain.writestr(info.filename, wanted[key](data) if key in wanted else data)
    return out.getvalue()


def in_utf8(data: bytes) -> bytes:
    """Return an XML part in UTF-8; one that is not well formed stays as it is."""
    try:
        root = parse(data)
    except BadXml:
        return data
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def simplified(book: Outline) -> dict[str, Change]:
    """Return the changes that leave a package its worksheets with their cells, no more."""
    changes: dict[str, Change] = {e.part: _without_tail for e in book.sheets if e.is_worksheet}
    changes[book.workbook_part] = _only([e.name for e in book.sheets if e.is_worksheet])
    return changes


def _without_tail(data: bytes) -> bytes:
    end, root = END_OF_CELLS.search(data), _ROOT.search(data)
    if end is None or root is None:
        return data
    return data[: end.end()] + b"</" + root[1] + b"worksheet>"


def _only(names: list[str]) -> Change:
    def change(data: bytes) -> bytes:
        root = parse(data)
        for sheet in descendants(root, "sheet"):
            if attribute(sheet, "name") not in names:
                remove(sheet)
        return etree.tostring(root, encoding="UTF-8", xml_declaration=True)

    return change
