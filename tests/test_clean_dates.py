"""Dates in words count from their own row, and say from what."""

from datetime import date, timedelta
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.clean import CleanBook
from sheetcrm.clean.dates import BASES
from sheetcrm.kit.load import load_kit
from tests.tables import clean_book, codes, sheet


def shown(book: CleanBook, key: str, table: str = "lead") -> list[str]:
    days = book.tables[table].data[key]
    return ["" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in days]


def said(book: CleanBook, heading: str) -> list[str]:
    return [f.message for f in book.findings if f.row > 1 and f.column == heading]


def leads(*rows: str) -> CleanBook:
    head = (
        "线索编号 | 客户名称 | 来源渠道 | 线索获取时间 | 录入时间"
        " | 最后跟进时间 | 下次跟进时间 | 预计采购时间"
    )
    return clean_book("\n".join((head, *rows)))


def test_bases__are_date_columns_of_the_kit():
    for table, bases in BASES.items():
        columns = load_kit().by_key[table].by_key
        for key, basis in bases.items():
            assert {columns[k].type for k in (key, *basis.columns)} <= {"date", "datetime"}


def test_clean__words_count_from_the_last_follow_up_else_from_entry_or_receipt():
    book = leads(
        "L1 | 甲 | 官网表单 | 2024-02-01 | 2024-02-02 | 2024-03-05 | 下周一 | 1个月内",
        "L2 | 乙 | 官网表单 | 2024-02-01 | 2024-02-02 | | 3天内 | 三季度末",
        "L3 | 丙 | 官网表单 | 2024-02-01 | | | 月底 | 2024年5月上旬",
    )
    assert shown(book, "next_follow_up") == ["2024-03-11", "2024-02-05", "2024-02-29"]
    assert shown(book, "expected_purchase_on") == ["2024-04-05", "2024-09-30", "2024-05-10"]
    assert codes(book.findings) == [f"{c}{r} FMT-03" for c in "GH" for r in (2, 3, 4)]
    for message, basis in zip(
        said(book, "下次跟进时间"), ("最后跟进时间", "录入时间", "线索获取时间"), strict=True
    ):
        assert basis in message
    assert "2024-03-05" in said(book, "下次跟进时间")[0]
    assert {f.severity for f in book.findings if f.code == "FMT-03"} == {"warning"}


def test_clean__words_without_anything_to_count_from_are_no_date():
    book = leads(
        "L1 | 甲 | 官网表单 | | | | 下周一 | 尽快",
        "L2 | 乙 | 官网表单 | 2024-02-01 | | | 2月30日前 | 2024年13月1日",
        "L3 | 丙 | 官网表单 | 下周一 | 2024-02-01 | | | ",
    )
    assert codes(book.findings) == [
        "D4 TYP-02", "G2 TYP-02", "G3 TYP-02", "H2 TYP-02", "H3 TYP-02",
    ]  # fmt: skip
    assert book.tables["lead"].faulty >= {(2, "next_follow_up"), (4, "acquired_on")}


def test_clean__a_basis_may_itself_be_in_words():
    text = """
    跟进记录ID | 线索编号 | 跟进时间 | 跟进方式 | 跟进内容 | 下次跟进时间 | 记录时间
    G1 | L1 | 昨天下午3点 | 电话 | 报价 | 3天后 | 2024-03-05 09:10
    G2 | L1 | 明天 | 电话 | 报价 | 3天后 | 2024-03-05 09:10
    G3 | L1 | 2024-03-01 | 电话 | 报价 | 3月8日 | 2024-03-05 09:10
    """
    book = clean_book(sheet(text, "跟进记录"))
    data = book.tables["follow_up"].data
    assert data.at[2, "followed_on"] == pd.Timestamp("2024-03-04 15:00")
    assert data["followed_on"].isna().tolist() == [
        False,
        True,
        False,
    ]  # nobody writes down what has not happened
    assert shown(book, "next_follow_up", "follow_up") == ["2024-03-07", "2024-03-08", "2024-03-08"]
    assert codes(book.findings) == ["C2 FMT-03", "C3 TYP-02", "F2 FMT-03", "F3 FMT-03", "F4 FMT-03"]


