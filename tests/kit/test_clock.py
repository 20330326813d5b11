"""What is late against limits in hours, done or still waited for."""

from datetime import date

import pandas as pd
import pytest

from sheetcrm.kit.clock import clock
from sheetcrm.kit.load import load_kit

FRIDAY = date(2024, 6, 28)


@pytest.mark.parametrize(
    ("since", "limit", "late"),
    [
        ("2024-06-28 08:00", 4, False),  # the day is not over
        ("2024-06-27 21:00", 4, False),  # due on the day itself
        ("2024-06-27 19:00", 4, True),
        ("2024-06-27 10:00", 24, False),
        ("2024-06-26 23:00", 24, True),
        ("2024-06-28", 4, False),
        ("2024-06-27", 4, True),
        ("2024-06-27", 24, False),
        ("2024-06-29", 4, False),
        (None, 4, False),
    ],
)
def test_waiting__due_on_the_day_itself_is_not_late(since, limit, late):
    first = pd.Series(pd.to_datetime([since]))
    passed = clock(load_kit()).waiting(first, FRIDAY, limit)
    assert passed.late.tolist() == [late]


def test_waiting__in_office_hours():
    days = ["2024-06-27 17:00", "2024-06-27 10:00", "2024-06-26 00:00"]
    first = pd.Series(pd.to_datetime(days))
    time = clock(load_kit())
    passed = time.waiting(first, FRIDAY, 4, time.office)
    assert passed.late.tolist() == [False, True, True]
    assert passed.by_day.tolist() == [False, False, True]
