"""目标对比: response time, conversion and contract approval: baseline, goal and now."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

import numpy as np
import pandas as pd

from sheetcrm.metrics.contracts import RECENT_DAYS, Contracts, contracts
from sheetcrm.metrics.conversion import milestones
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.durations import Duration, duration
from sheetcrm.metrics.numbers import Floats, Moments, known, median, whole_days
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

Unit = Literal["小时", "比例", "工作日"]
_FIGURES = ("conversion", "response", "approval")
_PARTS = ("baseline", "target")


@dataclass(frozen=True)
class Goal:
    """One figure: what it was when the goal was set, what it should be, what it is.

    `count` cases make up `now`; `lower_is_better` for times. `share` is those within the goal.
    `population` says in Chinese what is counted, `reason` why there is no `now`.
    """

    name: str
    unit: Unit
    baseline: float | None
    goal: float | None
    now: float | None
    count: int
    lower_is_better: bool
    share: Rate | None
    population: str
    reason: str = ""

    @property
    def gap(self) -> float | None:
        """What is missing to the goal, in the figure's unit; 0 where it is reached."""
        if self.goal is None or self.now is None:
            return None
        missing = self.now - self.goal if self.lower_is_better else self.goal - self.now
        return max(missing, 0.0)

    @property
    def reached(self) -> bool | None:
        """Say whether the goal is reached, None where that cannot be said."""
        return None if self.gap is None else self.gap <= 0

    @property
    def progress(self) -> float | None:
        """Share of the way from the baseline to the goal, None without one of them."""
        if self.goal is None or self.now is None or self.baseline is None:
            return None
        way = self.goal - self.baseline
        return (self.now - self.baseline) / way if way else None


@dataclass(frozen=True)
class Goals:
    """The goals that somebody set, and the month they are of; `assumptions` are sentences."""

    rows: tuple[Goal, ...]
    month: date | None
    assumptions: tuple[str, ...]
    contracts: Contracts


def goals(data: Dataset, summary: Summary) -> Goals:
    """Compare the goals of the latest month up to `summary.as_of` that has any, with today."""
    told = _Told(data.frames["target"], summary.as_of)
    of_contracts = contracts(data, summary.as_of, told.value("approval", "target"))
    found = (
        _response(data, summary, told),
        _conversion(data, summary, told),
        _approval(told, of_contracts.steps["approval"]),
    )
    rows = tuple(row for row in found if row.baseline is not None or row.goal is not None)
    return Goals(rows, told.month, (*told.notes, *data.target_notes), of_contracts)


class _Told:
    """What 业绩目标 says: by figure the team's rows before the people's, whose median is taken."""

    def __init__(self, table: pd.DataFrame, as_of: date) -> None:
        self.notes: list[str] = []
        if table.empty:
            self.month, self.rows = None, table
            return
        columns = [f"{figure}_{part}" for figure in _FIGURES for part in _PARTS]
        start = table["month"].dt.to_period("M").dt.to_timestamp()
        rows = table[table[columns].notna().any(axis=1) & (start <= pd.Timestamp(as_of))]
        last = start[rows.index].max()
        self.month = None if pd.isna(last) else last.date()
        self.rows = rows[start[rows.index] == last]

    def value(self, figure: str, part: str) -> float | None:
        rows = self.rows
        if rows.empty:
            return None
        both = [f"{figure}_{name}" for name in _PARTS]
        team = rows[rows["owner"].isna() & rows[both].notna().any(axis=1)]
        values = known((team if len(team) else rows)[f"{figure}_{part}"].to_numpy("float64"))
        if not len(values):
            return None
        if len(set(values.tolist())) > 1:
            note = "业绩目标表里各行写的目标不同，这里取中位数。"
            self.notes = [note]
        return median(values)


