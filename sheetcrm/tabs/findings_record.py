"""What 校验结果 remembers from run to run: which problem is new, still open or fixed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal, NamedTuple

from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.findings import Finding, Severity
from sheetcrm.table import Cell

State = Literal["新增", "未解决", "已解决"]
NEW: State = "新增"
OPEN: State = "未解决"
FIXED: State = "已解决"
_STATES: Mapping[str, State] = {NEW: NEW, OPEN: OPEN, FIXED: FIXED}
SEVERITY_NAMES: Mapping[str, str] = {"error": "错误", "warning": "警告", "info": "提示"}
_RANKS = {severity: rank for rank, severity in enumerate(SEVERITY_NAMES)}
_SEVERITIES: Mapping[str, Severity] = {"错误": "error", "警告": "warning", "提示": "info"}
NOBODY = "（未指定）"

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
    """One line of the tab."""

    finding: Finding
    fingerprint: str
    state: State
    first_seen: date
    fixed_on: date | None = None

    @property
    def owner(self) -> str:
        """Who answers for it, as the tab shows it."""
        return self.finding.owner or NOBODY


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


def compare(report: CheckReport) -> list[Record]:
    """Say of every finding whether it is new, and of last time's what was fixed.

    A finding is new on the day it is first seen, however often it is checked on that day; a fixed
    one stays listed for the day it was found fixed. So a second run of a day changes nothing. One
    that an exception silences now is not fixed, and new again when the exception ends.
    """
    today = report.as_of
    known = {record.fingerprint: record for record in report.previous}
    current = {each.finding.fingerprint: None for each in report.suppressed}
    records = []
    for found in report.findings:
        mark = found.fingerprint
        current[mark] = None
        before = known.get(mark)
        if before is None:
            records.append(Record(found, mark, NEW, today))
            continue
        first_seen = min(before.first_seen, today)
        state: State = NEW if first_seen == today else OPEN
        records.append(Record(found, mark, state, first_seen))
    gone = (r for r in report.previous if r.fingerprint not in current)
    records += [_fixed(r, today) for r in gone if r.fixed_on in (None, today)]
    return sorted(records, key=_order)


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


def by_person(records: Iterable[Record]) -> list[PersonCount]:
    """Count records by person and state, in the order of the tab."""
    total: dict[str, Counter[State]] = {}
    for record in records:
        total.setdefault(record.owner, Counter())[record.state] += 1
    return [PersonCount(o, found[NEW], found[OPEN], found[FIXED]) for o, found in total.items()]


def _fixed(record: Record, today: date) -> Record:
    return record._replace(state=FIXED, fixed_on=today)


def _order(record: Record) -> tuple[Any, ...]:
    found, owner = record.finding, record.owner
    return (
        owner == NOBODY,
        owner,
        record.state == FIXED,
        _RANKS[found.severity],
        found.code,
        found.file,
        found.sheet,
        found.row,
        found.cell,
        found.message,
        record.fingerprint,
    )


def _record(cells: Mapping[str, Cell]) -> Record | None:
    first_seen, mark = _day(cells.get("first_seen")), _text(cells, "fingerprint")
    severity = _SEVERITIES.get(_text(cells, "severity"))
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
    return Record(found, mark, state, first_seen, fixed_on)


def _text(cells: Mapping[str, Cell], key: str) -> str:
    value = cells.get(key)
    return value if isinstance(value, str) else ""


def _day(value: Cell) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None
