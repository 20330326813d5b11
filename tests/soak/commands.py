"""Every command that writes, on two books of a team and a list of leads: what the campaigns run."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

import openpyxl

from tests.workflows.workbooks import own_book, write

DAY = date(2026, 5, 1)
LEAD = {"source": "展会推荐", "contact": "张一", "status": "线索", "owner": "甲"}
SHEET = "线索编号,客户名称,联系人,联系方式,线索获取时间\n" + "".join(
    f",{company}公司,李二,1380013{n:04d},2026-05-01\n"
    for n, company in enumerate(("东方", "北辰", "南山", "西岭", "中原"))
)
AS_OF = ("--as-of", "2026-06-30")
_BY_MONTH = ["线索编号", "客户名称", "电话", "来源", "线索状态", "负责人", "获取时间", "预计金额"]
# "{folder}" stands for the folder of the team
COMMANDS: dict[str, list[str]] = {
    "new": ["new", "线索跟踪", "-o", "{folder}/新.xlsx"],
    "check --write": ["check", "{folder}/甲.xlsx", "--write", *AS_OF],
    "check --fix --mark": ["check", "{folder}/甲.xlsx", "--fix", "--mark", *AS_OF],
    "summarise": ["summarise", "{folder}/甲.xlsx", *AS_OF],
    "summarise --into": ["summarise", "{folder}", "--into", "{folder}/团队汇总.xlsx", *AS_OF],
    "weekly": ["weekly", "{folder}", *AS_OF],
    "import": ["import", "{folder}/展会.csv", "--into", "{folder}/甲.xlsx", "--apply"],
    "adopt": ["adopt", "{folder}/台账.xlsx"],
    "undo": ["undo", "{folder}/甲.xlsx"],
    # a table over several sheets
    "check --fix --mark 分月": ["check", "{folder}/分月.xlsx", "--fix", "--mark", *AS_OF],
    "import 分月": ["import", "{folder}/展会.csv", "--into", "{folder}/分月.xlsx", "--apply"],
    "adopt 分月": ["adopt", "{folder}/分月.xlsx"],
    "undo 分月": ["undo", "{folder}/分月.xlsx"],
}
# what has to be done before a command has anything to do
BEFORE = {"undo": "import", "undo 分月": "import 分月"}


def told(command: str, folder: Path) -> list[str]:
    """Return the arguments of a command."""
    return [text.format(folder=folder) for text in COMMANDS[command]]


def team(folder: Path, names: Sequence[str] = ("甲", "乙")) -> Path:
    """Make the books of a team, each with rows that have no id, a plain one, and a list."""
    folder.mkdir(parents=True)
    for name in names:
        leads = [
            {**LEAD, "company": f"{name}{n}机械", "acquired_on": DAY, "entered_on": DAY}
            for n in range(3)
        ]
        (folder / f"{name}.xlsx").write_bytes(own_book({"lead": leads}))
    write(folder / "台账.xlsx")
    by_month(folder / "分月.xlsx")
    (folder / "展会.csv").write_text(SHEET, encoding="utf-8-sig")
    return folder


def by_month(path: Path) -> Path:
    """Make a workbook whose leads stand on a sheet a month, the newest first."""
    book = openpyxl.Workbook()
    del book["Sheet"]
    for month, day in (("6月", "2026年6月8日"), ("4月", date(2026, 4, 8))):
        made = book.create_sheet(month)
        made.append(_BY_MONTH)
        for n in range(1, 4):
            phone = f"1390013{month[0]}00{n}"
            made.append(
                [f"L{month[0]}{n}", f"{month}{n}机械", phone, "展会", "意向", "甲", day, "5万"]
            )
    book.save(path)
    return path


def books(folder: Path) -> Iterator[Path]:
    """Yield the workbooks of a folder."""
    return (path for path in sorted(folder.glob("*.xlsx")) if not path.name.startswith("~$"))
