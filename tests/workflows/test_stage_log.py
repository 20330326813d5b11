"""阶段日志 in a workbook: each run appends what changed since the last one, and nothing else."""

from datetime import date, timedelta
from pathlib import Path

from sheetcrm.book.cells import set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.read import read_book
from sheetcrm.book.target import open_target
from sheetcrm.table import Cell, RawSheet
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TeamResult
from tests.workflows.workbooks import TODAY, parts, write

LATER = TODAY + timedelta(days=7)


def run(path: Path, day: date = TODAY) -> TeamResult:
    return summarise_books([str(path)], day)


def log(path: Path) -> RawSheet:
    tab = read_book(path).tab("stage_log")
    assert tab is not None
    return tab


def lines(path: Path) -> list[list[Cell]]:
    """Return the log's lines: 日期, 线索编号, 项目, 原值, 新值, 来源."""
    return [[row[i] for i in (0, 1, 3, 4, 5, 7)] for row in log(path).rows[4:]]


def change(path: Path, cells: dict[str, object], sheet: str = "客户台账") -> None:
    result = set_cells(open_target(path), {sheet: cells})  # type: ignore[dict-item]
    assert not result.kept
    path.write_bytes(result.data)


def test_stage_log__first_run_records_where_every_lead_stands(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    assert log(path).name == "阶段日志"
    assert lines(path) == [
        [TODAY, "X001", "新增", None, "线索", "首次记录"],
        [TODAY, "X002", "新增", None, "意向", "首次记录"],
        [TODAY, "X003", "新增", None, "成交", "首次记录"],
        [TODAY, "X004", "新增", None, "流失", "首次记录"],
    ]
    assert [row[9] for row in log(path).rows[4:]] == [50000, 120000, 75000, 30000]


def test_stage_log__a_later_run_without_changes_writes_no_line(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    before = parts(path)
    sheet = next(name for name, part in before.items() if "首次记录".encode() in part)
    run(path, LATER)
    assert parts(path)[sheet] == before[sheet]


def test_stage_log__changes_are_appended_once(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    change(path, {"I2": "意向", "H3": "丙", "J3": 11})
    result = run(path, LATER)
    told = [
        [LATER, "X001", "阶段", "线索", "意向", "与上次对比"],
        [LATER, "X002", "负责人", "甲", "丙", "与上次对比"],
        [LATER, "X002", "金额", 120000, 110000, "与上次对比"],
    ]
    assert lines(path)[4:] == told
    assert not lint(path.read_bytes(), ["阶段日志"])
    assert result.summary is not None
    events = result.summary.events
    mine = events[(events["lead"] == 0) & (events["stage"] == "意向")]
    assert mine[["entered_on", "provenance"]].to_numpy().tolist()[0][1] == "observed"
    assert mine["entered_on"].dt.date.tolist() == [LATER]

    once = path.read_bytes()
    run(path, LATER)
    assert path.read_bytes() == once


def test_stage_log__vanished_rows_are_recorded_and_told(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    change(path, dict.fromkeys([f"{letter}5" for letter in "ABCDEFGHIJM"]))
    result = run(path, LATER)
    assert lines(path)[4:] == [[LATER, "X004", "删除", "流失", None, "与上次对比"]]
    assert result.summary is not None
    assert any("1条线索已不在表中" in line for line in result.summary.assumptions)


def test_stage_log__what_people_typed_and_sorted_stays(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    typed = {"A9": date(2026, 5, 20), "B9": "X002", "D9": "阶段", "F9": "意向"}
    change(path, {**typed, "B5": "X002", "B6": "X001", "F5": "意向", "F6": "线索"}, "阶段日志")
    change(
        path, {"C5": "东方物流公司", "C6": "明禾机械公司", "J5": 120000, "J6": 50000}, "阶段日志"
    )
    result = run(path, LATER)
    assert [row[:2] for row in lines(path)] == [
        [TODAY, "X002"],
        [TODAY, "X001"],
        [TODAY, "X003"],
        [TODAY, "X004"],
        [date(2026, 5, 20), "X002"],
    ]
    assert result.summary is not None
    events = result.summary.events
    mine = events[(events["lead"] == 1) & (events["stage"] == "意向")]
    assert mine["provenance"].tolist() == ["logged"]
    change(path, {"I2": "意向"})
    run(path, LATER)
    assert lines(path)[5:] == [[LATER, "X001", "阶段", "线索", "意向", "与上次对比"]]


def test_stage_log__a_copied_workbook_goes_on_by_itself(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    copy = tmp_path / "别处" / "副本.xlsx"
    copy.parent.mkdir()
    copy.write_bytes(path.read_bytes())
    change(copy, {"I2": "意向"})
    run(copy, LATER)
    assert len(lines(copy)) == 5


def test_stage_log__lost_headings_are_said_and_cost_no_figures(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    change(path, {"D4": "什么"}, "阶段日志")
    result = run(path, LATER)
    assert [f.sheet for f in result.findings if f.code == "SUM-03"] == ["阶段日志"]
    assert result.summary is not None


def test_stage_log__a_summary_of_several_workbooks_writes_none(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    summarise_books([str(path)], TODAY, tmp_path / "汇总.xlsx")
    assert read_book(path).tab("stage_log") is None
    assert read_book(tmp_path / "汇总.xlsx").tab("stage_log") is None
