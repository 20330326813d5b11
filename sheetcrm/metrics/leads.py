"""One row a lead with everything the figures count: groups, outcome, stage, the three clocks."""

from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.metrics.columns import GROUPS, LEAD_COLUMNS, NO_REASON, UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.history import History
from sheetcrm.metrics.numbers import Moments, days_between, known, mean, whole_days
from sheetcrm.metrics.recorded import Recorded
from sheetcrm.metrics.thresholds import Thresholds

_AS_TYPED = (
    *("file", "sheet", "row", "lead_id", "company", "contact", "status"),
    *("expected_amount", "amount"),
)


def lead_table(
    data: Dataset, history: History, limits: Thresholds, as_of: date, asked: Recorded
) -> pd.DataFrame:
    """Return LEAD_COLUMNS, one row a lead, in the order of the dataset's lead frame.

    The three clocks run for open leads: age from 线索获取时间, dwell from entering the stage,
    silence from the last follow-up (from 线索获取时间 where there was none). Dates after `as_of`
    make a clock read 0, never negative; a follow-up after `as_of` has not happened yet. Where a
    file does not write contacts down, or a lead's cannot be dated, silence is unknown: NaN.
    """
    source = data.frames["lead"]
    today = np.datetime64(as_of, "us")
    acquired, won_on, typed = (
        whole_days(source[key].to_numpy("datetime64[us]"))
        for key in ("acquired_on", "won_on", "last_follow_up")
    )
    log = data.frames["follow_up"]
    logged = np.isin(source["key"].to_numpy(), log["lead"].to_numpy())
    followed = _last_follow_up(typed, source["key"].to_numpy(), log, today)
    unknown = source["contact_unknown"].to_numpy(dtype=bool)
    told = asked.judged("never_followed_up", source["file"]) & ~unknown | ~np.isnat(followed)
    columns: dict[str, pd.Series | np.ndarray] = {key: source[key] for key in _AS_TYPED}
    # Who sells to people has no companies: the lists name the person.
    columns["company"] = source["company"].fillna(source["contact"])
    columns |= {key: source[key].fillna(UNFILLED) for key in GROUPS}
    columns |= _outcomes(source, data, history)
    columns |= {
        "acquired_on": acquired,
        "won_on": won_on,
        "last_follow_up": followed,
        "entered_stage_on": whole_days(history.entered_current_on),
        "next_follow_up": _next_follow_up(source, data, today),
        "never_followed_up": np.isnat(typed) & ~logged & told,
        "contact_unknown": unknown & np.isnat(followed),
    }
    outcome = history.outcome
    cycle = days_between(acquired, won_on)
    columns["cycle_days"] = np.where((outcome == "won") & (cycle >= 0), cycle, np.nan)
    since = {
        "age_days": acquired,
        "dwell_days": columns["entered_stage_on"],
        "silent_days": np.where(np.isnat(followed) & told, acquired, followed),
    }
    for key, day in since.items():
        clock = days_between(np.asarray(day), today).clip(min=0)
        columns[key] = np.where(outcome == "open", clock, np.nan)
    leads = pd.DataFrame(columns, index=source.index)
    flags = _flags(leads, limits, today)
    flags["no_plan"] &= asked.judged("no_plan", source["file"])
    return leads.assign(**flags)[list(LEAD_COLUMNS)]


def historical_mean(leads: pd.DataFrame) -> float | None:
    """Return the mean 实际成交金额 of won leads, else the mean 预计成交金额 of closed ones."""
    outcome = leads["outcome"].to_numpy("object")
    amounts = known(leads["amount"].to_numpy("float64")[outcome == "won"])
    if not len(amounts):
        amounts = known(leads["expected_amount"].to_numpy("float64")[outcome != "open"])
    return mean(amounts)


def _outcomes(
    source: pd.DataFrame, data: Dataset, history: History
) -> dict[str, pd.Series | np.ndarray]:
    """Return stage, outcome, reached and lost columns."""
    names = np.array([s.name for s in data.kit.pipeline.funnel] + [UNFILLED], dtype="object")
    lost = history.outcome == "lost"
    gone = next((s.name for s in data.kit.pipeline.stages if s.kind == "lost"), "流失")
    texts = {
        "outcome": history.outcome.astype("object"),
        "stage": np.where(lost, gone, names[history.current]),
        "reached_stage": names[history.reached],
        "lost_reason": np.where(lost, source["lost_reason"].fillna(NO_REASON), np.nan),
    }
    return {
        **{key: pd.Series(text, index=source.index, dtype="str") for key, text in texts.items()},
        "reached": history.reached,
        "lost_on": history.lost_on,
        "lost_stage_unknown": history.lost_stage_unknown,
    }


def _last_follow_up(
    typed: Moments, key: np.ndarray, log: pd.DataFrame, today: np.datetime64
) -> Moments:
    """Return the latest contact up to today, from the lead row or the follow-up log.

    Args:
        typed: The days of the lead rows.
        key: The leads' keys, which are positions of leads.
        log: The follow-ups.
        today: The day of the report.
    """
    lead, day = log["lead"].to_numpy(), whole_days(log["followed_on"].to_numpy("datetime64[us]"))
    done = (lead >= 0) & (day <= today)
    latest = np.full(len(key), np.datetime64("NaT", "us"))
    np.fmax.at(latest, lead[done], day[done])
    past = np.where(typed <= today, typed, np.datetime64("NaT", "us"))
    return np.asarray(np.fmax(past, latest[key]))


def _next_follow_up(source: pd.DataFrame, data: Dataset, today: np.datetime64) -> Moments:
    """Return the plan of the lead row; in files whose lead sheet has no such column the log's."""
    typed = whole_days(source["next_follow_up"].to_numpy("datetime64[us]"))
    planned = data.files_with("lead", "next_follow_up")
    row_tells = source["file"].isin(planned).to_numpy()
    if row_tells.all():
        return typed
    log = data.frames["follow_up"]
    lead, day = log["lead"].to_numpy(), log["followed_on"].to_numpy("datetime64[us]")
    done = np.flatnonzero((lead >= 0) & (day < today + np.timedelta64(1, "D")))
    done = done[np.argsort(day[done], kind="stable")]
    plans = np.full(len(source), np.datetime64("NaT", "us"))
    # the last of several stays
    plans[lead[done]] = whole_days(log["next_follow_up"].to_numpy("datetime64[us]"))[done]
    return np.where(row_tells, typed, plans[source["key"].to_numpy()])


def _flags(
    leads: pd.DataFrame, limits: Thresholds, today: np.datetime64
) -> dict[str, npt.NDArray[np.bool_]]:
    """Return the flags; days strictly more than the limit, open leads only."""
    open_ = leads["outcome"].to_numpy("object") == "open"
    usual = historical_mean(leads)
    floor = limits.low_value_ratio * usual if usual is not None else -np.inf
    silent, dwelt = (leads[key].to_numpy() for key in ("silent_days", "dwell_days"))
    planned = leads["next_follow_up"].to_numpy()
    flags = {
        "silent_owner": silent > limits.silent_owner,
        "silent_manager": silent > limits.silent_manager,
        "churn_risk": silent > limits.churn,
        "in_stage_over": dwelt > limits.dwell,
        "stalled": dwelt > limits.stalled,
        "next_follow_up_overdue": planned < today,
        "no_plan": np.isnat(planned),
        "never_followed_up": leads["never_followed_up"].to_numpy(),
        "low_value": leads["expected_amount"].to_numpy() < floor,
    }
    return {key: flag & open_ for key, flag in flags.items()}
