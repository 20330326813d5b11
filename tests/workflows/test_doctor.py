"""`sheetcrm doctor`: each thing that can be out of order in a folder, and a folder in order."""

import json
import os
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from filelock import FileLock

from sheetcrm.book import health
from sheetcrm.book.changes import Change, Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.state import state_folder
from sheetcrm.workflows.doctor import Diagnosis, diagnose
from tests.book.fixtures import user_book
from tests.command import run_command
from tests.workflows.test_lint import faulty

NOW = datetime.now().astimezone()
OLD = 10 * 24 * 3600


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "销售部"
    place.mkdir()
    (place / "线索.xlsx").write_bytes(user_book())
    return place


def attention(diagnosis: Diagnosis) -> dict[str, str]:
    return {p.topic: p.said for p in diagnosis.points if p.level == "attention"}


def aged(path: Path, seconds: float = OLD) -> None:
    then = time.time() - seconds
    os.utime(path, (then, then))


def test_doctor__a_folder_in_order(folder):
    before = sorted(p.name for p in folder.iterdir())
    diagnosis = diagnose(folder, NOW)
    assert attention(diagnosis) == {}
    assert diagnosis.healthy
    assert sorted(p.name for p in folder.iterdir()) == before  # not even a state folder


def test_doctor__who_has_what_open(folder):
    owner = bytearray(165)
    owner[55] = 2
    owner[56:60] = "张三".encode("utf-16-le")
    (folder / "~$线索.xlsx").write_bytes(owner)
    assert "张三" in attention(diagnose(folder, NOW))["open"]
    aged(folder / "~$线索.xlsx")
    diagnosis = diagnose(folder, NOW)
    assert diagnosis.healthy
    assert any(p.topic == "owner-files" and p.level == "note" for p in diagnosis.points)


def test_doctor__another_run_is_writing(folder):
    lock = FileLock(str(state_folder(folder / "线索.xlsx") / "lock"), is_singleton=False)
    with lock:
        assert "正在写" in attention(diagnose(folder, NOW))["lock"]
    assert "lock" not in attention(diagnose(folder, NOW))


def test_doctor__leftovers_go_with_clean(folder):
    book = folder / "线索.xlsx"
    publish(book, user_book(("别的",)), sha256(book.read_bytes()), change=Change(Run("check")))
    kept = folder / ".sheetcrm" / "backup" / "线索.xlsx"
    old, deep, fresh = (
        folder / "~$sc12345678.tmp",
        kept / "~$scabcdefgh.tmp",
        folder / "~$sc87654321.tmp",
    )
    for temp in (old, deep, fresh):
        temp.write_bytes(b"x")
    aged(old)
    aged(deep)
    assert "2 个" in attention(diagnose(folder, NOW))["temporary"]
    assert old.exists()
    assert diagnose(folder, NOW, clean=True).healthy
    assert (old.exists(), deep.exists(), fresh.exists()) == (False, False, True)


def test_doctor__a_result_left_aside(folder):
    (folder / "线索.sheetcrm-new.xlsx").write_bytes(user_book())
    found = attention(diagnose(folder, NOW))
    assert "线索.sheetcrm-new.xlsx" in found["aside"]


def test_doctor__what_was_killed(folder):
    book = folder / "线索.xlsx"
    journal, now = open_journal(book), sha256(book.read_bytes())
    state_folder(book)
    journal.begin(Change(Run("check")), now, "0" * 64)
    assert "还没有核对" in attention(diagnose(folder, NOW))["journal"]
    assert diagnose(folder, NOW, clean=True).healthy
    journal.begin(Change(Run("check")), "1" * 64, "2" * 64)
    assert "结果不明" in attention(diagnose(folder, NOW, clean=True))["journal"]


def test_doctor__backups_are_counted(folder):
    book = folder / "线索.xlsx"
    publish(book, user_book(("别的",)), sha256(book.read_bytes()), change=Change(Run("check")))
    points = diagnose(folder, NOW).points
    assert any(p.topic == "backups" and p.said.startswith("1 份") for p in points)
    (folder / "线索.xlsx").rename(folder / "改名.xlsx")
    points = diagnose(folder, NOW).points
    assert any(p.topic == "backups" and "线索.xlsx" in p.said for p in points)


def test_doctor__books_that_excel_would_repair_or_cannot_open(folder):
    (folder / "坏.xlsx").write_bytes(faulty())
    assert "坏.xlsx" in attention(diagnose(folder, NOW))["repair"]
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04")
    assert "坏.xlsx" in attention(diagnose(folder, NOW))["repair"]


def test_doctor__copies(folder):
    (folder / "线索 - 副本.xlsx").write_bytes(user_book())
    assert "线索 - 副本.xlsx" in attention(diagnose(folder, NOW))["copies"]


def test_doctor__a_clock_that_is_behind(folder):
    aged(folder / "线索.xlsx", -OLD)
    assert "线索.xlsx" in attention(diagnose(folder, NOW))["clock"]
    aged(folder / "线索.xlsx", 0)
    assert "clock" in attention(diagnose(folder, NOW - timedelta(days=9000)))


def test_doctor__no_room_and_no_permission(folder, monkeypatch):
    denied = PermissionError(13, "Permission denied")
    monkeypatch.setattr(health, "write_temp", lambda *_: (_ for _ in ()).throw(denied))
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": 1 << 20}))
    assert {"access", "disk"} <= attention(diagnose(folder, NOW)).keys()


def test_doctor__command_text_and_json(folder):
    result = run_command("doctor", str(folder))
    assert result.exit_code == 0, result.output
    assert f"Python {sys.version.split()[0]}" in result.output
    assert "一切正常" in result.output
    (folder / "坏.xlsx").write_bytes(faulty())
    result = run_command("doctor", str(folder / "线索.xlsx"), "--json", "-")
    said = json.loads(result.stdout)
    assert (result.exit_code, said["healthy"]) == (1, False)
    assert {"topic", "title", "level", "said", "remedy"} == said["points"][0].keys()
    assert run_command("doctor", str(folder / "没有")).exit_code == 2
