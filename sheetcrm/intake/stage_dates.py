"""Headings that name the day a lead entered a stage: 商机日期, 资格确认日期, Qualification_Date."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from sheetcrm.intake.variants import english_words, variants
from sheetcrm.kit.infer import phase_of
from sheetcrm.kit.model import Phase, Pipeline, Stage
from sheetcrm.values.text import fold

_DAY = re.compile(r"(?:的|之)?(?:日期|时间|时刻|日)$")
_AROUND = re.compile(
    r"^(?:进入|到达|达到|转为|转入|变更为|推进到|首次进入|最近进入)|(?:客户)?(?:阶段|状态)?(?:进入|到达|变更|开始)?$"
)
_ENGLISH_DAY = frozenset(("date", "time", "at", "on", "datetime", "timestamp"))
_ENGLISH_AROUND = frozenset(
    ("entered", "date", "time", "at", "on", "became", "a", "an", "stage", "reached", "moved", "to")
)
# What else a milestone is called in headings, beside the names of the book's own stages.
_PHASE_WORDS: dict[Phase, tuple[str, ...]] = {
    "contact": ("初步沟通", "首次沟通", "contacted"),
    "needs": ("需求确认", "需求分析", "需求调研", "意向", "意向确认", "needs analysis"),
    "qualified": (
        *("资格确认", "资格审核", "资质确认", "商机", "商机确认", "转商机", "立项", "mql", "sql"),
        *("qualification", "qualified", "opportunity", "opportunity created"),
    ),
    "proposal": (
        *("报价", "方案", "方案提交", "方案报价", "提交方案", "发送方案", "提案", "投标"),
        *("proposal", "proposal sent", "quote", "quoted", "quotation"),
    ),
    "negotiation": ("谈判", "商务谈判", "合同审批", "negotiation"),
    "lost": ("流失", "丢单", "输单", "战败", "lost", "closed lost"),
}


@dataclass(frozen=True)
class StageDay:
    """The stage a heading names the entry day of.

    `exact` says that it names the stage itself; `sure` that it names at least its milestone, and
    not a later step that the book counts to the same stage.
    """

    stage: Stage
    exact: bool
    sure: bool


def stage_named(text: str, pipeline: Pipeline) -> StageDay | None:
    """Return the stage whose entry day a heading names.

    The first stage is none: its day is the day the lead came in. A won stage has its own column.
    """
    stages = [s for s in pipeline.stages[1:] if s.kind != "won"]
    for reading in (text, *variants(text)):
        core = _core(reading)
        if core is None:
            continue
        for stage in stages:
            if core in {fold(t) for t in (stage.name, *stage.labels)}:
                return StageDay(stage, exact=True, sure=True)
        if found := _alike(core, stages):
            return found
    return None


def _alike(core: str, stages: Sequence[Stage]) -> StageDay | None:
    phases = {p for p, words in _PHASE_WORDS.items() if core in {fold(word) for word in words}}
    named = [s for s in stages if core in {fold(alias) for alias in s.aliases}]
    if named:
        sure = named[0].phase in phases or phase_of(core) == named[0].phase
        return StageDay(named[0], exact=False, sure=sure)
    found = [s for s in stages if s.phase in phases]
    return StageDay(found[0], exact=False, sure=True) if len(found) == 1 else None


def _core(text: str) -> str | None:
    """Return what a heading says beside 日期; None where it names no day."""
    text = unicodedata.normalize("NFKC", text).strip().strip("*").strip()
    words = english_words(text.replace('"', ""))
    if words:
        if not _ENGLISH_DAY & set(words):
            return None
        while words and words[-1] in _ENGLISH_AROUND:
            words = words[:-1]
        while words and words[0] in _ENGLISH_AROUND:
            words = words[1:]
        return "".join(words) or None
    bare = fold(re.sub(r"[“”\"'_()（）【】\[\]-]", "", text))
    if not _DAY.search(bare):
        return None
    core = _AROUND.sub("", _DAY.sub("", bare))
    core = _AROUND.sub("", core)
    return core or None
