"""Follow-ups that stand in the rows of the leads themselves, put to those of the log."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.table import sheets_and_rows

_FROM_LEAD = ("file", "sheet", "row", "lead_id", "company")


def with_told(log: pd.DataFrame, books: Sequence[CleanBook], leads: pd.DataFrame) -> pd.DataFrame:
    """Return the log with the talks of the leads' own cells; what it has on the same day is one.

    Args:
        log: The follow-ups of all books, each with its `lead`.
        books: With their leads' own talks.
        leads: All leads, each with its `key`.
    """
    parts = [part for book in books if (part := _talks(book, leads)) is not None]
    if not parts:
        return log
    told = pd.concat(parts, ignore_index=True)
    known = pd.MultiIndex.from_arrays([log["lead"], log["followed_on"].dt.floor("D")])
    own = pd.MultiIndex.from_arrays([told["lead"], told["followed_on"]])
    told = told[~own.isin(known)]
    if log.empty:
        log = log.astype({"lead": "int64"})
    types = {key: dtype for key, dtype in log.dtypes.items() if key in told}
    return pd.concat([log, told.astype(types)], ignore_index=True)


def contact_unknown(books: Sequence[CleanBook], leads: pd.DataFrame) -> np.ndarray:
    """Say of every lead whether it has talks that nobody could date."""
    unknown = np.zeros(len(leads), dtype=bool)
    for book in books:
        if book.told is not None:
            unknown[_positions(book, leads, np.array(sorted(book.told.unread), dtype="int64"))] = (
                True
            )
    return unknown


def _talks(book: CleanBook, leads: pd.DataFrame) -> pd.DataFrame | None:
    if book.told is None or book.told.talks.empty:
        return None
    talks = book.told.talks
    at = _positions(book, leads, talks["lead"].to_numpy())
    row = leads.iloc[at]
    of_lead = row[list(_FROM_LEAD)].set_axis(talks.index)
    lead = leads["key"].to_numpy()[at]
    return talks.assign(**{key: of_lead[key] for key in _FROM_LEAD}, lead=lead)


def _positions(book: CleanBook, leads: pd.DataFrame, rows: np.ndarray) -> np.ndarray:
    """Return where rows of a book's lead table stand among all leads."""
    mine = np.flatnonzero((leads["file"] == book.file).to_numpy())
    there = pd.MultiIndex.from_arrays([leads[key].to_numpy()[mine] for key in ("sheet", "row")])
    at, numbers = sheets_and_rows(rows)
    names = np.array([part.sheet for part in book.tables["lead"].source.sheets], dtype="object")
    return np.asarray(mine[there.get_indexer(pd.MultiIndex.from_arrays([names[at], numbers]))])
