"""汇总页 and 分析维度: two blocks of 设置, to rows and back."""

import pytest

from sheetcrm.errors import KitProblem
from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import fields_rows, kit_from_tabs, settings_blocks, settings_rows
from sheetcrm.kit.load import load_kit, load_kit_file
from sheetcrm.kit.model import Dimension, Kit
from sheetcrm.table import Cell

KIT = load_kit()


def read_back(kit: Kit, key: str, *lines: tuple[Cell, ...]) -> tuple[Kit, list[tuple[str, int]]]:
    """Read the kit after a manager wrote these lines into a block; (code, line) of findings."""
    rows = settings_rows(kit)
    block = next(b for b in settings_blocks(kit) if b.key == key)
    left, width = block.column - 1, len(block.headers)
    for at in range(max(len(lines), len(block.rows))):
        line = lines[at] if at < len(lines) else (None,) * width
        rows[FIRST_ROW - 1 + at][left : left + len(line)] = line
    found, findings = kit_from_tabs(rows, fields_rows(kit), [], KIT)
    return found, [(f.code, f.row - FIRST_ROW + 1) for f in findings]


def placed(kit: Kit, **places: str) -> Kit:
    tabs = (t.model_copy(update={"where": places.get(t.key, t.where)}) for t in kit.tabs)
    return kit.model_copy(update={"tabs": tuple(tabs)})


def test_blocks__round_trip():
    kit = placed(KIT, trend="none", performance="all").model_copy(
        update={"dimensions": (Dimension(column="product", top=5), Dimension(column="source"))}
    )
    assert kit_from_tabs(settings_rows(kit), [], [], KIT) == (kit, [])


def test_blocks__a_workbook_without_them_keeps_those_of_its_kit():
    words = ("汇总页", "写在哪里", "维度", "最多列出")
    rows = [[None if c in words else c for c in row] for row in settings_rows(KIT)]
    assert kit_from_tabs(rows, [], [], KIT) == (KIT, [])


def test_tabs__a_row_left_out_stays_as_it_was():
    kit, findings = read_back(KIT, "tabs", ("趋势", "不生成", None))
    assert findings == []
    assert kit == placed(KIT, trend="none")


def test_tabs__mistakes_are_told_at_their_line():
    kit, findings = read_back(
        KIT, "tabs", ("漏斗", "不生成"), ("趋势", "经理"), ("业绩", "不生成"), ("业绩", "仅团队")
    )
    assert findings == [("KIT-21", 1), ("KIT-10", 2), ("KIT-02", 4)]
    assert kit == placed(KIT, performance="none")


def test_tabs__who_gets_which():
    kit = placed(KIT, trend="none", performance="team", overdue="all")
    assert {"trend", "performance"} <= kit.unwanted_tabs(team=False)
    assert "trend" in kit.unwanted_tabs(team=True)
    assert not {"performance", "overdue"} & kit.unwanted_tabs(team=True)


def test_dimensions__in_the_order_written():
    kit, findings = read_back(KIT, "dimensions", ("产品", 3), ("决策人", None))
    assert findings == []
    assert kit.dimensions == (
        Dimension(column="product", top=3),
        Dimension(column="decision_maker"),
    )


def test_dimensions__none_is_none():
    assert read_back(KIT, "dimensions")[0].dimensions == ()


def test_dimensions__a_new_field_needs_no_code():
    rows: list[list[Cell]] = [*fields_rows(KIT), ["线索跟踪", "客户规模", "文本"]]
    settings = settings_rows(KIT)
    block = next(b for b in settings_blocks(KIT) if b.key == "dimensions")
    settings[FIRST_ROW - 1 + len(block.rows)][block.column - 1] = "客户规模"
    kit, findings = kit_from_tabs(settings, rows, [], KIT)
    assert findings == []
    added = kit.by_key["lead"].columns[-1]
    assert (added.name, kit.dimensions[-1].column) == ("客户规模", added.key)


def test_dimensions__a_field_the_workbook_gave_up_is_passed_over():
    rows = [row for row in fields_rows(KIT) if "产品" not in row[:2]]
    kit, findings = kit_from_tabs(settings_rows(KIT), rows, [], KIT)
    assert [f.code for f in findings if f.sheet == "设置"] == []
    assert "product" not in [d.column for d in kit.dimensions]


def test_dimensions__mistakes_are_told_at_their_line():
    kit, findings = read_back(
        KIT, "dimensions", ("客户规模", 3), (None, 3), ("产品", "三"), ("产品", 2)
    )
    assert findings == [("KIT-22", 1), ("KIT-19", 2), ("KIT-11", 3), ("KIT-02", 4)]
    assert kit.dimensions == (Dimension(column="product"),)


def own_kit(folder, text: str) -> Kit:
    path = folder / "自家.toml"
    path.write_text(f'tables = ["lead"]\n{text}', encoding="utf-8")
    return load_kit_file(path)


def test_kit_file__tabs_and_dimensions_of_its_own(tmp_path):
    kit = own_kit(tmp_path, '[tabs]\ntrend = "none"\n[[dimensions]]\ncolumn = "budget"\ntop = 5\n')
    assert kit.tabs == placed(KIT, trend="none").tabs
    assert kit.dimensions == (Dimension(column="budget", top=5),)


@pytest.mark.parametrize(
    "text",
    [
        '[tabs]\ntrends = "none"\n',
        '[tabs]\ntrend = "nowhere"\n',
        '[[dimensions]]\ncolumn = "size"\n',
        '[[dimensions]]\ncolumn = "budget"\n[[dimensions]]\ncolumn = "budget"\n',
        '[[dimensions]]\ncolumn = "budget"\ntop = -1\n',
    ],
)
def test_kit_file__mistakes_in_tabs_and_dimensions(tmp_path, text):
    with pytest.raises(KitProblem):
        own_kit(tmp_path, text)
