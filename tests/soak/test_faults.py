"""Every file operation of every command fails once: old or new, a sentence, nothing left behind."""

import os
import re
import shutil
import time
from pathlib import Path

import pytest

from sheetcrm.book.publish import SWEEP_AFTER
from sheetcrm.book.state import TEMP_PREFIX
from tests.book.kill import looked_at
from tests.soak.commands import BEFORE, COMMANDS, team, told
from tests.soak.runner import Ran, Runner
from tests.soak.scale import SOAK

pytestmark = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs Linux")
QUICK = {"check --write": 16}  # every so many operations, where it is not a soak


@pytest.mark.parametrize("command", COMMANDS if SOAK else QUICK)
def test_fault__old_or_new_and_a_sentence(tmp_path: Path, command: str, figure) -> None:
    folder = team(tmp_path / "销售部")
    if command == "weekly":  # each more book is one more time round
        shutil.rmtree(folder)
        folder = team(folder, ("甲",))
        for other in ("台账.xlsx", "分月.xlsx"):
            (folder / other).unlink()
    step = 1 if SOAK >= 1 else QUICK.get(command, round(1 / SOAK) if SOAK else 16)
    into = tmp_path / "留下"
    with Runner() as runner:
        if command in BEFORE:
            assert runner.run(*told(BEFORE[command], folder)).code == 0
        before = {path.name: path.read_bytes() for path in folder.glob("*.xlsx")}
        arguments = told(command, folder)
        whole, *failed = runner.run_failing(*arguments, folder=folder, into=into, step=step)
        assert (whole.trace, whole.code in (0, 1)) == ("", True)
        assert len(failed) == len(range(0, whole.operations, step))
        for number, ran in enumerate(failed):
            assert ran.operations >= number * step + 1
            ended(runner, ran, into / str(number * step + 1), before)
    stopped = sum(ran.code == 2 for ran in failed)
    figure(f"faults in {command}", f"{len(failed)} 处，{stopped} 次停下并说明，其余照样完成")


def ended(runner: Runner, ran: Ran, folder: Path, before: dict[str, bytes]) -> None:
    """Look at how a run ended that had one operation fail, and at what it left."""
    assert ran.trace == "", (ran.failed, ran.trace)
    assert ran.code in (0, 1, 2), (ran.failed, ran.output)
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
