"""log: what was done, newest last, in words and as JSON."""

import json
import os
import re
from pathlib import Path

import pytest

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.journal import Journal, open_journal
from sheetcrm.book.publish import publish, sha256
from sheetcrm.workflows.undo import undo
from tests.command import run_command
from tests.workflows.test_undo import bring, edit
from tests.workflows.workbooks import write


def text_of(path: Path) -> str:
    """Return what is printed, with the same day and time whenever it is run."""
    text = re.sub(
        r"\d{4}-\d\d-\d\d \d\d:\d\d", "2026-11-22 09:00", run_command("log", str(path)).output
    )
    return re.sub(r"\d{8}-(\d{3})", r"20261122-\1", text)


def written(path: Path, data: bytes, change: Change) -> None:
    publish(path, data, sha256(path.read_bytes()), change=change)


LOG = """\
2026-11-22 09:00  20261122-001  new        可撤销      新.xlsx    新建文件
2026-11-22 09:00  20261122-002  import     可逐格撤销  台账.xlsx  新增 2 行，改 1 格，来自 展会.csv
2026-11-22 09:00  20261122-003  weekly     可撤销      台账.xlsx  写 漏斗分析等 3 页，标色
2026-11-22 09:00  20261122-003  weekly     不能撤销    乙.xlsx    写 漏斗分析、校验结果
2026-11-22 09:00  20261122-004  check      已撤销      台账.xlsx  去掉标色
2026-11-22 09:00  20261122-005  undo       可撤销      台账.xlsx  撤销 20261122-004
2026-11-22 09:00  20261122-006  summarise  结果不明    乙.xlsx    写 漏斗分析
撤销其中一次：sheetcrm undo 工作簿 --batch 批次（不写 --batch 是最后一次）。
“结果不明”：写到一半时被中断，之后文件又被别的程序改过；请对照备份核对。
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with one of everything."""
    publish(tmp_path / "新.xlsx", b"new", None, change=Change(Run("new")))
    book, other = write(tmp_path / "台账.xlsx"), write(tmp_path / "乙.xlsx")
    data = book.read_bytes()
    bring(book)
    weekly, kinds = Run("weekly"), ("funnel", "conversion", "findings")
    written(book, data, Change(weekly, tabs=kinds, added=kinds, marking="on"))
    written(other, data + b"1", Change(weekly, tabs=("funnel", "findings")))
    written(book, data + b"2", Change(Run("check"), marking="off"))
    undo(book)

    class Killed(BaseException):
        pass

    def killed(source: Path, target: Path) -> None:
        if target == other:
            raise Killed
        real(source, target)

    real = os.replace
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", killed)
        patch.setattr(Journal, "recover", lambda self: ())
        with pytest.raises(Killed):
            written(other, data, Change(Run("summarise"), tabs=("funnel",)))
    other.write_bytes(b"edited")
    return tmp_path


def test_log__text_of_a_folder(folder):
    assert text_of(folder) == LOG


def test_log__one_book_and_as_json(folder):
    result = run_command("log", str(folder / "新.xlsx"), "--json", "-")
    assert result.exit_code == 0
    (line,) = json.loads(result.stdout)["entries"]
    entry = open_journal(folder / "新.xlsx").entries()[0]
    assert line == {
        "batch": entry.batch,
        "time": entry.time,
        "command": "new",
        "book": "新.xlsx",
        "created": 0,
        "emptied": 0,
        "cells": 0,
        "tabs": [],
        "marking": "",
        "ids": {},
        "source": "",
        "undoes": "",
        "before": None,
        "after": sha256(b"new"),
        "backup": "",
        "undo": "whole",
    }


def test_log__aborted_runs_and_ids(tmp_path):
    book = write(tmp_path / "台账.xlsx")
    change = Change(Run("import"))
    assert open_journal(book).reserve(change.run, {"线索-2026-0501-": (1, 4)}, {})
    (tmp_path / "~$台账.xlsx").write_bytes(b"")
    assert "还没有改动过" in text_of(book)
    (tmp_path / "~$台账.xlsx").unlink()
    written(book, b"1", change)
    result = json.loads(run_command("log", str(book), "--json", "-").stdout)["entries"]
    assert [line["ids"] for line in result] == [{"线索-2026-0501-": [1, 4]}]


def test_log__nothing_there(tmp_path):
    assert run_command("log", str(tmp_path)).exit_code == 0
    missing = run_command("log", str(tmp_path / "没有.xlsx"))
    assert (missing.exit_code, len(missing.output.splitlines())) == (2, 1)
    assert list(tmp_path.iterdir()) == []


def test_log__an_edited_book_says_so(tmp_path):
    book = write(tmp_path / "台账.xlsx")
    bring(book)
    assert "可撤销" in text_of(book)
    edit(book, G2="A")
    assert "可逐格撤销" in text_of(book)
