"""Columns of Excel values: kind, number and text of every cell, texts stored once each."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd

from sheetcrm.rules.syntax import ERRORS, FormulaError
from sheetcrm.rules.texts import Array as Array
from sheetcrm.rules.texts import length, text_number

EMPTY, NUMBER, TEXT, LOGICAL, ERROR = range(5)
DIV0, VALUE, REF, NAME, NUM, NA = range(2, 8)

# one: a single value; rows: one value a row of the table; list: a whole column taken as a range.
Axis = Literal["one", "rows", "list"]
_EPOCH = np.datetime64("1899-12-30T00:00:00", "us")
_DAY = np.timedelta64(86_400_000_000, "us")


class MixedAxesError(Exception):
    """A row's own cell meets a whole column: to be calculated row by row, each case once."""


class Words:
    """The distinct texts of a vector, and what is known of each of them, worked out once."""

    def __init__(self, texts: Array) -> None:
        self.texts = texts

    @cached_property
    def folded(self) -> Array:
        """Texts as comparisons see them: without regard to case, width kept."""
        return _objects([text.lower() for text in self.texts])

    @cached_property
    def numbers(self) -> Array:
        """The numbers texts stand for, NaN for those that are none."""
        found = [text_number(text) for text in self.texts]
        return np.array([np.nan if n is None else n for n in found], dtype=float)

    @cached_property
    def lengths(self) -> Array:
        """Lengths as Excel counts them."""
        count = length if max("".join(self.texts), default="") > "\uffff" else len
        return np.array([count(text) for text in self.texts], dtype=float)

    @cached_property
    def blank(self) -> Array:
        """Which texts are empty ones."""
        return np.array([text == "" for text in self.texts], dtype=bool)


NO_WORDS = Words(np.array([""], dtype=object))


@dataclass(frozen=True, eq=False)
class Vector:
    """Values of one expression.

    `kind` is uint8 (EMPTY to ERROR); `number` float64 holds numbers, 0/1 for logicals, the error's
    place in ERRORS; `code` int32 points into `words`. `cells` says that the values are cells of
    the sheet and not results: aggregates skip what is text in a cell.
    """

    kind: Array
    number: Array
    code: Array
    words: Words = NO_WORDS
    axis: Axis = "one"
    cells: bool = False

    @property
    def size(self) -> int:
        """How many values."""
        return len(self.kind)

    def has(self, kind: int) -> bool:
        """Say whether any value is of that kind."""
        return bool((self.kind == kind).any())

    @cached_property
    def errors(self) -> Array:
        """The error codes, 0 where there is none (uint8)."""
        return np.where(self.kind == ERROR, self.number, 0).astype(np.uint8)

    @cached_property
    def figures(self) -> Array:
        """Numbers and logicals as numbers, 0 for all else."""
        return np.where((self.kind == NUMBER) | (self.kind == LOGICAL), self.number, 0.0)

    @cached_property
    def identity(self) -> Array:
        """A number for each value, the same for exactly the same value (int64)."""
        words = pd.factorize(self.words.texts)[0]
        numbers = pd.factorize(self.number)[0]
        part = np.where(self.kind == TEXT, words[self.code], numbers)
        return np.where(self.kind == EMPTY, 0, part * 5 + self.kind).astype(np.int64)

    @cached_property
    def distinct(self) -> tuple[Array, Array]:
        """Where each distinct value stands first, and for each value which of them it is."""
        _, first, place = np.unique(self.identity, return_index=True, return_inverse=True)
        return first, place

    def as_list(self) -> "Vector":
        """Return the same values as a range."""
        return replace(self, axis="list", cells=True)

    def take(self, at: Array, axis: Axis) -> "Vector":
        """Return the values at those places."""
        return Vector(self.kind[at], self.number[at], self.code[at], self.words, axis, self.cells)

    def values(self) -> list[object]:
        """Return None, float, str, bool or an error's text (`#N/A`) for each value."""
        return [self._value(i) for i in range(self.size)]

    def _value(self, i: int) -> object:
        kind = int(self.kind[i])
        if kind == EMPTY:
            return None
        if kind == TEXT:
            return str(self.words.texts[self.code[i]])
        number = float(self.number[i])
        if kind == ERROR:
            return ERRORS[int(number)]
        return bool(number) if kind == LOGICAL else number


def numeric(numbers: Array, errors: Array | None = None, axis: Axis = "one") -> Vector:
    """Make a vector of numbers; `errors` are the codes of the values that failed."""
    return _assemble(NUMBER, numbers, errors, axis)


def logical(truths: Array, errors: Array | None = None, axis: Axis = "one") -> Vector:
    """Make a vector of TRUE and FALSE."""
    return _assemble(LOGICAL, truths.astype(float), errors, axis)


def textual(code: Array, words: Words, errors: Array | None = None, axis: Axis = "one") -> Vector:
    """Make a vector of texts from their codes."""
    made = _assemble(TEXT, np.zeros(len(code)), errors, axis)
    return replace(made, code=code.astype(np.int32), words=words)


def error(code: int) -> Vector:
    """Make a single error value."""
    return numeric(np.zeros(1), np.array([code], dtype=np.uint8))


def single(value: object) -> Vector:
    """Make a vector of one value written in a formula; None is an argument left out."""
    return replace(from_values([value], "one"), cells=False)


