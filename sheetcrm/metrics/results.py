"""The figures as values: everything the summary tabs, the text report and the JSON show.

Every count has the rows behind it in a frame of the same object: a number and its list can never
disagree. Days are calendar days, amounts the kit's unit (元), shares and rates fractions. A figure
that cannot be given is None, and a `reason` beside it says why.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Literal

import pandas as pd

from sheetcrm.metrics.columns import Provenance
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.views import Views

Json = dict[str, Any]


@dataclass(frozen=True)
class Population:
    """How many leads there are: open + won + lost = leads, always."""

    leads: int
    open: int
    won: int
    lost: int

    def as_json(self) -> Json:
        """Return the `population` object of the JSON contract."""
        return {"leads": self.leads, "open": self.open, "won": self.won, "lost": self.lost}


@dataclass(frozen=True)
class ReasonShare:
    """One lost reason: how often, and its share of the lost leads that give a reason.

    NO_REASON is never among them; `share` is None only when nobody gave a reason.
    """

    reason: str
    count: int
    share: float | None

    def as_json(self) -> Json:
        """Return one object of `lost_reasons`."""
        return {"reason": self.reason, "count": self.count, "share": self.share}


@dataclass(frozen=True)
class Reasons:
    """The lost reasons of some lost leads, most frequent first.

    `missing` lost leads give none. `shown` is how many reasons are named (设置: top_reasons).
    """

    lost: int
    missing: int
    items: tuple[ReasonShare, ...]
    shown: int = 3

    def top(self, count: int | None = None) -> tuple[ReasonShare, ...]:
        """Return the most frequent ones, `shown` of them unless told."""
        return self.items[: self.shown if count is None else count]


@dataclass(frozen=True)
class Change:
    """环比: how many reached a stage in the last window, and in the one of equal length before.

    Both windows end with their day included: (start, end] of `days` days. Only reached dates that
    are known count; `value` is None where the earlier window is empty.
    """

    days: int
    current: int
    previous: int

    @property
    def value(self) -> float | None:
        """(current - previous) / previous."""
        return (self.current - self.previous) / self.previous if self.previous else None


@dataclass(frozen=True)
class Target:
    """目标数量 of a stage over whole months, and how many leads entered it in them.

    Goals of people are added up; where a month has only a team's, that counts. `months` are the
    first days of the months that have a goal, in order.
    """

    months: tuple[date, ...]
    goal: float
    achieved: int


@dataclass(frozen=True)
class FunnelRow:
    """One funnel stage, in pipeline order; the row describes the step into the stage.

    `reached` counts leads whose furthest stage is this or a later one, lost ones included;
    `current` those standing here now (open, or won in the won stage) and is never divided.
    `lost_here` came exactly this far, `reasons` are theirs. `step` is reached here / reached the
    stage before; `step_reasons` are those of the leads lost on that step, that is, lost at the
    stage before (None for the first stage).
    `mean_step_days` is from entering the stage before to entering this one, over the
    `step_count` leads where both days are known; `median_dwell_days` of `dwell_count` completed
    stays. `cohort` is the mature-cohort conversion into the stage, None where not asked for.
    """

    position: int
    stage: str
    kind: Literal["open", "won"]
    phase: str
    reached: int
    current: int
    current_amount: float
    step: Rate | None
    lost_here: int
    reasons: Reasons
    step_reasons: Reasons | None
    median_dwell_days: float | None
    dwell_count: int
    mean_step_days: float | None
    step_count: int
    change: Change
    target: Target | None = None
    cohort: Rate | None = None

    @property
    def conversion(self) -> float | None:
        """Reached here / reached the stage before; None for the first."""
        return self.step.value if self.step else None

    @property
    def drop_off(self) -> float | None:
        """1 - conversion into the stage."""
        return None if self.conversion is None else 1 - self.conversion

    @property
    def completion(self) -> float | None:
        """完成率: achieved / goal, None without a target."""
        return self.target.achieved / self.target.goal if self.target else None

    def as_json(self) -> Json:
        """Return one object of `funnel`."""
        return {
            "stage": self.stage,
            "reached": self.reached,
            "current": self.current,
            "conversion": self.conversion,
            "lost_here": self.lost_here,
            "drop_off": self.drop_off,
            "median_dwell_days": self.median_dwell_days,
            "top_lost_reasons": [r.as_json() for r in self.reasons.top()],
        }


@dataclass(frozen=True)
class GroupRow:
    """One source, owner, industry, region, product or grade; `reasons` are of its lost leads."""

    name: str
    leads: int
    open: int
    won: int
    lost: int
    conversion: Rate
    win_rate: Rate
    won_in_time: Rate
    won_amount: float
    open_amount: float
    median_cycle_days: float | None
    reasons: Reasons = Reasons(0, 0, ())

    def as_json(self) -> Json:
        """Return one object of `by_source` or `by_owner`."""
        return {
            "name": self.name,
            "leads": self.leads,
            "won": self.won,
            "lost": self.lost,
            "open": self.open,
            "conversion": self.conversion.value,
            "win_rate": self.win_rate.value,
            "won_amount": self.won_amount,
        }


@dataclass(frozen=True)
class Compared:
    """The leads by one dimension: column key, its name, one row a value (none without it)."""

    key: str
    name: str
    rows: tuple[GroupRow, ...]


@dataclass(frozen=True)
class NamedRate:
    """A headline rate: key, Chinese name, and its population in one Chinese sentence."""

    key: str
    name: str
    rate: Rate
    population: str


@dataclass(frozen=True)
class Totals:
    """The headline figures of all leads.

    `rates` holds overall_conversion, win_rate, lead_conversion_rate, opportunity_win_rate and
    won_in_time_rate, in that order. The cycle is that of the won leads with both dates.
    """

    rates: tuple[NamedRate, ...]
    median_cycle_days: float | None
    won_amount: float
    open_amount: float

    def rate(self, key: str) -> Rate:
        """Return a headline rate by key.

        Raises:
            KeyError: There is no such rate.
        """
        return {r.key: r.rate for r in self.rates}[key]


@dataclass(frozen=True)
class Bottleneck:
    """The weakest step, or (`stage` empty) why none is named; `sentence` says it in Chinese."""

    stage: str
    previous: str
    sentence: str


@dataclass(frozen=True)
class Worklist:
    """One warning list: `rows` has LEAD_COLUMNS or REQUEST_COLUMNS, plus `days` and `action`.

    Sorted by what to do first. `threshold` is in days (None where the list has none); rows are
    strictly over it. `gap` says which files could not be judged, "" for none.
    """

    key: str
    name: str
    definition: str
    threshold: float | None
    rows: pd.DataFrame = field(repr=False, compare=False)
    gap: str = ""

    @property
    def count(self) -> int:
        """Number of rows, which is the number shown."""
        return len(self.rows)


@dataclass(frozen=True)
class PersonList:
    """What one person should look at: leads with at least one flag, most urgent first.

    `counts` is by list key; `rows` has LEAD_COLUMNS plus `days`, `reasons` (all the flags in
    words) and `action`; `requests` are the open requests this person asked for or answers,
    `services` the promises that are late (SERVICE_COLUMNS).
    """

    owner: str
    counts: Mapping[str, int]
    rows: pd.DataFrame = field(repr=False, compare=False)
    requests: pd.DataFrame = field(repr=False, compare=False)
    services: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)


@dataclass(frozen=True)
class Overdue:
    """The warning lists and the same by person.

    Keys in `lists`: silent_owner, silent_manager, churn_risk, in_stage_over, stalled,
    next_follow_up_overdue, no_plan, never_followed_up, low_value, requests_open,
    requests_overdue, requests_done_late, service_proposal, service_legal, service_needs,
    service_entry; `services` has the rows of the last four.
    """

    lists: tuple[Worklist, ...]
    people: tuple[PersonList, ...]
    services: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False, compare=False)

    def list(self, key: str) -> Worklist:
        """Return a list by key.

        Raises:
            KeyError: There is no such list.
        """
        return {item.key: item for item in self.lists}[key]

    def as_json(self) -> Json:
        """Return the `overdue` object of the JSON contract."""
        silent = (self.list(k) for k in ("silent_owner", "silent_manager", "churn_risk"))
        over = self.list("in_stage_over")
        plain = (
            "never_followed_up",
            "no_plan",
            "next_follow_up_overdue",
            "requests_open",
            "requests_overdue",
            "requests_done_late",
        )
        return {
            "silent": {f"{item.threshold:g}": item.count for item in silent},
            "in_stage_over": {f"{over.threshold:g}": over.count},
            **{key: self.list(key).count for key in plain},
        }


@dataclass(frozen=True)
class HistoryNote:
    """Where the stage history comes from; shares are of all (lead, stage) entries."""

    entries: int
    shares: Mapping[Provenance, float]
    lost_stage_unknown: int
    moved_back: int
    sentence: str


@dataclass(frozen=True)
class Summary:
    """Everything a summary shows, as of one day.

    `views` are the funnel's steps as a mature cohort and as the exits of the window.

    `leads` has one row a lead (LEAD_COLUMNS), `events` one a lead and stage reached
    (EVENT_COLUMNS), `requests` one a request (REQUEST_COLUMNS). `assumptions` are Chinese
    sentences to print with the figures.
    """

    as_of: date
    files: tuple[str, ...]
    pipeline: str
    population: Population
    funnel: tuple[FunnelRow, ...]
    totals: Totals
    by_source: tuple[GroupRow, ...]
    by_owner: tuple[GroupRow, ...]
    reasons: Reasons
    bottleneck: Bottleneck
    overdue: Overdue
    history: HistoryNote
    assumptions: tuple[str, ...]
    views: Views
    dimensions: tuple[Compared, ...]
    leads: pd.DataFrame = field(repr=False, compare=False)
    events: pd.DataFrame = field(repr=False, compare=False)
    requests: pd.DataFrame = field(repr=False, compare=False)

    def as_json(self) -> Json:
        """Return `summarise --json` (docs/commands.md).

        Fractions, yuan, ISO dates, null for no figure.
        """
        return {
            "as_of": self.as_of.isoformat(),
            "population": self.population.as_json(),
            "funnel": [row.as_json() for row in self.funnel],
            "overall_conversion": self.totals.rate("overall_conversion").value,
            "win_rate": self.totals.rate("win_rate").value,
            "median_cycle_days": self.totals.median_cycle_days,
            "won_amount": self.totals.won_amount,
            "open_amount": self.totals.open_amount,
            "lost_reasons": [r.as_json() for r in self.reasons.items],
            "by_source": [row.as_json() for row in self.by_source],
            "by_owner": [row.as_json() for row in self.by_owner],
            "overdue": self.overdue.as_json(),
        }
