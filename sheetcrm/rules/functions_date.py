"""Functions of dates, on serial numbers."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from sheetcrm.rules.calendar import (
    LAST_SERIAL,
    days64,
    days_in_month,
    from_days64,
    plus_months,
    serials,
    year_month_day,
)
from sheetcrm.rules.coerce import numbers
from sheetcrm.rules.functions_logic import Function
from sheetcrm.rules.syntax import FormulaError
from sheetcrm.rules.vector import (
    NUM,
    NUMBER,
    TEXT,
    Array,
    Axis,
    Vector,
    common_axis,
    common_size,
    first_error,
    numeric,
    spread,
)

_FEWEST_MONTHS = 120_000


def _day_numbers(vector: Vector, *, logicals_fail: bool = False) -> tuple[Array, Array]:
    """Return whole days and error codes: a date before 1900 or after 9999 is #NUM!."""
    values, errors = numbers(vector, logicals_fail=logicals_fail)
    outside = (values < 0) | (values >= LAST_SERIAL + 1)
    errors = first_error(len(values), errors, _codes(outside))
    return np.floor(np.where(outside, 1, values)), errors


def _codes(wrong: Array) -> Array:
    return np.where(wrong, NUM, 0).astype(np.uint8)


def _checked(values: Array, errors: Array, axis: Axis) -> Vector:
    outside = (values < 0) | (values > LAST_SERIAL)
    return numeric(values, first_error(len(values), errors, _codes(outside)), axis)


def _part(place: int) -> Function:
    def function(arguments: Sequence[Vector]) -> Vector:
        days, errors = _day_numbers(arguments[0])
        return numeric(year_month_day(days)[place].astype(float), errors, arguments[0].axis)

    return function


def _date(arguments: Sequence[Vector]) -> Vector:
    size = common_size(*arguments)
    given = [numbers(argument) for argument in arguments]
    year, month, day = (spread(np.trunc(values), size) for values, _ in given)
    outside = (year < 0) | (year > 9999)
    year = np.where(outside, 1900, np.where(year < 1900, year + 1900, year))
    month = np.clip(month, -_FEWEST_MONTHS, _FEWEST_MONTHS)
    errors = first_error(size, *(codes for _, codes in given), _codes(outside))
    return _checked(serials(year, month, day), errors, common_axis(*arguments))


def _weekday(arguments: Sequence[Vector]) -> Vector:
    days, errors = _day_numbers(arguments[0])
    # Serial 1 is a Sunday in Excel's calendar.
    from_sunday = (days - 1) % 7
    kind = int(arguments[1].number[0]) if len(arguments) > 1 else 1
    results = {1: from_sunday + 1, 2: (from_sunday - 1) % 7 + 1, 3: (from_sunday - 1) % 7}
    if kind not in results:
        raise FormulaError("WEEKDAY的第二个参数请写1、2或3")
    return numeric(results[kind], errors, arguments[0].axis)


def _moved(arguments: Sequence[Vector], last: Callable[[Array, Array], Array]) -> Vector:
    """Move dates by months; `last` says on which day of the month they then are."""
    size = common_size(*arguments)
    start, errors = _day_numbers(arguments[0], logicals_fail=True)
    months, more = numbers(arguments[1], logicals_fail=True)
    months = np.clip(np.trunc(months), -_FEWEST_MONTHS, _FEWEST_MONTHS)
    year, month, day = plus_months(spread(start, size), spread(months, size))
    made = serials(year, month, last(spread(day, size), days_in_month(year, month)))
    return _checked(made, first_error(size, errors, more), common_axis(*arguments))


def _days_off(arguments: Sequence[Vector]) -> Array:
    if len(arguments) < 3:
        return days64(np.zeros(0))
    listed = arguments[2]
    return days64(listed.number[listed.kind == NUMBER])


def _workdays_between(arguments: Sequence[Vector]) -> Vector:
    size = common_size(*arguments[:2])
    (start, errors), (end, more) = (_day_numbers(a, logicals_fail=True) for a in arguments[:2])
    start, end = spread(start, size), spread(end, size)
    low, high = np.minimum(start, end), np.maximum(start, end) + 1
    days = np.busday_count(days64(low), days64(high), holidays=_days_off(arguments))
    signed = np.where(end < start, -days, days).astype(float)
    return numeric(signed, first_error(size, errors, more), common_axis(*arguments[:2]))


def _workday(arguments: Sequence[Vector]) -> Vector:
    size = common_size(*arguments[:2])
    start, errors = _day_numbers(arguments[0], logicals_fail=True)
    count, more = numbers(arguments[1], logicals_fail=True)
    days, steps = days64(spread(start, size)), spread(np.trunc(count), size).astype(np.int64)
    off = _days_off(arguments)
    later = np.busday_offset(days, np.maximum(steps, 0), roll="backward", holidays=off)
    before = np.busday_offset(days, np.minimum(steps, 0), roll="forward", holidays=off)
    made = np.where(steps > 0, later, np.where(steps < 0, before, days))
    errors = first_error(size, errors, more)
    return _checked(from_days64(made), errors, common_axis(*arguments[:2]))


def _difference(arguments: Sequence[Vector]) -> Vector:
    size = common_size(*arguments[:2])
    unit = arguments[2]
    word = str(unit.words.folded[unit.code[0]]) if unit.size == 1 and unit.has(TEXT) else ""
    if word not in _UNITS:
        raise FormulaError('DATEDIF的单位请写"d"、"m"、"y"、"ym"、"md"或"yd"')
    (start, errors), (end, more) = (_day_numbers(a) for a in arguments[:2])
    start, end = spread(start, size), spread(end, size)
    backwards = _codes(start > end)
    made = _UNITS[word](start, end).astype(float)
    return numeric(made, first_error(size, errors, more, backwards), common_axis(*arguments[:2]))


def _whole_months(start: Array, end: Array) -> Array:
    (y1, m1, d1), (y2, m2, d2) = year_month_day(start), year_month_day(end)
    months: Array = (y2 - y1) * 12 + m2 - m1 - (d2 < d1)
    return months


def _days_beyond_months(start: Array, end: Array) -> Array:
    (_, _, d1), (y2, m2, d2) = year_month_day(start), year_month_day(end)
    before = days_in_month(y2, m2 - 1)
    return np.where(d2 >= d1, d2 - d1, d2 - d1 + before)


def _days_beyond_years(start: Array, end: Array) -> Array:
    years = _whole_months(start, end) // 12
    year, month, day = year_month_day(start)
    return end - serials(year + years, month, day)


_UNITS: Mapping[str, Callable[[Array, Array], Array]] = {
    "d": lambda start, end: end - start,
    "m": _whole_months,
    "y": lambda start, end: _whole_months(start, end) // 12,
    "ym": lambda start, end: _whole_months(start, end) % 12,
    "md": _days_beyond_months,
    "yd": _days_beyond_years,
}

DATES: Mapping[str, Function] = {
    "YEAR": _part(0),
    "MONTH": _part(1),
    "DAY": _part(2),
    "DATE": _date,
    "WEEKDAY": _weekday,
    "EDATE": lambda arguments: _moved(arguments, np.minimum),
    "EOMONTH": lambda arguments: _moved(arguments, lambda _, last: last),
    "NETWORKDAYS": _workdays_between,
    "WORKDAY": _workday,
    "DATEDIF": _difference,
}
