"""The linter's limits: what just fits is sound, and one more is not."""

import io
import re
import warnings
import zipfile
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any

import pytest
import xlsxwriter

from sheetcrm.book import lint_cells, lint_ranges, lint_styles
from sheetcrm.book.lint import lint, new_faults
from sheetcrm.book.xmlpart import OFFICE_RELATIONSHIPS
from tests.book import test_lint
from tests.book.fixtures import Change, changed
from tests.book.packages import SHEET1, swap
from tests.book.test_lint import (
    HEADER,
    PLANTED,
    STRINGS,
    STYLES,
    TABLE,
    comments,
    rules,
    validation,
)

sound = test_lint.sound


def numbered(cases: Sequence[tuple[Any, ...]]) -> list[str]:
    return [f"{n}-{case[0]}" for n, case in enumerate(cases)]


def text(n: int) -> Change:
    return swap("<t>电话</t>", f"<t>{'字' * n}</t>")


def attribute(name: str) -> Callable[[int], Change]:
    return lambda n: validation(name, n)


def inline(inside: str) -> Change:
    """Put a text into a cell itself."""
    return swap(
        '<c r="A1" t="s"><v>2</v></c>', f'<c r="A1" t="inlineStr"><is><t>{inside}</t></is></c>'
    )


def number(value: str, style: str = "") -> Change:
    return swap('<c r="D1" s="1"><v>45000</v>', f'<c r="D1"{style}><v>{value}</v>')


LIMITS: list[tuple[str, str, Callable[[int], Change], int]] = [
    ("L-text", STRINGS, text, 32_767),
    ("L-text", SHEET1, lambda n: inline("字" * n), 32_767),
    ("L-line-feeds", SHEET1, lambda n: inline("a\n" * n + "b"), 253),
    ("L-line-feeds", STRINGS, lambda n: swap("<t>电话</t>", "<t>" + "a\n" * n + "b</t>"), 253),
    ("L-promptTitle", SHEET1, attribute("promptTitle"), 32),
    ("L-prompt", SHEET1, attribute("prompt"), 255),
    ("L-error", SHEET1, attribute("error"), 224),
    ("L-list", SHEET1, lambda n: swap('"A,B"', f'"{"字" * n}"'), 255),
    ("L-header", SHEET1, lambda n: swap("<drawing", HEADER.format("字" * n) + "<drawing"), 255),
    ("L-outline", SHEET1, lambda n: swap('<row r="2"', f'<row r="2" outlineLevel="{n}"'), 7),
    ("L-row-height", SHEET1, lambda n: swap('<row r="2"', f'<row r="2" ht="{n}.5"'), 409),
    ("L-column-width", SHEET1, lambda n: swap('width="12.7109375"', f'width="{n}"'), 255),
    ("L-number-format", STYLES, lambda n: swap("0.0&quot;元&quot;", "0" * n), 255),
    ("Y-format-sections", STYLES, lambda n: swap("0.0&quot;元&quot;", ";".join("0" * n)), 4),
    ("T-header-long", TABLE, lambda n: swap('name="客户"', f'name="{"字" * n}"'), 255),
    ("S-reference", SHEET1, lambda n: swap('sqref="A2:A4"', f'sqref="A2:A{n}"'), 1_048_576),
    ("T-width", TABLE, lambda n: swap('ref="A1:B4"', f'ref="A1:{"ABC"[n]}4"'), 1),
    ("V-digits", SHEET1, lambda n: number(str(10**n - 1)), 15),
    ("V-date", SHEET1, lambda n: number(str(n), ' s="1"'), 2_958_465),
    ("L-comment", test_lint.COMMENTS, lambda n: comments(
        f'<comment ref="A1" authorId="0"><text><t>{"字" * n}</t></text></comment>'), 32_767),
    ("N-scope", test_lint.WORKBOOK, lambda n: swap('localSheetId="0"', f'localSheetId="{n}"'), 1),
    ("L-link", test_lint.RELS, lambda n: swap(
        "../drawings/drawing1.xml", '../drawings/drawing1.xml"/><Relationship Id="rId9" '
        f'TargetMode="External" Type="{OFFICE_RELATIONSHIPS}/hyperlink" Target="{"a" * n}'), 2_079),
    ("P-property-name", "docProps/custom.xml", lambda n: test_lint.properties("字" * n), 255),
    ("S-active", test_lint.WORKBOOK,
     lambda n: swap("<workbookView ", f'<workbookView activeTab="{n}" '), 1),
    ("K-author", test_lint.COMMENTS,
     lambda n: comments(f'<comment ref="A1" authorId="{n}"/>'), 0),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "part", "change", "most"), LIMITS, ids=numbered(LIMITS))
