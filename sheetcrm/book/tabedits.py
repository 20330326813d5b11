"""Which cells of one of our tabs are not as we wrote them.

What was kept (`sheetcrm.book.tabstate`) tells the rows and the columns that changed; a changed cell
lies in one of each. Where somebody put rows or columns in or took rows out, all behind them lies
elsewhere: if the tab without that is as it was kept, then that is all that was done.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain, zip_longest

from sheetcrm.book.tabcells import BEHIND_COLUMN, Strings, filled_rows
from sheetcrm.book.tabcolours import coloured
from sheetcrm.book.tabstate import (
    MOST_COLUMNS,
    MOST_ROWS,
    Checks,
    Rows,
    TabState,
    block_checks,
    column_checks,
    digest_of,
    hashes,
    kept_checks,
    place_checks,
    without,
)
from sheetcrm.table import column_letter, column_number

MOST_CELLS = 200
"""Where more cells of a tab are changed, the first of each row is told, or of each block."""

_MOST_NEW_COLUMNS = 3


@dataclass(frozen=True)
class Edit:
    """A cell that somebody changed, and what it holds now; "" where it was emptied."""

    cell: str
    text: str


@dataclass(frozen=True)
class Edits:
    """What somebody changed on a tab: `cells`, but for what is to be filled in.

    `filled_in` is all that stands there; where `apart` is False, nothing tells it from the rest.
    `coloured` are the first cells of the rows where somebody coloured or struck out some.
    """

    cells: tuple[Edit, ...]
    apart: bool
    filled_in: tuple[Edit, ...] = ()
    coloured: tuple[Edit, ...] = ()


@dataclass(frozen=True)
class _Differences:
    """Where a tab is not as it was kept: rows and columns, and the rows below the last one."""

    rows: tuple[int, ...]
    below: tuple[int, ...]
    columns: frozenset[int]

    @property
    def none(self) -> bool:
        return not (self.rows or self.below)


def edited(kept: TabState, sheet: bytes, strings: Strings) -> Edits | None:
    """Return what somebody changed on a tab since its state was kept; None for nothing.

    Where the kept texts do not tell, the tab's first cell is named.

    Raises:
        BadXml: The part is not well-formed.
    """
    rows = dict(filled_rows(sheet, strings, MOST_ROWS))
    if digest_of(hashes(rows)) == kept.digest:
        return None
    known = kept_checks(kept)
    if known is None:
        return Edits((_first(rows, range(1, MOST_ROWS + 1)),), apart=False)
    here = without(rows, known.areas)
    filled_in = tuple(_between(rows, here))
    found = _differences(known, here)
    if found.none and known.areas:
        return Edits((), apart=True, filled_in=filled_in)
    # a changed block keeps its check by chance once in 262,144: the digest says it changed
    cells = _cells(known, here, found) or (_first(rows, range(1, MOST_ROWS + 1)),)
    moved = _moved(known, rows, found) if known.apart and len(cells) > 1 else None
    if moved is not None and len(moved) < len(cells):
        cells = moved
    return Edits(cells, known.apart, filled_in)


def coloured_cells(sheet: bytes, strings: Strings, formats: Collection[bytes]) -> tuple[Edit, ...]:
    """Return the first cell of each row with one of these cell formats, and what the row holds.

    Raises:
        BadXml: The part is not well-formed.
    """
    found = dict(coloured(sheet, formats))
    rows = dict(filled_rows(sheet, strings, MOST_ROWS)) if found else {}
    texts = {
        row: next((e.text for cell in rows.get(row, ()) if (e := _edit(row, cell)).text), "")
        for row in found
    }
    return tuple(Edit(f"{found[row]}{row}", texts[row]) for row in list(found)[:MOST_CELLS])


def _between(rows: Rows, here: Rows) -> Iterator[Edit]:
    """Yield the cells of rows that are not here."""
    for row in rows if here is not rows else ():
        held = set(here.get(row, ()))
        yield from (_edit(row, cell) for cell in rows[row] if cell not in held)


def _differences(known: Checks, rows: Rows) -> _Differences:
    """Compare rows, without what is to be filled in, with what was kept."""
    upper = {number: filled for number, filled in rows.items() if number <= known.count}
    checks = hashes(upper)
    blocks = _unlike(known.blocks, block_checks(checks, known.count, known.size))
    places = list(range(known.size))
    if known.places:
        places_now = place_checks(checks, known.count, known.size)
        places = _unlike(known.places, places_now) or places
    return _Differences(
        tuple(
            block * known.size + place + 1
            for block in blocks
            for place in places
            if block * known.size + place < known.count
        ),
        tuple(sorted(rows.keys() - upper.keys())),
        frozenset(at + 1 for at in _unlike(known.columns, column_checks(upper))),
    )


def _unlike(was: Collection[str], now: Collection[str]) -> list[int]:
    return [at for at, (one, other) in enumerate(zip_longest(was, now)) if one != other]


def _cells(known: Checks, rows: Rows, found: _Differences) -> tuple[Edit, ...]:
    """Return the changed cells; where they are many, the first of each row or of each block."""
    if not known.apart:
        return tuple(_by_block(known, rows, found, range(1, MOST_COLUMNS + 1)))
    cells = [tuple(_changed_in(rows, row, found.columns)) for row in found.rows]
    if known.size == 1:
        pairs = zip(cells, found.rows, strict=True)
        cells = [of_row or (_first(rows, (row,)),) for of_row, row in pairs]
    cells += [tuple(_edits_of(rows, row)) for row in found.below]
    filled = [of_row for of_row in cells if of_row]
    if sum(map(len, filled)) <= MOST_CELLS:
        return tuple(chain.from_iterable(filled))
    if len(filled) <= MOST_CELLS:
        return tuple(of_row[0] for of_row in filled)
    return tuple(_by_block(known, rows, found, found.columns))


def _by_block(
    known: Checks, rows: Rows, found: _Differences, columns: Collection[int]
) -> Iterator[Edit]:
    """Yield the first cell of each changed block, and of the rows below."""
    for block in dict.fromkeys((row - 1) // known.size for row in found.rows):
        numbers = range(block * known.size + 1, (block + 1) * known.size + 1)
        cells = (edit for row in numbers for edit in _changed_in(rows, row, columns))
        yield next(cells, None) or _first(rows, numbers)
    if found.below:
        yield _first(rows, found.below)


def _changed_in(rows: Rows, row: int, columns: Collection[int]) -> Iterator[Edit]:
    for cell in rows.get(row, ()):
        column = column_number(cell.partition(BEHIND_COLUMN)[0])
        if column in columns or column > MOST_COLUMNS:
            yield _edit(row, cell)


def _edits_of(rows: Rows, row: int, columns: Collection[int] = ()) -> Iterator[Edit]:
    """Yield the cells of a row, those of some columns where any are given."""
    for cell in rows.get(row, ()):
        if not columns or column_number(cell.partition(BEHIND_COLUMN)[0]) in columns:
            yield _edit(row, cell)


def _first(rows: Rows, numbers: Collection[int]) -> Edit:
    """Return the first filled cell of some rows; an empty one in column A if they are blank."""
    row = next((number for number in numbers if number in rows), 0)
    return _edit(row, rows[row][0]) if row else Edit(f"A{min(numbers)}", "")


def _edit(row: int, cell: str) -> Edit:
    column, _, content = cell.partition(BEHIND_COLUMN)
    kind, text = content[:1], content[1:]
    if kind == "f":
        text = "公式"
    elif kind == "b":
        text = "TRUE" if text == "1" else "FALSE"
    return Edit(f"{column}{row}", text)


def _moved(known: Checks, rows: Rows, found: _Differences) -> tuple[Edit, ...] | None:
    """Return what is in rows or columns that were put in, if that is all; None if it is not.

    Of those that were taken out, only where they were is told.
    """
    more = max(rows, default=0) - known.count
    if more and found.rows:
        block = (found.rows[0] - 1) // known.size * known.size + 1
        for first in range(block, min(block + known.size, known.count + 1)):
            held = _shifted(rows, first, more)
            if more > 0 and _fits(known, held):
                return tuple(e for row in range(first, first + more) for e in _edits_of(rows, row))
            # where rows are checked by blocks, another change may hide in one that lacks rows
            if more < 0 and known.size == 1 and _fits(known, held, range(first, first - more)):
                return (Edit(f"A{first}", ""),)
    first = min(found.columns, default=0)
    for count in range(1, _MOST_NEW_COLUMNS + 1 if first else 0):
        if _fits(known, _aside(rows, first, count)):
            new = range(first, first + count)
            return tuple(each for row in sorted(rows) for each in _edits_of(rows, row, new))
        if _unlike_columns(known, _aside(rows, first, -count)) <= {*range(first, first + count)}:
            return (Edit(f"{column_letter(first)}1", ""),)
    return None


def _shifted(rows: Rows, first: int, more: int) -> Rows:
    """Return the rows as they were before so many were put in, or taken out, at `first`."""
    gone = range(first, first + more)
    return {n if n < first else n - more: rows[n] for n in rows if n not in gone}


def _aside(rows: Rows, first: int, more: int) -> Rows:
    """Return the rows as they were before so many columns were put in, or taken out."""
    gone, held = range(first, first + more), {}
    for row, filled in rows.items():
        cells = []
        for cell in filled:
            letters, behind, content = cell.partition(BEHIND_COLUMN)
            column = column_number(letters)
            if column >= first:
                letters = column_letter(max(1, column - more))
            if column not in gone:
                cells.append(f"{letters}{behind}{content}")
        if cells:
            held[row] = cells
    return held


def _fits(known: Checks, rows: Rows, missing: Collection[int] = ()) -> bool:
    """Say whether rows are those that were kept, but for the blocks with missing ones."""
    held = without(rows, known.areas)
    if max(held, default=0) > known.count:
        return False
    checks = block_checks(hashes(held), known.count, known.size)
    allowed = {(row - 1) // known.size for row in missing}
    return {*_unlike(known.blocks, checks)} <= allowed


def _unlike_columns(known: Checks, rows: Rows) -> set[int]:
    held = without(rows, known.areas)
    return {at + 1 for at in _unlike(known.columns, column_checks(held))}
