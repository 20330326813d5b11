"""Rates of all leads and of groups of them, lost reasons, and the weakest step."""

from collections.abc import Sequence
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from sheetcrm.kit.model import PHASES, Pipeline
from sheetcrm.metrics.columns import NO_REASON, UNFILLED
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import (
    Bottleneck,
    FunnelRow,
    GroupRow,
    NamedRate,
    Reasons,
    ReasonShare,
    Totals,
)
from sheetcrm.metrics.thresholds import Thresholds


def reasons(lost: pd.DataFrame, shown: int) -> Reasons:
    """Count the lost reasons; shares are of the lost leads that give one, `shown` are named."""
    counts = lost["lost_reason"].value_counts(sort=False)
    missing = int(counts.get(NO_REASON, 0))
    given = len(lost) - missing
    ranked = sorted(
        ((str(k), int(n)) for k, n in counts.items() if k != NO_REASON),
        key=lambda pair: (-pair[1], pair[0]),
    )
    items = tuple(ReasonShare(reason, count, count / given) for reason, count in ranked)
    return Reasons(len(lost), missing, items, shown)


def groups(
    leads: pd.DataFrame, column: str, limits: Thresholds, as_of: date
) -> tuple[GroupRow, ...]:
    """Return one row a value of the column, largest first, UNFILLED last; they sum to all leads."""
    work = _countable(leads, limits.win_window, as_of).assign(name=leads[column])
    enough = limits.enough
    gone, nobody = leads[leads["outcome"] == "lost"], leads[:0]
    lost = {str(name): rows for name, rows in gone.groupby(column, sort=False)}
    found = work.groupby("name").agg(
        leads=("open", "size"),
        open=("open", "sum"),
        won=("won", "sum"),
        lost=("lost", "sum"),
        in_time=("in_time", "sum"),
        mature=("mature", "sum"),
        won_amount=("won_amount", "sum"),
        open_amount=("open_amount", "sum"),
        cycle=("cycle_days", "median"),
    )
    rows = [
        GroupRow(
            name=str(name),
            leads=int(row["leads"]),
            open=int(row["open"]),
            won=int(row["won"]),
            lost=int(row["lost"]),
            conversion=Rate(int(row["won"]), int(row["leads"]), enough),
            win_rate=Rate(int(row["won"]), int(row["won"] + row["lost"]), enough),
            won_in_time=Rate(int(row["in_time"]), int(row["mature"]), enough),
            won_amount=float(row["won_amount"]),
            open_amount=float(row["open_amount"]),
            median_cycle_days=none_if_nan(row["cycle"]),
            reasons=reasons(lost.get(str(name), nobody), limits.top_reasons),
        )
        for name, row in found.to_dict("index").items()
    ]
    return tuple(sorted(rows, key=lambda r: (r.name == UNFILLED, -r.leads, r.name)))


