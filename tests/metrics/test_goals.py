"""目标对比, 合同 and 协作瓶颈 against plain computations."""

from datetime import date
from statistics import median

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.collaboration import Collaboration, collaboration
from sheetcrm.metrics.dataset import Dataset, dataset
from sheetcrm.metrics.goals import Goal, Goals, goals
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import RawSheet
from tests.tables import clean_book, sheet

AS_OF = date(2024, 6, 19)
HEAD = "线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间"


def figures(*sheets: RawSheet | str) -> tuple[Dataset, Summary]:
    data = dataset([clean_book(*sheets, kit=load_kit(), own=True)])
    return data, summarise(data, AS_OF)


def compared(targets: str, *sheets: RawSheet | str) -> dict[str, Goal]:
    found: Goals = goals(*figures(*sheets, sheet(targets, "业绩目标")))
    return {goal.name: goal for goal in found.rows}


TARGETS = """
月份|团队|转化率基线|转化率目标|响应时效基线|响应时效目标|合同审批基线|合同审批目标
2024-06-01|销售部|#0.4|#0.6|36|24|7|4
"""
LEADS = f"""
{HEAD}
L1|甲|官网表单|意向|王芳|2024-05-06
L2|乙|官网表单|意向|王芳|2024-05-07
L3|丙|官网表单|线索|王芳|2024-05-08
L4|丁|官网表单|线索|王芳|2024-06-18
L5|戊|官网表单|线索|王芳|2024-06-10
L6|己|官网表单|意向|王芳|2024-01-02
"""
LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容
GZ0000001|L1|2024-05-06 15:00|王芳|电话|一
GZ0000002|L1|2024-05-09 15:00|王芳|电话|二
GZ0000003|L2|2024-05-09 09:00|王芳|电话|三
GZ0000004|L3|2024-05-08 10:00|王芳|电话|四
GZ0000005|L6|2024-01-31 10:00|王芳|电话|太早
"""


def test_response__median_of_the_answered_and_share_of_all():
    goal = compared(TARGETS, LEADS, sheet(LOG, "跟进记录"))["首次响应时间"]
    # Days only on the leads' side: 0, 2 and 0 days.
    assert (goal.now, goal.count) == (median([0, 48, 0]), 3)
    # L4, of yesterday, may still be answered in time today; L5 has waited nine days.
    assert goal.share is not None
    assert (goal.share.numerator, goal.share.denominator) == (2, 4)
    assert (goal.baseline, goal.goal, goal.gap, goal.reached) == (36, 24, 0, True)
    assert "按天折算" in goal.population


@pytest.mark.parametrize(
    ("acquired", "denominator"),
    [
        ("2024-06-19", 1),  # today is not over
        ("2024-06-18", 2),
    ],
)
def test_response__a_lead_of_today_is_not_late(acquired, denominator):
    rows = f"{HEAD}\nL1|甲|官网表单|意向|王芳|2024-06-03\n"
    log = "线索编号|跟进时间|跟进人|跟进内容\nL1|2024-06-03|王芳|一\n"
    goal = compared(
        TARGETS.replace("36|24", "36|4"),
        f"{rows}L2|乙|官网表单|线索|王芳|{acquired}",
        sheet(log, "跟进记录"),
    )["首次响应时间"]
    assert goal.share is not None
    assert (goal.share.numerator, goal.share.denominator) == (1, denominator)


def test_conversion__of_leads_that_had_time():
    goal = compared(TARGETS, LEADS)["线索转化率"]
    # Acquired 2024-02-21 to 2024-05-20: L1, L2, L3.
    assert goal.now == pytest.approx(2 / 3)
    assert goal.count == 3
    assert goal.reached is True
    assert goal.progress == pytest.approx((2 / 3 - 0.4) / 0.2)


CONTRACTS = """
合同编号|客户名称|送审时间|法务完成时间|批准时间|签订时间|交付启动时间|责任人
HT2024001|甲|2024-06-03|2024-06-04|2024-06-06|2024-06-07|2024-06-11|王芳
HT2024002|乙|2024-06-03|2024-06-06|2024-06-13|||王芳
HT2024003|丙|2024-06-13|2024-06-14||||王芳
HT2024004|丁|2024-01-03|2024-01-04|2024-01-05|||王芳
HT2024005|戊|2024-06-11|||||王芳
"""


def test_approval__mean_working_days_and_waiting_ones_past_the_goal():
    found = compared(TARGETS, LEADS, sheet(CONTRACTS, "合同"))["合同审批时间"]
    # 2024-06-10 is a holiday: 3 and 7 working days. 丙 has waited 4, 戊 6 working days.
    assert (found.now, found.count) == ((3 + 7) / 2, 2)
    assert found.share is not None
    assert (found.share.numerator, found.share.denominator) == (1, 3)
    assert (found.gap, found.reached) == (1.0, False)


def test_contracts__review_and_delivery():
    found = goals(*figures(LEADS, sheet(CONTRACTS, "合同"))).contracts
    legal, delivery = found.steps["legal"], found.steps["delivery"]
    assert (legal.done, legal.waiting, legal.median) == (3, 1, 1.0)
    assert (legal.in_time.numerator, legal.in_time.denominator) == (2, 4)
    assert (delivery.done, delivery.waiting, delivery.mean) == (1, 0, 1.0)


def test_goals__none_set_and_parts_of_one():
    found = goals(*figures(LEADS))
    assert (found.rows, found.month) == ((), None)
    only = compared("月份|团队|响应时效目标\n2024-06-01|销售部|24\n", LEADS)
    assert list(only) == ["首次响应时间"]
    goal = only["首次响应时间"]
    assert (goal.now, goal.gap, goal.reached, goal.progress) == (None, None, None, None)
    assert goal.reason


def test_goals__the_latest_month_and_the_team_before_the_people():
    text = """
