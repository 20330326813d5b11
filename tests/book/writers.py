"""Several processes that add rows with new ids to one book, as colleagues do at the same time."""

import subprocess
import sys
from datetime import date
from pathlib import Path

from sheetcrm.book.cells import set_cells
from sheetcrm.book.changes import Change, ChangedRow, Run
from sheetcrm.book.journal import open_journal
from sheetcrm.book.parse import parse
from sheetcrm.book.publish import publish, sha256
from sheetcrm.book.target import open_target
from sheetcrm.errors import FileChanged

STEM = "线索-2026-0501-"
_ROOT = Path(__file__).resolve().parents[2]


def together(book: Path, writers: int, updates: int) -> None:
    """Let so many processes add so many rows each; wait for all of them."""
    code = "import sys; from tests.book.writers import add; add(sys.argv[1], int(sys.argv[2]))"
    command = [sys.executable, "-c", code, str(book), str(updates)]
    running = [subprocess.Popen(command, cwd=_ROOT) for _ in range(writers)]
    for process in running:
        process.communicate(timeout=600)
        assert process.returncode == 0


def add(path: str, updates: int) -> None:
    """Add rows one at a time; begin again where somebody was quicker."""
    book = Path(path)
    for _ in range(updates):
        run = Run("import")
        number = _reserved(book, run)
        while not _added(book, run, f"{STEM}{number:03d}"):
            pass


def _reserved(book: Path, run: Run) -> int:
    journal = open_journal(book)
    while True:
        taken = journal.high_water()
        number = taken.get(STEM, 0) + 1
        if journal.reserve(run, {STEM: (number, number)}, taken):
            return number


def _added(book: Path, run: Run, text: str) -> bool:
    data = book.read_bytes()
    sheet = parse(data, book.name).sheets[0]
    row = len(sheet.rows) + 1
    cells: dict[str, str | date] = {"A": text, "B": date(2026, 5, 1)}
    changed = set_cells(
        open_target(data), {sheet.name: {f"{c}{row}": value for c, value in cells.items()}}
    )
    change = Change(run, [ChangedRow(sheet.name, row, cells, created=True, id=text)])
    try:
        publish(book, changed.data, sha256(data), change=change)
    except FileChanged:
        return False
    return True
