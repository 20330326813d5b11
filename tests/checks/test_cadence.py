"""FUP-04 overdue · FUP-06 silent · FUP-07 planned too late · SLA-03 no response · STG-06 dwell."""

import pytest

from sheetcrm.checks.cadence import (
    dwelling,
    no_first_response,
    plan_overdue,
    plan_too_late,
    silent,
)
from sheetcrm.clean import CleanBook
from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.summary import summarise
from tests.checks.support import AS_OF, follow_ups, leads, progress, told
from tests.tables import clean_book, sheet

HEAD = "线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 最后跟进时间 | 下次跟进时间"


def lead(row: str, *others: object, own: bool = True) -> CleanBook:
    return clean_book(leads(f"{HEAD}\nL1 | 明禾机械 | {row}"), *others, own=own)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("row", "late"),
    [
        ("意向 | 2024-06-01 | 2024-06-20 | 2024-06-29", True),
        ("意向 | 2024-06-01 | 2024-06-20 | 2024-06-30", False),  # due today
        ("流失 | 2024-06-01 | 2024-06-20 | 2024-06-29", False),
        ("意向 | 2024-06-01 | 2024-06-20 |", False),  # REQ-05
    ],
)
def test_plan_overdue(row, late):
    assert told(plan_overdue(lead(row), AS_OF)) == (["线索跟踪!F2 FUP-04 W"] if late else [])


def test_plan_overdue__says_that_it_was_done_since():
    found = plan_overdue(lead("意向 | 2024-06-01 | 2024-06-28 | 2024-06-20"), AS_OF)
    assert "2024-06-28" in found[0].suggestion


def test_plan_overdue__in_the_newest_follow_up_where_the_lead_has_no_such_column():
    book = clean_book(
        leads("线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | 意向"),
        follow_ups("""
        线索编号 | 跟进时间    | 跟进内容 | 下次跟进时间
        L1      | 2024-06-01 | 演示    | 2024-06-03
        L1      | 2024-06-10 | 演示    | 2024-06-12
        """),
        own=True,
    )
    assert told(plan_overdue(book, AS_OF)) == ["跟进记录!D3 FUP-04 W"]


def test_plan_overdue__a_follow_up_of_tomorrow_has_not_happened_yet():
    book = clean_book(
        leads("线索编号 | 客户名称 | 来源渠道 | 线索状态\nL1 | 明禾机械 | 展会 | 意向"),
        follow_ups("""
        线索编号 | 跟进时间    | 跟进内容 | 下次跟进时间
        L1      | 2024-06-10 | 演示    | 2024-06-12
        L1      | 2024-07-01 | 演示    | 2024-07-03
        """),
        own=True,
    )
    assert told(plan_overdue(book, AS_OF)) == ["跟进记录!D2 FUP-04 W"]


@pytest.mark.parametrize(
    ("row", "limit"),
    [
        ("意向 | 2024-01-01 | 2024-06-27 | 2024-07-02", None),  # 3 days are not more than 3
        ("意向 | 2024-01-01 | 2024-06-26 | 2024-07-02", "超过3天"),
        ("意向 | 2024-01-01 | 2024-06-22 | 2024-07-02", "超过7天"),
        ("意向 | 2024-01-01 | 2024-05-30 | 2024-07-02", "流失风险"),
        ("意向 | 2024-06-20 |            | 2024-07-02", "线索获取的2024-06-20"),
        ("成交 | 2024-01-01 | 2024-05-30 |", None),
    ],
)
def test_silent(row, limit):
    found = silent(lead(row), AS_OF)
    assert told(found) == (["线索跟踪!E2 FUP-06 W"] if limit else [])
    assert all(str(limit) in f.message for f in found)


def test_silent__the_log_counts_and_the_future_does_not():
    log = "线索编号 | 跟进时间 | 跟进内容\nL1 | {} | 演示"
    row = "意向 | 2024-01-01 | 2024-06-01 | 2024-07-02"
    assert silent(lead(row, follow_ups(log.format("2024-06-29"))), AS_OF) == []
    assert len(silent(lead(row, follow_ups(log.format("2024-07-29"))), AS_OF)) == 1


@pytest.mark.parametrize(
    ("row", "late"),
    [
        ("意向 | 2024-01-01 | 2024-06-28 | 2024-07-09", True),  # 意向: 3 days
        ("意向 | 2024-01-01 | 2024-06-28 | 2024-07-01", False),
        ("意向 | 2024-01-01 | 2024-06-01 | 2024-07-01", False),  # tomorrow is as soon as can be
        ("意向 | 2024-01-01 | 2024-06-01 | 2024-06-10", False),  # FUP-04
        ("线索 | 2024-01-01 | 2024-06-28 | 2024-07-05", False),  # 线索: 7 days
        ("流失 | 2024-01-01 | 2024-06-28 | 2024-08-05", False),
    ],
)
def test_plan_too_late(row, late):
    assert told(plan_too_late(lead(row), AS_OF)) == (["线索跟踪!F2 FUP-07 W"] if late else [])
    assert plan_too_late(lead(row, own=False), AS_OF) == []


@pytest.mark.parametrize(
    ("row", "late"),
    [
        ("线索 | 2024-06-26 | |", True),
        ("线索 | 2024-06-27 | |", False),  # Friday is the only working day since
        ("线索 | 2024-06-27 | 2024-06-28 |", False),
        ("流失 | 2024-06-01 | |", False),
        ("线索 | 2024-07-27 | |", False),  # DAT-03
    ],
)
def test_no_first_response(row, late):
    found = no_first_response(lead(row), AS_OF)
    assert told(found) == (["线索跟踪!D2 SLA-03 W"] if late else [])
    assert all("按天计" in f.message for f in found)


