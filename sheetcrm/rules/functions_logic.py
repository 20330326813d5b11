"""AND, OR, IF and the questions what a value is."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetcrm.rules.coerce import numbers, truths
from sheetcrm.rules.vector import (
    EMPTY,
    ERROR,
    LOGICAL,
    NA,
    NUMBER,
    TEXT,
    VALUE,
    Array,
    Vector,
    choose,
    common_axis,
    common_size,
    error,
    first_error,
    logical,
    numeric,
    single,
    spread,
)

Function = Callable[[Sequence[Vector]], Vector]


def _all_or_any(*, every: bool) -> Function:
    """Return AND or OR: cells that hold texts or nothing do not count, a whole column is one."""

    def function(arguments: Sequence[Vector]) -> Vector:
        parts = [_held(argument, every=every) for argument in arguments]
        single_rows = [a for a in arguments if a.axis != "list"]
        size, axis = common_size(*single_rows), common_axis(*single_rows)
        held = np.full(size, every)
        counted = np.zeros(size, dtype=bool)
        for truth, counts, _ in parts:
            held = held & (truth | ~counts) if every else held | (truth & counts)
            counted |= counts
        errors = first_error(size, *(failed for _, _, failed in parts))
        nothing = np.where(counted, 0, VALUE).astype(np.uint8)
        return logical(held, first_error(size, errors, nothing), axis)

    return function


def _held(argument: Vector, *, every: bool) -> tuple[Array, Array, Array]:
    """Return what an argument says, whether it counts, and its error codes."""
    if argument.cells:
        truth, errors = argument.figures != 0, argument.errors
        counts = (argument.kind == NUMBER) | (argument.kind == LOGICAL)
    else:
        truth, errors = truths(argument)
        counts = np.ones(argument.size, dtype=bool)
    if argument.axis != "list":
        return truth, counts, errors
    whole = truth[counts].all() if every else truth[counts].any()
    failed = errors[errors > 0][:1] if errors.any() else np.zeros(1, np.uint8)
    return np.array([whole]), np.array([counts.any()]), failed


def _not(arguments: Sequence[Vector]) -> Vector:
    truth, errors = truths(arguments[0])
    return logical(~truth, errors, arguments[0].axis)


def _if(arguments: Sequence[Vector]) -> Vector:
    condition = arguments[0]
    chosen = [_left_out(argument) for argument in arguments[1:]]
    yes, no = chosen if len(chosen) == 2 else (chosen[0], single(value=False))
    axis, size = common_axis(condition, yes, no), common_size(condition, yes, no)
    truth, errors = truths(condition)
    result = choose(spread(truth, size), yes, no, axis)
    return _failing(result, spread(errors, size))


def _left_out(argument: Vector) -> Vector:
    """Return 0 for an argument left out; an empty cell stays one."""
    left_out = argument.axis == "one" and not argument.cells and argument.has(EMPTY)
    return single(0) if left_out else argument


def _failing(result: Vector, errors: Array) -> Vector:
    if not errors.any():
        return result
    return choose(errors == 0, result, numeric(errors, errors, result.axis), result.axis)


def _if_error(arguments: Sequence[Vector]) -> Vector:
    value, other = arguments
    other = _left_out(other)
    axis, size = common_axis(value, other), common_size(value, other)
    return choose(spread(value.kind != ERROR, size), _left_out(value), other, axis)


def _choose(arguments: Sequence[Vector]) -> Vector:
    which, errors = numbers(arguments[0])
    result = error(VALUE)
    for place, option in enumerate(arguments[1:], start=1):
        axis = common_axis(arguments[0], option, result)
        size = common_size(arguments[0], option, result)
        result = choose(spread(np.floor(which) == place, size), option, result, axis)
    return _failing(result, spread(errors, result.size))


def _is(*kinds: int) -> Function:
    def function(arguments: Sequence[Vector]) -> Vector:
        return logical(np.isin(arguments[0].kind, kinds), None, arguments[0].axis)

    return function


def _is_missing(arguments: Sequence[Vector]) -> Vector:
    return logical(arguments[0].errors == NA, None, arguments[0].axis)


def _number_of(arguments: Sequence[Vector]) -> Vector:
    return numeric(arguments[0].figures, arguments[0].errors, arguments[0].axis)


LOGIC: Mapping[str, Function] = {
    "AND": _all_or_any(every=True),
    "OR": _all_or_any(every=False),
    "NOT": _not,
    "IF": _if,
    "IFERROR": _if_error,
    "CHOOSE": _choose,
    "ISBLANK": _is(EMPTY),
    "ISNUMBER": _is(NUMBER),
    "ISTEXT": _is(TEXT),
    "ISERROR": _is(ERROR),
    "ISNA": _is_missing,
    "N": _number_of,
    "TRUE": lambda _: single(value=True),
    "FALSE": lambda _: single(value=False),
    "NA": lambda _: error(NA),
}
