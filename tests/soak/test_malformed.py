"""Every malformed file of the corpus through the commands: a sentence or a result, soon, in little.

What each came to is frozen as text: the exit code and the sentence or the counts, never what is in
the file. After a change on purpose: `SHEETCRM_SOAK=1 python -m tests.soak.test_malformed`, then
read the diff.
"""

import os
import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.book.packages import corpus_files, needs_corpus
from tests.soak.bases import ours
from tests.soak.runner import Ran, Runner
from tests.soak.scale import SOAK

GOLDEN = Path(__file__).parents[1] / "golden" / "commands.txt"
SECONDS, BYTES = 5.0, 500 << 20  # of one command on one file
COMMANDS = ("check", "summarise", "import")
DAY = "2026-06-30"

pytestmark = [needs_corpus, pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")]


def test_malformed__a_sentence_or_a_result_soon_and_in_little(figure):
    files = chosen()
    ran = run(files)
    trouble = [key for key, one in ran.items() if one.trace or one.code not in (0, 1, 2)]
    slow = {key: round(one.seconds, 1) for key, one in ran.items() if one.seconds > SECONDS}
    big = {key: one.peak >> 20 for key, one in ran.items() if one.peak > BYTES}
    figure(
        f"{len(files)} malformed files × {len(COMMANDS)} commands",
        f"最慢 {max(one.seconds for one in ran.values()):.1f} 秒（处理器），"
        f"内存最多 {max(one.peak for one in ran.values()) >> 20} MB",
    )
    assert (trouble, slow, big) == ([], {}, {})
    if not GOLDEN.exists():  # written by the first whole run
        return
    frozen = dict(line.split("\t", 1) for line in GOLDEN.read_text("utf-8").splitlines())
    assert {key: said(one) for key, one in ran.items()} == {key: frozen[key] for key in ran}


def chosen() -> list[Path]:
    """Return all files in a soak, else a few: one of each folder."""
    files = corpus_files("malformed")
    if SOAK >= 1:
        return files
    one_each = {file.parent: file for file in files}
    return [file for file in files if file == one_each[file.parent] or "XFD" in file.name]


def run(files: Sequence[Path]) -> dict[str, Ran]:
    """Run every command on a copy of every file, which must stay as it is."""
    found = {}
    root = Path(os.environ["SHEETCRM_CORPUS"])
    with Runner() as runner:
        for file in files:
            for command in COMMANDS:
                with tempfile.TemporaryDirectory() as folder:
                    path = Path(shutil.copy(file, folder))
                    book = Path(folder) / "目标" / "台账.xlsx"
                    book.parent.mkdir()
                    book.write_bytes(ours())
                    arguments: list[str | Path] = [command, path, "--as-of", DAY]
                    if command == "import":
                        arguments = [command, path, "--into", book]
                    name = f"{file.relative_to(root)} {command}"
                    found[name] = runner.run(*arguments)
                    same = path.read_bytes() == file.read_bytes()
                    assert same or (command == "summarise" and found[name].code == 0), name
                    assert book.read_bytes() == ours(), name
    return found


def said(ran: Ran) -> str:
    """Return the exit code and what was said, without paths and what files hold."""
    lines = [line.strip() for line in ran.output.splitlines() if line.strip()]
    counts = [line for line in lines if re.match(r"共 错误|.*读入 \d+ 行|读入", line)]
    line = (counts or lines or [""])[0] if ran.code != 2 else (lines or [""])[0]
    line = re.sub(r"【.*?】|^.*?：(?=读入)", "", line)
    line = re.sub(r"“[^”]*”", "“…”", line)
    return f"{ran.code} {line}"


if __name__ == "__main__":
    text = "".join(f"{key}\t{said(one)}\n" for key, one in run(corpus_files("malformed")).items())
    GOLDEN.write_text(text, "utf-8")
