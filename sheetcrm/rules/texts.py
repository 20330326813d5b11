"""Single texts and numbers as Excel sees them: which number a text is, how a number is written."""

import math
import re
from datetime import datetime
from decimal import Decimal
from functools import lru_cache

# Excel keeps 15 significant digits; the longest text a criterion may be.
DIGITS = 15
CRITERION_LIMIT = 255

_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?%?")
_TIME = r"(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
_DATES = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME),
    re.compile(r"(\d{4})(年)(\d{1,2})月(\d{1,2})日" + _TIME),
)
_EPOCH = datetime.fromisoformat("1899-12-30")
_LARGEST_WHOLE, _SMALLEST_PLAIN = 1e21, 1e-5


@lru_cache(maxsize=200_000)
def text_number(text: str) -> float | None:
    """Return the number Excel (zh-CN) takes a text for, dates as serial numbers; None if none."""
    bare = text.strip(" ")
    if not bare or not (bare[0] in "+-." or bare[0].isdecimal()):
        return None
    if _NUMBER.fullmatch(bare) and any(c.isdecimal() for c in bare):
        plain = bare.replace(",", "")
        number = float(plain.removesuffix("%")) / (100 if plain.endswith("%") else 1)
        return number if math.isfinite(number) else None
    match = next((m for p in _DATES if (m := p.fullmatch(bare))), None)
    return _moment(match) if match else None


def _moment(match: re.Match[str]) -> float | None:
    year, _, *rest = match.groups()
    try:
        moment = datetime(int(year), *(int(part or 0) for part in rest))  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds() / 86_400 if moment.year >= 1900 else None


def rounded(number: float) -> float:
    """Return a number with the 15 digits Excel keeps."""
    return float(f"{number:.{DIGITS}g}")


def number_text(number: float) -> str:
    """Return a number as `&` writes it."""
    number = rounded(number)
    if not number:
        return "0"
    if not _SMALLEST_PLAIN <= abs(number) < _LARGEST_WHOLE:
        mantissa, _, exponent = f"{number:.{DIGITS - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    shown = f"{Decimal(repr(number)):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def length(text: str) -> int:
    """Return a text's length as Excel counts it, in UTF-16 units."""
    return len(text) + sum(c > "\uffff" for c in text)


def part(text: str, start: int, count: int) -> str:
    """Return `count` UTF-16 units of a text from `start` (counted from 0)."""
    if text.isascii() or len(text) == length(text):
        return text[start : start + count]
    units = text.encode("utf-16-le", "surrogatepass")[2 * start : 2 * (start + count)]
    return units.decode("utf-16-le", "replace")


@lru_cache(maxsize=100_000)
def wildcard(pattern: str) -> re.Pattern[str]:
    """Return the regular expression of a text with `*` and `?`; `~` takes their force away."""
    parts: list[str] = []
    letters = iter(pattern)
    for letter in letters:
        if letter == "~":
            parts.append(re.escape(next(letters, "~")))
        else:
            parts.append({"*": ".*", "?": "."}.get(letter, re.escape(letter)))
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def has_wildcard(text: str) -> bool:
    """Say whether a text used as a criterion means more than itself."""
    return any(c in text for c in "*?~")


def starting_with(pattern: str) -> str | None:
    """Return the start that `明禾*` asks for; None where a pattern is of another form."""
    start = pattern.removesuffix("*")
    return start if start != pattern and not has_wildcard(start) else None


def round_half_up(number: float, digits: int) -> float:
    """Round as Excel does: halves away from zero, by the 15 digits it keeps."""
    scale = 10.0**digits
    return math.copysign(math.floor(rounded(abs(number) * scale) + 0.5) / scale, number)
