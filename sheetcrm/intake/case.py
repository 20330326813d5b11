"""One sheet meeting one book: the rows, their keys, and what was said about them."""

from dataclasses import dataclass

import pandas as pd

from sheetcrm.checks.cells import folded
from sheetcrm.checks.leads import kinds
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.intake.attach import subject
from sheetcrm.intake.fingerprint import canonical
from sheetcrm.intake.keys import CUSTOMERS, NATURAL_KEYS, customer_keys, text_column
from sheetcrm.intake.model import Incoming
from sheetcrm.intake.names import Names
from sheetcrm.intake.options import Options
from sheetcrm.intake.prepare import Prepared, prepare


@dataclass(frozen=True)
class Case:
    """What all steps of a decision look at; `keys` are those of the incoming rows.

    `ended` is a text that tells the sheet's won and lost leads apart, missing for the others.
    """

    incoming: Incoming
    book: CleanBook
    options: Options
    rows: Prepared
    names: Names
    keys: pd.DataFrame
    ended: pd.Series

    @property
    def table(self) -> CleanTable | None:
        """The book's table the sheet goes into."""
        return self.book.tables.get(self.incoming.kind)

    @property
    def customers(self) -> bool:
        """Whether the rows are customers, or chances with one."""
        return self.incoming.kind in CUSTOMERS


def case_of(incoming: Incoming, book: CleanBook, options: Options) -> Case:
    """Make the rows of a sheet ready to meet a book."""
    names = Names()
    rows = prepare(incoming, book, names)
    keys = keys_of(rows.data, incoming.kind, rows.spec.id_column)
    keys["origin"] = rows.origin
    return Case(incoming, book, options, rows, names, keys, _ended(book, rows.data))


def keys_of(data: pd.DataFrame, kind: str, id_column: str, *, masks: bool = True) -> pd.DataFrame:
    """Return what rows of a table are known by: `id` and, for logs and lists, `natural`.

    Those of customers are from `customer_keys`; `masks` says whether that is to give all of them.
    """
    if kind in CUSTOMERS:
        return customer_keys(data, id_column, masks=masks)
    natural = pd.Series("", index=data.index, dtype="str")
    for key in NATURAL_KEYS.get(kind, ((), False))[0]:
        part = subject(data) if key == "subject" else _said(data, key)
        natural = natural + "\x1f" + part.fillna("")
    held = natural.str.strip("\x1f") != ""
    ids = (
        folded(text_column(data, id_column))
        if id_column
        else pd.Series(index=data.index, dtype="str")
    )
    return pd.DataFrame({"id": ids, "natural": natural.where(held)}, index=data.index)


def _said(data: pd.DataFrame, key: str) -> pd.Series:
    if key not in data:
        return pd.Series(index=data.index, dtype="str")
    return canonical(data[key])


def _ended(book: CleanBook, data: pd.DataFrame) -> pd.Series:
    status = text_column(data, "status")
    kind = kinds(book, status).astype("str")
    told = kind
    for key in ("acquired_on", "won_on", "amount"):
        if key in data:
            told = told + "|" + canonical(data[key]).fillna("")
    return told.where(kind.isin(["won", "lost"])).astype("str")
