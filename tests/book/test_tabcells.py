"""A tab's cells read by pattern are those that the parser reads."""

from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetcrm.book.tabcells import Filled, filled_rows
from sheetcrm.book.xmlpart import MAIN, BadXml

HEAD = f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=8)


def sheet(*rows: str) -> bytes:
    made = "".join(f'<row r="{n}" spans="1:9">{cells}</row>' for n, cells in enumerate(rows, 2))
    return f"{HEAD}<sheetData>{made}</sheetData></worksheet>".encode()


def text(column: str, content: str) -> str:
    inside = f'<is><t xml:space="preserve">{escape(content)}</t></is>'
    return f'<c r="{column}2" s="4" t="inlineStr">{inside}</c>'


def read(data: bytes) -> list[tuple[int, Filled]]:
    return list(filled_rows(data, lambda: ["共享"], 5))


def parsed(data: bytes) -> list[tuple[int, Filled]]:
    """Read by the parser: a comment is nothing that we write."""
    return read(data.replace(b"<sheetData>", b"<sheetData><!-- -->"))


@given(TEXTS, st.floats(allow_nan=False, allow_infinity=False), st.booleans(), TEXTS)
@example("_x000D_&amp;\"'<", 0.1 + 0.2, True, "&quot;")
def test_filled_rows__the_same_by_pattern_and_parser(words, number, truth, quoted):
    formula = f"IF('表 1'!$B$3>=1,\"{quoted}\",SUM(C:C)/2.50)"
    data = sheet(
        text("A", words) + f'<c r="B2" s="1"><v>{number!r}</v></c><c r="C2" s="2"/>',
        f'<c r="A3"><f>{escape(formula)}</f><v>7</v></c><c r="B3" t="b"><v>{truth:d}</v></c>',
        '<c r="A4" t="str"><f>A1&amp;"x"</f><v>x</v></c><c r="D4" t="e"><v>#N/A</v></c>',
        '<c r="A5" t="array"/>',
        '<c r="A6"><v>6</v></c>',
    )
    assert read(data) == parsed(data)
    assert [number for number, _ in read(data)] == [2, 3, 4]


def test_filled_rows__kinds_and_contents():
    cells = '<c r="B2" t="b"><v>1</v></c><c r="C2"><v>5.0</v></c><c r="D2"><f>sum( A1 )</f></c>'
    assert read(sheet(text("A", "a&b") + cells))[0][1][:3] == [
        "A\x1fta&b",
        "B\x1fb1",
        "C\x1fn5",
    ]


@pytest.mark.parametrize(
    "odd",
    [
        pytest.param('<c r="A2" t="s"><v>0</v></c>', id="shared string"),
        pytest.param('<c r="A2"><f t="shared" si="0" ref="A2:A3">1</f></c>', id="shared formula"),
        pytest.param('<c r="A2" cm="1"><v>1</v></c>', id="another attribute"),
        pytest.param('<c r="A2" t="inlineStr"><is><r><t>甲</t></r></is></c>', id="rich text"),
        pytest.param(
            '<c r="A2" t="inlineStr"><is><t>a&#10;b</t></is></c>', id="number of a letter"
        ),
    ],
)
def test_filled_rows__what_others_write_is_parsed(odd):
    data = sheet(odd, '<c r="A3"><v>1</v></c>')
    assert read(data) == parsed(data)
    assert len(read(data)) == 2


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param('<row r="2"/><row r="3" ht="9"></row><row r="4">{}</row>', id="blank before"),
        pytest.param('<row r="2">{}</row><row r="3"/><row r="4"></row>', id="blank behind"),
        pytest.param('<row r="2"></row><row r="3"/>', id="all blank"),
        pytest.param("", id="no row"),
        pytest.param('<row r="2">{}</row><row r="4">{}</row><row r="7">{}</row>', id="beyond"),
        pytest.param('<row r="4">{}</row><row r="3">{}</row>', id="not in order"),
        pytest.param('<row r="3">{}</row><row r="3">{}</row>', id="twice"),
        pytest.param('<row r="3"><c r="A3" s="1"/>{}<c r="B3"/></row>', id="formats only"),
    ],
)
def test_filled_rows__rows_of_every_kind(rows):
    filled = '<c r="A1"><v>1</v></c><c r="C1" s="2"><f>B2</f><v>2</v></c>'
    data = f"{HEAD}<sheetData>{rows.replace('{}', filled)}</sheetData></worksheet>".encode()
    assert read(data) == parsed(data)


@pytest.mark.parametrize(
    "broken", ['<row r="2">{}', "{}</row>", '<row r="2">{}<row r="3">{}</row>']
)
def test_filled_rows__rows_left_open_are_broken(broken):
    cells = '<c r="A2"><v>1</v></c>'
    data = f"{HEAD}<sheetData>{broken.replace('{}', cells)}</sheetData></worksheet>".encode()
    with pytest.raises(BadXml):
        read(data)
