"""字段: read back as the same tables, and what may be changed there."""

from io import BytesIO
from typing import Any

import openpyxl
import pytest

from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import kit_from_tabs, settings_rows
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.tab_fields import fields_block
from sheetcrm.tabs.fields import NAME, add_fields
from sheetcrm.tabs.settings import add_settings
from sheetcrm.tabs.style import new_book


def fields_of(name: str) -> Any:
    book = new_book()
    add_settings(book, load_kit(name))
    add_fields(book, load_kit(name))
    return openpyxl.load_workbook(BytesIO(book.finish()))[NAME]


@pytest.mark.parametrize("name", kit_names())
def test_fields__are_read_back_as_the_same_tables(name):
    kit = load_kit(name)
    rows: list[list[Any]] = [[cell.value for cell in row] for row in fields_of(name).iter_rows()]
    found, findings = kit_from_tabs(settings_rows(kit), rows, [], kit)
    assert findings == []
    assert found.tables == kit.tables


def test_fields__table_and_code_stay_the_rest_may_change():
    sheet = fields_of("standard")
    block = fields_block(load_kit())
    locked = {
        header: sheet.cell(FIRST_ROW, at).protection.locked
        for at, header in enumerate(block.headers, start=1)
    }
    assert {header for header, fixed in locked.items() if fixed} == {"表", "字段代码"}
    spare = FIRST_ROW + len(block.rows)
    assert not sheet.cell(spare, 1).protection.locked
    assert sheet.protection.sheet


def test_fields__examples_stay_text():
    sheet = fields_of("standard")
    column = fields_block(load_kit()).headers.index("示例") + 1
    examples = [sheet.cell(row, column) for row in range(FIRST_ROW, FIRST_ROW + 29)]
    assert {cell.number_format for cell in examples} == {"@"}
    assert "2024-05-01" in {cell.value for cell in examples}
