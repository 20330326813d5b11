"""COUNTIFS, SUMIFS, AVERAGEIFS over whole columns, also where every row has criteria of its own.

Criteria that are the same for all rows become one mask. Where they differ by row, equalities
become one key for the whole set of columns (each group is counted once), one range of a column
(`">"&[@日期]`, `[@编号]&"*"`) becomes a binary search in the sorted group, and the few criteria
that are neither (wildcards inside a name) are answered once for each distinct set of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from sheetcrm.rules.criteria import Criteria, answers, criteria
from sheetcrm.rules.keys import Interval, Keys, Order, interval, keys, range_order
from sheetcrm.rules.operators import combined
from sheetcrm.rules.syntax import FormulaError
from sheetcrm.rules.vector import (
    DIV0,
    NUMBER,
    VALUE,
    Array,
    Axis,
    MixedAxesError,
    Vector,
    common_axis,
    common_size,
    first_error,
    numeric,
)

# Cells looked at one by one before a rule is refused: about a second.
LOOKED_AT_LIMIT = 200_000_000


@dataclass(frozen=True)
class Varying:
    """One criterion range and the criteria of the rows: distinct ones, and which each row has."""

    cells: Vector
    asked: Criteria
    place: Array


@dataclass(frozen=True)
class Totals:
    """For each row: cells that answer, their sum, how many of them are numbers, their error."""

    count: Array
    total: Array
    numbers: Array
    errors: Array


@dataclass(frozen=True)
class Job:
    """The cells all rows share: which answer the common criteria, and what is to be added up."""

    mask: Array
    summed: Vector | None
    rows: int

    def totals(self, mask: Array) -> tuple[float, float, float, int]:
        """Add up the cells of a mask."""
        if self.summed is None:
            return float(mask.sum()), 0.0, 0.0, 0
        held = mask & (self.summed.kind == NUMBER)
        failed = self.summed.errors[mask]
        first = int(failed[failed > 0][0]) if failed.any() else 0
        return float(mask.sum()), float(self.summed.number[held].sum()), float(held.sum()), first


def countifs(arguments: Sequence[Vector]) -> Vector:
    """Count the cells that answer all criteria."""
    found, axis = _matched(arguments, None)
    return numeric(found.count, found.errors, axis)


def countif(arguments: Sequence[Vector]) -> Vector:
    """Count the cells that answer one criterion."""
    return countifs(arguments)


def sumifs(arguments: Sequence[Vector]) -> Vector:
    """Add up the cells whose rows answer all criteria."""
    found, axis = _matched(arguments[1:], arguments[0])
    return numeric(found.total, found.errors, axis)


def sumif(arguments: Sequence[Vector]) -> Vector:
    """Add up the cells whose rows answer one criterion."""
    return sumifs([arguments[-1] if len(arguments) > 2 else arguments[0], *arguments[:2]])


def averageifs(arguments: Sequence[Vector]) -> Vector:
    """Average the numbers whose rows answer all criteria."""
    found, axis = _matched(arguments[1:], arguments[0])
    none = np.where(found.numbers == 0, DIV0, 0).astype(np.uint8)
    errors = first_error(len(none), found.errors, none)
    return numeric(found.total / np.maximum(found.numbers, 1), errors, axis)


def averageif(arguments: Sequence[Vector]) -> Vector:
    """Average the numbers whose rows answer one criterion."""
    return averageifs([arguments[-1] if len(arguments) > 2 else arguments[0], *arguments[:2]])


def _matched(pairs: Sequence[Vector], summed: Vector | None) -> tuple[Totals, Axis]:
    ranges, wanted = pairs[::2], pairs[1::2]
    columns = [*ranges, *([summed] if summed is not None else [])]
    if any(v.axis == "rows" for v in columns):
        raise MixedAxesError
    size, axis = common_size(*columns), common_axis(*wanted)
    rows = common_size(*wanted)
    mask = np.ones(size, dtype=bool)
    varying: list[Varying] = []
    too_long = np.zeros(rows, dtype=bool)
    for cells, vector in zip(ranges, wanted, strict=True):
        first, place = vector.distinct
        asked = criteria(vector.take(first, "one"))
        too_long |= asked.too_long[place]
        if asked.size == 1:
            mask &= answers(cells, asked)
        else:
            varying.append(Varying(cells, asked, place))
    found = _grouped(Job(mask, summed, rows), varying)
    limit = np.where(too_long, VALUE, 0).astype(np.uint8)
    errors = first_error(rows, limit, found.errors)
    return Totals(found.count, found.total, found.numbers, errors), axis


def _grouped(job: Job, varying: Sequence[Varying]) -> Totals:
    if not varying:
        values = job.totals(job.mask)
        return Totals(*(np.full(job.rows, value, dtype=float) for value in values))
    for at, each in enumerate(varying):
        if each.asked.size and (each.asked.operator == "<>").all():
            # All cells without those that are equal.
            rest = [*varying[:at], *varying[at + 1 :]]
            equal = Varying(each.cells, each.asked.equal, each.place)
            whole, same = _grouped(job, rest), _grouped(job, [*rest, equal])
            return Totals(
                whole.count - same.count,
                whole.total - same.total,
                whole.numbers - same.numbers,
                whole.errors,
            )
    return _by_key(job, varying)


def _by_key(job: Job, varying: Sequence[Varying]) -> Totals:
    """Count by one key for all equalities and by binary search in one range."""
    cell_key = np.zeros(len(job.mask), np.int64)
    row_key = np.zeros(job.rows, np.int64)
    odd = np.zeros(job.rows, dtype=bool)
    ranged, order = _ranged(varying)
    spans = [interval(each.cells, each.asked, order) for each in ranged]
    for each, span in zip(ranged, spans, strict=True):
        odd |= ~span.fits[each.place]
    for each in varying:
        if any(each is other for other in ranged):
            continue
        found: Keys = keys(each.cells, each.asked)
        cell_key, row_key = _common_key(cell_key, row_key, found, each.place)
        odd |= ~found.exact[each.place]
    narrowest = _narrowest(spans, ranged) if spans else None
    made = _searched(job, cell_key, row_key, narrowest, ~odd)
    return _with_odd(job, varying, np.flatnonzero(odd), made)


def _ranged(varying: Sequence[Varying]) -> tuple[list[Varying], Order]:
    """Return the criteria to be searched for as ranges, all over one column, and their order."""
    orders = [range_order(v.asked) for v in varying]
    first = next((at for at, order in enumerate(orders) if order), None)
    if first is None:
        return [], ""
    column, order = varying[first].cells, orders[first]
    alike = [
        v
        for v, own in zip(varying, orders, strict=True)
        if own == order and v.cells.number is column.number and v.cells.code is column.code
    ]
    return alike, order


def _common_key(cell_key: Array, row_key: Array, found: Keys, place: Array) -> tuple[Array, Array]:
    """Extend both keys in step, so that equal pairs stay equal."""
    both = np.concatenate([cell_key, row_key])
    more = np.concatenate([found.cells, found.wanted[place]])
    made = combined(both, more, found.size)
    return made[: len(cell_key)], made[len(cell_key) :]


def _narrowest(spans: Sequence[Interval], ranged: Sequence[Varying]) -> Interval:
    low = reduce(np.maximum, (s.low[v.place] for s, v in zip(spans, ranged, strict=True)))
    high = reduce(np.minimum, (s.high[v.place] for s, v in zip(spans, ranged, strict=True)))
    first = spans[0]
    return Interval(first.rank, low, np.maximum(low, high), first.fits, first.size)


def _searched(
    job: Job, cell_key: Array, row_key: Array, span: Interval | None, asked: Array
) -> Totals:
    """Sort the cells by key and rank; the answers of a row are then a run of neighbours."""
    chosen = job.mask if span is None else job.mask & (span.rank >= 0)
    at = np.flatnonzero(chosen)
    groups = np.unique(np.concatenate([cell_key[at], row_key]), return_inverse=True)[1]
    cell_group, row_group = groups[: len(at)], groups[len(at) :]
    if span is None:
        sorted_key, low, high = cell_group, row_group, row_group + 1
    else:
        sorted_key = cell_group * (span.size + 1) + span.rank[at]
        low = row_group * (span.size + 1) + span.low
        high = row_group * (span.size + 1) + span.high
    order = np.argsort(sorted_key, kind="stable")
    sorted_key, at = sorted_key[order], at[order]
    start = np.where(asked, np.searchsorted(sorted_key, low), 0)
    end = np.where(asked, np.searchsorted(sorted_key, high), 0)
    return _run_totals(job, at, start, end)


def _run_totals(job: Job, at: Array, start: Array, end: Array) -> Totals:
    count = (end - start).astype(float)
    if job.summed is None:
        nothing = np.zeros(job.rows)
        return Totals(count, nothing, nothing, np.zeros(job.rows, np.uint8))
    held = job.summed.kind[at] == NUMBER
    sums = np.concatenate([[0.0], np.cumsum(np.where(held, job.summed.number[at], 0.0))])
    numbers = np.concatenate([[0], np.cumsum(held)])
    failed = job.summed.errors[at]
    errors = np.zeros(job.rows, np.uint8)
    if failed.any():
        first = np.append(np.flatnonzero(failed), len(failed))
        nearest = first[np.searchsorted(first, start)]
        errors = np.where(nearest < end, np.append(failed, 0)[nearest], 0).astype(np.uint8)
    return Totals(count, sums[end] - sums[start], (numbers[end] - numbers[start]) * 1.0, errors)


def _with_odd(job: Job, varying: Sequence[Varying], rows: Array, made: Totals) -> Totals:
    """Answer the rows whose criteria fit no key, once for each distinct set of criteria."""
    if not len(rows):
        return made
    key = np.zeros(len(rows), np.int64)
    for each in varying:
        key = combined(key, each.place[rows], each.asked.size)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    if len(first) * len(job.mask) > LOOKED_AT_LIMIT:
        raise FormulaError(
            f"要拿{len(first)}种不同的条件逐格比对{len(job.mask)}行，太慢；"
            "请去掉通配符，或改成等于、大于、小于的条件",
            problem="cost",
        )
    cases = []
    for row in rows[first]:
        mask = job.mask.copy()
        for each in varying:
            mask &= answers(each.cells, each.asked.at(each.place[row]))
        cases.append(job.totals(mask))
    found = np.array(cases, dtype=float)[place]
    parts = (made.count, made.total, made.numbers, made.errors)
    merged = [part.astype(float) for part in parts]
    for column, part in enumerate(merged):
        part[rows] = found[:, column]
    return Totals(merged[0], merged[1], merged[2], merged[3].astype(np.uint8))
