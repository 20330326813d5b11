"""REQ-01 always · REQ-02 as the stage asks · REQ-03 placeholder · REQ-04 conditional ·
REQ-05 no plan · REQ-06 a guest's sparse column · AMT-04 won without amount."""

import pytest

from sheetcrm.checks.required import filled, planned
from sheetcrm.kit.load import load_kit
from tests.checks.support import AS_OF, changes, follow_ups, leads, progress, requests, told
from tests.tables import clean_book


def test_filled__always_required():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 联系人 | 备注
        L1      | 明禾机械 | 许文清 |
        L2      |         | 许文清 |
        L3      | 长风物流 |        |
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["线索跟踪!B3 REQ-01", "线索跟踪!C4 REQ-01"]
    first = filled(book, AS_OF)[0]
    assert (first.key, first.column, first.suggestion) == ("L2", "客户名称", "请填写客户名称")


def test_filled__by_stage():
    """需求分析之后: 决策人; 报价起: 预计成交金额; nothing of lost or unknown stages."""
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索状态 | 决策人 | 预计成交金额
        L1      | 明禾机械 | 意向    |       |
        L2      | 长风物流 | 商机    |       |
        L3      | 云岭食品 | 报价    | 马总  |
        L4      | 白鹿服饰 | 流失    |       |
        L5      | 青川建材 | 不知道  |       |
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["线索跟踪!D3 REQ-02", "线索跟踪!E4 REQ-02"]
    assert "商机" in filled(book, AS_OF)[0].message


def test_filled__by_stage_is_a_warning_for_guests():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 来源渠道 | 线索状态 | 决策人
        L1      | 明禾机械 | 展会    | 商机    | 马总
        L2      | 长风物流 | 展会    | 商机    | 赵总
        L3      | 云岭食品 | 展会    | 商机    |
        """)
    )
    assert told(filled(book, AS_OF)) == ["线索跟踪!E4 REQ-02 W"]


def test_filled__a_guest_must_say_who_and_when():
    book = clean_book(
        follow_ups("""
        线索编号 | 跟进时间    | 跟进方式 | 跟进内容 | 客户反馈
        L1      | 2024-05-01 | 电话    | 演示    |
        L1      | 2024-05-02 | 电话    | 回访    | 不错
        L1      |            | 电话    | 报价    | 太贵
        """)
    )
    assert told(filled(book, AS_OF)) == ["跟进记录!B4 REQ-01", "跟进记录!E2 REQ-01 W"]


def test_filled__sparse_column_of_a_guest_is_told_once():
    rows = [f"L{i} | 客户{i} | 展会 | 商机 |" for i in range(1, 8)]
    head, last = (
        "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 决策人",
        "L9 | 客户9 | 展会 | 商机 | 马总",
    )
    text = "\n".join([head, *rows, last])
    assert told(filled(clean_book(leads(text)), AS_OF)) == ["线索跟踪!E1 REQ-06 W"]
    own = filled(clean_book(leads(text), own=True), AS_OF)
    assert [f.code for f in own] == ["REQ-02"] * 7


def test_filled__won_needs_amount_and_lost_needs_reason():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索状态 | 实际成交金额 | 流失原因
        L1      | 明禾机械 | 成交    | 50000       |
        L2      | 长风物流 | 成交    |             |
        L3      | 云岭食品 | 流失    |             | 价格过高
        L4      | 白鹿服饰 | 流失    |             |
        L5      | 青川建材 | 意向    |             |
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["线索跟踪!D3 AMT-04", "线索跟踪!E5 REQ-04"]


def test_filled__status_change_needs_reason():
    book = clean_book(
        changes("""
        线索编号 | 变更时间    | 原状态 | 新状态 | 变更原因 | 变更人
        L1      | 2024-05-10 | 线索  | 意向  | 有预算   | 林晓舟
        L2      | 2024-05-11 | 线索  | 意向  |         | 林晓舟
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["状态变更!E3 REQ-04"]


