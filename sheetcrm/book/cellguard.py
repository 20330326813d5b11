"""Which cells of a sheet may not be written, and why, in Chinese."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from sheetcrm.book.area import Area, cell_area, cell_areas
from sheetcrm.book.cellplaces import SheetText, attribute
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import child, integer


@dataclass(frozen=True)
class Guard:
    """What a sheet has that stands against writing a cell."""

    book: Workbook
    sheet: Sheet
    part: SheetText

    def reason(self, row: int, column: int) -> str:
        """Say why a cell cannot be written, whatever it holds; "" where it can."""
        cell = Area(row, column, row, column)
        for areas, why in (
            (self.merged, "是合并单元格里看不见的一格"),
            (self._tables, "是表格（超级表）的标题或汇总行"),
            (self.pivots, "在数据透视表里"),
            (self.arrays, "是数组公式的一部分"),
        ):
            if any(area.meets(cell) for area in areas):
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
        return any((area.top, area.left) == (row, column) for area in self.merged)

    @cached_property
    def merged(self) -> Sequence[Area]:
        """Where cells are joined into one."""
        return _areas(attribute(text, b"ref") for text in self._behind(b"mergeCell"))

    @cached_property
    def arrays(self) -> Sequence[Area]:
        """Where an array formula or a what-if table stands."""
        data = self.part.data
        if b"array" not in self.part.mask and b"dataTable" not in self.part.mask:
            return ()
        return _areas(
            attribute(formula.attributes, b"ref")
            for formula in self.part.elements(b"f", data.inner, data.close)
            if attribute(formula.attributes, b"t") in (b"array", b"dataTable")
        )

    @cached_property
    def _tables(self) -> Sequence[Area]:
        found = []
        for part in self.related("/table"):
            root = self.book.package.xml(part)
            area = cell_area(root.get("ref"))
            if area is not None:
                head = area.top + integer(root.get("headerRowCount"), 1) - 1
                foot = area.bottom - integer(root.get("totalsRowCount"), 0) + 1
                if head >= area.top:
                    found.append(Area(area.top, area.left, head, area.right))
                if foot <= area.bottom:
                    found.append(Area(foot, area.left, area.bottom, area.right))
        return found

    @cached_property
    def pivots(self) -> Sequence[Area]:
        """Where a pivot table shows its figures."""
        places = (child(self.book.package.xml(p), "location") for p in self.related("/pivotTable"))
        return list(cell_areas(place.get("ref") for place in places if place is not None))

    def related(self, ending: str) -> Iterator[str]:
        """Yield the parts the sheet is related to by types of that ending."""
        package = self.book.package
        for link in package.relationships(self.sheet.part):
            part = package.target_of(self.sheet.part, link) if link.type.endswith(ending) else None
            if part is not None:
                yield part

    def _behind(self, name: bytes) -> Iterator[bytes]:
        """Yield the attributes of the elements of that name behind the cells."""
        elements = self.part.elements(name, self.part.data.end)
        return (element.attributes for element in elements)


def _areas(references: Iterable[bytes | None]) -> list[Area]:
    return list(cell_areas((text or b"").decode("utf-8", "replace") for text in references))
