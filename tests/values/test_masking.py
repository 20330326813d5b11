"""Contact data inside any text is masked, and nothing else."""

import pytest

from sheetcrm.values.masking import mask_within


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打 13800138000 找张一", "请打 138****8000 找张一"),
        ("+86 138-0013-8000", "+86 1**-****-8000"),
        ("座机 010-62345678，邮箱 zhang@a.com.cn", "座机 010-****5678，邮箱 z***@a.com.cn"),
        ("线索-2026-0501-001", "线索-2026-0501-001"),
        ("合同 20260501123，120000 元", "合同 20260501123，120000 元"),
        ("2026-05-01 09:30", "2026-05-01 09:30"),
        ("110101199003078888", "110101199003078888"),
    ],
)
def test_mask_within__phones_and_addresses_only(text, shown):
    assert mask_within(text) == shown
