"""Rows of a worksheet part: found the quick way just as one tag after another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book import cellplaces
from sheetcrm.book.cellplaces import SheetText
from sheetcrm.book.xmlpart import BadXml

PIECES = (
    *('<row r="1">', '<row r="2" s="1" x:y="1">', "<row r='3'>", "<row>", '<row r="4"/>'),
    *('<row r="5" ht="a>b">', '<row s="2" r="6">', "</row>", "</row>", "</row >", "</rowX>"),
    *('<c r="A1"/>', "是吗？?!", "<!-- <row r='9'> -->", "<![CDATA[<row>]]>", "<?pi?>", " "),
)


def part(body: str, prefix: str = "") -> SheetText:
    p = prefix
    return SheetText(f"<{p}worksheet><{p}sheetData>{body}</{p}sheetData></{p}worksheet>".encode())


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
def test_rows__found_one_way_or_the_other(body: str) -> None:
    sheet = part(body)
    try:
        every = list(sheet._all_rows(sheet.data.inner))
    except BadXml:
        with pytest.raises(BadXml):
            _ = sheet.rows
        return
    assert list(sheet.rows) == every


@pytest.mark.parametrize("prefix", ["", "x:"])
def test_rows__usual_ones_are_found_the_quick_way(prefix: str) -> None:
    rows = "".join(f'<{prefix}row r="{n}" spans="1:2">{n}</{prefix}row>' for n in (1, 2, 9))
    sheet = part(rows, prefix)
    quick = sheet._plain_rows(sheet.data.inner)
    assert quick is not None
    assert [row.number for row in quick] == [1, 2, 9]
    assert list(quick) == list(sheet._all_rows(sheet.data.inner))


def test_rows__found_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cellplaces, "_BLOCK", 20)
    sheet = part("".join(f'<row r="{n}"><c r="A{n}"/></row>' for n in range(1, 30)))
    quick = sheet._plain_rows(sheet.data.inner)
    assert quick is not None
    assert list(quick) == list(sheet._all_rows(sheet.data.inner))


def test_rows__by_number() -> None:
    rows = part('<row r="2">a</row><row r="4">b</row><row r="9">c</row>').rows
    assert rows.ascend
    assert [rows.numbered(n) for n in (1, 2, 9, 10)] == [None, rows[0], rows[-1], None]
    assert rows.where(rows.numbers > 2) == [rows[1], rows[2]]


def test_rows__the_first_of_a_number_in_rows_out_of_order() -> None:
    rows = part('<row r="4">a</row><row r="2">b</row><row r="4">c</row>').rows
    assert not rows.ascend
    assert [rows.numbered(n) for n in (4, 2, 3)] == [rows[0], rows[1], None]


@pytest.mark.parametrize("more", ["<sheetData/>", "<sheetData></sheetData>"])
def test_data__one_place_for_cells(more: str) -> None:
    for text in (
        f"<worksheet><sheetData></sheetData>{more}</worksheet>",
        f"<worksheet><sheetData>{more}</sheetData></worksheet>",
        "<worksheet></worksheet>",
    ):
        with pytest.raises(BadXml):
            _ = SheetText(text.encode()).data
    assert not SheetText(f"<worksheet><sheetData/><!--{more}--></worksheet>".encode()).rows
