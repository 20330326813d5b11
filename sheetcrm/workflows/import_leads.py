"""`sheetcrm import`: lead sheets into the book; a dry run unless told to write."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.guard import read_bytes
from sheetcrm.book.journal import Journal, open_journal
from sheetcrm.book.maps import KeptMap, save_map
from sheetcrm.book.publish import publish, refuse_open, sha256
from sheetcrm.book.read import read_book
from sheetcrm.book.remote import local
from sheetcrm.book.target import Workbook, open_target
from sheetcrm.clean import CleanBook, clean
from sheetcrm.errors import FileChanged, FileProblem
from sheetcrm.findings import Finding
from sheetcrm.intake.answers import Origin
from sheetcrm.intake.counts import Counts, total
from sheetcrm.intake.decide import open_rows
from sheetcrm.intake.incoming import saved_map
from sheetcrm.intake.own_words import with_own_words
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.person import OWNER
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import RawBook
from sheetcrm.tabs.decision_book import decision_workbook
from sheetcrm.tabs.decision_plan import Plan, SheetPlan
from sheetcrm.workflows.cycles import without_cycle_search
from sheetcrm.workflows.import_ahead import reading_ahead
from sheetcrm.workflows.import_files import Asked, Came, Say, read_files
from sheetcrm.workflows.import_ids import reserve
from sheetcrm.workflows.import_plan import (
    Ask,
    FilePlan,
    FileSheets,
    Planned,
    Situation,
    decide_files,
    read_sheets,
    with_ledger,
)
from sheetcrm.workflows.import_write import nothing_to_write, write_rows
from sheetcrm.workflows.self_check import sound

COMMAND = "import"
# Another run may take ids at the same moment; more often than this, something is wrong.
_TRIES = 20


@dataclass(frozen=True)
class ImportOptions:
    """What the command line says of an import.

    `as_of` is the day grades and dates are judged on, `now` the moment that becomes 录入时间;
    `maps` are `--map` texts; `decisions` names a decision workbook that is not beside its sheet.
    """

    as_of: date
    now: datetime
    maps: tuple[str, ...] = ()
    source: str = ""
    encoding: str | None = None
    decisions: Path | None = None
    apply: bool = False


@dataclass(frozen=True)
class FileResult:
    """What became of one file; `decision` is its decision workbook, None where there is none."""

    plan: Plan
    decision: Path | None


@dataclass(frozen=True)
class ImportResult:
    """What an import did, or would do: `batch` is "" unless something was written."""

    book: Path
    files: tuple[FileResult, ...]
    applied: bool
    batch: str = ""
    notes: tuple[str, ...] = ()

    @property
    def counts(self) -> Counts:
        """Rows of all files by what became of them."""
        return total(each.plan.counts for each in self.files)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What was found about the incoming rows."""
        sheets = [sheet for each in self.files for sheet in each.plan.sheets]
        return tuple(f for s in sheets for f in (*s.incoming.findings, *s.decided.findings))

    def as_json(self) -> dict[str, Any]:
        """Return `import --json` (docs/commands.md).

        `mapping` gives the field of every heading by its key, `stage:商机` for the day of a stage,
        null for one that waits for an answer and "" for one that is left out; a heading that
        means different things in two sheets goes by `sheet!heading`. `batch` is null where nothing
        was written.
        """
        return {
            **self.counts.as_json(),
            "mapping": self._mapping(),
            "batch": self.batch or None,
            "findings": [each.as_json() for each in self.findings],
        }

    def _mapping(self) -> dict[str, str | None]:
        mapping: dict[str, str | None] = {}
        for each in self.files:
            for sheet in each.plan.sheets:
                for match in sheet.incoming.headings:
                    key = f"stage:{match.stage}" if match.stage else match.key
                    meant = None if match.how == "asked" else key
                    clash = mapping.get(match.text, meant) != meant
                    name = f"{sheet.incoming.sheet}!{match.text}" if clash else match.text
                    mapping[name] = meant
        return mapping


