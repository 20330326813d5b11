"""线索编号 for rows that have none: the day of the lead and a number of that day.

Ids that are there are never changed, and a number is never given twice: counting goes on after the
highest one that any row names, of the leads or of what belongs to them.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import pandas as pd

from sheetcrm.checks import precedence
from sheetcrm.checks.fixes import Fix
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.values.text import is_blank

TABLE, COLUMN = "lead", "lead_id"
_DAYS = ("acquired_on", "entered_on")
_GIVEN = "REQ-01"
_DOUBTFUL = ("TYP", "FMT-03", "DAT-03", "DAT-07")
# The forms ids are counted in: 线索-2024-0501-001 by day, CL2024001 by year.
_BY_DAY = re.compile(r"(?P<prefix>\D*)\d{4}(?P<day>-\d{4}-)(?P<number>\d{3,})")
_BY_YEAR = re.compile(r"(?P<prefix>\D*)\d{4}(?P<number>\d{3})")


@dataclass(frozen=True)
class _Form:
    """How ids are written: by day, or by year."""

    prefix: str
    by_day: bool

    def stem(self, day: date) -> str:
        """Return what all ids of that day (or year) start with."""
        return self.prefix + (f"{day:%Y-%m%d}-" if self.by_day else f"{day:%Y}")

    def fits(self, text: str) -> bool:
        """Say whether an id is of that form."""
        match = (_BY_DAY if self.by_day else _BY_YEAR).fullmatch(text)
        return match is not None and match["prefix"] == self.prefix


def blank_ids(
    book: CleanBook,
    findings: Iterable[Finding],
    taken: Iterable[str] = (),
    *,
    guests: bool = True,
) -> list[Fix]:
    """Give out the next free 线索编号 to every started row without one.

    The day is that of 线索获取时间, else of 录入时间; a row without either gets none, nor does one
    whose dates are in doubt. A workbook of somebody else's gets ids only if all it has follow the
    same form.

    Args:
        book: Recognised and typed.
        findings: What its check said, so that a doubtful date makes no id.
        taken: Ids that were given out before and may be gone from the sheets.
        guests: Whether somebody else's workbook may get ids at all.
    """
    broken = precedence.broken_sheets(book.findings)
    table = precedence.without_sheets(book, broken).tables.get(TABLE)
    if table is None or COLUMN not in table.data or not (book.own or guests):
        return []
    rows, form = _blank_rows(table), _form(book, table)
    if not len(rows) or form is None:
        return []
    known = {*_known(book), *taken}
    days = _days(table, rows, findings)
    heading, highest, found = table.source.by_key[COLUMN], dict[str, int](), []
    for row, day in zip(rows, days, strict=True):
        if day is None:
            continue
        stem = form.stem(day)
        highest[stem] = highest.get(stem, _highest(known, stem)) + 1
        cell, text = table.source.cell(int(row), COLUMN), f"{stem}{highest[stem]:03d}"
        place = (table.source.file, table.source.sheet, cell, int(row), heading.text)
        found.append(Fix(_GIVEN, *place, old=None, new=text))
    return found


def _blank_rows(table: CleanTable) -> pd.Index:
    raw = table.source.raw[COLUMN]
    return raw.index[[is_blank(cell) for cell in raw]]


def _form(book: CleanBook, table: CleanTable) -> _Form | None:
    """Return the form that the kit's example shows, if the pattern and a guest's ids follow it."""
    column = table.spec.by_key[COLUMN]
    by_day, by_year = _BY_DAY.fullmatch(column.example), _BY_YEAR.fullmatch(column.example)
    match = by_day or by_year
    if match is None:
        return None
    form = _Form(match["prefix"], by_day is not None)
    if column.pattern and not re.fullmatch(column.pattern, form.stem(date(2024, 5, 1)) + "001"):
        return None
    ids = table.data[COLUMN].dropna()
    follows = len(ids) > 0 and all(form.fits(text) for text in ids)
    return form if book.own or follows else None


def _known(book: CleanBook) -> set[str]:
    """Return every id of a lead that the workbook names anywhere."""
    columns = (t.data[COLUMN] for t in book.tables.values() if COLUMN in t.data)
    return {text for column in columns for text in column.dropna()}


def _highest(known: Iterable[str], stem: str) -> int:
    ends = (text[len(stem) :] for text in known if text.startswith(stem))
    return max((int(end) for end in ends if end.isdecimal()), default=0)


def _days(table: CleanTable, rows: pd.Index, findings: Iterable[Finding]) -> Sequence[date | None]:
    doubtful = {
        f.cell for f in findings if f.sheet == table.source.sheet and f.code.startswith(_DOUBTFUL)
    }
    days: list[date | None] = []
    for row in rows:
        moments = (
            table.data.at[row, key]
            for key in _DAYS
            if key in table.data and table.source.cell(int(row), key) not in doubtful
        )
        known = [m for m in moments if isinstance(m, datetime) and not pd.isna(m)]
        days.append(known[0].date() if known else None)
    return days
