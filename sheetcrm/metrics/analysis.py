"""The figures beyond the summary: what further tabs show, worked out only when these are made."""

from dataclasses import dataclass, field
from functools import cached_property

import pandas as pd

from sheetcrm.metrics.cards import Cards, cards
from sheetcrm.metrics.collaboration import Collaboration, collaboration
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.focus import Focus, focus
from sheetcrm.metrics.goals import Goals, goals
from sheetcrm.metrics.kept import NOTHING, Kept
from sheetcrm.metrics.performance import Performance, performance
from sheetcrm.metrics.quality import quality
from sheetcrm.metrics.reconciliation import Reconciliation, reconciliation
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.review import Review, review
from sheetcrm.metrics.sampling import Sampling, sampling
from sheetcrm.metrics.segments import Segments, segments
from sheetcrm.metrics.trend import Trend, trend


@dataclass(frozen=True)
class Analysis:
    """One field a metric, each from its own module; `quality` has QUALITY_COLUMNS.

    The properties are worked out when a tab asks for them: not every workbook has these tabs.
    `kept` is what people wrote into earlier tabs.
    """

    performance: Performance
    trend: Trend
    goals: Goals
    collaboration: Collaboration
    quality: pd.DataFrame = field(repr=False, compare=False)
    data: Dataset = field(repr=False, compare=False)
    summary: Summary = field(repr=False, compare=False)
    kept: Kept = NOTHING

    @cached_property
    def segments(self) -> Segments:
        """客户分层."""
        return segments(self.data, self.summary)

    @cached_property
    def review(self) -> Review:
        """复盘."""
        return review(self.data, self.summary)

    @cached_property
    def focus(self) -> Focus:
        """攻坚清单."""
        return focus(self.data, self.summary)

    @cached_property
    def cards(self) -> Cards:
        """客户卡片."""
        return cards(self.data, self.summary, self.segments)

    @cached_property
    def reconciliation(self) -> Reconciliation:
        """对账."""
        return reconciliation(self.data, self.summary, self.performance)

    @cached_property
    def sampling(self) -> Sampling:
        """抽检."""
        return sampling(self.data, self.summary, self.kept.checked)


def analyse(data: Dataset, summary: Summary, kept: Kept = NOTHING) -> Analysis:
    """Work out the figures of the further tabs.

    Args:
        data: The rows.
        summary: The figures of the same rows, whose day and leads are used.
        kept: What people wrote into earlier tabs.
    """
    records = quality(data.books)
    return Analysis(
        performance=performance(data, summary, records),
        trend=trend(data, summary),
        goals=goals(data, summary),
        collaboration=collaboration(data, summary),
        quality=records,
        data=data,
        summary=summary,
        kept=kept,
    )
