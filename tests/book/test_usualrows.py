"""Rows recognised in one pass: what they are, and that a sheet is judged the same without it."""

from xml.parsers import expat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book import scan
from sheetcrm.book.guard import inspect
from sheetcrm.book.scan import OddValue, SheetScan
from sheetcrm.book.usualrows import usual_rows
from sheetcrm.errors import FileProblem
from sheetcrm.table import column_letter
from tests.book.fixtures import changed
from tests.book.packages import SHEET1, sheet_xml, workbook

CELLS = (
    '<c r="{}" t="s"><v>2</v></c>',
    '<c r="{}" s="1" t="inlineStr"><is><t>甲（公司）&amp;乙</t></is></c>',
    '<c r="{}"><v>65.5</v></c>',
    '<c r="{}" s="3"/>',
    '<c r="{}"><f>SUM(A1:A3)</f><v>6</v></c>',
    '<c r="{}" t="str"><f t="shared" si="0"/><v>甲</v></c>',
    '<c r="{}" t="e"><v>#REF!</v></c>',
    '<c r="{}"><f>RTD(1)</f></c>',
    '<c r="{}"><f>A1&amp;A2</f><v></v></c>',
    '<c r="{}" t="str"><f>A1&amp;A2</f><v></v></c>',
)
ROWS = (
    '<row r="{}">',
    '<row r="{}" spans="1:3" ht="15" customHeight="1">',
    '<row r="{}" hidden="1">',
)
TOKENS = (
    *("<", ">", '"', "&", "</row>", '<row r="3">', "<!--", "-->", "<![CDATA[", "]]>", "<?x ", "?>"),
    *("</c>", "<c>", "<v>", "</v>", ' foo="a>', ' foo="', "\x00", "\ufffe", "</sheetData>", "9"),
    *('<row r="7"><c r="A7"><v>1</v></c></row>', "&#0;", "&lt;", "&x;", "</worksheet>", ' r="9"'),
)
# Not the number of cells: one whose place cannot be read counts or not by its neighbours.
SEEN = (
    *("last_row", "last_column", "hidden_rows", "has_errors", "has_uncalculated"),
    *("has_shared_text", "complete", "ended", "tail"),
)


def usual(*cells: str, row: str = '<row r="1">', width: int = 3) -> bool:
    data = f"{row}{''.join(cells)}</row>".encode()
    match = usual_rows(width).match(data)
    return match is not None and match.end() == len(data)


@pytest.mark.parametrize("cell", CELLS)
def test_row__that_is_usual(cell):
    assert usual(cell.format("A1"), cell.format("C1"))


@pytest.mark.parametrize(
    "cell",
    [
        '<c r="B1" t="e"><f>1/0</f><v/></c>',
        '<c r="B1"></c>',
        '<c r="D1"><v>1</v></c>',
        '<c r="AA1"><v>1</v></c>',
        '<c r="A2"><v>1</v></c>',
        '<c r="A1" t="s"><v>-1</v></c>',
        '<c r="A1"><v>1</v><v>2</v></c>',
        '<c r="A1"><v>&amp;</v></c>',
        '<c r="A1" s="1" s="1"><v>1</v></c>',
        '<c r="A1" t="inlineStr"><is><t>]]></t></is></c>',
        '<c r="A1"><v>1</v>',
        "<!-- -->",
    ],
)
def test_row__that_is_not(cell):
    assert not usual('<c r="A1"><v>1</v></c>', cell)


@pytest.mark.parametrize("row", ['<row r="1" hidden="1">', '<row r="1" r="1">', "<row>", "<x:row>"])
def test_row__whose_start_is_not(row):
    assert not usual(CELLS[2].format("A1"), row=row)


@pytest.mark.parametrize("width", [1, 5, 26, 27, 53, 702, 703, 1400, 16_384])
def test_columns__up_to_a_width(width):
    cell = CELLS[2]
    fits = [usual(cell.format(f"{column_letter(n)}1"), width=width) for n in range(1, 16_385)]
    assert fits == [n <= width for n in range(1, 16_385)]


def sheets() -> st.SearchStrategy[str]:
    """Sheets of three columns, some broken by a token somewhere."""

    @st.composite
    def sheet(draw: st.DrawFn) -> str:
        rows = []
        for number in range(1, draw(st.integers(2, 14))):
            kinds = draw(st.lists(st.sampled_from(CELLS), min_size=1, max_size=3))
            cells = [kind.format(f"{'ABC'[at]}{number}") for at, kind in enumerate(kinds)]
            rows.append(f"{draw(st.sampled_from(ROWS)).format(number)}{''.join(cells)}</row>")
        text = sheet_xml("".join(rows)).decode()
        for _ in range(draw(st.integers(0, 2))):
            at = draw(st.integers(0, len(text)))
            text = text[:at] + draw(st.sampled_from(TOKENS)) + text[at + draw(st.integers(0, 3)) :]
        return text

    return sheet()


def judged(data: bytes, size: int) -> tuple[object, ...] | None:
    """Return what a scan saw; None where it, or the parser of what it left, refused the sheet."""
    seen, parser = SheetScan(), expat.ParserCreate("utf-8")
    spaced = bytes(c if c > 31 or c in (9, 10, 13) else 32 for c in range(256))
    try:
        for at in range(0, len(data), size):
            parser.Parse(seen.feed(data[at : at + size]).translate(spaced), False)
        parser.Parse(seen.close().translate(spaced), True)
    except (OddValue, expat.ExpatError):
        return None
    return tuple(getattr(seen, name) for name in SEEN)


@given(sheets(), st.sampled_from((60, 300, 1 << 18)))
def test_scan__sees_the_same_with_and_without_usual_rows(text, size):
    data = text.encode()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_CLOSELY", 1)
        quick = judged(data, size)
        patch.setattr(SheetScan, "_usual", lambda _self, _work, at: at)
        assert quick == judged(data, size)


@pytest.mark.parametrize("at", [2, 40, 400])
def test_guard__far_cell_in_the_middle_is_seen(at):
    rows = [f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 500)]
    rows[at] = rows[at].replace(f'"A{at + 1}"', '"A1048577"')
    with pytest.raises(FileProblem, match="范围"):
        inspect(changed(workbook(), {SHEET1: sheet_xml("".join(rows))}), "a.xlsx")


@pytest.mark.parametrize("broken", [b"\xff", b"\xef\xbf\xbe", b"]]>", b"<", b"&x;"])
def test_guard__text_that_is_no_xml_is_seen_in_the_middle(broken):
    rows = [CELLS[1].format(f"A{n}") for n in range(1, 500)]
    whole = "".join(f'<row r="{n}">{cell}</row>' for n, cell in enumerate(rows, 1))
    data = sheet_xml(whole).replace("甲（公司）".encode(), b"a" + broken, 400)
    with pytest.raises(FileProblem, match="损坏"):
        inspect(changed(workbook(), {SHEET1: data}), "a.xlsx")


def test_guard__far_row_is_seen():
    rows = [f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(1, 500)]
    rows[400] = rows[400].replace('row r="401"', 'row r="310485776"')
    with pytest.raises(FileProblem, match="范围"):
        inspect(changed(workbook(), {SHEET1: sheet_xml("".join(rows))}), "a.xlsx")
