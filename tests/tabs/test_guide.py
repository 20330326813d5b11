"""填写说明: its contents for every kit, and the next free ids as live formulas."""

from datetime import date
from io import BytesIO
from typing import Any

import betteroffice_xlsx
import openpyxl
import pytest

from sheetcrm.book.write_formula import serial
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.tabs.guide import NAME, add_guide, next_id, next_id_formula
from sheetcrm.tabs.input_formulas import InputRows
from sheetcrm.tabs.input_sheet import add_input_sheet
from sheetcrm.tabs.names import TODAY
from sheetcrm.tabs.style import new_book
from sheetcrm.tabs.workbook import build_workbook
from tests.recalc import POISON, by_betteroffice, formulas, poisoned
from tests.tabs.probe import ROWS, rows_of

DAY = date(2024, 6, 30)


def guide_of(name: str) -> Any:
    kit = load_kit(name)
    book = new_book()
    add_guide(book, kit, [InputRows(t, kit, ROWS) for t in kit.tables], DAY)
    return openpyxl.load_workbook(BytesIO(book.finish()))[NAME]


def texts_of(sheet: Any) -> set[str]:
    return {str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value is not None}


@pytest.mark.parametrize("name", kit_names())
def test_guide__explains_every_column_and_stage(name):
    kit = load_kit(name)
    texts = texts_of(guide_of(name))
    columns = {f"{c.name}（{c.unit}）" if c.unit else c.name for t in kit.tables for c in t.columns}
    assert columns <= texts
    assert {s.milestone for s in kit.pipeline.stages} <= texts
    assert {s.deliverable for s in kit.pipeline.stages} <= texts


def test_guide__links_to_every_table_and_names_the_weekly_command():
    sheet = guide_of("standard")
    links = {cell.hyperlink.location for row in sheet.iter_rows() for cell in row if cell.hyperlink}
    assert links == {f"'{t.name}'!A{FIRST_DATA_ROW}" for t in load_kit().tables}
    assert any("sheetcrm weekly" in text for text in texts_of(sheet))
    assert sheet.protection.sheet


@pytest.mark.parametrize(
    ("table", "ids", "expected"),
    [
        ("lead", [], "线索-2024-0630-001"),
        (
            "lead",
            ["线索-2024-0630-001", "线索-2024-0630-002", "线索-2024-0629-007"],
            "线索-2024-0630-003",
        ),
        ("account", ["CL2024001", "CL2023009"], "CL2024002"),
    ],
)
def test_next_id__counts_on_from_what_is_there(table, ids, expected):
    rows = rows_of(table)
    book = new_book()
    sheet = add_input_sheet(book, rows)
    for at, text in enumerate(ids, start=FIRST_DATA_ROW):
        sheet.text(at, rows.number(rows.table.id_column), text, "plain")
    sheet.formula(1, 60, next_id_formula(rows), POISON, "plain")
    book.name(TODAY, "=DATE(2024,6,30)")
    assert by_betteroffice(book.finish())[rows.table.name, "BH1"] == expected


def test_next_id__tables_without_ids_have_none():
    assert next_id_formula(rows_of("target")) == ""
    assert next_id(rows_of("target"), DAY) == ""


def test_guide__cached_ids_are_what_a_recalculation_gives():
    data = build_workbook(load_kit(), ROWS, DAY).data
    book = betteroffice_xlsx.Workbook.open(poisoned(data))
    assert not book.recalculate(now_serial=serial(DAY)).limited
    cached = {at: found.cached for at, found in formulas(data).items() if at[0] == "填写说明"}
    assert {place: book.value(*place) for place in cached} == cached
    assert len(cached) == 5
