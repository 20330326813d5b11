"""REF-05: files named in 附件 that are not there.

This layer sees no disk: `named` says which files somebody should look for, and `not_found` makes
the findings from what was not there. Links to the web, and paths only another machine can know,
are never asked for.
"""

import re
from collections.abc import Collection

import pandas as pd

from sheetcrm.checks.cells import report, values
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding

_KEY = "attachment"
_SEPARATORS = re.compile(r"[;；\r\n|]+")
_LINK = re.compile(r"^(?:[a-z][a-z0-9+.-]+:|www\.|[a-z]:[\\/]|[\\/])", re.I)


def named(book: CleanBook) -> tuple[str, ...]:
    """Return the relative paths that the workbook's 附件 cells name, in the spelling of the cells.

    Absolute paths, network shares and links are left out: whether they open depends on who asks.
    """
    return tuple(
        dict.fromkeys(
            path
            for table in book.tables.values()
            if _KEY in table.data
            for cell in values(table, _KEY).dropna().unique()
            for path in _paths(cell)
        )
    )


def not_found(book: CleanBook, absent: Collection[str]) -> list[Finding]:
    """REF-05: an attachment that is not there.

    Args:
        book: The workbook.
        absent: Those of `named(book)` that do not exist beside the workbook.
    """
    result: list[Finding] = []
    for table in book.tables.values():
        if not absent or _KEY not in table.data:
            continue
        cells = values(table, _KEY).dropna()
        lost = {c: "、".join(p for p in _paths(c) if p in absent) for c in cells.unique()}
        missing = cells.map(lost)
        facts = pd.DataFrame({"missing": missing[missing != ""]})
        result += report(table, "REF-05", _KEY, facts)
    return result


def _paths(cell: str) -> list[str]:
    parts = (part.strip().strip("\"'“”") for part in _SEPARATORS.split(cell))
    return [part for part in parts if part and not _LINK.match(part)]
