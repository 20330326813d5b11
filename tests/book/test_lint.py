"""The linter: one planted fault a rule, and silence on sound workbooks."""

import io
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pytest
import xlsxwriter

from sheetcrm.book.lint import lint
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_names import name_problem, sheet_name_problem
from tests.book.fixtures import Change, changed
from tests.book.packages import SHEET1, corpus_files, needs_corpus, swap

WORKBOOK, STYLES, TABLE = "xl/workbook.xml", "xl/styles.xml", "xl/tables/table1.xml"
STRINGS, TYPES = "xl/sharedStrings.xml", "[Content_Types].xml"


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
    ("L-error", {SHEET1: swap("<dataValidation ", f'<dataValidation error="{"字" * 225}" ')}),
    ("F-structured", {SHEET1: swap("<formula>$A2=1<", "<formula>表_线索[金额]=1<")}),
    ("F-full-width", {SHEET1: swap("<formula>$A2=1<", "<formula>AND($A2=1，$A2=2)<")}),
    ("C-format", {SHEET1: swap('dxfId="0"', 'dxfId="5"')}),
    ("C-extension", {SHEET1: swap('type="dataBar" id="{', 'type="dataBar" id="{9')}),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "changes"), PLANTED, ids=[rule for rule, _ in PLANTED])
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


@needs_corpus
def test_lint__real_workbooks_are_nearly_silent() -> None:
    broken: Counter[str] = Counter()
    for path in corpus_files("workbooks"):
        if path.suffix in (".xlsx", ".xlsm"):
            broken.update(rules(path.read_bytes()))
    assert broken == {
        "Y-count": 3,
        "F-equals": 1,
        "L-list": 1,
        "P-calc-chain": 1,
        "P-no-type": 1,
        "P-rel-dangling": 1,
        "P-rel-id": 1,
        "P-type-missing-part": 1,
        "S-order": 1,
    }
