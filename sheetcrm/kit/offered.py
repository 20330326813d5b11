"""The drop-downs that a foreign sheet itself carries, by column."""

import re
from collections.abc import Mapping

from sheetcrm.table import LAST_ROW, RawSheet, Table, column_number

_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)?(?::\$?([A-Z]{1,3})\$?(\d+)?)?")


def offered(sheet: RawSheet, table: Table) -> Mapping[str, tuple[str, ...]]:
    """Return the values each column's own drop-down offers, by column key.

    A list that covers only a part of the column's rows, such as one cell of a form, does not speak
    for the column.
    """
    found: dict[str, tuple[str, ...]] = {}
    numbers = {h.column: h.key for h in table.headings}
    last = int(table.raw.index.max()) if len(table.raw) else table.header_row + 1
    for validation in sheet.validations:
        values = tuple(v for v in validation.values if v.strip())
        if not values:
            continue
        for column in _columns(validation.cells, table.header_row + 1, last):
            if column in numbers:
                found.setdefault(numbers[column], values)
    return found


def _columns(cells: str, first: int, last: int) -> set[int]:
    """Return the columns of which the areas cover at least half the data rows."""
    covered: dict[int, int] = {}
    for area in cells.split():
        match = _AREA.fullmatch(area)
        if not match:
            continue
        left, right = column_number(match[1]), column_number(match[3] or match[1])
        top = int(match[2] or 1)
        bottom = int(match[4] or (match[2] if match[3] is None and match[2] else LAST_ROW))
        rows = max(0, min(bottom, last) - max(top, first) + 1)
        for column in range(left, min(right, left + 200) + 1):
            covered[column] = covered.get(column, 0) + rows
    return {column for column, rows in covered.items() if 2 * rows >= last - first + 1}
