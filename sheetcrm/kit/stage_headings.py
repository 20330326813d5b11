"""Headings that date a stage: 意向日期, 进入商机时间, 报价阶段（进入日期） name its first day."""

import re
from collections.abc import Iterator

from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.model import Pipeline, Stage
from sheetcrm.values.text import fold

_DATE_WORD = re.compile(r"(?:日期|时间|日)$")
# A plan is no entry, and leaving or finishing a stage is not entering it: such words are not here.
_BEFORE = re.compile(r"^(?:首次|实际)?(?:进入|转入|到达|达到|转为|变为|成为)")
_AFTER = re.compile(r"(?:阶段|环节)?的?(?:进入|转入|到达|开始)?的?$")
_NOT_ENTERED = re.compile(
    r"预[计定期估]|计划|拟|[下上]一?[次步]|最[近后新晚迟]|目标|截[止至]|到期|约定|要求|承诺|离开|期限|更新"
)
_DONE = re.compile(r"^已经?(?=..)")
_BRACKETS = re.compile(r"[()\[\]【】]")


def dated_stage(heading: str, pipeline: Pipeline) -> Stage | None:
    """Return the stage whose entry a lead sheet's column dates; None where it names none.

    The heading must be a stage's name, label or alias with a word for a date behind it, and
    perhaps one for entering. 预计成交时间 and 离开报价时间 date no entry.

    Args:
        heading: The heading as the sheet has it.
        pipeline: The stages of the workbook.
    """
    names = list(_names(heading))
    if not names:
        return None
    labels = pipeline.by_label.items()
    stages = {fold(_DONE.sub("", _plain(label))): stage for label, stage in labels}
    stages |= {fold(_plain(label)): stage for label, stage in labels}
    return next((stages[name] for name in names if name in stages), None)


def dated_name(heading: str) -> str:
    """Return what a heading dates in its own words: 报价 of 报价阶段进入日期; "" for a plan."""
    names = list(_names(heading))
    return "" if not names or _NOT_ENTERED.search(names[0]) else names[-1]


def _names(heading: str) -> Iterator[str]:
    """Yield what the heading may call a stage, the longest first."""
    name, found = _DATE_WORD.subn("", _plain(heading))
    if found:
        yield fold(name)
        yield fold(_AFTER.sub("", name))
        yield fold(_AFTER.sub("", _BEFORE.sub("", name)))


def _plain(text: str) -> str:
    return _BRACKETS.sub("", read_heading(text).whole)
