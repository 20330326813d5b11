"""Change the data by hand and recalculate: the summaries say what a fresh run says."""

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path

import pytest

from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.target import open_target
from sheetcrm.table import Cell, RawBook, RawSheet
from tests.recalc import TOLERANCE, Results, by_betteroffice, by_libreoffice, formulas
from tests.tabs.summaries import AS_OF, Made, find, shown, with_tabs

STAGES = ("线索", "意向", "商机", "报价", "成交", "流失")
HEADINGS = (
    *("线索编号", "客户名称", "来源渠道", "线索状态", "负责人", "线索获取时间", "预计成交金额"),
    *(
        "实际成交金额",
        "成交时间",
        "流失原因",
        "流失阶段",
        "所属行业",
        "最后跟进时间",
        "下次跟进时间",
    ),
)
DATA_TABS = ("funnel", "conversion")
# What is typed by hand afterwards: cells of the sheet, none of which makes a list longer or moves
# a group past another one.
TYPED: dict[str, dict[str, CellValue]] = {
    "a lead goes on": {"D2": "意向"},
    "a lead is won": {"D4": "成交", "H4": 43210.5, "I4": AS_OF - timedelta(days=3)},
    "a lead is lost": {"D9": "流失", "J9": "价格过高", "K9": "意向"},
    "another stage it was lost at": {"K7": "报价"},
    "another amount": {"G3": 98765.25},
    "another owner": {"E10": "王芳"},
}


def generated() -> list[list[Cell]]:
    """Return 120 leads in all stages."""
    rows: list[list[Cell]] = [list(HEADINGS)]
    for number in range(120):
        stage = STAGES[number % len(STAGES)]
        got = AS_OF - timedelta(days=20 + number % 70)
        won, lost = stage == "成交", stage == "流失"
        rows.append(
            [
                *(f"L{number:03d}", f"客户{number}号", ("官网", "展会", "电话")[number % 7 % 3]),
                *(stage, ("王芳", "张强")[number % 5 % 2], got, 1000.0 * (number % 37 + 1)),
                *(
                    900.0 * (number % 31 + 1) if won else None,
                    got + timedelta(days=9) if won else None,
                ),
                *(("价格过高", "预算不足")[number % 2] if lost else None,),
                *(STAGES[number // 6 % 4] if lost else None, ("制造业", "教育")[number % 3 % 2]),
                *(got + timedelta(days=5), None if won or lost else AS_OF + timedelta(days=2)),
            ]
        )
    return rows


def with_cells(rows: list[list[Cell]], cells: dict[str, CellValue]) -> list[list[Cell]]:
    changed = [list(row) for row in rows]
    for cell, value in cells.items():
        changed[int(cell[1:]) - 1][ord(cell[0]) - ord("A")] = value
    return changed


def made(rows: list[list[Cell]], as_of: date = AS_OF) -> Made:
    return with_tabs(RawBook("例子.xlsx", "0" * 64, (RawSheet("线索跟踪", rows),)), as_of)


def typed(book: Made, cells: dict[str, CellValue], sheet: str = "线索跟踪") -> bytes:
    result = set_cells(open_target(book.data), {sheet: cells})
    assert not result.kept
    return result.data


@pytest.fixture(scope="module")
def before() -> Made:
    return made(generated())


def assert_live(before: Made, found: Results, after: Made, kinds: Sequence[str]) -> None:
    """Compare the formulas with a fresh run's figures in the same cells.

    Of 逾期预警 only the tables on top: its lists name the leads of the day it was written.
    """
    old, new = formulas(before.data), formulas(after.data)
    for kind in kinds:
        sheet = before.names[kind]
        stale, fresh = shown(before.data, sheet), shown(after.data, sheet)
        mine = [place for place in old if place[0] == sheet]
        if kind == "overdue":
            mine = [place for place in mine if row_of(place) < find(stale, "进行中线索名单")]
        assert len(mine) > 20
        for place in mine:
            assert stale[row_of(place)][0] == fresh[row_of(place)][0], place
            cached, value = new[place].cached, found[place]
            if isinstance(cached, float):
                assert value == pytest.approx(cached, rel=TOLERANCE, abs=TOLERANCE), place
            else:
                assert value == cached, place


def row_of(place: tuple[str, str]) -> int:
    return int("".join(char for char in place[1] if char.isdigit())) - 1


@pytest.mark.parametrize("case", ["a lead is lost", "another amount"])
def test_figures__follow_what_is_typed(before, case):
    book = typed(before, TYPED[case])
    after = made(with_cells(generated(), TYPED[case]))
    assert_live(before, by_betteroffice(book), after, DATA_TABS)


def test_figures__follow_what_is_typed_in_libreoffice(before, tmp_path: Path):
    every = {cell: value for cells in TYPED.values() for cell, value in cells.items()}
    found = by_libreoffice({"typed": typed(before, every)}, tmp_path)
    assert_live(before, found["typed"], made(with_cells(generated(), every)), DATA_TABS)


def test_overdue__follows_the_day_that_is_typed(before, tmp_path: Path):
    """The lists count against 截止日期: ten days on they say what a run of that day says."""
    later = AS_OF + timedelta(days=10)
    book = typed(before, {"B3": later}, before.names["overdue"])
    found = by_libreoffice({"later": book}, tmp_path)
    assert_live(before, found["later"], made(generated(), later), ["overdue"])


def test_tables__are_formulas_over_the_sheet_of_the_leads(before):
    """到达数, 流失, 当前在库 and amounts of every stage, the counts of every group."""
    texts = {place: f.text for place, f in formulas(before.data).items()}
    funnel, conversion = before.names["funnel"], before.names["conversion"]
    stages = len(before.summary.funnel)
    for row in range(9, 9 + stages):
        assert texts[funnel, f"B{row}"].startswith("SUM(")
        assert "COUNTIFS('线索跟踪'!" in texts[funnel, f"J{row}"]
        assert "SUMIFS('线索跟踪'!" in texts[funnel, f"K{row}"]
        assert texts[conversion, f"B{row}"] == f"'{funnel}'!$B${row}"
    assert all((funnel, f"H{row}") in texts for row in range(9, 8 + stages))


def test_tables__no_number_of_leads_is_older_than_the_sheet(before):
    """A lead typed below the last row counts in every total at once."""
    row = len(generated()) + 1
    cells: dict[str, CellValue] = {
        **{f"A{row}": "L999", f"B{row}": "新客户", f"C{row}": "官网", f"D{row}": "意向"},
        **{f"E{row}": "王芳", f"F{row}": date(2024, 6, 20), f"G{row}": 5000.0},
    }
    found = by_betteroffice(typed(before, cells))
    funnel = before.names["funnel"]
    reached = [stage.reached for stage in before.summary.funnel]
    assert [found[funnel, f"B{9 + at}"] for at in range(len(reached))] == [
        reached[0] + 1,
        reached[1] + 1,
        *reached[2:],
    ]
