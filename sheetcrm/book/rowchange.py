"""What appending rows to a table does to areas and references of its sheet.

Two things happen at once. Areas that take in the table down to its last row grow to the new last
row. Where rows are inserted, everything at or below them moves, as in Excel.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sheetcrm.book.area import Area, cell_area
from sheetcrm.book.references import Reference, references, rewritten
from sheetcrm.table import LAST_ROW, column_letter


@dataclass(frozen=True)
class RowChange:
    """Rows appended to one table; rows and columns count from 1.

    `last` is its last row before (the heading row in an empty table), `new_last` the last one now.
    `by` rows are inserted above row `at`; none where `by` is 0.
    """

    sheet: str
    header_row: int
    last: int
    new_last: int
    left: int
    right: int
    at: int = 0
    by: int = 0

    def area(self, area: Area, *, grow: bool = True) -> Area:
        """Return where an area of the sheet is afterwards."""
        if self.by and area.bottom >= self.at:
            top = area.top + self.by if area.top >= self.at else area.top
            return Area(top, area.left, min(area.bottom + self.by, LAST_ROW), area.right)
        if grow and self.grows(area):
            return Area(area.top, area.left, self.new_last, area.right)
        return area

    def grows(self, area: Area) -> bool:
        """Say whether an area ends where the table ended, or in the blank rows now filled."""
        base = max(self.last, self.header_row + 1)
        meets = area.left <= self.right and self.left <= area.right
        return meets and area.top <= base + 1 and base <= area.bottom < self.new_last

    def ranges(self, sqref: str, *, grow: Callable[[Area], bool]) -> str:
        """Return a list of ranges as it is afterwards; what is not a range stays as written."""
        return " ".join(self._range(text, grow) for text in sqref.split())

    def _range(self, text: str, grow: Callable[[Area], bool]) -> str:
        area = cell_area(text)
        if area is None:
            return text
        new = self.area(area, grow=grow(area))
        return text if new == area else range_text(new)

    def formula(self, text: str, *, own: bool, fixed: bool, whole: bool = True) -> str:
        """Return a formula as it is afterwards.

        Args:
            text: The formula.
            own: It stands on the sheet itself, so that references without a sheet mean it.
            fixed: Only ranges whose rows carry the dollar sign grow.
            whole: Only ranges that start at the top of the table grow.
        """

        def change(reference: Reference) -> str | None:
            return self._reference(reference, own=own, fixed=fixed, whole=whole)

        return rewritten(text, change)

    def _reference(self, it: Reference, *, own: bool, fixed: bool, whole: bool) -> str | None:
        if not self.is_ours(it, own=own) or it.bottom == LAST_ROW:
            return None
        left, right = it.columns
        area = Area(it.top, left, it.bottom, right)
        may_grow = (
            it.last is not None
            and bool(it.first.column)
            and it.top < it.bottom
            and (it.rows_fixed or not fixed)
            and (it.top <= self.header_row + 2 or not whole)
        )
        new = self.area(area, grow=may_grow)
        return None if new == area else it.with_rows(new.top, new.bottom)

    def is_ours(self, it: Reference, *, own: bool) -> bool:
        """Say whether a reference means this sheet and no other."""
        return not it.spans and (it.sheet == self.sheet.lower() or (own and not it.sheet))

    def reaches_below(self, formula: str, *, own: bool) -> bool:
        """Say whether a formula refers to what moves when rows are inserted."""
        return bool(self.by) and any(
            self.at <= it.bottom < LAST_ROW and (it.spans or self.is_ours(it, own=own))
            for it in references(formula)
        )


def range_text(area: Area) -> str:
    """Return an area as a list of ranges writes it: `B2:D9`, `B2`."""
    first = f"{column_letter(area.left)}{area.top}"
    last = f"{column_letter(area.right)}{area.bottom}"
    return first if first == last else f"{first}:{last}"
