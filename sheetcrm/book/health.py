"""What lies about in a folder of workbooks: locks, owner files, leftovers, backups."""

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from filelock import Timeout

from sheetcrm.book.owners import STALE_AFTER, Owner, is_owner_file, owners
from sheetcrm.book.publish import ASIDE, SWEEP_AFTER
from sheetcrm.book.state import FOLDER, TEMP_PREFIX, TEMP_SUFFIX, lock_kind, write_temp


@dataclass(frozen=True)
class Stored:
    """The backups of a folder: how many, how big, and of which books that are gone."""

    count: int
    size: int
    orphans: tuple[str, ...]


def lock_holder(folder: Path) -> str | None:
    """Say who is writing in the folder: a process number, "" if unknown; None if nobody is."""
    file = folder / FOLDER / "lock"
    if not file.exists():
        return None
    lock = lock_kind(str(file))(str(file), timeout=0)
    try:
        lock.acquire()
    except Timeout:
        with suppress(OSError, IndexError):
            number = file.read_text("utf-8", "replace").split()[0]
            return number if number.isdigit() else ""
        return ""
    except OSError:
        return None
    lock.release()
    return None


def open_books(books: list[Path]) -> list[tuple[Path, Owner]]:
    """Return which books are open, and by whom."""
    return [(book, owner) for book in books for owner in owners(book)]


def stale_owner_files(folder: Path) -> list[Path]:
    """Return owner files so old that the program which left them must have crashed."""
    found = []
    for path in _listed(folder):
        if (
            is_owner_file(path.name)
            and path.suffix != TEMP_SUFFIX
            and not _younger(path, STALE_AFTER)
        ):
            found.append(path)
    return found


def temporary_files(folder: Path) -> list[Path]:
    """Return temporary files that killed runs left, old enough not to be in use."""
    places = (folder, *_listed(folder / FOLDER / "backup"))
    found = [p for place in places for p in place.glob(f"{TEMP_PREFIX}????????{TEMP_SUFFIX}")]
    return [path for path in found if not _younger(path, SWEEP_AFTER)]


def left_aside(folder: Path) -> list[Path]:
    """Return results that could not take the place of their workbook."""
    return [path for path in _listed(folder) if path.stem.endswith(ASIDE)]


def sweep(folder: Path) -> list[Path]:
    """Remove temporary files that killed runs left; return those that are gone."""
    gone = []
    for path in temporary_files(folder):
        with suppress(OSError):
            path.unlink()
            gone.append(path)
    return gone


def stored_backups(folder: Path) -> Stored:
    """Count the backups of a folder."""
    count = size = 0
    orphans = []
    for place in _listed(folder / FOLDER / "backup"):
        kept = [p for p in _listed(place) if p.is_file()]
        for path in kept:
            with suppress(OSError):
                size += path.stat().st_size
        count += len(kept)
        if kept and not (folder / place.name).exists():
            orphans.append(place.name)
    return Stored(count, size, tuple(orphans))


def writable(folder: Path) -> OSError | None:
    """Return what keeps us from making files in a folder, None where nothing does."""
    try:
        write_temp(folder, b"sheetcrm").unlink()
    except OSError as error:
        return error
    return None


def from_the_future(folder: Path, slack: float) -> list[Path]:
    """Return files whose time is more than `slack` seconds later than this computer's clock."""
    now = time.time()
    found = []
    for path in _listed(folder):
        with suppress(OSError):
            if path.is_file() and path.stat().st_mtime > now + slack:
                found.append(path)
    return found


def _younger(path: Path, seconds: float) -> bool:
    try:
        return time.time() - path.stat().st_mtime < seconds
    except OSError:
        return True


def _listed(folder: Path) -> Iterator[Path]:
    try:
        yield from sorted(Path(entry.path) for entry in os.scandir(folder))
    except OSError:
        return
