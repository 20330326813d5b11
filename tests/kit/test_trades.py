"""Tables of trades with columns and stages of their own: schools, homes, machines, goods."""

from datetime import date

import pytest

from sheetcrm.checks.cadence import silent
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.sampling import sampling
from sheetcrm.metrics.summary import summarise
from tests.tables import clean_book, recognised, rows, sheet

SCHOOL = """
序号 | 咨询日期 | 学员姓名 | 性别 | 年级 | 家长电话 | 意向课程 | 认知渠道 | 城市级别 | 课程顾问 | 跟进状态 | 试听日期 | 报名日期 | 应收学费 | 实收学费 | 下次回访 | 校区 | 教室 | 时段
1 | 2024-03-01 | 张伟 | 男 | 初一 | 13800130001 | 数学 | 地推 | 二线 | 陈老师 | 已报名 | 2024-03-05 | 2024-03-09 | 6800 | 500 | | 东 | 1 | 晚
2 | 2024-03-01 | 张伟 | 男 | 初三 | 13800130002 | 英语 | 抖音 | 一线 | 陈老师 | 已试听 | 2024-03-06 | | | | 2024-03-11 | 东 | 1 | 晚
3 | 2024-03-02 | 李娜 | 女 | 高一 | 13800130003 | 英语 | 抖音 | 一线 | 刘莉莉 | 未接通 | | | | | 2024-03-12 | 东 | 2 | 晚
4 | 2024-03-02 | 王芳 | 女 | 高一 | 13800130004 | 英语 | 抖音 | 一线 | 刘莉莉 | 已加微信 | | | | | 2024-03-12 | 东 | 2 | 晚
5 | 2024-03-02 | 陈静 | 女 | 高一 | 13800130005 | 英语 | 抖音 | 一线 | 刘莉莉 | 无意向 | | | | | | 东 | 2 | 晚
"""  # noqa: E501

HOMES = """
序号 | 客户姓名 | 联系电话 | 认知渠道 | 居住区域 | 首访日期 | 复访日期 | 意向等级 | 意向户型 | 置业顾问 | 认筹日期 | 认购日期 | 签约日期 | 成交房号 | 成交总价(万) | 退筹/退房日期
1 | 赵先生 | 13800130001 | 抖音 | 高新 | 2024-03-01 | 2024-03-05 | H | 三房 | 秦岚 | 2024-03-08 | 2024-03-09 | 2024-03-20 | 1-101 | 150.5 |
2 | 钱女士 | 13800130002 | 抖音 | 高新 | 2024-03-01 | 2024-03-05 | A | 三房 | 秦岚 | 2024-03-08 | 2024-03-09 | | 1-102 | 160 |
3 | 孙先生 | 13800130003 | 中介 | 老城 | 2024-03-02 | 2024-03-05 | B | 四房 | 苏航 | 2024-03-08 | | | | | 2024-03-30
4 | 李女士 | 13800130004 | 中介 | 老城 | 2024-03-02 | 2024-03-07 | B | 四房 | 苏航 | | | | | |
5 | 周先生 | 13800130005 | 户外 | 老城 | 2024-03-03 | | C | 四房 | 苏航 | | | | | |
"""  # noqa: E501

LOG = """
客户名称 | 联系人 | 电话 | 业务员 | 接触日期 | 需求确认日期 | 方案提交日期 | 报价日期 | 签约日期 | 丢单日期 | 合同金额(元)
甲天 | 王工 | 13800130001 | 韩梅 | 2024-03-01 | 2024-03-02 | 2024-03-04 | 2024-03-08 | 2024-03-20 | | 65000
乙地 | 李工 | 13800130002 | 李雷 | 2024-03-01 | 2024-03-03 | 2024-03-05 | | | |
丙玄 | 张工 | 13800130003 | 李雷 | 2024-03-02 | 2024-03-04 | | | | 2024-03-09 |
丁黄 | 王工 | 13800130004 | 韩梅 | 2024-03-05 | | | | | |
"""  # noqa: E501

