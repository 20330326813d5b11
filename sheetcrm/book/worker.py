"""Parsing in a child process: a file that kills the parser, fills memory or never ends is one file.

calamine aborts the interpreter on some 2 KB files, which no `except` can catch. The child reads one
file after another; only when it dies is another one started, so a folder of good files pays for one
start. Requests and answers are pickles behind a length, over pipes, between two processes of the
same installation.
"""

import gc
import os
import pickle
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, TypeAlias

from sheetcrm.errors import FileProblem
from sheetcrm.table import RawBook

if TYPE_CHECKING:  # it imports this module
    from sheetcrm.book.sniff import LeadSheets

MEMORY_LIMIT = 3 << 30  # bytes of address space; POSIX only
TIME_LIMIT = 60.0  # seconds for one file of up to TIMED_SIZE, in proportion for a larger one
# A sheet of 100,000 rows and 20 columns has this size and takes about 10 s on a slow machine; one
# of a million honest rows must not be given up.
TIMED_SIZE = 10 << 20
MOST_TIMES = 10

_LENGTH = struct.Struct("<Q")
_START = "import sys; sys.path[:0] = [sys.argv[1]]; from sheetcrm.book.worker import serve; serve()"
_HEAVY = "请检查这个文件；确实这么大时请拆成几个文件再试"

# what the child is asked: the file, the path to show, and of a lead sheet its encoding, "" unknown
_Request: TypeAlias = tuple[str, str] | tuple[str, str, str]
# what the child answers: what it read, or the facts of a FileProblem
_Answer: TypeAlias = "RawBook | LeadSheets | tuple[str, str, str, str]"


class Reader:
    """Reads workbook files one after another in a child process; a context manager.

    Not for several threads at once: give each its own.

    Args:
        memory: Address space the child may use, in bytes.
        seconds: Time one file of usual size may take.
    """

    def __init__(self, memory: int = MEMORY_LIMIT, seconds: float = TIME_LIMIT) -> None:
        self._memory, self._seconds = memory, seconds
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Reader":
        self._child = self._start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, path: str | Path, stored: Path | None = None) -> RawBook:
        """Read one workbook file.

        Args:
            path: The workbook; what is read and every message bear it as it is given here.
            stored: Where its bytes lie, if elsewhere: in a backup, in a copy from the network.

        Raises:
            FileProblem: Missing, not a workbook, encrypted, damaged, beyond the limits, or it
                killed the child.
        """
        answer = self._answer((str((stored or Path(path)).absolute()), str(path)))
        assert isinstance(answer, RawBook)
        return answer

    def read_lead_sheet(self, path: str | Path, encoding: str | None = None) -> "LeadSheets":
        """Read one lead sheet of any kind; see `book.sniff`.

        Raises:
            FileProblem: As `read`, or a text in no encoding that fits.
        """
        answer = self._answer((str(Path(path).absolute()), str(path), encoding or ""))
        assert not isinstance(answer, RawBook)
        return answer

    def _answer(self, request: _Request) -> "RawBook | LeadSheets":
        if self._child is None or self._child.poll() is not None:
            self.close()
            self._child = self._start()
        answer = self._ask(self._child, request)
        if isinstance(answer, tuple):
            raise FileProblem(*answer)
        return answer

    def close(self) -> None:
        """End the child; the next `read` starts another."""
        child, self._child = self._child, None
        if child is None:
            return
        child.kill()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                with suppress(OSError):  # unsent bytes of a request to a dead child
                    pipe.close()
        child.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        root = str(Path(__file__).resolve().parents[2])
        limits = [str(self._memory), str(self._seconds)]
        return subprocess.Popen(
            [sys.executable, "-c", _START, root, *limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a Rust panic prints there before it aborts
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )

    def _ask(self, child: subprocess.Popen[bytes], request: _Request) -> _Answer:
        path = request[1]
        assert child.stdin is not None
        assert child.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            child.kill()

        seconds = _allowed(self._seconds, request[0])
        timer = threading.Timer(seconds, stop)
        timer.daemon = True
        timer.start()
        try:
            _send(child.stdin, request)
            answer: _Answer = _receive(child.stdout)
        except (EOFError, OSError, pickle.UnpicklingError):
            self.close()
            if late.is_set():
                reason = f"读了 {seconds:.0f} 秒还没读完，已放弃"
                return (path, reason, _HEAVY, "FIL-01")
            return (path, "文件已损坏或过大，读取程序因它中断", _HEAVY, "FIL-01")
        finally:
            timer.cancel()
        return answer


def serve() -> None:
    """Answer requests on standard input until it closes; the child's whole life."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # nothing else may write between answers
    memory, seconds = int(sys.argv[2]), float(sys.argv[3])
    limit_time = _limits(memory)
    gc.disable()  # cells make no cycles; looking for some among millions takes longer than reading
    # under the limits; the parent needs no parser
    from sheetcrm.book.parse import parse_file

    while True:
        try:
            absolute, shown, *encoding = _receive(requests)
        except EOFError:
            return
        limit_time(_allowed(seconds, absolute))
        try:
            answer: _Answer
            if encoding:
                from sheetcrm.book.sniff import parse_lead_sheet_file

                answer = parse_lead_sheet_file(absolute, shown, encoding[0] or None)
            else:
                answer = parse_file(absolute, shown)
        except FileProblem as problem:
            answer = (problem.path, problem.reason, problem.remedy, problem.code)
        except MemoryError:
            answer = (shown, "文件太大，内存不够", _HEAVY, "FIL-01")
        _send(answers, answer)
        del answer  # a big book must not be held while the next one is read
        gc.collect()


def _allowed(seconds: float, path: str) -> float:
    """Return the time that a file of its size may take."""
    try:
        size = Path(path).stat().st_size
    except OSError:
        size = 0
    return seconds * min(max(1.0, size / TIMED_SIZE), MOST_TIMES)


def _limits(memory: int) -> Callable[[float], None]:
    """Limit this process's memory; return what limits its time from now on (POSIX only).

    The parent keeps the time as well. This one holds when the parent is gone.
    """
    try:
        import resource
    except ImportError:  # Windows: the process boundary and the parent's clock
        return lambda seconds: None
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    soft = memory if hard == resource.RLIM_INFINITY else min(memory, hard)
    with suppress(ValueError, OSError):  # macOS knows the limit and refuses to set it
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))

    def limit_time(seconds: float) -> None:
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        wanted = int(time.process_time() + seconds) + 5
        soft = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_CPU, (soft, most))

    return limit_time


def _send(pipe: IO[bytes], message: Any) -> None:
    data = pickle.dumps(message, pickle.HIGHEST_PROTOCOL)
    pipe.write(_LENGTH.pack(len(data)))
    pipe.write(data)
    pipe.flush()


def _receive(pipe: IO[bytes]) -> Any:
    (length,) = _LENGTH.unpack(_exactly(pipe, _LENGTH.size))
    return pickle.loads(_exactly(pipe, length))


def _exactly(pipe: IO[bytes], length: int) -> bytes:
    data = pipe.read(length)
    if len(data) < length:
        raise EOFError
    return data
