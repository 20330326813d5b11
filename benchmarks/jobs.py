"""One job in a process of its own: `python -m benchmarks.jobs NAME ARGUMENT…` prints its cost.

What a job only needs to be ready (imports, what it writes) is done before the clock starts.
"""

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import floors, peers
from benchmarks.data import AS_OF
from benchmarks.measure import timed

if TYPE_CHECKING:  # what is loaded is part of what is measured
    from sheetcrm.book.write_rows import Built

Job = Callable[[], object]


def read_check(path: str) -> Job:
    """Return the read and the check with all built-in rules."""
    from sheetcrm import checks
    from sheetcrm.book.read import read_book
    from sheetcrm.clean import clean
    from sheetcrm.kit.load import load_kit
    from sheetcrm.kit.recognise import recognise

    def job() -> None:
        checks.judge(clean(recognise(read_book(path), load_kit())), AS_OF)

    return job


def read(*paths: str) -> Job:
    """Return the guarded read of some workbooks."""
    from sheetcrm.book.read import read_book

    return lambda: [read_book(path) for path in paths]


def build_tabs(small: str) -> Job:
    """Return the building of three summary tabs from a small workbook's figures."""
    return _three_tabs(small)


def write_back(path: str, small: str, folder: str) -> Job:
    """Return the building of three tabs, their graft, the self-check and the publishing.

    Into a copy of the workbook: one that has the tabs already would not be written at all.
    """
    from sheetcrm.book.changes import Change, Run
    from sheetcrm.book.publish import sha256
    from sheetcrm.tabs.build import Wanted
    from sheetcrm.workflows.write_back import Origin, write_into

    build = _three_tabs(small)
    target = Path(shutil.copy(path, _fresh(folder)))
    digest = sha256(target.read_bytes())  # reading a workbook gives it

    def job() -> None:
        builder = (lambda names, replaced: build(),) * 2
        origin = Origin(target, digest, Change(Run("summarise")))
        write_into(origin, Wanted(_KINDS), builder)

    return job


_KINDS = ("funnel", "conversion", "overdue")


def _three_tabs(small: str) -> "Callable[[], Built]":
    from sheetcrm.book.read import read_book
    from sheetcrm.clean import clean
    from sheetcrm.kit.load import load_kit
    from sheetcrm.kit.recognise import recognise
    from sheetcrm.metrics.dataset import dataset
    from sheetcrm.metrics.summary import summarise
    from sheetcrm.tabs.build import TITLES, summary_tabs
    from sheetcrm.tabs.source import files_places

    summary = summarise(dataset([clean(recognise(read_book(small), load_kit()))]), AS_OF)
    places, names = files_places({small: small}), {kind: TITLES[kind] for kind in _KINDS}
    return lambda: summary_tabs(names, places, summary).finish_apart()


def generate(folder: str) -> Job:
    """Return the making of an empty workbook with all tables."""
    from sheetcrm.kit.load import load_kit
    from sheetcrm.workflows.new import NewOptions, new

    target = _fresh(folder) / "新.xlsx"
    return lambda: new(target, load_kit(), NewOptions(), AS_OF)


def import_sheet(sheet: str, book: str, folder: str) -> Job:
    """Return the import of a lead sheet into a copy of a workbook."""
    from sheetcrm.workflows.import_leads import ImportOptions, import_leads

    place = _fresh(folder)
    copies = [shutil.copy(path, place) for path in (sheet, book)]
    options = ImportOptions(AS_OF, datetime(2026, 6, 30, 9), apply=True)  # noqa: DTZ001
    return lambda: import_leads([copies[0]], copies[1], options)


def weekly(source: str, folder: str, jobs: str) -> Job:
    """Return the weekly job on a copy of a folder."""
    return _weekly(_copied(source, folder), int(jobs))


def weekly_again(source: str, folder: str, jobs: str) -> Job:
    """Return the second weekly job on a folder that nobody touched; its results are kept."""
    place = _copied(source, folder)
    _weekly(place, int(jobs))()
    return _weekly(place, int(jobs))


def _weekly(folder: Path, jobs: int) -> Job:
    from sheetcrm.workflows.weekly import weekly as run

    return lambda: run(folder, AS_OF, jobs=jobs)


def weekly_script(source: str, folder: str) -> Job:
    """Return the weekly job as a script of pandas and openpyxl does it."""
    from benchmarks import script

    return script.weekly_script(source, folder)


def styled_script(source: str, folder: str) -> Job:
    """Return the same script with named styles."""
    from benchmarks import script

    return script.weekly_script(source, folder, styles=True)


def summarise(path: str, folder: str) -> Job:
    """Return the summary of a workbook, all tabs written into a copy of it."""
    from sheetcrm.workflows.summarise import summarise_books

    copy = shutil.copy(path, _fresh(folder))
    return lambda: summarise_books([copy], AS_OF)


def all_tabs(path: str, folder: str) -> Job:
    """Return the figures of a workbook that was read and checked, and all tabs written into it."""
    from sheetcrm.book.changes import Change, Run
    from sheetcrm.book.read import read_book
    from sheetcrm.workflows.examine import examine
    from sheetcrm.workflows.report import ALL_KINDS, report

    copy = Path(shutil.copy(path, _fresh(folder)))
    examined = examine(copy, read_book(copy), AS_OF)
    return lambda: report(examined, AS_OF, ALL_KINDS, change=Change(Run("summarise")))


def _copied(source: str, folder: str) -> Path:
    place = _fresh(folder)
    for path in Path(source).iterdir():
        shutil.copy(path, place)
    return place


def _fresh(folder: str) -> Path:
    place = Path(folder)
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    return place


JOBS: dict[str, Callable[..., Job]] = {
    **{job.__name__: job for job in (read_check, read, build_tabs, write_back, generate)},
    **{job.__name__: job for job in (import_sheet, weekly, weekly_again, all_tabs, summarise)},
    **{job.__name__: job for job in (weekly_script, styled_script)},
    **floors.JOBS,
    **peers.JOBS,
}


if __name__ == "__main__":
    print(json.dumps(asdict(timed(JOBS[sys.argv[1]](*sys.argv[2:])))))  # noqa: T201
