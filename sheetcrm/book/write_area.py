"""Where things go on a sheet: rectangles counted as Excel counts, from row 1 and column 1."""

from dataclasses import dataclass

from sheetcrm.table import column_letter

LAST_ROW = 1_048_576
LAST_COLUMN = 16_384


@dataclass(frozen=True)
class Area:
    """A rectangle of cells; rows and columns count from 1, both ends included."""

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

    def on(self, sheet: str) -> str:
        """Return the absolute reference with its quoted sheet name."""
        return f"{quoted(sheet)}!{self.absolute}"


def cell_name(row: int, column: int, *, absolute: bool = False) -> str:
    """Return the A1 name of a cell counted from 1: `B5`, or `$B$5`."""
    letter = column_letter(column)
    return f"${letter}${row}" if absolute else f"{letter}{row}"


def quoted(sheet: str) -> str:
    """Return a sheet name as references need it, always in quotes."""
    return "'" + sheet.replace("'", "''") + "'"
