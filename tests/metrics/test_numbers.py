"""Sums, medians and days on arrays: the same as those of pandas."""

from datetime import datetime

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.metrics.numbers import (
    Groups,
    days_between,
    known,
    mean,
    median,
    total,
    whole_days,
)

AMOUNTS = st.one_of(st.none(), st.integers(-(10**9), 10**9).map(lambda cents: cents / 4))
MOMENTS = st.one_of(
    st.none(), st.datetimes(*map(datetime.fromisoformat, ("1900-01-01", "2100-01-01")))
)
ROWS = st.lists(st.tuples(st.sampled_from(["甲", "乙", "丙", None]), AMOUNTS), max_size=40)


@given(ROWS)
def test_groups__totals_and_medians_as_pandas_has_them(rows: list[tuple[str, float]]) -> None:
    frame = pd.DataFrame(rows, columns=["name", "amount"]).astype(
        {"name": "str", "amount": "float64"}
    )
    groups = Groups.of(frame["name"])
    amounts = frame["amount"].to_numpy()
    by = frame.groupby("name", sort=False)["amount"]
    assert dict(zip(groups.names, groups.totals(amounts), strict=True)) == by.sum().to_dict()
    assert dict(zip(groups.names, groups.sizes(), strict=True)) == by.size().to_dict()
    filled = frame["amount"].notna().to_numpy()
    assert dict(zip(groups.names, groups.sizes(filled), strict=True)) == by.count().to_dict()
    assert groups.sums(filled) == groups.sizes(filled)
    medians = {name: None if pd.isna(m) else m for name, m in by.median().to_dict().items()}
    assert dict(zip(groups.names, groups.medians(amounts), strict=True)) == medians


@given(st.lists(AMOUNTS, max_size=30))
def test_figures__of_the_known_values(amounts: list[float]) -> None:
    values = np.array(amounts, dtype="float64")
    column = pd.Series(values)
    assert total(values) == column.sum()
    assert len(known(values)) == column.count()
    for ours, theirs in ((mean(values), column.mean()), (median(values), column.median())):
        assert ours == (None if pd.isna(theirs) else pytest.approx(theirs))


@given(st.lists(st.tuples(MOMENTS, MOMENTS), max_size=20))
def test_days__between_moments_also_backwards(pairs: list[tuple[datetime, datetime]]) -> None:
    frame = pd.DataFrame(pairs, columns=["start", "end"]).astype("datetime64[us]")
    start, end = (frame[key].to_numpy() for key in ("start", "end"))
    expected = (frame["end"] - frame["start"]).dt.days.astype("float64")
    assert np.array_equal(days_between(start, end), expected.to_numpy(), equal_nan=True)
    floored = frame["start"].dt.floor("D").to_numpy()
    assert np.array_equal(whole_days(start), floored, equal_nan=True)


def test_groups__nobody() -> None:
    groups = Groups.of(pd.Series([], dtype="str"))
    assert (groups.names, groups.sizes(), groups.totals(np.empty(0))) == ((), [], [])
