"""业绩 against a second, plain computation, and where there is little to compute from."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import BonusTier
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.performance import Performance, bonus_rate
from sheetcrm.metrics.performance import performance as month_of_sales
from sheetcrm.metrics.performance_words import performance_lines
from sheetcrm.metrics.quality import quality
from sheetcrm.metrics.ranking import clearly_apart, critical
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import RawSheet
from tests.tables import clean_book, sheet

# 2024-06: 19 working days, of which 12 are over on the 19th (the 10th is 端午).
AS_OF = date(2024, 6, 19)
HEAD = "线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|实际成交金额|成交时间|回款金额"
LEADS = f"""
{HEAD}
L1|甲|官网表单|成交|王芳|2024-05-20|60000|2024-06-03|30000
L2|乙|官网表单|成交|王芳|2024-05-30|30000|2024-06-19|30000
L3|丙|展会推荐|成交|李强|2024-06-01|40000|2024-06-11|
L4|丁|展会推荐|成交|李强|2024-06-01||2024-06-12|
L5|戊|展会推荐|流失|李强|2024-06-01||||
L6|己|展会推荐|成交|王芳|2024-04-01|99000|2024-05-31|99000
L7|庚|展会推荐|成交|王芳|2024-04-01|99000|2024-06-20|99000
L8|辛|展会推荐|成交||2024-04-01|5000|2024-06-05|5000
L9|壬|展会推荐|线索|张伟|2024-06-18||||
"""
TARGETS = """
月份|负责人|团队|销售额目标|回款目标
2024-06-01|王芳||100000|80000
2024-06-01|李强||#160000|
2024-05-01|李强||#999999|
2024-06-01||销售部|#500000|
"""


def performance(*sheets: RawSheet | str, as_of: date = AS_OF, **settings: float) -> Performance:
    kit = load_kit()
    values = tuple(
        s.model_copy(update={"value": settings.get(s.key, s.value)}) for s in kit.settings
    )
    book = clean_book(*sheets, kit=kit.model_copy(update={"settings": values}), own=True)
    data = dataset([book])
    return month_of_sales(data, summarise(data, as_of), quality(data.books))


def targets(text: str = TARGETS) -> RawSheet:
    return sheet(text, "业绩目标")


def test_people__sales_targets_and_ranks():
    found = performance(LEADS, targets())
    table = {
        p.name: (p.rank, p.sales, p.deals, p.target, p.completion, p.gap, p.average)
        for p in found.people
    }
    assert table == {
        "王芳": (1, 90_000, 2, 100_000, 0.9, 10_000, 45_000),
        "李强": (2, 40_000, 2, 160_000, 0.25, 120_000, 40_000),
        "张伟": (3, 0, 0, None, None, None, None),
        "（未填）": (None, 5_000, 1, None, None, None, 5_000),
    }


def test_people__paid_targets():
    found = performance(LEADS, targets())
    assert {p.name: p.paid_target for p in found.people if p.paid_target} == {"王芳": 80_000}
    assert found.total.paid == pytest.approx(65_000)
    assert found.total.paid_target == 80_000


def test_people__paid_cycle_win_rate_and_interval():
    wang, li = performance(LEADS, targets()).people[:2]
    assert wang.paid_rate == pytest.approx(60 / 90)
    assert li.paid_rate == 0.0
    assert wang.cycle_days == (14 + 20) / 2
    assert (li.win_rate.numerator, li.win_rate.denominator) == (2, 3)
    error = math.sqrt(60_000**2 + 30_000**2)
    assert wang.interval is not None
    assert wang.interval[0] == 0.0
    assert wang.interval[1] == pytest.approx(90_000 + 1.959963984540054 * error)


def test_total__is_the_sum_of_the_people_and_pace_is_by_working_days():
    found = performance(LEADS, targets())
    assert found.total.sales == sum(p.sales for p in found.people) == 135_000
    assert found.total.deals == sum(p.deals for p in found.people) == len(found.deals)
    # People's goals are added up; the team's own row and last month's are not.
    assert found.total.target == 260_000
    assert (found.month.worked, found.month.total) == (12, 19)
    assert found.behind == pytest.approx(12 / 19 - 135 / 260)


def test_assumptions__say_what_was_left_out():
    said = "".join(performance(LEADS, targets()).assumptions)
    assert "有1条成交线索的成交时间晚于截止日期" in said
    assert "本月有1条成交线索没有实际成交金额" in said
    assert "本月有2条成交线索没有回款金额" in said


def test_targets__none_means_no_completion_and_no_bonus():
    found = performance(LEADS)
    assert {(p.target, p.completion, p.gap, p.bonus) for p in found.people} == {(None,) * 4}
    assert (found.total.completion, found.behind) == (None, None)
    assert any("没有2024年06月的销售额目标" in line for line in found.assumptions)
    assert performance_lines(found)[0].endswith("没有本月销售额目标，不算完成率。")


def test_targets__a_team_alone_counts_for_everybody():
    found = performance(LEADS, targets("月份|团队|销售额目标\n2024-06-01|销售部|#270000\n"))
    assert found.total.target == 270_000
    assert found.total.completion == 0.5
    assert {p.target for p in found.people} == {None}


def test_targets__teams_by_the_rows_of_their_people():
    text = """
    月份|负责人|团队|销售额目标
    2024-06-01|王芳|一队|100000
    2024-06-01|李强|二队|#160000
    2024-06-01||三队|#40000
    2024-06-01||一队|#999000
    """
    found = performance(LEADS, targets("\n".join(x.strip() for x in text.split("\n"))))
    assert {(t.name, t.sales, t.target) for t in found.teams} == {
        ("一队", 90_000, 100_000),
        ("二队", 40_000, 160_000),
    }
    # 三队 has no people with targets of their own: its own row is added.
    assert found.total.target == 300_000


def test_bonus__highest_step_reached_of_all_the_sales():
    steps = tuple(BonusTier(floor=f, rate=r) for f, r in ((0.8, 0.01), (1.0, 0.02), (1.2, 0.03)))
    sales = (79_999, 80_000, 99_999, 100_000, 120_000, 500_000)
    rates = [bonus_rate(amount, 100_000, steps) for amount in sales]
    assert rates == [0.0, 0.01, 0.01, 0.02, 0.03, 0.03]
    assert bonus_rate(1.0, None, steps) is bonus_rate(1.0, 10.0, ()) is None
    found = performance(LEADS, targets())
    assert {p.name: p.bonus for p in found.people if p.bonus is not None} == {
        "王芳": 900.0,
        "李强": 0.0,
    }
    assert found.total.bonus == 900.0


def test_nobody__an_empty_sheet_is_no_error():
    found = performance(HEAD)
    assert (found.people, found.total.sales, found.total.interval) == ((), 0.0, None)
    assert found.ranking.sales == ""
    assert len(performance_lines(found)) == 2


def test_one_person__is_not_compared():
    found = performance(f"{HEAD}\nL1|甲|官网表单|成交|王芳|2024-05-20|60000|2024-06-03|30000")
    assert (found.ranking.sales, found.ranking.win_rates) == ("", "")
    assert found.people[0].rank == 1


# --- the month's end --------------------------------------------------------------------------


def history(months: int, amount: int = 10_000) -> str:
    """One deal on the 5th and one on the 25th of each earlier month, one this month."""
    rows = [HEAD, f"A0|今|官网表单|成交|王芳|2024-01-01|{amount}|2024-06-04|"]
    for n in range(1, months + 1):
        month = 6 - n
        for day, times in ((5, 1), (25, n)):
            rows.append(
                f"A{n}{day}|甲{n}{day}|官网表单|成交|王芳|2023-12-31|{amount * times}|"
                f"2024-{month:02d}-{day:02d}|"
            )
    return "\n".join(rows)


def test_projection__adds_what_earlier_months_sold_from_here_on():
    end = performance(history(5)).total.projection
    # After the same share of working days only the deal of the 25th was to come: 1 to 5 × 1万.
    assert (end.likely, end.low, end.high, end.months) == (40_000, 20_000, 60_000, 5)


def test_projection__none_without_history_and_none_when_the_month_is_over():
    few = performance(f"{HEAD}\nL1|甲|官网表单|成交|王芳|2024-05-20|60000|2024-06-03|30000")
    assert few.total.projection.likely is None
    assert "不足3个" in few.total.projection.reason
    over = performance(history(5), as_of=date(2024, 6, 30)).total.projection
    assert over.likely is None
    assert "过完" in over.reason
    rare = performance(
        f"{HEAD}\nL1|甲|官网表单|成交|王芳|2023-05-20|60000|2024-04-03|\nL2|乙|官网表单|线索|王芳|2023-01-01|||"
    ).total.projection
    assert rare.likely is None
    assert "只成交1单" in rare.reason


def test_projection__a_newcomer_has_no_history_of_the_team():
    text = history(5) + "\nB1|新|官网表单|成交|李强|2024-05-20|60000|2024-06-03|30000"
    found = performance(text)
    assert {p.name: p.projection.months for p in found.people} == {"王芳": 5, "李强": 0}


# --- how people work --------------------------------------------------------------------------

LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|是否有效跟进
GZ0000001|L1|2024-06-19|王芳|拜访|谈价|是
GZ0000002|L1|2024-05-23|王芳|面谈|谈价|否
GZ0000003|L1|2024-05-22|王芳|面谈|早了一天|是
GZ0000004|L3|2024-06-10|李强|电话|问候|是
GZ0000005|L3|2024-06-20|李强|拜访|还没发生|是
"""


