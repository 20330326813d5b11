"""What people fill into 抽检 and pick on 客户卡片 outlives the next run, and is no lost edit."""

import io
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from openpyxl.styles import Font, PatternFill

from sheetcrm.book.markers import edited_tabs
from sheetcrm.book.read import read_book
from sheetcrm.book.target import open_target
from sheetcrm.tabs.style import COLOURS
from sheetcrm.workflows.summarise import summarise_books
from tests.workflows.workbooks import write

LEADS = """
编号|登记日期|公司名称|联系人|意向等级|销售|阶段|预计金额（万元）
X001|2026-06-04|明禾机械公司|张一|B|甲|线索|5
X002|2026-06-05|东方物流公司|李二|B|乙|意向|12
X003|2026-06-06|北辰教育公司|王三|A|乙|商机|8
"""
TODAY = date(2026, 6, 30)


def fill(path: Path, result: str) -> None:
    """Fill in the first row of 抽检 and pick another customer, as somebody does in Excel."""
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    tab = book["抽检"]
    row, column = next(
        (cell.row, cell.column)
        for line in tab.iter_rows()
        for cell in line
        if cell.value == "核对结果"
    )
    tab.cell(row + 1, column, result)
    cards = book["客户卡片"]
    label = next(
        line[0].value
        for line in cards.iter_rows()
        if isinstance(line[0].value, str) and line[0].value.startswith("3｜")
    )
    cards["B5"] = label
    book.save(path)


def answers(path: Path) -> list[str]:
    tab = read_book(path).tab("sampling")
    assert tab is not None
    rows = [list(row) for row in tab.rows]
    top = next(n for n, row in enumerate(rows) if "行标识" in row)
    column = rows[top].index("核对结果")
    return [str(row[column] or "") for row in rows[top + 1 :] if len(row) > column and row[0]]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_filled_in__answers_stay_and_are_not_reported_as_edits(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS)
    summarise_books([str(path)], TODAY)
    assert answers(path) == ["", "", ""]
    fill(path, "有误")
    again = summarise_books([str(path)], TODAY)
    assert not [f for f in again.findings if f.code == "SUM-02"]
    assert answers(path) == ["有误", "", ""]
    cards = read_book(path).tab("cards")
    assert cards is not None
    assert str(cards.rows[4][1]).startswith("3｜")
    later = summarise_books([str(path)], date(2026, 7, 7))
    assert later.done
    texts = [[*row] for row in read_book(path).tab("sampling").rows]  # type: ignore[union-attr]
    assert any("以前的核对" in row for row in texts)
    assert sum("有误" in row and "2026-W27" in row for row in texts) == 1


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_filled_in__what_is_typed_elsewhere_on_these_tabs_is_named(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS)
    summarise_books([str(path)], TODAY)
    fill(path, "有误")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    book["抽检"]["L20"] = "王姐核对过，电话13800130001"
    book["客户卡片"]["C40"] = 42
    book["客户卡片"]["A1"] = None
    book.save(path)
    again = summarise_books([str(path)], TODAY)
    found = [f for f in again.findings if f.code == "SUM-02"]
    assert {(f.sheet, f.cell, f.value) for f in found} == {
        ("抽检", "L20", "王姐核对过，电话138****0001"),
        ("客户卡片", "A1", "清空了"),
        ("客户卡片", "C40", "42"),
    }
    assert all(".sheetcrm/backup/台账.xlsx" in f.suggestion for f in found)
    assert answers(path) == ["有误", "", ""]
    assert not [f for f in summarise_books([str(path)], TODAY).findings if f.code == "SUM-02"]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_filled_in__answers_are_told_apart_from_edits(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS)
    summarise_books([str(path)], TODAY)
    fill(path, "有误")
    book = edited_tabs(open_target(path), COLOURS)["sampling"]
    assert (book.cells, [edit.text for edit in book.filled_in]) == ((), ["有误"])


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_filled_in__a_tab_of_an_earlier_version_is_no_edit(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS)
    summarise_books([str(path)], TODAY)
    fill(path, "有误")
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    for sheet in book.worksheets:
        sheet.defined_names.pop("_sheetcrm.cells", None)
    book.save(path)
    again = summarise_books([str(path)], TODAY)
    assert not [f for f in again.findings if f.code == "SUM-02"]
    assert answers(path) == ["有误", "", ""]


@pytest.mark.filterwarnings("ignore:.*extension is not supported")
def test_colours__that_somebody_put_on_a_tab_are_named_by_row(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS)
    summarise_books([str(path)], TODAY)
    book = openpyxl.load_workbook(io.BytesIO(path.read_bytes()))
    funnel = book["漏斗分析"]
    for cell in ("B8", "C8", "A9"):
        funnel[cell].fill = PatternFill("solid", fgColor="FFFF00")
    funnel["A12"].font = Font(color="FF0000")
    book["校验结果"]["A8"].font = Font(strike=True)
    book["客户台账"]["B2"].fill = PatternFill("solid", fgColor="FFFF00")
    book.save(path)
    found = [f for f in summarise_books([str(path)], TODAY).findings if f.code.startswith("SUM")]
    assert [(f.code, f.sheet, f.cell) for f in found] == [
        ("SUM-05", "漏斗分析", "B8"),
        ("SUM-05", "漏斗分析", "A9"),
        ("SUM-05", "漏斗分析", "A12"),
        ("SUM-05", "校验结果", "A8"),
    ]
    again = summarise_books([str(path)], TODAY)
    assert not [f for f in again.findings if f.code.startswith("SUM")]
