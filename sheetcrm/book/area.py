"""Where things are on a sheet: rectangles counted as Excel counts, from row 1 and column 1."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sheetcrm.table import LAST_COLUMN, LAST_ROW, column_letter, column_number

_REFERENCE = re.compile(r"\$?([A-Za-z]{1,3})\$?(\d{1,7})(?::\$?([A-Za-z]{1,3})\$?(\d{1,7}))?")


@dataclass(frozen=True, order=True)
class Area:
    """A rectangle of cells; rows and columns count from 1, both ends included.

    Raises:
        ValueError: It is no rectangle, or outside a sheet.
    """

    top: int
    left: int
    bottom: int
    right: int

    def __post_init__(self) -> None:
        if not (1 <= self.top <= self.bottom <= LAST_ROW):
            raise ValueError(f"rows {self.top}-{self.bottom} are outside a sheet")
        if not (1 <= self.left <= self.right <= LAST_COLUMN):
            raise ValueError(f"columns {self.left}-{self.right} are outside a sheet")

    @property
    def zero_based(self) -> tuple[int, int, int, int]:
        """The four corners as XlsxWriter counts."""
        return self.top - 1, self.left - 1, self.bottom - 1, self.right - 1

    @property
    def absolute(self) -> str:
        """`$B$5:$B$204`; a single cell without the colon."""
        first = cell_name(self.top, self.left, absolute=True)
        last = cell_name(self.bottom, self.right, absolute=True)
        return first if first == last else f"{first}:{last}"

    def meets(self, other: "Area") -> bool:
        """Say whether two rectangles share a cell."""
        apart = self.bottom < other.top or other.bottom < self.top
        return not (apart or self.right < other.left or other.right < self.left)

    def on(self, sheet: str) -> str:
        """Return the absolute reference with its quoted sheet name."""
        return f"{quoted(sheet)}!{self.absolute}"


def cell_area(reference: str | None) -> Area | None:
    """Return the rectangle a reference such as B2 or $B$2:$D$9 names, None where it names none."""
    match = _REFERENCE.fullmatch(reference or "")
    if match is None:
        return None
    top, left = int(match[2]), column_number(match[1])
    bottom = int(match[4]) if match[4] else top
    right = column_number(match[3]) if match[3] else left
    try:
        return Area(top, left, bottom, right)
    except ValueError:
        return None


def cell_areas(references: Iterable[str | None]) -> Iterator[Area]:
    """Yield the rectangles of references, those that name none left out."""
    return (area for area in map(cell_area, references) if area is not None)


def overlapping(rectangles: Sequence[Area]) -> Iterator[tuple[Area, Area]]:
    """Yield pairs that share a cell; sorted by row, so that far ones are never compared."""
    live: list[Area] = []
    for one in sorted(rectangles):
        live = [other for other in live if other.bottom >= one.top]
        yield from ((other, one) for other in live if other.meets(one))
        live.append(one)


def cell_name(row: int, column: int, *, absolute: bool = False) -> str:
    """Return the A1 name of a cell counted from 1: `B5`, or `$B$5`."""
    letter = column_letter(column)
    return f"${letter}${row}" if absolute else f"{letter}{row}"


def quoted(sheet: str) -> str:
    """Return a sheet name as references need it, always in quotes."""
    return "'" + sheet.replace("'", "''") + "'"
