"""Every malformed file of the corpus through the commands: a sentence or a result, soon, in little.

What each came to is frozen as text: exit code, codes of findings and counts, never what is in the
file. After a change on purpose: `SHEETCRM_SOAK=1 python -m tests.soak.test_malformed`, then read
the diff.
"""

import json
import os
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.book.packages import corpus_files, needs_corpus
from tests.soak.bases import ours
from tests.soak.runner import Ran, Runner
from tests.soak.scale import SOAK

GOLDEN = Path(__file__).parents[1] / "golden" / "commands.txt"
SECONDS, BYTES = 5.0, 500 << 20  # of one command on one file
COMMANDS = ("check", "lint", "summarise", "import")
DAY = "2026-06-30"

pytestmark = [needs_corpus, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


def test_malformed__a_sentence_or_a_result_soon_and_in_little(figure):
    files = chosen()
    ran = run(files)
    trouble = {key: one.trouble for key, one in ran.items() if one.trouble}
    slow = {key: round(one.ran.seconds, 1) for key, one in ran.items() if one.ran.seconds > SECONDS}
    big = {key: one.ran.peak >> 20 for key, one in ran.items() if one.ran.peak > BYTES}
    figure(
        f"{len(files)} malformed files × {len(COMMANDS)} commands",
        f"最慢 {max(one.ran.seconds for one in ran.values()):.1f} 秒（处理器），"
        f"内存最多 {max(one.ran.peak for one in ran.values()) >> 20} MB",
    )
    assert (trouble, slow, big) == ({}, {}, {})
    frozen = dict(line.split("\t") for line in GOLDEN.read_text("utf-8").splitlines())
    assert {key: each.came_to for key, each in ran.items() if key in frozen} == {
        key: came_to for key, came_to in frozen.items() if key in ran
    }
    figure("of these frozen", f"{len(ran.keys() & frozen.keys())} / {len(ran)}")


def chosen() -> list[Path]:
    """Return all files in a soak, else a few: one of each folder."""
    files = corpus_files("malformed")
    if SOAK >= 1:
        return files
    one_each = {file.parent: file for file in files}
    return [file for file in files if file == one_each[file.parent] or "XFD" in file.name]


@dataclass(frozen=True)
class Outcome:
    """What a command came to on a file, and what was wrong with that, "" for nothing."""

    ran: Ran
    came_to: str
    trouble: str


def run(files: Sequence[Path]) -> dict[str, Outcome]:
    """Run every command on a copy of every file, which must stay as it is."""
    root = Path(os.environ["SHEETCRM_CORPUS"])
    with Runner() as runner:
        return {
            f"{file.relative_to(root).as_posix()} {command}": one(runner, command, file)
            for file in files
            for command in COMMANDS
        }


def one(runner: Runner, command: str, file: Path) -> Outcome:
    with tempfile.TemporaryDirectory() as place:
        path = Path(shutil.copy(file, place))
        book, record = Path(place) / "目标" / "台账.xlsx", Path(place) / "结果.json"
        book.parent.mkdir()
        book.write_bytes(ours())
        options: list[str | Path] = ["--json", record, "--as-of", DAY]
        match command:
            case "lint":
                options = options[:2]
            case "import":
                options += ["--into", book]
        ran = runner.run(command, path, *options)
        told = json.loads(record.read_text("utf-8")) if record.exists() else {}
        writes = command == "summarise" and ran.code != 2
        trouble = [
            ran.trace,
            "" if ran.code in (0, 1, 2) else f"exit {ran.code}",
            "" if re.search(r"[一-鿿]", ran.output) else "no sentence",
            "" if writes or path.read_bytes() == file.read_bytes() else "the file changed",
            "" if book.read_bytes() == ours() else "the book changed",
        ]
        return Outcome(
            ran, f"{ran.code} {' '.join(facts(command, told))}".strip(), "".join(trouble)
        )


def facts(command: str, told: dict[str, Any]) -> Iterable[str]:
    """Return counts and codes of what `--json` says."""
    found: Counter[str] = Counter()
    match command:
        case "check" if told:
            yield from (f"{s['table']}={s['rows']}" for f in told["files"] for s in f["sheets"])
            found = Counter(each["code"] for each in told["findings"])
        case "lint" if told:
            found = Counter(each["rule"] for file in told["files"] for each in file["faults"])
        case "summarise" if told:
            yield from (f"{name}={n}" for name, n in told["population"].items())
        case "import" if told:
            names = ("read", "created", "updated", "duplicates", "rejected", "blank")
            yield from (f"{name}={told[name]}" for name in names)
            found = Counter(each["code"] for each in told["findings"])
    yield from (f"{code}×{n}" for code, n in sorted(found.items()))


if __name__ == "__main__":
    lines = (f"{key}\t{each.came_to}\n" for key, each in run(corpus_files("malformed")).items())
    GOLDEN.write_text("".join(sorted(lines)), "utf-8")
