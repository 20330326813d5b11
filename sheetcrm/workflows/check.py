"""The check: every workbook read and checked; nothing is written unless asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.find import find_books
from sheetcrm.book.marks import unmark
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.remote import refuse_remote
from sheetcrm.book.target import open_target
from sheetcrm.findings import Finding, counts
from sheetcrm.workflows.folder import FileDone, FileJob, run_files
from sheetcrm.workflows.parallel import Crew, Progress, silent
from sheetcrm.workflows.report import FINDINGS_ONLY


@dataclass(frozen=True)
class CheckResult:
    """What a check found; `findings` of all files, in their order."""

    as_of: date
    files: tuple[FileDone, ...]
    findings: tuple[Finding, ...]

    @property
    def nothing_usable(self) -> bool:
        """Say that not one workbook could be checked."""
        return not any(done.book for done in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return `check --json` (docs/commands.md): one record per cell, never grouped or capped.

        `suppressed` are the findings that a 例外 tab silences, with its reason; they are not in
        `findings`. `fixes` are the corrections that were made.
        """
        return {
            "as_of": self.as_of.isoformat(),
            "files": [file_json(f) for f in self.files],
            "findings": [f.as_json() for f in self.findings],
            "counts": counts(self.findings),
            "suppressed": [each.as_json() for done in self.files for each in done.suppressed],
            "fixes": [fix.as_json() for done in self.files for fix in done.fixes],
        }


def check(
    paths: Sequence[str],
    as_of: date,
    *,
    write: bool = False,
    mark: bool = False,
    fix: bool = False,
) -> CheckResult:
    """Check the workbooks that `paths` (files, folders, globs) name.

    Args:
        paths: What to check.
        as_of: The day that "overdue" and "future" are measured from.
        write: Also write the 校验结果 tab into each workbook.
        mark: Write it and colour the cells.
        fix: First make the harmless corrections; the findings are those that are left.

    Raises:
        FileProblem: A file that is named does not exist.
        NothingToDo: There is no workbook.
    """
    return check_files(paths, check_job(as_of, write=write, mark=mark, fix=fix))


def check_job(
    as_of: date, *, write: bool = False, mark: bool = False, fix: bool = False
) -> FileJob:
    """Return what a check does with each workbook."""
    kinds = FINDINGS_ONLY if write or mark else ()
    return FileJob(as_of, kinds, mark, "all" if fix else "", run=Run("check"))


def check_files(
    paths: Sequence[str], job: FileJob, jobs: int | Crew = 1, progress: Progress = silent
) -> CheckResult:
    """Check workbooks as `check` does, in up to `jobs` processes, or by a crew.

    Raises:
        FileProblem: A file that is named does not exist.
        NothingToDo: There is no workbook.
    """
    found = find_books(paths)
    files = run_files(found.books, job, jobs, progress)
    findings = (*found.findings, *(f for done in files for f in done.findings))
    return CheckResult(job.as_of, tuple(files), findings)


def remove_marks(paths: Sequence[str]) -> list[tuple[Path, bool]]:
    """Take the colours of `check --mark` off the cells; say of each workbook whether it had any.

    Raises:
        FileProblem: A workbook is open, or cannot be written.
        NothingToDo: There is no workbook.
    """
    done, change = [], Change(Run("check"), marking="off")
    books = find_books(paths).books
    refuse_remote(books)
    for path in books:
        data = path.read_bytes()
        plain = unmark(open_target(data, str(path)))
        done.append((path, publish(path, plain, sha256(data), change=change).changed))
    return done


def file_json(done: FileDone) -> dict[str, Any]:
    """Return one object of `files`."""
    tables = done.book.tables if done.book else {}
    return {
        "path": str(done.path),
        "sheets": [
            {"name": part.sheet, "table": kind, "rows": len(part.raw)}
            for kind, t in tables.items()
            for part in t.source.sheets
        ],
    }
