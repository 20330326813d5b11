"""The summary of one workbook in place, or of several in one file."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sheetcrm.book.changes import Run
from sheetcrm.book.find import find_books
from sheetcrm.errors import IntoMissing
from sheetcrm.workflows.folder import FileJob, run_files
from sheetcrm.workflows.parallel import Crew, Progress, silent
from sheetcrm.workflows.report import ALL_KINDS
from sheetcrm.workflows.weekly import TeamResult, team


def summarise_books(
    paths: Sequence[str],
    as_of: date,
    into: Path | None = None,
    jobs: int | Crew = 1,
    progress: Progress = silent,
) -> TeamResult:
    """Write the summary tabs: one workbook in place, several into one file.

    Args:
        paths: Files, folders, globs.
        as_of: The day of the report.
        into: The file for several workbooks.
        jobs: Number of processes, or who does the work.
        progress: Told how far the run is.

    Raises:
        FileProblem: What is to be written is under a URL, or a file is not there. A workbook that
            is damaged or open is a finding of the result.
        IntoMissing: Several workbooks and no `into`.
        NothingToDo: There is no workbook.
    """
    run = Run("summarise")
    if into is not None:
        return team(paths, into, FileJob(as_of, (), run=run), jobs, progress)
    found = find_books(paths)
    if len(found.books) > 1:
        raise IntoMissing(len(found.books))
    files = run_files(
        found.books, FileJob(as_of, ALL_KINDS, run=run), jobs if isinstance(jobs, Crew) else 1
    )
    findings = (*found.findings, *(f for done in files for f in done.findings))
    first = files[0]
    return TeamResult(as_of, tuple(files), findings, first.summary, None, words=first.words)
