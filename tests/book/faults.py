"""Let one file operation of this process fail, as a full disk or a virus scanner would.

Opening, renaming, linking, removing, making folders and changing modes are met by an audit hook,
which may raise; writing to a file opened by number and `fsync` by stand-ins.
"""

import errno
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import IO, Any
from unittest import mock

FAULTS = ("ENOSPC", "EACCES", "EIO", "sharing")
_EVENTS = frozenset(
    {
        "open",
        "os.rename",
        "os.link",
        "os.remove",
        "os.mkdir",
        "os.chmod",
        "os.scandir",
        "os.listdir",
    }
)


def fault(name: str, path: str = "") -> OSError:
    """Return what the operating system raises."""
    if name == "sharing":
        error: OSError = PermissionError(errno.EACCES, "sharing violation", path)
        error.winerror = 32  # type: ignore[attr-defined, unused-ignore]
        return error
    number = getattr(errno, name)
    kind = PermissionError if name == "EACCES" else OSError
    return kind(number, os.strerror(number), path)


@dataclass
class Count:
    """How many operations there were in `folder`; the one `at` fails, none where that is 0."""

    folder: str
    at: int
    name: str
    operations: int = 0
    failed: str = ""

    def meet(self, event: str, path: str) -> None:
        """Count an operation, and fail it if it is its turn."""
        if not path.startswith(self.folder) or path.endswith(f"{os.sep}lock"):
            return
        self.operations += 1
        if self.operations == self.at:
            self.failed = f"{event} {Path(path).name}"
            raise fault(self.name, path)

    def write(self, file: IO[bytes], data: bytes, path: str) -> int:
        """Write to a file, as one operation."""
        try:
            self.meet("write", path)
        except OSError:
            file.write(data[: len(data) // 2])  # a full disk takes what still fits
            raise
        return file.write(data)


@dataclass
class Branching(Count):
    """Lets every operation fail, one after another, in one run.

    At each `step`-th operation a twin of this process is forked. The folder is set aside, the twin
    gets a copy of it in its place, fails, and goes on as it can; what it leaves is `into`/number.
    `send` is the pipe that a twin says through how it ended, `answers` what all of them said.
    """

    into: str = ""
    step: int = 1
    send: int = -1
    answers: list[str] = field(default_factory=list)
    _busy: bool = False

    def meet(self, event: str, path: str) -> None:
        if self._busy:
            return
        before = self.operations
        super().meet(event, path)
        if self.send < 0 and self.operations > before and before % self.step == 0:
            self._busy = True
            self._branch(event, path)
            self._busy = False

    def _branch(self, event: str, path: str) -> None:
        aside, number = Path(f"{self.into}-aside"), self.operations
        Path(self.folder).rename(aside)
        shutil.copytree(aside, self.folder)
        receive, send = os.pipe()
        twin = os.fork()
        if twin == 0:
            os.close(receive)
            _reopen(aside, Path(self.folder))
            self.send, self._busy = send, False
            self.failed = f"{event} {Path(path).name}"
            raise fault(FAULTS[number % len(FAULTS)], path)
        os.close(send)
        with os.fdopen(receive) as pipe:
            self.answers.append(pipe.read())
        os.waitpid(twin, 0)
        Path(self.folder).rename(Path(self.into) / str(number))
        aside.rename(self.folder)


def _reopen(aside: Path, folder: Path) -> None:
    """Let open files be those of the copy (Linux)."""
    import fcntl

    for each in list(Path("/proc/self/fd").iterdir()):
        with suppress(OSError):
            opened = each.readlink()
            if opened.is_relative_to(aside):
                number, flags = int(each.name), fcntl.fcntl(int(each.name), fcntl.F_GETFL)
                other = os.open(folder / opened.relative_to(aside), flags & ~os.O_EXCL)
                if not opened.is_dir():
                    os.lseek(other, os.lseek(number, 0, os.SEEK_CUR), os.SEEK_SET)
                os.dup2(other, number)
                os.close(other)


_counting: list[Count] = []


@contextmanager
def failing(folder: Path, at: int = 0, name: str = "EIO") -> Iterator[Count]:
    """Let the operation number `at` in a folder fail, in this process and those it forks."""
    count = Count(str(folder), at, name)
    with counting(count):
        yield count


@contextmanager
def counting(count: Count) -> Iterator[None]:
    """Tell `count` of every operation of this process."""
    _listen()
    paths: dict[int, str] = {}
    real_open, real_fdopen, real_fsync = os.open, os.fdopen, os.fsync

    def opening(path: Any, *arguments: Any, **options: Any) -> int:
        number = real_open(path, *arguments, **options)
        paths[number] = str(path)
        return number

    def fdopen(number: int, *arguments: Any, **options: Any) -> Any:
        return _Opened(real_fdopen(number, *arguments, **options), count, paths.get(number, ""))

    def fsync(number: int) -> None:
        count.meet("fsync", paths.get(number, ""))
        real_fsync(number)

    _counting.append(count)
    try:
        with (
            mock.patch.object(os, "open", opening),
            mock.patch.object(os, "fdopen", fdopen),
            mock.patch.object(os, "fsync", fsync),
        ):
            yield
    finally:
        _counting.remove(count)


class _Opened:
    """A file whose writes are counted."""

    def __init__(self, file: IO[bytes], count: Count, path: str) -> None:
        self._file, self._count, self._path = file, count, path

    def __enter__(self) -> "_Opened":
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        return self._count.write(self._file, data, self._path)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


@cache
def _listen() -> None:
    sys.addaudithook(_meet)  # for good: it does nothing while nothing is counted


def _meet(event: str, arguments: tuple[Any, ...]) -> None:
    if _counting and event in _EVENTS:
        for count in _counting:
            count.meet(event, str(arguments[0]))
