"""Live formulas over columns of cells, and what Excel would make of them.

A formula is only written when Excel's result on the cells as they stand is the figure Python
found on the cleaned data; where it is not (stray spaces, dates as text, amounts in words), the
value is written instead. `COUNTIFS` semantics: text compares without case, never with numbers;
`*`, `?` and `~` are wildcards unless escaped; a text date is no date. Names that `COUNTIFS` would
misread (`=1+1`, `123`, `>5`) are compared inside `SUMPRODUCT`, where `=` knows no wildcards.
"""

import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import reduce
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from sheetcrm.book.limits import TEXT_CONSTANT_LIMIT
from sheetcrm.book.write_formula import serial
from sheetcrm.table import Coded
from sheetcrm.values.parsed import coded_cells
from sheetcrm.values.text import ERROR_VALUES

Mask: TypeAlias = npt.NDArray[np.bool_]
Operator: TypeAlias = Literal["=", "<", ">", "<=", ">=", "filled", "blank"]

# A live result may differ from Python's by the order of the additions, no more: at 1e-9 a row of
# 0.8元 would not be missed beside 10亿.
TOLERANCE = 1e-12
# Criteria text COUNTIFS takes for a number, date, percentage, truth value or operator.
_MISREAD = re.compile(r"[-+=<>@(.]|[\d０-９]|[￥¥$]|true$|false$|#", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """One column of cells: its absolute reference and what stands in it.

    `codes` numbers the texts of text cells by `words`, in lower case (-1 elsewhere); `number` holds
    the numbers and date serials (NaN elsewhere); `blank` says which cells are empty and `errors`
    which hold an error value, neither text nor number. With `mixed`
    it has truth values, or texts that look like numbers: engines differ in how such cells compare
    with a number.
    `factor` turns its numbers into the kit's unit. `dirty` counts cells that Excel does not read
    as the cleaning did.
    """

    address: str
    words: Mapping[str, int] = field(repr=False)
    codes: npt.NDArray[np.int64] = field(repr=False)
    number: npt.NDArray[np.float64] = field(repr=False)
    blank: Mask = field(repr=False)
    errors: Mask = field(repr=False)
    mixed: bool = False
    factor: float = 1.0
    dirty: int = 0


@dataclass(frozen=True)
class Test:
    """One condition on a column.

    `cell` is the address that holds `value` (a name beside the figure, the 截止日期 cell); without
    it the value is written into the formula.
    """

    __test__ = False  # a condition, not a test class for pytest to collect

    key: str
    op: Operator = "="
    value: str | float = ""
    cell: str = ""


@dataclass(frozen=True)
class Live:
    """A formula (without `=`), the value Excel gives it, and how many cells stand in its way."""

    formula: str
    value: float
    dirty: int = 0


Columns: TypeAlias = Mapping[str, Span]


class SpansOf(Mapping[str, Span]):
    """Columns by key, taken in when a formula asks for one: most are never counted over."""

    def __init__(self, makers: Mapping[str, Callable[[], Span]]) -> None:
        self._makers = makers
        self._made: dict[str, Span] = {}

    def __getitem__(self, key: str) -> Span:
        if key not in self._made:
            self._made[key] = self._makers[key]()
        return self._made[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._makers)

    def __len__(self) -> int:
        return len(self._makers)


def span(address: str, cells: Iterable[Any] | Coded, factor: float = 1.0, dirty: int = 0) -> Span:
    """Take in a column of raw cells, by its distinct ones where they are known."""
    column = cells if isinstance(cells, Coded) else coded_cells(cells)
    values = column.values.tolist()
    words: dict[str, int] = {}
    errors = np.array([v in ERROR_VALUES for v in values], dtype=np.bool_)
    texts = (
        v.lower() if isinstance(v, str) and v and not error else None
        for v, error in zip(values, errors, strict=True)
    )
    words_of = np.array(
        [-1 if text is None else words.setdefault(text, len(words)) for text in texts],
        dtype=np.int64,
    )
    number = np.array([_number(v) for v in values], dtype=np.float64)
    mixed = any(_MISREAD.match(word) for word in words) or any(isinstance(v, bool) for v in values)
    codes = column.codes
    cells_of = (words_of[codes], number[codes], codes == 0, errors[codes])
    return Span(address, words, *cells_of, mixed, factor, dirty)


def count(columns: Columns, tests: Sequence[Test]) -> Live | None:
    """Return a count of the rows that meet all tests.

    None where a column is missing, or mixed in a way that engines do not agree on.
    """
    spans = _spans(columns, tests)
    if not spans:
        return None
    if any(_awkward(t) for t in tests):
        factors = _factors(spans, tests)
        if factors is None:
            return None
        formula = f"SUMPRODUCT({'*'.join(factors)}{'*1' if len(factors) == 1 else ''})"
    else:
        formula = f"COUNTIFS({_pairs(spans, tests)})"
    return Live(formula, float(_mask(spans, tests).sum()), _dirty(spans))


def total(columns: Columns, key: str, tests: Sequence[Test]) -> Live | None:
    """Return the sum of a column over the rows that meet all tests, in the kit's unit."""
    amount, spans = columns.get(key), _spans(columns, tests)
    if amount is None or not spans:
        return None
    mask = _mask(spans, tests)
    if amount.errors[mask].any():
        return None  # an error value in the column would be the sum
    if any(_awkward(t) for t in tests):
        factors = _factors(spans, tests)
        if factors is None or amount.words or amount.errors.any():
            return None
        # As an argument of its own: a text typed there later counts as nothing, no #VALUE!.
        only = "*1" if len(factors) == 1 else ""
        formula = f"SUMPRODUCT({'*'.join(factors)}{only},{amount.address})"
    else:
        formula = f"SUMIFS({amount.address},{_pairs(spans, tests)})"
    if amount.factor != 1:
        formula += f"*{amount.factor:.15g}"
    value = float(np.nansum(amount.number[mask])) * amount.factor
    return Live(formula, value, _dirty([*spans, amount]))


def plus(parts: Iterable[Live | None]) -> Live | None:
    """Add formulas up; None where one of them is missing or there are none."""
    found = list(parts)
    whole = [part for part in found if part is not None]
    if not whole or len(whole) < len(found):
        return None
    return reduce(
        lambda a, b: Live(f"{a.formula}+{b.formula}", a.value + b.value, max(a.dirty, b.dirty)),
        whole,
    )


def agrees(live: Live | None, figure: float) -> bool:
    """Say whether Excel's result is the figure, so that the formula may be written."""
    return live is not None and math.isclose(
        live.value, figure, rel_tol=TOLERANCE, abs_tol=TOLERANCE
    )


def quoted_text(text: str) -> str:
    """Return a text constant as formulas need it."""
    return '"' + text.replace('"', '""') + '"'


def _number(value: object) -> float:
    if isinstance(value, bool):
        return math.nan
    if isinstance(value, (int, float)):
        return float(value)
    if isinstance(value, date) and value == value:
        return serial(value)
    return math.nan


def _spans(columns: Columns, tests: Sequence[Test]) -> list[Span]:
    found = [columns.get(test.key) for test in tests]
    pairs = zip(found, tests, strict=True)
    present = [s for s, test in pairs if s is not None and not (s.mixed and _numeric(test))]
    return present if len(present) == len(found) else []


def _numeric(test: Test) -> bool:
    return test.op not in ("filled", "blank") and not isinstance(test.value, str)


def _dirty(spans: Iterable[Span]) -> int:
    return sum({s.address: s.dirty for s in spans}.values())


def _mask(spans: Sequence[Span], tests: Sequence[Test]) -> Mask:
    masks = (_holds(s, t) for s, t in zip(spans, tests, strict=True))
    return reduce(np.logical_and, masks, np.ones(len(spans[0].codes), dtype=np.bool_))


def _holds(column: Span, test: Test) -> Mask:
    if test.op == "filled":
        return np.asarray(column.codes >= 0, dtype=np.bool_)
    if test.op == "blank":
        return column.blank
    if isinstance(test.value, str):
        # -2 is no cell's code.
        code = column.words.get(test.value.lower(), -2)
        return np.asarray(column.codes == code, dtype=np.bool_)
    compare = {
        "=": np.equal,
        "<": np.less,
        ">": np.greater,
        "<=": np.less_equal,
        ">=": np.greater_equal,
    }[test.op]
    return np.asarray(compare(column.number, test.value), dtype=np.bool_)


def _awkward(test: Test) -> bool:
    """Say whether COUNTIFS would misread the test's text."""
    if test.op == "blank":
        return True
    if test.op == "filled" or not isinstance(test.value, str):
        return False
    long = len(test.value) * 2 > TEXT_CONSTANT_LIMIT
    return long or not test.value or _MISREAD.match(test.value) is not None


def _pairs(spans: Sequence[Span], tests: Sequence[Test]) -> str:
    pairs = zip(spans, tests, strict=True)
    return ",".join(f"{column.address},{_criterion(test)}" for column, test in pairs)


def _criterion(test: Test) -> str:
    if test.op == "filled":
        return '"?*"'
    if isinstance(test.value, str):
        escaped = re.sub(r"([~*?])", r"~\1", test.value)
        return test.cell if test.cell and escaped == test.value else quoted_text(escaped)
    sign = "" if test.op == "=" else test.op
    if test.cell:
        return f'"{sign}"&{test.cell}' if sign else test.cell
    return f'"{sign}{test.value:.15g}"' if sign else f"{test.value:.15g}"


def _factors(spans: Sequence[Span], tests: Sequence[Test]) -> list[str] | None:
    if any(column.errors.any() for column in spans):
        return None  # unlike COUNTIFS, a product is an error where one of its cells is
    factors = []
    for column, test in zip(spans, tests, strict=True):
        if test.op == "filled":
            factors.append(f'({column.address}<>"")')
        elif test.op == "blank":
            factors.append(f'({column.address}="")')
        elif isinstance(test.value, str):
            if not test.cell and len(test.value) > TEXT_CONSTANT_LIMIT:
                return None
            factors.append(f"({column.address}={test.cell or quoted_text(test.value)})")
        else:
            return None  # in a product, text would count as greater than any number
    return factors
