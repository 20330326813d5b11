"""The linter: one planted fault a rule, and silence on sound workbooks."""

import io
from collections.abc import Mapping
from typing import Any

import pytest
import xlsxwriter

from sheetcrm.book.lint import lint, new_faults
from sheetcrm.book.lint_book import LintBook, open_for_lint
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_names import name_problem, sheet_name_problem
from sheetcrm.book.xmlpart import MAIN, OFFICE_RELATIONSHIPS
from tests.book.fixtures import Change, changed
from tests.book.packages import SHEET1, corpus_files, needs_corpus, swap

WORKBOOK, STYLES, TABLE = "xl/workbook.xml", "xl/styles.xml", "xl/tables/table1.xml"
STRINGS, TYPES = "xl/sharedStrings.xml", "[Content_Types].xml"


RELS, COMMENTS = "xl/worksheets/_rels/sheet1.xml.rels", "xl/comments1.xml"
EXCEL = "http://schemas.microsoft.com/office/excel/2006/main"


def comments(inside: str, *authors: str) -> bytes:
    names = "".join(f"<author>{name}</author>" for name in authors or ("甲",))
    listed = f"<authors>{names}</authors><commentList>{inside}</commentList>"
    return f'<comments xmlns="{MAIN}">{listed}</comments>'.encode()


def chain(inside: str) -> bytes:
    return f'<calcChain xmlns="{MAIN}">{inside}</calcChain>'.encode()


def properties(*names: str) -> bytes:
    listed = "".join(f'<property pid="{n}" name="{name}"/>' for n, name in enumerate(names, 2))
    return f"<Properties>{listed}</Properties>".encode()


RANGES = " ".join(f"Z{n}" for n in range(1, 8194))
HEADER = "<headerFooter><oddHeader>{}</oddHeader></headerFooter>"
THEME = '<Override PartName="/xl/theme/theme1.xml" ContentType="application/xml"/>'


def validation(name: str, length: int) -> Change:
    return swap("<dataValidation ", f'<dataValidation {name}="{"字" * length}" ')


def calculated(formula: str) -> Change:
    inside = f"<calculatedColumnFormula>{formula}</calculatedColumnFormula>"
    return swap('name="金额"/>', f'name="金额">{inside}</tableColumn>')


