"""`sheetcrm undo`: take back what a run did to a book, all of it or cell by cell.

A book that is still what the run made of it gets its old bytes again. One that was edited since is
taken back cell by cell: what the run wrote and nobody touched. An undo is a change like any other:
it is in the journal, and taking it back brings everything back.
"""

from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sheetcrm.book.cells import set_cells
from sheetcrm.book.changes import Change, ChangedRow, Run
from sheetcrm.book.guard import read_bytes
from sheetcrm.book.journal import Entry, Journal, open_journal
from sheetcrm.book.markers import edited_tabs
from sheetcrm.book.marks import unmark
from sheetcrm.book.publish import publish, refuse_open, sha256, withdraw
from sheetcrm.book.read import read_book
from sheetcrm.book.remote import local
from sheetcrm.book.removal import drop_tabs
from sheetcrm.book.state import backup_file, backup_of, digest
from sheetcrm.book.target import Workbook, open_target
from sheetcrm.errors import FileChanged, FileProblem, UnknownName
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import CONTACT_TYPES
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import Cell, RawBook, column_letter
from sheetcrm.tabs.style import COLOURS
from sheetcrm.tabs.titles import ALL_TITLES
from sheetcrm.values.masking import mask_contact, mask_within
from sheetcrm.values.text import as_text
from sheetcrm.workflows.self_check import sound
from sheetcrm.workflows.take_back import KeptCell, Plan, plan
from sheetcrm.workflows.take_back_rows import Before, Rows

Way: TypeAlias = Literal["restored", "removed", "cells", "nothing"]
_LISTED = 10


@dataclass(frozen=True)
class KeptEdit:
    """A cell that somebody changed after the run, and that stays; contact data is masked."""

    sheet: str
    cell: str
    then: str
    now: str
    reason: str


