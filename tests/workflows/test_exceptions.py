"""Exceptions and the states of findings, end to end: written, edited, run again."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path

import pytest

from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.read import read_book
from sheetcrm.book.target import open_target
from sheetcrm.table import Cell
from sheetcrm.workflows.check import check
from sheetcrm.workflows.weekly import TEAM_BOOK, TeamResult, weekly
from tests.command import run_command
from tests.workflows.test_fix import LEAD
from tests.workflows.workbooks import TODAY, own_book

NEXT_WEEK = date(2026, 7, 7)
LEADS = [
    LEAD | {"owner": "甲", "source": None},
    LEAD | {"lead_id": "线索-2026-0501-005", "company": "东方物流", "phone": "13800131002",
            "owner": "乙", "contact": None, "initial_need": None},
]  # fmt: skip


def made(folder: Path, name: str = "甲.xlsx") -> Path:
    path = folder / name
    path.write_bytes(leads_book())
    return path


@cache
def leads_book() -> bytes:
    return own_book({"lead": LEADS})


def edit(path: Path, cells: Mapping[str, CellValue], sheet: str = "线索跟踪") -> None:
    path.write_bytes(set_cells(open_target(path), {sheet: cells}).data)


def tab_rows(path: Path, kind: str = "findings") -> list[list[Cell]]:
    rows = next(s for s in read_book(path).sheets if s.tab == kind).rows
    return [list(row) for row in rows]


def listed(path: Path, state: str, heading: str = "代码") -> list[Cell]:
    rows = tab_rows(path)
    column = next(row.index(heading) for row in rows if "指纹" in row)
    found = (row for row in rows if len(row) > column and row[0] == state)
    return [row[column] for row in found if row[column]]


def test_findings__new_then_open_or_fixed_by_person(tmp_path):
    path = made(tmp_path)
    first = weekly(tmp_path, TODAY)
    assert {p.owner: (p.open, p.fixed) for p in first.people} == {"甲": (0, 0), "乙": (0, 0)}
    before = {p.owner: p.new for p in first.people}
    edit(path, {"D5": "李二"})  # 乙 fills one of two
    edit(path, {"D4": "-"})  # 甲 loses what was filled
    second = weekly(tmp_path, NEXT_WEEK)
    required = [f for f in second.findings if f.code == "REQ-01"]
    assert {(f.owner, f.cell) for f in required} == {("甲", "B4"), ("甲", "D4"), ("乙", "F5")}
    people = {p.owner: p for p in second.people}
    assert people["乙"].fixed == 1
    assert people["甲"].new >= 1
    assert people["甲"].open <= before["甲"]
    for name in (path, tmp_path / TEAM_BOOK):
        assert "REQ-01" in listed(name, "新增")
        assert "REQ-01" in listed(name, "未解决")
        assert listed(name, "已解决", "单元格") == ["D5"]


def test_findings__the_terminal_says_who_has_how_many(tmp_path):
    path = made(tmp_path)
    weekly(tmp_path, TODAY)
    edit(path, {"D5": "李二"})
    result = run_command("weekly", str(tmp_path), "--as-of", "2026-07-07")
    (line,) = [text for text in result.output.splitlines() if text.strip().startswith("乙：")]
    assert "已解决 1" in line


@pytest.fixture
def excepted(tmp_path: Path) -> Path:
    path = made(tmp_path)
    edit(path, {"A5": "线索-2026-0501-005", "B5": "REQ-01 必填项为空", "C5": "客户要求保密",
                "D5": date(2026, 7, 1)}, "例外")  # fmt: skip
    return path


def test_exceptions__counted_and_listed_then_back(excepted):
    result = check([str(excepted)], TODAY, write=True)
    record = result.as_json()
    assert [s["cell"] for s in record["suppressed"]] == ["D5", "F5"]
    assert {f["cell"] for f in record["findings"] if f["code"] == "REQ-01"} == {"B4"}
    rows = [row for row in tab_rows(excepted) if len(row) > 9 and row[0] == "例外" and row[4]]
    assert [(row[4], row[8], row[9]) for row in rows] == [
        ("D5", "客户要求保密", "REQ-01"),
        ("F5", "客户要求保密", "REQ-01"),
    ]
    assert lint(excepted.read_bytes()) == []
    later = check([str(excepted)], NEXT_WEEK, write=True)
    assert later.as_json()["suppressed"] == []
    assert listed(excepted, "新增", "单元格").count("D5") >= 1


def test_exceptions__what_is_excepted_later_is_not_fixed(tmp_path):
    path = made(tmp_path)
    check([str(path)], TODAY, write=True)
    edit(path, {"A5": "线索-2026-0501-005", "B5": "REQ-01", "C5": "客户要求保密"}, "例外")
    check([str(path)], NEXT_WEEK, write=True)
    assert listed(path, "已解决") == []


def test_exceptions__the_tab_is_never_replaced(excepted):
    before = tab_rows(excepted, "exceptions")
    check([str(excepted)], TODAY, write=True)
    assert tab_rows(excepted, "exceptions") == before


def test_exceptions__a_second_run_changes_nothing(excepted):
    check([str(excepted)], TODAY, write=True)
    once = excepted.read_bytes()
    check([str(excepted)], TODAY, write=True)
    assert excepted.read_bytes() == once


def test_exceptions__team_workbook_and_terminal(excepted):
    result: TeamResult = weekly(excepted.parent, TODAY)
    assert len(result.as_json()["suppressed"]) == 2
    team = excepted.parent / TEAM_BOOK
    assert listed(team, "例外", "单元格") == ["D5", "F5"]
    output = run_command("check", str(excepted), "--as-of", "2026-06-30").output
    assert "按“例外”表不再列出 2 条（REQ-01 2）" in output


def test_fix__leaves_what_is_excepted(tmp_path):
    path = tmp_path / "甲.xlsx"
    path.write_bytes(own_book({"lead": [LEAD | {"company": " 明禾机械"}]}))
    edit(path, {"A5": "线索-2026-0501-004", "B5": "FMT-10", "C5": "系统导出的原样"}, "例外")
    assert check([str(path)], TODAY, fix=True).files[0].fixes == ()
