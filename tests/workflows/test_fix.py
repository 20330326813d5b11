"""check --fix and weekly: corrections in the cells themselves, and nowhere else."""

from datetime import date
from functools import cache
from pathlib import Path

import openpyxl
import pytest
from openpyxl.workbook.protection import WorkbookProtection

from sheetcrm.book.lint import lint
from sheetcrm.book.read import read_book
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.table import Cell
from sheetcrm.workflows import processes
from sheetcrm.workflows.check import check
from sheetcrm.workflows.fix import with_cells
from sheetcrm.workflows.weekly import weekly
from tests.command import run_command
from tests.workflows.workbooks import LEADS, TODAY, own_book, parts, write

LEAD: dict[str, object] = {
    "lead_id": "线索-2026-0501-004",
    "source": "展会推荐",
    "company": "明禾机械",
    "contact": "张一",
    "phone": "13800131001",
    "initial_need": "想换一套库存管理系统",
    "acquired_on": date(2026, 5, 1),
    "entered_on": date(2026, 5, 1),
    "grade": "C",
    "status": "线索",
    "owner": "甲",
}
MESSY = [
    LEAD,
    LEAD | {"lead_id": None, "company": "东方 物流 ", "phone": "13800131002.0"},
    LEAD | {"lead_id": None, "company": "北辰教育", "phone": 13800131003.0, "status": "丢单"},
    LEAD | {"lead_id": "线索-2026-0502-001", "phone": "x_abc123", "acquired_on": "2026/5/2"},
    LEAD
    | {"lead_id": "线索-2026-0502-002", "phone": "y_abc123", "expected_amount": "￥120,000.00"},
]


def messy(folder: Path) -> Path:
    path = folder / "甲.xlsx"
    path.write_bytes(messy_book())
    return path


@cache
def messy_book() -> bytes:
    return own_book({"lead": MESSY})


def cell(path: Path, address: str, sheet: str = "线索跟踪") -> Cell:
    rows = next(s for s in read_book(path).sheets if s.name == sheet).rows
    return rows[int(address[1:]) - 1][ord(address[0]) - 65]


def test_fix__corrects_lists_and_changes_only_the_sheet(tmp_path):
    path = messy(tmp_path)
    before = parts(path)
    (done,) = check([str(path)], TODAY, fix=True).files
    assert sorted((f.cell, f.code, f.shown_new) for f in done.fixes) == [
        ("A5", "REQ-01", "线索-2026-0501-005"),
        ("A6", "REQ-01", "线索-2026-0501-006"),
        ("C5", "FMT-10", "东方 物流"),
        ("E5", "FMT-11", "138****1002"),
        ("E6", "FMT-11", "138****1003"),
        ("G7", "FMT-04", "2026-05-02"),
        ("J6", "VAL-02", "流失"),
        ("Q8", "FMT-13", "120000"),
    ]
    assert done.left == ()
    assert cell(path, "A5") == "线索-2026-0501-005"
    assert cell(path, "E6") == "13800131003"
    assert cell(path, "G7") == date(2026, 5, 2)
    assert cell(path, "Q8") == 120_000
    after = parts(path)
    changed = {name for name in before if before[name] != after[name]}
    assert changed <= {"xl/worksheets/sheet2.xml", "xl/workbook.xml", "xl/styles.xml"}
    assert lint(path.read_bytes()) == []


def test_fix__a_second_run_changes_nothing(tmp_path):
    path = messy(tmp_path)
    check([str(path)], TODAY, fix=True)
    once = path.read_bytes()
    (done,) = check([str(path)], TODAY, fix=True).files
    assert (done.fixes, done.left, done.written) == ((), (), None)
    assert path.read_bytes() == once


def test_fix__what_is_found_afterwards_is_what_a_new_run_finds(tmp_path):
    path = messy(tmp_path)
    fixed = check([str(path)], TODAY, fix=True).findings
    assert check([str(path)], TODAY).findings == fixed
    assert {f.code for f in fixed}.isdisjoint({"FMT-04", "FMT-10", "FMT-11", "FMT-13", "VAL-02"})


def test_fix__in_memory_is_what_reading_gives(tmp_path):
    path = messy(tmp_path)
    raw = read_book(path)
    (done,) = check([str(path)], TODAY, fix=True).files
    expected = {s.name: s.rows for s in with_cells(raw, done.fixes).sheets}
    for sheet in read_book(path).sheets:
        assert sheet.rows == expected[sheet.name], sheet.name


def test_fix__with_the_findings_tab_in_one_write_and_one_backup(tmp_path):
    path = messy(tmp_path)
    before = path.read_bytes()
    check([str(path)], TODAY, write=True, fix=True)
    backups = (tmp_path / ".sheetcrm" / "backup" / path.name).iterdir()
    assert [p.read_bytes() for p in backups] == [before]
    assert cell(path, "A5") == "线索-2026-0501-005"
    codes = {
        row[9]
        for row in next(s for s in read_book(path).sheets if s.tab == "findings").rows
        if len(row) > 9
    }
    assert "FMT-10" not in codes
    once = path.read_bytes()
    check([str(path)], TODAY, write=True, fix=True)
    assert path.read_bytes() == once