MACHINES = """
序号 | 区域 | 负责人 | 项目信息 | | 项目进展 | | | | 金额（万元） | |
| | | 客户名称 | 信息来源 | 首次接触日期 | 目前进度 | 下一步计划 | | 预计金额 | 合同 |
| | | | | | | 计划内容 | 计划日期 | | 合同金额 | 已回款
1 | 华东 | 李敏 | 宏达机械 | 展会 | 2024-03-01 | 初步接洽 | 送样 | 2024-03-20 | 30 | |
2 | 华东 | 李敏 | 鑫源电子 | 展会 | 2024-03-01 | 技术交流 | 拜访 | 2024-03-21 | 45 | |
3 | 华东 | 李敏 | 瑞丰包装 | 网络 | 2024-03-02 | 招投标 | 拜访 | 2024-03-22 | 80 | |
4 | 华南 | 王磊 | 中天材料 | 网络 | 2024-03-02 | 已签合同 | | | 50 | 48.5 | 20
5 | 华南 | 王磊 | 东方塑胶 | 网络 | 2024-03-02 | 丢单 | | | 50 | |
6 | 华南 | 王磊 | 金盛电子 | 网络 | 2024-03-02 | 初步接洽 | | | 50 | |
7 | 华南 | 王磊 | 凯达电子 | 网络 | 2024-03-02 | 初步接洽 | | | 50 | |
8 | 华南 | 王磊 | 恒通电子 | 网络 | 2024-03-02 | 招投标 | | | 50 | |
9 | 华南 | 王磊 | 立成电子 | 网络 | 2024-03-02 | 设备看样 | | | 50 | |
10 | 华南 | 王磊 | 天工电子 | 网络 | 2024-03-02 | 设备看样 | | | 50 | |
11 | 华南 | 王磊 | 海川电子 | 网络 | 2024-03-02 | 技术交流 | | | 50 | |
12 | 华南 | 王磊 | 星宇电子 | 网络 | 2024-03-02 | 技术交流 | | | 50 | |
"""


def columns(text: str) -> dict[str, str]:
    lead = recognised(sheet(text, "2024")).tables["lead"]
    return {h.key: h.text for h in lead.headings if h.known}


def stages(text: str) -> list[str]:
    return [stage.name for stage in recognised(sheet(text, "2024")).kit.pipeline.stages]


def test_trades__a_wide_table_of_a_school_with_its_own_words():
    found = columns(SCHOOL)
    assert len(found) < 0.7 * len(rows(SCHOOL)[0])
    wanted = {
        "contact": "学员姓名",
        "owner": "课程顾问",
        "amount": "应收学费",
        "won_on": "报名日期",
    }
    assert wanted.items() <= found.items()
    assert stages(SCHOOL) == ["未接通", "已加微信", "已试听", "已报名", "无意向"]


def test_trades__the_day_of_the_deal_in_the_trades_words_is_said():
    found = recognised(sheet(SCHOOL, "2024")).findings
    assert [f.code for f in found if f.cell == "M1"] == ["HDR-05"]
    without = SCHOOL.replace("报名日期", "成交日期").replace("试听日期", "报名日期")
    assert columns(without)["won_on"] == "成交日期"


def test_trades__few_known_columns_of_many_are_leads_where_only_leads_have_them():
    own = "编制 | 批次 | 班型 | 校区 | 教室 | 时段 | 楼层 | 车位 | 班主任 | 备用 | 卡号 | 尺码"
    known = "来源渠道 | 意向等级 | 城市 | 跟进状态 | 联系人 | 备注"
    line = "地推 | A | 上海 | 跟进中 | 张伟 | 无"
    text = f"{known} | {own}\n" + f"{line} | {'甲 | ' * 11}甲\n" * 3
    assert list(recognised(sheet(text, "2024")).tables) == ["lead"]
    staff = text.replace("来源渠道", "籍贯").replace("意向等级", "工号").replace("跟进状态", "在岗")
    assert recognised(sheet(staff, "2024")).tables == {}


