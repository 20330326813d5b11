"""复盘: what customers want and object to, why deals are won and lost, what helps."""

from dataclasses import dataclass

from sheetcrm.metrics.answers import Answers, answers
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.deals import Deals, deals
from sheetcrm.metrics.mentions import Mentions, mentions
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.rivals import Rivals, rivals


@dataclass(frozen=True)
class Review:
    """One field a part."""

    mentions: Mentions
    deals: Deals
    rivals: Rivals
    answers: Answers


def review(data: Dataset, summary: Summary) -> Review:
    """Work out the review of all leads up to `summary.as_of`."""
    said = mentions(data, summary)
    return Review(
        mentions=said,
        deals=deals(data, summary),
        rivals=rivals(data, summary),
        answers=answers(data, summary, said),
    )
