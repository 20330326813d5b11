"""Several talks in one cell: 3.5 电话沟通，要报价；3.12 上门拜访. Each begins with its day."""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, time
from functools import lru_cache

from sheetcrm.values.dates import MonthDay

_NARROW = {
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)},
    **dict.fromkeys(map(ord, "‐‑‒–—―−－"), "-"),
    0x3000: " ",
}
# Where one talk may end and the next begin: a line always, a clause if it begins with a day.
_PIECE = re.compile(r"[①-⑳]?[^\n\r\u2028;。①-⑳]*(?:[\n\r\u2028;。]+|(?=[①-⑳])|$)")
_BULLET = re.compile(r"[\s\-*·•●○◆◇■□▪►>→√]*[\[(【<《「]?\s*")
_MARK = re.compile(
    r"(?:[(]?\d{1,2}[)]|\d{1,2}\s?[.、:](?=\s*[\[(【]?\d)|[①-⑳]"
    r"|第[一二三四五六七八九十\d]{1,3}次(?:跟进|沟通|拜访|回访|联系)?[:,、]?|[一二三四五六七八九十]{1,2}、)\s*"
)
_NAME = re.compile(r"([\u4e00-\u9fff]{2,4})\s*[:,、]?\s*")
_FULL = re.compile(
    r"(?P<year>20\d\d|(?:1[5-9]|[2-4]\d))\s?(?:年|[-/.])\s?(?P<month>\d{1,2})\s?(?:月|[-/.])"
    r"\s?(?P<day>\d{1,2})\s?[日号]?(?!\d|[-/.]\d)"
)
_COMPACT = re.compile(r"(?P<year>20\d\d)(?P<month>0[1-9]|1[0-2])(?P<day>[0-3]\d)(?![\d.万元])")
_SPOKEN = re.compile(r"(?P<month>\d{1,2})\s?月\s?(?P<day>\d{1,2})\s?(?:[日号]|(?!\d|[-/.]\d))")
_SHORT = re.compile(r"(?P<month>\d{1,2})(?P<mark>[-/.])(?P<day>\d{1,2})[日号]?(?!\d|[-/.,]\d)")
# Behind 3-5 there must be something that ends a date: 3-5 may as well be 三到五.
_ENDS = re.compile(r"[\s:)\]】>》」日号]|,\s*\D")
# 3.5 in front of these is a quantity, not a day.
_UNIT = re.compile(
    r"\s*(?:[%‰℃°㎡㎥$￥¥€]|[亿仟佰兆千]|万(?!科|达|总|华|向|经理|先生|女士)|百(?!度|事|联|胜)"
    r"|(?:k[gmvw]?|kva|g|t|[cm]?m\d?|w|v|[gmt]b|g?hz|mpa|m?l|h|s|p|x|usd|rmb|inch|pro)(?![a-z])"
    r"|元(?!旦)|块|角|美[元金]|折|倍|寸|英寸|毫|厘米?|公[斤里分顷升]|[立平]方|平(?!台|安)|克|斤|吨|升|亩"
    r"|度(?!假)|版|代(?!理|表)|期|级|星|层|楼|台(?!州|湾|塑)|套|件|次(?!日)|个|人(?!事|力|员)|位"
    r"|家(?!访|具|电|里|人|长)|年|月|天(?!津|猫|能|河)|小时|分(?!享|析|别|公司)|秒|点(?!单|评|检)"
    r"|周(?=[期内,。;\s]|以|左右|后|时|完成|交|$)|成(?!交|功|立|单|员|都)|米(?!兰)|号线|系列"
    r"|以[上下内]|左右|多(?!次|方|家|轮)|[+＋×*=])",
    re.IGNORECASE,
)
# A deadline, or a stretch of days.
_UNTIL = re.compile(
    r"\s*(?:之?前(?!往|去|台|期)|为止|截止|到期|之?后(?!续|期|台)|起(?!草|诉)|左右|[-~～—至到]\s?\d|[、,]\s?\d{1,2}[日号])"
)
_CLOSING = re.compile(r"\s*[\])】>》」]?")
_WEEKDAY = re.compile(r"\s*[(]?(?:星期|周|礼拜)[一二三四五六日天1-7][)]?")
_CLOCK = re.compile(
    r"\s*(?:凌晨|早上|早|上午|中午|下午|傍晚|晚上|晚)?\s*(?:\d{1,2}(?::\d{2}(?::\d{2})?|[点时](?:\d{1,2}分?|半)?)(?!\d))?"
    r"(?:am|pm)?",
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"[\s:,、.\-|/)\]】]*")
_WHO = re.compile(
    r"[(\[【]?([\u4e00-\u9fff]{2,4})[)\]】]?\s*[:,、\-\s]\s*|[(\[【]([\u4e00-\u9fff]{2,4})[)\]】]"
)
_PLAN = re.compile(r"(?:计划|预计|打算|拟(?!定|好)|下次|再(?:联系|约|沟通|跟|谈|打|访|看|议|说))")
_CLAUSE = re.compile(r"(?:^|(?<=[\s,、]))(?=[\d第])")
_METHODS = (
    ("电话", re.compile(r"电话|电联|致电|去电|来电|通话|打电话")),
    ("微信", re.compile(r"微信|加微")),
    ("邮件", re.compile(r"邮件|发邮|邮箱")),
    ("拜访", re.compile(r"上门|拜访|登门|走访|实地|到访|初访|回访(?=客户现场)")),
    ("面谈", re.compile(r"面谈|见面|面访|当面|来访")),
    ("线上", re.compile(r"线上|视频|腾讯会议|钉钉会议")),
)
_FEW = 2


