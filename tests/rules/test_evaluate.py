"""Whole columns at once give what a plain row-by-row reading of Excel's rules gives."""

import math
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.rules import FormulaError, parse
from sheetcrm.rules.evaluate import holds
from tests.rules import oracle
from tests.rules.support import scope, value, values

CELLS = st.sampled_from(
    (
        *(None, "", "A", "a", "Ａ", "明禾", "明禾机械", "5", 5, 5.5, 0, -3, "x*", "a?", ">2"),
        *("~x", True, False, "TRUE", "#N/A", "2024-03-01", 45352),
        *("110101199003078888", "110101199003078889"),
    )
)
COLUMNS = st.integers(1, 7).flatmap(
    lambda rows: st.fixed_dictionaries(
        {name: st.lists(CELLS, min_size=rows, max_size=rows) for name in ("甲", "乙", "数")}
    )
)
FORMULAS = (
    '=[@甲]="a"',
    "=[@甲]=[@乙]",
    "=[@甲]<>[@乙]",
    "=[@甲]<[@数]",
    "=[@甲]>=5",
    "=[@甲]+[@数]",
    "=[@甲]/[@数]",
    "=[@甲]*2-1",
    "=[@甲]&[@乙]",
    "=-[@甲]",
    '=IF([@甲]="",[@乙],[@数])',
    "=IF([@甲],1,2)",
    '=AND([@甲]<>"",[@数]>1)',
    "=OR([@甲],[@乙]=5)",
    "=NOT([@甲])",
    '=IFERROR([@甲]+1,"坏")',
    "=ISBLANK([@甲])",
    "=ISNUMBER([@甲])",
    "=LEN([@甲])",
    "=LEFT([@甲],2)",
    "=COUNTIFS([甲],[@甲])",
    "=COUNTIFS([甲],[@乙],[乙],[@甲])",
    '=COUNTIFS([甲],"<>"&[@甲])',
    '=COUNTIFS([数],">"&[@数])',
    '=COUNTIFS([甲],[@甲],[数],"<="&[@数])',
    '=COUNTIFS([数],">"&[@甲],[数],"<"&[@乙])',
    '=COUNTIF([甲],[@甲]&"*")',
    '=COUNTIFS([甲],[@甲]&"*",[甲],[@甲])',
    "=SUMIFS([数],[甲],[@甲])",
    '=SUMIFS([数],[甲],[@甲],[数],">="&[@数])',
    "=AVERAGEIFS([数],[甲],[@甲])",
    "=SUMIF([甲],[@乙],[数])",
    "=MATCH([@甲],[乙],0)",
    "=INDEX([甲],MATCH([@数],[数],0))",
    "=SUM([数])",
    "=COUNTA([甲])",
    "=COUNTBLANK([甲])",
    "=SUMPRODUCT(([甲]=[@甲])*1)",
)


@settings(max_examples=400, deadline=None)
@given(formula=st.sampled_from(FORMULAS), columns=COLUMNS)
def test_evaluate__like_row_by_row(formula, columns):
    node = parse(formula)
    found = values(formula, scope(columns))
    expected = [oracle.evaluate(node, columns, row) for row in range(len(columns["甲"]))]
    for got, wanted in zip(found, expected, strict=True):
        if isinstance(wanted, float) and isinstance(got, float):
            assert math.isclose(got, wanted, rel_tol=1e-9, abs_tol=1e-9), (found, expected)
        else:
            assert (type(got), got) == (type(wanted), wanted), (found, expected)


