"""What happens to text on its way into a cell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.write_text import clip, is_risky, plain_text, utf16_length


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("华东\x00贸易\x0b", "华东贸易"),
        ("第一行\r\n第二行\r第三行", "第一行\n第二行\n第三行"),
        ("好\ud800的", "好的"),
        ("留着\t制表符", "留着\t制表符"),
        ("\uffff尾", "尾"),
    ],
)
def test_plain_text__drops_what_xml_cannot_carry(text, expected):
    assert plain_text(text) == expected


def test_plain_text__cuts_at_the_cell_limit():
    cut = plain_text("长" * (CELL_LIMIT + 10))
    assert utf16_length(cut) == CELL_LIMIT
    assert cut.endswith("长…")


@pytest.mark.parametrize(
    "text", ["=1+1", "+86 138", "-5元", "@张三", "＝A1", "＋1", "－1", "＠所有人"]
)
def test_is_risky__formula_starts(text):
    assert is_risky(text)


@pytest.mark.parametrize("text", ["", "张三=李四", "13800000000", "'=1"])
def test_is_risky__ordinary_text(text):
    assert not is_risky(text)


@given(st.text(max_size=60), st.integers(min_value=1, max_value=40))
def test_clip__never_longer_and_a_prefix(text, limit):
    cut = clip(text, limit)
    assert utf16_length(cut) <= limit
    assert cut == text or (cut[-1] == "…" and text.startswith(cut[:-1]))
