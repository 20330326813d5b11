"""Kill a command of ours at any of its file operations, as a power cut would, and look at the rest.

`Killer` keeps a process with everything imported and forks a child for each run. The child counts
what it does to files of one folder, writing a file in several pieces. Either it ends itself with
SIGKILL before the operation that is asked for, or it lives on and a twin of it, forked there, is
killed: then the folder is copied as the dead twin leaves it, and one run dies at many points.
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
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from functools import lru_cache
from pathlib import Path
from types import TracebackType
from typing import IO, Any
from zipfile import ZipFile

from sheetcrm.book.journal import Journal
from sheetcrm.book.parse import parse
from sheetcrm.book.publish import sha256
from tests.book.faults import Count, counting

_LEAD_ID = re.compile(r"线索-\d{4}-\d{4}-\d{3}")
_ROOT = Path(__file__).resolve().parents[2]
# One in so many kills is that of the run itself, which is then begun again.
_TWINS = 32


@dataclass(frozen=True)
class Deaths:
    """Where to kill: the numbers of operations.

    Each write to a file is cut at `cuts` places, which are operations as well. The run itself dies
    at the first point, or a twin of it at each, and what that leaves is in `into`/number. With
    another `signal` the run is asked to stop, as the program's own entry has it.
    """

    points: Sequence[int] = ()
    cuts: int = 0
    into: str = ""
    signal: int = signal.SIGKILL


@dataclass(frozen=True)
class Ended:
    """How a run ended: how many operations it did, and how many writes to files.

    `said` is all it printed; `children` are the processes it had begun and not yet ended.
    """

    killed: bool
    operations: int = 0
    writes: int = 0
    code: int = 0
    said: str = ""
    children: Sequence[int] = ()


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

    def run(self, arguments: Sequence[str], folder: Path, deaths: Deaths | None = None) -> Ended:
        """Run `sheetcrm` with these arguments; "{folder}" in them is the folder it is killed in."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        told = [text.format(folder=folder) for text in arguments]
        request = [told, str(folder), asdict(deaths or Deaths())]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        return Ended(**json.loads(self._process.stdout.readline()))


def serve() -> None:
    """Answer requests on standard input until it closes."""
    from sheetcrm.cli.main import COMMANDS, main, run

    for name in COMMANDS:
        main.get_command(None, name)  # type: ignore[arg-type]
    import sheetcrm.workflows.import_leads
    import sheetcrm.workflows.undo
    import sheetcrm.workflows.weekly  # noqa: F401

    os.environ["SHEETCRM_LOG"] = "off"
    for text in sys.stdin:
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(receive)
            arguments, folder, deaths = json.loads(text)
            _run(run, arguments, _Mortal(folder, 0, "", deaths=Deaths(**deaths)), send)
        os.close(send)
        with os.fdopen(receive) as pipe:
            told = json.loads(pipe.read() or "{}")
        _, status = os.waitpid(child, 0)
        print(json.dumps(asdict(Ended(os.WIFSIGNALED(status), **told))), flush=True)  # noqa: T201


def _run(run: Any, arguments: Sequence[str], count: "_Mortal", send: int) -> None:
    code = 0
    with tempfile.TemporaryFile() as said:
        for stream in (0, 1, 2):
            os.dup2(said.fileno(), stream)
        with counting(count):
            try:
                run(list(arguments))
            except SystemExit as end:
                code = end.code if isinstance(end.code, int) else 2
            except KeyboardInterrupt:  # asked once more, or as the interpreter ends
                code = 130
        sys.stdout.flush()
        sys.stderr.flush()
        said.seek(0)
        told: dict[str, object] = {"said": said.read().decode("utf-8", "replace"), "code": code}
    told |= {"operations": count.operations, "writes": count.writes, "children": _children()}
    os.write(send, json.dumps(told).encode())
    os._exit(0)


def _children() -> list[int]:
    """Return the processes that this one has begun and not ended; none where nothing tells."""
    tasks = Path("/proc/self/task").glob("*/children")  # Linux
    return [int(number) for task in tasks for number in task.read_text().split()]