@dataclass(frozen=True)
class _Book:
    """The workbook that is imported into, as it was read; `target` is opened for changing."""

    path: Path
    raw: RawBook
    target: Workbook


@without_cycle_search()
def import_leads(
    paths: Sequence[str],
    into: str,
    options: ImportOptions,
    ask: Ask | None = None,
    say: Say = lambda _text: None,
) -> ImportResult:
    """Import lead sheets, or decision workbooks that come back, into a workbook.

    Args:
        paths: The files.
        into: The workbook.
        options: How.
        ask: Asks about headings that nobody knows; without it they wait in 列映射.
        say: Told what is being done.

    Raises:
        FileProblem: A file cannot be used, or the book cannot be written.
        FileChanged: The book changed meanwhile: nothing is written.
        BadMapping: A `--map` cannot be understood.
        UnknownName: It names no field.
    """
    target, sheets_there = local(into), [local(path) for path in paths]
    say(f"读取 {target.name}")
    with reading_ahead(sheets_there, options.encoding) as ahead:
        book = _open(target, sheets_there)
        journal, run = open_journal(book.path), Run(COMMAND)
        situation = _situation(book, journal, options)
        asked = Asked(options.source, options.encoding, options.decisions, book.path.name)
        words = with_ledger(situation.book.kit)
        files = read_files(sheets_there, ahead, asked, words, say)
    say("认表头")
    sheets = [read_sheets(came, situation, ask) for came in files]
    say("查重，分配编号和负责人")
    if not options.apply:
        planned = decide_files(sheets, situation)
        say("写导入决定")
        done = tuple(_decision(book, plan, situation) for plan in planned.files)
        return ImportResult(book.path, done, applied=False)
    for came in files:
        refuse_open(came.decision)
    refuse_open(book.path)
    planned = _with_reserved_ids(sheets, situation, (journal, run))
    return _apply(book, planned, (situation, run), say)


def _open(path: Path, sheets: Sequence[Path]) -> _Book:
    if not path.exists():
        remedy = f"请检查文件名；要新建一本，先运行 sheetcrm new -o {path.name}"
        raise FileProblem(str(path), "找不到要导入到的工作簿", remedy)
    if any(sheet.exists() and sheet.samefile(path) for sheet in sheets):
        reason = "来的文件和要导入到的工作簿是同一个"
        raise FileProblem(str(path), reason, "--into 后面要写另一本工作簿")
    raw, data = read_book(path), read_bytes(path, str(path))
    if sha256(data) != raw.sha256:
        raise FileChanged(str(path))
    return _Book(path, raw, open_target(data, str(path), inspected=True))


def _situation(book: _Book, journal: Journal, options: ImportOptions) -> Situation:
    recognised = recognise(book.raw, load_kit())
    if not recognised.tables:
        raise FileProblem(
            str(book.path),
            "没有找到认识的表格，不知道往哪里导入",
            "请确认表头里有客户名称、负责人、阶段等常见列名，或先用 sheetcrm new 新建一本",
            code="HDR-01",
        )
    return Situation(
        with_own_words(_with_one_home(clean(recognised))),
        book.path,
        options.as_of,
        options.now,
        options.maps,
        journal.high_water(),
        journal.fingerprints(),
    )


def _with_one_home(book: CleanBook) -> CleanBook:
    """Return the book if it is plain where new leads go.

    Raises:
        FileProblem: Every person has a sheet, and no column says whose a lead is.
    """
    leads = book.tables.get("lead")
    if leads is None or leads.source.has(OWNER) or OWNER not in leads.data:
        return book
    if leads.data[OWNER].nunique() > 1:
        sheets = "、".join(f"“{part.sheet}”" for part in leads.source.sheets)
        raise FileProblem(
            book.file,
            f"线索每人一张表（{sheets}），看不出新线索该写到谁的表里",
            "请给这几张表都加上“负责人”列并填好，或者每人存成一个文件，导入到要写的那一个",
        )
    return book


