"""A table looked up for every text of a column."""

import numpy as np
import pandas as pd

from sheetcrm.clean.lookup import looked_up


def test_looked_up__each_text_or_nan() -> None:
    texts = pd.Series(["成交", None, "成交", "别的", "意向"], dtype="str")
    found = looked_up(texts, {"成交": 4.0, "意向": 1.0}).astype("float64")
    assert np.array_equal(found, [4.0, np.nan, 4.0, np.nan, 1.0], equal_nan=True)


def test_looked_up__nothing() -> None:
    assert looked_up(pd.Series([], dtype="str"), {"成交": 4.0}).tolist() == []
    assert pd.isna(looked_up(pd.Series([None, None], dtype="object"), {})).all()
