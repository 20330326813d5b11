"""Dates as programs export them: ISO 8601 with T and zone, English months, month or day first.

One column is written one way, so a column settles what one cell leaves open (1/2/2024).
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta, timezone

import numpy as np
import pandas as pd

from sheetcrm.table import Cell

DATE_TYPES = frozenset(("date", "datetime"))
# The product's users work by this clock; exports in another zone are turned into it.
_BEIJING = timezone(timedelta(hours=8))
_ISO = re.compile(
    r"(?P<day>\d{4}-\d{1,2}-\d{1,2})[T ](?P<clock>\d{1,2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?"
    r" ?(?P<zone>Z|UTC|GMT|[+-]\d{2}:?\d{2})?"
)
_SLASHED = re.compile(
    r"(?P<first>\d{1,2})[/.-](?P<second>\d{1,2})[/.-](?P<year>\d{4})"
    r"(?:[ ,T]+(?P<clock>\d{1,2}:\d{2}(?::\d{2})?) ?(?P<half>[AaPp][Mm])?)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_MONTH = r"(?P<month>jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec)[a-z]*\.?"
_CLOCK = r"(?:[ ,]+(?:at )?(?P<clock>\d{1,2}:\d{2}(?::\d{2})?) ?(?P<half>[ap]m)?)?"
_WEEKDAY = r"(?:(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\.?,? +)?"
_ENGLISH = tuple(
    re.compile(_WEEKDAY + form + _CLOCK, re.IGNORECASE)
    for form in (
        rf"{_MONTH} +(?P<day>\d{{1,2}})(?:st|nd|rd|th)?,? +(?P<year>\d{{4}})",
        rf"(?P<day>\d{{1,2}})(?:st|nd|rd|th)?[ -]+{_MONTH}[ ,-]+(?P<year>\d{{4}}|\d{{2}})",
    )
)


def exported_dates(cells: pd.Series) -> tuple[pd.Series, tuple[str, ...]]:
    """Turn the notations of programs into dates; leave what people write for cleaning.

    Returns:
        The cells, and in Chinese what was assumed of the whole column.
    """
    codes, distinct = pd.factorize(cells.to_numpy(dtype=object), use_na_sentinel=True)
    texts = [(i, cell.strip()) for i, cell in enumerate(distinct) if isinstance(cell, str)]
    day_first, assumed = _order([text for _, text in texts])
    right = np.empty(len(distinct) + 1, dtype=object)
    right[:-1], right[-1] = distinct, None
    zoned = 0
    for i, text in texts:
        read, moved = _read(text, day_first=day_first)
        zoned += moved
        if read is not None:
            right[i] = read
    if zoned:
        assumed = (*assumed, "带时区的时间换算成北京时间")
    return pd.Series(right[codes], index=cells.index, dtype=object), assumed


def as_dates(cells: Sequence[Cell]) -> list[Cell]:
    """Return cells of one column with the notations of programs as dates, the others as they are.

    What an import can read and what it takes for a column of dates must be the same.
    """
    day_first, _ = _order([cell.strip() for cell in cells if isinstance(cell, str)])
    return [
        (_read(cell.strip(), day_first=day_first)[0] or cell) if isinstance(cell, str) else cell
        for cell in cells
    ]


def _order(texts: Sequence[str]) -> tuple[bool | None, tuple[str, ...]]:
    """Say whether 1/2/2024 has its day first in this column; None where nothing tells."""
    found = [m for text in texts if (m := _SLASHED.fullmatch(text))]
    day_first = any(int(m["first"]) > 12 for m in found)
    month_first = any(int(m["second"]) > 12 for m in found)
    if day_first and month_first:
        return None, ("日期里“日/月/年”和“月/日/年”两种写法混着用，分不清的已标出",)
    if day_first:
        return True, ("日期按“日/月/年”读取",)
    if month_first:
        return False, ("日期按“月/日/年”读取",)
    return None, ()


def _read(text: str, *, day_first: bool | None) -> tuple[Cell, bool]:
    """Return the date, and whether it was moved from another time zone."""
    if match := _ISO.fullmatch(text):
        return _iso(match)
    if match := _SLASHED.fullmatch(text):
        first, second = int(match["first"]), int(match["second"])
        plain = match["clock"] is None and first != second
        if day_first is None and min(first, second) <= 12 and max(first, second) <= 12 and plain:
            return None, False
        turned = day_first if day_first is not None else first > 12
        day, month = (first, second) if turned else (second, first)
        return _made(int(match["year"]), month, day, match), False
    for form in _ENGLISH:
        if match := form.fullmatch(text):
            month = _MONTHS.index(match["month"][:3].casefold()) + 1
            year = int(match["year"]) + (2000 if len(match["year"]) == 2 else 0)
            return _made(year, month, int(match["day"]), match), False
    return None, False


def _iso(match: re.Match[str]) -> tuple[Cell, bool]:
    zone = match["zone"]
    clock = match["clock"] if match["clock"].count(":") == 2 else f"{match['clock']}:00"
    try:
        when = datetime.strptime(f"{match['day']} {clock}", "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None, False
    if not zone:
        return when, False
    offset = "+0000" if zone in ("Z", "UTC", "GMT") else zone.replace(":", "")
    try:  # programs write "no date" as the first or last day there is, which no clock can move
        known = datetime.strptime(f"{when.isoformat()} {offset}", "%Y-%m-%dT%H:%M:%S %z")
        return known.astimezone(_BEIJING).replace(tzinfo=None), offset != "+0800"
    except (ValueError, OverflowError):
        return None, False


def _made(year: int, month: int, day: int, match: re.Match[str]) -> Cell:
    hour, minute, second = map(int, f"{match['clock'] or '0:0'}:0".split(":")[:3])
    half = (match["half"] or "").casefold()
    if half:
        hour = hour % 12 + (12 if half == "pm" else 0)
    try:
        return datetime(year, month, day, hour, minute, second)  # noqa: DTZ001
    except ValueError:
        return None
