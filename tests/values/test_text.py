import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.text import (
    are_folded,
    as_text,
    fold,
    is_blank,
    is_error_value,
    is_placeholder,
    looks_like_formula,
    tidy,
    tidy_long,
)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("流失 ", "流失"),
        ("\u3000合同签订", "合同签订"),
        ("陈静\xa0", "陈静"),
        ("南京\u200b长青教育", "南京长青教育"),
        ("厦门启明\n建材有限公司", "厦门启明建材有限公司"),
        ("ABC\r\nCompany", "ABC Company"),
        ("Ｂ", "B"),
        ("１２３号", "123号"),
        ("星辰科技（上海）", "星辰科技（上海）"),
        ("甲\t乙", "甲 乙"),
        ("\ufeff甲\x07", "甲"),
    ],
)
def test_tidy__what_only_the_eye_sees_goes(typed, meant):
    assert tidy(typed) == meant


def test_tidy_long__keeps_the_lines_of_a_note():
    assert tidy_long(" 一、报价\r\n二、合同\u200b ") == "一、报价\n二、合同"


@given(st.text())
def test_tidy__twice_is_once(text):
    assert tidy(tidy(text)) == tidy(text)
    assert tidy_long(tidy_long(text)) == tidy_long(text)


@given(st.text())
def test_tidy__never_changes_what_is_compared(text):
    assert "\n" not in tidy(text)
    assert "\u200b" not in tidy(text)


@pytest.mark.parametrize(("one", "other"), [("ｃ", "C"), (" 高 意向", "高意向"), ("A级", "ａ级")])
def test_fold__same_meaning_same_key(one, other):
    assert fold(one) == fold(other)


@pytest.mark.parametrize("cell", [None, "", "  ", "\u3000", "-", "--", "—", "——", "/", "\xa0-"])
def test_is_blank__nothing_or_dashes(cell):
    assert is_blank(cell)


@pytest.mark.parametrize("cell", ["无", "0", 0.0, False, "-1", "A-B"])
def test_is_blank__anything_said_is_not(cell):
    assert not is_blank(cell)


@pytest.mark.parametrize("cell", ["无", "暂无", "待定", "N/A", "n／a", "未知", " 无 ", "（空）"])
def test_is_placeholder__words_for_nothing(cell):
    assert is_placeholder(cell)


@pytest.mark.parametrize("cell", ["无锡", "待定稿", "", None, 0.0, "NA公司"])
def test_is_placeholder__names_are_not(cell):
    assert not is_placeholder(cell)


@pytest.mark.parametrize("cell", ["#REF!", "#N/A", "#DIV/0!", "#value!"])
def test_is_error_value__excels_own(cell):
    assert is_error_value(cell)


def test_is_error_value__a_hash_tag_is_text():
    assert not is_error_value("#重点客户")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+1+1",
        "-2+3",
        "@SUM(1+1)*cmd",
        "\t=1+1",
        "  =A1",
        '=HYPERLINK("x")',
        "-cmd|' /C'!A0",
    ],
)
def test_looks_like_formula__dangerous_starts(cell):
    assert looks_like_formula(cell)


@pytest.mark.parametrize(
    "cell",
    ["-5", "+86 138-0013-0001", "-1,234.50", "- 已联系客户", "@张伟", "--", "A=1", -5.0, "-10%"],
)
def test_looks_like_formula__numbers_bullets_and_mentions_are_not(cell):
    assert not looks_like_formula(cell)


@pytest.mark.parametrize(
    ("cell", "shown"), [(13800130001.0, "13800130001"), (1.5, "1.5"), (True, "TRUE"), (None, "")]
)
def test_as_text__as_the_cell_shows_it(cell, shown):
    assert as_text(cell) == shown


@given(st.lists(st.text(alphabet="aA甲-ａ 1\x1f\n", max_size=4), max_size=6))
def test_are_folded__never_says_so_of_a_text_that_folds_to_another(texts):
    if are_folded(texts):
        assert [fold(text) for text in texts] == texts


def test_are_folded__ids_and_numbers_are():
    assert are_folded(["线索-2024-0501-001", "13800000000", "gz2024001"])
    assert not are_folded(["线索-2024-0501-001", "GZ2024001"])
