"""One piece of work for each of many files, in several processes; order and number stay.

Who does it is an argument: processes of this machine (`sheetcrm.workflows.processes`), or those of
a cluster (`sheetcrm.workflows.cluster`). A process that dies takes its file with it: it is tried
again, in the end alone. What kills even that process is given up.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

# Files handed in for each process: the one at hand, and one it goes on with.
_AHEAD = 2
# One death may be an accident, also of a file that until then was beside one that kills.
TRIES_ALONE = 2


@dataclass(frozen=True)
class Step:
    """How far a run is: the file at hand, and how many of all are done."""

    path: Path
    done: int
    total: int


Progress = Callable[[Step], None]


def silent(step: Step) -> None:
    """Show nothing."""
    del step


@dataclass(frozen=True)
class Work(Generic[T]):
    """What is done with each file, and what comes of one whose process dies each time.

    Both functions must be importable, as processes are started anew. `here` says that this process
    works too, as one of those there are: the others take a second to start. A file that kills it
    ends the run, so that it is for files that need little memory.
    """

    do: Callable[[Path], T]
    given_up: Callable[[Path], T]
    here: bool = False


def stay() -> None:
    """Go on waiting."""


@dataclass(frozen=True)
class Crew:
    """Who does the work.

    Args:
        start: Gives the executor of one round; that many processes are enough for it.
        jobs: How many processes there are.
        lost: What a future raises whose process died.
        rounds: How often files are tried together, before each of those left is tried alone.
        watch: Called when nothing was done for `patience` seconds; raises where nothing ever will.
        elsewhere: Whether the processes are, or may be, on other machines.
    """

    start: Callable[[int], AbstractContextManager[Executor]]
    jobs: int
    lost: tuple[type[Exception], ...] = (BrokenExecutor,)
    rounds: int = 2
    watch: Callable[[], None] = stay
    patience: float = 5.0
    elsewhere: bool = False


def spread(
    paths: Sequence[Path], work: Work[T], crew: Crew, done: Callable[[Path], None]
) -> dict[Path, T]:
    """Have the work done, big files first so that none is left for the end.

    Args:
        paths: The files.
        work: What to do with each.
        crew: Who does it.
        done: Called with each file as soon as it is done.

    Raises:
        Exception: What the work raised; files that wait are not begun.
    """
    results: dict[Path, T] = {}
    left = sorted(paths, key=_size, reverse=True)
    for _ in range(crew.rounds):
        _run(left, work, crew, results, done)
        work = replace(work, here=False)  # what is left may have killed its process
        left = [path for path in left if path not in results]
        if not left:
            return results
    for path in left:
        for _ in range(TRIES_ALONE):
            if path not in results:
                _run([path], work, crew, results, done)
        if path not in results:
            results[path] = work.given_up(path)
            done(path)
    return results


def _run(
    paths: Sequence[Path],
    work: Work[T],
    crew: Crew,
    results: dict[Path, T],
    done: Callable[[Path], None],
) -> None:
    """Add the results of all files whose process lives until they are done."""
    left = deque(paths)
    others = max(1, min(crew.jobs - work.here, len(paths)))
    most = _AHEAD * others if work.here else len(paths)
    with crew.start(others) as pool:
        waiting: dict[Future[T], Path] = {}
        finished: SimpleQueue[Future[T]] = SimpleQueue()
        while True:
            with suppress(*crew.lost):  # while files are handed in
                while left and len(waiting) < most:
                    future = pool.submit(work.do, left[0])
                    waiting[future] = left.popleft()
                    future.add_done_callback(finished.put)
            if not waiting:
                return
            if work.here and left:
                path = left.pop()
                results[path] = work.do(path)
                done(path)
            for future in _ended(finished, crew, wait=not (work.here and left)):
                path = waiting.pop(future)
                with suppress(*crew.lost):
                    results[path] = future.result()
                    done(path)


def _ended(finished: "SimpleQueue[Future[T]]", crew: Crew, *, wait: bool) -> Iterator[Future[T]]:
    """Yield the files that have ended; wait for one where there is nothing else to do."""
    while wait:
        try:
            yield finished.get(timeout=crew.patience)
        except Empty:
            crew.watch()
            continue
        break
    with suppress(Empty):
        while True:
            yield finished.get_nowait()


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
