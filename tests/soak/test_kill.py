"""Every command that writes, killed at 200 of its file operations; run with SHEETCRM_SOAK=1."""

import os
from datetime import date
from pathlib import Path

import pytest

from tests.book.kill import Killer, kill_often
from tests.workflows.workbooks import own_book

pytestmark = [
    pytest.mark.skipif("SHEETCRM_SOAK" not in os.environ, reason="long; make soak runs it"),
    pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork and SIGKILL"),
]
KILLS = 200
DAY = date(2026, 5, 1)
LEAD = {"source": "展会推荐", "contact": "张一", "status": "线索", "owner": "甲"}
SHEET = "线索编号,客户名称,联系人,联系方式,线索获取时间\n" + "".join(
    f",{company}公司,李二,1380013{n:04d},2026-05-01\n"
    for n, company in enumerate(("东方", "北辰", "南山", "西岭", "中原"))
)
COMMANDS = {
    "new": ["new", "线索跟踪", "-o", "{folder}/新.xlsx"],
    "check": ["check", "{folder}/甲.xlsx", "--fix", "--mark", "--as-of", "2026-06-30"],
    "summarise": ["summarise", "{folder}/甲.xlsx", "--as-of", "2026-06-30"],
    "weekly": ["weekly", "{folder}", "--as-of", "2026-06-30"],
    "import": ["import", "{folder}/展会.csv", "--into", "{folder}/甲.xlsx", "--apply"],
    "undo": ["undo", "{folder}/甲.xlsx"],
}


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two books of a team, each with rows that have no id, and a sheet of leads."""
    folder = tmp_path_factory.mktemp("soak") / "销售部"
    folder.mkdir()
    for name in ("甲", "乙"):
        leads = [
            {**LEAD, "company": f"{name}{n}机械", "acquired_on": DAY, "entered_on": DAY}
            for n in range(3)
        ]
        (folder / f"{name}.xlsx").write_bytes(own_book({"lead": leads}))
    (folder / "展会.csv").write_text(SHEET, encoding="utf-8-sig")
    return folder


@pytest.mark.parametrize("command", COMMANDS)
def test_killed__old_or_new_and_the_journal_knows(start: Path, command: str) -> None:
    with Killer() as killer:
        if command == "undo":
            told = [text.format(folder=start) for text in COMMANDS["import"]]
            assert not killer.run(told, start).killed
        assert "new" in kill_often(killer, COMMANDS[command], start, KILLS)
