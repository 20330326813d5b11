"""The cells that somebody changed on a tab of ours, from the little that is kept of it."""

from collections.abc import Mapping

import pytest

from sheetcrm.book.area import Area
from sheetcrm.book.tabedits import MOST_CELLS, edited
from sheetcrm.book.tabstate import tab_state
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.table import column_letter

Cells = Mapping[tuple[int, int], str]


def grid(rows: int, columns: int = 4) -> dict[tuple[int, int], str]:
    return {(r, c): f"{r}-{c}" for r in range(1, rows + 1) for c in range(1, columns + 1)}


def sheet(cells: Cells) -> bytes:
    rows: dict[int, str] = {}
    for (row, column), value in sorted(cells.items()):
        name = f"{column_letter(column)}{row}"
        cell = f'<c r="{name}" t="inlineStr"><is><t>{value}</t></is></c>'
        rows[row] = rows.get(row, "") + cell
    made = "".join(f'<row r="{row}">{inside}</row>' for row, inside in rows.items())
    return f'<worksheet xmlns="{MAIN}"><sheetData>{made}</sheetData></worksheet>'.encode()


def told(was: Cells, now: Cells, *areas: Area) -> list[tuple[str, str]] | None:
    found = edited(tab_state(sheet(was), list, areas=areas), sheet(now), list)
    return [(edit.cell, edit.text) for edit in found.cells] if found else None


def moved(cells: Cells, row: int = 0, column: int = 0, by: int = 1) -> dict[tuple[int, int], str]:
    """Put rows or columns in before one of them, or take some out."""
    gone = range(row or column, (row or column) - by)
    return {
        (r + by * (0 < row <= r), c + by * (0 < column <= c)): value
        for (r, c), value in cells.items()
        if (r if row else c) not in gone
    }


@pytest.mark.parametrize("rows", [10, 79, 80, 700, 1990])
def test_edited__the_very_cells_and_what_they_hold(rows):
    was = grid(rows)
    assert told(was, was) is None
    assert told(was, {**was, (7, 2): "改过"}) == [("B7", "改过")]
    assert told(was, {**was, (7, 6): "旁边"}) == [("F7", "旁边")]
    assert told(was, {**was, (rows + 3, 2): "下面", (rows + 3, 9): "再"}) == [
        (f"B{rows + 3}", "下面"),
        (f"I{rows + 3}", "再"),
    ]
    beside = {**was, (2, 8): "甲", (rows - 1, 8): "乙", (5, 40): "远"}
    assert told(was, beside) == [("H2", "甲"), ("AN5", "远"), (f"H{rows - 1}", "乙")]


def test_edited__a_cell_that_was_emptied():
    was = grid(10, 3)
    assert told(was, {at: v for at, v in was.items() if at != (4, 2)}) == [("A4", "4-1")]
    assert told(was, {at: v for at, v in was.items() if at[0] != 4}) == [("A4", "")]


@pytest.mark.parametrize("rows", [40, 500])
def test_edited__rows_put_in_are_all_that_is_told(rows):
    was = grid(rows)
    now = moved(was, row=5, by=2)
    assert told(was, now) == []
    assert told(was, {**now, (5, 1): "插入", (6, 3): "两行"}) == [("A5", "插入"), ("C6", "两行")]
    areas = (Area(20, 2, 25, 2),)
    assert told(was, {**now, (5, 1): "插入", (23, 2): "填的"}, *areas) == [("A5", "插入")]


@pytest.mark.parametrize("rows", [40, 500])
def test_edited__columns_put_in_are_all_that_is_told(rows):
    was = grid(rows)
    now = {**moved(was, column=2), (1, 2): "备注", (9, 2): "已电话"}
    assert told(was, now) == [("B1", "备注"), ("B9", "已电话")]
    assert told(was, {**moved(was, column=3, by=2), (1, 3): "一"}) == [("C1", "一")]
    wide = grid(rows, 40)
    assert told(wide, {**moved(wide, column=2), (9, 2): "已电话"}) == [("B9", "已电话")]


def test_edited__what_was_taken_out_is_one_place():
    was = grid(40)
    assert told(was, moved(was, row=5, by=-3)) == [("A5", "")]
    assert told(was, moved(was, column=2, by=-1)) == [("B1", "")]


def test_edited__a_change_beside_rows_that_were_taken_out_is_told():
    was = grid(500)
    now = moved({**was, (8, 2): "改过"}, row=5, by=-1)
    found = edited(tab_state(sheet(was), list), sheet(now), list)
    assert found
    assert len(found.cells) > 1


def test_edited__text_on_a_tab_that_was_empty():
    assert told({}, {(1, 1): "写的", (3, 2): "也是"}) == [("A1", "写的"), ("B3", "也是")]


def test_edited__many_cells_are_told_by_their_rows():
    was = grid(60)
    now = {at: f"{v}改" for at, v in was.items()}
    assert len(was) > MOST_CELLS
    assert told(was, now) == [(f"A{row}", f"{row}-1改") for row in range(1, 61)]
    long = grid(700)
    notes = {(row, 9): f"记{row}" for row in range(1, 701)}
    assert told(long, {**long, **notes}) == [(f"I{row}", f"记{row}") for row in range(1, 701, 9)]


def test_edited__notes_beside_most_rows_are_all_told():
    was = grid(120)
    notes = {(row, 9): f"记{row}" for row in range(5, 120)}
    assert told(was, {**was, **notes}) == [(f"I{row}", f"记{row}") for row in range(5, 120)]


@pytest.mark.parametrize("rows", [40, 500])
def test_edited__what_is_to_be_filled_in_is_no_edit(rows):
    was, areas = grid(rows), (Area(5, 3, 9, 3), Area(5, 7, 9, 7))
    filled = {**was, (5, 3): "属实", (6, 7): "备注"}
    assert told(was, filled, *areas) == []
    assert told(was, {**filled, (6, 6): "旁边"}, *areas) == [("F6", "旁边")]
    assert told(was, {at: v for at, v in was.items() if at != (5, 3)}, *areas) == []
    found = edited(tab_state(sheet(was), list, areas=areas), sheet(filled), list)
    assert found
    assert {edit.cell for edit in found.filled_in} >= {"C5", "G6"}


def test_tab_state__no_more_areas_than_can_be_kept():
    areas = [Area(row, 3, row, 3) for row in range(1, 60, 2)]
    with pytest.raises(ValueError, match="too many"):
        tab_state(sheet(grid(80)), list, areas=areas)
