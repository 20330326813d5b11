"""Incoming rows meet the book's: the one row that each of them is, or may be."""

import pandas as pd

from sheetcrm.checks.leads import kinds
from sheetcrm.intake.case import Case, keys_of
from sheetcrm.intake.keys import NATURAL_KEYS, text_column
from sheetcrm.intake.match import Side, best, candidates, joined, judge, strongest
from sheetcrm.intake.merge import Sides, agreement

_COLUMNS = ("target", "on", "same", "certain", "default", "reason")


def matches(case: Case, data: pd.DataFrame, head: pd.Series) -> pd.DataFrame:
    """Return the row of the book that each head is or may be: columns of `judge`, by row.

    Args:
        case: The sheet and the book.
        data: The heads' rows, with what the rows merged into them add.
        head: The head of every live row.
    """
    table, nothing = case.table, pd.DataFrame(columns=list(_COLUMNS), dtype="object")
    if table is None or table.data.empty or data.empty:
        return nothing
    left = case.keys.loc[head.index]
    masks = case.customers and bool(left["masked"].any())
    right = keys_of(table.data, case.incoming.kind, table.spec.id_column, masks=masks)
    pairs = candidates(left, right, case.names) if case.customers else _by_key(left, right)
    if pairs.empty:
        return nothing
    pairs = strongest(pairs.assign(row=head.loc[pairs["row"]].to_numpy()))
    sides = Sides(pairs["row"].to_numpy(), pairs["target"].to_numpy(), data, table, case.book)
    fills, differs = agreement(sides)
    pairs = pairs.assign(same=~fills & ~differs & _same_origin(case, pairs, right), differs=differs)
    if not case.customers:
        return _certain(case, pairs)
    heads = keys_of(data, case.incoming.kind, table.spec.id_column)
    heads["origin"] = case.rows.origin[heads.index]
    mine = Side(heads, kinds(case.book, text_column(data, "status")))
    theirs = Side(right, kinds(case.book, text_column(table.data, "status")))
    return best(judge(pairs, mine, theirs, case.names, case.incoming.kind))


def one_row_a_target(grouped: pd.DataFrame, found: pd.DataFrame) -> pd.Series:
    """Merge the heads that certainly are the same row of the book into the first of them."""
    head = grouped["head"]
    sure = (
        found["target"][found["certain"].eq(other=True)] if len(found) else pd.Series(dtype="int64")
    )
    first = pd.Series(sure.index, index=sure.index).groupby(sure).transform("first")
    again = first[first != first.index]
    return head.map(again).fillna(head).astype("int64") if len(again) else head


def _by_key(left: pd.DataFrame, right: pd.DataFrame) -> pd.DataFrame:
    """Pair rows of logs and lists by their id, and by what tells such rows apart."""
    found = [
        joined(left["id"], right["id"], "id"),
        joined(left["natural"], right["natural"], "row"),
    ]
    pairs = pd.concat(found, ignore_index=True)
    return pairs.drop_duplicates(["row", "target"])


def _certain(case: Case, pairs: pd.DataFrame) -> pd.DataFrame:
    """Judge pairs of a log or a list: an id or a full key is certain, else nothing may differ."""
    unique = NATURAL_KEYS.get(case.incoming.kind, ((), False))[1]
    sure = (pairs["on"] == "id") | pairs["same"] | unique | ~pairs["differs"]
    order = pd.DataFrame({"same": ~pairs["same"], "id": pairs["on"] != "id"})
    pairs = pairs.assign(certain=sure, default="match", reason="", **order.add_prefix("_"))
    pairs = pairs[sure].sort_values(["row", "_same", "_id", "target"], kind="stable")
    return pairs.drop_duplicates("row").set_index("row")[list(_COLUMNS)]


def _same_origin(case: Case, pairs: pd.DataFrame, right: pd.DataFrame) -> pd.Series:
    """Say that two rows do not name different ids of another system."""
    if "origin" not in right:
        return pd.Series(data=True, index=pairs.index)
    mine = case.rows.origin.loc[pairs["row"]].reset_index(drop=True)
    theirs = right["origin"].loc[pairs["target"]].reset_index(drop=True)
    return (mine == theirs) | mine.isna() | theirs.isna()
