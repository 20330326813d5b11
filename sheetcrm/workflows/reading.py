"""Workbooks read for a run over several: the next one while this one is worked on."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from pathlib import Path

from sheetcrm.book.changes import Run
from sheetcrm.book.remote import fetched, is_remote
from sheetcrm.book.worker import Reader
from sheetcrm.table import RawBook
from sheetcrm.workflows.remember import hash_of
from sheetcrm.workflows.retried import replaced_by

# A larger workbook is read when its turn comes, so that two such are not in memory at once.
MOST_AHEAD = 4 << 20  # bytes of the file


@dataclass(frozen=True)
class Read:
    """What was read from a workbook; `stored` is where its bytes lie, if not in its place."""

    raw: RawBook
    stored: Path | None = None


# Reads a workbook; raises FileProblem as `Reader.read` does.
ReadBook = Callable[[Path], Read]


def read_for(run: Run | None, reader: Reader, path: Path) -> Read:
    """Read a workbook, for a run that writes it as it was before that run, if it is a retry.

    Raises:
        FileProblem: As `Reader.read`.
    """
    stored = replaced_by(path, run) if run else None
    with fetched(path) as copy:
        return Read(reader.read(path, stored or copy), stored)


@contextmanager
def reading_ahead(paths: Sequence[Path], run: Run | None) -> Iterator[ReadBook]:
    """Yield what reads these workbooks, asked for in this order, the next one beforehand.

    One that has changed since it was read beforehand is read again.
    """
    with Reader() as reader, ThreadPoolExecutor(1) as pool:
        yield _Ahead(dict(pairwise(paths)), pool, partial(read_for, run, reader))


class _Ahead:
    """Reads in another thread, so that no two use the one reader."""

    def __init__(self, after: dict[Path, Path], pool: ThreadPoolExecutor, read: ReadBook) -> None:
        self._after, self._pool, self._read = after, pool, read
        self._begun: dict[Path, Future[Read]] = {}

    def __call__(self, path: Path) -> Read:
        begun = self._begun.pop(path, None)
        found = (begun or self._pool.submit(self._read, path)).result()
        if begun and hash_of(found.stored or path) != found.raw.sha256:
            found = self._pool.submit(self._read, path).result()
        after = self._after.get(path)
        if after is not None and is_small(after):
            self._begun[after] = self._pool.submit(self._read, after)
        return found


def is_small(path: Path) -> bool:
    """Say whether a workbook of this machine needs little memory."""
    with suppress(OSError):
        return not is_remote(path) and path.stat().st_size <= MOST_AHEAD
    return False