@dataclass(frozen=True)
class Talk:
    """One talk: its day, without a year where none is written, what was said, and who told it."""

    day: date | MonthDay
    text: str = ""
    who: str = ""

    @property
    def method(self) -> str:
        """How they talked, where the text begins with it; empty where it does not."""
        return next((name for name, words in _METHODS if words.match(self.text)), "")


@dataclass(frozen=True)
class TalkText:
    """What a cell tells, in its order.

    `dated` says that it begins with a day. `doubt` is in Chinese why the talks are not sure, empty
    where they are. `mentions` are days that stand in the text of a talk, by its position: they may
    be those of further talks.
    """

    talks: tuple[Talk, ...] = ()
    dated: bool = False
    doubt: str = ""
    mentions: tuple[tuple[int, date | MonthDay], ...] = ()


@dataclass(frozen=True)
class _Head:
    """The day a piece begins with, and where its text does; `bare`: only digits and a point."""

    day: date | MonthDay | None
    end: int
    who: str = ""
    bare: bool = False


@lru_cache(maxsize=4096)
def read_talks(cell: str, people: frozenset[str] = frozenset()) -> TalkText:
    """Read the talks of a cell; none where no line of it begins with a day.

    Args:
        cell: The text.
        people: Names that may stand before or behind the day.
    """
    shadow = _shadow(cell)
    begun: list[tuple[_Head, list[tuple[int, int]]]] = []
    first = True
    dated = False
    for piece in _PIECE.finditer(shadow):
        if not piece[0].strip():
            continue
        head = _head(piece[0], people)
        if head and head.bare and not _has_text(piece[0][head.end :]):
            head = None  # 3.5 alone is a number
        if head:
            begun.append((head, [(piece.start() + head.end, piece.end())]))
            dated = dated or first
        elif begun:
            begun[-1][1].append((piece.start(), piece.end()))
        first = False
    return _told(cell, shadow, begun, dated=dated)


def _told(
    cell: str,
    shadow: str,
    begun: list[tuple[_Head, list[tuple[int, int]]]],
    *,
    dated: bool,
) -> TalkText:
    doubt = ""
    talks: list[Talk] = []
    mentions: list[tuple[int, date | MonthDay]] = []
    for head, spans in begun:
        text = "".join(cell[start:end] for start, end in spans).strip(" \t\r\n\u3000；;")
        if head.day is None:
            doubt = doubt or "有一个日期不存在"
            continue
        if _PLAN.match(_shadow(text)):
            continue
        mentions += [
            (len(talks), day) for start, end in spans for day in _mentioned(shadow[start:end])
        ]
        talks.append(Talk(head.day, text, head.who))
    if _is_numbering([head for head, _ in begun]):
        doubt = "像是1.1、1.2这样的编号"
    return TalkText(tuple(talks), dated, doubt, tuple(mentions))