@pytest.fixture(scope="module")
def sound() -> bytes:
    """Return a workbook with one of everything the rules look at."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        leads, lists = book.add_worksheet("线索"), book.add_worksheet("名 单")
        lists.write_column(0, 0, ["电话", "微信"])
        book.define_name("渠道", "='名 单'!$A$1:$A$2")
        red = book.add_format({"bg_color": "#FF9999", "num_format": '0.0"元"'})
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        table = {"columns": [{"header": "客户"}, {"header": "金额"}], "name": "表_线索"}
        leads.add_table("A1:B4", table)
        leads.write("D1", 45000, day)
        leads.write_formula("D2", "=SUM('名 单'!A1:A2)&\"（合计）\"", red, 0)
        leads.merge_range("D5:E6", "合并")
        leads.data_validation("A2:A4", {"validate": "list", "source": ["A", "B"]})
        leads.data_validation("B2:B4", {"validate": "list", "source": "=渠道"})
        leads.conditional_format("A2:A9", {"type": "formula", "criteria": "=$A2=1", "format": red})
        leads.conditional_format("B2:B9", {"type": "data_bar", "data_bar_2010": True})
        leads.write_url("D8", "internal:'名 单'!A1", string="名单")
        leads.set_column("A:C", 12)
        leads.autofilter("D1:E4")
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"values": "=线索!$B$2:$B$4"})
        leads.insert_chart("G2", chart)
    return out.getvalue()


def rules(data: bytes, **options: Any) -> set[str]:
    return {finding.rule for finding in lint(data, **options)}


def test_lint__sound_workbook(sound: bytes) -> None:
    assert lint(sound) == []


PLANTED: list[tuple[str, Mapping[str, Change]]] = [
    ("P-xml", {SHEET1: swap("</sheetData>", "")}),
    ("P-type-missing-part", {"xl/theme/theme1.xml": None}),
    ("P-rel-dangling", {"xl/theme/theme1.xml": None}),
    ("P-no-type", {TYPES: swap('PartName="/xl/worksheets/sheet2.xml"', 'PartName="/xl/x.xml"')}),
    ("P-rel-id", {SHEET1: swap('<drawing r:id="rId1"/>', '<drawing r:id="rId77"/>')}),
    ("S-name", {WORKBOOK: swap('name="名 单"', 'name="名[单"')}),
    ("S-name-twice", {WORKBOOK: swap('name="名 单"', 'name="线索"')}),
    ("S-no-part", {"xl/worksheets/sheet2.xml": None}),
    ("S-none-visible", {WORKBOOK: swap('" sheetId', '" state="hidden" sheetId')}),
    ("S-id-twice", {WORKBOOK: swap('sheetId="2"', 'sheetId="1"')}),
    ("S-active", {WORKBOOK: swap("<workbookView ", '<workbookView activeTab="7" ')}),
    ("N-name", {WORKBOOK: swap('name="渠道"', 'name="CRM1"')}),
    ("N-twice", {WORKBOOK: swap('name="_xlnm._FilterDatabase" localSheetId="0"', 'name="渠道"')}),
    ("N-scope", {WORKBOOK: swap('localSheetId="0"', 'localSheetId="9"')}),
    ("F-sheet", {WORKBOOK: swap("'名 单'!$A$1:$A$2", "没有!$A$1:$A$2")}),
    ("Y-reference", {STYLES: swap('fontId="0" fillId="2"', 'fontId="99" fillId="2"')}),
    ("Y-format-quote", {STYLES: swap("0.0&quot;元&quot;", "0.0&quot;元")}),
    ("Y-format-colour", {STYLES: swap("0.0&quot;元&quot;", "[红色]0.0")}),
    ("S-order", {SHEET1: swap('<drawing r:id="rId1"/>', "<sheetPr/>")}),
    ("S-row-order", {SHEET1: swap('<row r="2"', '<row r="1"')}),
    ("S-cell-order", {SHEET1: swap('<c r="D1"', '<c r="A1"')}),
    ("S-column-overlap", {SHEET1: swap("</cols>", '<col min="2" max="3" width="9"/></cols>')}),
    ("S-style", {SHEET1: swap('r="D1" s="', 'r="D1" s="9')}),
    ("V-text-index", {SHEET1: swap('<c r="A1" t="s"><v>', '<c r="A1" t="s"><v>99')}),
    ("V-number", {SHEET1: swap("<v>45000</v>", "<v>abc</v>")}),
    ("V-range", {SHEET1: swap("<v>45000</v>", "<v>NaN</v>")}),
    ("V-date", {SHEET1: swap("<v>45000</v>", "<v>-5</v>")}),
    ("V-digits", {SHEET1: swap("</f><v>0</v>", "</f><v>110101199001011234</v>")}),
    ("L-text", {STRINGS: swap("<t>电话</t>", f"<t>{'字' * 32768}</t>")}),
    ("L-line-feeds", {STRINGS: swap("<t>电话</t>", f"<t>{'a_x000A_' * 254}</t>")}),
    ("L-row-height", {SHEET1: swap('<row r="2"', '<row r="2" ht="500"')}),
    ("L-column-width", {SHEET1: swap('width="12.7109375"', 'width="300"')}),
    ("M-overlap", {SHEET1: swap('"D5:E6"/>', '"D5:E6"/><mergeCell ref="E6:F7"/>')}),
    ("H-sheet", {SHEET1: swap("location=\"'名 单'!A1\"", 'location="没有!A1"')}),
    ("H-quote", {SHEET1: swap("location=\"'名 单'!A1\"", 'location="名 单!A1"')}),
    ("T-name", {TABLE: swap('displayName="表_线索"', 'displayName="R2D2"')}),
    ("T-name-twice", {TABLE: swap('displayName="表_线索"', 'displayName="渠道"')}),
    ("T-header-cell", {TABLE: swap('name="客户"', 'name="客户名称"')}),
    ("T-header-twice", {TABLE: swap('name="客户"', 'name="金额"')}),
    ("T-width", {TABLE: swap('ref="A1:B4"', 'ref="A1:C4"')}),
    ("T-merge", {SHEET1: swap('"D5:E6"/>', '"D5:E6"/><mergeCell ref="A3:B3"/>')}),
    ("D-overlap", {SHEET1: swap('sqref="B2:B4"', 'sqref="A4:B4"')}),
    ("D-name", {SHEET1: swap("<formula1>渠道<", "<formula1>来源<")}),
    ("D-literal", {SHEET1: swap('"A,B"', '"A,B')}),
    ("L-list", {SHEET1: swap('"A,B"', f'"{"字" * 256}"')}),
    ("L-error", {SHEET1: validation("error", 225)}),
    ("F-structured", {SHEET1: swap("<formula>$A2=1<", "<formula>表_线索[金额]=1<")}),
    ("F-full-width", {SHEET1: swap("<formula>$A2=1<", "<formula>AND($A2=1，$A2=2)<")}),
    ("C-format", {SHEET1: swap('dxfId="0"', 'dxfId="5"')}),
    ("S-reference", {SHEET1: swap('<c r="D1"', '<c r="XFE1"')}),
    ("S-reference", {SHEET1: swap('sqref="B2:B4"', 'sqref="B0:B4"')}),
    ("V-type", {SHEET1: swap('<c r="A1" t="s">', '<c r="A1" t="text">')}),
    ("V-boolean", {SHEET1: swap('<c r="A1" t="s"><v>', '<c r="A1" t="b"><v>真')}),
    ("V-error", {SHEET1: swap('<c r="A1" t="s"><v>', '<c r="A1" t="e"><v>#没有')}),
    ("M-single", {SHEET1: swap('"D5:E6"/>', '"D5:E6"/><mergeCell ref="F9"/>')}),
    ("H-name", {SHEET1: swap("location=\"'名 单'!A1\"", 'location="没有这个名称"')}),
    ("F-external-missing", {SHEET1: swap("SUM('名 单'!A1:A2)", "SUM([1]Sheet1!A1:A2)")}),
    ("F-unquoted", {SHEET1: swap("SUM('名 单'!A1:A2)", "SUM(名 单!A1:A2)")}),
    ("F-shared", {SHEET1: swap("<f>SUM", '<f t="shared" si="3"/><v>0</v></c><c r="E2"><f>SUM')}),
    ("F-sheet", {SHEET1: swap("</worksheet>", f"<extLst><ext><f xmlns='{EXCEL}'>没有!A1</f></ext>"
                                              "</extLst></worksheet>")}),
    ("F-union", {SHEET1: swap("<formula>$A2=1<", "<formula>SUM(($A2,$A3))=1<")}),
    ("T-empty", {TABLE: swap('ref="A1:B4"', 'ref="A1:B1"')}),
    ("T-column-id", {TABLE: swap('id="2" name="金额"', 'id="1" name="金额"')}),
    ("L-link", {RELS: swap("../drawings/drawing1.xml", "../drawings/drawing1.xml"
                           '"/><Relationship Id="rId9" TargetMode="External" '
                           f'Type="{OFFICE_RELATIONSHIPS}'
                           f'/hyperlink" Target="https://a.cn/{"a" * 2080}')}),
    ("P-titles", {"docProps/app.xml": swap("<vt:i4>2</vt:i4>", "<vt:i4>5</vt:i4>")}),
    ("P-calc-chain", {"xl/calcChain.xml": chain('<c r="A1" i="1"/>')}),
    ("P-calc-chain", {"xl/calcChain.xml": chain('<c r="D2" i="1"/><c r="A1"/>')}),
    ("K-twice", {COMMENTS: comments('<comment ref="A1" authorId="0"/>' * 2)}),
    ("K-author", {COMMENTS: comments('<comment ref="A1" authorId="4"/>')}),
    ("K-author", {COMMENTS: comments('<comment ref="A1"/>')}),
    ("L-comment", {COMMENTS: comments(f'<comment ref="A1" authorId="0"><text><t>{"字" * 32768}</t>'
                                      "</text></comment>")}),
    ("Y-format-sections", {STYLES: swap("0.0&quot;元&quot;", "0;0;0;0;0")}),
    ("Y-format-bracket", {STYLES: swap("0.0&quot;元&quot;", "[Red0.0")}),
    ("C-extension", {SHEET1: swap('type="dataBar" id="{', 'type="dataBar" id="{9')}),
    ("C-quote", {SHEET1: swap('"expression" dxfId="0" priority="1"><formula>$A2=1<',
                              '"cellIs" dxfId="0" priority="1"><formula>成交<')}),
    ("D-literal-quote", {SHEET1: swap('"A,B"', '"A,""B"')}),
    ("L-validation-ranges", {SHEET1: swap('sqref="A2:A4"', f'sqref="{RANGES}"')}),
    ("L-promptTitle", {SHEET1: validation("promptTitle", 33)}),
    ("L-errorTitle", {SHEET1: validation("errorTitle", 33)}),
    ("L-prompt", {SHEET1: validation("prompt", 256)}),
    ("L-header", {SHEET1: swap("<drawing", f"{HEADER.format('字' * 256)}<drawing")}),
    ("L-outline", {SHEET1: swap('<row r="2"', '<row r="2" outlineLevel="8"')}),
    ("L-number-format", {STYLES: swap("0.0&quot;元&quot;", "0" * 256)}),
    ("M-array", {SHEET1: swap("<f>SUM", '<f t="array" ref="D5:D7">SUM')}),
    ("T-array", {SHEET1: swap("<f>SUM", '<f t="array" ref="B3:B9">SUM')}),
    ("P-property-twice", {"docProps/custom.xml": properties("年份", "年份")}),
    ("P-property-name", {"docProps/custom.xml": properties("字" * 256)}),
    ("P-rel-twice", {RELS: swap('Id="rId2"', 'Id="rId1"')}),
    ("P-type-twice", {TYPES: swap("</Types>", f"{THEME}</Types>")}),
    ("P-types", {TYPES: None}),
    ("T-column", {TABLE: calculated("表_线索[[#This Row],[没有]]*2")}),
    ("F-empty", {TABLE: calculated("")}),
    ("T-filter", {SHEET1: swap('<autoFilter ref="D1:E4"/>', '<autoFilter ref="B4:E4"/>')}),
    ("T-header-empty", {TABLE: swap('name="客户"', 'name=" "')}),
    ("T-header-long", {TABLE: swap('name="客户"', f'name="{"字" * 256}"')}),
    ("F-sheet", {"xl/charts/chart1.xml": swap("<c:f>线索!", "<c:f>没有!")}),
    ("F-unquoted", {SHEET1: swap("<formula1>渠道<", "<formula1>名 单!$A$1:$A$2<")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "changes"), PLANTED, ids=[f"{n}-{rule}" for n, (rule, _) in enumerate(PLANTED)]
)
def test_lint__planted_fault(sound: bytes, rule: str, changes: Mapping[str, Change]) -> None:
    assert rule in rules(changed(sound, changes))


def test_lint__no_package() -> None:
    assert rules(b"PK\x05\x06" + b"\0" * 18) == {"P-package"}
    assert rules(b"") == {"P-package"}


def test_lint__only_the_wanted_sheets(sound: bytes) -> None:
    broken = changed(sound, {SHEET1: swap("<v>45000</v>", "<v>abc</v>")})
    assert rules(broken, sheets=["名 单"]) == set()
    assert rules(broken, sheets=["线索"]) == {"V-number"}


@pytest.mark.parametrize(
    ("formula", "context", "expected"),
    [
        ("SUM(A1:A9)", "cell", []),
        ('IF(A1="（），；","x","y")', "cell", []),
        ("SUM('名''单'!A1)", "cell", []),
        ("SUM([1]别的!A1)", "cell", []),
        ("SUM(#REF!)", "cell", []),
        ("表[[#This Row],[金额（元）]]*2", "cell", []),
        ("_xlfn.IFNA(A1,0)", "cell", []),
        ("SUM({1;2})", "cell", []),
        ("", "cell", ["F-empty"]),
        ("=A1", "cell", ["F-equals"]),
        ("SUM(A1", "cell", ["F-parenthesis"]),
        ('A1&"x', "cell", ["F-quote"]),
        ("SUM(A1;A2)", "cell", ["F-semicolon"]),
        ("IFNA(A1,0)", "cell", ["F-prefix"]),
        ("没有!A1", "cell", ["F-sheet"]),
        ("线索:没有!A1", "cell", ["F-sheet"]),
        ("(" * 65 + "1" + ")" * 65, "cell", ["F-nesting"]),
        ("1+" * 4096 + "1", "cell", ["F-length"]),
        (f'"{"字" * 256}"', "cell", ["F-string"]),
        ("A1+" * 90 + "1", "validation", ["F-length"]),
        ("{1,2}", "format", ["F-array"]),
        ("AND($A2>1,OR($B2,$C2))", "format", []),
        ("$A2,$B2", "validation", ["F-union"]),
        ("SUM(($A2:$A9,$C2))>1", "format", ["F-union"]),
        ("SUM($A2:$C2 $B1:$B9)>1", "format", ["F-union"]),
        ("线索:线索!$A$1", "format", ["F-3d"]),
        ("'线索:线索'!$A$1", "format", ["F-3d"]),
        ("线索:线索!$A$1", "cell", []),
        ("2024年!A1", "cell", ["F-unquoted"]),
        ("'2024年'!A1", "cell", ["F-sheet"]),
        ("线索!A1+1", "cell", []),
        ("表[金额]", "validation", ["F-structured"]),
        ("[1]线索!$A$1", "validation", ["F-external"]),
        ("线索!$A$1:线索!$A$8", "validation", ["F-sheet-twice"]),
    ],
)  # fmt: skip
def test_formula_problems(formula: str, context: Any, expected: list[str]) -> None:
    assert [rule for rule, _ in formula_problems(formula, {"线索", "名'单"}, context)] == expected


@pytest.mark.parametrize(
    "name", ["CRM1", "KPI2024", "Q1", "R2D2", "C3PO", "R1_total", "R", "c", "rc", "TRUE", "1a",
             "a b", "a-b", "金额（元）", "a、b", "😀", "", "字" * 256]
)  # fmt: skip
def test_name_problem__refused(name: str) -> None:
    assert name_problem(name)


@pytest.mark.parametrize(
    "name", ["表_KPI2024", "渠道", "_a.b", "RCx", "Region", "XFE1", "A1048577"]
)
def test_name_problem__allowed(name: str) -> None:
    assert name_problem(name) == ""


def test_sheet_name_problem__cases() -> None:
    bad = ["", " ", "字" * 32, "😀" * 16, "a/b", "a[b", "'a", "a'", "History", "a\x01"]
    assert all(map(sheet_name_problem, bad))
    assert not any(map(sheet_name_problem, ["线索", "It's", "字" * 31, "2024 年"]))


def test_lint__sheet_names_that_differ_in_width_only() -> None:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as book:
        for name in ("AB", "ＡＢ", "ABC"):
            book.add_worksheet(name)
    assert rules(out.getvalue()) == {"S-name-width"}


def test_lint__tables_know_the_names_of_tables_on_other_sheets(sound: bytes) -> None:
    twice = changed(sound, {TABLE: swap('displayName="表_线索"', 'displayName="渠道"')})
    assert "T-name-twice" in rules(twice, sheets=["名 单"])


def test_lint__comments_are_fine(sound: bytes) -> None:
    two = comments('<comment ref="A1" authorId="0"/><comment ref="A2" authorId="0"/>')
    found = rules(changed(sound, {COMMENTS: two}))
    assert not {rule for rule in found if rule.startswith("K-")}


def big(rows: int, change: Mapping[int, str] | None = None) -> bytes:
    """Return a workbook of so many rows, larger than what is parsed at once."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"constant_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet("线索")
        book.add_worksheet("旁边").write("A1", "别的")
        for row in range(rows):
            sheet.write_string(row, 0, (change or {}).get(row, f"第{row}行" + "长" * 90))
            sheet.write_number(row, 1, row)
    return out.getvalue()


