"""Single texts and numbers as Excel sees them: which number a text is, how a number is written."""

import math
import re
from datetime import datetime
from decimal import ROUND_DOWN, Context, Decimal
from functools import lru_cache
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]

# Excel keeps 15 significant digits; the longest text a criterion may be.
DIGITS = 15
CRITERION_LIMIT = 255

_KEPT = Context(prec=DIGITS, rounding=ROUND_DOWN)
_NUMBER = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d*)?(?:[eE][+-]?\d+)?%?")
_TIME = r"(?:\s+(\d{1,2}):(\d{2})(?::(\d{2}))?)?"
_DATES = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})\2(\d{1,2})" + _TIME),
    re.compile(r"(\d{4})(年)(\d{1,2})月(\d{1,2})日" + _TIME),
)
_EPOCH = datetime.fromisoformat("1899-12-30")
# Between these, `&` writes a number without an exponent; between the others, Python does too.
_LARGEST_WHOLE, _SMALLEST_PLAIN = 1e21, 1e-5
_PLAIN_WHOLE, _PLAIN_FRACTION = 1e15, 1e-4
_POWERS = 290


def text_number(text: str) -> float | None:
    """Return the number Excel (zh-CN) takes a text for, dates as serial numbers; None if none."""
    first = text[:1]
    if not (first.isdecimal() or first in "+-. ") or not (bare := text.strip(" ")):
        return None
    try:
        number = float(bare) if "_" not in bare and not bare[0].isalpha() else math.nan
    except ValueError:
        return _written_number(bare)
    if not math.isfinite(number):
        return None
    return number if len(bare) <= DIGITS else _cut(bare)


def _written_number(bare: str) -> float | None:
    """Read what has thousands separators or a percent sign, or is a date."""
    if not (bare[-1].isdecimal() or bare[-1] in "%.日"):
        return None
    if _NUMBER.fullmatch(bare) and any(c.isdecimal() for c in bare):
        plain = bare.replace(",", "")
        number = _cut(plain.removesuffix("%"))
        return number / 100 if plain.endswith("%") else number
    match = next((m for p in _DATES if (m := p.fullmatch(bare))), None)
    return _moment(match) if match else None


def _cut(figures: str) -> float:
    """Return a number of which Excel keeps 15 digits: those after become zeros, not rounded."""
    return float(_KEPT.create_decimal(figures))


def _moment(match: re.Match[str]) -> float | None:
    year, _, *rest = match.groups()
    try:
        moment = datetime(int(year), *(int(part or 0) for part in rest))  # type: ignore[arg-type] # noqa: DTZ001
    except ValueError:
        return None
    return (moment - _EPOCH).total_seconds() / 86_400 if moment.year >= 1900 else None


def rounded(numbers: Array) -> Array:
    """Return numbers rounded to the 15 digits Excel keeps."""
    size = np.abs(numbers)
    power = np.floor(np.log10(np.where(size > 0, size, 1.0)))
    scale = 10.0 ** np.clip(DIGITS - 1 - power, -_POWERS, _POWERS)
    made: Array = np.rint(numbers * scale) / scale
    return made


def number_text(number: float) -> str:
    """Return a number as `&` writes it."""
    if number.is_integer() and abs(number) < _PLAIN_WHOLE:
        return str(int(number))
    if _PLAIN_FRACTION <= abs(number) < _PLAIN_WHOLE:
        return f"{number:.{DIGITS}g}"
    if not _SMALLEST_PLAIN <= abs(number) < _LARGEST_WHOLE:
        mantissa, _, exponent = f"{number:.{DIGITS - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.')}E{exponent}"
    shown = f"{Decimal(f'{number:.{DIGITS}g}'):f}"
    return shown.rstrip("0").rstrip(".") if "." in shown else shown


def length(text: str) -> int:
    """Return a text's length as Excel counts it, in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


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
    return "*" in text or "?" in text or "~" in text


def starting_with(pattern: str) -> str | None:
    """Return the start that `明禾*` asks for; None where a pattern is of another form."""
    start = pattern.removesuffix("*")
    return start if start != pattern and not has_wildcard(start) else None


def half_up(numbers: Array) -> Array:
    """Round positive numbers to whole ones, halves up."""
    made: Array = np.floor(numbers + 0.5)
    return made
