"""When a cell must be filled: the condition language of `Column.required`.

One condition has two spellings, that of the kit files ("after:needs") and that of the 字段 tab
(需求分析之后); both are parsed into the same values and rendered back. A condition is evaluated on
whole columns.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

import numpy as np
import pandas as pd

from sheetcrm.kit.model import PHASES, Phase

Kind = Literal["always", "after", "from", "on", "while", "when", "without"]

PHASE_NAMES: dict[Phase, str] = {
    "lead": "线索",
    "contact": "初步沟通",
    "needs": "需求分析",
    "qualified": "商机",
    "proposal": "报价",
    "negotiation": "商务谈判",
    "won": "成交",
    "delivery": "交付",
    "lost": "流失",
}
# What else people write for a phase; a stage of their own pipeline works too (see `parse_chinese`).
_PHASE_WORDS: dict[str, Phase] = {name: phase for phase, name in PHASE_NAMES.items()} | {
    "录入": "lead",
    "获取": "lead",
    "沟通": "contact",
    "需求": "needs",
    "意向": "needs",
    "方案": "proposal",
    "谈判": "negotiation",
    "签约": "won",
    "赢单": "won",
    "售后": "delivery",
    "丢单": "lost",
    "输单": "lost",
}
_ALWAYS = frozenset({"是", "必填", "√", "✓", "y", "yes", "true", "1", "总是", "一直"})
_NEVER = frozenset({"", "否", "选填", "可选", "×", "n", "no", "false", "0", "非必填"})
_OPEN = frozenset({"未结束时", "进行中时", "未结束", "进行中"})
_AFTER = re.compile(r"(?P<phase>.+?)(?:阶段)?(?:之后|以后|后)")
_FROM = re.compile(r"(?:从|自)(?P<phase>.+?)(?:阶段)?(?:起|开始)")
_BLANK = re.compile(r"(?P<column>.+?)(?:为空|没填|未填)时?")
_WHEN = re.compile(r"(?P<column>[^=]+)=(?P<value>.+?)时?")
_ON = re.compile(r"(?P<phase>.+?)时")
_ALTERNATIVES = re.compile(r"[;；]|或者|(?<=时)或|(?<=后)或|(?<=起)或")


class ConditionError(ValueError):
    """A condition that cannot be read; `str()` is what is wrong with it, in Chinese."""


@dataclass(frozen=True)
class Condition:
    """One reason for a cell to be required.

    `phase` belongs to after, from and on ("won" or "lost"); `column` is the key of another column
    of the table, for when and without; `value` what that column holds, for when.
    """

    kind: Kind
    phase: Phase | None = None
    column: str = ""
    value: str = ""


Requirement = tuple[Condition, ...]


def parse(text: str) -> Requirement:
    """Read the spelling of the kit files; () is optional.

    Raises:
        ConditionError: The text is no condition.
    """
    return tuple(_parse_one(part.strip()) for part in text.split(";") if part.strip())


def _parse_one(text: str) -> Condition:
    kind, _, rest = text.partition(":")
    if text == "always" or text == "while:open":
        return Condition("always" if text == "always" else "while")
    if kind in ("after", "from") and rest in PHASES and rest != "lost":
        return Condition("after" if kind == "after" else "from", phase=rest)
    if kind == "on" and rest in ("won", "lost"):
        return Condition("on", phase="won" if rest == "won" else "lost")
    column, equals, value = rest.partition("=")
    if kind == "when" and equals and column and value:
        return Condition("when", column=column, value=value)
    if kind == "without" and rest:
        return Condition("without", column=rest)
    if kind in get_args(Kind):
        raise ConditionError(f"“{text}”里冒号后面的“{rest}”不能用")
    raise ConditionError(f"“{text}”不是必填条件")


def render(requirement: Requirement) -> str:
    """Write a requirement as the kit files spell it; `parse` reads it back."""
    return "; ".join(_render_one(c) for c in requirement)


def _render_one(condition: Condition) -> str:
    match condition:
        case Condition("always"):
            return "always"
        case Condition("while"):
            return "while:open"
        case Condition("when", column=column, value=value):
            return f"when:{column}={value}"
        case Condition("without", column=column):
            return f"without:{column}"
    return f"{condition.kind}:{condition.phase}"


def parse_chinese(
    text: str, keys: Mapping[str, str], stages: Mapping[str, Phase] | None = None
) -> Requirement:
    """Read the spelling of the 字段 tab; () is optional.

    Args:
        text: 是, blank, 需求分析之后, 从报价起, 成交时, 未结束时, 状态=已完成时, 客户编号为空时;
            several joined by ；.
        keys: Column keys by column name, of the same table.
        stages: Phases by the names of the workbook's own stages, so that 从方案呈现起 works.

    Raises:
        ConditionError: The text is no condition.
    """
    phases = dict(_PHASE_WORDS) | dict(stages or {}) | {n: p for p, n in PHASE_NAMES.items()}
    parts = [re.sub(r"\s+", "", part) for part in _ALTERNATIVES.split(_half_width(text))]
    return tuple(
        _chinese_one(part, keys, phases) for part in parts if part.casefold() not in _NEVER
    )


def _half_width(text: str) -> str:
    return text.replace("＝", "=").replace("　", " ").strip()


def _chinese_one(text: str, keys: Mapping[str, str], phases: Mapping[str, Phase]) -> Condition:
    if text.casefold() in _ALWAYS or text in _OPEN:
        return Condition("while" if text in _OPEN else "always")
    if match := _WHEN.fullmatch(text):
        return Condition("when", column=_key(match["column"], keys), value=match["value"])
    if match := _BLANK.fullmatch(text):
        return Condition("without", column=_key(match["column"], keys))
    if match := _FROM.fullmatch(text):
        return Condition("from", phase=_phase(match["phase"], phases))
    if match := _AFTER.fullmatch(text):
        return Condition("after", phase=_phase(match["phase"], phases))
    match = _ON.fullmatch(text)
    if match and phases.get(match["phase"]) in ("won", "lost"):
        return Condition("on", phase=phases[match["phase"]])
    raise ConditionError(f"“{text}”看不懂")


def _key(name: str, keys: Mapping[str, str]) -> str:
    if name not in keys:
        raise ConditionError(f"这张表没有“{name}”这个字段")
    return keys[name]


def _phase(name: str, phases: Mapping[str, Phase]) -> Phase:
    phase = phases.get(name)
    if phase is None or phase == "lost":
        known = "、".join(n for p, n in PHASE_NAMES.items() if p != "lost")
        raise ConditionError(f"“{name}”不是阶段，可写{known}")
    return phase


def render_chinese(requirement: Requirement, names: Mapping[str, str]) -> str:
    """Write a requirement as the 字段 tab spells it; `parse_chinese` reads it back.

    Args:
        requirement: What to write.
        names: Column names by column key, of the same table.
    """
    return "；".join(_render_chinese_one(c, names) for c in requirement)


def _render_chinese_one(condition: Condition, names: Mapping[str, str]) -> str:
    phase = PHASE_NAMES[condition.phase] if condition.phase else ""
    column = names.get(condition.column, condition.column)
    return {
        "always": "是",
        "after": f"{phase}之后",
        "from": f"从{phase}起",
        "on": f"{phase}时",
        "while": "未结束时",
        "when": f"{column}={condition.value}时",
        "without": f"{column}为空时",
    }[condition.kind]


def required_mask(
    requirement: Requirement, phases: pd.Series, kinds: pd.Series, frame: pd.DataFrame
) -> pd.Series:
    """Say for every row whether the cell is required.

    A row without a known stage is held to nothing that depends on the stage. Lost rows have no
    place in the order, so only `on:lost`, `when` and `without` can ask anything more of them.

    Args:
        requirement: The parsed condition of one column.
        phases: The phase of each row's stage, missing where it is unknown.
        kinds: open, won or lost, missing where it is unknown.
        frame: The typed columns of the table by key; the same index as `phases` and `kinds`.

    Returns:
        A boolean Series with the index of `frame`.
    """
    mask = np.zeros(len(frame), dtype=bool)
    for condition in requirement:
        mask |= _holds(condition, phases, kinds, frame).to_numpy()
    return pd.Series(mask, index=frame.index)


def _holds(
    condition: Condition, phases: pd.Series, kinds: pd.Series, frame: pd.DataFrame
) -> pd.Series:
    if condition.column:
        return _asks_of_column(condition, frame)
    if condition.kind in ("after", "from"):
        ordered: list[Phase] = [p for p in PHASES if p != "lost"]
        first = ordered.index(condition.phase or "lead") + (condition.kind == "after")
        return phases.isin(ordered[first:])
    if condition.kind == "always":
        return pd.Series(data=True, index=frame.index, dtype=bool)
    return kinds.isin(["open" if condition.kind == "while" else condition.phase])


def _asks_of_column(condition: Condition, frame: pd.DataFrame) -> pd.Series:
    """Compare another column; a sheet without that column has it blank in every row."""
    blank = condition.kind == "without"
    if condition.column not in frame:
        return pd.Series(data=blank, index=frame.index, dtype=bool)
    other = frame[condition.column]
    return other.isna() if blank else other.isin([condition.value])


def columns_named(requirement: Requirement) -> Sequence[str]:
    """Return the keys of the other columns a requirement looks at."""
    return [c.column for c in requirement if c.column]
