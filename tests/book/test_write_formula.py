"""Which formulas are let through, and how their results are stored."""

from datetime import date, datetime

import pytest

from sheetcrm.book.write_formula import BlankText, cached_value, checked_formula, serial


@pytest.mark.parametrize(
    "formula",
    [
        '=COUNTIFS(线索跟踪!$J$4:$J$1003,"成交")',
        "=SUMPRODUCT(('线索 (1)'!$A$4:$A$9=$A4)*1)>1",
        '=IF(A1="；（，","无",1)',
        "=INDEX(设置_阶段,MATCH($J4,名单_状态,0))",
    ],
)
def test_checked_formula__common_subset_passes(formula):
    assert checked_formula(formula) == formula


def test_checked_formula__adds_the_equals_sign():
    assert checked_formula("TODAY()") == "=TODAY()"


@pytest.mark.parametrize(
    ("formula", "reason"),
    [
        ("=", "empty"),
        ("=SUM(A1;B1)", "separator"),
        ("=OR(A1={1,2})", "array constant"),
        ("=SUM(线索[金额])", "structured"),
        ("=SUM(A1，B1)", "full-width"),
        ("=SUM((A1)", "unbalanced"),
        ('=A1="x', "unbalanced"),
        ("=XLOOKUP(A1,B:B,C:C)", "XLOOKUP"),
        ("=IFS(A1>1,2)", "IFS"),
        ("=sum(A1)", "sum"),
        ("=求和(A1)", "求和"),
        ("=A1&\x07", "control"),
        ('=A1="' + "字" * 256 + '"', "text constant"),
        ("=" + "+".join(["A1"] * 3000), "longer"),
    ],
)
def test_checked_formula__refuses(formula, reason):
    with pytest.raises(ValueError, match=reason):
        checked_formula(formula)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(1900, 3, 1), 61),
        (date(2024, 5, 1), 45413),
        (datetime.fromisoformat("2024-05-01T12:00"), 45413.5),
    ],
)
def test_serial__counts_as_excel(day, expected):
    assert serial(day) == expected
    assert cached_value(day) == expected


def test_cached_value__refuses_what_is_not_finite():
    with pytest.raises(ValueError, match="nan"):
        cached_value(float("nan"))


def test_cached_value__empty_text_is_a_typed_result():
    assert isinstance(cached_value(""), BlankText)
