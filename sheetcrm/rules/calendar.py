"""Excel's calendar: serial numbers and dates, with the 29 February 1900 that never was."""

import numpy as np

from sheetcrm.rules.vector import Array

# 9999-12-31; the day that Excel has and the calendar has not.
LAST_SERIAL = 2_958_465
_LEAP_DAY = 60
_EPOCH = np.datetime64("1899-12-30")


def year_month_day(serials: Array) -> tuple[Array, Array, Array]:
    """Return year, month and day of serial numbers; 0 is 1900-01-00."""
    whole = np.floor(serials).astype(np.int64)
    days = _EPOCH + np.where(whole < _LEAP_DAY, whole + 1, whole).astype("timedelta64[D]")
    months = days.astype("datetime64[M]")
    year = months.astype("datetime64[Y]").astype(np.int64) + 1970
    month = months.astype(np.int64) % 12 + 1
    day = (days - months.astype("datetime64[D]")).astype(np.int64) + 1
    leap, zero = whole == _LEAP_DAY, whole == 0
    year = np.where(leap | zero, 1900, year)
    month = np.where(leap, 2, np.where(zero, 1, month))
    return year, month, np.where(leap, 29, np.where(zero, 0, day))


def serials(year: Array, month: Array, day: Array) -> Array:
    """Return serial numbers; months and days beyond their range carry over."""
    months = (year.astype(np.int64) - 1970) * 12 + month.astype(np.int64) - 1
    first = (months.astype("datetime64[M]").astype("datetime64[D]") - _EPOCH).astype(np.int64)
    made: Array = np.where(first <= _LEAP_DAY, first - 1, first) + np.floor(day) - 1
    return made.astype(float)


def days_in_month(year: Array, month: Array) -> Array:
    """Return the length of months; February 1900 has 29 days."""
    first = serials(year, month, np.ones(len(year)))
    after = serials(year, month + 1, np.ones(len(year)))
    return after - first


def plus_months(start: Array, months: Array) -> tuple[Array, Array, Array]:
    """Return year, month (1 to 12) and day of dates moved by so many months."""
    year, month, day = year_month_day(start)
    moved = year * 12 + month - 1 + months.astype(np.int64)
    return moved // 12, moved % 12 + 1, day


def days64(serial_numbers: Array) -> Array:
    """Return serial numbers as numpy days."""
    days: Array = _EPOCH + np.floor(serial_numbers).astype("timedelta64[D]")
    return days


def from_days64(days: Array) -> Array:
    """Return numpy days as serial numbers."""
    return (days - _EPOCH).astype(np.int64).astype(float)