def test_no_first_response__any_row_of_the_log_is_one():
    log = follow_ups("线索编号 | 跟进时间 | 跟进内容\nL1 | 2024-06-29 | 演示")
    assert no_first_response(lead("线索 | 2024-06-01 | |", log), AS_OF) == []


def test_no_first_response__not_where_nothing_could_tell():
    book = clean_book(
        leads("线索编号 | 客户名称 | 线索状态 | 线索获取时间\nL1 | 明禾机械 | 线索 | 2024-06-01"),
        own=True,
    )
    assert no_first_response(book, AS_OF) == silent(book, AS_OF) == []


@pytest.mark.parametrize(
    ("status", "entered", "own", "over"),
    [
        ("意向", "2024-06-19", True, True),  # 意向: 10 days
        ("意向", "2024-06-20", True, False),
        ("意向", "2024-06-19", False, False),  # the setting: 15 days
        ("意向", "2024-06-10", False, True),
        ("成交", "2024-01-10", True, False),
    ],
)
def test_dwelling(status, entered, own, over):
    rows = progress(
        f"线索编号 | 客户名称 | 所属阶段 | 阶段进入时间\nL1 | 明禾机械 | {status} | {entered}"
    )
    book = lead(f"{status} | 2024-01-01 | |", rows, own=own)
    assert told(dwelling(book, AS_OF)) == (["线索跟踪!C2 STG-06 W"] if over else [])


@pytest.mark.parametrize(("left", "over"), [("", True), ("2024-06-10", False)])
def test_dwelling__another_label_of_the_stage_is_no_entry(left, over):
    rows = progress(f"""
        线索编号 | 客户名称 | 所属阶段        | 阶段进入时间 | 离开时间
        L1       | 明禾机械 | 需求分析-待跟进 | 2024-05-01   | {left}
        L1       | 明禾机械 | 需求分析-已完成 | 2024-06-28   |
    """)
    book = clean_book(
        leads("线索编号 | 客户名称 | 线索状态\nL1 | 明禾机械 | 需求分析-已完成"),
        rows,
        own=True,
        kit=load_kit("six_steps"),
    )
    assert bool(dwelling(book, AS_OF)) is over


def test_dwelling__since_the_day_in_a_column_for_the_stage():
    text = """
    客户名称 | 电话 | 业务员 | 接触日期 | 报价日期 | 签约日期
    明禾机械 | 13800130001 | 张伟 | 2024-05-01 | 2024-06-10 |
    长风物流 | 13800130002 | 张伟 | 2024-05-01 | 2024-06-20 |
    云岭食品 | 13800130003 | 张伟 | 2024-05-01 | |
    青川建材 | 13800130004 | 张伟 | 2024-05-01 | 2024-05-02 | 2024-05-03
    """
    book = clean_book(sheet(text, "台账"))
    found = dwelling(book, AS_OF)
    assert [(f.row, f.message.split("，")[0]) for f in found] == [
        (2, "在“报价”已停留20天"),
        (4, "在“接触”已停留60天"),
    ]
    over = summarise(dataset([book]), AS_OF).leads
    assert list(over.loc[over["in_stage_over"], "row"]) == [2, 4]


def test_dwelling__since_its_receipt_in_the_first_stage():
    assert told(dwelling(lead("线索 | 2024-06-20 | |"), AS_OF)) == ["线索跟踪!C2 STG-06 W"]
    assert dwelling(lead("意向 | 2024-06-20 | |"), AS_OF) == []  # nobody knows since when


def test_agrees__with_the_lists_of_the_summary():
    """The same leads as in 逾期预警, however they are written down."""
    text = """
    线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 最后跟进时间 | 下次跟进时间
    L1      | 明禾机械 | 意向    | 2024-01-01  | 2024-06-26  | 2024-06-29
    L2      | 长风物流 | 线索    | 2024-06-01  |             |
    L3      | 云岭食品 | 商机    | 2024-05-01  |             | 2024-06-30
    L4      | 白鹿服饰 | 报价    | 2024-05-01  | 2024-06-30  | 2024-07-02
    L5      | 青川建材 | 流失    | 2024-05-01  | 2024-05-03  | 2024-05-05
    L6      | 石桥纸业 | 意向    | 2024-05-01  | 2024-05-03  | 2024-05-05
    L6      | 东篱酒店 | 意向    | 2024-05-01  |             |
    """
    log = """
    线索编号 | 客户名称 | 跟进时间    | 跟进内容
            | 云岭食品 | 2024-06-20 | 演示
    L6      | 石桥纸业 | 2024-06-29 | 演示
    L1      | 明禾机械 | 2024-07-20 | 演示
    """
    rows = """
    线索编号 | 客户名称 | 所属阶段 | 阶段进入时间
    L1      | 明禾机械 | 意向    | 2024-06-01
    L3      | 云岭食品 | 商机    | 2024-06-20
    L3      | 云岭食品 | 商机    | 2024-05-02
    L4      | 白鹿服饰 | 报价    | 2024-05-20
    """
    book = clean_book(leads(text), follow_ups(log), progress(rows))
    listed = summarise(dataset([book]), AS_OF).leads.set_index("row")
    for rule, flag in (
        (plan_overdue, "next_follow_up_overdue"),
        (silent, "silent_owner"),
        (dwelling, "in_stage_over"),
        (no_first_response, "never_followed_up"),
    ):
        assert {f.row for f in rule(book, AS_OF)} == set(listed.index[listed[flag]]), flag
