"""What is said of whole sheets: one that is missing, hidden rows, formulas without a result."""

from dataclasses import replace
from datetime import date

import pytest

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.parse import parse
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import RawBook
from sheetcrm.tabs.workbook import build_workbook
from tests.tables import codes, recognised, sheet

LEADS = """
线索编号 | 客户名称 | 负责人 | 线索状态 | 联系方式
L1 | 明禾机械 | 甲 | 线索 | '13800131001'
L2 | 东方物流 | 甲 | 意向 | '13800131002'
"""


def found(book: RawBook) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in recognise(book, load_kit()).findings]


@pytest.fixture(scope="module")
def generated() -> RawBook:
    made = build_workbook(load_kit().with_tables(("lead", "follow_up")), 5, date(2026, 6, 30))
    roles = {name: Role(*role) for name, role in made.roles.items()}
    return parse(add_markers(made.data, roles), "自己的.xlsx")


@pytest.mark.parametrize(("lost", "severity"), [("线索跟踪", "error"), ("跟进记录", "warning")])
def test_recognise__a_sheet_the_book_describes_is_gone(generated, lost, severity):
    rest = tuple(s for s in generated.sheets if s.name != lost)
    assert ("SHT-01", severity) in found(replace(generated, sheets=rest))


@pytest.mark.parametrize("lost", ["设置", "字段", "规则"])
def test_recognise__a_tab_of_the_settings_is_gone(generated, lost):
    rest = tuple(s for s in generated.sheets if s.name != lost)
    told = recognise(replace(generated, sheets=rest), load_kit()).findings
    assert [f.message.count(f"“{lost}”页") for f in told if f.code == "KIT-23"] == [1]


def test_recognise__all_sheets_there_is_no_finding(generated):
    assert found(generated) == []


def test_recognise__a_sheet_named_like_a_table_and_not_understood_is_mentioned():
    strange = sheet("编号 | 谁 | 说了什么\nL1 | 甲 | 聊了价格", "跟进记录")
    other = sheet("编号 | 谁 | 说了什么\nL1 | 甲 | 聊了价格", "杂记")
    empty = sheet("", "合同")
    said = [f for f in recognised(LEADS, strange, other, empty).findings if f.code == "HDR-01"]
    assert [(f.sheet, f.cell, f.severity) for f in said] == [("跟进记录", "A1", "warning")]


def test_recognise__hidden_rows_are_mentioned():
    hidden = replace(sheet(LEADS), hidden_rows=frozenset({3}))
    assert ("SHT-04", "A1") in [(f.code, f.cell) for f in recognised(hidden).findings]
    assert "SHT-04" not in [f.code for f in recognised(LEADS).findings]


def test_recognise__formulas_without_a_result_are_mentioned_at_the_first():
    stale = replace(sheet(LEADS), uncalculated=("B2", "B3"))
    assert ("SHT-06", "B2") in [(f.code, f.cell) for f in recognised(stale).findings]
    assert "SHT-06" not in [f.code for f in recognised(LEADS).findings]


GROUPED = """
负责人 | 客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 预计金额
张三 | 明禾机械 | 13800130001 | 展会 | 意向 | 100
张三小计 | | | | | 100
李四 | 启明建材 | 13800130002 | 官网 | 意向 | 200
华东区 合计： | | | | | 200
审计小计 | 远景物流 | 13800130003 | 官网 | 意向 | 300
"""


def test_recognise__a_total_with_a_name_before_it_is_no_data():
    found = recognised(GROUPED)
    assert list(found.tables["lead"].raw.index) == [2, 4, 6]
    assert [f.cell for f in found.findings if f.code == "ROW-03"] == ["A3", "A5"]


def test_recognise__the_title_of_a_repeated_table_is_no_data():
    text = """
客户名称 | 联系电话 | 来源渠道 | 当前阶段
明禾机械 | 13800130001 | 展会 | 意向
|
李四的客户
客户名称 | 联系电话 | 来源渠道 | 当前阶段
启明建材 | 13800130002 | 官网 | 意向
"""
    assert list(recognised(text).tables["lead"].raw["company"]) == ["明禾机械", "启明建材"]


def test_recognise__instructions_under_the_headings_are_no_data():
    text = """
客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 预计金额
填全称 | 11位 | 必填 | 下拉选 | 元
例：某某公司 | 13800000000 | 展会 | 意向 | 100
明禾机械 | 13800130001 | 展会 | 意向 | 100
"""
    found = recognised(text)
    assert list(found.tables["lead"].raw["company"]) == ["明禾机械"]
    assert codes(found.findings)[:2] == ["A2 ROW-05", "A3 ROW-02"]


def test_recognise__another_table_below_is_not_its_rows():
    text = """
客户名称 | 联系电话 | 来源渠道 | 当前阶段
明禾机械 | 13800130001 | 展会 | 意向
启明建材 | 13800130002 | 官网 | 意向
|
拜访记录
客户名称 | 日期 | 跟进人 | 跟进内容
明禾机械 | 2024-03-02 | 张三 | 聊了价格和交期
"""
    found = recognised(text)
    assert list(found.tables["lead"].raw.index) == [2, 3]
    ((cell, message),) = [(f.cell, f.message) for f in found.findings if f.code == "SHT-07"]
    assert (cell, "1行没有检查" in message) == ("A5", True)


def test_recognise__a_second_table_beside_it_is_said():
    text = """
客户名称 | 联系电话 | 来源渠道 | 当前阶段 | | 客户名称 | 联系电话 | 来源渠道 | 当前阶段
明禾机械 | 13800130001 | 展会 | 意向 | | 远景物流 | 13800130003 | 展会 | 意向
启明建材 | 13800130002 | 官网 | 意向 | | 北辰教育 | 13800130004 | 官网 | 成交
"""
    found = recognised(text)
    assert len(found.tables["lead"].raw) == 2
    ((cell, message),) = [(f.cell, f.message) for f in found.findings if f.code == "SHT-07"]
    assert (cell, "2行没有检查" in message) == ("F1", True)


def test_recognise__a_merged_customer_is_one_lead_though_it_spans_rows():
    text = """
客户名称 | 来源渠道 | 当前阶段 | 预计金额 | 最后跟进时间
明禾机械 | 展会 | 意向 | 100 | 2024-03-01
 | | | | 2024-03-05
启明建材 | 官网 | 意向 | 200 | 2024-03-02
远景物流 | 官网 | 意向 | 300 | 2024-03-03
 | | 报价 | |
北辰教育 | 官网 | 意向 | 400 | 2024-03-03
 | 展会 | 意向 | 500 | 2024-03-04
"""
    merged = [*(f"{c}2:{c}3" for c in "ABCD"), "A5:A6", "A7:A8"]
    found = recognised(sheet(text, merged=merged))
    assert list(found.tables["lead"].raw.index) == [3, 4, 5, 7, 8]
    assert list(found.tables["lead"].raw["expected_amount"]) == [100, 200, 300, 400, 500]
    assert [f.message for f in found.findings if f.code == "SHT-08"] == [
        "客户合并在一起的几行算一条线索，2行没有单独计入（2、6）"
    ]
