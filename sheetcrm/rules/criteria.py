"""The criteria of COUNTIFS and its relatives: what a value asks for, and which cells answer it."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias

import numpy as np

from sheetcrm.rules.operators import same
from sheetcrm.rules.syntax import ERRORS
from sheetcrm.rules.texts import CRITERION_LIMIT, has_wildcard, length, text_number, wildcard
from sheetcrm.rules.vector import EMPTY, ERROR, LOGICAL, NUMBER, TEXT, Array, Vector

# blank: the cell holds nothing; empty: nothing or an empty text.
Wanted = Literal["number", "text", "logical", "error", "blank", "empty"]
Value: TypeAlias = float | str
_WRITTEN = re.compile(r"(<>|<=|>=|=|<|>)?(.*)", re.DOTALL)
_ORDER: dict[str, Callable[[Array, Value], Array]] = {
    "<": lambda cells, value: cells < value,
    ">": lambda cells, value: cells > value,
    "<=": lambda cells, value: cells <= value,
    ">=": lambda cells, value: cells >= value,
}
_KINDS: dict[Wanted, int] = {"number": NUMBER, "logical": LOGICAL, "error": ERROR}


@dataclass(frozen=True)
class Criterion:
    """What one value asks for; `value` is lower-case for texts, a number for all else."""

    operator: str
    wanted: Wanted
    value: Value = 0.0

    @property
    def too_long(self) -> bool:
        """Excel gives #VALUE! for a criterion of more than 255 characters."""
        return isinstance(self.value, str) and length(self.value) > CRITERION_LIMIT

    @property
    def exact(self) -> bool:
        """Whether it asks for equality with one value, without wildcards."""
        pattern = self.wanted == "text" and has_wildcard(str(self.value))
        return self.operator == "=" and self.wanted != "empty" and not pattern

    @property
    def equal(self) -> "Criterion":
        """The same with `=`."""
        return replace(self, operator="=")


def criterion(vector: Vector, at: int) -> Criterion:
    """Return what a value asks for; an empty cell asks for 0."""
    kind = int(vector.kind[at])
    if kind == TEXT:
        return _written(str(vector.words.texts[vector.code[at]]))
    wanted: dict[int, Wanted] = {LOGICAL: "logical", ERROR: "error"}
    return Criterion("=", wanted.get(kind, "number"), float(vector.number[at]))


def _written(text: str) -> Criterion:
    match = _WRITTEN.fullmatch(text)
    sign, rest = (match[1] or "", match[2]) if match else ("", text)
    operator = sign or "="
    if not rest:
        if operator not in ("=", "<>"):
            return Criterion(operator, "text", "")
        return Criterion(operator, "blank" if sign else "empty")
    if rest.upper() in ("TRUE", "FALSE"):
        return Criterion(operator, "logical", float(rest.upper() == "TRUE"))
    if rest.upper() in ERRORS:
        return Criterion(operator, "error", float(ERRORS.index(rest.upper())))
    number = text_number(rest)
    if number is not None:
        return Criterion(operator, "number", number)
    return Criterion(operator, "text", rest.lower())


def answers(cells: Vector, asked: Criterion) -> Array:
    """Say which cells answer a criterion."""
    if asked.operator == "<>":
        different: Array = ~answers(cells, asked.equal)
        return different
    if asked.wanted in ("blank", "empty"):
        empty: Array = cells.kind == EMPTY
        if asked.wanted == "empty":
            empty = empty | ((cells.kind == TEXT) & cells.words.blank[cells.code])
        return empty
    if asked.wanted == "text":
        found: Array = (cells.kind == TEXT) & _worded(cells, asked)[cells.code]
        return found
    kind = cells.kind == _KINDS[asked.wanted]
    if asked.operator != "=":
        within: Array = kind & _ORDER[asked.operator](cells.number, asked.value)
        return within
    value = np.array(asked.value, dtype=float)
    held: Array = kind & same(cells.number, value)
    if asked.wanted == "number" and cells.has(TEXT):
        # An equality takes texts that spell the number too; an inequality does not.
        spelled = np.nan_to_num(same(cells.words.numbers, value)).astype(bool)
        held = held | ((cells.kind == TEXT) & spelled[cells.code])
    return held


def _worded(cells: Vector, asked: Criterion) -> Array:
    """Say which of a vector's words answer a text criterion."""
    words, text = cells.words, str(asked.value)
    if asked.operator != "=":
        return _ORDER[asked.operator](words.folded, text).astype(bool)
    if has_wildcard(text):
        match = wildcard(text).fullmatch
        return np.array([match(word) is not None for word in words.texts], dtype=bool)
    equal: Array = words.folded == text
    return equal
