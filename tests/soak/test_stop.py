"""Commands asked to stop while they work, by kill or Ctrl-C: also while a book is read ahead."""

import os
import random
import shutil
import signal
from collections import Counter
from pathlib import Path

import pytest

from sheetcrm.book.state import TEMP_PREFIX
from sheetcrm.cli.main import STOPPED
from tests.book.kill import Deaths, Killer, lead_ids, looked_at, outlived
from tests.soak.commands import BEFORE, COMMANDS, books, team
from tests.soak.scale import SOAK, times

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and signals")
STOPS = 60
QUICK = ("weekly",)


@pytest.mark.parametrize("command", COMMANDS if SOAK else QUICK)
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT], ids=["kill", "Ctrl-C"])
def test_stopped__old_or_new_and_nothing_left(
    tmp_path: Path, command: str, how: signal.Signals, figure
) -> None:
    start = team(tmp_path / "销售部")
    arguments, seen = COMMANDS[command], Counter[str]()
    with Killer() as killer:
        if command in BEFORE:
            assert not killer.run(COMMANDS[BEFORE[command]], start).killed
        before = {path.name: path.read_bytes() for path in books(start)}
        whole = killer.run(arguments, shutil.copytree(start, tmp_path / "全程"))
        assert whole.code in (0, 1), whole.said
        points = range(1, whole.operations + whole.writes + 1)
        count = min(times(STOPS, 2), len(points))
        for at in random.Random(f"{command} {how}").sample(points, count):
            folder = shutil.copytree(start, tmp_path / str(at))
            ended = killer.run(arguments, folder, Deaths([at], 1, signal=how))
            assert "Traceback" not in ended.said, (at, ended.said)
            assert (ended.killed, outlived(ended)) == (False, []), at
            assert ended.code in (0, 1) or STOPPED in ended.said, (at, ended.code, ended.said)
            assert list(folder.rglob(f"{TEMP_PREFIX}*")) == [], at
            looked_at(folder, before)
            seen["停下" if ended.code == 2 else "做完"] += 1
            again = killer.run(arguments, folder)
            assert command == "new" or again.code in (0, 1), (at, again.said)
            looked_at(folder, before)
            ids = lead_ids(folder)
            assert len(ids) == len(set(ids))
            shutil.rmtree(folder)
    figure(f"{how.name} in {command}", dict(sorted(seen.items())))