@pytest.fixture(scope="module")
def large() -> bytes:
    return big(14_000)


def test_lint__a_large_sheet_is_looked_at_in_pieces(large: bytes) -> None:
    """Every rule about rows holds for the first row and for the last."""
    assert lint(large) == []
    rows = book_of(large).sheets[0].rows
    assert len(list(rows.chunks(bytes))) > 1
    for row in (1, 13_999):
        bad = swap(f'<c r="B{row}"><v>', f'<c r="B{row}"><v>x')
        found = lint(changed(large, {SHEET1: bad}))
        assert [(f.rule, f.sheet, f.cell) for f in found] == [("V-number", "线索", f"B{row}")]
    again = swap('<row r="9000"', '<row r="8999"')
    assert "S-row-order" in rules(changed(large, {SHEET1: again}))
    torn = swap('<c r="B9000">', '<c r="B9000"><x>')
    assert rules(changed(large, {SHEET1: torn})) == {"P-xml"}
    between = swap('<row r="9000"', '</x><row r="9000"')
    assert rules(changed(large, {SHEET1: between})) == {"P-xml"}


def book_of(data: bytes, before: bytes | None = None) -> LintBook:
    return open_for_lint(data, before, None if before is None else ())


def test_lint__before_nothing_of_an_untouched_sheet_is_parsed(large: bytes) -> None:
    edit = {"xl/worksheets/sheet2.xml": swap("</sheetData>", "</sheetData> ")}
    book = book_of(changed(large, edit), large)
    assert book.new == {"xl/worksheets/sheet2.xml"}
    assert [sheet.name for sheet in book.sheets] == ["旁边"]
    assert {name for name, _ in book.looked_at} == {"xl/worksheets/sheet2.xml"}


