"""线索编号 for rows that have none: the day of the lead and a number of that day.

Ids that are there are never changed, and a number is never given twice: counting goes on after the
highest one that any row names, of the leads or of what belongs to them.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

import pandas as pd

from sheetcrm.checks import precedence
from sheetcrm.checks.cells import distinct, place_of
from sheetcrm.checks.fixes import Fix
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.values.text import is_blank

TABLE, COLUMN = "lead", "lead_id"
_DAYS = ("acquired_on", "entered_on")
_GIVEN = "REQ-01"
_DOUBTFUL = ("TYP", "FMT-03", "DAT-03", "DAT-07")
# The forms ids are counted in: 线索-2024-0501-001 by day, CL2024001 by year, KH0032 through.
_BY_DAY = re.compile(r"(?P<prefix>\D*)\d{4}(?P<day>-\d{4}-)(?P<number>\d{3,})")
_BY_YEAR = re.compile(r"(?P<prefix>\D*)\d{4}(?P<number>\d{3})")
_THROUGH = re.compile(r"(?P<prefix>\D+)(?P<number>\d+)")
_FORMS = {"day": _BY_DAY, "year": _BY_YEAR, "through": _THROUGH}
_WIDTH = 3


@dataclass(frozen=True)
class IdForm:
    """How ids are written: counted by day, by year, or all through; `width` digits at least."""

    prefix: str
    counted: Literal["day", "year", "through"]
    width: int = _WIDTH

    def stem(self, day: date) -> str:
        """Return what all ids of that day (or year) start with."""
        if self.counted == "through":
            return self.prefix
        return self.prefix + (
            f"{day.year:04d}-{day:%m%d}-" if self.counted == "day" else f"{day.year:04d}"
        )

    def fits(self, text: str) -> bool:
        """Say whether an id is of that form."""
        match = _FORMS[self.counted].fullmatch(text)
        return match is not None and match["prefix"] == self.prefix

    def fits_all(self, texts: Iterable[str]) -> bool:
        """Say whether there are ids, all of that form."""
        matches = map(_FORMS[self.counted].fullmatch, texts)
        return {match and match["prefix"] for match in matches} == {self.prefix}

    def next_ids(
        self, days: Iterable[date | None], known: Iterable[str], taken: Mapping[str, int]
    ) -> list[str | None]:
        """Number one id for each day, in order, after the highest number known; none without a day.

        Args:
            days: Of the rows that need an id.
            known: Ids that are there.
            taken: The highest number ever given out, by stem, also of rows that are gone.
        """
        length, highest = len(self.stem(date.min)), dict(taken)
        for text in known:
            stem, number = text[:length], text[length:]
            if number.isdecimal() and int(number) > highest.get(stem, 0):
                highest[stem] = int(number)
        given: list[str | None] = []
        stems: dict[date | None, str] = {None: ""}
        for day in days:
            stem = stems.get(day) or stems.setdefault(day, self.stem(day) if day else "")
            highest[stem] = highest.get(stem, 0) + 1
            given.append(f"{stem}{highest[stem]:0{self.width}d}" if day else None)
        return given

    def ranges(self, ids: Iterable[str]) -> dict[str, tuple[int, int]]:
        """Return the first and the last number of ids of this form, by stem."""
        length, found = len(self.stem(date(2000, 1, 1))), dict[str, tuple[int, int]]()
        for text in ids:
            stem, number = text[:length], int(text[length:])
            first, last = found.get(stem, (number, number))
            found[stem] = (min(first, number), max(last, number))
        return found


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
    rows, form = _blank_rows(table), id_form(book, TABLE)
    if not len(rows) or form is None:
        return []
    given = form.next_ids(_days(table, rows, findings), {*known_ids(book, COLUMN), *taken}, {})
    found = []
    for row, text in zip(rows, given, strict=True):
        if text is not None:
            here = place_of(table.source, int(row), COLUMN)
            place = (here.file, here.sheet, here.cell, here.row, here.column)
            found.append(Fix(_GIVEN, *place, old=None, new=text))
    return found


def id_form(book: CleanBook, kind: str) -> IdForm | None:
    """Return the form that the kit's example shows, if the pattern and a guest's ids follow it."""
    spec = book.kit.by_key[kind]
    column = spec.by_key.get(spec.id_column)
    if column is None:
        return None
    by_day, by_year = _BY_DAY.fullmatch(column.example), _BY_YEAR.fullmatch(column.example)
    match = by_day or by_year
    if match is None:
        return None
    form = IdForm(match["prefix"], "day" if by_day else "year")
    if column.pattern and not re.fullmatch(column.pattern, form.stem(date(2024, 5, 1)) + "001"):
        return None
    if book.own:
        return form
    table = book.tables.get(kind)
    ids = distinct(table.data[column.key]) if table and column.key in table.data else []
    return form if form.fits_all(ids) else None


def counted_through(ids: Iterable[str]) -> IdForm | None:
    """Return the form of ids that all have one prefix and one width: KH0031, KH0032."""
    matches = [_THROUGH.fullmatch(text) for text in ids]
    forms = {(m["prefix"], len(m["number"])) if m else None for m in matches}
    form = forms.pop() if len(forms) == 1 else None
    return IdForm(form[0], "through", form[1]) if form else None


def known_ids(book: CleanBook, key: str) -> set[str]:
    """Return every id of a kind (`lead_id`) that the workbook names anywhere."""
    columns = (t.data[key] for t in book.tables.values() if key in t.data)
    return {text for column in columns for text in distinct(column)}


def _blank_rows(table: CleanTable) -> pd.Index:
    raw = table.source.raw[COLUMN]
    rows = raw.index[[is_blank(cell) for cell in raw]]
    if table.source.parts:  # a sheet without the column has no cell for an id
        rows = rows[[table.source.sheet_of(row).has(COLUMN) for row in rows]]
    return rows


def _days(table: CleanTable, rows: pd.Index, findings: Iterable[Finding]) -> Sequence[date | None]:
    doubtful = {(f.sheet, f.cell) for f in findings if f.code.startswith(_DOUBTFUL)}
    days: list[date | None] = []
    for row in rows:
        moments = (
            table.data.at[row, key]
            for key in _DAYS
            if key in table.data and table.source.spot(int(row), key)[:2] not in doubtful
        )
        known = [m for m in moments if isinstance(m, datetime) and not pd.isna(m)]
        days.append(known[0].date() if known else None)
    return days
