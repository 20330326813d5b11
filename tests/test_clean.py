from typing import Any

import numpy as np
import pandas as pd
import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding
from tests.tables import clean_book, codes, sheet

HEAD = (
    "线索编号 | 客户名称 | 来源渠道 | 联系方式 | 线索获取时间"
    " | 线索等级 | 线索状态 | 预计成交金额 | 负责人 | 备注"
)
KEYS = (
    "lead_id", "company", "source", "phone", "acquired_on", "grade", "status",
    "expected_amount", "owner", "note",
)  # fmt: skip


def leads(*rows: str, own: bool = False) -> CleanBook:
    return clean_book("\n".join((HEAD, *rows)), own=own)


def lead(own: bool = False, **cells: str) -> CleanBook:
    """A lead sheet of one row: a healthy one but for the given cells."""
    healthy = {
        "lead_id": "线索-2024-0301-001", "company": "明禾机械", "source": "官网表单",
        "phone": "13800130001", "acquired_on": "2024-03-01", "grade": "A", "status": "线索",
        "expected_amount": "50000", "owner": "张伟", "note": "",
    }  # fmt: skip
    return leads(" | ".join((healthy | cells)[key] for key in KEYS), own=own)


def the_finding(book: CleanBook) -> Finding:
    found = [f for f in book.findings if f.row > 1]
    assert len(found) == 1
    return found[0]


def value(book: CleanBook, key: str, row: int = 2) -> Any:
    return book.tables["lead"].data.at[row, key]


def test_clean__a_healthy_row_has_no_finding():
    assert codes(lead().findings) == []
    assert codes(lead(own=True).findings) == []


def test_clean__columns_are_typed():
    types = lead().tables["lead"].data.dtypes.astype(str).to_dict()
    assert types["lead_id"] == types["grade"] == types["phone"] == types["note"] == "str"
    assert types["acquired_on"] == "datetime64[us]"
    assert types["expected_amount"] == "float64"


@pytest.mark.parametrize(
    ("key", "typed", "meant", "code"),
    [
        ("acquired_on", "'2024/3/1'", pd.Timestamp("2024-03-01"), "FMT-04"),
        ("acquired_on", "#45352", pd.Timestamp("2024-03-01"), "FMT-04"),
        ("acquired_on", "24.3.1", pd.Timestamp("2024-03-01"), "FMT-03"),
        ("phone", "138-0013-0001", "13800130001", "FMT-11"),
        ("phone", "１３８００１３０００１", "13800130001", "FMT-10"),
        ("phone", "13800130001/13900130002", "13800130001", "FMT-07"),
        ("phone", "138****0001", "138****0001", "FMT-06"),
        ("expected_amount", "5万", 50_000.0, "FMT-13"),
        ("expected_amount", "10-30万", 200_000.0, "AMT-02"),
        ("expected_amount", "-5", -5.0, "AMT-01"),
        ("expected_amount", "0", 0.0, "AMT-01"),
        ("company", r"'明禾\n机械'", "明禾机械", "FMT-10"),
        ("grade", "Ａ", "A", "FMT-10"),
        ("grade", "a", "A", "VAL-02"),
        ("grade", "ｂ", "B", "VAL-02"),
        ("grade", "A级", "A", "VAL-02"),
        ("grade", "a类", "A", "VAL-02"),
        ("grade", "Ａ 级", "A", "VAL-02"),
        ("grade", "中", "B", "VAL-02"),
        ("grade", "低意向", "C", "VAL-02"),
        ("phone", "张经理13800130001", "13800130001", "FMT-11"),
        ("phone", "a@b.com; c@d.cn", "a@b.com", "FMT-07"),
        ("phone", "name＠example.com", "name@example.com", "FMT-10"),
        ("note", "=1+1", "=1+1", "SEC-01"),
        ("note", r"'\t=1+1'", "=1+1", "SEC-01"),
    ],
)
def test_clean__read_and_said(key, typed, meant, code):
    book = lead(own=True, **{key: typed})
    found = the_finding(book)
    assert (found.code, value(book, key)) == (code, meant)
    assert (found.key, found.owner, found.row) == ("线索-2024-0301-001", "张伟", 2)
    assert book.tables["lead"].faulty == frozenset()


@pytest.mark.parametrize(
    ("key", "typed", "code"),
    [
        ("acquired_on", "2024-02-30", "TYP-02"),
        ("acquired_on", "尽快", "TYP-02"),
        ("acquired_on", "3月8日", "TYP-02"),
        ("expected_amount", "面议", "TYP-01"),
        ("phone", "138001300", "FMT-05"),
        ("phone", "name@example", "FMT-08"),
        ("company", "#REF!", "TYP-12"),
        ("expected_amount", "#N/A", "TYP-12"),
    ],
)
def test_clean__unreadable_is_missing_and_faulty(key, typed, code):
    typed = f"'{typed}'"
    book = lead(**{key: typed})
    found = the_finding(book)
    assert (found.code, found.severity) == (code, "error")
    assert pd.isna(value(book, key))
    assert book.tables["lead"].faulty == {(2, key)}


@pytest.mark.parametrize("typed", ["甲", "D", "AB", "一级"])
def test_clean__no_guess_at_a_grade(typed):
    assert the_finding(lead(own=True, grade=typed)).code == "VAL-01"


def test_clean__foreign_currency_is_no_amount_and_no_blank():
    book = lead(expected_amount="USD 5,000")
    found = the_finding(book)
    assert (found.code, found.severity) == ("AMT-07", "warning")
    assert "美元" in found.message
    assert pd.isna(value(book, "expected_amount"))
    assert book.tables["lead"].faulty == {(2, "expected_amount")}


