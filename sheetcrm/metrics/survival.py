"""The median of times of which some are still running: Kaplan and Meier's estimate."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

# Above this share of running times the median of the completed ones is too short to stand alone.
OPEN_SHARE = 0.2


@dataclass(frozen=True)
class Waiting:
    """How long something takes, in days.

    `median` is of the `completed` times alone; `running` are not over yet. `estimate` counts these
    too (Kaplan–Meier), None where fewer than half would be over by then.
    """

    median: float | None
    completed: int
    running: int
    estimate: float | None

    @property
    def mostly_running(self) -> bool:
        """Say whether so many are running that the estimate is to be shown as well."""
        return self.running > OPEN_SHARE * (self.running + self.completed)


def waiting(
    completed: Sequence[float] | npt.NDArray[np.float64],
    running: Sequence[float] | npt.NDArray[np.float64],
) -> Waiting:
    """Sum up completed and running times; NaN and negative ones are left out."""
    over, still = _days(completed), _days(running)
    median = float(np.median(over)) if len(over) else None
    return Waiting(median, len(over), len(still), survival_median(over, still))


def survival_median(
    completed: npt.NDArray[np.float64], running: npt.NDArray[np.float64]
) -> float | None:
    """Return the first time by which half are over, counting the running ones as long as they last.

    The product-limit estimate of Kaplan and Meier (1958); None where it never falls to a half.
    """
    times, over = np.unique(completed, return_counts=True)
    every = np.sort(np.concatenate([completed, running]))
    at_risk = len(every) - np.searchsorted(every, times, side="left")
    surviving = np.cumprod(1 - over / at_risk)
    # The product of fractions may miss a half by a rounding error.
    half = np.flatnonzero(surviving <= 0.5 + 1e-12)
    return float(times[half[0]]) if len(half) else None


def _days(days: Sequence[float] | npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    values = np.asarray(days, dtype="float64")
    return values[values >= 0]
