"""Write a formula out: as rule text, as A1 for conditional formats."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from sheetcrm.rules.syntax import (
    LEVELS,
    PERCENT_LEVEL,
    SIGN_LEVEL,
    Binary,
    Call,
    FormulaError,
    Name,
    Node,
    Number,
    Reference,
    Text,
    ThisRow,
    Unary,
    WholeColumn,
)
from sheetcrm.rules.texts import number_text

# MS-OI29500 2.1.613: formulas of data validation; conditional formats keep to the same.
A1_LIMIT = 255
# Excel wants a quote mark before these inside a structured reference.
_ESCAPED = frozenset("[]#'@")
_ATOM_LEVEL = SIGN_LEVEL + 1


@dataclass(frozen=True)
class Layout:
    """Where a table stands: its columns' letters by name, and its first and last row."""

    letters: Mapping[str, str]
    first_row: int
    last_row: int
    sheet: str = ""


@dataclass(frozen=True)
class Layouts:
    """Where the rule's own table stands, and the others by their names."""

    own: Layout
    others: Mapping[str, Layout] = field(default_factory=dict)


def to_text(node: Node) -> str:
    """Return the formula as a rule is written; parsing it gives the same tree."""
    return "=" + _written(node, 0, _rule_reference)


def to_a1(node: Node, layouts: Layouts) -> str:
    """Return the formula for a conditional format that starts in the table's first row.

    The row's own cells are relative (`$C5`), whole columns absolute (`$C$5:$C$1004`).

    Raises:
        FormulaError: A table or column has no place.
    """

    def reference(ref: Reference) -> str:
        layout = layouts.own
        if isinstance(ref, WholeColumn) and ref.table:
            layout = layouts.others.get(ref.table, layouts.own)
        letter = layout.letters.get(ref.column)
        if letter is None:
            raise FormulaError(f"没有列“{ref.column}”", ref.at, "reference")
        if isinstance(ref, ThisRow):
            return f"${letter}{layout.first_row}"
        cells = f"${letter}${layout.first_row}:${letter}${layout.last_row}"
        sheet = layout.sheet.replace("'", "''")
        return f"'{sheet}'!{cells}" if layout is not layouts.own else cells

    return "=" + _written(node, 0, reference)


def guarded(node: Node, id_columns: Collection[str]) -> Node:
    """Return the formula with long numbers compared whole.

    COUNTIF and its relatives take a text of digits for a number, of which Excel keeps 15 digits:
    two ids that differ after those count as one. For the columns named, `x` becomes the pair
    `x&"*"`, which is compared as text, and `x` itself, so that 1 does not match 10 either.
    """
    match node:
        case Unary():
            return Unary(node.operator, guarded(node.operand, id_columns), node.at)
        case Binary():
            left, right = guarded(node.left, id_columns), guarded(node.right, id_columns)
            return Binary(node.operator, left, right, node.at)
        case Call():
            arguments = tuple(guarded(a, id_columns) for a in node.arguments)
            return _guarded_call(Call(node.name, arguments, node.at), id_columns)
    return node


_PLURAL = {"COUNTIF": "COUNTIFS", "SUMIF": "SUMIFS", "AVERAGEIF": "AVERAGEIFS"}


def _guarded_call(call: Call, id_columns: Collection[str]) -> Call:
    name = _PLURAL.get(call.name, call.name)
    if name not in _PLURAL.values():
        return call
    summed, pairs = call.arguments[:0], call.arguments
    if name != "COUNTIFS":
        summed, pairs = call.arguments[:1], call.arguments[1:]
        if call.name in _PLURAL:
            summed, pairs = (call.arguments[2:] or call.arguments[:1]), call.arguments[:2]
    made: list[Node] = []
    for cells, wanted in zip(pairs[::2], pairs[1::2], strict=True):
        if isinstance(wanted, ThisRow) and _is_id(cells, wanted, id_columns):
            made += [cells, Binary("&", wanted, Text("*"), wanted.at)]
        made += [cells, wanted]
    if len(made) == len(pairs):
        return call
    return Call(name, (*summed, *made), call.at)


def _is_id(cells: Node, wanted: ThisRow, id_columns: Collection[str]) -> bool:
    own = isinstance(cells, WholeColumn) and cells.column in id_columns
    return own or wanted.column in id_columns


def _rule_reference(ref: Reference) -> str:
    sign = "@" if isinstance(ref, ThisRow) else ""
    return f"{ref.table}[{sign}{_escaped(ref.column)}]"


def _escaped(column: str) -> str:
    return "".join(f"'{c}" if c in _ESCAPED or c in "【】＠" else c for c in column)


def _written(node: Node, level: int, reference: Callable[[Reference], str]) -> str:
    """Write a node; in brackets where it binds less tightly than `level`."""
    text, own = _bare(node, reference)
    return f"({text})" if own < level else text


def _bare(node: Node, reference: Callable[[Reference], str]) -> tuple[str, int]:
    match node:
        case Binary():
            own = LEVELS[node.operator]
            left = _written(node.left, own, reference)
            right = _written(node.right, own + 1, reference)
            return f"{left}{node.operator}{right}", own
        case Unary(operator="%"):
            return f"{_written(node.operand, PERCENT_LEVEL, reference)}%", PERCENT_LEVEL
        case Unary():
            return f"{node.operator}{_written(node.operand, SIGN_LEVEL, reference)}", SIGN_LEVEL
        case Call():
            arguments = ",".join(_written(a, 0, reference) for a in node.arguments)
            return f"{node.name}({arguments})", _ATOM_LEVEL
        case ThisRow() | WholeColumn():
            return reference(node), _ATOM_LEVEL
    return _constant(node), _ATOM_LEVEL


def _constant(node: Node) -> str:
    match node:
        case Number():
            return _number(node.value)
        case Text():
            return '"' + node.value.replace('"', '""') + '"'
        case Name():
            return node.name
    return str(getattr(node, "value", "")).upper()


def _number(value: float) -> str:
    exact = number_text(value)
    return exact if float(exact) == value else repr(value).upper()
