"""Blocks: the small tables side by side that the 设置, 字段 and 规则 tabs are made of.

Described here once for both directions: a tab is written from blocks, and blocks are found again
by their headings, wherever a manager has moved them.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from math import isfinite
from typing import Any

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.table import Cell, column_letter

TITLE_ROW = 3
HEADER_ROW = 4
FIRST_ROW = 5
_SPARE_ROWS = 20
LEAST_ROWS = 200
_SEPARATORS = re.compile(r"[、，,；;\n]+")


@dataclass(frozen=True)
class Block:
    """One small table as it is written.

    The title stands in TITLE_ROW, the headers in HEADER_ROW, the filled rows from FIRST_ROW on.
    `column` counts from 1 (A). `key` is settings, stages, exceptions, fields, rules or, for a
    drop-down list, list:<key>. `choices` are the words a column with such a header accepts.
    """

    key: str
    title: str
    headers: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    column: int = 1
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def capacity(self) -> int:
        """How many rows are for filling in: what is filled and spare ones."""
        return max(LEAST_ROWS, len(self.rows) + _SPARE_ROWS)

    @property
    def last_row(self) -> int:
        """The last row for filling in."""
        return FIRST_ROW + self.capacity - 1


def side_by_side(blocks: Sequence[Block]) -> tuple[Block, ...]:
    """Give the blocks their columns, one blank column between two."""
    placed, column = [], 1
    for block in blocks:
        placed.append(replace(block, column=column))
        column += len(block.headers) + 1
    return tuple(placed)


def as_rows(blocks: Sequence[Block], above: Sequence[Sequence[Cell]] = ()) -> list[list[Cell]]:
    """Lay blocks out as the rows of a sheet from A1, under the rows `above`."""
    height = max((FIRST_ROW - 1 + len(b.rows) for b in blocks), default=HEADER_ROW)
    width = max((b.column - 1 + len(b.headers) for b in blocks), default=0)
    width = max([width, *(len(r) for r in above)])
    rows: list[list[Cell]] = [[None] * width for _ in range(height)]
    for at, cells in enumerate(above):
        rows[at][: len(cells)] = cells
    for block in blocks:
        left = block.column - 1
        rows[TITLE_ROW - 1][left] = block.title
        for at, cells in enumerate((block.headers, *block.rows), start=HEADER_ROW - 1):
            rows[at][left : left + len(block.headers)] = [c if c != "" else None for c in cells]
    return rows


@dataclass(frozen=True)
class Line:
    """One row of a block that was found: its cells by header, its real place in the sheet."""

    row: int
    columns: Mapping[str, int]
    cells: Mapping[str, Cell]

    def text(self, header: str) -> str:
        """Return a cell as text; "" where it is blank or the block has no such column."""
        return cell_text(self.cells.get(header))

    def has(self, header: str) -> bool:
        """Say whether the block has that column at all."""
        return header in self.columns

    def address(self, header: str) -> str:
        """Return the A1 address of a cell; the row's first one where there is no such column."""
        column = self.columns.get(header, min(self.columns.values()))
        return f"{column_letter(column)}{self.row}"


@dataclass(frozen=True)
class FoundBlock:
    """One block found in a sheet; `gaps` are blank rows between filled ones."""

    anchor: str
    title: str
    header_row: int
    columns: Mapping[str, int]
    header: str
    lines: tuple[Line, ...]
    gaps: tuple[int, ...]


def find_blocks(rows: Sequence[Sequence[Cell]], anchors: Sequence[str]) -> list[FoundBlock]:
    """Find the blocks of a sheet: each starts at a cell that says one of the anchors.

    A block's headers run from its anchor to the next blank cell or anchor; its rows reach down to
    the next block in the same columns.

    Args:
        rows: The sheet from A1.
        anchors: The first headers of the blocks looked for.
    """
    held = list(rows)  # rows kept by column are made anew each time they are asked for
    heads = list(_heads(held, anchors))
    return [_block(held, head, _end(held, head, heads)) for head in heads]


@dataclass(frozen=True)
class _Head:
    row: int
    anchor: str
    header: str
    columns: Mapping[str, int]

    def overlaps(self, other: "_Head") -> bool:
        mine, theirs = self.columns.values(), other.columns.values()
        return min(mine) <= max(theirs) and min(theirs) <= max(mine)


def _heads(rows: Sequence[Sequence[Cell]], anchors: Sequence[str]) -> Iterator[_Head]:
    named = {cell for cells in rows for cell in cells if isinstance(cell, str)}
    named = {text for text in named if _folded(text) in anchors}
    for at, cells in enumerate(rows, start=1):
        if named.isdisjoint(cells):
            continue
        texts = [_folded(c) for c in cells]
        starts = [i for i, text in enumerate(texts) if text in anchors]
        # An anchor word in a data row has no header at its right.
        starts = [i for i in starts if i + 1 < len(texts) and texts[i + 1]]
        for i in starts:
            end = next(
                (j for j in range(i + 1, len(texts)) if not texts[j] or j in starts), len(texts)
            )
            columns = {texts[j]: j + 1 for j in reversed(range(i, end))}
            yield _Head(at, texts[i], cell_text(cells[i]), columns)


def _is_blank(cells: Sequence[Cell]) -> bool:
    """Say so quickly; a tab's longest list leaves hundreds of blank rows below the others."""
    return cells.count(None) == len(cells)


