"""One table over several sheets: which ones go together, and how their rows are numbered."""

import pytest

from sheetcrm.table import RawSheet, rows_on
from tests.tables import recognised, sheet

LEADS = """
线索编号 | 客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 负责人 | 获取日期 | 金额（万元）
L1 | 明禾机械 | 13800130001 | 展会 | 线索录入 | 张伟 | 2024-03-01 | 12
L2 | 启明建材 | 13800130002 | 官网 | 合同签订 | 李娜 | 2024-03-02 | 25
"""
MAY = LEADS.replace("L1", "L7").replace("L2", "L8")
OTHERS = LEADS.replace("明禾机械", "云岭食品").replace("启明建材", "青川建材")


def names(*sheets: RawSheet, own: bool = False) -> list[str]:
    table = recognised(*sheets, own=own).tables["lead"]
    return [part.sheet for part in table.sheets]


def told(*sheets: RawSheet) -> list[tuple[str, str, str, str]]:
    found = recognised(*sheets).findings
    return [(f.sheet, f.cell, f.code, f.severity) for f in found if f.code.startswith("SHT")]


@pytest.mark.parametrize("own", [True, False])
def test_parts__sheets_by_month_are_one_table_in_their_order(own):
    more = MAY + "L9 | 远景物流 | 13800130004 | 展会 | 线索录入 | 张伟 | 2024-03-05 | 1"
    sheets = (sheet(more, "6月"), sheet(LEADS, "5月"))
    assert names(*sheets, own=own) == ["6月", "5月"]
    assert told(*sheets) == [("6月", "A1", "SHT-09", "info")]


def test_rows__go_up_from_sheet_to_sheet_and_find_their_cells():
    table = recognised(sheet(LEADS, "5月"), sheet("说明 |\n" + MAY.strip(), "6月")).tables["lead"]
    assert list(table.raw.index) == [2, 3, rows_on(1, 3), rows_on(1, 4)]
    assert table.spot(3, "company") == ("5月", "B3", 3)
    assert table.spot(rows_on(1, 3), "company") == ("6月", "B3", 3)
    assert table.spot(0, "company") == ("5月", "B1", 1)
    assert table.spot(rows_on(1, 4), "company").text == "6月!B4"
    found = [table.row_at("6月", 3), table.row_at("5月", 3), table.row_at("7月", 3)]
    assert found == [rows_on(1, 3), 3, -1]


def test_headings__in_another_order_and_one_more():
    june = """
    客户名称 | 线索编号 | 联系电话 | 来源渠道 | 当前阶段 | 负责人 | 获取日期 | 备忘 | 金额（万元）
    云岭食品 | L7 | 13800130003 | 官网 | 线索录入 | 张伟 | 2024-06-02 | 老客户介绍 | 3
    """
    table = recognised(sheet(LEADS, "5月"), sheet(june, "6月")).tables["lead"]
    assert list(table.raw["company"]) == ["明禾机械", "启明建材", "云岭食品"]
    assert list(table.raw["备忘"]) == [None, None, "老客户介绍"]
    assert table.spot(rows_on(1, 2), "company") == ("6月", "A2", 2)


def test_ids__that_start_anew_on_every_sheet_are_running_numbers():
    table = recognised(sheet(LEADS, "5月"), sheet(OTHERS, "6月")).tables["lead"]
    assert (table.has("lead_id"), table.by_key["线索编号"].known) == (False, False)
    assert len(table.raw) == 4


def test_subjects__a_total_in_both_is_no_common_lead():
    april, may = (text.rstrip() + "\n合计 | | | | | | | 37\n" for text in (LEADS, MAY))
    assert names(sheet(april, "4月"), sheet(may, "5月")) == ["4月", "5月"]


def test_subjects__an_old_customer_again_among_many():
    rows = [f"L{n} | 客户{n}贸易 | | 官网 | 线索录入 | 张伟 | 2024-06-02 | 3" for n in range(3, 12)]
    june = "\n".join([LEADS.strip().splitlines()[0], LEADS.strip().splitlines()[1], *rows])
    assert names(
        sheet(LEADS + "\n".join(rows[:3]).replace("L", "M"), "5月"), sheet(june, "6月")
    ) == [
        "5月",
        "6月",
    ]


def test_subjects__the_same_customers_are_a_copy():
    assert names(sheet(LEADS, "5月"), sheet(LEADS, "6月")) == ["5月"]
    assert told(sheet(LEADS, "5月"), sheet(LEADS, "6月")) == [("6月", "A1", "SHT-03", "warning")]


@pytest.mark.parametrize("name", ["线索备份", "作废", "模板"])
def test_parts__a_sheet_called_a_copy_stands_alone(name):
    sheets = (sheet(MAY + MAY.replace("L7", "L9").splitlines()[2], name), sheet(LEADS, "线索"))
    assert names(*sheets) == ["线索"]
    assert told(*sheets) == [(name, "A1", "SHT-03", "error")]


def test_parts__a_hidden_sheet_stands_alone():
    sheets = (sheet(LEADS, "线索"), sheet(MAY, "5月", hidden=True))
    assert names(*sheets) == ["线索"]
    assert told(*sheets) == [("5月", "A1", "SHT-03", "info")]


def test_people__each_sheet_is_its_persons():
    without = LEADS.replace(" | 负责人", "").replace(" | 张伟", "").replace(" | 李娜", "")
    other = without.replace("L1", "L7").replace("L2", "L8")
    found = recognised(sheet(without, "张伟"), sheet(other, "李娜"))
    assert {name: person.name for name, person in found.people.items()} == {
        "张伟": "张伟",
        "李娜": "李娜",
    }


def test_follow_ups__of_the_same_customers_in_another_month():
    april = """
    客户名称 | 跟进日期 | 跟进方式 | 跟进内容
    明禾机械 | 2024-04-02 | 电话 | 约了演示
    """
    may = april.replace("2024-04-02", "2024-05-02").replace("约了演示", "演示完了")
    found = recognised(sheet(LEADS, "线索"), sheet(april, "4月跟进"), sheet(may, "5月跟进"))
    assert [part.sheet for part in found.tables["follow_up"].sheets] == ["4月跟进", "5月跟进"]


def test_headings__are_told_once_and_nameless_columns_each_time():
    april = LEADS.replace("联系电话", "手机").replace("来源渠道", "").replace("获取日期", "")
    may = april.replace("L1", "L7").replace("L2", "L8")
    found = recognised(sheet(april, "4月"), sheet(may, "5月")).findings
    assert [(f.sheet, f.cell) for f in found if f.code == "HDR-05" and f.column == "手机"] == [
        ("4月", "C1")
    ]
    assert [(f.sheet, f.cell) for f in found if f.code == "HDR-09"] == [
        ("4月", "D1"),
        ("4月", "G1"),
        ("5月", "D1"),
        ("5月", "G1"),
    ]
