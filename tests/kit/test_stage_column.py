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
