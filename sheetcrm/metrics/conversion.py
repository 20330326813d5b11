"""Rates of all leads and of groups of them, lost reasons, and the weakest step."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.kit.model import PHASES, Pipeline
from sheetcrm.metrics.columns import NO_REASON, UNFILLED
from sheetcrm.metrics.numbers import Floats, Groups, Mask, median, total
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


@dataclass(frozen=True)
class Counted:
    """What is counted of the leads, one value a lead; `reasons` are those of the lost ones.

    `mature` were acquired before the window of the in-time rate, `in_time` won within it; amounts
    and days are NaN where they do not count.
    """

    open: Mask
    won: Mask
    lost: Mask
    mature: Mask
    in_time: Mask
    won_amount: Floats
    open_amount: Floats
    cycle_days: Floats
    reasons: Groups
    limits: Thresholds

    def reasons_of(self, rows: Mask) -> Reasons:
        """Count the reasons of the lost leads among these."""
        rows = self.lost & rows
        return ranked_reasons(
            zip(self.reasons.names, self.reasons.sizes(rows), strict=True),
            int(rows.sum()),
            self.limits.top_reasons,
        )


def counted(leads: pd.DataFrame, limits: Thresholds, as_of: date) -> Counted:
    """Return what is counted of LEAD_COLUMNS."""
    outcome = leads["outcome"].to_numpy("object")
    won, open_ = outcome == "won", outcome == "open"
    acquired = leads["acquired_on"].to_numpy()
    mature = acquired <= np.datetime64(as_of) - np.timedelta64(limits.win_window, "D")
    cycle = leads["cycle_days"].to_numpy("float64")
    amount, expected = (leads[key].to_numpy("float64") for key in ("amount", "expected_amount"))
    return Counted(
        open=open_,
        won=won,
        lost=outcome == "lost",
        mature=mature,
        in_time=mature & won & (cycle <= limits.win_window),
        won_amount=np.where(won, amount, np.nan),
        open_amount=np.where(open_, expected, np.nan),
        cycle_days=cycle,
        reasons=Groups.of(leads["lost_reason"]),
        limits=limits,
    )


def ranked_reasons(counts: Iterable[tuple[str, int]], lost: int, shown: int) -> Reasons:
    """Rank the reasons by their counts; shares are of the lost leads that give one.

    Args:
        counts: Each reason once; those of 0 are left out.
        lost: How many lost leads there are.
        shown: How many reasons are named.
    """
    by_name = {name: count for name, count in counts if count}
    missing = by_name.pop(NO_REASON, 0)
    given = lost - missing
    ranked = sorted(by_name.items(), key=lambda pair: (-pair[1], pair[0]))
    items = tuple(ReasonShare(reason, count, count / given) for reason, count in ranked)
    return Reasons(lost, missing, items, shown)


def groups(work: Counted, by: Groups) -> tuple[GroupRow, ...]:
    """Return one row a group, largest first, UNFILLED last; they sum to all leads."""
    limits = work.limits
    enough = limits.enough
    reasons = _reasons_by(work, by)
    found = zip(
        by.names,
        by.sizes(),
        *(by.sizes(rows) for rows in (work.open, work.won, work.lost, work.in_time, work.mature)),
        by.totals(work.won_amount),
        by.totals(work.open_amount),
        by.medians(work.cycle_days),
        strict=True,
    )
    rows = [
        GroupRow(
            name=name,
            leads=leads,
            open=open_,
            won=won,
            lost=lost,
            conversion=Rate(won, leads, enough),
            win_rate=Rate(won, won + lost, enough),
            won_in_time=Rate(in_time, mature, enough),
            won_amount=won_amount,
            open_amount=open_amount,
            median_cycle_days=cycle,
            reasons=ranked_reasons(reasons.get(name, ()), lost, limits.top_reasons),
        )
        for (
            name,
            leads,
            open_,
            won,
            lost,
            in_time,
            mature,
            won_amount,
            open_amount,
            cycle,
        ) in found
        if leads
    ]
    return tuple(sorted(rows, key=lambda r: (r.name == UNFILLED, -r.leads, r.name)))


def _reasons_by(work: Counted, by: Groups) -> dict[str, list[tuple[str, int]]]:
    """Count the reasons of each group's lost leads."""
    width = len(work.reasons.names)
    rows = work.lost & (work.reasons.codes >= 0) & (by.codes >= 0)
    pairs, counts = np.unique(by.codes[rows] * width + work.reasons.codes[rows], return_counts=True)
    found: dict[str, list[tuple[str, int]]] = {}
    for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
        group, reason = divmod(pair, width)
        found.setdefault(by.names[group], []).append((work.reasons.names[reason], count))
    return found


def totals(work: Counted, reached: npt.NDArray[np.int64], pipeline: Pipeline) -> Totals:
    """Return the headline figures; `reached` is each lead's furthest position."""
    limits = work.limits
    enough, leads = limits.enough, len(reached)
    won, lost, cycles = int(work.won.sum()), int(work.lost.sum()), work.cycle_days
    interest, opportunity = milestones(pipeline)
    names = [stage.name for stage in pipeline.funnel]
    interested = int((reached >= interest).sum())
    opportunities = int((reached >= opportunity).sum())
    rates = (
        NamedRate(
            "overall_conversion",
            "总转化率",
            Rate(won, leads, enough),
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
            Rate(interested, leads, enough),
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
            Rate(int(work.in_time.sum()), int(work.mature.sum()), enough),
            f"获取后{limits.win_window}天内成交的线索数 ÷ 获取已满{limits.win_window}天的线索数",
        ),
    )
    return Totals(
        rates=rates,
        median_cycle_days=median(cycles),
        won_amount=total(work.won_amount),
        open_amount=total(work.open_amount),
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