def totals(leads: pd.DataFrame, pipeline: Pipeline, limits: Thresholds, as_of: date) -> Totals:
    """Return the headline figures."""
    work = _countable(leads, limits.win_window, as_of)
    enough = limits.enough
    won, lost, cycles = int(work["won"].sum()), int(work["lost"].sum()), work["cycle_days"]
    interest, opportunity = milestones(pipeline)
    names = [stage.name for stage in pipeline.funnel]
    interested = int((leads["reached"] >= interest).sum())
    opportunities = int((leads["reached"] >= opportunity).sum())
    rates = (
        NamedRate(
            "overall_conversion",
            "总转化率",
            Rate(won, len(leads), enough),
            "成交线索数 ÷ 全部线索数（含进行中和流失）",
        ),
        NamedRate(
            "win_rate",
            "赢单率",
            Rate(won, won + lost, enough),
            "成交线索数 ÷（成交 + 流失）线索数，进行中的不计",
        ),
        NamedRate(
            "lead_conversion_rate",
            "线索转化率",
            Rate(interested, len(leads), enough),
            f"到达“{names[interest]}”的线索数 ÷ 全部线索数",
        ),
        NamedRate(
            "opportunity_win_rate",
            "商机赢单率",
            Rate(won, opportunities, enough),
            f"成交线索数 ÷ 到达“{names[opportunity]}”的线索数",
        ),
        NamedRate(
            "won_in_time_rate",
            f"{limits.win_window}天成单率",
            Rate(int(work["in_time"].sum()), int(work["mature"].sum()), enough),
            f"获取后{limits.win_window}天内成交的线索数 ÷ 获取已满{limits.win_window}天的线索数",
        ),
    )
    return Totals(
        rates=rates,
        median_cycle_days=none_if_nan(cycles.median()),
        mean_cycle_days=none_if_nan(cycles.mean()),
        cycle_count=int(cycles.notna().sum()),
        won_amount=float(work["won_amount"].sum()),
        open_amount=float(work["open_amount"].sum()),
        mean_won_amount=none_if_nan(work["won_amount"].mean()),
    )


def milestones(pipeline: Pipeline) -> tuple[int, int]:
    """Return the funnel positions of 意向 and 商机.

    意向 is the first stage of phase needs, else the second stage; 商机 the first stage of phase
    qualified or later, else the stage before the last.
    """
    phases = [PHASES.index(stage.phase) for stage in pipeline.funnel]
    last = len(phases) - 1
    needs, qualified = PHASES.index("needs"), PHASES.index("qualified")
    interest = phases.index(needs) if needs in phases else min(1, last)
    later = (i for i, phase in enumerate(phases) if phase >= qualified)
    opportunity = next(later, max(last - 1, 0))
    return interest, min(opportunity, max(last - 1, 0))


def bottleneck(funnel: Sequence[FunnelRow], enough: int) -> Bottleneck:
    """Name the step with the lowest conversion among those with enough leads, and its reason."""
    steps = [
        (row.step.numerator / row.step.denominator, before, row)
        for before, row in pairwise(funnel)
        if row.step is not None and row.step.denominator >= max(enough, 1)
    ]
    if not steps:
        return Bottleneck("", "", f"各环节样本均不足{enough}条，暂不判定瓶颈。")
    rate, before, row = min(steps, key=lambda step: step[0])
    if rate == 1:
        return Bottleneck("", "", "样本足够的各环节转化率均为100%，没有瓶颈。")
    sentence = (
        f"瓶颈在“{before.stage}→{row.stage}”：到达“{before.stage}”的{before.reached}条中"
        f"{row.reached}条进入“{row.stage}”，转化率{rate:.1%}，为各环节最低；"
        f"{before.lost_here}条在此流失，{before.reached - row.reached - before.lost_here}条仍未推进"
    )
    if top := before.reasons.top(1):
        sentence += f"，首要流失原因“{top[0].reason}”（占已填原因的{top[0].share:.0%}）"
    return Bottleneck(row.stage, before.stage, sentence + "。")


def none_if_nan(value: float) -> float | None:
    """Return a plain float, or None for NaN."""
    return None if pd.isna(value) else float(value)


def _countable(leads: pd.DataFrame, window: int, as_of: date) -> pd.DataFrame:
    """Return 0/1 and amount columns to sum, one row a lead."""
    won, open_ = leads["outcome"] == "won", leads["outcome"] == "open"
    mature = leads["acquired_on"] <= pd.Timestamp(as_of) - pd.Timedelta(days=window)
    return pd.DataFrame(
        {
            "open": open_,
            "won": won,
            "lost": leads["outcome"] == "lost",
            "mature": mature,
            "in_time": mature & won & (leads["cycle_days"] <= window),
            "won_amount": leads["amount"].where(won, np.nan),
            "open_amount": leads["expected_amount"].where(open_, np.nan),
            "cycle_days": leads["cycle_days"],
        }
    )
