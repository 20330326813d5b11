"""Which cells of a user's sheet hold a formula."""

import re
from collections.abc import Collection

from sheetcrm.book.cellplaces import SheetText
from sheetcrm.book.target import Workbook
from sheetcrm.book.xmlpart import BadXml, as_utf8
from sheetcrm.table import column_letter

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")


def formula_cells(book: Workbook, sheet: str, rows: Collection[int]) -> frozenset[str]:
    """Return the cells of these rows that hold a formula, such as "D5".

    Raises:
        FileProblem: The sheet part is broken.
        KeyError: No worksheet of that name.
    """
    parts = {s.name: s.part for s in book.sheets if s.kind == "worksheet" and s.part}
    try:
        part = SheetText(as_utf8(book.package.read(parts[sheet]))[0])
        return frozenset(
            f"{column_letter(cell.number)}{row.number}"
            for row in part.rows
            if row.number in rows
            for cell in part.cells(row)
            if _FORMULA.search(part.mask[cell.inner : cell.close])
        )
    except (BadXml, UnicodeError) as problem:
        raise book.package.damaged() from problem
