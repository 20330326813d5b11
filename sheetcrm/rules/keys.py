"""Cells and criteria as numbers: equal ones share a key, ranges become places in a sorted order."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from sheetcrm.rules.criteria import Criterion
from sheetcrm.rules.texts import rounded, starting_with
from sheetcrm.rules.vector import EMPTY, ERROR, LOGICAL, NUMBER, TEXT, Array, Vector

# The letter after all letters, to end the run of texts with a common start.
_AFTER = "\U0010ffff"
Order = Literal["number", "text", ""]
_Key = tuple[str, float | str]
_KINDS = ((NUMBER, "number"), (LOGICAL, "logical"), (ERROR, "error"))


@dataclass(frozen=True)
class Keys:
    """The key of every cell (0 for an empty one) and of every criterion (-1: no cell has it).

    `exact` says which criteria are equalities at all; `size` is above all keys.
    """

    cells: Array
    wanted: Array
    exact: Array
    size: int


@dataclass(frozen=True)
class Interval:
    """The place of every cell in its column's order (-1: not in it), and what criteria ask for.

    A criterion is answered by the places from `low` up to `high`, that one left out; `fits` says
    for each criterion whether it is a range in this order at all.
    """

    rank: Array
    low: Array
    high: Array
    fits: Array
    size: int


def keys(cells: Vector, asked: Sequence[Criterion]) -> Keys:
    """Give cells and criteria keys: texts without case, a text that spells a number as that."""
    known: dict[_Key, int] = {}
    key = np.zeros(cells.size, np.int64)
    if cells.has(TEXT):
        words = cells.words
        folded, numbers = words.folded.tolist(), words.numbers.tolist()
        spelled: list[_Key] = [
            ("text", text) if number != number else ("number", rounded(number))
            for text, number in zip(folded, numbers, strict=True)
        ]
        codes = np.array([known.setdefault(k, len(known) + 1) for k in spelled], np.int64)
        key = np.where(cells.kind == TEXT, codes[cells.code], key)
    for kind, name in _KINDS:
        chosen = cells.kind == kind
        if chosen.any():
            distinct, place = np.unique(cells.number[chosen], return_inverse=True)
            numbered: list[_Key] = [(name, rounded(n)) for n in distinct.tolist()]
            codes = np.array([known.setdefault(k, len(known) + 1) for k in numbered], np.int64)
            key[chosen] = codes[place]
    exact = np.array([c.exact for c in asked], dtype=bool)
    wanted = np.array([_wanted(c, known) for c in asked], np.int64)
    return Keys(np.where(cells.kind == EMPTY, 0, key), wanted, exact, len(known) + 1)


def _wanted(asked: Criterion, known: dict[_Key, int]) -> int:
    if asked.wanted == "blank":
        return 0
    value = asked.value if isinstance(asked.value, str) else rounded(asked.value)
    return known.get((asked.wanted, value), -1)


def range_order(asked: Sequence[Criterion]) -> Order:
    """Return in which order most criteria are ranges; "" where they are rather equalities."""
    orders = Counter(_order(c) for c in asked)
    likeliest: Order = "text" if orders["text"] > orders["number"] else "number"
    return likeliest if orders[likeliest] > sum(c.exact for c in asked) else ""


def interval(cells: Vector, asked: Sequence[Criterion], order: Order) -> Interval:
    """Put cells in an order, of numbers or of texts, and find the places criteria ask for."""
    fits = np.array([_order(c) == order for c in asked], dtype=bool)
    return _texts(cells, asked, fits) if order == "text" else _numbers(cells, asked, fits)


def _order(asked: Criterion) -> Order:
    if asked.wanted == "number" and asked.operator in ("<", ">", "<=", ">="):
        return "number"
    return "text" if _start(asked) is not None else ""


def _start(asked: Criterion) -> str | None:
    if asked.wanted != "text" or asked.operator != "=":
        return None
    return starting_with(str(asked.value))


def _numbers(cells: Vector, asked: Sequence[Criterion], fits: Array) -> Interval:
    chosen = cells.kind == NUMBER
    distinct, place = np.unique(cells.number[chosen], return_inverse=True)
    rank = np.full(cells.size, -1, np.int64)
    rank[chosen] = place
    limits = np.array([c.value if fit else 0.0 for c, fit in zip(asked, fits, strict=True)], float)
    signs = np.array([c.operator for c in asked])
    left, right = np.searchsorted(distinct, limits), np.searchsorted(distinct, limits, "right")
    low = np.select([signs == ">", signs == ">="], [right, left], 0)
    high = np.select([signs == "<", signs == "<="], [left, right], len(distinct))
    return Interval(rank, low, high, fits, len(distinct))


def _texts(cells: Vector, asked: Sequence[Criterion], fits: Array) -> Interval:
    distinct = sorted(set(cells.words.folded.tolist()))
    places = {text: place for place, text in enumerate(distinct)}
    by_word = np.array([places[text] for text in cells.words.folded], np.int64)
    starts = [_start(c) or "" for c in asked]
    low = np.array([bisect_left(distinct, start) for start in starts], np.int64)
    high = np.array([bisect_left(distinct, start + _AFTER) for start in starts], np.int64)
    rank = np.where(cells.kind == TEXT, by_word[cells.code], -1)
    return Interval(rank, low, high, fits, len(distinct))
