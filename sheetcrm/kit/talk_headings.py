"""Headings of columns that tell of talks: 跟进情况, and a column a talk: 第一次跟进, 跟进内容2."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sheetcrm.kit.headings import read_heading

Part = Literal["day", "text", "both", "who", "plan"]

_DIGITS = {text: n for n, text in enumerate("一二三四五六七八九十", 1)} | {
    "首": 1,
    "初": 1,
    "两": 2,
}
_WORD = r"跟进|跟踪|追踪|沟通|拜访|回访|走访|洽谈|联系|电联|电访|访问|接洽"
_NUMBER = r"(?P<{0}>\d{{1,2}}|[一二三四五六七八九十首初])"
# 第一次跟进时间, 首次拜访, 二访, 3次跟进情况.
_BEFORE = re.compile(
    rf"(?:客户)?(?:第?{_NUMBER.format('n')}次(?P<word>{_WORD})|{_NUMBER.format('m')}(?P<visit>访))(?P<rest>.*)"
)
# 跟进1, 跟进时间1, 跟进记录(2), 跟进内容第3次.
_BEHIND = re.compile(
    rf"(?:客户)?(?P<word>{_WORD})(?P<rest>[^\d(（]*?)[(（]?第?{_NUMBER.format('n')}次?[)）]?"
)
_PLAIN = re.compile(rf"(?:客户)?(?P<word>{_WORD})(?P<rest>.*)")
_NEXT = re.compile(rf"(?:下次|下一次|计划)(?P<word>{_WORD})(?P<rest>时间|日期)?(?P<n>\d{{1,2}})?")
_PARTS: dict[str, Part] = {
    **dict.fromkeys(("时间", "日期", "日", "的时间", "的日期"), "day"),
    **dict.fromkeys(
        ("内容", "情况", "结果", "详情", "说明", "描述", "纪要", "要点", "摘要"), "text"
    ),
    **dict.fromkeys(
        ("反馈", "进展", "概况", "备注", "详细情况", "的内容", "的情况", "内容及结果"), "text"
    ),
    **dict.fromkeys(
        ("", "记录", "情况记录", "时间及内容", "时间和内容", "日期及内容", "内容及时间"), "both"
    ),
    **dict.fromkeys(("人", "人员", "销售"), "who"),
}
# Where talks may be told one below the other in a cell; and what is about something to come.
_TOLD = re.compile(
    rf"{_WORD}|进展|动态|近况|反馈|follow|progress|contact ?log|activit", re.IGNORECASE
)
_REMARK = re.compile(r"备注|說明|说明|情况|记录|日志|note|remark|comment|log", re.IGNORECASE)
_COMING = re.compile(
    r"下次|下一|下步|计划|安排|待办|预计|后续|方式|频率|周期|次数|人员?$|阶段|状态|进度|是否"
)
# What a heading says so that its column is not read.
_NOT_COUNTED = re.compile(r"不计|不算|不统计")


@dataclass(frozen=True)
class TalkHeading:
    """A column of one of several talks: which kind of talk, the how manieth, which part of it.

    `number` is 0 where the heading does not say it: such headings are told by their order.
    """

    word: str
    number: int
    part: Part


def talk_heading(text: str) -> TalkHeading | None:
    """Take the heading of one of several talks apart; None for any other heading."""
    heading = read_heading(text)
    if _NOT_COUNTED.search(heading.whole):
        return None
    if match := _NEXT.fullmatch(heading.whole):
        return TalkHeading(match["word"], int(match["n"] or 0), "plan")
    if match := _BEFORE.fullmatch(heading.whole):
        said = match["n"] or match["m"]
        return _made(match["word"] or match["visit"], said, match["rest"])
    if match := _BEHIND.fullmatch(heading.whole):
        return _made(match["word"], match["n"], match["rest"])
    match = _PLAIN.fullmatch(heading.bare)
    return _made(match["word"], "", match["rest"]) if match else None


def tells_talks(text: str) -> Literal["talks", "remarks"] | None:
    """Say whether a column's cells may be talks: 跟进情况 are, 备注 may turn out to be."""
    whole = read_heading(text).whole
    if _NOT_COUNTED.search(whole) or _COMING.search(whole):
        return None
    if _TOLD.search(whole):
        return "talks"
    return "remarks" if _REMARK.search(whole) else None


def is_wide(texts: Sequence[str]) -> list[bool]:
    """Say of the headings of a sheet which are columns a talk, so that one table has many."""
    found = [series_of(text) for text in texts]
    return [each is not None and each[1] != "who" and found.count(each) > 1 for each in found]


def series_of(text: str) -> tuple[str, Part, str] | None:
    """Return what the headings of one part of several talks have in common."""
    found = talk_heading(text)
    if found is None:
        return None
    return found.word, found.part, "" if found.number else read_heading(text).bare


def under_talk(group: str, text: str) -> str:
    """Return the heading of a part under 第一次跟进 in two rows of headings; "" for none."""
    above = talk_heading(group)
    if above is None or not above.number or above.part != "both":
        return ""
    whole = f"{group.strip()}{text.strip().removeprefix(above.word)}"
    return whole if talk_heading(whole) else ""


def _made(word: str, number: str, rest: str) -> TalkHeading | None:
    part = _PARTS.get(rest.strip("-_:的 "))
    if part is None:
        return None
    return TalkHeading(word, _DIGITS.get(number) or int(number or 0), part)
