"""The figures of the model a second time, lead by lead, from what docs/definitions.md says."""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from itertools import zip_longest
from statistics import median
from typing import Any

from tests.soak.season.model import FIRST, LOST, ORDER, TYPED, Book, Lead, Line

WON = len(ORDER) - 1
UNFILLED = "（未填）"
CHANGED, COLUMN, WRITTEN, SEEN = range(4)  # the more trusted first


@dataclass(frozen=True)
class Step:
    """A stage a lead was in, as one source tells it; LOST for the lost ones.

    `seen` is the day it was there, where nobody knows since when.
    """

    source: int
    at: int
    entered: date | None
    left: date | None = None
    seen: date | None = None


@dataclass
class Past:
    """Where a lead has been: first and last entry, by stage, days of stays that are over."""

    first: dict[int, date] = field(default_factory=dict)
    last: dict[int, date] = field(default_factory=dict)
    stay: dict[int, int] = field(default_factory=dict)
    reached: int = 0
    current: int = LOST
    outcome: str = "open"
    lost_on: date | None = None


@dataclass(frozen=True)
class Fact:
    """A lead with all that is counted of it."""

    lead: Lead
    file: str
    past: Past
    owner: str
    followed: date | None
    next: date | None
    never: bool
    age: int | None
    dwell: int | None
    silent: int | None
    cycle: int | None


def figures(books: Sequence[Book], as_of: date) -> tuple[dict[str, Any], list[Fact]]:
    """Return `summarise --json` of the books as they should be, and every lead's facts."""
    facts = [
        fact(lead, replace(book, log=_whole_log(lead, book, books)), as_of)
        for book in books
        for lead in book.leads
    ]
    by = {kind: [f for f in facts if f.past.outcome == kind] for kind in ("open", "won", "lost")}
    won, lost, open_ = by["won"], by["lost"], by["open"]
    cycles = [f.cycle for f in won if f.cycle is not None]
    answer = {
        "as_of": as_of.isoformat(),
        "population": {"leads": len(facts), **{kind: len(by[kind]) for kind in by}},
        "funnel": [_stage(at, facts) for at in range(len(ORDER))],
        "overall_conversion": share(len(won), len(facts)),
        "win_rate": share(len(won), len(won) + len(lost)),
        "median_cycle_days": median(cycles) if cycles else None,
        "won_amount": total(f.lead.amount for f in won),
        "open_amount": total(f.lead.expected for f in open_),
        "lost_reasons": reasons(lost),
        "by_source": _groups(facts, lambda f: f.lead.source),
        "by_owner": _groups(facts, lambda f: f.owner),
        "overdue": _overdue(books, open_, as_of),
    }
    return answer, facts


def _whole_log(lead: Lead, book: Book, books: Sequence[Book]) -> list[Line]:
    """Return the log of a lead's book, with what books it stood in before know of it."""
    lines = list(book.log)
    for other in books:
        if lead.id and all(each.id != lead.id for each in other.leads):
            pair = (lead.id, lead.company)
            lines += [line for line in other.log if (line.id, line.company) == pair]
    return sorted(lines, key=lambda line: (line.day, line.item == "新增"))


def fact(lead: Lead, book: Book, as_of: date) -> Fact:
    """Return a lead's facts, as of a day."""
    past = history(lead, book)
    talks = [t for t in book.talks if t.lead == lead.identity]
    contacts = [t.day for t in talks] + ([lead.last] if lead.last else [])
    done = [day for day in contacts if day <= as_of]
    followed = max(done, default=None)
    plan = lead.next
    if not book.plans:
        said = sorted((t for t in talks if t.day <= as_of), key=lambda t: t.day)
        plan = said[-1].next if said else None
    judged = book.talks_written
    since = followed or (lead.acquired if judged else None)
    cycle = days(lead.acquired, lead.won_on) if past.outcome == "won" else None
    return Fact(
        lead=lead,
        file=book.file,
        past=past,
        owner=lead.owner or UNFILLED,
        followed=followed,
        next=plan,
        never=judged and not contacts,
        age=clock(lead.acquired, as_of),
        dwell=clock(past.last.get(past.current), as_of),
        silent=clock(since, as_of),
        cycle=cycle if cycle is not None and cycle >= 0 else None,
    )


def history(lead: Lead, book: Book) -> Past:
    """Work out where a lead has been, from the changes, the date columns and the log."""
    steps = list(_steps(lead, book))
    past = Past()
    stays: dict[int, int | None] = {}
    for source in (SEEN, WRITTEN, COLUMN, CHANGED):  # the more trusted over the other
        mine = [s for s in steps if s.source == source]
        mine.sort(key=lambda s: (s.entered is None, s.entered or date.max, s.at % 99))
        left = [
            s.left or (after.entered if after else None) for s, after in zip_longest(mine, mine[1:])
        ]
        for at in {s.at for s in mine} - {LOST}:
            here = [(s.entered, out) for s, out in zip(mine, left, strict=True) if s.at == at]
            entries = [entered for entered, _ in here if entered]
            if entries:
                past.first[at], past.last[at] = min(entries), max(_anew(mine, at))
            over = [days(a, b) for a, b in here if a and b]
            undated = len(here) - len(entries)
            complete = len(over) == len(entries) > 0 and None not in over
            complete &= undated <= (0 if source == COLUMN else len(entries))
            stays[at] = sum(d for d in over if d is not None) if complete else None
    _outcome(lead, steps, past)
    _declared(lead, past, steps)
    top = past.reached
    past.first = {at: day for at, day in past.first.items() if at <= top}
    past.last = {at: day for at, day in past.last.items() if at <= top}
    past.stay = {at: n for at, n in stays.items() if n is not None and at <= top}
    return past