@pytest.mark.parametrize(
    ("name", "table", "head", "row", "key", "day"),
    [
        (
            *("协作需求", "request", "需求编号 | 协作部门 | 提出时间 | 要求完成时间 | 交付物"),
            *("XZ1 | 技术 | 2024-03-05 | 本周五 | 方案", "due_on", "2024-03-08"),
        ),
        (
            *("阶段进度", "stage_progress", "客户名称 | 所属阶段 | 阶段进入时间 | 预计成交时间"),
            *("甲 | 报价 | 2024-03-05 | 下月底", "expected_close_on", "2024-04-30"),
        ),
    ],
)
def test_clean__other_tables_have_their_own_basis(name, table, head, row, key, day):
    assert shown(clean_book(sheet(f"{head}\n{row}", name)), key, table) == [day]


def test_clean__a_plan_without_a_year_lies_ahead_a_fact_nearby():
    book = leads(
        "L1 | 甲 | 官网表单 | 2024-05-20 | 2024-05-21 | 2024-05-22 | 6月1日 | 12月8日",
        "L2 | 乙 | 官网表单 | 12月28日 | 2024-01-02 | 2024-01-05 | 1月3日 | 3月",
    )
    assert shown(book, "expected_purchase_on") == ["2024-12-08", "2024-03-31"]
    assert shown(book, "acquired_on") == ["2024-05-20", "2023-12-28"]
    assert shown(book, "next_follow_up") == ["2024-06-01", "2024-01-03"]


def test_clean__a_plan_says_nothing_of_the_year_of_a_fact_beside_another_fact():
    made = leads("L1 | 明禾机械 | 展会 | '4.8' | | 2026-07-31 | 2026-11-16 | 2026-12-20")
    assert shown(made, "acquired_on") == ["2026-04-08"]
    alone = leads("L1 | 明禾机械 | 展会 | '10.8' | | | 2026-11-16 |")
    assert shown(alone, "acquired_on") == ["2026-10-08"]


def test_clean__a_date_column_drops_the_time_in_words():
    book = leads("L1 | 甲 | 官网表单 | 2024-03-01 | | 2024-03-05 | 明天下午3点 | 3月8日下午3点")
    data = book.tables["lead"].data
    assert data.at[2, "next_follow_up"] == pd.Timestamp("2024-03-06")
    assert data.at[2, "expected_purchase_on"] == pd.Timestamp("2024-03-08")


def test_clean__chinese_numerals_are_dates():
    book = leads("L1 | 甲 | 官网表单 | 二〇二四年三月一日 | | ２０２４年３月５日 | 三月八日前 | ")
    assert shown(book, "acquired_on") == ["2024-03-01"]
    assert shown(book, "next_follow_up") == ["2024-03-08"]
    assert codes(book.findings) == ["D2 FMT-04", "F2 FMT-04", "G2 FMT-03"]


rows: Any = st.lists(
    st.tuples(
        st.one_of(st.none(), st.dates(date(2020, 1, 1), date(2030, 12, 31))), st.integers(1, 40)
    ),
    min_size=1,
    max_size=8,
)


@given(rows)
@settings(max_examples=10, deadline=None)
def test_clean__every_row_counts_for_itself(made):
    lines = [f"L{i} | 甲 | 官网表单 | | | {b or ''} | {n}天内 |" for i, (b, n) in enumerate(made)]
    book = leads("L99 | 乙 | 官网表单 | 2024-03-01 | | 2024-03-01 | 2024-03-05 |", *lines)
    expected = [f"{b + timedelta(n)}" if b else "" for b, n in made]
    assert shown(book, "next_follow_up")[1:] == expected
