import numpy as np

from sheetcrm.values.parsed import Parsed, parse_column


def test_parse_column__each_distinct_cell_once():
    seen = []

    def parse(cell):
        seen.append(cell)
        return Parsed(cell, "TYP-01" if cell == "坏" else "")

    cells = np.array(["好", "坏", None, "好", "坏", "坏"], dtype=object)
    column = parse_column(cells, parse)
    assert seen == ["好", "坏"]
    assert list(column.values) == ["好", "坏", None, "好", "坏", "坏"]
    assert [position for position, _ in column.notes] == [1, 4, 5]


def test_parse_column__true_is_not_one():
    cells = np.array([1.0, True, 0.0, False, None], dtype=object)
    column = parse_column(cells, lambda cell: Parsed(cell))
    assert list(column.values) == [1.0, "TRUE", 0.0, "FALSE", None]


def test_parse_column__no_rows():
    column = parse_column(np.array([], dtype=object), lambda cell: Parsed(cell))
    assert list(column.values) == []
