"""Publishing: the only way a user's file is written.

Temporary file in the same folder, read back, compare-and-swap on the hash taken when the file was
read, backup, journal, `os.replace`. Killed at any point, the user's file is the old one or the new
one, and the journal says which (`sheetcrm.book.journal`).
"""

import errno
import hashlib
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.changes import Change
from sheetcrm.book.journal import Entry, open_journal
from sheetcrm.book.owners import held, owners, read_only
from sheetcrm.book.state import (
    FOLDER,
    TEMP_PREFIX,
    TEMP_SUFFIX,
    back_up,
    copy_mode,
    drop,
    locked,
    write_temp,
)
from sheetcrm.errors import FileChanged, FileProblem

ASIDE = ".sheetcrm-new"
SWEEP_AFTER = 3600  # seconds; a younger temporary file may belong to a run that is still going

# ERROR_ACCESS_DENIED, ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION: a virus scanner or a sync
# client has the file for a moment
_PASSING = (5, 32, 33)
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.0)
_LONGEST_PLAIN_PATH = 240


@dataclass(frozen=True)
class Published:
    """What publishing did: `changed` is False where the bytes were there already.

    `before` is the hash of what was replaced, None for a new file; `backup` a copy of it; `batch`
    the journal's name for the run, "" where nothing changed. `sha256` is "" for a file taken away.
    """

    path: Path
    sha256: str
    changed: bool
    before: str | None = None
    backup: Path | None = None
    batch: str = ""


def publish(
    path: str | Path,
    data: bytes,
    expect_sha256: str | None,
    check: Callable[[bytes], object] | None = None,
    *,
    change: Change,
) -> Published:
    """Put `data` at `path`, whole or not at all, and write it into the journal.

    Args:
        path: The workbook; a link is followed, never replaced.
        data: All of its new bytes.
        expect_sha256: Hash of the file when it was read; None for a new file.
        check: Called with the bytes as read back from the temporary file; whatever it raises
            stops the publishing.
        change: The run, and what it did to this file.

    Raises:
        FileChanged: The file is no longer what was read.
        FileProblem: It is open (FIL-07), exists although it should be new, or cannot be written.
    """
    job = _Job(_resolved(path), str(path), data, change, check)
    try:
        if expect_sha256 is None and job.target.exists():
            return _same_or_refuse(job)
        _sweep(job.target.parent)
        with locked(job.target):
            open_journal(job.target).recover()
            return _create(job) if expect_sha256 is None else _replace(job, expect_sha256)
    except OSError as error:
        raise cannot_write(job.shown, error) from error


def withdraw(path: str | Path, expect_sha256: str, *, change: Change) -> Published:
    """Take a file away that a run had made, after a backup, and write it into the journal.

    Raises:
        FileChanged: The file is no longer what was read.
        FileProblem: It is open (FIL-07) or cannot be removed.
    """
    job = _Job(_resolved(path), str(path), b"", change)
    try:
        with locked(job.target):
            open_journal(job.target).recover()
            old = _bytes_or_changed(job)
            if sha256(old) != expect_sha256:
                raise FileChanged(job.shown)
            refuse_open(job.target, job.shown)
            backup = back_up(job.target, old, expect_sha256)
            with _journalled(job, expect_sha256, None, backup) as entry:
                job.target.unlink()
    except OSError as error:
        raise cannot_write(job.shown, error) from error
    _sync_folder(job.target.parent)
    return Published(
        job.target, "", changed=True, before=expect_sha256, backup=backup, batch=entry.batch
    )


def sha256(data: bytes) -> str:
    """Return the hash by which file contents are compared."""
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class _Job:
    """One file to put in place; `shown` is its path as the user named it."""

    target: Path
    shown: str
    data: bytes
    change: Change
    check: Callable[[bytes], object] | None = None


@contextmanager
def _journalled(
    job: _Job, before: str | None, after: str | None, backup: Path | None = None
) -> Iterator[Entry]:
    """Write down what is about to happen to the file, and how it ended."""
    journal = open_journal(job.target)
    entry = journal.begin(job.change, before, after, backup.name if backup else "")
    try:
        yield entry
    except Exception:
        with suppress(OSError):  # the next run finds out
            journal.close(entry, "aborted")
        raise
    except BaseException:  # stopped by hand, before or behind the one call that counts
        with suppress(OSError):
            journal.recover()
        raise
    with suppress(OSError):
        journal.close(entry, "committed")


def _create(job: _Job) -> Published:
    """Put a new file in place; one that appears meanwhile is never overwritten."""
    after = sha256(job.data)
    try:
        with _checked_temp(job) as temp:
            if job.target.exists():
                return _same_or_refuse(job)
            with _journalled(job, None, after) as entry:
                _link_or_rename(temp, job.target)
    except FileExistsError:
        return _same_or_refuse(job)
    _sync_folder(job.target.parent)
    return Published(job.target, after, changed=True, batch=entry.batch)


def _same_or_refuse(job: _Job) -> Published:
    if job.target.is_file() and job.target.read_bytes() == job.data:
        return Published(job.target, sha256(job.data), changed=False)
    raise FileProblem(
        job.shown, "这个文件已经存在，没有覆盖它", "请换一个文件名，或先移走原来的文件"
    )


