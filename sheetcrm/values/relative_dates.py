"""Dates in words, counted from a day of their row: 3天内, 下周一, 3月8日前, 本月底, 三季度末.

A text is read once, as what it asks for (`InWords`), and dated for each row by `InWords.on`. Three
conventions hold throughout, and every reading says which of them it used:

- a limit includes its own day (《民法典》第1259条: 以内 and 届满 include the number itself), so
  3月8日前 is 8 March;
- a period (下周, 3月, 三季度, 上旬) is its last day, so nobody is late before it is over;
- weeks are ISO weeks, Monday to Sunday, so 下周一 is the Monday of the week after the base's.

What leaves more open is not read: 尽快, 近期, 节后, 年初, 明年, 5月前 (before May, or its end?).
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from types import MappingProxyType
from typing import Literal, NamedTuple

from sheetcrm.values.clock import CLOCK, names_half_only, read_clock
from sheetcrm.values.numerals import with_digits
from sheetcrm.values.working_time import work_calendar

# day: the text names the day; about: it says 左右; limit: no later than; period: its last day.
Certainty = Literal["day", "about", "limit", "period"]
WorkingDays = Mapping[date, bool]

_YEARS = range(1900, 2200)
_NO_DAYS: WorkingDays = MappingProxyType({})
# A day without its year is the coming one; so many days back it is still the one just missed.
JUST_MISSED = 31
_LONGEST = 30
# Two days whose months, and whose neighbours, have 31 days: what is a date on neither is none.
_PROBES = (date(2024, 1, 15), date(2024, 7, 15))


@dataclass(frozen=True)
class Deadline:
    """A date in words, dated: the latest day it allows, how sure that is, and what was assumed."""

    value: datetime
    certainty: Certainty
    assumed: str


class _Day(NamedTuple):
    """What a form comes to.

    `end` says that the text names a day or an end, so that 前 behind it has one meaning; `how` is
    what was assumed, in Chinese.
    """

    day: date
    certainty: Certainty = "day"
    how: str = ""
    end: bool = True


class _Base(NamedTuple):
    day: date
    working_days: WorkingDays


_Rule = Callable[[re.Match[str], _Base], _Day | None]


@dataclass(frozen=True)
class InWords:
    """A date in words, read but not dated yet.

    `needs_base` is False where the text names its year (2024年3月上旬).
    """

    text: str
    needs_base: bool

    def on(self, base: date, working_days: WorkingDays = _NO_DAYS) -> Deadline | None:
        """Return the date as seen from `base`; None where there is no such day (2月30日前).

        Args:
            base: The day the text was written.
            working_days: The company's exceptions to the public calendar, for 3个工作日内.
        """
        read = _read(self.text)
        if read is None:
            return None
        try:
            found = read.rule(read.form, _Base(base, working_days))
        except (OverflowError, ValueError):  # beyond Python's calendar, or that of working days
            return None
        if found is None or found.day.year not in _YEARS or (read.limit and not found.end):
            return None
        certainty: Certainty = "limit" if read.limit else found.certainty
        if read.about and certainty == "day":
            certainty = "about"
        how = "，".join(filter(None, (found.how, read.said, "取期限当天" if read.limit else "")))
        return Deadline(datetime.combine(found.day, read.clock), certainty, how)


def in_words(text: str) -> InWords | None:
    """Return what a normalised (NFKC) text asks for; None where it is no date in words."""
    read = _read(text)
    if read is None:
        return None
    words = InWords(text, needs_base=not (_group(read.form, "year") or "")[:1].isdigit())
    return words if any(words.on(day) for day in _PROBES) else None


class _Read(NamedTuple):
    rule: _Rule
    form: re.Match[str]
    clock: time
    limit: bool
    about: bool
    said: str


_BEFORE = re.compile(
    r"^(?:截止日期|截止时间|截止到|截止|截至|最晚|最迟|不晚于|务必|必须|争取|计划|拟)+"
)
_ABOUT = re.compile(r"^(?:预计|估计|大约|大概|约)|(?:左右|前后)$")
_LIMIT = re.compile(r"(?:之前|以前|前|之内|以内|内|为止|截止)$")
_PURPOSE = re.compile(
    r"(?:再次|再|去|要|需|可)?(?:电话|上门|微信|邮件)?"
    r"(?:完成|交付|跟进|联系|回访|拜访|回复|答复|反馈|签约|签合同|采购|下单|付款|见面|沟通|到期|到货)$"
)
_CLOCK_BEHIND = re.compile(rf"(?P<front>.+?){CLOCK}", re.IGNORECASE)
_SHORT = re.compile(r"^([昨今明])(?=[早晚])")  # 明早, 今晚


def _read(text: str) -> _Read | None:
    """Match a text against the forms, with what may stand before and behind them taken off."""
    if len(text) > _LONGEST:
        return None
    bare = re.sub(r"[\s,，。;；!！]+", "", with_digits(text)).lower()
    bare = _SHORT.sub(r"\1天", _PURPOSE.sub("", bare))
    bare, limited = _BEFORE.subn("", bare)
    bare, about = _ABOUT.subn("", bare)
    form = _form(bare)
    if form:  # 3天内, 1周后: the word behind belongs to the form
        return _Read(*form, time(), bool(limited), bool(about), "")
    shorter, behind = _LIMIT.subn("", bare)
    limit = bool(limited or behind)
    if form := _form(shorter):
        return _Read(*form, time(), limit, bool(about), "")
    clock = _CLOCK_BEHIND.fullmatch(shorter)
    if not clock or not (form := _form(clock["front"])):
        return None
    moment = read_clock(clock)
    if moment is None:
        return None
    said = "没有写几点" if names_half_only(clock) else ""
    return _Read(*form, moment, limit, bool(about), said)


def _form(text: str) -> tuple[_Rule, re.Match[str]] | None:
    for pattern, rule in _FORMS:
        if match := pattern.fullmatch(text):
            return rule, match
    return None


_NEAR_DAYS = {
    **dict.fromkeys(("大前天",), -3), **dict.fromkeys(("前天", "前日"), -2),
    **dict.fromkeys(("昨天", "昨日"), -1),
    **dict.fromkeys(("今天", "今日", "当天", "当日", "本日"), 0),
    **dict.fromkeys(("明天", "明日", "次日", "隔天", "第2天"), 1),
    **dict.fromkeys(("后天", "后日"), 2), **dict.fromkeys(("大后天",), 3),
}  # fmt: skip
_STEPS = {"上上": -2, "上": -1, "下下": 2, "下": 1}
_YEAR_STEPS = {"去年": -1, "今年": 0, "本年": 0, "当年": 0, "明年": 1, "后年": 2}
_DAYS_OF = {"天": 1, "日": 1, "周": 7, "星期": 7, "礼拜": 7}
_MONTHS_OF = {"月": 1, "季度": 3, "年": 12}
# Where a tenth of a month ends; 月初 and 月中 are read as 上旬 and 中旬.
_TENTHS = {"初": 10, "上旬": 10, "中": 20, "中旬": 20}
_TO_END = ("底", "末", "内")


def _near_day(match: re.Match[str], base: _Base) -> _Day:
    return _Day(base.day + timedelta(_NEAR_DAYS[match["word"]]))


def _weekday(match: re.Match[str], base: _Base) -> _Day:
    """周五, 本周五, 下周一, 下周末, 下周: a bare day of the week is the coming one."""
    which, name = match["which"], _group(match, "weekday")
    monday = base.day - timedelta(base.day.weekday())
    number = 7 if name in ("日", "天", "末", None) else int(name)
    day = monday + timedelta(7 * _step(which) + number - 1)
    if which is None and day < base.day:
        day += timedelta(7)
    if name in (None, "末"):
        end = name == "末" or bool(_group(match, "inside"))
        return _Day(day, "period", "取那一周的周日", end)
    return _Day(day)


def _duration(match: re.Match[str], base: _Base) -> _Day:
    """3天内, 1个月内, 两周后, 3天前, 5个工作日内: so many units from the base."""
    count = int(match["count"]) * _sign(match)
    unit = match["unit"].removeprefix("个")
    if unit == "工作日":
        return _away(match, work_calendar(base.working_days).add(base.day, count), "只算工作日")
    if unit in _DAYS_OF:
        return _away(match, base.day + timedelta(count * _DAYS_OF[unit]))
    return _away(match, _months(base.day, count * _MONTHS_OF[unit]))


def _half(match: re.Match[str], base: _Base) -> _Day:
    """半个月内, 半年后: 15 days, or 6 months."""
    if match["unit"] == "年":
        return _away(match, _months(base.day, 6 * _sign(match)))
    return _away(match, base.day + timedelta(15 * _sign(match)), "半个月算15天")


def _sign(match: re.Match[str]) -> int:
    return -1 if "前" in match["direction"] else 1


def _away(match: re.Match[str], day: date, how: str = "") -> _Day:
    if "内" not in match["direction"]:
        return _Day(day, how=how)
    return _Day(day, "limit", "，".join(filter(None, (how, "取最后一天"))))


def _month(match: re.Match[str], base: _Base) -> _Day | None:
    """月底, 本月8号, 下月初, 下个月: a month counted from the base's."""
    which = _group(match, "which")
    first = _months(base.day.replace(day=1), _step(which))
    found = _in_month(first, match)
    if which is None and found and found.day < base.day:  # 月初 on the 20th
        found = _in_month(_months(first, 1), match)
    return found


