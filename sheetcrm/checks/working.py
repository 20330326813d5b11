"""Time as the team counts it: its calendar, its hours, its limits; what dates alone can prove."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.values.working_time import (
    WHOLE_DAY,
    Hours,
    WorkCalendar,
    provisional_note,
    work_calendar,
)

DAY_ONLY = "（只有日期，按天计）"


@dataclass(frozen=True)
class Passed:
    """How long something took or takes: late or not, in hours, and whether only days are known."""

    late: pd.Series
    hours: pd.Series
    by_day: pd.Series

    def resolution(self, rows: pd.Index) -> list[str]:
        """Return for each row what to add to a sentence where only dates are known."""
        return [DAY_ONLY if only else "" for only in self.by_day[rows]]


@dataclass(frozen=True)
class Clock:
    """A workbook's working time."""

    calendar: WorkCalendar
    office: Hours

    def within_hours(
        self, first: pd.Series, last: pd.Series, limit: float, counted: Hours = WHOLE_DAY
    ) -> Passed:
        """Say where `last` comes more than `limit` hours after `first`.

        Where one of them is a date without a time, only what is late at any hour of that day is
        late: more working days after it than the limit reaches from the close of the office.

        Args:
            first: Datetime column.
            last: Datetime column.
            limit: In hours.
            counted: Which hours of a working day count; days off never do.
        """
        by_day = without_time(first) | without_time(last)
        hours = self.calendar.hours(first, last, counted)
        days = self.calendar.days(first, last)
        reach = (
            int((self.office.end + limit) // 24)
            if counted == WHOLE_DAY
            else ceil(limit / max(counted.length, 1.0))
        )
        late = (days > reach).where(by_day, hours > limit)
        return Passed(late.astype(bool), hours, by_day)

    def notes(self, days: pd.Series, count: float) -> list[str]:
        """Return for each day what to say of a deadline in a year without announced holidays."""
        due = self.calendar.deadlines(days, max(int(count), 1))
        return [provisional_note(day.date() if day == day else None) for day in due]


def clock(book: CleanBook) -> Clock:
    """Return the working time of a workbook, from its settings and its exceptions."""
    texts = {s.key: str(s.value) for s in book.kit.settings}
    office = Hours(_hour(texts["workday_start"]), _hour(texts["workday_end"]))
    if not office.length:
        office = Hours()
    return Clock(work_calendar(book.kit.working_days), office)


def until(moments: pd.Series, as_of: date) -> pd.Series:
    """Return the moments, and the end of `as_of` where nothing has happened yet."""
    return moments.fillna(end_of(moments, as_of))


def end_of(moments: pd.Series, as_of: date) -> pd.Series:
    """Return the end of `as_of` for every row: what has not happened by then is late."""
    end = pd.Timestamp(as_of) + pd.Timedelta(hours=23, minutes=59)
    return pd.Series(end, index=moments.index, dtype="datetime64[us]")


def without_time(moments: pd.Series) -> pd.Series:
    """Say for every row whether it is a date without a time of day."""
    return pd.Series(moments == moments.dt.normalize())


def moments_text(moments: pd.Series) -> list[str]:
    """Return moments as 2024-03-01 14:30, without the time where there is none."""
    return [str(t).removesuffix(" 00:00") for t in moments.dt.strftime("%Y-%m-%d %H:%M")]


def plain(number: float) -> str:
    """Write a limit without a needless `.0`; half an hour is 0.5."""
    return f"{number:g}"


def whole(numbers: pd.Series) -> list[int]:
    """Return counts of days as integers."""
    return [int(n) for n in np.nan_to_num(numbers.to_numpy("float64"))]


def _hour(text: str) -> float:
    hour, _, minute = text.partition(":")
    return int(hour) + int(minute or 0) / 60
