"""奖金阶梯: a block of 设置, to rows and back."""

import pytest

from sheetcrm.errors import KitProblem
from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import kit_from_tabs, settings_blocks, settings_rows
from sheetcrm.kit.load import load_kit, load_kit_file
from sheetcrm.kit.model import BonusTier, Kit
from sheetcrm.table import Cell

KIT = load_kit()


def read_back(kit: Kit, *lines: tuple[Cell, Cell]) -> tuple[Kit, list[tuple[str, str]]]:
    """Read the kit after a manager wrote these lines into the block."""
    rows = settings_rows(kit)
    block = next(b for b in settings_blocks(kit) if b.key == "bonus")
    left = block.column - 1
    for at in range(max(len(lines), len(block.rows))):
        rows[FIRST_ROW - 1 + at][left : left + 2] = lines[at] if at < len(lines) else (None, None)
    found, findings = kit_from_tabs(rows, [], [], KIT)
    letters = {found.cell: found.code for found in findings}
    return found, [
        (code, cell.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ")) for cell, code in letters.items()
    ]


def tiers(*pairs: tuple[float, float]) -> tuple[BonusTier, ...]:
    return tuple(BonusTier(floor=floor, rate=rate) for floor, rate in pairs)


def test_bonus__round_trip():
    kit = KIT.model_copy(update={"bonus": tiers((0.5, 0.0), (1.0, 0.015), (1.5, 0.04))})
    assert kit_from_tabs(settings_rows(kit), [], [], KIT) == (kit, [])


def test_bonus__as_people_write_it_in_any_order():
    kit, findings = read_back(KIT, ("120%", "3%"), (0.8, 0.01), ("１００％", 0.02))
    assert findings == []
    assert kit.bonus == tiers((0.8, 0.01), (1.0, 0.02), (1.2, 0.03))


def test_bonus__no_rows_is_no_bonus():
    kit, findings = read_back(KIT)
    assert (kit.bonus, findings) == ((), [])


def test_bonus__a_workbook_without_the_block_keeps_that_of_its_kit():
    rows = [
        [None if c in ("完成率下限", "提成比例") else c for c in row] for row in settings_rows(KIT)
    ]
    assert kit_from_tabs(rows, [], [], KIT) == (KIT, [])


def test_bonus__mistakes_are_told_at_their_cell_and_the_row_is_left_out():
    kit, findings = read_back(KIT, (0.8, 2), ("八成", 0.01), (1, 0.02), (1, 0.03), (1.2, None))
    assert kit.bonus == tiers((1.0, 0.02))
    row = FIRST_ROW
    assert findings == [
        ("KIT-11", str(row)),
        ("KIT-11", str(row + 1)),
        ("KIT-02", str(row + 3)),
        ("KIT-11", str(row + 4)),
    ]


def test_kit_file__bonus_of_its_own(tmp_path):
    path = tmp_path / "自家.toml"
    path.write_text('tables = ["lead"]\n[[bonus]]\nfloor = 0.9\nrate = 0.05\n', encoding="utf-8")
    assert load_kit_file(path).bonus == tiers((0.9, 0.05))


@pytest.mark.parametrize(
    "text",
    [
        "[[bonus]]\nfloor = 1.0\nrate = 0.02\n[[bonus]]\nfloor = 0.8\nrate = 0.01\n",
        "[[bonus]]\nfloor = 1.0\nrate = 0.02\n[[bonus]]\nfloor = 1.0\nrate = 0.01\n",
        "[[bonus]]\nfloor = 1.0\nrate = 2\n",
    ],
)
def test_kit_file__mistakes_in_the_bonus(tmp_path, text):
    path = tmp_path / "自家.toml"
    path.write_text(f'tables = ["lead"]\n{text}', encoding="utf-8")
    with pytest.raises(KitProblem):
        load_kit_file(path)
