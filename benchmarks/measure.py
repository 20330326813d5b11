"""Jobs measured side by side: each in a process of its own, in turn, the medians compared."""

import json
import os
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Taken:
    """What a job took: seconds by the clock and of the processors, MB at most in one process."""

    wall: float
    cpu: float
    memory: float


def timed(job: Callable[[], object]) -> Taken:
    """Run a job in this process and measure it with the children that it starts and ends."""
    clock, before = time.perf_counter(), _cpu()
    job()
    wall, cpu = time.perf_counter() - clock, _cpu() - before
    return Taken(wall, cpu, _most_memory())


def _most_memory() -> float:
    """Return the most memory that this process, or one of its children, has had, in MB."""
    # Linux counts kilobytes, macOS bytes
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / unit
    try:
        status = Path("/proc/self/status").read_text()
    except OSError:
        return max(children, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit)
    # what Linux calls the maximum of this process may be that of the one it was forked from
    return max(children, int(status.partition("VmHWM:")[2].split()[0]) / 1024)


def _cpu() -> float:
    used = [resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def in_child(name: str, *arguments: object) -> Taken:
    """Run `benchmarks.jobs NAME …` in a new process; its imports are not counted."""
    command = [sys.executable, "-m", "benchmarks.jobs", name, *map(str, arguments)]
    environment = {**os.environ, "SHEETCRM_CACHE": os.environ.get("SHEETCRM_CACHE", "off")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return Taken(**json.loads(done.stdout.splitlines()[-1]))


def command(arguments: Sequence[str]) -> Taken:
    """Run a command from its start to its end, imports and all."""
    return timed(lambda: subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL))


def side_by_side(jobs: Mapping[str, Callable[[], Taken]], runs: int) -> dict[str, Taken]:
    """Run all jobs in turn, `runs` times over, and return the median of each."""
    found: dict[str, list[Taken]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            found[name].append(job())
    return {
        name: Taken(
            *(
                statistics.median(getattr(each, what) for each in taken)
                for what in ("wall", "cpu", "memory")
            )
        )
        for name, taken in found.items()
    }
