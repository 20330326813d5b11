"""How much room text needs: no program fits rows to wrapped text in the same way."""

import math
import unicodedata
from collections.abc import Sequence

LINE_POINTS = 15.0
PADDING_POINTS = 4.0
# Excel's own limit.
MAX_ROW_POINTS = 409.0
# A Chinese character of 10 points against a digit, rendered by LibreOffice and measured.
_WIDE = 1.85
# Part of a column that letters really fill; the rest is cell padding.
_FILL = 0.97


def text_width(text: str) -> float:
    """Return a line's width in digits, the unit of column widths."""
    return sum(_WIDE if unicodedata.east_asian_width(char) in "WFA" else 1 for char in text)


def line_count(text: str, width: float) -> int:
    """Return how many lines a text takes in a column of that width."""
    room = max(1.0, width * _FILL)
    return sum(
        1 if len(line) * 2 <= room else max(1, math.ceil(text_width(line) / room))
        for line in text.split("\n")
    )


def row_height(texts: Sequence[object], widths: Sequence[float]) -> float:
    """Return the height in points at which the longest of the texts, side by side, is all shown."""
    pairs = zip(texts, widths, strict=False)
    return _points(max((line_count(t, w) for t, w in pairs if isinstance(t, str)), default=1))


def row_heights(columns: Sequence[Sequence[object]], widths: Sequence[float]) -> list[float]:
    """Return the height in points of every row of a list, given its columns."""
    lines = [_lines(values, width) for values, width in zip(columns, widths, strict=False)]
    return [_points(max(row)) for row in zip(*lines, strict=True)]


def _points(lines: int) -> float:
    return min(lines * LINE_POINTS + PADDING_POINTS, MAX_ROW_POINTS)


def _lines(values: Sequence[object], width: float) -> list[int]:
    """Return the lines of each value of a column, reckoned once for each distinct text."""
    texts = {value for value in values if isinstance(value, str)}
    known = {text: line_count(text, width) for text in texts}
    return [known[value] if isinstance(value, str) else 1 for value in values]
