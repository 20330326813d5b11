"""Time as a team counts it: its calendar and hours, from its settings, and limits against them."""

from dataclasses import dataclass
from datetime import date
from math import ceil

import pandas as pd

from sheetcrm.kit.model import Kit
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
    """A team's working time."""

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
        return self._judged((first, last), limit, counted, by_day)

    def waiting(
        self, first: pd.Series, as_of: date, limit: float, counted: Hours = WHOLE_DAY
    ) -> Passed:
        """Say what has been left undone for more than `limit` hours when the day `as_of` begins.

        What is due in the course of that day is not late: nobody knows the time of day.
        """
        today = pd.Series(pd.Timestamp(as_of), index=first.index, dtype="datetime64[us]")
        return self._judged((first, today), limit, counted, without_time(first))

    def _judged(
        self, ends: tuple[pd.Series, pd.Series], limit: float, counted: Hours, by_day: pd.Series
    ) -> Passed:
        first, last = ends
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


def clock(kit: Kit) -> Clock:
    """Return the working time of a kit, from its settings and its exceptions."""
    texts = {s.key: str(s.value) for s in kit.settings}
    office = Hours(_hour(texts["workday_start"]), _hour(texts["workday_end"]))
    if not office.length:
        office = Hours()
    return Clock(work_calendar(kit.working_days), office)


def without_time(moments: pd.Series) -> pd.Series:
    """Say for every row whether it is a date without a time of day."""
    return pd.Series(moments == moments.dt.normalize())


def _hour(text: str) -> float:
    hour, _, minute = text.partition(":")
    return int(hour) + int(minute or 0) / 60
