"""Kill a command of ours at any of its file operations, as a power cut would, and look at the rest.

`Killer` keeps a process with everything imported and forks a child for each run, so that a kill
costs no more than the run. The child counts what it does to files of one folder (opening, renaming,
linking, removing) and ends itself with SIGKILL before the operation that is asked for.
"""

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from zipfile import ZipFile

from sheetcrm.book.journal import Journal
from sheetcrm.book.parse import parse
from sheetcrm.book.publish import sha256

_AUDITED = frozenset({"open", "os.rename", "os.link", "os.remove", "os.mkdir", "os.chmod"})
_LEAD_ID = re.compile(r"线索-\d{4}-\d{4}-\d{3}")
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ended:
    """How a run ended: `operations` is how many it did, if it was not killed before."""

    killed: bool
    operations: int


class Killer:
    """A context manager that runs commands and kills them."""

    def __enter__(self) -> "Killer":
        code = "from tests.book.kill import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            cwd=_ROOT,
            text=True,
        )
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def run(self, arguments: Sequence[str], folder: Path, kill_at: int = 0) -> Ended:
        """Run `sheetcrm` with these arguments; kill it before its n-th operation in `folder`."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = {"arguments": list(arguments), "folder": str(folder), "kill_at": kill_at}
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


def serve() -> None:
    """Answer requests on standard input until it closes."""
    from sheetcrm.cli.main import COMMANDS, main

    for name in COMMANDS:
        main.get_command(None, name)  # type: ignore[arg-type]
    import sheetcrm.workflows.import_leads
    import sheetcrm.workflows.undo
    import sheetcrm.workflows.weekly  # noqa: F401

    for text in sys.stdin:
        request = json.loads(text)
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(receive)
            _run(main, request, send)
        os.close(send)
        with os.fdopen(receive) as pipe:
            counted = pipe.read()
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status)
        print(json.dumps({"killed": killed, "operations": int(counted or 0)}), flush=True)  # noqa: T201


def _run(main: Any, request: dict[str, Any], send: int) -> None:
    counted = 0

    def count(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal counted
        if event in _AUDITED and str(arguments[0]).startswith(request["folder"]):
            counted += 1
            if counted == request["kill_at"]:
                os.kill(os.getpid(), signal.SIGKILL)

    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.addaudithook(count)
    with suppress(SystemExit):
        main.main(request["arguments"], prog_name="sheetcrm")
    os.write(send, str(counted).encode())
    os._exit(0)


def looked_at(folder: Path, before: dict[str, bytes]) -> Counter[str]:
    """Assert that every book is old or new and the journal knows which; count both.

    Args:
        folder: Where a command was killed.
        before: The bytes of the books that were there, by name.
    """
    journal = Journal(folder)
    journal.settle()
    entries = journal.entries()
    assert {entry.state for entry in entries} <= {"committed", "aborted"}
    written = {e.book: e.after for e in entries if e.state == "committed"}
    seen: Counter[str] = Counter()
    for path in folder.glob("*.xlsx"):
        if path.name.startswith("~$"):
            continue
        data = path.read_bytes()
        if before.get(path.name) == data:
            assert written.get(path.name, sha256(data)) == sha256(data)
            seen["old"] += 1
        else:
            assert written[path.name] == sha256(data)
            with ZipFile(path) as archive:
                assert archive.testzip() is None
            seen["new"] += 1
    assert {*before} <= {path.name for path in folder.glob("*.xlsx")}
    return seen


def lead_ids(folder: Path) -> list[str]:
    """Return every 线索编号 of the books of a folder that `sheetcrm new` made."""
    found = []
    for path in sorted(folder.glob("*.xlsx")):
        for each in parse(path.read_bytes(), path.name).sheets:
            if each.table == "lead":
                texts = (str(row[0]) for row in each.rows if row)
                found += [text for text in texts if _LEAD_ID.fullmatch(text)]
    return found


def kill_often(
    killer: Killer, arguments: Sequence[str], start: Path, kills: int, every: int = 6
) -> Counter[str]:
    """Kill a command at random operations, each time on a copy of a folder; return what was left.

    Args:
        killer: Runs it.
        arguments: The command; "{folder}" stands for the folder.
        start: The folder as it is before.
        kills: How often; every operation once if there are fewer.
        every: After so many kills the command is run again to its end, and ids are looked at.
    """
    before = {path.name: path.read_bytes() for path in start.glob("*.xlsx")}
    whole = _on_a_copy(killer, arguments, start, 0, before)[0]
    assert not whole.killed
    points, seen = range(1, whole.operations + 1), Counter[str]()
    chosen = random.Random(str(arguments)).sample(points, min(kills, len(points)))
    for number, at in enumerate(sorted(chosen)):
        ended, left = _on_a_copy(killer, arguments, start, at, before, again=number % every == 0)
        assert ended.killed
        seen += left
    return seen


def _on_a_copy(
    killer: Killer,
    arguments: Sequence[str],
    start: Path,
    at: int,
    before: dict[str, bytes],
    *,
    again: bool = False,
) -> tuple[Ended, Counter[str]]:
    with tempfile.TemporaryDirectory(dir=start.parent) as place:
        folder = Path(shutil.copytree(start, Path(place) / "folder"))
        told = [text.format(folder=folder) for text in arguments]
        ended = killer.run(told, folder, at)
        left = looked_at(folder, before)
        if again:
            assert not killer.run(told, folder).killed
            looked_at(folder, before)
        given = lead_ids(folder)
        assert len(given) == len(set(given))
        marks = Journal(folder).high_water()
        assert all(int(text[-3:]) <= marks.get(text[:-3], 999) for text in given)
        return ended, left