def _shadow(text: str) -> str:
    """Return a text of the same length with its full-width characters narrow and dashes alike."""
    return text.translate(_NARROW)


def _head(piece: str, people: Collection[str]) -> _Head | None:
    """Return the day that a piece begins with, behind its bullet, number or speaker."""
    start = _end(_BULLET, piece, 0)
    found = _dated(piece, start)
    if found is None and (mark := _MARK.match(piece, start)):
        found = _dated(piece, _end(_BULLET, piece, mark.end()))
    who = ""
    if found is None and (name := _NAME.match(piece, start)) and name[1] in people:
        found, who = _dated(piece, _end(_BULLET, piece, name.end())), name[1]
    if found is None:
        return None
    end = found.end
    for skipped in (_CLOSING, _WEEKDAY, _CLOCK, _WEEKDAY, _BETWEEN):
        end = _end(skipped, piece, end)
    behind = _WHO.match(piece, end) or _WHO.match(piece, max(end - 1, 0))
    if behind and not who and (said := behind[1] or behind[2]) in people:
        who, end = said, behind.end()
    return _Head(found.day, end, who, found.bare)


def _dated(piece: str, start: int) -> _Head | None:
    """Return the day at a place of a piece, of None where there is no such one; no deadline."""
    found = _day_at(piece, start)
    return None if found is None or _UNTIL.match(piece, found.end) else found


def _day_at(piece: str, start: int) -> _Head | None:
    for pattern in (_FULL, _COMPACT):
        if match := pattern.match(piece, start):
            year = int(match["year"])
            return _Head(_made(year + 2000 * (year < 100), match), match.end())
    if (match := _SPOKEN.match(piece, start)) and _is_day(match):
        return _Head(_partial(match), match.end())
    match = _SHORT.match(piece, start)
    if match is None or not _is_day(match) or _UNIT.match(piece, match.end()):
        return None
    sure = match["mark"] != "-" or match[0][-1] in "日号" or _ENDS.match(piece, match.end())
    return _Head(_partial(match), match.end(), bare=True) if sure else None


def _mentioned(text: str) -> Iterator[date | MonthDay]:
    """Yield the days that clauses inside a text begin with, without plans."""
    for place in _CLAUSE.finditer(text):
        at = place.start()
        mark = _MARK.match(text, at)
        found = _dated(text, at) or (_dated(text, mark.end()) if mark else None)
        if found and found.day and (not found.bare or _has_text(text[found.end :])):
            rest = text[_end(_BETWEEN, text, found.end) :]
            if not _PLAN.match(rest):
                yield found.day


def _is_day(match: re.Match[str]) -> bool:
    return 1 <= int(match["month"]) <= 12 and 1 <= int(match["day"]) <= 31


def _made(year: int, match: re.Match[str]) -> date | None:
    try:
        return date(year, int(match["month"]), int(match["day"]))
    except ValueError:
        return None


def _partial(match: re.Match[str]) -> MonthDay | None:
    """Return a day without a year, None where no year has it."""
    there = _made(2024, match)  # a leap year
    return MonthDay(int(match["month"]), int(match["day"]), time()) if there else None


def _has_text(rest: str) -> bool:
    return any(each.isalpha() for each in rest)


def _is_numbering(heads: list[_Head]) -> bool:
    """Say whether what looks like days goes 1.1, 1.2, 1.3."""
    days = [(h.day.month, h.day.day) for h in heads if h.bare and isinstance(h.day, MonthDay)]
    month = days[0][0] if days else 0
    return len(days) == len(heads) >= _FEW and days == [(month, n + 1) for n in range(len(days))]


def _end(pattern: re.Pattern[str], text: str, start: int) -> int:
    match = pattern.match(text, start)
    return match.end() if match else start
