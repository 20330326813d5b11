"""A heading that only says 编号 may name the lead a row belongs to, not the row itself."""

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.table import Table
from tests.tables import recognised, sheet

LEADS = """
编号 | 客户名称 | 联系电话 | 来源渠道 | 当前阶段 | 负责人 | 获取日期
KH-01 | 明禾机械 | 13800130001 | 展会 | 线索录入 | 张伟 | 2024-03-01
KH-02 | 启明建材 | 13800130002 | 官网 | 合同签订 | 王芳 | 2024-03-02
KH-03 | 远景物流 | 13800130003 | 官网 | 合同签订 | 王芳 | 2024-03-02
"""
FOLLOW_UPS = """
编号 | 跟进时间 | 跟进方式 | 跟进内容 | 跟进人
KH-01 | 2024-03-03 | 电话 | 介绍产品 | 张伟
KH-01 | 2024-03-05 | 电话 | 发送方案 | 张伟
KH-02 | 2024-03-06 | 电话 | 介绍产品 | 王芳
"""
STAGES = """
编号 | 客户名称 | 所处阶段 | 进入日期 | 离开日期
KH-01 | 明禾机械 | 线索录入 | 2024-03-01 |
KH-02 | 启明建材 | 线索录入 | 2024-03-02 | 2024-03-05
KH-02 | 启明建材 | 合同签订 | 2024-03-05 |
"""


def first(table: Table) -> str:
    heading = table.headings[0]
    return heading.key if heading.known else "?"


@pytest.mark.parametrize(("name", "text"), [("沟通记录", FOLLOW_UPS), ("阶段变化", STAGES)])
def test_reference__a_generic_heading_over_ids_of_the_leads(name, text):
    found = recognised(sheet(LEADS, "台账"), sheet(text, name))
    (child,) = (table for key, table in found.tables.items() if key != "lead")
    assert (first(child), first(found.tables["lead"])) == ("lead_id", "lead_id")
    assert [f.code for f in found.findings if f.sheet == name and f.cell == "A1"][:1] == ["HDR-05"]


@pytest.mark.parametrize("heading", ["ID", "客户编号", "序号"])
def test_reference__whatever_the_leads_are_known_by(heading):
    leads, log = (t.replace("编号", heading, 1) for t in (LEADS, FOLLOW_UPS))
    found = recognised(sheet(leads, "台账"), sheet(log, "沟通记录"))
    expected = "lead_id" if heading != "序号" else "?"
    assert first(found.tables["follow_up"]) == expected


def test_reference__each_lead_followed_up_once():
    once = "\n".join(line for line in FOLLOW_UPS.splitlines() if "发送方案" not in line)
    found = recognised(sheet(LEADS, "台账"), sheet(once, "沟通记录"))
    assert first(found.tables["follow_up"]) == "lead_id"


def test_reference__running_numbers_of_the_sheet_itself_are_none():
    leads, log = LEADS, FOLLOW_UPS.replace("KH-01", "#1", 1).replace("KH-01", "#2")
    for n in (1, 2, 3):
        leads = leads.replace(f"KH-0{n}", f"#{n}")
    found = recognised(sheet(leads, "台账"), sheet(log.replace("KH-02", "#3"), "沟通记录"))
    assert first(found.tables["follow_up"]) == "follow_up_id"


def test_reference__ids_of_its_own_are_none():
    own = FOLLOW_UPS.replace("KH-01", "GJ-1", 1).replace("KH-01", "GJ-2").replace("KH-02", "GJ-3")
    found = recognised(sheet(LEADS, "台账"), sheet(own, "沟通记录"))
    assert first(found.tables["follow_up"]) == "follow_up_id"


def test_reference__a_column_that_says_so_keeps_its_place():
    both = """
    编号 | 线索编号 | 跟进时间 | 跟进方式 | 跟进内容
    KH-01 | KH-01 | 2024-03-03 | 电话 | 介绍产品
    KH-01 | KH-01 | 2024-03-05 | 电话 | 发送方案
    """
    table = recognised(sheet(LEADS, "台账"), sheet(both, "沟通记录")).tables["follow_up"]
    assert [h.text for h in table.headings if h.key == "lead_id"] == ["线索编号"]


def test_reference__customers_where_there_is_a_customer_file():
    accounts = """
    编号 | 客户名称 | 职务 | 需求标签 | 初次接触时间
    C-1 | 明禾机械 | 经理 | 进销存 | 2024-03-01
    C-2 | 启明建材 | 经理 | 进销存 | 2024-03-01
    """
    log = FOLLOW_UPS.replace("KH-01", "C-1").replace("KH-02", "C-2")
    found = recognised(sheet(LEADS, "台账"), sheet(accounts, "客户档案"), sheet(log, "沟通记录"))
    assert first(found.tables["account"]) == "account_id"
    assert first(found.tables["follow_up"]) == "account_id"


def test_reference__a_log_kept_apart_whose_ids_repeat():
    table = recognised(sheet(FOLLOW_UPS, "沟通记录")).tables["follow_up"]
    assert first(table) == "lead_id"


def test_reference__an_own_workbook_is_taken_at_its_word():
    found = recognised(
        sheet(LEADS, "台账", table="lead"),
        sheet(FOLLOW_UPS, "沟通记录", table="follow_up"),
        own=True,
        kit=load_kit(),
    )
    assert first(found.tables["follow_up"]) == "follow_up_id"
