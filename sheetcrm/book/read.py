"""Reading a workbook: the front door."""

from pathlib import Path

from sheetcrm.book.parse import parse
from sheetcrm.book.worker import Reader
from sheetcrm.table import RawBook

__all__ = ["Reader", "parse", "read_book"]


def read_book(path: str | Path, reader: Reader | None = None) -> RawBook:
    """Read a workbook file in a child process.

    Args:
        path: The file; the book and every message bear it as it is given here.
        reader: The child to use; without one a child is started for this file alone.

    Raises:
        FileProblem: Missing, not a workbook, encrypted, damaged, beyond the limits, or it killed
            the parser.
    """
    if reader is not None:
        return reader.read(path)
    with Reader() as own:
        return own.read(path)
