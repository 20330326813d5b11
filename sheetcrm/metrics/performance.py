"""业绩: the month's sales of each person, each team and everybody, against their targets.

Amounts are 实际成交金额 of won leads whose 成交时间 lies in the month, up to the day of the report.
A month's sales are a sum of few, unequal deals: their standard error is taken as the square root
of the sum of squares (a compound Poisson sum), so that a ranking can say what is mere chance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from math import sqrt

import numpy as np
import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import BonusTier
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.month import Month, month_of, same_point
from sheetcrm.metrics.negative import LostCases, Shortcoming, lost_cases, shortcomings
from sheetcrm.metrics.numbers import known, mean, total
from sheetcrm.metrics.process import Process, processes
from sheetcrm.metrics.projection import Projection, projection
from sheetcrm.metrics.ranking import Ranking, ranking
from sheetcrm.metrics.rate import Z95, Rate
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.sales_targets import SalesTargets, sales_targets


@dataclass(frozen=True)
class Result:
    """The month of a person, a team or everybody; amounts in the kit's unit.

    `deals` won leads of the month, `priced` of them with an amount; `undated` are won leads of
    which nobody knows the month; `error` is the standard error of `sales`. `paid` is the 回款金额
    of these deals, None where no sheet has the column; targets are None where none is set.
    `win_rate` is of all closed leads. `cycle_days` is the mean over the deals with both dates.
    `bonus_rate` is a person's, a team's bonus is its people's. `rank` counts from 1 by sales, None
    where there is nobody to rank.
    """

    name: str
    sales: float
    error: float
    deals: int
    priced: int
    undated: int
    target: float | None
    paid: float | None
    paid_target: float | None
    win_rate: Rate
    cycle_days: float | None
    projection: Projection
    process: Process | None
    bonus_rate: float | None
    bonus: float | None
    rank: int | None = None

    @property
    def completion(self) -> float | None:
        """完成率: sales / target."""
        return self.sales / self.target if self.target else None

    @property
    def gap(self) -> float | None:
        """缺口: what the target still lacks, never negative."""
        return max(self.target - self.sales, 0.0) if self.target else None

    @property
    def average(self) -> float | None:
        """客单价: sales / deals with an amount."""
        return self.sales / self.priced if self.priced else None

    @property
    def paid_rate(self) -> float | None:
        """回款率: paid / sales, of the month's deals."""
        return self.paid / self.sales if self.paid is not None and self.sales else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """95 % interval of the sales, None without a deal."""
        if not self.priced:
            return None
        return max(0.0, self.sales - Z95 * self.error), self.sales + Z95 * self.error


@dataclass(frozen=True)
class Performance:
    """The month, the results of people (best first), teams and everybody, and what they mean.

    `others` are the process figures of those in the total who have neither leads nor a target.
    `deals` are the rows of Summary.leads won in the month, with `paid_amount`; `assumptions`
    Chinese sentences to print with the figures.
    """

    month: Month
    people: tuple[Result, ...]
    others: tuple[tuple[str, Process], ...]
    teams: tuple[Result, ...]
    total: Result
    tiers: tuple[BonusTier, ...]
    ranking: Ranking
    shortcomings: tuple[Shortcoming, ...]
    lost_cases: LostCases
    proposal_line: str
    assumptions: tuple[str, ...]
    deals: pd.DataFrame = field(repr=False, compare=False)

    @property
    def processes(self) -> tuple[tuple[str, Process | None], ...]:
        """The process figures of everybody who has any, the unnamed last."""
        rows = [*((person.name, person.process) for person in self.people), *self.others]
        return tuple(sorted(rows, key=lambda row: row[0] == UNFILLED))

    @property
    def behind(self) -> float | None:
        """落后进度: share of the working days over, less the share of the target reached."""
        done = self.total.completion
        return None if done is None else self.month.share - done