def test_process__talks_and_visits_of_four_weeks():
    found = performance(LEADS, sheet(LOG, "跟进记录"))
    counts = {p.name: (p.process.talks, p.process.visits) for p in found.people if p.process}
    assert counts == {"王芳": (2, 2), "李强": (1, 0), "张伟": (0, 0), "（未填）": (0, 0)}
    wang = found.people[0].process
    assert wang is not None
    assert (wang.talks_per_week, wang.visits_per_week) == (0.5, 0.5)
    assert wang.quality["effective_rate"].numerator == 2


def test_process__whoever_is_in_the_total_has_a_row():
    log = LOG + "GZ0000006|L1|2024-06-18|赵敏|拜访|谈价|是\nGZ0000007|L1|2024-06-18||电话|问|否\n"
    leads = "\n".join(row for row in LEADS.split("\n") if not row.startswith("L8"))
    found = performance(leads, sheet(log, "跟进记录"))
    assert [name for name, _ in found.others] == ["赵敏", "（未填）"]
    rows = [*(p.process for p in found.people), *(process for _, process in found.others)]
    total = found.total.process
    assert total is not None
    assert sum(p.talks for p in rows if p) == total.talks == 5
    assert sum(p.visits for p in rows if p) == total.visits == 3
    for name, rate in total.quality.items():
        parts = [p.quality[name] for p in rows if p]
        assert sum(r.numerator for r in parts) == rate.numerator
        assert sum(r.denominator for r in parts) == rate.denominator
    # Without a lead or a target there is nobody to rank or to blame.
    assert "赵敏" not in {p.name for p in found.people} | {s.name for s in found.shortcomings}
    assert any("赵敏没有线索，也没有本月目标" in line for line in found.assumptions)


