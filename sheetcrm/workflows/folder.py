"""Many workbooks in one run: each reported on its own, one bad file never stops the rest."""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from pathlib import Path

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.worker import Reader
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.checks.fixes import Fix
from sheetcrm.clean import CleanBook
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.findings import Finding
from sheetcrm.metrics.results import Summary
from sheetcrm.table import RawBook
from sheetcrm.workflows.examine import examine, problem_finding
from sheetcrm.workflows.fix import Extent, Left, Repaired, repair, row_changes
from sheetcrm.workflows.report import ALL_KINDS, figures, report
from sheetcrm.workflows.write_back import Written

Progress = Callable[[Path], None]


@dataclass(frozen=True)
class FileJob:
    """What to do with each workbook of a run.

    `kinds` are the tabs to write, none to only look; `mark` also colours the cells; `fix` says
    what is corrected in the cells themselves. All that is written is one batch of the journal, by
    `run`.
    """

    as_of: date
    kinds: tuple[str, ...] = ALL_KINDS
    mark: bool = False
    fix: Extent = ""
    run: Run = field(kw_only=True)


@dataclass(frozen=True)
class FileDone:
    """One workbook of a run. `book` is None where it could not be used at all.

    `suppressed` are the findings that its 例外 tab silences; `fixes` are the corrections made in
    its cells, `left` those that could not be made.
    """

    path: Path
    findings: tuple[Finding, ...]
    book: CleanBook | None = None
    summary: Summary | None = None
    written: Written | None = None
    unchecked: tuple[tuple[str, str], ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    fixes: tuple[Fix, ...] = ()
    left: tuple[Left, ...] = ()


def run_files(
    paths: Sequence[Path], job: FileJob, jobs: int = 1, progress: Progress = lambda _path: None
) -> list[FileDone]:
    """Run a job over workbooks, in `jobs` processes; results come in the order of `paths`.

    Summaries of earlier runs (team workbooks, summaries beside a workbook) are left out.

    Raises:
        NothingToDo: There is nothing but such summaries.
    """
    done = _run_here(paths, job, progress) if jobs <= 1 else _run_apart(paths, job, jobs, progress)
    if not done:
        where = "、".join(path.name for path in paths) or "这个文件夹"
        raise NothingToDo(where, "这里只有以前生成的汇总；请指定填有数据的工作簿")
    return done


def _run_here(paths: Sequence[Path], job: FileJob, progress: Progress) -> list[FileDone]:
    with Reader() as reader:
        return [d for p in paths if (d := _one(p, job, reader, progress)) is not None]


def _run_apart(
    paths: Sequence[Path], job: FileJob, jobs: int, progress: Progress
) -> list[FileDone]:
    pool: Executor = ProcessPoolExecutor(max_workers=min(jobs, max(1, len(paths))))
    with pool:
        done = []
        for part in pool.map(partial(_chunk, job=job), _chunks(paths, jobs)):
            for each in part:
                progress(each.path)
                done.append(each)
    return sorted(done, key=lambda d: paths.index(d.path))


def _chunks(paths: Sequence[Path], jobs: int) -> list[list[Path]]:
    """Deal the files out in turn, a few chunks a process, so that big files spread."""
    count = max(1, min(len(paths), jobs * 4))
    return [list(paths[n::count]) for n in range(count)]


def _chunk(paths: Iterable[Path], job: FileJob) -> list[FileDone]:
    return _run_here(list(paths), job, lambda _path: None)


def _one(path: Path, job: FileJob, reader: Reader, progress: Progress) -> FileDone | None:
    progress(path)
    try:
        raw = reader.read(path)
        if is_summary(raw):
            return None
        examined = examine(path, raw, job.as_of)
    except FileProblem as problem:
        return FileDone(path, (problem_finding(problem),))
    try:
        return _reported(repair(examined, job.as_of, job.fix, job.run), job)
    except FileProblem as problem:
        found = (*examined.findings, problem_finding(problem))
        summary = figures(examined, job.as_of)
        return FileDone(path, found, examined.book, summary, None, examined.unchecked)


def _reported(repaired: Repaired, job: FileJob) -> FileDone:
    """Write what the job asks for, corrections and tabs in one go."""
    examined = repaired.examined
    seen = FileDone(
        examined.path,
        examined.findings,
        examined.book,
        unchecked=examined.unchecked,
        suppressed=examined.suppressed,
        fixes=repaired.fixes,
        left=repaired.left,
    )
    if not job.kinds and repaired.target is None:
        return replace(seen, summary=figures(examined, job.as_of))
    change = Change(job.run, row_changes(repaired))
    base = repaired.target
    done = report(examined, job.as_of, job.kinds, change=change, mark=job.mark, base=base)
    return replace(seen, findings=done.findings, summary=done.summary, written=done.written)


def is_summary(raw: RawBook) -> bool:
    """Say whether a workbook is a summary of ours, which is never input."""
    return raw.tab("team") is not None or all(sheet.tab for sheet in raw.sheets)