def test_clean__a_hint_at_lost_asterisks_shows_no_number():
    found = the_finding(lead(phone="'1385678'"))
    assert found.code == "FMT-05"
    assert "星号" in found.message
    assert "1385678" not in found.message


@pytest.mark.parametrize("typed", ["-", "--", "—", r"'\u3000'", "''"])
def test_clean__dashes_and_spaces_are_blank_without_a_word(typed):
    book = lead(own=True, company=typed, expected_amount=typed, acquired_on=typed, grade=typed)
    assert book.tables["lead"].data.loc[2, ["company", "expected_amount", "grade"]].isna().all()
    assert codes(book.findings) == []


def test_clean__a_placeholder_in_a_required_cell_is_said():
    book = lead(company="待定", note="无")
    assert (the_finding(book).code, the_finding(book).severity) == ("REQ-03", "warning")
    assert pd.isna(value(book, "company"))
    assert pd.isna(value(book, "note"))
    assert book.tables["lead"].faulty == {(2, "company")}


def test_clean__contact_values_are_masked_everywhere():
    rows = [
        "13800130001", "138-0013-0002", "1380013000", "'１３８００１３０００３'", "#13800130004",
        "13800130005/13900130006", "zhang.wei@example",
    ]  # fmt: skip
    book = leads(*(f"L{i} | 甲{i} | 官网表单 | {phone}" for i, phone in enumerate(rows)))
    shown = " ".join(f.value + f.message + f.suggestion for f in book.findings if f.row > 1)
    assert len([f for f in book.findings if f.row > 1]) == 6
    for number in (
        "13800130002",
        "1380013000",
        "13800130003",
        "13800130004",
        "13900130006",
        "zhang.wei",
    ):
        assert number not in shown


def test_clean__line_breaks_of_a_note_are_healthy():
    book = lead(note=r"'一、报价\n二、合同'")
    assert codes(book.findings) == []
    assert value(book, "note") == "一、报价\n二、合同"


def test_clean__an_amount_under_a_heading_in_wan():
    text = """
    线索编号 | 客户名称 | 来源渠道 | 预计金额（万元） | 成交金额（元）
    L1 | 甲 | 官网表单 | 5 | 48000
    L2 | 乙 | 官网表单 | 80000元 | 5万
    """
    data = clean_book(text).tables["lead"].data
    assert list(data["expected_amount"]) == [50_000, 80_000]
    assert list(data["amount"]) == [48_000, 50_000]


def test_clean__one_amount_in_wan_among_yuan():
    rows = [f"L{i} | 甲{i} | 官网表单 | | | | | {40_000 + 1_000 * i}" for i in range(25)]
    book = leads(*rows, "L99 | 乙 | 官网表单 | | | | | 5", "L98 | 丙 | 官网表单 | | | | | 800000")
    assert codes(book.findings) == ["H27 AMT-03"]
    assert the_finding(book).suggestion.count("50,000") == 1


def test_clean__a_date_without_a_year_goes_by_its_row_then_its_column():
    text = """
    线索编号 | 客户名称 | 来源渠道 | 线索获取时间 | 最后跟进时间
    L1 | 甲 | 官网表单 | 12月28日 | 2024-01-05
    L2 | 乙 | 官网表单 | 3月1日 |
    L3 | 丙 | 官网表单 | 2022-02-01 |
    """
    book = clean_book(text)
    dates = book.tables["lead"].data["acquired_on"]
    assert [f"{d:%Y-%m-%d}" for d in dates] == ["2023-12-28", "2022-03-01", "2022-02-01"]
    assert codes(book.findings) == ["D2 FMT-03", "D3 FMT-03"]


def test_clean__a_date_column_has_days_a_datetime_column_times():
    text = """
    跟进记录ID | 线索编号 | 跟进时间 | 跟进方式 | 跟进内容 | 下次跟进时间 | 记录时间
    G1 | L1 | 2024-03-01 14:30 | 电话 | 报价 | 2024-03-05 09:00 | 2024-03-01 15:10
    """
    data = clean_book(sheet(text, "跟进记录")).tables["follow_up"].data
    assert data.at[2, "next_follow_up"] == pd.Timestamp("2024-03-05")
    assert data.at[2, "recorded_at"] == pd.Timestamp("2024-03-01 15:10")


@pytest.mark.parametrize(("own", "expected"), [(True, ["A2 FMT-09"]), (False, [])])
def test_clean__id_pattern_is_only_for_our_own_books(own, expected):
    assert codes(lead(own=own, lead_id="XS-001").findings) == expected


def test_clean__an_id_is_text_without_spaces():
    assert value(lead(lead_id="#1001"), "lead_id") == "1001"
    assert value(lead(lead_id=r"' XS－００１ '"), "lead_id") == "XS-001"


def test_clean__unknown_columns_are_text():
    text = (
        "线索编号 | 客户名称 | 来源渠道 | 车牌\nL1 | 甲 | 官网表单 | 12\nL2 | 乙 | 官网表单 | =A1"
    )
    book = clean_book(text)
    assert list(book.tables["lead"].data["车牌"]) == ["12", "=A1"]
    assert codes(book.findings) == ["D3 SEC-01"]


def test_clean__a_sheet_without_rows_keeps_its_types():
    data = leads().tables["lead"].data
    assert len(data) == 0
    assert data["acquired_on"].dtype == np.dtype("datetime64[us]")
    assert data["expected_amount"].dtype == np.dtype("float64")
    assert str(data["company"].dtype) == "str"
