"""What 校验结果 remembers from run to run: which problem is new, still open or fixed."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from operator import attrgetter
from typing import Any, Literal, NamedTuple

from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.findings import Finding, Severity
from sheetcrm.findings.catalogue import SEVERITIES
from sheetcrm.kit.words import SEVERITIES as BY_NAME
from sheetcrm.table import Cell

State = Literal["新增", "未解决", "已解决"]
NEW: State = "新增"
OPEN: State = "未解决"
FIXED: State = "已解决"
_STATES: Mapping[str, State] = {NEW: NEW, OPEN: OPEN, FIXED: FIXED}
_RANKS = {severity: rank for rank, severity in enumerate(SEVERITIES)}
NOBODY = "（未指定）"
_KIND = attrgetter("owner", "severity", "code", "file", "sheet")
_PLACE = attrgetter("finding.row", "finding.cell", "finding.message", "fingerprint")

# Heading of each column and the field of Record it holds; the tab is read back by these.
COLUMNS: Mapping[str, str] = {
    "状态": "state",
    "级别": "severity",
    "负责人": "owner",
    "工作表": "sheet",
    "单元格": "cell",
    "字段": "column",
    "当前内容": "value",
    "问题": "message",
    "处理建议": "suggestion",
    "代码": "code",
    "首次发现": "first_seen",
    "解决日期": "fixed_on",
    "行编号": "key",
    "文件": "file",
    "指纹": "fingerprint",
}


class Record(NamedTuple):
    """One line of the tab; `mark` is its fingerprint where that is known already."""

    finding: Finding
    state: State
    first_seen: date
    fixed_on: date | None = None
    mark: str = ""

    @property
    def fingerprint(self) -> str:
        """What the next run knows it by."""
        return self.mark or self.finding.fingerprint


@dataclass(frozen=True)
class RecordGroup:
    """The records of one person, severity, code and sheet; those that are fixed lie apart."""

    owner: str
    severity: Severity
    counts: Mapping[State, int]
    records: Sequence[Record] = field(repr=False)

    @property
    def in_order(self) -> list[Record]:
        """The records as the tab lists them."""
        return sorted(self.records, key=_PLACE)


@dataclass(frozen=True)
class CheckReport:
    """What the 校验结果 tab shows: the findings, last time's records, the rules not checked.

    `unchecked` are (code, reason) by file; `suppressed` are the findings that an exception
    silences. With `several` files the tab says of each finding which one it is in.
    """

    as_of: date
    findings: Sequence[Finding]
    previous: Sequence[Record] = ()
    unchecked: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)
    suppressed: Sequence[Suppressed] = ()
    several: bool = False


def compare(report: CheckReport) -> list[RecordGroup]:
    """Say of every finding whether it is new, and of last time's what was fixed, as listed.

    A finding is new on the day it is first seen, however often it is checked on that day; a fixed
    one stays listed for the day it was found fixed. So a second run of a day changes nothing. One
    that an exception silences now is not fixed, and new again when the exception ends.
    """
    today = report.as_of
    if not report.previous:
        return _grouped([Record(found, NEW, today) for found in report.findings])
    marks = [found.fingerprint for found in report.findings]
    known = _Known(report, marks)
    records = []
    for found, mark in zip(report.findings, marks, strict=True):
        before = known.take(mark, found.cell)
        if before is None:
            records.append(Record(found, NEW, today, mark=mark))
            continue
        first_seen = min(before.first_seen, today)
        state: State = NEW if first_seen == today else OPEN
        records.append(Record(found, state, first_seen, mark=mark))
    records += [_fixed(r, today) for r in known.left() if r.fixed_on in (None, today)]
    return _grouped(records)


class _Known:
    """Last time's records, to be taken one by one by what is found, or silenced, now."""

    def __init__(self, report: CheckReport, marks: Sequence[str]) -> None:
        cells = [found.cell for found in report.findings]
        silenced = [(s.finding.fingerprint, s.finding.cell) for s in report.suppressed]
        now = {*zip(marks, cells, strict=True), *silenced}
        self._there: defaultdict[tuple[str, str], deque[Record]] = defaultdict(deque)
        self._moved: defaultdict[str, deque[Record]] = defaultdict(deque)
        # What was fixed before and is there once more is new: it was not there last time.
        last = [r for r in report.previous if r.fixed_on is None or r.fixed_on >= report.as_of]
        for record in sorted(last, key=lambda record: record.fixed_on is not None):
            place = (record.fingerprint, record.finding.cell)
            (self._there[place] if place in now else self._moved[place[0]]).append(record)
        for place in silenced:
            self.take(*place)

    def take(self, mark: str, cell: str) -> Record | None:
        """Return the record of a finding, None where it is new.

        That is the one of its cell; where its row has moved, the next with its fingerprint whose
        cell has no finding now.
        """
        records = self._there.get((mark, cell)) or self._moved.get(mark)
        return records.popleft() if records else None

    def left(self) -> list[Record]:
        """Return the records that nothing has taken."""
        return [
            r for places in (self._there, self._moved) for all_ in places.values() for r in all_
        ]


