"""复盘: what won deals had that lost ones had not, and how the won ones came about."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.conversion import none_if_nan
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

_DIMENSIONS = (
    ("source", "来源"),
    ("industry", "行业"),
    ("region", "区域"),
    ("product", "产品"),
    ("grade", "等级"),
)
_ALPHA = 0.05  # shared among all comparisons (Bonferroni)
_MOST_VALUES = 6  # of a dimension, the most frequent: every further one makes all harder to tell
_LEAST_RANKED = 8  # on each side, from where the rank sum is near enough to normal


@dataclass(frozen=True)
class Trait:
    """One value of one dimension among the closed leads.

    `rate` is won / closed of those that have it, `rest` of the others; `verdict` is "more",
    "less", "" (no difference beyond chance) or "few".
    """

    key: str
    dimension: str
    value: str
    rate: Rate
    rest: Rate
    verdict: str


@dataclass(frozen=True)
class Measure:
    """A number of the closed leads: its median among won and lost ones, how many have it.

    `differs` says that the difference is more than chance (Mann-Whitney, two-sided 5 %), None
    where there are too few to tell.
    """

    name: str
    unit: str
    won: float | None
    won_count: int
    lost: float | None
    lost_count: int
    differs: bool | None


@dataclass(frozen=True)
class Node:
    """One step of the won deals: median days and follow-ups between entering two stages."""

    name: str
    count: int
    days: float | None
    slowest: float | None
    talks: float | None


@dataclass(frozen=True)
class Deals:
    """Won and lost compared, the steps of the won, and every closed lead.

    `closed` are rows of Summary.leads with `talks` and `response_days` (to the first follow-up,
    NaN where none is on record), won ones first.
    """

    won: int
    lost: int
    traits: tuple[Trait, ...]
    measures: tuple[Measure, ...]
    nodes: tuple[Node, ...]
    sentence: str
    closed: pd.DataFrame = field(repr=False, compare=False)


def deals(data: Dataset, summary: Summary) -> Deals:
    """Compare the closed leads."""
    talks = _talks(data, summary)
    leads = _with_talks(summary.leads, talks, data)
    closed: pd.DataFrame = leads[leads["outcome"] != "open"]
    closed = closed.sort_values("outcome", ascending=False, kind="stable")
    traits = tuple(_traits(closed, data, int(data.kit.number("bottleneck_min_n"))))
    won = closed["outcome"] == "won"
    measures = (
        _measure("跟进次数", "次", closed["talks"], won),
        _measure("首次响应", "天", closed["response_days"], won),
    )
    return Deals(
        won=int(won.sum()),
        lost=int((~won).sum()),
        traits=traits,
        measures=measures,
        nodes=tuple(_nodes(data, summary, talks)),
        sentence=_sentence(traits, measures, int(won.sum()), int((~won).sum())),
        closed=closed,
    )


def _talks(data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return the follow-ups up to the day of the report: `lead` and `day`."""
    log = data.frames["follow_up"]
    day = log["followed_on"].dt.floor("D")
    known = (log["lead"] >= 0) & (day <= pd.Timestamp(summary.as_of))
    return pd.DataFrame({"lead": log.loc[known, "lead"], "day": day[known]})


