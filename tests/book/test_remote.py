"""Workbooks under URLs: read as files are, never written."""

import pickle
import re
import sys
from pathlib import Path

import fsspec
import pytest

from sheetcrm.book.find import Found, find_books
from sheetcrm.book.remote import RemotePath, fetched, located
from sheetcrm.errors import FileProblem, NothingToDo
from sheetcrm.workflows.check import check, remove_marks
from sheetcrm.workflows.lint import lint_files
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.weekly import weekly
from tests.command import run_command
from tests.workflows.workbooks import LEADS, TODAY, write

BUCKET = "memory://销售部"
BAD = LEADS.replace("|甲|线索|", "||线索|")


@pytest.fixture
def bucket(tmp_path):
    """A bucket with two workbooks, junk and a folder; its files by name."""
    store = fsspec.filesystem("memory")
    made = write(tmp_path / "made.xlsx", BAD).read_bytes()
    files = {
        "甲.xlsx": made,
        "乙 2.xlsx": made,
        "~$甲.xlsx": b"",
        "说明.txt": b"",
        "旧/丙.xlsx": made,
    }
    for name, data in files.items():
        store.pipe_file(f"/销售部/{name}", data)
    yield files
    store.rm("/销售部", recursive=True)


def names(found: Found) -> list[str]:
    return [str(path) for path in found.books]


def test_located__a_url_is_a_path_with_a_name(tmp_path):
    path = located("S3://bucket/销售部/甲 1.xlsx")
    assert isinstance(path, RemotePath)
    assert (str(path), path.name, path.stem) == (
        "s3://bucket/销售部/甲 1.xlsx",
        "甲 1.xlsx",
        "甲 1",
    )
    assert str(path.parent) == "s3://bucket/销售部"
    assert str(path.parent / "乙.xlsx") == "s3://bucket/销售部/乙.xlsx"
    assert {path, located(str(path)), pickle.loads(pickle.dumps(path))} == {path}
    assert type(located(Path("s3://bucket/a.xlsx"))) is RemotePath
    assert path.resolve() == path.absolute() == path
    assert path.is_absolute()


@pytest.mark.parametrize("text", ["a/b.xlsx", "C:/a.xlsx", "甲:乙.xlsx", "a:b"])
def test_located__a_path_stays_one(text):
    assert not isinstance(located(text), RemotePath)


def test_located__file_is_local(tmp_path):
    path = tmp_path / "甲 乙.xlsx"
    assert located(path.as_uri()) == path
    assert located(f"file://{path.as_posix()}" if sys.platform != "win32" else path) == path


def test_located__no_password_is_shown():
    with pytest.raises(FileProblem) as caught:
        located("sftp://me:secret@host/a.xlsx")
    assert "secret" not in str(caught.value)


def test_find_books__folder_glob_and_file(bucket):
    both = [f"{BUCKET}/乙 2.xlsx", f"{BUCKET}/甲.xlsx"]
    assert sorted(names(find_books([BUCKET]))) == both
    assert sorted(names(find_books([f"{BUCKET}/*.xlsx"]))) == both
    assert names(find_books([f"{BUCKET}/*/*.xlsx"])) == [f"{BUCKET}/旧/丙.xlsx"]
    assert names(find_books([f"{BUCKET}/甲.xlsx"])) == [f"{BUCKET}/甲.xlsx"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"{BUCKET}/没有.xlsx", "找不到"),
        ("nowhere://a/b.xlsx", "读取失败"),
        ("memory://空的", "找不到"),
    ],
)
def test_find_books__what_is_not_there(bucket, url, said):
    with pytest.raises(FileProblem, match=said):
        find_books([url])


def test_find_books__no_workbook_in_it(bucket):
    with pytest.raises(NothingToDo):
        find_books([f"{BUCKET}/*.txt"])


