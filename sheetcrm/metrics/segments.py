"""客户分层: who is worth most, who is a steady customer, who is slipping away; what to do by when.

Every open and every won lead is in one tier; lost ones are in none.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import sqrt
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import Kit
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.leads import historical_mean
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

VALUE, STABLE, RISK = "高价值潜客", "稳定客户", "流失风险客户"
TIERS = (VALUE, STABLE, RISK)
# Column, its name in sentences; where valuable customers may gather. A grade makes a customer
# valuable, so that it says nothing of where they come from.
DIMENSIONS = (("industry", "行业"), ("region", "区域"), ("grade", "等级"), ("source", "来源"))
_GATHERING = ("industry", "region", "source")
_ALPHA = 0.05
_LEAST = 5


@dataclass(frozen=True)
class Tier:
    """One tier: how many, how many of them are due for a contact, the money in it, what to do."""

    name: str
    count: int
    due: int
    amount: float
    definition: str
    strategy: str
    cadence: str


@dataclass(frozen=True)
class SpreadRow:
    """One industry, region, grade or source: its customers by tier.

    `open` are its open leads; `valuable` is the share of 高价值潜客 in them, `at_risk` that of
    流失风险客户.
    """

    name: str
    customers: int
    open: int
    value: int
    stable: int
    risk: int
    valuable: Rate
    at_risk: Rate


@dataclass(frozen=True)
class Spread:
    """The customers by one dimension, the largest group first; `sentence` says where most are."""

    key: str
    name: str
    rows: tuple[SpreadRow, ...]
    sentence: str


@dataclass(frozen=True)
class WinBack:
    """How many win-back tasks one person has, and the expected amount at stake."""

    owner: str
    tasks: int
    amount: float


@dataclass(frozen=True)
class Segments:
    """The tiers, how they are spread, and every customer with what to do.

    `rows` are rows of Summary.leads, open and won, with `tier`, `money` (expected amount of open
    leads, amount of won ones), `due_on` (NaT where nothing dates it), `late` (days past it), `why`
    and `action`; by tier, those to be done first on top, the win-back tasks by owner.
    `win_back` is in the same order of owners.
    """

    tiers: tuple[Tier, ...]
    spreads: tuple[Spread, ...]
    win_back: tuple[WinBack, ...]
    sentence: str
    assumptions: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False, compare=False)


def best_grade(kit: Kit) -> str:
    """Return the first grade of the kit's list, "" where it has none."""
    found = kit.list_by_key.get("grade")
    return found.items[0].value if found and found.items else ""


def segments(data: Dataset, summary: Summary) -> Segments:
    """Put every open and won lead into a tier."""
    rows = _ranked(_dated(_placed(data, summary), data, summary))
    enough = int(data.kit.number("bottleneck_min_n"))
    spreads = tuple(_spreads(rows, data, enough))
    return Segments(
        tiers=tuple(_tier(name, rows, data.kit, summary) for name in TIERS),
        spreads=spreads,
        win_back=tuple(_win_back(rows)),
        sentence=_sentence(rows, spreads, enough),
        assumptions=_assumptions(rows),
        rows=rows,
    )


def valuable(leads: pd.DataFrame, kit: Kit) -> "pd.Series[bool]":
    """Say which leads are worth most: a large expected amount, or the best grade and no small one.

    Args:
        leads: Rows of Summary.leads; their won ones give the mean amount.
        kit: Whose settings and grades hold.
    """
    mean, best = historical_mean(leads), best_grade(kit)
    large = leads["expected_amount"] >= (
        np.inf if mean is None else kit.number("value_ratio") * mean
    )
    graded = (leads["grade"] == best) & ~leads["low_value"].astype(bool)
    return (leads["outcome"] == "open") & (large | (graded if best else False))


def _placed(data: Dataset, summary: Summary) -> pd.DataFrame:
    leads = summary.leads
    risk = leads["churn_risk"].astype(bool)
    worth = valuable(leads, data.kit) & ~risk
    tier = np.select([risk, worth], [RISK, VALUE], STABLE)
    won = leads["outcome"] == "won"
    money = leads["amount"].where(won, leads["expected_amount"])
    placed = leads.assign(tier=pd.Series(tier, index=leads.index, dtype="str"), money=money)
    return placed[leads["outcome"] != "lost"]


