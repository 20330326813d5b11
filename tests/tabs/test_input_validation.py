"""What input columns accept, evaluated by a spreadsheet engine where a formula decides."""

import pytest

from sheetcrm.book.limits import RULE_FORMULA_LIMIT
from sheetcrm.book.write_formula import checked_formula
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Column, ColumnType
from sheetcrm.tabs.input_validation import column_validation
from sheetcrm.tabs.style import new_book
from tests.recalc import POISON, by_betteroffice

PHONES = {
    "13800138000": True,
    "138 0013 8000": True,
    "138-0013-8000": True,
    "+86 13800138000": True,
    "0571-88886666": True,
    "021 6288 1234": True,
    "400-820-8820": True,
    "1381234567": False,
    "138001380001": False,
    "张经理": False,
    "无": False,
}
EMAILS = {"li.wei@minghe.com.cn": True, "liwei@minghe": False, "@minghe.com": False, "李伟": False}
WECHATS = {"minghe_li": True, "wx2024": True, "abc": False, "123456": False}
CASES = {
    "phone": {**PHONES, "minghe_li": False, "a@b.cn": False},
    "email": EMAILS,
    # 255 characters cannot tell liwei@minghe from a WeChat id; the check does.
    "contact": {**PHONES, **EMAILS, **WECHATS, "liwei@minghe": True},
}


def rule(kind: ColumnType, cell: str = "A4", **more: object) -> dict[str, object]:
    column = Column.model_validate({"key": "x", "name": "某列", "type": kind, **more})
    return column_validation(column, load_kit(), cell, "提示").options()


@pytest.mark.parametrize("kind", ["phone", "email", "contact"])
def test_custom__accepts_what_people_write(kind):
    book = new_book()
    sheet = book.sheet("试")
    for row, text in enumerate(CASES[kind], start=1):
        sheet.text(row, 1, text, "plain+text")
        sheet.formula(row, 2, str(rule(kind, f"A{row}")["value"]), POISON, "plain")
    found = by_betteroffice(book.finish())
    accepted = {text: bool(found["试", f"B{row}"]) for row, text in enumerate(CASES[kind], start=1)}
    assert accepted == CASES[kind]


@pytest.mark.parametrize("kind", ["phone", "email", "contact"])
def test_custom__asks_and_fits_into_excel(kind):
    options = rule(kind, "AZ4")
    assert options["error_type"] == "warning"
    assert checked_formula(str(options["value"]), RULE_FORMULA_LIMIT)


@pytest.mark.parametrize(
    ("kind", "validate", "bounds"),
    [
        ("date", "date", {"criteria": "between", "minimum": 32874, "maximum": 73050}),
        ("datetime", "date", {"criteria": "between", "minimum": 32874, "maximum": 73050}),
        ("integer", "whole", {"criteria": ">=", "value": 0}),
        ("amount", "decimal", {"criteria": ">=", "value": 0}),
        ("percent", "decimal", {"criteria": "between", "minimum": 0, "maximum": 100}),
    ],
)
def test_typed__stops_other_values(kind, validate, bounds):
    options = rule(kind)
    assert {key: options[key] for key in bounds} == bounds
    assert (options["validate"], options["error_type"]) == (validate, "stop")
    assert options["error_message"]


@pytest.mark.parametrize(
    ("more", "source", "level"),
    [
        ({"list": "source"}, "=名单_来源渠道", "stop"),
        ({"list": "stage"}, "=阶段_状态", "stop"),
        ({"list": "source", "strict": False}, "=名单_来源渠道", "warning"),
        ({"list": "lost_reason"}, "=名单_流失原因", "warning"),
    ],
)
def test_choice__goes_through_a_name(more, source, level):
    options = rule("choice", **more)
    assert (options["validate"], options["source"], options["error_type"]) == (
        "list",
        source,
        level,
    )


def test_text__only_shows_its_hint():
    options = rule("text")
    assert (options["validate"], options["input_title"], options["input_message"]) == (
        "any",
        "某列",
        "提示",
    )
