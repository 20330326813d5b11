"""Lists that are put together late are the lists that would have been written at once."""

import io
import zipfile
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book.tabstate import MOST_ROWS, tab_state
from sheetcrm.book.write import Book
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_rows import RowTags, XmlColumn, XmlRows, put_in, runs

STYLES: dict[str, dict[str, object]] = {
    "base": {"font_name": "微软雅黑"},
    "cell": {"border": 1},
    "date": {"num_format": "yyyy-mm-dd"},
}
SHEET = "xl/worksheets/sheet1.xml"
CELLS = st.text(max_size=8) | st.floats(-1e9, 1e9) | st.none() | st.booleans() | st.dates()


def book_of(values: Sequence[object], top: int = 3) -> Book:
    """A list in two columns under a title; its third row has a cell more, its second is high."""
    book = Book(STYLES)
    sheet = book.sheet("名单")
    sheet.text(1, 1, "题", "cell")
    sheet.height(top + 1, 30)
    sheet.columns(top, [Column(1, values, "cell"), Column(4, values[::-1], "cell")])
    sheet.formula(top + 2, 2, "1+1", 2, "cell")
    sheet.text(top + len(values) + 1, 1, "完", "cell")
    return book


def part(data: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return package.read(SHEET)


@settings(max_examples=40, deadline=None)
@given(st.lists(CELLS, min_size=1, max_size=9))
def test_finish_apart__is_the_same_sheet(values):
    built = book_of(values).finish_apart()
    skeleton, rows = part(built.data), built.rows["名单"]
    whole = part(book_of(values).finish())
    assert put_in(skeleton, rows) == whole
    assert tab_state(skeleton, list, 0, rows) == tab_state(whole, list)


def test_tab_state__long_lists_apart():
    values = [f"第{n}行 & <{n % 7}>" for n in range(MOST_ROWS + 300)]
    built = book_of(values).finish_apart()
    whole = put_in(part(built.data), built.rows["名单"])
    assert whole.count(b"<row ") == len(values) + 2
    assert tab_state(part(built.data), list, 0, built.rows["名单"]) == tab_state(whole, list)


def column(number: int, *texts: str) -> XmlColumn:
    cells = [f'">{t}</c>'.encode() for t in texts]
    return XmlColumn(number, cells, [3] * len(texts), np.arange(len(texts)))


def test_runs__of_the_same_columns():
    placed = [(2, column(1, "a", "b", "c", "d")), (3, column(3, "x", "y")), (9, column(2, "z"))]
    found = [(r.first, [c.column for c in r.columns], r.count) for r in runs(placed, {4})]
    assert found == [(2, [1], 1), (3, [1, 3], 1), (5, [1], 1), (9, [2], 1)]


def test_rows__rewritten_cell_by_cell():
    (rows,) = runs([(7, column(1, "甲", "乙"))], ())
    changed = rows.rewritten(
        lambda c: c.replace("甲".encode(), "丙".encode(), 1).replace(b"3", b"8")
    )
    assert changed.xml().decode() == (
        '<row r="7"><c r="A7" s="8">丙</c></row><row r="8"><c r="A8" s="8">乙</c></row>'
    )


def test_rows__with_other_formats():
    cells = [b'"/>', b"", b'" t="inlineStr"><is><t>1 s="1"</t></is></c>']
    (rows,) = runs([(7, XmlColumn(2, cells, [1, 0, 12], np.array([2, 0])))], ())
    changed = rows.with_formats({0: 0, 1: 5, 12: 3})
    assert changed.xml().decode() == (
        '<row r="7"><c r="B7" s="3" t="inlineStr"><is><t>1 s="1"</t></is></c></row>'
        '<row r="8"><c r="B8" s="5"/></row>'
    )


@pytest.mark.parametrize("sheet", [b"<sheetData/>", b'<row r="7"/><row r="7"/>'])
def test_put_in__needs_one_place(sheet):
    rows = XmlRows(7, RowTags([b'">'], np.zeros(1, dtype=int)), ())
    with pytest.raises(ValueError, match="7"):
        put_in(sheet, [rows])
