"""Talks in one cell: what is one, what is only a number or a remark."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.talk_text import TalkText, read_talks

PEOPLE = frozenset(("张三", "李四", "王小明"))


def said(read: TalkText) -> list[str]:
    return [
        f"{t.day}" if isinstance(t.day, date) else f"{t.day.month}.{t.day.day}" for t in read.talks
    ]


CELLS = {
    "3.5 电话沟通，要报价\n3.12 上门拜访，见了张总\n2026/4/2 发合同": "3.5 3.12 2026-04-02",
    "1. 3.5 电话；2. 3.12 上门": "3.5 3.12",
    "1、3月5日电话沟通\r\n2、3月12日上门": "3.5 3.12",
    "（1）3/5 电话\n（2）3/12 上门": "3.5 3.12",
    "①3.5电话②3.12上门": "3.5 3.12",
    "一、3月5日 电话\n二、3月9日 上门": "3.5 3.9",
    "第一次：3.5电话\n第二次：3.12上门": "3.5 3.12",
    "第1次跟进 2026-3-5 电话": "2026-03-05",
    "3月5日电话沟通；3月12日上门拜访。3月20日签约": "3.5 3.12 3.20",
    "20260305 首次电话\n20260312张三上门": "2026-03-05 2026-03-12",
    "2026-3-5 14:30:00 张三 电话": "2026-03-05",
    "2026.3.5 电话;2026.3.12 上门": "2026-03-05 2026-03-12",
    "2026年3月5日（周四）上午 电话": "2026-03-05",
    "26.3.5 电话": "2026-03-05",
    "【3月5日】电话\n【3月12日】上门": "3.5 3.12",
    "[2026/03/05] 电话": "2026-03-05",
    "- 3.5 电话\n- 3.12 上门": "3.5 3.12",
    "●3.5电话●没人接": "3.5",
    "3-5 电话": "3.5",
    "3-5：电话": "3.5",
    "３．５　电话；３．１２　拜访": "3.5 3.12",
    "3月5号下午3点 电话": "3.5",
    "3.5号电话": "3.5",
    "5.12张三：电话沟通\n5.20李四：发报价": "5.12 5.20",
    "张三 3.5 电话": "3.5",
    "李四：2026-3-5 电话": "2026-03-05",
    "老客户介绍\n3.5 电话": "3.5",
    "3.5 电话\n约下周再联系\n3.12 上门": "3.5 3.12",
    "3.5成交": "3.5",
    "3.5成功签约": "3.5",
    "3.5周总来电": "3.5",
    "3.5前往客户现场": "3.5",
    "3.5后续资料已发": "3.5",
    "3.5万总来访": "3.5",
    "3.5平台注册": "3.5",
    "3.5多次电话未接": "3.5",
    "3.5QQ沟通": "3.5",
    "3.5 10:30电话": "3.5",
    "3.5电话，约3.12上门": "3.5",
    "2026-3-5": "2026-03-05",
    # no talks
    "3.5万元预算": "",
    "3.5 万": "",
    "1.5米": "",
    "1.5m管道": "",
    "12.8折": "",
    "8.5折优惠": "",
    "2.0版本": "",
    "1.2版": "",
    "3.5元/个": "",
    "3.5": "",
    "10.5%": "",
    "3.5T": "",
    "1.5kg样品": "",
    "13812345678": "",
    "138-1234-5678": "",
    "0512-65550000": "",
    "192.168.1.5 服务器": "",
    "1.2.3 版本": "",
    "3-5台设备": "",
    "3-5万": "",
    "3-5天内答复": "",
    "3~5家比较": "",
    "1/2首付款": "1.2",  # the column decides
    "24/7服务": "",
    "7*24小时": "",
    "3月底采购": "",
    "3月采购": "",
    "3月5日前完成": "",
    "3.5之前给报价": "",
    "2026年预算50万": "",
    "2026-03 采购": "",
    "3.5-3.8 出差拜访": "",
    "3月5日至8日展会": "",
    "3.5、6日展会": "",
    "3.5计划上门": "",
    "3.5 再联系": "",
    "客户3.5来访": "",
    "电话沟通（3.5）": "",
    "赵五 3.5 电话": "",  # nobody of ours
    "1.需要报价 2.要样品": "",
    "1.3台设备": "",
    "1.5月份采购": "",
    "暂无需求": "",
    "预算3.5-5万": "",
}


@pytest.mark.parametrize(("cell", "days"), CELLS.items(), ids=range(len(CELLS)))
def test_talks__of_a_cell(cell, days):
    assert said(read_talks(cell, PEOPLE)) == days.split()


def test_talks__text_speaker_and_way_of_talking():
    read = read_talks("5.12张三：电话沟通，要报价\n下周再说\n（5.20）李四 上门；5.21 微信", PEOPLE)
    assert [(t.who, t.method, t.text) for t in read.talks] == [
        ("张三", "电话", "电话沟通，要报价\n下周再说"),
        ("李四", "拜访", "上门"),
        ("", "微信", "微信"),
    ]


@pytest.mark.parametrize(
    "cell", ["2.30 电话", "2026-2-30 电话", "4月31日 上门", "1.1 背景\n1.2 需求\n1.3 方案"]
)
def test_talks__doubts(cell):
    assert read_talks(cell).doubt


@pytest.mark.parametrize(
    ("cell", "mentions"),
    [
        ("3.5电话，3.12上门", 1),
        ("3.5 电话 3.12 拜访", 1),
        ("第一次：3.5电话 第二次：3.12上门", 1),
        ("3.5、3.6 拜访", 1),
        ("3.5电话，约3.12上门", 0),
        ("3.5电话，3.12再联系", 0),
        ("3.5电话，预算3.5万", 0),
    ],
)
def test_talks__days_inside_a_text_are_told_apart(cell, mentions):
    assert len(read_talks(cell).mentions) == mentions


DAYS = st.dates(date(2020, 1, 1), date(2026, 12, 31))
WRITTEN = st.sampled_from(
    (
        "{0.year}-{0.month}-{0.day} ",
        "{0:%Y%m%d}",
        "{0.year}年{0.month}月{0.day}日",
        "{0:%Y/%m/%d}：",
    )
)
WORDS = st.sampled_from(
    ("电话沟通，要报价", "上门拜访，见了张总", "发合同3.5万元", "客户要2.0版本")
)


@given(st.lists(st.tuples(DAYS, WRITTEN, WORDS), min_size=1, max_size=6), st.sampled_from("\n;；"))
def test_talks__what_is_written_is_read_back(talks, mark):
    cell = mark.join(form.format(day) + words for day, form, words in talks)
    read = read_talks(cell)
    assert [t.day for t in read.talks] == [day for day, _, _ in talks]
    assert [t.text for t in read.talks] == [words for _, _, words in talks]
    assert read.dated
    assert not read.doubt


@given(
    st.decimals(0, 99, places=1),
    st.sampled_from(
        ("万元预算", "万", "米", "折", "元", "%", "吨", "m", "kg", "寸", "倍", "版本", "个点")
    ),
)
def test_talks__quantities_are_none(number, unit):
    assert not read_talks(f"{number}{unit}").talks
    assert not read_talks(f"{number} {unit}，老客户").talks


@given(st.text())
def test_talks__any_text_is_read_without_a_word_lost(cell):
    read = read_talks(cell)
    assert all(talk.text in cell for talk in read.talks)


@given(st.from_regex(r"1[3-9]\d{9}|0\d{2,3}-\d{7,8}|400-\d{3}-\d{4}", fullmatch=True))
def test_talks__phone_numbers_are_none(number):
    assert not read_talks(f"{number} 王经理").talks
