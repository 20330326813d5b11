"""Plain cells are left out of the rules' tree only where nothing about them is unusual."""

import re

import pytest

from sheetcrm.book.lint_plain import without_plain
from sheetcrm.book.lint_rows import Texts
from sheetcrm.table import column_letter

HEAD, TAIL = b"<?xml version='1.0' encoding=\"UTF-8\"?><worksheet><sheetData>", b"</sheetData>"
TEXTS = Texts(f"<sst><si><t>甲</t></si><si><t>{'长' * 90}</t></si></sst>".encode())
FORMULA = '<c r="B2"><f>1+1</f><v>2</v></c>'


def sheet(*rows: str) -> bytes:
    made = "".join(f'<row r="{n}" ht="20">{cells}</row>' for n, cells in enumerate(rows, 1))
    return HEAD + made.encode() + TAIL + b"</worksheet>"


def looked_over(*rows: str) -> bytes | None:
    return without_plain(sheet(*rows), 3, frozenset(("2",)), TEXTS)


def repeated(cells: str) -> list[str]:
    """Return rows alike, each with the cells of the first."""
    return [re.sub('r="([A-Z]+)1"', rf'r="\g<1>{n}"', cells) for n in range(1, 9)]


@pytest.fixture
def small_pieces(monkeypatch):
    """Rows that are alike are matched as a whole from the second on."""
    monkeypatch.setattr("sheetcrm.book.lint_plain._PIECE_BYTES", 60)


def test_without_plain__only_other_cells_are_left():
    text = '<c r="A1" s="1" t="inlineStr"><is><t xml:space="preserve">甲 &amp; 乙</t></is></c>'
    number, blank = '<c r="B1"><v>12.5</v></c>', '<c r="AA1" s="2"/>'
    shared = '<c r="AB1" t="s"><v>0</v></c>'
    day, truth = '<c r="C2" s="2"><v>45000.25</v></c>', '<c r="D2" t="b"><v>1</v></c>'
    made = looked_over(text + number + blank + shared, FORMULA + day + truth)
    assert made == sheet("", FORMULA + truth).replace(b'<row r="1" ht="20"></row>', b"")


