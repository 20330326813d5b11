"""How much will be sold by the end of the month: what earlier months still sold from here on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from statistics import median

import numpy as np
import pandas as pd

from sheetcrm.metrics.month import Month

# Fewer months, or fewer deals in them, say nothing about how much they vary.
LEAST_MONTHS, LEAST_DEALS = 3, 3
OVER = "本月工作日已过完，销售额就是本月结果"


@dataclass(frozen=True)
class Projection:
    """Sales at the month's end, in the kit's unit: likely, and the range seen in `months` months.

    What has been sold, and on top the median (least, most) of what these months sold after the
    same share of their working days. None with a Chinese `reason` where that cannot be said.
    """

    likely: float | None = None
    low: float | None = None
    high: float | None = None
    months: int = 0
    reason: str = ""


def projection(
    sold: float, won: pd.DataFrame, month: Month, past: Sequence[tuple[date, date]]
) -> Projection:
    """Project one person's or the team's sales to the month's end.

    Args:
        sold: Sales of the month up to its `as_of`.
        won: Their deals: `won_on`, `amount`.
        month: The month.
        past: Earlier months they were there for (month.same_point).
    """
    if not month.left:
        return Projection(reason=OVER)
    if len(past) < LEAST_MONTHS:
        return Projection(reason=f"完整的历史月份只有{len(past)}个，不足{LEAST_MONTHS}个，不推算")
    days = won["won_on"].to_numpy("datetime64[D]")
    amounts = np.nan_to_num(won["amount"].to_numpy("float64"))
    start, end = past[-1][1].replace(day=1), past[0][1]
    deals = int(((days >= np.datetime64(start)) & (days <= np.datetime64(end))).sum())
    if deals < LEAST_DEALS:
        return Projection(reason=f"近{len(past)}个月只成交{deals}单，不推算")
    # What each month sold after the point, up to its end.
    rest = [
        float(amounts[(days > np.datetime64(point)) & (days <= np.datetime64(last))].sum())
        for point, last in past
    ]
    return Projection(
        likely=sold + median(rest),
        low=sold + min(rest),
        high=sold + max(rest),
        months=len(past),
    )
