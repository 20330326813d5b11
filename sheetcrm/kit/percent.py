"""Stages told by a share: 30%, or the number behind it; the whole of it is a deal."""

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from sheetcrm.kit.model import Phase
from sheetcrm.table import Cell, Coded, Table

_SHARE = re.compile(r"\s*(\d{1,3}(?:\.\d+)?)\s*[%％]\s*")
# Up to which share an open lead is at which milestone.
_PHASES: tuple[tuple[float, Phase], ...] = (
    (15, "lead"), (35, "needs"), (55, "qualified"), (75, "proposal"), (100, "negotiation"),
)  # fmt: skip
_STEP = 5


def share_of(label: str) -> float | None:
    """Return the share of 100 that a label is and nothing else; None for any other label."""
    match = _SHARE.fullmatch(label)
    return float(match[1]) if match and float(match[1]) <= 100 else None


def phase_of_share(share: float) -> Phase:
    """Return the milestone of a share: all of it is won, none of it has only begun."""
    return next((phase for most, phase in _PHASES if share < most), "won")


def with_shares(table: Table, key: str) -> Table:
    """Write the numbers of a stage column as shares where all of them are: 0.3 or 30 as 30%."""
    column = table.coded.get(key)
    if column is None:
        return table
    values = column.values.tolist()
    used = [values[code] for code in np.unique(column.codes[column.codes > 0])]
    factor = _factor(used)
    if not factor:
        return table
    numbers = np.empty(len(values), dtype=object)
    numbers[:] = [_written(value, factor) for value in values]
    coded = Coded(numbers, column.codes)
    raw = table.raw.assign(**{key: coded.cells})
    return replace(table, raw=raw, coded={**table.coded, key: coded})


def _factor(cells: Sequence[Cell]) -> int:
    """Return what makes shares of 100 of the numbers; 0 where they are something else."""
    said = [c for c in cells if isinstance(c, int | float) and not isinstance(c, bool)]
    if len(said) < len(cells) or len(said) < 2:
        return 0
    if all(0 <= n <= 1 for n in said) and any(0 < n < 1 for n in said):
        return 100
    hundred = max(said) == 100 and min(said) >= 0
    return int(hundred and all(n % _STEP == 0 for n in said))


def _written(value: Cell, factor: int) -> Cell:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return f"{value * factor:.6g}%"
    return value