@lru_cache(maxsize=4096)
def _folded(cell: Cell) -> str:
    """Return a header without brackets, marks and spaces; "" for what is no text."""
    if not isinstance(cell, str):
        return ""
    text = unicodedata.normalize("NFKC", cell)
    return re.sub(r"\s|\*|\([^)]*\)", "", text)


def _end(rows: Sequence[Sequence[Cell]], head: _Head, heads: Sequence[_Head]) -> int:
    below = [h for h in heads if h.row > head.row and h.overlaps(head)]
    if not below:
        return len(rows)
    nearest = min(below, key=lambda h: h.row)
    return nearest.row - (2 if _title(rows, nearest) else 1)


def _title(rows: Sequence[Sequence[Cell]], head: _Head) -> str:
    above = rows[head.row - 2] if head.row > 1 else []
    left = min(head.columns.values()) - 1
    return cell_text(above[left]) if left < len(above) else ""


def _block(rows: Sequence[Sequence[Cell]], head: _Head, end: int) -> FoundBlock:
    lines: list[Line] = []
    gaps: list[int] = []
    blank: list[int] = []
    left, right = min(head.columns.values()), max(head.columns.values())
    for at in range(head.row + 1, end + 1):
        cells = rows[at - 1]
        if _is_blank(cells[left - 1 : right]):
            blank.append(at)
            continue
        values = {h: cells[c - 1] if c <= len(cells) else None for h, c in head.columns.items()}
        if all(cell_text(v) == "" for v in values.values()):
            blank.append(at)
            continue
        gaps += blank if lines else []
        blank = []
        lines.append(Line(at, head.columns, values))
    title = _title(rows, head)
    return FoundBlock(
        head.anchor, title, head.row, head.columns, head.header, tuple(lines), tuple(gaps)
    )


def cell_text(cell: Cell) -> str:
    """Return a cell of our own tabs as the text a manager sees in it."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, date | time | timedelta):
        return _moment_text(cell)
    return str(cell).strip()


def _moment_text(cell: date | time | timedelta) -> str:
    if isinstance(cell, timedelta):
        minutes = round(cell.total_seconds() / 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}"
    if isinstance(cell, datetime) and cell.time() != time():
        return f"{cell:%Y-%m-%d %H:%M}"
    return f"{cell:%H:%M}" if isinstance(cell, time) else f"{cell:%Y-%m-%d}"


def cell_number(cell: Cell) -> float | None:
    """Return a cell as a finite number, `15%` as 0.15; None if it is none."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return float(cell) if isfinite(cell) else None
    if not isinstance(cell, str):
        return None
    text = unicodedata.normalize("NFKC", cell).strip()
    share = text.endswith("%")
    try:
        number = float(text.removesuffix("%").replace(",", ""))
    except ValueError:
        return None
    if not isfinite(number):
        return None
    return number / 100 if share else number


def split_words(text: str) -> tuple[str, ...]:
    """Split a cell of several words at 、 and its relatives; each word once."""
    words = (word.strip() for word in _SEPARATORS.split(text))
    return tuple(dict.fromkeys(word for word in words if word))


def join_words(words: Sequence[str]) -> str:
    """Write several words into one cell; `split_words` reads them back."""
    return "、".join(words)


@dataclass(frozen=True)
class Report:
    """Where the findings about one of our tabs are collected."""

    file: str
    sheet: str
    findings: list[Finding]

    def add(self, code: str, line: Line, header: str, **facts: Any) -> None:
        """Report the cell of a line under a header."""
        place = Place(self.file, self.sheet, line.address(header), line.row, header)
        self.findings.append(finding(code, place, line.text(header), **facts))

    def add_alias(self, line: Line, alias: str, other: str) -> None:
        """Report a word of the 别名 cell of a line that stands at some other place already."""
        facts = {"value": alias, "other": other}
        self.add_sheet("KIT-02", line.address("别名"), line.row, **facts)

    def add_sheet(self, code: str, cell: str = "", row: int = 0, **facts: Any) -> None:
        """Report the tab as a whole, or a place outside any line."""
        self.findings.append(finding(code, Place(self.file, self.sheet, cell, row), **facts))


def named_lines(
    lines: Sequence[Line], anchor: str, report: Report, where: str = "前面的行"
) -> Iterator[tuple[str, Line]]:
    """Yield each line with its name, the text under the anchor.

    A line without one is reported (KIT-19), so is one whose name came before (KIT-02): `where`, in
    Chinese. Neither is yielded.
    """
    seen: set[str] = set()
    for line in lines:
        name = line.text(anchor)
        if not name:
            report.add("KIT-19", line, anchor)
        elif name in seen:
            report.add("KIT-02", line, anchor, other=where)
        else:
            seen.add(name)
            yield name, line


def limit_of(line: Line, header: str, unlimited: str, report: Report) -> int:
    """Return how many there may be, 0 for any number: where the cell is blank, or no whole number.

    Args:
        line: The line.
        header: Of the cell.
        unlimited: What any number is called there: 不限.
        report: Takes the finding about a cell that is no whole number.
    """
    if not line.text(header):
        return 0
    number = cell_number(line.cells.get(header))
    if number is None or number < 0 or not number.is_integer():
        expected = f"不小于0的整数，空着是{unlimited}"
        report.add("KIT-11", line, header, expected=expected, default=unlimited)
        return 0
    return int(number)


def report_gaps(block: FoundBlock, name: str, report: Report) -> None:
    """Report the first blank row inside a list: its drop-down counts the filled ones only."""
    if block.gaps:
        at = f"{column_letter(min(block.columns.values()))}{block.gaps[0]}"
        report.add_sheet("KIT-14", at, block.gaps[0], name=name)
