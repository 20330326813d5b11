"""Every file operation of every command fails once: old or new, a sentence, nothing left behind."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from sheetcrm.book.publish import SWEEP_AFTER
from sheetcrm.book.state import TEMP_PREFIX
from tests.book.faults import FAULTS
from tests.book.kill import looked_at
from tests.soak.commands import BEFORE, COMMANDS, team, told
from tests.soak.runner import Runner
from tests.soak.scale import SOAK

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
QUICK = {"check --write": 16}  # every so many operations, where it is not a soak


@pytest.mark.parametrize("command", COMMANDS if SOAK else QUICK)
def test_fault__old_or_new_and_a_sentence(tmp_path: Path, command: str, figure) -> None:
    start = team(tmp_path / "起点")
    if command == "weekly":  # each more book is one more time round
        shutil.rmtree(start)
        start = team(start, ("甲",))
        (start / "台账.xlsx").unlink()
    stopped = 0
    with Runner() as runner:
        if command in BEFORE:
            assert runner.run(*told(BEFORE[command], start)).code == 0
        whole = attempt(runner, start, command, 0)
        step = 1 if SOAK >= 1 else QUICK.get(command, round(1 / SOAK) if SOAK else 16)
        points = range(1, whole + 1, step)
        for at in points:
            stopped += attempt(runner, start, command, at)
    figure(f"faults in {command}", f"{len(points)} 处，{stopped} 次停下并说明，其余照样完成")


def attempt(runner: Runner, start: Path, command: str, at: int) -> int:
    """Let one operation fail; return 1 where the run stopped (`at` 0: how many there are)."""
    folder = Path(shutil.copytree(start, start.with_name(f"第{at}处")))
    before = {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}
    ran = runner.run(*told(command, folder), folder=folder, at=at, name=FAULTS[at % len(FAULTS)])
    assert ran.trace == "", (ran.failed, ran.trace)
    assert ran.code in ((0, 1) if not at else (0, 1, 2)), (ran.failed, ran.output)
    if ran.code == 2:
        assert re.search(r"[一-鿿].*。", ran.output), (ran.failed, ran.output)
        assert "Errno" not in ran.output
    looked_at(folder, before)
    left = list(folder.rglob(f"{TEMP_PREFIX}*"))
    for each in left:  # an hour later
        os.utime(each, (time.time() - SWEEP_AFTER - 1,) * 2)
    if left:
        again = runner.run("new", "线索跟踪", "-o", folder / "后来.xlsx")
        assert again.code == 0, (ran.failed, again.output)
        assert list(folder.rglob(f"{TEMP_PREFIX}*")) == [], ran.failed
    shutil.rmtree(folder)
    return ran.operations if not at else int(ran.code == 2)