def people_of(found: Performance) -> list[Result]:
    """Return who is ranked: everybody with a name, the best first."""
    return [person for person in found.people if person.name != UNFILLED]


def performance(data: Dataset, summary: Summary, kept: pd.DataFrame) -> Performance:
    """Work out the month of `summary.as_of`.

    Args:
        data: The rows.
        summary: Their figures.
        kept: How well records are kept (metrics.quality), by person.
    """
    calendar = clock(data.kit).calendar
    month = month_of(summary.as_of, calendar)
    goals = sales_targets(data.frames["target"], month.start)
    names = _names(summary, goals)
    by_person, everybody, line = processes(data, summary, kept, names)
    maker = _Maker(data, summary, month, goals)
    people = _ranked([maker.person(name, by_person[name]) for name in names])
    teams = tuple(maker.team(name, people) for name in goals.teams)
    total = maker.total(people, everybody)
    others = tuple(by_person.items())[len(names) :]
    return Performance(
        month=month,
        people=people,
        others=others,
        teams=teams,
        total=total,
        tiers=data.kit.bonus,
        ranking=ranking([p for p in people if p.name != UNFILLED], total.win_rate),
        shortcomings=shortcomings(people, month, data.kit),
        lost_cases=lost_cases(summary.leads, month, data.kit),
        proposal_line=line,
        assumptions=(*_assumptions(summary, month, maker), *_said_of(others), *data.target_notes),
        deals=maker.deals,
    )


def _names(summary: Summary, goals: SalesTargets) -> tuple[str, ...]:
    """Return everybody who has leads or a target of the month; those without a name last."""
    names = dict.fromkeys([*(row.name for row in summary.by_owner), *goals.people])
    return tuple(sorted(names, key=lambda name: name == UNFILLED))


class _Maker:
    """Makes results out of the same rows."""

    def __init__(self, data: Dataset, summary: Summary, month: Month, goals: SalesTargets) -> None:
        self.month, self.goals, self.tiers = month, goals, data.kit.bonus
        self.calendar = clock(data.kit).calendar
        self.has_paid = "paid_amount" in data.columns
        leads = summary.leads
        paid = data.frames["lead"]["paid_amount"].to_numpy("float64")
        is_won = (leads["outcome"] == "won").to_numpy()
        self.won = leads[is_won].assign(paid_amount=paid[is_won])
        self.now = month.has(self.won["won_on"]).to_numpy()
        self.deals = self.won[self.now]
        self.undated = self.won["won_on"].isna().to_numpy()
        self.owner = self.won["owner"].to_numpy("object")
        keys = ("amount", "paid_amount", "cycle_days")
        self.numbers = {key: self.won[key].to_numpy("float64") for key in keys}
        self.dated = self.won[["won_on", "amount"]]
        self.rates = {row.name: row.win_rate for row in summary.by_owner}
        self.win_rate = summary.totals.rate("win_rate")
        self.first = leads["acquired_on"].groupby(leads["owner"]).min()

    def person(self, name: str, process: Process) -> Result:
        """Return the result of a person."""
        rate = self.rates.get(name, Rate(0, 0, self.win_rate.enough))
        first = self.first.get(name)
        return self._result(name, {name}, self.goals.person(name), (rate, process, first))

    def team(self, name: str, people: Sequence[Result]) -> Result:
        """Return the result of a team of some of the people."""
        members = {p.name for p in people if self.goals.team_of.get(p.name) == name}
        rates = [p.win_rate for p in people if p.name in members]
        rate = Rate(
            sum(r.numerator for r in rates),
            sum(r.denominator for r in rates),
            self.win_rate.enough,
        )
        first = self.first.reindex(sorted(members)).min()
        return self._result(name, members, self.goals.team(name), (rate, None, first), people)

    def total(self, people: Sequence[Result], process: Process) -> Result:
        """Return the result of everybody."""
        rest = (self.win_rate, process, self.first.min())
        return self._result("合计", {p.name for p in people}, self.goals.total, rest, people)

    def _result(
        self,
        name: str,
        members: set[str],
        targets: tuple[float | None, float | None],
        rest: tuple[Rate, Process | None, pd.Timestamp | None],
        people: Sequence[Result] = (),
    ) -> Result:
        theirs = np.isin(self.owner, list(members))
        mine = theirs & self.now
        amounts, cycles = (known(self.numbers[key][mine]) for key in ("amount", "cycle_days"))
        sales = float(amounts.sum())
        rate, process, first = rest
        since = date.max if first is None or pd.isna(first) else first.date()
        past = same_point(self.month, self.calendar, since)
        share = None if people else bonus_rate(sales, targets[0], self.tiers)
        own = None if share is None else sales * share
        return Result(
            name=name,
            sales=sales,
            error=sqrt(float((amounts**2).sum())),
            deals=int(mine.sum()),
            priced=len(amounts),
            undated=int((theirs & self.undated).sum()),
            target=targets[0],
            paid=total(self.numbers["paid_amount"][mine]) if self.has_paid else None,
            paid_target=targets[1],
            win_rate=rate,
            cycle_days=mean(cycles),
            projection=projection(sales, self.dated[theirs], self.month, past),
            process=process,
            bonus_rate=share,
            bonus=_sum(p.bonus for p in people if p.name in members) if people else own,
        )


