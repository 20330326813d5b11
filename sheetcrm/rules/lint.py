"""Warn of formulas that do in Excel what their author does not expect."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sheetcrm.kit.names import TODAY
from sheetcrm.rules.language import PAIRED
from sheetcrm.rules.render import guarded
from sheetcrm.rules.syntax import (
    COMPARISONS,
    Binary,
    Call,
    FormulaError,
    Name,
    Node,
    Number,
    Text,
    ThisRow,
    Unary,
    WholeColumn,
    children,
    walk,
)

ColumnKind = Literal["text", "choice", "id", "number", "date", "unknown"]
_COUNTING = frozenset(("COUNTIF", "SUMIF", "AVERAGEIF", *PAIRED))
_ORDER = frozenset(("<", ">", "<=", ">="))
_ARITHMETIC = frozenset("+-*/^")
_TEXT_RESULTS = frozenset(
    ("LEFT", "RIGHT", "MID", "TEXT", "UPPER", "LOWER", "TRIM", "SUBSTITUTE", "CONCATENATE", "REPT")
)
_WORKDAYS = frozenset(("WORKDAY", "NETWORKDAYS"))
# More digits than Excel keeps.
_LONG_NUMBER = 1e15
_LONG_IDS = re.compile(r"身份证|证件号|卡号|账号|帐号|税号|信用代码")


@dataclass(frozen=True)
class Known:
    """What a formula may name: the table's columns with their kinds, names, other tables."""

    columns: Mapping[str, ColumnKind]
    names: Collection[str] = ()
    tables: Mapping[str, Mapping[str, ColumnKind]] = field(default_factory=dict)

    def kind(self, node: Node) -> ColumnKind:
        """Return what kind of value a node has, as far as it can be said."""
        match node:
            case ThisRow() | WholeColumn():
                return self.tables.get(node.table, self.columns).get(node.column, "unknown")
            case Text() | Binary(operator="&"):
                return "text"
            case Number() | Unary():
                return "number"
            case Call(name=name) if name in _TEXT_RESULTS:
                return "text"
        return "unknown"


@dataclass(frozen=True)
class Trap:
    """One trap: the code of the catalogue, what is said, the column it is about."""

    code: str
    reason: str
    name: str = ""


def is_long_id(name: str, kind: ColumnKind) -> bool:
    """Say whether a column holds ids that may be longer than the 15 digits Excel keeps."""
    return kind == "id" or (kind in ("text", "unknown") and bool(_LONG_IDS.search(name)))


def guarded_for(node: Node, known: Known) -> Node:
    """Return the formula with the columns of long ids compared whole (`render.guarded`)."""
    tables = (known.columns, *known.tables.values())
    ids = {name for kinds in tables for name, kind in kinds.items() if is_long_id(name, kind)}
    return guarded(node, ids)


def check_names(node: Node, known: Known) -> None:
    """Refuse a formula that names what there is not.

    Raises:
        FormulaError: The first column, table or name that is unknown.
    """
    for each in walk(node):
        match each:
            case Name() if each.name != TODAY and each.name not in known.names:
                hint = f"；要写文字请加引号，要写列请用[@{each.name}]"
                raise FormulaError(f"没有名称“{each.name}”{hint}", each.at, "reference")
            case ThisRow() | WholeColumn():
                _check_column(each, known)


def _check_column(ref: ThisRow | WholeColumn, known: Known) -> None:
    if ref.table and ref.table not in known.tables:
        raise FormulaError(f"没有表“{ref.table}”", ref.at, "reference")
    columns = known.tables.get(ref.table, known.columns)
    if ref.column not in columns:
        table = f"表“{ref.table}”" if ref.table else "表里"
        raise FormulaError(f"{table}没有列“{ref.column}”", ref.at, "reference")
    if isinstance(ref, ThisRow) and ref.table and columns is not known.columns:
        reason = f"别的表没有“这一行”，请写{ref.table}[{ref.column}]，放进COUNTIFS等函数里"
        raise FormulaError(reason, ref.at, "reference")


def traps(node: Node, known: Known) -> list[Trap]:
    """Return the traps in a formula whose names are all known, each once."""
    return list(dict.fromkeys(_traps(node, known, frozenset())))


def _traps(node: Node, known: Known, filled: frozenset[str]) -> Iterator[Trap]:
    match node:
        case Binary():
            yield from _comparison(node, known, filled)
            yield from _calculation(node, known)
        case Number() if node.value >= _LONG_NUMBER:
            yield Trap("RUL-08", f"{node.value:.0f}超过15位，Excel会把后面的数字变成0")
        case Call():
            yield from _call(node, known)
            if node.name == "AND":
                filled |= _filled_by(node)
    for at, child in enumerate(children(node)):
        yield from _traps(child, known, filled | _protected(node, at))


def _protected(node: Node, at: int) -> frozenset[str]:
    """Return the columns that an IF makes sure are filled before it looks at that argument."""
    if isinstance(node, Call) and node.name == "IF" and at == 1:
        return _filled_by(node.arguments[0])
    return frozenset()


def _filled_by(node: Node) -> frozenset[str]:
    """Return the columns that a condition makes sure are filled."""
    match node:
        case Binary(operator="<>", left=ThisRow(column=column), right=Text(value="")):
            return frozenset((column,))
        case Binary(operator=">", left=ThisRow(column=column), right=Number()):
            return frozenset((column,))
        case Call(name="ISNUMBER", arguments=(ThisRow(column=column),)):
            return frozenset((column,))
        case Call(name="AND"):
            return frozenset().union(*(_filled_by(a) for a in node.arguments))
    return frozenset()


