"""What a job cannot be done for less: the bare libraries below it, without any of our work."""

import io
import pickle
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import python_calamine
import xlsxwriter
from xlsxwriter.worksheet import Worksheet

Job = Callable[[], object]
Rows = Sequence[Sequence[object]]
Sheets = Mapping[str, Rows]

_CHILD = "import sys; from benchmarks.floors import hand_back; hand_back(sys.argv[1])"


def crc_and_calamine_in_child(path: str) -> Job:
    """Return a CRC pass and a calamine read in a child process that hands the values back."""

    def job() -> object:
        child = subprocess.Popen([sys.executable, "-c", _CHILD, path], stdout=subprocess.PIPE)
        assert child.stdout is not None
        with child:
            return pickle.loads(child.stdout.read())

    return job


def hand_back(path: str) -> None:
    """Be that child."""
    data = Path(path).read_bytes()
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        package.testzip()
    pickle.dump(_values(data), sys.stdout.buffer, pickle.HIGHEST_PROTOCOL)


def calamine(path: str) -> Job:
    """Return a calamine read in this process."""
    return lambda: _values(Path(path).read_bytes())


def _values(data: bytes) -> list[list[list[object]]]:
    book = python_calamine.load_workbook(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def copy_zip(path: str, target: str) -> Job:
    """Return a copy of every part's compressed bytes into a new package."""

    def job() -> None:
        with (
            Path(path).open("rb") as data,
            zipfile.ZipFile(data) as old,
            zipfile.ZipFile(target, "w") as new,
        ):
            assert new.fp is not None
            for info in old.infolist():
                data.seek(info.header_offset + 26)
                head = data.read(4)
                size = 30 + int.from_bytes(head[:2], "little") + int.from_bytes(head[2:], "little")
                data.seek(info.header_offset)
                info.header_offset = new.fp.tell()
                new.fp.write(data.read(size + info.compress_size))
                new.filelist.append(info)
                new.NameToInfo[info.filename] = info
            new.start_dir = new.fp.tell()

    return job


def bare_xlsxwriter(like: str, target: str) -> Job:
    """Return the writing of the cells of a workbook that hold something, with bare XlsxWriter."""
    return _bare([_sheets(Path(like))], target)


def bare_weekly(done: str, source: str, target: str) -> Job:
    """Return the same for all tabs that a weekly run added to a folder's workbooks.

    Args:
        done: The folder after the run.
        source: The folder as it was: its sheets are not written.
        target: The workbook written to, one after the other.
    """
    books = []
    for path in sorted(Path(done).glob("*.xlsx")):
        before = Path(source) / path.name
        own = python_calamine.load_workbook(before).sheet_names if before.exists() else []
        books.append(_sheets(path, own))
    return _bare(books, target)


def _sheets(path: Path, but: Sequence[str] = ()) -> Sheets:
    """Return the values of a workbook's sheets, rows of columns."""
    book = python_calamine.load_workbook(path)
    return {
        name: book.get_sheet_by_name(name).to_python()
        for name in book.sheet_names
        if name not in but
    }


def _bare(books: Sequence[Sheets], target: str) -> Job:
    def job() -> None:
        for sheets in books:
            made = xlsxwriter.Workbook(target)
            for name, rows in sheets.items():
                _put(made.add_worksheet(name), rows)
            made.close()

    return job


def _put(sheet: Worksheet, rows: Rows) -> None:
    for number, row in enumerate(rows):
        for column, value in enumerate(row):
            if value == "":  # what calamine gives for no cell at all
                continue
            if isinstance(value, str):
                sheet.write_string(number, column, value)
            else:
                sheet.write(number, column, value)


JOBS: dict[str, Callable[..., Job]] = {
    job.__name__: job
    for job in (crc_and_calamine_in_child, calamine, copy_zip, bare_xlsxwriter, bare_weekly)
}