@dataclass(frozen=True)
class UndoResult:
    """What was taken back, or would be (`dry_run`).

    `undone` is the run that was taken back. `way`: the old file is "restored" byte for byte, a
    file the run had made is "removed", only its untouched "cells" are taken back, or "nothing" is.
    `rows` were emptied, `refilled` filled again, `cells` set back, `tabs` taken out (their names),
    `unmarked` says that colours were. `kept` were edited since; `notes` say in Chinese what else
    stays. `batch` is the undo's own, "" where nothing was written.
    """

    path: Path
    undone: Entry
    way: Way
    rows: int = 0
    refilled: int = 0
    cells: int = 0
    tabs: tuple[str, ...] = ()
    unmarked: bool = False
    kept: tuple[KeptEdit, ...] = ()
    notes: tuple[str, ...] = ()
    batch: str = ""
    dry_run: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return `undo --json`."""
        return {
            "path": str(self.path),
            "undone": self.undone.batch,
            "command": self.undone.command,
            "way": self.way,
            "rows": self.rows,
            "refilled": self.refilled,
            "cells": self.cells,
            "tabs": list(self.tabs),
            "unmarked": self.unmarked,
            "kept": [vars(each) for each in self.kept],
            "notes": list(self.notes),
            "batch": self.batch,
            "dry_run": self.dry_run,
        }


def undo(path: Path, batch: str | None = None, *, dry_run: bool = False) -> UndoResult:
    """Take back the last change of a book, or its change in a batch.

    Raises:
        FileProblem: There is nothing to take back, the book is open or cannot be read or written.
        FileChanged: It changed meanwhile.
        UnknownName: The book has no such batch.
    """
    path = local(path)
    if path.is_dir():
        raise FileProblem(
            str(path), "这是文件夹，撤销要指定一个工作簿", "哪些工作簿改过，看 sheetcrm log"
        )
    journal = open_journal(path)
    journal.settle()
    entry = _chosen(path, journal, batch)
    book = journal.folder / journal.book
    now = digest(book)
    if now is None and entry.after is not None:
        raise FileProblem(str(path), "找不到这个文件", "请检查路径和文件名；备份在 .sheetcrm 里")
    job = _Job(path, journal, entry, Change(Run("undo"), undoes=entry.key), dry_run)
    if not dry_run and now is not None:
        refuse_open(book, str(path))
    if now == entry.after:
        whole = _whole(job, book)
        if whole is not None:
            return whole
    if now is None or entry.before is None or entry.after is None:
        raise FileProblem(str(path), *_no_way(entry))
    return _piecewise(job)


@dataclass(frozen=True)
class _Job:
    """One entry to be taken back; `path` is the book as the user named it."""

    path: Path
    journal: Journal
    entry: Entry
    change: Change
    dry_run: bool


def _chosen(path: Path, journal: Journal, batch: str | None) -> Entry:
    done = [entry for entry in journal.entries() if entry.state == "committed"]
    if not done:
        raise FileProblem(
            str(path),
            "没有这个工作簿的修改记录，没有可以撤销的",
            "记录在工作簿旁边的 .sheetcrm 文件夹里；改过名字或搬过地方的，请用原来的名字和位置",
        )
    if batch is None:
        return done[-1]
    of_batch = [entry for entry in done if entry.batch == batch]
    if not of_batch:
        choices = list(dict.fromkeys(entry.batch for entry in done))
        raise UnknownName("批次", batch, choices[-_LISTED:])
    undone = journal.undone()
    left = [entry for entry in of_batch if entry.key not in undone]
    if not left:
        again = next(e.batch for e in reversed(done) if e.undoes == of_batch[-1].key)
        raise FileProblem(
            str(path),
            f"批次 {batch} 已经撤销过了",
            f"要恢复它，请运行 sheetcrm undo {path.name} --batch {again}",
        )
    return left[-1]


def _whole(job: _Job, book: Path) -> UndoResult | None:
    """Bring the old bytes back; None where the backup is gone."""
    entry = job.entry
    inverse = tuple(row.inverse() for row in reversed(job.journal.changes(entry)))
    change = replace(job.change, rows=inverse)
    result = UndoResult(job.path, entry, "restored", dry_run=job.dry_run)
    if entry.before is None:
        result = replace(result, way="removed")
        if job.dry_run:
            return result
        assert entry.after is not None
        return replace(result, batch=withdraw(job.path, entry.after, change=change).batch)
    old = backup_of(book, entry.before)
    if old is None:
        return None
    if job.dry_run:
        return result
    done = publish(job.path, old, entry.after, change=change)
    return replace(result, batch=done.batch)


def _no_way(entry: Entry) -> tuple[str, str]:
    if entry.after is None:
        return ("这个位置上现在又有了一个文件，没有覆盖它", "请先把它改名或移走")
    if entry.before is None:
        return (
            "这个文件是那一次新建的，之后又改过，没有删除它，什么也没有撤销",
            "确实不要了，请自己删除它",
        )
    return ("备份已经不在了，没有撤销", "请看 .sheetcrm/backup 里还有没有可用的备份")


def _piecewise(job: _Job) -> UndoResult:
    """Take back what nobody touched since, and leave the rest."""
    raw, read = read_book(job.path), read_bytes(job.path, str(job.path))
    if sha256(read) != raw.sha256:
        raise FileChanged(str(job.path))
    target = open_target(read, str(job.path))
    rows = job.journal.changes(job.entry)
    planned = plan(raw, target, rows, _before(job, raw))
    data, changes, refused = _with_cells(target, planned)
    tabs = _Tabs(job, target)
    data, dropped, unmarked = tabs.without(data)
    kept = _shown(raw, (*planned.kept, *refused))
    result = UndoResult(
        job.path,
        job.entry,
        "cells" if changes or dropped or unmarked else "nothing",
        rows=sum(row.emptied for row in changes),
        refilled=sum(row.created for row in changes),
        cells=sum(len(r.new) for r in changes if not (r.emptied or r.created)),
        tabs=dropped,
        unmarked=unmarked,
        kept=kept,
        notes=(*_not_recorded(job, rows), *tabs.notes),
        dry_run=job.dry_run,
    )
    if result.way == "nothing" or job.dry_run:
        return result
    change = replace(job.change, rows=changes, marking="off" if unmarked else "")
    done = publish(job.path, data, raw.sha256, sound(job.path, (), target), change=change)
    return replace(result, batch=done.batch)


def _not_recorded(job: _Job, rows: tuple[ChangedRow, ...]) -> Iterator[str]:
    """Say that the journal knows of more than the rows that are on record."""
    entry, told = job.entry, replace(job.change, rows=rows)
    if (told.created, told.emptied, told.cells) == (entry.created, entry.emptied, entry.cells):
        return
    kept = backup_file(job.journal.folder / entry.book, entry.before) if entry.before else None
    where = f"，改动之前的整本在备份里：{kept}" if kept else ""
    yield f"逐格的记录不全（.sheetcrm/batches 里的文件缺了或损坏），没有记录的格子没有撤销{where}。"


def _before(job: _Job, raw: RawBook) -> Before:
    """Give the rows of a sheet around the run: only its own changes lie between the two ends."""

    @cache
    def around() -> RawBook | None:
        return raw if raw.sha256 == job.entry.after else _kept(job)

    def rows(sheet: str) -> Rows | None:
        book = around()
        return next((s.rows for s in book.sheets if s.name == sheet), None) if book else None

    return rows


def _kept(job: _Job) -> RawBook | None:
    book = job.journal.folder / job.journal.book
    for digest_ in (job.entry.before, job.entry.after):
        backup = backup_file(book, digest_) if digest_ else None
        if backup is not None:
            with suppress(FileProblem):
                return read_book(backup)
    return None


def _with_cells(
    target: Workbook, planned: Plan
) -> tuple[bytes, tuple[ChangedRow, ...], list[KeptCell]]:
    """Write the cells; return what was written, and the cells that cannot be, with the reason."""
    result = set_cells(target, planned.cells)
    refused = {(each.sheet, each.cell): each.reason for each in result.kept}
    kept: list[KeptCell] = []
    changes: list[ChangedRow] = []
    for row in planned.changes:
        stays = [c for c in row.new if (row.sheet, f"{c}{row.row}") in refused]
        kept += [_refused(row, c, refused[row.sheet, f"{c}{row.row}"]) for c in stays]
        left = replace(
            row,
            new={c: value for c, value in row.new.items() if c not in stays},
            old={c: value for c, value in row.old.items() if c not in stays},
        )
        changes += [left] if left.new else []
    return result.data, tuple(changes), kept


def _refused(row: ChangedRow, column: str, reason: str) -> KeptCell:
    held = row.old.get(column)
    return KeptCell(row.sheet, f"{column}{row.row}", held, held, reason)


@dataclass
class _Tabs:
    """Our tabs and colours of an entry, as far as they can be taken out of the book."""

    job: _Job
    target: Workbook
    notes: list[str] = field(default_factory=list)

    def without(self, data: bytes) -> tuple[bytes, tuple[str, ...], bool]:
        """Return the book without them, the tabs taken out, and whether colours were."""
        entry, later = self.job.entry, self._later()
        again = {kind for each in later for kind in each.tabs}
        names = {kind: sheet.name for kind, sheet in self.target.tabs.items()}
        edited = edited_tabs(self.target, COLOURS)
        touched = [k for k in entry.added if k in edited and k not in again]
        self._note(touched, "里有改过的内容，留着")
        replaced = [k for k in entry.tabs if k not in entry.added and k not in again]
        self._note(replaced, "以前就有，旧的内容换不回来；再运行一次 sheetcrm summarise 就会更新")
        gone = {k for k in entry.added if k in names and k not in again and k not in edited}
        data, dropped = self._dropped(data, gone)
        coloured = entry.marking == "on" and not any(each.marking == "on" for each in later)
        plain = unmark(open_target(data, str(self.job.path))) if coloured else data
        return plain, tuple(names[k] for k in names if k in dropped), plain != data

    def _dropped(self, data: bytes, kinds: set[str]) -> tuple[bytes, set[str]]:
        if not kinds:
            return data, kinds
        try:
            return drop_tabs(open_target(data, str(self.job.path)), kinds), kinds
        except FileProblem as problem:
            self._note(sorted(kinds, key=list(ALL_TITLES).index), f"没有去掉：{problem.reason}")
            return data, set()

    def _note(self, kinds: Collection[str], said: str) -> None:
        names = [self.target.tabs[kind].name for kind in kinds if kind in self.target.tabs]
        if names:
            self.notes.append(f"“{'、'.join(names)}”{said}。")

    def _later(self) -> list[Entry]:
        """Return what was done to the book after the entry, and stands."""
        undone, entries = self.job.journal.undone(), self.job.journal.entries()
        at = next(n for n, each in enumerate(entries) if each.key == self.job.entry.key)
        return [e for e in entries[at + 1 :] if e.state == "committed" and e.key not in undone]


def _shown(raw: RawBook, kept: Collection[KeptCell]) -> tuple[KeptEdit, ...]:
    """Return cells as they may be shown, contact data masked."""
    contacts = _contact_columns(raw) if kept else frozenset()

    def text(each: KeptCell, value: Cell) -> str:
        column = each.cell.rstrip("0123456789")
        plain = as_text(value)
        return mask_contact(plain) if (each.sheet, column) in contacts else mask_within(plain)

    return tuple(
        KeptEdit(each.sheet, each.cell, text(each, each.then), text(each, each.now), each.reason)
        for each in kept
    )


def _contact_columns(raw: RawBook) -> frozenset[tuple[str, str]]:
    """Return sheet and letter of the columns that hold phones, e-mails and the like."""
    recognised = recognise(raw, load_kit())
    return frozenset(
        (table.sheet, column_letter(heading.column))
        for kind, table in recognised.tables.items()
        for heading in table.headings
        if heading.known
        and heading.key in recognised.kit.by_key[kind].by_key
        and recognised.kit.by_key[kind].by_key[heading.key].type in CONTACT_TYPES
    )
