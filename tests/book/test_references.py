"""References in formulas: found, moved, filled down."""

import pytest

from sheetcrm.book.references import fill_down, moved, references
from sheetcrm.book.rowchange import RowChange


@pytest.mark.parametrize(
    ("formula", "found"),
    [
        ("A1+$B$2*C$3", ["A1", "$B$2", "C$3"]),
        ("SUM(A1:B2,Sheet1!C3)", ["A1:B2", "C3"]),
        ("SUM('甲 乙'!$A$1:$A$9)", ["$A$1:$A$9"]),
        ('"A1"&LOG10(A1)', ["A1"]),
        ("T1[A1]+T1[[#This Row],[B2]]", []),
        ("A:A+1:3", ["1:3"]),
        ("_xlfn.XLOOKUP(D5,名单_客户,A1:A9)", ["D5", "A1:A9"]),
        ("XFE1+A1048577+A0", []),
        ("TRUE+1E5", []),
        ("[1]Sheet1!A5", ["A5"]),
        ("A1:OFFSET(B2,1,0)", ["A1", "B2"]),
    ],
)
def test_references__found(formula, found):
    assert [formula[it.start : it.end] for it in references(formula)] == found


@pytest.mark.parametrize(
    ("formula", "sheet", "spans"),
    [
        ("A1", "", False),
        ("线索!A1", "线索", False),
        ("'O''Brien'!A1", "o'brien", False),
        ("[1]线索!A1", "线索", True),
        ("'[1]线索'!A1", "[1]线索", True),
        ("一月:三月!A1", "三月", True),
    ],
)
def test_references__sheet(formula, sheet, spans):
    (it,) = references(formula)
    assert (it.sheet, it.spans) == (sheet, spans)


@pytest.mark.parametrize(
    ("formula", "rows", "columns", "expected"),
    [
        ("A1+$B$2*C$3", 2, 1, "B3+$B$2*D$3"),
        ("SUM($A$1:A5)", 1, 0, "SUM($A$1:A6)"),
        ('T[[#This Row],[A1]]&"A1"', 5, 5, 'T[[#This Row],[A1]]&"A1"'),
        ("A1", -1, 0, None),
        ("A1", 0, -1, None),
        ("3:$5", 2, 0, "5:$5"),
    ],
)
def test_moved__as_excel_copies(formula, rows, columns, expected):
    assert moved(formula, rows, columns) == expected


def test_fill_down__is_moved_row_by_row():
    formula = 'IF(B5="5",C$5,SUM($D$5:D5)+E4)'
    made = fill_down(formula)
    assert [made.at(n) for n in (0, 1, 250)] == [moved(formula, n, 0) for n in (0, 1, 250)]
    assert fill_down("A1048575").at(2) is None


APPEND = RowChange("线索", header_row=3, last=10, new_last=12, left=1, right=5)
INSERT = RowChange("线索", header_row=3, last=10, new_last=12, left=1, right=5, at=11, by=2)


@pytest.mark.parametrize(
    ("formula", "appended", "inserted"),
    [
        ("SUM($C$4:$C$10)", "SUM($C$4:$C$12)", "SUM($C$4:$C$12)"),
        ("SUM($C$3:$C$10)", "SUM($C$3:$C$12)", "SUM($C$3:$C$12)"),
        ("SUM($C$4:$C$9)", "SUM($C$4:$C$9)", "SUM($C$4:$C$9)"),
        ("SUM($C$4:$C$20)", "SUM($C$4:$C$20)", "SUM($C$4:$C$22)"),
        ("SUM(C:C)", "SUM(C:C)", "SUM(C:C)"),
        ("SUM($C$4:$C$1048576)", "SUM($C$4:$C$1048576)", "SUM($C$4:$C$1048576)"),
        ("SUM($H$4:$H$10)", "SUM($H$4:$H$10)", "SUM($H$4:$H$10)"),
        ("其他!$C$4:$C$10", "其他!$C$4:$C$10", "其他!$C$4:$C$10"),
        ("线索!$C$4:$C$10", "线索!$C$4:$C$12", "线索!$C$4:$C$12"),
        ("C10+$C$11", "C10+$C$11", "C10+$C$13"),
        ("SUM($C$8:$C$10)", "SUM($C$8:$C$10)", "SUM($C$8:$C$10)"),
    ],
)
def test_row_change__formulas(formula, appended, inserted):
    for change, expected in ((APPEND, appended), (INSERT, inserted)):
        assert change.formula(formula, own=True, fixed=True) == expected
