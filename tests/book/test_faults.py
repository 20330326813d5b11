"""Every file operation of publishing, backup and journal fails once, in every way there is."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.book.changes import Change, ChangedRow, Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.publish import SWEEP_AFTER, Published, publish, sha256, withdraw
from sheetcrm.book.state import TEMP_PREFIX
from sheetcrm.errors import FileProblem
from tests.book.faults import FAULTS, failing
from tests.book.kill import looked_at
from tests.book.packages import workbook

OLD, NEW = workbook([["旧"]]), workbook([["新", 1]])
ROWS = (ChangedRow("线索", 2, {"A": "新"}, id="线索-1"),)


def replace(book: Path) -> Published:
    return publish(book, NEW, sha256(OLD), change=Change(Run("import"), ROWS))


def create(book: Path) -> Published:
    return publish(book.with_name("新.xlsx"), NEW, None, change=Change(Run("new")))


def take_away(book: Path) -> Published:
    return withdraw(book, sha256(OLD), change=Change(Run("undo")))


def reserve(book: Path) -> bool:
    return open_journal(book).reserve(Run("import"), {"线索-": (1, 2)}, {})


def start(folder: Path) -> Path:
    """A book that was written once already, and something an earlier run left behind."""
    folder.mkdir()
    book = folder / "台账.xlsx"
    book.write_bytes(workbook([["更旧"]]))
    before = sha256(book.read_bytes())
    publish(book, OLD, before, change=Change(Run("check")))
    left = folder / f"{TEMP_PREFIX}00000000.tmp"
    left.write_bytes(b"?")
    os.utime(left, (0, 0))
    return book


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("job", [replace, create, take_away, reserve])
def test_fault__the_old_file_or_the_new_one_whole(
    tmp_path: Path, job: Callable[[Path], object], name: str
) -> None:
    book = start(tmp_path / "0")
    with failing(book.parent) as count:
        job(book)
    assert count.operations > 3
    outcomes = {
        attempt(start(tmp_path / str(at)), job, at, name) for at in range(1, count.operations + 1)
    }
    assert "stopped" in outcomes


def attempt(book: Path, job: Callable[[Path], object], at: int, name: str) -> str:
    """Let one operation fail; say whether the job was done nevertheless."""
    folder, done = book.parent, ""
    try:
        with failing(folder, at, name) as count:
            job(book)
        done = "done"
    except FileProblem:
        done = "stopped"
    except OSError:
        assert job is reserve  # its callers say it
        done = "stopped"
    if job is take_away and done == "done":
        assert not book.exists(), count.failed
    else:
        written = job is replace and done == "done"
        assert book.read_bytes() == (NEW if written else OLD), count.failed
    if job is not take_away:
        looked_at(folder, {book.name: OLD})
    for left in folder.rglob(f"{TEMP_PREFIX}*"):  # an hour later
        os.utime(left, (time.time() - SWEEP_AFTER - 1,) * 2)
    publish(folder / "后.xlsx", NEW, None, change=Change(Run("new")))
    assert list(folder.rglob(f"{TEMP_PREFIX}*")) == []
    return done