UNUSUAL = pytest.mark.parametrize(
    "cells",
    [
        pytest.param('<c r="A2"><v>1</v></c>', id="another row"),
        pytest.param('<c r="B1"/><c r="A1"/>', id="columns descend"),
        pytest.param('<c r="A1"/><c r="A1"><v>1</v></c>', id="a cell twice"),
        pytest.param('<c r="B1"/><c r="A1"><f>1</f></c>', id="before a formula"),
        pytest.param('<c r="ZZZ1"/>', id="beyond the last column"),
        pytest.param('<c s="1"/>', id="no place"),
        pytest.param('<c r="A1" s="3"/>', id="no such format"),
        pytest.param('<c r="A1"><v>1,5</v></c>', id="no number"),
        pytest.param('<c r="A1"><v>nan</v></c>', id="not a number"),
        pytest.param('<c r="A1"><v>1e999</v></c>', id="infinite"),
        pytest.param('<c r="A1"><v>1234567890123456</v></c>', id="digits are lost"),
        pytest.param('<c r="A1" s="2"><v>-1</v></c>', id="day before 1900"),
        pytest.param('<c r="A1" s="2"><v>2958466</v></c>', id="day after 9999"),
        pytest.param('<c r="A1" t="s"><v>2</v></c>', id="no such text"),
        pytest.param('<c r="A1" t="s"><v>1</v></c>', id="long text"),
        pytest.param('<c r="A1"/><!-- <c r="B1"/> -->', id="comment"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a & b</t></is></c>', id="bare ampersand"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a&nbsp;b</t></is></c>', id="unknown entity"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a\x01</t></is></c>', id="control"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a\x1f</t></is></c>', id="last control"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>a\uffff</t></is></c>', id="no character"),
        pytest.param('<c r="A1" t="inlineStr"><is><t>]]></t></is></c>', id="end of section"),
    ],
)


@UNUSUAL
def test_without_plain__anything_unusual_is_looked_at_as_a_whole(cells):
    assert looked_over('<c r="A1"/>') is not None
    assert looked_over(cells) is None


@UNUSUAL
@pytest.mark.usefixtures("small_pieces")
def test_without_plain__anything_unusual_in_rows_alike(cells):
    assert looked_over(*repeated('<c r="A1"/>')) == sheet()
    assert looked_over(*repeated(cells)) is None
    usual = repeated('<c r="A1" t="inlineStr"><is><t>甲</t></is></c><c r="C1" s="2"><v>1</v></c>')
    for at in (2, 5, 7):
        row = re.sub('r="([A-Z]+)1"', rf'r="\g<1>{at + 1}"', cells)
        assert looked_over(*usual[:at], row, *usual[at + 1 :]) is None


@pytest.mark.parametrize(
    "row",
    [
        pytest.param('<row r="1"></row><row r="1"></row>', id="twice"),
        pytest.param('<row r="2"></row><row r="1"></row>', id="descending"),
        pytest.param('<row r="2"><c r="A2"/></row><row r="1"><c r="A1"/></row>', id="full ones"),
        pytest.param('<row r="1"><c r="A1"/></row><row r="1" hidden="1"/>', id="twice, one hidden"),
        pytest.param('<row r="1" hidden="1"/><row r="1"><c r="A1"/></row>', id="hidden one first"),
        pytest.param('<row r="01"><c r="A01"/></row>', id="a number with a nought"),
        pytest.param(f'<row r="{10**30}"><c r="A{10**30}"/></row>', id="a number without end"),
        pytest.param('<row r="1"><c r="AAAA1"/></row>', id="no such column"),
        pytest.param("<row></row>", id="no number"),
        pytest.param('<c r="A1"/><row r="1"></row>', id="cell outside"),
    ],
)
def test_without_plain__rows_in_disorder(row):
    assert without_plain(HEAD + row.encode() + TAIL, 3, (), TEXTS) is None


def test_without_plain__a_row_that_is_more_than_its_cells_stays():
    data = HEAD + b'<row r="1" ht="400"></row><row r="2" outlineLevel="8"></row>' + TAIL
    assert without_plain(data, 3, (), TEXTS) == data


def test_without_plain__rows_with_other_columns():
    rows = ['<c r="A1"/><c r="C1"/>', '<c r="A2"/><c r="B2"><v>1</v></c><c r="C2"/>', '<c r="B3"/>']
    assert looked_over(*rows) == sheet()
    assert looked_over(*rows, FORMULA.replace("B2", "B4")) == sheet(
        *rows, FORMULA.replace("B2", "B4")
    ).replace(sheet(*rows).removesuffix(TAIL + b"</worksheet>"), HEAD)


def test_without_plain__a_long_text_stays():
    cell = f'<c r="A1" t="inlineStr"><is><t>{"甲" * 84}</t></is></c>'
    assert looked_over(cell) == sheet(cell)


@pytest.mark.parametrize(("old", "new"), [(b"UTF-8", b"GBK"), ("甲".encode(), b"\xff")])
def test_without_plain__other_encodings(old, new):
    data = sheet('<c r="A1" t="inlineStr"><is><t>甲</t></is></c>')
    assert without_plain(data, 3, frozenset(), TEXTS) is not None
    assert without_plain(data.replace(old, new), 3, frozenset(), TEXTS) is None


def test_without_plain__pieces(monkeypatch):
    monkeypatch.setattr("sheetcrm.book.lint_plain._PIECE_BYTES", 100)
    rows = [f'<c r="A{n}"/><c r="C{n}"><v>{n}</v></c>' for n in range(1, 30)]
    assert looked_over(*rows) == sheet()
    rows[20] = re.sub("A21", "A22", rows[20])
    assert looked_over(*rows) is None


FIRST_FORMULA = '<c r="A1"><f>1+1</f><v>2</v></c>'


PLAIN = pytest.mark.parametrize(
    ("cells", "plain"),
    [
        ('<c r="XFD1"/>', True),
        ('<c r="XFE1"/>', False),
        ('<c r="B1"/><c r="Z1"/><c r="AA1"/>', True),
        ('<c r="B1"/><c r="AA1"/><c r="Z1"/>', False),
        ('<c r="B1"><v>999999999999999</v></c>', True),
        ('<c r="B1"><v>1000000000000000</v></c>', False),
        ('<c r="B1"><v>-999999999999999</v></c>', True),
        ('<c r="B1"><v>-1000000000000000</v></c>', False),
        ('<c r="B1" s="2"><v>0</v></c>', True),
        ('<c r="B1" s="2"><v>2958465.5</v></c>', True),
        ('<c r="B1" s="2"><v>2958466</v></c>', False),
        ('<c r="B1" s="2"><v>-0.5</v></c>', False),
        ('<c r="B1" s="1"><v>-0.5</v></c>', True),
        ('<c r="B1" s="0"/><c r="C1" s="2"/>', True),
        ('<c r="B1" s="0"/><c r="C1" s="3"/>', False),
        ('<c r="B1" t="s"><v>0</v></c>', True),
        ('<c r="B1" t="inlineStr"><is><t>1"</t></is></c>', True),
        ('<c r="B1" t="inlineStr"><is><t>&lt;c r="B1"/&gt;</t></is></c>', True),
        ('<c r="B1" t="inlineStr"><is><t> \t\n\r</t></is></c>', True),
        ('<c r="B1" t="inlineStr"><is><t xml:space="preserve"> &amp;&lt;</t></is></c>', True),
        (f'<c r="B1" t="inlineStr"><is><t>{"&amp;" * 50}</t></is></c>', True),
        ('<c r="B1"><v>1.5E-05</v></c>', True),
    ],
)


@pytest.mark.parametrize("before", ["", FIRST_FORMULA])
@PLAIN
def test_without_plain__what_is_just_plain(before: str, cells: str, plain: bool):
    left = sheet(before) if before else sheet()
    assert looked_over(before + cells) == (left if plain else None)


@PLAIN
@pytest.mark.usefixtures("small_pieces")
def test_without_plain__what_is_just_plain_in_rows_alike(cells: str, plain: bool):
    assert looked_over(*repeated(cells)) == (sheet() if plain else None)


@pytest.mark.usefixtures("small_pieces")
def test_without_plain__a_long_text_in_rows_alike_stays():
    rows = repeated(f'<c r="A1" t="inlineStr"><is><t>{"甲" * 84}</t></is></c>')
    assert looked_over(*rows) == sheet(*rows)
    rows = repeated(f'<c r="A1" t="inlineStr"><is><t>{"&amp;" * 51}</t></is></c>')
    assert looked_over(*rows) == sheet(*rows)


def test_without_plain__rows_alike_are_matched_as_a_whole(monkeypatch, small_pieces):
    cell = '<c r="A1" s="1" t="inlineStr"><is><t>甲 &amp; 乙</t></is></c>'
    rows = repeated(cell + '<c r="B1" s="2"><v>45000</v></c><c r="C1" t="s"><v>0</v></c>')
    monkeypatch.setattr("sheetcrm.book.lint_plain._Order", list)  # cannot look at single cells
    with pytest.raises(AttributeError):
        looked_over(*rows[:3], FORMULA)
    assert looked_over(*rows) == sheet()


def test_without_plain__a_row_of_many_cells():
    many = "".join(f'<c r="{column_letter(n)}1"/>' for n in range(2, 400))
    assert looked_over(FIRST_FORMULA + many) == sheet(FIRST_FORMULA)
    assert looked_over(many) == sheet()


@pytest.mark.parametrize(("formats", "style", "plain"), [(0, 0, True), (0, 1, False), (2, 1, True)])
def test_without_plain__the_first_format_is_always_there(formats, style, plain):
    made = without_plain(sheet(f'<c r="A1" s="{style}"/>'), formats, (), TEXTS)
    assert (made == sheet()) == plain


@pytest.mark.parametrize(("is_new", "plain"), [(True, False), (False, True)])
def test_without_plain__long_texts_that_were_there_before(is_new, plain):
    texts = Texts(f"<sst><si><t>{'长' * 90}</t></si></sst>".encode(), is_new=is_new)
    made = without_plain(sheet('<c r="A1" t="s"><v>0</v></c>'), 3, (), texts)
    assert (made == sheet()) == plain
    assert without_plain(sheet('<c r="A1" t="s"><v>1</v></c>'), 3, (), texts) is None


@pytest.mark.parametrize(
    ("tag", "usual"),
    [
        ('spans="1:3"', True),
        ('ht="399"', True),
        ('ht="399.5" customHeight="1"', True),
        ('ht="400"', False),
        ('spans="1:3" ht="15"', True),
        ('customHeight="0"', False),
        ('hidden="1"', False),
        ('s="1"', False),
        ('x14ac:dyDescent="0.25"', True),
    ],
)
def test_without_plain__rows_that_say_more_stay(tag, usual):
    rows = "".join(f'<row r="{n}" {tag}><c r="A{n}"/></row>' for n in (1, 2))
    head = HEAD.replace(b"<worksheet", b'<worksheet xmlns:x14ac="x"')
    left = b"" if usual else rows.replace('<c r="A1"/>', "").replace('<c r="A2"/>', "").encode()
    made = without_plain(head + rows.encode() + TAIL, 3, (), TEXTS)
    assert made == head + left + TAIL
