"""Cells and criteria as numbers: equal ones share a key, ranges become places in a sorted order."""

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from sheetcrm.rules.criteria import BLANK, Criteria
from sheetcrm.rules.texts import Array, rounded, starting_with
from sheetcrm.rules.vector import EMPTY, NUMBER, TEXT, Vector

# The letter after all letters, to end the run of texts with a common start.
_AFTER = "\U0010ffff"
Order = Literal["number", "text", ""]
# Kinds of values, to tell TRUE from 1.
_KINDS = 5


@dataclass(frozen=True)
class Keys:
    """The key of every cell (0 for an empty one) and of every criterion.

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


def keys(cells: Vector, asked: Criteria) -> Keys:
    """Give cells and criteria keys: texts without case, a text that spells a number as that."""
    words, ends = cells.words, (len(cells.words.texts), cells.size)
    by_text = pd.factorize(np.concatenate([words.folded, asked.text]))[0] * _KINDS + TEXT
    spelled = ~np.isnan(words.numbers)
    values = np.concatenate([np.nan_to_num(words.numbers), cells.number, asked.number])
    by_number = pd.factorize(rounded(values))[0] * _KINDS
    by_word = np.where(spelled, by_number[: ends[0]] + NUMBER, by_text[: ends[0]])
    by_cell = by_number[ends[0] : sum(ends)] + cells.kind
    key = np.where(cells.kind == TEXT, by_word[cells.code], by_cell) + 1
    wanted = np.where(
        asked.wanted == TEXT, by_text[ends[0] :], by_number[sum(ends) :] + asked.wanted
    )
    wanted = np.where(asked.wanted == BLANK, 0, wanted + 1)
    key = np.where(cells.kind == EMPTY, 0, key)
    size = int(max(key.max(initial=0), wanted.max(initial=0))) + 1
    return Keys(key.astype(np.int64), wanted.astype(np.int64), asked.exact, size)


def range_order(asked: Criteria) -> Order:
    """Return in which order most criteria are ranges; "" where they are rather equalities."""
    counts: dict[Order, int] = {
        "": int(asked.exact.sum()),
        "number": int(_by_number(asked).sum()),
        "text": int(_by_text(asked).sum()),
    }
    return max(counts, key=lambda order: counts[order])


def interval(cells: Vector, asked: Criteria, order: Order) -> Interval:
    """Put cells in an order, of numbers or of texts, and find the places criteria ask for."""
    return _texts(cells, asked) if order == "text" else _numbers(cells, asked)


def _by_number(asked: Criteria) -> Array:
    ranges: Array = (asked.wanted == NUMBER) & ~np.isin(asked.operator, ("=", "<>"))
    return ranges


def _by_text(asked: Criteria) -> Array:
    """Say which criteria are a start followed by one `*`."""
    ranges: Array = asked.wild & (asked.operator == "=") & (asked.wanted == TEXT)
    ranges[ranges] = [starting_with(text) is not None for text in asked.text[ranges]]
    return ranges


def _numbers(cells: Vector, asked: Criteria) -> Interval:
    chosen = cells.kind == NUMBER
    distinct, place = np.unique(cells.number[chosen], return_inverse=True)
    rank = np.full(cells.size, -1, np.int64)
    rank[chosen] = place
    signs = asked.operator
    left = np.searchsorted(distinct, asked.number)
    right = np.searchsorted(distinct, asked.number, "right")
    low = np.select([signs == ">", signs == ">="], [right, left], 0)
    high = np.select([signs == "<", signs == "<="], [left, right], len(distinct))
    return Interval(rank, low, high, _by_number(asked), len(distinct))


def _texts(cells: Vector, asked: Criteria) -> Interval:
    distinct = sorted(set(cells.words.folded.tolist()))
    places = {text: place for place, text in enumerate(distinct)}
    by_word = np.array([places[text] for text in cells.words.folded], np.int64)
    starts = [text.removesuffix("*") for text in asked.text]
    low = np.array([bisect_left(distinct, start) for start in starts], np.int64)
    high = np.array([bisect_left(distinct, start + _AFTER) for start in starts], np.int64)
    rank = np.where(cells.kind == TEXT, by_word[cells.code], -1)
    return Interval(rank, low, high, _by_text(asked), len(distinct))
