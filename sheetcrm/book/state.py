"""The `.sheetcrm` folder beside the books: the lock, and backups of what was replaced."""

import ctypes
import hashlib
import os
import re
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, SoftFileLock, Timeout

from sheetcrm.errors import FileProblem

FOLDER = ".sheetcrm"
LOCK_SECONDS = 30.0
# Kept of each book: the last ten, and every one of the last seven days up to these limits.
KEPT_BACKUPS = 10
KEPT_DAYS = 7
MOST_BACKUPS = 500
MOST_BYTES = 2 << 30
TEMP_PREFIX, TEMP_SUFFIX = "~$sc", ".tmp"

_STAMP = "%Y%m%d-%H%M%S-%f"
_LONG_LOCAL = re.compile(r"\\\\\?\\[A-Za-z]:")
_HIDDEN = 0x2  # FILE_ATTRIBUTE_HIDDEN


def state_folder(book: Path) -> Path:
    """Return the state folder of a book, made if it is not there."""
    folder = book.parent / FOLDER
    if not folder.is_dir():
        folder.mkdir(exist_ok=True)
        if os.name == "nt":
            windll = getattr(ctypes, "windll", None)
            if windll is not None:
                windll.kernel32.SetFileAttributesW(str(folder), _HIDDEN)
    return folder


def lock_kind(file: str) -> type[FileLock | SoftFileLock]:
    """Return the kind of lock for a lock file of that path; all who use the file must agree.

    flock is not reliable on network shares; a lock file that must not exist is. A long path of a
    local disk, written with a prefix, is no share.
    """
    shared = file.startswith(("\\\\", "//")) and not _LONG_LOCAL.match(file)
    return SoftFileLock if shared else FileLock


@contextmanager
def locked(book: Path, seconds: float = LOCK_SECONDS) -> Iterator[None]:
    """Keep other sheetcrm processes from changing the books of this folder; may be nested.

    Raises:
        FileProblem: Another process kept the lock for all of `seconds`.
    """
    file = str(state_folder(book) / "lock")
    lock = lock_kind(file)(file, is_singleton=True)
    try:
        lock.acquire(timeout=seconds)
    except Timeout as error:
        raise FileProblem(
            str(book), "另一个 sheetcrm 正在写这个文件夹里的工作簿", "请等它结束后再试", "FIL-07"
        ) from error
    try:
        yield
    finally:
        lock.release()


def back_up(book: Path, data: bytes, sha256: str) -> Path:
    """Keep a copy of a book's bytes, and drop the copies that need not be kept any longer.

    Returns:
        The backup: `.sheetcrm/backup/<book>/<UTC time>-<hash>.<suffix>`, readable by the same
        people as the book.
    """
    folder = state_folder(book) / "backup" / book.name
    folder.mkdir(parents=True, exist_ok=True)
    older = backups(book)
    if older and older[-1].stem.endswith(sha256[:10]):
        return older[-1]
    now = datetime.now(UTC)
    backup = folder / f"{now.strftime(_STAMP)}-{sha256[:10]}{book.suffix}"
    temp = write_temp(folder, data)
    try:
        copy_mode(book, temp)
        os.replace(temp, backup)  # noqa: PTH105 - one name for the call that publishes
    finally:
        drop(temp)
    for old in _outlived([*older, backup], now):
        with suppress(OSError):
            old.unlink()
    return backup


def backups(book: Path) -> list[Path]:
    """Return the backups of a book, oldest first."""
    folder = book.parent / FOLDER / "backup" / book.name
    try:
        return sorted(p for p in folder.iterdir() if not p.name.startswith(TEMP_PREFIX))
    except OSError:
        return []


def backup_of(book: Path, sha256: str) -> bytes | None:
    """Return the bytes a book once had, None where no sound backup of them is left."""
    return next((data for _, data in _sound(book, sha256)), None)


def backup_file(book: Path, sha256: str) -> Path | None:
    """Return the backup of the bytes a book once had, None where no sound one is left."""
    return next((backup for backup, _ in _sound(book, sha256)), None)


def _sound(book: Path, sha256: str) -> Iterator[tuple[Path, bytes]]:
    for backup in backups(book):
        if backup.stem.endswith(sha256[:10]):
            with suppress(OSError):
                data = backup.read_bytes()
                if hashlib.sha256(data).hexdigest() == sha256:
                    yield backup, data


def _outlived(kept: Sequence[Path], now: datetime) -> list[Path]:
    """Return the backups that may go: neither among the last ten nor of the last seven days.

    Where a week's backups are beyond the limits, its oldest go too, never the last ten.
    """
    since, size, gone = (now - timedelta(KEPT_DAYS)).strftime(_STAMP), 0, []
    for number, backup in enumerate(reversed(kept), 1):
        size += backup.stat().st_size
        beyond = backup.name < since or number > MOST_BACKUPS or size > MOST_BYTES
        if number > KEPT_BACKUPS and beyond:
            gone.append(backup)
    return gone


def digest(path: Path) -> str | None:
    """Return the hash of a file's bytes, None where there is no file.

    Raises:
        OSError: It cannot be read.
    """
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except (FileNotFoundError, IsADirectoryError):
        return None


def write_temp(folder: Path, data: bytes) -> Path:
    """Write bytes to a new temporary file in `folder`, down to the disk.

    The name is short and fixed in form: a Chinese book name may already fill the 255 bytes a file
    name may have, and sync clients leave `~*` and `*.tmp` alone.
    """
    temp = folder / f"{TEMP_PREFIX}{secrets.token_hex(4)}{TEMP_SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    try:
        with os.fdopen(os.open(temp, flags, 0o666), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except BaseException:  # also where somebody stops the run
        drop(temp)
        raise
    return temp


def drop(temp: Path) -> None:
    """Remove a temporary file if it is still there; one that stays is swept by a later run."""
    with suppress(OSError):  # what was done is done, and what went wrong was something else
        try:
            temp.unlink(missing_ok=True)
        except KeyboardInterrupt:  # somebody stops the run at this very moment
            temp.unlink(missing_ok=True)
            raise


def copy_mode(source: Path, target: Path) -> None:
    """Give a file the permissions of another, and its owner where that is allowed."""
    about = source.stat()
    target.chmod(about.st_mode & 0o7777)
    if hasattr(os, "chown"):
        with suppress(OSError):
            os.chown(target, about.st_uid, about.st_gid)
