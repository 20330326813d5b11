"""`sheetcrm adopt`: an existing workbook made known, by tabs that say what its sheets are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.graft import TabSpec, graft, plan_names
from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.publish import publish
from sheetcrm.book.read import read_book
from sheetcrm.book.remote import local
from sheetcrm.book.target import open_target
from sheetcrm.errors import FileProblem
from sheetcrm.intake.adopt import propose
from sheetcrm.intake.adoption import Adoption
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import StageKind
from sheetcrm.kit.recognise import recognise
from sheetcrm.tabs.adopted import ADOPTED, adopted_tabs
from sheetcrm.workflows.folder import is_summary
from sheetcrm.workflows.self_check import sound

# Looks at a proposal; returns the kinds of stages that are to be others, or None to stop.
Ask = Callable[[Adoption], Mapping[str, StageKind] | None]


@dataclass(frozen=True)
class AdoptResult:
    """What came of it.

    `adoption` is None where the workbook was known already. `tabs` are the names of the tabs that
    were written, none on a dry run or where somebody said no.
    """

    path: Path
    adoption: Adoption | None
    tabs: tuple[str, ...] = ()


def adopt(path: Path, ask: Ask, *, dry_run: bool = False) -> AdoptResult:
    """Make a workbook known: put 设置, 字段, 规则 and 例外 into it, made from what it holds.

    Nothing of the user's is changed; the sheets that were recognised get a hidden name each, by
    which they are known even when they are renamed. Of these tabs, those that are there stay.

    Args:
        path: The workbook.
        ask: Is shown the proposal before anything is written.
        dry_run: Only propose.

    Raises:
        FileProblem: It cannot be read or written, is open, or no table was recognised in it.
        FileChanged: It changed after it was read.
    """
    path = local(path)
    raw = read_book(path)
    if raw.tab("settings") is not None:
        return AdoptResult(path, None)
    if is_summary(raw):
        raise FileProblem(
            str(path), "这是程序生成的汇总，不是跟踪表", "请指定填有数据的工作簿", "HDR-01"
        )
    recognised = recognise(raw, load_kit())
    if not recognised.tables:
        raise FileProblem(
            str(path),
            "没有找到认识的表格（例如线索跟踪、跟进记录）",
            "请确认表头里有客户名称、负责人、阶段等常见列名，再试一次",
            code="HDR-01",
        )
    adoption = propose(raw, recognised, {})
    answer: Mapping[str, StageKind] | None = {} if dry_run else ask(adoption)
    if answer:
        adoption = propose(raw, recognised, answer)
    if dry_run or answer is None:
        return AdoptResult(path, adoption)
    return AdoptResult(path, adoption, _write(path, raw.sha256, adoption))


def _write(path: Path, read: str, adoption: Adoption) -> tuple[str, ...]:
    target = open_target(path)
    # Where somebody deleted 设置, the others hold what people wrote, and stay.
    missing = {kind: sheet for kind, sheet in ADOPTED.items() if kind not in target.tabs}
    names = plan_names(target, missing)
    tabs = [TabSpec(kind, sheet) for kind, sheet in missing.items()]
    data = graft(target, tabs, adopted_tabs(adoption.kit, missing).finish_apart())
    roles = {sheet: Role(table=table.key) for table in adoption.tables for sheet in table.sheets}
    data = add_markers(data, roles)
    change = Change(Run("adopt"), tabs=tuple(names), added=tuple(names))
    publish(path, data, read, sound(path, names.values(), target), change=change)
    return tuple(names.values())
