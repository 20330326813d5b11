"""Whose rows a workbook has that has no column for the person."""

import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.kit.person import named_in
from tests.tables import clean_book, recognised, sheet

LEADS = """
客户名称 | 联系电话 | 来源渠道 | 当前阶段
明禾机械 | 13800130001 | 展会 | 意向
启明建材 | 13800130002 | 官网 | 成交
"""


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("张三", "张三"),
        ("线索跟踪-李四", "李四"),
        ("王五的客户", "王五"),
        ("2026年线索（赵六）", "赵六"),
        ("销售一部_周敏_11月", "周敏"),
        ("欧阳娜娜周报", "欧阳娜娜"),
        ("小王客户", "小王"),
        ("张三-李四", ""),
        ("华东区客户台账", ""),
        ("温州客户", ""),
        ("金融行业", ""),
        ("高意向客户", ""),
        ("项目跟踪", ""),
        ("李经理", ""),
        ("Sheet1", ""),
    ],
)
def test_named_in__one_name_or_none(title, name):
    assert named_in(title) == name


def test_named_in__a_name_of_the_team_need_not_look_like_one():
    assert named_in("Tom的线索", ["Tom", "Lily"]) == "Tom"
    assert named_in("Tom和Lily", ["Tom", "Lily"]) == ""


def owners(book: CleanBook) -> list[object]:
    data = book.tables["lead"].data
    return list(data["owner"]) if "owner" in data else []


def test_person__the_title_beats_the_sheet_and_the_file():
    title = "客户跟踪表 | |\n销售：李四 | | 部门：华东区\n" + LEADS.strip()
    book = clean_book(sheet(title, "王五"), file="赵六.xlsx")
    assert owners(book) == ["李四", "李四"]
    assert owners(clean_book(sheet(LEADS, "王五"), file="赵六.xlsx")) == ["王五", "王五"]
    assert owners(clean_book(sheet(LEADS, "线索"), file="/a/赵六.xlsx")) == ["赵六", "赵六"]


def test_person__said_once_instead_of_the_missing_column():
    found = recognised(sheet(LEADS, "线索"), file="赵六.xlsx").findings
    said = [(f.code, f.cell, f.severity) for f in found if f.column == "负责人"]
    assert said == [("HDR-10", "A1", "info")]


def test_person__a_column_however_blank_is_left_as_it_is():
    text = LEADS.replace("当前阶段", "当前阶段 | 负责人").replace("成交", "成交 | 李四")
    assert [str(o) for o in owners(clean_book(sheet(text, "线索"), file="赵六.xlsx"))] == [
        *("nan", "李四")
    ]


def test_person__whoever_made_the_table_is_not_the_seller():
    title = "11月线索 | |\n制表人：陈晓 | | 审核：林总\n" + LEADS.strip()
    assert owners(clean_book(sheet(title, "Sheet1"), file="11月线索.xlsx")) == []


def test_person__a_log_beside_leads_with_people_is_left_as_it_is():
    log = "客户名称 | 跟进时间 | 跟进内容\n明禾机械 | 2024-03-01 | 谈了价格"
    leads = LEADS.replace("当前阶段", "当前阶段 | 负责人").replace("成交", "成交 | 李四")
    book = clean_book(sheet(leads, "线索"), sheet(log, "跟进记录"), file="赵六.xlsx")
    assert "owner" not in book.tables["follow_up"].data
    alone = clean_book(sheet(log, "跟进记录"), file="赵六.xlsx")
    assert list(alone.tables["follow_up"].data["owner"]) == ["赵六"]


@pytest.mark.parametrize(
    "title", ["销售：华东区", "销售：全员", "销售经理：林晓", "部门负责人：王强"]
)
def test_person__a_region_or_a_manager_is_nobody(title):
    text = f"{title} | |\n" + LEADS.strip()
    assert owners(clean_book(sheet(text, "Sheet1"), file="11月线索.xlsx")) == []
