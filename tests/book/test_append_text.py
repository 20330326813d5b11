"""Texts in appended rows: what looks like a formula, a link or a number stays text."""

import io
import warnings
from datetime import date, datetime

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book.cells import set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.target import open_target
from tests.book.office import resaved
from tests.book.test_append import LIST, appending, formatted, with_sheet

PAYLOADS = (
    "=1+1",
    "=cmd|' /C calc'!A0",
    "+1-1",
    "-2+3",
    "@SUM(A1)",
    "＝1+1",
    "\t=1",
    '=HYPERLINK("http://x","点我")',
    "http://example.com",
    "mailto:a@b.c",
    "{=1}",
    "1E5",
    "007",
    "13800138000",
    "2024-01-01",
    "TRUE",
    "#REF!",
    "_x0041_",
    "<b>&",
)


@pytest.mark.parametrize("how", ["append", "set"])
def test_append__payloads_stay_text_in_libreoffice(tmp_path, how):
    rows = [[text] * 3 for text in PAYLOADS]
    data = appending(formatted(), rows, last=10, header=4).data
    if how == "set":
        cells = {f"{c}{11 + n}": text for n, text in enumerate(PAYLOADS) for c in "ABC"}
        data = set_cells(open_target(data), {"说明": cells}).data
    assert lint(data) == []
    book = openpyxl.load_workbook(io.BytesIO(data))["说明"]
    for number, text in enumerate(PAYLOADS, 11):
        for cell in book[number][:3]:
            assert cell.data_type == "s"
            if text[0] in "=+-@＝\t":
                assert cell.quotePrefix or cell.number_format == "@"
    path = tmp_path / "book.xlsx"
    path.write_bytes(data)
    saved = resaved([path], tmp_path)[0]
    again = openpyxl.load_workbook(saved)["说明"]
    expected = [[text] * 3 for text in PAYLOADS]
    read = [[cell.value for cell in again[n][:3]] for n in range(11, 11 + len(PAYLOADS))]
    assert [[str(c).replace("_x005F_", "_") for c in row] for row in read] == expected
    assert {cell.data_type for n in range(11, 11 + len(PAYLOADS)) for cell in again[n][:3]} == {"s"}


cells = st.one_of(
    st.none(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 6)),
    st.sampled_from(PAYLOADS),
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn")), max_size=8),
    st.dates(date(1901, 1, 1), date(2100, 1, 1)),
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=6), st.integers(0, 3))
@settings(max_examples=30, deadline=None)
def test_append__reads_back_what_was_written(rows, prepared):
    blank = "".join(f'<row r="{n}"><c r="B{n}" s="1"/></row>' for n in range(3, 3 + prepared))
    data = with_sheet(LIST + blank)
    result = appending(data, [list(row) for row in rows], last=2)
    with warnings.catch_warnings(action="ignore"):  # of extensions it does not know
        book = openpyxl.load_workbook(io.BytesIO(result.data))["说明"]
    for number, row in enumerate(rows, 3):
        for column, value in enumerate(row, 1):
            read = book.cell(number, column).value
            if isinstance(read, datetime):
                read = read.date()
            if isinstance(read, str) and isinstance(value, str):
                read = read.replace("_x005F_", "_")
            assert read == (value if value != "" else None)
    assert {f.rule for f in lint(result.data, ["说明"])} <= {f.rule for f in lint(data, ["说明"])}
