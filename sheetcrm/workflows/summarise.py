"""The summary of one workbook in place, or of several in one file."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path

from sheetcrm.book.changes import Run
from sheetcrm.book.find import find_books
from sheetcrm.errors import SheetcrmError
from sheetcrm.workflows.folder import FileJob, run_files
from sheetcrm.workflows.parallel import Crew, Progress, silent
from sheetcrm.workflows.report import ALL_KINDS
from sheetcrm.workflows.weekly import TeamResult, team


class IntoMissing(SheetcrmError):
    """Several workbooks are to be summed up, but nobody said where."""

    def __init__(self, count: int) -> None:
        super().__init__(
            f"这里有 {count} 个工作簿，请用 --into 指定汇总写到哪个文件，例如 --into 汇总.xlsx。"
        )


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
        FileProblem: The only workbook cannot be used, or the file to write is open.
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