def proposals(*rows: tuple[str, str, str, str]) -> tuple[int, int]:
    """Return 方案 in time and judged, of leads: status, entered 商机, entered 报价, lost on."""
    leads = ["线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|流失阶段"]
    stages = ["线索编号|客户名称|销售代表|所属阶段|阶段进入时间"]
    for n, (status, ready, proposal, lost) in enumerate(rows):
        leads.append(f"L{n}|客户{n}|官网表单|{status}|王芳|2024-03-01|{'商机' if lost else ''}")
        for stage, day in (("商机", ready), ("报价", proposal), ("流失", lost)):
            if day:
                stages.append(f"L{n}|客户{n}|王芳|{stage}|{day}")
    found = performance("\n".join(leads), sheet("\n".join(stages), "阶段进度"))
    process = found.total.process
    assert process is not None
    return process.proposal.numerator, process.proposal.denominator


@pytest.mark.parametrize(
    ("row", "expected"),
    [
        (("报价", "2024-06-03", "2024-06-06", ""), (1, 1)),
        (("报价", "2024-06-03", "2024-06-07", ""), (0, 1)),
        # 2024-06-07 is a Friday, the 10th a holiday: the 13th is the third working day.
        (("报价", "2024-06-07", "2024-06-13", ""), (1, 1)),
        (("商机", "2024-06-17", "", ""), (0, 0)),
        (("商机", "2024-06-12", "", ""), (0, 1)),
        (("流失", "2024-06-03", "", "2024-06-04"), (0, 0)),
        (("流失", "2024-06-03", "", "2024-06-14"), (0, 1)),
        (("报价", "2024-01-03", "2024-01-04", ""), (0, 0)),
        (("报价", "", "2024-06-04", ""), (0, 0)),
    ],
)
def test_process__proposals_within_three_working_days(row, expected):
    assert proposals(row) == expected


