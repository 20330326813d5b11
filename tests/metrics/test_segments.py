"""客户分层 and 攻坚清单: tiers, due dates, where the valuable gather, win-back tasks."""

from datetime import date, timedelta

import pandas as pd
import pytest

from sheetcrm.metrics.dataset import Dataset, dataset
from sheetcrm.metrics.focus import BOTH, HIGH, STUCK, Focus, focus
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.segments import RISK, STABLE, VALUE, Segments, segments
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import RawSheet
from tests.tables import clean_book, sheet

AS_OF = date(2024, 6, 28)  # a Friday
# Won: 40,000 and 60,000, so that 1.2 times the mean is 60,000 and 0.8 times 40,000.
LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|最后跟进时间|下次跟进时间|预计成交金额|实际成交金额|成交时间|线索等级
L1|甲|官网|成交|王芳|2024-04-01|2024-06-25||50000|40000|2024-05-01|A
L2|乙|官网|成交|王芳|2024-04-01|2024-04-20||50000|60000|2024-05-02|A
L3|丙|展会|报价|王芳|2024-06-01|2024-06-24|2024-07-05|60000|||C
L4|丁|展会|商机|李强|2024-06-01|2024-06-27||59999|||B
L5|戊|展会|商机|李强|2024-06-01|2024-06-27||41000|||A
L6|己|展会|商机|李强|2024-06-01|2024-06-27||30000|||A
L7|庚|展会|意向|李强|2024-05-01|2024-05-29||90000|||A
L8|辛|展会|意向|李强|2024-05-01|2024-05-28||90000|||A
L9|壬|展会|意向|赵敏|2024-05-01|2024-05-20||10000|||C
L0|癸|展会|流失|赵敏|2024-05-01|2024-05-20||10000|||C
"""


def figures(*sheets: RawSheet, as_of: date = AS_OF) -> tuple[Dataset, Summary]:
    data = dataset([clean_book(*sheets)])
    return data, summarise(data, as_of)


def tiers(text: str = LEADS) -> Segments:
    return segments(*figures(sheet(text)))


def by_tier(found: Segments) -> dict[str, list[str]]:
    return {
        str(tier): [str(lead) for lead in rows["lead_id"]]
        for tier, rows in found.rows.groupby("tier")
    }


def test_segments__each_open_or_won_lead_is_in_one_tier():
    found = tiers()
    assert list(dict.fromkeys(found.rows["tier"])) == [VALUE, STABLE, RISK]
    assert by_tier(found) == {
        # Silent for exactly 30 days is no risk yet; graded A but of low value is not valuable.
        VALUE: ["L7", "L3", "L5"],
        STABLE: ["L4", "L6", "L2", "L1"],
        RISK: ["L8", "L9"],
    }


def test_segments__counts_and_money_equal_the_rows():
    data, summary = figures(sheet(LEADS))
    found = segments(data, summary)
    assert [(t.name, t.count, t.due, t.amount) for t in found.tiers] == [
        (VALUE, 3, 2, 191_000),
        (STABLE, 4, 1, 189_999),
        (RISK, 2, 2, 100_000),
    ]
    people = summary.population
    assert sum(t.count for t in found.tiers) == people.open + people.won
    for spread in found.spreads:
        assert sum(r.customers for r in spread.rows) == len(found.rows)
        for row in spread.rows:
            mine = found.rows[found.rows[spread.key] == row.name]
            plain = [int((mine["tier"] == tier).sum()) for tier in (VALUE, STABLE, RISK)]
            assert [row.value, row.stable, row.risk] == plain
            assert row.open == int((mine["outcome"] == "open").sum())


def test_segments__due_dates():
    found = tiers().rows.set_index("lead_id")
    due = {lead: found.loc[lead, "due_on"].date() for lead in found.index}
    assert due["L3"] == date(2024, 6, 26)  # 2 days after the talk, before what was planned
    assert due["L4"] == date(2024, 6, 30)  # the stage's 3 days
    assert due["L2"] == date(2024, 6, 1)  # 30 days after the deal, later than the last talk
    assert due["L1"] == date(2024, 7, 25)
    assert due["L8"] == due["L9"] == date(2024, 7, 3)  # three working days on
    assert found["late"].to_dict() == {
        **dict.fromkeys(found.index, 0),
        "L3": 2,
        "L2": 27,
        "L7": 28,
    }


def test_segments__a_plan_that_was_followed_by_a_contact_is_no_plan():
    head = "线索编号|客户名称|线索状态|负责人|线索获取时间|最后跟进时间|下次跟进时间|成交时间"
    rows = """
    L1|甲|成交|王芳|2024-04-01|2024-06-26|2024-05-20|2024-06-01
    L2|乙|成交|王芳|2024-04-01|2024-05-10|2024-05-20|2024-06-01
    L3|丙|成交|王芳|2024-04-01|2024-06-10|2024-06-20|2024-06-01
    L4|丁|意向|王芳|2024-06-01|2024-06-27|2024-06-20|
    L5|戊|意向|王芳|2024-06-20||2024-06-21|
    """
    text = "\n".join([head, *(line.strip() for line in rows.strip().split("\n"))])
    found = tiers(text).rows.set_index("lead_id")
    due = {lead: f"{found.loc[lead, 'due_on']:%m-%d}" for lead in sorted(found.index)}
    assert due == {"L1": "07-26", "L2": "07-01", "L3": "06-20", "L4": "06-30", "L5": "06-21"}
    action = found["action"].to_dict()
    assert action["L1"].startswith("按时回访")
    assert action["L3"].startswith("约好的回访已过8天")
    assert action["L5"].startswith("该联系的日子已过7天")


def test_segments__the_interval_of_a_customer_is_counted_from_its_end():
    actions = tiers().rows.set_index("lead_id")["action"].to_dict()
    assert actions["L2"].startswith("已超过回访间隔27天")


def test_segments__win_back_tasks_belong_to_the_owners():
    found = tiers()
    assert [(w.owner, w.tasks, w.amount) for w in found.win_back] == [
        ("李强", 1, 90_000),
        ("赵敏", 1, 10_000),
    ]
    actions = found.rows.set_index("lead_id")["action"]
    assert "经理牵头" in actions["L8"]
    assert "经理牵头" not in actions["L9"]


def many(valuable: dict[str, int], open_: int) -> str:
    lines = ["线索编号|客户名称|线索状态|负责人|线索获取时间|最后跟进时间|线索等级|区域"]
    for region, count in valuable.items():
        for n in range(open_):
            grade = "A" if n < count else "C"
            lines.append(
                f"{region}{n}|{region}{n}司|意向|王芳|2024-06-01|2024-06-27|{grade}|{region}"
            )
    return "\n".join(lines)


def test_segments__say_where_the_valuable_gather_only_beyond_chance():
    assert (
        "“华东”：进行中40条里有20条（50%，其余8%）"
        in tiers(many({"华东": 20, "华北": 4, "华南": 2}, 40)).sentence
    )
    assert "随机波动" in tiers(many({"华东": 9, "华北": 8, "华南": 8}, 40)).sentence
    assert "太少" in tiers(many({"华东": 2}, 4)).sentence


def test_segments__empty():
    found = tiers(LEADS.strip().split("\n")[0])
    assert len(found.rows) == 0
    assert [t.count for t in found.tiers] == [0, 0, 0]
    assert found.win_back == ()


LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|下一步行动
GZ0000001|L3|2024-06-03 10:00|王芳|电话|报价|等回音
GZ0000002|L3|2024-06-24 10:00|王芳|电话|催|约面谈
GZ0000003|L3|2024-07-24 10:00|王芳|电话|以后的|不算
GZ0000004|L9|2024-05-20 10:00|赵敏|电话|问候|再看
"""
STAGES = """
线索编号|销售代表|客户名称|所属阶段|阶段进入时间
L3|王芳|丙|报价|2024-05-20
L4|李强|丁|商机|2024-06-10
L9|赵敏|壬|意向|2024-05-03
"""


