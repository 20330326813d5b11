"""Real workbooks of many programs: two rows appended to the first table of each.

Either the rows are in and all else is as it was, or the workbook is refused with a reason. Needs
SHEETCRM_CORPUS, a folder with `workbooks`.
"""

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, time, timedelta
from functools import cache
from pathlib import Path

import pytest
from python_calamine import CalamineError, CalamineWorkbook

from sheetcrm.book.append import Appended, NewRows, append_rows
from sheetcrm.book.cells import CellValue
from sheetcrm.book.lint import lint
from sheetcrm.book.package import Package
from sheetcrm.book.target import open_target
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from tests.book.office import resaved
from tests.book.test_graft_corpus import CORPUS, NOT_FOR_LIBREOFFICE, WORKBOOKS

TEXTS = ("新的一行", "=1+1")

pytestmark = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no folder")
workbooks = pytest.mark.parametrize("file", WORKBOOKS, ids=lambda file: file.name)


@dataclass(frozen=True)
class Outcome:
    wanted: NewRows
    result: Appended | None
    problem: FileProblem | None


Grid = Sequence[Sequence[object]]


@cache
def grids(data: bytes) -> dict[str, Grid]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return {
        sheet.name: book.get_sheet_by_name(sheet.name).to_python(skip_empty_area=False)
        for sheet in book.sheets_metadata
        if "WorkSheet" in str(sheet.typ)
    }


def first_table(file: Path) -> NewRows | None:
    """The first two rows side by side with at least two cells each, and what is below them."""
    try:
        sheets = grids(file.read_bytes())
    except CalamineError:
        return None
    known = {s.name for s in open_target(file).sheets if s.kind == "worksheet" and s.part}
    for name, grid in sheets.items():
        for at, row in enumerate(grid[:40]):
            columns = [c for c, cell in enumerate(row, 1) if cell != ""]
            if name not in known or len(columns) < 2:
                continue
            last = at
            while last + 1 < len(grid) and any(grid[last + 1][c - 1] != "" for c in columns):
                last += 1
            if last > at:
                rows: list[list[CellValue | None]] = [
                    [TEXTS[i % 2] for i in range(len(columns))],
                    [5] * len(columns),
                ]
                return NewRows(name, at + 1, tuple(columns), rows, last + 1)
    return None


@cache
def outcome(file: Path) -> Outcome:
    wanted = first_table(file)
    if wanted is None:
        pytest.skip("nothing like a table in it")
    try:
        return Outcome(wanted, append_rows(open_target(file), [wanted]), None)
    except FileProblem as problem:
        return Outcome(wanted, None, problem)


def appended(file: Path) -> tuple[NewRows, Appended]:
    it = outcome(file)
    if it.result is None:
        pytest.skip(f"refused: {it.problem}")
    return it.wanted, it.result


@workbooks
def test_corpus__a_refusal_says_where_and_what_to_do(file):
    it = outcome(file)
    if it.problem is not None:
        assert it.wanted.sheet in it.problem.reason
        assert it.problem.remedy.startswith("请")


@workbooks
def test_corpus__other_parts_keep_their_compressed_bytes(file):
    wanted, result = appended(file)
    book = open_target(file)
    package = book.package
    sheet = next(s for s in book.sheets if s.name == wanted.sheet)
    may_change = {
        sheet.part,
        book.key,
        package.related(book.key, "/styles") or "",
        *tables(package, sheet.part),
    }
    if package.parts_of_type("calcChain+xml"):
        may_change |= {"[content_types].xml", "xl/_rels/workbook.xml.rels"}
        may_change |= set(package.parts_of_type("calcChain+xml"))
    before, after = RawZip(file.read_bytes()), RawZip(result.data)
    streams = {entry.orig_filename: after.compressed(entry) for entry in after.entries}
    for entry in before.entries:
        if entry.filename.replace("\\", "/").lstrip("/").lower() not in may_change:
            assert streams[entry.orig_filename] == before.compressed(entry), entry.filename


def tables(package: Package, part: str) -> Iterator[str]:
    links = [link for link in package.relationships(part) if link.type.endswith("/table")]
    return (found for link in links if (found := package.target_of(part, link)))


@workbooks
def test_corpus__values_are_in_and_the_others_as_they_were(file):
    wanted, result = appended(file)
    old, new = grids(file.read_bytes()), grids(result.data)
    placed = result.placed[wanted.sheet]
    kept = {kept.cell for kept in result.kept}
    for number, row in zip(placed, wanted.cells, strict=True):
        for column, value in zip(wanted.columns, row, strict=True):
            read = new[wanted.sheet][number - 1][column - 1]
            # a number below a time of day takes over its format
            assert kept or read == value or isinstance(read, date | time | timedelta)
    changed = new.pop(wanted.sheet)
    before = old.pop(wanted.sheet)
    assert repr(new) == repr(old)
    added = len(changed) - len(before) if len(changed) > placed[-1] else 0
    rest = [row for n, row in enumerate(changed, 1) if n not in placed]
    above = [row for n, row in enumerate(before, 1) if n not in placed[: len(placed) - added]]
    assert filled(rest) == filled(above)


def filled(grid: Grid) -> list[list[str]]:
    rows = [[repr(cell) for cell in row] for row in grid]
    for row in rows:
        while row and row[-1] == "''":
            row.pop()
    while rows and not rows[-1]:
        rows.pop()
    return rows


@workbooks
def test_corpus__no_new_fault(file):
    wanted, result = appended(file)
    new = {(f.rule, f.text) for f in lint(result.data, [wanted.sheet])}
    assert new <= {(f.rule, f.text) for f in lint(file.read_bytes(), [wanted.sheet])}


def test_corpus__most_workbooks_take_the_rows():
    outcomes = [outcome(f) for f in WORKBOOKS if first_table(f)]
    assert sum(it.result is not None for it in outcomes) > 0.6 * len(outcomes)


def test_corpus__libreoffice_opens_every_third_result(tmp_path):
    books = [f for f in WORKBOOKS if f.name not in NOT_FOR_LIBREOFFICE and first_table(f)]
    results = [r for f in books if (r := outcome(f).result) is not None][::3]
    paths = [tmp_path / f"{number}.xlsx" for number in range(len(results))]
    for path, result in zip(paths, results, strict=True):
        path.write_bytes(result.data)
    assert paths
    for path, saved in zip(paths, resaved(paths, tmp_path), strict=True):
        assert saved.exists(), f"{path.name} did not open"