def test_lint__what_just_fits(sound, rule, part, change, most) -> None:
    assert rule not in rules(changed(sound, {part: change(most)}))
    assert rule in rules(changed(sound, {part: change(most + 1)}))


@pytest.mark.parametrize(
    ("module", "limit", "rule", "count"),
    [
        (lint_ranges, "MAX_VALIDATIONS", "L-validations", 2),
        (lint_ranges, "MAX_RANGES", "L-validation-ranges", 1),
        (lint_cells, "MAX_LINKS", "L-links", 1),
        (lint_styles, "MAX_CELL_FORMATS", "L-cellXfs", 4),
        (lint_styles, "MAX_FONTS", "L-fonts", 2),
    ],
)
def test_lint__too_many(
    sound: bytes, monkeypatch, module: ModuleType, limit: str, rule: str, count: int
) -> None:
    monkeypatch.setattr(module, limit, count)
    assert rule not in rules(sound)
    monkeypatch.setattr(module, limit, count - 1)
    assert rule in rules(sound)


STYLE_RULES = [
    ("Y-count", 'fonts count="2"', 'fonts count="3"', True),
    ("Y-count", 'fonts count="2"', "fonts", False),
    ("Y-count", 'fonts count="2"', 'fonts count="二"', False),
    ("Y-reference", 'numFmtId="164" fontId="0"', 'numFmtId="164" fontId="1"', False),
    ("Y-reference", 'numFmtId="164" fontId="0"', 'numFmtId="164" fontId="2"', True),
    ("Y-reference", 'numFmtId="164" fontId="0"', 'numFmtId="164"', False),
    ("Y-reference", 'numFmtId="164" fontId="0"', 'numFmtId="164" fontId="x"', True),
    ("Y-reference", 'fontId="0" fillId="2"', 'fontId="0" fillId="3"', True),
    ("Y-reference", 'borderId="0" xfId="1"', 'borderId="1" xfId="1"', True),
    ("Y-reference", 'borderId="0" xfId="1"', 'borderId="0" xfId="2"', True),
    ("Y-format-quote", "0.0&quot;元&quot;", "0.0\\&quot;", False),
    ("Y-format-sections", "0.0&quot;元&quot;", "&quot;a;b;c;d;e&quot;", False),
    ("Y-format-sections", "0.0&quot;元&quot;", "0\\;0_;0;0", False),
    ("Y-format-bracket", "0.0&quot;元&quot;", "\\[0", False),
    ("Y-format-bracket", "0.0&quot;元&quot;", "[Red]0]", True),
    ("Y-format-colour", "0.0&quot;元&quot;", "[洋红]0", True),
    ("Y-format-colour", "0.0&quot;元&quot;", "[Red]0", False),
]


@pytest.mark.parametrize(("rule", "old", "new", "refused"), STYLE_RULES, ids=numbered(STYLE_RULES))
def test_lint__styles(sound: bytes, rule: str, old: str, new: str, refused: bool) -> None:
    assert (rule in rules(changed(sound, {STYLES: swap(old, new)}))) == refused


@pytest.mark.parametrize(
    ("module", "limit", "most"),
    [
        (lint_ranges, "MAX_VALIDATIONS", 65_534),
        (lint_ranges, "MAX_RANGES", 8_192),
        (lint_styles, "MAX_CELL_FORMATS", 65_430),
        (lint_styles, "MAX_FONTS", 1_024),
        (lint_cells, "MAX_ROW_HEIGHT", 409.5),
        (lint_cells, "MAX_COLUMN_WIDTH", 255.72),
    ],
)
def test_limits__are_those_excel_has(module: ModuleType, limit: str, most: float) -> None:
    assert getattr(module, limit) == most


@pytest.mark.parametrize(
    ("totals", "last", "empty"), [("0", 2, False), ("0", 1, True), ("1", 3, False), ("1", 2, True)]
)
def test_lint__a_table_has_a_row(sound: bytes, totals: str, last: int, empty: bool) -> None:
    shape = swap('ref="A1:B4" totalsRowShown="0"', f'ref="A1:B{last}" totalsRowCount="{totals}"')
    assert ("T-empty" in rules(changed(sound, {TABLE: shape}))) == empty


