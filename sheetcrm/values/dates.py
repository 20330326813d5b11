"""Dates as people type them: real dates, serial numbers, a dozen written forms, and words."""

import re
import unicodedata
from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sheetcrm.table import Cell
from sheetcrm.values.clock import CLOCK, names_half_only, read_clock
from sheetcrm.values.numerals import with_digits
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.relative_dates import JUST_MISSED, InWords, in_words

# Excel's day 0 for every date after February 1900 (it believes 1900-02-29 existed).
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001
# A bare number counts as a serial date between 1990-01-01 and 2100-01-01.
_SERIAL_MIN, _SERIAL_MAX = 32874.0, 73051.0
_YEARS = range(1900, 2200)

_WEEKDAY = r"(?: *[(]?(?:星期|周|礼拜)[1-7日天][)]?)?"
_TAIL = rf"{_WEEKDAY}{CLOCK}{_WEEKDAY}"
_YMD = re.compile(
    r"(?P<year>\d{4}|\d{2}) *[-/.年] *(?P<month>\d{1,2}) *[-/.月] *"
    rf"(?P<day>\d{{1,2}}) *[日号]?{_TAIL}",
    re.IGNORECASE,
)
_COMPACT = re.compile(r"(?P<year>(?:19|20|21)\d{2})(?P<month>\d{2})(?P<day>\d{2})(?:\.0+)?")
_MD = re.compile(
    rf"(?P<month>\d{{1,2}}) *[-/.月] *(?P<day>\d{{1,2}}) *[日号]?{_TAIL}", re.IGNORECASE
)
_YM = re.compile(r"(?P<year>\d{4}) *[-/.年] *(?P<month>\d{1,2}) *月?(?:份|底|末)?")
_MDY = re.compile(
    rf"(?P<first>\d{{1,2}})[-/.](?P<second_part>\d{{1,2}})[-/.](?P<year>\d{{4}}){_TAIL}"
)
_NUMBER = re.compile(r"\d{5}(?:\.\d+)?")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-")


@dataclass(frozen=True)
class MonthDay:
    """A date without a year: to be settled from its surroundings by `settle_year`."""

    month: int
    day: int
    clock: time


# What a cell under a date heading may hold; the last two need their row to become a date.
DateValue = datetime | MonthDay | InWords


def parse_date(cell: Cell) -> Parsed[DateValue]:
    """Read a date or a date with time.

    Returns:
        A `datetime`; or, with note FMT-03, a `MonthDay` where only the year is missing, or an
        `InWords` that counts from another day of its row. Notes: TYP-02 not a date or an impossible
        one, FMT-03 two readings or words, FMT-04 text or number that is plainly one.
    """
    if isinstance(cell, datetime):
        return Parsed(cell.replace(tzinfo=None))
    if isinstance(cell, date):
        return Parsed(datetime(cell.year, cell.month, cell.day))  # noqa: DTZ001
    if isinstance(cell, bool) or not isinstance(cell, str | int | float):
        return Parsed(note="TYP-02")
    if isinstance(cell, str):
        return _from_text(cell)
    return _from_number(float(cell))


def settle_year(partial: MonthDay, near: date, *, ahead: bool = False) -> datetime | None:
    """Return the date with that month and day that lies nearest to `near`; None if there is none.

    With `ahead`, the coming one, or the one just missed: plans lie ahead of the day they are made.
    Source: sheets are kept in order of time, so the year of the row's other dates is the likeliest.
    """
    found = [
        made
        for year in range(near.year - 1, near.year + 2)
        if (made := _make(year, partial.month, partial.day, partial.clock))
    ]
    if ahead:
        return next((made for made in found if (near - made.date()).days <= JUST_MISSED), None)
    return min(found, key=lambda made: abs((made.date() - near).days), default=None)


def day_of(moment: date) -> date:
    """Return the day of a date that may have a time."""
    return moment.date() if isinstance(moment, datetime) else moment


