"""How people work: talks and visits a week, proposals in time, how well the records are kept."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import PHASES, Pipeline
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import Groups, whole_days
from sheetcrm.metrics.quality import COUNTS, RATES
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

# Four weeks even out holidays and trips; proposals are rarer and need a quarter.
WEEKS = 4
PROPOSAL_DAYS = 90
VISITS = ("拜访", "面谈")
_VISIT = frozenset(("followed_on", "owner", "method"))
_READY_LABEL = r"完成$"


@dataclass(frozen=True)
class Process:
    """The process figures of a person or the team.

    `talks` and `visits` are counted over the last WEEKS weeks, `waiting` are the open leads that
    nobody has contacted in them, where visits are written down. `proposal` is proposals handed in
    within the working days of the setting, over those handed in or due, of leads that became ready
    in the last PROPOSAL_DAYS days. The other rates are those of metrics.quality, over all records.
    """

    talks: int
    visits: int
    waiting: int
    proposal: Rate
    quality: Mapping[str, Rate]

    @property
    def talks_per_week(self) -> float:
        """Follow-ups a week."""
        return self.talks / WEEKS

    @property
    def visits_per_week(self) -> float:
        """Visits and meetings a week."""
        return self.visits / WEEKS


@dataclass(frozen=True)
class Proposals:
    """Proposals judged, one row a lead: `owner`, `in_time`; `line` says from where to where."""

    rows: pd.DataFrame
    line: str


def processes(
    data: Dataset, summary: Summary, kept: pd.DataFrame, names: tuple[str, ...]
) -> tuple[dict[str, Process], Process, str]:
    """Return the process figures of each of the people, those of everybody, and 方案's definition.

    Whoever else is in those of everybody comes after the people, by name.

    Args:
        data: The rows.
        summary: Their figures.
        kept: QUALITY_COLUMNS, by person.
        names: The people.
    """
    talks = _talks(data.frames["follow_up"], summary.as_of)
    waiting = _waiting(data, summary)
    proposals = proposals_in_time(data, summary)
    enough = int(data.kit.number("bottleneck_min_n"))
    by_name = {str(row["owner"]): row for row in kept.to_dict("records")}
    judged = Groups.of(proposals.rows["owner"])
    in_time = proposals.rows["in_time"].to_numpy(dtype=bool)
    handed_in = dict(
        zip(judged.names, zip(judged.sizes(in_time), judged.sizes(), strict=True), strict=True)
    )

    def of(person: str) -> Process:
        counts = by_name.get(person, {})
        return Process(
            talks=talks.get(person, (0, 0))[0],
            visits=talks.get(person, (0, 0))[1],
            waiting=waiting[person],
            proposal=Rate(*handed_in.get(person, (0, 0)), enough),
            quality=_rates(counts, enough),
        )

    everybody = Process(
        talks=sum(count for count, _ in talks.values()),
        visits=sum(count for _, count in talks.values()),
        waiting=waiting.total(),
        proposal=Rate(int(in_time.sum()), len(in_time), enough),
        quality=_rates({key: kept[key].sum() for key in COUNTS}, enough),
    )
    others = sorted({*talks, *by_name} - set(names), key=lambda name: (name == UNFILLED, name))
    return {name: of(name) for name in (*names, *others)}, everybody, proposals.line


def _rates(counts: Mapping[Any, Any], enough: int) -> dict[str, Rate]:
    return {
        name: Rate(int(counts.get(top, 0)), int(counts.get(bottom, 0)), enough)
        for name, (top, bottom) in RATES.items()
    }


def _talks(log: pd.DataFrame, as_of: date) -> dict[str, tuple[int, int]]:
    """Count follow-ups and visits of the last WEEKS weeks by person."""
    day = whole_days(log["followed_on"].to_numpy("datetime64[us]"))
    today = np.datetime64(as_of)
    recent = log[(day > today - np.timedelta64(WEEKS, "W")) & (day <= today)]
    by = Groups.of(recent["owner"].fillna(UNFILLED))
    visits = by.sizes(recent["method"].isin(VISITS).to_numpy())
    return dict(zip(by.names, zip(by.sizes(), visits, strict=True), strict=True))


def _waiting(data: Dataset, summary: Summary) -> Counter[str]:
    """Count by person the open leads without a contact for WEEKS weeks, where visits are recorded.

    A log kept in a file of its own is everybody's.
    """
    kept = {book.file: "lead" in book.tables for book in data.books if _records_visits(book)}
    leads = summary.leads
    idle = (leads["outcome"] == "open") & (leads["silent_days"] >= WEEKS * 7)
    if all(kept.values()):
        idle &= leads["file"].isin(list(kept))
    return Counter(leads.loc[idle, "owner"].tolist())


def _records_visits(book: CleanBook) -> bool:
    log = book.tables.get("follow_up")
    return log is not None and set(log.data) >= _VISIT


def proposals_in_time(data: Dataset, summary: Summary) -> Proposals:
    """Judge the proposals of the leads that became ready for one in the last PROPOSAL_DAYS days.

    Ready means entered the first stage of phase qualified before the proposal's, else a stage row
    whose label says that the needs analysis is completed. Open leads count once they are late;
    lost ones without a proposal where they had waited too long by then.
    """
    funnel = data.kit.pipeline.funnel
    at = next((i for i, s in enumerate(funnel) if s.phase == "proposal" and s.kind == "open"), None)
    blank = pd.DataFrame({"owner": pd.Series(dtype="str"), "in_time": pd.Series(dtype="bool")})
    if at is None:
        return Proposals(blank, "流程中没有方案或报价阶段，不计算方案及时率")
    ready, since = ready_for_proposal(data, summary, at)
    limit = data.kit.number("proposal_working_days")
    line = f"从{since}到进入“{funnel[at].name}”不超过{limit:g}个工作日"
    leads = summary.leads
    handed_in = entered(summary, at)
    today = pd.Timestamp(summary.as_of)
    end = handed_in.fillna(leads["lost_on"]).fillna(today).where(handed_in.notna() | ready.notna())
    days = clock(data.kit).calendar.days(ready, end.where(end <= today, today))
    recent = (ready > today - pd.Timedelta(days=PROPOSAL_DAYS)) & (ready <= today) & (days >= 0)
    late = days > limit
    known = handed_in.notna() | ((leads["reached"] < at) & late)
    judged = recent & known
    rows = pd.DataFrame({"owner": leads.loc[judged, "owner"], "in_time": ~late[judged]})
    return Proposals(rows, line)


def ready_for_proposal(data: Dataset, summary: Summary, proposal: int) -> tuple[pd.Series, str]:
    """Return the day each lead became ready for a proposal, and what that means in Chinese."""
    position = _qualified(data.kit.pipeline, proposal)
    if position is not None:
        name = data.kit.pipeline.funnel[position].name
        return entered(summary, position), f"进入“{name}”"
    rows = data.frames["stage_progress"]
    done = rows["stage"].str.contains(_READY_LABEL, na=False) & (rows["lead"] >= 0)
    days = rows.loc[done & (rows["position"] < proposal), "entered_stage_on"].dt.floor("D")
    first = days.groupby(rows["lead"]).min()
    return _spread(first, summary.leads), "需求分析完成（阶段进度中以“完成”结尾的状态）"


def _qualified(pipeline: Pipeline, proposal: int) -> int | None:
    before = pipeline.funnel[:proposal]
    phase = PHASES.index("qualified")
    return next((i for i, s in enumerate(before) if PHASES.index(s.phase) >= phase), None)


def entered(summary: Summary, position: int) -> pd.Series:
    """Return the day each lead first entered a stage, NaT where it did not or nobody knows."""
    events, leads = summary.events, summary.leads
    there = events["position"].to_numpy() == position
    days = np.full(len(leads), np.datetime64("NaT", "us"))
    days[events["lead"].to_numpy()[there]] = events["entered_on"].to_numpy()[there]
    return pd.Series(days, index=leads.index)


def _spread(by_lead: pd.Series, leads: pd.DataFrame) -> pd.Series:
    values = by_lead.reindex(np.arange(len(leads)))
    return values.set_axis(leads.index).astype("datetime64[us]")
