"""Which lead or customer the rows of a log or a request belong to."""

from dataclasses import dataclass

import pandas as pd

from sheetcrm.checks.cells import distinct, folded
from sheetcrm.checks.leads import kinds
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.intake.keys import customer_keys, text_column
from sheetcrm.intake.names import Names

# What links a row to its customer, the table it names, in this order.
LINKS = (("lead_id", "lead"), ("account_id", "account"))


@dataclass(frozen=True)
class Attached:
    """Rows with the ids of what they belong to.

    `found` says of each row which link was made out by the company (a column key, else missing);
    `orphans` name, by column key, the rows whose lead or customer is not in the book.
    """

    data: pd.DataFrame
    found: pd.Series
    orphans: dict[str, pd.Index]


def attach(data: pd.DataFrame, kind: str, book: CleanBook, names: Names) -> Attached:
    """Find the lead or customer of every row: by its id, its earlier id, or its company.

    A company counts where it has one lead, or only one that is still open. A row that names a lead
    the book does not have keeps what it says.
    """
    spec = book.kit.by_key[kind]
    found = pd.Series(index=data.index, dtype="str")
    orphans: dict[str, pd.Index] = {}
    for key, parent in LINKS:
        table = book.tables.get(parent)
        if key not in spec.by_key or kind == parent or table is None:
            continue
        given, known = text_column(data, key), _ids(table)
        right = folded(given).map(known).astype("str")
        orphans[key] = given.index[given.notna() & right.isna()]
        data = data.assign(**{key: right.fillna(given)})
        lost = data.index[_unlinked(data)]
        if len(lost) and "company" in data:
            by_company = _by_company(data.loc[lost, "company"], table, book, names)
            data[key] = data[key].fillna(by_company.reindex(data.index))
            found = found.fillna(by_company.notna().map({True: key}).reindex(data.index))
    if "company" in data and orphans:
        known_names = [text_column(t.data, "company") for t in _parents(book)]
        names_there = set(folded(pd.concat(known_names)).dropna())
        strange = ~folded(data["company"]).isin(names_there) & data["company"].notna()
        orphans["company"] = data.index[strange & _unlinked(data)]
    return Attached(
        data, found.astype("str"), {k: rows for k, rows in orphans.items() if len(rows)}
    )


def subject(data: pd.DataFrame) -> pd.Series:
    """Return a text that is the same for rows of one lead or customer."""
    texts = pd.Series(index=data.index, dtype="str")
    for key in ("lead_id", "account_id", "company"):
        texts = texts.fillna(folded(text_column(data, key)))
    return texts


def _parents(book: CleanBook) -> list[CleanTable]:
    return [book.tables[parent] for _, parent in LINKS if parent in book.tables]


def _unlinked(data: pd.DataFrame) -> pd.Series:
    open_rows = pd.Series(data=True, index=data.index)
    for key, _ in LINKS:
        open_rows &= text_column(data, key).isna()
    return open_rows


def _ids(table: CleanTable) -> dict[str, str]:
    """Return the ids of a table by their folded spelling, and by the id they had elsewhere."""
    ids = text_column(table.data, table.spec.id_column)
    origin = customer_keys(table.data, table.spec.id_column)["origin"].dropna()
    origin = origin[~origin.duplicated(keep=False)]
    earlier = dict(zip(origin, ids[origin.index], strict=True))
    return {k: v for k, v in earlier.items() if isinstance(v, str)} | dict(
        zip(folded(ids.dropna()), ids.dropna(), strict=True)
    )


def _by_company(
    companies: pd.Series, table: CleanTable, book: CleanBook, names: Names
) -> pd.Series:
    """Return the id of the one row of a company, where there is just one that may be meant."""
    ids, own = text_column(table.data, table.spec.id_column), text_column(table.data, "company")
    there = pd.DataFrame({"company": own, "id": ids}).dropna()
    if "status" in table.data:
        still = kinds(book, table.data["status"]).reindex(there.index).eq("open")
        several = there["company"].duplicated(keep=False)
        there = there[~several | still]
    once = there[~there["company"].duplicated(keep=False)]
    exact = dict(zip(once["company"], once["id"], strict=True))
    strange = [name for name in distinct(companies) if name not in exact]
    links = names.links(strange, distinct(own))
    links = links[links["likeness"] == "strong"].drop_duplicates("name", keep=False)
    near = {a: exact[b] for a, b in zip(links["name"], links["other"], strict=True) if b in exact}
    return companies.map({**near, **exact}).astype("str")
