"""撞单: customers whom more than one workbook has as a lead."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.values.company import parse_company, with_shared_core
from sheetcrm.values.phones import open_keys

Positions: TypeAlias = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Shared:
    """Such leads by position, those of a customer together, and how many customers these are."""

    rows: Positions
    customers: int


def shared_customers(leads: pd.DataFrame, wanted: npt.NDArray[np.bool_]) -> Shared:
    """Find the customers with the same phone, or company, in several files.

    Companies are compared by their structure; only the certainly same count. Masked phones and
    anonymous names match nothing.

    Args:
        leads: One row a lead: file, company, and phone where any sheet has it.
        wanted: Which of them are asked.
    """
    files, names = pd.factorize(leads["file"].to_numpy(dtype=object))
    rows = np.flatnonzero(wanted)
    if len(names) < 2 or not len(rows):
        return Shared(np.empty(0, dtype="int64"), 0)
    files, customer = files[rows], np.arange(len(rows))
    for column, keys_of in (("phone", _phone_keys), ("company", _company_keys)):
        if column in leads:
            texts = leads[column].to_numpy(dtype=object)[rows]
            customer = _joined(customer, _coded(texts, files, keys_of))
    pairs = pd.DataFrame({"customer": customer, "file": files})
    several = pairs.groupby("customer")["file"].transform("nunique").to_numpy() > 1
    order = np.argsort(customer, kind="stable")
    order = order[several[order]]
    return Shared(rows[order], len(np.unique(customer[order])))


_KeysOf: TypeAlias = Callable[[list[str], frozenset[str]], dict[str, str]]


def _phone_keys(texts: list[str], repeated: frozenset[str]) -> dict[str, str]:
    del repeated
    return open_keys(texts)


def _company_keys(texts: list[str], repeated: frozenset[str]) -> dict[str, str]:
    """Return keys of the names that others may be like; most are like no other."""
    parsed = {text: parse_company(text) for text in {*with_shared_core(texts), *repeated}}
    return {text: company.text for text, company in parsed.items() if company.known}


def _coded(texts: npt.NDArray[np.object_], files: Positions, keys_of: _KeysOf) -> Positions:
    """Return a number for every row, the same for the same key; -1 where there is none."""
    codes, distinct = pd.factorize(texts)
    of_file = pd.Series(files).groupby(codes).nunique()
    at = of_file.index[(of_file > 1) & (of_file.index >= 0)]
    keys = keys_of(distinct.tolist(), frozenset(distinct[at].tolist()))
    known = np.array([keys.get(text) or None for text in distinct], dtype=object)
    numbers, _ = pd.factorize(known)
    coded: Positions = np.append(numbers, -1)[codes]
    return coded


def _joined(customer: Positions, keys: Positions) -> Positions:
    """Give all rows of a key one customer, the first of those they had, and all rows of these."""
    rows = np.flatnonzero(keys >= 0)
    least = np.full(keys.max(initial=-1) + 1, len(customer))
    np.minimum.at(least, keys[rows], customer[rows])
    to = np.arange(len(customer))
    np.minimum.at(to, customer[rows], least[keys[rows]])
    joined: Positions = to[customer]
    return joined
