"""The decision workbook: what each tab shows, and that what is chosen in it comes back."""

from pathlib import Path

import openpyxl
import pytest
from openxml_audit import OpenXmlValidator

from sheetcrm.book.lint import lint
from sheetcrm.book.read import read_book
from sheetcrm.intake.answers import Origin, is_decision_book, read_answers
from sheetcrm.kit.load import load_kit
from sheetcrm.tabs.decision_book import decision_workbook
from tests.tabs.decisions import FILE, plan

TABS = [
    "概览",
    "待修正",
    "疑似重复",
    "将新增",
    "将更新",
    "已忽略",
    "列映射",
    "值映射",
    "假设",
    "导入信息",
]


@pytest.fixture
def path(tmp_path):
    file: Path = tmp_path / "展会线索-导入决定.xlsx"
    file.write_bytes(decision_workbook(plan()))
    return file


def cells(path: Path, tab: str) -> list[list[object]]:
    sheet = openpyxl.load_workbook(path)[tab]
    return [[cell.value for cell in row] for row in sheet.iter_rows(min_row=4)]


def column(path: Path, tab: str, heading: str) -> int:
    return cells(path, tab)[0].index(heading) + 1


def test_workbook__is_sound_and_the_same_twice(path):
    assert lint(path.read_bytes()) == []
    assert [str(error) for error in OpenXmlValidator().validate(str(path)).errors] == []
    assert path.read_bytes() == decision_workbook(plan())
    book = openpyxl.load_workbook(path)
    assert book.sheetnames == TABS
    assert [name for name in TABS if book[name].sheet_state != "visible"] == ["导入信息"]


def test_workbook__knows_what_it_belongs_to(path):
    raw = read_book(path)
    assert is_decision_book(raw)
    origin = Origin(FILE, "ab" * 32, "春季展会", "GB18030", "销售线索.xlsx")
    assert read_answers(raw, load_kit()).origin == origin


def test_overview__equation_adds_up(path):
    shown = [value for row in cells(path, "概览") for value in row if value is not None]
    assert "读入 6 行 = 新增 1 + 更新 1 + 重复跳过 2 + 待修正 1 + 空行 1。" in shown
    tiles = [value for value in cells(path, "概览")[1] if value is not None]
    assert tiles == ["C5+E5+G5+I5+K5".join(("=", "")), "=", 1, "+", 1, "+", 2, "+", 1, "+", 1]


def test_mend__rows_as_they_came_with_code_and_colour(path):
    heading, row = cells(path, "待修正")[:2]
    assert heading[:10] == [
        *("客户", "联系人", "手机", "渠道", "阶段", "登记日期", "备用1"),
        *("错误码", "为什么没有导入", "怎么改"),
    ]
    assert row[:8] == [None, "王五", "1380013", "朋友圈", "线索", "6月31日", "乙", "REQ-01、FMT-05"]
    sheet = openpyxl.load_workbook(path)["待修正"]
    red = sheet["A5"].fill.fgColor.rgb
    assert sheet["C5"].fill.fgColor.rgb == red != sheet["B5"].fill.fgColor.rgb
    lists = {str(rule.sqref): rule.formula1 for rule in sheet.data_validations.dataValidation}
    assert {area: name for area, name in lists.items() if area[0] in "DE"} == {
        "D5:D55": "选项_来源渠道",
        "E5:E55": "选项_线索状态",
    }


def test_duplicates__only_what_nobody_is_sure_of(path):
    heading, *rows = cells(path, "疑似重复")
    shown = [dict(zip(heading, row, strict=True)) for row in rows if row[1]]
    wanted = ("你的决定", "建议", "匹配上的", "来的行号", "客户名称", "联系人")
    name = "来的：明禾机械（苏州）\n已有：苏州明禾机械有限公司"
    assert [[line[name] for name in wanted] for line in shown] == [
        [None, "跳过", "公司+联系人", 6, name, "许文清"]
    ]


def test_previews__what_will_be_written(path):
    heading, row = cells(path, "将新增")[:2]
    assert dict(zip(heading, row, strict=True))["线索编号"] == "线索-2024-0603-001"
    assert row[-1] == "表里没有；负责人：轮流分配，轮到王浩；线索等级：只是咨询"
    changed = [row[1:9] for row in cells(path, "将更新")[1:]]
    assert [(row[3], row[4], row[5], row[6], row[7]) for row in changed] == [
        ("线索跟踪!F3", "线索状态", "线索", "意向", "改"),
        ("线索跟踪!E3", "来源渠道", "展会推荐", "展会", "没有改：来源按第一次的算"),
        ("本次新增", "联系方式", "13800131002", "0512-66668888", "没有改：同一文件里按第一行的算"),
    ]
    assert [(row[1], row[3]) for row in cells(path, "已忽略")[1:]] == [
        ("G 列", "没认出来"),
        ("第 2 行", "跳过"),
        ("第 6 行", "跳过"),
        ("第 7 行", "空行"),
    ]


def test_answers__nothing_chosen_says_nothing_new(path):
    answers = read_answers(read_book(path), load_kit())
    assert answers.actions == {}
    assert (answers.given.headings, answers.given.values) == ({}, {})
    assert [(row.row, row.fingerprint, row.cells[3]) for row in answers.mended] == [
        (3, "f3", "1380013")
    ]


def test_answers__what_is_chosen_and_mended_comes_back(path):
    book = openpyxl.load_workbook(path)
    maps, mend = book["列映射"], book["待修正"]
    maps.cell(11, column(path, "列映射", "对应的字段")).value = "备注"
    maps.cell(10, column(path, "列映射", "对应的字段")).value = "进入阶段：意向"
    book["值映射"].cell(5, column(path, "值映射", "写进表里的值")).value = "线上推广"
    book["疑似重复"].cell(5, 1).value = "新建"
    mend["A5"].value = "北方纸业公司"
    mend["A6"].value, mend["C6"].value = "新加的一行", "13800139999"
    book["待修正"].title = "改过名字"
    book.save(path)
    answers = read_answers(read_book(path), load_kit())
    assert answers.actions == {("展会线索", 6): "create"}
    assert answers.given.headings["备用1"] == "note"
    assert answers.given.headings["登记日期"] == "stage:意向"
    assert answers.given.values["source", "朋友圈"] == "线上推广"
    assert [(row.row, row.fingerprint, row.cells[1]) for row in answers.mended] == [
        (3, "f3", "北方纸业公司"),
        (0, "", "新加的一行"),
    ]


def test_workbook__done_says_so_and_how_to_take_it_back(tmp_path):
    path = tmp_path / "完成.xlsx"
    path.write_bytes(decision_workbook(plan("20240610-001")))
    book = openpyxl.load_workbook(path)
    assert "已新增" in book.sheetnames
    assert "20240610-001" in str(book["概览"]["A2"].value)
