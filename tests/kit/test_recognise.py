from datetime import date

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import Table
from tests.tables import codes, raw_book, recognised, sheet

LEADS = """
线索编号 | 客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 负责人 | 获取日期 | 预计金额（万元）
L1 | 明禾机械 | 13800130001 | 展会 | 线索录入 | 张伟 | 2024-03-01 | 5
L2 | 启明建材 | 13800130002 | 官网 | 合同签订 | 王芳 | 2024-03-02 | 12
"""
FOLLOW_UPS = """
线索编号 | 跟进时间 | 跟进方式 | 跟进内容 | 跟进人
L1 | 2024-03-03 | 电话 | 介绍产品 | 张伟
"""


def headings(table: Table) -> dict[str, str]:
    return {h.text: h.key if h.known else "?" for h in table.headings}


def test_recognise__tables_by_their_headings():
    found = recognised(sheet(LEADS, "一月"), sheet(FOLLOW_UPS, "Sheet2"))
    assert {key: table.sheet for key, table in found.tables.items()} == {
        "lead": "一月",
        "follow_up": "Sheet2",
    }
    assert headings(found.tables["lead"]) == {
        "线索编号": "lead_id",
        "客户名称": "company",
        "联系电话": "phone",
        "来源渠道": "source",
        "当前阶段": "status",
        "负责人": "owner",
        "获取日期": "acquired_on",
        "预计金额（万元）": "expected_amount",
    }
    assert found.tables["lead"].by_key["expected_amount"].factor == 10_000


def test_recognise__rows_keep_excels_numbers():
    table = recognised(sheet(LEADS, above=3)).tables["lead"]
    assert (table.header_row, list(table.raw.index)) == (4, [5, 6])
    assert table.cell(6, "acquired_on") == "G6"
    assert table.raw.at[6, "acquired_on"] == date(2024, 3, 2)


def test_recognise__title_and_instructions_above_the_headings():
    titled = (
        "2024年线索跟踪表\n填写须知：带*为必填\n制表：销售部 | | 制表日期： | 2024-06-30" + LEADS
    )
    found = recognised(titled)
    assert found.tables["lead"].header_row == 4
    assert codes(found.findings) == ["A4 HDR-07"]


def test_recognise__group_headings_above():
    found = recognised("客户 | | | 进展 | | | |" + LEADS)
    assert (found.tables["lead"].header_row, len(found.tables["lead"].raw)) == (2, 2)


def test_recognise__two_heading_rows_with_merged_cells():
    text = """
    编号 | 公司 | 联系方式 | | 渠道 | 阶段 | 责任人
    | | 姓名 | 电话 | | |
    L1 | 明禾机械 | 许文清 | 13800130001 | 展会 | 线索录入 | 张伟
    """
    table = recognised(text).tables["lead"]
    assert headings(table) == {
        "编号": "lead_id",
        "公司": "company",
        "姓名": "contact",
        "电话": "phone",
        "渠道": "source",
        "阶段": "status",
        "责任人": "owner",
    }
    assert list(table.raw.index) == [3]


def test_recognise__a_group_gives_its_words_and_its_unit():
    text = """
    客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 金额（万元） | | 负责人
     | | | | 预计 | 实际 |
    明禾机械 | 13800130001 | 展会 | 意向 | 5 | 4 | 张三
    """
    table = recognised(text).tables["lead"]
    factors = {h.key: h.factor for h in table.headings if "amount" in h.key}
    assert factors == {"expected_amount": 1e4, "amount": 1e4}
    named = text.replace("预计 | 实际", "预计金额 | 成交金额")
    table = recognised(named).tables["lead"]
    assert {h.key: h.factor for h in table.headings if "amount" in h.key} == factors
    assert list(table.raw["owner"]) == ["张三"]


def test_recognise__second_heading_row_in_english_is_no_data():
    text = LEADS.replace(
        "\nL1", "\nid | customer | phone | source | stage | owner | date | amount\nL1"
    )
    found = recognised(text)
    assert list(found.tables["lead"].raw["lead_id"]) == ["L1", "L2"]
    assert "A2 ROW-05" in codes(found.findings)


