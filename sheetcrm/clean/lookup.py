"""What a table has for the texts of a column."""

from collections.abc import Mapping

import numpy as np
import pandas as pd


def looked_up(texts: pd.Series, table: Mapping[str, object]) -> np.ndarray:
    """Return what a table has for every text of a column, each distinct one looked up once.

    NaN where there is no text, or the table does not have it.
    """
    codes, distinct = pd.factorize(texts.to_numpy("object"))
    found = np.empty(len(distinct) + 1, dtype="object")
    found[:] = [*(table.get(text, np.nan) for text in distinct), np.nan]
    values: np.ndarray = found[codes]
    return values
