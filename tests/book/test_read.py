"""Reading: types, addresses, error values, roles, drop-downs, sparse sheets, odd packages."""

import hashlib
import io
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
import xlsxwriter

from sheetcrm.book.parse import parse
from sheetcrm.errors import FileProblem
from sheetcrm.table import RawBook, RawSheet
from tests.book.fixtures import changed
from tests.book.packages import SHEET1, corpus_files, needs_corpus, sheet_xml, swap, workbook


def bytes_of(fill: Any, **options: Any) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, **options}) as book:
        fill(book)
    return out.getvalue()


def made(fill: Any, **options: Any) -> RawBook:
    return parse(bytes_of(fill, **options), "线索.xlsx")


def only(data: bytes) -> RawSheet:
    (sheet,) = parse(data, "线索.xlsx").sheets
    return sheet


def test_read__cells_keep_type_and_place() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("线索")
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        minute = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        clock = book.add_format({"num_format": "hh:mm"})
        sheet.write_row(2, 1, ["客户名称", 0, 5.5, True, False, ""])
        sheet.write_datetime(3, 1, datetime.fromisoformat("2024-05-06"), day)
        sheet.write_datetime(3, 2, datetime.fromisoformat("2024-05-06T07:08"), minute)
        sheet.write_datetime(3, 3, time(7, 8), clock)
        sheet.write_string(3, 4, "=1+1")
        sheet.write_formula(3, 5, "=A1", None, "算好的")
        sheet.write_blank(40, 9, None, day)

    (sheet,) = made(fill).sheets
    assert [[c for c in row if c is not None] for row in sheet.rows] == [
        [],
        [],
        ["客户名称", 0, 5.5, True, False],
        [
            date(2024, 5, 6),
            datetime.fromisoformat("2024-05-06T07:08"),
            time(7, 8),
            "=1+1",
            "算好的",
        ],
    ]
    assert sheet.rows[2][1] == "客户名称"


def test_read__same_dates_in_both_date_systems() -> None:
    def fill(book: Any) -> None:
        day = book.add_format({"num_format": "yyyy/m/d"})
        book.add_worksheet().write_datetime("A1", datetime.fromisoformat("2024-02-29"), day)

    for options in ({}, {"date_1904": True}):
        assert made(fill, **options).sheets[0].rows == [[date(2024, 2, 29)]]


def test_read__hash_path_order_and_hidden_sheets() -> None:
    def fill(book: Any) -> None:
        for name in ("乙", "甲", "丙"):
            book.add_worksheet(name)
        book.get_worksheet_by_name("甲").very_hidden()
        book.add_chartsheet("图")

    book = made(fill)
    assert [(s.name, s.hidden) for s in book.sheets] == [
        ("乙", False),
        ("甲", True),
        ("丙", False),
        ("图", False),
    ]
    data = workbook()
    assert parse(data, "某处/线索.xlsx").sha256 == hashlib.sha256(data).hexdigest()
    assert parse(data, "某处/线索.xlsx").path == "某处/线索.xlsx"


def test_read__error_values_are_texts() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["金额", "备注"])
        sheet.write_formula(1, 0, "=1/0", None, "#DIV/0!")
        sheet.write_formula(2, 3, "=NA()", None, "#N/A")
        sheet.write_string(3, 0, "#REF!")

    (sheet,) = made(fill).sheets
    assert [sheet.rows[1][0], sheet.rows[2][3], sheet.rows[3][0]] == ["#DIV/0!", "#N/A", "#REF!"]


def test_read__numbers_below_nought_that_show_dates() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet()
        day, span = (book.add_format({"num_format": f}) for f in ("yyyy-mm-dd", "[h]:mm"))
        for row, number in enumerate((-1, -0.25, 0.25, 45_000, 777)):
            sheet.write_number(row, 0, number, day)
        sheet.write_number(0, 1, -0.25, span)
        sheet.write_formula(1, 1, "=1-3", day, -2)
        sheet.write_string(2, 1, "-3")

    sheet = made(fill).sheets[0]
    column = [row[0] for row in sheet.rows]
    assert column[:4] == [-1, -0.25, time(6), date(2023, 3, 15)]
    assert [row[1] for row in sheet.rows][:3] == [timedelta(hours=-6), -2, "-3"]


@pytest.mark.parametrize("usual", [True, False])
def test_read__a_date_that_is_no_number(usual: bool) -> None:
    def fill(book: Any) -> None:
        sheet, day = book.add_worksheet(), book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write_column(0, 0, [1, 2, 3])
        sheet.write_number(2, 1, 777, day)

    cell = b"<v>NaN</v>" if usual else b"<v >NaN</v>"
    data = changed(bytes_of(fill), {SHEET1: lambda xml: xml.replace(b"<v>777</v>", cell)})
    assert only(data).rows[2] == [3, "nan"]


