"""TEXT's number formats: those that mean the same in every language of Excel."""

import re
from decimal import Decimal

import numpy as np

from sheetcrm.rules.calendar import LAST_SERIAL, year_month_day
from sheetcrm.rules.syntax import FormulaError
from sheetcrm.rules.texts import DIGITS, half_up, number_text, rounded

_NUMBER = re.compile(r"(#,##)?(0+|#)(?:\.(0+))?(%?)")
_DATE_PARTS = re.compile(r"yyyy|yy|mm|m|dd|d", re.I)
_DATE = re.compile(r"(?:yyyy|yy|mm|m|dd|d|[-/. 年月日]|\"[^\"]*\")+", re.I)
_GENERAL = frozenset({"@", "general", "g/通用格式"})


def formatted(number: float, shape: str) -> str | None:
    """Return a number in a format; None where it has none (a date before 1900).

    Raises:
        FormulaError: The format is not one of `0 0.00 #,##0 0% yyyy-mm-dd 年月日`.
    """
    if shape.lower() in _GENERAL:
        return number_text(number)
    if match := _NUMBER.fullmatch(shape):
        return _figures(number, match)
    if _DATE.fullmatch(shape):
        return _date(number, shape)
    raise FormulaError(f"TEXT的格式“{shape}”各软件结果不一，可用：0、0.00、#,##0、0%、yyyy-mm-dd")


def _figures(number: float, match: re.Match[str]) -> str:
    comma, whole, decimals, percent = match.groups()
    places = len(decimals or "")
    scaled = rounded(np.array([abs(number) * 10.0 ** (places + (2 if percent else 0))]))
    figures = Decimal(f"{half_up(scaled)[0]:.{DIGITS}g}").scaleb(-places)
    shown = f"{figures:{',' if comma else ''}.{places}f}"
    integer, point, fraction = shown.partition(".")
    least = len(whole) if whole != "#" else 0
    integer = integer.zfill(least) if least > 1 else integer
    integer = "" if whole == "#" and integer == "0" else integer
    return f"{'-' if number < 0 and figures else ''}{integer}{point}{fraction}{percent}"


def _date(number: float, shape: str) -> str | None:
    if not 0 <= number < LAST_SERIAL + 1:
        return None
    year, month, day = (int(part[0]) for part in year_month_day(np.array([number])))
    parts = {
        "yyyy": f"{year:04d}",
        "yy": f"{year % 100:02d}",
        "mm": f"{month:02d}",
        "m": str(month),
        "dd": f"{day:02d}",
        "d": str(day),
    }
    return _DATE_PARTS.sub(lambda found: parts[found[0].lower()], shape).replace('"', "")
