"""The wrapper over XlsxWriter: what is written is what was given, or it is an error."""

import math
import zipfile
from datetime import date, datetime
from io import BytesIO
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book.area import Area, cell_name, quoted
from sheetcrm.book.write import Book, safe_name
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.book.write_strict import NotWritten
from sheetcrm.book.write_validation import Hint, Validation

STYLES: dict[str, dict[str, object]] = {
    "base": {"font_name": "微软雅黑", "font_size": 10},
    "cell": {"border": 1},
    "date": {"num_format": "yyyy-mm-dd"},
    "text": {"num_format": "@"},
    "bad": {"bg_color": "#FFC7CE"},
    "input": {"locked": False},
}


def new_sheet(name: str = "线索跟踪") -> tuple[Book, Sheet]:
    book = Book(STYLES)
    return book, book.sheet(name)


def part(data: bytes, name: str) -> str:
    with zipfile.ZipFile(BytesIO(data)) as package:
        return package.read(name).decode()


def opened(data: bytes) -> Any:
    return openpyxl.load_workbook(BytesIO(data))


def test_finish__same_content_same_bytes():
    files = []
    for _ in range(2):
        book, sheet = new_sheet()
        sheet.text(1, 1, "客户", "cell")
        files.append(book.finish())
    assert files[0] == files[1]


def test_finish__does_not_ask_for_recalculation():
    book, sheet = new_sheet()
    sheet.formula(1, 1, "=1+1", 2, "cell")
    assert "fullCalcOnLoad" not in part(book.finish(), "xl/workbook.xml")


@pytest.mark.parametrize(
    "text", ["=1+1", "{=SUM(A1)}", "http://a.cn", "mailto:a@b.cn", "+86138", "@张三", "0012"]
)
def test_put__user_text_stays_text(text):
    book, sheet = new_sheet()
    sheet.put(1, 1, text, "cell")
    cell = opened(book.finish()).active["A1"]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert cell.quotePrefix == (text[0] in "=+-@")


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=30))
def test_put__any_text_makes_a_readable_file(text):
    book, sheet = new_sheet()
    sheet.put(1, 1, text, "cell")
    assert opened(book.finish()).active["A1"].data_type in ("s", "n")


def test_put__by_type():
    book, sheet = new_sheet()
    values = [
        3,
        2.5,
        True,
        date(2024, 5, 1),
        datetime.fromisoformat("2024-05-01T08:30"),
        pd.Timestamp("2024-05-02"),
    ]
    sheet.row(1, values, "cell")
    cells = [c.value for c in opened(book.finish()).active[1]]
    days = [
        datetime.fromisoformat("2024-05-01"),
        datetime.fromisoformat("2024-05-01T08:30"),
        datetime.fromisoformat("2024-05-02"),
    ]
    assert cells == [3, 2.5, True, *days]


@pytest.mark.parametrize("blank", [None, math.nan, pd.NaT, pd.NA, ""])
def test_put__missing_is_a_formatted_blank(blank):
    book, sheet = new_sheet()
    sheet.put(1, 1, blank, "cell")
    cell = opened(book.finish()).active["A1"]
    assert cell.value is None
    assert cell.border.left.style == "thin"


@pytest.mark.parametrize(
    ("value", "text"),
    [(110101199003071234, "110101199003071234"), (date(1899, 5, 1), "1899-05-01")],
)
def test_put__what_excel_cannot_hold_is_text(value, text):
    book, sheet = new_sheet()
    sheet.put(1, 1, value, "cell")
    assert opened(book.finish()).active["A1"].value == text


def test_number__has_no_more_digits_than_excel_keeps():
    book, sheet = new_sheet()
    sheet.number(1, 1, 25 / 51, "cell")
    sheet.columns(2, [Column(1, [25 / 51], "cell")])
    text = part(book.finish(), "xl/worksheets/sheet1.xml")
    assert text.count("<v>0.490196078431373</v>") == 2


def test_number__infinite_is_refused():
    _, sheet = new_sheet()
    with pytest.raises(ValueError, match="A1"):
        sheet.number(1, 1, math.inf, "cell")


@pytest.mark.parametrize(
    ("cached", "xml"),
    [
        ("", '<c r="A1" s="1" t="str"><f>A2</f><v></v></c>'),
        ("无", '<c r="A1" s="1" t="str"><f>A2</f><v>无</v></c>'),
        (0.5, '<c r="A1" s="1"><f>A2</f><v>0.5</v></c>'),
        (date(2024, 5, 1), '<c r="A1" s="1"><f>A2</f><v>45413'),
        (True, '<c r="A1" s="1" t="b"><f>A2</f><v>1</v></c>'),
    ],
)
def test_formula__keeps_its_cached_value(cached, xml):
    book, sheet = new_sheet()
    sheet.formula(1, 1, "=A2", cached, "cell")
    assert xml in part(book.finish(), "xl/worksheets/sheet1.xml")


