"""趋势: by day, week and month how many leads came, reached 意向, were won, and the sales.

Weeks run from Monday to Sunday (ISO 8601). Each lead is counted where its day lies: 线索获取时间,
the first day it is known to have been at 意向 or beyond, 成交时间.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from math import sqrt

import numpy as np
import pandas as pd

from sheetcrm.metrics.conversion import milestones
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import Groups, Mask
from sheetcrm.metrics.rate import Z95, Rate
from sheetcrm.metrics.results import Summary

DAYS, WEEKS, MONTHS = 30, 12, 12
_DATES = ("new_on", "interested_on", "left_on", "won_on")
MOVE_COLUMNS = (*_DATES, "sales")


@dataclass(frozen=True)
class Point:
    """One day, week or month, `start` to `end` inclusive; `complete` when it is over.

    `left` leads were lost before 意向 on a known day; `squares` is the sum of the squared amounts.
    """

    label: str
    start: date
    end: date
    new: int
    interested: int
    left: int
    won: int
    sales: float
    squares: float
    enough: int
    complete: bool

    @property
    def conversion(self) -> Rate:
        """线索转化率 of the period: reached 意向, of those that reached it or were lost before."""
        return Rate(self.interested, self.interested + self.left, self.enough)


@dataclass(frozen=True)
class Drop:
    """A figure that fell by more than the threshold; `chance` says it may be no more than that."""

    figure: str
    sentence: str
    chance: bool


@dataclass(frozen=True)
class Trend:
    """Points in order of time, what fell in the last full week, and the leads behind them.

    `moves` has MOVE_COLUMNS beside the columns of Summary.leads, for leads that moved in the time
    shown; `interest` is the stage counted as 意向.
    """

    days: tuple[Point, ...]
    weeks: tuple[Point, ...]
    months: tuple[Point, ...]
    interest: str
    threshold: float
    drops: tuple[Drop, ...]
    sentence: str
    assumptions: tuple[str, ...]
    moves: pd.DataFrame = field(repr=False, compare=False)


def trend(data: Dataset, summary: Summary) -> Trend:
    """Count the moves of the last DAYS days, WEEKS weeks and MONTHS months up to `summary.as_of`.

    The periods that are not over yet are counted as far as they are.
    """
    as_of, pipeline = summary.as_of, data.kit.pipeline
    interest = milestones(pipeline)[0]
    moves = _moves(summary, interest)
    enough = int(data.kit.number("bottleneck_min_n"))
    threshold = data.kit.number("conversion_drop_ratio")

    def points(spans: Sequence[tuple[str, date, date]]) -> tuple[Point, ...]:
        return _points(moves, spans, as_of, enough)

    weeks, months, days = (points(spans(as_of)) for spans in (_weeks, _months, _days))
    drops = _drops([week for week in weeks if week.complete], threshold)
    shown = (months[0].start, as_of)
    recent = _within(moves, *(np.datetime64(day) for day in shown))
    return Trend(
        days=_since_first(days, moves),
        weeks=_since_first(weeks, moves),
        months=_since_first(months, moves),
        interest=pipeline.funnel[interest].name,
        threshold=threshold,
        drops=drops,
        sentence=_sentence(drops, weeks, threshold),
        assumptions=_assumptions(summary, moves, interest),
        moves=summary.leads[recent].assign(**{c: moves.loc[recent, c] for c in MOVE_COLUMNS}),
    )


def _within(moves: pd.DataFrame, first: np.datetime64, last: np.datetime64) -> Mask:
    """Say which leads moved on one of these days."""
    days = (moves[column].to_numpy() for column in _DATES)
    return np.asarray(np.any([(day >= first) & (day <= last) for day in days], axis=0))


def _moves(summary: Summary, interest: int) -> pd.DataFrame:
    """Return MOVE_COLUMNS, one row a lead of the summary."""
    leads, events = summary.leads, summary.events
    beyond = events["position"].to_numpy() >= interest
    entered = events["entered_on"].to_numpy("datetime64[us]")[beyond]
    first = np.full(len(leads), np.datetime64("NaT", "us"))
    np.fmin.at(first, events["lead"].to_numpy()[beyond], entered)
    outcome = leads["outcome"].to_numpy("object")
    won = outcome == "won"
    early = (outcome == "lost") & (leads["reached"].to_numpy() < interest)
    never = np.datetime64("NaT", "us")
    return pd.DataFrame(
        {
            "new_on": leads["acquired_on"],
            "interested_on": first,
            "left_on": np.where(early, leads["lost_on"].to_numpy(), never),
            "won_on": np.where(won, leads["won_on"].to_numpy(), never),
            "sales": np.where(won, leads["amount"].to_numpy("float64"), np.nan),
        },
        index=leads.index,
    )


def _days(as_of: date) -> list[tuple[str, date, date]]:
    days = (as_of - timedelta(days=n) for n in reversed(range(DAYS)))
    return [(f"{day.month}/{day.day}", day, day) for day in days]


def _weeks(as_of: date) -> list[tuple[str, date, date]]:
    monday = as_of - timedelta(days=as_of.weekday())
    starts = (monday - timedelta(weeks=n) for n in reversed(range(WEEKS)))
    return [(f"{start.month}/{start.day}", start, start + timedelta(days=6)) for start in starts]


def _months(as_of: date) -> list[tuple[str, date, date]]:
    months = pd.period_range(end=pd.Period(as_of, "M"), periods=MONTHS, freq="M")
    return [(f"{m:%Y-%m}", m.start_time.date(), m.end_time.date()) for m in months]


def _points(
    moves: pd.DataFrame, spans: Sequence[tuple[str, date, date]], as_of: date, enough: int
) -> tuple[Point, ...]:
    """Count the moves in consecutive spans, nothing after `as_of`."""
    edges = np.array([start for _, start, _ in spans], dtype="datetime64[us]")
    last = np.datetime64(min(spans[-1][2], as_of))
    names = tuple(label for label, _, _ in spans)

    def placed(column: str) -> Groups:
        days = moves[column].to_numpy("datetime64[us]")
        at = np.searchsorted(edges, days, side="right") - 1
        return Groups(np.where((days >= edges[0]) & (days <= last), at, -1), names)

    by = {c: placed(c) for c in _DATES}
    counts = {c: groups.sizes() for c, groups in by.items()}
    amounts = moves["sales"].to_numpy("float64")
    sales, squares = by["won_on"].totals(amounts), by["won_on"].totals(amounts**2)
    return tuple(
        Point(
            label=label,
            start=start,
            end=end,
            new=counts["new_on"][n],
            interested=counts["interested_on"][n],
            left=counts["left_on"][n],
            won=counts["won_on"][n],
            sales=sales[n],
            squares=squares[n],
            enough=enough,
            complete=end <= as_of,
        )
        for n, (label, start, end) in enumerate(spans)
    )


def _since_first(points: tuple[Point, ...], moves: pd.DataFrame) -> tuple[Point, ...]:
    """Leave out the periods before the first known move of all, but keep two at least."""
    days = np.concatenate([moves[column].to_numpy() for column in _DATES])
    known = days[~np.isnat(days)]
    first = known.min().item().date() if len(known) else date.min
    before = sum(point.end < first for point in points)
    return points[min(before, len(points) - 2) :]


def _drops(weeks: Sequence[Point], threshold: float) -> tuple[Drop, ...]:
    """Compare the last full week with the one before; the certain ones come first."""
    if len(weeks) < 2:
        return ()
    before, now = weeks[-2], weeks[-1]
    found = [
        _count_drop("新增线索", "条", (before.new, now.new), threshold),
        _count_drop("到达意向", "条", (before.interested, now.interested), threshold),
        _rate_drop(before.conversion, now.conversion, threshold),
        _count_drop("成交", "单", (before.won, now.won), threshold),
        _sales_drop(before, now, threshold),
    ]
    return tuple(sorted((d for d in found if d is not None), key=lambda drop: drop.chance))


def _fell(before: float, now: float, threshold: float) -> bool:
    return before > 0 and (before - now) / before > threshold + 1e-12


def _count_drop(figure: str, unit: str, counts: tuple[int, int], threshold: float) -> Drop | None:
    before, now = counts
    if not _fell(before, now, threshold):
        return None
    # The difference of two Poisson counts.
    chance = before - now <= Z95 * sqrt(before + now)
    return _drop(figure, f"{before}{unit}", f"{now}{unit}", (before - now) / before, chance=chance)


def _rate_drop(before: Rate, now: Rate, threshold: float) -> Drop | None:
    first, second = before.value, now.value
    if first is None or second is None or not _fell(first, second, threshold):
        return None
    total = before.denominator + now.denominator
    pooled = (before.numerator + now.numerator) / total
    error = sqrt(pooled * (1 - pooled) * (1 / before.denominator + 1 / now.denominator))
    few = min(before.denominator, now.denominator) < before.enough
    texts = [f"{r.value:.1%}（{r.numerator}/{r.denominator}）" for r in (before, now)]
    chance = few or first - second <= Z95 * error
    return _drop("线索转化率", texts[0], texts[1], (first - second) / first, chance=chance)


def _sales_drop(before: Point, now: Point, threshold: float) -> Drop | None:
    if not _fell(before.sales, now.sales, threshold):
        return None
    chance = before.sales - now.sales <= Z95 * sqrt(before.squares + now.squares)
    texts = [f"{point.sales / 10000:,.1f}万元" for point in (before, now)]
    share = (before.sales - now.sales) / before.sales
    return _drop("销售额", texts[0], texts[1], share, chance=chance)


def _drop(figure: str, before: str, now: str, share: float, *, chance: bool) -> Drop:
    text = f"{figure}由{before}降到{now}（-{share:.0%}）"
    return Drop(figure, text + ("，仍在随机波动之内" if chance else ""), chance)


def _sentence(drops: Sequence[Drop], weeks: Sequence[Point], threshold: float) -> str:
    """Say what the last full week was like."""
    full = [week for week in weeks if week.complete]
    if len(full) < 2:
        return ""
    week = f"上一个整周（{full[-1].start:%m-%d}～{full[-1].end:%m-%d}）与前一周相比"
    if not drops:
        return f"{week}：没有下降超过{threshold:.0%}的指标。"
    hints = {"新增线索": "请检查获客渠道", "线索转化率": "请检查线索质量"}
    certain = [d for d in drops if not d.chance]
    advice = [hints[d.figure] for d in certain if d.figure in hints]
    tail = f"；{'，'.join(advice)}" if advice else ""
    return f"{week}：" + "；".join(d.sentence for d in drops) + f"{tail}。"


def _assumptions(summary: Summary, moves: pd.DataFrame, interest: int) -> tuple[str, ...]:
    leads = summary.leads
    reached = leads["reached"] >= interest
    early = (leads["outcome"] == "lost") & ~reached
    counted: tuple[tuple[Callable[[], int], str], ...] = (
        (lambda: int(moves["new_on"].isna().sum()), "条线索没有获取时间，未计入新增。"),
        (
            lambda: int((reached & moves["interested_on"].isna()).sum()),
            "条线索到过意向，但不知道哪天到的，未计入到达意向和线索转化率。",
        ),
        (
            lambda: int((early & leads["lost_on"].isna()).sum()),
            "条线索没到意向就流失，但不知道哪天流失，未计入线索转化率的分母，该比率偏高。",
        ),
        (
            lambda: int(((leads["outcome"] == "won") & leads["won_on"].isna()).sum()),
            "条成交线索没有成交时间，未计入成交和销售额。",
        ),
    )
    numbers = ((count(), text) for count, text in counted)
    return tuple(f"有{number}{text}" for number, text in numbers if number)
