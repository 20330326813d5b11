"""A real cluster on the loopback: the same bytes as one machine, whoever dies meanwhile."""

import json
import logging
import re
import shutil
import socket
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from datetime import date
from pathlib import Path

import pytest

from sheetcrm.book.changes import Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.publish import sha256
from sheetcrm.book.shared import Outlook, outlook
from sheetcrm.errors import ClusterProblem
from sheetcrm.workflows import cluster as clusters
from sheetcrm.workflows import folder as files
from sheetcrm.workflows.cluster import cluster
from sheetcrm.workflows.folder import FileJob
from sheetcrm.workflows.parallel import Crew
from sheetcrm.workflows.weekly import weekly
from tests.command import run_command
from tests.workflows.dask_cluster import scheduler, worker
from tests.workflows.workbooks import TODAY, own_book, write

ROW = {"source": "展会推荐", "contact": "张一", "status": "线索", "owner": "甲"}
# Kills its process once, when 乙.xlsx is in place and nobody has been told.
DYING = """
import os, signal
from pathlib import Path
from sheetcrm.book.journal import Journal

if Journal.close.__name__ != "dying":  # a preload is run twice
    close, died = Journal.close, Path({died!r})

    def dying(journal, entry, state):
        if entry.book == "乙.xlsx" and not died.exists():
            died.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        close(journal, entry, state)

    Journal.close = dying
"""


def folder(root: Path) -> Path:
    """Make a team: two workbooks of its own without ids, of the same day, and a foreign one."""
    team = root / "team"
    team.mkdir(parents=True)
    day = date(2026, 5, 1)
    for name in ("乙", "丙"):
        records = [ROW | {"company": f"{name}{n}机械", "acquired_on": day} for n in range(2)]
        (team / f"{name}.xlsx").write_bytes(own_book({"lead": records}))
    write(team / "甲.xlsx")
    return root


def run(root: Path, monkeypatch: pytest.MonkeyPatch, jobs: int | Crew) -> tuple[object, ...]:
    monkeypatch.chdir(root)
    team = Path("team")
    result = weekly(team, TODAY, jobs=jobs)
    books = {path.name: sha256(path.read_bytes()) for path in team.glob("*.xlsx")}
    said = [(done.fixes, done.written and done.written.changed) for done in result.files]
    return books, json.dumps(result.as_json(), ensure_ascii=False), said


def test_weekly__a_worker_that_dies_costs_a_retry(tmp_path, monkeypatch):
    here = folder(tmp_path / "here")
    there = Path(shutil.copytree(here, tmp_path / "there"))
    died, script = tmp_path / "died", tmp_path / "dying.py"
    script.write_text(DYING.format(died=str(died)), encoding="utf-8")
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(tmp_path))
        for name in ("one", "two"):
            stack.enter_context(worker(address, tmp_path, name, preload=script))
        crew = stack.enter_context(cluster(address))
        assert crew.jobs == 2
        found = run(there, monkeypatch, crew)
    assert died.exists()
    assert found == run(here, monkeypatch, 1)
    (entry,) = open_journal(there / "team" / "乙.xlsx").entries()
    assert (entry.state, entry.cells) == ("committed", 2)
    ours, theirs = (open_journal(root / "team").high_water() for root in (here, there))
    assert theirs == ours
    assert not list((there / "team" / ".sheetcrm").glob("cluster-*"))


def test_cluster__a_worker_with_another_program_is_named(tmp_path):
    other = tmp_path / "other" / "sheetcrm"
    other.mkdir(parents=True)
    (other / "__init__.py").write_text('__version__ = "0.0.9"')
    with (
        scheduler(tmp_path) as address,
        worker(address, tmp_path, "old", {"PYTHONPATH": str(other.parent)}),
        pytest.raises(ClusterProblem, match=r"sheetcrm 是 0\.0\.9，这里是 "),
        cluster(address),
    ):
        pass


def test_cluster__nobody_works_there(tmp_path, monkeypatch):
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1.0)
    with (
        scheduler(tmp_path) as address,
        pytest.raises(ClusterProblem, match="一台机器都没有"),
        cluster(address),
    ):
        pass


