"""MATCH, INDEX and ROWS: places in a column."""

from collections.abc import Mapping, Sequence

import numpy as np

from sheetcrm.rules.coerce import numbers
from sheetcrm.rules.functions_logic import Function
from sheetcrm.rules.syntax import FormulaError
from sheetcrm.rules.texts import CRITERION_LIMIT, has_wildcard, length, wildcard
from sheetcrm.rules.vector import (
    EMPTY,
    ERROR,
    NA,
    REF,
    TEXT,
    VALUE,
    MixedAxesError,
    Vector,
    choose,
    first_error,
    numeric,
)

# Patterns times cells before a rule is refused: about a second.
_LOOKED_AT_LIMIT = 20_000_000


def _match(arguments: Sequence[Vector]) -> Vector:
    """MATCH(…,…,0): the first cell that equals the value, case aside, `*` and `?` being wild."""
    wanted, cells, kind = arguments
    if kind.size != 1 or kind.values() != [0.0]:
        raise FormulaError("MATCH的第三个参数请写0（精确匹配）")
    if cells.axis == "rows":
        raise MixedAxesError
    first, place = wanted.distinct
    distinct = wanted.take(first, "one")
    known = _first_places(cells)
    patterns = _patterns(distinct)
    if len(patterns) * cells.size > _LOOKED_AT_LIMIT:
        raise FormulaError("MATCH要找的文字里有太多通配符*或?，太慢", problem="cost")
    found = np.array([known.get(key, 0) for key in _keys(distinct)], dtype=float)
    for at, text in patterns.items():
        fits = wildcard(text).fullmatch
        hits = np.array([fits(word) is not None for word in cells.words.texts], dtype=bool)
        places = np.flatnonzero((cells.kind == TEXT) & hits[cells.code])
        found[at] = places[0] + 1 if len(places) else 0
    wrong = np.where((distinct.kind == EMPTY) | (found == 0), NA, 0)
    wrong = np.where(_too_long(distinct), VALUE, wrong)
    wrong = np.where(distinct.kind == ERROR, distinct.errors, wrong).astype(np.uint8)
    return numeric(found[place], wrong[place], wanted.axis)


def _keys(cells: Vector) -> list[tuple[int, object]]:
    folded = cells.words.folded
    return [
        (int(kind), folded[code] if kind == TEXT else float(number))
        for kind, code, number in zip(cells.kind, cells.code, cells.number, strict=True)
    ]


def _first_places(cells: Vector) -> dict[tuple[int, object], int]:
    places: dict[tuple[int, object], int] = {}
    for place, key in enumerate(_keys(cells), start=1):
        places.setdefault(key, place)
    return places


def _patterns(distinct: Vector) -> dict[int, str]:
    return {
        int(at): str(text)
        for at in np.flatnonzero(distinct.kind == TEXT)
        if has_wildcard(text := distinct.words.texts[distinct.code[at]])
    }


def _too_long(distinct: Vector) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    texts = distinct.words.texts[distinct.code]
    return np.array([length(text) > CRITERION_LIMIT for text in texts], dtype=bool)


def _index(arguments: Sequence[Vector]) -> Vector:
    cells, which = arguments
    if cells.axis == "rows":
        raise MixedAxesError
    values, errors = numbers(which)
    place = np.floor(values).astype(np.int64) - 1
    outside = (place < 0) | (place >= cells.size)
    taken = cells.take(np.where(outside, 0, place), which.axis)
    errors = first_error(which.size, errors, np.where(outside, REF, 0).astype(np.uint8))
    if not errors.any():
        return taken
    return choose(errors == 0, taken, numeric(errors, errors, which.axis), which.axis)


def _rows(arguments: Sequence[Vector]) -> Vector:
    return numeric(np.array([float(arguments[0].size if arguments[0].axis == "list" else 1)]))


LOOKUPS: Mapping[str, Function] = {"MATCH": _match, "INDEX": _index, "ROWS": _rows}
