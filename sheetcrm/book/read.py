"""Reading a workbook: the front door."""

from pathlib import Path

from sheetcrm.book.guard import read_bytes
from sheetcrm.book.parse import parse
from sheetcrm.table import RawBook


def read_book(path: str | Path) -> RawBook:
    """Read a workbook file.

    Raises:
        FileProblem: Missing, not a workbook, encrypted, damaged or beyond the limits.
    """
    return parse(read_bytes(path), str(path))
