"""DUP: ids, customers and follow-ups that are there twice; the first one is the healthy one."""

from datetime import date

import numpy as np
import pandas as pd
from pandas.api.types import is_string_dtype

from sheetcrm.checks.cells import cells_of, distinct, missing, report, values
from sheetcrm.checks.leads import kinds
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.clean.products import a_row_a_product, with_product
from sheetcrm.findings import Finding
from sheetcrm.values.company import alike, parse_company, with_shared_core
from sheetcrm.values.phones import open_keys

# Tables whose rows are customers, or chances with one.
CUSTOMERS = ("lead", "account")
# What makes two follow-ups the same one; their own id and the time of writing down do not count.
SAME_FOLLOW_UP = (
    "lead_id",
    "account_id",
    "company",
    "followed_on",
    "owner",
    "method",
    "content",
    "feedback",
    "next_action",
    "next_follow_up",
)
# A guest's column in which more than so much repeats an earlier row holds no ids.
_REPEATED = 0.5
_NONE = pd.DataFrame(
    {"first": pd.Series(dtype="int64"), "other": pd.Series(dtype="str")},
    index=pd.Index([], dtype="int64"),
)


def same_id(book: CleanBook, as_of: date) -> list[Finding]:
    """DUP-01: an id that an earlier row of the sheet has already.

    A guest's column in which most values repeat is no key there, whatever its heading.
    """
    del as_of
    result: list[Finding] = []
    for table in book.tables.values():
        for spec in table.spec.columns:
            if spec.unique and spec.key in table.data:
                keys = table.data[spec.key]
                if is_string_dtype(keys):
                    keys = keys.str.casefold()
                later = _later(table, spec.key, keys)
                if book.own or len(later) <= _REPEATED * keys.notna().sum():
                    result += report(table, "DUP-01", spec.key, later)
    return result


def same_customer(book: CleanBook, as_of: date) -> list[Finding]:
    """DUP-03, DUP-04, DUP-05, DUP-07: a row with the phone and/or the company of an earlier row.

    Companies are compared by their structure: the same one (DUP-04), or one that may be (DUP-05).
    An open lead of a customer who was won or lost before is DUP-07. Masked and faulty phones and
    anonymous names match nothing. Where both are those of the same earlier row, one finding says
    so, at the company. Where a customer has a row a product, only the same product is told.
    """
    del as_of
    result: list[Finding] = []
    for kind in CUSTOMERS:
        table = book.tables.get(kind)
        if table is None:
            continue
        phones = _later(table, "phone", _phone_keys(table))
        companies, similar = _same_companies(table)
        if kind == "lead" and a_row_a_product(table.data):
            phones, companies = (
                _same_product(table, key, hits)
                for key, hits in (("phone", phones), ("company", companies))
            )
        if phones.empty and companies.empty and similar.empty:
            continue
        both = phones["first"].reindex(companies.index) == companies["first"]
        companies = companies.assign(also=both.map({True: "，联系方式也相同", False: ""}))
        if not phones.empty:
            phones = phones[~phones.index.isin(companies.index[both])]
        if kind == "lead":
            result += _after_the_end(book, table, "phone", phones)
            result += _after_the_end(book, table, "company", companies)
            phones, companies = (hits[~_ended(book, hits)] for hits in (phones, companies))
        result += report(table, "DUP-03", "phone", phones) if len(phones) else []
        result += report(table, "DUP-04", "company", companies) if len(companies) else []
        similar = similar[~similar.index.isin(phones.index)]
        result += report(table, "DUP-05", "company", similar) if len(similar) else []
    return result


def same_follow_up(book: CleanBook, as_of: date) -> list[Finding]:
    """DUP-06: a follow-up that equals an earlier one in everything but its own id."""
    del as_of
    table = book.tables.get("follow_up")
    if table is None or "content" not in table.data or "followed_on" not in table.data:
        return []
    compared = [key for key in SAME_FOLLOW_UP if key in table.data]
    rows = table.data[compared]
    rows = rows[~missing(table, "content") & ~missing(table, "followed_on")]
    rows = rows[rows.duplicated(keep=False)]
    firsts = pd.Series(rows.index, index=rows.index).groupby(
        [rows[key] for key in compared], dropna=False, sort=False
    )
    first = firsts.transform("first")
    hits = pd.DataFrame({"first": first[first != first.index]})
    return report(table, "DUP-06", "content", hits)