ALLOWED: list[tuple[str, str, Change]] = [
    ("H-name", SHEET1, swap("location=\"'名 单'!A1\"", 'location="渠道"')),
    ("H-name", SHEET1, swap("location=\"'名 单'!A1\"", 'location="B2:C3"')),
    ("H-sheet", SHEET1, swap("location=\"'名 单'!A1\"", 'location="线索!A1"')),
    ("H-quote", SHEET1, swap("location=\"'名 单'!A1\"", 'location="线索!A1"')),
    ("V-boolean", SHEET1, swap('<c r="A1" t="s"><v>2', '<c r="A1" t="b"><v>1')),
    ("V-error", SHEET1, swap('<c r="A1" t="s"><v>2', '<c r="A1" t="e"><v>#N/A')),
    ("V-digits", SHEET1, number("1.2E+18")),
    ("V-digits", SHEET1, number("1e20")),
    ("V-digits", SHEET1, number("1000000000000000.5")),
    ("V-date", SHEET1, number("0", ' s="1"')),
    ("V-date", SHEET1, number("-5")),
    ("D-name", SHEET1, swap("<formula1>渠道<", "<formula1>$A$1:$A$2<")),
    ("C-quote", SHEET1, swap('"expression" dxfId="0" priority="1"><formula>$A2=1<',
                             '"cellIs" dxfId="0" priority="1"><formula>TRUE<')),
    ("T-header-cell", SHEET1, inline("客户")),
    ("T-header-cell", TABLE, swap('totalsRowShown="0"', 'headerRowCount="0"')),
    ("T-empty", TABLE, swap('ref="A1:B4"', 'ref="A1:B2"')),
    ("F-shared", SHEET1, swap("<f>SUM", '<f t="shared" si="3" ref="D2:D3">SUM')),
    ("F-sheet", SHEET1, swap("<f>SUM('名 单'!", "<f>SUM(线索!")),
    ("M-single", SHEET1, swap('"D5:E6"', '"D5:D6"')),
    ("T-merge", SHEET1, swap('"D5:E6"', '"C4:E6"')),
    ("T-filter", SHEET1, swap('<autoFilter ref="D1:E4"/>', '<autoFilter ref="C4:E4"/>')),
    ("H-sheet", SHEET1, swap("location=\"'名 单'!A1\"", 'r:id="rId1" location="没有!A1"')),
    ("S-style", SHEET1, swap('r="D1" s="1"', 'r="D1" s="0"')),
    ("L-row-height", SHEET1, swap('<row r="2"', '<row r="2" ht="高"')),
    ("K-author", test_lint.COMMENTS, comments('<comment ref="A1" authorId="1"/>', "甲", "乙")),
    ("S-row-order", SHEET1, swap('<row r="2"', '<row r="2" hidden="1"')),
    ("P-calc-chain", "xl/calcChain.xml", test_lint.chain('<c r="D2" i="1"/><c r="D2"/>')),
    ("P-calc-chain", "xl/calcChain.xml", test_lint.chain('<c r="D2" i="9"/>')),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "part", "change"), ALLOWED, ids=numbered(ALLOWED))
def test_lint__allowed(sound: bytes, rule: str, part: str, change: Change) -> None:
    assert rule not in rules(changed(sound, {part: change}))


REFUSED: list[tuple[str, Change]] = [
    ("T-header-cell", inline("公司")),
    ("T-header-cell", swap('<c r="A1" t="s"><v>2', '<c r="A1" t="s"><f>A9</f><v>2')),
    ("T-header-cell", swap('<c r="A1" t="s"><v>2', '<c r="A1"><v>2')),
    ("T-header-cell", swap('<row r="1" spans="1:4" x14ac:dyDescent="0.25">', '<row r="9">')),
    ("V-date", number("2958466", ' s="1"')),
    ("V-digits", number("-1000000000000000")),
    ("V-range", number("1e308")),
    ("S-cell-order", swap('<c r="D1"', '<c r="D2"')),
    ("S-reference", swap('<c r="D1"', '<c r="D"')),
]


@pytest.mark.parametrize(("rule", "change"), REFUSED, ids=numbered(REFUSED))
def test_lint__refused(sound: bytes, rule: str, change: Change) -> None:
    assert rule in rules(changed(sound, {SHEET1: change}))


@pytest.mark.parametrize(("rule", "changes"), PLANTED, ids=numbered(PLANTED))
def test_lint__says_where(sound: bytes, rule: str, changes) -> None:
    """A finding names a part, in Chinese what is wrong, and the sheet where it is of one."""
    for each in lint(changed(sound, changes)):
        if each.rule == rule:
            assert each.part
            assert any("一" <= letter <= "鿿" for letter in each.text)
            assert (each.sheet == "线索") == (each.part == SHEET1)


