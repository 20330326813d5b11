"""Dates in words: what is read, what from, and that whatever is rendered in words comes back."""

from calendar import monthrange
from collections.abc import Callable
from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.values.dates import parse_date
from sheetcrm.values.relative_dates import Deadline, InWords, in_words
from sheetcrm.values.working_time import work_calendar

TUESDAY = date(2024, 3, 5)
days = st.dates(date(2001, 1, 1), date(2040, 12, 31))
CHINESE = "零一二三四五六七八九"


def read(text: str, base: date = TUESDAY) -> Deadline:
    words = in_words(text)
    assert words is not None
    found = words.on(base)
    assert found is not None
    return found


def chinese(number: int) -> str:
    """Return a number below 100 as it is written in Chinese."""
    tens, ones = divmod(number, 10)
    if not tens:
        return CHINESE[ones]
    return ("" if tens == 1 else CHINESE[tens]) + "十" + (CHINESE[ones] if ones else "")


@pytest.mark.parametrize(
    ("text", "day", "certainty"),
    [
        ("3月8日前", "2024-03-08", "limit"),
        ("3月8日之前", "2024-03-08", "limit"),
        ("三月八日以前完成", "2024-03-08", "limit"),
        ("最晚3月8日", "2024-03-08", "limit"),
        ("3/8前", "2024-03-08", "limit"),
        ("3月8日左右", "2024-03-08", "about"),
        ("8号前", "2024-03-08", "limit"),
        ("4号", "2024-04-04", "day"),
        ("3日内", "2024-03-08", "limit"),
        ("3天内", "2024-03-08", "limit"),
        ("三天之内回访", "2024-03-08", "limit"),
        ("3天后", "2024-03-08", "day"),
        ("3天前", "2024-03-02", "day"),
        ("今天", "2024-03-05", "day"),
        ("明天", "2024-03-06", "day"),
        ("次日", "2024-03-06", "day"),
        ("后天", "2024-03-07", "day"),
        ("昨天", "2024-03-04", "day"),
        ("前天", "2024-03-03", "day"),
        ("本周五", "2024-03-08", "day"),
        ("本周一", "2024-03-04", "day"),
        ("周一", "2024-03-11", "day"),
        ("周二", "2024-03-05", "day"),
        ("下周一", "2024-03-11", "day"),
        ("下下周三", "2024-03-20", "day"),
        ("上周五", "2024-03-01", "day"),
        ("下礼拜天", "2024-03-17", "day"),
        ("下周五前", "2024-03-15", "limit"),
        ("下周", "2024-03-17", "period"),
        ("本周内", "2024-03-10", "period"),
        ("周末", "2024-03-10", "period"),
        ("两周内", "2024-03-19", "limit"),
        ("1个月内", "2024-04-05", "limit"),
        ("半个月内", "2024-03-20", "limit"),
        ("半年内", "2024-09-05", "limit"),
        ("1年内", "2025-03-05", "limit"),
        ("月初", "2024-03-10", "period"),
        ("下月初", "2024-04-10", "period"),
        ("月中", "2024-03-20", "period"),
        ("月底", "2024-03-31", "period"),
        ("本月底前", "2024-03-31", "limit"),
        ("下个月", "2024-04-30", "period"),
        ("下月8号", "2024-04-08", "day"),
        ("3月", "2024-03-31", "period"),
        ("3月底", "2024-03-31", "period"),
        ("十二月月底", "2024-12-31", "period"),
        ("2月底", "2024-02-29", "period"),
        ("1月底", "2025-01-31", "period"),
        ("4月上旬", "2024-04-10", "period"),
        ("明年3月", "2025-03-31", "period"),
        ("今年3月8日前", "2024-03-08", "limit"),
        ("Q3", "2024-09-30", "period"),
        ("三季度末", "2024-09-30", "period"),
        ("第三季度", "2024-09-30", "period"),
        ("本季度", "2024-03-31", "period"),
        ("下季度末", "2024-06-30", "period"),
        ("年底", "2024-12-31", "period"),
        ("年中", "2024-06-30", "period"),
        ("明年上半年", "2025-06-30", "period"),
    ],
)  # fmt: skip
def test_in_words__counted_from_a_tuesday(text, day, certainty):
    found = read(text)
    assert (f"{found.value:%Y-%m-%d}", found.certainty) == (day, certainty)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("明天下午3点", "2024-03-06 15:00"),
        ("下周一上午十点半", "2024-03-11 10:30"),
        ("周三十点", "2024-03-06 10:00"),
        ("3月8日下午三点前", "2024-03-08 15:00"),
        ("今晚8点", "2024-03-05 20:00"),
        ("明早", "2024-03-06 00:00"),
    ],
)
def test_in_words__with_a_time(text, moment):
    assert f"{read(text).value:%Y-%m-%d %H:%M}" == moment


@pytest.mark.parametrize(
    ("text", "day", "said"),
    [
        ("2024年3月上旬", "2024-03-10", "上旬"),
        ("2024年3月中旬", "2024-03-20", "中旬"),
        ("2024年3月下旬", "2024-03-31", "下旬"),
        ("2024年2月8日前", "2024-02-08", "期限"),
        ("2024Q3", "2024-09-30", "最后一天"),
        ("2024年三季度末", "2024-09-30", ""),
        ("24年底", "2024-12-31", ""),
        ("2024-03-08之前", "2024-03-08", "期限"),
    ],
)
def test_in_words__a_year_needs_no_base(text, day, said):
    result = parse_date(text)
    assert isinstance(result.value, datetime)
    assert (f"{result.value:%Y-%m-%d}", result.note) == (day, "FMT-03")
    assert said in str(result.facts["doubt"])


