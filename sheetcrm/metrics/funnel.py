"""The funnel: who reached each stage, who stands there, who was lost there, how long it took."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.conversion import none_if_nan, reasons
from sheetcrm.metrics.history import History
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Change, FunnelRow, Target
from sheetcrm.metrics.thresholds import Thresholds
from sheetcrm.metrics.views import Views


def funnel(
    leads: pd.DataFrame,
    history: History,
    pipeline: Pipeline,
    limits: Thresholds,
    as_of: date,
    targets: Mapping[int, Target],
) -> tuple[FunnelRow, ...]:
    """Return a row a funnel stage: the open stages in order and the won one, lost left out."""
    rows: list[FunnelRow] = []
    lost = leads[leads["outcome"] == "lost"]
    stays = history.events["stay_days"]
    amounts = leads["expected_amount"].where(leads["outcome"] != "won", leads["amount"])
    for position, stage in enumerate(pipeline.funnel):
        before = rows[-1] if rows else None
        reached = int((leads["reached"] >= position).sum())
        current = history.current == position
        lost_here = lost[lost["reached"] == position]
        steps = _step_days(history.entered, position)
        stay = stays[history.events["position"] == position].dropna()
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
                current_amount=float(amounts[current].sum()),
                step=Rate(reached, before.reached, limits.enough) if before else None,
                retention=Rate(reached, len(leads), limits.enough),
                lost_here=len(lost_here),
                reasons=reasons(lost_here, limits.top_reasons),
                step_reasons=before.reasons if before else None,
                median_dwell_days=none_if_nan(stay.median()),
                dwell_count=len(stay),
                mean_step_days=none_if_nan(steps.mean()),
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


def _step_days(entered: np.ndarray, position: int) -> pd.Series:
    """Return days from entering the stage before to entering this one, where both are known."""
    if not position:
        return pd.Series(dtype="float64")
    days = pd.Series(entered[:, position] - entered[:, position - 1]).dt.days
    return days[days >= 0].astype("float64")


def _change(entered: np.ndarray, as_of: date, days: int) -> Change:
    """Count entries in the last so many days, `as_of` included, and in the window before."""
    ago = (pd.Timestamp(as_of) - pd.Series(entered)).dt.days
    current = int(ago.between(0, days - 1).sum())
    previous = int(ago.between(days, 2 * days - 1).sum())
    return Change(days, current, previous)
