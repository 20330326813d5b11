"""What a hundred thousand workbooks need, computed from what a few need here: docs/scale.md.

`python -m benchmarks.scale` prints the tables of that page. Processor seconds are counted, not the
clock, so that a busy machine measures the same; how fast the processor is stands beside them.
"""

import json
import os
import pickle
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks.data import AS_OF, lead_book
from benchmarks.measure import ROOT

BOOKS = 100_000
# One file, and so many more: what is paid once is told from what is paid for each.
MORE = 5
HISTORIES = (0, 4_000, 16_000)
TASKS = 500
# A file is read for its cells, to be compared and to be backed up; what is written is its backup
# and the new file, which is read back.
READS, WRITES = 4, 2

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Cost:
    """What a run over copies of one workbook took.

    Seconds of the processors, MB at most in this process and in the one that reads, bytes that
    the results have on their way to whoever asked, rows of leads.
    """

    cpu: float
    memory: float
    results: int
    rows: int


@dataclass(frozen=True)
class Each:
    """What one workbook takes, besides the start that is paid once a process."""

    name: str
    size: int
    rows: int
    cpu: float
    start: float
    memory: float
    results: int


def run(folder: Path, what: str) -> Cost:
    """Check the workbooks of a folder, write into them, or sum them up, in this process."""
    from sheetcrm.book.changes import Run
    from sheetcrm.workflows.folder import FileJob, run_files
    from sheetcrm.workflows.report import ALL_KINDS
    from sheetcrm.workflows.weekly import team

    paths = sorted(folder.glob("*.xlsx"))
    if what == "team":
        looked = FileJob(AS_OF, (), run=Run("summarise"))
        done = list(team([str(p) for p in paths], folder / "汇总" / "团队.xlsx", looked).files)
    elif what == "weekly":
        done = run_files(paths, FileJob(AS_OF, ALL_KINDS, fix="ids", run=Run("weekly")))
    else:
        done = run_files(paths, FileJob(AS_OF, (), run=Run("check")))
    own, child = (resource.getrusage(w) for w in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    # Linux counts kilobytes, macOS bytes
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return Cost(
        own.ru_utime + own.ru_stime + child.ru_utime + child.ru_stime,
        (own.ru_maxrss + child.ru_maxrss) / unit,
        sum(len(pickle.dumps(each)) for each in done),
        sum(len(each.book.tables["lead"].data) for each in done if each.book),
    )


def each(name: str, make: Make, what: str) -> Each:
    """Measure a job on copies of one workbook, in processes of its own."""
    costs = []
    with tempfile.TemporaryDirectory() as scratch:
        original = Path(scratch, "一.xlsx")
        make(original)
        for count in (1, 1 + MORE):
            folder = Path(scratch, str(count))
            folder.mkdir()
            for number in range(count):
                shutil.copyfile(original, folder / f"销售{chr(ord('A') + number)}.xlsx")
            costs.append(_in_child(folder, what))
        size = original.stat().st_size
    one, more = costs
    cpu = (more.cpu - one.cpu) / MORE
    results = more.results // (1 + MORE)
    return Each(name, size, one.rows, cpu, one.cpu - cpu, more.memory, results)


def _in_child(folder: Path, what: str) -> Cost:
    command = [sys.executable, "-m", "benchmarks.scale", str(folder), what]
    environment = {**os.environ, "SHEETCRM_CACHE": "off"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, stdout=subprocess.PIPE, text=True
    )
    return Cost(**json.loads(done.stdout.splitlines()[-1]))


def publish_cost(lines: int) -> float:
    """Return the processor seconds of one publishing in a folder whose journal has that length."""
    from sheetcrm.book.changes import Change, Run
    from sheetcrm.book.publish import publish

    with tempfile.TemporaryDirectory() as folder:
        path, change = Path(folder, "甲.xlsx"), Change(Run("weekly"))
        before = publish(path, b"0", None, change=change)
        journal = Path(folder, ".sheetcrm", "journal.jsonl")
        two = journal.read_text(encoding="utf-8")
        key = json.loads(two.splitlines()[0])["key"]
        long = (two.replace(key, f"{number:012x}") for number in range(lines // 2))
        journal.write_text("".join(long), encoding="utf-8")
        start = time.process_time()
        for number in range(1, 6):
            before = publish(path, b"%d" % number, before.sha256, change=change)
        return (time.process_time() - start) / 5


def task_cost() -> float:
    """Return the processor seconds that a cluster takes for a task that does nothing."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(
            n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None
        ) as cluster,
        Client(cluster, set_as_default=False) as client,
    ):
        pool = client.get_executor(pure=False)
        start = time.process_time()
        for future in [pool.submit(len, str(n)) for n in range(TASKS)]:
            future.result()
        return (time.process_time() - start) / TASKS


def speed() -> float:
    """Return millions of additions a second in plain Python: how fast this processor is."""
    start, total = time.process_time(), 0
    for number in range(2_000_000):
        total += number
    return 2 / (time.process_time() - start)


def report() -> None:
    """Print what was measured, and what follows from it for BOOKS workbooks."""
    sample = sorted((ROOT / "samples" / "team").glob("*.xlsx"))[0]
    kinds: tuple[tuple[str, Make], ...] = (
        ("示例", lambda path: shutil.copyfile(sample, path)),
        ("500 行线索", lambda path: lead_book(path, 500)),
    )
    found = {
        what: [each(name, make, what) for name, make in kinds]
        for what in ("check", "weekly", "team")
    }
    _print("工作簿", "大小 KB", "线索", "命令", "每本 CPU 秒", "启动 CPU 秒", "内存 MB", "结果 KB")
    for what in ("check", "weekly"):
        for it in found[what]:
            size, results = f"{it.size / 1024:.0f}", f"{it.results / 1024:.0f}"
            costs = (f"{it.cpu:.2f}", f"{it.start:.1f}", f"{it.memory:.0f}")
            _print(it.name, size, it.rows, what, *costs, results)
    print()  # noqa: T201
    _print("汇成一本", "每本 CPU 秒", "每万条线索 CPU 秒")
    for look, whole in zip(found["check"], found["team"], strict=True):
        cpu = max(whole.cpu - look.cpu, 0.0)
        _print(whole.name, f"{cpu:.2f}", f"{cpu / whole.rows * 10_000:.1f}")
    print()  # noqa: T201
    _print("文件夹里的记录行数", "落盘一次 CPU 毫秒")
    for lines in HISTORIES:
        _print(lines, f"{publish_cost(lines) * 1000:.0f}")
    print()  # noqa: T201
    _print(f"{BOOKS:,} 本 weekly", "CPU 小时", "读 GB", "写 GB", "结果 GB")
    for it in found["weekly"]:
        bytes_ = (it.size * READS, it.size * WRITES, it.results)
        _print(it.name, f"{it.cpu * BOOKS / 3600:.0f}", *(f"{b * BOOKS / 1e9:.0f}" for b in bytes_))
    task, fast = task_cost() * 1000, speed()
    print(f"\n集群每个文件另加 {task:.1f} CPU 毫秒。处理器：每秒 {fast:.0f} 百万次加法。")  # noqa: T201


def _print(*cells: object) -> None:
    print("| " + " | ".join(map(str, cells)) + " |", flush=True)  # noqa: T201


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(asdict(run(Path(sys.argv[1]), sys.argv[2]))))  # noqa: T201
    else:
        report()
