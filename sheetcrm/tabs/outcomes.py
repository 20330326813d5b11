"""The headline counts of leads as formulas over the sheet that holds them."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.tabs.detail import OUTCOMES
from sheetcrm.tabs.live import Live, Test, count, plus, total
from sheetcrm.tabs.source import Source, matching

# Formulas longer than that many terms help nobody; the figure is written as a value then.
MOST_TERMS = 12
# Over several sheets: each term once a sheet, far below the 8,192 characters Excel allows.
_MOST_IN_ALL = 48


def all_leads(source: Source) -> Live | None:
    """Count the rows that hold a lead."""
    return counted(source, [[Test(source.anchor, "filled")]]) if source.anchor else None


def labels_of(source: Source, leads: pd.DataFrame, rows: npt.NDArray[np.bool_]) -> list[str]:
    """Return the status labels of these leads, and those people may yet type for their stages."""
    columns = (leads[name].to_numpy()[rows].tolist() for name in ("stage", "status"))
    used = [each for each in dict.fromkeys(zip(*columns, strict=True)) if _filled(each)]
    typed = [label for stage, _ in used for label in source.labels.get(stage, ())]
    return list(dict.fromkeys([*(status for _, status in used), *typed]))


def _filled(texts: tuple[object, ...]) -> bool:
    return all(isinstance(text, str) for text in texts)


def by_status(source: Source, leads: pd.DataFrame, outcome: str) -> list[list[Test]]:
    """Return alternative tests that together find the leads of that outcome."""
    if source.canonical:
        return [[Test("result", "=", OUTCOMES[outcome])]]
    labels = labels_of(source, leads, leads["outcome"].to_numpy(object) == outcome)
    return [matching(source, "status", label) for label in labels]


def at_stage(source: Source, leads: pd.DataFrame, stage: str, kind: str) -> list[list[Test]]:
    """Return alternative tests that together find the leads standing at that stage now."""
    if source.canonical:
        return [[Test("stage", "=", stage), Test("result", "=", OUTCOMES[kind])]]
    stages, outcomes = (leads[name].to_numpy(object) for name in ("stage", "outcome"))
    rows = (stages == stage) & (outcomes == kind)
    labels = labels_of(source, leads, rows) or list(source.labels.get(stage, ()))
    return [matching(source, "status", label) for label in labels]


def counted(
    source: Source, ways: Sequence[Sequence[Test]], also: Sequence[Test] = ()
) -> Live | None:
    """Count rows that meet any of the alternatives (they exclude each other) and `also`."""
    if _too_long(source, ways):
        return None
    return plus(count(sheet, [*also, *way]) for way in ways for sheet in source.sheets)


def summed(
    source: Source, key: str, ways: Sequence[Sequence[Test]], also: Sequence[Test] = ()
) -> Live | None:
    """Sum a column over rows that meet any of the alternatives and `also`."""
    if _too_long(source, ways):
        return None
    return plus(total(sheet, key, [*also, *way]) for way in ways for sheet in source.sheets)


def _too_long(source: Source, ways: Sequence[Sequence[Test]]) -> bool:
    """Say whether there is nothing to add up, or too much for a formula."""
    return not 0 < len(ways) <= MOST_TERMS or len(ways) * len(source.sheets) > _MOST_IN_ALL


def lost_at(source: Source, leads: pd.DataFrame, stage: str) -> list[list[Test]]:
    """Return alternative tests that together find the leads that were lost at that stage."""
    if source.canonical:
        return [[Test("reached_stage", "=", stage), Test("result", "=", OUTCOMES["lost"])]]
    labels = source.labels.get(stage, (stage,))
    lost = by_status(source, leads, "lost")
    return [[*way, Test("lost_stage", "=", label)] for way in lost for label in labels]
