"""Chinese working time: public holidays, make-up days (调休), and the company's own exceptions.

Holidays and make-up days are those of the State Council's yearly notices, as the library `holidays`
has them. A year without a notice yet has the statutory holidays but no make-up days: provisional.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
import pandas as pd

# The calendar reaches over these years; a date outside them has no working time (NaN).
FIRST_YEAR, LAST_YEAR = 2000, 2045
_ORIGIN = np.datetime64(f"{FIRST_YEAR}-01-01", "D")
_SATURDAY = 5
_NONE: Mapping[date, bool] = MappingProxyType({})


@dataclass(frozen=True)
class Hours:
    """The hours of a working day that count, as hours after midnight; 9 to 18 by default."""

    start: float = 9.0
    end: float = 18.0

    @property
    def length(self) -> float:
        """Hours in a working day."""
        return max(self.end - self.start, 0.0)


# Every hour of a working day: for limits in hours on the clock that rest on days off.
WHOLE_DAY = Hours(0.0, 24.0)


@dataclass(frozen=True)
class WorkCalendar:
    """Which days are worked: one bool a day, from 1 January of FIRST_YEAR on."""

    worked: np.ndarray = field(repr=False)

    @cached_property
    def _before(self) -> np.ndarray:
        """Number of working days before each day; one more entry than there are days."""
        return np.concatenate(([0], np.cumsum(self.worked)))

    @cached_property
    def _working(self) -> np.ndarray:
        """Position of every working day."""
        return np.flatnonzero(self.worked)

    def is_working(self, day: date) -> bool:
        """Say whether a day is worked.

        Raises:
            ValueError: The day is outside the calendar.
        """
        return bool(self.worked[_position(day)])

    def add(self, day: date, count: int) -> date:
        """Return the `count`-th working day after a day (the day itself does not count).

        Before it where the count is negative; with 0 it is the day itself, worked or not.

        Raises:
            ValueError: The day or the result is outside the calendar.
        """
        if not count:
            return day
        ahead = count > 0  # ahead the day itself is left out, backwards it is by itself
        at = int(self._before[_position(day) + ahead]) + count - ahead
        if not 0 <= at < len(self._working):
            raise ValueError(f"{day} + {count} working days is outside the calendar")
        return date(FIRST_YEAR, 1, 1) + timedelta(int(self._working[at]))

    def listed(self, first: date, last: date) -> list[date]:
        """Return every working day from `first` to `last`, both included.

        Raises:
            ValueError: A day is outside the calendar.
        """
        begin, end = _position(first), _position(last)
        days = begin + np.flatnonzero(self.worked[begin : end + 1])
        return [date(FIRST_YEAR, 1, 1) + timedelta(int(day)) for day in days]

    def between(self, first: date, last: date) -> int:
        """Return how many working days there are after `first`, up to and with `last`.

        Negative where `last` comes before `first`. As a formula over the list of working days:
        COUNTIFS(工作日,">"&first,工作日,"<="&last).

        Raises:
            ValueError: A day is outside the calendar.
        """
        return int(self._before[_position(last) + 1] - self._before[_position(first) + 1])

    def days(self, first: pd.Series, last: pd.Series | pd.Timestamp) -> pd.Series:
        """Return `between` of whole datetime columns, NaN where a date is missing or outside."""
        passed: pd.Series = self._count(last, first.index) - self._count(first, first.index)
        return passed

    def deadlines(self, days: pd.Series, count: int) -> pd.Series:
        """Return `add` of a whole datetime column, NaT where a date is missing or outside."""
        if not count:
            return pd.Series(days.dt.normalize())
        position, inside = _positions(days)
        ahead = count > 0
        at = self._before[position + ahead] + count - ahead
        known = inside & (at >= 0) & (at < len(self._working))
        found: np.ndarray = np.full(len(at), np.datetime64("NaT", "D"))
        found[known] = _ORIGIN + self._working[at[known]]
        return pd.Series(found.astype("datetime64[us]"), index=days.index)

    def hours(
        self, first: pd.Series, last: pd.Series | pd.Timestamp, counted: Hours = WHOLE_DAY
    ) -> pd.Series:
        """Return the hours from `first` to `last` that fall into the counted hours of working days.

        Args:
            first: Datetime column.
            last: Datetime column, or one moment.
            counted: Which hours of a day count.
        """
        passed: pd.Series = self._clock(last, first.index, counted) - self._clock(
            first, first.index, counted
        )
        return passed

    def _count(self, days: pd.Series | pd.Timestamp, index: pd.Index) -> pd.Series:
        """Return the number of working days up to and with each day."""
        at, known = _positions(_column(days, index))
        return pd.Series(np.where(known, self._before[at + 1], np.nan), index=index)

    def _clock(
        self, moments: pd.Series | pd.Timestamp, index: pd.Index, counted: Hours
    ) -> pd.Series:
        """Return the counted hours before each moment."""
        column = _column(moments, index)
        at, known = _positions(column)
        passed = (column - column.dt.normalize()).dt.total_seconds().to_numpy() / 3600
        today = np.clip(passed - counted.start, 0.0, counted.length) * self.worked[at]
        return pd.Series(
            np.where(known, self._before[at] * counted.length + today, np.nan), index=index
        )


def work_calendar(exceptions: Mapping[date, bool] = _NONE) -> WorkCalendar:
    """Return the public calendar with a company's own exceptions over it.

    Args:
        exceptions: Days the company works (True) or has off (False); `Kit.working_days`.
    """
    return _with(frozenset(exceptions.items()))


def is_provisional(year: int) -> bool:
    """Say whether a year's holidays are not announced yet: its make-up days are missing."""
    return year not in _announced()