@pytest.mark.parametrize(
    "text",
    [
        "", "尽快", "近期", "改天", "节后", "年后", "年初", "明年", "今年", "5月前", "下周前",
        "三季度前", "3月8日后", "下周一以后", "2月30日前", "4月31日前", "13月底", "32号",
        "晚上12点", "三月初八", "正月十五", "几天后", "999年内", "客户说下周一再看看情况", "周",
        "月", "季度", "3", "明天" * 20,
    ],
)  # fmt: skip
def test_in_words__what_leaves_too_much_open(text):
    assert in_words(text) is None
    assert parse_date(text).note == "TYP-02"


@pytest.mark.parametrize(
    ("text", "base", "day"),
    [
        ("1个月内", "2024-01-31", "2024-02-29"),
        ("年底", "2024-01-10", "2024-12-31"),
        ("3月8日前", "2024-03-10", "2024-03-08"),  # just missed
        ("3月8日前", "2024-05-10", "2025-03-08"),
        ("1月底", "2024-12-20", "2025-01-31"),
        ("12月28日前", "2024-01-05", "2023-12-28"),
        ("2月29日前", "2024-05-01", "2028-02-29"),
        ("本月31号", "2024-02-05", None),
        ("月初", "2024-03-20", "2024-04-10"),
        ("31号", "2024-02-05", "2024-03-31"),
        ("下周一", "2024-12-30", "2025-01-06"),
        ("下周一", "2024-03-10", "2024-03-11"),  # a Sunday ends its week
        ("本季度", "2024-12-30", "2024-12-31"),
        ("下季度", "2024-12-30", "2025-03-31"),
        ("999个月后", "2190-01-01", None),
    ],
)
def test_in_words__turns_of_months_and_years(text, base, day):
    words = in_words(text)
    assert words is not None
    found = words.on(date.fromisoformat(base))
    assert (f"{found.value:%Y-%m-%d}" if found else None) == day


def test_in_words__working_days_know_the_holidays_and_the_company():
    words = in_words("3个工作日内")
    assert words is not None
    base = date(2024, 2, 9)  # the eve of the Spring Festival; 18 February is made up
    plain, own = words.on(base), words.on(base, {date(2024, 2, 19): False})
    assert plain is not None
    assert own is not None
    assert (plain.value.day, own.value.day) == (20, 21)
    before = in_words("1个工作日前")
    found = before.on(date(2026, 6, 14)) if before else None  # a Sunday
    assert found is not None
    assert found.value.day == 12


def _week(day: date, base: date) -> str:
    weeks = ((day - timedelta(day.weekday())) - (base - timedelta(base.weekday()))).days // 7
    return f"{('本', '下', '下下')[weeks]}周{'一二三四五六日'[day.weekday()]}"


def _month(day: date, base: date) -> str:
    months = (day.year - base.year) * 12 + day.month - base.month
    if day.day == monthrange(day.year, day.month)[1]:
        return f"{('本', '下', '下下')[months]}月底"
    return f"{('这', '下', '下下')[months]}个月{day.day}号"


# How many days ahead a way of saying it reaches, and how it is said.
RENDERED: tuple[tuple[int, Callable[[date, date], str]], ...] = (
    (330, lambda day, base: f"{(day - base).days}天内"),
    (330, lambda day, base: f"{(day - base).days}日之内"),
    (99, lambda day, base: f"{chinese((day - base).days)}天后"),
    (330, lambda day, base: f"{day.month}月{day.day}日前"),
    (330, lambda day, base: f"{chinese(day.month)}月{chinese(day.day)}日之前"),
    (330, lambda day, base: f"最晚{day.month}/{day.day}"),
    (330, lambda day, base: f"{day.year}年{day.month}月{day.day}号前完成"),
    (330, lambda day, base: f"{'今明'[day.year - base.year]}年{day.month}月{day.day}日"),
    (3, lambda day, base: ("今天", "明天", "后天", "大后天")[(day - base).days]),
    (14, _week),
    (58, _month),
    (27, lambda day, base: f"{day.day}号"),
)


@pytest.mark.parametrize(("farthest", "render"), RENDERED, ids=range(len(RENDERED)))
@settings(max_examples=40)
@given(base=days, data=st.data())
def test_in_words__what_is_rendered_in_words_comes_back(farthest, render, base, data):
    day = base + timedelta(data.draw(st.integers(0, farthest)))
    assert read(render(day, base), base).value == datetime.combine(day, time())


@given(days, st.integers(1, 60))
@settings(max_examples=40)
def test_in_words__working_days_are_those_of_the_calendar(base, count):
    assert read(f"{count}个工作日内", base).value.date() == work_calendar().add(base, count)


@given(
    days, st.sampled_from(["下周", "月底", "下月初", "三季度", "年底", "周末", "1个月内", "8号"])
)
def test_in_words__plans_lie_ahead(base, text):
    late = timedelta(31) if text == "三季度" else timedelta(0)
    assert read(text, base).value.date() >= base - late


pieces = st.sampled_from(
    [
        *"上下本这前后内天日周月年季底初末旬点半个到至约0123456789一二三十廿〇号第",
        "星期", "工作日", "之前", "以内", "下午", "明天", "Q", "截止", "完成", "20", "24", "-",
        "/", " ",
    ]
)  # fmt: skip


@given(st.one_of(st.text(), st.lists(pieces, max_size=8).map("".join)), days)
@settings(max_examples=300)
def test_in_words__any_text_is_read_or_refused(text, base):
    result = parse_date(text)
    assert (result.value is None) == (result.note == "TYP-02")
    if isinstance(result.value, InWords):
        found = result.value.on(base)
        assert found is None or 1900 <= found.value.year < 2200