def _calendar_month(match: re.Match[str], base: _Base) -> _Day | None:
    """3月底, 明年3月, 今年3月8日, 2024年3月上旬."""
    month = int(match["month"])
    if not 1 <= month <= 12:
        return None
    return _in_year(match["year"], base, lambda year: _in_month(date(year, month, 1), match))


def _day_of_month(match: re.Match[str], base: _Base) -> _Day | None:
    """8号: the coming one."""
    first = base.day.replace(day=1)
    for month in (_months(first, step) for step in range(3)):
        found = _in_month(month, match)
        if found and found.day >= base.day:
            return found._replace(how="没有写月份")
    return None


def _quarter(match: re.Match[str], base: _Base) -> _Day | None:
    """三季度末, 2024Q3, 本季度, 下季度末."""
    end = bool(match["part"])
    how = "" if end else "取最后一天"
    if number := _group(match, "number"):
        return _in_year(
            match["year"], base, lambda year: _Day(_last(year, 3 * int(number)), "period", how, end)
        )
    own = date(base.day.year, (base.day.month + 2) // 3 * 3, 1)
    month = _months(own, 3 * _step(match["which"]))
    return _Day(_last(month.year, month.month), "period", how, end)


def _year_part(match: re.Match[str], base: _Base) -> _Day | None:
    """年底, 明年上半年, 今年内, 2024年底."""
    part = match["part"]
    half = "半年" in part
    month = 6 if part in ("上半年", "中") else 12
    how = "取最后一天" if half else "取6月底" if month == 6 else ""
    year = _group(match, "year") or "今年"
    return _in_year(year, base, lambda named: _Day(_last(named, month), "period", how, not half))


def _in_month(first: date, match: re.Match[str]) -> _Day | None:
    length = monthrange(first.year, first.month)[1]
    if day := _group(match, "day"):
        return _Day(first.replace(day=int(day))) if int(day) <= length else None
    part = _group(match, "part")
    if part in _TENTHS:
        tenth = "上旬" if _TENTHS[part] == 10 else "中旬"
        return _Day(first.replace(day=_TENTHS[part]), "period", f"取{tenth}最后一天", end=False)
    end = part in _TO_END
    how = "" if end else "取下旬最后一天" if part else "没有写哪一天，取最后一天"
    return _Day(first.replace(day=length), "period", how, end)


def _in_year(text: str | None, base: _Base, made: Callable[[int], _Day | None]) -> _Day | None:
    """Return the day of a named year, or of the year that makes it the coming one."""
    if text in _YEAR_STEPS:
        return made(base.day.year + _YEAR_STEPS[text])
    if text:
        number = int(text.rstrip("年"))
        return made(number + 2000 if number < 100 else number)
    for year in range(base.day.year - 1, base.day.year + 5):  # 29 February may be years away
        found = made(year)
        if found and found.day >= base.day - timedelta(JUST_MISSED):
            return found._replace(how="，".join(filter(None, ("没有写年份", found.how))))
    return None


def _months(day: date, count: int) -> date:
    """Return the same day some months on; the last of the month where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _last(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def _step(which: str | None) -> int:
    return _STEPS.get((which or "").removesuffix("个"), 0)


def _group(match: re.Match[str], name: str) -> str | None:
    return match.groupdict().get(name)


_YEAR = r"(?P<year>[去今明后本当]年|\d{4}年|\d{2}年)"
_WHICH = r"(?P<which>上上个?|上个?|本|这个?|当|下下个?|下个?)"
_WEEK = r"(?:周|星期|礼拜)"
_PART = r"(?P<part>[初中底末内]|[上中下]旬)"
_DAY = r"(?P<day>0?[1-9]|[12]\d|3[01])"
_DIRECTION = r"(?P<direction>之内|以内|内|之后|以后|后|之前|以前|前)"
_COUNT = r"(?:未来|最近|近|今后|接下来)?(?P<count>\d{1,3})"
_UNIT = r"(?P<unit>个?工作日|天|个月|个季度|年|个?周|个?星期|个?礼拜)"
_FORMS: tuple[tuple[re.Pattern[str], _Rule], ...] = tuple(
    (re.compile(pattern), rule)
    for pattern, rule in (
        (rf"(?P<word>{'|'.join(_NEAR_DAYS)})", _near_day),
        (rf"{_COUNT}{_UNIT}{_DIRECTION}", _duration),
        (rf"{_COUNT}(?P<unit>日)(?P<direction>之内|以内|内|之后|以后|后)", _duration),
        (rf"半(?P<unit>个?月|年){_DIRECTION}", _half),
        (rf"{_WHICH}?{_WEEK}(?P<weekday>[1-6日天末])", _weekday),
        (rf"{_WHICH}{_WEEK}(?P<inside>内)?", _weekday),
        (rf"{_WHICH}?月份?{_PART}", _month),
        (r"(?P<part>[上中下]旬)", _month),
        (rf"{_WHICH}月份?(?:{_DAY}[日号]?)?", _month),
        (rf"{_YEAR}?的?(?P<month>\d{{1,2}})月(?:份?月?{_PART}|份)?", _calendar_month),
        (rf"{_YEAR}?的?(?P<month>\d{{1,2}})月{_DAY}[日号]?", _calendar_month),
        (rf"(?:(?P<year>\d{{4}})[-/.])?(?P<month>\d{{1,2}})[-/.]{_DAY}", _calendar_month),
        (rf"{_DAY}[日号]", _day_of_month),
        (
            r"(?=.*[q季])(?P<year>[去今明后本当]年|\d{4}年?|\d{2}年)?"
            r"第?q?(?P<number>[1-4])(?:季度?)?(?P<part>[末底内])?",
            _quarter,
        ),
        (rf"{_WHICH}?季度?(?P<part>[末底])", _quarter),
        (rf"{_WHICH}季度?(?P<part>内)?", _quarter),
        (rf"{_YEAR}?(?P<part>[上下]半年)", _year_part),
        (rf"{_YEAR}年?(?P<part>[底末中内])", _year_part),
        (r"年(?P<part>[底末中内])", _year_part),
    )
)