def test_recognise__rows_that_are_no_data():
    text = (
        LEADS
        + """
|
示例：L9 | 示例公司 | 13800130009 | 展会 | 线索录入 | 张伟 | 2024-03-01 | 1
L3 | 合计科技 | 13800130003 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1
小计（张伟） | | | | | | | 18
线索编号 | 客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 负责人 | 获取日期 | 预计金额（万元）
L4 | 远景物流 | 13800130004 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1
合 计 | | | | | | | 37
备注：本表由销售部维护
|
|
"""
    )
    found = recognised(text)
    assert list(found.tables["lead"].raw["lead_id"]) == ["L1", "L2", "L3", "L4"]
    assert codes(found.findings) == [
        "A10 ROW-03",
        "A11 ROW-05",
        "A4 ROW-01",
        "A5 ROW-02",
        "A7 ROW-03",
        "A8 ROW-05",
    ]


def test_recognise__rows_with_only_a_number_beside_are_blank():
    numbered = "\n".join(
        f"{i or '序号'} | {line}" for i, line in enumerate([*LEADS.strip().splitlines(), "|", "|"])
    )
    assert list(recognised(numbered).tables["lead"].raw["lead_id"]) == ["L1", "L2"]


def test_recognise__merged_owner_goes_to_every_row():
    text = """
    负责人 | 线索编号 | 客户名称 | 来源渠道 | 当前阶段
    张伟 | L1 | 明禾机械 | 展会 | 线索录入
     | L2 | 启明建材 | 展会 | 线索录入
    王芳 | L3 | 远景物流 | 展会 | 线索录入
    """
    found = recognised(sheet(text, merged=["A2:A3"]))
    assert list(found.tables["lead"].raw["owner"]) == ["张伟", "张伟", "王芳"]
    assert codes(found.findings) == ["A2 SHT-05"]


def test_recognise__unknown_columns_are_kept():
    text = LEADS.replace("当前阶段", "车牌").replace("线索录入", "沪A").replace("合同签订", "沪B")
    table = recognised(text).tables["lead"]
    assert headings(table)["车牌"] == "?"
    assert list(table.raw["车牌"]) == ["沪A", "沪B"]


@pytest.mark.parametrize(("own", "severity"), [(True, "error"), (False, "warning")])
def test_recognise__missing_column_once_on_the_heading_row(own, severity):
    found = recognised(LEADS, own=own)
    missing = {f.column: (f.cell, f.severity) for f in found.findings if f.code == "HDR-02"}
    assert missing["初步需求"] == ("A1", severity)
    assert missing["录入时间"] == ("A1", severity)
    assert "所属行业" not in missing


def test_recognise__same_heading_twice():
    found = recognised(LEADS.replace("来源渠道", "客户名称"))
    assert codes(found.findings) == ["D1 HDR-03"]
    assert headings(found.tables["lead"])["客户名称"] == "?"
    assert list(found.tables["lead"].raw["company"]) == ["明禾机械", "启明建材"]


def test_recognise__exact_name_beats_an_alias_before_it():
    table = recognised(LEADS.replace("联系电话", "公司")).tables["lead"]
    assert headings(table)["客户名称"] == "company"
    assert headings(table)["公司"] == "?"


def test_recognise__alias_with_other_content_is_not_that_column():
    text = (
        LEADS.replace("获取日期", "时间")
        .replace("2024-03-01", "上午")
        .replace("2024-03-02", "下午")
    )
    table = recognised(text).tables["lead"]
    assert headings(table)["时间"] == "?"


def test_recognise__two_sheets_for_one_table():
    more = LEADS + "L3 | 远景物流 | 13800130004 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1"
    found = recognised(sheet(LEADS, "旧"), sheet(more, "新"))
    assert found.tables["lead"].sheet == "新"
    assert [(f.sheet, f.code, f.severity) for f in found.findings if f.code == "SHT-03"] == [
        ("旧", "SHT-03", "warning")
    ]


def test_recognise__a_hidden_copy_is_only_mentioned():
    more = LEADS + "L3 | 远景物流 | 13800130004 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1"
    found = recognised(sheet(more, "副本", hidden=True), sheet(LEADS, "线索"))
    assert found.tables["lead"].sheet == "线索"
    assert [f.severity for f in found.findings if f.code == "SHT-03"] == ["info"]


