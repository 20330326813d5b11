"""The figures beyond the summary: what further tabs show, worked out only when these are made."""

from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.metrics.collaboration import Collaboration, collaboration
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.focus import Focus, focus
from sheetcrm.metrics.goals import Goals, goals
from sheetcrm.metrics.performance import Performance, performance
from sheetcrm.metrics.quality import quality
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.segments import Segments, segments
from sheetcrm.metrics.trend import Trend, trend


@dataclass(frozen=True)
class Analysis:
    """One field a metric, each from its own module; `quality` has QUALITY_COLUMNS."""

    performance: Performance
    trend: Trend
    goals: Goals
    collaboration: Collaboration
    quality: pd.DataFrame = field(repr=False, compare=False)
    segments: Segments
    focus: Focus


def analyse(data: Dataset, summary: Summary) -> Analysis:
    """Work out the figures of the further tabs.

    Args:
        data: The rows.
        summary: The figures of the same rows, whose day and leads are used.
    """
    kept = quality(data.books)
    return Analysis(
        performance=performance(data, summary, kept),
        trend=trend(data, summary),
        goals=goals(data, summary),
        collaboration=collaboration(data, summary),
        quality=kept,
        segments=segments(data, summary),
        focus=focus(data, summary),
    )