def _comparison(node: Binary, known: Known, filled: frozenset[str]) -> Iterator[Trap]:
    if node.operator not in COMPARISONS:
        return
    kinds = {known.kind(node.left), known.kind(node.right)}
    if node.operator in _ORDER and kinds & {"text", "choice", "id"}:
        yield Trap("RUL-10", f"文字比大小（{node.operator}）的先后顺序各软件不同")
    elif kinds & {"text", "choice", "id"} and kinds & {"number", "date"} and "" not in _texts(node):
        yield Trap("RUL-10", "文字和数字永远不相等")
    for column in _blank_fires(node, known):
        if column not in filled:
            yield Trap("RUL-06", f"“{column}”空着时按0算，这里会成立", column)


def _texts(node: Binary) -> list[str]:
    return [side.value for side in (node.left, node.right) if isinstance(side, Text)]


def _blank_fires(node: Binary, known: Known) -> Iterator[str]:
    """Yield the columns whose being blank, and so 0, makes the comparison true.

    Tried with typical values for all else: a date of today, a number that is neither large nor 0.
    """
    columns = {n.column for n in (*_plain(node.left), *_plain(node.right))}
    for column in sorted(columns):
        if known.columns.get(column) not in ("number", "date"):
            continue
        left, right = (_typical(side, known, column) for side in (node.left, node.right))
        if left is not None and right is not None and _holds(node.operator, left, right):
            yield column


_TODAY_SERIAL, _NUMBER = 45_000.0, 1_000.0


def _plain(node: Node) -> Iterator[ThisRow]:
    """Yield the row's own cells that are calculated with, outside functions."""
    if isinstance(node, ThisRow):
        yield node
    elif isinstance(node, Unary | Binary):
        for child in children(node):
            yield from _plain(child)


def _typical(node: Node, known: Known, blank: str) -> float | None:
    """Return a typical value of a calculation; None where there is none to be had."""
    if isinstance(node, Binary):
        return _calculated(node, known, blank)
    if isinstance(node, Unary):
        inner = _typical(node.operand, known, blank)
        return None if inner is None else {"-": -inner, "%": inner / 100}.get(node.operator)
    match node:
        case Number():
            return node.value
        case Name(name=name) | Call(name=("TODAY" as name)):
            return _TODAY_SERIAL if name in (TODAY, "TODAY") else _NUMBER
        case ThisRow():
            value = _TODAY_SERIAL if known.kind(node) == "date" else _NUMBER
            return 0.0 if node.column == blank else value
    return None


def _calculated(node: Binary, known: Known, blank: str) -> float | None:
    left, right = _typical(node.left, known, blank), _typical(node.right, known, blank)
    if left is None or right is None or (node.operator == "/" and not right):
        return None
    known_results = {"+": left + right, "-": left - right, "*": left * right}
    return left / right if node.operator == "/" else known_results.get(node.operator)


def _holds(operator: str, left: float, right: float) -> bool:
    if "=" in operator and left == right:
        return True
    return (">" in operator and left > right) or ("<" in operator and left < right)


def _calculation(node: Binary, known: Known) -> Iterator[Trap]:
    if node.operator not in _ARITHMETIC:
        return
    for side in (node.left, node.right):
        kind = known.kind(side)
        name = getattr(side, "column", "")
        if kind == "id":
            yield Trap("RUL-08", f"“{name}”是编号，当数字算会丢掉15位以后的数字", name)
        elif kind in ("text", "choice"):
            yield Trap("RUL-10", "文字参与计算，能不能变成数字取决于软件和区域设置")


def _call(node: Call, known: Known) -> Iterator[Trap]:
    if node.name in _WORKDAYS and len(node.arguments) < 3:
        yield Trap("RUL-09", f"{node.name}只跳过周末，不知道节假日和调休上班")
    elif node.name == "TRIM":
        yield Trap("RUL-10", "TRIM去不去全角空格取决于区域设置；检查前多余的空格已经去掉了")
    elif node.name == "VALUE" and known.kind(node.arguments[0]) == "id":
        yield Trap("RUL-08", "编号变成数字会丢掉15位以后的数字")
    elif node.name == "SUMPRODUCT" and any(isinstance(n, ThisRow) for n in walk(node)):
        yield Trap("RUL-10", "SUMPRODUCT逐行看整列，行多了Excel会很慢；能用COUNTIFS就用COUNTIFS")
    elif node.name in _COUNTING:
        yield from _criteria(node, known)


def _criteria(node: Call, known: Known) -> Iterator[Trap]:
    start = PAIRED.get(node.name, 0)
    arguments = node.arguments[start:] if node.name in PAIRED else node.arguments[:2]
    for cells, wanted in zip(arguments[::2], arguments[1::2], strict=False):
        if isinstance(wanted, ThisRow) and known.kind(wanted) == "text":
            reason = f"条件取自“{wanted.column}”，其中的*、?、~和开头的<、>、=有特别的意思"
            yield Trap("RUL-07", reason, wanted.column)
        elif _loses_digits(cells, wanted, known):
            name = getattr(cells, "column", "")
            yield Trap("RUL-08", f"条件里的“{name}”会当成数字，只比较前15位", name)


def _loses_digits(cells: Node, wanted: Node, known: Known) -> bool:
    """Say whether a criterion on ids is neither the bare id, which is guarded, nor a pattern."""
    if not isinstance(cells, WholeColumn) or not is_long_id(cells.column, known.kind(cells)):
        return False
    return isinstance(wanted, Binary) and not (
        isinstance(wanted.right, Text) and "*" in wanted.right.value
    )
