"""What one of our tabs contained when we wrote it, small enough to keep in two hidden names.

`tab_state` condenses a sheet part; `edited` compares what was kept with what is there now and
names the first cell of every changed row. Cached formula values, styles, and what a formula points
at do not count: Excel and LibreOffice change those by themselves when the user's data changes. A
re-save (shared strings, other style ids, formulas spelt anew) therefore changes nothing.

The kept rows text is `rows|rows per block|drawings|checks`, three characters a block; it has at
most 255 characters, Excel's limit for a literal in a formula. A tab of up to 79 rows is checked
row by row, a longer one in 79 equal blocks. Rows below row 2,000 are not looked at.
"""

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

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

# Below are only the lists behind the figures, made anew from the user's rows: of 20,000 leads they
# would take longer to look at than to write.
MOST_ROWS = 2_000
_MOST_BLOCKS = 79
_CHECK_LENGTH = 3
_KEPT_ROWS = re.compile(r"(\d{1,7})\|([1-9]\d*)\|(\d+)\|([\w-]*)")


@dataclass(frozen=True)
class TabState:
    """What the two hidden names keep: `digest` of all rows, and the rows text."""

    digest: str
    rows: str


@dataclass(frozen=True)
class _Rows:
    """A check of every row that has content, and its first filled cell, by row number."""

    checks: dict[int, bytes]
    first_cells: dict[int, str]

    @property
    def count(self) -> int:
        return max(self.checks, default=0)

    @property
    def digest(self) -> str:
        return _joined_check(self.checks, sorted(self.checks)).hexdigest()[:12]

    def blocks(self, count: int, size: int) -> list[str]:
        """Return the checks of the first `count` rows in blocks of `size` rows."""
        return [
            base64.urlsafe_b64encode(
                _joined_check(self.checks, range(start, min(start + size, count + 1))).digest()
            )[:_CHECK_LENGTH].decode()
            for start in range(1, count + 1, size)
        ]

    def first(self, start: int, end: int) -> str:
        """Return the first filled cell of some rows; column A if they are blank now."""
        rows = (row for row in range(start, end + 1) if row in self.first_cells)
        row = next(rows, 0)
        return self.first_cells[row] if row else f"A{start}"


def tab_state(
    sheet: bytes, strings: Strings, drawings: int = 0, apart: Sequence[XmlRows] = ()
) -> TabState:
    """Condense a worksheet part.

    Args:
        sheet: The part's content.
        strings: Where shared strings come from.
        drawings: Number of charts, pictures and shapes on the tab.
        apart: Rows of which the part holds only the marks.

    Raises:
        BadXml: The part is not well-formed.
    """
    lists = (filled_lists(rows, MOST_ROWS) for rows in apart)
    rows = _condensed(chain(filled_rows(sheet, strings, MOST_ROWS), *lists))
    size = max(1, -(-rows.count // _MOST_BLOCKS))
    blocks = "".join(rows.blocks(rows.count, size))
    return TabState(rows.digest, f"{rows.count}|{size}|{drawings}|{blocks}")


def edited(kept: TabState, sheet: bytes, strings: Strings) -> tuple[str, ...]:
    """Return the first cell of every row (or block of rows) that is not as it was kept.

    Rows added below are one block. If nothing tells where a change is, the tab's first cell.

    Raises:
        BadXml: The part is not well-formed.
    """
    now = _condensed(filled_rows(sheet, strings, MOST_ROWS))
    if now.digest == kept.digest:
        return ()
    match = _KEPT_ROWS.fullmatch(kept.rows)
    if match is None:
        return (now.first(1, now.count),)
    count, size, checks = int(match[1]), int(match[2]), match[4]
    was = [checks[at : at + _CHECK_LENGTH] for at in range(0, len(checks), _CHECK_LENGTH)]
    places = [
        now.first(at * size + 1, at * size + size)
        for at, (before, after) in enumerate(zip(was, now.blocks(count, size), strict=False))
        if before != after
    ]
    if now.count > count:
        places.append(now.first(count + 1, now.count))
    # a changed block keeps its check by chance once in 262,144; the digest still says it changed
    return tuple(places) or (now.first(1, now.count),)


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


def _joined_check(checks: Mapping[int, bytes], rows: Iterable[int]) -> "hashlib._Hash":
    return hashlib.sha256(b"".join(b"%d:%s" % (row, checks[row]) for row in rows if row in checks))


def _condensed(rows: Iterable[tuple[int, Filled]]) -> _Rows:
    checks: dict[int, bytes] = {}
    first_cells: dict[int, str] = {}
    for number, filled in rows:
        content = "\x1e".join(filled)
        checks[number] = hashlib.sha256(content.encode("utf-8", "surrogatepass")).digest()
        first_cells[number] = f"{filled[0].partition(BEHIND_COLUMN)[0]}{number}"
    return _Rows(checks, first_cells)
