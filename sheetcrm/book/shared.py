"""Files that several machines work on: does another one see the same files under the same path?

A machine that has a folder of its own under that path would write where nobody looks. So before
anything is written, a token is left in the state folder of every folder; who does not see it has
other files.
"""

import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.remote import RemotePath
from sheetcrm.book.state import FOLDER, state_folder
from sheetcrm.errors import FileProblem

_PREFIX = "cluster-"
_STALE = 7 * 86400.0  # seconds; longer than any run
_REMEDY = "请把文件夹放在每台机器都用同一个路径打开的共享盘上，再试一次"


@dataclass(frozen=True)
class Outlook:
    """What another machine must see.

    Args:
        folder: Where relative paths start; "" where there are none.
        token: What lies in the state folder of every folder; "" where nothing is written.
    """

    folder: str
    token: str

    def problem(self, path: Path) -> FileProblem | None:
        """Say what this machine does not see; the current folder is `folder` if there is one."""
        if isinstance(path, RemotePath):
            return None  # reading says what is wrong
        host = socket.gethostname()
        if not path.exists():
            return FileProblem(str(path), f"集群里的机器 {host} 看不到这个文件", _REMEDY)
        if self.token and not (path.parent / FOLDER / f"{_PREFIX}{self.token}").exists():
            reason = f"集群里的机器 {host} 在这个路径上的是另一个文件夹，没有处理"
            return FileProblem(str(path), reason, _REMEDY)
        return None

    def enter(self, path: Path) -> FileProblem | None:
        """Make `folder` the current folder of this process.

        Returns:
            Why not, told of the file that was to be worked on.
        """
        if self.folder:
            try:
                os.chdir(self.folder)
            except OSError:
                host = socket.gethostname()
                reason = f"集群里的机器 {host} 没有文件夹“{self.folder}”"
                return FileProblem(str(path), reason, _REMEDY)
        return None


@contextmanager
def outlook(paths: Sequence[Path], *, write: bool) -> Iterator[Outlook]:
    """Leave what other machines must see, for as long as they work on these files.

    Args:
        paths: The files.
        write: Whether anything is written; if not, nothing is left either.
    """
    folder = "" if all(path.is_absolute() for path in paths) else os.getcwd()  # noqa: PTH109
    token = secrets.token_hex(6) if write else ""
    left = [_leave(path, token) for path in _one_a_folder(paths)] if write else []
    try:
        yield Outlook(folder, token)
    finally:
        for file in left:
            with suppress(OSError):
                file.unlink()


def _one_a_folder(paths: Sequence[Path]) -> list[Path]:
    return list({path.parent: path for path in paths}.values())


def _leave(path: Path, token: str) -> Path:
    """Leave the token beside a book, and take away those that killed runs left.

    Raises:
        FileProblem: The folder cannot be written.
    """
    try:
        state = state_folder(path)
        for old in state.glob(f"{_PREFIX}*"):
            with suppress(OSError):
                if time.time() - old.stat().st_mtime > _STALE:
                    old.unlink()
        file = state / f"{_PREFIX}{token}"
        file.touch()
    except OSError as error:
        raise FileProblem(
            str(path.parent), "这个文件夹写不进去", "请检查文件夹权限，或只用 check 检查"
        ) from error
    return file
