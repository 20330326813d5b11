"""A real cluster on this machine: a scheduler, and worker processes that can be killed."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sheetcrm.book.cache import VARIABLE

_ENVIRONMENT = {
    "DASK_DISTRIBUTED__ADMIN__TICK__LIMIT": "60s",
    "PYTHONWARNINGS": "ignore",
    VARIABLE: "off",
}
_LONGEST_START = 60.0  # seconds; on a busy machine


@contextmanager
def scheduler(folder: Path) -> Iterator[str]:
    """Run a scheduler on a free port of the loopback; yield its address."""
    options = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--no-show"]
    with _running(["distributed.cli.dask_scheduler", *options], folder, "scheduler") as (_, log):
        yield _said(log, r"Scheduler at:\s+(tcp://[\d.:]+)")


@contextmanager
def worker(
    address: str,
    folder: Path,
    name: str,
    environment: Mapping[str, str] | None = None,
    preload: Path | None = None,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a worker without a nanny: one that is killed stays dead.

    `preload` is a script that it runs first, `environment` adds to its variables.
    """
    options = ["--no-nanny", "--no-dashboard", "--nthreads", "1", "--death-timeout", "30"]
    options += ["--local-directory", str(folder)]
    first = ["--preload", str(preload)] if preload else []
    command = ["distributed.cli.dask_worker", address, "--name", name, *options, *first]
    with _running(command, folder, name, environment) as (process, log):
        _said(log, r"(Registered to:)")
        yield process


@contextmanager
def _running(
    command: list[str], folder: Path, name: str, environment: Mapping[str, str] | None = None
) -> Iterator[tuple[subprocess.Popen[bytes], Path]]:
    log = folder / f"{name}.log"
    with log.open("wb") as file:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            stdout=file,
            stderr=file,
            cwd=folder,
            env={**os.environ, **_ENVIRONMENT, **(environment or {})},
        )
        try:
            yield process, log
        finally:
            process.kill()
            process.wait()


def _said(log: Path, pattern: str) -> str:
    """Wait until a process says something, and return it."""
    end = time.monotonic() + _LONGEST_START
    while time.monotonic() < end:
        if found := re.search(pattern, log.read_text(errors="replace")):
            return found[1]
        time.sleep(0.05)
    raise AssertionError(log.read_text(errors="replace"))
