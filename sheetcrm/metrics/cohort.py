"""The steps of the funnel as a mature cohort and as the exits of the window."""

from datetime import date, timedelta
from math import ceil

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.kit.model import Pipeline
from sheetcrm.metrics.history import History
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.survival import Waiting, waiting
from sheetcrm.metrics.thresholds import Thresholds
from sheetcrm.metrics.views import COHORT_DAYS, Cohort, Exits, Step, Views

# Fewest days an entry must be old to count.
LEAST_HORIZON = 30
# The share of leads whose days may be unknown before a rate of the others says nothing.
UNDATED_SHARE = 0.2

Mask = npt.NDArray[np.bool_]
Days = npt.NDArray[np.float64]


def views(
    leads: pd.DataFrame, history: History, pipeline: Pipeline, limits: Thresholds, as_of: date
) -> Views:
    """Work out both rates of every step, and the stays with those still running.

    A stage that was skipped counts as passed on the day the lead is first seen behind it.

    Args:
        leads: One row a lead, LEAD_COLUMNS.
        history: Aligned with the leads.
        pipeline: The report's.
        limits: Sample sizes and the silence.
        as_of: The day of the report.
    """
    names = [stage.name for stage in pipeline.funnel]
    age = _days_ago(as_of, history.entered)
    lost_ago = _days_ago(as_of, history.lost_on)
    steps = []
    for at in range(len(names) - 1):
        there, on = history.reached >= at, history.reached > at
        passed = _latest_age(age[:, at + 1 :])
        cohort = _cohort((there, on), age[:, at], passed, limits.enough, as_of)
        exits = _exits(leads, history, (at, on), (passed, lost_ago), limits)
        steps.append(Step(at + 1, names[at + 1], names[at], cohort, exits))
    opens = sum(stage.kind == "open" for stage in pipeline.funnel)
    return Views(
        limits.change_days,
        limits.churn,
        tuple(steps),
        tuple(_dwell(leads, history, at) for at in range(opens)),
        waiting(
            leads["cycle_days"].to_numpy(),
            leads.loc[leads["outcome"] == "open", "age_days"].to_numpy(),
        ),
    )


def _days_ago(as_of: date, moments: npt.NDArray[np.datetime64]) -> Days:
    ago = np.datetime64(as_of, "D") - moments
    return np.asarray(ago / np.timedelta64(1, "D"), dtype="float64")


def _latest_age(ages: Days) -> Days:
    """Return how long ago each lead was first seen in one of these stages, NaN for never."""
    return pd.DataFrame(ages).max(axis=1).to_numpy()


def _cohort(came: tuple[Mask, Mask], age: Days, passed: Days, enough: int, as_of: date) -> Cohort:
    there, on = came
    took = age - passed
    dated = there & ~np.isnan(age) & ~(on & ~(took >= 0))
    done = took[dated & on]
    horizon = max(LEAST_HORIZON, ceil(np.quantile(done, 0.75))) if len(done) else LEAST_HORIZON
    mature = dated & (age >= horizon) & (age < horizon + COHORT_DAYS)
    undated = int((there & ~dated).sum())
    size = int(mature.sum())
    return Cohort(
        Rate(int((mature & on).sum()), size, enough),
        Rate(int((mature & on & (took <= horizon)).sum()), size, enough),
        horizon,
        as_of - timedelta(days=horizon),
        int((dated & (age < horizon)).sum()),
        undated,
        _mostly(dated, on) and _mostly(dated, there & ~on),
    )


def _exits(
    leads: pd.DataFrame,
    history: History,
    step: tuple[int, Mask],
    ages: tuple[Days, Days],
    limits: Thresholds,
) -> Exits:
    at, on = step
    passed, since = ages
    gone = (history.outcome == "lost") & (history.reached == at)
    went = on & (passed >= 0) & (passed < limits.change_days)
    lost = gone & (since >= 0) & (since < limits.change_days)
    here = (history.outcome == "open") & (history.current == at)
    silent = here & (leads["silent_days"].to_numpy() > limits.churn)
    left = (on & ~np.isnan(passed)) | (gone & ~np.isnan(since))
    counts = (int(mask.sum()) for mask in (went, lost, silent))
    forward, dropped, still = counts
    return Exits(
        Rate(forward, forward + dropped, limits.enough),
        Rate(forward, forward + dropped + still, limits.enough),
        int(((on | gone) & ~left).sum()),
        _mostly(left, on) and _mostly(left, gone),
    )


def _mostly(known: Mask, among: Mask) -> bool:
    """Say whether so few of these leads are unknown that the others speak for them.

    Those who went on and those who did not are asked apart: days that only one of the two kinds
    lacks would turn the rate of the rest into 0 or 100 %.
    """
    return bool((among & ~known).sum() <= UNDATED_SHARE * among.sum())


def _dwell(leads: pd.DataFrame, history: History, at: int) -> Waiting:
    events = history.events
    stays = events.loc[events["position"] == at, "stay_days"].to_numpy()
    here = (history.outcome == "open") & (history.current == at)
    return waiting(stays, leads.loc[here, "dwell_days"].to_numpy())
