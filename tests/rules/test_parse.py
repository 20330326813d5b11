"""Formulas as people type them: precedence, input methods, mistakes told where they are."""

import pytest

from sheetcrm.rules import FormulaError, parse
from sheetcrm.rules.render import to_text
from tests.rules.support import value

PRECEDENCE = (
    ("=-2^2", 4.0),
    ("=2^3^2", 64.0),
    ("=2^-1", 0.5),
    ("=1+2*3", 7.0),
    ("=(1+2)*3", 9.0),
    ("=10-4-3", 3.0),
    ("=50%*2", 1.0),
    ("=-50%", -0.5),
    ("=1&2+3", "15"),
    ('="a"&"b"="AB"', True),
    ("=1=1=TRUE", True),
    ("=--5", 5.0),
    ("=1<2=TRUE", True),
    ('="说""好"""', '说"好"'),
)


@pytest.mark.parametrize(("formula", "expected"), PRECEDENCE)
def test_precedence(formula, expected):
    assert value(formula) == expected


SAME = (
    ("＝AND（【@线索等级】＝“A”，[@预算范围]=“”）", '=AND([@线索等级]="A",[@预算范围]="")'),
    ("and([@a]≥５，[@b]≠1)", "=AND([@a]>=5,[@b]<>1)"),
    ("= [@a]　＞ 1 ", "=[@a]>1"),
    ("=表[[#This Row],[金额]]", "=表[@金额]"),
    ("=[@[下次 跟进]]", "=[@下次 跟进]"),
    ("=[@金额（元）]", "=[@金额（元）]"),
    ("=SUM([[金额]])", "=SUM([金额])"),
    ("=1e3", "=1000"),
    ("=_xlfn.IFERROR(1,2)", "=IFERROR(1,2)"),
    ('=“他说"好"”', '="他说""好"""'),
    ("=SUM(\n[金额])", "=SUM([金额])"),
)


@pytest.mark.parametrize(("typed", "meant"), SAME)
def test_typing__means_the_same(typed, meant):
    assert parse(typed) == parse(meant)
    assert to_text(parse(typed)) == meant


def test_typing__texts_and_column_names_keep_their_width():
    assert to_text(parse("=[@金额（万元）]=“（Ａ）”")) == '=[@金额（万元）]="（Ａ）"'


MISTAKES = (
    ("=", 2, "没有写完"),
    ("=AND(1", 5, "右括号"),
    ("=1)", 3, "右括号"),
    ("=1 2", 4, "少了运算符"),
    ("=*2", 2, "前面少了内容"),
    ('="a', 2, "引号"),
    ("=[@a", 2, "方括号"),
    ("=SUM(1;2)", 7, "逗号"),
    ("={1,2}", 2, "数组常量"),
    ("=$B$4>1", 2, "单元格地址"),
    ("=SUM(A:A)", 6, "单元格地址"),
    ("=线索跟踪!A1", 6, "别的工作表"),
    ("=[@]", 2, "列名"),
    ("=[#All]", 2, "#All"),
    ("=[a]:[b]", 5, "区域"),
    ("=LEN()", 2, "至少要有1个参数"),
    ("=LEN(1,2)", 2, "最多有1个参数"),
    ("=COUNTIFS([a],1,[b])", 2, "成对"),
    ("=a?b", 3, "看不懂"),
    ("=" + "(" * 70 + "1" + ")" * 70, 66, "太深"),
    ('="' + "长" * 256 + '"', 2, "255"),
)


@pytest.mark.parametrize(("formula", "position", "words"), MISTAKES)
def test_mistake__is_told_where_it_is(formula, position, words):
    with pytest.raises(FormulaError) as told:
        parse(formula)
    assert (told.value.problem, told.value.position) == ("syntax", position)
    assert words in told.value.reason


FUNCTIONS = (("=IFS(1,2)", "嵌套的IF"), ("=XLOOKUP(1,2,3)", "INDEX"), ("=COUNTFS(1,2)", "COUNTIFS"))


@pytest.mark.parametrize(("formula", "advice"), FUNCTIONS)
def test_mistake__an_unsupported_function_comes_with_advice(formula, advice):
    with pytest.raises(FormulaError) as told:
        parse(formula)
    assert told.value.problem == "function"
    assert advice in told.value.reason
