"""客户卡片: who has a card, what stands on it, its timeline."""

from datetime import date

from sheetcrm.kit.load import load_kit
from sheetcrm.metrics.cards import MOST_LINES, Cards, cards
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.segments import segments
from sheetcrm.metrics.summary import summarise
from sheetcrm.table import RawSheet
from tests.tables import clean_book, sheet

AS_OF = date(2024, 6, 28)
LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|最后跟进时间|预计成交金额|线索等级|初步需求|决策人|竞争对手
L1|甲*|官网|意向|王芳|2024-06-01|2024-06-27|10000|C|要报表|总经理|乙软件
L2|乙|官网|意向|王芳|2024-06-02|2024-06-27|90000|A|||
L3|丙|展会|商机|李强|2024-04-01|2024-04-02|50000|B|||
L4|丁|展会|成交|李强|2024-04-01|2024-06-02|50000|A|||
"""
LOG = """
跟进记录ID|线索编号|客户名称|跟进时间|跟进人|跟进方式|跟进内容|客户反馈|下一步行动
GZ0000001|L1||2024-06-03 10:00|王芳|电话|介绍|感兴趣|发资料
GZ0000002||甲*|2024-06-05 10:00|王芳|拜访|演示||
GZ0000003|L1||2024-07-05 10:00|王芳|拜访|以后||
GZ0000004|L9||2024-06-05 10:00|王芳|拜访|没有主人||
"""
STAGES = """
线索编号|销售代表|客户名称|所属阶段|阶段进入时间|关键动作
L1|王芳|甲*|意向|2024-06-10|演示
"""
CONTRACTS = """
合同编号|线索编号|客户名称|送审时间|批准时间|签订时间|责任人
HT1|L1|甲*|2024-06-20|2024-06-21||法务甲
HT2||乙|2024-06-25|||法务甲
"""
ACCOUNTS = """
客户编号|客户名称|需求标签
CL2024001|甲*|报表、移动端
"""


def made(*more: RawSheet, count: int | None = None) -> Cards:
    kit = load_kit()
    if count is not None:
        settings = (
            s.model_copy(update={"value": count}) if s.key == "card_count" else s
            for s in kit.settings
        )
        kit = kit.model_copy(update={"settings": tuple(settings)})
    data = dataset([clean_book(sheet(LEADS), *more, kit=kit, own=True)])
    summary = summarise(data, AS_OF)
    return cards(data, summary, segments(data, summary))


def test_cards__the_valuable_first_then_those_at_risk_and_none_of_the_won():
    found = made()
    assert list(found.rows["lead_id"]) == ["L2", "L3", "L1"]
    assert list(found.rows["label"]) == ["1｜乙", "2｜丙", "3｜甲＊"]
    assert (found.more, made(count=1).more) == (0, 2)


def test_cards__what_is_known():
    card = made(sheet(ACCOUNTS, "客户档案")).rows.set_index("lead_id").loc["L1"]
    known = ("initial_need", "decision_maker", "competitor", "tags")
    assert [card[key] for key in known] == ["要报表", "总经理", "乙软件", "报表、移动端"]


def test_cards__timeline_of_every_table_the_latest_first():
    found = made(
        sheet(LOG, "跟进记录"), sheet(STAGES, "阶段进度"), sheet(CONTRACTS, "合同")
    ).timeline
    mine = found[found["label"] == "3｜甲＊"]
    told = [
        (f"{day:%m-%d}", what, text)
        for day, what, text in zip(mine["day"], mine["what"], mine["text"], strict=True)
    ]
    assert told == [
        ("06-21", "合同", "合同批准"),
        ("06-20", "合同", "合同送审"),
        ("06-10", "阶段", "意向；演示"),
        ("06-05", "跟进", "拜访；演示"),
        ("06-03", "跟进", "电话；介绍；感兴趣；发资料"),
        ("06-01", "获取", "从“官网表单”得到线索"),
    ]
    assert list(found.loc[found["label"] == "1｜乙", "what"]) == ["合同", "获取"]
    assert list(dict.fromkeys(found["label"])) == ["1｜乙", "2｜丙", "3｜甲＊"]


def test_cards__a_long_timeline_is_cut_to_the_latest():
    head = "跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容"
    lines = [f"GZ{n:07d}|L1|2024-06-{1 + n % 27:02d} 10:00|王芳|电话|谈{n}" for n in range(54)]
    found = made(sheet("\n".join([head, *lines]), "跟进记录")).timeline
    mine = found[found["label"] == "3｜甲＊"]
    assert len(mine) == MOST_LINES
    assert mine["day"].is_monotonic_decreasing
    assert mine["day"].max().date() == date(2024, 6, 27)
