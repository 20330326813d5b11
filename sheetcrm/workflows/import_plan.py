"""What an import is going to do: every sheet mapped, every row decided, nothing written."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import TypeAlias

import pandas as pd

from sheetcrm.book.maps import load_map
from sheetcrm.clean import CleanBook
from sheetcrm.errors import FileProblem
from sheetcrm.intake.after import after
from sheetcrm.intake.decide import decide
from sheetcrm.intake.fingerprint import fingerprints
from sheetcrm.intake.given import given_map
from sheetcrm.intake.incoming import incoming
from sheetcrm.intake.ledger import LEDGER
from sheetcrm.intake.model import Decided, Incoming, SavedMap
from sheetcrm.intake.options import Answer, Options, Strange
from sheetcrm.intake.payments import Ledger, ledgers
from sheetcrm.intake.post import post
from sheetcrm.intake.posting import as_decided, as_incoming
from sheetcrm.kit.model import Kit
from sheetcrm.table import RawBook, RawSheet
from sheetcrm.tabs.decision_plan import SheetPlan, lines
from sheetcrm.workflows.import_files import Came

# Asks about headings that nobody knows; what it returns is read as `--map`.
Ask = Callable[[Incoming, Kit], Sequence[str]]
# Fingerprints by sheet and row of the file.
Prints: TypeAlias = Mapping[tuple[str, int], frozenset[str]]


@dataclass(frozen=True)
class Situation:
    """What an import finds: the book at `path`, and what the journal says of it.

    `maps` are the `--map` texts, `taken` the highest number given out by id stem, `imported` the
    fingerprints of rows that are in the book already, with the ids they went to.
    """

    book: CleanBook
    path: Path
    as_of: date
    now: datetime
    maps: tuple[str, ...] = ()
    taken: Mapping[str, int] = field(default_factory=dict)
    imported: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class FileSheets:
    """The tables of one file, and its lists of orders or receipts, mapped and typed."""

    came: Came
    tables: tuple[Incoming, ...]
    ledgers: tuple[Ledger, ...] = ()


@dataclass(frozen=True)
class FilePlan:
    """The plan of one file: its tables, and the fingerprints that mended rows had before.

    `posted` are the fingerprints of finance documents, with the ids of their leads.
    """

    came: Came
    sheets: tuple[SheetPlan, ...]
    before: Prints
    notes: tuple[str, ...] = ()
    posted: tuple[tuple[str, str], ...] = ()


def read_sheets(came: Came, situation: Situation, ask: Ask | None = None) -> FileSheets:
    """Map and type the tables of a file; ask about headings that nobody knows.

    Raises:
        FileProblem: There is no table in it.
        BadMapping: A `--map` cannot be understood.
    """
    found = _incoming(came.raw, came, situation, _given(came, situation, situation.maps))
    if ask is not None:
        said = tuple(
            text for sheet in found if sheet.unmapped for text in ask(sheet, situation.book.kit)
        )
        if said:
            given = _given(came, situation, (*situation.maps, *said))
            found = _incoming(came.raw, came, situation, given)
    given, saved = _given(came, situation, situation.maps), _saved(came, situation)
    lists = ledgers(came.raw, situation.book.kit, given, saved)
    if not found and not lists:
        if _is_one_row(came.raw):
            reason = "里面只有一行，像是表头，没有数据行"
            remedy = "请确认导出时选上了数据，再导入一次"
            raise FileProblem(str(came.path), reason, remedy, code="HDR-01")
        raise FileProblem(
            str(came.path),
            "没有找到能导入的表",
            "表头里要有客户名称、联系人、电话这样的列；叫法不同的用 --map 表头=字段 指明",
            code="HDR-01",
        )
    return FileSheets(came, tuple(found), lists)


def _is_one_row(raw: RawBook) -> bool:
    """Say whether nothing but one row is filled in the whole file."""
    filled = (row for sheet in raw.sheets for row in sheet.rows if any(row))
    return len(list(islice(filled, 2))) == 1


@dataclass(frozen=True)
class Planned:
    """The plans of all files of a run.

    A sheet may match rows that a sheet before it brings in, which are not in the book yet: they go
    by numbers below its last row. `brought` has the file, the number of the table and the row they
    came from, by table key and that number.
    """

    files: tuple[FilePlan, ...]
    brought: Mapping[tuple[str, int], tuple[int, int, int]]

    def with_later_changes(self, number: int, sheet: SheetPlan) -> pd.DataFrame:
        """Return the new rows of a sheet with what the sheets behind it change in them."""
        kind, mine, new = sheet.table, (number, sheet.number), sheet.decided.new
        others = (s for plan in self.files for s in plan.sheets if s.table == kind)
        changes = (line for other in others for _, line in lines(other.decided.changes))
        for change in changes if self.brought else ():
            came = self.brought.get((kind, int(change["target"])))
            if came is not None and came[:2] == mine:
                new = new.copy() if new is sheet.decided.new else new
                if change["key"] not in new and sheet.existing is not None:
                    column = sheet.existing.data[change["key"]]
                    new[change["key"]] = column.iloc[:0].reindex(new.index)
                new.at[came[2], change["key"]] = change["new"]
        return new


@dataclass
class _Run:
    """The book as it grows while one sheet after another is decided about.

    `pending` is what the last sheet brings, which only matters to one behind it.
    """

    situation: Situation
    grown: CleanBook
    known: dict[str, str]
    brought: dict[tuple[str, int], tuple[int, int, int]] = field(default_factory=dict)
    pending: tuple[int, int, Incoming, Decided] | None = None

    @property
    def book(self) -> CleanBook:
        """The book with all that the sheets so far bring."""
        if self.pending is not None:
            number, at, sheet, decided = self.pending
            before = self.grown.tables[sheet.kind]
            self.grown, self.pending = after(self.grown, sheet, decided), None
            rows = self.grown.tables[sheet.kind].data.index[len(before.data) :]
            for row, old in zip(rows, decided.new.index, strict=True):
                self.brought[sheet.kind, int(row)] = (number, at, int(old))
        return self.grown

    def table(self, number: int, at: int, sheet: Incoming, came: Came) -> SheetPlan:
        """Decide about the rows of a table the book has."""
        table = self.book.tables[sheet.kind]
        decided = decide(sheet, self.book, _options(came, sheet, self.situation))
        self.pending = (number, at, sheet, decided)
        return SheetPlan(at, _raw(came, sheet.sheet), sheet, decided, table)

    def ledger(
        self, at: int, ledger: Ledger, came: Came
    ) -> tuple[SheetPlan, tuple[tuple[str, str], ...]]:
        """Decide about orders or receipts; also return the documents that are dealt with."""
        leads, raw = self.book.tables["lead"], _raw(came, ledger.sheet)
        posted = post(ledger, self.book, self.known)
        sheet = as_incoming(ledger, raw, came.source)
        decided = as_decided(sheet, ledger, posted, leads)
        self.grown = after(self.book, replace(sheet, kind="lead"), decided)
        self.known |= dict(posted.fingerprints)
        return SheetPlan(at, raw, sheet, decided, leads), posted.fingerprints


def decide_files(files: Sequence[FileSheets], situation: Situation) -> Planned:
    """Decide about every row of every file, each knowing what those before it bring in.

    Raises:
        FileProblem: The book has no sheet for a table that came in.
    """
    run = _Run(situation, situation.book, dict(situation.imported))
    plans = [_file(run, number, sheets) for number, sheets in enumerate(files)]
    return Planned(tuple(plans), run.brought)


def _file(run: _Run, number: int, sheets: FileSheets) -> FilePlan:
    came, tables = sheets.came, run.situation.book.tables
    homeless = [
        *(sheet.sheet for sheet in sheets.tables if sheet.kind not in tables),
        *(each.sheet for each in sheets.ledgers if "lead" not in tables),
    ]
    book = run.situation.path.name
    notes = tuple(f"“{book}”里没有放工作表“{name}”的表，没有导入它" for name in homeless)
    made: list[SheetPlan] = []
    posted: tuple[tuple[str, str], ...] = ()
    for sheet in sheets.tables:
        if sheet.kind in tables:
            made.append(run.table(number, len(made) + 1, sheet, came))
    for each in sheets.ledgers if "lead" in tables else ():
        plan, done = run.ledger(len(made) + 1, each, came)
        made, posted = [*made, plan], (*posted, *done)
    if not made:
        raise FileProblem(str(came.path), notes[0], "请先给工作簿加上这张表，或换一个文件")
    return FilePlan(came, tuple(made), _before(came, run.situation), notes, posted)


def _raw(came: Came, name: str) -> RawSheet:
    return next(sheet for sheet in came.raw.sheets if sheet.name == name)


def _given(came: Came, situation: Situation, maps: Sequence[str]) -> SavedMap:
    """Return what people said: the command line before the decision workbook."""
    typed = read_maps(maps, with_ledger(situation.book.kit))
    if came.answers is None:
        return typed
    said = came.answers.given
    return SavedMap({**said.headings, **typed.headings}, {**said.values, **typed.values})


def with_ledger(kit: Kit) -> Kit:
    """Return the kit with the words of orders and receipts, which are no table of a book."""
    return kit.model_copy(update={"tables": (*kit.tables, LEDGER)})


def read_maps(maps: Sequence[str], kit: Kit) -> SavedMap:
    """Read `--map` texts: 表头=字段, or 字段:来的写法=表里的写法 for a column with a list.

    Raises:
        BadMapping: One of them is neither.
        UnknownName: It names no field, stage or list column of the book.
    """
    listed = {name for t in kit.tables for c in t.columns if c.list for name in (c.name, c.key)}
    values = [text for text in maps if text.replace("：", ":").partition(":")[0] in listed]
    return given_map([text for text in maps if text not in values], values, kit)


def _incoming(raw: RawBook, came: Came, situation: Situation, given: SavedMap) -> list[Incoming]:
    own = {
        kind: [h.text for h in table.source.headings if not h.known]
        for kind, table in situation.book.tables.items()
    }
    saved = _saved(came, situation)
    return list(incoming(raw, situation.book.kit, given, saved, came.source, own))


def _saved(came: Came, situation: Situation) -> SavedMap:
    kept = load_map(situation.path, came.source)
    return SavedMap(kept.headings, kept.values)


def _options(came: Came, sheet: Incoming, situation: Situation) -> Options:
    answers: dict[str, Answer] = {}
    strange: dict[str, Strange] = {}
    said = came.answers
    if said and (said.actions or said.strange):
        prints = fingerprints(sheet)
        rows = {(sheet.sheet, int(row)): str(mark) for row, mark in prints.items()}  # type: ignore[call-overload]
        answers = {rows[at]: Answer(what) for at, what in said.actions.items() if at in rows}
        strange = {rows[at]: what for at, what in said.strange.items() if at in rows}
    return Options(
        situation.as_of,
        situation.now,
        source=came.source,
        taken=situation.taken,
        imported=situation.imported.keys(),
        answers=answers,
        strange=strange,
        decision=came.decision.name,
    )


def _before(came: Came, situation: Situation) -> Prints:
    """Return the fingerprints that mended rows had before, by sheet and row.

    They are remembered with the mended rows, so that the sheet as it came is known again.
    """
    found = {place: {mark} - {""} for place, mark in came.mended.items()}
    if found and came.original is not came.raw:
        for sheet in _incoming(came.original, came, situation, _given(came, situation, ())):
            prints = fingerprints(sheet)
            for name, row in found:
                if name == sheet.sheet and row in prints.index:
                    found[name, row].add(prints[row])
    return {place: frozenset(marks) for place, marks in found.items()}
