"""Publishing: old or new and never else, whatever happens on the way."""

import errno
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from sheetcrm.book import publish as module
from sheetcrm.book import state
from sheetcrm.book.changes import Change, Run
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.state import KEPT_BACKUPS, backups, locked
from sheetcrm.errors import FileChanged, FileProblem

OLD, NEW = b"old " * 1000, b"new " * 1200
CHANGE = Change(Run("check"))


@pytest.fixture
def book(tmp_path: Path) -> Path:
    path = tmp_path / "线索.xlsx"
    path.write_bytes(OLD)
    return path


def leftovers(book: Path) -> list[str]:
    return [p.name for p in book.parent.rglob("*") if p.name.startswith("~$")]


def test_publish__replaces_and_backs_up(book: Path) -> None:
    seen: list[bytes] = []
    done = publish(book, NEW, sha256(OLD), seen.append, change=CHANGE)
    assert book.read_bytes() == NEW
    assert seen == [NEW]
    assert (done.changed, done.before, done.sha256) == (True, sha256(OLD), sha256(NEW))
    assert done.backup is not None
    assert done.backup.read_bytes() == OLD
    assert backups(book) == [done.backup]
    assert leftovers(book) == []


def test_publish__same_bytes_write_nothing(book: Path) -> None:
    before = book.stat()
    assert not publish(book, OLD, sha256(OLD), change=CHANGE).changed
    assert book.stat() == before
    assert backups(book) == []


def test_publish__changed_meanwhile_even_with_same_size_and_time(book: Path) -> None:
    about = book.stat()
    book.write_bytes(OLD.replace(b"old", b"OLD"))
    os.utime(book, ns=(about.st_atime_ns, about.st_mtime_ns))
    with pytest.raises(FileChanged):
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert book.read_bytes().startswith(b"OLD")
    assert leftovers(book) == []


def test_publish__changed_during_the_check(book: Path) -> None:
    with pytest.raises(FileChanged):
        publish(book, NEW, sha256(OLD), lambda _: book.write_bytes(b"theirs"), change=CHANGE)
    assert book.read_bytes() == b"theirs"


def test_publish__deleted_meanwhile(book: Path) -> None:
    book.unlink()
    with pytest.raises(FileChanged):
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert not book.exists()


def test_publish__failing_check_leaves_the_old_file(book: Path) -> None:
    def refuse(_: bytes) -> None:
        raise FileProblem("线索.xlsx", "自检没有通过", "请重试")

    with pytest.raises(FileProblem, match="自检"):
        publish(book, NEW, sha256(OLD), refuse, change=CHANGE)
    assert book.read_bytes() == OLD
    assert leftovers(book) == []


def test_publish__new_file_never_overwrites(tmp_path: Path) -> None:
    path = tmp_path / "新表.xlsx"
    assert publish(path, NEW, None, change=CHANGE).changed
    assert backups(path) == []
    assert not publish(path, NEW, None, change=CHANGE).changed
    with pytest.raises(FileProblem, match="已经存在"):
        publish(path, OLD, None, change=CHANGE)
    assert path.read_bytes() == NEW


def test_publish__new_file_that_appears_meanwhile(tmp_path: Path) -> None:
    path = tmp_path / "新表.xlsx"
    with pytest.raises(FileProblem, match="已经存在"):
        publish(path, NEW, None, lambda _: path.write_bytes(OLD), change=CHANGE)
    assert path.read_bytes() == OLD
    assert leftovers(path) == []


def test_publish__new_file_without_hard_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_links(*_: object) -> None:
        raise OSError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", no_links)
    assert publish(tmp_path / "新表.xlsx", NEW, None, change=CHANGE).changed
    assert (tmp_path / "新表.xlsx").read_bytes() == NEW