def previous_findings(rows: Iterable[Sequence[Cell]]) -> list[Record]:
    """Read back the records of an earlier 校验结果 tab.

    Args:
        rows: Its raw rows (`RawSheet.rows`). Lines that are not ours, or that somebody has
            changed beyond recognition, are left out: their findings count as new.
    """
    places: dict[str, int] = {}
    records = []
    for row in rows:
        if not places:
            texts = {text: i for i, text in enumerate(row) if isinstance(text, str)}
            if "指纹" in texts and "首次发现" in texts:
                places = {COLUMNS[text]: i for text, i in texts.items() if text in COLUMNS}
            continue
        record = _record({key: row[i] if i < len(row) else None for key, i in places.items()})
        if record is not None:
            records.append(record)
    return records


@dataclass(frozen=True)
class PersonCount:
    """How one person's findings stand: since the last run new, still open, fixed."""

    owner: str
    new: int
    open: int
    fixed: int


def by_person(groups: Iterable[RecordGroup]) -> list[PersonCount]:
    """Count records by person and state, in the order of the tab."""
    total: dict[str, Counter[State]] = {}
    for group in groups:
        total.setdefault(group.owner, Counter()).update(group.counts)
    return [PersonCount(o, found[NEW], found[OPEN], found[FIXED]) for o, found in total.items()]


def _fixed(record: Record, today: date) -> Record:
    return record._replace(state=FIXED, fixed_on=today)


def _grouped(records: Iterable[Record]) -> list[RecordGroup]:
    alike: dict[tuple[Any, ...], list[Record]] = {}
    for record in records:
        alike.setdefault((record.state, *_KIND(record.finding)), []).append(record)
    listed: dict[tuple[Any, ...], list[tuple[State, list[Record]]]] = {}
    for (state, owner, severity, *sheet), members in alike.items():
        named = owner or NOBODY
        key = (named == NOBODY, named, state == FIXED, _RANKS[severity], *sheet)
        listed.setdefault(key, []).append((state, members))
    return [
        RecordGroup(
            key[1],
            SEVERITIES[key[3]],
            sum((Counter({state: len(members)}) for state, members in found), Counter()),
            [record for _, members in found for record in members],
        )
        for key, found in sorted(listed.items())
    ]


def _record(cells: Mapping[str, Cell]) -> Record | None:
    first_seen, mark = _day(cells.get("first_seen")), _text(cells, "fingerprint")
    severity = BY_NAME.get(_text(cells, "severity"))
    state = _STATES.get(_text(cells, "state"))
    if first_seen is None or not mark or severity is None or state is None:
        return None
    cell = _text(cells, "cell")
    owner = _text(cells, "owner")
    found = Finding(
        severity=severity,
        row=int("".join(c for c in cell if c.isdigit()) or 0),
        cell=cell,
        owner="" if owner == NOBODY else owner,
        **{
            name: _text(cells, name)
            for name in ("code", "file", "sheet", "column", "key", "value", "message", "suggestion")
        },
    )
    fixed_on = _day(cells.get("fixed_on")) if state == FIXED else None
    return Record(found, state, first_seen, fixed_on, mark)


def _text(cells: Mapping[str, Cell], key: str) -> str:
    value = cells.get(key)
    return value if isinstance(value, str) else ""


def _day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
