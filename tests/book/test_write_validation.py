"""Validation rules within Excel's lengths."""

import pytest

from sheetcrm.book.limits import ERROR_LIMIT, PROMPT_LIMIT, TITLE_LIMIT
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.write_validation import Hint, Validation


def test_hint__texts_are_cut_to_what_excel_shows():
    options = Hint("标" * 40, "提" * 300, "错" * 40, "误" * 300).options()
    lengths = [utf16_length(str(options[k])) for k in ("input_title", "input_message")]
    assert lengths == [TITLE_LIMIT, PROMPT_LIMIT]
    lengths = [utf16_length(str(options[k])) for k in ("error_title", "error_message")]
    assert lengths == [TITLE_LIMIT, ERROR_LIMIT]


def test_hint__empty_texts_are_left_out():
    assert Hint().options() == {"error_type": "stop"}


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Validation("decimal", low=0), {"criteria": ">=", "value": 0}),
        (Validation("whole", high=9), {"criteria": "<=", "value": 9}),
        (
            Validation("date", low=1, high="=今天"),
            {"criteria": "between", "minimum": 1, "maximum": "=今天"},
        ),
        (Validation("list", formula="名单_来源"), {"source": "=名单_来源"}),
        (Validation("custom", formula="LEN(A4)>5"), {"value": "=LEN(A4)>5"}),
        (Validation("any"), {}),
    ],
)
def test_validation__as_xlsxwriter_takes_it(rule, expected):
    fixed = {"validate": rule.kind, "ignore_blank": True, "error_type": "stop"}
    assert rule.options() == {**fixed, **expected}


@pytest.mark.parametrize(
    "rule",
    [
        Validation("list", formula='{"A","B"}'),
        Validation("custom", formula="A1=线索[客户]"),
        Validation("custom", formula="+".join(["A1"] * 100)),
        Validation("decimal"),
    ],
)
def test_validation__refuses_what_excel_drops(rule):
    with pytest.raises(ValueError, match=r"constant|structured|longer|bound"):
        rule.options()
