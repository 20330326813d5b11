"""Parse a rule's formula: operators bind as in Excel, columns are named in brackets."""

import re
from functools import lru_cache

from sheetcrm.rules.language import FUNCTIONS, arity_problem, instead_of
from sheetcrm.rules.syntax import (
    LEVELS,
    Binary,
    Call,
    ErrorValue,
    FormulaError,
    Logical,
    Missing,
    Name,
    Node,
    Number,
    Reference,
    Text,
    ThisRow,
    Unary,
    WholeColumn,
)
from sheetcrm.rules.tokens import Token, tokens

# Excel's limits on nesting, on a text inside a formula, and on the length of a formula.
DEPTH_LIMIT = 64
TEXT_LIMIT = 255
LENGTH_LIMIT = 8192
_THIS_ROW = re.compile(r"[@＠](?:\[(?P<nested>.*)\]|(?P<plain>.*))", re.S)
_THIS_ROW_LONG = re.compile(r"\[#This Row\]\s*[,，]\s*\[(?P<name>.*)\]", re.S | re.I)
_ESCAPED = re.compile(r"'(.)", re.S)


@lru_cache(maxsize=1024)
def parse(formula: str) -> Node:
    """Return the syntax tree of a formula.

    Args:
        formula: As the manager wrote it, with or without `=`; full-width punctuation outside
            quotes and column names counts as ASCII.

    Raises:
        FormulaError: What is wrong, where, in Chinese.
    """
    if len(formula) > LENGTH_LIMIT:
        raise FormulaError(f"公式太长，最多{LENGTH_LIMIT}个字符")
    parser = _Parser(tokens(formula), len(formula))
    node = parser.expression(0)
    parser.finish()
    return node


class _Parser:
    """Reads tokens from left to right, by how tightly operators bind."""

    def __init__(self, items: list[Token], length: int) -> None:
        self.items = items
        self.end = Token("close", "", length + 1)
        self.next = 0
        self.depth = 0

    def peek(self) -> Token:
        return self.items[self.next] if self.next < len(self.items) else self.end

    def take(self) -> Token:
        token = self.peek()
        self.next += 1
        return token

    def finish(self) -> None:
        token = self.peek()
        if token is self.end:
            return
        if token.kind == "close":
            raise FormulaError("多了一个右括号", token.at)
        if token.kind == "comma":
            raise FormulaError("逗号只能用在函数的括号里", token.at)
        raise FormulaError(f"“{token.text}”前面少了运算符或逗号", token.at)

    def expression(self, level: int) -> Node:
        """Read operators that bind more tightly than `level`, and what stands between them."""
        self.depth += 1
        if self.depth > DEPTH_LIMIT:
            raise FormulaError(f"括号套得太深，最多{DEPTH_LIMIT}层", self.peek().at)
        left = self._signed()
        while self.peek().kind == "operator" and LEVELS.get(self.peek().text, 0) > level:
            operator = self.take()
            right = self.expression(LEVELS[operator.text])
            left = Binary(operator.text, left, right, operator.at)
        self.depth -= 1
        return left

    def _signed(self) -> Node:
        node = self._sign()
        while self.peek().kind == "operator" and self.peek().text == "%":
            node = Unary("%", node, self.take().at)
        return node

    def _sign(self) -> Node:
        signs = []
        while self.peek().kind == "operator" and self.peek().text in ("+", "-"):
            signs.append(self.take())
        node = self._operand()
        for sign in reversed(signs):
            node = Unary(sign.text, node, sign.at)
        return node

    def _operand(self) -> Node:
        token = self.take()
        match token.kind:
            case "number":
                return Number(float(token.text), token.at)
            case "text" if len(token.text) > TEXT_LIMIT:
                raise FormulaError(f"一段文字最多{TEXT_LIMIT}个字", token.at)
            case "text":
                return Text(token.text, token.at)
            case "error":
                return ErrorValue(token.text, token.at)
            case "reference":
                return _reference(token)
            case "name":
                return self._named(token)
            case "open":
                node = self.expression(0)
                self._close(token)
                return node
        raise FormulaError(_unexpected(token), token.at)

    def _named(self, token: Token) -> Node:
        if self.peek().kind == "open":
            return self._call(token)
        word = token.text.upper()
        if word in ("TRUE", "FALSE"):
            return Logical(word == "TRUE", token.at)
        return Name(token.text, token.at)

    def _call(self, token: Token) -> Node:
        name = token.text.upper().removeprefix("_XLFN.")
        if name not in FUNCTIONS:
            advice = instead_of(name)
            reason = f"不支持函数{name}" + (f"，{advice}" if advice else "")
            raise FormulaError(reason, token.at, "function")
        bracket = self.take()
        arguments = self._arguments(bracket)
        if problem := arity_problem(name, len(arguments)):
            raise FormulaError(problem, token.at)
        return Call(name, arguments, token.at)

    def _arguments(self, bracket: Token) -> tuple[Node, ...]:
        if self.peek().kind == "close" and self.peek() is not self.end:
            self.take()
            return ()
        arguments: list[Node] = []
        while True:
            ended = self.peek().kind in ("comma", "close") and self.peek() is not self.end
            arguments.append(Missing(self.peek().at) if ended else self.expression(0))
            if self.peek().kind != "comma":
                break
            self.take()
        self._close(bracket)
        return tuple(arguments)

    def _close(self, bracket: Token) -> None:
        token = self.peek()
        if token is self.end:
            raise FormulaError("左括号没有配对的右括号", bracket.at)
        if token.kind != "close":
            raise FormulaError(f"“{token.text}”前面少了运算符、逗号或右括号", token.at)
        self.take()


def _unexpected(token: Token) -> str:
    if not token.text:
        return "公式没有写完"
    if token.kind == "operator":
        return f"“{token.text}”前面少了内容"
    return f"这里不能是“{token.text}”"


def _reference(token: Token) -> Reference:
    """Read `[@列]`, `[列]`, `表[列]`, `[@[列]]` or `表[[#This Row],[列]]`."""
    table, _, inner = token.text.replace("【", "[", 1).partition("[")
    inner = inner[:-1].strip()
    match = _THIS_ROW.fullmatch(inner)
    if match:
        return ThisRow(_column(match["nested"] or match["plain"] or "", token), table, token.at)
    match = _THIS_ROW_LONG.fullmatch(inner)
    if match:
        return ThisRow(_column(match["name"], token), table, token.at)
    if inner.startswith("#"):
        raise FormulaError(f"不支持“{inner}”，请写 [@列名] 或 [列名]", token.at)
    if inner.startswith("[") and inner.endswith("]"):
        inner = inner[1:-1]
    return WholeColumn(_column(inner, token), table, token.at)


def _column(name: str, token: Token) -> str:
    bare = _ESCAPED.sub("", name)
    if "[" in bare or "]" in bare or "【" in bare:
        raise FormulaError("方括号里只能写一个列名", token.at)
    plain = _ESCAPED.sub(r"\1", name).strip()
    if not plain:
        raise FormulaError("方括号里要写列名", token.at)
    return plain