PLACES: list[tuple[str, Change, str]] = [
    ("L-list", swap('"A,B"', f'"{"字" * 256}"'), "A2:A4"),
    ("M-array", swap("<f>SUM", '<f t="array" ref="D5:D7">SUM'), "D5:D7"),
    ("M-overlap", swap('"D5:E6"/>', '"D5:E6"/><mergeCell ref="E6:F7"/>'), "E6"),
    ("V-number", swap("<v>45000</v>", "<v>abc</v>"), "D1"),
    ("C-format", swap('dxfId="0"', 'dxfId="5"'), "A2:A9"),
    ("M-single", swap('"D5:E6"', '"D5"'), "D5"),
    ("L-row-height", swap('<row r="2"', '<row r="2" ht="500"'), "A2"),
    ("L-outline", swap('<row r="2"', '<row r="2" outlineLevel="8"'), "A2"),
    ("S-row-order", swap('<row r="2"', '<row r="1"'), "A1"),
    ("L-column-width", swap('width="12.7109375"', 'width="300"'), "A1"),
    ("L-column-width", swap("</cols>", '<col min="5" max="5" width="300"/></cols>'), "E1"),
    ("L-column-width", swap("<cols>", '<cols><col width="300"/>'), "A1"),
    ("S-column-overlap", swap("</cols>", '<col min="3" max="5" width="9"/></cols>'), "C1"),
    ("S-style", swap('r="D1" s="1"', 'r="D1" s="99"'), "D1"),
    ("S-reference", swap('<c r="D1"', '<c r="XFE1"'), "XFE1"),
    ("S-cell-order", swap('<c r="D1"', '<c r="D2"'), "D2"),
    ("H-sheet", swap("location=\"'名 单'!A1\"", 'location="没有!A1"'), "D8"),
    ("D-overlap", swap('sqref="B2:B4"', 'sqref="A4:B4"'), "A4"),
    ("D-name", swap("<formula1>渠道<", "<formula1>来源<"), "B2:B4"),
    ("D-name", swap('sqref="B2:B4"><formula1>渠道', 'sqref="B2 C3"><formula1>来源'), "B2"),
    ("C-extension", swap('type="dataBar" id="{', 'type="dataBar" id="{9'), "B2:B9"),
    (
        "C-format",
        swap(
            'A2:A9"><cfRule type="expression" dxfId="0"',
            'A2:A9 C1"><cfRule type="expression" dxfId="1"',
        ),
        "A2:A9",
    ),
    ("F-full-width", swap("<formula>$A2=1<", "<formula>AND($A2=1，$A2=2)<"), "A2:A9"),
    ("T-array", swap("<f>SUM", '<f t="array" ref="B3:B9">SUM'), "B3:B9"),
    ("T-header-cell", inline("公司"), "A1"),
    ("T-header-cell", swap('<c r="B1" t="s"><v>3', '<c r="B1" t="s"><v>2'), "B1"),
    ("V-date", swap("<v>45000</v>", "<v>-5</v>"), "D1"),
]


@pytest.mark.parametrize(("rule", "change", "cell"), PLACES, ids=numbered(PLACES))
def test_lint__names_the_cell(sound: bytes, rule: str, change: Change, cell: str) -> None:
    found = lint(changed(sound, {SHEET1: change}))
    assert [each.cell for each in found if each.rule == rule] == [cell]


def test_lint__names_the_cell_of_the_calculation_chain(sound: bytes) -> None:
    lost = {"xl/calcChain.xml": test_lint.chain('<c r="D2" i="1"/><c r="B7"/><c r="B8"/>')}
    found = [each.cell for each in lint(changed(sound, lost)) if each.rule == "P-calc-chain"]
    assert found == ["B7"]


def test_lint__a_list_written_out_in_an_extension_is_no_formula(sound: bytes) -> None:
    more = f"<extLst><ext><f xmlns='{test_lint.EXCEL}'>\"没有!A1\"</f></ext></extLst></worksheet>"
    assert "F-sheet" not in rules(changed(sound, {SHEET1: swap("</worksheet>", more)}))


def test_lint__a_table_below_other_rows() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("线索")
        sheet.write_column("A1", ["标题", "说明"])
        sheet.add_table("A4:B7", {"columns": [{"header": "客户"}, {"header": "金额"}]})
    assert lint(out.getvalue()) == []


