"""Functions of texts, called once for each distinct case."""

import math
from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetcrm.rules.coerce import numbers, texts
from sheetcrm.rules.formats import formatted
from sheetcrm.rules.functions_logic import Function
from sheetcrm.rules.operators import distinct_cases
from sheetcrm.rules.syntax import FormulaError
from sheetcrm.rules.texts import length, part, text_number, wildcard
from sheetcrm.rules.vector import (
    EMPTY,
    NUMBER,
    TEXT,
    VALUE,
    Array,
    Vector,
    choose,
    common_axis,
    first_error,
    from_texts,
    logical,
    numeric,
    textual,
)

# Excel's limit on the length of a text in a cell.
_LONGEST = 32_767


class _NoValueError(Exception):
    """A case has no result: #VALUE!."""


def _length(arguments: Sequence[Vector]) -> Vector:
    worded = texts(arguments[0])
    return numeric(worded.words.lengths[worded.code], worded.errors, worded.axis)


def _text_of(function: Callable[..., str]) -> Function:
    """Return the function of whole columns for one of single texts that gives a text."""

    def whole(arguments: Sequence[Vector]) -> Vector:
        results, place, errors = _results(function, arguments)
        made = from_texts([r if isinstance(r, str) else "" for r in results])
        return textual(made.code[place], made.words, errors, common_axis(*arguments))

    return whole


def _number_of(function: Callable[..., float]) -> Function:
    """Return the function of whole columns for one of single texts that gives a number."""

    def whole(arguments: Sequence[Vector]) -> Vector:
        results, place, errors = _results(function, arguments)
        values = np.array([r or 0.0 for r in results], dtype=float)
        return numeric(values[place], errors, common_axis(*arguments))

    return whole


def _results(
    function: Callable[..., str | float], arguments: Sequence[Vector]
) -> tuple[list[str | float | None], Array, Array]:
    place, cases, errors = distinct_cases(arguments)
    results: list[str | float | None] = []
    for case in cases:
        try:
            results.append(function(*case))
        except _NoValueError:
            results.append(None)
    failed = np.array([VALUE if r is None else 0 for r in results], dtype=np.uint8)
    return results, place, first_error(len(place), errors, failed[place])


def _whole(text: str) -> int:
    """Return an argument that counts something; left out before a bracket it is 0."""
    number = text_number(text) if text else 0.0
    if number is None or number < 0:
        raise _NoValueError
    return math.floor(number)


def _left(text: str, count: str = "1") -> str:
    return part(text, 0, _whole(count))


def _right(text: str, count: str = "1") -> str:
    start = max(0, length(text) - _whole(count))
    return part(text, start, length(text) - start)


def _middle(text: str, start: str, count: str) -> str:
    first, wanted = _whole(start), _whole(count)
    if first < 1:
        raise _NoValueError
    return part(text, first - 1, wanted)


def _trim(text: str) -> str:
    """Take away half-width spaces only, as Excel does in most languages."""
    return " ".join(piece for piece in text.split(" ") if piece)


def _substitute(text: str, old: str, new: str, which: str = "") -> str:
    if not old:
        return text
    if not which:
        return text.replace(old, new)
    pieces, at = text.split(old), _whole(which)
    if at < 1:
        raise _NoValueError
    if len(pieces) <= at:
        return text
    return old.join(pieces[:at]) + new + old.join(pieces[at:])


def _repeat(text: str, count: str) -> str:
    times = _whole(count)
    if length(text) * times > _LONGEST:
        raise _NoValueError
    return text * times


def _find(wanted: str, text: str, start: str = "1") -> float:
    return _position(text, text.find(wanted, _offset(text, start)))


def _search(wanted: str, text: str, start: str = "1") -> float:
    found = wildcard(wanted).search(text, _offset(text, start))
    return _position(text, found.start() if found else -1)


def _offset(text: str, start: str) -> int:
    first = _whole(start)
    if not 1 <= first <= max(1, length(text)):
        raise _NoValueError
    return len(part(text, 0, first - 1))


def _position(text: str, at: int) -> float:
    if at < 0:
        raise _NoValueError
    return float(length(text[:at]) + 1)


def _exact(arguments: Sequence[Vector]) -> Vector:
    place, cases, errors = distinct_cases(arguments)
    alike = np.array([one == other for one, other in cases], dtype=bool)
    return logical(alike[place], errors, common_axis(*arguments))


def _value(arguments: Sequence[Vector]) -> Vector:
    values, errors = numbers(arguments[0], logicals_fail=True)
    return numeric(values, errors, arguments[0].axis)


def _text(arguments: Sequence[Vector]) -> Vector:
    """TEXT: numbers and texts that spell one get the format, all else stays as it is."""
    value, pattern = arguments
    if pattern.size != 1 or not pattern.has(TEXT):
        raise FormulaError('TEXT的格式要直接写出来，如"yyyy-mm-dd"')
    shape = str(pattern.words.texts[pattern.code[0]])
    spelled = (value.kind == TEXT) & ~np.isnan(value.words.numbers[value.code])
    counted = (value.kind == NUMBER) | (value.kind == EMPTY) | spelled
    distinct, place = np.unique(numbers(value)[0], return_inverse=True)
    results = [formatted(number, shape) for number in distinct.tolist()]
    failed = np.array([VALUE if r is None else 0 for r in results], dtype=np.uint8)
    made = from_texts([r or "" for r in results])
    shown = textual(made.code[place], made.words, failed[place], value.axis)
    return choose(counted, shown, texts(value), value.axis)


TEXTS: Mapping[str, Function] = {
    "LEN": _length,
    "LEFT": _text_of(_left),
    "RIGHT": _text_of(_right),
    "MID": _text_of(_middle),
    "TRIM": _text_of(_trim),
    "UPPER": _text_of(str.upper),
    "LOWER": _text_of(str.lower),
    "SUBSTITUTE": _text_of(_substitute),
    "REPT": _text_of(_repeat),
    "CONCATENATE": _text_of(lambda *parts: "".join(parts)),
    "FIND": _number_of(_find),
    "SEARCH": _number_of(_search),
    "EXACT": _exact,
    "VALUE": _value,
    "TEXT": _text,
}
