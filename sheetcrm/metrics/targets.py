"""Stage targets from 业绩目标, and how far they are met."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.metrics.history import History
from sheetcrm.metrics.results import Target


def targets(
    table: pd.DataFrame, leads: pd.DataFrame, history: History, as_of: date
) -> dict[int, Target]:
    """Return the target of each funnel position that has one, over its months up to `as_of`.

    A lead counts when it entered the stage in these months; one that reached the stage on an
    unknown day counts when it was acquired in them.
    """
    if table.empty:
        return {}
    monthly = _monthly(table, as_of)
    if monthly.empty:
        return {}
    found: dict[int, Target] = {}
    for position, rows in monthly.groupby("position"):
        at = int(str(position))
        day = pd.Series(history.entered[:, at]).fillna(leads["acquired_on"])
        inside = _month(day).isin(rows["month"]) & (day <= pd.Timestamp(as_of))
        achieved = int(((leads["reached"] >= at) & inside).sum())
        months = tuple(month.date() for month in rows["month"])
        found[at] = Target(months, float(rows["stage_target"].sum()), achieved)
    return found


def _monthly(table: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Return one row a month and funnel position: people's goals added up, else the team's."""
    month = _month(table["month"])
    rows = table.assign(month=month)
    good = (rows["stage_target"] > 0) & (rows["position"] >= 0) & (month <= pd.Timestamp(as_of))
    rows = rows[good]
    own = rows["owner"].notna()
    keys = [rows["month"], rows["position"]]
    rows = rows[own | ~own.groupby(keys).transform("any").astype(bool)]
    goals: pd.DataFrame = rows.groupby(["month", "position"])["stage_target"].sum().reset_index()
    return goals.astype({"position": np.int64})


def _month(days: pd.Series) -> pd.Series:
    """Return the first day of each day's month."""
    return pd.Series(days.dt.to_period("M").dt.to_timestamp().astype("datetime64[us]"))