def test_formula__names_and_texts_that_look_like_newer_functions_stay():
    book, sheet = new_sheet("MAP(华东)")
    sheet.formula(1, 1, "COUNTIF('MAP(华东)'!B1:B9,\"FILTER(1)\")", 0.0, "cell")
    made = part(book.finish(), "xl/worksheets/sheet1.xml")
    assert "<f>COUNTIF('MAP(华东)'!B1:B9,\"FILTER(1)\")</f>" in made


def test_link__quotes_the_sheet_name():
    book, sheet = new_sheet()
    sheet.link(1, 1, ("张三's 线索", "B7"), "=看这里", "cell")
    cell = opened(book.finish()).active["A1"]
    assert cell.hyperlink.location == "'张三''s 线索'!B7"
    assert (cell.value, cell.data_type) == ("=看这里", "s")


def test_style__names_are_joined_by_plus():
    book, sheet = new_sheet()
    sheet.text(1, 1, "线索-1", "cell+text+input")
    cell = opened(book.finish()).active["A1"]
    assert (cell.number_format, cell.protection.locked, cell.border.top.style) == (
        "@",
        False,
        "thin",
    )


def test_style__unknown_name_is_an_error():
    _, sheet = new_sheet()
    with pytest.raises(KeyError, match="cel"):
        sheet.text(1, 1, "x", "cel")


@pytest.mark.parametrize("name", ["a" * 32, "a/b", "'引号'", "线索跟踪", "[1]"])
def test_sheet__bad_or_taken_name_is_an_error(name):
    book, _ = new_sheet()
    with pytest.raises(NotWritten):
        book.sheet(name)


@pytest.mark.parametrize(
    "name", ["CRM1", "KPI2024", "R1C1", "Q1", "名 单", "a.b", "TRUE", "名" * 101]
)
def test_name__what_excel_takes_for_a_cell_is_an_error(name):
    book, _ = new_sheet()
    with pytest.raises(ValueError, match="safe"):
        book.name(name, "=TODAY()")


@given(st.text(max_size=120))
def test_safe_name__is_accepted(text):
    book, _ = new_sheet()
    book.name(safe_name(text), "=1")


def test_validate__and_condition_reach_the_file():
    book, sheet = new_sheet()
    area = Area(4, 2, 9, 2)
    sheet.validate(area, Validation("decimal", Hint(error="请填数字"), low=0))
    sheet.condition(area, '=$B4=""', "bad")
    read = opened(book.finish()).active
    [rule] = read.data_validations.dataValidation
    assert (str(rule.sqref), rule.operator, rule.error) == (
        "B4:B9",
        "greaterThanOrEqual",
        "请填数字",
    )
    [(cells, [condition])] = read.conditional_formatting._cf_rules.items()
    assert (str(cells.sqref), condition.formula) == ("B4:B9", ['$B4=""'])


def test_page__prints_on_landscape_a4_with_headings():
    book, sheet = new_sheet()
    sheet.text(1, 1, "x", "cell")
    sheet.page(Page("研发&销售", header_rows=(3, 3)))
    read = opened(book.finish()).active
    setup = read.page_setup
    assert (setup.orientation, str(setup.paperSize), setup.fitToHeight) == ("landscape", "9", 0)
    assert read.print_title_rows == "$3:$3"
    assert "研发&&销售" in read.oddHeader.left.text


def test_protect__without_password_leaves_filter_and_sort():
    book, sheet = new_sheet()
    sheet.protect()
    guard = opened(book.finish()).active.protection
    assert (guard.sheet, guard.password) == (True, None)
    assert (guard.autoFilter, guard.sort, guard.formatColumns) == (False, False, False)


def test_chart__is_placed():
    book, sheet = new_sheet()
    sheet.row(1, [1, 2, 3], "cell")
    chart = book.chart("bar", "stacked")
    chart.add_series({"values": f"={Area(1, 1, 1, 3).on(sheet.name)}"})
    sheet.chart(3, 1, chart)
    assert "'线索跟踪'!$A$1:$C$1" in part(book.finish(), "xl/charts/chart1.xml")


@pytest.mark.parametrize("bounds", [(0, 1, 1, 1), (2, 1, 1, 1), (1, 1, 1_048_577, 1), (1, 3, 1, 2)])
def test_area__outside_a_sheet_is_refused(bounds):
    with pytest.raises(ValueError, match="outside"):
        Area(*bounds)


def test_area__spells_references():
    assert Area(5, 2, 204, 2).absolute == "$B$5:$B$204"
    assert Area(1, 1, 1, 1).on("a'b") == "'a''b'!$A$1"
    assert (cell_name(4, 28), quoted("设置")) == ("AB4", "'设置'")