@pytest.mark.parametrize(
    "address", ["tcp://127.0.0.1:1", "tcp://127.0.0.1:99999", "127.0.0.1:8786", "tcp://here", ""]
)
@pytest.mark.parametrize("command", ["weekly", "check", "summarise"])
def test_cluster__not_there_is_one_sentence(tmp_path, command, address):
    path = write(tmp_path / "甲.xlsx")
    target = tmp_path if command == "weekly" else path
    result = run_command(command, str(target), "--cluster", address)
    assert result.exit_code == 2
    assert re.fullmatch(r"【.*】[^\n]+。\n", result.output)
    assert not list(tmp_path.glob(".sheetcrm"))


@pytest.mark.parametrize("words", [b"", b"SSH-2.0-OpenSSH_9.6 of another service\r\n"])
def test_cluster__another_service_is_one_sentence(words, monkeypatch):
    """As the web page of the scheduler, which waits for the first word as we do."""
    monkeypatch.setattr(clusters, "CONNECT_SECONDS", 1.0)
    with socket.create_server(("127.0.0.1", 0)) as service, ThreadPoolExecutor() as pool:
        accepted = pool.submit(_talk, service, words)
        with (
            pytest.raises(ClusterProblem, match="没有 Dask 的调度器应答"),
            cluster(f"tcp://127.0.0.1:{service.getsockname()[1]}"),
        ):
            pass
        for connection in accepted.result():
            connection.close()


def _talk(service: socket.socket, words: bytes) -> list[socket.socket]:
    """Answer the look whether somebody is there, and the one who wants to talk."""
    connections = [service.accept()[0] for _ in range(2)]
    for connection in connections:
        with suppress(OSError):
            connection.sendall(words)
    return connections


def test_cluster__a_worker_is_no_scheduler(tmp_path):
    with scheduler(tmp_path) as address, worker(address, tmp_path, "one"):
        said = (tmp_path / "one.log").read_text()
        there = re.search(r"Start worker at:\s+(tcp://[\d.:]+)", said)
        assert there
        with pytest.raises(ClusterProblem, match="没有 Dask 的调度器应答"), cluster(there[1]):
            pass


def test_cluster__its_scheduler_dies_is_one_sentence(tmp_path):
    with ExitStack() as stack:
        address = stack.enter_context(scheduler(tmp_path))
        with (
            worker(address, tmp_path, "one"),
            cluster(address) as crew,
            pytest.raises(ClusterProblem, match="和集群的连接断了"),
        ):
            _deserted(crew, stack.close)
    for name in ("distributed.client", "distributed.core", "tornado.application"):
        assert not logging.getLogger(name).isEnabledFor(logging.ERROR)


def _deserted(crew: Crew, leave: Callable[[], None]) -> None:
    with crew.start(1) as pool:
        waiting = pool.submit(time.sleep, 60)
        leave()
        waiting.result(timeout=60)


def test_cluster__not_with_jobs(tmp_path):
    arguments = ["weekly", str(tmp_path), "--cluster", "tcp://127.0.0.1:1", "--jobs", "2"]
    assert run_command(*arguments).exit_code == 2


def _endless(path: Path, job: FileJob) -> object:
    return _endless(path, job)


def test_elsewhere__what_nobody_expected_comes_back_whole(tmp_path, monkeypatch):
    """An error that cannot be pickled would never arrive, and the run never end."""
    monkeypatch.setattr(files, "_in_process", _endless)
    path = write(tmp_path / "甲.xlsx")
    with pytest.raises(RuntimeError, match="RecursionError") as caught:
        files._elsewhere(path, FileJob(TODAY, run=Run("weekly")), Outlook("", ""))
    assert caught.value.__context__ is None
    assert len(str(caught.value)) < 5000


def test_outlook__what_another_machine_does_not_see(tmp_path):
    path = write(tmp_path / "甲.xlsx")
    with outlook([path], write=True) as seen:
        assert seen.enter(path) is None
        assert seen.problem(path) is None
        elsewhere = write(tmp_path / "copy.xlsx").parent / "乙.xlsx"
        assert "看不到" in str(seen.problem(elsewhere))
        other = tmp_path / "other"
        other.mkdir()
        assert "另一个文件夹" in str(seen.problem(write(other / "甲.xlsx")))
    assert "另一个文件夹" in str(seen.problem(path))
    assert "没有文件夹" in str(Outlook(str(tmp_path / "gone"), "").enter(path))


def test_outlook__of_a_run_that_writes_nothing_nothing_is_left(tmp_path):
    path = write(tmp_path / "甲.xlsx")
    with outlook([path], write=False) as seen:
        assert seen.problem(path) is None
        assert {p.name for p in tmp_path.iterdir()} == {"甲.xlsx"}
