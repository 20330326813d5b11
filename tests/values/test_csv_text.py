"""The escape of CSV cells, and what other programs put around a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.csv_text import escape, unescape, unwrap

RISKY = st.text(st.sampled_from("'=+-@＝＋\t\r\n 1aA,.%\""), max_size=8) | st.text(max_size=12)


@given(RISKY)
def test_escape__can_be_taken_off_again(text: str) -> None:
    assert unescape(escape(text)) == text


@given(RISKY)
def test_escape__nothing_but_numbers_begins_like_a_formula(text: str) -> None:
    escaped = escape(text)
    if escaped.strip()[:1] in tuple("=+-@＝＋－＠") and escaped.strip():
        assert set(escaped) <= set("+-0123456789,.% ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("客户名称", "客户名称"),
        ("=1+1", "'=1+1"),
        (" =1+1", "' =1+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("＝cmd", "'＝cmd"),
        ("-2+3", "'-2+3"),
        ("+86-10-6552", "'+86-10-6552"),
        ("-1,200.5", "-1,200.5"),
        ("+86 138 0013 8000", "+86 138 0013 8000"),
        ("'已引用", "''已引用"),
        ("", ""),
    ],
)
def test_escape__only_where_it_is_needed(text: str, expected: str) -> None:
    assert escape(text) == expected


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        ('="00123"', "00123"),
        ('="说""好"""', '说"好"'),
        ("'13800138000", "13800138000"),
        ("\t13800138000", "13800138000"),
        ("13800138000\t", "13800138000"),
        ("'=1+1", "=1+1"),
        ("''=1", "'=1"),
        ("'tis", "'tis"),
        ("=1+1", "=1+1"),
        ("O'Neil", "O'Neil"),
        ("'", "'"),
    ],
)
def test_unwrap__what_kept_a_text_a_text(cell: str, text: str) -> None:
    assert unwrap(cell) == text