def test_read__a_number_too_large_for_its_duration_is_a_sentence() -> None:
    def fill(book: Any) -> None:
        span = book.add_format({"num_format": "[h]:mm"})
        book.add_worksheet().write_number(0, 0, 13_800_138_000, span)

    with pytest.raises(FileProblem, match="时长"):
        made(fill)


def test_read__formula_never_calculated() -> None:
    cells = '<row r="1"><c r="A1"><f>B1*1000</f></c><c r="B1"><v>2</v></c></row>'
    sheet = only(changed(workbook(), {SHEET1: sheet_xml(cells)}))
    assert sheet.rows == [[None, 2.0]]
    assert sheet.uncalculated == ("A1",)


@pytest.mark.parametrize("empty", ["<v></v>", "<v/>", "<v />"])
def test_read__an_empty_value_is_a_result_only_as_a_text(empty: str) -> None:
    """As openpyxl and others write formulas, whose results they do not know."""
    rows = "".join(
        f'<row r="{r}"><c r="A{r}"><v>2</v></c><c r="B{r}"{kind}><f>A{r}+1</f>{empty}</c></row>'
        for r, kind in enumerate(["", ' t="str"', "", ' s="1"', ' t="str" s="1"'], 1)
    )
    assert only(changed(workbook(), {SHEET1: sheet_xml(rows)})).uncalculated == ("B1", "B3", "B4")
    texts = rows.replace('<c r="B1">', '<c r="B1" t="str">')
    texts = texts.replace('<c r="B3">', '<c r="B3" t="str">')
    texts = texts.replace('<c r="B4" s="1">', '<c r="B4" t="str">')
    assert only(changed(workbook(), {SHEET1: sheet_xml(texts)})).uncalculated == ()


@pytest.mark.parametrize("says", ["A1", "A1:XFD1048576", "C7:D8"])
def test_read__dimension_is_never_believed(says: str) -> None:
    head = f'<dimension ref="{says}"/>'
    cells = "".join(f'<row r="{r}"><c r="B{r}"><v>{r}</v></c></row>' for r in (1, 2, 9))
    sheet = only(changed(workbook(), {SHEET1: sheet_xml(cells, head=head)}))
    assert [(r, row[1]) for r, row in enumerate(sheet.rows, 1) if row[1] is not None] == [
        (1, 1.0),
        (2, 2.0),
        (9, 9.0),
    ]


def test_read__sparse_sheet_to_the_last_corner() -> None:
    cells = (
        '<row r="3"><c r="B3" t="inlineStr"><is><t>客户</t></is></c><c r="C3" s="0"/></row>'
        '<row r="1048576"><c r="XFD1048576"><v>7</v></c></row>'
    )
    sheet = only(changed(workbook(), {SHEET1: sheet_xml(cells)}))
    assert len(sheet.rows) == 1_048_576
    assert sheet.rows[2] == [None, "客户"]
    assert sheet.rows[1_048_575][16_383] == 7.0
    assert sum(bool(row) for row in sheet.rows) == 2


def test_read__error_in_a_sparse_sheet() -> None:
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="5"><c r="B5" t="e"><v>#REF!</v></c></row>'
        '<row r="1048576"><c r="CC1048576"><v>7</v></c></row>'
    )
    sheet = only(changed(workbook(), {SHEET1: sheet_xml(cells)}))
    assert sheet.rows[4] == [None, "#REF!"]
    assert sheet.rows[5] == []


@pytest.mark.parametrize("encoding", ["utf-16", "gbk"])
def test_read__part_in_another_encoding(encoding: str) -> None:
    cells = '<row r="1"><c r="A1" t="inlineStr"><is><t>客户</t></is></c></row>'
    tail = (
        '<dataValidations><dataValidation type="list" sqref="B2">'
        '<formula1>"甲,乙"</formula1></dataValidation></dataValidations>'
    )
    data = sheet_xml(cells, tail).decode().replace("UTF-8", encoding).encode(encoding)
    sheet = only(changed(workbook(), {SHEET1: data}))
    assert sheet.rows == [["客户"]]
    assert [v.values for v in sheet.validations] == [("甲", "乙")]


def test_read__senseless_merge_does_not_cost_the_cells() -> None:
    tail = '<mergeCells count="1"><mergeCell ref="A0:ZZZ99999999"/></mergeCells>'
    cells = '<row r="1"><c r="A1"><v>1</v></c></row>'
    assert only(changed(workbook(), {SHEET1: sheet_xml(cells, tail)})).rows == [[1.0]]


def test_read__merges_are_cut_to_the_data() -> None:
    tail = (
        '<mergeCells count="3"><mergeCell ref="A1:B1"/><mergeCell ref="A2:XFD1048576"/>'
        '<mergeCell ref="A60:XFD1048576"/></mergeCells>'
    )
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="3"><c r="A3"><v>3</v></c><c r="C3"><v>4</v></c></row>'
    )
    assert only(changed(workbook(), {SHEET1: sheet_xml(cells, tail)})).merged == ("A1:B1", "A2:C3")


