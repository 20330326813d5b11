"""Which files are the workbooks: folders, globs, junk, copies."""

from pathlib import Path

import pytest

from sheetcrm.book.find import find_books
from sheetcrm.errors import FileProblem, NothingToDo


def folder(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def names(*paths: str | Path) -> list[str]:
    return [p.name for p in find_books(paths).books]


def test_find__workbooks_of_a_folder_in_natural_order(tmp_path: Path) -> None:
    folder(tmp_path, "10月.xlsx", "2月.XLSX", "宏.xlsm", "旧.xls", "说明.docx", "名单.csv")
    assert names(tmp_path) == ["2月.XLSX", "10月.xlsx", "宏.xlsm", "旧.xls"]


def test_find__junk_never_counts(tmp_path: Path) -> None:
    folder(
        tmp_path,
        "表.xlsx",
        "~$表.xlsx",
        ".~表.xlsx",
        ".~lock.表.xlsx#",
        "._表.xlsx",
        "~$sc01234567.tmp",
        ".sheetcrm/backup/表.xlsx/20240101-a.xlsx",
        "@eaDir/表.xlsx",
    )
    assert names(tmp_path) == ["表.xlsx"]
    assert names(tmp_path / "**" / "*.xlsx") == ["表.xlsx"]


@pytest.mark.parametrize(
    "copy",
    [
        "线索-DESKTOP-ABC123.xlsx",
        "线索_PC_Jan-03-0901-2013_CaseConflict_1.xlsx",
        "线索_Conflict.xlsx",
        "线索-冲突-张伟.xlsx",
        "线索-NSConflict-张伟.xlsx",
        "线索-副本.xlsx",
        "线索 - 副本.xlsx",
        "线索 - 副本 (2).xlsx",
        "副本 线索.xlsx",
        "线索(1).xlsx",
        "线索（2）.xlsx",
        "线索 (冲突副本 2024-05-01).xlsx",
        "线索 (张伟's conflicted copy 2024-05-01).xlsx",
        "线索.sheetcrm-new.xlsx",
    ],
)
def test_find__copy_beside_its_original(tmp_path: Path, copy: str) -> None:
    found = find_books([folder(tmp_path, "线索.xlsx", copy)])
    assert [p.name for p in found.books] == ["线索.xlsx"]
    assert [(f.code, Path(f.file).name) for f in found.findings] == [("FIL-08", copy)]
    assert "线索.xlsx" in found.findings[0].message


@pytest.mark.parametrize("name", ["线索(1).xlsx", "线索-副本.xlsx", "线索-DESKTOP-ABC123.xlsx"])
def test_find__copy_alone_counts(tmp_path: Path, name: str) -> None:
    found = find_books([folder(tmp_path, name)])
    assert [p.name for p in found.books] == [name]
    assert found.findings == ()


def test_find__ordinary_names_are_no_copies(tmp_path: Path) -> None:
    wanted = ["线索-2月.xlsx", "线索-张伟.xlsx", "线索.xlsx", "线索2024.xlsx", "线索_华东.xlsx"]
    assert sorted(names(folder(tmp_path, *wanted))) == sorted(wanted)


def test_find__named_copy_counts(tmp_path: Path) -> None:
    folder(tmp_path, "线索.xlsx", "线索(1).xlsx")
    assert names(tmp_path / "线索(1).xlsx") == ["线索(1).xlsx"]
    assert names(tmp_path / "线索(1).xlsx", tmp_path) == ["线索(1).xlsx", "线索.xlsx"]


def test_find__each_file_once(tmp_path: Path) -> None:
    folder(tmp_path, "甲.xlsx", "乙.xlsx")
    assert names(tmp_path / "甲.xlsx", tmp_path, tmp_path / "*.xlsx") == ["甲.xlsx", "乙.xlsx"]


def test_find__named_file_of_any_suffix(tmp_path: Path) -> None:
    assert names(folder(tmp_path, "导出.tmp") / "导出.tmp") == ["导出.tmp"]


def test_find__brackets_in_a_real_name(tmp_path: Path) -> None:
    assert names(folder(tmp_path, "线索[华东].xlsx") / "线索[华东].xlsx") == ["线索[华东].xlsx"]


def test_find__missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="找不到"):
        find_books([tmp_path / "没有.xlsx"])


@pytest.mark.parametrize("path", [".", "*.xlsx"])
def test_find__nothing_there(tmp_path: Path, path: str) -> None:
    folder(tmp_path, "说明.docx")
    with pytest.raises(NothingToDo):
        find_books([tmp_path / path])


def test_find__hint_at_subfolders(tmp_path: Path) -> None:
    folder(tmp_path, "张伟/线索.xlsx", "李娜/线索.xlsx")
    with pytest.raises(NothingToDo, match="2 个"):
        find_books([tmp_path])
