"""Which lead a row belongs to, and whether that lead is still open."""

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import column, values
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.clean.lookup import looked_up


def lead_rows(book: CleanBook, child: CleanTable) -> pd.Series:
    """Return the Excel row of the lead that each row of `child` belongs to, NaN where unknown.

    By 线索编号 (the first row that carries it, also where its form is faulty); a row without one by
    its company, where only one lead has that company. Index: the rows of `child`.
    """
    leads = book.tables.get("lead")
    if leads is None:
        return pd.Series(np.nan, index=child.data.index)
    ids, companies = column(leads, "lead_id"), column(leads, "company")
    by_id = _rows_by(ids[~ids.duplicated()])
    by_company = _rows_by(companies[~companies.duplicated(keep=False)])
    own = column(child, "lead_id")
    rows = look_up(own, by_id)
    if own.isna().any():
        rows = rows.where(own.notna(), look_up(column(child, "company"), by_company))
    return rows


def subjects(book: CleanBook, child: CleanTable) -> pd.Series:
    """Return a text that is the same for all rows about one lead, also where no lead is known.

    The lead's row, else 线索编号, else 客户名称; missing where a row has none of them.
    """
    lead = lead_rows(book, child)
    known = named_lead(lead).where(lead.notna())
    return known.fillna(column(child, "lead_id")).fillna(column(child, "company"))


def named_lead(rows: pd.Series) -> pd.Series:
    """Return what `subjects` calls the leads that stand in these rows, numbers as floats."""
    return "\x1f" + rows.astype("str")


def from_lead(book: CleanBook, child: CleanTable, key: str) -> pd.Series:
    """Return a column of the lead that each row of `child` belongs to."""
    rows = lead_rows(book, child)
    own = values(book.tables["lead"], key)
    return pd.Series(own.reindex(rows).to_numpy(), index=rows.index, dtype=own.dtype)


def kinds(book: CleanBook, labels: pd.Series) -> pd.Series:
    """Return "open", "won" or "lost" for status labels, missing for unknown ones."""
    kinds = {text: stage.kind for text, stage in book.kit.pipeline.by_label.items()}
    return pd.Series(looked_up(labels, kinds), index=labels.index, dtype="str")


def order(book: CleanBook, labels: pd.Series) -> pd.Series:
    """Return the place of status labels in the pipeline; missing for lost and unknown ones."""
    stages = book.kit.pipeline.stages
    places = {s.name: float(i) for i, s in enumerate(stages) if s.kind != "lost"}
    by_label = {
        text: places[s.name] for text, s in book.kit.pipeline.by_label.items() if s.name in places
    }
    return pd.Series(looked_up(labels, by_label).astype("float64"), index=labels.index)


def open_leads(book: CleanBook) -> pd.Series:
    """Say for every row of the lead table whether its status is an open stage."""
    return kinds(book, values(book.tables["lead"], "status")) == "open"


def newest(child: CleanTable, when: str, leads: pd.Series) -> pd.Index:
    """Return the newest row of each lead: the latest date, the lower row among equals."""
    days = values(child, when)
    known = pd.DataFrame({"lead": leads, "day": days}).dropna()
    known = known.sort_values("day", kind="stable")
    return known.index[~known["lead"].duplicated(keep="last")]


def look_up(texts: pd.Series, rows: pd.Series) -> pd.Series:
    """Return `rows` (floats by text) for every text; missing where there is none."""
    at = rows.index.get_indexer(pd.Index(texts.to_numpy(dtype=object), dtype=object))
    found = np.append(rows.to_numpy(), np.nan)[at]
    return pd.Series(found, index=texts.index)


def _rows_by(texts: pd.Series) -> pd.Series:
    known = texts.dropna()
    keys = pd.Index(known.to_numpy(dtype=object), dtype=object)
    return pd.Series(known.index.to_numpy(dtype="float64"), index=keys)
