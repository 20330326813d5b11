"""Small workbooks made in memory, and packages with one thing changed."""

import io
import os
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import pytest
import xlsxwriter

Change = bytes | Callable[[bytes], bytes] | None
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


def changed(
    data: bytes,
    changes: Mapping[str, Change] | None = None,
    added: Mapping[str, bytes] | None = None,
) -> bytes:
    """Return a package with parts replaced, changed, removed (None) or added."""
    changes = changes or {}
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", 8) as new:
        missing = set(changes) - set(old.namelist())
        assert not missing, missing
        for name in old.namelist():
            change = changes.get(name, b"")
            if name not in changes:
                new.writestr(name, old.read(name))
            elif change is not None:
                new.writestr(name, change if isinstance(change, bytes) else change(old.read(name)))
        for name, content in (added or {}).items():
            new.writestr(name, content)
    return out.getvalue()


def swap(old: str, new: str) -> Callable[[bytes], bytes]:
    """Return a change of a part's text that must apply."""

    def change(data: bytes) -> bytes:
        assert old.encode() in data, data[:2000]
        return data.replace(old.encode(), new.encode())

    return change


def sheet_xml(cells: str, tail: str = "", head: str = "") -> bytes:
    """Return a worksheet part with those rows."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" '
        'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
        f"{head}<sheetData>{cells}</sheetData>{tail}</worksheet>"
    ).encode()