def _anew(mine: Sequence[Step], at: int) -> Iterable[date]:
    """Yield the days a stage was entered from another one; staying there is no entry."""
    dated = [s for s in mine if s.entered]
    for before, step in zip([None, *dated], dated, strict=False):
        if step.at == at and step.entered and (before is None or before.at != at):
            yield step.entered


def _steps(lead: Lead, book: Book) -> Iterable[Step]:
    for change in book.changes:
        if change.lead == lead.identity:
            yield Step(CHANGED, place(change.new), change.day)
            yield Step(CHANGED, place(change.old), None, change.day)
    for stage, day in lead.stage_days.items():
        yield Step(COLUMN, place(stage), day)
    before = ""
    for line in _lines(lead, book.log):
        source = WRITTEN if line.origin == TYPED else SEEN
        entered = None if line.origin == FIRST else line.day
        # A lead that is new stands in its first stage since it was got, not since it was seen.
        if line.item == "新增" and line.new == ORDER[0] and lead.acquired:
            entered = lead.acquired if lead.acquired <= line.day else entered
        if line.item == "新增" and line.new == before:
            entered = None  # handed over, or back again: it has not moved
        before = str(line.new)
        if line.new:
            yield Step(source, place(str(line.new)), entered, None, line.day)
        if line.old:
            yield Step(source, place(str(line.old)), None, line.day)


def _lines(lead: Lead, log: Sequence[Line]) -> Iterable[Line]:
    """Return the log's lines on stages of a lead; under its name while it had no id."""
    numbered = {line.company: str(line.new) for line in log if line.item == "编号"}
    for line in log:
        who = line.id or numbered.get(line.company) or line.company
        if who == lead.identity and line.item in ("阶段", "新增"):
            yield line


def _outcome(lead: Lead, steps: Sequence[Step], past: Past) -> None:
    seen = [s for s in steps if s.entered or s.seen]
    seen.sort(key=lambda s: (s.entered or s.seen or date.min, -s.source, s.at % 99))
    past.current = place(lead.stage) if lead.stage else LOST
    past.outcome = lead.outcome
    if not lead.stage:
        past.current = seen[-1].at if seen else LOST
        past.outcome = "open"
        if seen:
            past.outcome = "won" if past.current == WON else "open"
            past.outcome = "lost" if past.current == LOST else past.outcome
    gone = [s for s in steps if s.at == LOST and s.entered]
    if gone:
        best = min(s.source for s in gone)
        past.lost_on = max(s.entered for s in gone if s.source == best and s.entered)
    been = [s.at for s in steps]
    if past.outcome == "lost":
        been.append(place(lead.lost_stage) if lead.lost_stage else LOST)
    else:
        been.append(past.current)
    top = WON if past.outcome == "won" else WON - 1
    past.reached = min(max(max(been, default=0), 0), top)


def _declared(lead: Lead, past: Past, steps: Sequence[Step]) -> None:
    """Take the days of the lead sheet itself: it was got, it was won."""
    told = {(s.at, s.source) for s in steps if s.entered}
    seen_at_most = not any((WON, source) in told for source in (CHANGED, COLUMN, WRITTEN))
    if past.outcome == "won" and lead.won_on and seen_at_most:
        past.first[WON] = past.last[WON] = lead.won_on
    if lead.acquired:
        if (0, COLUMN) not in told and 0 in past.first:
            past.first[0] = min(past.first[0], lead.acquired)
        past.first.setdefault(0, lead.acquired)
        past.last.setdefault(0, lead.acquired)


def _stage(at: int, facts: Sequence[Fact]) -> dict[str, Any]:
    reached = sum(f.past.reached >= at for f in facts)
    before = sum(f.past.reached >= at - 1 for f in facts) if at else 0
    conversion = share(reached, before)
    lost = [f for f in facts if f.past.outcome == "lost" and f.past.reached == at]
    stays = [f.past.stay[at] for f in facts if at in f.past.stay and at < WON]
    return {
        "stage": ORDER[at],
        "reached": reached,
        "current": sum(f.past.current == at for f in facts),
        "conversion": conversion,
        "lost_here": len(lost),
        "drop_off": None if conversion is None else 1 - conversion,
        "median_dwell_days": median(stays) if stays else None,
        "top_lost_reasons": reasons(lost)[:3],
    }


def reasons(lost: Sequence[Fact]) -> list[dict[str, Any]]:
    counts = Counter(f.lead.reason for f in lost if f.lead.reason)
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return [{"reason": r, "count": n, "share": n / counts.total()} for r, n in ranked]


