"""Every book's stage labels, placed on one funnel."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from sheetcrm.clean.lookup import looked_up
from sheetcrm.kit.model import PHASES, Pipeline, Stage

LOST = -1.0


@dataclass(frozen=True)
class Placement:
    """Where a pipeline's labels stand: position in the funnel (LOST for lost) and outcome.

    `renamed` pairs the stages that another book names differently with the funnel stage they
    are counted under.
    """

    positions: dict[str, float]
    outcomes: dict[str, str]
    renamed: tuple[tuple[str, str], ...] = ()

    def position(self, labels: pd.Series) -> np.ndarray:
        """Return float positions of the labels; NaN where blank or unknown."""
        return looked_up(labels, self.positions).astype("float64")

    def outcome(self, labels: pd.Series) -> pd.Series:
        """Return "open", "won" or "lost"; NaN where the label is blank or unknown."""
        return pd.Series(looked_up(labels, self.outcomes), index=labels.index, dtype="str")


def place(pipeline: Pipeline, onto: Pipeline) -> Placement:
    """Place a book's pipeline on the report's funnel: by stage name or label, else by phase."""
    outcomes = {label: stage.kind for label, stage in pipeline.by_label.items()}
    homes = {stage.name: _home(stage, onto) for stage in pipeline.stages if stage.kind != "lost"}
    positions = {
        label: float(homes[stage.name]) if stage.name in homes else LOST
        for label, stage in pipeline.by_label.items()
    }
    pairs = ((name, onto.funnel[home].name) for name, home in homes.items())
    return Placement(positions, dict(outcomes), tuple((a, b) for a, b in pairs if a != b))


def _home(stage: Stage, onto: Pipeline) -> int:
    """Return where in the funnel a stage is counted that is not lost."""
    funnel = onto.funnel
    if stage.kind == "won":
        return len(funnel) - 1
    same = onto.by_label.get(stage.name)
    if same is not None and same in funnel and same.kind == "open":
        return funnel.index(same)
    return _by_phase(stage, tuple(s for s in funnel if s.kind == "open"))


def _by_phase(stage: Stage, candidates: tuple[Stage, ...]) -> int:
    """Return the first stage of the same phase, else the last one of an earlier phase."""
    phases = [PHASES.index(s.phase) for s in candidates]
    phase = PHASES.index(stage.phase)
    if phase in phases:
        return phases.index(phase)
    return max((i for i, p in enumerate(phases) if p < phase), default=0)