def by_month(*texts: str) -> list[tuple[str, str]]:
    """Return the severity and the sentence about each sheet that does not count."""
    names = ("4月", "5月", "6月")
    sheets = (sheet(text, name) for text, name in zip(texts, names, strict=False))
    return [(f.severity, f.message) for f in recognised(*sheets).findings if f.code == "SHT-03"]


MAY = LEADS.replace("L1", "L7").replace("L2", "L8")


def test_recognise__rows_the_other_sheet_lacks_are_counted():
    common = MAY.replace("L7 | 明禾机械", "L1 | 明禾机械")
    ((_, message),) = by_month(LEADS, common)
    assert "这张表有1行是那里没有的" in message


def test_recognise__other_headings_or_common_leads_are_no_parts():
    common = MAY.replace("L7 | 明禾机械", "L1 | 明禾机械")
    assert [severity for severity, _ in by_month(LEADS, common)] == ["warning"]
    other = MAY.replace("联系电话", "手机").replace("获取日期", "登记日期")
    assert [severity for severity, _ in by_month(LEADS, other)] == ["warning"]


def test_recognise__a_sheet_without_rows_is_only_mentioned():
    (found,) = by_month(LEADS, LEADS.strip().splitlines()[0])
    assert found[0] == "info"


def test_recognise__the_fuller_sheet_counts_not_the_one_with_blank_rows():
    blank = LEADS + "|\n" * 30
    more = LEADS + "L3 | 远景物流 | 13800130004 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1"
    assert recognised(sheet(blank, "5月"), sheet(more, "6月")).tables["lead"].sheet == "6月"


@pytest.mark.parametrize("own", [True, False])
def test_recognise__a_column_without_heading_is_mentioned(own):
    text = """
    线索编号 | 客户名称 | | 来源渠道 | 当前阶段 | | | 另一张表
    L1 | 明禾机械 | 老客户 | 展会 | 线索录入 | 回电 | | 7
    L2 | 启明建材 | | 官网 | 线索录入 | 回电 | | 8
    """
    found = [f for f in recognised(text, own=own).findings if f.code == "HDR-09"]
    assert [(f.cell, f.severity) for f in found] == [("C1", "info"), ("F1", "info")]
    assert ("1格" in found[0].message, "2格" in found[1].message) == (True, True)


def test_recognise__a_column_beyond_the_last_heading_is_mentioned():
    text = LEADS.replace("预计金额（万元）", "")
    assert codes(recognised(text).findings) == ["H1 HDR-09"]


def test_recognise__generated_sheet_is_known_by_its_mark():
    found = recognised(sheet(LEADS, "2024", table="lead"), sheet(LEADS, "线索跟踪"))
    assert found.tables["lead"].sheet == "2024"


def test_recognise__a_table_beside_it_is_left_out():
    text = """
    线索编号 | 客户名称 | 来源渠道 | 当前阶段 | | 来源渠道 | 线索数
    L1 | 明禾机械 | 展会 | 线索录入 | | 展会 | 7
    L2 | 启明建材 | 官网 | 线索录入 | | 官网 | 8
    """
    table = recognised(text).tables["lead"]
    assert list(table.raw) == ["lead_id", "company", "source", "status"]


def test_recognise__own_drop_downs_go_with_their_columns():
    lists = {"E2:E200": ["线索录入", "合同签订"], "D2": ["只管一格"]}
    found = recognised(sheet(LEADS + "L3 | 丙\nL4 | 丁\n", lists=lists))
    assert found.offered == {("lead", "status"): ("线索录入", "合同签订")}


@pytest.mark.parametrize(
    "text", ["", "只有一句话", "水果 | 单价 | 数量\n苹果 | 3 | 4", "甲 | 乙\n丙 | 丁"]
)
def test_recognise__nothing_known_gives_no_table(text):
    assert recognised(text).tables == {}


def test_recognise__headings_without_rows():
    table = recognised(LEADS.strip().splitlines()[0]).tables["lead"]
    assert len(table.raw) == 0


def test_recognise__a_book_without_our_tabs_is_a_guest():
    found = recognise(raw_book(LEADS), load_kit())
    assert not found.own
    assert found.kit.pipeline.inferred
