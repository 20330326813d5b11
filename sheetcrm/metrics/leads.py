"""One row a lead with everything the figures count: groups, outcome, stage, the three clocks."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import GROUPS, LEAD_COLUMNS, NO_REASON, UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.history import History
from sheetcrm.metrics.numbers import known, mean
from sheetcrm.metrics.thresholds import Thresholds

DATES = ("acquired_on", "won_on", "last_follow_up", "next_follow_up", "entered_stage_on")


def lead_table(data: Dataset, history: History, limits: Thresholds, as_of: date) -> pd.DataFrame:
    """Return LEAD_COLUMNS, one row a lead, in the order of the dataset's lead frame.

    The three clocks run for open leads: age from 线索获取时间, dwell from entering the stage,
    silence from the last follow-up (from 线索获取时间 where there was none). Dates after `as_of`
    make a clock read 0, never negative; a follow-up after `as_of` has not happened yet.
    """
    source = data.frames["lead"]
    leads = source.copy()
    for key in GROUPS:
        leads[key] = leads[key].fillna(UNFILLED)
    leads["entered_stage_on"] = history.entered_current_on
    for key in DATES:
        leads[key] = leads[key].dt.floor("D")
    today = pd.Timestamp(as_of)
    leads = leads.assign(**_outcomes(leads, data, history))
    followed = _last_follow_up(leads, data.frames["follow_up"], today)
    leads["never_followed_up"] = leads["last_follow_up"].isna() & ~_logged(leads, data)
    leads["last_follow_up"] = followed
    leads["next_follow_up"] = _next_follow_up(leads, data, today)
    open_ = leads["outcome"] == "open"
    since = {
        "age_days": leads["acquired_on"],
        "dwell_days": leads["entered_stage_on"],
        "silent_days": followed.fillna(leads["acquired_on"]),
    }
    for key, day in since.items():
        leads[key] = (today - day).dt.days.clip(lower=0).where(open_).astype("float64")
    return _flag(leads, limits, today)[list(LEAD_COLUMNS)]


def historical_mean(leads: pd.DataFrame) -> float | None:
    """Return the mean 实际成交金额 of won leads, else the mean 预计成交金额 of closed ones."""
    outcome = leads["outcome"].to_numpy("object")
    amounts = known(leads["amount"].to_numpy("float64")[outcome == "won"])
    if not len(amounts):
        amounts = known(leads["expected_amount"].to_numpy("float64")[outcome != "open"])
    return mean(amounts)


def _outcomes(leads: pd.DataFrame, data: Dataset, history: History) -> dict[str, pd.Series]:
    """Return stage, outcome, reached, lost and cycle columns."""
    names = np.array([s.name for s in data.kit.pipeline.funnel] + [UNFILLED], dtype="object")
    outcome = pd.Series(history.outcome, index=leads.index, dtype="str")
    lost = outcome == "lost"
    gone = next((s.name for s in data.kit.pipeline.stages if s.kind == "lost"), "流失")
    stage = pd.Series(names[history.current], index=leads.index, dtype="str")
    cycle = (leads["won_on"] - leads["acquired_on"]).dt.days.astype("float64")
    reason = leads["lost_reason"].fillna(NO_REASON)
    return {
        "outcome": outcome,
        "stage": stage.mask(lost, gone),
        "reached": pd.Series(history.reached, index=leads.index),
        "reached_stage": pd.Series(names[history.reached], index=leads.index, dtype="str"),
        "lost_reason": reason.where(lost),
        "lost_on": pd.Series(history.lost_on, index=leads.index),
        "lost_stage_unknown": pd.Series(history.lost_stage_unknown, index=leads.index),
        "cycle_days": cycle.where((outcome == "won") & (cycle >= 0)),
    }


def _by_key(leads: pd.DataFrame, values: pd.Series) -> pd.Series:
    """Spread values indexed by lead key over all leads."""
    return values.reindex(leads["key"]).set_axis(leads.index)


def _logged(leads: pd.DataFrame, data: Dataset) -> pd.Series:
    """Say which leads have any row in the follow-up log."""
    return leads["key"].isin(data.frames["follow_up"]["lead"])


def _last_follow_up(leads: pd.DataFrame, log: pd.DataFrame, today: pd.Timestamp) -> pd.Series:
    """Return the latest contact up to today, from the lead row or the follow-up log."""
    day = log["followed_on"].dt.floor("D")
    done = log[(log["lead"] >= 0) & (day <= today)]
    logged = _by_key(leads, done["followed_on"].dt.floor("D").groupby(done["lead"]).max())
    typed = leads["last_follow_up"].where(leads["last_follow_up"] <= today)
    return typed.where(~(logged > typed) & typed.notna(), logged)


def _next_follow_up(leads: pd.DataFrame, data: Dataset, today: pd.Timestamp) -> pd.Series:
    """Return the plan of the lead row; of the latest log row where no lead sheet has the column."""
    if "next_follow_up" in data.columns:
        return leads["next_follow_up"]
    log = data.frames["follow_up"]
    done = log[(log["lead"] >= 0) & (log["followed_on"] <= today + pd.Timedelta(days=1))]
    last = done.sort_values("followed_on", kind="stable").drop_duplicates("lead", keep="last")
    return _by_key(leads, last.set_index("lead")["next_follow_up"].dt.floor("D"))


def _flag(leads: pd.DataFrame, limits: Thresholds, today: pd.Timestamp) -> pd.DataFrame:
    """Add the flags; days strictly more than the limit, open leads only."""
    open_ = leads["outcome"] == "open"
    mean = historical_mean(leads)
    floor = limits.low_value_ratio * mean if mean is not None else -np.inf
    flags = {
        "silent_owner": leads["silent_days"] > limits.silent_owner,
        "silent_manager": leads["silent_days"] > limits.silent_manager,
        "churn_risk": leads["silent_days"] > limits.churn,
        "in_stage_over": leads["dwell_days"] > limits.dwell,
        "stalled": leads["dwell_days"] > limits.stalled,
        "next_follow_up_overdue": leads["next_follow_up"] < today,
        "no_plan": leads["next_follow_up"].isna(),
        "never_followed_up": leads["never_followed_up"],
        "low_value": leads["expected_amount"] < floor,
    }
    return leads.assign(**{key: flag & open_ for key, flag in flags.items()})
