"""Which cells of a sheet may not be written, and why, in Chinese."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetcrm.book.cellplaces import SheetText, attribute
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import child, integer
from sheetcrm.table import column_number

_AREA = re.compile(r"\$?([A-Z]{1,3})\$?(\d+)(?::\$?([A-Z]{1,3})\$?(\d+))?", re.IGNORECASE)


@dataclass(frozen=True)
class CellArea:
    """A rectangle of cells, rows and columns counted from 1."""

    top: int
    left: int
    bottom: int
    right: int

    def holds(self, row: int, column: int) -> bool:
        """Say whether a cell is inside."""
        return self.top <= row <= self.bottom and self.left <= column <= self.right


def cell_area(reference: str) -> CellArea | None:
    """Return the rectangle a reference such as B2 or B2:D9 names, None where it names none."""
    match = _AREA.fullmatch(reference.strip())
    if match is None:
        return None
    left, top = column_number(match[1]), int(match[2])
    right = column_number(match[3]) if match[3] else left
    return CellArea(top, left, int(match[4] or top), right)


@dataclass(frozen=True)
class Guard:
    """What a sheet has that stands against writing a cell."""

    book: Workbook
    sheet: Sheet
    part: SheetText

    def reason(self, row: int, column: int) -> str:
        """Say why a cell cannot be written, whatever it holds; "" where it can."""
        for areas, why in (
            (self._merged, "是合并单元格里看不见的一格"),
            (self._tables, "是表格（超级表）的标题或汇总行"),
            (self._pivots, "在数据透视表里"),
            (self._arrays, "是数组公式的一部分"),
        ):
            if any(area.holds(row, column) for area in areas):
                anchor = why.startswith("是合并") and self._is_anchor(row, column)
                if not anchor:
                    return why
        return ""

    @cached_property
    def protected(self) -> bool:
        """Whether the sheet is protected, so that locked cells refuse edits."""
        rules = self._behind(b"sheetProtection")
        return any(attribute(text, b"sheet") in (b"1", b"true") for text in rules)

    def _is_anchor(self, row: int, column: int) -> bool:
        return any((area.top, area.left) == (row, column) for area in self._merged)

    @cached_property
    def _merged(self) -> Sequence[CellArea]:
        return _areas(attribute(text, b"ref") for text in self._behind(b"mergeCell"))

    @cached_property
    def _arrays(self) -> Sequence[CellArea]:
        data = self.part.data
        if b"array" not in self.part.mask and b"dataTable" not in self.part.mask:
            return ()
        return _areas(
            attribute(formula.attributes, b"ref")
            for formula in self.part.elements(b"f", data.inner, data.close)
            if attribute(formula.attributes, b"t") in (b"array", b"dataTable")
        )

    @cached_property
    def _tables(self) -> Sequence[CellArea]:
        found = []
        for part in self._related("/table"):
            root = self.book.package.xml(part)
            area = cell_area(root.get("ref") or "")
            if area is not None:
                head = area.top + integer(root.get("headerRowCount"), 1) - 1
                foot = area.bottom - integer(root.get("totalsRowCount"), 0) + 1
                found.append(CellArea(area.top, area.left, head, area.right))
                found.append(CellArea(foot, area.left, area.bottom, area.right))
        return found

    @cached_property
    def _pivots(self) -> Sequence[CellArea]:
        places = (child(self.book.package.xml(p), "location") for p in self._related("/pivotTable"))
        found = (cell_area(place.get("ref") or "") for place in places if place is not None)
        return [area for area in found if area is not None]

    def _related(self, ending: str) -> Iterator[str]:
        package = self.book.package
        for link in package.relationships(self.sheet.part):
            part = package.target_of(self.sheet.part, link) if link.type.endswith(ending) else None
            if part is not None:
                yield part

    def _behind(self, name: bytes) -> Iterator[bytes]:
        """Yield the attributes of the elements of that name behind the cells."""
        elements = self.part.elements(name, self.part.data.end)
        return (element.attributes for element in elements)


def _areas(references: Iterable[bytes | None]) -> list[CellArea]:
    found = (cell_area((text or b"").decode("utf-8", "replace")) for text in references)
    return [area for area in found if area is not None]
