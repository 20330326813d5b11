"""Formulas and names: what is just allowed, and one more that is not."""

import pytest

from sheetcrm.book.lint_formula import Context, external_problems, formula_problems
from sheetcrm.book.lint_names import name_problem, sheet_name_problem

SHEETS = {"线索", "名 单"}


def nested(depth: int) -> str:
    return "(" * depth + "1" + ")" * depth


@pytest.mark.parametrize(
    ("formula", "context", "expected"),
    [
        (nested(64), "cell", []),
        (nested(65), "cell", ["F-nesting"]),
        ("(1)+" * 65 + "1", "cell", []),
        ("1" * 8_192, "cell", []),
        ("1" * 8_193, "cell", ["F-length"]),
        ("1" * 8_192, "format", []),
        ("1" * 255, "validation", []),
        ("1" * 256, "validation", ["F-length"]),
        (f'"{"字" * 255}"', "cell", []),
        ('"' + '""' * 255 + '"', "cell", []),
        ('"' + '""' * 256 + '"', "cell", ["F-string"]),
        ("'A", "cell", ["F-quote"]),
        ("A1)", "cell", ["F-parenthesis"]),
        ("  ", "cell", ["F-empty"]),
        ("{1,2}", "cell", []),
        ("{1,2}", "validation", ["F-array"]),
        ("SUM(A1,B1)", "validation", []),
        ("SUM (A1,B1)", "validation", []),
        ("F_(A1,B1)+F.X.(A1,B1)", "validation", []),
        ("(A1,B1)", "validation", ["F-union"]),
        ("SUM(A1,(B1,C1))", "format", ["F-union"]),
        ("SUM((A1),B1)", "format", []),
        ("A1 B1", "format", ["F-union"]),
        ("A1 B1", "cell", []),
        ("A1),B1", "format", ["F-parenthesis", "F-union"]),
        ("名 单!A1", "cell", ["F-unquoted", "F-sheet"]),
        ("'名 单'!A1+线索!A1", "cell", []),
        ("'名 册'!A1+没有!A1", "cell", ["F-sheet", "F-sheet"]),
        ("'[1]没有'!A1+[1]没有!A1", "cell", []),
        ("'[1]没有'!A1", "name", []),
        ("表[金额]", "cell", []),
        ("表[金额]", "format", ["F-structured"]),
        ("[1]线索!A1", "format", ["F-external"]),
        ("线索!A1:线索!A2", "cell", []),
        ("XLOOKUP(A1,B:B,C:C)", "cell", ["F-prefix"]),
        ("_xlfn.XLOOKUP(A1,B:B,C:C)", "cell", []),
        ("A1，B1", "cell", ["F-full-width"]),
    ],
)  # fmt: skip
def test_formula__what_is_allowed_where(formula: str, context: Context, expected: list[str]):
    assert [rule for rule, _ in formula_problems(formula, SHEETS, context)] == expected


@pytest.mark.parametrize(
    ("formula", "books", "missing"),
    [
        ("A1+B1", 0, False),
        ("SUM([1]线索!A1)", 1, False),
        ("SUM([1]线索!A1)", 0, True),
        ("SUM([1]线索!A1)+[3]线索!A1", 2, True),
        ("'[2]名 单'!A1", 2, False),
        ("'[2]名 单'!A1", 1, True),
        ("[册.xlsx]线索!A1+[b.xlsx]线索!A1", 0, False),
        ("[２]线索!A1", 0, False),
        ("表[1月]", 0, False),
    ],
)
def test_formula__other_workbooks_are_listed(formula: str, books: int, missing: bool):
    expected = ["F-external-missing"] if missing else []
    assert [rule for rule, _ in external_problems(formula, books)] == expected


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *(("字" * 255, ""), ("字" * 256, "长度"), ("😀" * 128, "长度"), ("", "长度")),
        *(("A1", "单元格"), ("XFD1048576", "单元格"), ("XFE1", ""), ("A1048577", ""), ("A0", "")),
        *(("R1C1", "R1C1"), ("r", "R1C1"), ("C12", "单元格"), ("RC", "R1C1"), ("Rate", "")),
        *(("true", "保留"), ("FALSE", "保留"), ("TRUE_", "")),
        *(("1a", "第一个"), (".a", "第一个"), ("?a", "第一个"), ("_a", ""), ("\\a", "")),
        *(("a.b", ""), ("a?b", ""), ("a\\b", ""), ("a b", "“ ”"), ("a-b", "“-”"), ("a😀", "😀")),
    ],
)
def test_name__why_not(name: str, word: str):
    problem = name_problem(name)
    assert word in problem
    assert bool(problem) == bool(word)


@pytest.mark.parametrize(
    ("name", "word"),
    [
        *(("字" * 31, ""), ("字" * 32, "31"), (" ", "空"), ("\t", "空"), ("a ", "")),
        *((f"a{sign}b", "不允许") for sign in "[]:*?/\\\x1f"),
        *(("a b", ""), ("a'b", ""), ("'a", "不允许"), ("a'", "不允许")),
        *(("HISTORY", "保留"), ("History2", "")),
    ],
)
def test_sheet_name__why_not(name: str, word: str):
    problem = sheet_name_problem(name)
    assert word in problem
    assert bool(problem) == bool(word)
