"""Rows under a customer that do not name him again: talks with him, no leads."""

import pytest

from tests.tables import clean_book, recognised

LEADS = """
客户名称 | 来源渠道 | 负责人 | 线索获取时间 | 当前阶段 | 跟进日期 | 跟进内容
明禾机械 | 展会 | 张伟 | 2024-03-01 | 意向 | 2024-03-02 | 电话
 | | | | | 2024-03-09 | 上门
 | | 王芳 | | | '3/5' | 补样品
启明建材 | 官网 | 王芳 | 2024-03-02 | 报价 | 2024-03-03 | 电话
 | | | | | 再说 | 没人接
"""


def test_under__further_talks_are_no_leads_and_the_latest_counts():
    book = clean_book(LEADS)
    data = book.tables["lead"].data
    assert list(data["company"]) == ["明禾机械", "启明建材"]
    assert [f"{day:%m-%d}" for day in data["last_follow_up"]] == ["03-09", "03-03"]
    said = [(f.cell, f.code) for f in book.findings if f.code in ("ROW-06", "TYP-02")]
    assert said == [("A3", "ROW-06"), ("F6", "TYP-02")]
    assert "（3-4、6）" in next(f.message for f in book.findings if f.code == "ROW-06")


@pytest.mark.parametrize(
    "row",
    [
        pytest.param(" | | | | 报价 | 2024-03-09 | 上门", id="a stage of its own"),
        pytest.param(" | 官网 | | | | 2024-03-09 | 上门", id="a source of its own"),
        pytest.param(" | | | 2024-03-05 | | 2024-03-09 | 上门", id="got on a day of its own"),
        pytest.param("东方电气 | | | | | 2024-03-09 | 上门", id="a customer"),
        pytest.param(" | | 王芳 | | | |", id="no talk"),
    ],
)
def test_under__a_row_with_more_stays_a_lead(row):
    found = recognised(LEADS.replace(" | | | | | 2024-03-09 | 上门", row))
    assert 3 in found.tables["lead"].raw.index


def test_under__nothing_above_or_a_gap_is_not_taken():
    first = LEADS.replace("明禾机械 | 展会 | 张伟 | 2024-03-01 | 意向", " | | | |")
    assert list(recognised(first).tables["lead"].raw.index) == [2, 3, 4, 5]
    gap = LEADS.replace(" | | | | | 再说", " | | | | | |\n | | | | | 再说")
    assert 7 in recognised(gap).tables["lead"].raw.index


def test_under__a_log_names_the_customer_once():
    log = """
客户名称 | 跟进时间 | 跟进人 | 跟进方式 | 跟进内容
明禾机械\u3000 | 2024-03-01 | 张三 | 电话 | 谈了价格
 | 2024-03-02 | 张三 | 上门 | 谈了交期
启明建材 | 2024-03-02 | 张三 | 电话 | 谈了交期
"""
    book = clean_book(log)
    assert list(book.tables["follow_up"].data["company"]) == ["明禾机械", "明禾机械", "启明建材"]
    assert [f.cell for f in book.findings if f.code == "ROW-06"] == ["A3"]
    assert [f.cell for f in book.findings if f.code == "FMT-10"] == ["A2"]
