"""Rules without their columns are said once, and then say nothing about rows."""

from sheetcrm.checks import check, unchecked
from sheetcrm.checks.unchecked import NEEDS
from sheetcrm.kit.load import load_kit
from tests.checks.support import AS_OF, follow_ups, kit_with_team, leads, told
from tests.tables import clean_book

LEADS = "线索编号 | 客户名称 | 线索状态 | 线索等级\nL1 | 明禾机械 | 意向 | A"


def test_unchecked__missing_columns():
    codes = [code for code, _ in unchecked(clean_book(leads(LEADS)))]
    assert {"REQ-05", "AMT-04", "DAT-01", "DUP-03", "GRD-04", "REF-02"} <= set(codes)
    assert "DUP-06" not in codes  # no follow-ups at all: nothing to check
    assert told(f for f in check(clean_book(leads(LEADS)), AS_OF) if f.row > 1) == []


def test_unchecked__names_sheet_and_columns():
    reasons = dict(unchecked(clean_book(leads(LEADS))))
    assert reasons["DUP-03"] == "“线索跟踪”没有“联系方式”列"
    assert "“预算范围”" in reasons["GRD-04"]


def test_unchecked__nothing_where_all_is_there():
    kit = kit_with_team("林晓舟")
    heads = {key: "|".join(c.name for c in kit.by_key[key].columns) for key in kit.by_key}
    lead = "|".join([" "] * 2 + ["明禾机械"] + [" "] * (len(kit.by_key["lead"].columns) - 3))
    log = "|".join(["GZ2024001"] + [" "] * (len(kit.by_key["follow_up"].columns) - 1))
    book = clean_book(
        leads(f"{heads['lead']}\n{lead}"),
        follow_ups(f"{heads['follow_up']}\n{log}"),
        own=True,
        kit=kit,
    )
    assert set(book.tables) == {"lead", "follow_up"}
    assert unchecked(book) == []


def test_unchecked__references_without_a_lead_table():
    book = clean_book(
        follow_ups("线索编号 | 跟进时间 | 跟进方式 | 跟进内容\nL9 | 2024-05-01 | 电话 | 演示")
    )
    assert "REF-01" in dict(unchecked(book))


def test_needs__speak_of_the_kits_columns():
    kit = load_kit()
    for need in NEEDS:
        assert set(need.columns) <= set(kit.by_key[need.table].by_key)
