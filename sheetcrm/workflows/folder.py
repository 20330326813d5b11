"""Many workbooks in one run: each reported on its own, one bad file never stops the rest."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache, partial
from pathlib import Path
from threading import Lock

from sheetcrm import checks
from sheetcrm.book.beside import absent
from sheetcrm.book.changes import Change, Run
from sheetcrm.book.remote import refuse_remote
from sheetcrm.book.shared import Outlook, outlook
from sheetcrm.book.target import open_target
from sheetcrm.book.worker import Reader
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.checks.fixes import Fix
from sheetcrm.clean import CleanBook
from sheetcrm.errors import FileProblem, NothingToDo, SheetcrmError
from sheetcrm.findings import Finding
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.words import ReportWords
from sheetcrm.table import RawBook
from sheetcrm.workflows.examine import examine, problem_finding
from sheetcrm.workflows.fix import (
    Extent,
    IdsNeeded,
    Left,
    Orders,
    Repaired,
    repair,
    row_changes,
    set_aside,
)
from sheetcrm.workflows.parallel import Crew, Progress, Step, Work, silent, spread
from sheetcrm.workflows.processes import crew_for
from sheetcrm.workflows.reading import ReadBook, is_small, read_for, reading_ahead
from sheetcrm.workflows.remember import hash_of, keep, key_of, recall
from sheetcrm.workflows.report import ALL_KINDS, figures, report
from sheetcrm.workflows.retried import as_at_first
from sheetcrm.workflows.write_back import Written

# The findings that tell of a file as a whole that it could not be used or written.
FAILURES = frozenset({"FIL-01", "FIL-02", "FIL-07", "HDR-01"})

_TURN = Lock()
_MOST_WORDS = 4000


@dataclass(frozen=True)
class FileJob:
    """What to do with each workbook of a run.

    `kinds` are the tabs to write, none to only look; `mark` also colours the cells; `fix` says
    what is corrected in the cells themselves. All that is written is one batch of the journal, by
    `run`. Where files are worked on `in_turn`, those that need new ids wait.
    """

    as_of: date
    kinds: tuple[str, ...] = ALL_KINDS
    mark: bool = False
    fix: Extent = ""
    run: Run = field(kw_only=True)
    in_turn: bool = field(default=False, kw_only=True)


@dataclass(frozen=True)
class FileDone:
    """One workbook of a run. `book` is None where it could not be used at all.

    `suppressed` are the findings that its 例外 tab silences; `fixes` are the corrections made in
    its cells, `left` those that could not be made; `words` are its report in words. `absent` are
    the attachments it names that are not there. `sha256` is that of the bytes all this is said
    of, "" where the next run may say something else.
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
    words: ReportWords | None = None
    absent: frozenset[str] = frozenset()
    sha256: str = ""

    @property
    def failure(self) -> Finding | None:
        """What kept it from being used, or from being written."""
        return next((f for f in self.findings if not f.sheet and f.code in FAILURES), None)


@dataclass(frozen=True)
class Waiting:
    """A file whose turn for new ids comes later: the numbers it would take, by stem."""

    needed: Mapping[str, tuple[int, int]]


def run_files(
    paths: Sequence[Path], job: FileJob, jobs: int | Crew = 1, progress: Progress = silent
) -> list[FileDone]:
    """Run a job over workbooks; results come in the order of `paths`, whoever does the work.

    Summaries of earlier runs (team workbooks, summaries beside a workbook) are left out. Of a
    workbook that is as an earlier run left it, that run's result is returned.

    Args:
        paths: The workbooks.
        job: What to do with each.
        jobs: In how many processes, or by whom.
        progress: Told how far the run is.

    Raises:
        NothingToDo: There is nothing but such summaries.
        FileProblem: The job writes, and a workbook is under a URL.
        ClusterProblem: The cluster broke down.
    """
    if job.kinds or job.fix:
        refuse_remote(paths)
    results: dict[Path, FileDone | None] = {}
    if not isinstance(jobs, Crew):  # theirs recall what they have done
        for path in paths:
            with suppress(KeyError):
                results[path] = _recalled(path, job)
    left = [path for path in paths if path not in results]
    crew = crew_for(len(left), jobs)
    if crew:
        results |= _in_turn(left, job, crew, _counted(len(paths), len(left), progress))
    elif left:
        results |= _run_here(left, job, _counted(len(paths), len(left), progress))
    done = [each for path in paths if (each := results[path]) is not None]
    if not done:
        where = "、".join(path.name for path in paths) or "这个文件夹"
        raise NothingToDo(where, "这里只有以前生成的汇总；请指定填有数据的工作簿")
    return done


def _counted(total: int, left: int, progress: Progress) -> Callable[[Path], None]:
    """Return what is told of every file, and says how many are done."""
    told: set[Path] = set()

    def tell(path: Path) -> None:
        progress(Step(path, total - left + len(told - {path}), total))
        told.add(path)

    return tell


def _run_here(
    paths: Sequence[Path], job: FileJob, tell: Callable[[Path], None]
) -> dict[Path, FileDone | None]:
    results: dict[Path, FileDone | None] = {}
    with reading_ahead(paths, _writing(job)) as read:
        for path in paths:
            tell(path)
            results[path] = _one(path, job, read)
    return results


def _in_turn(
    paths: Sequence[Path], job: FileJob, crew: Crew, tell: Callable[[Path], None]
) -> dict[Path, FileDone | None]:
    """Have the work done; files that need new ids get them in their order, then are done."""
    found = _run_apart(paths, replace(job, in_turn=bool(job.fix)), crew, tell)
    results: dict[Path, FileDone | None] = {}
    waiting = []
    for path in paths:
        each = found[path]
        if not isinstance(each, Waiting):
            results[path] = each
            continue
        with suppress(OSError, FileProblem):  # who works on the file finds out, and says so
            set_aside(each.needed, path, job.run)
        waiting.append(path)
    if waiting:
        for path, each in _run_apart(waiting, job, crew, tell).items():
            assert not isinstance(each, Waiting)
            results[path] = each
    return results


