"""The files of an import: lead sheets, and decision workbooks that come back for them."""

import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from sheetcrm.book.guard import read_bytes
from sheetcrm.book.publish import sha256
from sheetcrm.book.read import read_book
from sheetcrm.book.sniff import LeadSheets, read_lead_sheet
from sheetcrm.book.worker import Reader
from sheetcrm.errors import FileProblem
from sheetcrm.intake.answers import Answers, Mended, MendTab, is_decision_book, read_answers, shown
from sheetcrm.kit.model import Kit
from sheetcrm.table import Cell, RawBook, RawSheet
from sheetcrm.workflows.import_ahead import Ahead

SUFFIX = "-导入决定"
Say = Callable[[str], None]
_BACKED_UP = "原来的那份备份在 .sheetcrm/backup 里"


@dataclass(frozen=True)
class Came:
    """One file that is imported.

    `path` is the lead sheet, `decision` where its decision workbook belongs and `decision_sha256`
    the hash of the one that is there (None where there is none). `original` is what was read,
    `raw` the same with mended rows in their place. `answers` are what people chose; `mended` has
    the fingerprint that a changed row had before, by sheet and row of `raw`, "" for an added one.
    `alone` says that the sheet itself is not there: `raw` has the rows of 待修正 only.
    """

    path: Path
    decision: Path
    decision_sha256: str | None
    original: RawBook
    raw: RawBook
    answers: Answers | None = None
    assumptions: tuple[str, ...] = ()
    source: str = ""
    encoding: str = ""
    mended: Mapping[tuple[str, int], str] = field(default_factory=dict)
    alone: bool = False


@dataclass(frozen=True)
class Asked:
    """What the command line says of the files.

    `decisions` is a decision workbook named beside the sheet; `book` the file name of the book.
    """

    source: str
    encoding: str | None
    decisions: Path | None
    book: str


def read_files(paths: Sequence[Path], ahead: Ahead, asked: Asked, kit: Kit, say: Say) -> list[Came]:
    """Read lead sheets, and what was decided about them.

    Args:
        paths: The files.
        ahead: Their content, as it is being read.
        asked: What the command line says of them.
        kit: The book's.
        say: Told what is being read.

    Raises:
        FileProblem: A file cannot be used, or a decision workbook is for another book.
    """
    came: list[Came] = []
    with closing(Reader()) as reader:  # a child is started when there is something to read
        for path, lead in zip(paths, ahead, strict=True):
            say(f"读取 {path.name}")
            one = _read(path, lead.result(), asked, kit, reader)
            if (at := _there(one, came)) is not None:
                came[at] = _once(path, came[at], one)
                continue
            if any(one.decision == other.decision for other in came):
                other_name = path.with_name(f"{path.name}{SUFFIX}.xlsx")
                one = replace(one, decision=other_name, decision_sha256=_hash(other_name))
            came.append(one)
    return came


def _there(one: Came, came: Sequence[Came]) -> int | None:
    """Return where the same sheet came before: named twice, by a link, or by its decisions."""
    same = (
        n
        for n, other in enumerate(came)
        if one.path.resolve() == other.path.resolve()
        and one.alone == other.alone
        and (not one.alone or one.decision.resolve() == other.decision.resolve())
    )
    return next(same, None)


def _once(named: Path, first: Came, again: Came) -> Came:
    """Return the one of two that is imported, the one somebody handed back rather than another."""
    said = f"“{named.name}”写了两次"
    if named.name != first.path.name:
        said = f"“{named.name}”和“{first.path.name}”是同一份线索表"
    kept = again if named == again.decision else first
    return replace(kept, assumptions=(*kept.assumptions, f"{said}，只导入一次"))


def _read(path: Path, lead: LeadSheets, asked: Asked, kit: Kit, reader: Reader) -> Came:
    if is_decision_book(lead.raw):
        return _handed_back(path, lead.raw, asked, kit, reader)
    decision = asked.decisions or decision_path(path)
    answers = _decided(decision, path, asked, kit, reader)
    if answers and not asked.decisions and answers.origin.sha256 != lead.raw.sha256:
        answers = None  # of an earlier sheet of that name: it is written anew
    notes = lead.assumptions
    if answers is None and decision.exists():
        notes = (*notes, f"“{decision.name}”不是为现在这份文件填的，没有用；{_BACKED_UP}")
    if answers and not asked.decisions:
        notes = (*notes, f"沿用了旁边“{decision.name}”里填好的决定")
    return _with_answers(path, decision, lead.raw, answers, notes, asked)


def decision_path(path: Path) -> Path:
    """Return where the decision workbook of a sheet belongs: beside it."""
    return path.with_name(f"{path.stem}{SUFFIX}.xlsx")


def _handed_back(path: Path, raw: RawBook, asked: Asked, kit: Kit, reader: Reader) -> Came:
    """Read the sheet that a decision workbook belongs to, from beside it."""
    answers = _for_this_book(path, read_answers(raw, kit), asked)
    sheet = path.with_name(answers.origin.file)
    if sheet.is_file():
        encoding = asked.encoding or answers.origin.encoding or None
        lead = read_lead_sheet(sheet, reader, encoding)
        if lead.raw.sha256 == answers.origin.sha256:
            return _with_answers(sheet, path, lead.raw, answers, lead.assumptions, asked)
        why = f"“{sheet.name}”在这期间改过"
    else:
        why = f"旁边没有“{sheet.name}”"
    again = f"其余的请再运行一次 sheetcrm import {sheet.name}"
    kept = f"预演不改动“{path.name}”，写入时才重写它，{_BACKED_UP}"
    note = f"{why}，这次只导入“待修正”里的行；{again}。{kept}"
    alone, mended, places = _only_mended(raw, answers)
    if not mended:
        remedy = f"请把它放回同一个文件夹，或{again}"
        raise FileProblem(str(path), f"{why}，“待修正”里也没有行", remedy)
    moved = replace(
        answers,
        mended=(),
        actions={places[at]: what for at, what in answers.actions.items() if at in places},
        strange={places[at]: what for at, what in answers.strange.items() if at in places},
    )
    made = _with_answers(sheet, path, alone, moved, (note,), asked)
    return replace(made, mended=mended, alone=True)


