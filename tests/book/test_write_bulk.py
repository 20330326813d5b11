"""Whole columns are written as single cells are."""

import io
import re
import zipfile
from collections.abc import Sequence
from datetime import date, datetime

import python_calamine
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book.write import Book
from sheetcrm.book.write_bulk import Column
from tests.book.opclint import faults

STYLES: dict[str, dict[str, object]] = {
    "base": {"font_name": "微软雅黑"},
    "cell": {"border": 1},
    "link": {"underline": 1},
    "date": {"num_format": "yyyy-mm-dd"},
}
SHEET = "xl/worksheets/sheet1.xml"
VALUES = [
    *("甲公司", " 前后 ", "两\n行", "=1+1", "＋号", "<&>\"'", "_x0041_", "", None, float("nan")),
    *(0, 1, True, False, 1.0, 2.5, -3, 10**15, 10**16 + 1, 0.1 + 0.2),
    *(date(2024, 2, 29), datetime(2024, 2, 29, 12, 30), date(1899, 1, 1), date(1900, 2, 28)),  # noqa: DTZ001
]


def read(data: bytes) -> list[list[object]]:
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [list(row) for row in book.get_sheet_by_index(0).to_python(skip_empty_area=False)]


def written(values: Sequence[object], *, bulk: bool) -> bytes:
    book = Book(STYLES)
    sheet = book.sheet("名单")
    sheet.text(1, 1, "题", "cell")
    sheet.height(3, 30)
    if bulk:
        sheet.columns(2, [Column(1, values, "cell"), Column(3, values[::-1], "cell")])
    else:
        for row, (left, right) in enumerate(zip(values, values[::-1], strict=True), 2):
            sheet.put(row, 1, left, "cell")
            sheet.put(row, 3, right, "cell")
    sheet.number(len(values) + 2, 2, 7, "cell")
    return book.finish()


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(name).decode()


def test_columns__read_as_single_cells_do():
    assert read(written(VALUES, bulk=True)) == read(written(VALUES, bulk=False))
    assert not faults(written(VALUES, bulk=True))


def test_columns__have_the_formats_of_single_cells():
    styles = [part(written(VALUES, bulk=bulk), "xl/styles.xml") for bulk in (True, False)]
    assert styles[0].count("<xf ") == styles[1].count("<xf ") > 4


def test_styled_column__a_style_for_each_value():
    book = Book(STYLES)
    sheet = book.sheet("名单")
    sheet.styled_column(1, 1, ["甲", "甲", 1, None], ["cell", "link", "cell", "link"])
    sheet.columns(1, [Column(3, ["甲", None, 1], "cell"), Column(4, [1, "甲", 1], "link")])
    cells = re.findall(r'<c r="([ACD]\d)" (.*?)(?=<c|</row)', part(book.finish(), SHEET))
    found = dict(cells)
    assert found["A1"] == found["C1"]
    assert found["A2"] == found["D2"]
    assert found["A3"] == found["C3"]
    assert found["A4"] == found["D2"].partition(" ")[0] + "/>"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.text(max_size=12) | st.floats(-1e9, 1e9) | st.none(), min_size=1, max_size=5))
def test_columns__any_text_and_number(values):
    assert read(written(values, bulk=True)) == read(written(values, bulk=False))


def test_columns__beside_single_cells_and_links():
    book = Book(STYLES)
    sheet = book.sheet("张'三")
    sheet.text(2, 2, "单", "cell")
    sheet.link(2, 4, ("张'三", "A1"), "回去", "cell")
    sheet.columns(2, [Column(1, ["甲", "乙"], "cell"), Column(3, ["丙", "丁"], "cell+link")])
    sheet.column_links(2, 3, [("张'三", "A2", ""), None])
    data = book.finish()
    assert read(data)[1:] == [["甲", "单", "丙", "回去"], ["乙", "", "丁", ""]]
    assert not faults(data)
    xml = part(data, "xl/worksheets/sheet1.xml")
    assert xml.count("<hyperlinks>") == 1
    assert xml.count("<hyperlink ") == 2
    assert """<hyperlink ref="C2" location="'张''三'!A2"/>""" in xml
    assert '<dimension ref="A2:D3"/>' in xml


def test_column_links__to_other_files():
    book = Book(STYLES)
    sheet = book.sheet("名单")
    sheet.file_link(1, 1, ("单 #1.xlsx", "表", "A1"), "甲", "link")
    sheet.columns(2, [Column(1, ["乙", "丙", "丁", "戊"], "link")])
    places = [("甲.xlsx", "A2"), ("单 #1.xlsx", "A3"), ("甲.xlsx", "A4")]
    sheet.column_links(2, 1, [*(("表", cell, path) for path, cell in places), ("名单", "A1", "")])
    data = book.finish()
    assert not faults(data)
    xml, rels = part(data, SHEET), part(data, "xl/worksheets/_rels/sheet1.xml.rels")
    target = dict(re.findall(r'Id="(\w+)"[^>]*Target="([^"]+)"', rels))
    found = re.findall(
        r'<hyperlink (?:ref="(\w+)" )?(?:r:id="(\w+)" )?(?:ref="(\w+)" )?(.*?)/>', xml
    )
    made = [(a or b, target.get(rel), place) for a, rel, b, place in found]
    one, other = "单%20%231.xlsx", "甲.xlsx"
    assert made == [
        ("A1", one, "location=\"'表'!A1\""),
        ("A2", other, "location=\"'表'!A2\""),
        ("A3", one, "location=\"'表'!A3\""),
        ("A4", other, "location=\"'表'!A4\""),
        ("A5", None, "location=\"'名单'!A1\""),
    ]
    assert rels.count("<Relationship ") == 4
