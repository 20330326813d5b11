"""Where new rows of a table go: blank rows below it first, then rows put in."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetcrm.book.area import Area, cell_area, cell_name
from sheetcrm.book.cellcontent import CellValue
from sheetcrm.book.cellguard import Guard
from sheetcrm.book.cellplaces import Element
from sheetcrm.book.references import moved, references
from sheetcrm.book.sheetrows import SheetRows, View
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import integer
from sheetcrm.table import LAST_ROW

_TOTAL = re.compile(
    r"(?:合\s*计|小\s*计|总\s*计|共\s*计|累\s*计|总\s*和|汇\s*总|平均|total|sum)", re.IGNORECASE
)


@dataclass(frozen=True)
class NewRows:
    """Rows to append to one table of a sheet.

    `columns` count from 1; `cells` has one list a row with a value (None for a blank) a column.
    `last_row` is the lowest row that is taken: the last data row, or an example row or the heading
    row where there is no data yet.
    """

    sheet: str
    header_row: int
    columns: tuple[int, ...]
    cells: Sequence[Sequence[CellValue | None]]
    last_row: int


@dataclass(frozen=True)
class ExcelTable:
    """A table (ListObject) of the sheet: its part and its rows; `bottom` is the last data row."""

    part: str
    area: Area
    top: int
    bottom: int


@dataclass(frozen=True)
class Below:
    """What stands below a table: its first row, and what shows it."""

    row: int
    cell: str
    what: str
    is_total: bool = False


@dataclass(frozen=True)
class Surroundings:
    """A table with what is around it on its sheet."""

    book: Workbook
    sheet: Sheet
    rows: SheetRows
    guard: Guard
    wanted: NewRows

    @cached_property
    def tables(self) -> Sequence[ExcelTable]:
        """The Excel tables of the sheet."""
        found = []
        for part in self.guard.related("/table"):
            root = self.book.package.xml(part)
            area = cell_area(root.get("ref"))
            if area is not None:
                top = area.top + integer(root.get("headerRowCount"), 1)
                bottom = area.bottom - integer(root.get("totalsRowCount"), 0)
                found.append(ExcelTable(part, area, top, bottom))
        return found

    @cached_property
    def table(self) -> ExcelTable | None:
        """The Excel table the rows belong to."""
        header, last = self.wanted.header_row, self.wanted.last_row
        for table in self.tables:
            inside = any(table.area.left <= c <= table.area.right for c in self.wanted.columns)
            if (
                inside
                and table.area.top - 1 <= header <= table.bottom
                and last <= table.area.bottom
            ):
                return table
        return None

    @cached_property
    def last(self) -> int:
        """The last row that is taken; a totals row of Excel's is none."""
        last = max(self.wanted.last_row, self.wanted.header_row)
        return min(last, self.table.bottom) if self.table else last

    @cached_property
    def extent(self) -> tuple[int, int]:
        """The first and the last column: Excel's, or those with headings side by side."""
        left, right = min(self.wanted.columns), max(self.wanted.columns)
        if self.table:
            return min(left, self.table.area.left), max(right, self.table.area.right)
        headings = {c for c, view in self.rows.cells(self.wanted.header_row).items() if view.text}
        while left - 1 in headings:
            left -= 1
        while right + 1 in headings:
            right += 1
        return left, right

    def below(self, count: int) -> Below | None:
        """Return what stands in the way within so many rows below the table."""
        end = self.last + count
        found = [*self._areas(end), *self._filled(end)]
        return min(found, key=lambda it: it.row) if found else None

    @cached_property
    def later(self) -> list[Element]:
        """The rows of the part below the table, from top to bottom."""
        return self.rows.part.rows.where(self.rows.part.rows.numbers > self.last)

    def _areas(self, end: int) -> Iterator[Below]:
        left, right = self.extent
        strip = Area(self.last + 1, left, min(end, LAST_ROW), right)
        others = [table for table in self.tables if table is not self.table]
        for areas, what in (
            (self.guard.merged, "合并单元格"),
            (self.guard.pivots, "数据透视表"),
            (self.guard.arrays, "数组公式"),
            ([table.area for table in others], "另一个表格（超级表）"),
        ):
            for area in areas:
                if area.meets(strip):
                    row = max(area.top, self.last + 1)
                    yield Below(row, cell_name(area.top, area.left), what)
        if self.table and self.table.bottom < self.table.area.bottom:
            row = self.table.bottom + 1
            if row <= end:
                yield Below(row, cell_name(row, left), "汇总行", is_total=True)

    def _filled(self, end: int) -> Iterator[Below]:
        left, right = self.extent
        for row in self.later:
            if row.number > end:
                return
            cells = [
                (column, view)
                for column, view in self.rows.cells(row.number).items()
                if left <= column <= right
            ]
            taken = [(c, view) for c, view in cells if self._stands(row.number, c, view)]
            if taken:
                column, view = taken[0]
                texts = [v.text for _, v in cells if v.text]
                total = any(_TOTAL.match(text) for text in texts) or any(
                    v.formula for _, v in taken
                )
                what = f"“{view.text[:20]}”" if view.text else "公式"
                yield Below(row.number, cell_name(row.number, column), what, is_total=total)
                return

    def _stands(self, row: int, column: int, view: View) -> bool:
        """Say whether a cell is more than a part of a prepared blank row."""
        if view.formula is not None:
            return not self._is_prepared(row, column, view)
        if not view.text:
            return False
        numbering = view.is_number and column not in self.wanted.columns
        above = self.rows.cells(self.last).get(column)
        empty = self.last == self.wanted.header_row
        return not (numbering and (empty or (above is not None and above.is_number)))

    def _is_prepared(self, row: int, column: int, view: View) -> bool:
        """Say whether a formula is the column's own, filled down ahead of the data."""
        text = view.formula.text if view.formula else None
        if text is None:
            return False
        above = self.rows.cells(self.last).get(column)
        if above is not None and above.formula is not None and above.formula.text:
            return moved(above.formula.text, row - self.last, 0) == text
        here = all(it.top == it.bottom == row for it in references(text) if not it.sheet)
        return here and not view.text
