"""weekly: a folder of workbooks, one team workbook, one bad file never stops the rest."""

import shutil
from pathlib import Path

import pytest

from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.kit.load import load_kit
from sheetcrm.workflows import processes
from sheetcrm.workflows import weekly as weeks
from sheetcrm.workflows.new import NewOptions, new
from sheetcrm.workflows.weekly import TEAM_BOOK, TeamResult, weekly
from tests.workflows.workbooks import LEADS, SUMMARIES, TODAY, sheet_names, write

TABS = [*SUMMARIES, "校验结果"]


def folder(tmp_path: Path) -> Path:
    write(tmp_path / "甲.xlsx")
    write(tmp_path / "乙.xlsx", LEADS.replace("X0", "Y0").replace("1380013", "1380014"))
    return tmp_path


@pytest.fixture(scope="module")
def untouched(tmp_path_factory) -> Path:
    """A folder as people filled it in, not to be changed."""
    return folder(tmp_path_factory.mktemp("团队"))


@pytest.fixture(scope="module")
def first(untouched, tmp_path_factory) -> tuple[Path, TeamResult]:
    """The folder after its first week, not to be changed, and what the run said."""
    place = shutil.copytree(untouched, tmp_path_factory.mktemp("一周"), dirs_exist_ok=True)
    return place, weekly(place, TODAY)


@pytest.fixture
def done(first, tmp_path) -> Path:
    """A folder after its first week."""
    copy: Path = shutil.copytree(first[0], tmp_path, dirs_exist_ok=True)
    return copy


def test_weekly__each_workbook_and_the_team(first):
    place, result = first
    for name in ("甲.xlsx", "乙.xlsx"):
        assert sheet_names(place / name) == ["客户台账", "我的", "阶段日志", *TABS]
    assert sheet_names(place / TEAM_BOOK) == [*SUMMARIES, "团队明细", "校验结果"]
    assert result.summary is not None
    assert result.summary.population.leads == 8
    assert {row.name: row.leads for row in result.summary.by_owner} == {"甲": 4, "乙": 4}


def test_weekly__twice_is_once(done):
    before = {p.name: p.read_bytes() for p in done.glob("*.xlsx")}
    result = weekly(done, TODAY)
    assert {p.name: p.read_bytes() for p in done.glob("*.xlsx")} == before
    assert {done.path.name for done in result.files} == {"甲.xlsx", "乙.xlsx"}


def test_weekly__two_processes_give_the_same(untouched, first, tmp_path, monkeypatch):
    monkeypatch.setattr(processes, "FILES_A_PROCESS", 1)
    one, single = first
    double = weekly(shutil.copytree(untouched, tmp_path, dirs_exist_ok=True), TODAY, jobs=2)
    assert single.summary is not None
    assert double.summary is not None
    assert single.summary.as_json() == double.summary.as_json()
    for name in ("甲.xlsx", "乙.xlsx", TEAM_BOOK):
        assert (one / name).read_bytes() == (tmp_path / name).read_bytes()


def test_weekly__a_bad_file_is_reported_and_the_rest_go_on(tmp_path):
    folder(tmp_path)
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04" + b"not a package" * 9)
    result = weekly(tmp_path, TODAY)
    bad = [f for f in result.findings if f.file.endswith("坏.xlsx")]
    assert [f.code for f in bad] == ["FIL-01"]
    assert result.summary is not None
    assert result.summary.population.leads == 8


def test_weekly__a_team_workbook_elsewhere_named_is_never_input(tmp_path):
    folder(tmp_path)
    weekly(tmp_path, TODAY, tmp_path / "部门.xlsx")
    result = weekly(tmp_path, TODAY, tmp_path / "部门.xlsx")
    assert {done.path.name for done in result.files} == {"甲.xlsx", "乙.xlsx"}
    again = weekly(tmp_path, TODAY)
    assert {done.path.name for done in again.files} == {"甲.xlsx", "乙.xlsx"}


def test_weekly__an_open_team_workbook_does_not_undo_the_rest(done):
    before = (done / TEAM_BOOK).read_bytes()
    write(done / "甲.xlsx", LEADS.replace("|7.5", "|9.5"))
    (done / f".~lock.{TEAM_BOOK}#").write_text(",经理,电脑,30.06.2026 09:00,;", "utf-8")
    result = weekly(done, TODAY)
    assert result.team is None
    assert [f.code for f in result.findings if f.code.startswith("FIL")] == ["FIL-07"]
    assert (done / TEAM_BOOK).read_bytes() == before
    assert sheet_names(done / "甲.xlsx") == ["客户台账", "我的", "阶段日志", *TABS]


def test_weekly__a_folder_of_summaries_only(done):
    for name in ("甲.xlsx", "乙.xlsx"):
        (done / name).unlink()
    with pytest.raises(NothingToDo):
        weekly(done, TODAY)


def test_weekly__a_file_instead_of_a_folder(tmp_path):
    path = write(tmp_path / "甲.xlsx")
    before = path.read_bytes()
    with pytest.raises(FileProblem):
        weekly(path, TODAY)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["甲.xlsx"]


def test_weekly__a_new_workbook_nobody_has_filled_in(tmp_path):
    new(tmp_path / "新.xlsx", load_kit(), NewOptions(rows=20, owners=("甲",)), TODAY)
    result = weekly(tmp_path, TODAY)
    assert [f for f in result.findings if f.severity == "error"] == []
    assert result.summary is not None
    assert result.summary.population.leads == 0


def test_weekly__an_empty_folder(tmp_path):
    with pytest.raises(NothingToDo):
        weekly(tmp_path, TODAY)


def test_weekly__more_leads_than_a_sheet_holds(tmp_path, monkeypatch):
    monkeypatch.setattr(weeks, "MOST_LEADS", 3)
    write(tmp_path / "甲.xlsx")
    result = weekly(tmp_path, TODAY)
    assert [(f.code, Path(f.file).name) for f in result.findings][-1:] == [("FIL-01", TEAM_BOOK)]
    assert result.team is None
    assert result.summary is not None
    assert [done.written is not None for done in result.files] == [True]
    assert not (tmp_path / TEAM_BOOK).exists()
