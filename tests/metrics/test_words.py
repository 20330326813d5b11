"""日报 and 周报: short, plain, every rate with its population, nothing made up."""

from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.words import ReportWords, amount, report_words
from sheetcrm.table import RawBook
from tests.tables import raw_book, sheet
from tests.tabs.summaries import documents_example, prepared

# As of Sunday 2024-06-30, when all of June's working days are over. Three deals in June: 30, 20
# and 10 万元 of 80; the week before last had two deals, the last one none.
LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 最后跟进时间 | 下次跟进时间 | 预计成交金额 | 实际成交金额 | 成交时间 | 流失原因
L1 | 甲 | 官网 | 成交 | 张三 | 2024-05-01 | 2024-06-18 |            |        | 300000 | 2024-06-18 |
L2 | 乙 | 官网 | 成交 | 李四 | 2024-05-02 | 2024-06-19 |            |        | 200000 | 2024-06-19 |
L3 | 丙 | 展会 | 成交 | 李四 | 2024-05-02 | 2024-06-04 |            |        | 100000 | 2024-06-04 |
L4 | 丁 | 展会 | 意向 | 李四 | 2024-06-20 | 2024-06-21 | 2024-06-25 | 500000 |        |            |
L5 | 戊 | 展会 | 线索 | 王五 | 2024-06-30 | 2024-06-30 | 2024-07-05 | 500000 |        |            |
L6 | 己 | 展会 | 流失 | 王五 | 2024-06-03 | 2024-06-05 |            | 500000 |        |            | 价格过高
"""  # noqa: E501
TARGETS = """
月份 | 负责人 | 团队 | 销售额目标
2024-06-01 | 张三 | 一部 | 200000
2024-06-01 | 李四 | 一部 | 400000
2024-06-01 | 王五 | 一部 | 200000
"""
DAY = """
【销售日报】2024-06-30（周日）
6月团队销售额60万元（3单），目标完成率75%（目标80万元，还差20万元），工作日已过100%（19/19），落后进度25个百分点。
排名：1.张三 30万元（1单，完成150%） 1.李四 30万元（2单，完成75%）；本月还没有成交：王五。名次之差在随机波动之内。
今天：新增线索1条，成交0单。
昨天：新增线索0条，成交0单。
线索6条：进行中2（预计100万元），成交3，流失1；赢单率75.0%（3/4）。
异常：没有；上一个整周到达意向、成交、销售额有下降，但仍在随机波动之内。
预警：下次跟进逾期1条，未跟进提醒经理1条，未跟进提醒负责人1条。
要做的事：
1. 李四：1条要处理（下次跟进逾期1、未跟进提醒经理1）。
""".strip()  # noqa: E501
WEEK = """
【销售周报】2024-06-30（周日）
6月团队销售额60万元（3单），目标完成率75%（目标80万元，还差20万元），工作日已过100%（19/19），落后进度25个百分点。
排名：1.张三 30万元（1单，完成150%） 1.李四 30万元（2单，完成75%）；本月还没有成交：王五。名次之差在随机波动之内。
本周（06-24～06-30）：新增线索1条，成交0单。
上周（06-17～06-23）：新增线索1条，成交2单、50万元。
线索6条：进行中2（预计100万元），成交3，流失1；赢单率75.0%（3/4）。
漏斗：线索6 → 意向4（66.7%） → 商机3（75.0%） → 报价3（100.0%） → 成交3（100.0%）；总转化率50.0%（3/6）。
流失原因：价格过高1条。
异常：没有；上一个整周到达意向、成交、销售额有下降，但仍在随机波动之内。
预警：下次跟进逾期1条，未跟进提醒经理1条，未跟进提醒负责人1条。
要做的事：
1. 李四：1条要处理（下次跟进逾期1、未跟进提醒经理1）。
""".strip()  # noqa: E501


def words(raw: RawBook) -> ReportWords:
    clean, summary, _ = prepared(raw)
    return report_words(summary, analyse(dataset([clean]), summary))


def test_report__day_and_week():
    found = words(raw_book(sheet(LEADS), sheet(TARGETS, "业绩目标")))
    assert found.of("day") == DAY
    assert found.of("week") == WEEK


def test_report__the_documents_example():
    text = words(raw_book(documents_example())).week
    assert "线索100 → 意向30（30.0%） → 商机10（33.3%）" in text
    assert "总转化率5.0%（5/100）" in text
    assert "没有本月销售额目标" in text


def test_report__of_one_person_speaks_of_no_team():
    text = words(raw_book(documents_example())).day
    assert "团队" not in text
    assert "排名" not in text


def test_report__without_leads_no_rate_is_made_up():
    found = words(raw_book(sheet("线索编号|客户名称|来源渠道|线索状态|负责人|联系方式")))
    for text in (found.day, found.week):
        assert "线索0条" in text
        assert "0.0%" not in text
        assert "没有逾期事项" in text


def test_report__who_has_deals_is_not_said_to_have_none():
    text = """
    线索编号 | 客户名称 | 线索状态 | 负责人 | 线索获取时间 | 实际成交金额 | 成交时间
    L1 | 甲 | 成交 | 张三 | 2024-05-01 | 300000 | 2024-06-18
    L2 | 乙 | 成交 | 李四 | 2024-05-01 |        | 2024-06-19
    L3 | 丙 | 成交 | 王五 | 2024-05-01 | 200000 |
    L4 | 丁 | 成交 | 王五 | 2024-05-01 | 200000 |
    L5 | 戊 | 意向 | 赵六 | 2024-05-01 |        |
    L6 | 己 | 成交 | 赵六 | 2024-05-01 | 10000  | 2024-05-31
    """
    found = words(raw_book(sheet("\n".join(line.strip() for line in text.strip().split("\n")))))
    for report in (found.day, found.week):
        assert (
            "排名：1.张三 30万元（1单）；成交没有金额：李四（1单）；"
            "成交没有时间，不知道算不算本月：王五（2单）；本月还没有成交：赵六。"
        ) in report


def test_report__deals_without_a_day_are_said_beside_the_sales():
    text = """
    线索编号 | 客户名称 | 线索状态 | 负责人 | 线索获取时间 | 实际成交金额 | 成交时间
    L1 | 甲 | 成交 | 张三 | 2024-05-01 | 300000 | 2024-06-18
    L2 | 乙 | 成交 | 张三 | 2024-05-01 | 100000 |
    L3 | 丙 | 成交 | 张三 | 2024-05-01 | 100000 |
    """
    found = words(raw_book(sheet("\n".join(line.strip() for line in text.strip().split("\n")))))
    for report in (found.day, found.week):
        assert "6月销售额30万元（1单；另有2单没有成交时间，没有计入）" in report


def test_amount__as_people_say_it():
    assert [amount(x) for x in (None, 0, 9999, 1_200_000, 125_500)] == [
        "—",
        "0元",
        "9,999元",
        "120万元",
        "12.6万元",
    ]


def test_report__leads_whose_stage_nobody_can_tell_are_said_so_first():
    leads = LEADS.replace("线索状态", "走到哪了").replace("成交 |", "好 |")
    found = words(raw_book(sheet(leads.replace("成交时间", "哪一天"))))
    for text in (found.day, found.week):
        assert text.splitlines()[1].startswith("没有认出写阶段的列：")
    dated = words(raw_book(sheet(leads)))  # the deals are told by their days
    assert dated.week.splitlines()[1].startswith("没有认出写阶段的列，只看得出哪些成交")
    assert "3单" in dated.week
