"""Input sheets as a spreadsheet program opens them."""

from datetime import datetime
from io import BytesIO
from typing import Any

import openpyxl
import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.marks import EXAMPLE_ROW, FIRST_DATA_ROW, HEADING_ROW, is_example
from sheetcrm.kit.model import Column, Rule
from sheetcrm.tabs.input_sheet import add_input_sheet, example_value, input_hint
from sheetcrm.tabs.rule_formats import RuleFormat, rule_formats
from sheetcrm.tabs.style import new_book
from tests.tabs.probe import ROWS, rows_of


@pytest.fixture(scope="module")
def lead() -> Any:
    book = new_book()
    add_input_sheet(book, rows_of("lead"))
    return openpyxl.load_workbook(BytesIO(book.finish())).active


def column_of(key: str) -> int:
    return rows_of("lead").number(key)


def test_headings__carry_unit_mark_and_colour(lead):
    found = {
        key: (cell.value, cell.fill.fgColor.rgb, cell.comment is not None)
        for key in ("company", "expected_amount", "region", "paid_amount")
        for cell in [lead.cell(HEADING_ROW, column_of(key))]
    }
    assert found == {
        "company": ("客户名称 *", "FF1F4E79", True),
        "expected_amount": ("预计成交金额（元） △", "FFFFEB9C", True),
        "region": ("区域", "FFDDEBF7", False),
        "paid_amount": ("回款金额（元）", "FFDDEBF7", False),
    }


def test_example__is_marked_and_stands_above_the_headings(lead):
    first = lead.cell(EXAMPLE_ROW, 1).value
    assert is_example(first)
    assert lead.cell(EXAMPLE_ROW, column_of("acquired_on")).value == datetime.fromisoformat(
        "2024-05-01"
    )
    assert lead.cell(EXAMPLE_ROW, column_of("expected_amount")).value == 96000
    assert lead.max_row == HEADING_ROW


def test_view__is_frozen_below_the_headings_and_filterable(lead):
    assert lead.freeze_panes == f"D{FIRST_DATA_ROW}"
    assert lead.auto_filter.ref == f"A{HEADING_ROW}:AC{FIRST_DATA_ROW + ROWS - 1}"
    assert not lead.protection.sheet


def test_columns__keep_ids_and_phones_as_text(lead):
    def form(key: str) -> str:
        letter = lead.cell(1, column_of(key)).column_letter
        return str(lead.column_dimensions[letter].number_format)

    forms = {key: form(key) for key in ("lead_id", "phone", "acquired_on", "expected_amount")}
    assert forms == {
        "lead_id": "@",
        "phone": "@",
        "acquired_on": "yyyy-mm-dd",
        "expected_amount": "#,##0.00",
    }


def test_validation__covers_every_column_over_all_rows(lead):
    areas = sorted(str(rule.sqref) for rule in lead.data_validations.dataValidation)
    letters = [lead.cell(1, at).column_letter for at in range(1, 30)]
    last = FIRST_DATA_ROW + ROWS - 1
    assert areas == sorted(f"{letter}{FIRST_DATA_ROW}:{letter}{last}" for letter in letters)
    assert all(rule.promptTitle and rule.prompt for rule in lead.data_validations.dataValidation)


OPEN = 'IFERROR(INDEX(阶段_类型,MATCH($J4,阶段_状态,0))="进行中",FALSE)'
LATE = 'COUNTIFS(工作日,"<="&$H4,工作日,">"&$G4)>参数_线索录入时限'
LEAD_RULES = (
    RuleFormat(
        "grade",
        f'AND(COUNTA($A4:$AC4)>0,AND($I4="A",OR($O4="",$N4="",$P4=""),{OPEN}))',
        "bad",
    ),
    RuleFormat("entered_on", f"AND(COUNTA($A4:$AC4)>0,{LATE})", "warn"),
)


def test_rules__are_formats_of_their_first_column():
    assert tuple(rule_formats(rows_of("lead"))) == LEAD_RULES
    assert tuple(rule_formats(rows_of("follow_up"))) == ()


def test_rules__a_managers_own_are_formats_too():
    kit = load_kit()
    own = Rule(
        code="我的", severity="warning", message="x", formula="=COUNTIFS([需求编号],[@需求编号])>1"
    )
    wrong = own.model_copy(update={"formula": "=[@没有]>1"})
    off = own.model_copy(update={"enabled": False})
    ruled = kit.model_copy(update={"rules": (wrong, own, off)})
    made = tuple(rule_formats(rows_of("request", ruled)))
    assert [(r.column, r.style) for r in made] == [("request_id", "warn")]
    assert 'COUNTIFS($A$4:$A$33,$A4&"*",$A$4:$A$33,$A4)>1' in made[0].formula


def test_conditions__one_for_each_thing_that_turns_red(lead):
    rules = [
        (str(cells.sqref), rule.formula[0])
        for cells, found in lead.conditional_formatting._cf_rules.items()
        for rule in found
    ]
    rows = rows_of("lead")
    required = [c.key for c in rows.table.columns if c.required]
    expected = {(rows.area(key).absolute.replace("$", ""), rows.missing(key)) for key in required}
    expected |= {("A4:A33", rows.repeated("lead_id")), ("AA4:AA33", rows.overdue("next_follow_up"))}
    expected |= {("A4:AC33", rows.started)}
    expected |= {(rows.area(r.column).absolute.replace("$", ""), r.formula) for r in LEAD_RULES}
    assert set(rules) == expected
    assert not any("[" in formula or "{" in formula for _, formula in rules)


def test_page__repeats_headings_and_the_customer(lead):
    assert (lead.page_setup.orientation, str(lead.page_setup.paperSize)) == ("landscape", "9")
    assert (lead.print_title_rows, lead.print_title_cols) == ("$3:$3", "$A:$C")


def test_hint__names_the_stage_from_which_a_column_is_required():
    rows = rows_of("lead", load_kit("six_steps"))
    hints = {
        key: input_hint(rows.table.by_key[key], rows) for key in ("pain_point", "amount", "note")
    }
    assert "到“方案呈现”起必填" in hints["pain_point"]
    assert "“成交签约" in hints["amount"]
    assert hints["note"].endswith("选填。")
    assert "需求分析报告" in input_hint(rows.table.by_key["status"], rows)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("percent", "15%", 0.15),
        ("amount", "96000", 96000.0),
        ("date", "2024-05-01", datetime.fromisoformat("2024-05-01").date()),
        ("datetime", "2024-05-01 09:30", datetime.fromisoformat("2024-05-01T09:30")),
        ("date", "五月初", "五月初"),
        ("text", "2024", "2024"),
        ("text", "", None),
    ],
)
def test_example_value__is_typed(kind, text, value):
    assert example_value(Column(key="x", name="x", type=kind, example=text)) == value