@pytest.mark.parametrize(
    ("text", "labels", "said"),
    [
        (HOMES, ["首访", "复访", "认筹", "认购", "签约", "退筹/退房"],
         ["签约", "认购", "退筹/退房", "复访", "首访"]),
        (LOG, ["接触", "需求确认", "方案提交", "报价", "签约", "丢单"],
         ["签约", "方案提交", "丢单", "接触"]),
    ],
)  # fmt: skip
def test_trades__a_column_of_dates_for_each_stage(text, labels, said):
    assert stages(text) == labels
    book = clean_book(sheet(text, "台账"))
    assert list(book.tables["lead"].data["status"]) == said
    kinds = {stage.name: stage.kind for stage in book.kit.pipeline.stages}
    assert [kinds[labels[-2]], kinds[labels[-1]]] == ["won", "lost"]
    dates = dataset([book]).frames["stage_date"]
    cells = [row[i] for row in rows(text)[1:] for i, h in enumerate(rows(text)[0])
             if h in [f"{label}日期" for label in labels[1:-2]]]  # fmt: skip
    open_ones = dates[dates["position"].between(1, len(labels) - 3)]
    assert len(open_ones) == sum(cell is not None for cell in cells)


@pytest.mark.parametrize(
    "heading", ["最近拜访日期", "预计签约日期", "报价有效日期", "下次拜访日期", "方案截止日期"]
)
def test_trades__a_plan_or_the_latest_of_many_dates_no_stage(heading):
    text = LOG.replace("需求确认日期", heading)
    assert heading.removesuffix("日期") not in stages(text)


def test_trades__headings_in_three_lines_with_units_and_plans():
    found = columns(MACHINES)
    assert found["status"] == "目前进度"
    assert found["next_follow_up"] == "下一步计划日期"
    lead = clean_book(sheet(MACHINES, "2024")).tables["lead"].data
    assert lead["paid_amount"].sum() == 200_000
    assert lead["amount"].sum() == 485_000
    assert lead["expected_amount"].sum() == 6_050_000
    assert stages(MACHINES) == ["初步接洽", "技术交流", "设备看样", "招投标", "已签合同", "丢单"]


def test_trades__progress_in_sentences_is_no_stage():
    said = (
        "客户在等总部批复",
        "价格偏高要再谈",
        "已签合同，等付款",
        "丢单，客户买了别家",
        "送样中",
    )
    text = MACHINES
    for old, new in zip(
        ("初步接洽", "技术交流", "招投标", "已签合同", "设备看样"), said, strict=True
    ):
        text = text.replace(old, new)
    assert "status" not in columns(text)


PEOPLE = """
客户姓名 | 联系电话 | 来源渠道 | 负责人 | 线索状态 | 线索获取时间 | 最后跟进时间
赵先生 | 13800130001 | 抖音 | 秦岚 | 意向 | 2024-03-01 | 2024-03-05
赵先生 | 13800130002 | 抖音 | 秦岚 | 意向 | 2024-03-02 | 2024-03-05
钱女士 | 13800130003 | 中介 | 苏航 | 成交 | 2024-03-02 | 2024-03-05
"""


def test_trades__customers_who_are_people_have_their_names_in_the_lists():
    book = clean_book(sheet(PEOPLE, "台账"))
    assert "客户名称" not in {f.column for f in book.findings if f.code == "HDR-02"}
    data = dataset([book])
    summary = summarise(data, date(2024, 6, 30))
    assert list(summary.leads["company"]) == ["赵先生", "赵先生", "钱女士"]
    assert list(data.frames["lead"]["key"]) == [0, 1, 2]  # two people of one name
    drawn = sampling(data, summary, ()).rows
    assert len(drawn["mark"].unique()) == 3
    assert {f.key for f in silent(book, date(2024, 6, 30))} == {"赵先生"}