def test_publish__stopped_while_its_temporary_file_goes(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody presses Ctrl-C just as the file that was refused is taken away."""
    remove, calls = Path.unlink, []

    def stopped_once(path: Path, missing_ok: bool = False) -> None:
        calls.append(path)
        if len(calls) == 1:
            raise KeyboardInterrupt
        remove(path, missing_ok=missing_ok)

    def refuse(_: bytes) -> None:
        raise FileProblem("线索.xlsx", "没有通过自检", "没有改动")

    monkeypatch.setattr(Path, "unlink", stopped_once)
    with pytest.raises(KeyboardInterrupt):
        publish(book, NEW, sha256(OLD), refuse, change=CHANGE)
    assert (leftovers(book), book.read_bytes()) == ([], OLD)


@pytest.mark.parametrize("owner", ["~$线索.xlsx", ".~线索.xlsx", ".~lock.线索.xlsx#"])
def test_publish__open_file_is_refused(book: Path, owner: str) -> None:
    (book.parent / owner).write_bytes(b"")
    with pytest.raises(FileProblem) as caught:
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert caught.value.code == "FIL-07"
    assert owner in str(caught.value)
    assert book.read_bytes() == OLD


def test_publish__link_and_mode_are_kept(book: Path, tmp_path: Path) -> None:
    if os.name == "nt":
        pytest.skip("needs POSIX links and modes")
    book.chmod(0o640)
    link = tmp_path / "别处" / "链接.xlsx"
    link.parent.mkdir()
    link.symlink_to(book)
    done = publish(link, NEW, sha256(OLD), change=CHANGE)
    assert link.is_symlink()
    assert book.read_bytes() == NEW
    assert done.backup is not None
    assert book.stat().st_mode & 0o777 == done.backup.stat().st_mode & 0o777 == 0o640


def test_publish__longest_possible_name(tmp_path: Path) -> None:
    path = tmp_path / ("线" * 83 + ".xlsx")
    publish(path, OLD, None, change=CHANGE)
    assert publish(path, NEW, sha256(OLD), change=CHANGE).changed


def kept_of(book: Path, days: list[float]) -> list[float]:
    """Publish over a book whose backups are so many days old; return the ages of those left."""
    folder = state.state_folder(book) / "backup" / book.name
    folder.mkdir(parents=True)
    names = {}
    for number, age in enumerate(days):
        stamp = (datetime.now(UTC) - timedelta(age)).strftime("%Y%m%d-%H%M%S-%f")
        path = folder / f"{stamp}-{number:010d}.xlsx"
        path.write_bytes(b"%d" % number)
        names[path] = age
    done = publish(book, NEW, sha256(OLD), change=CHANGE)
    assert done.backup is not None
    left = backups(book)
    assert left[-1] == done.backup
    return [names[path] for path in left[:-1]]


def test_retention__ten_last_however_old(book: Path) -> None:
    days = [float(age) for age in range(40, 20, -1)]
    assert kept_of(book, days) == days[-(KEPT_BACKUPS - 1) :]


def test_retention__all_of_a_week(book: Path) -> None:
    days = [30.0, 7.1, *(6.9 - n / 10 for n in range(40))]
    assert kept_of(book, days) == days[2:]


@pytest.mark.parametrize(("limit", "value"), [("MOST_BACKUPS", 15), ("MOST_BYTES", len(OLD) + 28)])
def test_retention__a_week_has_its_limits_and_the_last_ten_stay(
    book: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int
) -> None:
    monkeypatch.setattr(state, limit, value)
    days = [6.9 - n / 10 for n in range(40)]
    assert kept_of(book, days) == days[-14:]
    monkeypatch.setattr(state, limit, 1)
    publish(book, b"again", sha256(NEW), change=CHANGE)
    assert len(backups(book)) == KEPT_BACKUPS


def test_publish__sweep_takes_old_temporary_files_only(book: Path) -> None:
    stale, fresh, theirs = (
        book.parent / n for n in ("~$sc00000000.tmp", "~$sc11111111.tmp", "~$a.tmp")
    )
    for path in (stale, fresh, theirs):
        path.write_bytes(b"")
    old = time.time() - module.SWEEP_AFTER - 60
    os.utime(stale, (old, old))
    os.utime(theirs, (old, old))
    publish(book, NEW, sha256(OLD), change=CHANGE)
    assert (stale.exists(), fresh.exists(), theirs.exists()) == (False, True, True)


FAULTS = ("open", "fsync", "replace")


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
@pytest.mark.parametrize("nth", range(9))
@pytest.mark.parametrize("call", FAULTS)
def test_publish__each_failing_call_leaves_the_old_file(
    book: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int, number: int
) -> None:
    real: Callable[..., Any] = getattr(os, call)
    counted = 0

    def faulty(*args: object, **options: object) -> object:
        nonlocal counted
        counted += 1
        if counted == nth + 1:
            raise OSError(number, os.strerror(number))
        return real(*args, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, faulty)
        try:
            publish(book, NEW, sha256(OLD), change=CHANGE)
        except FileProblem:
            assert book.read_bytes() == OLD
        else:
            assert book.read_bytes() == NEW
    assert leftovers(book) == []


@pytest.mark.parametrize("code", [5, 32, 33])
def test_publish__sharing_violation_is_waited_for(
    book: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    tries = []

    def busy(source: Path, target: Path) -> None:
        tries.append(target)
        if target == book and tries.count(book) < 3:
            error = PermissionError(errno.EACCES, "busy")
            error.winerror = code  # type: ignore[attr-defined]
            raise error
        real(source, target)

    real = os.replace
    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(module, "_WAITS", (0, 0, 0))
    assert publish(book, NEW, sha256(OLD), change=CHANGE).changed
    assert tries.count(book) == 3


def test_publish__file_that_stays_busy_leaves_the_result_beside(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def busy(source: Path, target: Path) -> None:
        if target == book:
            error = PermissionError(errno.EACCES, "busy")
            error.winerror = 32  # type: ignore[attr-defined]
            raise error
        real(source, target)

    real = os.replace
    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(module, "_WAITS", (0,))
    with pytest.raises(FileProblem) as caught:
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert caught.value.code == "FIL-07"
    assert book.read_bytes() == OLD
    assert (book.parent / "线索.sheetcrm-new.xlsx").read_bytes() == NEW


def test_publish__folder_and_missing_folder(tmp_path: Path) -> None:
    with pytest.raises(FileProblem):
        publish(tmp_path / "没有" / "a.xlsx", NEW, None, change=CHANGE)
    with pytest.raises(FileProblem):
        publish(tmp_path, NEW, None, change=CHANGE)


def test_locked__nested_and_exclusive(book: Path) -> None:
    with locked(book), locked(book):
        code = (
            "import sys; from pathlib import Path; from sheetcrm.book.state import locked\n"
            "with locked(Path(sys.argv[1]), 0.1): pass"
        )
        command = [sys.executable, "-c", code, str(book)]
        other = subprocess.run(command, capture_output=True, check=False)
    assert b"FileProblem" in other.stderr


LOOP = """
import sys
from pathlib import Path
from sheetcrm.book.changes import Change, Run
from sheetcrm.book.publish import publish, sha256
from sheetcrm.errors import FileChanged
book, text, count = Path(sys.argv[1]), sys.argv[2].encode(), int(sys.argv[3])
done = 0
print("go", flush=True)
while done < count:
    old = book.read_bytes()
    try:
        publish(book, old + text, sha256(old), change=Change(Run("check")))
        done += 1
    except FileChanged:
        pass
"""


def writer(book: Path, text: str, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", LOOP, str(book), text, str(count)]
    return subprocess.Popen(command, stdout=subprocess.PIPE)


def test_publish__two_processes_lose_nothing(book: Path) -> None:
    running = [writer(book, text, 15) for text in "ab"]
    for process in running:
        process.communicate(timeout=60)
        assert process.returncode == 0
    added = book.read_bytes().removeprefix(OLD)
    assert (added.count(b"a"), added.count(b"b"), len(added)) == (15, 15, 30)


def test_publish__killed_leaves_old_or_new(book: Path) -> None:
    if os.name == "nt":
        pytest.skip("needs SIGKILL")
    for delay in (0.0, 0.004, 0.009, 0.013, 0.02, 0.031):
        process = writer(book, "x" * 100_000, 10_000)
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.communicate()
        text = book.read_bytes()
        assert text.startswith(OLD)
        assert (len(text) - len(OLD)) % 100_000 == 0
    assert publish(book, NEW, sha256(book.read_bytes()), change=CHANGE).changed
