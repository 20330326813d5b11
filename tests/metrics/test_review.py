"""复盘: words counted once a lead, objections, won against lost, nodes, competitors, answers."""

from collections import defaultdict
from datetime import date, timedelta
from itertools import combinations
from statistics import median

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics import deals as deals_module
from sheetcrm.metrics.dataset import Dataset, dataset
from sheetcrm.metrics.mentions import UNSORTED
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.review import Review, review
from sheetcrm.metrics.summary import summarise
from sheetcrm.metrics.terms import clauses, frequent
from sheetcrm.table import RawSheet
from tests.tables import clean_book, sheet

AS_OF = date(2024, 6, 28)


def figures(*sheets: RawSheet) -> tuple[Dataset, Summary]:
    data = dataset([clean_book(*sheets, kit=load_kit(), own=True)])
    return data, summarise(data, AS_OF)


def made(*sheets: RawSheet) -> Review:
    return review(*figures(*sheets))


def texts(pairs: list[tuple[int, str]]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "lead": [lead for lead, _ in pairs],
            "text": pd.Series([text for _, text in pairs], dtype="str"),
            "day": pd.Timestamp("2024-06-01"),
        }
    )


def counted(pairs: list[tuple[int, str]], words: tuple[str, ...] = ()) -> dict[str, int]:
    return {t.text: t.leads for t in frequent(texts(pairs), words, {"王芳"}, 20).items}


def test_terms__count_leads_not_mentions():
    found = counted([(1, "要报表，报表要快"), (1, "报表"), (2, "报表"), (3, "库存")])
    assert found["报表"] == 2
    assert found["库存"] == 1


def test_terms__own_words_stay_whole_and_names_and_small_talk_are_left_out():
    assert "云仓联通" in counted([(1, "关注云仓联通")], ("云仓联通",))
    assert "云仓联通" not in counted([(1, "关注云仓联通")])
    assert counted([(1, "王芳 电话联系客户，客户表示需要考虑"), (2, "2024年3家")]) == {}


def test_terms__a_phrase_stands_for_its_words():
    found = counted([(n, "与财务系统对接") for n in range(5)] + [(9, "财务人员")])
    assert found == {"财务系统对接": 5, "财务人员": 1}


def test_terms__beyond_the_limit_only_the_latest_texts_count(monkeypatch):
    monkeypatch.setattr("sheetcrm.metrics.terms.MOST_TEXTS", 2)
    rows = texts([(1, "库存"), (2, "报表"), (3, "合同")])
    rows["day"] = pd.to_datetime(["2024-01-01", "2024-06-01", "2024-05-01"])
    found = frequent(rows, (), (), 9)
    assert ({t.text for t in found.items}, found.texts, found.left) == ({"报表", "合同"}, 2, 1)


def test_terms__nothing():
    assert frequent(texts([]), (), (), 9).items == ()


def test_clauses__only_those_with_the_cue():
    given_texts = pd.Series(["价格偏高，功能不错；再考虑", "很好", None], dtype="str")
    found = clauses(given_texts, "偏|再考虑")
    assert found.iloc[0] == "价格偏高；再考虑"
    assert found.iloc[1:].isna().all()


LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|成交时间|流失原因|初步需求|竞争对手|线索等级
L1|甲|官网|成交|王芳|2024-05-01|2024-05-20||想把报表自动化|乙软件、丙云|A
L2|乙|官网|流失|王芳|2024-05-01||价格过高|想把报表自动化|乙软件|C
L3|丙|官网|流失|王芳|2024-05-01||选择竞品||乙软件|C
L4|丁|官网|流失|李强|2024-05-01|||报表|无|C
L5|戊|官网|意向|李强|2024-05-01||||丙云|B
"""
LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|客户反馈|下一步行动|异议类型
GZ0000001|L1|2024-05-02 10:00|王芳|电话|演示|价格偏高，再考虑|准备分期方案|
GZ0000002|L1|2024-05-08 10:00|王芳|拜访|再谈|担心交期|给排期表|交期
GZ0000003|L2|2024-05-03 10:00|王芳|电话|介绍|太贵|准备分期方案|价格
GZ0000004|L3|2024-05-03 10:00|王芳|电话|介绍|嫌麻烦|再联系|
GZ0000005|L5|2024-05-03 10:00|李强|微信|介绍|很好|发资料|
GZ0000006|L5|2024-07-03 10:00|李强|微信|以后|太贵|以后|价格
"""
STAGES = """
线索编号|销售代表|客户名称|所属阶段|阶段进入时间
L1|王芳|甲|线索|2024-05-01
L1|王芳|甲|意向|2024-05-05
L1|王芳|甲|商机|2024-05-10
L1|王芳|甲|报价|2024-05-15
L1|王芳|甲|成交|2024-05-20
"""
RIVALS = """
竞争对手|客户/项目|线索编号|事件|日期|金额|技术特点|应对方案|来源
乙软件|丁|L4|报价|2024-05-10|88000|移动端强|突出多仓库|采购
乙软件|市场||新品|2024-04-10||旧的|旧的|网上
丁科技|市场||新品|2024-04-10|||网上|
乙软件|市场||降价|2024-07-10||以后|以后|网上
"""


@pytest.fixture(scope="module")
def whole() -> Review:
    return made(
        sheet(LEADS), sheet(LOG, "跟进记录"), sheet(STAGES, "阶段进度"), sheet(RIVALS, "竞争情报")
    )


def test_mentions__needs_and_population(whole):
    said = whole.mentions
    assert {t.text: t.leads for t in said.needs.items}["报表"] == 3
    assert said.population == 5


