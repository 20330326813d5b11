"""REF: rows that point at a lead, a customer or a person that is not there."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import folded, report, values
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.model import OWNER_LIST
from sheetcrm.values.text import fold

_REGISTER = "请核对客户名称，写法要与那张表一致；新客户请先登记线索"
# Tables whose rows belong to a lead or a customer.
CHILDREN = ("follow_up", "stage_progress", "request", "status_change", "contract")


def unknown_lead(book: CleanBook, as_of: date) -> list[Finding]:
    """REF-01: a row whose lead or customer does not exist.

    Looked up by 线索编号 and 客户编号, whichever the row has, and by 客户名称 where it has neither;
    a row without any is another rule's. The finding suggests the lead (or customer) of the same
    name, where there is just one. It is a warning where other sheets of leads were left out, which
    may hold it.
    """
    del as_of
    return [f for kind in CHILDREN for f in _orphans(book, kind)]


def unknown_owner(book: CleanBook, as_of: date) -> list[Finding]:
    """REF-02: a person who is not in the workbook's own list of the team."""
    del as_of
    team = team_list(book)
    if not team:
        return []
    known = {fold(name) for name in team}
    name = book.kit.list_by_key[OWNER_LIST].name
    result: list[Finding] = []
    for table in book.tables.values():
        for column in table.spec.columns:
            if column.list == OWNER_LIST and column.key in table.data:
                people = values(table, column.key)
                strange = {p for p in people.dropna().unique() if fold(p) not in known}
                rows = people.index[people.isin(strange)]
                facts = pd.DataFrame({"list": name}, index=rows)
                result += report(table, "REF-02", column.key, facts)
    return result


def team_list(book: CleanBook) -> tuple[str, ...]:
    """Return the people of the workbook's own list; () for a guest or an empty list."""
    people = book.kit.list_by_key.get(OWNER_LIST)
    return tuple(i.value for i in people.items) if book.own and people is not None else ()


def _orphans(book: CleanBook, kind: str) -> list[Finding]:
    table = book.tables.get(kind)
    if table is None:
        return []
    settled = pd.Series(data=False, index=table.data.index)
    elsewhere = _elsewhere(book)
    result: list[Finding] = []
    for key, target in (("lead_id", "lead"), ("account_id", "account")):
        if key in table.data:
            own = values(table, key)
            if _holds(book, target, key):
                missing = own.notna() & ~_among(own, _column(book, target, key))
                facts = pd.DataFrame(
                    {
                        "table": _name(book, target),
                        "suggestion": _advice(book, table, missing, (target, key), elsewhere),
                    },
                    index=own.index[missing],
                )
                result += report(table, "REF-01", key, facts, "warning" if elsewhere else None)
            settled |= table.data[key].notna()
    return result + _unknown_company(book, table, settled, elsewhere)


def _unknown_company(
    book: CleanBook, table: CleanTable, settled: pd.Series, elsewhere: str
) -> list[Finding]:
    sources = [kind for kind in ("lead", "account") if _holds(book, kind, "company")]
    if "company" not in table.data or not sources:
        return []
    companies = values(table, "company")
    known = pd.concat([_column(book, kind, "company") for kind in sources])
    missing = ~settled & companies.notna() & ~_among(companies, known)
    name = "和".join(_name(book, kind) for kind in sources)
    facts = pd.DataFrame(
        {"table": name, "suggestion": elsewhere or _REGISTER}, index=companies.index[missing]
    )
    return report(table, "REF-01", "company", facts, "warning" if elsewhere else None)


def _elsewhere(book: CleanBook) -> str:
    """Say which sheets do not count because another one like them does; "" for none."""
    left_out = [f.sheet for f in book.findings if f.code == "SHT-03" and f.severity != "info"]
    sheets = "、".join(f"“{name}”" for name in left_out)
    return f"{sheets}没有计入，它可能在那里：请先照SHT-03合并，再检查一次" if sheets else ""


def _advice(
    book: CleanBook,
    table: CleanTable,
    missing: pd.Series,
    looked_up: tuple[str, str],
    otherwise: str,
) -> list[str]:
    """Name the id of the one lead (or customer) with the row's company, where there is one."""
    target, key = looked_up
    there = book.tables[target]
    companies = folded(values(there, "company").dropna())
    once = companies[~companies.duplicated(keep=False)]
    rows = pd.Series(once.index, index=once.to_numpy())
    result = []
    for company in values(table, "company")[missing]:
        row = rows.get(fold(company), 0) if isinstance(company, str) else 0
        written = there.data[key].get(row, np.nan) if key in there.data else np.nan
        cell = there.source.spot(int(row), key).text
        if not row:
            result.append(otherwise)
        elif isinstance(written, str):
            result.append(f"“{company}”的编号是{written}（{cell}），请核对后改正")
        else:
            result.append(f"“{company}”的编号没有填（{cell}），请先在那里补上")
    return result


def _holds(book: CleanBook, kind: str, key: str) -> bool:
    """Say whether the workbook has that table with that column: else nothing can be looked up."""
    return kind in book.tables and key in book.tables[kind].data


def _among(texts: pd.Series, known: pd.Series) -> pd.Series:
    there = texts.isin(known.dropna().unique())
    doubtful = texts[~there].dropna()
    if doubtful.empty:
        return there
    return there | folded(doubtful).isin(folded(known.dropna()).unique()).reindex(
        texts.index, fill_value=False
    )


def _column(book: CleanBook, kind: str, key: str) -> pd.Series:
    table = book.tables[kind]
    return table.data[key] if key in table.data else pd.Series(dtype="str")


def _name(book: CleanBook, kind: str) -> str:
    return f"“{book.tables[kind].source.sheet}”"
