"""The manager's weekly job: every workbook its findings and summary, the team workbook all."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.find import find_books
from sheetcrm.book.read import read_book
from sheetcrm.book.remote import RemotePath, is_remote, located, refuse_remote
from sheetcrm.book.write_rows import Built
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.findings import Finding
from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.kept import NOTHING
from sheetcrm.metrics.results import Summary
from sheetcrm.metrics.summary import summarise
from sheetcrm.metrics.words import ReportWords, report_words
from sheetcrm.table import LAST_ROW, RawBook
from sheetcrm.tabs.build import summary_tabs, wanted
from sheetcrm.tabs.findings_record import (
    CheckReport,
    PersonCount,
    Record,
    by_person,
    compare,
    previous_findings,
)
from sheetcrm.tabs.kept import read_kept
from sheetcrm.tabs.team import team_places
from sheetcrm.tabs.titles import TEAM_KINDS
from sheetcrm.workflows.check import CheckResult
from sheetcrm.workflows.cycles import without_cycle_search
from sheetcrm.workflows.examine import problem_finding
from sheetcrm.workflows.folder import FileDone, FileJob, run_files
from sheetcrm.workflows.parallel import Crew, Progress, silent
from sheetcrm.workflows.remember import hash_of, keep, key_of, recall
from sheetcrm.workflows.report import ALL_KINDS
from sheetcrm.workflows.write_back import Written, write_own

TEAM_BOOK = "团队汇总.xlsx"
MOST_LEADS = LAST_ROW - 50  # room for what stands above them


@dataclass(frozen=True)
class TeamResult:
    """Several workbooks summed up in one: `summary` and `team` are None without a lead table.

    `words` are the report in words.

    `people` say how many findings of each person are new, still open and fixed since the last run.
    """

    as_of: date
    files: tuple[FileDone, ...]
    findings: tuple[Finding, ...]
    summary: Summary | None
    team: Written | None
    people: tuple[PersonCount, ...] = ()
    words: ReportWords | None = None

    @property
    def done(self) -> bool:
        """Say whether at least one workbook could be used."""
        return any(each.book for each in self.files)

    def as_json(self) -> dict[str, Any]:
        """Return `weekly --json`: the keys of `check --json`, and those of `summarise --json`."""
        return {
            **CheckResult(self.as_of, self.files, self.findings).as_json(),
            "summary": self.summary.as_json() if self.summary else None,
            "people": [asdict(person) for person in self.people],
            "written": [str(f.written.path) for f in self.files if f.written],
            "team": str(self.team.path) if self.team else None,
        }


def weekly(
    folder: Path,
    as_of: date,
    into: Path | None = None,
    jobs: int | Crew = 1,
    *,
    mark: bool = False,
    progress: Progress = silent,
) -> TeamResult:
    """Check and summarise every workbook of a folder, and the team.

    Rows without a 线索编号 in workbooks of our own are given one; nothing else is corrected.

    Args:
        folder: The workbooks; a team workbook among them is never input.
        as_of: The day of the report.
        into: The team workbook, `团队汇总.xlsx` in the folder by default.
        jobs: Number of processes, or who does the work.
        mark: Also colour the cells with errors and warnings.
        progress: Told how far the run is.

    Raises:
        NothingToDo: There is no workbook.
        FileProblem: `folder` is a file.
    """
    place = located(folder)
    if isinstance(place, RemotePath):
        return _weekly_remote(place, as_of, into, jobs, progress)
    if place.is_file():
        raise FileProblem(
            str(folder), "每周任务要的是文件夹，这是一个文件", "只处理这一本请用 sheetcrm summarise"
        )
    job = FileJob(as_of, ALL_KINDS, mark, "ids", run=Run("weekly"))
    return team([str(place)], into or place / TEAM_BOOK, job, jobs, progress)


def _weekly_remote(
    folder: RemotePath, as_of: date, into: Path | None, jobs: int | Crew, progress: Progress
) -> TeamResult:
    """Check and sum up workbooks under a URL, which themselves stay as they are."""
    if into is None:
        raise FileProblem(
            str(folder),
            "网上的工作簿只读不写，团队汇总要写到这台电脑上",
            "请用 --into 指定汇总文件，例如 --into 团队汇总.xlsx",
        )
    return team([str(folder)], into, FileJob(as_of, (), run=Run("weekly")), jobs, progress)


def team(
    paths: Sequence[str],
    into: Path,
    job: FileJob,
    jobs: int | Crew = 1,
    progress: Progress = silent,
) -> TeamResult:
    """Run `job` on every workbook and write the team workbook `into`.

    A team workbook that is open or cannot be written is a finding: the rest has been done.

    Raises:
        NothingToDo: There is no workbook.
        FileProblem: `into` is a URL.
    """
    into = located(into)
    refuse_remote([into])
    found = find_books(paths)
    inputs = [p for p in found.books if p.resolve() != into.resolve()]
    if not inputs:
        raise NothingToDo(into.name, "要汇总的就是写入的这个文件；只汇总它自己请不要写 --into")
    files = run_files(inputs, job, jobs, progress)
    findings = (*found.findings, *(f for done in files for f in done.findings))
    kept = recall(_key(files, found.findings, into, hash_of(into), job))
    if kept and isinstance(kept.result, TeamResult):
        return replace(kept.result, files=tuple(files), findings=findings)
    result = _team_of(files, findings, into, job)
    if result.team and not result.team.findings and all(done.sha256 for done in files):
        team_book = replace(result.team, changed=False, batch="")
        key = _key(files, found.findings, into, result.team.sha256, job)
        keep(key, replace(result, files=(), findings=(), team=team_book))
    return result


def _key(
    files: Sequence[FileDone],
    copies: Sequence[Finding],
    into: Path,
    digest: str,
    job: FileJob,
) -> str:
    """Return the key of a team's result: its workbooks and its team workbook, byte by byte.

    Attachments come and go while the workbooks stay as they are, if nothing is written into them.
    """
    books = [(str(done.path), done.sha256, sorted(done.absent)) for done in files]
    return key_of("team", books, copies, str(into), str(into.resolve()), digest, job.as_of)


@without_cycle_search()
def _team_of(
    files: Sequence[FileDone], findings: tuple[Finding, ...], into: Path, job: FileJob
) -> TeamResult:
    """Sum the workbooks up and write the team workbook."""
    books = [done.book for done in files if done.book and "lead" in done.book.tables]
    if not books:
        return TeamResult(job.as_of, tuple(files), findings, None, None)
    data = dataset(books)
    summary = summarise(data, job.as_of)
    kinds = (*TEAM_KINDS, "findings")
    relative = {str(done.path): _relative(done.path, into) for done in files}
    linked = {str(d.path): relative[str(d.path)] for d in files if not is_remote(d.path)}

    suppressed = [each for done in files for each in done.suppressed]

    def build(names: Mapping[str, str], replaced: Sequence[Finding]) -> Built:
        places = team_places(names["team"], summary, linked)
        with_edits = replace(check, findings=(*findings, *replaced))
        return summary_tabs(names, places, summary, with_edits, analysis).finish_apart()

    try:
        _refuse_too_many(len(summary.leads), into)
        before = read_book(into) if into.exists() else None
        kept = read_kept(before.tab) if before else NOTHING
        analysis = analyse(data, summary, kept)
        check = CheckReport(
            job.as_of,
            findings,
            _previous(before),
            {relative[str(done.path)]: done.unchecked for done in files},
            suppressed,
            several=True,
        )
        people = tuple(by_person(compare(check)))
        tabs = wanted(kinds, summary, analysis, data.kit.unwanted_tabs(team=True))
        written = write_own(into, tabs, build, Change(job.run))
    except FileProblem as problem:
        found_all = (*findings, problem_finding(problem))
        return TeamResult(job.as_of, tuple(files), found_all, summary, None)
    found_all = (*findings, *written.findings)
    words = report_words(summary, analysis)
    return TeamResult(job.as_of, tuple(files), found_all, summary, written, people, words)


def _refuse_too_many(leads: int, into: Path) -> None:
    """Raise where 团队明细 would not hold the leads; the workbooks themselves are done by then."""
    if leads > MOST_LEADS:
        raise FileProblem(
            str(into),
            f"共有 {leads:,} 条线索，Excel 的一页放不下，没有写团队汇总",
            "请按部门分成几个文件夹，各自汇总",
        )


def _relative(path: Path, into: Path) -> str:
    """Return the path links are written with: from the team workbook's folder where possible."""
    if is_remote(path):
        return str(path)
    try:
        return os.path.relpath(path.resolve(), into.resolve().parent)
    except ValueError:  # another drive on Windows
        return str(path.resolve())


def _previous(before: RawBook | None) -> list[Record]:
    tab = before.tab("findings") if before else None
    return previous_findings(tab.rows) if tab else []
