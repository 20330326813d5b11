"""How a cell of each column type is read: blank first, then placeholder, then the type itself."""

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sheetcrm.kit.model import Column
from sheetcrm.table import Cell
from sheetcrm.values.amounts import parse_amount, parse_number, parse_percent
from sheetcrm.values.contact import parse_contact
from sheetcrm.values.dates import parse_date
from sheetcrm.values.email import parse_email
from sheetcrm.values.parsed import Parsed
from sheetcrm.values.phones import MOBILE, parse_phone
from sheetcrm.values.text import (
    as_text,
    is_blank,
    is_error_value,
    is_placeholder,
    looks_like_formula,
    tidy,
    tidy_long,
)

Reader = Callable[[Cell], Parsed[object]]
# Text columns that hold a name: one line, compared with other cells.
_NAMES = frozenset(
    (
        *("company", "contact", "owner", "responsible", "requester", "changed_by", "team"),
        *("decision_maker", "position", "industry", "region", "product", "competitor", "version"),
    )
)
# Printable ASCII and Chinese that starts like neither a formula, a placeholder nor an error value.
_HARMLESS_LETTERS = "!-~\u4e00-\u9fff\u3001-\u3011，；：？！（）“”‘’…—《》"
_HARMLESS = re.compile(
    rf"^(?=.{{5}})[0-9A-Za-z\u4e00-\u9fff][{_HARMLESS_LETTERS}]*+(?: [{_HARMLESS_LETTERS}]++)*+$",
    re.MULTILINE,
)
_MOBILE = re.compile(f"^{MOBILE}$", re.MULTILINE)


def reader(column: Column | None, factor: float = 1.0) -> Reader:
    """Return the reader of a column, None for one the kit does not know.

    Args:
        column: The kit's column.
        factor: Turns a bare number into the kit's unit (10,000 under a heading in 万元).
    """
    if column is None:
        return _unknown_text
    if column.type in ("text", "id", "choice", "link"):
        return _text_reader(column)
    typed = _TYPED[column.type]
    if column.type == "amount":
        typed = _amount_reader(factor, zero=bool(column.required))

    def read(cell: Cell) -> Parsed[object]:
        if isinstance(cell, str) and cell[:1].isdigit():
            return typed(cell)
        return _nothing(cell, column) or typed(cell)

    return read


def plain(
    column: Column | None, factor: float = 1.0
) -> Callable[[Sequence[Cell]], Sequence[bool]] | None:
    """Return what says quickly which cells of a column `reader` would leave alone: most of them.

    Args:
        column: The kit's column, None for one it does not know.
        factor: As `reader` takes it.
    """
    kind = column.type if column else "text"
    if kind in ("date", "datetime"):
        return lambda cells: [c.__class__ is datetime and c.tzinfo is None for c in cells]
    if kind in ("phone", "contact"):
        return lambda cells: _matching(_MOBILE, cells)
    if kind == "amount" and factor == 1:
        return lambda cells: [c.__class__ is float and 0 < c < math.inf for c in cells]
    if kind in ("text", "id", "choice", "link"):
        return lambda cells: _matching(_HARMLESS, cells)
    return None


def _matching(pattern: re.Pattern[str], cells: Sequence[Cell]) -> list[bool]:
    """Say which cells are texts that a pattern matches; all of them are searched at once.

    Args:
        pattern: Of one whole line, with re.MULTILINE.
        cells: Any cells.
    """
    texts = "\n".join([cell for cell in cells if cell.__class__ is str])
    known = set(pattern.findall(texts))
    return [cell in known for cell in cells]


def _nothing(cell: Cell, column: Column) -> Parsed[object] | None:
    """Read what holds no value: an error value, a blank, a placeholder; None for the rest."""
    if not isinstance(cell, str):
        return None
    if is_error_value(cell):
        return Parsed(note="TYP-12")
    if is_blank(cell):
        return Parsed()
    if is_placeholder(cell):
        return Parsed(note="REQ-03" if column.required == "always" else "")
    return None


def _text_reader(column: Column) -> Reader:
    one_line = column.type == "choice" or column.key in _NAMES or bool(column.references)
    finish: Callable[[str], str] = tidy if one_line else tidy_long
    if column.type == "id":
        finish, one_line = _tidy_id, True

    def read(cell: Cell) -> Parsed[object]:
        if not isinstance(cell, str):
            return Parsed(as_text(cell))
        if _HARMLESS.fullmatch(cell):
            return Parsed(cell)
        # A choice may well be called 待定 or 无: its list decides.
        if column.type == "choice" and not is_error_value(cell):
            return Parsed() if is_blank(cell) else _finished(cell, finish, say=one_line)
        return _nothing(cell, column) or _finished(cell, finish, say=one_line)

    return read


def _finished(cell: str, finish: Callable[[str], str], *, say: bool) -> Parsed[object]:
    text = finish(cell)
    if looks_like_formula(cell):
        return Parsed(text, "SEC-01", facts={"sign": _sign(cell)})
    if say and text != cell:
        return Parsed(text, "FMT-10", text, {"fixed": text})
    return Parsed(text)


def _unknown_text(cell: Cell) -> Parsed[object]:
    if not isinstance(cell, str):
        return Parsed(as_text(cell))
    if looks_like_formula(cell):
        return Parsed(tidy_long(cell), "SEC-01", facts={"sign": _sign(cell)})
    return Parsed(tidy_long(cell) or None)


def _sign(cell: str) -> str:
    return {"\t": "制表符", "\r": "换行符"}.get(cell[0], cell.strip()[:1])


def _tidy_id(text: str) -> str:
    return tidy(unicodedata.normalize("NFKC", text)).replace(" ", "")


def _amount_reader(factor: float, *, zero: bool) -> Reader:
    def read(cell: Cell) -> Parsed[object]:
        result = parse_amount(cell)
        if result.value is None:
            return Parsed(note=result.note, facts=result.facts)
        value = result.value.value * (1.0 if result.value.scaled else factor)
        if value < 0 or (zero and value == 0):
            return Parsed(value, "AMT-01")
        facts = {"fixed": f"{value:,.2f}".removesuffix(".00")} if result.note else {}
        return Parsed(value, result.note, facts=facts)

    return read


def _integer(cell: Cell) -> Parsed[object]:
    result = parse_number(cell)
    if result.value is not None and not result.value.is_integer():
        return Parsed(note="TYP-01")
    return Parsed(result.value, result.note, facts=result.facts)


_TYPED: Mapping[str, Reader] = {
    "date": parse_date,
    "datetime": parse_date,
    "integer": _integer,
    "number": parse_number,
    "percent": parse_percent,
    "phone": parse_phone,
    "email": parse_email,
    "contact": parse_contact,
    "amount": parse_amount,
}
