"""One piece of work for each of many files, in several processes; order and number stay.

Who does it is an argument: processes of this machine, or those of a cluster
(`sheetcrm.workflows.cluster`). A process that dies takes its file with it: it is tried again, in
the end alone. What kills even that process is given up.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

T = TypeVar("T")

# A process needs a second to start: two files at least make it worth while.
FILES_A_PROCESS = 2
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


def usable_cores() -> int:
    """Return how many cores this process may use."""
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes_for(files: int, jobs: int) -> int:
    """Return how many processes so many files are worth; 1 means this process itself."""
    return max(1, min(jobs, files // FILES_A_PROCESS))


def crew_for(files: int, jobs: "int | Crew") -> "Crew | None":
    """Return who works on so many files: up to `jobs` processes, or those that are named.

    None means this process itself.
    """
    if isinstance(jobs, Crew):
        return jobs if files else None
    count = processes_for(files, jobs)
    return processes(count) if count > 1 else None


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


def processes(jobs: int) -> Crew:
    """Return processes of this machine."""
    return Crew(_new_processes, jobs)


@contextmanager
def _new_processes(jobs: int) -> Iterator[Executor]:
    # Started anew: a copy of this process could inherit a lock that one of its threads holds.
    spawn = multiprocessing.get_context("spawn")
    pool = _Processes(jobs, mp_context=spawn, initializer=_begin)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


class _Processes(ProcessPoolExecutor):
    """Processes that Ctrl-C stops without a word, whatever they are at.

    They start deaf to it, and hear it only while they work: starting or idle, each would show the
    user where in Python it was.
    """

    def submit(self, fn: Callable[..., T], /, *args: object, **named: object) -> Future[T]:
        """Hand in a piece of work; the process that this may start inherits what is blocked."""
        with _deaf():
            return super().submit(_hearing, partial(fn, *args, **named))


@contextmanager
def _deaf() -> Iterator[None]:
    if not hasattr(signal, "pthread_sigmask"):  # Windows
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


_STOPPED = threading.Event()


def _begin() -> None:
    """Begin as a process of a pool."""
    signal.signal(signal.SIGINT, _stop_before_the_next)
    if hasattr(signal, "pthread_sigmask"):
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    _end_with_parent()


def _stop_before_the_next(_number: int, _frame: object) -> None:
    _STOPPED.set()


def _stop_now(_number: int, _frame: object) -> None:
    _STOPPED.set()
    raise KeyboardInterrupt


def _hearing(do: Callable[[], T]) -> T:
    """Do a piece of work, unless the run was stopped; what was handed in comes all the same."""
    if _STOPPED.is_set():
        raise KeyboardInterrupt
    signal.signal(signal.SIGINT, _stop_now)
    try:
        return do()
    finally:
        signal.signal(signal.SIGINT, _stop_before_the_next)


def _end_with_parent() -> None:
    """End this process when the one that started it is killed: it would wait for work for ever."""
    parent = multiprocessing.parent_process()

    def wait() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


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
