"""The years of talks told without one: only the years that they must have."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

from sheetcrm.values.dates import MonthDay

Days = Sequence[date | MonthDay]
# Why talks have no sure days, in Chinese.
DISORDERED = "前后的日期次序不一致"
NO_BASE = "日期没有写年份，这一行也没有别的日期可以推出年份"
NO_YEAR = "日期没有写年份，放在哪一年都晚于今天或早于线索获取时间"
SEVERAL = "日期没有写年份，不只一年说得通"
# Talks of one cell that cross a year without saying so, in a column that tells in one order, are
# hardly farther apart than half a year; one a season ahead is the plan of a report made for
# an earlier day.
_APART = timedelta(days=183)
_AHEAD = timedelta(days=92)


@dataclass(frozen=True)
class Bounds:
    """Between which days the talks of a lead lie.

    `since` is the day the lead came, `last` what its row says of the last talk; None if unknown.
    """

    since: date | None
    as_of: date
    last: date | None = None


def settle_days(days: Days, bounds: Bounds, order: int = 0) -> tuple[list[date], str]:
    """Give every day of a cell its year, where only one reading of all of them is possible.

    A day without a year is neither before the lead came nor after `as_of`, and the days go one
    way: forward or backward. Next to a day with a year it is the nearest one.

    Args:
        days: In the order of the cell.
        bounds: What the days without a year lie between.
        order: Which way the column goes, 1 forward, -1 backward, 0 if it is not known.

    Returns:
        The days, and "" or why there are none.
    """
    if all(isinstance(day, date) for day in days):
        whole = [day for day in days if isinstance(day, date)]
        return (whole, "") if order_of(whole) is not None else ([], DISORDERED)
    if bounds.since is None and not any(isinstance(day, date) for day in days):
        return [], NO_BASE
    for latest in (bounds.as_of, bounds.as_of + _AHEAD):
        found = {way: set(_readings(days, bounds.since, latest, way)) for way in (1, -1)}
        readings = found[1] | found[-1]
        if len(readings) > 1 and bounds.last:
            readings = {r for r in readings if max(r) == bounds.last} or readings
        if len(readings) > 1 and any(isinstance(day, date) for day in days):
            readings = {r for r in readings if _close(r)} or readings
        if len(readings) > 1 and order:
            readings = {r for r in readings & found[order] if _close(r)}
        if len(readings) == 1:
            return list(readings.pop()), ""
        if readings or found[1] or found[-1]:
            return [], SEVERAL
    return [], NO_YEAR if _ordered_by_month(days) else DISORDERED


def order_of(days: Sequence[date]) -> int | None:
    """Return 1 for days that go forward, -1 for backward, 0 for all the same, None for neither."""
    forward = any(a < b for a, b in pairwise(days))
    backward = any(a > b for a, b in pairwise(days))
    return None if forward and backward else int(forward) - int(backward)


def _readings(days: Days, since: date | None, latest: date, way: int) -> Iterator[tuple[date, ...]]:
    """Yield the readings that go one way, each day the nearest one to the one before."""
    line = list(days)[::way]
    dated = [(at, day) for at, day in enumerate(line) if isinstance(day, date)]
    if dated:
        at, starts = dated[0][0], [dated[0][1]]
    elif since is not None:
        years = range(since.year, latest.year + 1)
        at, starts = 0, [made for year in years if (made := _in_year(line[0], year))]
    else:
        return
    for start in starts:
        after = _run(start, line[at + 1 :], 1)
        before = _run(start, line[:at][::-1], -1)
        if after is None or before is None:
            continue
        whole = [*before[::-1], start, *after]
        inferred = [w for w, day in zip(whole, line, strict=True) if isinstance(day, MonthDay)]
        if all(w <= latest and (since is None or w >= since) for w in inferred):
            yield tuple(whole[::way])


def _run(start: date, days: Days, step: int) -> list[date] | None:
    """Return the days that follow one, each on or next after (before) the last; None if none do."""
    made: list[date] = []
    last = start
    for day in days:
        if isinstance(day, MonthDay):
            near = [_in_year(day, last.year), _in_year(day, last.year + step)]
            following = next((n for n in near if n and (n - last).days * step >= 0), None)
        else:
            following = day if (day - last).days * step >= 0 else None
        if following is None:
            return None
        made.append(following)
        last = following
    return made


def _in_year(day: date | MonthDay, year: int) -> date | None:
    try:
        return date(year, day.month, day.day)
    except ValueError:
        return None


def _close(days: Sequence[date]) -> bool:
    return all(abs(b - a) <= _APART for a, b in pairwise(days))


def _ordered_by_month(days: Days) -> bool:
    """Say whether the days go one way within a year, or across one new year."""
    months = [(day.month, day.day) for day in days]
    return any(sum(a > b for a, b in pairwise(line)) <= 1 for line in (months, months[::-1]))