def _link_or_rename(temp: Path, target: Path) -> None:
    """Give the temporary file its name, failing where that name is taken."""
    if os.name == "nt":
        os.rename(temp, target)  # noqa: PTH104 - on Windows it fails where the name is taken
        return
    try:
        os.link(temp, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        if target.exists():
            raise FileExistsError from None
        temp.replace(target)


def _replace(job: _Job, expect_sha256: str) -> Published:
    """Put new bytes in the place of old ones; the lock is held."""
    old = _bytes_or_changed(job)
    before = sha256(old)
    if old == job.data:
        return Published(job.target, before, changed=False, before=before)
    if expect_sha256 != before:
        raise FileChanged(job.shown)
    refuse_open(job.target, job.shown)
    with ThreadPoolExecutor(1) as pool:  # the disk and the hash wait for nobody
        hashed = pool.submit(sha256, job.data)
        with _checked_temp(job) as temp:
            after = hashed.result()
            copy_mode(job.target, temp)
            backup = back_up(job.target, old, before)
            with _journalled(job, before, after, backup) as entry:
                if _bytes_or_changed(job) != old:
                    raise FileChanged(job.shown)
                _swap(temp, job)
    _sync_folder(job.target.parent)
    return Published(
        job.target, after, changed=True, before=before, backup=backup, batch=entry.batch
    )


def _bytes_or_changed(job: _Job) -> bytes:
    try:
        return job.target.read_bytes()
    except FileNotFoundError as error:
        raise FileChanged(job.shown) from error


def refuse_open(path: Path, shown: str = "") -> None:
    """Raise if a person has the file open, before work is done or ids are given out for it.

    Raises:
        FileProblem: Who has it open (FIL-07).
    """
    shown, found = shown or str(path), owners(path)
    if found:
        who = "、".join(dict.fromkeys(map(str, found)))
        left = "、".join(owner.file.name for owner in found)
        raise FileProblem(
            shown,
            f"正被打开：{who}",
            f"请先关闭它再运行；若确认没有人打开，删除旁边残留的“{left}”即可",
            "FIL-07",
        )
    if os.name == "nt" and held(path):
        raise FileProblem(shown, "正被 Excel 或 WPS 打开", "请先关闭它再运行", "FIL-07")
    if os.name == "nt" and read_only(path):
        raise FileProblem(shown, "这个文件是只读的", "请在它的属性里去掉“只读”再运行")


@contextmanager
def _checked_temp(job: _Job) -> Iterator[Path]:
    """Write the temporary file and look at what really reached the disk; it never stays."""
    temp = write_temp(job.target.parent, job.data)
    try:
        written = temp.read_bytes()
        if written != job.data:
            raise OSError(errno.EIO, "读回的内容与写入的不同")
        if job.check is not None:
            job.check(written)
        yield temp
    finally:
        drop(temp)


def _swap(temp: Path, job: _Job) -> None:
    for wait in (*_WAITS, None):
        try:
            os.replace(temp, job.target)  # noqa: PTH105 - one name for the call that publishes
        except PermissionError as error:
            if getattr(error, "winerror", None) not in _PASSING:
                raise
            if wait is None:
                raise _left_aside(temp, job) from error
            time.sleep(wait)
        else:
            return


def _left_aside(temp: Path, job: _Job) -> FileProblem:
    """Keep the result beside a file that another program does not let go."""
    aside = job.target.with_name(f"{job.target.stem}{ASIDE}{job.target.suffix}")
    with suppress(OSError):
        os.replace(temp, aside)  # noqa: PTH105
        return FileProblem(
            job.shown,
            f"一直被别的程序占用，结果存成了旁边的“{aside.name}”",
            "请关闭占用它的程序（Excel、WPS、网盘或杀毒软件）后再运行一次",
            "FIL-07",
        )
    return FileProblem(job.shown, "一直被别的程序占用，没有写入", "请关闭它后再运行", "FIL-07")


def _resolved(path: str | Path) -> Path:
    target = Path(os.path.realpath(path))
    if os.name == "nt" and len(str(target)) > _LONGEST_PLAIN_PATH:
        return Path(_long(str(target)))
    return target


def _long(path: str) -> str:
    """Return a path of Windows in the form that may be longer than 260 characters."""
    if path.startswith("\\\\?\\"):
        return path
    return f"\\\\?\\UNC{path[1:]}" if path.startswith("\\\\") else f"\\\\?\\{path}"


def _sweep(folder: Path) -> None:
    """Remove temporary files that killed runs left behind."""
    for place in (folder, *(folder / FOLDER / "backup").glob("*")):
        for temp in place.glob(f"{TEMP_PREFIX}????????{TEMP_SUFFIX}"):
            with suppress(OSError):
                if time.time() - temp.stat().st_mtime > SWEEP_AFTER:
                    temp.unlink()


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # NTFS journals the rename; a folder cannot be opened there
    with suppress(OSError):  # some network file systems refuse
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def cannot_write(shown: str, error: OSError) -> FileProblem:
    """Return the problem of a file operation that failed before anything was put in place."""
    reasons = {
        errno.ENOSPC: ("磁盘空间不足，没有写入，原文件未动", "请清出空间后再试"),
        errno.EDQUOT: ("磁盘配额已满，没有写入，原文件未动", "请清出空间后再试"),
        errno.ENOENT: ("要写入的文件夹不存在", "请先建好文件夹，或检查路径"),
        errno.EISDIR: ("这是文件夹，不是文件", "请指定一个文件名"),
        errno.EROFS: ("这个位置是只读的，没有写入", "请换一个可以写入的文件夹"),
        errno.ENAMETOOLONG: ("文件名或路径太长", "请改短文件名"),
    }
    if isinstance(error, PermissionError):
        reason = ("没有写入权限，原文件未动", "请检查文件夹权限，或先关闭占用它的程序")
    else:
        unknown = (f"写入失败（{error.strerror or error}），原文件未动", "请检查磁盘或网络后再试")
        reason = reasons.get(error.errno or 0, unknown)
    return FileProblem(shown, *reason)
