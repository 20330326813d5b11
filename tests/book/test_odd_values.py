"""Values written so that readers take them for others; each was found by breaking files."""

import pytest

from sheetcrm.book.parse import parse
from sheetcrm.errors import FileProblem
from tests.book.fixtures import changed, put
from tests.book.packages import SHEET1, sheet_xml, workbook

NUMBER = '<c r="A1"><v>7</v></c>'


def sheet(cells: str) -> bytes:
    return changed(workbook(), {SHEET1: lambda _: sheet_xml(f'<row r="1">{cells}</row>')})


@pytest.mark.parametrize(
    "cells",
    [
        '<c r="A1" t="s"><v>TRUE</v></c>',  # would read as the first text of the book
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1" t="s"><v> 1</v></c>',
        '<c r="A1" t="s">\n<v>x</v></c>',
        "<c r='A1' t='s'><v>1.0</v></c>",
        '<c r="A1" t="s"><v>99999999999999999999</v></c>',
        '<c r="A1"><v>&amp;5</v></c>',  # would read as blank
        '<c r="A1"><v>&#53;</v></c>',
        '<c r="A1"><v>5<x/>6</v></c>',
        '<c r="A1"><v>5</v><v>6</v></c>',
    ],
)
def test_value__that_would_be_taken_for_another_is_refused(cells):
    with pytest.raises(FileProblem) as caught:
        parse(sheet(cells), "a.xlsx")
    assert "写坏了" in caught.value.reason


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ('<c r="A1"><v>abc</v></c>', ["abc"]),
        ('<c r="A1"><v>NaN</v></c>', ["nan"]),
        ('<c r="A1"><v>1e999</v></c>', ["inf"]),
        ('<c r="A1" t="s"><v></v></c><c r="B1"><v>5</v></c>', [None, 5]),
        ('<c r="A1" t="s"/><c r="B1"><v>5</v></c>', [None, 5]),
        ('<c r="A1" t="str"><f>B1</f><v>a&amp;b</v></c>', ["a&b"]),
        ('<c r="A1" t="str"><v>a\x01b</v></c>', ["a\x01b"]),
        ('<c><v>7</v></c><c t="e"><v>#N/A</v></c><c><v>8</v></c>', [7, "#N/A", 8]),
        ('<c><v>7</v></c><c s="0"/><c t="e"><v>#REF!</v></c>', [7, None, "#REF!"]),
    ],
)
def test_value__that_is_odd_stays_in_sight(cells, expected):
    assert list(parse(sheet(cells), "a.xlsx").sheets[0].rows) == [expected]


@pytest.mark.parametrize(
    ("part", "old", "new"),
    [
        (SHEET1, "</v></c>", "</v>"),
        (SHEET1, '<c r="B1"', '<c r="B1'),
        (SHEET1, "<worksheet", "<styleSheet"),
        ("xl/sharedStrings.xml", "</t></si>", "</t>"),
        ("xl/sharedStrings.xml", "<sst ", "<x "),
        ("xl/styles.xml", "</cellXfs>", ""),
        ("xl/_rels/workbook.xml.rels", "relationships/worksheet", "relationships/x"),
    ],
)
def test_part__that_is_broken_or_another_is_refused(part, old, new):
    with pytest.raises(FileProblem):
        parse(changed(workbook(), {part: put(old, new)}), "a.xlsx")


def test_sheet__without_any_rows_element_is_refused():
    with pytest.raises(FileProblem):
        parse(
            changed(workbook(), {SHEET1: lambda d: d[: d.index(b"<sheetData")] + b"</worksheet>"}),
            "a",
        )
