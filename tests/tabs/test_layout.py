"""How high rows must be for the text in them."""

import pytest

from sheetcrm.tabs.layout import (
    LINE_POINTS,
    PADDING_POINTS,
    line_count,
    row_height,
    row_heights,
    text_width,
)


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("", 10, 1),
        ("线索", 10, 1),
        ("一二三四五六七八九十", 10, 2),
        ("第一行\n第二行", 40, 2),
        ("abcdefghij", 11, 1),
    ],
)
def test_line_count__wraps_at_the_width(text, width, lines):
    assert line_count(text, width) == lines


def test_row_height__is_that_of_the_longest_text():
    height = row_height(["短", "一二三四五六七八九十", 12, None], [10, 10, 1, 1])
    assert height == 2 * LINE_POINTS + PADDING_POINTS
    assert row_height([], []) == LINE_POINTS + PADDING_POINTS


def test_row_heights__are_those_of_single_rows():
    rows: list[list[object]] = [
        ["短", "一二三四五六七八九十", 12],
        [None, "短", 3.5],
        ["两\n行", "短", ""],
    ]
    widths = [10, 10, 1]
    columns = list(zip(*rows, strict=True))
    assert row_heights(columns, widths) == [row_height(row, widths) for row in rows]
    assert row_heights(columns, widths[:1]) == [row_height(row[:1], widths) for row in rows]


def test_text_width__chinese_is_wider():
    assert text_width("线索") > text_width("ab")