def test_fix__nothing_is_written_without_it(tmp_path):
    path = messy(tmp_path)
    before = path.read_bytes()
    (done,) = check([str(path)], TODAY).files
    assert (done.fixes, path.read_bytes()) == ((), before)


def test_fix__an_id_that_was_deleted_is_not_given_out_again(tmp_path):
    path = messy(tmp_path)
    check([str(path)], TODAY, write=True, fix=True)
    book = openpyxl.load_workbook(path)
    sheet = book["线索跟踪"]
    # the row with the highest number goes, and its findings are still in the tab
    for column in range(1, 30):
        sheet.cell(FIRST_DATA_ROW + 2, column).value = None
    sheet.cell(FIRST_DATA_ROW + 1, 1).value = None
    assert any("线索-2026-0501-006" in str(c.value) for c in book["校验结果"]["M"])
    # saving through openpyxl keeps the marker: it is a defined name of the sheet
    book.save(path)
    check([str(path)], TODAY, fix=True)
    assert cell(path, "A5") == "线索-2026-0501-007"


def test_fix__cells_that_cannot_be_written_are_left_with_the_reason(tmp_path):
    path = write(tmp_path / "台账.xlsx", LEADS.replace("2026-05-04", "'2026/5/4'"))
    book = openpyxl.load_workbook(path)
    sheet = book["客户台账"]
    sheet.protection.sheet = True
    book.save(path)
    before = path.read_bytes()
    (done,) = check([str(path)], TODAY, fix=True).files
    assert done.fixes == ()
    assert [(left.fix.cell, "保护" in left.reason) for left in done.left] == [("B2", True)]
    assert path.read_bytes() == before


def test_fix__a_file_that_must_not_be_changed(tmp_path):
    path = messy(tmp_path)
    book = openpyxl.load_workbook(path)
    book.security = WorkbookProtection(lockStructure=True)
    book.save(path)
    before = path.read_bytes()
    (done,) = check([str(path)], TODAY, fix=True).files
    assert done.fixes == ()
    assert {"保护" in left.reason for left in done.left} == {True}
    assert path.read_bytes() == before


def test_fix__open_in_excel_is_refused_and_reported(tmp_path):
    path = messy(tmp_path)
    before = path.read_bytes()
    owner = bytes([2]) + "张伟".encode("utf-16-le").ljust(54, b" ") + b"\0" * 110
    (tmp_path / "~$甲.xlsx").write_bytes(owner)
    result = check([str(path)], TODAY, fix=True)
    assert [f.code for f in result.findings if f.code.startswith("FIL")] == ["FIL-07"]
    assert result.files[0].fixes == ()
    assert path.read_bytes() == before


def test_fix__the_terminal_lists_old_and_new_without_contact_data(tmp_path):
    path = messy(tmp_path)
    result = run_command("check", str(path), "--as-of", "2026-06-30", "--fix")
    assert "线索跟踪!G7 线索获取时间】“2026/5/2” → “2026-05-02”" in result.output
    assert "线索跟踪!A5 线索编号】（空） → “线索-2026-0501-005”" in result.output
    assert "13800131002" not in result.output
    assert "改正 8 处" in result.output


def test_weekly__gives_out_ids_and_corrects_nothing_else(tmp_path):
    path = messy(tmp_path)
    result = weekly(tmp_path, TODAY)
    (done,) = result.files
    assert [(f.cell, f.new) for f in done.fixes] == [
        ("A5", "线索-2026-0501-005"),
        ("A6", "线索-2026-0501-006"),
    ]
    assert cell(path, "C5") == "东方 物流 "
    assert cell(path, "A6") == "线索-2026-0501-006"
    assert not [f for f in result.findings if f.cell in ("A5", "A6")]
    once = path.read_bytes()
    weekly(tmp_path, TODAY)
    assert path.read_bytes() == once


def test_weekly__a_guest_gets_no_ids(tmp_path):
    write(tmp_path / "台账.xlsx", LEADS.replace("X001", "").replace("X00", "线索-2026-0504-00"))
    (done,) = weekly(tmp_path, TODAY).files
    assert done.fixes == ()


@pytest.mark.parametrize("jobs", [1, 2])
def test_weekly__ids_in_several_processes(tmp_path, jobs, monkeypatch):
    monkeypatch.setattr(processes, "FILES_A_PROCESS", 1)
    for name in ("甲", "乙"):
        (tmp_path / f"{name}.xlsx").write_bytes(messy_book())
    files = weekly(tmp_path, TODAY, jobs=jobs).files
    assert [len(done.fixes) for done in files] == [2, 2]
