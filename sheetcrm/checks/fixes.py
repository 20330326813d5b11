"""The harmless corrections: what a cell plainly means, written the way the rest of the sheet is.

Nothing that had to be assumed is among them (dates without a year, ranges, 约 and 以内, several
numbers in a cell), nothing a person has to decide, and nothing that the 规则 tab has switched off.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeAlias, cast

from sheetcrm.checks import precedence
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.model import CONTACT_TYPES, Column
from sheetcrm.table import Cell, Heading, column_letter
from sheetcrm.values.dates import parse_date
from sheetcrm.values.masking import mask_contact
from sheetcrm.values.text import as_text

Value: TypeAlias = str | int | float | date | datetime

_CELL = re.compile(r"([A-Z]+)([0-9]+)")
_UNITS = {"": 1, "万": 10**4, "十万": 10**5, "百万": 10**6, "千万": 10**7, "亿": 10**8}
# A number written plainly: 85,000, ￥120,000.00, 30万, 5000元; no words, no about, no 3万5.
_AMOUNT = re.compile(
    r"(?P<currency>¥|rmb|cny|人民币)? *(?P<number>[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?)"
    r" *(?P<unit>十万|百万|千万|万|亿)? *(?P<yuan>元整?|圆整?)?",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fix:
    """One cell to be written anew: `old` is what it holds, `new` what it is to hold.

    `code` is that of the finding it settles, `column` the heading as the sheet has it. Both values
    are plain: show `shown_old` and `shown_new`, in which contact data is masked.
    """

    code: str
    file: str
    sheet: str
    cell: str
    row: int
    column: str
    old: Cell
    new: Value
    contact: bool = False

    @property
    def shown_old(self) -> str:
        """What the cell shows before."""
        return self._shown(self.old)

    @property
    def shown_new(self) -> str:
        """What the cell shows after."""
        return self._shown(self.new)

    def _shown(self, value: Cell) -> str:
        if self.contact:
            return mask_contact(value)
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}".removesuffix(" 00:00")
        return as_text(value).replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", "⇥")

    def as_json(self) -> dict[str, object]:
        """Return the record of `check --json`, contact data masked."""
        return {
            "code": self.code,
            "file": self.file,
            "sheet": self.sheet,
            "cell": self.cell,
            "row": self.row,
            "column": self.column,
            "old": self.shown_old,
            "new": self.shown_new,
        }


def fixes(book: CleanBook, findings: Iterable[Finding]) -> list[Fix]:
    """Return the harmless corrections of a workbook, one a cell, in the order of the findings.

    Args:
        book: Recognised and typed.
        findings: Those of its cleaning that are to be settled: `book.findings`, or what is left of
            them without the exceptions.
    """
    broken = precedence.broken_sheets(book.findings)
    columns = {
        (part.sheet, column_letter(heading.column)): (table, heading)
        for table in precedence.without_sheets(book, broken).tables.values()
        for part in table.source.sheets
        for heading in part.headings
    }
    found = []
    for f in precedence.by_settings(findings, book):
        match = _CELL.fullmatch(f.cell)
        place = columns.get((f.sheet, match[1])) if match else None
        if f.code in _READERS and place is not None and _row(f, place[0]) in place[0].data.index:
            fix = _fix(book, f, *place)
            found += [fix] if fix else []
    return found


def _row(f: Finding, table: CleanTable) -> int:
    return table.source.row_at(f.sheet, f.row)


def _fix(book: CleanBook, f: Finding, table: CleanTable, heading: Heading) -> Fix | None:
    column = table.spec.by_key.get(heading.key) if heading.known else None
    row = _row(f, table)
    old = cast(Cell, table.source.raw.at[row, heading.key])
    if column is None or old is None:
        return None
    seen = _Seen(old, table.data.at[row, heading.key], column, heading.factor, own=book.own)
    new = _READERS[f.code](seen)
    if new is None or (type(new) is type(old) and new == old):
        return None
    contact = column.type in CONTACT_TYPES
    return Fix(f.code, f.file, f.sheet, f.cell, f.row, f.column, old, new, contact)


@dataclass(frozen=True)
class _Seen:
    """A cell, what cleaning made of it, and the column it stands in."""

    old: Cell
    clean: object
    column: Column
    factor: float
    own: bool


def _tidied(seen: _Seen) -> Value | None:
    return seen.clean if isinstance(seen.clean, str) else None


def _listed(seen: _Seen) -> Value | None:
    # Whether another word means the same is the guest's to say.
    return _tidied(seen) if seen.own else None


def _day(seen: _Seen) -> Value | None:
    # Read again: a column of days drops the time that somebody wrote.
    value = parse_date(seen.old).value
    if not isinstance(value, datetime):
        return None
    return value.date() if value.time() == time() else value


def _number(seen: _Seen) -> Value | None:
    if seen.column.type not in ("amount", "number", "integer") or not isinstance(seen.old, str):
        return None
    text = unicodedata.normalize("NFKC", seen.old).strip()
    match = _AMOUNT.fullmatch(text)
    if match is None:
        return None
    unit = match["unit"] or ""
    names_unit = bool(unit or match["currency"] or match["yuan"])
    if names_unit and (seen.column.unit != "元" or seen.factor != 1):
        return None
    number = float(match["number"].replace(",", "")) * _UNITS[unit]
    rounded = round(number, 6)
    return int(rounded) if rounded.is_integer() else rounded


_READERS: Mapping[str, Callable[[_Seen], Value | None]] = {
    "FMT-04": _day,
    "FMT-10": _tidied,
    "FMT-11": _tidied,
    "FMT-13": _number,
    "VAL-02": _listed,
}
"""What the cell is to hold, by the code of the finding; None where it is not certain."""
