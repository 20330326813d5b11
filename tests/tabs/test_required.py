"""When a column must be filled, in words."""

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.tabs.required import required_text


@pytest.mark.parametrize(
    ("kit", "table", "column", "text"),
    [
        ("standard", "lead", "company", "必填"),
        ("standard", "lead", "note", ""),
        ("standard", "lead", "pain_point", "到“商机”起必填"),
        ("six_steps", "lead", "expected_amount", "到“方案呈现”起必填"),
        ("standard", "lead", "amount", "状态为“成交”时必填"),
        ("standard", "follow_up", "next_action", "成交或流失之前必填"),
        ("standard", "request", "done_on", "状态为“已完成”时必填"),
        ("standard", "request", "company", "没填关联线索时必填"),
    ],
)
def test_required_text__in_the_words_of_the_kit(kit, table, column, text):
    loaded = load_kit(kit)
    spec = loaded.by_key[table]
    assert required_text(spec.by_key[column], spec, loaded) == text
