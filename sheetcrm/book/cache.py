"""Results of earlier runs, kept in the user's own cache folder.

Nothing depends on what is kept: every file may be deleted at any time. What is kept is unpickled,
which is as good as running it, so only files that this user wrote and nobody else can write are
ever read: never files of a shared folder, nor of the folder the workbooks lie in.
"""

import hashlib
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from platformdirs import user_cache_path

# A folder to keep results in, or "off".
VARIABLE = "SHEETCRM_CACHE"
MOST_BYTES = 1 << 30
# One entry may take that part of the whole; after as much new ones the oldest are dropped.
_SHARE = 4
_SUFFIX, _TEMP = ".kept", ".kept-new"
_DIGEST = hashlib.sha256().digest_size


@dataclass
class Cache:
    """Bytes by key, the ones used last kept longest.

    Args:
        folder: Where they lie; None keeps nothing.
        most: All of them together, in bytes.
    """

    folder: Path | None
    most: int = MOST_BYTES
    _added: int = field(default=0, init=False)

    def get(self, key: str) -> bytes | None:
        """Return what was kept under a key; None where nothing is, or it cannot be trusted."""
        if self.folder is None:
            return None
        path = self.folder / f"{key}{_SUFFIX}"
        with suppress(OSError):
            data = _own_bytes(path)
            if data is not None and hashlib.sha256(data[_DIGEST:]).digest() == data[:_DIGEST]:
                os.utime(path)
                return data[_DIGEST:]
        return None

    def put(self, key: str, data: bytes) -> None:
        """Keep bytes; not where they are many, or cannot be written."""
        if self.folder is None or len(data) > self.most // _SHARE:
            return
        with suppress(OSError):
            handle, name = tempfile.mkstemp(suffix=_TEMP, dir=self.folder)
            temp = Path(name)
            try:
                with os.fdopen(handle, "wb") as file:
                    file.write(hashlib.sha256(data).digest() + data)
                temp.replace(self.folder / f"{key}{_SUFFIX}")
            finally:
                temp.unlink(missing_ok=True)
        self._added += len(data)
        if self._added > self.most // _SHARE:
            self._added = 0
            self.prune()

    def prune(self) -> None:
        """Drop what was used longest ago, down to the limit; nothing but what was kept here."""
        if self.folder is None:
            return
        files = []
        with suppress(OSError):  # the folder, too, may go at any time
            for path in self.folder.iterdir():
                if path.suffix in (_SUFFIX, _TEMP):
                    with suppress(OSError):  # another run drops files at the same time
                        about = path.stat()
                        files.append((about.st_mtime, about.st_size, path))
        size = 0
        for _, length, path in sorted(files, reverse=True):
            size += length
            if size > self.most:
                with suppress(OSError):
                    path.unlink()


@cache
def user_cache() -> Cache:
    """Return the cache of this user, one that keeps nothing where there is no safe place for it."""
    said = os.environ.get(VARIABLE, "")
    if said.casefold() == "off":
        return Cache(None)
    with suppress(OSError, RuntimeError):  # RuntimeError: a user without a home folder
        folder = Path(said).expanduser() if said else user_cache_path("sheetcrm", appauthor=False)
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if _only_ours(folder.lstat()) and stat.S_ISDIR(folder.lstat().st_mode):
            found = Cache(folder)
            found.prune()
            return found
    return Cache(None)


def _own_bytes(path: Path) -> bytes | None:
    # what is opened is what is looked at: no link, and nothing put in its place in between
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0))
    with os.fdopen(handle, "rb") as file:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode) or not _only_ours(about):
            return None
        return file.read()


def _only_ours(about: os.stat_result) -> bool:
    """Say whether this user owns it and nobody else may write to it."""
    if os.name == "nt":  # what lies in a user's profile is the user's
        return True
    return about.st_uid == os.geteuid() and not about.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
