"""The harmless corrections: which cells, and what they are to hold."""

from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.checks.fixes import _READERS, Fix, fixes
from sheetcrm.clean import CleanBook
from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Rule
from sheetcrm.table import Cell, RawSheet
from tests.checks.support import leads
from tests.tables import clean_book

HEAD = "线索编号|客户名称|联系方式|线索获取时间|录入时间|线索等级|线索状态|预计成交金额|备注"


def lead_sheet(**cells: str) -> RawSheet:
    """A healthy lead with some cells written otherwise."""
    healthy = {
        "线索编号": "线索-2024-0501-001",
        "客户名称": "明禾机械",
        "联系方式": "'13800131001'",
        "线索获取时间": "2024-05-01",
        "录入时间": "2024-05-01 09:30",
        "线索等级": "B",
        "线索状态": "线索",
        "预计成交金额": "50000",
    }
    values = {**healthy, **cells}
    return leads(HEAD + "\n" + "|".join(values.get(name, "") for name in HEAD.split("|")))


def of(book: CleanBook) -> list[Fix]:
    return fixes(book, book.findings)


def only(book: CleanBook) -> object:
    (fix,) = of(book)
    return fix.new


@pytest.mark.parametrize(
    ("column", "text", "code", "new"),
    [
        ("客户名称", "' 明禾\\u3000机械 '", "FMT-10", "明禾 机械"),
        ("客户名称", "'明禾\\u200b机械'", "FMT-10", "明禾机械"),
        ("客户名称", "'ＡＢＣ贸易'", "FMT-10", "ABC贸易"),
        ("线索编号", "'线索-2024-0501-００1'", "FMT-10", "线索-2024-0501-001"),
        ("线索获取时间", "'2024/5/1'", "FMT-04", date(2024, 5, 1)),
        ("线索获取时间", "'2024年5月1日'", "FMT-04", date(2024, 5, 1)),
        ("线索获取时间", "#45413", "FMT-04", date(2024, 5, 1)),
        (
            "线索获取时间",
            "'2024-05-01 14:30'",
            "FMT-04",
            datetime.fromisoformat("2024-05-01 14:30"),
        ),
        ("录入时间", "'2024.5.1 9:05'", "FMT-04", datetime.fromisoformat("2024-05-01 09:05")),
        ("联系方式", "#13800131001", "FMT-11", "13800131001"),
        ("联系方式", "'13800131001.0'", "FMT-11", "13800131001"),
        ("联系方式", "'1.3800131001E+10'", "FMT-11", "13800131001"),
        ("联系方式", "'138-0013-1001'", "FMT-11", "13800131001"),
        ("联系方式", "'１３８００１３１００１'", "FMT-10", "13800131001"),
        ("线索等级", "'Ｂ'", "FMT-10", "B"),
        ("线索状态", "赢单", "VAL-02", "成交"),
        ("预计成交金额", "'85,000'", "FMT-13", 85_000),
        ("预计成交金额", "'￥120,000.00'", "FMT-13", 120_000),
        ("预计成交金额", "'30万'", "FMT-13", 300_000),
        ("预计成交金额", "'1.2亿'", "FMT-13", 120_000_000),
        ("预计成交金额", "'8000.5元'", "FMT-13", 8000.5),
    ],
)
def test_fixes__certain(column, text, code, new):
    (fix,) = of(clean_book(lead_sheet(**{column: text}), own=True))
    assert (fix.code, fix.row, fix.new, type(fix.new)) == (code, 2, new, type(new))
    assert fix.cell == f"{'ABCDEFGHI'[HEAD.split('|').index(column)]}2"


@pytest.mark.parametrize(
    ("column", "text"),
    [
        ("线索获取时间", "'5月1日'"),
        ("线索获取时间", "'2024年5月'"),
        ("线索获取时间", "'24/5/1'"),
        ("线索获取时间", "'明天'"),
        ("联系方式", "'138001310011'"),
        ("联系方式", "'138****1001'"),
        ("联系方式", "'13800131001 / 13800131002'"),
        ("联系方式", "'1.38E+10'"),
        ("联系方式", "'010-62345678'"),
        ("线索状态", "不知道"),
        ("预计成交金额", "'10-30万'"),
        ("预计成交金额", "'约8万'"),
        ("预计成交金额", "'8000元以内'"),
        ("预计成交金额", "'五万八'"),
        ("预计成交金额", "'3万5'"),
        ("预计成交金额", "面议"),
        ("客户名称", "'=明禾'"),
        ("备注", "' 前面有空格'"),
    ],
)
def test_fixes__not_certain(column, text):
    assert of(clean_book(lead_sheet(**{column: text}), own=True)) == []


