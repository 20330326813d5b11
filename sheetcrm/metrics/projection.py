"""How much will be sold by the end of the month: what earlier months still sold from here on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

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
    starts = pd.Timestamp(past[-1][1]).replace(day=1)
    earlier = won[won["won_on"].between(starts, pd.Timestamp(past[0][1]))]
    if len(earlier) < LEAST_DEALS:
        return Projection(reason=f"近{len(past)}个月只成交{len(earlier)}单，不推算")
    rest = pd.Series([_between(earlier, point, end) for point, end in past], dtype="float64")
    return Projection(
        likely=sold + float(rest.median()),
        low=sold + float(rest.min()),
        high=sold + float(rest.max()),
        months=len(past),
    )


def _between(won: pd.DataFrame, after: date, until: date) -> float:
    """Sum the deals won after a day, up to and with another."""
    rows = (won["won_on"] > pd.Timestamp(after)) & (won["won_on"] <= pd.Timestamp(until))
    return float(won.loc[rows, "amount"].sum())
