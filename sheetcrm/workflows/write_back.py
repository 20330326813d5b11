"""Put tabs into a user's workbook, or into a file beside it where that is not safe."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sheetcrm.book.append import append_rows
from sheetcrm.book.changes import Change
from sheetcrm.book.graft import TabSpec, graft, plan_names
from sheetcrm.book.markers import Role, add_markers, edited_tabs
from sheetcrm.book.marks import mark
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.removal import drop_tabs
from sheetcrm.book.tabedits import Edit
from sheetcrm.book.target import Workbook, open_target
from sheetcrm.book.write_rows import Built
from sheetcrm.errors import FileProblem
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.tabs.build import Wanted
from sheetcrm.tabs.kept import FILLED_IN
from sheetcrm.tabs.stage_log import LogLines, new_rows
from sheetcrm.tabs.style import COLOURS, new_book
from sheetcrm.tabs.titles import ALL_TITLES, STAGE_LOG, TITLES
from sheetcrm.values.masking import mask_within
from sheetcrm.workflows.self_check import sound

# Builds the tabs under the given sheet names (by kind), given what people changed on the old ones.
Builder = Callable[[Mapping[str, str], Sequence[Finding]], Built]
# Cells to colour: sheet name -> severity -> cells.
Marks = Mapping[str, Mapping[str, Sequence[str]]]
BESIDE = "-汇总"
_MOST_SHOWN = 80  # letters of what somebody wrote


@dataclass(frozen=True)
class Written:
    """Where the tabs are.

    `refused` says in Chinese why they are not in the workbook itself, empty when they are;
    `changed` is False where the file had exactly this already; `findings` tell of cells that
    people had changed inside tabs which were replaced; `batch` is what the journal calls the run,
    `sha256` the hash of what is at `path` now.
    """

    path: Path
    changed: bool
    refused: str = ""
    findings: tuple[Finding, ...] = ()
    batch: str = ""
    sha256: str = ""


@dataclass(frozen=True)
class Origin:
    """The user's workbook that tabs are to go into.

    `sha256` is that of the bytes the figures were computed from; `change` says, for the journal,
    what is written besides the tabs. `base` is the workbook as it is to be without the tabs, where
    cells were corrected; `log` is what its 阶段日志 is to tell besides. Without a `sha256` there is
    no such file yet.
    """

    path: Path
    sha256: str | None
    change: Change
    base: Workbook | None = None
    log: LogLines | None = None


def write_into(
    origin: Origin,
    tabs: Wanted,
    build: tuple[Builder, Builder],
    marks: Marks | None = None,
) -> Written:
    """Put tabs into a workbook; into `<name>-汇总.xlsx` beside it where refused.

    Args:
        origin: The user's workbook.
        tabs: Which tabs; none only writes its `base`.
        build: Makes them for the workbook itself, and for a file beside it.
        marks: The cells to colour instead of those coloured before; None leaves colours alone.

    Raises:
        FileProblem: The workbook is open, or cannot be written.
        FileChanged: It changed after it was read.
    """
    path, change = origin.path, origin.change
    try:
        target = origin.base or open_target(path)
    except FileProblem as problem:
        side = path.with_name(f"{path.stem}{BESIDE}.xlsx")
        return replace(write_own(side, tabs, build[1], change), refused=problem.reason)
    return _graft(replace(origin, base=target), target, tabs, build[0], marks)


def write_own(path: Path, tabs: Wanted, build: Builder, change: Change) -> Written:
    """Put tabs into a workbook of ours (team workbook, summary beside), made if missing.

    A workbook of that name that exists keeps its other sheets.

    Raises:
        FileProblem: It is open, cannot be written, or is no workbook that tabs can go into.
    """
    if path.exists():
        data = path.read_bytes()
        origin = Origin(path, sha256(data), change)
        return _graft(origin, open_target(data, str(path)), tabs, build)
    path.parent.mkdir(parents=True, exist_ok=True)
    origin = Origin(path, None, change)
    return _graft(origin, open_target(_empty(tabs.among(())), str(path)), tabs, build)


def _empty(kinds: Iterable[str]) -> bytes:
    """Return a workbook of empty tabs, for the first ones to replace.

    A workbook of ours is made the way its tabs are replaced, so that a second run gives the same
    bytes.
    """
    book, roles = new_book(), {TITLES[kind]: Role(tab=kind) for kind in kinds}
    for title in roles:
        book.sheet(title)
    return add_markers(book.finish(), roles)


def _graft(
    origin: Origin,
    target: Workbook,
    wanted: Wanted,
    build: Builder,
    marks: Marks | None = None,
) -> Written:
    path, log = origin.path, origin.log
    ground, logged, missed = _longer_log(path, log, target)
    new_log = (STAGE_LOG,) if log and not log.lines.empty and not logged and not missed else ()
    # A new log first: so its part lies where it will lie when the next run replaces the tabs.
    kinds = (*new_log, *wanted.among(target.tabs))
    names = plan_names(target, {kind: ALL_TITLES[kind] for kind in kinds})
    tabs = [TabSpec(kind, name) for kind, name in names.items()]
    replaced = _edits(path, target, names, wanted.dropped)
    made = build(names, replaced) if tabs else Built(b"")
    data = graft(ground, tabs, made) if tabs else ground.package.to_bytes()
    data, held, fewer = _without(data, path, wanted.dropped)
    if fewer and tabs:
        # Parts lie in the order they were made in; this way the next run gives the same bytes.
        data = graft(open_target(data, str(path)), tabs, made)
    names |= logged
    if marks is not None:
        data = mark(open_target(data, str(path)), marks)
    change = replace(
        origin.change,
        tabs=tuple(names),
        added=tuple(k for k in names if k not in target.tabs or origin.sha256 is None),
        marking="" if marks is None else "on" if marks else "off",
    )
    check = sound(path, names.values(), target)
    done = publish(path, data, origin.sha256, check, change=change)
    found = (*replaced, *held, *missed)
    return Written(path, done.changed, "", found, done.batch, done.sha256)


def _edits(
    path: Path, target: Workbook, names: Mapping[str, str], dropped: Collection[str]
) -> tuple[Finding, ...]:
    """Name what people wrote into tabs that are made anew, or that go, and what they coloured."""
    gone = {kind: target.tabs[kind].name for kind in target.tabs if kind in dropped}
    found = []
    for kind, edits in edited_tabs(target, COLOURS).items():
        name = gone.get(kind) or names.get(kind)
        if name is None:
            continue
        if edits.apart or kind not in FILLED_IN or kind in gone:
            found += [_edit("SUM-02", path, name, edit, "清空了") for edit in edits.cells]
        if kind in gone:
            found += [_edit("SUM-02", path, name, edit, "清空了") for edit in edits.filled_in]
        found += [_edit("SUM-05", path, name, edit, "空白") for edit in edits.coloured]
    return tuple(found)


def _edit(code: str, path: Path, sheet: str, edit: Edit, nothing: str) -> Finding:
    text = mask_within(edit.text)
    text = text if len(text) <= _MOST_SHOWN else f"{text[:_MOST_SHOWN]}…"
    place = Place(str(path), sheet, edit.cell, _row(edit.cell))
    return finding(code, place, text or nothing, backup=f".sheetcrm/backup/{path.name}")


def _without(
    data: bytes, path: Path, dropped: Collection[str]
) -> tuple[bytes, tuple[Finding, ...], bool]:
    """Take the tabs out that 设置 does not want.

    Returns:
        The workbook, a finding for each that something else refers to, whether any is gone.
    """
    target, held, fewer = open_target(data, str(path)), [], False
    for kind in [kind for kind in target.tabs if kind in dropped]:
        name = target.tabs[kind].name
        try:
            data = drop_tabs(target, {kind})
        except FileProblem as problem:
            held.append(finding("SUM-04", Place(str(path), name), reason=problem.reason))
        else:
            target, fewer = open_target(data, str(path)), True
    return data, tuple(held), fewer


def _longer_log(
    path: Path, log: LogLines | None, target: Workbook
) -> tuple[Workbook, Mapping[str, str], tuple[Finding, ...]]:
    """Append new lines to the log that is there.

    Returns:
        The workbook, the tab's name by kind where it was written, and why it could not be.
    """
    if log is None or log.lines.empty or STAGE_LOG not in target.tabs or log.tab is None:
        return target, {}, ()
    name = target.tabs[STAGE_LOG].name
    rows, reason = new_rows(log, log.tab), "找不到它的表头（日期、项目、新值）"
    if rows is not None:
        try:
            longer = append_rows(target, [rows]).data
        except FileProblem as problem:
            reason = problem.reason
        else:
            return open_target(longer, str(path)), {STAGE_LOG: name}, ()
    return target, {}, (finding("SUM-03", Place(str(path), name), reason=reason),)


def _row(cell: str) -> int:
    return int("".join(c for c in cell if c.isdigit()) or 0)
