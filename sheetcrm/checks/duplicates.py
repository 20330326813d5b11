"""DUP: ids, customers and follow-ups that are there twice; the first one is the healthy one."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import folded, missing, report, says, values
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.table import column_letter
from sheetcrm.values.phones import phone_key

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
_ANONYMOUS = r"[*＊?？]|xx|某"
_SHORTEST_NAME = 2
_REPEATED = 0.5


def same_id(book: CleanBook, as_of: date) -> list[Finding]:
    """DUP-01: an id that an earlier row of the sheet has already.

    A guest's column in which most values repeat is no key there, whatever its heading.
    """
    del as_of
    result: list[Finding] = []
    for table in book.tables.values():
        for spec in table.spec.columns:
            if spec.unique and spec.key in table.data:
                keys = table.data[spec.key].str.casefold()
                later = _later(table, spec.key, keys)
                if book.own or len(later) <= _REPEATED * keys.notna().sum():
                    result += report(table, "DUP-01", spec.key, later)
    return result


def same_customer(book: CleanBook, as_of: date) -> list[Finding]:
    """DUP-03, DUP-04: a row with the phone and/or the company of an earlier row.

    Masked and faulty phones and anonymous names match nothing. Where both are those of the same
    earlier row, one finding says so, at the company.
    """
    del as_of
    result: list[Finding] = []
    for kind in CUSTOMERS:
        table = book.tables.get(kind)
        if table is None:
            continue
        phones = _later(table, "phone", _phone_keys(table))
        companies = _later(table, "company", _company_keys(table))
        both = phones["first"].reindex(companies.index) == companies["first"]
        companies["also"] = both.map({True: "，联系方式也相同", False: ""})
        if not phones.empty:
            told = companies.index[both]
            result += report(table, "DUP-03", "phone", phones[~phones.index.isin(told)])
        if not companies.empty:
            result += report(table, "DUP-04", "company", companies)
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
    rows = pd.Series(known.index, index=known.index, dtype="int64")
    first = rows.groupby(known).transform("first")
    first = first[first != first.index]
    if not table.source.has(key):
        return pd.DataFrame({"first": first[:0], "other": ""})
    letter = column_letter(table.source.by_key[key].column)
    return pd.DataFrame({"first": first, "other": letter + first.astype("str")})


def _phone_keys(table: CleanTable) -> pd.Series:
    phones = values(table, "phone").dropna()
    phones = phones[~says(phones, r"[*＊]|[xX]{3}")]
    known = {text: text if text.isdigit() else phone_key(text) for text in phones.unique()}
    keys = phones.map(known).astype("str")
    return keys[keys != ""]


def _company_keys(table: CleanTable) -> pd.Series:
    keys = folded(values(table, "company").dropna())
    return keys[(keys.str.len() >= _SHORTEST_NAME) & ~says(keys, _ANONYMOUS)]
