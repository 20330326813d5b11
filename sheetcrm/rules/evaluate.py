"""Evaluate a formula for all rows of a table at once, as Excel would in each of them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType

import numpy as np

from sheetcrm.kit.names import TODAY
from sheetcrm.rules.functions_date import DATES
from sheetcrm.rules.functions_logic import LOGIC, Function
from sheetcrm.rules.functions_lookup import LOOKUPS
from sheetcrm.rules.functions_number import NUMBERS
from sheetcrm.rules.functions_text import TEXTS
from sheetcrm.rules.operators import calculate, combined, compare, join, signed
from sheetcrm.rules.syntax import (
    COMPARISONS,
    ERRORS,
    Binary,
    Call,
    ErrorValue,
    FormulaError,
    Missing,
    Name,
    Node,
    Operand,
    Operation,
    Reference,
    ThisRow,
    Unary,
    WholeColumn,
    children,
    references,
)
from sheetcrm.rules.vector import (
    Array,
    MixedAxesError,
    Vector,
    error,
    from_values,
    serial,
    single,
    spread,
)

FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {**LOGIC, **TEXTS, **DATES, **NUMBERS, **LOOKUPS}
)

# Functions that turn a whole column into one value: what they mix is worked out case by case.
_GATHERING = NUMBERS.keys() | LOOKUPS.keys() | {"AND", "OR"}
# Cells and calls before a rule that looks at every row for every row is refused: a few seconds.
_CELLS_LIMIT = 100_000_000
_CASES_LIMIT = 20_000


@dataclass(frozen=True)
class Scope:
    """What a formula can name.

    Attributes:
        columns: The table's columns by name, all of the same length.
        as_of: What 今天 and TODAY() are.
        names: Defined names: lists of the 设置 tab, 工作日.
        tables: Other tables' columns, by the table's name.
        memo: Results already known; rules of one table share them.
    """

    columns: Mapping[str, Vector]
    as_of: date
    names: Mapping[str, Vector] = field(default_factory=dict)
    tables: Mapping[str, Mapping[str, Vector]] = field(default_factory=dict)
    memo: dict[Node, Vector] = field(default_factory=dict, repr=False, compare=False)

    @property
    def rows(self) -> int:
        """How many rows the table has."""
        return next((v.size for v in self.columns.values()), 0)

    def column(self, reference: Reference) -> Vector:
        """Return a column.

        Raises:
            FormulaError: There is no such table or column.
        """
        columns = self.columns
        if isinstance(reference, WholeColumn) and reference.table in self.tables:
            columns = self.tables[reference.table]
        found = columns.get(reference.column)
        if found is None:
            raise FormulaError(f"没有列“{reference.column}”", reference.at, "reference")
        return found

    def name(self, name: Name) -> Vector:
        """Return what a name stands for.

        Raises:
            FormulaError: There is no such name.
        """
        if name.name == TODAY:
            return single(serial(self.as_of))
        found = self.names.get(name.name)
        if found is None:
            raise FormulaError(f"没有名称“{name.name}”", name.at, "reference")
        return found.as_list() if found.size > 1 else replace(found, axis="one")


def evaluate(node: Node, scope: Scope) -> Vector:
    """Return a formula's value in every row of the table, or one value if it is the same in all.

    Raises:
        FormulaError: It names what there is not, mixes a whole column into a row's value, or would
            take too long.
    """
    try:
        found = _value(node, scope, {})
    except MixedAxesError:
        raise _whole_column(node) from None
    if found.axis == "list":
        raise _whole_column(node)
    return found


def holds(node: Node, scope: Scope) -> tuple[Array, Array]:
    """Say in which rows a formula is TRUE, as a conditional format takes it, and where it failed.

    A number other than 0 is TRUE, a text is not.

    Returns:
        Booleans, and error codes (places in ERRORS, 0 for none), one a row.

    Raises:
        FormulaError: As `evaluate`.
    """
    found = evaluate(node, scope)
    return spread(found.figures != 0, scope.rows), spread(found.errors, scope.rows)


def _whole_column(node: Node) -> FormulaError:
    whole = next((r for r in references(node) if isinstance(r, WholeColumn)), None)
    if whole is None:
        return FormulaError("名单要放进COUNTIFS、MATCH等函数里用", problem="reference")
    reason = f"[{whole.column}]是整列，这一行的格子请写[@{whole.column}]"
    return FormulaError(reason, whole.at, "reference")


_Row = Mapping[str, Vector]


def _value(node: Node, scope: Scope, row: _Row) -> Vector:
    """Evaluate a node; `row` holds the cells of one row where that is looked at alone."""
    if isinstance(node, Unary | Binary | Call):
        shared = not row or not _columns_of_row(node)
        if shared and node in scope.memo:
            return scope.memo[node]
        found = _operation(node, scope, row)
        if shared:
            scope.memo[node] = found
        return found
    return _operand(node, scope, row)


def _operand(node: Operand, scope: Scope, row: _Row) -> Vector:
    match node:
        case ThisRow():
            return row[node.column] if row else scope.column(node)
        case WholeColumn():
            return scope.column(node).as_list()
        case Name():
            return scope.name(node)
        case ErrorValue():
            return error(ERRORS.index(node.value))
        case Missing():
            return single(None)
    return single(node.value)


def _operation(node: Operation, scope: Scope, row: _Row) -> Vector:
    if isinstance(node, Call) and node.name == "TODAY":
        return single(serial(scope.as_of))
    try:
        arguments = [_value(child, scope, row) for child in children(node)]
        match node:
            case Unary():
                return signed(node.operator, *arguments)
            case Binary():
                return _binary(node.operator, *arguments)
        return FUNCTIONS[node.name](arguments)
    except MixedAxesError:
        if isinstance(node, Call) and node.name in _GATHERING and not row:
            return _case_by_case(node, scope)
        raise
    except FormulaError as problem:
        if problem.position:
            raise
        raise FormulaError(problem.reason, node.at, problem.problem) from None


def _binary(operator: str, left: Vector, right: Vector) -> Vector:
    if operator in COMPARISONS:
        return compare(operator, left, right)
    return join(left, right) if operator == "&" else calculate(operator, left, right)


def _columns_of_row(node: Node) -> tuple[str, ...]:
    names = (r.column for r in references(node) if isinstance(r, ThisRow))
    return tuple(dict.fromkeys(names))


def _case_by_case(node: Call, scope: Scope) -> Vector:
    """Evaluate a call that looks at a whole column for every row, once for each distinct case."""
    rows = {name: scope.column(ThisRow(name)) for name in _columns_of_row(node)}
    key = np.zeros(scope.rows, np.int64)
    for cells in rows.values():
        codes = np.unique(cells.identity, return_inverse=True)[1]
        key = combined(key, codes, int(codes.max(initial=0)) + 1)
    _, first, place = np.unique(key, return_index=True, return_inverse=True)
    columns = (scope.column(r).size for r in references(node) if isinstance(r, WholeColumn))
    if len(first) > _CASES_LIMIT or len(first) * max(columns, default=1) > _CELLS_LIMIT:
        raise FormulaError(
            f"{node.name}要为{len(first)}行逐行看完整列，太慢；请改用COUNTIFS或SUMIFS",
            node.at,
            "cost",
        )
    made: list[object] = []
    for at in first:
        one = {name: cells.take(np.array([at]), "one") for name, cells in rows.items()}
        made += _value(node, scope, one).values()
    return replace(from_values(made).take(place, "rows"), cells=False)
