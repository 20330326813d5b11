"""Processes of this machine: how many a run is worth, how they start and how they are stopped."""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeVar

from sheetcrm.workflows.parallel import Crew

T = TypeVar("T")

# A process needs a second to start: two files at least make it worth while.
FILES_A_PROCESS = 2
# Set in a process of a pool when its run was stopped.
_STOPPED = threading.Event()


def usable_cores() -> int:
    """Return how many cores this process may use."""
    with suppress(AttributeError):  # not on macOS and Windows
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def processes_for(files: int, jobs: int) -> int:
    """Return how many processes so many files are worth; 1 means this process itself."""
    return max(1, min(jobs, files // FILES_A_PROCESS))


def crew_for(files: int, jobs: int | Crew) -> Crew | None:
    """Return who works on so many files: up to `jobs` processes, or those that are named.

    None means this process itself.
    """
    if isinstance(jobs, Crew):
        return jobs if files else None
    count = processes_for(files, jobs)
    return processes(count) if count > 1 else None


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