def _response(data: Dataset, summary: Summary, told: _Told) -> Goal:
    """Hours from 线索获取时间 to the first follow-up; the unanswered are in the share."""
    goal = told.value("response", "target")
    hours, waited, by_day = _first_response(data, summary)
    limit = goal if goal is not None else data.kit.number("first_response_hours")
    found = duration(hours, waited, limit, int(data.kit.number("bottleneck_min_n")))
    text = f"近{RECENT_DAYS}天获取的线索，从获取到第一次跟进的小时数（日历时间）的中位数"
    if by_day:
        text += "；表里只有日期，按天折算，当天跟进为0"
    if found.waiting:
        text += f"；还有{found.waiting}条没有跟进，不在中位数里，但在达标率的分母里（已超过目标的）"
    return Goal(
        name="首次响应时间",
        unit="小时",
        baseline=told.value("response", "baseline"),
        goal=goal,
        now=found.median,
        count=found.done,
        lower_is_better=True,
        share=found.in_time,
        population=text,
        reason="" if found.done else "跟进记录里没有近90天线索的第一次跟进",
    )


def _first_response(data: Dataset, summary: Summary) -> tuple[Floats, Floats, bool]:
    """Return hours to the first follow-up, hours waited by the others, and if only days count."""
    log, leads = data.frames["follow_up"], data.frames["lead"]
    today = np.datetime64(summary.as_of, "us")
    end = today + np.timedelta64(1, "D")
    lead, day = log["lead"].to_numpy(), log["followed_on"].to_numpy("datetime64[us]")
    told = (lead >= 0) & (day < end)
    first: Moments = np.full(len(leads), np.datetime64("NaT", "us"))
    np.fmin.at(first, lead[told], day[told])
    got: Moments = leads["acquired_on"].to_numpy("datetime64[us]")
    recent = (got >= end - np.timedelta64(RECENT_DAYS, "D")) & (got < end)
    got, first = got[recent], first[leads["key"].to_numpy()[recent]]
    answered = ~np.isnat(first)
    without_time = (got == whole_days(got)) | (first == whole_days(first))
    by_day = bool(without_time[answered].any())
    if by_day:
        got, first = whole_days(got), whole_days(first)
    # A closed lead nobody wrote a follow-up for is not waiting any more.
    still = (summary.leads["outcome"] == "open") & summary.leads["never_followed_up"]
    waiting = ~answered & still.to_numpy()[recent]
    # Due in the course of today is not late: nobody knows the time of day.
    return _hours(got, first)[answered], _hours(got, today).clip(min=0)[waiting], by_day


def _hours(start: Moments, end: Moments | np.datetime64) -> Floats:
    return np.asarray((end - start) / np.timedelta64(1, "s"), dtype="float64") / 3600


def _conversion(data: Dataset, summary: Summary, told: _Told) -> Goal:
    """线索转化率 of leads that had the time of win_window to come to 意向."""
    window = int(data.kit.number("win_window_days"))
    leads, pipeline = summary.leads, data.kit.pipeline
    interest = milestones(pipeline)[0]
    last = pd.Timestamp(summary.as_of - timedelta(days=window))
    mature = leads["acquired_on"].between(last - pd.Timedelta(days=RECENT_DAYS - 1), last)
    reached = int((leads.loc[mature, "reached"] >= interest).sum())
    rate = Rate(reached, int(mature.sum()), int(data.kit.number("bottleneck_min_n")))
    return Goal(
        name="线索转化率",
        unit="比例",
        baseline=told.value("conversion", "baseline"),
        goal=told.value("conversion", "target"),
        now=rate.value,
        count=rate.denominator,
        lower_is_better=False,
        share=rate,
        population=f"获取已满{window}天的线索中最近{RECENT_DAYS}天获取的："
        f"到达“{pipeline.funnel[interest].name}”的÷全部",
        reason="" if rate.denominator else "这段时间没有获取线索",
    )


def _approval(told: _Told, found: Duration) -> Goal:
    text = f"近{RECENT_DAYS}天批准的合同，从送审到批准的工作日数的平均"
    if found.waiting:
        text += f"；还有{found.waiting}份在审批，已超过目标的在达标率的分母里"
    return Goal(
        name="合同审批时间",
        unit="工作日",
        baseline=told.value("approval", "baseline"),
        goal=told.value("approval", "target"),
        now=found.mean,
        count=found.done,
        lower_is_better=True,
        share=found.in_time,
        population=text,
        reason="" if found.done else "合同表里没有近90天批准的合同",
    )
