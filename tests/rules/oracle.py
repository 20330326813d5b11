"""Excel's rules once more, one row and one cell at a time, for comparison."""

import operator
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from sheetcrm.rules.syntax import Binary, Call, Name, Node, ThisRow, Unary, WholeColumn
from sheetcrm.rules.texts import number_text, text_number

Columns = Mapping[str, Sequence[Any]]
ERRORS = ("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")
ORDER: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}


class Failed(Exception):
    """An error value on its way up."""


def evaluate(node: Node, columns: Columns, row: int) -> Any:
    try:
        return checked(value(node, columns, row))
    except Failed as failed:
        return failed.args[0]


def checked(found: Any) -> Any:
    """Return a value as the engine gives it: numbers as floats, an error raised."""
    if found in ERRORS and isinstance(found, str):
        raise Failed(found)
    if isinstance(found, int) and not isinstance(found, bool):
        return float(found)
    return found


def value(node: Node, columns: Columns, row: int) -> Any:
    match node:
        case ThisRow():
            return columns[node.column][row]
        case WholeColumn():
            return [checked_late(cell) for cell in columns[node.column]]
        case Unary():
            return -number(value(node.operand, columns, row))
        case Binary():
            return binary(node.operator, *(value(n, columns, row) for n in (node.left, node.right)))
        case Call():
            return call(node, columns, row)
        case Name():
            raise NotImplementedError
    return getattr(node, "value", None)


def checked_late(cell: Any) -> Any:
    return float(cell) if isinstance(cell, int) and not isinstance(cell, bool) else cell


def number(cell: Any) -> float:
    cell = checked(cell)
    if cell is None:
        return 0.0
    if isinstance(cell, str):
        spelled = text_number(cell)
        if spelled is None:
            raise Failed("#VALUE!")
        return spelled
    return float(cell)


def text(cell: Any) -> str:
    cell = checked(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell).upper()
    return cell if isinstance(cell, str) else number_text(cell)


def truth(cell: Any) -> bool:
    cell = checked(cell)
    if isinstance(cell, str):
        if cell.upper() not in ("TRUE", "FALSE"):
            raise Failed("#VALUE!")
        return cell.upper() == "TRUE"
    return bool(cell)


def binary(sign: str, left: Any, right: Any) -> Any:
    if isinstance(left, list):
        return [attempt(partial(binary, sign, cell, right)) for cell in left]
    if sign in ORDER:
        return ORDER[sign](*comparable(checked(left), checked(right)))
    if sign == "&":
        return text(left) + text(right)
    x, y = number(left), number(right)
    if sign == "/":
        if not y:
            raise Failed("#DIV/0!")
        return x / y
    return {"+": x + y, "-": x - y, "*": x * y}[sign]


def attempt(job: Callable[[], Any]) -> Any:
    try:
        return job()
    except Failed as failed:
        return failed.args[0]


def comparable(left: Any, right: Any) -> tuple[tuple[int, Any], tuple[int, Any]]:
    def empty_like(cell: Any, other: Any) -> Any:
        if cell is not None:
            return cell
        return "" if isinstance(other, str) else False if isinstance(other, bool) else 0.0

    def ranked(cell: Any) -> tuple[int, Any]:
        if isinstance(cell, str):
            return 2, cell.lower()
        return (3, cell) if isinstance(cell, bool) else (1, cell)

    return ranked(empty_like(left, right)), ranked(empty_like(right, left))


def call(node: Call, columns: Columns, row: int) -> Any:
    lazy = [partial(value, n, columns, row) for n in node.arguments]
    match node.name:
        case "IF":
            return lazy[1]() if truth(lazy[0]()) else lazy[2]()
        case "IFERROR":
            return attempt_or(lazy[0], lazy[1])
        case "ISBLANK":
            return lazy[0]() is None
        case "ISNUMBER":
            cell = lazy[0]()
            return isinstance(cell, int | float) and not isinstance(cell, bool)
        case "AND" | "OR":
            return every_or_any(node, [job() for job in lazy])
    if node.name in CONDITIONAL:
        # An error as a criterion asks for cells with that error.
        return conditional(node.name, [attempt(job) for job in lazy])
    given = [job() for job in lazy]
    return FUNCTIONS[node.name](*given)


def attempt_or(job: Callable[[], Any], other: Callable[[], Any]) -> Any:
    try:
        return checked(job())
    except Failed:
        return other()


def every_or_any(node: Call, given: list[Any]) -> bool:
    """A reference to a text or an empty cell does not count."""
    counted = []
    for argument, cell in zip(node.arguments, given, strict=True):
        cell = checked(cell)
        if isinstance(argument, ThisRow) and (cell is None or isinstance(cell, str)):
            continue
        counted.append(truth(cell))
    if not counted:
        raise Failed("#VALUE!")
    return all(counted) if node.name == "AND" else any(counted)


