"""合同: how long review, approval and the start of delivery take, in working days."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.durations import Duration, duration

# What is looked at: contracts sent, approved or signed so many days back.
RECENT_DAYS = 90
STEPS: Mapping[str, tuple[str, str, str]] = {
    "legal": ("法务审核（送审→法务完成）", "submitted_on", "legal_done_on"),
    "approval": ("合同审批（送审→批准）", "submitted_on", "approved_on"),
    "delivery": ("交付衔接（签订→交付启动）", "signed_on", "delivery_started_on"),
}


@dataclass(frozen=True)
class Contracts:
    """Durations by step, and all contracts with working days `legal`, `approval`, `delivery`.

    A step is judged on contracts that finished it in the last RECENT_DAYS days, and on those still
    waiting; waiting ones run to the day of the report. `limits` are the goals by step.
    """

    steps: Mapping[str, Duration]
    limits: Mapping[str, float | None]
    rows: pd.DataFrame = field(repr=False, compare=False)


def contracts(data: Dataset, as_of: date, goal: float | None) -> Contracts:
    """Work out the durations; `goal` is that of the approval, in working days."""
    rows, today = data.frames["contract"], pd.Timestamp(as_of)
    calendar = clock(data.kit).calendar
    limits = {"legal": data.kit.number("legal_working_days"), "approval": goal, "delivery": None}
    enough = int(data.kit.number("bottleneck_min_n"))
    steps: dict[str, Duration] = {}
    days: dict[str, pd.Series] = {}
    none = pd.Series(index=rows.index, dtype="float64")
    for step, (_, first, last) in STEPS.items():
        if rows.empty:
            steps[step] = duration(none, none, limits[step], enough)
            days |= {step: none, f"{step}_open": none.astype(bool)}
            continue
        start, end = rows[first].dt.floor("D"), rows[last].dt.floor("D")
        begun = start <= today
        over = begun & (end <= today)
        waiting = begun & ~over
        if step == "legal":  # approved without a word on the review: nobody is waiting for it
            waiting &= rows["approved_on"].isna()
        if step == "approval":
            waiting &= rows["signed_on"].isna()
        passed = calendar.days(start, end.where(over, today))
        recent = over & (end > today - pd.Timedelta(days=RECENT_DAYS))
        steps[step] = duration(passed[recent], passed[waiting], limits[step], enough)
        days[step] = passed.where(over | waiting)
        days[f"{step}_open"] = waiting
    return Contracts(steps, limits, rows.assign(**days))