def provisional_note(day: date | None) -> str:
    """Return what to add to a sentence about a deadline in a year that is not announced yet."""
    if day is None or not is_provisional(day.year):
        return ""
    return f"（{day.year}年的放假安排还没有公布，工作日为暂定）"


@lru_cache(maxsize=16)
def _with(exceptions: frozenset[tuple[date, bool]]) -> WorkCalendar:
    worked = _public().copy()
    for day, working in exceptions:
        if FIRST_YEAR <= day.year <= LAST_YEAR:
            worked[_position(day)] = working
    worked.flags.writeable = False
    return WorkCalendar(worked)


@lru_cache(maxsize=1)
def _public() -> np.ndarray:
    off, made_up = _notices()
    count = (date(LAST_YEAR, 12, 31) - date(FIRST_YEAR, 1, 1)).days + 1
    weekday = (np.arange(count) + date(FIRST_YEAR, 1, 1).weekday()) % 7
    worked = weekday < _SATURDAY
    worked[[_position(day) for day in off]] = False
    worked[[_position(day) for day in made_up]] = True
    return worked


@lru_cache(maxsize=1)
def _notices() -> tuple[tuple[date, ...], tuple[date, ...]]:
    """Return public holidays and make-up days of all years of the calendar."""
    from holidays.countries.china import China

    calendar = China(years=range(FIRST_YEAR, LAST_YEAR + 1))  # type: ignore[no-untyped-call]
    inside = range(FIRST_YEAR, LAST_YEAR + 1)
    off = tuple(day for day in calendar if day.year in inside)
    return off, tuple(day for day in calendar.weekend_workdays if day.year in inside)


@lru_cache(maxsize=1)
def _announced() -> frozenset[int]:
    """Years with a notice: every notice moves at least one weekend."""
    return frozenset(day.year for day in _notices()[1])


def _position(day: date) -> int:
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise ValueError(f"{day} is outside the calendar ({FIRST_YEAR}-{LAST_YEAR})")
    return (date(day.year, day.month, day.day) - date(FIRST_YEAR, 1, 1)).days


def _column(moments: pd.Series | pd.Timestamp, index: pd.Index) -> pd.Series:
    if isinstance(moments, pd.Series):
        return moments
    return pd.Series(moments, index=index, dtype="datetime64[us]")


def _positions(days: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Return the position of each day (0 where there is none) and whether it has one."""
    at = (days.to_numpy("datetime64[D]") - _ORIGIN).astype("int64")
    count = (date(LAST_YEAR, 12, 31) - date(FIRST_YEAR, 1, 1)).days + 1
    known = (at >= 0) & (at < count)
    return np.where(known, at, 0), known
