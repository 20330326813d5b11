"""规则: read back as the same rules; a rule's formula is kept, never calculated."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import fields_rows, kit_from_tabs, settings_rows
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.model import Kit, Rule
from sheetcrm.kit.tab_rules import rules_block
from sheetcrm.tabs.rules import NAME, add_rules
from sheetcrm.tabs.settings import add_settings
from sheetcrm.tabs.style import new_book

FORMULA = '=AND([@线索等级]="A",[@预算范围]="")'
OWN = Rule(code="MY-01", table="lead", severity="warning", formula=FORMULA, message="A级要有预算")


def rules_of(kit: Kit) -> Any:
    book = new_book()
    add_settings(book, kit)
    add_rules(book, kit)
    return openpyxl.load_workbook(BytesIO(book.finish()))[NAME]


@pytest.mark.parametrize("name", kit_names())
def test_rules__are_read_back_as_the_same_rules(name):
    kit = load_kit(name).model_copy(update={"rules": (*load_kit(name).rules, OWN)})
    rows: list[list[Any]] = [[cell.value for cell in row] for row in rules_of(kit).iter_rows()]
    found, findings = kit_from_tabs(settings_rows(kit), fields_rows(kit), rows, kit)
    assert findings == []
    assert tuple(r.model_copy(update={"place": ""}) for r in found.rules) == kit.rules
    assert found.rules[-1].place.startswith("规则!D")


def test_rules__a_formula_is_text_and_stays_so():
    kit = load_kit().model_copy(update={"rules": (OWN,)})
    sheet = rules_of(kit)
    column = rules_block(kit).headers.index("公式") + 1
    cell = sheet.cell(FIRST_ROW, column)
    assert (cell.value, cell.data_type, cell.quotePrefix) == (FORMULA, "s", True)
    assert sheet.cell(FIRST_ROW + 1, column).number_format == "@"


def test_rules__built_in_ones_can_be_made_milder_or_switched_off():
    sheet = rules_of(load_kit())
    headers = rules_block(load_kit()).headers
    free = {
        header
        for at, header in enumerate(headers, start=1)
        if not sheet.cell(FIRST_ROW, at).protection.locked
    }
    assert free == {"级别", "启用"}
