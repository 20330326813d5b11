"""Built-in checks that are written as formulas too find the same rows as their formulas."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.checks import grades, required, service_levels
from sheetcrm.checks.own_rules import own_rules
from sheetcrm.checks.rule_names import known
from sheetcrm.kit.builtin import FORMULAS, formula_table
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.rules import parse
from sheetcrm.rules.lint import check_names, traps
from tests.checks.support import AS_OF
from tests.tables import clean_book

CHECKS = {
    "AMT-04": required.filled,
    "GRD-04": grades.missing_evidence,
    "SLA-01": service_levels.entered_late,
}
HEADINGS = (
    "线索编号 | 客户名称 | 线索等级 | 线索状态 | 预算范围 | 决策人 | 预计采购时间 | "
    "线索获取时间 | 录入时间 | 实际成交金额"
)
DAYS = st.one_of(st.just(""), st.dates(date(2024, 4, 20), date(2024, 5, 20)).map(str))
ROWS = st.tuples(
    st.sampled_from(["A", "B", ""]),
    st.sampled_from(["线索", "意向", "商机", "报价", "成交", "流失", ""]),
    st.sampled_from(["10-30万", ""]),
    st.sampled_from(["王总", ""]),
    DAYS,
    DAYS,
    DAYS,
    st.sampled_from(["50000", ""]),
)


def test_builtin__every_formula_has_its_check():
    assert set(CHECKS) == set(FORMULAS)


@pytest.mark.parametrize("kit", kit_names())
def test_builtin__formulas_are_sound_in_every_kit(kit):
    """No mistake and no trap in them, and each is there."""
    given_kit = load_kit(kit)
    book = clean_book(HEADINGS + "\nL1 | 甲 | A | | | | | | |", own=True, kit=given_kit)
    written = {r.code: r.formula for r in given_kit.rules if r.builtin and r.formula}
    assert set(written) == set(FORMULAS)
    for code, formula in written.items():
        names = known(book, given_kit.by_key[formula_table(code)])
        check_names(parse(formula), names)
        assert traps(parse(formula), names) == []


@settings(max_examples=60, deadline=None)
@given(st.lists(ROWS, min_size=1, max_size=6), st.sampled_from(sorted(CHECKS)))
def test_builtin__check_and_formula_find_the_same_rows(rows, code):
    lines = [
        " | ".join((f"线索-2024-0501-{i:03d}", f"公司{i}", *row)) for i, row in enumerate(rows)
    ]
    kit = load_kit()
    rule = next(r for r in kit.rules if r.code == code)
    own = rule.model_copy(update={"builtin": False, "table": formula_table(code)})
    book = clean_book(
        "\n".join((HEADINGS, *lines)),
        own=True,
        kit=kit.model_copy(update={"rules": (own,)}),
    )
    told = [f for f in CHECKS[code](book, AS_OF) if f.code == code]
    assert [f.cell for f in own_rules(book, AS_OF)] == [f.cell for f in told]
