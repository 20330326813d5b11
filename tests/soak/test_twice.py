"""Every command twice: the second run leaves every part of a user's as it is, byte by byte."""

import os
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetcrm.book.journal import Journal
from tests.soak.commands import BEFORE, COMMANDS, books, team, told
from tests.soak.runner import Runner
from tests.soak.scale import SOAK

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
QUICK = ("check --fix --mark", "import")


@pytest.mark.parametrize("command", COMMANDS if SOAK else QUICK)
def test_twice__no_part_of_the_users_changes(tmp_path: Path, command: str, figure) -> None:
    folder = team(tmp_path / "销售部")
    with Runner() as runner:
        arguments = told(command, folder)
        if command in BEFORE:
            runner.run(*told(BEFORE[command], folder))
            # without a batch, the second undo takes back the first
            book = Path(arguments[-1]).name
            arguments += ["--batch", Journal(folder, book).entries()[-1].batch]
        first = runner.run(*arguments)
        assert first.code in (0, 1), first.output
        once = users(folder)
        second = runner.run(*arguments)
        twice = users(folder)
    assert second.trace == ""
    assert twice.keys() == once.keys()
    changed = {
        f"{book}/{name}"
        for book in once
        for name in {*once[book], *twice[book]}
        if once[book].get(name) != twice[book].get(name)
    }
    figure(f"{command} twice", f"{len(changed)} 个部件不同")
    assert changed == set()


def users(folder: Path) -> dict[str, dict[str, bytes]]:
    """Return the parts of the workbooks; the one that tells of an import is made anew each time."""
    return {p.name: parts(p) for p in books(folder) if not p.stem.endswith("导入决定")}


def parts(path: Path) -> dict[str, bytes]:
    with ZipFile(path) as package:
        return {info.filename: package.read(info) for info in package.infolist()}
