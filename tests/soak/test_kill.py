"""Every command that writes, killed at 200 points of its work on files; with SHEETCRM_SOAK=1."""

import os
from pathlib import Path

import pytest

from tests.book.kill import Killer, kill_often
from tests.soak.commands import BEFORE, COMMANDS, team
from tests.soak.scale import SOAK, times

pytestmark = [
    pytest.mark.skipif(not SOAK, reason="long; make soak runs it, tests/book/test_kill.py a part"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
]
KILLS = 200


@pytest.mark.parametrize("command", COMMANDS)
def test_killed__old_or_new_and_the_journal_knows(tmp_path: Path, command: str, figure) -> None:
    start = team(tmp_path / "销售部")
    with Killer() as killer:
        if command in BEFORE:
            assert not killer.run(COMMANDS[BEFORE[command]], start).killed
        seen = kill_often(killer, COMMANDS[command], start, times(KILLS, 4))
    figure(f"kill -9 in {command}", dict(sorted(seen.items())))
    assert "old" in seen
