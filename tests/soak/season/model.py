"""What a team really did: the leads, talks, changes and log of every workbook, in plain lists."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date

ORDER = ("线索", "意向", "商机", "报价", "成交")
LOST = -1
FIRST, COMPARED, TYPED = "首次记录", "与上次对比", "自己补记"


@dataclass
class Lead:
    """One row of a lead sheet, with the values that are meant.

    `wrong` says what stands in a cell instead of what is meant, by the field; `own` is a column of
    the person's own, `stage_days` are date columns such as 意向日期, by stage.
    """

    company: str
    source: str
    contact: str
    phone: str
    acquired: date | None
    grade: str
    stage: str
    owner: str
    id: str = ""
    need: str = "想换一套系统"
    entered: date | None = None
    expected: float | None = None
    amount: float | None = None
    won_on: date | None = None
    reason: str = ""
    lost_stage: str = ""
    last: date | None = None
    next: date | None = None
    evidence: bool = False
    own: str = ""
    sheet: str = ""
    stage_days: dict[str, date] = field(default_factory=dict)
    wrong: dict[str, object] = field(default_factory=dict)

    @property
    def identity(self) -> str:
        return self.id or self.company

    @property
    def outcome(self) -> str:
        """What the row says of itself; a blank stage says nothing."""
        return {"成交": "won", "流失": "lost", "": ""}.get(self.stage, "open")


@dataclass(frozen=True)
class Talk:
    """One talk with a customer: of which lead, when, and when the next was to be."""

    lead: str
    day: date
    owner: str
    next: date | None


@dataclass(frozen=True)
class Change:
    """One row of 状态变更."""

    lead: str
    day: date
    old: str
    new: str
    owner: str


@dataclass(frozen=True)
class Line:
    """One line of 阶段日志."""

    day: date
    id: str
    company: str
    item: str
    old: str | float
    new: str | float
    owner: str
    origin: str
    grade: str = ""
    amount: float | None = None

    @property
    def identity(self) -> str:
        return self.id or self.company


@dataclass
class Book:
    """One workbook: who keeps it, which columns it has, what stands in it.

    `kind` is "new" for one of sheetcrm's own, "own" for a list of the person's own, "months" for
    one with a sheet a month, without ids and without a column of owners. `limits` are thresholds
    by their keys, `goals` sales targets by month and person.
    """

    file: str
    kind: str
    owner: str
    leads: list[Lead] = field(default_factory=list)
    talks: list[Talk] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    log: list[Line] = field(default_factory=list)
    limits: dict[str, float] = field(default_factory=dict)
    goals: dict[tuple[date, str], float] = field(default_factory=dict)
    own_column: bool = False

    @property
    def plans(self) -> bool:
        """Whether the lead sheet has a column for the next talk."""
        return self.kind == "new"

    @property
    def talks_written(self) -> bool:
        """Whether talks are written down anywhere."""
        return self.kind != "months"

    def limit(self, key: str) -> float:
        return {**LIMITS, **self.limits}[key]


LIMITS = {
    "silent_days_owner": 3.0,
    "silent_days_manager": 7.0,
    "churn_days": 30.0,
    "dwell_days": 15.0,
    "stalled_days": 14.0,
    "low_value_ratio": 0.8,
    "win_window_days": 30.0,
    "change_days": 30.0,
}


def record(book: Book, day: date) -> list[Line]:
    """Return the lines a run of this day adds to the log: what is new, other and gone since."""
    ours = [line for line in book.log if line.origin in (FIRST, COMPARED)]
    if ours and max(line.day for line in ours) > day:
        return []
    if not ours:
        return [_first(lead, day, FIRST) for lead in book.leads]
    known = dict(_known(book.log))
    lines = []
    fresh = []
    for lead in book.leads:
        before = known.get(lead.identity)
        if before is None and lead.id and lead.company in known:
            before = replace(known.pop(lead.company), id=lead.id)
            known[lead.identity] = before
            lines.append(_line(lead, day, "编号", "", lead.id))
        if before is None or before.gone:
            fresh.append(_first(lead, day, COMPARED))
            continue
        pairs = (
            ("阶段", before.stage, lead.stage),
            ("负责人", before.owner, lead.owner),
            ("等级", before.grade, lead.grade),
            ("金额", before.money, _money(lead)),
        )
        lines += [
            _line(lead, day, item, old or "", new or "") for item, old, new in pairs if old != new
        ]
    here = {lead.identity for lead in book.leads}
    gone = [
        Line(day, was.id, was.company, "删除", was.stage, "", was.owner, COMPARED)
        for identity, was in known.items()
        if identity not in here and not was.gone
    ]
    return [*lines, *fresh, *gone]


@dataclass(frozen=True)
class Known:
    """What the log knows of a lead."""

    id: str
    company: str
    stage: str
    owner: str
    grade: str
    money: float | None
    gone: bool = False


def _known(log: list[Line]) -> Iterator[tuple[str, Known]]:
    states: dict[str, Known] = {}
    ours = [line for line in log if line.origin != TYPED]
    order = sorted(range(len(log)), key=lambda n: (log[n].day, log[n] not in ours, n))
    for line in (log[n] for n in order):
        who = line.identity
        if line.item == "编号":
            states[who] = replace(states.pop(line.company), id=line.id)
        elif line.item == "新增":
            new = str(line.new)
            states[who] = Known(line.id, line.company, new, line.owner, line.grade, line.amount)
        elif line.item == "删除":
            states[who] = replace(states[who], gone=True)
        elif line.item == "阶段":
            states[who] = replace(states[who], stage=str(line.new))
        elif line.item == "负责人":
            states[who] = replace(states[who], owner=str(line.new))
        elif line.item == "等级":
            states[who] = replace(states[who], grade=str(line.new))
        elif line.item == "金额":
            states[who] = replace(states[who], money=float(line.new) if line.new else None)
    yield from states.items()


def _money(lead: Lead) -> float | None:
    return lead.expected if lead.amount is None else lead.amount


def _first(lead: Lead, day: date, origin: str) -> Line:
    owner = lead.owner
    return Line(
        *(day, lead.id, lead.company, "新增", "", lead.stage, owner, origin),
        grade=lead.grade,
        amount=_money(lead),
    )


def _line(lead: Lead, day: date, item: str, old: str | float, new: str | float) -> Line:
    owner = lead.owner
    return Line(day, lead.id, lead.company, item, old, new, owner, COMPARED)
