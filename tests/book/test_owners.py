"""Owner files of Excel, WPS and LibreOffice: found, shortened, stale, somebody else's."""

import errno
import os
import time
from pathlib import Path

import pytest

from sheetcrm.book.owners import STALE_AFTER, held, owners, read_only

BOOK = "线索跟踪表.xlsx"


def excel_owner(user: str) -> bytes:
    name = user.encode("utf-16-le")
    return (bytes([len(user)]).ljust(55, b" ") + bytes([len(user)]) + name).ljust(165, b" ")


@pytest.mark.parametrize(
    ("name", "content", "program", "user"),
    [
        (f"~${BOOK}", excel_owner("张伟"), "Excel/WPS", "张伟"),
        (f"~${BOOK[1:]}", excel_owner("李娜"), "Excel/WPS", "李娜"),
        (f"~${BOOK[2:]}", b"", "Excel/WPS", ""),
        (f".~{BOOK}", b"", "WPS", ""),
        (
            f".~lock.{BOOK}#",
            ",王芳,host,24.05.2024 10:00,file:///x;".encode(),
            "LibreOffice",
            "王芳",
        ),
    ],
)
def test_owners__found(tmp_path: Path, name: str, content: bytes, program: str, user: str) -> None:
    (tmp_path / name).write_bytes(content)
    assert [(o.program, o.user) for o in owners(tmp_path / BOOK)] == [(program, user)]


@pytest.mark.parametrize(
    "name",
    [
        "~$别的表.xlsx",
        f"~${BOOK[3:]}",
        "~$sc0123abcd.tmp",
        ".~lock.别的.xlsx#",
        f"~${BOOK}.bak",
        BOOK,
    ],
)
def test_owners__not_of_this_book(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"")
    assert owners(tmp_path / BOOK) == ()


def test_owners__shortened_name_that_is_another_books_own(tmp_path: Path) -> None:
    (tmp_path / f"~${BOOK[2:]}").write_bytes(b"")
    (tmp_path / BOOK[2:]).write_bytes(b"")
    assert owners(tmp_path / BOOK) == ()
    assert len(owners(tmp_path / BOOK[2:])) == 1


def test_owners__stale(tmp_path: Path) -> None:
    owner = tmp_path / f"~${BOOK}"
    owner.write_bytes(excel_owner("张伟"))
    old = time.time() - STALE_AFTER - 60
    os.utime(owner, (old, old))
    assert owners(tmp_path / BOOK) == ()


def test_owners__no_folder(tmp_path: Path) -> None:
    assert owners(tmp_path / "没有" / BOOK) == ()


def test_held__free_and_missing_files(tmp_path: Path) -> None:
    (tmp_path / BOOK).write_bytes(b"")
    assert not held(tmp_path / BOOK)
    assert not held(tmp_path / "没有")


@pytest.mark.parametrize(
    ("winerror", "writable", "expected"),
    [
        (32, True, True),
        (33, True, True),
        (5, True, False),
        (None, True, True),
        (None, False, False),
    ],
)
def test_held__a_read_only_file_is_nobodys(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    winerror: int | None,
    writable: bool,
    expected: bool,
) -> None:
    def denied(*_: object) -> None:
        error = PermissionError(errno.EACCES, "denied")
        if winerror:
            error.winerror = winerror  # type: ignore[attr-defined]
        raise error

    (tmp_path / BOOK).write_bytes(b"")
    monkeypatch.setattr(Path, "open", denied)
    monkeypatch.setattr(os, "access", lambda *_: writable)
    assert held(tmp_path / BOOK) is expected
    assert read_only(tmp_path / BOOK) is not writable
