"""Every command that the cookbook and the README show, run as it stands there."""

import shutil
from itertools import pairwise

import pytest

from tests.command import run_command
from tests.docs.pages import DOCS, ROOT, commands
from tests.workflows.workbooks import LEADS, write

SAMPLES = ROOT / "samples"
# `demo` runs all stories: tests/workflows has it
SHOWN = [
    arguments
    for page in (DOCS / "cookbook.md", ROOT / "README.md")
    for arguments in commands(page)
    if arguments[0] != "demo"
]


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """A folder with what the documents speak of: a sample, and small workbooks to be quick."""
    write(tmp_path / "线索跟踪.xlsx", LEADS.replace("|甲|线索|", "||线索|"))
    shutil.copyfile(SAMPLES / "foreign" / "华东区客户台账.xlsx", tmp_path / "客户台账.xlsx")
    shutil.copyfile(SAMPLES / "leads" / "展会线索.csv", tmp_path / "展会线索.csv")
    team = tmp_path / "销售部"
    team.mkdir()
    write(team / "甲.xlsx")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_commands__all_do_what_they_are_shown_for(desk):
    """In their order, each once; findings are a result (1), not being able to run is not (2)."""
    done: dict[tuple[str, ...], int] = {}
    for arguments in SHOWN:
        made = [desk / name for flag, name in pairwise(arguments) if flag == "-o"]
        if tuple(arguments) in done or any(file.exists() for file in made):
            continue
        result = run_command(*arguments)
        assert result.exit_code in (0, 1), (arguments, result.output)
        done[tuple(arguments)] = result.exit_code
    assert {"new", "import", "check", "summarise", "weekly", "undo", "log"} <= {a[0] for a in done}
    assert done["check", "线索跟踪.xlsx"] == 1
    assert (desk / "销售部" / "团队汇总.xlsx").is_file()
    assert (desk / "全员汇总.xlsx").is_file()
    assert list((desk / ".sheetcrm" / "backup" / "线索跟踪.xlsx").iterdir())
