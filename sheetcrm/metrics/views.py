"""Three views of the funnel that answer three questions, and must not be mixed up.

The mature cohort: of those who entered a stage and had time enough, how many went on. The exits of
the window: of those who left a stage lately, how many went on. The stock on hand is no rate at all:
`N(k+1)/N(k)` is the conversion times the ratio of the stays (Little's law), so it is never divided.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.survival import Waiting

# The entries looked at: those of a year.
COHORT_DAYS = 365


@dataclass(frozen=True)
class Cohort:
    """队列转化率 of one step: of those who entered the stage before long enough ago, who went on.

    Long enough are `horizon` days, the upper quartile of the time the step takes; `rate` counts
    who has gone on by now, `in_time` only those who did within the horizon (a quarter of the steps
    takes longer, so this is the lower one). The window are the `COHORT_DAYS` up to `last`;
    `immature` entered after it, `undated` came that far on an unknown day.
    """

    rate: Rate
    in_time: Rate
    horizon: int
    last: date
    immature: int
    undated: int
    known: bool

    @property
    def first(self) -> date:
        """The first day of the window."""
        return self.last - timedelta(days=COHORT_DAYS - 1)

    @property
    def reason(self) -> str:
        """Why there is no rate, in Chinese; empty where there is one."""
        n = self.rate.denominator
        if not self.known:
            return f"日期不全（缺{self.undated}条）"
        if n >= max(self.rate.enough, 1):
            return ""
        ripe = n + self.immature >= max(self.rate.enough, 1)
        return f"未成熟（满{self.horizon}天的{n}条）" if ripe else f"样本不足（n={n}）"

    @property
    def value(self) -> float | None:
        """The rate where the sample supports it."""
        return None if self.reason else self.rate.value


@dataclass(frozen=True)
class Exits:
    """退出转化率 of one step: of those who left the stage before in the last days, who went on.

    `strict` counts leads that stand there in silence as lost. `undated` left on an unknown day.
    """

    rate: Rate
    strict: Rate
    undated: int
    known: bool

    @property
    def reason(self) -> str:
        """Why there is no rate, in Chinese; empty where there is one."""
        n = self.rate.denominator
        if not self.known:
            return f"日期不全（缺{self.undated}条）"
        return "" if n >= max(self.rate.enough, 1) else f"样本不足（n={n}）"

    @property
    def value(self) -> float | None:
        """The rate where the sample supports it."""
        return None if self.reason else self.rate.value


@dataclass(frozen=True)
class Step:
    """One step of the funnel, into `stage`, in the two views that are rates."""

    position: int
    stage: str
    previous: str
    cohort: Cohort
    exits: Exits


@dataclass(frozen=True)
class Views:
    """All steps; `dwell` by funnel position (open stages), and the sales cycle.

    `days` is the window of the exits, `silent_days` the silence that `Exits.strict` counts as lost.
    """

    days: int
    silent_days: float
    steps: tuple[Step, ...]
    dwell: tuple[Waiting, ...]
    cycle: Waiting

    def into(self, position: int) -> Step | None:
        """Return the step into a stage; None for the first one."""
        return next((step for step in self.steps if step.position == position), None)
