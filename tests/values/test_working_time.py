"""Working days and hours with public holidays, make-up days and a company's own exceptions."""

from datetime import date, timedelta

import chinese_calendar
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.values.working_time import (
    FIRST_YEAR,
    LAST_YEAR,
    WHOLE_DAY,
    Hours,
    is_provisional,
    provisional_note,
    work_calendar,
)

PUBLIC = work_calendar()
DAYS = st.dates(date(FIRST_YEAR, 6, 1), date(LAST_YEAR, 1, 1))
OFFICE = Hours(9.0, 18.0)


@pytest.mark.parametrize(
    ("start", "count", "expected"),
    [
        ("2024-02-09", 1, "2024-02-18"),  # Spring Festival, a Sunday made up for it
        ("2024-04-03", 1, "2024-04-07"),
        ("2024-09-30", 1, "2024-10-08"),
        ("2025-01-27", 1, "2025-02-05"),
        ("2026-02-13", 1, "2026-02-14"),  # a Saturday that is worked
        ("2024-06-07", 1, "2024-06-11"),
        ("2024-06-08", 0, "2024-06-08"),
        ("2024-06-11", -1, "2024-06-07"),
        ("2026-06-14", -1, "2026-06-12"),  # from a Sunday, as WORKDAY counts
        ("2026-06-14", -2, "2026-06-11"),
    ],
)
def test_add(start, count, expected):
    assert PUBLIC.add(date.fromisoformat(start), count) == date.fromisoformat(expected)


def test_every_day__two_libraries_agree():
    day, last = date(2018, 1, 1), date(2026, 12, 31)
    differing = []
    while day <= last:
        if PUBLIC.is_working(day) != chinese_calendar.is_workday(day):
            differing.append(day)
        day += timedelta(1)
    assert differing == []


def test_exceptions__over_the_public_calendar():
    company = work_calendar({date(2024, 5, 11): False, date(2024, 5, 18): True})
    assert PUBLIC.is_working(date(2024, 5, 11))  # made up for the May holiday
    assert not company.is_working(date(2024, 5, 11))
    assert company.is_working(date(2024, 5, 18))
    assert company.add(date(2024, 5, 10), 6) == date(2024, 5, 18)


@pytest.mark.parametrize(("year", "provisional"), [(2018, False), (2026, False), (2040, True)])
def test_provisional(year, provisional):
    assert is_provisional(year) is provisional
    assert bool(provisional_note(date(year, 5, 1))) is provisional


def test_outside__says_so():
    with pytest.raises(ValueError, match="outside"):
        PUBLIC.is_working(date(1999, 12, 31))
    with pytest.raises(ValueError, match="outside"):
        PUBLIC.add(date(LAST_YEAR, 12, 30), 30)
    column = pd.Series(["1899-12-31", None, "2024-05-06"], dtype="datetime64[us]")
    assert np.isnan(PUBLIC.days(column, pd.Timestamp("2024-05-07")).to_numpy()).tolist() == [
        *(True, True),
        False,
    ]
    assert PUBLIC.deadlines(column, 1).isna().tolist() == [True, True, False]


@given(DAYS, st.integers(0, 40))
@settings(max_examples=200, deadline=None)
def test_add_then_between__is_the_count(day, count):
    assert PUBLIC.between(day, PUBLIC.add(day, count)) == count


@given(DAYS, st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_add__back_from_any_day(day, count):
    found = PUBLIC.add(day, -count)
    assert len(PUBLIC.listed(found, day - timedelta(1))) == count
    assert PUBLIC.is_working(found)


@given(st.lists(st.tuples(DAYS, DAYS), min_size=1, max_size=20), st.integers(-10, 10))
@settings(max_examples=100, deadline=None)
def test_columns__do_what_days_do(pairs, count):
    first = pd.Series(pd.to_datetime([a for a, _ in pairs]).astype("datetime64[us]"))
    last = pd.Series(pd.to_datetime([b for _, b in pairs]).astype("datetime64[us]"))
    assert PUBLIC.days(first, last).tolist() == [PUBLIC.between(a, b) for a, b in pairs]
    due = [d.date() for d in PUBLIC.deadlines(first, count)]
    assert due == [PUBLIC.add(a, count) for a, _ in pairs]


@pytest.mark.parametrize(
    ("first", "last", "counted", "expected"),
    [
        ("2024-05-06 10:00", "2024-05-06 14:00", OFFICE, 4),
        ("2024-05-06 17:00", "2024-05-07 10:00", OFFICE, 2),
        ("2024-05-06 20:00", "2024-05-07 08:00", OFFICE, 0),
        ("2024-05-10 17:00", "2024-05-13 10:00", OFFICE, 11),  # 05-11, a Saturday, is worked
        ("2024-05-17 17:00", "2024-05-20 10:00", OFFICE, 2),
        ("2024-05-17 17:00", "2024-05-20 17:00", WHOLE_DAY, 24),  # rests over the weekend
        ("2024-05-18 10:00", "2024-05-20 09:00", WHOLE_DAY, 9),
        ("2024-05-07 10:00", "2024-05-06 10:00", OFFICE, -9),
    ],
)
def test_hours(first, last, counted, expected):
    start = pd.Series(pd.to_datetime([first]).astype("datetime64[us]"))
    assert PUBLIC.hours(start, pd.Timestamp(last), counted).tolist() == [expected]
