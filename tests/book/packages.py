"""Small workbooks made in memory, parts of them, and the corpus."""

import io
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
import xlsxwriter

from sheetcrm.book.xmlpart import MAIN, OFFICE_RELATIONSHIPS
from tests.book.fixtures import put

SHEET1 = "xl/worksheets/sheet1.xml"

needs_corpus = pytest.mark.skipif(
    not os.environ.get("SHEETCRM_CORPUS"), reason="SHEETCRM_CORPUS names no corpus"
)


def corpus_files(folder: str) -> list[Path]:
    """Return the corpus's files, none where there is no corpus."""
    root = os.environ.get("SHEETCRM_CORPUS")
    found = Path(root, folder).rglob("*") if root else []
    return sorted(p for p in found if p.is_file())


def workbook(rows: Iterable[Sequence[object]] = (("线索编号", "金额"), ("A-1", 5))) -> bytes:
    """Return a workbook of one sheet 线索."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("线索")
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    return out.getvalue()


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    """Return a change of a part's text wherever it stands; it must apply."""
    return put(old, new, -1)


def sheet_xml(cells: str, tail: str = "", head: str = "") -> bytes:
    """Return a worksheet part with those rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        f'<worksheet xmlns="{MAIN}" xmlns:r="{OFFICE_RELATIONSHIPS}">'
        f"{head}<sheetData>{cells}</sheetData>{tail}</worksheet>"
    ).encode()