# --- negative list ----------------------------------------------------------------------------


def test_negative__figures_below_their_thresholds():
    found = performance(LEADS, targets(), sheet(LOG, "跟进记录"), bottleneck_min_n=1)
    bad = {(s.name, s.figure) for s in found.shortcomings}
    # 12/19 × 60 % = 38 % would be enough; 李强 has 25 %, was paid nothing and visited nobody.
    assert {("李强", "目标完成率"), ("李强", "回款率"), ("李强", "每周拜访次数")} <= bad
    assert ("王芳", "目标完成率") not in bad
    assert ("王芳", "每周拜访次数") in bad


def visits_missed(leads: str, *sheets: RawSheet) -> dict[str, str]:
    """Return who is listed for too few visits, and why; 王芳 has one visit in four weeks."""
    found = performance(leads, *sheets)
    return {s.name: s.why for s in found.shortcomings if s.figure == "每周拜访次数"}


def test_negative__nobody_is_spared_visits_for_having_no_follow_up_at_all():
    leads = f"""
    {HEAD}|最后跟进时间
    L1|甲|官网表单|意向|王芳|2024-05-01||||
    L2|乙|官网表单|意向|李强|2024-05-01||||2024-05-10
    L3|丙|官网表单|意向|李强|2024-05-22||||
    L4|丁|官网表单|意向|李强|2024-05-23||||
    L5|戊|官网表单|意向|新人|2024-05-23||||
    L6|己|官网表单|成交|没客户的|2024-04-01|5000|2024-05-01||
    L7|庚|官网表单|意向|打过电话的|2024-04-01||||2024-06-01
    L8|辛|官网表单|意向||2024-04-01||||
    """
    assert visits_missed(_plain(leads), sheet(LOG, "跟进记录")) == {
        "王芳": "近4周跟进2次，其中拜访、面谈2次",
        "李强": "近4周跟进1次，其中拜访、面谈0次",
    }
    log = LOG.replace("L3|2024-06-10|李强", "L3|2024-06-10|王芳")
    assert visits_missed(_plain(leads), sheet(log, "跟进记录"))["李强"] == (
        "近4周没有跟进记录，而手上有1条进行中线索4周没有人联系"
    )


@pytest.mark.parametrize(
    ("log", "listed"),
    [
        (None, False),
        ("线索编号|跟进时间|跟进内容", False),
        ("线索编号|跟进时间|跟进人|跟进方式|跟进内容", True),
    ],
)
def test_negative__visits_are_missed_only_where_they_can_be_written_down(log, listed):
    kit = load_kit()
    lead = f"{HEAD}\nL1|甲|官网表单|意向|{{}}|2024-05-01|||"
    own = clean_book(lead.format("王芳"), sheet(LOG, "跟进记录"), kit=kit, own=True)
    sheets = [sheet(log, "跟进记录")] if log else []
    other = clean_book(lead.format("赵敏"), *sheets, kit=kit, own=True)
    data = dataset([own, replace(other, file="乙.xlsx")])
    found = month_of_sales(data, summarise(data, AS_OF), quality(data.books))
    missed = {s.name for s in found.shortcomings if s.figure == "每周拜访次数"}
    assert missed == ({"王芳", "赵敏"} if listed else {"王芳"})


def test_negative__visits_do_not_count_where_nobody_records_any():
    log = LOG.replace("拜访", "电话").replace("面谈", "微信")
    found = performance(LEADS, sheet(log, "跟进记录"))
    assert not any(s.figure == "每周拜访次数" for s in found.shortcomings)


