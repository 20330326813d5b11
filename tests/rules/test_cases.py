"""68 tricky cases: what Excel makes of blanks, texts that look like numbers, wildcards, errors.

Each line is cell, formula, Excel's value. Where calculation engines differ, the value is the one
that Microsoft's documents and engines measured against Excel 365 agree on. The first part looks at
one cell; the second counts in a column of 54 hostile ones; the third in one with an error.
"""

from collections.abc import Sequence
from typing import Any

import pytest

from tests.rules.support import scope, value, values

LONG = "长" * 300

ONE_CELL: tuple[tuple[object, str, object], ...] = (
    (None, '=[@值]=""', True),
    ("", '=[@值]=""', True),
    ("", "=ISBLANK([@值])", False),
    (None, "=[@值]=0", True),
    ("", "=[@值]=0", False),
    ("", "=[@值]+1", "#VALUE!"),
    (None, "=[@值]+1", 1.0),
    (" ", '=[@值]=""', False),
    ("\u3000", "=LEN(TRIM([@值]))=0", False),
    ("a", '=[@值]="A"', True),
    ("Ａ", '=[@值]="A"', False),
    ("a", '=EXACT([@值],"A")', False),
    ("A ", '=[@值]="A"', False),
    ("5", "=[@值]=5", False),
    (5, '=[@值]="5"', False),
    ("5", "=[@值]+1", 6.0),
    ("5", "=[@值]>10", True),
    ("５", "=[@值]+1", 6.0),
    ("1,234", "=[@值]+1", 1235.0),
    ("50%", "=[@值]+1", 1.5),
    ("1E3", "=[@值]+1", 1001.0),
    ("2024-03-01", "=YEAR([@值])", 2024.0),
    ("2024/3/1", "=YEAR([@值])", 2024.0),
    ("2024年3月1日", "=YEAR([@值])", 2024.0),
    (True, "=[@值]+1", 2.0),
    (True, "=[@值]>10", True),
    (True, "=ISNUMBER([@值])", False),
    (True, '=[@值]&"x"', "TRUEx"),
    ("TRUE", '=IF([@值],"Y","N")', "Y"),
    ("5", '=IF([@值],"Y","N")', "#VALUE!"),
    ("A", "=AND([@值],TRUE)", True),
    (None, "=NOT([@值])", True),
    (59, "=DAY([@值])", 28.0),
    (60, "=DAY([@值])", 29.0),
    (61, "=DAY([@值])", 1.0),
    (0, '=TEXT([@值],"yyyy-mm-dd")', "1900-01-00"),
    (45352.75, "=INT([@值])", 45352.0),
    (45352, "=EDATE([@值],1)", 45383.0),
    (45352, "=NETWORKDAYS([@值],45360)", 6.0),
    (45352, '=DATEDIF([@值],46000,"md")', 8.0),
    (45352, '=TEXT([@值],"yyyy-mm-dd")', "2024-03-01"),
    ("😀a", "=LEN([@值])", 3.0),
    ("张三", '=SEARCH("张?三",[@值])', "#VALUE!"),
)

# 53 filled cells, of them 39 texts (one empty, made by a formula) and 14 numbers and logicals; one
# cell is blank. The one at place 33 is the first that `张*三` fits.
HOSTILE: tuple[object, ...] = (
    *(None, "", " ", "\u3000", "a", "A", "Ａ", "A ", "5", 5),
    *("５", "1,234", "50%", "1E3", "2024-03-01", "2024/3/1", "2024年3月1日", True, "TRUE", 59),
    *(60, 61, 45352, 45352.75, 0.30000000000000004, "007", "110101199003078888", LONG, ">5", "5.0"),
    *(" 5", "李四", "张*三", "张?三", "张三", "张三三", "😀a", -1, 0.5, 46000),
    *(99, False, "=5", "~", "a*", "?", "<>A", "a?b", "2月30日", "１２３"),
    *("#", "13800138000", "1.5万", 2),
)
COUNTED: tuple[tuple[object, str, object], ...] = (
    (0.30000000000000004, '=COUNTIFS([值],"="&[@值])', 1.0),
    ("a", "=COUNTIFS([值],[@值])", 2.0),
    (5, "=COUNTIFS([值],[@值])", 5.0),
    ("5", "=COUNTIFS([值],[@值])", 5.0),
    (None, "=COUNTIFS([值],[@值])", 0.0),
    ("张*三", "=COUNTIFS([值],[@值])", 4.0),
    ("张?三", "=COUNTIFS([值],[@值])", 3.0),
    (">5", "=COUNTIFS([值],[@值])", 7.0),
    ("110101199003078888", "=COUNTIFS([值],[@值])", 1.0),
    ("110101199003078888", '=COUNTIF([值],[@值]&"*")', 1.0),
    ("007", "=COUNTIFS([值],[@值])", 1.0),
    (LONG, "=COUNTIFS([值],[@值])", "#VALUE!"),
    (None, '=COUNTIFS([值],"")', 2.0),
    (None, '=COUNTIFS([值],"<>")', 53.0),
    (None, '=COUNTIFS([值],"=")', 1.0),
    (None, '=COUNTIFS([值],"张~*三")', 1.0),
    (None, '=COUNTIFS([值],"*")', 39.0),
    ("张*三", "=MATCH([@值],[值],0)", 33.0),
    (None, "=MATCH([@值],[值],0)", "#N/A"),
)

WITH_ERROR: tuple[tuple[str, object], ...] = (
    ('=IFERROR([@值]/[@另],"DIV")', "DIV"),
    ('=AND(FALSE,[@值]="A")', "#N/A"),
    ("=IF(TRUE,1,[@值])", 1.0),
    ('=COUNTIFS([值],"<>A")', 5.0),
    ('=SUMPRODUCT(([值]="A")*1)', "#N/A"),
    ('=IFERROR([@值],"e")', "e"),
)


def test_cases__are_68():
    assert len(ONE_CELL) + len(COUNTED) + len(WITH_ERROR) == 68
    filled = [cell for cell in HOSTILE if cell is not None]
    assert (len(HOSTILE), len(filled), sum(isinstance(c, str) for c in filled)) == (54, 53, 39)


def numbered(cases: Sequence[tuple[Any, ...]]) -> list[Any]:
    return [pytest.param(*case, id=str(number)) for number, case in enumerate(cases)]


@pytest.mark.parametrize(("cell", "formula", "expected"), numbered(ONE_CELL))
def test_cases__one_cell(cell, formula, expected):
    found = value(formula, cell)
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("cell", "formula", "expected"), numbered(COUNTED))
def test_cases__a_hostile_column(cell, formula, expected):
    found = values(formula, scope({"值": HOSTILE}))[HOSTILE.index(cell)]
    assert (type(found), found) == (type(expected), expected)


@pytest.mark.parametrize(("formula", "expected"), numbered(WITH_ERROR))
def test_cases__an_error_in_the_column(formula, expected):
    where = scope({"值": ["#N/A", "A", 5, None, "B", True], "另": [0, 0, 0, 0, 0, 0]})
    found = values(formula, where)[0]
    assert (type(found), found) == (type(expected), expected)