def _with_talks(leads: pd.DataFrame, talks: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    key = data.frames["lead"]["key"]
    by = talks.groupby("lead")["day"].agg(["size", "min"]).reindex(key).set_axis(leads.index)
    days = (by["min"] - leads["acquired_on"]).dt.days
    count = by["size"] if len(talks) else pd.Series(np.nan, index=leads.index)
    # A lead without any row in the log was hardly won by silence: not 0, but unknown.
    known = days.where(days >= 0)
    told: pd.DataFrame = leads.assign(talks=count.astype("float64"), response_days=known)
    return told


def _traits(closed: pd.DataFrame, data: Dataset, enough: int) -> Iterator[Trait]:
    won = closed["outcome"] == "won"
    found: list[tuple[str, str, str, Rate, Rate]] = []
    for key, name in _DIMENSIONS:
        if key not in data.columns and key != "source":
            continue
        counts = won.groupby(closed[key]).agg(["sum", "size"]).sort_values("size", ascending=False)
        named = [(str(v), int(c["sum"]), int(c["size"])) for v, c in counts.iterrows()]
        for value, good, size in [n for n in named if n[0] != UNFILLED][:_MOST_VALUES]:
            rest = Rate(int(won.sum()) - good, len(closed) - size, enough)
            found.append((key, name, value, Rate(good, size, enough), rest))
    tested = sum(r.denominator >= enough and o.denominator > 0 for *_, r, o in found)
    limit = NormalDist().inv_cdf(1 - _ALPHA / 2 / max(tested, 1))
    for key, name, value, rate, rest in found:
        yield Trait(key, name, value, rate, rest, _verdict(rate, rest, limit))


def _verdict(rate: Rate, rest: Rate, limit: float) -> str:
    """Compare two proportions (normal approximation, 5 % shared among all comparisons)."""
    if rate.reason or not rest.denominator:
        return "few"
    pooled = (rate.numerator + rest.numerator) / (rate.denominator + rest.denominator)
    error = sqrt(pooled * (1 - pooled) * (1 / rate.denominator + 1 / rest.denominator))
    if not error:
        return ""
    z = ((rate.value or 0.0) - (rest.value or 0.0)) / error
    return "more" if z > limit else "less" if z < -limit else ""


def _measure(name: str, unit: str, numbers: pd.Series, won: "pd.Series[bool]") -> Measure:
    good, bad = numbers[won].dropna(), numbers[~won].dropna()
    return Measure(
        name=name,
        unit=unit,
        won=none_if_nan(good.median()),
        won_count=len(good),
        lost=none_if_nan(bad.median()),
        lost_count=len(bad),
        differs=_differs(good, bad),
    )


def _differs(one: pd.Series, other: pd.Series) -> bool | None:
    """Test two samples by ranks (Mann and Whitney 1947, normal approximation, ties corrected)."""
    n, m = len(one), len(other)
    if min(n, m) < _LEAST_RANKED:
        return None
    both = pd.concat([one, other])
    ties = both.value_counts().astype("float64")
    size = float(n + m)
    spread = n * m / 12 * (size + 1 - float((ties**3 - ties).sum()) / (size * (size - 1)))
    if spread <= 0:
        return False
    u = float(both.rank().iloc[:n].sum()) - n * (n + 1) / 2
    return abs(u - n * m / 2) > NormalDist().inv_cdf(1 - _ALPHA / 2) * sqrt(spread)


def _nodes(data: Dataset, summary: Summary, talks: pd.DataFrame) -> Iterator[Node]:
    """Return the steps of the won deals, and the whole way."""
    leads, stages = summary.leads, data.kit.pipeline.funnel
    won = leads.index[leads["outcome"] == "won"]
    entered = summary.events.pivot_table(
        index="lead", columns="position", values="entered_on", aggfunc="min"
    )
    entered = entered.reindex(index=won, columns=range(len(stages)))
    key = data.frames["lead"]["key"].loc[won]
    mine = talks.merge(pd.DataFrame({"lead": key.to_numpy(), "won": won}), on="lead")
    for at, (one, other) in enumerate(pairwise(stages)):
        yield _node(f"{one.name}→{other.name}", entered[at], entered[at + 1], mine)
    if len(stages) > 2:
        name = f"全程：{stages[0].name}→{stages[-1].name}"
        yield _node(name, entered[0], entered[len(stages) - 1], mine)


def _node(name: str, start: pd.Series, end: pd.Series, talks: pd.DataFrame) -> Node:
    if start.empty:
        return Node(name, 0, None, None, None)
    start, end = pd.to_datetime(start), pd.to_datetime(end)
    days = (end - start).dt.days
    known = days.index[days >= 0]
    day, lead = talks["day"], talks["won"]
    within = (day >= lead.map(start)) & (day <= lead.map(end)) & lead.isin(known)
    counts = talks[within].groupby("won").size().reindex(known, fill_value=0)
    return Node(
        name=name,
        count=len(known),
        days=none_if_nan(days.loc[known].median()),
        slowest=float(days.loc[known].quantile(0.9)) if len(known) else None,
        talks=none_if_nan(counts.median()) if len(talks) else None,
    )


def _sentence(traits: tuple[Trait, ...], measures: tuple[Measure, ...], won: int, lost: int) -> str:
    """Say what is clearly different, or that nothing is.

    Not grades: they are put up and down as a deal goes, and follow its end rather than foretell it.
    """
    if not won or not lost:
        return "还没有足够的成交和流失线索可以比较。"
    said = [
        f"{t.dimension}“{t.value}”的赢单率{'高' if t.verdict == 'more' else '低'}于其余"
        f"（{t.rate.value or 0:.0%}对{t.rest.value or 0:.0%}）"
        for t in traits
        if t.verdict in ("more", "less") and t.key != "grade"
    ]
    said += [
        f"{m.name}中位数成交{m.won:g}{m.unit}、流失{m.lost:g}{m.unit}"
        for m in measures
        if m.differs and m.won is not None and m.lost is not None
    ]
    head = f"成交{won}条与流失{lost}条相比："
    if not said:
        return head + "各来源、行业、区域、产品和跟进快慢的差别都在随机波动之内。"
    return head + "；".join(said[:5]) + "。其余差别在随机波动之内。"
