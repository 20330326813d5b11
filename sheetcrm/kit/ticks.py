"""The stage of leads without a column for it, but with one a stage: ticks, yes and no, dates."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.infer import phase_of
from sheetcrm.kit.model import Pipeline, Stage, StageKind
from sheetcrm.kit.stage_headings import dated_name, dated_stage
from sheetcrm.table import Cell, Heading, Table
from sheetcrm.values.dates import parse_date
from sheetcrm.values.text import as_text, fold, says_nothing
from sheetcrm.values.traditional import simplified

_ASKED = re.compile(r"^(?:是否|有无|有没有|是不是)(?:已经?|有)?|^已经?")
_REST = re.compile(r"(?:与否|了?吗|阶段)?[?？]?$")
# Deals and losses in the words of such headings, besides the usual names of stages.
_WON = frozenset(
    (
        *("成交", "签约", "签单", "成单", "赢单", "中标", "签合同", "下单", "合作", "购买"),
        *("报名", "缴费", "承保", "出单", "铺货"),
    )
)
_LOST = frozenset(("流失", "丢单", "输单", "战败", "放弃", "失败", "失单"))
# First talks that no pipeline has for a stage.
_OPEN = re.compile(
    r"[初首复到来拜约]访|到店|面谈|电联|约见|邀约|联系|接[触洽]|沟通|洽谈|交流|演示|试[用听驾样销]|体验|[打送寄看]样"
    r"|方案|报价|投标|谈判|意向|需求|立项|认[筹购]|投保"
)
# What may stand around them in the heading of a date: 首次拜访日期, 方案提交日期.
_DATED = re.compile(
    rf"(?:首次|[二三]次|第[一二三]次|客户|正式|上门|现场|电话|技术|商务|产品|设备)?(?:{_OPEN.pattern})"
    r"(?:确认|提交|发送|发出|沟通|洽谈|交流|报告)?"
)
_LONGEST = 8
_MARKS = frozenset("√✓✔☑✅●")
_YES = _MARKS | {"是", "y", "yes", "true", "有", "已", "对"}
_NO = frozenset(("否", "×", "✗", "✘", "❌", "☐", "□", "n", "no", "false", "无", "未", "没有", "没"))
_CIRCLE = "○"
_CAME = "acquired_on"


@dataclass(frozen=True)
class Ticked:
    """What the ticks say: `labels` by row, None where nothing is ticked; `both` were won and lost.

    `columns` are the headings that were read, `stages` the labels in the order of the columns, the
    usual first stage before them where none of them is an open one; `dated` says that all of them
    have dates.
    """

    labels: pd.Series = field(repr=False)
    columns: tuple[Heading, ...]
    stages: tuple[str, ...]
    both: tuple[int, ...] = ()
    dated: bool = False


@dataclass(frozen=True)
class _Column:
    heading: Heading
    label: str
    kind: StageKind
    ticked: np.ndarray
    dated: bool = False


def ticked_stages(table: Table, shipped: Sequence[Pipeline]) -> Ticked | None:
    """Read the stage of each lead from columns that are ticked, where no column names it.

    One of the columns must be the deal's. A lead is lost where that is ticked, else won, else at
    the last open stage with a tick.

    Args:
        table: The lead table.
        shipped: The pipelines whose names for stages are known.
    """
    if table.has("status"):
        return None
    found = [c for heading in table.headings if (c := _column(table, heading, shipped))]
    if not any(column.kind == "won" for column in found):
        return None
    found.sort(key=lambda c: ("open", "won", "lost").index(c.kind))
    if found[0].kind == "open" and found[0].dated and (begun := _begun(table, shipped)):
        found.insert(0, begun)
    labels = np.full(len(table.raw), None, dtype=object)
    for column in found:
        labels[column.ticked] = column.label
    won, lost = (_any(found, kind, len(labels)) for kind in ("won", "lost"))
    rows = table.raw.index
    first = [shipped[0].stages[0].name] if found[0].kind != "open" else []
    return Ticked(
        pd.Series(labels, index=rows, dtype=object),
        tuple(column.heading for column in found),
        tuple(dict.fromkeys([*first, *(column.label for column in found)])),
        tuple(rows[won & lost].tolist()),
        all(column.dated for column in found),
    )


def _begun(table: Table, shipped: Sequence[Pipeline]) -> _Column | None:
    """Return the day a lead came in as the first stage, before others that are dated too."""
    if not table.has(_CAME):
        return None
    heading = table.by_key[_CAME]
    name = dated_name(heading.text)
    label = name if _OPEN.search(name) and len(name) <= _LONGEST else shipped[0].stages[0].name
    return _Column(heading, label, "open", _dated(table.raw[_CAME].tolist()), dated=True)


def without_ticked(
    findings: Sequence[Finding], table: Table, ticked: Ticked | None
) -> list[Finding]:
    """Leave out that the stage has no column and the ticked ones are unknown."""
    if ticked is None:
        return list(findings)
    keys = [heading.key for heading in ticked.columns]
    cells = {(p.sheet, p.cell(0, key)) for p in table.sheets for key in keys if p.has(key)}
    return [
        f
        for f in findings
        if not (f.code == "HDR-04" and (f.sheet, f.cell) in cells)
        and not (f.code == "HDR-02" and f.column == "线索状态")
    ]


def said_of_ticks(table: Table, ticked: Ticked) -> list[Finding]:
    """Say where the stages come from, and which leads are both won and lost."""
    first, last = ticked.columns[0], ticked.columns[-1]

    def at(row: int, heading: Heading) -> Place:
        return Place(table.file, *table.spot(row, heading.key), heading.text)

    columns = "、".join(f"“{heading.text}”" for heading in ticked.columns)
    blank = int(ticked.labels.isna().sum())
    marks = "日期" if ticked.dated else "勾、“是”或日期"
    rest = f"；{blank}行一个也没有，算进行中" if blank else ""
    said = [finding("STG-11", at(0, first), columns=columns, marks=marks, rest=rest)]
    return said + [finding("STG-12", at(row, last)) for row in ticked.both]


def _any(columns: Sequence[_Column], kind: str, rows: int) -> np.ndarray:
    masks = [column.ticked for column in columns if column.kind == kind]
    return np.any(masks, axis=0) if masks else np.zeros(rows, dtype=bool)


def _column(table: Table, heading: Heading, shipped: Sequence[Pipeline]) -> _Column | None:
    cells = table.raw[heading.key].tolist()
    if heading.known and heading.key.isascii():  # the others are a team's own columns
        if heading.key != "won_on":
            return None
        told = dated_by(heading.text, shipped)
        stage = next(s for s in shipped[0].stages if s.kind == "won")
        label = told[0] if told and told[1] == "won" else stage.name
        return _Column(heading, label, "won", _dated(cells), dated=True)
    if told := dated_by(heading.text, shipped):
        days = _dated(cells)
        return _Column(heading, *told, days, dated=True) if days.any() else None
    name, asked = _named(heading.text)
    kind = _kind(name, shipped)
    ticked = _ticked(cells, asked=asked) if kind else None
    return None if kind is None or ticked is None else _Column(heading, name, kind, ticked)


def dated_by(heading: str, shipped: Sequence[Pipeline]) -> tuple[str, StageKind] | None:
    """Return the stage whose day a heading names, in the heading's own word, and its kind."""
    name = dated_name(heading)
    if not name or len(name) > _LONGEST:
        return None
    if dated := next((s for p in shipped if (s := dated_stage(heading, p))), None):
        return name, dated.kind
    if phase_of(name) == "lost":
        return name, "lost"
    if name in _WON:
        return name, "won"
    return (name, "open") if _DATED.fullmatch(name) else None


