"""Small helpers of the rules about time: the end of a day, moments and counts as text."""

from datetime import date

import numpy as np
import pandas as pd


def until(moments: pd.Series, as_of: date) -> pd.Series:
    """Return the moments, and the end of `as_of` where nothing has happened yet."""
    return moments.fillna(end_of(moments, as_of))


def end_of(moments: pd.Series, as_of: date) -> pd.Series:
    """Return the end of `as_of` for every row: what has not happened by then is late."""
    end = pd.Timestamp(as_of) + pd.Timedelta(hours=23, minutes=59)
    return pd.Series(end, index=moments.index, dtype="datetime64[us]")


def moments_text(moments: pd.Series) -> list[str]:
    """Return moments as 2024-03-01 14:30, without the time where there is none."""
    return [str(t).removesuffix(" 00:00") for t in moments.dt.strftime("%Y-%m-%d %H:%M")]


def plain(number: float) -> str:
    """Write a limit without a needless `.0`; half an hour is 0.5."""
    return f"{number:g}"


def whole(numbers: pd.Series) -> list[int]:
    """Return counts of days as integers."""
    return [int(n) for n in np.nan_to_num(numbers.to_numpy("float64"))]
