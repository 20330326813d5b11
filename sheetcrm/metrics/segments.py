"""客户分层: who is worth most, who is a steady customer, who is slipping away; what to do by when.

Every open and every won lead is in one tier; lost ones are in none.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from math import sqrt
from statistics import NormalDist

import numpy as np
import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import Kit
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.leads import historical_mean
from sheetcrm.metrics.numbers import Groups, Mask, days_between, total, whole_days
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

VALUE, STABLE, RISK = "高价值潜客", "稳定客户", "流失风险客户"
TIERS = (VALUE, STABLE, RISK)
# Column, its name in sentences; where valuable customers may gather. A grade makes a customer
# valuable, so that it says nothing of where they come from.
DIMENSIONS = (("industry", "行业"), ("region", "区域"), ("grade", "等级"), ("source", "来源"))
_GATHERING = ("industry", "region", "source")
_ALPHA = 0.05  # shared among all groups (Bonferroni)
_LEAST = 5  # fewer valuable customers gather nowhere


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


def valuable(leads: pd.DataFrame, kit: Kit) -> Mask:
    """Say which leads are worth most: a large expected amount, or the best grade and no small one.

    Args:
        leads: Rows of Summary.leads; their won ones give the mean amount.
        kit: Whose settings and grades hold.
    """
    mean, best = historical_mean(leads), best_grade(kit)
    floor = np.inf if mean is None else kit.number("value_ratio") * mean
    large = leads["expected_amount"].to_numpy("float64") >= floor
    if best:
        small = leads["low_value"].to_numpy(dtype=bool)
        large |= (leads["grade"].to_numpy("object") == best) & ~small
    return np.asarray((leads["outcome"].to_numpy("object") == "open") & large)


def _placed(data: Dataset, summary: Summary) -> pd.DataFrame:
    leads = summary.leads
    risk = leads["churn_risk"].to_numpy(dtype=bool)
    worth = valuable(leads, data.kit) & ~risk
    tier = np.full(len(leads), STABLE, dtype="object")
    tier[worth], tier[risk] = VALUE, RISK
    outcome = leads["outcome"].to_numpy("object")
    amount, expected = (leads[key].to_numpy("float64") for key in ("amount", "expected_amount"))
    money = np.where(outcome == "won", amount, expected)
    kept = outcome != "lost"
    rows: pd.DataFrame = leads[kept]
    return rows.assign(tier=pd.Series(tier[kept], index=rows.index, dtype="str"), money=money[kept])


def _dated(rows: pd.DataFrame, data: Dataset, summary: Summary) -> pd.DataFrame:
    """Add when each customer is due for a contact, why, and what to do."""
    number = data.kit.number
    won = rows["outcome"].to_numpy("object") == "won"
    tier = rows["tier"].to_numpy("object")
    gaps = {s.name: s.cadence_days or np.nan for s in data.kit.pipeline.stages}
    stages = Groups.of(rows["stage"])
    gap = np.array([*(gaps.get(name, np.nan) for name in stages.names), np.nan])[stages.codes]
    often = np.fmin(gap, number("value_cadence_days"))
    gap = np.where(won, number("customer_cadence_days"), np.where(tier == VALUE, often, gap))
    last, won_on, acquired, planned = (
        rows[key].to_numpy("datetime64[us]")
        for key in ("last_follow_up", "won_on", "acquired_on", "next_follow_up")
    )
    done = np.where(won, np.fmax(last, won_on), last)
    contact = np.where(np.isnat(done) & ~won, acquired, done)
    # Whoever met the customer on the planned day or later only forgot to cross out the plan.
    planned = np.where(planned <= done, np.datetime64("NaT", "us"), planned)
    agreed = contact + pd.to_timedelta(gap, unit="D").to_numpy()
    by_plan = (planned < agreed) | np.isnat(agreed)
    agreed = np.where(by_plan, planned, agreed)
    task = clock(data.kit).calendar.add(summary.as_of, int(number("win_back_days")))
    due = whole_days(np.where(tier == RISK, np.datetime64(task, "us"), agreed))
    late = np.nan_to_num(days_between(due, np.datetime64(summary.as_of, "us")).clip(min=0))
    rows = rows.assign(due_on=due, late=late.astype("int64"), by_plan=by_plan)
    rows = rows.assign(action=_actions(rows, data, task, historical_mean(summary.leads)))
    return rows.drop(columns="by_plan")


def _actions(rows: pd.DataFrame, data: Dataset, task: date, mean: float | None) -> pd.Series:
    """Write what to do first, one sentence a row; `by_plan` says that people agreed on the day."""
    following = dict(pairwise(s.name for s in data.kit.pipeline.funnel))
    large = rows["expected_amount"].to_numpy("float64") >= (np.inf if mean is None else mean)
    how = (
        "问清原因，给一个再谈的理由；无望的转流失并写原因",
        "经理牵头，带上专属优惠去谈；无望的转流失并写原因",
    )
    silent = np.nan_to_num(rows["silent_days"].to_numpy("float64")).astype("int64")
    keys = ("tier", "outcome", "stage", "late", "by_plan")
    told = []
    for tier, outcome, stage, late, by_plan, days, much in zip(
        *(rows[key].tolist() for key in keys), silent.tolist(), large.tolist(), strict=True
    ):
        if tier == RISK:
            told.append(f"{days}天没有联系：{task:%m月%d日}前{how[much]}")
        elif outcome == "won":
            passed = f"{'约好的回访已过' if by_plan else '已超过回访间隔'}{late}天：回访"
            told.append(f"{passed if late > 0 else '按时回访'}，问使用情况、增购和转介绍")
        else:
            when = f"该联系的日子已过{late}天：今天联系" if late > 0 else "按时联系"
            told.append(f"{when}，推进到“{following.get(stage, '下一步')}”")
    return pd.Series(told, index=rows.index, dtype="str")


def _ranked(rows: pd.DataFrame) -> pd.DataFrame:
    """Sort by tier; then the longest overdue, the further stage, the larger amount.

    Win-back tasks stand by owner, whoever has most of them first.
    """
    tier, owner = rows["tier"].to_numpy("object"), rows["owner"].to_numpy("object")
    risk = tier == RISK
    owners, _ = pd.factorize(np.where(risk, owner, ""), sort=True)
    of_owner = np.bincount(owners[risk], minlength=len(rows)) if len(rows) else owners
    files, _ = pd.factorize(rows["file"].to_numpy("object"), sort=True)
    order = np.lexsort(
        (
            rows["row"].to_numpy(),
            files,
            -rows["reached"].to_numpy(),
            -np.nan_to_num(rows["money"].to_numpy("float64")),
            -rows["late"].to_numpy(),
            rows["outcome"].to_numpy("object") == "won",
            owners,
            np.where(risk, -of_owner[owners], 0),
            risk & (owner == UNFILLED),
            np.select([tier == name for name in TIERS], range(len(TIERS)), len(TIERS)),
        )
    )
    return rows.iloc[order]


def _tier(name: str, rows: pd.DataFrame, kit: Kit, summary: Summary) -> Tier:
    number = kit.number
    mine = rows["tier"].to_numpy("object") == name
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
    count = int(mine.sum())
    due = int((rows["late"].to_numpy()[mine] > 0).sum()) if name != RISK else count
    return Tier(name, count, due, total(rows["money"].to_numpy("float64")[mine]), *texts[name])


def _spreads(rows: pd.DataFrame, data: Dataset, enough: int) -> Iterator[Spread]:
    spec = data.kit.by_key["lead"].by_key.get("grade")
    grades = {name: n for n, name in enumerate(data.kit.choices(spec) if spec else ())}
    tier = rows["tier"].to_numpy("object")
    open_ = rows["outcome"].to_numpy("object") == "open"
    for key, name in DIMENSIONS:
        if key not in data.columns and key != "source":
            continue
        by = Groups.of(rows[key])
        counts = zip(
            *(by.sizes(), by.sizes(open_)), *(by.sizes(tier == t) for t in TIERS), strict=True
        )
        made = [
            SpreadRow(
                name=group,
                customers=customers,
                open=opens,
                value=value,
                stable=stable,
                risk=risk,
                valuable=Rate(value, opens, enough),
                at_risk=Rate(risk, opens, enough),
            )
            for group, (customers, opens, value, stable, risk) in zip(by.names, counts, strict=True)
        ]
        rank = grades if key == "grade" else {}
        made.sort(
            key=lambda r: (rank.get(r.name, len(rank)), r.name == UNFILLED, -r.customers, r.name)
        )
        yield Spread(key, name, tuple(made), _most(name, made))


def _most(name: str, rows: list[SpreadRow]) -> str:
    whole = sum(r.value for r in rows)
    named = [r for r in rows if r.name != UNFILLED]
    if not whole or not named:
        return f"各{name}的客户"
    top = max(named, key=lambda r: r.value)
    return f"各{name}的客户：高价值潜客最多在{top.name}（{top.value}条，占{top.value / whole:.0%}）"


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
    risk = rows[(rows["tier"] == RISK).to_numpy()]
    by = Groups.of(risk["owner"])
    money = risk["money"].to_numpy("float64")
    for at, (owner, count) in enumerate(zip(by.names, by.sizes(), strict=True)):
        yield WinBack(owner, count, total(money[by.codes == at]))


def _assumptions(rows: pd.DataFrame) -> tuple[str, ...]:
    undated = int(rows["due_on"].isna().sum())
    unpriced = int((rows["money"].isna() & (rows["outcome"] == "open")).sum())
    said = (
        (undated, f"有{undated}条没有联系日期，或阶段没有建议间隔，没有排出下次联系的期限。"),
        (unpriced, f"有{unpriced}条进行中线索没有预计成交金额，只按等级判断是否高价值。"),
    )
    return tuple(text for count, text in said if count)
