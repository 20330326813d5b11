"""What the leads are compared by: any columns of the lead table, as 设置 says."""

from datetime import date

import pandas as pd

from sheetcrm.metrics.columns import LEAD_COLUMNS, UNFILLED
from sheetcrm.metrics.conversion import groups
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.results import Compared, GroupRow
from sheetcrm.metrics.thresholds import Thresholds


def with_dimensions(leads: pd.DataFrame, data: Dataset) -> pd.DataFrame:
    """Return the leads with a text column for each dimension that is none of LEAD_COLUMNS."""
    extra = [d.column for d in data.kit.dimensions if d.column not in LEAD_COLUMNS]
    source = data.frames["lead"]
    texts = {key: _texts(source[key]).to_numpy() for key in extra if key in data.columns}
    return leads.assign(**texts) if texts else leads


def compared(
    leads: pd.DataFrame, data: Dataset, limits: Thresholds, as_of: date
) -> tuple[Compared, ...]:
    """Group the leads by each dimension of the kit that at least one lead sheet has.

    Args:
        leads: LEAD_COLUMNS and those of `with_dimensions`.
        data: The rows they come from.
        limits: What the rates need.
        as_of: The day of the report.
    """
    spec = data.kit.by_key["lead"].by_key if "lead" in data.kit.by_key else {}
    found = []
    for dimension in data.kit.dimensions:
        key = dimension.column
        name = spec[key].name if key in spec else key
        rows: tuple[GroupRow, ...] = ()
        if key in data.columns:
            named = leads.assign(**{key: _texts(leads[key])})
            order = list(data.kit.choices(spec[key])) if key == "grade" and key in spec else []
            values = _few(named[key], dimension.top)
            rows = groups(named.assign(**{key: values}), key, limits, as_of)
            rows = _ordered(rows, order, values.name)
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


def _few(values: pd.Series, top: int) -> pd.Series:
    """Put all but the most frequent values together; `name` is what they are called then."""
    counts = values[values != UNFILLED].value_counts(sort=False)
    if not top or len(counts) <= top:
        return values.rename("")
    ranked = sorted(counts.items(), key=lambda pair: (-pair[1], str(pair[0])))
    rest = [name for name, _ in ranked[top:]]
    together = f"其他（{len(rest)}个）"
    return values.where(~values.isin(rest), together).rename(together)


def _ordered(
    rows: tuple[GroupRow, ...], listed: list[str], together: object
) -> tuple[GroupRow, ...]:
    """Put the groups into the order of the kit's list, the rest and the unfilled last."""
    rank = {name: n for n, name in enumerate(listed)}
    return tuple(
        sorted(
            rows,
            key=lambda r: (r.name == UNFILLED, r.name == together, rank.get(r.name, len(rank))),
        )
    )