def _decided(path: Path, sheet: Path, asked: Asked, kit: Kit, reader: Reader) -> Answers | None:
    """Read the decision workbook of a sheet, None where there is none.

    Raises:
        FileProblem: Something else has that name; it is not to be replaced.
    """
    if not path.exists():
        if asked.decisions:
            raise FileProblem(str(path), "找不到这份导入决定", "请检查路径和文件名")
        return None
    raw = read_book(path, reader)
    if not is_decision_book(raw):
        remedy = "请给它改个名字，或换一个“--decisions”"
        raise FileProblem(str(path), "这不是导入时生成的决定文件，没有覆盖它", remedy)
    answers = read_answers(raw, kit)
    if answers.origin.file != sheet.name or answers.origin.book != asked.book:
        if asked.decisions:
            _for_this_book(path, answers, asked)
            reason = f"这份导入决定是给“{answers.origin.file}”的，不是给“{sheet.name}”的"
            raise FileProblem(str(path), reason, "请核对文件名")
        return None
    return answers


def _for_this_book(path: Path, answers: Answers, asked: Asked) -> Answers:
    if answers.origin.book != asked.book:
        reason = f"这份导入决定是给“{answers.origin.book}”的，不是给“{asked.book}”的"
        raise FileProblem(str(path), reason, "请核对 --into 后面的文件名")
    return answers


def _with_answers(
    path: Path,
    decision: Path,
    original: RawBook,
    answers: Answers | None,
    assumptions: tuple[str, ...],
    asked: Asked,
) -> Came:
    raw, mended = _mended(original, answers) if answers else (original, {})
    source = asked.source or (answers.origin.source if answers else "")
    encoding = asked.encoding or (answers.origin.encoding if answers else "")
    return Came(
        path,
        decision,
        _hash(decision),
        original,
        raw,
        answers,
        assumptions,
        source,
        encoding,
        mended,
    )


def _hash(path: Path) -> str | None:
    return sha256(read_bytes(path, str(path))) if path.exists() else None


def _mended(raw: RawBook, answers: Answers) -> tuple[RawBook, dict[tuple[str, int], str]]:
    """Return the file with mended rows in their place, and which rows were changed or added."""
    changed: dict[tuple[str, int], str] = {}
    names = {tab.number: tab.sheet for tab in answers.tabs}
    sheets = []
    for sheet in raw.sheets:
        rows: list[list[Cell]] = [list(row) for row in sheet.rows]
        # A row that somebody added has no place yet: it comes behind those that have one.
        for each in sorted(answers.mended, key=lambda each: each.row or sys.maxsize):
            if names.get(each.number) != sheet.name:
                continue
            last = len(rows) + len(answers.mended)
            at = each.row if 0 < each.row <= last else len(rows) + 1
            rows += [[] for _ in range(at - len(rows))]
            new = _merged(rows[at - 1], each)
            if new != rows[at - 1]:
                changed[sheet.name, at] = each.fingerprint
                rows[at - 1] = new
        sheets.append(replace(sheet, rows=rows) if changed else sheet)
    return replace(raw, sheets=tuple(sheets)), changed


def _merged(row: Sequence[Cell], mended: Mended) -> list[Cell]:
    """Return a row with the cells that were changed; the others keep their type."""
    merged = [*row, *([None] * (max(mended.cells, default=0) - len(row)))]
    for column, cell in mended.cells.items():
        if shown(cell).strip() != shown(merged[column - 1]).strip():
            merged[column - 1] = cell
    return merged if any(merged[len(row) :]) else merged[: len(row)]


def _only_mended(
    raw: RawBook, answers: Answers
) -> tuple[RawBook, dict[tuple[str, int], str], dict[tuple[str, int], tuple[str, int]]]:
    """Return the rows of 待修正 as if they were the sheet that came in.

    Also returns the fingerprints they had, and where each row of the sheet is now.
    """
    sheets: list[RawSheet] = []
    prints: dict[tuple[str, int], str] = {}
    places: dict[tuple[str, int], tuple[str, int]] = {}
    for tab in answers.tabs:
        rows = [each for each in answers.mended if each.number == tab.number]
        if rows:
            sheets.append(_as_sheet(tab, rows))
            prints |= {(tab.sheet, at): each.fingerprint for at, each in enumerate(rows, 2)}
            places |= {(tab.sheet, each.row): (tab.sheet, at) for at, each in enumerate(rows, 2)}
    return replace(raw, sheets=tuple(sheets)), prints, places


def _as_sheet(tab: MendTab, rows: Sequence[Mended]) -> RawSheet:
    width = max(tab.headings, default=0)
    texts = [[tab.headings.get(column) for column in range(1, width + 1)]]
    cells = [[each.cells.get(column) for column in range(1, width + 1)] for each in rows]
    return RawSheet(tab.sheet, [*texts, *cells])
