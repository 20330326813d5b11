"""设置: the 阶段 block, one row a status label, to rows and back."""

from collections.abc import Mapping, Sequence
from typing import Any

from sheetcrm.kit.blocks import (
    Block,
    FoundBlock,
    Line,
    Report,
    cell_number,
    join_words,
    named_lines,
    report_gaps,
    split_words,
)
from sheetcrm.kit.model import PHASES, Phase, Pipeline, Stage, StageKind
from sheetcrm.kit.requirement import PHASE_NAMES
from sheetcrm.kit.words import KIND_NAMES, KINDS, PHASE_WORDS, listed
from sheetcrm.table import Cell

STAGES_ANCHOR = "状态标签"
_PLACES = {
    "open": "成交以前的环节（类型是进行中）；已经成交的，类型填成交",
    "won": "成交或交付（类型是成交）；还没有成交的，类型填进行中",
}
_DWELL, _CADENCE = "预期停留天数", "跟进间隔天数"
_TEXTS = {"责任角色": "role", "里程碑": "milestone", "交付物": "deliverable"}
_NEEDED = (STAGES_ANCHOR, "所属阶段", "类型", "环节")
_HEADERS = (
    STAGES_ANCHOR,
    "所属阶段",
    "类型",
    "环节",
    "成交概率",
    _DWELL,
    _CADENCE,
    *_TEXTS,
    "别名",
)


def stages_block(pipeline: Pipeline) -> Block:
    """Describe the stages, one row a status label, in pipeline order."""
    rows: list[tuple[Cell, ...]] = []
    for stage in pipeline.stages:
        for label in stage.labels:
            aliases = join_words(stage.aliases) if label == stage.labels[0] else None
            rows.append((label, *_attributes(stage), aliases))
    choices = {"类型": tuple(KIND_NAMES.values()), "环节": tuple(PHASE_NAMES.values())}
    return Block("stages", "阶段", _HEADERS, tuple(rows), choices=choices)


def _attributes(stage: Stage) -> tuple[Cell, ...]:
    return (
        stage.name,
        KIND_NAMES[stage.kind],
        PHASE_NAMES[stage.phase],
        stage.probability,
        stage.dwell_days or None,
        stage.cadence_days or None,
        stage.role,
        stage.milestone,
        stage.deliverable,
    )


def read_pipeline(found: FoundBlock | None, base: Pipeline, report: Report) -> Pipeline:
    """Read the stages: rows of one stage make one stage, its first row says what it is.

    Stages come in the order of their 环节, then of their rows, so that a stage added at the foot
    of the list finds its place.
    """
    if found is None or not found.columns.keys() >= set(_NEEDED) or not found.lines:
        report.add_sheet("KIT-01", expected="、".join(_NEEDED))
        return base
    report_gaps(found, "阶段", report)
    groups = _grouped(found, report)
    stages: list[Stage] = []
    for name, lines in groups.items():
        stages.append(_stage(name, lines, stages, report))
    _report_missing_kinds(stages, found, report)
    stages.sort(key=lambda s: PHASES.index(s.phase))
    return base.model_copy(update={"stages": _with_aliases(stages, groups, report)})


def _grouped(found: FoundBlock, report: Report) -> dict[str, list[Line]]:
    groups: dict[str, list[Line]] = {}
    for label, line in named_lines(found.lines, STAGES_ANCHOR, report):
        groups.setdefault(line.text("所属阶段") or label, []).append(line)
    return groups


def _stage(name: str, lines: Sequence[Line], before: Sequence[Stage], report: Report) -> Stage:
    first = lines[0]
    for line in lines[1:]:
        _report_differences(name, first, line, report)
    phase = _phase(first, report)
    kind = _kind(name, first, phase, report)
    if phase and not _agree(kind, phase):
        facts = {
            "expected": _PLACES[kind],
            "default": "前一阶段的环节" if kind == "open" else "成交",
        }
        report.add("KIT-10", first, "环节", **facts)
        phase = None
    values: dict[str, Any] = {key: first.text(header) for header, key in _TEXTS.items()}
    return Stage(
        name=name,
        labels=tuple(line.text(STAGES_ANCHOR) for line in lines),
        kind=kind,
        phase=_settled_phase(phase, kind, before),
        probability=_probability(first, report),
        dwell_days=_days(first, _DWELL, report),
        cadence_days=_days(first, _CADENCE, report),
        **values,
    )


