"""Sums and their relatives, and rounding."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sheetcrm.rules.coerce import numbers
from sheetcrm.rules.counting import averageif, averageifs, countif, countifs, sumif, sumifs
from sheetcrm.rules.functions_logic import Function
from sheetcrm.rules.texts import half_up, rounded
from sheetcrm.rules.vector import (
    DIV0,
    EMPTY,
    NUM,
    NUMBER,
    TEXT,
    Array,
    Axis,
    MixedAxesError,
    Vector,
    common_axis,
    common_size,
    first_error,
    numeric,
    spread,
)

# MOD fails where the quotient is larger than this (support.microsoft.com, MOD).
_LARGEST_QUOTIENT = 1_125_900_000_000
_NO_ERROR = np.zeros(1, np.uint8)


@dataclass(frozen=True)
class _Gathered:
    """What the arguments of SUM or a relative come to, for each row."""

    total: Array
    count: Array
    errors: Array
    axis: Axis


def _gather(arguments: Sequence[Vector], combine: np.ufunc, start: float) -> _Gathered:
    """Combine numbers: in cells texts and logicals do not count, written out they do."""
    rows = [a for a in arguments if a.axis != "list"]
    size, axis = common_size(*rows), common_axis(*rows)
    total, count = np.full(size, start), np.zeros(size)
    errors = np.zeros(size, np.uint8)
    for argument in arguments:
        values, counts, failed = _counted(argument)
        values = np.where(counts, values, start)
        if argument.axis == "list":
            values = np.array([combine.reduce(values, initial=start)])
            counts = np.array([counts.sum()])
            failed = failed[failed > 0][:1] if failed.any() else _NO_ERROR
        total, count = combine(total, values), count + counts
        errors = first_error(size, errors, failed)
    return _Gathered(total, count, errors, axis)


def _counted(argument: Vector) -> tuple[Array, Array, Array]:
    if argument.cells or argument.axis == "list":
        return argument.figures, argument.kind == NUMBER, argument.errors
    values, errors = numbers(argument)
    return values, np.ones(argument.size, dtype=bool), errors


def _sum(arguments: Sequence[Vector]) -> Vector:
    found = _gather(arguments, np.add, 0.0)
    return numeric(found.total, found.errors, found.axis)


def _average(arguments: Sequence[Vector]) -> Vector:
    found = _gather(arguments, np.add, 0.0)
    none = np.where(found.count == 0, DIV0, 0).astype(np.uint8)
    errors = first_error(len(none), found.errors, none)
    return numeric(found.total / np.maximum(found.count, 1), errors, found.axis)


def _extreme(combine: np.ufunc, start: float) -> Function:
    def function(arguments: Sequence[Vector]) -> Vector:
        found = _gather(arguments, combine, start)
        values = np.where(found.count == 0, 0.0, found.total)
        return numeric(values, found.errors, found.axis)

    return function


def _count(arguments: Sequence[Vector]) -> Vector:
    found = _gather(arguments, np.add, 0.0)
    return numeric(found.count, None, found.axis)


def _tally(argument: Vector, counts: Array) -> tuple[Array, Axis]:
    if argument.axis == "list":
        return np.array([float(counts.sum())]), "one"
    return counts.astype(float), argument.axis


def _count_filled(arguments: Sequence[Vector]) -> Vector:
    parts = [_tally(a, a.kind != EMPTY) for a in arguments]
    axis: Axis = "rows" if any(own == "rows" for _, own in parts) else "one"
    total = parts[0][0]
    for counts, _ in parts[1:]:
        total = total + counts
    return numeric(total, None, axis)


def _count_blank(arguments: Sequence[Vector]) -> Vector:
    cells = arguments[0]
    blank = (cells.kind == EMPTY) | ((cells.kind == TEXT) & cells.words.blank[cells.code])
    counts, axis = _tally(cells, blank)
    return numeric(counts, None, axis)


def _sum_product(arguments: Sequence[Vector]) -> Vector:
    if any(a.axis == "rows" for a in arguments):
        raise MixedAxesError
    size = common_size(*arguments)
    product = np.ones(size)
    for argument in arguments:
        product = product * np.where(argument.kind == NUMBER, argument.number, 0.0)
    errors = first_error(size, *(a.errors for a in arguments))
    failed = errors[errors > 0][:1] if errors.any() else None
    return numeric(np.array([product.sum()]), failed)


def _each(function: Callable[[Array], Array]) -> Function:
    def whole(arguments: Sequence[Vector]) -> Vector:
        values, errors = numbers(arguments[0])
        return numeric(function(values), errors, arguments[0].axis)

    return whole


def _rounded(step: Callable[[Array], Array]) -> Function:
    """Return ROUND or a relative, by the 15 digits Excel keeps; the sign stays aside."""

    def whole(arguments: Sequence[Vector]) -> Vector:
        size, axis = common_size(*arguments), common_axis(*arguments)
        (values, errors), (digits, more) = (numbers(a) for a in arguments)
        scale = 10.0 ** np.trunc(digits)
        made = np.copysign(step(rounded(np.abs(values) * scale)) / scale, values)
        return numeric(spread(made, size), first_error(size, errors, more), axis)

    return whole


def _remainder(arguments: Sequence[Vector]) -> Vector:
    size, axis = common_size(*arguments), common_axis(*arguments)
    (x, errors), (y, more) = (numbers(a) for a in arguments)
    zero = y == 0
    divisor = np.where(zero, 1, y)
    too_large = np.abs(x) > _LARGEST_QUOTIENT * np.abs(divisor)
    wrong = np.where(zero, DIV0, np.where(too_large, NUM, 0)).astype(np.uint8)
    made = spread(x - divisor * np.floor(x / divisor), size)
    return numeric(made, first_error(size, errors, more, wrong), axis)


NUMBERS: Mapping[str, Function] = {
    "SUM": _sum,
    "AVERAGE": _average,
    "MIN": _extreme(np.minimum, math.inf),
    "MAX": _extreme(np.maximum, -math.inf),
    "COUNT": _count,
    "COUNTA": _count_filled,
    "COUNTBLANK": _count_blank,
    "SUMPRODUCT": _sum_product,
    "COUNTIF": countif,
    "COUNTIFS": countifs,
    "SUMIF": sumif,
    "SUMIFS": sumifs,
    "AVERAGEIF": averageif,
    "AVERAGEIFS": averageifs,
    "INT": _each(np.floor),
    "ABS": _each(np.abs),
    "ROUND": _rounded(half_up),
    "ROUNDUP": _rounded(np.ceil),
    "ROUNDDOWN": _rounded(np.floor),
    "MOD": _remainder,
}
