"""Sheets by column: the same cells come out, however few there are."""

import random

from sheetcrm.table import Cell, CellRows

CELLS: tuple[Cell, ...] = (None, "", 1, True, 0, False, "甲", 2.5)


def typed(rows: list[list[Cell]]) -> list[list[tuple[type, Cell]]]:
    return [[(type(cell), cell) for cell in row] for row in rows]


def test_cell_rows__ragged_and_sparse() -> None:
    rng = random.Random(7)
    for _ in range(200):
        widths = rng.choices([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 40], k=rng.randint(0, 40))
        rows = [rng.choices(CELLS, k=width) for width in widths]
        width = max(widths, default=0)
        blank = [[None if c == "" else c for c in r] + [None] * (width - len(r)) for r in rows]
        assert typed(list(CellRows(rows))) == typed(blank)


def test_cell_rows__one_cell_in_the_far_corner() -> None:
    empty: list[Cell] = []
    rows: list[list[Cell]] = [["甲"], *[empty] * 1_000_000, [*[None] * 16_000, "乙"]]
    cells = CellRows(rows)
    assert (cells[0][0], cells[1_000_001][16_000]) == ("甲", "乙")
    assert len({id(column) for column in cells.columns}) == 3