def _run_apart(
    paths: Sequence[Path], job: FileJob, crew: Crew, tell: Callable[[Path], None]
) -> "dict[Path, FileDone | Waiting | None]":
    if not crew.elsewhere:
        work = Work(partial(_in_process, job=job), _given_up, here=all(map(is_small, paths)))
        return spread(paths, work, crew, tell)
    with outlook(paths, write=bool(job.kinds or job.fix)) as seen:
        return spread(paths, Work(partial(_elsewhere, job=job, seen=seen), _given_up), crew, tell)


def _in_process(path: Path, job: FileJob) -> "FileDone | Waiting | None":
    try:
        return _one(path, job, partial(read_for, _writing(job), _process_reader()))
    except IdsNeeded as problem:
        return Waiting(problem.needed)


def _elsewhere(path: Path, job: FileJob, seen: Outlook) -> "FileDone | Waiting | None":
    """Work on one workbook on another machine, if it is the same workbook there.

    A worker of a cluster may have several threads: they take turns, as there is one reader, and
    one current folder.

    Raises:
        RuntimeError: What nobody expected, in words: not every error can be sent back.
    """
    try:
        with _TURN:
            problem = seen.enter(path) or seen.problem(path)
            if problem:
                return FileDone(path, (problem_finding(problem),))
            with suppress(KeyError):
                return _as_at_first(_recalled(path, job), job)
            return _in_process(path, job)
    except SheetcrmError:
        raise
    except Exception:
        words = traceback.format_exc()[-_MOST_WORDS:]
    raise RuntimeError(words)  # out here it drags no other error along


@cache
def _process_reader() -> Reader:
    """Return the reader of this process; its child ends when this process does."""
    return Reader()


def _writing(job: FileJob) -> Run | None:
    """Return the run, if it writes into the workbooks."""
    return job.run if job.kinds or job.fix else None


def _given_up(path: Path) -> FileDone:
    problem = FileProblem(
        str(path),
        "处理它的进程几次都意外中断（多半是内存不够）",
        "请关闭别的程序，或用 --jobs 1 再试；文件没有改动",
    )
    return FileDone(path, (problem_finding(problem),))


def _recalled(path: Path, job: FileJob) -> FileDone | None:
    """Return what an earlier run said of this workbook, if nothing has changed since.

    Raises:
        KeyError: Nothing is known, or it may be otherwise now.
    """
    kept = recall(_key(path, hash_of(path), job))
    if kept is None:
        raise KeyError(path)
    done = kept.result
    assert done is None or isinstance(done, FileDone)
    if done is not None and done.book is not None:
        named = checks.attachments.named(done.book)
        if absent(path.parent, named) != done.absent:
            raise KeyError(path)
    return done


def _key(path: Path, digest: str, job: FileJob) -> str:
    facts = (str(path), str(path.resolve()), digest, job.as_of, job.kinds, job.mark, job.fix)
    return key_of("file", *facts)


def _one(path: Path, job: FileJob, read: ReadBook) -> FileDone | None:
    """Work on one workbook, and keep the result where the next run would get the same."""
    done, digest = _worked_on(path, job, read)
    if done is None:
        keep(_key(path, digest, job), None)
        return None
    if done.book is None or done.fixes or done.left or (job.kinds and done.written is None):
        return done
    written = done.written
    if written is None:
        done = replace(done, sha256=digest)
        keep(_key(path, digest, job), done)
        return done
    if written.findings or not written.sha256:
        return done
    digest = digest if written.refused else written.sha256
    done = replace(done, sha256=digest)
    again = replace(done, written=replace(written, changed=False, batch=""))
    keep(_key(path, digest, job), again, [(str(written.path), written.sha256)])
    return done


def _worked_on(path: Path, job: FileJob, read: ReadBook) -> tuple[FileDone | None, str]:
    """Return the result (None for a summary of ours) and the hash of the bytes that were read."""
    try:
        given = read(path)
        raw = given.raw
        if is_summary(raw):
            return None, raw.sha256
        examined = replace(examine(path, raw, job.as_of), stored=given.stored)
    except FileProblem as problem:
        return FileDone(path, (problem_finding(problem),)), ""
    try:
        done = _reported(repair(examined, job.as_of, job.fix, Orders(job.run, job.in_turn)), job)
    except FileProblem as problem:
        found = (*examined.findings, problem_finding(problem))
        summary = figures(examined, job.as_of)
        done = FileDone(path, found, examined.book, summary, None, examined.unchecked)
    return _as_at_first(replace(done, absent=examined.absent), job), raw.sha256


def _as_at_first(done: FileDone | None, job: FileJob) -> FileDone | None:
    """Return what the first try said, where this is a retry of a file that is done."""
    if done is None or done.written is None:
        return done
    return replace(done, written=as_at_first(done.written, job.run))


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
    if base is None and examined.stored is not None:
        base = open_target(examined.data(), str(examined.path))
    done = report(examined, job.as_of, job.kinds, change=change, mark=job.mark, base=base)
    return replace(
        seen,
        findings=done.findings,
        summary=done.summary,
        written=done.written,
        words=done.words,
    )


def is_summary(raw: RawBook) -> bool:
    """Say whether a workbook is a summary of ours, which is never input."""
    return raw.tab("team") is not None or all(sheet.tab for sheet in raw.sheets)