def _groups(facts: Sequence[Fact], key: Any) -> list[dict[str, Any]]:
    rows = []
    for name in {key(f) or UNFILLED for f in facts}:
        mine = [f for f in facts if (key(f) or UNFILLED) == name]
        count = Counter(f.past.outcome for f in mine)
        rows.append(
            {
                "name": name,
                "leads": len(mine),
                **{kind: count[kind] for kind in ("won", "lost", "open")},
                "conversion": share(count["won"], len(mine)),
                "win_rate": share(count["won"], count["won"] + count["lost"]),
                "won_amount": total(f.lead.amount for f in mine if f.past.outcome == "won"),
            }
        )
    return sorted(rows, key=lambda r: (r["name"] == UNFILLED, -r["leads"], r["name"]))


def _overdue(books: Sequence[Book], open_: Sequence[Fact], as_of: date) -> dict[str, Any]:
    limit = books[0].limit
    planned = {b.file for b in books if b.plans or b.talks_written}

    def over(key: str, days: float) -> int:
        return sum(n is not None and n > days for n in (getattr(f, key) for f in open_))

    silent = [limit(k) for k in ("silent_days_owner", "silent_days_manager", "churn_days")]
    return {
        "silent": {f"{n:g}": over("silent", n) for n in silent},
        "in_stage_over": {f"{limit('dwell_days'):g}": over("dwell", limit("dwell_days"))},
        "never_followed_up": sum(f.never for f in open_),
        "no_plan": sum(f.next is None and f.file in planned for f in open_),
        "next_follow_up_overdue": sum(f.next is not None and f.next < as_of for f in open_),
        "requests_open": 0,
        "requests_overdue": 0,
        "requests_done_late": 0,
    }


def weeks(facts: Sequence[Fact], as_of: date) -> dict[date, tuple[int, int, int, int, float]]:
    """Return new, reached 意向, lost before it, won and sales of the weeks, by their Mondays."""
    moves: dict[date, list[float]] = {}

    def count(day: date | None, place: int, value: float = 1) -> None:
        if day is not None and day <= as_of:
            monday = day - timedelta(days=day.weekday())
            moves.setdefault(monday, [0, 0, 0, 0, 0.0])[place] += value

    for f in facts:
        count(f.lead.acquired, 0)
        beyond = [day for at, day in f.past.first.items() if at >= 1]
        count(min(beyond, default=None), 1)
        if f.past.outcome == "lost" and f.past.reached < 1:
            count(f.past.lost_on, 2)
        if f.past.outcome == "won":
            count(f.lead.won_on, 3)
            count(f.lead.won_on, 4, f.lead.amount or 0)
    return {
        monday: (int(m[0]), int(m[1]), int(m[2]), int(m[3]), m[4]) for monday, m in moves.items()
    }


def step_days(f: Fact, at: int) -> int | None:
    """Return the days from entering the stage before to entering this one."""
    return days(f.past.first.get(at - 1), f.past.first.get(at))


def exits(facts: Sequence[Fact], at: int, as_of: date) -> str:
    """Return who went on to a stage, of those who left the one before in the last 30 days."""
    first = (min((d for n, d in f.past.first.items() if n >= at), default=None) for f in facts)
    on = sum(_lately(day, as_of) for day in first)
    here = (f for f in facts if f.past.outcome == "lost" and f.past.reached == at - 1)
    return f"{on}/{on + sum(_lately(f.past.lost_on, as_of) for f in here)}"


def _lately(day: date | None, as_of: date) -> bool:
    return day is not None and 0 <= (as_of - day).days < 30


def cohort(facts: Sequence[Fact], at: int, as_of: date) -> str:
    """Return who went on to a stage, of those who entered the one before long enough ago.

    Long enough is the upper quartile of what the step takes, 30 days at least.
    """
    entries = []
    for f in facts:
        came = f.past.first.get(at - 1)
        passed = min((d for n, d in f.past.first.items() if n >= at), default=None)
        took = days(came, passed)
        went = f.past.reached >= at
        if came and not (went and (took is None or took < 0)):
            entries.append(((as_of - came).days, took if went else None))
    done = sorted(took for _, took in entries if took is not None)
    horizon = 30
    if done:
        low, part = divmod((len(done) - 1) * 3, 4)
        high = done[min(low + 1, len(done) - 1)]
        horizon = max(30, math.ceil(done[low] + (high - done[low]) * part / 4))
    ripe = [took for age, took in entries if horizon <= age < horizon + 365]
    return f"{sum(took is not None for took in ripe)}/{len(ripe)}"


def place(stage: str) -> int:
    return LOST if stage == "流失" else ORDER.index(stage)


def days(start: date | None, end: date | None) -> int | None:
    return None if start is None or end is None else (end - start).days


def clock(since: date | None, as_of: date) -> int | None:
    return None if since is None else max((as_of - since).days, 0)


def share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def total(values: Iterable[float | None]) -> float:
    return float(sum(v for v in values if v is not None))
