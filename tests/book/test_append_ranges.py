"""What grows with appended rows, and what moves down or stands against it."""

import io
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from sheetcrm.book.append import Appended, NewRows, append_rows
from sheetcrm.book.cells import CellValue
from sheetcrm.book.lint import lint
from sheetcrm.book.target import open_target
from sheetcrm.errors import FileProblem
from tests.book.fixtures import both, changed, part, parts, put, tree
from tests.book.office import resaved

SHEET, TABLE = "xl/worksheets/sheet1.xml", "xl/tables/table1.xml"
HEADINGS = ("编号", "客户", "金额")

Row = Sequence[CellValue | None]
Make = Callable[[xlsxwriter.Workbook, Worksheet], object]
NEW: list[Row] = [["L-8", "新甲", 5], ["L-9", "=新乙", 6]]


def book(make: Make, rows: int = 3, others: Sequence[str] = ("其他",)) -> bytes:
    """A list with headings in row 3, data in rows 4 to 6, and what `make` adds."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True}) as made:
        sheet = made.add_worksheet("线索")
        for name in others:
            made.add_worksheet(name)
        sheet.write_row(2, 0, HEADINGS)
        for n in range(rows):
            sheet.write_row(3 + n, 0, [f"L-{n}", f"甲{n}", 10 * n])
        make(made, sheet)
    return out.getvalue()


def appending(data: bytes, rows: Sequence[Row] = NEW, last: int = 6) -> Appended:
    return append_rows(open_target(data), [NewRows("线索", 3, (1, 2, 3), rows, last)])


def grid(data: bytes) -> list[list[Any]]:
    sheet = openpyxl.load_workbook(io.BytesIO(data))["线索"]
    return [list(row) for row in sheet.iter_rows(min_row=3, values_only=True)]


def rules(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    bold = made.add_format({"bold": True})
    sheet.data_validation("B4:B6", {"validate": "list", "source": ["甲", "乙"]})
    sheet.data_validation("A4:A100", {"validate": "length", "criteria": "<", "value": 99})
    doubled = {"type": "formula", "criteria": "=COUNTIF($A$4:$A$6,$A4)>1", "format": bold}
    sheet.conditional_format("A4:C6", doubled)
    sheet.conditional_format("C4:C6", {"type": "data_bar", "data_bar_2010": True})
    sheet.conditional_format("C6", {"type": "no_blanks", "format": bold})
    sheet.conditional_format("H4:H6", {"type": "no_blanks", "format": bold})
    sheet.autofilter("A3:C6")
    sheet.print_area("A1:C6")
    sheet.repeat_rows(2)
    made.define_name("客户们", "=线索!$B$4:$B$6")
    made.define_name("前两个", "=线索!$B$4:$B$5")
    made.define_name("别处", "=其他!$B$4:$B$6")


def test_append__ranges_that_end_with_the_table_grow_and_no_others():
    before = book(rules)
    result = appending(before)
    sheet, names = part(result.data, SHEET), part(result.data, "xl/workbook.xml")
    for text in (
        '<dimension ref="A3:C8"/>',
        '<autoFilter ref="A3:C8"/>',
        'sqref="B4:B8"',
        'sqref="A4:A100"',
        'sqref="A4:C8"',
        "COUNTIF($A$4:$A$8,$A4)&gt;1",
        'sqref="C4:C8"',
        "<xm:sqref>C4:C8</xm:sqref>",
        'sqref="C6"',
        'sqref="H4:H6"',
    ):
        assert text in sheet, text
    for text in (
        "线索!$A$3:$C$8",
        "线索!$A$1:$C$8",
        "线索!$B$4:$B$8",
        "线索!$B$4:$B$5",
        "其他!$B$4:$B$6",
        "线索!$3:$3",
    ):
        assert text in names, text
    assert "$6" not in names.replace("其他!$B$4:$B$6", "")
    assert lint(result.data) == lint(before)


def test_append__rules_do_not_grow_over_others():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.data_validation("B4:B6", {"validate": "list", "source": ["甲", "乙"]})
        sheet.data_validation("B7:B7", {"validate": "list", "source": ["丙"]})

    sheet = part(appending(book(make)).data, SHEET)
    assert ('sqref="B4:B6"' in sheet, 'sqref="B7:B8"' in sheet) == (True, True)


def test_append__an_empty_list_grows_from_its_headings():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.autofilter("A3:C3")

    result = appending(book(make, rows=0), last=3)
    assert '<autoFilter ref="A3:C5"/>' in part(result.data, SHEET)
    assert "线索!$A$3:$C$5" in part(result.data, "xl/workbook.xml")
    assert result.placed == {"线索": (4, 5)}


def excel_table(totals: bool, rows: int = 3, blank: int = 0) -> bytes:
    def make(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        money = made.add_format({"num_format": "#,##0"})
        columns = [
            {"header": "编号", "total_string": "合计"},
            {"header": "客户"},
            {"header": "金额", "total_function": "sum", "format": money},
            {"header": "两倍", "formula": "=表1[[#This Row],[金额]]*2"},
        ]
        last = 3 + rows + blank + totals
        options = {"columns": columns, "name": "表1", "total_row": totals}
        sheet.add_table(2, 0, last - 1, 3, options)

    return book(make, rows)


@pytest.mark.parametrize("totals", [False, True])
def test_append__an_excel_table_takes_the_rows_in(totals):
    before = excel_table(totals)
    result = appending(before)
    table = tree(result.data, TABLE)
    assert table.get("ref") == ("A3:D9" if totals else "A3:D8")
    assert [e.get("ref") for e in table.iter("{*}autoFilter")] == ["A3:D8"]
    read = grid(result.data)
    assert [row[:3] for row in read[4:6]] == NEW
    assert [row[3] for row in read[4:6]] == [read[3][3]] * 2
    if totals:
        assert read[6][0] == "合计"
        assert read[6][2] == "=SUBTOTAL(109,[金额])"
    assert lint(result.data) == []
    styles = openpyxl.load_workbook(io.BytesIO(result.data))["线索"]
    assert styles["C7"].number_format == styles["C6"].number_format


def test_append__blank_rows_of_an_excel_table_come_first():
    result = appending(excel_table(totals=True, blank=2))
    assert tree(result.data, TABLE).get("ref") == "A3:D9"
    assert [row[1] for row in grid(result.data)[1:6]] == ["甲0", "甲1", "甲2", "新甲", "=新乙"]
    three = appending(excel_table(totals=True, blank=2), [*NEW, ["L-7", "丙", 7]])
    assert tree(three.data, TABLE).get("ref") == "A3:D10"


def total(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.write_row(6, 0, ["合 计"])
    sheet.write_formula(6, 2, "=SUM(C4:C6)", None, 30)


def test_append__a_total_moves_down_and_takes_the_rows_in():
    result = appending(book(total))
    read = grid(result.data)
    assert [row[0] for row in read] == ["编号", "L-0", "L-1", "L-2", "L-8", "L-9", "合 计"]
    assert read[-1][2] == "=SUM(C4:C8)"
    assert lint(result.data) == []


def test_append__a_total_below_blank_rows_takes_the_rows_in_without_moving():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_string(8, 0, "合计")
        sheet.write_formula(8, 2, "=SUM(C4:C6)", None, 30)

    result = appending(book(make))
    assert grid(result.data)[6] == ["合计", None, "=SUM(C4:C8)"]
    assert result.placed == {"线索": (7, 8)}


def test_append__totals_filled_to_the_right_are_written_out():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_string(6, 0, "合计")
        sheet.write_formula(6, 1, "=COUNTA(B4:B6)", None, 3)
        sheet.write_formula(6, 2, "=COUNTA(C4:C6)", None, 3)

    first = (
        '<c r="B7"><f>COUNTA(B4:B6)</f>',
        '<c r="B7"><f t="shared" ref="B7:C7" si="0">COUNTA(B4:B6)</f>',
    )
    second = '<c r="C7"><f>COUNTA(C4:C6)</f>', '<c r="C7"><f t="shared" si="0"/>'
    before = changed(book(make), {SHEET: both(put(*first), put(*second))})
    result = appending(before)
    assert grid(result.data)[6] == ["合计", "=COUNTA(B4:B8)", "=COUNTA(C4:C8)"]
    assert lint(result.data) == []


def test_append__libreoffice_calculates_the_moved_total(tmp_path):
    path = tmp_path / "book.xlsx"
    path.write_bytes(appending(book(total)).data)
    other = tmp_path / "table.xlsx"
    # as Excel writes it; LibreOffice needs the table's name
    named = {SHEET: put("(109,[金额])", "(109,表1[金额])")}
    other.write_bytes(appending(changed(excel_table(totals=True), named)).data)
    for saved in resaved([path, other], tmp_path):
        sheet = openpyxl.load_workbook(saved, data_only=True)["线索"]
        assert sheet["C9"].value == 41


def below(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    """A total over a share column, notes, merged cells, a link, a second list, rules on them."""
    total(made, sheet)
    sheet.write_string(2, 3, "占比")
    for n in range(3):
        sheet.write_formula(3 + n, 3, f"=C{4 + n}/C$7", None, 0.1)
    sheet.merge_range("A9:C9", "备注：合并的说明")
    sheet.write_url("A10", "internal:'其他'!A1", None, "跳转")
    sheet.write_row(11, 0, ["别的", "表"])
    sheet.write_formula(12, 1, "=B12&C7", None, "")
    sheet.data_validation("B13", {"validate": "list", "source": ["甲"]})
    sheet.set_h_pagebreaks([8])
    made.define_name("总数", "=线索!$C$7")
    sheet.print_area("A1:C9")


def test_append__all_that_stands_below_moves_along():
    before = book(below)
    result = appending(before)
    sheet = part(result.data, SHEET)
    read = grid(result.data)
    assert [row[3] for row in read[1:6]] == [f"=C{n}/C$9" for n in range(4, 9)]
    assert [row[0] for row in read[6:]] == [
        "合 计", None, "备注：合并的说明", "跳转", None, "别的", None,
    ]  # fmt: skip
    assert read[-1][1] == "=B14&C9"
    for text in ('<mergeCell ref="A11:C11"/>', 'ref="A12"', 'sqref="B15"', '<brk id="10"'):
        assert text in sheet, text
    names = part(result.data, "xl/workbook.xml")
    assert "线索!$C$9<" in names
    assert "线索!$A$1:$C$11<" in names
    assert lint(result.data) == lint(before)


def test_append__a_blank_row_stays_above_a_note():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_string(7, 0, "说明：每周更新")

    result = appending(book(make), NEW[:1])
    assert [row[0] for row in grid(result.data)] == [
        "编号", "L-0", "L-1", "L-2", "L-8", None, "说明：每周更新",
    ]  # fmt: skip


def chart(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    total(made, sheet)
    drawn = made.add_chart({"type": "column"})
    drawn.add_series({"values": "=线索!$C$4:$C$7"})
    made.worksheets()[1].insert_chart("A1", drawn)


def picture(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    total(made, sheet)
    drawn = made.add_chart({"type": "column"})
    drawn.add_series({"values": "=线索!$C$4:$C$6"})
    sheet.insert_chart("A9", drawn)


def elsewhere(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    total(made, sheet)
    made.worksheets()[1].write_formula("B2", "=线索!C7*2", None, 60)


def comment(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    total(made, sheet)
    sheet.write_comment("C7", "含税")


def beside(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    total(made, sheet)
    sheet.write_column(3, 5, [1, 2, 3, 4, 5])


def merged(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.merge_range("A6:A9", "L-2")


def second_table(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.add_table("A8:C10", {"columns": [{"header": h} for h in HEADINGS]})


def protected(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
    sheet.protect()


REFUSED: dict[str, tuple[Make, str, str]] = {
    "chart": (chart, "A7", "图表"),
    "picture": (picture, "A7", "图表"),
    "formula elsewhere": (elsewhere, "A7", "“其他”的 B2"),
    "comment": (comment, "A7", "C7 有批注"),
    "beside": (beside, "A7", "F4、F7"),
    "merged": (merged, "A6", "合并单元格"),
    "second table": (second_table, "A8", "表格"),
    "protected": (protected, "A7", "保护"),
}


def test_append__formulas_and_charts_elsewhere_that_end_too_early_are_named():
    def make(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        other = made.worksheets()[1]
        other.write_formula("B2", "=SUM(线索!C4:C6)", None, 30)
        other.write_formula("B3", "=SUM(线索!C:C)+线索!C6", None, 50)
        drawn = made.add_chart({"type": "column"})
        drawn.add_series({"values": "=线索!$C$4:$C$6"})
        other.insert_chart("D1", drawn)

    before = book(make)
    result = appending(before)
    assert [(left.sheet, left.cell) for left in result.left] == [("其他", "B2"), ("线索", "C4:C6")]
    assert part(result.data, "xl/worksheets/sheet2.xml") == part(before, "xl/worksheets/sheet2.xml")


@pytest.mark.parametrize("name", REFUSED)
def test_append__refused_where_it_is_not_safe(name):
    make, cell, reason = REFUSED[name]
    with pytest.raises(FileProblem) as caught:
        appending(book(make))
    assert "线索" in caught.value.reason
    assert cell in caught.value.reason
    assert reason in caught.value.reason
    assert caught.value.remedy.startswith("请")


def test_append__refused_where_a_formula_elsewhere_spells_the_sheet_by_codes():
    spelt = put("线索!C7", "线索!C7".encode("ascii", "xmlcharrefreplace").decode())
    data = changed(book(elsewhere), {"xl/worksheets/sheet2.xml": spelt})
    with pytest.raises(FileProblem, match="“其他”的 B2"):
        appending(data)


def test_append__what_stands_beside_is_no_obstacle_below_the_last_row():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.write_column(2, 5, ["旁边", 1, 2, 3, 4, 5])

    result = appending(book(make))
    assert [row[5] for row in grid(result.data)] == ["旁边", 1, 2, 3, 4, 5]


def test_append__hidden_rows_of_a_filter_stay_hidden():
    def make(_made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        sheet.autofilter("A3:C6")
        sheet.filter_column("A", "x == L-0")
        sheet.set_row(4, None, None, {"hidden": True})
        sheet.set_row(5, None, None, {"hidden": True})

    sheet = openpyxl.load_workbook(io.BytesIO(appending(book(make)).data))["线索"]
    assert [sheet.row_dimensions[n].hidden for n in (4, 5, 6, 7, 8)] == [
        False,
        True,
        True,
        False,
        False,
    ]
    assert sheet.auto_filter.ref == "A3:C8"


def test_append__two_sheets_at_once():
    def make(made: xlsxwriter.Workbook, sheet: Worksheet) -> None:
        made.worksheets()[1].write_row(0, 0, ["日期", "阶段"])

    data = book(make)
    more = NewRows("其他", 1, (1, 2), [[date(2024, 5, 1), "商机"]], 1)
    result = append_rows(open_target(data), [NewRows("线索", 3, (1, 2, 3), NEW, 6), more])
    assert result.placed == {"线索": (7, 8), "其他": (2,)}
    read = openpyxl.load_workbook(io.BytesIO(result.data))["其他"]
    assert read["A2"].number_format == "yyyy-mm-dd"
    assert lint(result.data) == []


def test_append__the_workbook_given_is_not_changed():
    data = book(below)
    target = open_target(data)
    append_rows(target, [NewRows("线索", 3, (1, 2, 3), NEW, 6)])
    assert parts(target.package.to_bytes()) == parts(data)