def from_texts(texts: Sequence[str]) -> Vector:
    """Make a vector of texts."""
    code, words = pd.factorize(_objects(texts))
    return textual(code, Words(np.asarray(words, dtype=object)))


def from_values(values: Sequence[object], axis: Axis = "rows") -> Vector:
    """Make a vector of cells from Python values, an error being its text (`#N/A`).

    Raises:
        TypeError: A value is none that a cell can hold.
    """
    kinds, numbers = np.zeros(len(values), np.uint8), np.zeros(len(values))
    texts = [""] * len(values)
    for i, value in enumerate(values):
        if isinstance(value, str) and value not in ERRORS[1:]:
            kinds[i], texts[i] = TEXT, value
        elif value is not None:
            kinds[i], numbers[i] = _cell(value)
    made = from_texts(texts)
    return Vector(kinds, numbers, made.code, made.words, axis, cells=True)


def from_series(values: pd.Series) -> Vector:
    """Make a vector of cells from a typed column; missing values are empty cells."""
    missing = values.isna().to_numpy()
    plain = np.zeros(len(values), np.int32)
    if values.dtype.kind == "M":
        stamps = values.to_numpy().astype("datetime64[us]")
        numbers = np.where(missing, 0.0, (stamps - _EPOCH) / _DAY)
        return Vector(_kinds(NUMBER, missing), numbers, plain, axis="rows", cells=True)
    if values.dtype.kind in "fiu":
        numbers = values.to_numpy(dtype=float, na_value=0.0)
        return Vector(_kinds(NUMBER, missing), numbers, plain, axis="rows", cells=True)
    if isinstance(values.dtype, pd.StringDtype):
        code, words = pd.factorize(values)
        texts = np.asarray(words, dtype=object) if len(words) else NO_WORDS.texts
        code = np.where(code < 0, 0, code).astype(np.int32)
        zeros = np.zeros(len(values))
        return Vector(_kinds(TEXT, missing), zeros, code, Words(texts), "rows", cells=True)
    return from_values([None if gone else v for v, gone in zip(values, missing, strict=True)])


def serial(day: date) -> float:
    """Return Excel's serial number of a date (days since 1899-12-30)."""
    moment = day if isinstance(day, datetime) else datetime(day.year, day.month, day.day)  # noqa: DTZ001
    return float((np.datetime64(moment.replace(tzinfo=None), "us") - _EPOCH) / _DAY)


def common_axis(*vectors: Vector) -> Axis:
    """Return the axis of a result.

    Raises:
        MixedAxesError: Rows meet a whole column.
    """
    axes = {v.axis for v in vectors} - {"one"}
    if len(axes) > 1:
        raise MixedAxesError
    return axes.pop() if axes else "one"


def common_size(*vectors: Vector) -> int:
    """Return how many values a result has.

    Raises:
        FormulaError: Two ranges differ in length.
    """
    sizes = {v.size for v in vectors if v.axis != "one"}
    if len(sizes) > 1:
        raise FormulaError("几个区域的行数不一样，不能一起计算", problem="reference")
    return sizes.pop() if sizes else 1


def spread(array: Array, size: int) -> Array:
    """Repeat a single value so often."""
    return array if len(array) == size else np.broadcast_to(array, size)


def first_error(size: int, *errors: Array) -> Array:
    """Merge error codes: the first argument's error wins."""
    merged = np.zeros(size, np.uint8)
    for codes in errors:
        if codes.any():
            merged = np.where(merged > 0, merged, codes)
    return merged


def choose(condition: Array, yes: Vector, no: Vector, axis: Axis) -> Vector:
    """Take `yes` where the condition holds, else `no`; the condition has the result's size."""
    size = len(condition)
    words, code = yes.words, spread(yes.code, size)
    if no.words is not yes.words:
        words = Words(np.concatenate([yes.words.texts, no.words.texts]))
        code = np.where(condition, code, spread(no.code, size) + len(yes.words.texts))
    else:
        code = np.where(condition, code, spread(no.code, size))
    return Vector(
        np.where(condition, spread(yes.kind, size), spread(no.kind, size)),
        np.where(condition, spread(yes.number, size), spread(no.number, size)),
        code.astype(np.int32),
        words,
        axis,
    )


def _assemble(kind: int, numbers: Array, errors: Array | None, axis: Axis) -> Vector:
    size = len(numbers)
    code = np.zeros(size, np.int32)
    if errors is None or not errors.any():
        return Vector(np.full(size, kind, np.uint8), numbers.astype(float), code, axis=axis)
    failed = spread(errors, size)
    kinds = np.where(failed > 0, ERROR, kind).astype(np.uint8)
    return Vector(kinds, np.where(failed > 0, failed, numbers).astype(float), code, axis=axis)


def _kinds(kind: int, missing: Array) -> Array:
    return np.where(missing, EMPTY, kind).astype(np.uint8)


def _cell(value: object) -> tuple[int, float]:
    if isinstance(value, bool | np.bool_):
        return LOGICAL, float(value)
    if isinstance(value, int | float | np.number):
        return NUMBER, float(value)
    if isinstance(value, date):
        return NUMBER, serial(value)
    if isinstance(value, str):
        return ERROR, float(ERRORS.index(value))
    raise TypeError(type(value))


def _objects(texts: Sequence[str]) -> Array:
    made = np.empty(len(texts), dtype=object)
    made[:] = texts
    return made
