"""Real workbooks of many programs: a graft keeps everything, or refuses with its reason.

Needs SHEETCRM_CORPUS, a folder with `workbooks` and `malformed`.
"""

import io
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from lxml import etree
from python_calamine import CalamineError, CalamineWorkbook

from sheetcrm.book.marks import mark, unmark
from sheetcrm.book.package import relationships_name
from sheetcrm.book.removal import drop_tabs
from sheetcrm.book.target import open_target
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from tests.book import opclint
from tests.book.fixtures import edits_in, grafted, roles_in
from tests.book.office import resaved

CORPUS = os.environ.get("SHEETCRM_CORPUS", "")
KINDS = ("funnel", "findings", "overdue")
LARGEST_AUDITED = 40_000  # bytes; the audit takes minutes on large sheets
REFUSED = {
    "AsposeCells-for-NET__sampleDigitallySignedByCells.xlsx": "签名",
    "ClosedXML__simple-cell-changes.xlsx": "共享",
    "test_files__AutoFilter.xml": "XML",
    "test_files__sheet_visibility_strict.xlsx": "Strict",
    "tablib__unknown_value_type.ods": ".ods",
    "test_files__apachepoi_31749.xls.xlsb": ".xlsb",
    "test_files__apachepoi_55924.xlsx.xlsb": ".xlsb",
}
NOT_FOR_LIBREOFFICE = {"umya-spreadsheet__tdf76115.xlsx"}  # it cannot open the original either
OLD_FORMATS = {".xls": ".xls", ".et": ".xls"}

pytestmark = pytest.mark.skipif(not CORPUS, reason="SHEETCRM_CORPUS names no folder")


def files(folder: str) -> list[Path]:
    root = Path(CORPUS) / folder
    return sorted(path for path in root.rglob("*") if path.is_file()) if CORPUS else []


def reason_expected(file: Path) -> str:
    return REFUSED.get(file.name) or OLD_FORMATS.get(file.suffix, "")


WORKBOOKS = [file for file in files("workbooks") if not reason_expected(file)]
workbooks = pytest.mark.parametrize("file", WORKBOOKS, ids=lambda file: file.name)


@cache
def result(file: Path) -> bytes:
    return grafted(file.read_bytes(), KINDS)


@cache
def faults_before(file: Path) -> set[str]:
    return set(opclint.faults(file.read_bytes()))


@pytest.mark.parametrize(
    "file", [f for f in files("workbooks") if reason_expected(f)], ids=lambda file: file.name
)
def test_corpus__refused_with_its_reason(file):
    with pytest.raises(FileProblem) as caught:
        open_target(file)
    assert reason_expected(file) in caught.value.reason


@workbooks
def test_corpus__every_other_part_keeps_its_compressed_bytes(file):
    before, after = RawZip(file.read_bytes()), RawZip(result(file))
    book = open_target(file)
    package = book.package
    shared = {
        "[content_types].xml",
        book.key,
        relationships_name(book.key),
        package.related(book.key, "/styles") or "[content_types].xml",
    }
    chain = set(package.parts_of_type("calcChain+xml"))
    streams = {entry.orig_filename: after.compressed(entry) for entry in after.entries}
    for entry in before.entries:
        key = entry.filename.replace("\\", "/").lstrip("/").lower()
        if key not in shared | chain:
            assert streams[entry.orig_filename] == before.compressed(entry), entry.filename
    changed = open_target(result(file)).package
    for key in shared:
        removed = list(lost(package.xml(key), changed.xml(key)))
        assert [item for item in removed if "calcChain" not in item] == []


def lost(before: etree._Element, after: etree._Element) -> Iterator[str]:
    """Yield what an edit took away: attributes and children, compared in canonical form."""
    for name, value in before.attrib.items():
        if after.get(name) != value and name != "count":
            yield f"{before.tag!r} {name!r}={value!r}"
    if (before.text or "").strip() != (after.text or "").strip():
        yield f"{before.tag!r} text"
    remaining = list(after)
    for item in before:
        form = canonical_form(item)
        place = next((at for at, it in enumerate(remaining) if canonical_form(it) == form), None)
        if place is None:
            grown = (at for at, it in enumerate(remaining) if it.tag == item.tag)
            place = next((at for at in grown if not any(lost(item, remaining[at]))), None)
        if place is None:
            yield form.decode()[:200]
        else:
            del remaining[: place + 1]


