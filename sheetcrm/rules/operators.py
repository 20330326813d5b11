"""Excel's operators on whole columns: compare, calculate, join."""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from sheetcrm.rules.coerce import numbers, texts
from sheetcrm.rules.vector import (
    DIV0,
    EMPTY,
    ERROR,
    LOGICAL,
    NUM,
    NUMBER,
    TEXT,
    Array,
    Vector,
    Words,
    common_axis,
    common_size,
    first_error,
    logical,
    numeric,
    spread,
    textual,
)

# Excel takes numbers for equal that differ in the last bit or two, and a sum for 0 that is only
# what rounding left (support.microsoft.com, floating-point arithmetic, "example when adding").
_CLOSE = 4e-15
_LEFT_OVER = 1e-15
_LARGEST_KEY = 2**62
_SIGNS: dict[str, Callable[[Array], Array]] = {
    "=": lambda sign: sign == 0,
    "<>": lambda sign: sign != 0,
    "<": lambda sign: sign < 0,
    ">": lambda sign: sign > 0,
    "<=": lambda sign: sign <= 0,
    ">=": lambda sign: sign >= 0,
}
# Numbers come before texts, and texts before logicals.
_RANKS = np.array([0, 1, 2, 3, 4], dtype=np.int8)


def same(left: Array, right: Array) -> Array:
    """Say which numbers Excel takes for equal."""
    largest = np.maximum(np.abs(left), np.abs(right))
    equal: Array = np.abs(left - right) <= _CLOSE * largest
    return equal


def compare(operator: str, left: Vector, right: Vector) -> Vector:
    """Compare as Excel does: case aside, a text is never a number, empty is "", 0 and FALSE."""
    size = common_size(left, right)
    axis = common_axis(left, right)
    one, other = spread(left.kind, size), spread(right.kind, size)
    rank = _RANKS[np.where(one == EMPTY, np.where(other == EMPTY, NUMBER, other), one)]
    against = _RANKS[np.where(other == EMPTY, np.where(one == EMPTY, NUMBER, one), other)]
    sign = np.sign(rank - against)
    alike = sign == 0
    plain = alike & ((rank == NUMBER) | (rank == LOGICAL))
    if plain.any():
        x, y = spread(left.figures, size), spread(right.figures, size)
        sign = np.where(plain, np.where(same(x, y), 0, np.sign(x - y)), sign)
    worded = alike & (rank == TEXT)
    if worded.any():
        x, y = _text_order(left, right, sort=operator not in ("=", "<>"))
        sign = np.where(worded, np.sign(spread(x, size) - spread(y, size)), sign)
    return logical(_SIGNS[operator](sign), first_error(size, left.errors, right.errors), axis)


def _text_order(left: Vector, right: Vector, *, sort: bool) -> tuple[Array, Array]:
    """Return the places of two vectors' texts in a common order; an empty cell is ""."""
    words = np.concatenate([left.words.folded, right.words.folded, np.array([""], dtype=object)])
    if sort:
        places = np.unique(words.astype(str), return_inverse=True)[1]
    else:
        places = pd.factorize(words)[0]
    split, blank = len(left.words.texts), places[-1]
    one = np.where(left.kind == EMPTY, blank, places[left.code])
    other = np.where(right.kind == EMPTY, blank, places[split + right.code])
    return one.astype(np.int64), other.astype(np.int64)


def calculate(operator: str, left: Vector, right: Vector) -> Vector:
    """Add, subtract, multiply, divide or raise."""
    size = common_size(left, right)
    axis = common_axis(left, right)
    (x, bad_x), (y, bad_y) = numbers(left), numbers(right)
    errors = first_error(size, bad_x, bad_y)
    with np.errstate(all="ignore"):
        match operator:
            case "+" | "-":
                made = x + y if operator == "+" else x - y
                left_over = _LEFT_OVER * np.maximum(np.abs(x), np.abs(y))
                made = np.where(np.abs(made) < left_over, 0.0, made)
            case "*":
                made = x * y
            case "/":
                errors = first_error(size, errors, np.where(y == 0, DIV0, 0).astype(np.uint8))
                made = x / np.where(y == 0, 1, y)
            case _:
                # 0^0 and 0^-1 have values for numpy, in Excel they are errors
                wrong = np.where(y < 0, DIV0, NUM) * ((x == 0) & (y <= 0))
                errors = first_error(size, errors, wrong.astype(np.uint8))
                made = np.power(x, y)
    made = spread(made, size)
    finite = np.isfinite(made)
    errors = first_error(size, errors, np.where(finite, 0, NUM).astype(np.uint8))
    return numeric(np.where(finite, made, 0.0), errors, axis)


def signed(operator: str, operand: Vector) -> Vector:
    """Apply a sign or a percent sign; a plus changes nothing, not even a text."""
    if operator == "+":
        return operand
    x, errors = numbers(operand)
    return numeric(-x if operator == "-" else x / 100, errors, operand.axis)


def join(left: Vector, right: Vector) -> Vector:
    """Join texts."""
    return by_distinct(lambda x, y: x + y, [left, right])


def by_distinct(function: Callable[..., str], arguments: Sequence[Vector]) -> Vector:
    """Return the texts a function makes of texts, called once for each distinct case."""
    place, cases, errors = distinct_cases(arguments)
    made = np.empty(len(cases), dtype=object)
    made[:] = [function(*case) for case in cases]
    return textual(place, Words(made), errors, common_axis(*arguments))


def distinct_cases(arguments: Sequence[Vector]) -> tuple[Array, list[tuple[str, ...]], Array]:
    """Return for several columns of texts which case each row is, the cases, and error codes."""
    size = common_size(*arguments)
    worded = [texts(argument) for argument in arguments]
    key = np.zeros(size, np.int64)
    for each in worded:
        key = combined(key, np.where(each.kind == ERROR, 0, each.code), len(each.words.texts))
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    codes = [spread(each.code, size)[first] for each in worded]
    columns = [each.words.texts[code] for each, code in zip(worded, codes, strict=True)]
    cases = list(zip(*columns, strict=True))
    return place, cases, first_error(size, *(each.errors for each in worded))


def combined(key: Array, more: Array, base: int) -> Array:
    """Return one number for each pair of numbers, the second below `base`; never too large."""
    if len(key) and int(key.max()) >= _LARGEST_KEY // max(base, 1):
        key = np.unique(key, return_inverse=True)[1]
    made: Array = key * base + more
    return made
