"""The cell references inside a formula's text: found, moved with rows, filled down.

Formulas are scanned, not parsed; texts, sheet names, structured references and names are never
taken for references. A formula is given as people see it (no XML escapes), without `=`.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sheetcrm.book.formula_text import TOKEN
from sheetcrm.table import LAST_COLUMN, LAST_ROW, column_letter, column_number

_CELL = re.compile(r"(\$?)([A-Za-z]{1,3})(\$?)(\d{1,7})")
_ROWS = re.compile(r"(\$?)(\d{1,7}):(\$?)(\d{1,7})")


@dataclass(frozen=True)
class Corner:
    """One end of a reference; `column` is "" in a reference to whole rows."""

    column: str
    row: int
    column_fixed: bool
    row_fixed: bool

    @property
    def text(self) -> str:
        """As a formula writes it."""
        dollar = "$" if self.row_fixed else ""
        return f"{'$' if self.column_fixed else ''}{self.column}{dollar}{self.row}"


@dataclass(frozen=True)
class Reference:
    """A reference to a cell, an area or whole rows, and where it stands in the formula.

    `sheet` is the sheet's name in lower case, "" without one; `spans` says that it names several
    sheets or another workbook.
    """

    start: int
    end: int
    first: Corner
    last: Corner | None
    sheet: str
    spans: bool

    @property
    def top(self) -> int:
        """The upper row."""
        return min(self.first.row, (self.last or self.first).row)

    @property
    def bottom(self) -> int:
        """The lower row."""
        return max(self.first.row, (self.last or self.first).row)

    @property
    def columns(self) -> tuple[int, int]:
        """The leftmost and the rightmost column; all of them in a reference to whole rows."""
        if not self.first.column:
            return 1, LAST_COLUMN
        ends = [column_number(end.column) for end in (self.first, self.last or self.first)]
        return min(ends), max(ends)

    @property
    def rows_fixed(self) -> bool:
        """Whether both rows carry the dollar sign."""
        return self.first.row_fixed and (self.last or self.first).row_fixed

    def with_rows(self, top: int, bottom: int) -> str:
        """Return its text with other rows, all else as it is."""
        ends = [self.first, self.last] if self.last else [self.first]
        upper = 0 if self.first.row == self.top else 1
        rows = (top, bottom) if upper == 0 else (bottom, top)
        return ":".join(
            Corner(end.column, row, end.column_fixed, end.row_fixed).text
            for end, row in zip(ends, rows, strict=False)
            if end
        )


def references(formula: str) -> Iterator[Reference]:
    """Yield the references of a formula, from left to right."""
    tokens = [match for match in TOKEN.finditer(formula) if match.lastgroup != "blank"]
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.lastgroup == "rows":
            yield _whole_rows(tokens, at)
        elif first := _corner(tokens, at):
            follows = at + 2 < len(tokens) and tokens[at + 1].group() == ":"
            last = _corner(tokens, at + 2) if follows else None
            end = tokens[at + 2] if last else token
            sheet, spans = _sheet(tokens, at)
            yield Reference(token.start(), end.end(), first, last, sheet, spans)
            at += 2 if last else 0
        at += 1


def rewritten(formula: str, change: Callable[[Reference], str | None]) -> str:
    """Return a formula with the references exchanged for which `change` returns another text."""
    out, at = [], 0
    for reference in references(formula):
        new = change(reference)
        if new is not None:
            out += [formula[at : reference.start], new]
            at = reference.end
    return "".join([*out, formula[at:]])


@dataclass(frozen=True)
class FillDown:
    """A formula as it reads in any row below the one it was written in.

    `parts` are the pieces of text between the row numbers, `rows` those numbers.
    """

    parts: tuple[str, ...]
    rows: tuple[int, ...]

    def at(self, offset: int) -> str | None:
        """Return the formula so many rows below; None where a reference leaves the sheet."""
        if any(not 1 <= row + offset <= LAST_ROW for row in self.rows):
            return None
        pieces = [self.parts[0]]
        for row, text in zip(self.rows, self.parts[1:], strict=True):
            pieces += [str(row + offset), text]
        return "".join(pieces)


def fill_down(formula: str) -> FillDown:
    """Take a formula apart at the row numbers that move when it is filled down."""
    parts, rows, at = [], [], 0
    for reference in references(formula):
        text = formula[reference.start : reference.end]
        ends = [reference.first, *([reference.last] if reference.last else [])]
        places = [match.span() for match in re.finditer(r"\d+", text)]
        for corner, (start, end) in zip(ends, places, strict=True):
            if not corner.row_fixed:
                parts.append(formula[at : reference.start + start])
                rows.append(corner.row)
                at = reference.start + end
    return FillDown((*parts, formula[at:]), tuple(rows))


def moved(formula: str, rows: int, columns: int) -> str | None:
    """Return a formula copied to another cell; None where a reference leaves the sheet."""
    outside = False

    def change(reference: Reference) -> str:
        nonlocal outside
        ends = [reference.first, *([reference.last] if reference.last else [])]
        there = [_moved(end, rows, columns) for end in ends]
        outside = outside or None in there
        return ":".join(end.text for end in there if end)

    text = rewritten(formula, change)
    return None if outside else text


def _moved(corner: Corner, rows: int, columns: int) -> Corner | None:
    row = corner.row if corner.row_fixed else corner.row + rows
    letters = corner.column
    if letters and not corner.column_fixed and columns:
        column = column_number(letters) + columns
        if not 1 <= column <= LAST_COLUMN:
            return None
        letters = column_letter(column)
    inside = 1 <= row <= LAST_ROW
    return Corner(letters, row, corner.column_fixed, corner.row_fixed) if inside else None


def _whole_rows(tokens: Sequence[re.Match[str]], at: int) -> Reference:
    match = _ROWS.fullmatch(tokens[at].group())
    assert match is not None
    sheet, spans = _sheet(tokens, at)
    first = Corner("", int(match[2]), column_fixed=False, row_fixed=bool(match[1]))
    last = Corner("", int(match[4]), column_fixed=False, row_fixed=bool(match[3]))
    return Reference(tokens[at].start(), tokens[at].end(), first, last, sheet, spans)


def _corner(tokens: Sequence[re.Match[str]], at: int) -> Corner | None:
    token = tokens[at]
    match = _CELL.fullmatch(token.group()) if token.lastgroup == "name" else None
    # a function, a sheet or a table may be called like a cell
    if match is None or token.string[token.end() : token.end() + 1] in ("(", "!", "["):
        return None
    row = int(match[4])
    if not 1 <= row <= LAST_ROW or column_number(match[2]) > LAST_COLUMN:
        return None
    return Corner(match[2], row, column_fixed=bool(match[1]), row_fixed=bool(match[3]))


def _sheet(tokens: Sequence[re.Match[str]], at: int) -> tuple[str, bool]:
    """Return the sheet named before a reference, and whether it is one of several or elsewhere."""
    if at < 2 or tokens[at - 1].group() != "!":
        return "", False
    token, before = tokens[at - 2], tokens[at - 3].group() if at > 2 else ""
    text = token.group()
    if token.lastgroup == "quoted":
        text = text[1:-1].replace("''", "'")
    several = before == ":" or before.endswith("]") or "[" in text or ":" in text
    return text.lower(), several
