"""Corrections in the user's own cells: made in memory and checked again before they are written."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Literal, TypeAlias, cast

from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.changes import ChangedRow, Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.publish import refuse_open
from sheetcrm.book.target import Workbook, open_target
from sheetcrm.checks.exceptions import split
from sheetcrm.checks.fixes import Fix, fixes
from sheetcrm.checks.new_ids import TABLE, IdForm, blank_ids, id_form
from sheetcrm.clean import CleanBook
from sheetcrm.errors import FileProblem
from sheetcrm.table import Cell, RawBook, RawSheet, column_number
from sheetcrm.tabs.findings_record import previous_findings
from sheetcrm.values.text import as_text
from sheetcrm.workflows.examine import Examined, examine
from sheetcrm.workflows.self_check import sound

Extent: TypeAlias = Literal["", "ids", "all"]
"""What is corrected: nothing, only blank ids of workbooks of our own, or all that is harmless."""


@dataclass(frozen=True)
class Left:
    """A correction that was not made, and why, in Chinese."""

    fix: Fix
    reason: str


@dataclass(frozen=True)
class Orders:
    """How new ids are given out: for which run, and whether the files wait for their turn.

    Where many files are worked on at once, each says first how many ids it needs; they are then
    set aside in the order of the files, so that it does not matter who was quicker.
    """

    run: Run
    in_turn: bool = False


class IdsNeeded(Exception):
    """A file has to wait for its turn: the numbers (first, last) it would take alone, by stem."""

    def __init__(self, path: Path, needed: Mapping[str, tuple[int, int]]) -> None:
        self.path, self.needed = path, needed
        super().__init__(str(path), needed)


@dataclass(frozen=True)
class Repaired:
    """A workbook with its corrections made, in memory: `target` is what is to be written.

    `examined` is checked anew with them. `target` is None where nothing was to be corrected.
    """

    examined: Examined
    target: Workbook | None = None
    fixes: tuple[Fix, ...] = ()
    left: tuple[Left, ...] = ()


def repair(examined: Examined, as_of: date, extent: Extent, orders: Orders) -> Repaired:
    """Make the harmless corrections of a workbook that was examined.

    New ids are reserved in the journal for the run, so that no other workbook of the folder, now
    or later, is given the same.

    Raises:
        IdsNeeded: New ids must be given out, and it is not yet this file's turn.
        FileChanged: The file changed after it was read.
        FileProblem: It is open, or a sheet is damaged.
    """
    wanted = _wanted(examined, as_of, extent, orders)
    if not wanted:
        return Repaired(examined)
    data = examined.data()
    try:
        target = open_target(data, str(examined.path))
    except FileProblem as problem:
        return Repaired(examined, left=tuple(Left(fix, problem.reason) for fix in wanted))
    result = set_cells(target, _by_sheet(wanted))
    kept = {(k.sheet, k.cell): k.reason for k in result.kept}
    left = tuple(Left(f, kept[f.sheet, f.cell]) for f in wanted if (f.sheet, f.cell) in kept)
    made = tuple(f for f in wanted if (f.sheet, f.cell) not in kept)
    if not made:
        return Repaired(examined, left=left)
    sound(examined.path, (), target)(result.data)
    again = examine(examined.path, with_cells(examined.raw, made), as_of)
    return Repaired(again, open_target(result.data, str(examined.path)), made, left)


def with_cells(raw: RawBook, made: Iterable[Fix]) -> RawBook:
    """Return what reading the workbook gives once the corrections are written."""
    by_sheet: dict[str, list[Fix]] = {}
    for fix in made:
        by_sheet.setdefault(fix.sheet, []).append(fix)
    sheets = (_with_cells(s, by_sheet[s.name]) if s.name in by_sheet else s for s in raw.sheets)
    return replace(raw, sheets=tuple(sheets))


def _with_cells(sheet: RawSheet, made: Sequence[Fix]) -> RawSheet:
    rows: list[Sequence[Cell]] = list(sheet.rows)
    for fix in made:
        rows += [[] for _ in range(fix.row - len(rows))]
        column = _column(fix.cell)
        row = [*rows[fix.row - 1], *([None] * (column - len(rows[fix.row - 1])))]
        row[column - 1] = fix.new
        rows[fix.row - 1] = row
    return replace(sheet, rows=rows)


def _column(cell: str) -> int:
    return column_number(_letters(cell))


def _letters(cell: str) -> str:
    return cell.rstrip("0123456789")


def row_changes(repaired: Repaired) -> tuple[ChangedRow, ...]:
    """Return the corrections as the journal keeps them, one change a row."""
    rows: dict[tuple[str, int], list[Fix]] = {}
    for fix in repaired.fixes:
        rows.setdefault((fix.sheet, fix.row), []).append(fix)
    return tuple(
        ChangedRow(
            sheet,
            row,
            new={_letters(fix.cell): fix.new for fix in fixed},
            old={_letters(fix.cell): fix.old for fix in fixed},
            id=_id_of(repaired.examined.book, sheet, row),
        )
        for (sheet, row), fixed in rows.items()
    )


def _id_of(book: CleanBook, sheet: str, row: int) -> str:
    for table in book.tables.values():
        key = table.spec.id_column
        at = table.source.row_at(sheet, row)
        if key in table.data and at in table.data.index:
            return as_text(cast(Cell, table.source.raw.at[at, key]))
    return ""


def _wanted(examined: Examined, as_of: date, extent: Extent, orders: Orders) -> list[Fix]:
    if not extent:
        return []
    book, ids = examined.book, _new_ids(examined, extent, orders)
    if extent == "ids":
        return ids
    settled, _ = split(book.findings, book.exemptions, as_of)
    return [*fixes(book, settled), *ids]


def _new_ids(examined: Examined, extent: Extent, orders: Orders) -> list[Fix]:
    """Give ids to the rows without one, and reserve them; nobody else gets the same."""
    journal = open_journal(examined.path)
    form = id_form(examined.book, TABLE) if TABLE in examined.book.tables else None
    if form is None or not _ids_after(examined, extent, {}):
        return []
    refuse_open(examined.path)
    own = _set_aside_for(examined, orders.run)
    if own:
        before = {stem: first - 1 for stem, (first, _) in own.items()}
        ids = _ids_after(examined, extent, {**journal.high_water(), **before})
        if _ranges(form, ids) == own:
            return ids
    elif orders.in_turn:
        raise IdsNeeded(examined.path, _ranges(form, _ids_after(examined, extent, {})))
    while True:
        seen = journal.high_water()
        ids = _ids_after(examined, extent, seen)
        if journal.reserve(orders.run, _ranges(form, ids), seen):
            return ids


def _set_aside_for(examined: Examined, run: Run) -> dict[str, tuple[int, int]]:
    """Return the numbers a workbook may take: those of its turn, or of a try that came to nothing.

    Numbers that were published are taken, unless it is that very try that is worked out again.
    """
    journal = open_journal(examined.path)
    own = journal.reserved(run)
    entry = journal.of_run(run) if own and examined.stored is None else None
    return {} if entry is not None and entry.state == "committed" else own


def set_aside(needed: Mapping[str, tuple[int, int]], path: Path, run: Run) -> None:
    """Reserve numbers for a workbook before it is worked on again.

    Args:
        needed: What `IdsNeeded` said: as many, from there on.
        path: The workbook.
        run: For whom.

    Raises:
        FileProblem: Another process kept the lock for too long.
        OSError: The journal cannot be written.
    """
    journal = open_journal(path)
    while True:
        seen = journal.high_water()
        ids = {}
        for stem, (first, last) in needed.items():
            start = max(first, seen.get(stem, 0) + 1)
            ids[stem] = (start, start + last - first)
        if journal.reserve(run, ids, seen):
            return


def _ids_after(examined: Examined, extent: Extent, taken: Mapping[str, int]) -> list[Fix]:
    """Return ids that follow on the highest numbers taken, by stem, and on the book's own."""
    tab = examined.raw.tab("findings")
    # Rows that are gone may have had an id that was reported once.
    named = {record.finding.key for record in previous_findings(tab.rows)} if tab else set()
    gone = {*named, *(f"{stem}{number:03d}" for stem, number in taken.items())}
    return blank_ids(examined.book, examined.findings, gone, guests=extent == "all")


def _ranges(form: IdForm, ids: Iterable[Fix]) -> dict[str, tuple[int, int]]:
    return form.ranges(str(fix.new) for fix in ids)


def _by_sheet(wanted: Iterable[Fix]) -> Mapping[str, Mapping[str, CellValue]]:
    cells: dict[str, dict[str, CellValue]] = {}
    for fix in wanted:
        cells.setdefault(fix.sheet, {})[fix.cell] = fix.new
    return cells