月份|负责人|团队|响应时效目标
2024-05-01||销售部|99
2024-06-01|王芳||12
2024-06-01||销售部|24
2024-07-01||销售部|1
"""
    assert compared(text, LEADS)["首次响应时间"].goal == 24
    people = "月份|负责人|响应时效目标\n2024-06-01|王芳|12\n2024-06-01|李强|20\n"
    assert compared(people, LEADS)["首次响应时间"].goal == 16


def test_goals__a_figure_that_no_team_has_a_goal_for_is_that_of_the_people():
    text = """
月份|负责人|团队|转化率目标|响应时效基线|响应时效目标
2024-06-01||销售部|||24
2024-06-01|王芳||#0.4||12
2024-06-01|李强||#0.6|36|12
"""
    found = compared(text, LEADS)
    assert found["线索转化率"].goal == pytest.approx(0.5)
    # The team's goal and not a baseline of somebody else's.
    assert (found["首次响应时间"].goal, found["首次响应时间"].baseline) == (24, None)


REQUESTS = """
需求编号|关联线索|协作部门|需求内容|提出人|提出时间|要求完成时间|优先级|责任人|状态|实际完成时间|响应时间
XZ01|L1|技术|方案|王芳|2024-06-03 10:00|2024-06-05|高|周工|已完成|2024-06-05|2024-06-03 13:00
XZ02|L1|技术|方案|王芳|2024-06-03 17:00|2024-06-05|高|周工|已完成|2024-06-07|2024-06-04 14:00
XZ03|L2|技术|方案|王芳|2024-06-12 10:00|2024-06-17|低|周工|处理中||
XZ04|L2|法务|合同|王芳|2024-06-17 10:00|2024-06-19|中|李律|待响应||
XZ05|L2|法务|合同|王芳|2024-06-17 10:00||中|李律|已驳回||
"""


def together(text: str) -> Collaboration:
    return collaboration(*figures(LEADS, sheet(text, "协作需求")))


def test_collaboration__by_department():
    found = together(REQUESTS)
    table = {
        d.name: (
            d.requests,
            d.open,
            d.overdue.numerator,
            d.overdue.denominator,
            d.late_now,
            d.done_late,
        )
        for d in found.departments
    }
    assert table == {"技术": (3, 1, 2, 3, 1, 1), "法务": (2, 1, 0, 0, 0, 0)}
    tech = found.departments[0]
    # 3 hours; one hour and five in the office; 低 may take three working days, and took five.
    assert (tech.response.done, tech.response.median) == (2, (3 + 6) / 2)
    assert (tech.response.in_time.numerator, tech.response.in_time.denominator) == (1, 3)
    assert tech.completion.median == (2 + 4) / 2
    law = found.departments[1]
    assert (law.response.waiting, law.response.in_time.denominator) == (1, 1)


@pytest.mark.parametrize(
    ("asked", "denominator"),
    [
        ("2024-06-19 09:00", 0),  # today is not over
        ("2024-06-18 17:00", 0),  # due at noon
        ("2024-06-18 10:00", 1),
    ],
)
def test_collaboration__due_on_the_day_itself_is_not_late(asked, denominator):
    text = REQUESTS.strip().splitlines()[0]
    found = together(f"{text}\nXZ01|L1|技术|方案|王芳|{asked}|2024-06-25|高|周工|待响应||")
    assert found.total.response.in_time.denominator == denominator
    assert found.total.response.waiting == 1


def test_collaboration__total_is_the_sum():
    found = together(REQUESTS)
    for key in ("requests", "open", "late_now", "done_late"):
        assert getattr(found.total, key) == sum(getattr(d, key) for d in found.departments)


def test_collaboration__nothing_and_too_little_to_judge():
    assert together(REQUESTS).sentence == "各部门到期的协作需求都太少，暂不判断瓶颈。"
    empty = collaboration(*figures(LEADS))
    assert (empty.departments, empty.sentence, empty.total.requests) == ((), "", 0)
    many = REQUESTS + "\n".join(
        f"Y{n}|L1|财务|保函|王芳|2024-06-03|2024-06-04|中|钱会|已完成|2024-06-0{6 if n < 8 else 4}|"
        for n in range(12)
    )
    assert together(many).sentence.startswith("协作瓶颈在财务：12项中8项逾期（67%）")
