"""Second runs: an unchanged workbook is not read again, and nobody can tell by the result."""

import json
import os
import pickle

import pytest

from sheetcrm.book import worker
from sheetcrm.book.cache import VARIABLE, user_cache
from sheetcrm.workflows import remember
from sheetcrm.workflows.check import check
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import TEAM_BOOK, TeamResult, weekly
from tests.workflows.workbooks import LEADS, TODAY, parts, write

FILES = ("甲.xlsx", "乙.xlsx")
FOLLOW_UPS = """
跟进记录ID|线索编号|客户名称|跟进时间|跟进人|跟进方式|跟进内容|附件
GJ001|X001|明禾机械公司|2026-06-20|甲|电话|谈了预算|合同.pdf
"""


@pytest.fixture
def kept(tmp_path, monkeypatch):
    monkeypatch.setenv(VARIABLE, str(tmp_path / "cache"))
    user_cache.cache_clear()
    return tmp_path / "cache"


@pytest.fixture
def team(tmp_path):
    folder = tmp_path / "team"
    folder.mkdir()
    write(folder / "甲.xlsx")
    write(folder / "乙.xlsx", LEADS.replace("X0", "Y0").replace("1380013", "1380014"))
    return folder


@pytest.fixture
def read(monkeypatch):
    """Return the names of the files that are read, as they are."""
    names = []
    whole = worker.Reader.read

    def reading(self, path, *more):
        names.append(os.path.basename(path))  # noqa: PTH119
        return whole(self, path, *more)

    monkeypatch.setattr(worker.Reader, "read", reading)
    return names


def text(result: TeamResult) -> str:
    return json.dumps(result.as_json(), ensure_ascii=False)


def test_weekly__second_run_reads_nothing_and_says_the_same(team, kept, read, monkeypatch):
    weekly(team, TODAY)
    before = {p.name: p.read_bytes() for p in team.glob("*.xlsx")}
    assert set(read) == {*FILES}
    read.clear()
    second = weekly(team, TODAY)
    assert read == []
    assert [done.written.changed for done in second.files if done.written] == [False, False]
    assert second.team is not None
    assert not second.team.changed
    monkeypatch.setenv(VARIABLE, "off")
    user_cache.cache_clear()
    assert text(second) == text(weekly(team, TODAY))
    assert {p.name: p.read_bytes() for p in team.glob("*.xlsx")} == before


def test_weekly__another_day_is_another_run(team, kept, read):
    weekly(team, TODAY)
    read.clear()
    weekly(team, TODAY.replace(day=29))
    assert set(read) == {*FILES, TEAM_BOOK}


def test_weekly__only_what_changed_is_read_again(team, kept, read):
    weekly(team, TODAY)
    read.clear()
    write(team / "乙.xlsx", LEADS.replace("X0", "Y0").replace("明禾", "新禾"))
    result = weekly(team, TODAY)
    assert read == ["乙.xlsx", TEAM_BOOK]
    assert result.summary is not None
    assert "新禾机械公司" in set(result.summary.leads["company"])


def test_weekly__a_changed_team_workbook_is_written_again(team, kept):
    weekly(team, TODAY)
    whole = (team / TEAM_BOOK).read_bytes()
    (team / TEAM_BOOK).unlink()
    result = weekly(team, TODAY)
    assert result.team is not None
    assert result.team.changed
    assert (team / TEAM_BOOK).read_bytes() == whole


def test_check__an_attachment_that_appears_is_seen(tmp_path, kept):
    path = write(tmp_path / "甲.xlsx", FOLLOW_UPS, "跟进记录")
    missing = [f.code for f in check([str(path)], TODAY).findings]
    assert "REF-05" in missing
    (tmp_path / "合同.pdf").write_bytes(b"")
    assert "REF-05" not in [f.code for f in check([str(path)], TODAY).findings]


def test_summarise__an_attachment_that_appears_changes_the_team_workbook(tmp_path, kept):
    """The workbooks themselves stay byte for byte: nothing is written into them."""
    write(tmp_path / "甲.xlsx")
    write(tmp_path / "乙.xlsx", FOLLOW_UPS, "跟进记录")
    into, books = tmp_path / "汇总" / "团队.xlsx", [str(tmp_path)]
    first = summarise_books(books, TODAY, into)
    assert "REF-05" in [f.code for f in first.findings]
    (tmp_path / "合同.pdf").write_bytes(b"")
    second = summarise_books(books, TODAY, into)
    assert "REF-05" not in [f.code for f in second.findings]
    assert second.team is not None
    assert second.team.changed
    assert "合同.pdf" not in str(parts(into).values())


def test_check__moved_files_are_called_by_their_new_path(tmp_path, kept):
    one = write(tmp_path / "甲.xlsx", LEADS.replace("X002", "X001"))
    first = check([str(one)], TODAY)
    two = one.rename(tmp_path / "乙.xlsx")
    second = check([str(two)], TODAY)
    assert {f.file for f in second.findings} == {str(two)}
    assert [f.code for f in second.findings] == [f.code for f in first.findings]


def test_recall__another_program_kept_nothing_for_us(kept, monkeypatch):
    remember.keep(remember.key_of("a"), 1)
    found = remember.recall(remember.key_of("a"))
    assert found is not None
    assert found.result == 1
    monkeypatch.setattr(remember, "program", lambda: {"sheetcrm": "edited"})
    assert remember.recall(remember.key_of("a")) is None


@pytest.mark.parametrize("data", [b"", b"\x80\x04nothing", pickle.dumps("other")])
def test_recall__what_is_no_result_of_ours_is_none(kept, data):
    user_cache().put(remember.key_of("a"), data)
    assert remember.recall(remember.key_of("a")) is None


def test_recall__holds_only_for_the_files_as_they_were(kept, tmp_path):
    path = tmp_path / "汇总.xlsx"
    path.write_bytes(b"1")
    remember.keep(remember.key_of("a"), 1, [(str(path), remember.hash_of(path))])
    assert remember.recall(remember.key_of("a")) is not None
    path.write_bytes(b"2")
    assert remember.recall(remember.key_of("a")) is None
