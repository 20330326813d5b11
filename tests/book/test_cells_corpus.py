"""Real workbooks of many programs: one cell set, everything else as it was.

Needs SHEETCRM_CORPUS, a folder with `workbooks`.
"""

import io
from functools import cache
from pathlib import Path

import pytest
from python_calamine import CalamineError, CalamineWorkbook

from sheetcrm.book.cells import CellsSet, set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.target import Sheet, open_target
from sheetcrm.book.zipraw import RawZip
from tests.book.office import resaved
from tests.book.test_graft_corpus import CORPUS, NOT_FOR_LIBREOFFICE, WORKBOOKS

ROW, COLUMN, TEXT = 3, 2, "新的内容"

pytestmark = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no folder")
workbooks = pytest.mark.parametrize("file", WORKBOOKS, ids=lambda file: file.name)


def first_sheet(file: Path) -> Sheet | None:
    found = (s for s in open_target(file).sheets if s.kind == "worksheet" and s.part)
    return next(found, None)


@cache
def result(file: Path) -> CellsSet:
    sheet = first_sheet(file)
    return set_cells(open_target(file), {sheet.name: {f"B{ROW}": TEXT}} if sheet else {})


@workbooks
def test_corpus__every_other_part_keeps_its_compressed_bytes(file):
    sheet, book = first_sheet(file), open_target(file)
    may_change = {
        sheet.part if sheet else "",
        book.key,
        book.package.related(book.key, "/styles") or "",
    }
    before, after = RawZip(file.read_bytes()), RawZip(result(file).data)
    streams = {entry.orig_filename: after.compressed(entry) for entry in after.entries}
    for entry in before.entries:
        if entry.filename.replace("\\", "/").lstrip("/").lower() not in may_change:
            assert streams[entry.orig_filename] == before.compressed(entry), entry.filename


@workbooks
def test_corpus__every_other_cell_reads_equal(file):
    def values(data: bytes) -> dict[str, dict[tuple[int, int], object]]:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        return {
            sheet.name: {
                (r, c): repr(cell)
                for r, line in enumerate(
                    book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False), 1
                )
                for c, cell in enumerate(line, 1)
                if cell != ""
            }
            for sheet in book.sheets_metadata
            if "WorkSheet" in str(sheet.typ)
        }

    try:
        before = values(file.read_bytes())
    except CalamineError as problem:
        pytest.skip(f"calamine cannot read the original: {problem}")
    after, sheet = values(result(file).data), first_sheet(file)
    if sheet is not None and not result(file).kept:
        assert after[sheet.name].pop((ROW, COLUMN)) == repr(TEXT)
        before[sheet.name].pop((ROW, COLUMN), None)
    assert after == before


@workbooks
def test_corpus__no_new_fault(file):
    sheet = first_sheet(file)
    names = [sheet.name] if sheet else []
    new = {(f.rule, f.cell) for f in lint(result(file).data, names)}
    assert new <= {(f.rule, f.cell) for f in lint(file.read_bytes(), names)}


@workbooks
def test_corpus__a_refusal_has_a_reason_and_changes_nothing(file):
    if result(file).kept:
        sheet, after = first_sheet(file), open_target(result(file).data)
        assert sheet is not None
        assert after.package.read(sheet.part) == open_target(file).package.read(sheet.part)
        assert [kept.cell for kept in result(file).kept] == [f"B{ROW}"]


def test_corpus__libreoffice_opens_every_eighth_result(tmp_path):
    books = [file for file in WORKBOOKS[::8] if file.name not in NOT_FOR_LIBREOFFICE]
    paths = []
    for number, file in enumerate(books):
        paths.append(tmp_path / f"{number}{file.suffix if 'm' in file.suffix else '.xlsx'}")
        paths[-1].write_bytes(result(file).data)
    for file, saved in zip(books, resaved(paths, tmp_path), strict=True):
        assert saved.exists(), f"{file.name} did not open"