@pytest.mark.parametrize(
    ("scheme", "module", "package"),
    [
        ("s3", "s3fs", "s3fs"),
        ("oss", "ossfs", "ossfs"),
        ("http", "aiohttp", '"fsspec[http]"'),
        ("https", "aiohttp", '"fsspec[http]"'),
    ],
)
def test_find_books__the_adapter_that_is_missing_is_named(monkeypatch, scheme, module, package):
    for name in (module, "fsspec.implementations.http"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(FileProblem, match=re.escape(f"pip install {package}。")):
        find_books([f"{scheme}://bucket/a.xlsx"])


def test_find_books__without_fsspec_the_extra_is_named(monkeypatch):
    for module in ("fsspec", "fsspec.core", "fsspec.registry"):
        monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(FileProblem, match=r"sheetcrm\[cluster\]"):
        find_books(["s3://bucket/a.xlsx"])


def test_fetched__bytes_as_they_are_and_gone_afterwards(bucket):
    with fetched(located(f"{BUCKET}/甲.xlsx")) as copy:
        assert copy is not None
        assert copy.read_bytes() == bucket["甲.xlsx"]
    assert not copy.exists()
    with fetched(Path("甲.xlsx")) as none:
        assert none is None


def test_check__says_of_a_url_what_it_says_of_the_file(bucket, tmp_path):
    local = write(tmp_path / "甲.xlsx", BAD)
    here, there = check([str(local)], TODAY), check([f"{BUCKET}/甲.xlsx"], TODAY)
    expected = here.as_json()
    expected["files"][0]["path"] = f"{BUCKET}/甲.xlsx"
    for finding in expected["findings"]:
        finding["file"] = f"{BUCKET}/甲.xlsx"
    assert there.as_json() == expected


def test_lint__says_of_a_url_what_it_says_of_the_file(bucket):
    (linted,) = lint_files([f"{BUCKET}/甲.xlsx"])
    assert (linted.problem, linted.faults) == (None, ())


def test_weekly__sums_up_into_a_local_book_and_writes_nothing_else(bucket, tmp_path):
    into = tmp_path / "团队.xlsx"
    result = weekly(Path(BUCKET), TODAY, into)
    assert result.summary is not None
    assert len(result.summary.leads) == 2 * len(LEADS.strip().splitlines()[1:])
    assert [done.written for done in result.files] == [None, None]
    assert into.is_file()
    store = fsspec.filesystem("memory")
    assert {n: store.cat_file(f"/销售部/{n}") for n in bucket} == bucket


def test_write__urls_are_refused(bucket, tmp_path):
    one, into = [f"{BUCKET}/甲.xlsx"], Path(f"{BUCKET}/汇总.xlsx")
    for writing in (
        lambda: check(one, TODAY, write=True),
        lambda: check(one, TODAY, fix=True),
        lambda: remove_marks(one),
        lambda: summarise_books(one, TODAY),
        lambda: summarise_books(one, TODAY, into),
        lambda: weekly(Path(BUCKET), TODAY),
        lambda: weekly(Path(BUCKET), TODAY, into),
    ):
        with pytest.raises(FileProblem, match="只读不写"):
            writing()


def test_weekly__file_urls_are_written(tmp_path):
    write(tmp_path / "甲.xlsx")
    result = weekly(Path(tmp_path.as_uri()), TODAY)
    assert [done.written is not None for done in result.files] == [True]
    assert (tmp_path / "团队汇总.xlsx").is_file()


LOCAL_ONLY = (
    "import {url} --into {here}",
    "import {here} --into {url}",
    "adopt {url}",
    "undo {url}",
    "log {url}",
    "doctor {url}",
    "new -o {url}",
)


@pytest.mark.parametrize("command", LOCAL_ONLY)
def test_local__a_command_that_takes_no_url_says_so(command, tmp_path):
    here, url = write(tmp_path / "甲.xlsx"), "s3://销售部/乙.xlsx"
    arguments = command.format(url=url, here=here).split()
    result = run_command(*arguments)
    said = f"【{url}】这个命令不能用在网上的文件上。请先下载到这台电脑的文件夹里。"
    assert (result.exit_code, result.output.strip()) == (2, said)


def test_local__file_urls_are_files(tmp_path):
    sheet, book = write(tmp_path / "名单.xlsx"), write(tmp_path / "甲.xlsx")
    command = ["import", sheet.as_uri(), "--into", book.as_uri()]
    assert run_command(*command).exit_code in (0, 1)
    assert list(tmp_path.glob("*导入决定*"))
    assert run_command("log", book.as_uri()).output == "还没有改动过。\n"