def shown_date(value: datetime) -> str:
    """Return a date as messages show it: the time only where there is one."""
    return f"{value:%Y-%m-%d}" if value.time() == time() else f"{value:%Y-%m-%d %H:%M}"


def _fixed(value: datetime) -> Parsed[DateValue]:
    shown = shown_date(value)
    return Parsed(value, "FMT-04", shown, {"fixed": shown})


def _unsure(value: datetime, doubt: str) -> Parsed[DateValue]:
    shown = shown_date(value)
    return Parsed(value, "FMT-03", shown, {"fixed": shown, "doubt": doubt})


def _from_number(number: float) -> Parsed[DateValue]:
    if _SERIAL_MIN <= number < _SERIAL_MAX:
        seconds = round((number - int(number)) * 86400)
        return _fixed(_EPOCH + timedelta(days=int(number), seconds=seconds))
    if number.is_integer() and (match := _COMPACT.fullmatch(f"{number:.0f}")):
        return _from_parts(match)
    return Parsed(note="TYP-02")


def _from_text(cell: str) -> Parsed[DateValue]:
    text = unicodedata.normalize("NFKC", cell).translate(_DASHES).strip().lstrip("'")
    if _NUMBER.fullmatch(text):
        return _from_number(float(text))
    plain = _from_written(with_digits(text))
    if plain.value is not None:
        return plain
    words = in_words(text)
    if words is None or words.needs_base:
        return Parsed(words, "FMT-03", facts={"doubt": "是相对的日期"}) if words else plain
    deadline = words.on(date.min)
    return _unsure(deadline.value, deadline.assumed or "不是日期格式") if deadline else plain


def _from_written(text: str) -> Parsed[DateValue]:
    if match := _YMD.fullmatch(text) or _COMPACT.fullmatch(text):
        return _from_parts(match)
    if match := _MDY.fullmatch(text):
        return _month_first(match)
    if match := _YM.fullmatch(text):
        return _month_only(match)
    if match := _MD.fullmatch(text):
        clock = read_clock(match)
        partial = MonthDay(int(match["month"]), int(match["day"]), clock or time())
        if clock is not None and _make(2024, partial.month, partial.day, clock):  # a leap year
            return Parsed(partial, "FMT-03", facts={"doubt": "没有写年份"})
    return Parsed(note="TYP-02")


def _from_parts(match: re.Match[str]) -> Parsed[DateValue]:
    clock = read_clock(match) if "hour" in match.groupdict() else time()
    short = len(match["year"]) == 2
    year = int(match["year"]) + (2000 if short else 0)
    value = clock is not None and _make(year, int(match["month"]), int(match["day"]), clock)
    if not value:
        return Parsed(note="TYP-02")
    if short:
        return _unsure(value, "的年份只有两位")
    half_only = "half" in match.groupdict() and names_half_only(match)
    return _unsure(value, "没有写几点") if half_only else _fixed(value)


def _month_first(match: re.Match[str]) -> Parsed[DateValue]:
    first, second, year = int(match["first"]), int(match["second_part"]), int(match["year"])
    clock = read_clock(match)
    if clock is None:
        return Parsed(note="TYP-02")
    month_first, day_first = _make(year, first, second, clock), _make(year, second, first, clock)
    if month_first and day_first and month_first != day_first:
        return _unsure(month_first, "分不清月和日")
    either = month_first or day_first
    return _fixed(either) if either else Parsed(note="TYP-02")


def _month_only(match: re.Match[str]) -> Parsed[DateValue]:
    year, month = int(match["year"]), int(match["month"])
    if year not in _YEARS or not 1 <= month <= 12:
        return Parsed(note="TYP-02")
    last = datetime(year, month, monthrange(year, month)[1])  # noqa: DTZ001
    return _unsure(last, "没有写哪一天")


def _make(year: int, month: int, day: int, clock: time) -> datetime | None:
    if year not in _YEARS or not 1 <= month <= 12 or not 1 <= day <= monthrange(year, month)[1]:
        return None
    return datetime.combine(date(year, month, day), clock)
