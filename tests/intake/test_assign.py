"""Who gets the leads that come in without an owner."""

import pytest

from sheetcrm.intake.assign import assign
from sheetcrm.intake.decide import decide
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Kit, Share
from tests.intake.books import OPTIONS, book, incoming

KIT = load_kit().with_items("owner", ["林晓舟", "周明", "许宁"])
HEAD = "客户名称|联系人|联系方式|区域|所属行业|负责人|线索状态"
FIRMS = ["新安食品", "瑞通电子", "云帆科技", "博雅贸易", "凌志建材", "长青物流"]


def kit(rule: str, *shares: Share) -> Kit:
    settings = tuple(
        s.model_copy(update={"value": rule}) if s.key == "assign_rule" else s for s in KIT.settings
    )
    return KIT.model_copy(update={"settings": settings, "shares": shares})


def sheet(*rows: str) -> str:
    lines = [f"{FIRMS[i]}|陈默|1390013000{i}|{row}" for i, row in enumerate(rows)]
    return "\n".join([HEAD, *lines])


def owners(rule_kit: Kit, *rows: str, leads: tuple[str, ...] = ()) -> list[str]:
    made = decide(incoming(sheet(*rows)), book(*leads, kit=rule_kit), OPTIONS)
    return made.new["owner"].fillna("").tolist() if "owner" in made.new else []


def lead(number: int, owner: str, status: str = "意向") -> str:
    return (
        f"线索-2026-0601-00{number}|官网表单|甲{number}机械|许文清|1380013000{number}|换软件|2026-06-01|"
        f"2026-06-01|B|{status}|{owner}|||||"
    )


def test_assign__in_turn():
    assert owners(kit("轮流"), *["|||"] * 5) == ["林晓舟", "周明", "许宁", "林晓舟", "周明"]


def test_assign__in_turn_goes_on_where_the_book_left_it():
    there = (lead(1, "林晓舟"), lead(2, "周明"))
    assert owners(kit("轮流"), *["|||"] * 2, leads=there) == ["许宁", "林晓舟"]


def test_assign__quotas_and_those_who_come_with_an_owner():
    shares = (Share(owner="林晓舟", quota=2), Share(owner="周明", quota=1))
    rows = ["||林晓舟|", "|||", "|||", "|||"]
    assert owners(kit("轮流", *shares), *rows) == ["林晓舟", "周明", "林晓舟", ""]


def test_assign__by_region_as_wide_or_narrow_as_it_is_written():
    shares = (
        Share(owner="林晓舟", regions=("华东",)),
        Share(owner="周明", regions=("广东", "湖北")),
    )
    rows = ["苏州||||", "深圳市||||", "华东||||", "湖北||||", "成都||||"]
    assert owners(kit("按区域", *shares), *(r[:-1] for r in rows)) == [
        "林晓舟",
        "周明",
        "林晓舟",
        "周明",
        "",
    ]


def test_assign__by_industry():
    shares = (
        Share(owner="林晓舟", industries=("制造业",)),
        Share(owner="周明", industries=("零售",)),
    )
    rows = ["|零售||", "|制造||", "|教育||"]
    assert owners(kit("按行业", *shares), *rows) == ["周明", "林晓舟", ""]


def test_assign__by_load_counts_open_leads():
    there = (lead(1, "林晓舟"), lead(2, "林晓舟"), lead(3, "周明"), lead(4, "许宁", "成交"))
    expected = ["许宁", "周明", "许宁", "林晓舟"]
    assert owners(kit("按在手"), *["|||"] * 4, leads=there) == expected


def test_assign__nobody_by_default_and_that_is_told():
    made = decide(incoming(sheet("|||", "|||")), book(kit=KIT), OPTIONS)
    assert [f.code for f in made.findings] == ["IMP-14"]
    assert made.new["owner"].isna().all()


def test_assign__closed_leads_get_no_owner():
    assert owners(kit("轮流"), "|||成交", "|||") == ["", "林晓舟"]


def test_assign__the_same_sheet_the_same_owners():
    one = owners(kit("轮流"), *["|||"] * 6)
    assert one == owners(kit("轮流"), *["|||"] * 6)


@pytest.mark.parametrize("rule", ["不分配", "轮流"])
def test_assign__no_people_no_owners(rule):
    empty = kit(rule).with_items("owner", [])
    there = book(kit=empty)
    rows = incoming(sheet("|||")).data
    assert assign(rows, rows["owner"], there).owners.isna().all()