def _with_reserved_ids(
    sheets: Sequence[FileSheets], situation: Situation, journalled: tuple[Journal, Run]
) -> Planned:
    """Decide, and set the new ids aside; again where another run took some of them meanwhile.

    Raises:
        FileProblem: Others take ids all the time.
    """
    journal, run = journalled
    for _ in range(_TRIES):
        current = replace(situation, taken=journal.high_water())
        planned = decide_files(sheets, current)
        if reserve(journal, run, current.taken, planned, situation.book):
            return planned
    raise FileProblem(str(situation.path), "别的导入一直在占用编号", "请等它们结束后再试", "FIL-07")


def _apply(book: _Book, planned: Planned, told: tuple[Situation, Run], say: Say) -> ImportResult:
    """Write the book, remember the maps, write the decision workbooks."""
    situation, run = told
    batch, notes = "", tuple[str, ...]()
    if not nothing_to_write(planned):
        say(f"写入 {book.path.name}")
        written = write_rows(book.target, book.raw, situation.book, planned)
        names = "、".join(plan.came.path.name for plan in planned.files)
        change = Change(run, written.rows, source=names)
        check = sound(book.path, (), book.target)
        published = publish(book.path, written.data, book.raw.sha256, check, change=change)
        batch, notes = published.batch, written.notes
    for plan in planned.files:
        kept = saved_map([sheet.incoming for sheet in plan.sheets])
        with suppress(OSError):  # the book is written; next time people are asked again
            save_map(book.path, plan.came.source, KeptMap(dict(kept.headings), dict(kept.values)))
    say("写导入决定")
    done = []
    for plan in planned.files:
        try:
            done.append(_decision(book, plan, situation, batch))
        except FileProblem as problem:
            notes = (*notes, str(problem))
            done.append(FileResult(_plan(book, plan, situation, batch), None))
    return ImportResult(book.path, tuple(done), True, batch, notes)  # noqa: FBT003


def _decision(book: _Book, plan: FilePlan, situation: Situation, batch: str = "") -> FileResult:
    """Write the decision workbook of a file beside it.

    Without its sheet it is left alone until something is written: it says more than can be known.

    Raises:
        FileProblem: It is open or cannot be written.
    """
    came, shown = plan.came, _plan(book, plan, situation, batch)
    if came.alone and not batch:
        return FileResult(shown, came.decision)
    publish(
        came.decision,
        decision_workbook(shown),
        came.decision_sha256,
        sound(came.decision, ()),
        change=Change(Run(COMMAND)),
    )
    return FileResult(shown, came.decision)


def _plan(book: _Book, plan: FilePlan, situation: Situation, batch: str) -> Plan:
    came = plan.came
    facts = (came.path.name, came.original.sha256, came.source, came.encoding)
    origin = Origin(*facts, book.path.name, batch)
    command = f"sheetcrm import {came.decision.name} --into {book.path.name} --apply"
    kit = with_ledger(situation.book.kit)
    sheets = [_with_what_people_did(sheet, came, batch) for sheet in plan.sheets]
    return Plan(origin, kit, sheets, came.assumptions, command, plan.notes)


def _with_what_people_did(sheet: SheetPlan, came: Came, batch: str) -> SheetPlan:
    """Keep what people wrote in the decision workbook until it is in the book.

    Written rows are known again; a choice that stayed would be carried out twice.
    """
    decisions, chosen = sheet.decided.decisions, sheet.decided.chosen
    left = decisions.index
    if batch:
        left = open_rows(sheet.decided)
        skipped = set(decisions.index[decisions["action"] == "skip"])
        chosen = {row: said for row, said in chosen.items() if row in skipped}
    name = sheet.incoming.sheet
    mended = {row: mark for (at, row), mark in came.mended.items() if at == name and row in left}
    return replace(sheet, decided=replace(sheet.decided, chosen=chosen), mended=mended)
