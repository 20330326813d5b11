"""AMT-06: amounts below what the price list allows."""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import folded, report, values
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.model import PHASES

# Where an amount stands, beside the column that says which product it is for.
_AMOUNTS = (
    ("lead", "product", "expected_amount"),
    ("lead", "product", "amount"),
    ("contract", "edition", "amount"),
)


def below_floor(book: CleanBook, as_of: date) -> list[Finding]:
    """AMT-06: an offered or agreed amount below the list price times the lowest discount.

    The price is that of one unit of the product (or edition) named in the row, the cheapest where
    the list has several; a larger quantity only raises the amount. 预计成交金额 counts as an offer
    from the proposal stage on. The floor is the price's own, else the setting 折扣底线.
    """
    prices = _floors(book, as_of)
    result: list[Finding] = []
    if prices.empty:
        return result
    for kind, product, key in _AMOUNTS:
        table = book.tables.get(kind)
        if table is None or not {product, key} <= set(table.data):
            continue
        names = values(table, product)
        found = prices.reindex(folded(names)).set_axis(names.index)
        amounts = values(table, key)
        low = (amounts > 0) & (amounts < found["floor"])
        if key == "expected_amount":
            low &= _offered(book, table)
        facts = pd.DataFrame(
            {
                "floor": [f"{x:,.0f}" for x in found["floor"][low]],
                "price": [f"{x:,.0f}" for x in found["price"][low]],
                "ratio": [f"{x:.0%}" for x in found["ratio"][low]],
                "product": [f"“{name}”" for name in names[low]],
            },
            index=names.index[low],
        )
        result += report(table, "AMT-06", key, facts)
    return result


def _floors(book: CleanBook, as_of: date) -> pd.DataFrame:
    """Return price, ratio and floor by product and edition name, the lowest floor of each."""
    table = book.tables.get("price")
    if table is None or not {"list_price"} <= set(table.data):
        return pd.DataFrame()
    rows = pd.DataFrame(
        {
            "price": values(table, "list_price"),
            "ratio": values(table, "floor_discount").astype("float64")
            if "floor_discount" in table.data
            else np.nan,
            "since": values(table, "valid_from"),
            "product": folded(values(table, "product")),
            "edition": folded(values(table, "edition")),
        }
    )
    rows = rows[(rows["price"] > 0) & ~(rows["since"] > pd.Timestamp(as_of))]
    rows = rows.sort_values("since", na_position="first", kind="stable")
    rows = rows.drop_duplicates(["product", "edition"], keep="last")
    rows["ratio"] = rows["ratio"].fillna(book.kit.number("discount_floor"))
    rows["floor"] = rows["price"] * rows["ratio"]
    named = pd.concat([rows.assign(name=rows[key]) for key in ("product", "edition")])
    named = named.dropna(subset="name").sort_values("floor", kind="stable")
    return named.drop_duplicates("name").set_index("name")[["price", "ratio", "floor"]]


def _offered(book: CleanBook, table: CleanTable) -> pd.Series:
    """Say which leads have a proposal, and are neither won (the agreed amount counts) nor lost."""
    stages = {
        text: s.kind == "open" and PHASES.index(s.phase) >= PHASES.index("proposal")
        for text, s in book.kit.pipeline.by_label.items()
    }
    return values(table, "status").map(stages) == True  # noqa: E712