def test_read__hidden_rows_and_filter() -> None:
    cells = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="2" hidden="1"><c r="A2"><v>2</v></c></row><row hidden="true" r="3"/>'
    )
    head = '<sheetPr filterMode="1"/>'
    sheet = only(changed(workbook(), {SHEET1: sheet_xml(cells, head=head)}))
    assert sheet.hidden_rows == {2, 3}
    assert sheet.filtered
    assert len(sheet.rows) == 2


def test_read__roles_of_our_sheets() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("改过名的表")
        sheet.write(0, 0, "线索编号")
        book.add_worksheet("漏斗").write(0, 0, "不必再读")
        book.add_worksheet("名单")
        book.add_worksheet("我们的设置").write(0, 0, "阶段")
        book.define_name("'改过名的表'!_sheetcrm.table", '="lead"')
        book.define_name("'漏斗'!_sheetcrm.tab", '="funnel|1|"')
        book.define_name("'我们的设置'!_sheetcrm.tab", '="settings|1|"')

    book = made(fill)
    assert [(s.tab, s.table, s.rows) for s in book.sheets] == [
        ("", "lead", [["线索编号"]]),
        ("funnel", "", []),
        ("", "", []),
        ("settings", "", [["阶段"]]),
    ]


def test_read__no_roles_where_no_tabs_can_be_written() -> None:
    types = swap("spreadsheetml.sheet.main+xml", "spreadsheetml.other.main+xml")
    sheet = only(changed(workbook(), {"[Content_Types].xml": types}))
    assert (sheet.rows, sheet.tab) == ([["线索编号", "金额"], ["A-1", 5.0]], "")


def test_read__list_validations_are_resolved() -> None:
    def fill(book: Any) -> None:
        sheet = book.add_worksheet("线索")
        lists = book.add_worksheet("名 单")
        lists.write_column("B5", ["电话", "微信", 3])
        book.define_name("渠道", "='名 单'!$B$5:$B$7")
        book.define_name(
            "渐长", "='名 单'!$B$5:INDEX('名 单'!$B$5:$B$204,COUNTA('名 单'!$B$5:$B$204))"
        )
        for cells, source in (
            ("A2:A9", ["A", "B"]),
            ("B2:B9", "='名 单'!$B$5:$B$6"),
            ("C2:C9", "=渠道"),
            ("D2:D9", "=渐长"),
            ("E2:E9", "=INDIRECT(A1)"),
        ):
            sheet.data_validation(cells, {"validate": "list", "source": source})
        sheet.data_validation("F2", {"validate": "integer", "criteria": ">", "value": 3})

    sheet = made(fill).sheets[0]
    assert {v.cells: v.values for v in sheet.validations} == {
        "A2:A9": ("A", "B"),
        "B2:B9": ("电话", "微信"),
        "C2:C9": ("电话", "微信", "3"),
        "D2:D9": ("电话", "微信", "3"),
    }


def test_read__extended_list_validation() -> None:
    tail = (
        '<extLst><ext uri="{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}" '
        'xmlns:x14="http://schemas.microsoft.com/office/spreadsheetml/2009/9/main">'
        '<x14:dataValidations xmlns:xm="http://schemas.microsoft.com/office/excel/2006/main">'
        '<x14:dataValidation type="list"><x14:formula1><xm:f>线索!$B$1:$B$2</xm:f></x14:formula1>'
        "<xm:sqref>A2:A9</xm:sqref></x14:dataValidation></x14:dataValidations></ext></extLst>"
    )
    cells = '<row r="1"><c r="B1"><v>1</v></c></row><row r="2"><c r="B2"><v>2</v></c></row>'
    (found,) = only(changed(workbook(), {SHEET1: sheet_xml(cells, tail)})).validations
    assert (found.cells, found.values) == ("A2:A9", ("1", "2"))


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", "xl/styles.xml", SHEET1])
def test_read__missing_part_is_never_silent(part: str) -> None:
    with pytest.raises(FileProblem, match="缺失"):
        parse(changed(workbook(), {part: None}), "a.xlsx")


def test_read__shared_text_out_of_range() -> None:
    with pytest.raises(FileProblem):
        parse(changed(workbook(), {SHEET1: swap("<v>0</v>", "<v>999</v>")}), "a.xlsx")


@needs_corpus
def test_read__all_real_workbooks() -> None:
    for path in corpus_files("workbooks"):
        if path.suffix != ".xml":
            assert parse(path.read_bytes(), path.name).sheets


@needs_corpus
def test_read__well_formed_oddities_are_complete() -> None:
    rows = {}
    for path in corpus_files("malformed/gen_dim") + corpus_files("malformed/gen_xml"):
        try:
            sheet = parse(path.read_bytes(), path.name).sheets[0]
        except FileProblem:
            continue
        rows[path.stem] = sum(any(c is not None for c in row[:12]) for row in sheet.rows)
    assert len(rows) > 15
    assert {name: n for name, n in rows.items() if n != 31} == {}