def _later(table: CleanTable, key: str, keys: pd.Series) -> pd.DataFrame:
    """Return the rows whose key an earlier row has: columns `first` (row) and `other` (cell)."""
    known = keys.dropna()
    known = known[known.duplicated(keep=False)]
    if known.empty:
        return _NONE
    rows = pd.Series(known.index, index=known.index, dtype="int64")
    first = rows.groupby(known).transform("first")
    first = first[first != first.index]
    if not table.source.has(key):
        return pd.DataFrame({"first": first[:0], "other": ""})
    return pd.DataFrame({"first": first, "other": cells_of(table, key, first)}, index=first.index)


def _phone_keys(table: CleanTable) -> pd.Series:
    phones = values(table, "phone").dropna()
    listed = distinct(phones)
    if not "".join(listed).isdigit():  # else there is nothing to read: the usual case
        phones = phones.map(open_keys(listed)).dropna().astype("str")
    return phones[phones != ""]


def _same_companies(table: CleanTable) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows of the same, and of a similar, company as an earlier row.

    Both have columns `first` (row) and `other` (cell, and the name where it is spelled otherwise).
    """
    companies = values(table, "company").dropna()
    if not table.source.has("company") or companies.empty:
        return _NONE, _NONE
    # a name of its own, with a 字号 of its own, is like no other: most are, and need no parsing
    shared = with_shared_core(distinct(companies))
    companies = companies[companies.duplicated(keep=False) | companies.isin(shared)]
    if companies.empty:
        return _NONE, _NONE
    rows = companies.index.to_numpy()
    codes, names = pd.factorize(companies.to_numpy(dtype=object))
    parsed = {name: parse_company(name) for name in names.tolist()}
    texts, _ = pd.factorize(np.array([company.text for company in parsed.values()], dtype=object))
    known = np.array([company.known for company in parsed.values()])
    by_name = dict(zip(parsed, _firsts(codes, rows).tolist(), strict=True))
    nearest: dict[str, dict[str, int]] = {"strong": {}, "similar": {}}
    for one, other, likeness in alike(parsed):
        for name, partner in ((one, other), (other, one)):
            found = nearest[likeness]
            found[name] = min(found.get(name, by_name[partner]), by_name[partner])
    never = rows.max(initial=0) + 1
    strong = np.array([nearest["strong"].get(name, never) for name in parsed])[codes]
    first = np.where(known[codes], _firsts(texts[codes], rows)[texts[codes]], rows)
    first = np.minimum(first, strong)
    similar = np.array([nearest["similar"].get(name, never) for name in parsed])[codes]
    same, like = first < rows, (similar < rows) & (first >= rows)
    return (
        _at_company(table, pd.Series(first[same], index=companies.index[same])),
        _at_company(table, pd.Series(similar[like], index=companies.index[like])),
    )


def _same_product(table: CleanTable, key: str, hits: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of a customer's product that an earlier row of the customer has already."""
    rows = hits.index.union(pd.Index(hits["first"])).astype("int64")
    customer = hits["first"].reindex(rows).fillna(pd.Series(rows, index=rows)).astype("int64")
    return _later(table, key, with_product(customer, table.data.loc[rows]))


def _firsts(codes: np.ndarray, rows: np.ndarray) -> np.ndarray:
    """Return the first row of every code; the codes count from 0, the rows ascend."""
    _, at = np.unique(codes, return_index=True)
    firsts: np.ndarray = rows[at]
    return firsts


def _at_company(table: CleanTable, first: pd.Series) -> pd.DataFrame:
    own, there = table.data["company"][first.index], table.data["company"][first].to_numpy()
    cells = cells_of(table, "company", first)
    named = [
        cell if name == other else f"{cell}的“{other}”"
        for cell, name, other in zip(cells, own, there, strict=True)
    ]
    return pd.DataFrame({"first": first, "other": named}, index=first.index)


def _after_the_end(
    book: CleanBook, table: CleanTable, key: str, hits: pd.DataFrame
) -> list[Finding]:
    """Tell the open leads whose customer was won or lost before."""
    closed = hits[_ended(book, hits)]
    if closed.empty:
        return []
    kind = kinds(book, values(table, "status"))
    before = kind[closed["first"]].map({"won": "成交", "lost": "流失"})
    return report(table, "DUP-07", key, closed.assign(end=before.to_numpy()))


def _ended(book: CleanBook, hits: pd.DataFrame) -> pd.Series:
    """Say of which hits the lead is open, and the earlier one won or lost."""
    kind = kinds(book, values(book.tables["lead"], "status"))
    before = kind.reindex(hits["first"]).set_axis(hits.index)
    return before.isin(["won", "lost"]) & (kind.reindex(hits.index) == "open")