def test_lint__no_formats_but_the_first_without_a_list_of_them(sound: bytes) -> None:
    bare = changed(sound, {STYLES: None, SHEET1: swap('r="D1" s="1"', 'r="D1" s="0"')})
    assert [each.cell for each in lint(bare) if each.rule == "S-style"] == ["D2", "D8"]


@pytest.mark.parametrize(("more", "refused"), [(65_529, False), (65_530, True)])
def test_lint__as_many_links_as_excel_takes(sound: bytes, more: int, refused: bool) -> None:
    links = swap("<hyperlink ", '<hyperlink ref="E9"/>' * more + "<hyperlink ")
    assert ("L-links" in rules(changed(sound, {SHEET1: links}))) == refused


def test_lint__other_workbooks_by_their_number(sound: bytes) -> None:
    listed = "<externalReferences><externalReference/></externalReferences>"
    one = {test_lint.WORKBOOK: swap("<definedNames>", f"{listed}<definedNames>")}
    first, second = (swap("SUM('名 单'!A1:A2)", f"SUM([{n}]Sheet1!A1:A2)") for n in (1, 2))
    assert "F-external-missing" not in rules(changed(sound, {**one, SHEET1: first}))
    assert "F-external-missing" in rules(changed(sound, {**one, SHEET1: second}))
    named = swap("SUM('名 单'!A1:A2)", "SUM([册.xlsx]Sheet1!A1)+[b.xlsx]Sheet1!A1")
    assert "F-external-missing" not in rules(changed(sound, {SHEET1: named}))


def test_lint__rows_without_numbers_follow_each_other(sound: bytes) -> None:
    def plain(data: bytes) -> bytes:
        return re.sub(rb'<row r="\d+"', b"<row", re.sub(rb'<c r="\w+"', b"<c", data))

    found = rules(changed(sound, {SHEET1: plain}))
    assert not found & {"S-row-order", "S-cell-order", "S-reference"}


def test_lint__two_parts_of_one_name(sound: bytes) -> None:
    out = io.BytesIO(sound)
    with warnings.catch_warnings(), zipfile.ZipFile(out, "a") as package:
        warnings.simplefilter("ignore")
        package.writestr("XL/Styles.xml", b"<styleSheet/>")
    assert "P-duplicate" in rules(out.getvalue())


def test_lint__two_tables_of_a_sheet() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        sheet = book.add_worksheet("线索")
        sheet.add_table("A1:B4", {"columns": [{"header": "客户"}, {"header": "金额"}]})
        sheet.add_table("D1:D4", {"columns": [{"header": "地区"}]})
    two, second = out.getvalue(), "xl/tables/table2.xml"
    assert lint(two) == []
    assert rules(changed(two, {second: swap('"D1:D4"', '"B4:B7"')})) >= {"T-overlap"}
    assert rules(changed(two, {second: swap(' id="2"', ' id="1"')})) == {"T-id-twice"}
    nowhere = changed(two, {TABLE: swap('"A1:B4"', '"?"'), second: swap('name="地区"', 'name=" "')})
    assert "T-header-empty" in rules(nowhere)
    beside = rules(changed(two, {second: swap('"D1:D4"', '"C4:C7"')}))
    assert "T-overlap" not in beside


def test_new_faults__what_an_edited_row_refers_to_is_the_users(sound: bytes) -> None:
    long = changed(sound, {STRINGS: swap("<t>电话</t>", f"<t>{'字' * 32768}</t>")})
    edited = {"xl/worksheets/sheet2.xml": swap('<row r="1"', '<row ht="20" r="1"')}
    assert new_faults(changed(long, edited), long) == []


def test_new_faults__a_relationship_that_leads_nowhere(sound: bytes) -> None:
    """Though nothing else of the package is looked at."""
    sheet = "xl/worksheets/sheet2.xml"
    kind = f"{OFFICE_RELATIONSHIPS}/drawing"
    link = f'<Relationship Id="rId1" Type="{kind}" Target="../drawings/drawing9.xml"/>'
    edited: dict[str, Change] = {
        sheet: swap("</sheetData>", "</sheetData> "),
        "xl/worksheets/_rels/sheet2.xml.rels": f"<Relationships>{link}</Relationships>".encode(),
    }
    found = new_faults(changed(sound, edited), sound)
    assert [(each.rule, each.part) for each in found] == [("P-rel-dangling", sheet)]
