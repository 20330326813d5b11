"""SLA-01 entry · SLA-02 record · SLA-04 needs analysis · SLA-05 proposal · SLA-06 legal review."""

from datetime import date

import pytest

from sheetcrm.checks.service_levels import (
    analysis_late,
    entered_late,
    legal_late,
    proposal_late,
    recorded_late,
)
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import DayException
from tests.checks.support import (
    AS_OF,
    contracts,
    follow_ups,
    leads,
    progress,
    requests,
    told,
)
from tests.tables import clean_book

HEAD = "线索编号 | 客户名称 | 线索状态 | 线索获取时间 | 录入时间 | 客户痛点"


@pytest.mark.parametrize(
    ("received", "entered", "late"),
    [
        ("2024-04-30", "2024-05-06", False),  # the May holiday
        ("2024-05-10", "2024-05-11", False),  # a Saturday that is worked
        ("2024-05-10", "2024-05-13", True),
        ("2024-05-17", "2024-05-20", False),
        ("2024-05-06", "2024-05-06", False),
        ("2024-05-06", "2024-05-03", False),  # DAT-08
    ],
)
def test_entered_late(received, entered, late):
    book = clean_book(leads(f"{HEAD}\nL1 | 明禾机械 | 意向 | {received} | {entered} |"), own=True)
    assert told(entered_late(book, AS_OF)) == (["线索跟踪!E2 SLA-01 W"] if late else [])


def test_entered_late__the_companys_own_days_off():
    kit = load_kit()
    off = DayException(day=date(2024, 5, 11), working=False)
    kit = kit.model_copy(update={"exceptions": (off,)})
    sheet = leads(f"{HEAD}\nL1 | 明禾机械 | 意向 | 2024-05-10 | 2024-05-13 |")
    assert entered_late(clean_book(sheet, own=True, kit=kit), AS_OF) == []


def test_entered_late__a_year_without_announced_holidays_says_so():
    sheet = leads(f"{HEAD}\nL1 | 明禾机械 | 意向 | 2040-05-07 | 2040-05-11 |")
    found = entered_late(clean_book(sheet, own=True), date(2040, 6, 1))
    assert "暂定" in found[0].message


@pytest.mark.parametrize(
    ("talked", "written", "hours", "late"),
    [
        ("2024-05-06 10:00", "2024-05-07 10:00", 24, False),
        ("2024-05-06 10:00", "2024-05-07 10:30", 24, True),
        ("2024-05-17 17:00", "2024-05-20 16:00", 24, False),  # over a weekend
        ("2024-05-06", "2024-05-07", 24, False),
        ("2024-05-06", "2024-05-08", 24, True),
        ("2024-05-06 10:00", "2024-05-06 10:30", 0.5, False),
        ("2024-05-06 10:00", "2024-05-06 10:31", 0.5, True),
        ("2024-05-06", "2024-05-06", 0.5, False),  # nothing proves it late
        ("2024-05-06", "2024-05-07", 0.5, True),
    ],
)
def test_recorded_late(talked, written, hours, late):
    kit = load_kit()
    kit = kit.model_copy(
        update={
            "settings": tuple(
                s.model_copy(update={"value": hours}) if s.key == "follow_up_record_hours" else s
                for s in kit.settings
            )
        }
    )
    log = follow_ups(
        "线索编号 | 跟进时间 | 跟进方式 | 跟进内容 | 记录时间\n"
        f"L1 | {talked} | 电话 | 演示 | {written}"
    )
    found = recorded_late(clean_book(log, own=True, kit=kit), AS_OF)
    assert told(found) == (["跟进记录!E2 SLA-02 W"] if late else [])
    assert all(("按天计" in f.message) == (" " not in talked) for f in found)


@pytest.mark.parametrize(
    ("row", "talked", "late"),
    [
        ("意向 | 2024-06-01 | 2024-06-01 |", "2024-06-25", True),
        ("意向 | 2024-06-01 | 2024-06-01 |", "2024-06-27", False),  # Friday is the only day since
        ("意向 | 2024-06-01 | 2024-06-01 | 库存不准", "2024-06-25", False),
        ("报价 | 2024-06-01 | 2024-06-01 |", "2024-06-25", False),  # REQ-02
        ("流失 | 2024-06-01 | 2024-06-01 |", "2024-06-25", False),
    ],
)
def test_analysis_late(row, talked, late):
    log = follow_ups(f"线索编号 | 跟进时间 | 跟进内容\nL1 | {talked} | 演示")
    book = clean_book(leads(f"{HEAD}\nL1 | 明禾机械 | {row}"), log, own=True)
    assert told(analysis_late(book, AS_OF)) == (["线索跟踪!F2 SLA-04 W"] if late else [])


