"""A stage column under a heading nobody knows is told by its values, not by likeness."""

import pytest

from tests.tables import recognised, sheet

LEADS = """
客户名称 | 联系电话 | 来源渠道 | 负责人 | 获取日期 | 走到哪了 | 备注二
明禾机械 | 13800130001 | 展会 | 张伟 | 2024-03-01 | 意向 | 老客户
启明建材 | 13800130002 | 官网 | 王芳 | 2024-03-02 | 报价 | 意向
远景物流 | 13800130003 | 官网 | 王芳 | 2024-03-02 | 成交 | 要发票
北辰教育 | 13800130004 | 官网 | 王芳 | 2024-03-03 | 再看看 | 已报价
东方电气 | 13800130005 | 展会 | 张伟 | 2024-03-04 | 流失 |
"""


def stage(text: str) -> str:
    lead = recognised(sheet(text, "台账")).tables["lead"]
    return next((h.text for h in lead.headings if h.known and h.key == "status"), "")


def test_stage_column__told_by_its_values_and_said_so():
    assert stage(LEADS) == "走到哪了"
    found = recognised(sheet(LEADS, "台账")).findings
    assert [f.code for f in found if f.cell == "F1"][:1] == ["HDR-05"]
    assert "HDR-02" not in {f.code for f in found if f.value == "线索状态"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("走到哪了", "上月走到", id="another time"),
        pytest.param("| 意向 | 老客户", "| 已和张总谈过 | 老客户", id="too few stages"),
        pytest.param("备注二", "当前阶段", id="a heading names one"),
    ],
)
def test_stage_column__what_may_be_something_else_is_left(old, new):
    assert stage(LEADS.replace(old, new)) != "走到哪了"


def test_stage_column__of_two_none_is_taken():
    two = LEADS.replace("老客户", "意向").replace("要发票", "成交").replace("已报价", "报价")
    assert stage(two) == ""


def test_stage_column__a_result_noted_at_the_end_is_no_stage():
    ends = LEADS.replace("| 意向 |", "| |").replace("| 报价 |", "| |").replace("| 再看看 |", "| |")
    assert stage(ends) == ""


def test_stage_column__a_teams_own_words_with_a_result_among_them():
    own = """
客户名称 | 联系电话 | 来源渠道 | 负责人 | 获取日期 | 进度如何 | 备注二
明禾机械 | 13800130001 | 展会 | 张伟 | 2024-03-01 | 跟进中 | 老客户
启明建材 | 13800130002 | 官网 | 王芳 | 2024-03-02 | 已签 |
远景物流 | 13800130003 | 官网 | 王芳 | 2024-03-02 | 跟进中 |
北辰教育 | 13800130004 | 官网 | 王芳 | 2024-03-03 | 黄了 |
东方电气 | 13800130005 | 展会 | 张伟 | 2024-03-04 | 黄了 |
海达物流 | 13800130006 | 展会 | 张伟 | 2024-03-04 | 暂缓 |
华光电子 | 13800130007 | 展会 | 张伟 | 2024-03-04 | 已签 |
天合材料 | 13800130008 | 展会 | 张伟 | 2024-03-04 | 暂缓 |
"""
    assert stage(own) == "进度如何"


WORDS = ("跟进中", "已签", "黄了", "跟进中", "已签", "黄了")


def plain_leads(headings: str, cells: str) -> str:
    lines = (f"客户{n} | 1380013000{n} | {cells} | {word}" for n, word in enumerate(WORDS))
    return "\n".join([f"客户 | 电话 | {headings} | 进展", *lines])


def test_stage_column__makes_leads_of_a_table_without_their_headings():
    found = recognised(sheet(plain_leads("联系人 | 负责人", "许文清 | 张三"), "Sheet1"))
    assert list(found.tables) == ["lead"]
    assert found.tables["lead"].by_key["status"].text == "进展"


def test_stage_column__a_directory_or_an_own_kind_of_table_is_no_leads():
    directory = plain_leads("联系人 | 负责人", "许文清 | 张三").replace("进展", "地址")
    for word in set(WORDS):
        directory = directory.replace(f"| {word}", "| 人民路1号")
    assert recognised(sheet(directory, "Sheet1")).tables == {}
    log = """
客户名称 | 跟进时间 | 跟进人 | 跟进方式 | 跟进内容 | 结果如何
明禾机械 | 2024-03-01 | 张三 | 电话 | 谈了价格 | 成交
启明建材 | 2024-03-02 | 张三 | 电话 | 谈了交期 | 流失
"""
    assert list(recognised(sheet(log, "Sheet1")).tables) == ["follow_up"]
