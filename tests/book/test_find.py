"""Which files are the workbooks: folders, globs, junk, copies."""

import os
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
        "线索-ZHANGWEI-PC.xlsx",
        "线索-MacBook-Pro.xlsx",
        "线索-Zhang's MacBook Pro.xlsx",
        "线索（冲突副本）.xlsx",
        "线索_冲突文件_20240501.xlsx",
        "线索_conflict-20240501-101010.xlsx",
        "线索.sync-conflict-20240501-103000-ABCDEFG.xlsx",
        "线索 (SFConflict zhang@x.com 2024-05-01-10-10-10).xlsx",
        "线索 (Case Conflict).xlsx",
        "线索的副本.xlsx",
        "线索 - 复制.xlsx",
        "线索_副本(3).xlsx",
        "线索 copy 2.xlsx",
        "Copy of 线索.xlsx",
        "线索 - 副本 - 副本.xlsx",
        "线索(1)(1).xlsx",
        "线索 [2].xlsx",
        "线索-备份20240501.xlsx",
        "线索（备份）.xlsx",
        "备份 线索.xlsx",
        "线索 [Repaired].xlsx",
        "线索 [已修复].xlsx",
        "线索(自动保存).xlsx",
        "线索 (AutoRecovered).xlsx",
        "线索.xls",
        "线索 - 副本.xls",
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
    assert [(f.code, Path(f.file).name) for f in found.findings] == [("FIL-09", name)]


def test_find__ordinary_names_are_no_copies(tmp_path: Path) -> None:
    wanted = [
        *("线索-2月.xlsx", "线索-张伟.xlsx", "线索.xlsx", "线索2024.xlsx", "线索_华东.xlsx"),
        *("线索-East.xlsx", "线索 华东(新).xlsx", "线索-PCB.xlsx", "线索-Macao.xlsx"),
    ]
    found = find_books([folder(tmp_path, *wanted)])
    assert sorted(p.name for p in found.books) == sorted(wanted)
    assert found.findings == ()


def test_find__numbered_names_are_copies_only_with_the_same_content(tmp_path: Path) -> None:
    for name, content in (("线索.xlsx", b"a"), ("线索 2.xlsx", b"a"), ("线索 3.xlsx", b"b")):
        (tmp_path / name).write_bytes(content)
    found = find_books([tmp_path])
    assert sorted(p.name for p in found.books) == ["线索 3.xlsx", "线索.xlsx"]
    assert [(f.code, Path(f.file).name) for f in found.findings] == [("FIL-08", "线索 2.xlsx")]


def test_find__copies_of_two_originals_and_of_none(tmp_path: Path) -> None:
    """Each file is in exactly one place: counted, or said to be left out; said once."""
    there = ["甲.xlsx", "甲(1).xlsx", "乙 - 副本.xlsx", "乙(2).xlsx", "丙.xls", "丙.xlsx"]
    found = find_books([folder(tmp_path, *there)])
    out = [Path(f.file).name for f in found.findings if f.code == "FIL-08"]
    assert sorted(out) == ["丙.xls", "甲(1).xlsx"]
    assert sorted([*out, *(p.name for p in found.books)]) == sorted(there)
    assert len({f.file for f in found.findings}) == len(found.findings)


def test_find__a_new_kind_beside_a_named_old_one(tmp_path: Path) -> None:
    folder(tmp_path, "丙.xls", "丙.xlsx")
    assert names(tmp_path / "丙.xls") == ["丙.xls"]


def test_find__named_copy_counts(tmp_path: Path) -> None:
    folder(tmp_path, "线索.xlsx", "线索(1).xlsx")
    assert names(tmp_path / "线索(1).xlsx") == ["线索(1).xlsx"]
    assert names(tmp_path / "线索(1).xlsx", tmp_path) == ["线索(1).xlsx", "线索.xlsx"]


def test_find__each_file_once(tmp_path: Path) -> None:
    folder(tmp_path, "甲.xlsx", "乙.xlsx")
    assert names(tmp_path / "甲.xlsx", tmp_path, tmp_path / "*.xlsx") == ["甲.xlsx", "乙.xlsx"]


@pytest.mark.skipif(os.name == "nt", reason="links need special rights on Windows")
def test_find__each_file_once_however_it_is_spelled(tmp_path: Path) -> None:
    inside = folder(tmp_path / "部", "甲.xlsx")
    (tmp_path / "链.xlsx").symlink_to(inside / "甲.xlsx")
    (tmp_path / "部门").symlink_to(inside)
    spelled = (inside / "甲.xlsx", inside / ".." / "部" / "甲.xlsx", tmp_path / "链.xlsx")
    assert find_books([*spelled, tmp_path / "部门", tmp_path]).books == (inside / "甲.xlsx",)


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
