"""`python -m benchmarks [--quick] [--check] [--only ROW…]`: make data, measure, print ratios."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks.rows import ROWS, Measured, Size
from benchmarks.table import broken, heading, lines

FULL = Size()
QUICK = Size(runs=3, big=10_000, heavy=10_000, new=2_000, books=8, leads=2_000, growth=(500, 2000))


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure the rows that were asked for; 1 where a limit is broken that is to be kept."""
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small data, three runs: to develop")
    parser.add_argument(
        "--check", action="store_true", help="fail where a limit is broken by 25 %%"
    )
    parser.add_argument("--cpu", action="store_true", help="judge by processor time, not the clock")
    parser.add_argument("--runs", type=int, help="how often each job is run")
    parser.add_argument("--only", nargs="*", choices=[row.name for row in ROWS], default=[])
    asked = parser.parse_args(arguments)
    size = QUICK if asked.quick else FULL
    if asked.runs:
        size = size.with_runs(asked.runs)
    print(heading(cpu=asked.cpu), flush=True)  # noqa: T201
    if asked.quick:
        print("小数据：限度是给全量定的，固定开销在这里占得多，只看个大概。", flush=True)  # noqa: T201
    measured: list[Measured] = []
    with tempfile.TemporaryDirectory() as place:
        os.environ["SHEETCRM_CACHE"] = str(Path(place) / "cache")
        for row in ROWS:
            if not asked.only or row.name in asked.only:
                folder = Path(place) / row.name
                folder.mkdir()
                found = row.measure(folder, size)
                measured += found
                for line in lines(found, cpu=asked.cpu):
                    print(line, flush=True)  # noqa: T201
    faults = broken(measured, cpu=asked.cpu)
    for fault in faults:
        print(f"超出限度：{fault}")  # noqa: T201
    return 1 if asked.check and faults else 0


if __name__ == "__main__":
    sys.exit(main())
