"""Sparse sheets: every cell stays where it says it is, or where it follows."""

import pytest

from sheetcrm.book.compact import renumbered
from sheetcrm.book.parse import parse
from sheetcrm.errors import FileProblem
from sheetcrm.table import Cell
from tests.book.fixtures import changed
from tests.book.packages import SHEET1, sheet_xml, workbook

FAR = '<row r="1"><c r="A1"><v>1</v></c><c r="XFD1048575"><v>2</v></c></row>'


def read(rows: str) -> dict[tuple[int, int], Cell]:
    book = parse(changed(workbook(), {SHEET1: sheet_xml(rows)}), "a.xlsx")
    return {
        (r, c): cell
        for r, row in enumerate(book.sheets[0].rows, 1)
        for c, cell in enumerate(row, 1)
        if cell not in (None, "")
    }


@pytest.mark.parametrize(
    ("rows", "more"),
    [
        ('<row r="5"><c r="B5"><v>3</v></c></row>', {(5, 2): 3}),
        ("<row r='5'><c r='B5'><v>3</v></c></row>", {(5, 2): 3}),
        ('<row r="5"><c><v>3</v></c><c><v>4</v></c></row>', {(5, 1): 3, (5, 2): 4}),
        ("<row><c><v>3</v></c></row>", {(2, 1): 3}),
        ('<row r="8"/><row><c/><c><v>3</v></c></row>', {(9, 2): 3}),
        ('<row><c r="D2"><v>3</v></c><c><v>4</v></c></row>', {(2, 4): 3, (2, 5): 4}),
        ('<row r="5"><c s="0" r="$B$5"><v>3</v></c></row>', {(5, 2): 3}),
    ],
)
def test_sparse__cells_without_an_address_follow(rows, more):
    assert read(FAR + rows) == {(1, 1): 1, (1_048_575, 16_384): 2, **more}


@pytest.mark.parametrize(
    "rows",
    [
        '<row r="1048576"/><row><c><v>3</v></c></row>',
        '<row r="2"><c r="XFD2"/><c><v>3</v></c></row>',
    ],
)
def test_sparse__a_cell_behind_the_last_is_refused(rows):
    with pytest.raises(FileProblem, match="范围"):
        read(FAR + rows)


def test_renumbered__rows_and_columns_in_use():
    part, places = renumbered(sheet_xml(FAR))
    assert (places.rows, places.columns) == ((1, 1_048_575), (1, 16_384))
    assert b'<row><c r="A1"><v>1</v></c><c r="B2"><v>2</v></c></row>' in part
