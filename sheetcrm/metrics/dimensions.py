"""What the leads are compared by: any columns of the lead table, as 设置 says."""

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import LEAD_COLUMNS, UNFILLED
from sheetcrm.metrics.conversion import Counted, groups
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import Groups
from sheetcrm.metrics.results import Compared, GroupRow


def with_dimensions(leads: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the leads with a text column for each dimension that is none of LEAD_COLUMNS."""
    extra = [d.column for d in data.kit.dimensions if d.column not in LEAD_COLUMNS]
    source = data.frames["lead"]
    texts = {key: _texts(source[key]).to_numpy() for key in extra if key in data.columns}
    return leads.assign(**texts) if texts else leads


def compared(leads: pd.DataFrame, work: Counted, data: Dataset) -> tuple[Compared, ...]:
    """Group the leads by each dimension of the kit that at least one lead sheet has.

    Args:
        leads: LEAD_COLUMNS and those of `with_dimensions`.
        work: What is counted of them.
        data: The rows they come from.
    """
    spec = data.kit.by_key["lead"].by_key if "lead" in data.kit.by_key else {}
    found = []
    for dimension in data.kit.dimensions:
        key = dimension.column
        name = spec[key].name if key in spec else key
        rows: tuple[GroupRow, ...] = ()
        if key in data.columns:
            order = list(data.kit.choices(spec[key])) if key == "grade" and key in spec else []
            by, together = _few(Groups.of(_texts(leads[key])), dimension.top)
            rows = _ordered(groups(work, by), order, together)
        found.append(Compared(key, name, rows))
    return tuple(found)


def _texts(column: pd.Series) -> pd.Series:
    """Return what the leads are grouped by: text as it is, days by month, numbers as written."""
    if pd.api.types.is_datetime64_any_dtype(column):
        texts = column.dt.strftime("%Y-%m")
    elif pd.api.types.is_numeric_dtype(column):
        texts = column.astype(object).map("{:.15g}".format, na_action="ignore")
    else:
        texts = column
    named: pd.Series = texts.astype("str").fillna(UNFILLED)
    return named


def _few(by: Groups, top: int) -> tuple[Groups, str]:
    """Put all but the most frequent values together, and say what they are called then."""
    counts = {name: n for name, n in zip(by.names, by.sizes(), strict=True) if name != UNFILLED}
    if not top or len(counts) <= top:
        return by, ""
    ranked = sorted(counts, key=lambda name: (-counts[name], name))
    rest = set(ranked[top:])
    together = f"其他（{len(rest)}个）"
    names = [together if name in rest else name for name in by.names]
    new = tuple(dict.fromkeys(names))
    places = np.array([new.index(name) for name in names], dtype="int64")
    return Groups(places[by.codes], new), together


def _ordered(rows: tuple[GroupRow, ...], listed: list[str], together: str) -> tuple[GroupRow, ...]:
    """Put the groups into the order of the kit's list, the rest and the unfilled last."""
    rank = {name: n for n, name in enumerate(listed)}
    return tuple(
        sorted(
            rows,
            key=lambda r: (r.name == UNFILLED, r.name == together, rank.get(r.name, len(rank))),
        )
    )
