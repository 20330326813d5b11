"""What one of our tabs contained when we wrote it, small enough to keep in three hidden names.

`tab_state` condenses a sheet part; `sheetcrm.book.tabedits` compares what was kept with what is
there now. Cached formula values, styles, and what a formula points at do not count: Excel and
LibreOffice change those by themselves when the user's data changes. A re-save (shared strings,
other style ids, formulas spelt anew) therefore changes nothing.

Each kept text has at most 255 characters, Excel's limit for a literal in a formula, and three
characters a check. The rows text is `rows|rows per block|drawings|checks`: a tab of up to 79 rows
is checked row by row, a longer one in 79 equal blocks. The cells text is `areas|places|columns`:
the areas that people fill in, which both texts leave out; in a tab with blocks, a check of the
first rows of all blocks, of the second ones and so on; a check of each column. Block, place and
column together name the cell that was changed. Rows below row 2,000 are not looked at.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

from sheetcrm.book.area import Area, cell_areas
from sheetcrm.book.tabcells import (
    BEHIND_COLUMN,
    Filled,
    Strings,
    filled_lists,
    filled_rows,
    joined_text,
)
from sheetcrm.book.write_rows import XmlRows
from sheetcrm.book.xmlpart import parse
from sheetcrm.table import column_number

# Below are only the lists behind the figures, made anew from the user's rows: of 20,000 leads they
# would take longer to look at than to write.
MOST_ROWS = 2_000
_MOST_BLOCKS = 79
MOST_COLUMNS = 32
_MOST_AREAS = 60  # characters
_CHECK_LENGTH = 3
_KEPT_ROWS = re.compile(r"(\d{1,7})\|([1-9]\d*)\|(\d+)\|([\w-]*)")
_KEPT_CELLS = re.compile(r"([A-Z\d: ]*)\|([\w-]*)\|([\w-]*)")

Rows = Mapping[int, Filled]
Hashes = Mapping[int, bytes]


@dataclass(frozen=True)
class TabState:
    """What the hidden names keep: `digest` of all rows, the rows text and the cells text.

    Tabs that an earlier version wrote have no cells text; nothing is left out of their rows text.
    """

    digest: str
    rows: str
    cells: str = ""


@dataclass(frozen=True)
class Checks:
    """What the rows and the cells text say; `apart` is False where there is no cells text."""

    count: int
    size: int
    drawings: int
    blocks: tuple[str, ...]
    apart: bool = False
    areas: tuple[Area, ...] = ()
    places: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()


def tab_state(
    sheet: bytes,
    strings: Strings,
    drawings: int = 0,
    apart: Sequence[XmlRows] = (),
    areas: Sequence[Area] = (),
) -> TabState:
    """Condense a worksheet part.

    Args:
        sheet: The part's content.
        strings: Where shared strings come from.
        drawings: Number of charts, pictures and shapes on the tab.
        apart: Rows of which the part holds only the marks.
        areas: What people fill in, and the next run keeps.

    Raises:
        BadXml: The part is not well-formed.
        ValueError: There are too many areas to be kept.
    """
    lists = (filled_lists(rows, MOST_ROWS) for rows in apart)
    every = dict(chain(filled_rows(sheet, strings, MOST_ROWS), *lists))
    rows, hashed = without(every, areas), hashes(every)
    checks = hashes(rows) if areas else hashed
    count = max(rows, default=0)
    size = max(1, -(-count // _MOST_BLOCKS))
    named = " ".join(area.absolute.replace("$", "") for area in areas)
    if len(named) > _MOST_AREAS:
        raise ValueError(f"too many areas to fill in: {named}")
    blocks = "".join(block_checks(checks, count, size))
    places = "".join(place_checks(checks, count, size))
    columns = "".join(column_checks(rows))
    return TabState(
        digest_of(hashed), f"{count}|{size}|{drawings}|{blocks}", f"{named}|{places}|{columns}"
    )


def kept_checks(kept: TabState) -> Checks | None:
    """Return what was kept, None where it is none of ours."""
    rows, cells = _KEPT_ROWS.fullmatch(kept.rows), _KEPT_CELLS.fullmatch(kept.cells)
    if rows is None:
        return None
    known = Checks(int(rows[1]), int(rows[2]), int(rows[3]), _split(rows[4]))
    if cells is None:
        return known
    areas = tuple(cell_areas(cells[1].split()))
    places, columns = _split(cells[2]), _split(cells[3])
    return replace(known, apart=True, areas=areas, places=places, columns=columns)


def _split(checks: str) -> tuple[str, ...]:
    starts = range(0, len(checks), _CHECK_LENGTH)
    return tuple(checks[at : at + _CHECK_LENGTH] for at in starts)


def kept_drawings(kept_rows: str) -> int:
    """Return how many drawings the tab had when it was written; -1 if that was not kept."""
    match = _KEPT_ROWS.fullmatch(kept_rows)
    return int(match[3]) if match else -1


def shared_strings(part: bytes) -> list[str]:
    """Return the texts of a shared strings part, phonetic guides left out.

    Raises:
        BadXml: The part is not well-formed.
    """
    return [joined_text(item) for item in parse(part) if isinstance(item.tag, str)]


def without(rows: Rows, areas: Sequence[Area]) -> Rows:
    """Return the rows without the cells of some areas."""
    if not areas:
        return rows
    kept = {
        number: [cell for cell in filled if not _inside(number, cell, areas)]
        for number, filled in rows.items()
    }
    return {number: filled for number, filled in kept.items() if filled}


def _inside(row: int, cell: str, areas: Sequence[Area]) -> bool:
    column = column_number(cell.partition(BEHIND_COLUMN)[0])
    return any(a.top <= row <= a.bottom and a.left <= column <= a.right for a in areas)


def hashes(rows: Rows) -> Hashes:
    """Return a hash of what each row holds."""
    return {
        number: hashlib.sha256("\x1e".join(filled).encode("utf-8", "surrogatepass")).digest()
        for number, filled in rows.items()
    }


def digest_of(rows: Hashes) -> str:
    """Return the digest of all rows."""
    return _joined(rows, sorted(rows)).hexdigest()[:12]


def block_checks(rows: Hashes, count: int, size: int) -> list[str]:
    """Return the checks of the first `count` rows in blocks of `size` rows."""
    return [
        _short(_joined(rows, range(start, min(start + size, count + 1))))
        for start in range(1, count + 1, size)
    ]


def place_checks(rows: Hashes, count: int, size: int) -> list[str]:
    """Return the checks of the rows with the same place in their blocks; none of single rows."""
    places = range(1, size + 1) if size > 1 else ()
    return [_short(_joined(rows, range(place, count + 1, size))) for place in places]


def column_checks(rows: Rows) -> list[str]:
    """Return the checks of the columns from A on, as many as are kept."""
    columns: dict[str, list[str]] = {}
    for number in sorted(rows):
        for cell in rows[number]:
            letters, _, content = cell.partition(BEHIND_COLUMN)
            columns.setdefault(letters, []).append(f"{number}:{content}")
    by_number = {column_number(letters): cells for letters, cells in columns.items()}
    return [
        _short(hashlib.sha256("\x1e".join(by_number.get(n, ())).encode("utf-8", "surrogatepass")))
        for n in range(1, min(max(by_number, default=0), MOST_COLUMNS) + 1)
    ]


def _joined(rows: Hashes, numbers: Iterable[int]) -> "hashlib._Hash":
    return hashlib.sha256(b"".join(b"%d:%s" % (row, rows[row]) for row in numbers if row in rows))


def _short(check: "hashlib._Hash") -> str:
    return base64.urlsafe_b64encode(check.digest())[:_CHECK_LENGTH].decode()