def left(cell: Any, count: float) -> str:
    return text(cell)[: int(count)]


def match(wanted: Any, cells: list[Any], _kind: Any) -> float:
    wanted = checked(wanted)
    for place, cell in enumerate(cells, start=1):
        if wanted is None or cell is None or type(cell) is not type(wanted):
            continue
        if isinstance(cell, str) and cell not in ERRORS and fits(wanted, cell):
            return float(place)
        if not isinstance(cell, str) and cell == wanted:
            return float(place)
    raise Failed("#N/A")


def fits(pattern: str, cell: str) -> bool:
    parts, letters = [], iter(pattern)
    for letter in letters:
        if letter == "~":
            parts.append(re.escape(next(letters, "~")))
        else:
            parts.append({"*": ".*", "?": "."}.get(letter, re.escape(letter)))
    return re.fullmatch("".join(parts), cell, re.I | re.S) is not None


def answers(cell: Any, wanted: Any) -> bool:
    """Say whether a cell answers a criterion."""
    sign, kind, asked = asks(wanted)
    if sign == "<>":
        return not answers_equal(cell, kind, asked)
    if sign == "=":
        return answers_equal(cell, kind, asked)
    if kind == "text":
        worded = isinstance(cell, str) and cell not in ERRORS
        return worded and ORDER[sign](cell.lower(), asked.lower())
    same_kind = kind_of(cell) == kind
    return same_kind and ORDER[sign](cell, asked)


def asks(wanted: Any) -> tuple[str, str, Any]:
    if wanted is None:
        return "=", "number", 0.0
    if not isinstance(wanted, str) or wanted in ERRORS:
        return "=", kind_of(wanted), wanted
    found = re.fullmatch(r"(<>|<=|>=|=|<|>)?(.*)", wanted, re.S)
    assert found
    sign, rest = found[1] or "=", found[2]
    if not rest and sign in ("=", "<>"):
        return sign, "blank" if found[1] else "hollow", None
    if rest.upper() in ("TRUE", "FALSE"):
        return sign, "logical", rest.upper() == "TRUE"
    if rest.upper() in ERRORS:
        return sign, "error", rest.upper()
    spelled = text_number(rest)
    return (sign, "text", rest) if spelled is None else (sign, "number", spelled)


def kind_of(cell: Any) -> str:
    if cell is None:
        return "blank"
    if isinstance(cell, str):
        return "error" if cell in ERRORS else "text"
    return "logical" if isinstance(cell, bool) else "number"


def answers_equal(cell: Any, kind: str, asked: Any) -> bool:
    own = kind_of(cell)
    if kind in ("blank", "hollow"):
        return own == "blank" or (kind == "hollow" and cell == "")
    if kind == "text":
        return own == "text" and fits(asked, cell)
    if kind == "number" and own == "text":
        return bool(text_number(cell) == asked)
    return bool(own == kind and cell == asked)


CONDITIONAL = frozenset(("COUNTIF", "COUNTIFS", "SUMIF", "SUMIFS", "AVERAGEIFS"))


def conditional(name: str, given: list[Any]) -> float:
    summed, pairs = [], given
    if name == "SUMIF":
        summed, pairs = given[2], given[:2]
    elif name in ("SUMIFS", "AVERAGEIFS"):
        summed, pairs = given[0], given[1:]
    rows = [
        at
        for at in range(len(pairs[0]))
        if all(answers(c[at], w) for c, w in zip(pairs[::2], pairs[1::2], strict=True))
    ]
    if name.startswith("COUNT"):
        return float(len(rows))
    for at in rows:
        checked(summed[at])
    numbers = [summed[at] for at in rows if kind_of(summed[at]) == "number"]
    if name == "AVERAGEIFS":
        if not numbers:
            raise Failed("#DIV/0!")
        return float(sum(numbers) / len(numbers))
    return float(sum(numbers))


def total(cells: list[Any]) -> float:
    return float(sum(c for c in map(checked, cells) if kind_of(c) == "number"))


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "NOT": lambda cell: not truth(cell),
    "LEN": lambda cell: float(len(text(cell))),
    "LEFT": left,
    "MATCH": match,
    "INDEX": lambda cells, place: cells[int(number(place)) - 1],
    "SUM": total,
    "COUNTA": lambda cells: float(sum(c is not None for c in cells)),
    "COUNTBLANK": lambda cells: float(sum(c is None or c == "" for c in cells)),
    "SUMPRODUCT": total,
}
