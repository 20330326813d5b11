"""Which lead a row of a further table speaks of."""

import numpy as np
import pandas as pd


def lead_of(rows: pd.DataFrame, leads: pd.DataFrame) -> pd.Series:
    """Return the place of each row's lead, -1 where there is none.

    By 线索编号, else by customer name, within the row's file; the first lead of several.

    Args:
        rows: With `file`, `lead_id` and `company`.
        leads: Summary.leads.
    """
    by_id = _look_up(rows, leads, "lead_id")
    named = _look_up(rows, leads, "company")
    return by_id.where(rows["lead_id"].notna(), named).fillna(-1).astype("int64")


def _look_up(rows: pd.DataFrame, leads: pd.DataFrame, column: str) -> pd.Series:
    known = leads.dropna(subset=column).drop_duplicates(["file", column])
    at = pd.Series(known.index, index=pd.MultiIndex.from_frame(known[["file", column]]))
    if rows.empty or known.empty:
        return pd.Series(np.nan, index=rows.index, dtype="float64")
    found = at.reindex(pd.MultiIndex.from_frame(rows[["file", column]]))
    return pd.Series(found.to_numpy("float64"), index=rows.index)
