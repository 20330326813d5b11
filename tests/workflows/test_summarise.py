"""summarise: tabs written back into the user's own workbook, in place, and nothing else."""

from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest

from sheetcrm.errors import FileProblem, IntoMissing
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TeamResult
from tests.workflows.workbooks import SUMMARIES, TODAY, parts, sheet_names, write

TABS = [*SUMMARIES, "校验结果"]
SHARED = {"[Content_Types].xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"}


def run(path: Path) -> TeamResult:
    return summarise_books([str(path)], TODAY)


def test_summarise__tabs_at_the_end_and_every_user_part_as_it_was(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    before = parts(path)
    result = run(path)
    assert sheet_names(path) == ["客户台账", "我的", "阶段日志", *TABS]
    after = parts(path)
    assert {name for name in before if before[name] != after.get(name)} <= SHARED
    assert result.summary is not None
    population = result.summary.population
    assert (population.leads, population.open, population.won, population.lost) == (4, 2, 1, 1)
    assert result.summary.totals.won_amount == 75_000  # 7.5 万元


def test_summarise__second_run_changes_nothing(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    first = path.read_bytes()
    again = run(path)
    assert path.read_bytes() == first
    assert [f.written.changed for f in again.files if f.written] == [False]


def test_summarise__new_data_replace_the_tabs_where_they_stand(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    repack(path, "漏斗分析", "我的漏斗")  # the user renamed the tab, and everything that names it
    repack(path, "<v>7.5</v>", "<v>9</v>")
    result = run(path)
    renamed = ["我的漏斗" if name == "漏斗分析" else name for name in TABS]
    assert sheet_names(path) == ["客户台账", "我的", "阶段日志", *renamed]
    assert result.summary is not None
    assert result.summary.totals.won_amount == 90_000


def repack(path: Path, old: str, new: str) -> None:
    """Save the workbook with a text replaced in every XML part that has it."""
    data = parts(path)
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, content in data.items():
            xml = name.endswith((".xml", ".rels"))
            archive.writestr(name, content.decode().replace(old, new) if xml else content)


def test_summarise__a_card_number_among_the_amounts_is_no_reason_not_to_write(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    repack(path, "<v>7.5</v>", "<v>622202123456.789</v>")  # 万元
    result = run(path)
    assert result.done
    assert sheet_names(path)[-1] == "校验结果"


def test_summarise__what_people_typed_into_a_tab_is_reported(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    run(path)
    repack(path, "<t>每个阶段到达过", "<t>我改过的标题")
    found = [f for f in run(path).findings if f.code == "SUM-02"]
    assert [(f.sheet, f.cell) for f in found] == [("漏斗分析", "A2")]
    assert "我改过的标题" not in parts(path)["xl/workbook.xml"].decode()
    assert not [f for f in run(path).findings if f.code == "SUM-02"]


def test_summarise__several_workbooks_need_a_place(tmp_path):
    write(tmp_path / "a.xlsx")
    write(tmp_path / "b.xlsx")
    with pytest.raises(IntoMissing):
        summarise_books([str(tmp_path)], TODAY)
    assert sheet_names(tmp_path / "a.xlsx") == ["客户台账", "我的"]


def test_summarise__several_into_one_leave_the_inputs_alone(tmp_path):
    first, second = write(tmp_path / "a.xlsx"), write(tmp_path / "b.xlsx")
    before = (first.read_bytes(), second.read_bytes())
    into = tmp_path / "汇总" / "全队.xlsx"
    result = summarise_books([str(tmp_path)], TODAY, into)
    assert (first.read_bytes(), second.read_bytes()) == before
    assert sheet_names(into) == [*SUMMARIES, "团队明细", "校验结果"]
    assert result.summary is not None
    assert result.summary.population.leads == 8


def test_summarise__open_in_excel_is_refused_and_unchanged(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    before = path.read_bytes()
    owner = bytes([2]) + "张伟".encode("utf-16-le").ljust(54, b" ") + b"\0" * 110
    (tmp_path / "~$台账.xlsx").write_bytes(owner)
    result = run(path)
    assert [f.code for f in result.findings if f.code.startswith("FIL")] == ["FIL-07"]
    assert path.read_bytes() == before


def test_summarise__a_file_that_cannot_take_tabs_gets_one_beside(tmp_path):
    path = write(tmp_path / "台账.xlsx")
    data = parts(path)
    protected = data["xl/workbook.xml"].replace(
        b"<bookViews>", b'<workbookProtection lockStructure="1"/><bookViews>'
    )
    with ZipFile(path, "w") as archive:
        for name, content in data.items():
            archive.writestr(name, protected if name == "xl/workbook.xml" else content)
    before = path.read_bytes()
    result = run(path)
    (done,) = result.files
    assert done.written is not None
    assert done.written.refused
    assert done.written.path == tmp_path / "台账-汇总.xlsx"
    assert path.read_bytes() == before
    assert sheet_names(done.written.path) == TABS
    assert [f.written.changed for f in run(path).files if f.written] == [False]


def test_summarise__no_table_we_know(tmp_path):
    path = write(tmp_path / "别的.xlsx", "甲 | 乙\n1 | 2\n")
    before = path.read_bytes()
    result = run(path)
    assert [f.code for f in result.findings] == ["HDR-01"]
    assert not result.done
    assert path.read_bytes() == before


def test_summarise__missing_file(tmp_path):
    with pytest.raises(FileProblem):
        summarise_books([str(tmp_path / "没有.xlsx")], TODAY)