def _dated(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Add when each customer is due for a contact, why, and what to do."""
    number, today = data.kit.number, pd.Timestamp(summary.as_of)
    won, risk = rows["outcome"] == "won", rows["tier"] == RISK
    gaps = {s.name: s.cadence_days or np.nan for s in data.kit.pipeline.stages}
    gap = rows["stage"].map(gaps).astype("float64")
    often = gap.fillna(np.inf).clip(upper=number("value_cadence_days"))
    gap = gap.mask(rows["tier"] == VALUE, often).mask(won, number("customer_cadence_days"))
    contact = rows["last_follow_up"].fillna(rows["acquired_on"])
    contact = contact.mask(won, rows[["last_follow_up", "won_on"]].max(axis=1))
    due = contact + pd.to_timedelta(gap, unit="D")
    planned = rows["next_follow_up"]
    due = due.where(~(planned < due) & due.notna(), planned)
    task = clock(data.kit).calendar.add(summary.as_of, int(number("win_back_days")))
    due = due.mask(risk, pd.Timestamp(task)).astype("datetime64[us]").dt.floor("D")
    late = (today - due).dt.days.clip(lower=0).fillna(0).astype("int64")
    rows = rows.assign(due_on=due, late=late)
    return rows.assign(action=_actions(rows, data, task, historical_mean(summary.leads)))


def _actions(rows: pd.DataFrame, data: Dataset, task: date, mean: float | None) -> pd.Series:
    """Write what to do first, one sentence a row."""
    stages = [s.name for s in data.kit.pipeline.funnel]
    following = dict(pairwise(stages))
    ahead = rows["stage"].map(following).astype("str").fillna("下一步")
    late = rows["late"].astype("str")
    silent = rows["silent_days"].fillna(0).astype("int64").astype("str")
    overdue = rows["late"] > 0
    in_time = ("按时联系，推进到“" + ahead + "”").where(~overdue)
    text = in_time.fillna("该联系的日子已过" + late + "天：今天联系，推进到“" + ahead + "”")
    visit = ("已超过回访间隔" + late + "天：回访，问使用情况、增购和转介绍").where(overdue)
    text = text.mask(rows["outcome"] == "won", visit.fillna("按时回访，问使用情况、增购和转介绍"))
    large = rows["expected_amount"] >= (np.inf if mean is None else mean)
    how = pd.Series("问清原因，给一个再谈的理由；无望的转流失并写原因", index=rows.index)
    how = how.mask(large, "经理牵头，带上专属优惠去谈；无望的转流失并写原因")
    limit = f"天没有联系：{task:%m月%d日}前"
    return text.mask(rows["tier"] == RISK, silent + limit + how).astype("str")


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by tier; then the longest overdue, the further stage, the larger amount.

    Win-back tasks stand by owner, whoever has most of them first.
    """
    risk = rows["tier"] == RISK
    tasks = risk.groupby(rows["owner"]).transform("sum").where(risk, 0)
    keys = rows.assign(
        _tier=rows["tier"].map({name: n for n, name in enumerate(TIERS)}),
        _nobody=risk & (rows["owner"] == UNFILLED),
        _tasks=-tasks,
        _owner=rows["owner"].where(risk, ""),
        _won=rows["outcome"] == "won",
        _late=-rows["late"],
        _reached=-rows["reached"],
        _money=-rows["money"].fillna(0),
    )
    by = [
        "_tier",
        "_nobody",
        "_tasks",
        "_owner",
        "_won",
        "_late",
        "_money",
        "_reached",
        "file",
        "row",
    ]
    order = keys.sort_values(by, kind="stable").index
    return rows.loc[order]


def _tier(name: str, rows: pd.DataFrame, kit: Kit, summary: Summary) -> Tier:
    number, mine = kit.number, rows[rows["tier"] == name]
    mean, best = historical_mean(summary.leads), best_grade(kit)
    worth = f"预计成交金额达到历史平均的{number('value_ratio'):g}倍"
    worth += "（还没有历史金额）" if mean is None else f"（{number('value_ratio') * mean:,.0f}元）"
    value = f"进行中、没有流失风险，{worth}" + (
        f"，或等级为{best}且金额不属低优先级" if best else ""
    )
    customer, cadence = number("customer_cadence_days"), number("value_cadence_days")
    texts = {
        VALUE: (
            value,
            "增加拜访，方案、报价和协作优先安排；请经理出面，用同行案例促成",
            f"最多{cadence:g}天一次（阶段的建议更短的按阶段）",
        ),
        STABLE: (
            "成交客户，以及其余正常联系的进行中客户",
            "进行中的按阶段节奏推进；成交的定期回访，谈增购，请转介绍",
            f"进行中按阶段的建议间隔；成交客户{customer:g}天",
        ),
        RISK: (
            f"进行中，超过{number('churn_days'):g}天没有跟进",
            "给负责人派挽回任务；金额大的经理牵头，可给专属优惠；无望的转流失",
            f"{number('win_back_days'):g}个工作日内联系上",
        ),
    }
    due = int((mine["late"] > 0).sum()) if name != RISK else len(mine)
    return Tier(name, len(mine), due, float(mine["money"].sum()), *texts[name])


def _spreads(rows: pd.DataFrame, data: Dataset, enough: int) -> Iterator[Spread]:
    spec = data.kit.by_key["lead"].by_key.get("grade")
    grades = {name: n for n, name in enumerate(data.kit.choices(spec) if spec else ())}
    for key, name in DIMENSIONS:
        if key not in data.columns and key != "source":
            continue
        work = pd.DataFrame(
            {
                "customers": 1,
                "open": rows["outcome"] == "open",
                **{tier: rows["tier"] == tier for tier in TIERS},
            }
        )
        found = work.groupby(rows[key]).sum().to_dict("index")
        made = [_spread_row(str(group), counts, enough) for group, counts in found.items()]
        rank = grades if key == "grade" else {}
        made.sort(
            key=lambda r: (rank.get(r.name, len(rank)), r.name == UNFILLED, -r.customers, r.name)
        )
        yield Spread(key, name, tuple(made), _most(name, made))


def _spread_row(name: str, counts: Mapping[Any, Any], enough: int) -> SpreadRow:
    value, risk, open_ = int(counts[VALUE]), int(counts[RISK]), int(counts["open"])
    return SpreadRow(
        name=name,
        customers=int(counts["customers"]),
        open=open_,
        value=value,
        stable=int(counts[STABLE]),
        risk=risk,
        valuable=Rate(value, open_, enough),
        at_risk=Rate(risk, open_, enough),
    )


def _most(name: str, rows: list[SpreadRow]) -> str:
    total = sum(r.value for r in rows)
    named = [r for r in rows if r.name != UNFILLED]
    if not total or not named:
        return f"各{name}的客户"
    top = max(named, key=lambda r: r.value)
    return f"各{name}的客户：高价值潜客最多在{top.name}（{top.value}条，占{top.value / total:.0%}）"


def _sentence(rows: pd.DataFrame, spreads: tuple[Spread, ...], enough: int) -> str:
    """Say where 高价值潜客 gather: a group whose share is beyond chance, tested against the rest.

    Two proportions are compared (normal approximation, one-sided 5 %, divided by the number of
    groups looked at); groups of fewer than `enough` open leads are left out.
    """
    open_ = rows["outcome"] == "open"
    total, value = int(open_.sum()), int((rows["tier"] == VALUE).sum())
    tested = [
        (_excess(row.valuable, Rate(value, total)), spread, row)
        for spread in spreads
        if spread.key in _GATHERING
        for row in spread.rows
        if row.name != UNFILLED and enough <= row.open < total
    ]
    if not value:
        return "现在没有高价值潜客。"
    if value < _LEAST or not tested:
        return f"高价值潜客{value}条，进行中{total}条：太少，看不出集中在哪里。"
    limit = NormalDist().inv_cdf(1 - _ALPHA / len(tested))
    clear = sorted((t for t in tested if t[0] > limit), key=lambda t: -t[0])
    if not clear:
        return (
            f"高价值潜客{value}条（占进行中的{value / total:.0%}），没有明显集中在哪个行业、区域或"
            "来源：各组的差别在随机波动之内。"
        )
    where = "；".join(_gathered(spread, row, (value, total)) for _, spread, row in clear[:3])
    return f"高价值潜客集中在{where}。"


def _excess(mine: Rate, whole: Rate) -> float:
    """Return how many standard errors a group's share is above that of the others."""
    rest = Rate(whole.numerator - mine.numerator, whole.denominator - mine.denominator)
    pooled = (whole.numerator / whole.denominator) if whole.denominator else 0.0
    if not rest.denominator or not mine.denominator or pooled in (0.0, 1.0):
        return 0.0
    error = sqrt(pooled * (1 - pooled) * (1 / mine.denominator + 1 / rest.denominator))
    return ((mine.value or 0.0) - (rest.value or 0.0)) / error


def _gathered(spread: Spread, row: SpreadRow, whole: tuple[int, int]) -> str:
    value, total = whole
    rest = Rate(value - row.value, total - row.open)
    return (
        f"{spread.name}“{row.name}”：进行中{row.open}条里有{row.value}条"
        f"（{row.valuable.value or 0:.0%}，其余{rest.value or 0:.0%}）"
    )


def _win_back(rows: pd.DataFrame) -> Iterator[WinBack]:
    risk = rows[rows["tier"] == RISK]
    for owner, mine in risk.groupby("owner", sort=False):
        yield WinBack(str(owner), len(mine), float(mine["money"].sum()))


def _assumptions(rows: pd.DataFrame) -> tuple[str, ...]:
    undated = int(rows["due_on"].isna().sum())
    unpriced = int((rows["money"].isna() & (rows["outcome"] == "open")).sum())
    said = (
        (undated, f"有{undated}条没有联系日期，或阶段没有建议间隔，没有排出下次联系的期限。"),
        (unpriced, f"有{unpriced}条进行中线索没有预计成交金额，只按等级判断是否高价值。"),
    )
    return tuple(text for count, text in said if count)
