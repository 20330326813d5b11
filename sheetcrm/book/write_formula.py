"""Formulas on their way into a file: only what Excel 2010+, WPS and LibreOffice all understand."""

import math
import re
from collections.abc import Iterator
from datetime import date, datetime
from functools import lru_cache

from sheetcrm.book.formula_text import in_row_one
from sheetcrm.book.limits import FORMULA_LIMIT, TEXT_CONSTANT_LIMIT

# The common subset: no dynamic arrays, nothing that needs an `_xlfn.` prefix, no OFFSET/INDIRECT.
ALLOWED_FUNCTIONS = frozenset(
    re.findall(
        r"[A-Z]+",
        """
    ABS AND AVERAGE AVERAGEIF AVERAGEIFS CEILING CHOOSE COLUMN COLUMNS CONCATENATE COUNT COUNTA
    COUNTBLANK COUNTIF COUNTIFS DATE DATEDIF DATEVALUE DAY EDATE EOMONTH EXACT FALSE FIND FLOOR
    HOUR HYPERLINK IF IFERROR INDEX INT ISBLANK ISERR ISERROR ISNA ISNUMBER ISTEXT LARGE LEFT LEN
    LOOKUP LOWER MATCH MAX MEDIAN MID MIN MINUTE MOD MONTH N NA NETWORKDAYS NOT OR RANK REPLACE
    REPT RIGHT ROUND ROUNDDOWN ROUNDUP ROW ROWS SEARCH SMALL SUBSTITUTE SUBTOTAL SUM SUMIF SUMIFS
    SUMPRODUCT T TEXT TODAY TRIM TRUE UPPER VALUE VLOOKUP WEEKDAY WEEKNUM WORKDAY YEAR
        """,
    )
)

_PIECES = re.compile(r"\"(?:[^\"]|\"\")*\"|'(?:[^']|'')*'")
_FUNCTION = re.compile(r"([A-Za-z_\u4e00-\u9fff][\w.\u4e00-\u9fff]*)\(")
_FORBIDDEN = (
    (re.compile(r"^$"), "an empty formula"),
    (re.compile("[，（）；：“”‘’＝＋－＜＞＆＊／]"), "full-width punctuation"),
    (re.compile(r"[;{}]"), "an array constant or a foreign separator"),
    (re.compile(r"\["), "a structured reference or another workbook"),
    (re.compile("[\x00-\x1f]"), "a control character"),
)
_EPOCH = datetime.fromisoformat("1899-12-30")
_DAY_SECONDS = 86_400

Cached = str | float | bool | date


class BlankText(str):
    """An empty text result.

    XlsxWriter writes a cached `""` as an untyped number without digits, which strict readers
    refuse; not being equal to `""` makes it a typed empty text.
    """

    __slots__ = ()

    def __eq__(self, other: object) -> bool:
        return False

    def __hash__(self) -> int:
        return 0


def checked_formula(text: str, limit: int = FORMULA_LIMIT) -> str:
    """Return the formula with one leading `=`, or refuse it.

    Raises:
        ValueError: It is too long, unbalanced, has full-width punctuation, an array constant, a
            structured reference, or a function outside `ALLOWED_FUNCTIONS`.
    """
    body = text.removeprefix("=").strip()
    problems = _problems(in_row_one(body))
    if len(body) > limit:
        problems = (*problems, f"longer than {limit} characters")
    if problems:
        raise ValueError(f"{problems[0]}: ={body}")
    return "=" + body


def cached_value(value: Cached) -> str | float | bool:
    """Return the cached result as XlsxWriter takes it; dates become serial numbers.

    Raises:
        ValueError: The number is not finite.
    """
    if isinstance(value, str):
        return value or BlankText()
    if isinstance(value, date):
        return serial(value)
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"a formula cannot have the cached value {value}")
    return value


def serial(day: date) -> float:
    """Return Excel's serial number of a date or datetime (1900 system, days since 1899-12-30)."""
    if not isinstance(day, datetime):
        return float(day.toordinal() - _EPOCH.toordinal())
    return (day.replace(tzinfo=None) - _EPOCH).total_seconds() / _DAY_SECONDS


def _blanked(match: re.Match[str]) -> str:
    quote = match.group()[0]
    return quote * 2


@lru_cache(maxsize=1024)
def _problems(body: str) -> tuple[str, ...]:
    return tuple(_found_in(body))


def _found_in(body: str) -> Iterator[str]:
    bare = _PIECES.sub(_blanked, body)
    yield from (problem for pattern, problem in _FORBIDDEN if pattern.search(bare))
    if bare.count("(") != bare.count(")") or bare.count('"') % 2:
        yield "unbalanced brackets or quotes"
    for piece in _PIECES.findall(body):
        if piece.startswith('"') and len(piece) > TEXT_CONSTANT_LIMIT + 2:
            yield f"a text constant longer than {TEXT_CONSTANT_LIMIT} characters"
    for name in set(_FUNCTION.findall(bare)) - ALLOWED_FUNCTIONS:
        yield f"{name} is no English function name of the common subset"
