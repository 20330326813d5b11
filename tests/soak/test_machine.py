"""One book through any order of what people do with it, against a model: a dict of its leads."""

import tempfile
from collections.abc import Mapping
from datetime import time, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.parse import parse
from sheetcrm.book.target import open_target
from sheetcrm.table import RawSheet, column_letter
from sheetcrm.workflows.check import check as check_book
from sheetcrm.workflows.summarise import summarise_books
from sheetcrm.workflows.undo import undo
from tests.soak.scale import SOAK, times
from tests.workflows.imports import AS_OF, lead_sheet, new_book, run

COMPANY, NOTE = "客户名称", "备注"


class OneBook(RuleBasedStateMachine):
    """The model: note by company, and what each run that can be taken back had added."""

    @initialize()
    def make(self) -> None:
        self.place = tempfile.TemporaryDirectory()
        self.folder = Path(self.place.name)
        self.book = new_book(self.folder, ("lead",))
        self.leads: dict[str, str] = {}
        self.number = 0
        self.added: list[str] = []  # by the last import, as long as nothing else was written
        self.sheets: list[Path] = []

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.place.cleanup()

    @rule(rows=st.integers(1, 4))
    def bring_in(self, rows: int) -> None:
        names = [f"第{self.number + n}号机械" for n in range(1, rows + 1)]
        lines = "\n".join(
            f"{name}|张{self.number + n}|138{self.number + n:08d}|2024-06-01"
            for n, name in enumerate(names, 1)
        )
        self.number += rows
        sheet = lead_sheet(
            self.folder,
            f"客户名称|联系人|联系方式|线索获取时间\n{lines}",
            f"线索{self.number}.csv",
            "utf-8",
        )
        run(sheet, self.book)
        self.sheets.append(sheet)
        self.leads |= dict.fromkeys(names, "")
        self.added = names

    @precondition(lambda self: bool(self.added))
    @rule()
    def bring_in_again(self) -> None:
        before = self.book.read_bytes()
        run(self.sheets[-1], self.book)
        assert self.book.read_bytes() == before

    @precondition(lambda self: bool(self.leads))
    @rule(pick=st.integers(0, 99), text=st.sampled_from(["已联系", "=1+1", "+86", "下周再说"]))
    def edit(self, pick: int, text: str) -> None:
        name = sorted(self.leads)[pick % len(self.leads)]
        sheet, _, columns = self.sheet()
        row = next(r for r, each in enumerate(sheet.rows) if name in each)
        cell = f"{column_letter(columns.index(NOTE) + 1)}{row + 1}"
        self.write(sheet.name, {cell: text})
        self.leads[name] = text

    @precondition(lambda self: len(self.leads) > 1)
    @rule(turn=st.integers(1, 5))
    def sort(self, turn: int) -> None:
        """Put the rows in another order, as a person sorts a sheet: values move, formulas not."""
        sheet, head, columns = self.sheet()
        at = [r for r, row in enumerate(sheet.rows) if r > head and row[columns.index(COMPANY)]]
        moved = [*at[turn % len(at) :], *at[: turn % len(at)]]
        cells: dict[str, CellValue | None] = {}
        for to, source in zip(at, moved, strict=True):
            for column, value in enumerate(sheet.rows[source], 1):
                if value != sheet.rows[to][column - 1]:
                    assert not isinstance(value, time | timedelta)
                    cells[f"{column_letter(column)}{to + 1}"] = value
        self.write(sheet.name, cells)

    @rule()
    def check(self) -> None:
        check_book([str(self.book)], AS_OF, mark=True)
        self.added = []

    @rule()
    def summarise(self) -> None:
        summarise_books([str(self.book)], AS_OF)
        self.added = []

    @precondition(lambda self: bool(self.added))
    @rule()
    def take_back(self) -> None:
        """An import is taken back, but what somebody wrote since then stays."""
        result = undo(self.book)
        kept = {name for name in self.added if self.leads[name]}
        for name in set(self.added) - kept:
            del self.leads[name]
        assert bool(result.kept) >= bool(kept)
        self.added = []

    @invariant()
    def the_book_holds_what_the_model_says(self) -> None:
        if not hasattr(self, "book"):
            return
        sheet, head, columns = self.sheet()
        company, note = columns.index(COMPANY), columns.index(NOTE)
        rows = [row for row in sheet.rows[head + 1 :] if row[company]]
        assert {str(row[company]): str(row[note] or "") for row in rows} == self.leads
        ids = [row[columns.index("线索编号")] for row in rows]
        assert len({*ids}) == len(ids) == len(self.leads)

    def sheet(self) -> tuple[RawSheet, int, list[str]]:
        """Return the sheet of the leads, the index of its headings, and these without marks."""
        book = parse(self.book.read_bytes(), self.book.name)
        sheet = next(each for each in book.sheets if each.table == "lead")
        for at, row in enumerate(sheet.rows):
            headings = [str(cell or "").rstrip(" *△") for cell in row]
            if COMPANY in headings:
                return sheet, at, headings
        raise AssertionError("no headings")

    def write(self, sheet: str, cells: Mapping[str, CellValue | None]) -> None:
        changed = set_cells(open_target(self.book), {sheet: cells})
        self.book.write_bytes(changed.data)


TestOneBook = OneBook.TestCase
TestOneBook.settings = settings(
    max_examples=times(20, 1),
    stateful_step_count=20 if SOAK else 5,
    deadline=None,
    derandomize=not SOAK,
    suppress_health_check=list(HealthCheck),
)