def test_mentions__objections_declared_and_out_of_texts(whole):
    found = {o.name: o for o in whole.mentions.objections}
    assert {n: (o.leads, o.declared) for n, o in found.items()} == {
        "价格": (2, 1),
        "交期": (1, 1),
        UNSORTED: (1, 0),
    }
    assert found["价格"].won == Rate(1, 2, 10)
    assert list(found)[-1] == UNSORTED
    assert whole.mentions.doubts.loc[found["价格"].example, "row"] == 4


def test_rivals__met_won_lost(whole):
    found = {r.name: r for r in whole.rivals.items}
    assert {n: (r.met, r.open, r.won, r.lost, r.lost_to) for n, r in found.items()} == {
        "乙软件": (4, 0, 1, 3, 1),
        "丙云": (2, 1, 1, 0, 0),
        "丁科技": (0, 0, 0, 0, 0),
    }
    assert found["乙软件"].events == "报价1次，新品1次"
    assert (found["乙软件"].features, found["乙软件"].response) == ("移动端强", "突出多仓库")
    assert len(whole.rivals.rows) == sum(r.met for r in found.values())
    assert whole.rivals.alone == Rate(0, 0, 10)


def test_rivals__written_down_only_after_a_loss_prove_nothing():
    lines = [f"L{n}|客户{n}|官网|流失|王芳|2024-05-01||选择竞品||乙软件|C" for n in range(20)]
    found = made(sheet("\n".join([LEADS.strip().split("\n")[0], *lines])))
    assert "不能用来比较" in found.rivals.sentence


def test_nodes__days_and_talks_between_stages(whole):
    found = {n.name: (n.count, n.days, n.talks) for n in whole.deals.nodes}
    assert found == {
        "线索→意向": (1, 4, 1),
        "意向→商机": (1, 5, 1),
        "商机→报价": (1, 5, 0),
        "报价→成交": (1, 5, 0),
        "全程：线索→成交": (1, 19, 2),
    }


def test_answers__what_was_agreed_before_a_step_forward(whole):
    found = [(a.objection, a.text, a.moved) for a in whole.answers.answers]
    assert found == [("价格", "准备分期方案", Rate(1, 2, 10))]


def many(shares: dict[str, tuple[int, int]]) -> str:
    lines = [LEADS.strip().split("\n")[0]]
    for source, (won, lost) in shares.items():
        lines += [
            f"W{source}{n}|{source}{n}|{source}|成交|王芳|2024-05-01|2024-05-20||||B"
            for n in range(won)
        ]
        lines += [
            f"X{source}{n}|{source}败{n}|{source}|流失|王芳|2024-05-01|||||B" for n in range(lost)
        ]
    return "\n".join(lines)


def test_deals__only_clear_differences_are_named():
    found = made(sheet(many({"展会": (30, 10), "官网": (10, 30), "电话": (9, 11)}))).deals
    verdicts = {t.value: t.verdict for t in found.traits if t.key == "source"}
    assert verdicts == {"展会推荐": "more", "官网表单": "less", "电话咨询": ""}
    assert "展会推荐" in found.sentence
    same = made(sheet(many({"展会": (11, 9), "官网": (9, 11)}))).deals
    assert {t.verdict for t in same.traits if t.key == "source"} == {""}
    assert "随机波动之内" in same.sentence


def test_deals__counts_equal_a_plain_count():
    data, summary = figures(sheet(LEADS), sheet(LOG, "跟进记录"))
    found = review(data, summary).deals
    plain: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    for lead in summary.leads.to_dict("records"):
        if lead["outcome"] != "open":
            for key in ("source", "grade"):
                pair = plain[key, str(lead[key])]
                pair[0] += lead["outcome"] == "won"
                pair[1] += 1
    assert {(t.key, t.value): [t.rate.numerator, t.rate.denominator] for t in found.traits} == dict(
        plain
    )
    talks = next(m for m in found.measures if m.name == "跟进次数")
    assert (talks.won, talks.won_count) == (2, 1)
    assert (talks.lost, talks.lost_count) == (median([1, 1]), 2)


def exact(one: list[int], other: list[int]) -> float:
    """Return the two-sided permutation p of the rank sum."""
    both = pd.Series(one + other).rank().tolist()
    centre = sum(both) * len(one) / len(both)
    seen = abs(sum(both[: len(one)]) - centre)
    sums = [sum(c) for c in combinations(both, len(one))]
    return sum(abs(s - centre) >= seen - 1e-9 for s in sums) / len(sums)


@settings(max_examples=8, deadline=None)
@given(
    st.lists(st.integers(0, 4), min_size=8, max_size=8),
    st.lists(st.integers(0, 9), min_size=8, max_size=8),
)
def test_deals__rank_test_agrees_with_the_permutations(one, other):
    p = exact(one, other)
    if not 0.02 < p < 0.1:  # near the line the normal approximation may differ
        assert deals_module._differs(pd.Series(one), pd.Series(other)) == (p < 0.05)


def test_review__follow_ups_after_the_day_of_the_report_do_not_count(whole):
    assert (whole.mentions.doubts["day"] < pd.Timestamp(AS_OF + timedelta(days=1))).all()


def test_review__of_nothing():
    found = made(sheet(LEADS.strip().split("\n")[0]))
    assert found.mentions.objections == ()
    assert found.deals.traits == ()
    assert found.rivals.items == ()
    assert found.answers.best.name == ""


def test_best__is_named_with_the_examples_that_moved():
    lines = many({"展会": (30, 10)}) + "\n"
    lines += "\n".join(f"Y{n}|输{n}|展会|流失|李强|2024-05-01|||||B" for n in range(20))
    found = made(sheet(lines), sheet(LOG, "跟进记录")).answers.best
    assert found.name == "王芳"
    assert "（75%，30/40；全队50%）" in found.sentence