def test_filled__when_another_column_says_so():
    book = clean_book(
        requests("""
        需求编号   | 关联线索 | 状态   | 实际完成时间
        XZ2024001 | L1      | 已完成 | 2024-05-14
        XZ2024002 | L1      | 已完成 |
        XZ2024003 | L1      | 处理中 |
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["协作需求!D3 REQ-04"]


def test_filled__one_of_two_keys_is_enough():
    """A row with neither is told once, at the first of the two."""
    book = clean_book(
        follow_ups("""
        线索编号 | 客户编号   | 跟进时间    | 跟进内容
        L1      |           | 2024-05-01 | 演示
        L1      | CL2024001 | 2024-05-02 | 回访
                | CL2024001 | 2024-05-03 | 回访二
                |           | 2024-05-04 | 回访三
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["跟进记录!A5 REQ-04"]


def test_filled__placeholder_is_a_warning():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索状态 | 决策人
        L1      | 明禾机械 | 商机    | 待定
        L2      | 长风物流 | 线索    | 待定
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["线索跟踪!D2 REQ-03 W"]


def test_filled__expected_close_only_in_the_newest_stage_row():
    book = clean_book(
        progress("""
        线索编号 | 客户名称 | 所属阶段 | 阶段进入时间 | 预计成交时间
        L1      | 明禾机械 | 线索    | 2024-05-01  |
        L1      | 明禾机械 | 意向    | 2024-05-08  |
        L2      | 长风物流 | 线索    | 2024-05-01  |
        L2      | 长风物流 | 成交    | 2024-05-20  |
        """),
        own=True,
    )
    assert told(filled(book, AS_OF)) == ["阶段进度!E3 REQ-02"]


LEADS_WITH_PLAN = """
线索编号 | 客户名称 | 线索状态 | 下次跟进时间
L1      | 明禾机械 | 意向    | 2024-07-02
L2      | 长风物流 | 意向    |
L3      | 云岭食品 | 流失    |
L4      | 白鹿服饰 | 意向    | 待定
"""


def test_planned__open_lead_without_plan():
    book = clean_book(leads(LEADS_WITH_PLAN), own=True)
    assert told(planned(book, AS_OF)) == ["线索跟踪!D3 REQ-05 W", "线索跟踪!D5 REQ-05 W"]


def test_planned__the_newest_follow_up_counts_too():
    log = """
    线索编号 | 跟进时间    | 下次跟进时间
    L2      | 2024-05-01 |
    L2      | 2024-06-01 | 2024-07-01
    L4      | 2024-06-02 |
    """
    book = clean_book(leads(LEADS_WITH_PLAN), follow_ups(log), own=True)
    assert told(planned(book, AS_OF)) == ["线索跟踪!D5 REQ-05 W"]


def test_planned__only_the_newest_follow_up_of_an_open_lead():
    book = clean_book(
        leads("""
        线索编号 | 客户名称 | 线索状态
        L1      | 明禾机械 | 意向
        L2      | 长风物流 | 成交
        L3      | 云岭食品 | 意向
        """),
        follow_ups("""
        线索编号 | 跟进时间    | 下次跟进时间
        L1      | 2024-06-01 |
        L1      | 2024-05-01 |
        L2      | 2024-06-01 |
        L3      | 2024-05-01 |
        L3      | 2024-06-02 | 2024-07-05
        """),
        own=True,
    )
    assert told(planned(book, AS_OF)) == ["跟进记录!C2 REQ-05 W"]
    assert told(filled(book, AS_OF)) == []


@pytest.mark.parametrize(
    ("name", "stage"), [("sales_flow", "商务谈判"), ("customer_states", "高意向客户")]
)
def test_filled__the_amount_or_back_to_a_stage_of_the_pipeline_itself(name, stage):
    kit = load_kit(name)
    won = next(s.labels[0] for s in kit.pipeline.stages if s.kind == "won")
    text = f"线索编号 | 线索状态 | 实际成交金额\nL1 | {won} | \nL2 | {won} | 5000"
    (told_once,) = filled(clean_book(leads(text), own=True, kit=kit), AS_OF)
    assert (told_once.cell, told_once.code) == ("C2", "AMT-04")
    assert f"“{stage}" in told_once.suggestion


@pytest.mark.parametrize(("gone", "told_as"), [("线索编号", "HDR-02"), ("客户编号", "")])
def test_filled__one_of_two_keys_has_lost_its_column(gone, told_as):
    """The rows are not to blame that their key is nowhere to be written."""
    text = """
    线索编号 | 客户编号 | 跟进时间   | 跟进方式 | 跟进内容 | 跟进人
    L1      |         | 2024-05-01 | 电话    | 介绍    | 张伟
    L1      |         | 2024-05-02 | 电话    | 报价    | 张伟
    L1      |         | 2024-05-03 | 电话    | 再报价  | 张伟
    """
    book = clean_book(follow_ups(text.replace(gone, "别的")), own=True)
    found = [f for f in filled(book, AS_OF) if f.column in ("线索编号", "客户编号")]
    assert [(f.code, f.cell, f.severity) for f in found] == [
        (code, "A1", "error") for code in (told_as,) if code
    ]
