"""A try that dies at any point of a file: the retry says and leaves what one run would have."""

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sheetcrm.book.changes import Run
from sheetcrm.book.journal import Journal, open_journal
from sheetcrm.book.publish import publish as published
from sheetcrm.workflows.folder import FileDone, FileJob, run_files
from tests.workflows.workbooks import TODAY, write

BOOK = """
线索编号|线索获取时间|来源渠道|客户名称|联系人|联系方式|线索等级|负责人|线索状态
线索-2026-0501-001|2026-05-01|官网|明禾机械公司|张一|'13800131001'|B|甲|线索
|2026-05-01|展会|东方物流公司|李二|'13800131002'|B|甲|意向
|2026-05-01|展会|南山医疗公司|赵四|'13800131004'|C|乙|线索
"""
PUBLISH = "sheetcrm.workflows.write_back.publish"


class Died(BaseException):
    """Stands for the end of the process: nothing catches it, and nothing is tidied up."""


@pytest.fixture(scope="module")
def original(tmp_path_factory) -> Path:
    folder: Path = tmp_path_factory.mktemp("original")
    write(folder / "甲.xlsx", BOOK)
    return folder


def job() -> FileJob:
    # the funnel brings the stage log, which is appended to
    return FileJob(TODAY, ("funnel", "findings"), fix="all", run=Run("weekly"))


def facts(done: FileDone, folder: Path) -> tuple[object, ...]:
    """Return all that a run says and leaves, without what differs by time or place."""
    assert done.written is not None
    journal = open_journal(folder / "甲.xlsx")
    (entry,) = [e for e in journal.entries() if e.state == "committed"]
    plain = [replace(f, file="") for f in done.findings]
    fixes = [replace(f, file="") for f in done.fixes]
    outcome = (done.written.changed, done.written.batch == entry.batch, done.written.sha256)
    rows = journal.changes(entry)
    return plain, fixes, outcome, rows, journal.high_water(), entry.tabs, entry.added, entry.cells


@pytest.fixture(scope="module")
def once(original, tmp_path_factory) -> tuple[object, ...]:
    folder = Path(shutil.copytree(original, tmp_path_factory.mktemp("once") / "team"))
    (done,) = run_files([folder / "甲.xlsx"], job())
    assert done.fixes
    return facts(done, folder)


def _after_reserving(patched: pytest.MonkeyPatch) -> None:
    whole = Journal.reserve

    def reserve(*arguments):
        whole(*arguments)
        raise Died

    patched.setattr(Journal, "reserve", reserve)


def _before_publishing(patched: pytest.MonkeyPatch) -> None:
    def publish(*arguments, **options):
        raise Died

    patched.setattr(PUBLISH, publish)


def _before_it_is_noted(patched: pytest.MonkeyPatch) -> None:
    """The file is in place, its entry still open; who is dead settles nothing."""

    def close(*arguments):
        raise Died

    patched.setattr(Journal, "close", close)
    patched.setattr(Journal, "recover", lambda journal: ())


def _after_publishing(patched: pytest.MonkeyPatch) -> None:
    def publish(*arguments, **options):
        published(*arguments, **options)
        raise Died

    patched.setattr(PUBLISH, publish)


@pytest.mark.parametrize(
    "dies", [_after_reserving, _before_publishing, _before_it_is_noted, _after_publishing]
)
def test_run_files__a_retry_is_as_one_run(tmp_path, original, once, dies):
    folder = Path(shutil.copytree(original, tmp_path / "team"))
    same, path = job(), folder / "甲.xlsx"
    with pytest.MonkeyPatch.context() as patched:
        dies(patched)
        with pytest.raises(Died):
            run_files([path], same)
    (done,) = run_files([path], same)
    assert facts(done, folder) == once


def test_run_files__the_next_run_is_another(tmp_path, original):
    folder = Path(shutil.copytree(original, tmp_path / "team"))
    run_files([folder / "甲.xlsx"], job())
    (done,) = run_files([folder / "甲.xlsx"], job())
    assert done.fixes == ()
    assert done.written is not None
    assert (done.written.changed, done.written.batch) == (False, "")


def test_run_files__a_book_that_changed_in_between_is_new(tmp_path, original):
    folder = Path(shutil.copytree(original, tmp_path / "team"))
    same, path = job(), folder / "甲.xlsx"
    run_files([path], same)
    write(path, BOOK.replace("公司", "集团"))
    (done,) = run_files([path], same)
    assert [fix.new for fix in done.fixes] == [f"线索-2026-0501-{n:03d}" for n in (4, 5)]