def canonical_form(item: etree._Element) -> bytes:
    if not isinstance(item.tag, str):
        return (item.text or "").encode()
    return etree.tostring(item, method="c14n", exclusive=True, with_tail=False)


@workbooks
def test_corpus__three_runs_grow_by_nothing(file):
    once = result(file)
    twice = grafted(once, KINDS)
    assert len(twice) == len(once)
    assert grafted(twice, KINDS) == twice


@workbooks
def test_corpus__no_new_fault(file):
    assert set(opclint.faults(result(file))) <= faults_before(file)


@workbooks
def test_corpus__values_read_back_equal(file):
    def values(data: bytes) -> dict[str, object]:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        sheets = [sheet.name for sheet in book.sheets_metadata if "WorkSheet" in str(sheet.typ)]
        return {name: repr(book.get_sheet_by_name(name).to_python()) for name in sheets}

    try:
        before = values(file.read_bytes())
    except CalamineError as problem:
        pytest.skip(f"calamine cannot read the original: {problem}")
    after = values(result(file))
    assert {name: after[name] for name in before} == before
    assert [role.tab for role in roles_in(result(file)).values() if role.tab] == list(KINDS)
    assert edits_in(result(file)) == {}


@workbooks
def test_corpus__tabs_go_without_a_trace(file):
    out = drop_tabs(open_target(result(file)), KINDS)
    assert set(opclint.faults(out)) <= faults_before(file)
    assert set(open_target(out).package.part_keys()) <= set(
        open_target(file).package.part_keys()
    ) | {"xl/styles.xml"}


@workbooks
def test_corpus__marks_come_off_to_the_byte(file):
    target = open_target(file)
    sheets = [sheet for sheet in target.sheets if sheet.kind == "worksheet" and sheet.part]
    cells = {sheet.name: {"error": ["A1", "B2", "B3"], "warning": ["C3"]} for sheet in sheets}
    marked = mark(target, cells)
    assert set(opclint.faults(marked)) <= faults_before(file)
    assert mark(open_target(marked), cells) == marked
    bare = open_target(unmark(open_target(marked))).package
    for sheet in sheets:
        assert bare.read(sheet.part) == target.package.read(sheet.part)


AUDITED = [file for file in WORKBOOKS if file.stat().st_size <= LARGEST_AUDITED]


@pytest.mark.parametrize("file", AUDITED[::4], ids=lambda file: file.name)
def test_corpus__audit_finds_nothing_new(file, tmp_path):
    """Every fourth workbook up to 40 kB; the others are held against the lint alone."""
    from openxml_audit import OpenXmlValidator

    def audit(data: bytes) -> set[str]:
        path = tmp_path / "book.xlsx"
        path.write_bytes(data)
        return {error.description for error in OpenXmlValidator().validate(str(path)).errors}

    new = audit(result(file)) - audit(file.read_bytes())
    # Excel moves inline strings to the shared ones on its next save; the audit only says so
    assert {text for text in new if "shared string" not in text.lower()} == set()


def test_corpus__libreoffice_opens_every_result(tmp_path):
    books = [file for file in WORKBOOKS if file.name not in NOT_FOR_LIBREOFFICE]
    paths = []
    for number, file in enumerate(books):
        suffix = ".xlsx" if file.suffix not in (".xlsm", ".xltx", ".xltm") else file.suffix
        paths.append(tmp_path / f"{number}{suffix}")
        paths[-1].write_bytes(result(file))
    for file, saved in zip(books, resaved(paths, tmp_path), strict=True):
        assert saved.exists(), f"{file.name} did not open"
        tabs = [role.tab for role in roles_in(saved).values() if role.tab]
        assert tabs == list(KINDS), file.name
        assert edits_in(saved) == {}, file.name


@pytest.mark.parametrize(
    "file",
    [file for file in files("malformed") if file.stat().st_size < 3_000_000],
    ids=lambda file: file.name,
)
def test_corpus__malformed_files_are_refused_or_done(file):
    data = file.read_bytes()
    try:
        out = grafted(data)
    except FileProblem:
        return
    assert [role.tab for role in roles_in(out).values() if role.tab] == ["funnel", "findings"]
    assert set(opclint.faults(out)) <= set(opclint.faults(data))
