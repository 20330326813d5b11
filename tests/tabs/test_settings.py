"""设置: its names end at the last filled row and grow, its locked and unlocked cells."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from sheetcrm.kit.blocks import FIRST_ROW, Block
from sheetcrm.kit.describe import kit_from_tabs, settings_blocks
from sheetcrm.kit.load import kit_names, load_kit
from sheetcrm.kit.model import Kit
from sheetcrm.tabs.names import STAGE_LABELS, list_name
from sheetcrm.tabs.settings import NAME, add_settings
from sheetcrm.tabs.style import new_book
from tests.recalc import POISON, Value, by_betteroffice, by_libreoffice


def block_of(kit: Kit, key: str) -> Block:
    return next(block for block in settings_blocks(kit) if block.key == key)


def built(kit: Kit) -> bytes:
    book = new_book()
    add_settings(book, kit)
    return book.finish()


def evaluated(
    kit: Kit,
    formulas: Sequence[str],
    typed: Sequence[tuple[int, int, str]] = (),
    folder: Path | None = None,
) -> list[Value]:
    book = new_book()
    settings = add_settings(book, kit)
    for row, column, text in typed:
        settings.put(row, column, text, "input")
    probe = book.sheet("试算")
    for row, formula in enumerate(formulas, start=1):
        probe.formula(row, 1, formula, POISON, "plain")
    data = book.finish()
    found = by_libreoffice({"试算": data}, folder)["试算"] if folder else by_betteroffice(data)
    return [found["试算", f"A{row}"] for row in range(1, len(formulas) + 1)]


@pytest.mark.parametrize("engine", ["betteroffice", "libreoffice"])
def test_names__end_at_the_last_filled_row_and_grow_by_typing(engine, tmp_path):
    kit = load_kit()
    source = block_of(kit, "list:source")
    below = (FIRST_ROW + len(source.rows), source.column, "老板介绍")
    name = list_name("来源渠道")
    formulas = [
        f"=ROWS({name})",
        f'=ISNUMBER(MATCH("老板介绍",{name},0))',
        f'=ISNUMBER(MATCH("官网表单",{name},0))',
        f'=ISNUMBER(MATCH("随便写的",{name},0))',
        f"=COUNTBLANK({name})",
    ]
    count = len(source.rows)
    for typed, expected in (
        ((), [count, False, True, False, 0]),
        ((below,), [count + 1, True, True, False, 0]),
    ):
        folder = tmp_path / str(len(typed)) if engine == "libreoffice" else None
        assert evaluated(kit, formulas, typed, folder) == expected


def test_names__a_stage_the_manager_adds_is_offered():
    kit = load_kit()
    stages = block_of(kit, "stages")
    below = (FIRST_ROW + len(stages.rows), stages.column, "试点客户")
    formula = f'=ISNUMBER(MATCH("试点客户",{STAGE_LABELS},0))'
    assert evaluated(kit, [formula]) == [False]
    assert evaluated(kit, [formula], [below]) == [True]


def test_names__an_empty_list_holds_one_blank_cell():
    name = list_name("负责人")
    assert evaluated(load_kit(), [f"=ROWS({name})"]) == [1]


@pytest.mark.parametrize("name", kit_names())
def test_rows__are_read_back_as_the_same_kit(name):
    kit = load_kit(name)
    sheet = openpyxl.load_workbook(BytesIO(built(kit)))[NAME]
    rows: list[list[Any]] = [[cell.value for cell in row] for row in sheet.iter_rows()]
    found, findings = kit_from_tabs(rows, [], [], kit)
    assert findings == []
    assert (found.lists, found.settings, found.pipeline) == (kit.lists, kit.settings, kit.pipeline)


def test_protection__only_what_may_change_is_unlocked():
    kit = load_kit()
    sheet = openpyxl.load_workbook(BytesIO(built(kit)))[NAME]
    assert sheet.protection.sheet
    assert sheet.protection.password is None
    source = block_of(kit, "list:source")
    spare = FIRST_ROW + len(source.rows) + 100
    unlocked = {
        (FIRST_ROW, 1): False,
        (FIRST_ROW, 2): True,
        (FIRST_ROW - 1, source.column): False,
        (FIRST_ROW, source.column): True,
        (spare, source.column): True,
        (source.last_row + 1, source.column): False,
    }
    assert {at: not sheet.cell(*at).protection.locked for at in unlocked} == unlocked
