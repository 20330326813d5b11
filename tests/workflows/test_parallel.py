"""Work in several processes: one that dies costs a retry, never the others' results."""

import os
import pickle
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sheetcrm.errors import FileProblem
from sheetcrm.workflows.parallel import Work, spread
from sheetcrm.workflows.processes import processes, processes_for

GIVEN_UP = "given up"


def _do(path: Path) -> str:
    """Return a file's text; 'once' kills the first process that reads it, 'always' every one."""
    text = path.read_text()
    if text == "always" or (text == "once" and not path.with_suffix(".tried").exists()):
        path.with_suffix(".tried").touch()
        os._exit(1)
    if text == "problem":
        raise FileProblem(str(path), "坏了", "换一个")
    return text


def _given_up(path: Path) -> str:
    del path
    return GIVEN_UP


def files(folder: Path, *texts: str) -> list[Path]:
    paths = [folder / f"{number}.txt" for number, _ in enumerate(texts)]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text)
    return paths


def test_spread__a_dead_process_costs_a_retry(tmp_path):
    paths = files(tmp_path, "a", "once", "always", "b")
    done: list[Path] = []
    results = spread(paths, Work(_do, _given_up), processes(2), done.append)
    assert [results[path] for path in paths] == ["a", "once", GIVEN_UP, "b"]
    assert sorted(done) == paths


def test_spread__an_error_stops_the_run_in_its_own_words(tmp_path):
    with pytest.raises(FileProblem, match=r"【.*0\.txt】坏了。换一个。") as caught:
        spread(files(tmp_path, "problem"), Work(_do, _given_up), processes(1), print)
    assert caught.value.reason == "坏了"


def _where(path: Path) -> int:
    """Return which process does it, once another has begun a file too."""
    path.with_suffix(f".{os.getpid()}").touch()
    end = time.monotonic() + 60
    while len({p.suffix for p in path.parent.glob("*.[0-9]*")}) < 2 and time.monotonic() < end:
        time.sleep(0.01)
    return os.getpid()


def test_spread__small_files_are_also_done_here_while_others_start(tmp_path):
    paths = files(tmp_path, *"abcdef")
    done: list[Path] = []
    results = spread(paths, Work(_where, _where, here=True), processes(2), done.append)
    assert sorted(done) == sorted(results) == paths
    assert len(set(results.values())) == 2
    assert os.getpid() in results.values()


def test_spread__what_killed_a_process_is_never_done_here(tmp_path):
    paths = files(tmp_path, "always", "once", "a", "b", "c", "d", "e")
    work = Work(_do, _given_up, here=True)
    results = spread(paths, work, processes(2), lambda _: None)
    assert [results[path] for path in paths] == [GIVEN_UP, "once", *"abcde"]


def test_errors__travel_as_they_are():
    error = FileProblem("甲.xlsx", "坏了", "换一个", "FIL-07")
    copy = pickle.loads(pickle.dumps(error))
    assert (type(copy), str(copy), copy.code) == (FileProblem, str(error), "FIL-07")


@pytest.mark.parametrize(
    ("files_", "jobs", "expected"), [(0, 4, 1), (3, 4, 1), (4, 4, 2), (200, 4, 4), (200, 1, 1)]
)
def test_processes_for__few_files_are_not_worth_one(files_, jobs, expected):
    assert processes_for(files_, jobs) == expected


WAITING = """
import time
from pathlib import Path
from tests.workflows.test_parallel import slow
from sheetcrm.workflows.parallel import Work, spread
from sheetcrm.workflows.processes import processes

if __name__ == "__main__":
    spread([Path({0!r}), Path({1!r})], Work(slow, slow), processes(2), print)
"""


def slow(path: Path) -> str:
    """Say that a process works on a file, and work for long."""
    path.touch()
    time.sleep(300)
    return ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL])
def test_processes__end_with_the_one_that_started_them(tmp_path, how):
    told = [tmp_path / "1.txt", tmp_path / "2.txt"]
    script = tmp_path / "run.py"
    script.write_text(WAITING.format(*map(str, told)))
    root = str(Path(__file__).resolve().parents[2])
    started = subprocess.Popen(
        [sys.executable, str(script)], env={**os.environ, "PYTHONPATH": root}
    )
    assert _until(lambda: all(path.exists() for path in told))
    started.send_signal(how)
    started.communicate(timeout=60)  # the end of what is printed: nobody is left who could


STOPPED = """
from pathlib import Path
from tests.workflows.test_parallel import slow_or_quick
from sheetcrm.workflows.parallel import Work, spread
from sheetcrm.workflows.processes import processes

if __name__ == "__main__":
    paths = [Path({0!r}), Path({1!r})]
    done = lambda path: path.with_suffix(".done").touch()
    try:
        spread(paths, Work(slow_or_quick, slow_or_quick), processes(2), done)
    except KeyboardInterrupt:
        print("stopped")
"""


def slow_or_quick(path: Path) -> str:
    """Work for long on a file called slow, and not at all on another."""
    return slow(path) if path.stem == "slow" else ""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_processes__stop_without_a_word_from_those_that_wait(tmp_path):
    told = [tmp_path / "slow.txt", tmp_path / "quick.txt"]
    script = tmp_path / "run.py"
    script.write_text(STOPPED.format(*map(str, told)))
    root = str(Path(__file__).resolve().parents[2])
    started = subprocess.Popen(
        [sys.executable, str(script)],
        env={**os.environ, "PYTHONPATH": root},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert _until(lambda: told[0].exists() and told[1].with_suffix(".done").exists())
    os.killpg(started.pid, signal.SIGINT)
    assert started.communicate(timeout=60) == ("stopped\n", "")


def _until(holds: Callable[[], bool]) -> bool:
    end = time.monotonic() + 60
    while not holds() and time.monotonic() < end:
        time.sleep(0.05)
    return holds()
