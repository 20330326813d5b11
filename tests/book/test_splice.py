"""Edits of a sheet part: what is broken is found, though only touched rows are parsed again."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book.cellplaces import SheetText
from sheetcrm.book.splice import Edit, edited
from sheetcrm.book.xmlpart import BadXml

ROWS = tuple(f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in range(1, 7))
HEAD, TAIL = "<worksheet><sheetData>", "</sheetData><pageMargins/></worksheet>"


def part(rows: str) -> SheetText:
    return SheetText(f"{HEAD}{rows}{TAIL}".encode())


SHEET = part("\n".join(ROWS))


def outcome(sheet: SheetText, edits: list[Edit], *, inspected: bool) -> bytes | None:
    try:
        return edited(sheet, edits, as_declared=False, inspected=inspected)
    except BadXml:
        return None


@st.composite
def some_edits(draw: st.DrawFn) -> list[Edit]:
    text, found, at = SHEET.text, list[Edit](), 0
    rows = SHEET.rows
    places = sorted({0, len(text), *(b for r in rows for b in (r.start, r.inner, r.close, r.end))})
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.sampled_from([p for p in places if p >= at]))
        end = draw(st.sampled_from([p for p in places if p >= start]))
        new = draw(st.sampled_from([b"", b"<row/>", b"<row>", b"</row>", b"<c/>", b"&", b" "]))
        found.append((start, end, new))
        at = end
    return found


@given(some_edits())
def test_edited__as_if_all_were_parsed_again(edits: list[Edit]) -> None:
    assert outcome(SHEET, edits, inspected=True) == outcome(SHEET, edits, inspected=False)


def test_edited__of_an_inspected_sheet_only_touched_rows_are_parsed() -> None:
    broken = part("".join((*ROWS[:3], '<row r="4"><c>&</c></row>', *ROWS[4:])))
    end = [(broken.data.close, broken.data.close, b'<row r="9"/>')]
    inside = [(broken.rows[3].inner, broken.rows[3].inner, b"<c/>")]
    assert outcome(broken, end, inspected=True) is not None
    assert outcome(broken, end, inspected=False) is None
    assert outcome(broken, inside, inspected=True) is None


@pytest.mark.parametrize("character", ["\x01", "\x1f"])
def test_edited__control_characters_are_no_xml_wherever_they_stand(character: str) -> None:
    sheet = part(f'<row r="1"><c r="A1" t="str"><v>{character}</v></c></row>')
    end = [(sheet.data.close, sheet.data.close, b'<row r="9"/>')]
    assert outcome(sheet, end, inspected=True) is None


@pytest.mark.parametrize("blank", ["\t", "\r\n", "\n"])
def test_edited__blanks_are_no_control_characters(blank: str) -> None:
    sheet = part(f'{blank}<row r="1"/>{blank}')
    end = [(sheet.data.close, sheet.data.close, b'<row r="9"/>')]
    assert outcome(sheet, end, inspected=True) is not None
