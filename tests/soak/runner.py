"""Run commands of ours in children of one process that has everything imported already."""

import contextlib
import io
import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any
from unittest import mock

from tests.book.faults import Branching, Count, counting

_DEAD = {"code": -1, "output": "", "trace": "died", "seconds": 0, "waited": 0, "peak": 0}
DIED = json.dumps({"own": _DEAD, "twins": []})
_WITH_THREADS = (
    "sheetcrm.book.publish",
    "sheetcrm.book.zipraw",
    "sheetcrm.workflows.reading",
    "sheetcrm.workflows.import_ahead",
)
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Ran:
    """How a run ended: `seconds` of processor time and `peak` bytes are of all its processes.

    `operations` were done to files of the folder that was watched; `failed` is the one that did.
    """

    code: int
    output: str
    trace: str
    seconds: float
    waited: float
    peak: int
    operations: int = 0
    failed: str = ""


class Runner:
    """A context manager that runs `sheetcrm` commands, each in a process of its own."""

    def __enter__(self) -> "Runner":
        code = "from tests.soak.runner import serve; serve()"
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

    def run(self, *arguments: str | Path) -> Ran:
        """Run `sheetcrm` with these arguments."""
        return Ran(**self._answer(arguments)["own"])

    def run_failing(
        self, *arguments: str | Path, folder: Path, into: Path, step: int = 1
    ) -> list[Ran]:
        """Run it, and let every `step`-th operation in `folder` fail; see `faults.Branching`.

        Returns:
            How the run without a fault ended, and then how each with one did.
        """
        into.mkdir()
        answer = self._answer(arguments, str(folder), str(into), step)
        return [Ran(**answer["own"]), *(Ran(**json.loads(each)) for each in answer["twins"])]

    def _answer(self, arguments: Sequence[str | Path], *watched: str | int) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        request = [[str(a) for a in arguments], watched]
        self._process.stdin.write(json.dumps(request) + "\n")
        self._process.stdin.flush()
        answer: dict[str, Any] = json.loads(self._process.stdout.readline())
        return answer


def serve() -> None:
    """Answer requests on standard input until it closes."""
    from sheetcrm.cli.main import COMMANDS, main

    for name in COMMANDS:
        main.get_command(None, name)  # type: ignore[arg-type]
    import sheetcrm.workflows.import_leads
    import sheetcrm.workflows.undo
    import sheetcrm.workflows.weekly  # noqa: F401

    for text in sys.stdin:
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(receive)
            arguments, folders = json.loads(text)
            count = Count(os.devnull, 0, "")
            if folders:
                folder, into, step = folders
                count = Branching(folder, 0, "", into=into, step=step)
            _run(main, arguments, count, send)
        os.close(send)
        with os.fdopen(receive) as pipe:
            answer = json.loads(pipe.read() or DIED)
        _, status, used = os.wait4(child, 0)
        if os.WIFSIGNALED(status):
            answer["own"]["code"] = -os.WTERMSIG(status)
        answer["own"]["seconds"] = used.ru_utime + used.ru_stime
        print(json.dumps(answer), flush=True)  # noqa: T201


class _Free:
    """A lock that everybody gets: a real one is none of a twin's."""

    def __init__(self, _file: str, *, is_singleton: bool) -> None:
        del is_singleton

    def acquire(self, timeout: float) -> None:
        del timeout

    def release(self) -> None:
        pass


class _AtOnce(ThreadPoolExecutor):
    """Runs what it is given there and then: a twin has none of the other threads."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run it in this thread."""
        done: Future[Any] = Future()
        try:
            done.set_result(fn(*args, **kwargs))
        except Exception as error:
            done.set_exception(error)
        return done


def _run(main: Any, arguments: Sequence[str], count: Count, send: int) -> None:
    said, trace, code, started = io.StringIO(), "", 0, time.monotonic()
    with contextlib.ExitStack() as around:
        around.enter_context(contextlib.redirect_stdout(said))
        around.enter_context(contextlib.redirect_stderr(said))
        if isinstance(count, Branching):
            around.enter_context(mock.patch("sheetcrm.book.state.FileLock", _Free))
            for module in _WITH_THREADS:
                around.enter_context(mock.patch(f"{module}.ThreadPoolExecutor", _AtOnce))
        around.enter_context(counting(count))
        try:
            main.main(list(arguments), prog_name="sheetcrm")
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else 1
        except BaseException:
            code, trace = -2, traceback.format_exc()
    own = resource.getrusage(resource.RUSAGE_SELF)
    others = resource.getrusage(resource.RUSAGE_CHILDREN)
    answer: dict[str, Any] = {
        "code": code,
        "output": said.getvalue(),
        "trace": trace,
        "seconds": 0.0,
        "waited": time.monotonic() - started,
        "operations": count.operations,
        "failed": count.failed,
        "peak": (own.ru_maxrss + others.ru_maxrss) << 10,
    }
    if isinstance(count, Branching) and count.send >= 0:
        send = count.send
    else:
        answer = {"own": answer, "twins": getattr(count, "answers", [])}
    with os.fdopen(send, "w") as pipe:
        json.dump(answer, pipe)
    os._exit(0)
