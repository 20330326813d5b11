"""The program from outside: its log, and what nobody expected."""

import os
import signal
import subprocess
import sys
from datetime import datetime, time
from pathlib import Path

import pytest

from sheetcrm.cli import main as program
from sheetcrm.cli.main import PIPE_CLOSED, STOPPED, run
from sheetcrm.values.masking import mask_message
from sheetcrm.workflows.run_log import KEPT, MOST_BYTES, Line, log_file, log_run
from tests.workflows.workbooks import LEADS, TODAY, write

NOW = datetime.combine(TODAY, time(9))

BAD = LEADS.replace("|甲|线索|", "||线索|")


@pytest.fixture
def log(tmp_path, monkeypatch):
    monkeypatch.setenv("SHEETCRM_LOG", str(tmp_path / "日志"))
    file = log_file()
    assert file is not None
    return file


def ended(*arguments: str) -> int:
    with pytest.raises(SystemExit) as end:
        run(list(arguments))
    assert isinstance(end.value.code, int)
    return end.value.code


@pytest.fixture
def broken(monkeypatch):
    """A check that fails in a way nobody thought of, over a cell with a customer in it."""

    def fail(*arguments, **options):
        try:
            float("华信科技 13812345678")
        except ValueError as cause:
            raise TypeError("联系人 张三 <zhang@hua.cn> 不行") from cause

    monkeypatch.setattr("sheetcrm.workflows.check.run_files", fail)


def test_run__one_line_a_run_with_counts_and_without_customers(tmp_path, log, capsys):
    path = write(tmp_path / "台账.xlsx", BAD)
    assert ended("check", str(path), "--as-of", "2026-06-30") == 1
    assert ended("check", "没有.xlsx") == 2
    assert "Traceback" not in capsys.readouterr().err
    first, second = log.read_text(encoding="utf-8").splitlines()
    assert "| check | exit=1 |" in first
    assert "error=1" in first
    assert f"{path} --as-of" in first
    assert "FileProblem" in second
    assert "没有.xlsx" not in second  # what is no file may be anything


def test_run__what_nobody_expected_is_one_sentence_that_names_the_log(
    tmp_path, log, broken, capsys
):
    path = write(tmp_path / "台账.xlsx")
    assert ended("check", str(path)) == 2
    said = capsys.readouterr().err
    assert str(log) in said
    assert "Traceback" not in said
    text = log.read_text(encoding="utf-8")
    assert "TypeError" in text
    assert "ValueError: could not convert string to float" in text
    assert "test_run.py" in text
    masked = "\n".join(
        line for line in text.splitlines() if "Error: " in line and ".py:" not in line
    )
    assert not [w for w in ("华信", "138", "张三", "zhang", "hua.cn") if w in masked]


@pytest.mark.skipif(os.name == "nt", reason="Windows knows no closed pipe")
def test_run__nobody_reads_the_output_and_nothing_false_is_said(tmp_path):
    path = write(tmp_path / "台账.xlsx", BAD)
    there, ours = os.pipe()
    os.close(there)
    with os.fdopen(ours, "wb") as out:
        done = subprocess.run(
            [sys.executable, "-m", "sheetcrm", "check", str(path), "--as-of", "2026-06-30"],
            stdout=out,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (PIPE_CLOSED, b"")


STOP = """
import os, signal, sys
from sheetcrm.book import publish, state
from sheetcrm.cli.main import run

def stop(*_):
    os.kill(os.getpid(), signal.SIGTERM)

if sys.argv[1] == "writing":
    os.fsync = stop
else:
    state.copy_mode = publish.copy_mode = stop
if sys.argv[2] == "twice":
    publish.drop = state.drop = stop
run(["summarise", sys.argv[3], "--as-of", "2026-06-30"])
"""


def killed(path: Path, moment: str, often: str) -> subprocess.CompletedProcess[str]:
    typed = [sys.executable, "-c", STOP, moment, often, str(path)]
    return subprocess.run(typed, capture_output=True, encoding="utf-8", check=False)


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("moment", ["writing", "written"])
def test_run__kill_stops_it_as_ctrl_c_does_and_leaves_nothing(tmp_path, log, moment):
    path = write(tmp_path / "台账.xlsx")
    before = path.read_bytes()
    done = killed(path, moment, "once")
    assert (done.returncode, done.stderr.splitlines()[-1]) == (2, STOPPED)
    assert path.read_bytes() == before
    assert not [*tmp_path.rglob("~$sc*.tmp")]
    assert "KeyboardInterrupt" in log.read_text(encoding="utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows ends a process without asking it")
def test_run__a_second_kill_ends_it_at_once(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    before = path.read_bytes()
    assert killed(path, "writing", "twice").returncode == -signal.SIGTERM
    assert path.read_bytes() == before


def test_run__kill_means_what_it_meant_before(tmp_path):
    assert ended("check", str(write(tmp_path / "台账.xlsx")), "--as-of", "2026-06-30") == 0
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


def test_run__debug_shows_the_traceback(tmp_path, log, broken, capsys):
    assert ended("--debug", "check", str(write(tmp_path / "台账.xlsx"))) == 2
    said = capsys.readouterr().err
    assert "Traceback" in said
    assert "TypeError" in said


def test_run__help_and_version_leave_no_line(log, capsys):
    assert ended() == 0
    assert ended("--version") == 0
    assert "doctor" in capsys.readouterr().out
    assert not log.exists()


def test_run__arguments_of_the_shell(monkeypatch, log, capsys):
    monkeypatch.setattr(sys, "argv", ["sheetcrm", "--version"])
    with pytest.raises(SystemExit):
        program.run()
    assert "sheetcrm" in capsys.readouterr().out


def test_log__off_or_not_writable_stops_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("SHEETCRM_LOG", "off")
    assert log_file() is None
    assert log_run(Line("check", 0, 1.0), NOW) is None
    (tmp_path / "x").write_text("")
    monkeypatch.setenv("SHEETCRM_LOG", str(tmp_path / "x"))
    assert log_run(Line("check", 0, 1.0), NOW) is None


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such users")
@pytest.mark.parametrize("said", ["", "~/log"])
def test_log__of_a_user_without_a_home_folder_is_off(monkeypatch, said):
    def unknown(uid: int) -> object:
        raise KeyError(uid)

    for name in ("HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pwd.getpwuid", unknown)
    monkeypatch.setenv("SHEETCRM_LOG", said)
    assert log_file() is None
    assert log_run(Line("check", 0, 1.0), NOW) is None


def test_log__is_rotated(log):
    for _ in range(KEPT + 2):
        log_run(Line("check", 0, 1.0), NOW)
        with log.open("ab") as file:
            file.write(b"x" * MOST_BYTES)
    names = sorted(file.name for file in log.parent.iterdir())
    assert names == ["sheetcrm.log", *(f"sheetcrm.log.{n}" for n in range(1, KEPT + 1))]


@pytest.mark.parametrize(
    ("message", "masked"),
    [
        (
            "could not convert string to float: '北京公司'",
            "could not convert string to float: '***'",
        ),
        (
            "Cannot cast DatetimeArray to dtype float64",
            "Cannot cast DatetimeArray to dtype float64",
        ),
        ("KeyError: 张三（上海）", "KeyError: ***"),
        ("row 12: 13812345678 a@b.cn", "row 12: 138****5678 ***"),
        ('unclosed "华信', 'unclosed "***'),
    ],
)
def test_mask_message__only_words_of_programs_stay(message, masked):
    assert mask_message(message) == masked