def picked() -> Focus:
    return focus(*figures(sheet(LEADS), sheet(LOG, "跟进记录"), sheet(STAGES, "阶段进度")))


def test_focus__high_by_grade_or_stage_and_long_stuck():
    rows = picked().rows.set_index("lead_id")
    kinds = rows["kind"].to_dict()
    assert kinds == {"L3": BOTH, "L5": HIGH, "L6": HIGH, "L7": HIGH, "L8": HIGH, "L9": STUCK}
    assert rows.loc["L3", "planned"] == "约面谈"
    assert rows.loc["L3", "progress"] == "跟进2次"
    assert rows.loc["L9", "progress"] == "还没有跟进"
    assert str(rows.loc["L9", "action"]).startswith("先恢复联系（已39天没有联系）")


@pytest.mark.parametrize(
    ("day", "told"),
    [
        ("2024-05-31", ""),
        ("2024-06-01", "，06-01进入“报价”"),
        ("2024-06-28", "，06-28进入“报价”"),
        ("2024-06-29", ""),
        ("2024-08-05", ""),
    ],
)
def test_focus__progress_tells_of_no_day_to_come(day, told):
    stages = f"线索编号|销售代表|客户名称|所属阶段|阶段进入时间\nL3|王芳|丙|报价|{day}"
    rows = focus(*figures(sheet(LEADS), sheet(stages, "阶段进度"))).rows.set_index("lead_id")
    assert rows.loc["L3", "progress"] == f"还没有跟进{told}"


def test_focus__people_add_up_and_follow_the_order_of_the_rows():
    found = picked()
    listed = {p.name: p.listed for p in found.people}
    assert listed == found.rows["owner"].value_counts().to_dict()
    assert list(dict.fromkeys(found.rows["owner"])) == [p.name for p in found.people if p.listed]
    total = found.total
    assert total.open == sum(p.open for p in found.people) == 7
    assert total.kinds == tuple(map(sum, zip(*(p.kinds for p in found.people), strict=True)))
    for person in found.people:
        assert sum(person.stages) == person.open


@pytest.mark.parametrize("days", [0, 1, 29, 30, 31, 200])
def test_segments__risk_begins_after_the_days_of_the_setting(days):
    talked = AS_OF - timedelta(days=days)
    head = "线索编号|客户名称|线索状态|负责人|线索获取时间|最后跟进时间"
    found = tiers(f"{head}\nL1|甲|意向|王芳|2023-01-01|{talked}").rows
    assert list(found["tier"]) == [RISK if days > 30 else STABLE]
    assert pd.notna(found["due_on"]).all()
