"""One piece of work for each of many files, in several processes; order and number stay.

A process that dies takes its file with it, and those that wait: they are tried again in new
processes, the last time each in one of its own. What kills even that process is given up.
"""

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Executor, Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")

# A process needs a second to start: two files at least make it worth while.
FILES_A_PROCESS = 2


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


def usable_cores() -> int:
    """Return how many cores this process may use."""
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes_for(files: int, jobs: int) -> int:
    """Return how many processes so many files are worth; 1 means this process itself."""
    return max(1, min(jobs, files // FILES_A_PROCESS))


@dataclass(frozen=True)
class Work(Generic[T]):
    """What is done with each file, and what comes of one whose process dies each time.

    Both functions must be importable, as processes are started anew.
    """

    do: Callable[[Path], T]
    given_up: Callable[[Path], T]


def in_processes(
    paths: Sequence[Path], work: Work[T], jobs: int, done: Callable[[Path], None]
) -> dict[Path, T]:
    """Do the work in `jobs` processes, big files first so that none is left for the end.

    Args:
        paths: The files.
        work: What to do with each.
        jobs: Number of processes.
        done: Called with each file as soon as it is done.

    Raises:
        Exception: What the work raised; files that wait are not begun.
    """
    results: dict[Path, T] = {}
    left = sorted(paths, key=_size, reverse=True)
    for _ in range(2):
        _run(left, work.do, jobs, results, done)
        left = [path for path in left if path not in results]
        if not left:
            return results
    for path in left:
        _run([path], work.do, 1, results, done)
        if path not in results:
            results[path] = work.given_up(path)
            done(path)
    return results


def _run(
    paths: Iterable[Path],
    do: Callable[[Path], T],
    jobs: int,
    results: dict[Path, T],
    done: Callable[[Path], None],
) -> None:
    """Add the results of all files whose process lives until they are done."""
    # Started anew: a copy of this process could inherit a lock that one of its threads holds.
    pool: Executor = ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn"))
    try:
        waiting: dict[Future[T], Path] = {pool.submit(do, path): path for path in paths}
        for future in as_completed(waiting):
            with suppress(BrokenProcessPool):
                results[waiting[future]] = future.result()
                done(waiting[future])
    except BrokenProcessPool:  # while files were handed in
        pass
    finally:
        pool.shutdown(cancel_futures=True)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
