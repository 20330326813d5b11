"""The time of day as it is written behind a date: 14:30, 下午3点半, 9:05 pm, 上午."""

import re
from datetime import time

_HALVES = "凌晨|清晨|早上|早晨|早|上午|中午|午后|下午|傍晚|晚上|晚间|晚|夜里|am|pm"
# Matches nothing, a half of the day, or a time; the groups are for `read_clock`.
CLOCK = (
    rf"(?:[T ]*(?P<half>{_HALVES})?(?: *(?P<hour>\d{{1,2}}) *[:时点] *"
    r"(?:(?P<part>半|[13]刻)|(?P<minute>\d{1,2})"
    r"(?:[:分] *(?:(?P<second>\d{1,2})(?:\.\d+)?)?秒?)?)?"
    r"(?:整|钟)?(?: *(?P<tail>am|pm))?)?)"
)
_AFTERNOON = frozenset(("午后", "下午", "傍晚", "晚上", "晚间", "晚", "夜里", "pm"))
_NIGHT = frozenset(("傍晚", "晚上", "晚间", "晚", "夜里"))
_MORNING = frozenset(("凌晨", "am"))
_PARTS = {"半": 30, "1刻": 15, "3刻": 45}
_NOON = 12


def read_clock(match: re.Match[str]) -> time | None:
    """Return the time of day a match of `CLOCK` has, midnight where it names no hour.

    None where there is no such time. 晚上12点 is none: it could be the midnight of either day.
    """
    groups = match.groupdict()
    if not groups["hour"]:
        return time()
    hour = int(groups["hour"])
    half = (groups["half"] or groups["tail"] or "").lower()
    if hour == _NOON and half in _NIGHT:
        return None
    if half in _AFTERNOON and hour < _NOON:
        hour += _NOON
    elif half in _MORNING and hour == _NOON:
        hour = 0
    minute = _PARTS[groups["part"]] if groups["part"] else int(groups["minute"] or 0)
    second = int(groups["second"] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    return time(hour, minute, second)


def names_half_only(match: re.Match[str]) -> bool:
    """Say whether a match of `CLOCK` names a half of the day without an hour (明天上午)."""
    return bool(match["half"]) and not match["hour"]
