"""Publishing where the disk, the folder or another program does not let it."""

import errno
import os
import stat
import time
from pathlib import Path, PureWindowsPath
from types import SimpleNamespace

import pytest
from filelock import FileLock, SoftFileLock

from sheetcrm.book import publish as module
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.state import lock_kind
from sheetcrm.errors import FileProblem
from tests.book import test_publish
from tests.book.test_publish import CHANGE, NEW, OLD, leftovers

book = test_publish.book


def test_publish__new_file_that_appears_just_before_it_gets_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "新表.xlsx"

    for number in (errno.EEXIST, errno.EPERM):  # links work here, or there are none

        def theirs_first(*_: object, number: int = number) -> None:
            path.write_bytes(OLD)
            raise OSError(number, "no")

        monkeypatch.setattr(os, "link", theirs_first)
        with pytest.raises(FileProblem, match="已经存在"):
            publish(path, NEW, None, change=CHANGE)
        assert path.read_bytes() == OLD
        assert leftovers(path) == []
        path.unlink()


def test_publish__what_is_read_back_must_be_what_was_written(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.read_bytes

    def torn(path: Path) -> bytes:
        return real(path)[: -1 if path.name.startswith("~$") else None]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", torn)
        with pytest.raises(FileProblem, match="原文件未动"):
            publish(book, NEW, sha256(OLD), change=CHANGE)
    assert book.read_bytes() == OLD
    assert leftovers(book) == []


def test_publish__a_permission_that_is_missing_is_not_waited_for(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = []

    def refused(source: Path, target: Path) -> None:
        if target == book:
            tries.append(target)
            raise PermissionError(errno.EACCES, "no")
        real(source, target)

    real = os.replace
    monkeypatch.setattr(os, "replace", refused)
    with pytest.raises(FileProblem, match="权限") as caught:
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert (len(tries), caught.value.code) == (1, "FIL-01")
    assert not book.with_name("线索.sheetcrm-new.xlsx").exists()


def test_publish__busy_folder_too(book: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def busy(source: Path, target: Path) -> None:
        if Path(target).parent == book.parent:
            error = PermissionError(errno.EACCES, "busy")
            error.winerror = 5  # type: ignore[attr-defined]
            raise error
        real(source, target)

    real, waited = os.replace, list[float]()
    monkeypatch.setattr(os, "replace", busy)
    monkeypatch.setattr(time, "sleep", waited.append)
    with pytest.raises(FileProblem, match="没有写入") as caught:
        publish(book, NEW, sha256(OLD), change=CHANGE)
    assert caught.value.code == "FIL-07"
    assert waited == sorted(waited)
    assert sum(waited) == pytest.approx(2.55)
    assert (book.read_bytes(), leftovers(book)) == (OLD, [])


@pytest.mark.parametrize(
    ("system", "path", "expected"),
    [
        ("posix", "/线索/" + "a" * 300, "/线索/" + "a" * 300),
        ("nt", "C:" + "a" * 238, "C:" + "a" * 238),
        ("nt", "C:" + "a" * 239, "\\\\?\\C:" + "a" * 239),
        ("nt", "\\\\?\\C:" + "a" * 300, "\\\\?\\C:" + "a" * 300),
        ("nt", "\\\\s\\销售\\" + "a" * 300, "\\\\?\\UNC\\s\\销售\\" + "a" * 300),
    ],
    ids=["posix", "nt-short", "nt-long", "nt-long-already", "nt-share"],
)
def test_resolved__long_paths_of_windows(
    monkeypatch: pytest.MonkeyPatch, system: str, path: str, expected: str
) -> None:
    there = SimpleNamespace(name=system, path=SimpleNamespace(realpath=str))
    monkeypatch.setattr(module, "os", there)
    found = str(module._resolved(path))
    assert found == expected
    if "UNC" in expected:
        assert PureWindowsPath(found).drive == "\\\\?\\UNC\\s\\销售"


@pytest.mark.parametrize(
    ("file", "kind"),
    [
        ("/线索/.sheetcrm/lock", FileLock),
        ("C:\\线索\\.sheetcrm\\lock", FileLock),
        ("\\\\?\\C:\\线索\\.sheetcrm\\lock", FileLock),
        ("\\\\s\\销售\\.sheetcrm\\lock", SoftFileLock),
        ("\\\\?\\UNC\\s\\销售\\.sheetcrm\\lock", SoftFileLock),
    ],
)
def test_lock_kind__a_long_path_changes_nothing(
    file: str, kind: type[FileLock | SoftFileLock]
) -> None:
    assert lock_kind(file) is kind


@pytest.mark.parametrize(
    ("system", "is_held", "is_read_only", "refused"),
    [
        ("nt", True, False, "打开"),
        ("nt", False, True, "只读"),
        ("nt", False, False, ""),
        ("posix", True, True, ""),
    ],
)
def test_refuse_open__held_by_a_program_on_windows(
    book: Path,
    monkeypatch: pytest.MonkeyPatch,
    system: str,
    is_held: bool,
    is_read_only: bool,
    refused: str,
) -> None:
    monkeypatch.setattr(module, "os", SimpleNamespace(name=system))
    monkeypatch.setattr(module, "held", lambda _: is_held)
    monkeypatch.setattr(module, "read_only", lambda _: is_read_only)
    if refused:
        with pytest.raises(FileProblem, match=refused) as caught:
            module.refuse_open(book)
        assert caught.value.path == str(book)
        assert caught.value.code == ("FIL-07" if is_held else "FIL-01")
    else:
        module.refuse_open(book)


@pytest.mark.parametrize(("system", "expected"), [("nt", ["rename"]), ("posix", ["link"])])
def test_link_or_rename__what_fails_where_the_name_is_taken(
    monkeypatch: pytest.MonkeyPatch, system: str, expected: list[str]
) -> None:
    called: list[str] = []
    there = SimpleNamespace(
        name=system,
        rename=lambda *_: called.append("rename"),
        link=lambda *_: called.append("link"),
    )
    monkeypatch.setattr(module, "os", there)
    module._link_or_rename(Path("a"), Path("b"))
    assert called == expected


@pytest.mark.skipif(os.name == "nt", reason="a folder cannot be opened there")
def test_publish__the_folder_is_on_the_disk_too(
    book: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[bool] = []
    monkeypatch.setattr(os, "fsync", lambda fd: synced.append(stat.S_ISDIR(os.fstat(fd).st_mode)))
    publish(book, NEW, sha256(OLD), change=CHANGE)
    assert any(synced)
    synced.clear()
    publish(book.with_name("新.xlsx"), NEW, None, change=CHANGE)
    assert any(synced)


@pytest.mark.parametrize(
    ("number", "word"),
    [
        (errno.ENOSPC, "空间不足"),
        (errno.EDQUOT, "配额"),
        (errno.EROFS, "只读"),
        (errno.ENAMETOOLONG, "太长"),
        (errno.ENOENT, "文件夹不存在"),
        (errno.EISDIR, "是文件夹"),
        (errno.EIO, "原文件未动"),
        (None, "原文件未动"),
    ],
)
def test_cannot_write__says_why(number: int | None, word: str) -> None:
    error = OSError(number, os.strerror(number)) if number else OSError("不知道")
    problem = module.cannot_write("线索.xlsx", error)
    assert word in problem.reason
    assert problem.remedy
    assert "线索.xlsx" in str(problem)
