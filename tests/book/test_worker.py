"""The child process: answers, reuse, death, time."""

import os
import struct
import subprocess
import sys
from pathlib import Path

import pytest

from sheetcrm.book.read import Reader, read_book
from sheetcrm.book.worker import _allowed
from sheetcrm.errors import FileProblem
from tests.book.packages import corpus_files, needs_corpus, workbook


@pytest.fixture(scope="module")
def reader():
    with Reader() as open_reader:
        yield open_reader


def saved(folder: Path, data: bytes, name: str = "线索.xlsx") -> Path:
    path = folder / name
    path.write_bytes(data)
    return path


def test_reader__reads_and_is_reused(tmp_path: Path, reader: Reader) -> None:
    path = saved(tmp_path, workbook())
    first = reader.read(path)
    child = reader._child
    assert read_book(path, reader) == first
    assert first.sheets[0].rows == [["线索编号", "金额"], ["A-1", 5.0]]
    assert first.path == str(path)
    assert reader._child is child


def test_read_book__without_a_reader(tmp_path: Path) -> None:
    assert read_book(saved(tmp_path, workbook())).sheets[0].name == "线索"


def test_reader__problem_crosses_with_its_facts(tmp_path: Path, reader: Reader) -> None:
    child = reader._child
    with pytest.raises(FileProblem, match="PDF") as caught:
        reader.read(saved(tmp_path, b"%PDF-1.4"))
    assert caught.value.code == "FIL-02"
    assert reader._child is child


def test_reader__relative_path(
    tmp_path: Path, reader: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved(tmp_path, workbook())
    monkeypatch.chdir(tmp_path)
    assert reader.read("线索.xlsx").path == "线索.xlsx"


def test_child__waits_for_no_numbers_library() -> None:
    """Every command starts a child: what it does not need would be waited for each time."""
    needed = "import sys, sheetcrm.book.parse, sheetcrm.book.sniff; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", needed], capture_output=True, check=True)
    assert {b"numpy", b"pandas", b"xlsxwriter"}.isdisjoint(done.stdout.split())


def test_reader__dead_child_is_replaced(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook())
    with Reader() as reader:
        reader.read(path)
        assert reader._child is not None
        reader._child.kill()
        reader._child.wait()
        assert reader.read(path).sheets


def endless_xls() -> bytes:
    """Return an .xls whose only allocation sector names itself as the next one."""
    header = struct.pack(
        "<8s16xHHHHH6xIIIIIIIIII",
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        *(0x3E, 3, 0xFFFE, 9, 6),
        *(0, 1, 0, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0, 0),
    )
    return header.ljust(512, b"\xff") + struct.pack("<128I", *[0] * 128)


def test_reader__child_that_dies_on_a_file_is_one_file(tmp_path: Path) -> None:
    good, bad = saved(tmp_path, workbook()), saved(tmp_path, endless_xls(), "坏.xls")
    with Reader(memory=400 << 20) as reader:
        with pytest.raises(FileProblem, match="坏"):
            reader.read(bad)
        child = reader._child
        assert child is not None
        child.kill()
        child.wait()
        assert reader.read(good).sheets
        assert reader._child is not child


def test_reader__time_limit(tmp_path: Path) -> None:
    path = saved(tmp_path, workbook())
    with Reader(seconds=0.000001) as reader, pytest.raises(FileProblem, match="放弃"):
        reader.read(path)


@pytest.mark.skipif(os.name == "nt", reason="a process has no such limit there")
def test_reader__under_a_hard_limit_of_time(tmp_path: Path) -> None:
    code = (
        "import resource, sys; resource.setrlimit(resource.RLIMIT_CPU, (30, 30));"
        "from sheetcrm.book.read import read_book; print(len(read_book(sys.argv[1]).sheets))"
    )
    command = [sys.executable, "-c", code, str(saved(tmp_path, workbook()))]
    said = subprocess.run(command, capture_output=True, check=False, text=True)
    assert said.stdout.strip() == "1", said.stderr


@needs_corpus
@pytest.mark.parametrize(
    "folder",
    ["gen_bomb", "gen_container", "gen_csv", "gen_dim", "gen_sheet", "gen_xml", "gen_zip", "real"],
)
def test_reader__survives_every_malformed_file(folder: str, reader: Reader) -> None:
    files = corpus_files(f"malformed/{folder}")
    assert files
    for path in files:
        try:
            book = reader.read(path)
        except FileProblem:
            continue
        assert book.path == str(path)


@pytest.mark.parametrize(("megabytes", "expected"), [(0, 60), (10, 60), (25, 150), (500, 600)])
def test_allowed__big_files_may_take_longer_but_not_for_ever(tmp_path, megabytes, expected):
    path = tmp_path / "大.xlsx"
    with path.open("wb") as file:
        file.truncate(megabytes << 20)
    assert _allowed(60.0, str(path)) == expected


def test_allowed__a_missing_file_has_the_usual_time(tmp_path):
    assert _allowed(60.0, str(tmp_path / "无.xlsx")) == 60.0
