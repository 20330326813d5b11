"""Formulas written out again: as text, as A1, as structured references; long ids guarded."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.rules import FormulaError, parse
from sheetcrm.rules.language import FUNCTIONS, arity_problem
from sheetcrm.rules.render import Layout, Layouts, guarded, to_a1, to_text
from sheetcrm.rules.syntax import (
    LEVELS,
    Binary,
    Call,
    ErrorValue,
    Logical,
    Missing,
    Name,
    Node,
    Number,
    Text,
    ThisRow,
    Unary,
    WholeColumn,
)

LAYOUTS = Layouts(
    Layout({"等级": "J", "预算": "K", "编号": "A"}, 4, 1003, "线索"),
    {"跟进 记录": Layout({"编号": "B"}, 4, 53, "跟进 记录")},
)
A1 = (
    ('=AND([@等级]="A",[@预算]="")', '=AND($J4="A",$K4="")'),
    ("=COUNTIFS([编号],[@编号])>1", "=COUNTIFS($A$4:$A$1003,$A4)>1"),
    ("=COUNTIFS(工作日,[@预算])", "=COUNTIFS(工作日,$K4)"),
    ("=([@预算]+1)*2", "=($K4+1)*2"),
)


@pytest.mark.parametrize(("rule", "written"), A1)
def test_a1(rule, written):
    assert to_a1(parse(rule), LAYOUTS) == written


def test_a1__another_sheet():
    node = Call("COUNTIFS", (WholeColumn("编号", "跟进 记录"), ThisRow("编号")))
    assert to_a1(node, LAYOUTS) == "=COUNTIFS('跟进 记录'!$B$4:$B$53,$A4)"


def test_a1__no_such_column():
    with pytest.raises(FormulaError):
        to_a1(parse("=[@别的]=1"), LAYOUTS)


GUARDED = (
    ("COUNTIF([编号],[@编号])>1", 'COUNTIFS([编号],[@编号]&"*",[编号],[@编号])>1'),
    ("COUNTIFS([编号],[@编号],[a],1)", 'COUNTIFS([编号],[@编号]&"*",[编号],[@编号],[a],1)'),
    ("SUMIF([编号],[@编号],[a])", 'SUMIFS([a],[编号],[@编号]&"*",[编号],[@编号])'),
    ("SUMIFS([a],[编号],[@编号])", 'SUMIFS([a],[编号],[@编号]&"*",[编号],[@编号])'),
    ("COUNTIF([a],[@a])>1", "COUNTIF([a],[@a])>1"),
    ('COUNTIF([编号],[@编号]&"*")', 'COUNTIF([编号],[@编号]&"*")'),
    ('COUNTIF([编号],"x")', 'COUNTIF([编号],"x")'),
)


@pytest.mark.parametrize(("rule", "made"), GUARDED)
def test_guarded(rule, made):
    assert to_text(guarded(parse(rule), {"编号"})) == f"={made}"


WORDS = st.text(string.ascii_letters + "客户名称（）'[]#@ ，“=", min_size=1, max_size=6).map(
    lambda text: text.strip() or "列"
)
NAMES = st.sampled_from(["工作日", "今天", "名单_负责人", "参数_录入时限"])
LEAVES: st.SearchStrategy[Node] = st.one_of(
    st.floats(0, 1e14, allow_nan=False).map(Number),
    st.integers(0, 10**15).map(float).map(Number),
    st.text("ab\"中“”＝\n1'[", max_size=5).map(Text),
    st.booleans().map(Logical),
    st.sampled_from(["#N/A", "#DIV/0!"]).map(ErrorValue),
    WORDS.map(ThisRow),
    WORDS.map(WholeColumn),
    st.builds(ThisRow, WORDS, st.just("线索跟踪")),
    st.builds(WholeColumn, WORDS, st.just("线索跟踪")),
    NAMES.map(Name),
)


def _call(name: str, arguments: list[Node]) -> Call:
    least, most = FUNCTIONS[name]
    # A single argument cannot be left out: F() has none.
    given = arguments[:most] or [Number(1.0)] * (most > 0)
    padded: tuple[Node, ...] = (*given, *[Missing()] * max(0, least - len(given)))
    while arity_problem(name, len(padded)):
        padded = (*padded, Number(1.0))
    return Call(name, padded)


def _grown(nodes: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    return st.one_of(
        st.builds(Unary, st.sampled_from(["+", "-", "%"]), nodes),
        st.builds(Binary, st.sampled_from(sorted(LEVELS)), nodes, nodes),
        st.builds(
            _call,
            st.sampled_from(sorted(set(FUNCTIONS) - {"TRUE", "FALSE"})),
            st.lists(nodes, max_size=4),
        ),
    )


@settings(max_examples=300, deadline=None)
@given(st.recursive(LEAVES, _grown, max_leaves=12))
def test_text__parses_to_the_same_tree(node):
    assert parse(to_text(node)) == node
    assert to_text(parse(to_text(node))) == to_text(node)
