"""The funnel: who reached each stage, who stands there, who was lost there, how long it took."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.conversion import Counted
from sheetcrm.metrics.history import History
from sheetcrm.metrics.numbers import Floats, days_between, known, mean, median, total
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Change, FunnelRow, Target
from sheetcrm.metrics.views import Views


def funnel(
    leads: pd.DataFrame,
    work: Counted,
    history: History,
    pipeline: Pipeline,
    as_of: date,
    targets: Mapping[int, Target],
) -> tuple[FunnelRow, ...]:
    """Return a row a funnel stage: the open stages in order and the won one, lost left out."""
    rows: list[FunnelRow] = []
    limits = work.limits
    stays, of_stay = (history.events[key].to_numpy() for key in ("stay_days", "position"))
    amount, expected = (leads[key].to_numpy("float64") for key in ("amount", "expected_amount"))
    amounts = np.where(work.won, amount, expected)
    for position, stage in enumerate(pipeline.funnel):
        before = rows[-1] if rows else None
        reached = int((history.reached >= position).sum())
        current = history.current == position
        lost_here = work.lost & (history.reached == position)
        steps = _step_days(history.entered, position)
        stay = known(stays[of_stay == position])
        if stage.kind == "won":
            stay = stay[:0]
        rows.append(
            FunnelRow(
                position=position,
                stage=stage.name,
                kind="won" if stage.kind == "won" else "open",
                phase=stage.phase,
                reached=reached,
                current=int(current.sum()),
                current_amount=total(amounts[current]),
                step=Rate(reached, before.reached, limits.enough) if before else None,
                lost_here=int(lost_here.sum()),
                reasons=work.reasons_of(lost_here),
                step_reasons=before.reasons if before else None,
                median_dwell_days=median(stay),
                dwell_count=len(stay),
                mean_step_days=mean(steps),
                step_count=len(steps),
                change=_change(history.entered[:, position], as_of, limits.change_days),
                target=targets.get(position),
            )
        )
    return tuple(rows)


def with_cohorts(rows: Sequence[FunnelRow], views: Views) -> tuple[FunnelRow, ...]:
    """Give every row the mature-cohort conversion into its stage."""
    steps = ((row, views.into(row.position)) for row in rows)
    return tuple(replace(row, cohort=step.cohort.rate if step else None) for row, step in steps)


def _step_days(entered: np.ndarray, position: int) -> Floats:
    """Return days from entering the stage before to entering this one, where both are known."""
    if not position:
        return np.empty(0)
    days = days_between(entered[:, position - 1], entered[:, position])
    return days[days >= 0]


def _change(entered: np.ndarray, as_of: date, days: int) -> Change:
    """Count entries in the last so many days, `as_of` included, and in the window before."""
    ago = days_between(entered, np.datetime64(as_of, "us"))
    current = int(((ago >= 0) & (ago <= days - 1)).sum())
    previous = int(((ago >= days) & (ago <= 2 * days - 1)).sum())
    return Change(days, current, previous)