def _named(text: str) -> tuple[str, bool]:
    """Return the stage that a heading names, and whether it is asked for: 是否成交."""
    bare = simplified(read_heading(text).bare)
    name, asked = _ASKED.subn("", bare)
    return _REST.sub("", name), bool(asked)


def _kind(name: str, shipped: Sequence[Pipeline]) -> StageKind | None:
    if name in _WON:
        return "won"
    if name in _LOST:
        return "lost"
    known: Mapping[str, Stage] = {
        fold(label): stage for p in reversed(shipped) for label, stage in p.by_label.items()
    }
    if stage := known.get(fold(name)):
        return stage.kind
    return "open" if _OPEN.search(name) and phase_of(name) not in ("won", "lost") else None


def _ticked(cells: Sequence[Cell], *, asked: bool) -> np.ndarray | None:
    """Return which cells say yes; None where the column says anything else."""
    said = ["" if says_nothing(c) else fold(as_text(c)) for c in cells]
    yes, no = set(_YES), set(_NO)
    (no if _MARKS.intersection(said) else yes).add(_CIRCLE)
    if asked:
        yes.add("1")
        no.add("0")
    filled = set(said) - {""}
    if not filled or not filled <= yes | no:
        return None
    return np.array([text in yes for text in said], dtype=bool)


def _dated(cells: Sequence[Cell]) -> np.ndarray:
    return np.array([parse_date(c).value is not None for c in cells], dtype=bool)