def outlived(ended: Ended, seconds: float = 10) -> list[int]:
    """Return the processes that are there so long after the one that began them ended."""
    until = time.monotonic() + seconds
    left = list(ended.children)
    while left and time.monotonic() < until:
        time.sleep(0.05)
        left = [number for number in left if Path(f"/proc/{number}").exists()]
    return left


@dataclass
class _Mortal(Count):
    """Counts the operations, and dies at some."""

    deaths: Deaths = Deaths()
    writes: int = 0
    points: frozenset[int] = field(init=False)
    copying: bool = False
    one: threading.RLock = field(default_factory=threading.RLock)

    def __post_init__(self) -> None:
        self.points = frozenset(self.deaths.points)

    def meet(self, event: str, path: str) -> None:
        with self.one:  # no other thread goes on while the folder is copied
            if self.copying:
                return
            super().meet(event, path)
            if self.operations in self.points:
                self.points -= {self.operations}
                self.copying = True
                try:
                    self._die()
                finally:
                    self.copying = False

    def write(self, file: IO[bytes], data: bytes, path: str) -> int:
        self.writes += 1
        places = range(1, len(data))
        cuts = random.Random(self.writes).sample(places, min(self.deaths.cuts, len(places)))
        done = 0
        for cut in sorted(cuts):
            done += file.write(data[done:cut])
            file.flush()
            self.meet("write", path)
        return done + file.write(data[done:])

    def _die(self) -> None:
        if not self.deaths.into:
            os.kill(os.getpid(), self.deaths.signal)
            return
        twin = os.fork()
        if twin == 0:
            while True:
                signal.pause()
        os.kill(twin, signal.SIGKILL)
        os.waitpid(twin, 0)
        shutil.copytree(self.folder, Path(self.deaths.into) / str(self.operations))


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
    return [text for path in sorted(folder.glob("*.xlsx")) for text in _lead_ids(path.read_bytes())]


@lru_cache(maxsize=16)  # most of what a kill leaves is as it was
def _lead_ids(data: bytes) -> tuple[str, ...]:
    sheets = (each for each in parse(data, "台账.xlsx").sheets if each.table == "lead")
    texts = (str(row[0]) for each in sheets for row in each.rows if row)
    return tuple(text for text in texts if _LEAD_ID.fullmatch(text))


def kill_often(killer: Killer, arguments: Sequence[str], start: Path, kills: int) -> Counter[str]:
    """Kill a command at random points, each time on a copy of a folder; return what was left.

    Args:
        killer: Runs it.
        arguments: The command; "{folder}" stands for the folder.
        start: The folder as it is before.
        kills: How often; where it does less to files, its writes are cut into more pieces.
    """
    before = {path.name: path.read_bytes() for path in start.glob("*.xlsx")}
    seen = Counter[str]()
    with tempfile.TemporaryDirectory(dir=start.parent) as place:
        folder = Path(place) / "全程"
        whole = killer.run(arguments, shutil.copytree(start, folder))
        assert not whole.killed
        cuts = 1 + max(0, kills - whole.operations) // whole.writes
        points = range(1, whole.operations + cuts * whole.writes + 1)
        chosen = random.Random(str(arguments)).sample(points, kills)
        folder, left = Path(place) / "照常", Path(place) / "留下"
        deaths = Deaths(chosen, cuts, str(left))
        assert not killer.run(arguments, shutil.copytree(start, folder), deaths).killed
        assert {path.name for path in left.iterdir()} == {*map(str, chosen)}
        for at in chosen:
            seen += _sound(left / str(at), before)
        for at in chosen[:: min(_TWINS, kills // 2)]:
            folder = Path(place) / f"再来{at}"
            shutil.copytree(start, folder)
            assert killer.run(arguments, folder, Deaths([at], cuts)).killed
            seen += _sound(folder, before)
            assert not killer.run(arguments, folder).killed
            _sound(folder, before)
    return seen


def _sound(folder: Path, before: dict[str, bytes]) -> Counter[str]:
    """Look at what is left; no id may be there twice, or be given out again."""
    seen = looked_at(folder, before)
    given = lead_ids(folder)
    assert len(given) == len(set(given))
    marks = Journal(folder).high_water()
    assert all(int(text[-3:]) <= marks.get(text[:-3], 999) for text in given)
    return seen
