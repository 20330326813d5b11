"""A sheet that was edited: only the rows it did not have before are looked at."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book import lint_rows
from sheetcrm.book.lint_rows import RowsOf, Texts

ROWS = st.dictionaries(st.integers(1, 12), st.integers(0, 2), max_size=8)


def part(rows: dict[int, int], more: str = "") -> bytes:
    made = [f'<row r="{n}"><c r="A{n}"><v>{v}</v></c></row>' for n, v in sorted(rows.items())]
    data = f"<sheetData>{''.join(made)}</sheetData>" if made else "<sheetData/>"
    return f"<worksheet>{more}{data}<pageMargins/></worksheet>".encode()


@given(ROWS, ROWS)
def test_split__new_rows_wherever_they_are(before: dict[int, int], now: dict[int, int]) -> None:
    split = RowsOf(part(now, '<dimension ref="A1:A99"/>'), part(before), ()).split()
    found = [int(row.get("r") or 0) for tree in split.chunks(bytes) for row in tree.iter("row")]
    assert found == [n for n in sorted(now) if before.get(n) != now[n]]
    assert split.numbers == tuple(sorted(now))


def rows_of(*rows: str) -> bytes:
    return f"<worksheet><sheetData>{''.join(rows)}</sheetData></worksheet>".encode()


ONE, TWO, THREE = (f'<row r="{n}"><c r="A{n}"><v>{n}</v></c></row>' for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("before", "now", "new"),
    [
        ((ONE, TWO), (ONE, TWO, THREE), [3]),
        ((ONE, TWO, THREE), (ONE, THREE), []),
        ((ONE, TWO, THREE), (TWO, THREE), []),
        ((ONE, TWO), (ONE, TWO, ONE), [1]),  # a copy of what stands above
        ((ONE, TWO, THREE), (ONE, TWO.replace("<v>2", "<v>9"), THREE), [2]),
        ((ONE, TWO.replace("</row>", "<x/></row>")), (ONE, TWO), [2]),
        ((), (ONE,), [1]),
    ],
)
def test_split__new_rows(before, now, new):
    split = RowsOf(rows_of(*now), rows_of(*before), ()).split()
    found = [int(row.get("r") or 0) for tree in split.chunks(bytes) for row in tree.iter("row")]
    assert found == new


def test_split__no_more_at_once_than_the_limit(monkeypatch):
    rows = [f'<row r="{n}"><c r="A{n}"/></row>' for n in range(1, 8)]  # of 28 bytes
    monkeypatch.setattr(lint_rows, "CHUNK_BYTES", 2 * len(rows[0]))
    chunks = RowsOf(rows_of(*rows), None, (3,)).split().chunks(bytes)
    assert [[row.get("r") for row in tree.iter("row")] for tree in chunks] == [
        *(["1", "2"], ["3", "4"], ["5", "6"], ["7"])
    ]


def test_split__the_rows_of_headers_stay_in_the_frame(monkeypatch):
    monkeypatch.setattr(lint_rows, "CHUNK_BYTES", 10)
    split = RowsOf(rows_of(ONE, TWO, THREE), None, (2, 9)).split()
    assert [row.get("r") for row in split.frame.iter("row")] == ["2"]
    assert split.numbers == (1, 2, 3)


def test_split__pieces_have_the_names_the_sheet_declares(monkeypatch):
    data = (
        b'<?xml version="1.0" encoding="UTF-8"?><x:worksheet xmlns:x="urn:a" xmlns:y="urn:b">'
        b'<x:sheetData><x:row r="1" y:z="1"/><x:row r="2"><x:c r="A2"/></x:row></x:sheetData>'
        b"<x:pageMargins/></x:worksheet>"
    )
    monkeypatch.setattr(lint_rows, "CHUNK_BYTES", 10)
    split = RowsOf(data, None, ()).split()
    trees = list(split.chunks(bytes))
    assert [[child.tag for child in tree.iter()] for tree in trees] == [
        ["{urn:a}worksheet", "{urn:a}sheetData", "{urn:a}row"],
        ["{urn:a}worksheet", "{urn:a}sheetData", "{urn:a}row", "{urn:a}c"],
    ]
    assert [child.tag for child in split.frame] == ["{urn:a}sheetData", "{urn:a}pageMargins"]


@pytest.mark.parametrize("limit", [10, 1 << 20])
def test_shared_formulas__the_first_has_the_text(monkeypatch, limit):
    cells = '<f t="shared" si="3" ref="A1:A2">B1</f>', '<f t="shared" si="3"/>', "<f>C1</f>"
    rows = (f'<row r="{n}"><c r="A{n}">{cell}</c></row>' for n, cell in enumerate(cells, 1))
    monkeypatch.setattr(lint_rows, "CHUNK_BYTES", limit)
    split = RowsOf(rows_of(*rows).replace(b"<worksheet", b'<worksheet xmlns="a"'), None, ()).split()
    assert list(split.shared_formulas()) == [("3", True), ("3", False)]


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ("<si/>", ""),
        ("<si><t/></si>", ""),
        ("<si><t>甲 &amp; 乙</t></si>", "甲 & 乙"),
        ("<si><t><![CDATA[a<b & c]]></t></si>", "a<b & c"),
        ("<si><r><t>客</t></r><r><t>户</t></r></si>", "客户"),
        ("<si><t>客户</t><rPh sb='0' eb='1'><t>キャク</t></rPh></si>", "客户"),
        ("<si><t>一\r\n二</t></si>", "一\n二"),
        ("<si><t>a_x000A_b</t></si>", "a\nb"),
    ],
)
def test_texts__as_they_are_read(item, text):
    texts = Texts(f"<sst><si><t>前</t></si>{item}<si><t>后</t></si></sst>".encode())
    assert [texts[n] for n in range(len(texts))] == ["前", text, "后"]


def test_texts__long_ones_by_their_number():
    long = "a" * 300
    assert Texts(f"<sst><si><t>短</t></si><si><t>{long}</t></si><si/></sst>".encode()).long == {1}
