"""How long something takes: median, the slowest tenth, and who is still waiting."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sheetcrm.metrics.numbers import Floats, mean, median
from sheetcrm.metrics.rate import Rate


@dataclass(frozen=True)
class Duration:
    """How long `done` cases took, in hours or working days; `waiting` ones are not done yet.

    `in_time` is those done within the limit, over those done or waiting longer than it.
    """

    done: int
    waiting: int
    median: float | None
    mean: float | None
    slowest: float | None
    in_time: Rate


def duration(
    took: pd.Series | Floats, waited: pd.Series | Floats, limit: float | None, enough: int
) -> Duration:
    """Sum up durations.

    Args:
        took: How long finished cases took; missing and negative ones are left out.
        waited: How long unfinished cases have waited.
        limit: How long it may take, None where nobody set it.
        enough: Sample from which a share is sound.
    """
    times = (np.asarray(took, dtype="float64"), np.asarray(waited, dtype="float64"))
    done, waiting = (hours[hours >= 0] for hours in times)
    in_time = Rate(0, 0, enough)
    if limit is not None:
        late = int((waiting > limit).sum())
        in_time = Rate(int((done <= limit).sum()), len(done) + late, enough)
    return Duration(
        done=len(done),
        waiting=len(waiting),
        median=median(done),
        mean=mean(done),
        slowest=float(np.percentile(done, 90)) if len(done) else None,
        in_time=in_time,
    )
