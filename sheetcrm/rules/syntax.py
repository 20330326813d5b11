"""The syntax tree of a formula, and the mistake that keeps one from being a formula."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Problem = Literal["syntax", "function", "reference", "cost"]

# MS-XLS 2.5.10 BErr, in the order errors are numbered here; 0 stands for no error.
ERRORS = ("", "#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A")


class FormulaError(ValueError):
    """A formula that cannot be used: what is wrong, in Chinese, and where.

    Attributes:
        reason: One Chinese sentence without a full stop.
        position: The character it is about, counted from 1; 0 for the formula as a whole.
        problem: What kind of mistake it is.
    """

    def __init__(self, reason: str, position: int = 0, problem: Problem = "syntax") -> None:
        super().__init__(reason)
        self.reason = reason
        self.position = position
        self.problem: Problem = problem

    @property
    def sentence(self) -> str:
        """The reason with its place."""
        return f"第{self.position}个字符处：{self.reason}" if self.position else self.reason


@dataclass(frozen=True)
class Number:
    """A number."""

    value: float
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Text:
    """A text in quotes."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Logical:
    """TRUE or FALSE."""

    value: bool
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ErrorValue:
    """An error written out, as `#N/A`."""

    value: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Missing:
    """An argument left out between two commas."""

    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class ThisRow:
    """`[@列]`: the cell of a column in the row the rule looks at."""

    column: str
    table: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class WholeColumn:
    """`[列]` or `表[列]`: all cells of a column."""

    column: str
    table: str = ""
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Name:
    """A defined name: 今天, 工作日, a list of the 设置 tab."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Unary:
    """A sign before, or a percent sign after, an operand."""

    operator: str
    operand: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Binary:
    """Two operands and what stands between them."""

    operator: str
    left: "Node"
    right: "Node"
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Call:
    """A function and its arguments; the name in capitals."""

    name: str
    arguments: tuple["Node", ...]
    at: int = field(default=0, compare=False)


Reference: TypeAlias = ThisRow | WholeColumn
Operand: TypeAlias = Number | Text | Logical | ErrorValue | Missing | Reference | Name
Operation: TypeAlias = Unary | Binary | Call
Node: TypeAlias = Operand | Operation

# How tightly operators bind, Excel's order: the sign before a number binds more than `%` and `^`.
LEVELS = {
    **dict.fromkeys(("=", "<>", "<", ">", "<=", ">="), 1),
    "&": 2,
    **dict.fromkeys("+-", 3),
    **dict.fromkeys("*/", 4),
    "^": 5,
}
PERCENT_LEVEL = 6
SIGN_LEVEL = 7
COMPARISONS = frozenset(("=", "<>", "<", ">", "<=", ">="))


def children(node: Node) -> tuple[Node, ...]:
    """Return the operands or arguments of a node, in the order they are written."""
    match node:
        case Unary():
            return (node.operand,)
        case Binary():
            return (node.left, node.right)
        case Call():
            return node.arguments
    return ()


def walk(node: Node) -> Iterator[Node]:
    """Yield a node and everything below it, in the order it is written."""
    if isinstance(node, Binary):
        yield from walk(node.left)
        yield node
        yield from walk(node.right)
        return
    yield node
    for child in children(node):
        yield from walk(child)


def references(node: Node) -> tuple[Reference, ...]:
    """Return the column references in the order they are written."""
    return tuple(n for n in walk(node) if isinstance(n, ThisRow | WholeColumn))
