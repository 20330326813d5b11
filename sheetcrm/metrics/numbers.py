"""Sums, means and medians of plain arrays, blanks left out: quick where rows are few.

The same figures as those of pandas; its calls cost more than the sums of a small workbook.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import fsum

import numpy as np
import numpy.typing as npt
import pandas as pd

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]
Moments = npt.NDArray[np.datetime64]
_DAY = 86_400_000_000  # microseconds


def known(values: Floats) -> Floats:
    """Return the values that are not NaN."""
    return values[~np.isnan(values)]


def total(values: Floats) -> float:
    """Return the sum of the known values."""
    return float(np.where(np.isnan(values), 0.0, values).sum())


def mean(values: Floats) -> float | None:
    """Return the mean of the known values, None without one."""
    count = len(values) - int(np.isnan(values).sum())
    return total(values) / count if count else None


def median(values: Floats) -> float | None:
    """Return the median of the known values, None without one."""
    found = np.sort(known(values))
    return _middle(found) if len(found) else None


def days_between(start: Moments, end: "Moments | np.datetime64") -> Floats:
    """Return the whole days from one moment to the other, NaN where one is unknown."""
    passed = np.asarray(end - start).astype("timedelta64[us]")
    return np.where(np.isnat(passed), np.nan, passed.view("int64") // _DAY)


def whole_days(moments: Moments) -> Moments:
    """Return the moments without their time of day."""
    plain = moments.astype("datetime64[us]").view("int64")
    floored = (plain // _DAY * _DAY).view("datetime64[us]")
    return np.where(np.isnat(moments), np.datetime64("NaT", "us"), floored)


def _middle(ranked: Floats) -> float:
    """Return the median of values in order."""
    last = len(ranked)
    return float((ranked[last // 2] + ranked[(last - 1) // 2]) / 2)


@dataclass(frozen=True)
class Groups:
    """Rows by the text of a column: its distinct texts, and which of them each row has (or -1)."""

    codes: Codes
    names: tuple[str, ...]

    @classmethod
    def of(cls, texts: pd.Series) -> "Groups":
        """Return the rows of a column by its texts, in the order of their first row."""
        codes, names = pd.factorize(texts.to_numpy("object"))
        return cls(codes, tuple(map(str, names)))

    def sizes(self, rows: Mask | None = None) -> list[int]:
        """Count the rows of each group, those of `rows` where it is given."""
        codes = self.codes if rows is None else self.codes[rows]
        return self._counted(codes[codes >= 0])

    def _counted(self, codes: Codes) -> list[int]:
        counts: list[int] = np.bincount(codes, minlength=len(self.names)).tolist()
        return counts

    def sums(self, counts: Codes | Mask) -> list[int]:
        """Add up the counts of each group's rows."""
        rows = self.codes >= 0
        added = np.bincount(self.codes[rows], weights=counts[rows], minlength=len(self.names))
        whole: list[int] = added.astype("int64").tolist()
        return whole

    def totals(self, values: Floats) -> list[float]:
        """Add up the known values of each group."""
        return [fsum(part.tolist()) for part in self.parts(values)]

    def medians(self, values: Floats) -> list[float | None]:
        """Return the median of the known values of each group, None without one."""
        return [_middle(np.sort(part)) if len(part) else None for part in self.parts(values)]

    def parts(self, values: Floats) -> Sequence[Floats]:
        """Return the known values of each group, in the order of the rows."""
        if not self.names:
            return ()
        rows = np.flatnonzero((self.codes >= 0) & ~np.isnan(values))
        codes = self.codes[rows]
        order = np.argsort(codes, kind="stable")
        ends = np.cumsum(self._counted(codes))
        return np.split(values[rows[order]], ends[:-1])
