"""Which columns of a lead sheet tell of talks, and what each of their rows tells."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from typing import cast

import pandas as pd

from sheetcrm.kit.talk_headings import Part, TalkHeading, series_of, talk_heading, tells_talks
from sheetcrm.table import Cell, Heading, Table
from sheetcrm.values.dates import MonthDay, parse_date
from sheetcrm.values.talk_text import Talk, TalkText, read_talks
from sheetcrm.values.text import as_text, says_nothing

# Known columns whose headings may also be those of the first of several talks, or of remarks.
_SHARED = ("last_follow_up", "next_follow_up")
_NOTE = "note"
# So many of the cells that hold something begin with a day; of remarks nearly all do.
_MOST, _NEARLY_ALL = 0.6, 0.8
_FEWEST_ROWS, _FEWEST_TALKS = 2, 3
# Whether a column may be one is seen from its first cells.
_SAMPLED, _HOPELESS = 200, 0.3

NO_DATE = "写了内容，没有写日期"
NO_DAY = "“{text}”不是日期"


@dataclass(frozen=True)
class Slot:
    """The columns of one of several talks side by side."""

    day: Heading | None = None
    text: Heading | None = None
    who: Heading | None = None
    plan: Heading | None = None


@dataclass(frozen=True)
class Strand:
    """A column that tells of talks, or several that tell of one each.

    `slots` is empty for the former, whose cells each tell of several. `remarks`: other things may
    stand there as well.
    """

    headings: tuple[Heading, ...]
    slots: tuple[Slot, ...] = ()
    remarks: bool = False


@dataclass(frozen=True)
class Told:
    """What a row tells in a strand; `at` is the heading of the cell that is to blame or first."""

    read: TalkText
    at: Heading


@dataclass(frozen=True)
class Column:
    """A strand that is one of talks, and what its rows tell, by Excel row."""

    strand: Strand
    told: Mapping[int, Told] = field(repr=False)


def talk_columns(
    table: Table, people: frozenset[str], under: Mapping[int, Sequence[Mapping[str, Cell]]]
) -> list[Column]:
    """Return the columns of one sheet that tell of talks, those side by side first.

    Args:
        table: The sheet's table of leads.
        people: Who may stand beside a day.
        under: The cells of further rows of a lead, by its row.
    """
    columns: list[Column] = []
    used: set[str] = set()
    for strand in (*_series(table), *_singles(table)):
        if used.intersection(h.key for h in strand.headings) or not _hopeful(table, strand, people):
            continue
        told = dict(_rows(table, strand, people, under))
        if _is_sure(strand, told):
            columns.append(Column(strand, told))
            used |= {h.key for h in strand.headings}
    return columns


def _series(table: Table) -> Iterator[Strand]:
    """Yield the columns that stand for one talk each: 第一次跟进, 跟进时间2, 跟进日期 again."""
    found: dict[str, list[tuple[Heading, TalkHeading]]] = {}
    for heading, said in _numbered([h for h in table.headings if _is_free(h)]):
        found.setdefault(said.word, []).append((heading, said))
    for parts in found.values():
        slots = _slots(parts)
        main = [n for n, slot in slots.items() if slot.day or slot.text]
        if len(main) > 1 and sorted(main) == list(range(main[0], main[0] + len(main))):
            headings = [h for n in main for h in _headings(slots[n])]
            yield Strand(tuple(headings), tuple(slots[n] for n in sorted(main)))


def _numbered(headings: Sequence[Heading]) -> Iterator[tuple[Heading, TalkHeading]]:
    """Yield what tells of one of several talks, with its number.

    Without one in the heading it is its place among those of the same text; the first of 跟进时间
    and 跟进时间2 is number one. Any other heading without a number is not of this kind.
    """
    texts = Counter(series_of(h.text) for h in headings)
    parts = {(t.word, t.part, t.number) for h in headings if (t := talk_heading(h.text))}
    seen: Counter[tuple[str, Part, str] | None] = Counter()
    for heading in headings:
        said, alike = talk_heading(heading.text), series_of(heading.text)
        if said is None:
            continue
        seen[alike] += 1
        if said.number:
            yield heading, said
        elif texts[alike] > 1 or _goes_on(said, parts):
            yield heading, TalkHeading(said.word, seen[alike], said.part)


def _goes_on(said: TalkHeading, parts: Collection[tuple[str, Part, int]]) -> bool:
    second, first = ((said.word, said.part, number) in parts for number in (2, 1))
    return second and not first


def _slots(parts: Sequence[tuple[Heading, TalkHeading]]) -> dict[int, Slot]:
    cells: dict[int, dict[str, Heading]] = {}
    for heading, said in parts:
        name = "text" if said.part == "both" else said.part
        cells.setdefault(said.number, {}).setdefault(name, heading)
    return {n: Slot(**cells[n]) for n in sorted(cells)}


def _headings(slot: Slot) -> list[Heading]:
    parts = [h for h in (slot.day, slot.text, slot.who, slot.plan) if h]
    return sorted(parts, key=lambda h: h.column)


def _singles(table: Table) -> Iterator[Strand]:
    for heading in table.headings:
        kind = tells_talks(heading.text)
        if kind and (not _is_kits(heading) or heading.key == _NOTE):
            yield Strand((heading,), remarks=kind == "remarks")


def _is_kits(heading: Heading) -> bool:
    return heading.known and heading.key.isascii()  # the others are a team's own columns


def _is_free(heading: Heading) -> bool:
    return not _is_kits(heading) or heading.key in _SHARED


def _hopeful(table: Table, strand: Strand, people: frozenset[str]) -> bool:
    """Say by the first cells whether a column may be one: most columns are done with it."""
    if strand.slots:
        return True
    cells = (c for c in table.raw[strand.headings[0].key] if not _nothing(c))
    sample = list(islice(cells, _SAMPLED))
    dated = sum(_single(cell, people).dated for cell in sample)
    return dated > _HOPELESS * len(sample)


def _is_sure(strand: Strand, told: Mapping[int, Told]) -> bool:
    dated = [t for t in told.values() if t.read.dated]
    share = _NEARLY_ALL if strand.remarks else _MOST
    talks = sum(len(t.read.talks) for t in dated)
    enough = len(dated) >= _FEWEST_ROWS and talks >= _FEWEST_TALKS
    return enough and len(dated) >= share * len(told)


def _rows(
    table: Table,
    strand: Strand,
    people: frozenset[str],
    under: Mapping[int, Sequence[Mapping[str, Cell]]],
) -> Iterator[tuple[int, Told]]:
    keys = [h.key for h in strand.headings]
    rows = table.raw.index.tolist()
    for row, *cells in zip(rows, *(table.raw[key].tolist() for key in keys), strict=True):
        by_key = dict(zip(keys, cast("list[Cell]", cells), strict=True))
        if strand.slots:
            told = _side_by_side(strand, by_key, people)
        else:
            key = keys[0]
            whole = _joined([by_key[key], *(more.get(key) for more in under.get(row, ()))])
            told = None if _nothing(whole) else Told(_single(whole, people), strand.headings[0])
        if told:
            yield row, told


def _joined(cells: Sequence[Cell]) -> Cell:
    """Return the cell, with those of further rows below it as further lines."""
    filled = [cell for cell in cells if not _nothing(cell)]
    if len(filled) <= 1:
        return filled[0] if filled else None
    return "\n".join(as_text(cell) for cell in filled)


def _single(cell: Cell, people: frozenset[str]) -> TalkText:
    if isinstance(cell, str):
        return read_talks(cell, people)
    if isinstance(cell, date):
        return TalkText((Talk(_day(cell)),), dated=True)
    return TalkText()


def _side_by_side(strand: Strand, cells: Mapping[str, Cell], people: frozenset[str]) -> Told | None:
    """Read the talks of a row from left to right."""
    talks: list[Talk] = []
    mentions: list[tuple[int, date | MonthDay]] = []
    doubt, at, dated = "", strand.headings[0], True
    filled = False
    for slot in strand.slots:
        day, text = (None if h is None else cells[h.key] for h in (slot.day, slot.text))
        if _nothing(day) and _nothing(text):
            continue
        who = as_text(cells[slot.who.key]).strip() if slot.who and cells[slot.who.key] else ""
        read = _slot(day, text, who, people)
        blamed = slot.text if _nothing(day) else slot.day
        if not filled:
            at, dated = blamed or at, read.dated
        filled = True
        if not doubt and (read.doubt or not read.talks):
            doubt, at = read.doubt or NO_DATE, blamed or at
        mentions += [(len(talks) + i, when) for i, when in read.mentions]
        talks += read.talks
    return Told(TalkText(tuple(talks), dated, doubt, tuple(mentions)), at) if filled else None


def _slot(day: Cell, text: Cell, who: str, people: frozenset[str]) -> TalkText:
    """Read one of several talks: its day is in a column of its own or begins the text."""
    said = "" if _nothing(text) else as_text(text)
    if _nothing(day):
        return _single(text, people)
    value = parse_date(day).value
    if isinstance(value, datetime):
        return TalkText((Talk(value.date(), said, who),), dated=True)
    if isinstance(value, MonthDay):
        return TalkText((Talk(value, said, who),), dated=True)
    return TalkText(doubt=NO_DAY.format(text=as_text(day)[:10]))


def _day(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _nothing(cell: Cell) -> bool:
    return says_nothing(cell) or (isinstance(cell, float) and pd.isna(cell))
