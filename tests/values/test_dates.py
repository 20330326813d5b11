from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sheetcrm.values.dates import MonthDay, parse_date, settle_year

MARCH_1 = datetime.fromisoformat("2024-03-01")


@pytest.mark.parametrize("cell", [date(2024, 3, 1), datetime.fromisoformat("2024-03-01")])
def test_parse_date__a_real_date_is_healthy(cell):
    assert parse_date(cell) == (MARCH_1, "", "", {})


@pytest.mark.parametrize(
    "cell",
    [
        "2024-03-01", "2024-3-1", "2024/3/1", "2024.3.1", "2024年3月1日", "2024年03月01号",
        "20240301", 20240301.0, 45352.0, "45352", " ２０２４－３－１ ", "2024年3月1日（星期五）",
        "2024 - 3 - 1", "2024-03-01 00:00:00",
    ],
)  # fmt: skip
def test_parse_date__written_forms_are_read(cell):
    result = parse_date(cell)
    assert (result.value, result.note, result.assumed) == (MARCH_1, "FMT-04", "2024-03-01")


@pytest.mark.parametrize(
    ("cell", "clock"),
    [
        ("2024-3-1 14:30", time(14, 30)),
        ("2024年3月1日 下午2点30分", time(14, 30)),
        ("2024-03-01T08:00:05", time(8, 0, 5)),
        ("2024/3/1 9:05 pm", time(21, 5)),
        (45352.25, time(6)),
    ],
)
def test_parse_date__with_a_time(cell, clock):
    assert parse_date(cell).value == datetime.combine(MARCH_1, clock)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("24.3.1", MARCH_1),
        ("3/1/2024", MARCH_1),
        ("2024年3月", datetime.fromisoformat("2024-03-31")),
        ("2024-02", datetime.fromisoformat("2024-02-29")),
    ],
)
def test_parse_date__two_readings_are_said(cell, value):
    result = parse_date(cell)
    assert (result.value, result.note) == (value, "FMT-03")


@pytest.mark.parametrize("cell", ["15/3/2024", "03/15/2024"])
def test_parse_date__only_one_reading_of_day_and_month(cell):
    assert parse_date(cell) == (
        datetime.fromisoformat("2024-03-15"),
        "FMT-04",
        "2024-03-15",
        {"fixed": "2024-03-15"},
    )


@pytest.mark.parametrize("cell", ["3月8日", "3/8", "3.8", "3-8"])
def test_parse_date__without_a_year(cell):
    result = parse_date(cell)
    assert (result.value, result.note) == (MonthDay(3, 8, time()), "FMT-03")


@pytest.mark.parametrize(
    "cell",
    [
        "2024-02-30", "2024-13-01", "2月30日", "尽快", "明年", "12:30", time(9), 3.0, 1e10, True,
        "13800138000", "2024-03-01 25:00", "1-2-3-4", timedelta(1),
    ],
)  # fmt: skip
def test_parse_date__not_a_date(cell):
    assert parse_date(cell) == (None, "TYP-02", "", {})


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)))
def test_parse_date__every_written_form_of_every_day(day):
    value = datetime.combine(day, time())
    serial = (day - date(1899, 12, 30)).days
    forms = (
        f"{day:%Y-%m-%d}", f"{day.year}/{day.month}/{day.day}", f"{day.year}.{day.month}.{day.day}",
        f"{day.year}年{day.month}月{day.day}日", f"{day:%Y%m%d}", float(f"{day:%Y%m%d}"),
        float(serial),
    )  # fmt: skip
    assert {parse_date(form).value for form in forms} == {value}


@given(st.one_of(st.text(), st.floats(), st.integers().map(float)))
def test_parse_date__anything_is_read_or_refused(cell):
    result = parse_date(cell)
    assert (result.value is None) == (result.note == "TYP-02")


@given(st.dates(date(1990, 1, 1), date(2099, 12, 31)), st.integers(-150, 150))
def test_settle_year__the_year_that_brings_it_near(day, days):
    near = day + timedelta(days)
    settled = settle_year(MonthDay(day.month, day.day, time()), near)
    assert settled is not None
    if (day.month, day.day) != (2, 29):
        assert settled.date() == day


def test_settle_year__turn_of_the_year():
    assert settle_year(MonthDay(12, 28, time()), date(2024, 1, 5)) == datetime.fromisoformat(
        "2023-12-28"
    )


def test_settle_year__no_leap_day_near():
    assert settle_year(MonthDay(2, 29, time()), date(2022, 3, 1)) is None


@pytest.mark.parametrize(
    ("cell", "doubt"),
    [
        ("03/07/2024", "月和日"),
        ("24.3.1", "两位"),
        ("2024年3月", "哪一天"),
        ("3月8日", "年份"),
    ],
)
def test_parse_date__says_what_is_unclear(cell, doubt):
    assert doubt in str(parse_date(cell).facts["doubt"])