def test_fixes__a_healthy_row_has_none():
    assert of(clean_book(lead_sheet(), own=True)) == []


def guest(amount: str, heading: str = "预计金额（万元）") -> RawSheet:
    return leads(
        f"客户名称|联系方式|负责人|{heading}|线索状态\n明禾|'13800131001'|甲|{amount}|线索"
    )


@pytest.mark.parametrize(("text", "new"), [("'85'", 85), ("'1,200.5'", 1200.5)])
def test_fixes__a_plain_number_stays_in_the_unit_of_its_heading(text, new):
    assert only(clean_book(guest(text))) == new


@pytest.mark.parametrize("text", ["'30万'", "'￥30'", "'300000元'"])
def test_fixes__a_unit_of_its_own_under_a_heading_with_another(text):
    assert of(clean_book(guest(text))) == []


def test_fixes__words_of_a_guest_stay():
    book = clean_book(lead_sheet(线索状态="' 赢单'"), own=False)
    assert [fix for fix in of(book) if fix.code == "VAL-02"] == []


def test_fixes__contact_data_is_masked_wherever_it_is_shown():
    (fix,) = of(clean_book(lead_sheet(联系方式="'13800131001.0'"), own=True))
    assert fix.new == "13800131001"
    assert (fix.shown_old, fix.shown_new) == ("138****1001.0", "138****1001")
    assert "13800131001" not in str(fix.as_json())


def test_fixes__switched_off_in_the_rules_tab():
    off = Rule(code="FMT-04", severity="info", message="", enabled=False)
    kit = load_kit().model_copy(update={"rules": (off,)})
    sheet = lead_sheet(线索获取时间="'2024/5/1'", 预计成交金额="'85,000'")
    assert [fix.code for fix in of(clean_book(sheet, own=True, kit=kit))] == ["FMT-13"]


def test_fixes__a_table_with_a_broken_heading_is_left_alone():
    text = "线索编号|客户名称|客户名称|线索获取时间|线索状态\nX|甲|乙|'2024/5/1'|线索"
    assert of(clean_book(leads(text), own=True)) == []


def test_fixes__every_code_is_in_the_catalogue():
    assert set(CATALOGUE) >= set(_READERS)


def applied(sheet: RawSheet, found: list[Fix]) -> RawSheet:
    rows: list[list[Cell]] = [list(row) for row in sheet.rows]
    for fix in found:
        rows[fix.row - 1][ord(fix.cell[0]) - 65] = fix.new
    return replace(sheet, rows=rows)


CELLS = {
    "客户名称": st.sampled_from(["明禾", "' 明 禾 '", "'明\\n禾'", "'ＡＢ公司\\u3000'", "'=甲'"]),
    "联系方式": st.sampled_from(
        ["#13800131001", "'138 0013 1001'", "'(010)62345678'", "'wx_abc123'", "'+1 202 555 0123'"]
    ),
    "线索获取时间": st.dates(date(2020, 1, 1), date(2024, 5, 1)).map(
        lambda d: f"'{d.year}/{d.month}/{d.day}'"
    ),
    "线索状态": st.sampled_from(["线索", "赢单", "' 意向'", "丢单", "不知道"]),
    "预计成交金额": st.sampled_from(["'1,000'", "'3万'", "'约3万'", "5", "'￥8.5万'"]),
}


@given(st.fixed_dictionaries(CELLS))
@settings(max_examples=25, deadline=None)
def test_fixes__nothing_is_left_once_they_are_applied(cells):
    sheet = lead_sheet(**cells)
    before = clean_book(sheet, own=True)
    after = clean_book(applied(sheet, of(before)), own=True)
    assert of(after) == []
    for key, column in before.tables["lead"].data.items():
        if key != "acquired_on":
            assert column.equals(after.tables["lead"].data[key]), key
