"""The page on writing rules: every example works, every function is named and no other."""

import re
from pathlib import Path

import pytest

from sheetcrm.checks.rule_names import known
from sheetcrm.kit.load import load_kit
from sheetcrm.rules import parse
from sheetcrm.rules.language import FUNCTIONS
from sheetcrm.rules.lint import check_names, traps
from tests.tables import clean_book

PAGE = (Path(__file__).parents[2] / "docs" / "rules.md").read_text(encoding="utf-8")
EXAMPLES = re.findall(r"```excel\n(.+?)\n```", PAGE)
BOOK = clean_book("线索编号 | 客户名称 | 线索等级 | 线索状态\nL1 | 甲公司 | A | 意向", own=True)


def test_page__has_examples():
    assert len(EXAMPLES) > 5


@pytest.mark.parametrize("formula", EXAMPLES)
def test_page__examples_are_sound(formula):
    node, names = parse(formula), known(BOOK, load_kit().by_key["lead"])
    check_names(node, names)
    # The trap of names with wildcards is told on the page itself.
    assert {trap.code for trap in traps(node, names)} <= {"RUL-07"}


def test_page__names_every_function():
    listed = PAGE.partition("<!-- functions -->")[2].partition("<!-- end -->")[0]
    assert set(re.findall(r"`([A-Z]+)`", listed)) == set(FUNCTIONS)


def test_page__names_every_trap():
    assert {f"RUL-{n:02d}" for n in range(6, 13)} <= set(re.findall(r"RUL-\d\d", PAGE))
