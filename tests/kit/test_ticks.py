"""Leads without a stage column, but with ticked columns: what they say is the stage."""

import pytest

from tests.tables import clean_book, recognised

HEAD = "客户名称 | 联系电话 | 来源 | 负责人 | 登记日期"
LEAD = "客户{} | 13800130001 | 展会 | 张伟 | 2024-05-01"


def leads(columns: str, *rows: str) -> str:
    lines = (f"{LEAD.format(n)} | {row}" for n, row in enumerate(rows))
    return "\n".join([f"{HEAD} | {columns}", *lines])


def stages(text: str) -> list[str]:
    lead = clean_book(text).tables["lead"]
    return list(lead.data["status"].fillna("")) if "status" in lead.data else []


@pytest.mark.parametrize(
    ("columns", "rows", "expected"),
    [
        pytest.param("是否成交", ("是", "否", ""), ["成交", "", ""], id="yes and no"),
        pytest.param("是否签约", ("#1", "#0", "#1"), ["签约", "", "签约"], id="1 and 0"),
        pytest.param("成交（是/否）", ("Y", "N", "/"), ["成交", "", ""], id="Y and N"),
        pytest.param("已签单 | 已丢单", ("√ |", "| √", "|"), ["签单", "丢单", ""], id="ticks"),
        pytest.param(
            "初访 | 报价 | 签约",
            ("√ | √ | √", "√ | √ |", "√ | |", "| |"),
            ["签约", "报价", "初访", ""],
            id="one column a stage",
        ),
        pytest.param("面谈 | 成交", ("○ | ○", "○ | "), ["成交", "面谈"], id="circles"),
        pytest.param("面谈 | 成交", ("● | ●", "● | ○"), ["成交", "面谈"], id="empty circles"),
        pytest.param("报价日期 | 签约日期", ("2024-05-02 | 2024-05-03", "2024-05-02 |", "|"),
                     ["签约", "报价", "线索"], id="dates"),
        pytest.param("是否有效 | 是否成交", ("是 | 否", "否 | 是"), ["", "成交"], id="no stage"),
    ],
)  # fmt: skip
def test_ticks__say_the_stage(columns, rows, expected):
    text = leads(columns, *rows)
    assert stages(text) == expected
    said = {f.code: f for f in recognised(text).findings}
    assert said["STG-11"].cell.endswith("1")
    assert "线索状态" not in {f.column for f in recognised(text).findings if f.code == "HDR-02"}


@pytest.mark.parametrize(
    ("columns", "rows"),
    [
        pytest.param("是否成交", ("是", "跟进中", "否"), id="something else too"),
        pytest.param("面谈 | 报价", ("√ | √", "√ |"), id="no deal among them"),
        pytest.param("是否付款", ("是", "否"), id="paid is no stage"),
        pytest.param("预计成交日期", ("2024-05-02", "2024-06-01"), id="a plan"),
        pytest.param("成交", ("#1", "#0"), id="a number"),
        pytest.param("是否成交", ("", ""), id="nothing filled"),
    ],
)
def test_ticks__what_may_mean_something_else_is_left(columns, rows):
    text = leads(columns, *rows)
    assert stages(text) == []
    assert "STG-11" not in {f.code for f in recognised(text).findings}


def test_ticks__a_stage_column_comes_first():
    assert stages(leads("跟进状态 | 是否成交", "意向 | 是", "报价 | 否")) == ["意向", "报价"]


def test_ticks__won_and_lost_is_lost_and_said():
    text = leads("是否成交 | 是否流失", "是 | 是", "是 | 否")
    assert stages(text) == ["流失", "成交"]
    assert [f.cell for f in recognised(text).findings if f.code == "STG-12"] == ["G2"]


def test_ticks__open_leads_begin_at_the_first_stage():
    pipeline = clean_book(leads("是否成交", "是", "否")).kit.pipeline
    assert [(s.name, s.kind) for s in pipeline.stages] == [("线索", "open"), ("成交", "won")]