def test_lint__before_only_the_new_rows_of_an_edited_sheet_are_parsed(large: bytes) -> None:
    edited = changed(large, {SHEET1: swap('<c r="B9000"><v>', '<c r="B9000"><v>7')})
    (sheet,) = book_of(edited, large).sheets
    (rows,) = sheet.rows.chunks(bytes)
    assert [row.get("r") for row in rows.iter("{*}row")] == ["9000"]


def test_new_faults__what_was_wrong_before_is_the_users(sound: bytes) -> None:
    wrong = changed(sound, {SHEET1: swap("<v>45000</v>", "<v>abc</v>")})
    other = swap('<row r="2"', '<row ht="20" r="2"')
    assert new_faults(changed(wrong, {SHEET1: other}), wrong) == []
    worse = changed(wrong, {SHEET1: swap("</f><v>0</v>", "</f><v>def</v>")})
    assert [(f.rule, f.cell) for f in new_faults(worse, wrong)] == [("V-number", "D2")]
    assert [f.rule for f in new_faults(wrong, None)] == ["V-number"]


def test_new_faults__of_every_planted_fault_a_sound_book_may_get(sound: bytes) -> None:
    """Looking at the difference finds what looking at the whole finds."""
    lost = []
    for rule, changes in PLANTED:
        data = changed(sound, changes)
        if rule not in {f.rule for f in new_faults(data, sound)}:
            lost.append(rule)
    assert " ".join(lost) == ""


FAULTY = {
    "ClosedXML__DataValidation.xlsx": "F-equals",
    "MiniExcel__TestIssue186_Template2.xlsx": "S-order",
    "PhpSpreadsheet__Translations.xlsx": "P-rel-id",
    "PhpSpreadsheet__sparklineEdgeCases.xlsx": "F-sheet",
    "excelize__Book1.xlsx": "M-single Y-count",
    "openpyxl__book1.xlsx": "P-calc-chain",
    "poi__DataValidationListTooLong.xlsx": "L-list",
    "poi__picture.xlsx": "P-rel-dangling P-type-missing-part Y-count",
    "test_files__fn.xlsx": "Y-count",
    "umya-spreadsheet__issue_286.xlsx": "P-no-type",
}


@needs_corpus
def test_lint__real_workbooks_are_silent_but_for_the_faulty() -> None:
    found = {
        path.name: " ".join(sorted(broken))
        for path in corpus_files("workbooks")
        if path.suffix in (".xlsx", ".xlsm", ".xltx", ".xltm")
        and (broken := rules(path.read_bytes()))
    }
    assert found == FAULTY