def _report_differences(name: str, first: Line, line: Line, report: Report) -> None:
    for header in _HEADERS[2:-1]:
        text = line.text(header)
        if text and text != first.text(header):
            report.add("KIT-13", line, header, name=name)


def _phase(line: Line, report: Report) -> Phase | None:
    text = line.text("环节")
    if text and text not in PHASE_WORDS:
        report.add("KIT-10", line, "环节", expected=listed(PHASE_NAMES), default="前一阶段的环节")
    return PHASE_WORDS.get(text)


def _kind(name: str, line: Line, phase: Phase | None, report: Report) -> StageKind:
    text = line.text("类型")
    usual: StageKind = "open"
    if phase in ("won", "delivery"):
        usual = "won"
    elif phase == "lost":
        usual = "lost"
    if not text:
        report.add("KIT-09", line, "类型", name=name, default=KIND_NAMES[usual])
    elif text not in KINDS:
        expected = listed(KIND_NAMES)
        report.add("KIT-10", line, "类型", expected=expected, default=KIND_NAMES[usual])
    return KINDS.get(text, usual)


def _agree(kind: StageKind, phase: Phase) -> bool:
    """Say whether a stage of a kind may have a phase; a lost one may say where it was lost."""
    return kind == "lost" or (kind == "won") == (phase in ("won", "delivery"))


def _settled_phase(phase: Phase | None, kind: StageKind, before: Sequence[Stage]) -> Phase:
    """Choose a phase that goes with the kind: the one written, else that of the stage before."""
    if kind == "lost":
        return "lost"
    if phase is not None and phase != "lost":
        return phase
    if kind == "won":
        return "won"
    return next((s.phase for s in reversed(before) if s.kind == "open"), "lead")


def _probability(line: Line, report: Report) -> float:
    cell = line.cells.get("成交概率")
    number = cell_number(cell) if line.text("成交概率") else 0.0
    if number is not None and 0 <= number <= 1:
        return number
    report.add("KIT-11", line, "成交概率", expected="0%到100%", default="0%")
    return 0.0


def _days(line: Line, header: str, report: Report) -> int:
    number = cell_number(line.cells.get(header)) if line.text(header) else 0.0
    if number is not None and number >= 0 and number.is_integer():
        return int(number)
    report.add("KIT-11", line, header, expected="不小于0的整数", default="不限")
    return 0


def _report_missing_kinds(stages: Sequence[Stage], found: FoundBlock, report: Report) -> None:
    wanted: tuple[StageKind, ...] = ("won", "lost")
    for kind in wanted:
        if not any(s.kind == kind for s in stages):
            line = found.lines[-1]
            report.add_sheet("KIT-12", line.address("类型"), line.row, kind=KIND_NAMES[kind])


def _with_aliases(
    stages: Sequence[Stage], groups: Mapping[str, Sequence[Line]], report: Report
) -> tuple[Stage, ...]:
    """Give the stages their aliases; one that an earlier stage has is reported and left out.

    What is a stage by now is that stage, and no alias.
    """
    names = {text for s in stages for text in (s.name, *s.labels)}
    owners: dict[str, str] = {}
    result = []
    for stage in stages:
        kept: dict[str, None] = {}
        for line in groups[stage.name]:
            for alias in split_words(line.text("别名")):
                if alias in names:
                    continue
                if (owner := owners.setdefault(alias, stage.name)) == stage.name:
                    kept[alias] = None
                else:
                    report.add_alias(line, alias, f"“{owner}”的别名里")
        result.append(stage.model_copy(update={"aliases": tuple(kept)}))
    return tuple(result)
