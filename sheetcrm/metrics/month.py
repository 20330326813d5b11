"""The month a report speaks of, in working days, and the same point of earlier months."""

from dataclasses import dataclass
from datetime import date

import pandas as pd

from sheetcrm.values.working_time import WorkCalendar

# So many full months before the current one are looked at.
MOST_PAST = 6


@dataclass(frozen=True)
class Month:
    """The month of `as_of`; `worked` of its `total` working days are over, that day included."""

    start: date
    end: date
    as_of: date
    worked: int
    total: int

    @property
    def share(self) -> float:
        """Share of the month's working days that are over (时间进度)."""
        return self.worked / self.total if self.total else 1.0

    @property
    def left(self) -> int:
        """Working days after `as_of`."""
        return self.total - self.worked

    def has(self, days: pd.Series) -> "pd.Series[bool]":
        """Say which days lie in the month and not after `as_of`."""
        return days.between(pd.Timestamp(self.start), pd.Timestamp(self.as_of))


def month_of(as_of: date, calendar: WorkCalendar) -> Month:
    """Return the month a day lies in.

    Raises:
        ValueError: The day is outside the calendar.
    """
    start = as_of.replace(day=1)
    end = (pd.Timestamp(start) + pd.offsets.MonthEnd(0)).date()
    worked = len(calendar.listed(start, as_of))
    return Month(start, end, as_of, worked, len(calendar.listed(start, end)))


def same_point(month: Month, calendar: WorkCalendar, first: date) -> list[tuple[date, date]]:
    """Return for each earlier full month the day that as much of its working time was over.

    Pairs of that day and the month's last day, the latest month first; the day is the one before
    the month where nothing had been worked. At most MOST_PAST months, none that began before
    `first`.
    """
    found = []
    start = pd.Timestamp(month.start)
    for _ in range(MOST_PAST):
        start -= pd.offsets.MonthBegin(1)
        if start.date() < first:
            break
        end = (start + pd.offsets.MonthEnd(0)).date()
        days = calendar.listed(start.date(), end)
        worked = round(month.share * len(days))
        before = (start - pd.Timedelta(days=1)).date()
        found.append((days[worked - 1] if worked else before, end))
    return found
