"""Commands killed between two file operations; tests/soak has all of them, and more often."""

import os
from pathlib import Path

import pytest

from sheetcrm.book.changes import Change, Run
from sheetcrm.book.marks import mark
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.target import open_target
from tests.book.kill import Killer, kill_often
from tests.workflows.workbooks import write

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL")


def test_killed__old_or_new_and_the_journal_knows(tmp_path: Path) -> None:
    start = tmp_path / "起点"
    start.mkdir()
    book = write(start / "台账.xlsx")
    marked = mark(open_target(book), {"客户台账": {"error": ["B2"]}})
    publish(book, marked, sha256(book.read_bytes()), change=Change(Run("check"), marking="on"))
    with Killer() as killer:
        for arguments in (["undo", "{folder}/台账.xlsx"], ["check", "{folder}", "--unmark"]):
            assert {*kill_often(killer, arguments, start, 12)} == {"old", "new"}
