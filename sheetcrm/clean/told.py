"""Talks told in the leads' own rows, one below the other in a cell or side by side: follow-ups."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any, cast

import numpy as np
import pandas as pd

from sheetcrm.clean.shapes import CleanBook, CleanTable, ToldTalks
from sheetcrm.clean.talk_columns import Column, Strand, Told, talk_columns
from sheetcrm.clean.talk_days import SEVERAL, Bounds, order_of, settle_days
from sheetcrm.clean.talks import LAST, NEXT, day_in
from sheetcrm.findings import Finding, Place, Severity, finding
from sheetcrm.kit.person import OWNER
from sheetcrm.kit.under import Talks
from sheetcrm.table import Cell, Heading, Table, rows_on, sheets_and_rows
from sheetcrm.values.dates import MonthDay, settle_year
from sheetcrm.values.masking import mask_within
from sheetcrm.values.talk_text import Talk, TalkText

_OF_LEAD = ("acquired_on", "entered_on")
# What is said of a heading that is understood after all.
_UNKNOWN_HEADING = ("HDR-03", "HDR-04", "HDR-05")
# Where fewer of the cells with days can be read than this, none is.
_HALF = 0.5
# So many cells that go the same way, and none the other, say which way a column goes.
_CLEAR = 3
_SHOWN = 40
# A day in the text further off than this from its talk is one of the next year.
_FAR = timedelta(days=183)
_MENTION = "最后一段里又写着{day}，分不清是另一次跟进，还是说到的日子"
_NOT_YET = "{day}还没有到，那一次没有计入"
_UNDATED = "没有以日期开头，看不出是哪天跟进的"


@dataclass(frozen=True)
class _Read:
    """What came of a strand: talks by Excel row, and why the other rows have none."""

    talks: Mapping[int, Sequence[tuple[date, Talk]]] = field(repr=False)
    doubts: Mapping[int, str]
    later: Mapping[int, date]


def with_told(book: CleanBook, as_of: date) -> CleanBook:
    """Read the talks that stand in the rows of the leads, and say what was read and what was not.

    A cell is read as a whole or not at all. `book.told` has the talks up to `as_of`; where the
    first of several talks was taken for the last one, the lead table has the last one now.
    """
    leads = book.tables.get("lead")
    if leads is None:
        return book
    parts, findings = [], list(book.findings)
    data = leads.data
    sheet_of, numbers = sheets_and_rows(data.index)
    for at, part in enumerate(leads.source.sheets):
        mine = sheet_of == at
        sheet = _Sheet(part, data[mine].set_axis(numbers[mine]), leads.spec.owner_column)
        read, told = sheet.read(book.under.get(part.sheet), as_of)
        kept = [c for c in read if c[1].talks]
        taken = {part.cell(0, h.key) for c in kept for h in c[0].strand.headings}
        findings = [
            f
            for f in findings
            if not (f.code in _UNKNOWN_HEADING and f.sheet == part.sheet and f.cell in taken)
        ]
        findings += told
        if kept:
            parts.append((at, sheet, kept))
            data = _with_last(data, at, part, kept)
    if not parts:
        return replace(book, findings=tuple(findings))
    tables = {**book.tables, "lead": replace(leads, data=data)}
    made = _told(leads, parts)
    return replace(book, tables=tables, findings=tuple(findings), told=made)


@dataclass(frozen=True)
class _Sheet:
    """A sheet of leads: its table and its typed rows, by Excel row."""

    table: Table
    data: pd.DataFrame
    owner: str

    def read(
        self, under: Talks | None, as_of: date
    ) -> tuple[list[tuple[Column, _Read]], list[Finding]]:
        """Read every column that tells of talks, and say of each what came of it."""
        found: list[tuple[Column, _Read]] = []
        said: list[Finding] = []
        for column in talk_columns(self.table, self._people(), _further(under)):
            read = _settled(column, self._bounds(column.strand, as_of))
            dated = sum(t.read.dated for t in column.told.values())
            if len(read.talks) < _HALF * dated:
                said.append(self._not_read(column, read, dated))
                continue
            found.append((column, read))
            said += self._said(column, read)
        return found, said

    def owners(self) -> dict[int, str]:
        """Return who answers for each row, where somebody does."""
        key = next((key for key in (self.owner, OWNER) if key in self.data), None)
        named = self.data[key].dropna() if key else pd.Series(dtype="str")
        return dict(zip(named.index.tolist(), named.tolist(), strict=True))

    def _people(self) -> frozenset[str]:
        keys = [key for key in (self.owner, OWNER) if key in self.data]
        return frozenset(str(name) for key in keys for name in self.data[key].dropna().unique())

    def _bounds(self, strand: Strand, as_of: date) -> Mapping[int, Bounds]:
        own = {h.key for h in strand.headings}
        rows = self.data.index
        blank = since = pd.Series(pd.NaT, index=rows, dtype="datetime64[us]")
        for key in (k for k in _OF_LEAD if k in self.data):
            since = since.fillna(self.data[key])
        last = self.data[LAST] if LAST in self.data and LAST not in own else blank
        pairs = zip(rows.tolist(), since, last, strict=True)
        return {row: Bounds(_date(first), as_of, _date(end)) for row, first, end in pairs}

    def _said(self, column: Column, read: _Read) -> Iterator[Finding]:
        """Say what was read, and cell by cell what was not."""
        count = sum(map(len, read.talks.values()))
        place, names = self._place(column.strand.headings[0]), _names(column.strand)
        yield finding("HDR-13", place, columns=names, rows=len(read.talks), count=count)
        for row, told in column.told.items():
            doubt = read.doubts.get(row)
            if doubt:
                yield self._at(row, told, doubt)
            elif not told.read.talks and not column.strand.remarks:
                yield self._at(row, told, _UNDATED, "info")
            elif row in read.later:
                yield self._at(row, told, _NOT_YET.format(day=read.later[row]))

    def _not_read(self, column: Column, read: _Read, dated: int) -> Finding:
        why = Counter(read.doubts.values()).most_common(1)
        place = self._place(column.strand.headings[0])
        reason = why[0][0] if why else _UNDATED
        return finding("HDR-14", place, columns=_names(column.strand), rows=dated, reason=reason)

    def _place(self, heading: Heading) -> Place:
        cell = self.table.cell(0, heading.key)
        here = self.table.file, self.table.sheet, cell, self.table.header_row, heading.text
        return Place(*here)

    def _at(self, row: int, told: Told, reason: str, severity: Severity | None = None) -> Finding:
        cell = cast(Cell, self.table.raw.at[row, told.at.key])
        place = Place(
            self.table.file,
            self.table.sheet,
            self.table.cell(row, told.at.key),
            row,
            told.at.text,
            self._text(row, "lead_id"),
            self._text(row, self.owner),
        )
        return finding("ROW-07", place, _short(cell), severity=severity, reason=reason)

    def _text(self, row: int, key: str) -> str:
        value = self.data.at[row, key] if key in self.data else None
        return value if isinstance(value, str) else ""


def _settled(column: Column, bounds: Mapping[int, Bounds]) -> _Read:
    """Give every talk its day; a row that has one without a sure day tells of none."""
    doubts = {row: t.read.doubt for row, t in column.told.items() if t.read.doubt}
    rows = {row: t.read for row, t in column.told.items() if t.read.talks and row not in doubts}
    days: dict[int, list[date]] = {}
    for order in (0, _order(days.values())):
        left = [row for row in rows if row not in days and doubts.get(row, SEVERAL) == SEVERAL]
        order = _order(days.values()) if days else order
        for row in left:
            made, why = settle_days([t.day for t in rows[row].talks], bounds[row], order)
            doubts.pop(row, None)
            if why:
                doubts[row] = why
            else:
                days[row] = made
    talks, later = {}, {}
    for row, made in days.items():
        if doubt := _mentioned(rows[row], made, bounds[row].as_of):
            doubts[row] = doubt
            continue
        pairs = list(zip(made, rows[row].talks, strict=True))
        talks[row] = [(day, talk) for day, talk in pairs if day <= bounds[row].as_of]
        if late := [day for day in made if day > bounds[row].as_of]:
            later[row] = min(late)
    return _Read({row: t for row, t in talks.items() if t}, doubts, later)


def _order(known: Iterable[Sequence[date]]) -> int:
    """Return which way the cells of a column go, where that is clear; 0 where it is not."""
    ways = Counter(order_of(days) for days in known)
    forward, backward = ways[1], ways[-1]
    if min(forward, backward) or max(forward, backward) < _CLEAR:
        return 0
    return 1 if forward else -1


def _mentioned(read: TalkText, days: Sequence[date], as_of: date) -> str:
    """Return why a cell is not sure: a text has a past day that is later than the last talk."""
    last = max(days)
    for at, day in read.mentions:
        when = day if isinstance(day, date) else _after(day, days[at])
        if when and last < when <= as_of:
            return _MENTION.format(day=f"{when.month}月{when.day}日")
    return ""


def _after(day: MonthDay, told: date) -> date | None:
    """Return the day that a talk of that day speaks of."""
    near = (settle_year(day, date(told.year + more, 7, 1)) for more in (0, 1))
    return next((d.date() for d in near if d and told - d.date() < _FAR), None)


def _told(
    leads: CleanTable, parts: Sequence[tuple[int, _Sheet, Sequence[tuple[Column, _Read]]]]
) -> ToldTalks:
    """Put the talks of all sheets together; a day that a column before has told is the same."""
    made: list[dict[str, Any]] = []
    unread = set(leads.data.index)
    for at, sheet, columns in parts:
        known: set[tuple[int, date]] = set()
        owners = sheet.owners()
        silent = set(sheet.data.index)
        for column, read in columns:
            silent -= set(column.told) - set(read.talks)
            days = set()
            for row, talks in read.talks.items():
                for day, talk in talks:
                    days.add((row, day))
                    if (row, day) not in known:
                        made.append(_line(rows_on(at, row), owners.get(row), day, talk))
            known |= days
        unread -= {rows_on(at, row) for row in silent}
    frame = pd.DataFrame(made, columns=["lead", "followed_on", "owner", "method", "content"])
    types = {"lead": "int64", "followed_on": "datetime64[us]"}
    texts = dict.fromkeys(("owner", "method", "content"), "str")
    return ToldTalks(frame.astype({**types, **texts}), frozenset(unread))


def _line(lead: int, owner: str | None, day: date, talk: Talk) -> dict[str, Any]:
    return {
        "lead": lead,
        "followed_on": day,
        "owner": talk.who or owner,
        "method": talk.method or None,
        "content": talk.text or None,
    }


def _with_last(
    data: pd.DataFrame, at: int, part: Table, columns: Sequence[tuple[Column, _Read]]
) -> pd.DataFrame:
    """Put the last talk and the last plan where those of the first of several were read."""
    for column, read in columns:
        keys = {h.key for h in column.strand.headings}
        rows = np.array([rows_on(at, row) for row in column.told], dtype="int64")
        if LAST in keys:
            latest = [max((d for d, _ in read.talks.get(r, ())), default=None) for r in column.told]
            data = data.assign(**{LAST: _replaced(data[LAST], rows, latest)})
        if NEXT in keys:
            plans = [_plan(part, column.strand, row) for row in column.told]
            data = data.assign(**{NEXT: _replaced(data[NEXT], rows, plans)})
    return data


def _replaced(days: pd.Series, rows: np.ndarray, new: Sequence[date | None]) -> pd.Series:
    made = days.copy()
    made.loc[rows] = np.array(new, dtype="datetime64[us]")
    return made


def _plan(part: Table, strand: Strand, row: int) -> date | None:
    """Return the plan made at the last talk that has one."""
    cells = [cast(Cell, part.raw.at[row, s.plan.key]) for s in strand.slots if s.plan]
    filled = [cell for cell in cells if cell is not None]
    return day_in(filled[-1], {}) if filled else None


def _further(under: Talks | None) -> Mapping[int, Sequence[Mapping[str, Cell]]]:
    """Return the cells of the rows under each lead that only tell of a further talk."""
    found: dict[int, list[Mapping[str, Cell]]] = {}
    if under is not None:
        lines = under.rows.to_dict("index")
        for row, head in under.heads.items():
            found.setdefault(head, []).append({str(k): v for k, v in lines[row].items()})
    return found


def _names(strand: Strand) -> str:
    texts = list(dict.fromkeys(h.text for h in strand.headings))
    return "、".join(f"“{text}”" for text in texts[:3]) + (
        f"等{len(texts)}列" if len(texts) > 3 else ""
    )


def _date(day: object) -> date | None:
    return day.date() if isinstance(day, pd.Timestamp) and not pd.isna(day) else None


def _short(cell: Cell) -> str:
    text = cell if isinstance(cell, str) else str(cell)
    return mask_within(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…")