def test_analysis_late__a_guest_that_leaves_the_column_blank():
    rows = "\n".join(f"L{i} | 明禾{i} | 意向 | 2024-06-01 | 2024-06-01 |" for i in range(1, 4))
    log = follow_ups("线索编号 | 跟进时间 | 跟进内容\nL1 | 2024-06-03 | 演示")
    assert analysis_late(clean_book(leads(f"{HEAD}\n{rows}"), log), AS_OF) == []


@pytest.mark.parametrize(
    ("stages", "status", "cells"),
    [
        ({"商机": "2024-06-20"}, "商机", ["D2"]),
        ({"商机": "2024-06-26"}, "商机", []),
        ({"商机": "2024-06-03", "报价": "2024-06-20"}, "报价", []),
        ({"商机": "2024-06-03"}, "报价", []),  # its status says so
        ({"商机": "2024-06-03"}, "流失", []),
        ({"意向": "2024-06-03"}, "意向", []),
    ],
)
def test_proposal_late(stages, status, cells):
    rows = "\n".join(f"L1 | 明禾机械 | {s} | {day}" for s, day in stages.items())
    book = clean_book(
        leads(f"{HEAD}\nL1 | 明禾机械 | {status} | 2024-06-01 | 2024-06-01 |"),
        progress(f"线索编号 | 客户名称 | 所属阶段 | 阶段进入时间\n{rows}"),
        own=True,
    )
    assert told(proposal_late(book, AS_OF)) == [f"阶段进度!{c} SLA-05 W" for c in cells]


def test_proposal_late__a_label_that_says_the_analysis_is_done():
    rows = "线索编号 | 客户名称 | 所属阶段 | 阶段进入时间\nL1 | 明禾机械 | {} | 2024-06-03"
    kit = load_kit("six_steps")
    done = clean_book(progress(rows.format("需求分析-已完成")), own=True, kit=kit)
    assert told(proposal_late(done, AS_OF)) == ["阶段进度!D2 SLA-05 W"]
    waiting = clean_book(progress(rows.format("需求分析-待跟进")), own=True, kit=kit)
    assert proposal_late(waiting, AS_OF) == []


@pytest.mark.parametrize(
    ("sent", "done", "late"),
    [
        ("2024-06-07", "2024-06-11", False),  # the Dragon Boat holiday
        ("2024-06-07", "2024-06-12", True),
        ("2024-06-26", "", True),
        ("2024-06-27", "", False),
    ],
)
def test_legal_late(sent, done, late):
    contract = contracts(
        "合同编号 | 客户名称 | 送审时间 | 法务完成时间 | 签订时间\n"
        f"HT2024001 | 明禾机械 | {sent} | {done} |"
    )
    found = legal_late(clean_book(contract, own=True), AS_OF)
    assert told(found) == (["合同!D2 SLA-06 W"] if late else [])


def test_legal_late__requests_for_a_review():
    text = """
    需求编号 | 协作部门 | 需求内容     | 提出时间    | 要求完成时间 | 状态   | 实际完成时间
    X1      | 法务    | 审核合同条款 | 2024-06-03 | 2024-06-10  | 已完成 | 2024-06-07
    X2      | 法务    | 讲一次培训   | 2024-06-03 | 2024-06-10  | 已完成 | 2024-06-07
    X3      | 技术    | 审核方案     | 2024-06-03 | 2024-06-10  | 已完成 | 2024-06-07
    X4      | 法务    | 审核合同条款 | 2024-06-03 | 2024-06-10  | 已驳回 |
    """
    found = legal_late(clean_book(requests(text), own=True), AS_OF)
    assert told(found) == ["协作需求!G2 SLA-06 W"]


@pytest.mark.parametrize(
    ("status", "late"),
    [
        ("已完成", False),
        ("已关闭", False),
        ("已驳回", False),
        ("处理中", True),
        ("", True),
    ],
)
def test_legal_late__requests_that_are_over_without_a_date(status, late):
    text = f"""
    需求编号 | 协作部门 | 需求内容     | 提出时间    | 要求完成时间 | 状态     | 实际完成时间
    X1      | 法务    | 审核合同条款 | 2024-06-03 | 2024-06-10  | {status} |
    """
    found = legal_late(clean_book(requests(text), own=True), AS_OF)
    assert told(found) == (["协作需求!G2 SLA-06 W"] if late else [])
