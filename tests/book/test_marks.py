"""Marks on cells: put in without touching the cells, taken out to the byte."""

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from sheetcrm.book.marks import COLOURS, mark, ranges, unmark
from sheetcrm.book.target import open_target
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.errors import FileProblem
from tests.book import opclint
from tests.book.fixtures import (
    changed,
    crowded_book,
    inside,
    moved,
    parts,
    prefixed,
    put,
    streamed,
    user_book,
)

SHEET, STYLES = "xl/worksheets/sheet2.xml", "xl/styles.xml"
WANTED = {"说明": {"warning": ["C3"], "error": ["B2", "B3", "A3"]}}


def utf16(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")


@cache
def books() -> dict[str, bytes]:
    book = user_book()
    empty = f'<worksheet xmlns="{MAIN}"><sheetData /><pageMargins left="1"/></worksheet>'.encode()
    nested = (
        "</sheetData><customSheetViews><customSheetView><conditionalFormatting/><mergeCells/>"
        "</customSheetView></customSheetViews><mergeCells><mergeCell ref='A8:B8'/></mergeCells>"
        "<phoneticPr/><!-- dataValidations --><dataValidations/>"
    )
    own = (
        '</sheetData><conditionalFormatting sqref="A1"><cfRule type="expression" priority="7">'
        "<formula>TRUE</formula></cfRule></conditionalFormatting>"
    )
    return {
        "plain": book,
        "crowded": crowded_book(),
        "prefixed": prefixed(book),
        "other folder": moved(book, "资料"),
        "bit 3": streamed(book),
        "utf-16": changed(book, {SHEET: utf16}),
        "empty": changed(book, {SHEET: empty}),
        "look-alikes": changed(book, {SHEET: put("</sheetData>", nested)}),
        "own formats": changed(book, {SHEET: put("</sheetData>", own)}),
    }


def sheet_of(data: bytes) -> bytes:
    book = open_target(data)
    return book.package.read(book.sheets[1].part)


@pytest.mark.parametrize("case", list(books()))
def test_unmark__gives_the_sheet_back_to_the_byte(case):
    data = books()[case]
    marked = mark(open_target(data), WANTED)
    assert sheet_of(marked) != sheet_of(data)
    assert set(opclint.faults(marked)) <= set(opclint.faults(data))
    before, after = parts(data), parts(unmark(open_target(marked)))
    changed_parts = {name.rpartition("/")[2] for name in before if before[name] != after[name]}
    # the workbook part and its .rels are written anew, with the same content
    assert changed_parts <= {"styles.xml", "workbook.xml", "workbook.xml.rels"}
    assert sheet_of(unmark(open_target(marked))) == sheet_of(data)


@pytest.mark.parametrize("case", list(books()))
def test_mark__again_is_the_same(case):
    marked = mark(open_target(books()[case]), WANTED)
    assert mark(open_target(marked), WANTED) == marked


def test_mark__rules_name_themselves_and_their_fill():
    out = mark(open_target(user_book()), WANTED)
    root = etree.fromstring(parts(out)[SHEET])
    dxfs = etree.fromstring(parts(out)[STYLES]).findall(f".//{{{MAIN}}}dxf")
    found = [
        (
            block.get("sqref"),
            inside(block, "formula").text,
            inside(dxfs[int(inside(block, "cfRule").get("dxfId") or "")], "bgColor").get("rgb"),
            inside(block, "cfRule").get("priority"),
        )
        for block in root.iter(f"{{{MAIN}}}conditionalFormatting")
    ]
    assert found == [
        ("A3 B2:B3", 'N("sheetcrm:error")=0', COLOURS["error"], "1"),
        ("C3", 'N("sheetcrm:warning")=0', COLOURS["warning"], "2"),
    ]


def test_mark__replaces_marks_on_every_sheet():
    first = mark(open_target(user_book()), {"线索跟踪": {"error": ["A2"]}})
    second = mark(open_target(first), WANTED)
    assert (
        parts(second)["xl/worksheets/sheet1.xml"] == parts(user_book())["xl/worksheets/sheet1.xml"]
    )
    assert b"sheetcrm:" in parts(second)[SHEET]


def test_mark__users_rules_keep_their_priority():
    out = mark(open_target(books()["own formats"]), WANTED)
    assert re.findall(rb'priority="(\d+)"', parts(out)[SHEET]) == [b"7", b"8", b"9"]


def test_unmark__rule_that_another_program_joined_to_a_users_one():
    own = '<cfRule type="expression" priority="7"><formula>TRUE</formula></cfRule>'
    ours = (
        '<cfRule type="expression" priority="8">'
        "<formula>N(&quot;sheetcrm:error&quot;)=0</formula></cfRule>"
    )
    both = f'</sheetData><conditionalFormatting sqref="A1">{own}{ours}</conditionalFormatting>'
    data = changed(user_book(), {SHEET: put("</sheetData>", both)})
    kept = f'</sheetData><conditionalFormatting sqref="A1">{own}</conditionalFormatting>'
    assert sheet_of(unmark(open_target(data))) == put("</sheetData>", kept)(sheet_of(user_book()))


def test_unmark__without_marks_changes_nothing():
    data = user_book()
    assert parts(unmark(open_target(data))) == parts(data)


def test_mark__many_cells_are_split():
    cells = [f"A{row}" for row in range(2, 2002, 2)]
    out = mark(open_target(user_book()), {"说明": {"error": cells}})
    found = re.findall(r'sqref="([^"]*)"', parts(out)[SHEET].decode())
    assert [len(item.split()) for item in found] == [400, 400, 200]
    assert " ".join(found).split() == cells


@pytest.mark.parametrize(
    ("cells", "error"),
    [
        ({"没有": {"error": ["A1"]}}, KeyError),
        ({"说明": {"info": ["A1"]}}, ValueError),
        ({"说明": {"error": ["A0"]}}, ValueError),
        ({"说明": {"error": ["A1:B2"]}}, ValueError),
        ({"说明": {"error": ["A1048577"]}}, ValueError),
    ],
)
def test_mark__bad_arguments(cells, error):
    with pytest.raises(error):
        mark(open_target(user_book()), cells)


def test_mark__broken_sheet_is_a_sentence():
    data = changed(user_book(), {SHEET: put("</worksheet>", "")})
    with pytest.raises(FileProblem):
        mark(open_target(data), WANTED)


@given(
    st.sets(
        st.tuples(st.sampled_from(["A", "B", "Z", "AA", "XFD"]), st.integers(1, 40)), max_size=30
    )
)
@settings(max_examples=100, deadline=None)
def test_ranges__cover_exactly_the_cells(cells):
    covered = set()
    for item in ranges(f"{column}{row}" for column, row in cells):
        first, _, last = item.partition(":")
        column = first.rstrip("0123456789")
        last_row = int((last or first)[len(column) :])
        covered |= {(column, row) for row in range(int(first[len(column) :]), last_row + 1)}
    assert covered == cells