PLAIN = (
    ('=MID("明禾机械",2,2)', "禾机"),
    ('=RIGHT("明禾机械")', "械"),
    ('=SUBSTITUTE("a-b-c","-","")', "abc"),
    ('=SUBSTITUTE("a-b-c","-","+",2)', "a-b+c"),
    ('=FIND("b","aBb")', 3.0),
    ('=SEARCH("B?","aabc")', 3.0),
    ('=UPPER("ab")&LOWER("AB")', "ABab"),
    ('=REPT("=",3)', "==="),
    ('=VALUE("1,234.5")', 1234.5),
    ("=ROUND(2.5,0)", 3.0),
    ("=ROUND(-2.5,0)", -3.0),
    ("=ROUND(1.005,2)", 1.01),
    ("=ROUND(1234,-2)", 1200.0),
    ("=ROUNDUP(1.1,0)", 2.0),
    ("=ROUNDDOWN(-1.9,0)", -1.0),
    ("=MOD(-3,2)", 1.0),
    ("=MOD(3,0)", "#DIV/0!"),
    ("=INT(-1.5)", -2.0),
    ("=ABS(-4)", 4.0),
    ("=MIN(3,1,2)+MAX(1,5)", 6.0),
    ("=AVERAGE(1,2,6)", 3.0),
    ("=1/0", "#DIV/0!"),
    ("=0^0", "#NUM!"),
    ("=0^-1", "#DIV/0!"),
    ("=0^2+2^0", 1.0),
    ('="a"*1', "#VALUE!"),
    ("=0.1+0.2=0.3", True),
    ("=DATE(2024,2,30)", 45352.0),
    ("=MONTH(DATE(2024,14,1))", 2.0),
    ("=WEEKDAY(45352,2)", 5.0),
    ("=EDATE(DATE(2024,1,31),1)=DATE(2024,2,29)", True),
    ("=EOMONTH(DATE(2024,1,5),0)=DATE(2024,1,31)", True),
    ("=WORKDAY(DATE(2024,3,1),1)=DATE(2024,3,4)", True),
    ("=WORKDAY(DATE(2024,3,3),-1)=DATE(2024,3,1)", True),
    ("=WORKDAY(DATE(2024,3,2),1)=DATE(2024,3,4)", True),
    ('=DATEDIF(DATE(2023,5,20),DATE(2024,3,1),"m")', 9.0),
    ('=DATEDIF(DATE(2023,5,20),DATE(2024,3,1),"yd")', 286.0),
    ('=DATEDIF(2,1,"d")', "#NUM!"),
    ('=TEXT(0.1234,"0.0%")', "12.3%"),
    ('=TEXT(1234567.891,"#,##0.00")', "1,234,567.89"),
    ('=TEXT(7,"000")', "007"),
    ('=TEXT(-1.5,"0")', "-2"),
    ('=TEXT(45352,"yyyy年m月d日")', "2024年3月1日"),
    ('=CHOOSE(2,"a","b")', "b"),
    ("=今天=DATE(2024,6,30)", True),
    ("=TODAY()-今天", 0.0),
    ("=ISNA(NA())", True),
    ("=IF(1,,2)", 0.0),
    ("=1E+20&1", "1000000000000000000001"),
    ("=0.00001&1", "0.000011"),
    ("=1.5E-7&1", "1.5E-071"),
    ("=12345678901234567890&1", "123456789012346000001"),
    ("=1/3&1", "0.3333333333333331"),
)


@pytest.mark.parametrize(("formula", "expected"), PLAIN)
def test_functions(formula, expected):
    found = value(formula)
    if isinstance(expected, float):
        assert found == pytest.approx(expected, rel=1e-12)
    else:
        assert found == expected


def test_holds__numbers_but_no_texts():
    where = scope({"值": [True, False, 2, 0, "TRUE", None, "#N/A"]})
    held, errors = holds(parse("=[@值]"), where)
    assert held.tolist() == [True, False, True, False, False, False, False]
    assert errors.tolist() == [0, 0, 0, 0, 0, 0, 7]


REFUSED = (
    ("=[@别的]>1", "reference"),
    ("=别的>1", "reference"),
    ("=[值]>1", "reference"),
    ("=MATCH(1,[值],1)", "syntax"),
    ('=TEXT([@值],"[红色]0")', "syntax"),
    ('=DATEDIF(1,2,"w")', "syntax"),
)


@pytest.mark.parametrize(("formula", "problem"), REFUSED)
def test_evaluate__refuses(formula, problem):
    with pytest.raises(FormulaError) as told:
        values(formula, scope({"值": [1, 2]}))
    assert told.value.problem == problem


def test_evaluate__refuses_what_looks_at_every_row_for_every_row():
    where = scope({"值": [f"甲{i}" for i in range(20_001)]})
    with pytest.raises(FormulaError) as told:
        values("=SUMPRODUCT(([值]=[@值])*1)", where)
    assert told.value.problem == "cost"
    assert values("=COUNTIFS([值],[@值])", where)[:2] == [1.0, 1.0]


def test_evaluate__other_tables_and_lists():
    where = scope(
        {"编号": ["L1", "L2"], "日": [date(2024, 5, 1), None]},
        {"名单": ["L2", "L9"], "界限": [2]},
        {"跟进": {"编号": ["L1", "L1", "L3"]}},
    )
    assert values("=COUNTIFS(跟进[编号],[@编号])", where) == [2.0, 0.0]
    assert values("=ISNUMBER(MATCH([@编号],名单,0))", where) == [False, True]
    assert values("=COUNTIFS(跟进[编号],[@编号])>=界限", where) == [True, False]


def test_evaluate__a_table_without_rows():
    assert values('=AND([@值]="a",COUNTIFS([值],[@值])>1)', scope({"值": []})) == []
