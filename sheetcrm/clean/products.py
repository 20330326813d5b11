"""Lead tables with a row for each product of a customer: the rows are chances of their own."""

import pandas as pd

# So many rows are of a customer who stands above already, ...
_REPEATED = 0.3
# ... nearly all of them name a product, and hardly one names the same again.
_NAMED = 0.9
_AGAIN = 0.1


def a_row_a_product(leads: pd.DataFrame) -> bool:
    """Say whether customers of a lead table come again for each product they might buy.

    Args:
        leads: The rows of one lead table, or of one file; company and product may be missing.
    """
    if not {"company", "product"} <= set(leads.columns):
        return False
    named = leads.loc[leads["company"].notna(), ["company", "product"]]
    later = named["company"].duplicated()
    if not len(named) or later.sum() < _REPEATED * len(named):
        return False
    again = named.duplicated() & named["product"].notna()
    return bool(
        named["product"].notna().sum() >= _NAMED * len(named)
        and again.sum() <= _AGAIN * later.sum()
    )


def with_product(who: pd.Series, leads: pd.DataFrame) -> pd.Series:
    """Add the product to what tells customers apart; missing stays missing."""
    return who.astype("str") + "\x1f" + leads["product"].fillna("").astype("str")
