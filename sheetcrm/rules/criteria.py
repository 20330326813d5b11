"""The criteria of COUNTIFS and its relatives: what values ask for, and which cells answer."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from sheetcrm.rules.operators import same
from sheetcrm.rules.syntax import ERRORS
from sheetcrm.rules.texts import CRITERION_LIMIT, has_wildcard, text_number, wildcard
from sheetcrm.rules.vector import EMPTY, ERROR, LOGICAL, NUMBER, TEXT, Array, Vector, Words

# What a criterion wants besides the kinds of values: a cell that holds nothing, or at most "".
BLANK, HOLLOW = EMPTY, 5
_ORDER: dict[str, Callable[[Array, object], Array]] = {
    "<": lambda cells, value: cells < value,
    ">": lambda cells, value: cells > value,
    "<=": lambda cells, value: cells <= value,
    ">=": lambda cells, value: cells >= value,
}
_SIGNS = ("=", "<", ">")
_LONG_SIGNS = ("<>", "<=", ">=")


@dataclass(frozen=True, eq=False)
class Criteria:
    """What several values ask for, one place each.

    `operator` is "=" where none is written; `wanted` one of NUMBER, TEXT, LOGICAL, ERROR, BLANK,
    HOLLOW; `number` and, in small letters, `text` are the value to compare with.
    """

    operator: Array
    wanted: Array
    number: Array
    text: Array

    @property
    def size(self) -> int:
        """How many."""
        return len(self.wanted)

    @cached_property
    def wild(self) -> Array:
        """Which texts have `*`, `?` or `~`."""
        if not has_wildcard("".join(self.text)):
            return np.zeros(self.size, dtype=bool)
        return np.array([has_wildcard(text) for text in self.text], dtype=bool)

    @cached_property
    def exact(self) -> Array:
        """Which ask for equality with one value."""
        exact: Array = (self.operator == "=") & (self.wanted != HOLLOW) & ~self.wild
        return exact

    @cached_property
    def too_long(self) -> Array:
        """Which are texts of more than 255 characters, for which Excel gives #VALUE!."""
        long: Array = Words(self.text).lengths > CRITERION_LIMIT
        return long

    @property
    def equal(self) -> "Criteria":
        """The same with `=`."""
        return replace(self, operator=np.full(self.size, "=", dtype=object))

    def at(self, place: int) -> "Criteria":
        """Return a single one."""
        one = slice(place, place + 1)
        return Criteria(self.operator[one], self.wanted[one], self.number[one], self.text[one])


def criteria(values: Vector) -> Criteria:
    """Return what values ask for; an empty cell asks for 0."""
    worded = values.kind == TEXT
    asked = Criteria(
        np.full(values.size, "=", dtype=object),
        np.where(values.kind == EMPTY, NUMBER, values.kind).astype(np.uint8),
        np.where(worded, 0.0, values.number),
        np.full(values.size, "", dtype=object),
    )
    if worded.any():
        found = _written(values.words.texts[values.code[worded]])
        asked.operator[worded], asked.wanted[worded] = found.operator, found.wanted
        asked.number[worded], asked.text[worded] = found.number, found.text
    return asked


def _written(texts: Array) -> Criteria:
    """Read criteria written as texts: a sign, and a value in words."""
    signs = [_sign(text) for text in texts]
    rest = [text[len(sign) :].lower() for text, sign in zip(texts, signs, strict=True)]
    spelled = [text_number(text) for text in rest]
    numbers = np.array([np.nan if n is None else n for n in spelled], dtype=float)
    words = np.empty(len(rest), dtype=object)
    words[:] = rest
    wanted = np.where(np.isnan(numbers), TEXT, NUMBER).astype(np.uint8)
    asked = Criteria(np.array(signs, dtype=object), wanted, np.nan_to_num(numbers), words)
    for place in [place for place, word in enumerate(rest) if word in _SPECIAL]:
        _special(asked, place)
    asked.operator[asked.operator == ""] = "="
    return asked


def _sign(text: str) -> str:
    if text.startswith(_LONG_SIGNS):
        return text[:2]
    return text[:1] if text.startswith(_SIGNS) else ""


_SPECIAL = frozenset(("", "true", "false", *(e.lower() for e in ERRORS[1:])))


def _special(asked: Criteria, place: int) -> None:
    """Set right one criterion that is about blanks, logicals or errors."""
    word, sign = asked.text[place], asked.operator[place]
    if word in ("true", "false"):
        asked.wanted[place], asked.number[place] = LOGICAL, float(word == "true")
    elif word:
        asked.wanted[place], asked.number[place] = ERROR, ERRORS.index(word.upper())
    elif sign in ("=", "<>"):
        asked.wanted[place] = BLANK
    elif not sign:
        asked.wanted[place] = HOLLOW


def answers(cells: Vector, asked: Criteria) -> Array:
    """Say which cells answer a single criterion."""
    operator, wanted = str(asked.operator[0]), int(asked.wanted[0])
    if operator == "<>":
        different: Array = ~answers(cells, asked.equal)
        return different
    if wanted in (BLANK, HOLLOW):
        empty: Array = cells.kind == EMPTY
        if wanted == HOLLOW:
            empty = empty | ((cells.kind == TEXT) & cells.words.blank[cells.code])
        return empty
    if wanted == TEXT:
        fitting = _fitting(cells.words, operator, str(asked.text[0]))
        found: Array = (cells.kind == TEXT) & fitting[cells.code]
        return found
    kind = cells.kind == wanted
    if operator != "=":
        within: Array = kind & _ORDER[operator](cells.number, asked.number[0])
        return within
    held: Array = kind & same(cells.number, asked.number[:1])
    if wanted == NUMBER and cells.has(TEXT):
        # An equality takes texts that spell the number too; an inequality does not.
        spelled = same(cells.words.numbers, asked.number[:1])
        held = held | ((cells.kind == TEXT) & spelled[cells.code])
    return held


def _fitting(words: Words, operator: str, text: str) -> Array:
    """Say which words answer a text criterion."""
    if operator != "=":
        return _ORDER[operator](words.folded, text).astype(bool)
    if has_wildcard(text):
        match = wildcard(text).fullmatch
        return np.array([match(word) is not None for word in words.texts], dtype=bool)
    equal: Array = words.folded == text
    return equal
