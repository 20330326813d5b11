"""A formula's text as tokens; what a Chinese input method types is read as what is meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from sheetcrm.rules.syntax import ERRORS, FormulaError

Kind = Literal["number", "text", "name", "reference", "operator", "open", "close", "comma", "error"]

# Typed without switching the input method off: brackets and quotes of their own, and signs that
# Excel spells with two characters. Full-width forms of ASCII (U+FF01 to U+FF5E) are counted down.
_TYPED = {"　": " ", "“": '"', "”": '"', "【": "[", "】": "]", "≥": ">=", "≤": "<=", "≠": "<>"}
_FULL_WIDTH_OFFSET = 0xFEE0
_OPERATORS = (">=", "<=", "<>", "=", "<", ">", "&", "+", "-", "*", "/", "^", "%")
_SINGLE: dict[str, Kind] = {"(": "open", ")": "close", ",": "comma"}
_NUMBER = re.compile(r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)
_NAME = re.compile(r"[^\W\d][\w.]*")
_ADDRESS = re.compile(r"\$?[A-Za-z]{1,3}\$?\d+(?![\w.(])|\$[A-Za-z]{1,3}|[A-Za-z]{1,3}:[A-Za-z]")
_REASONS = {
    "{": "不能用数组常量{…}：条件格式里Excel不允许，请用 OR(…=…,…=…)",
    ";": "参数之间请用逗号",
    "!": "不能直接引用别的工作表，请写成 表名[列名]",
    ":": "不能写单元格区域，请用 [列名] 代表整列",
    "]": "多了一个“]”",
    "'": "文字请放在双引号里",
}


@dataclass(frozen=True)
class Token:
    """One piece of a formula: `text` is its meaning (a text without quotes, a reference whole)."""

    kind: Kind
    text: str
    at: int


def tokens(formula: str) -> list[Token]:
    """Split a formula, with or without its leading `=`.

    Raises:
        FormulaError: A character has no place in a formula, a quote or bracket is not closed.
    """
    return list(_Reader(formula).read())


def typed(character: str) -> str:
    """Return what a character stands for outside quotes and brackets."""
    if character in _TYPED:
        return _TYPED[character]
    if "\uff01" <= character <= "\uff5e":
        return chr(ord(character) - _FULL_WIDTH_OFFSET)
    return character


class _Reader:
    """Goes through a formula once; `plain` has a character for every one of `text`."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.plain = "".join(typed(c) if len(typed(c)) == 1 else c for c in text)
        self.at = 0

    def read(self) -> Iterator[Token]:
        self._skip_blank()
        if self.plain.startswith("=", self.at):
            self.at += 1
        while self._skip_blank():
            yield self._token()

    def _skip_blank(self) -> bool:
        while self.at < len(self.plain) and self.plain[self.at].isspace():
            self.at += 1
        return self.at < len(self.plain)

    def _token(self) -> Token:
        character = self.plain[self.at]
        if character == '"':
            return self._quoted()
        if character == "[":
            return self._take("reference", self._bracket_end())
        if character in _SINGLE:
            return self._take(_SINGLE[character], self.at + 1)
        if character in _TYPED:
            return self._take("operator", self.at + 1, _TYPED[character])
        sign = next((o for o in _OPERATORS if self.plain.startswith(o, self.at)), "")
        if sign:
            return self._take("operator", self.at + len(sign))
        return self._word()

    def _word(self) -> Token:
        if address := _ADDRESS.match(self.plain, self.at):
            raise self._mistake(f"“{address[0]}”是单元格地址，规则里请用 [@列名] 代表这一行的格子")
        if number := _NUMBER.match(self.plain, self.at):
            return self._take("number", number.end())
        if name := _NAME.match(self.plain, self.at):
            end = name.end()
            if self.plain.startswith("[", end):
                return self._take("reference", self._bracket_end(end))
            return self._take("name", end)
        error = next((e for e in ERRORS[1:] if self.plain.upper().startswith(e, self.at)), "")
        if error:
            return self._take("error", self.at + len(error), error)
        character = self.text[self.at]
        raise self._mistake(_REASONS.get(typed(character), f"看不懂“{character}”"))

    def _take(self, kind: Kind, end: int, text: str = "") -> Token:
        start, self.at = self.at, end
        source = self.text if kind == "reference" else self.plain
        return Token(kind, text or source[start:end], start + 1)

    def _quoted(self) -> Token:
        """Read a text: a curly opening quote is closed by a curly one, a straight by a straight."""
        start = self.at
        close = '"' if self.text[start] == '"' else "”＂"
        parts: list[str] = []
        self.at += 1
        while self.at < len(self.text):
            character = self.text[self.at]
            self.at += 1
            if character not in close:
                parts.append(character)
            elif self.text[self.at : self.at + 1] == '"' == character:
                parts.append(character)
                self.at += 1
            else:
                return Token("text", "".join(parts), start + 1)
        self.at = start
        raise self._mistake("文字的引号没有配对")

    def _bracket_end(self, start: int | None = None) -> int:
        """Return where the bracket at `start` ends; a quote mark ' takes away a bracket's force."""
        depth, at = 0, self.at if start is None else start
        while at < len(self.plain):
            character = self.plain[at]
            if character == "'":
                at += 1
            elif character == "[":
                depth += 1
            elif character == "]":
                depth -= 1
                if not depth:
                    return at + 1
            at += 1
        raise self._mistake("方括号没有配对")

    def _mistake(self, reason: str) -> FormulaError:
        return FormulaError(reason, self.at + 1)