def bonus_rate(sales: float, target: float | None, tiers: Sequence[BonusTier]) -> float | None:
    """Return the rate of the highest step that was reached, 0 below the lowest.

    None without a target or without any step.
    """
    if not target or not tiers:
        return None
    rates = [tier.rate for tier in tiers if sales / target >= tier.floor]
    return rates[-1] if rates else 0.0


def _sum(parts: Iterable[float | None]) -> float | None:
    values = [part for part in parts if part is not None]
    return float(sum(values)) if values else None


def _ranked(people: Sequence[Result]) -> tuple[Result, ...]:
    """Put the best first and number them; equal sales share a place, UNFILLED has none."""
    real = [p.sales for p in people if p.name != UNFILLED]
    placed = [
        replace(p, rank=None if p.name == UNFILLED else 1 + sum(s > p.sales for s in real))
        for p in people
    ]
    return tuple(sorted(placed, key=lambda p: (p.name == UNFILLED, -p.sales, p.name)))


def _assumptions(summary: Summary, month: Month, maker: _Maker) -> tuple[str, ...]:
    """Say in Chinese what had to be left out."""
    won, deals = maker.won, maker.deals
    undated = int(maker.undated.sum())
    later = int((won["won_on"] > pd.Timestamp(summary.as_of)).sum())
    unpriced = int(deals["amount"].isna().sum())
    unpaid = int(deals["paid_amount"].isna().sum()) if maker.has_paid else 0
    said = (
        (undated, f"有{undated}条成交线索没有成交时间，不知道算哪个月，未计入本月。"),
        (later, f"有{later}条成交线索的成交时间晚于截止日期，未计入本月。"),
        (unpriced, f"本月有{unpriced}条成交线索没有实际成交金额，销售额按0计，不计入客单价。"),
        (unpaid, f"本月有{unpaid}条成交线索没有回款金额，回款按0计。"),
        (not maker.has_paid, "线索表没有“回款金额”这一列，回款率无法计算。"),
        (
            maker.goals.total[0] is None,
            f"业绩目标表里没有{month.start:%Y年%m月}的销售额目标，完成率、缺口和奖金无法计算。",
        ),
    )
    return tuple(sentence for count, sentence in said if count)


def _said_of(others: Sequence[tuple[str, Process]]) -> tuple[str, ...]:
    names = [name for name, _ in others if name != UNFILLED]
    if not names:
        return ()
    who = "、".join(names[:5]) + ("等" if len(names) > 5 else "")
    return (f"{who}没有线索，也没有本月目标：只列过程指标，不排名，不列入负面清单。",)