def test_negative__leads_lost_without_contact():
    leads = """
    线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|最后跟进时间|流失原因|流失阶段
    L1|甲|官网表单|流失|王芳|2024-05-01|2024-06-01|价格过高|意向
    L2|乙|官网表单|流失|王芳|2024-05-01|2024-06-04|价格过高|意向
    L3|丙|官网表单|流失|王芳|2024-06-08||价格过高|意向
    L4|丁|官网表单|流失|王芳|2024-05-01|2024-06-10|联系中断|意向
    L5|戊|官网表单|流失|王芳|2024-04-01|2024-04-02|价格过高|意向
    L6|己|官网表单|流失|王芳|2024-04-01|2024-04-02|价格过高|意向
    """
    changes = """
    线索编号|变更时间|原状态|新状态|变更原因|变更人
    L1|2024-06-10|意向|流失|不要了|王芳
    L2|2024-06-11|意向|流失|不要了|王芳
    L3|2024-06-11|意向|流失|不要了|王芳
    L4|2024-06-11|意向|流失|不要了|王芳
    L5|2024-05-31|意向|流失|不要了|王芳
    """
    found = performance(_plain(leads), sheet(_plain(changes), "状态变更"))
    rows = found.lost_cases.rows
    assert sorted(rows["lead_id"]) == ["L1", "L3", "L4"]
    assert rows.set_index("lead_id")["idle_days"].to_dict() == {"L1": 9, "L3": 3, "L4": 1}
    assert found.lost_cases.undated == 1


def test_negative__without_any_record_of_contacts_nobody_is_blamed_for_silence():
    lead = f"{HEAD}\nL1|甲|官网表单|流失|王芳|2024-03-01|||"
    change = "线索编号|变更时间|原状态|新状态|变更原因|变更人\nL1|2024-06-10|意向|流失|不要了|王芳"
    assert performance(lead, sheet(change, "状态变更")).lost_cases.rows.empty


def _plain(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))


# --- what a ranking is worth ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("degrees", "table"), [(1, 3.841), (2, 5.991), (5, 11.070), (10, 18.307), (30, 43.773)]
)
def test_critical__the_tables_of_chi_square(degrees, table):
    assert critical(degrees) == pytest.approx(table, rel=0.03)


def test_ranking__one_big_deal_is_no_lead_and_many_are():
    start = date(2024, 6, 1)
    rows = [HEAD]
    for n in range(60):
        day = start + timedelta(days=n % 18)
        rows.append(f"A{n}|甲{n}|官网表单|成交|王芳|2024-05-01|10000|{day}|")
    rows.append("B1|乙|官网表单|成交|李强|2024-05-01|20000|2024-06-03|")
    rows.append("C1|丙|官网表单|成交|张伟|2024-05-01|19000|2024-06-03|")
    found = performance("\n".join(rows))
    wang, li, zhang = found.people
    assert clearly_apart(wang, li)
    assert not clearly_apart(li, zhang)
    assert "超出随机波动" in found.ranking.sales
    near = performance("\n".join([HEAD, *rows[-2:]]))
    assert "在随机波动之内" in near.ranking.sales


def test_ranking__one_deal_against_none_is_chance_and_many_are_not():
    rows = [HEAD, "A|甲|官网表单|成交|王芳|2024-05-01|50000|2024-06-03|"]
    idle = [f"B{n}|乙{n}|展会推荐|意向|{who}|2024-05-01|||" for n, who in enumerate("李张")]
    found = performance("\n".join([*rows, *idle]))
    assert not clearly_apart(*found.people[:2])
    assert found.ranking.sales == (
        "销售额最高的是王芳；张、李与其差距在随机波动之内，名次不宜当真。"
    )
    more = [f"A{n}|甲{n}|官网表单|成交|王芳|2024-05-01|50000|2024-06-03|" for n in range(3)]
    assert "超出随机波动" in performance("\n".join([*rows, *more, *idle])).ranking.sales


def test_ranking__win_rates_need_enough_closed_leads():
    def rates(won: int, lost: int) -> str:
        rows = [HEAD]
        for owner, wins in (("王芳", won), ("李强", lost)):
            for n in range(40):
                status = "成交" if n < wins else "流失"
                rows.append(f"{owner}{n}|{owner}客户{n}|官网表单|{status}|{owner}|2024-05-01|||")
        return performance("\n".join(rows)).ranking.win_rates

    assert "之内" in rates(20, 18)
    assert "超出" in rates(32, 8)
    assert "太少" in rates(2, 1)
