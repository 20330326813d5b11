"""Formulas compared and renamed by their tokens."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sheetcrm.book.formula_text import quote_sheet, rename_sheets, sheets_named, skeleton


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SUM(A1:A9)", "sum( $A$1:$A$19 )"),
        ("COUNTIF('线索 1'!A:A,\"甲 乙\")", 'COUNTIF(线索跟踪!A1:A1048576,"甲 乙")'),
        ("IF(TRUE,0.20,1)", "IF(TRUE(),0.2,1)"),
        ("_xlfn.IFS(A1>1,2)", "IFS(#REF!>1,2)"),
        ("SUM($4:$8)", "SUM(A4:XFD8)"),
        ("SUM(表[金额])", "SUM(C2:C9)"),
        ("SUM(一月:三月!A1)", "SUM(A1)"),
        ("A1:INDEX(B1:B9,2)", "C1:INDEX(D1,2)"),
        ("MAX(0,$B$3-IF(ISNUMBER($N120),$N120,P9))", "MAX(0,$B$7-IF(ISNUMBER($N4),$O40,P900))"),
    ],
)
def test_skeleton__same_formula_spelt_or_moved(one, other):
    assert skeleton(one) == skeleton(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("SUM(A1)", "MAX(A1)"),
        ("A1*2", "A1*3"),
        ("A1*2", "A1+2"),
        ('IF(A1,"甲",1)', 'IF(A1,"乙",1)'),
        ("(A1+1)*2", "A1+1*2"),
        ("#N/A", "#REF!"),
        ("LOG10(A1)", "LOG2(A1)"),
        ("A1+1E5", "A1+1E6"),
        ("A1+1.5E15", "A1+1.5E16"),
    ],
)
def test_skeleton__another_formula(one, other):
    assert skeleton(one) != skeleton(other)


WORDS = (
    "A1",
    "$B$22",
    "XFD3",
    "LOG10(",
    "1E5",
    "2.E7",
    "K12",
    "表1",
    "数A2",
    '"A1"',
    "SHEET12!",
    "TRUE",
)
SIGNS = ("+", ",", "(", ")", ":", " ", "$4:$8", "'A 1'!", "[2]", "1", ".5", "?")


@given(st.lists(st.sampled_from(WORDS + SIGNS), max_size=8).map("".join))
@example("A1E5")
@example("1E5A1E15")
def test_skeleton__rows_made_alike_first_change_nothing(formula):
    # where an error value stands, rows are not made alike
    assert skeleton(f"{formula}+#N/A") == f"{skeleton(formula)}+#N/A"


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("SUM(漏斗!A1)", "SUM('漏斗 (2)'!A1)"),
        ("'漏斗'!A1&\"漏斗!A1\"", "'漏斗 (2)'!A1&\"漏斗!A1\""),
        ("销售漏斗!A1+漏斗", "销售漏斗!A1+漏斗"),
        ("'甲''乙'!A1", "abc!A1"),
    ],
)
def test_rename_sheets__only_references(formula, expected):
    assert rename_sheets(formula, {"漏斗": "漏斗 (2)", "甲'乙": "abc"}) == expected


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("漏斗!A1+'说 明'!B2", {"漏斗", "说 明"}),
        ("SUM(一月:三月!A1)", {"一月", "三月"}),
        ("SUM('一月:三月'!A1)", {"一月", "三月"}),
        ("'[1]外部'!A1", {"外部"}),
        ('"漏斗!A1"&A1:B2', set()),
    ],
)
def test_sheets_named__both_ends(formula, expected):
    assert sheets_named(formula) == expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [("Funnel", "Funnel"), ("漏斗", "'漏斗'"), ("Q1", "'Q1'"), ("R1", "'R1'"), ("it's", "'it''s'")],
)
def test_quote_sheet__where_needed(name, expected):
    assert quote_sheet(name) == expected
