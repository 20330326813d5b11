"""Set single cells of a user's sheets, and leave every other byte of those sheets as it is.

Only the `<c>` elements of the cells change; one that is missing is put in at its place, with its
row if that is missing too. A cell keeps its format, except that a date, number or text of digits
gets one that shows it, appended to the styles. Texts are written into the cell itself, so that the
shared strings stay as they are; the rich text of one cell becomes plain.

What only Excel may change stays: formulas, the hidden part of merged cells, headings and totals of
tables, pivot tables, locked cells of a protected sheet. Such cells are returned with the reason.
Formulas anywhere make Excel calculate once when it opens the file.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sheetcrm.book.area import cell_area
from sheetcrm.book.cellcontent import CellValue, CellWriter
from sheetcrm.book.cellformats import CellFormats
from sheetcrm.book.cellguard import Guard
from sheetcrm.book.cellplaces import Element, SheetText, index_of, without_attribute
from sheetcrm.book.edit import no_room, put_styles, styles_of, workbook_links
from sheetcrm.book.package import relationships_name
from sheetcrm.book.splice import Edit, edited
from sheetcrm.book.styles import TooManyFormats
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import (
    WORKBOOK_ORDER,
    BadXml,
    as_it_was,
    as_utf8,
    ensure_child,
    in_ascii_only,
    serialise,
)
from sheetcrm.table import column_letter

__all__ = ["CellValue", "CellsSet", "Kept", "set_cells"]

_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f[\s/>]")


@dataclass(frozen=True)
class Kept:
    """A cell that was left as it is, and why, in Chinese."""

    sheet: str
    cell: str
    reason: str


@dataclass(frozen=True)
class CellsSet:
    """The workbook with the cells set, and those that were not."""

    book: Workbook
    kept: tuple[Kept, ...] = ()

    @cached_property
    def data(self) -> bytes:
        """The file."""
        return self.book.package.to_bytes()


def set_cells(target: Workbook, cells: Mapping[str, Mapping[str, CellValue | None]]) -> CellsSet:
    """Return the workbook with these cells set, and no others.

    Args:
        target: The opened workbook; not changed.
        cells: Sheet name -> cell such as "D5" -> value, None to empty the cell.

    Raises:
        FileProblem: A sheet part is broken, or there is no room for another cell format.
        KeyError: No worksheet of that name.
        ValueError: Not a cell address.
    """
    book = target.fork()
    sheets = {s.name: s for s in book.sheets if s.kind == "worksheet" and s.part}
    formats, kept = CellFormats(styles_of(book)), []
    changed = False
    for name, values in cells.items():
        try:
            patch = _Patch(book, sheets[name], formats)
            changed = patch.write(values) or changed
        except (BadXml, UnicodeError) as problem:
            raise book.package.damaged() from problem
        except TooManyFormats as problem:
            raise no_room(book) from problem
        kept += patch.kept
    if formats.changed:
        _put_styles(book, formats)
    if changed and calculate_on_opening(book):
        book.package.put(book.key, serialise(book.root))
    return CellsSet(book, tuple(kept))


def calculate_on_opening(book: Workbook) -> bool:
    """Make Excel calculate when it opens the file, if any sheet has a formula; say whether.

    Only the tree of the workbook part is changed.
    """
    parts = (s.part for s in book.sheets if s.kind == "worksheet" and s.part)
    if not any(_has_formula(as_utf8(book.package.read(part))[0]) for part in parts):
        return False
    ensure_child(book.root, "calcPr", WORKBOOK_ORDER).set("fullCalcOnLoad", "1")
    return True


def _put_styles(book: Workbook, formats: CellFormats) -> None:
    links = workbook_links(book)
    before = len(links)
    put_styles(book, links, formats.root)
    if len(links) > before:
        stored = book.package.stored_name(book.key)
        book.package.put(relationships_name(stored), serialise(links))


@dataclass
class _Patch:
    """The changes of one sheet: `edits` are (from, to, new bytes), `kept` what was refused."""

    book: Workbook
    sheet: Sheet
    formats: CellFormats
    edits: list[Edit] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        text, self._code = as_utf8(self.book.package.read(self.sheet.part))
        self.part = SheetText(text)
        self._guard = Guard(self.book, self.sheet, self.part)
        ascii_only = in_ascii_only(text) and not self._code
        date1904 = self.book.date1904
        self._writer = CellWriter(self.formats, self.part.prefix, ascii_only, date1904)

    def write(self, values: Mapping[str, CellValue | None]) -> bool:
        """Set the cells that may be set; say whether there was one."""
        by_row: dict[int, dict[int, CellValue | None]] = {}
        for cell, value in values.items():
            row, column = _place(cell)
            unfit = "" if value is None else self._writer.unfit(value)
            reason = self._guard.reason(row, column) or unfit
            if reason:
                self._keep(row, column, reason)
            else:
                by_row.setdefault(row, {})[column] = value
        missing = []
        for number in sorted(by_row):
            there = self.part.rows.numbered(number)
            if there is None:
                missing.append(number)
            else:
                self._in_row(there, by_row[number])
        self._new_rows({number: by_row[number] for number in missing})
        if self.edits:
            patched = edited(
                self.part,
                self.edits,
                as_declared=self._writer.ascii_only,
                inspected=self.book.inspected,
            )
            self.book.package.put(self.sheet.part, as_it_was(patched, self._code))
        return bool(self.edits)

    def _keep(self, row: int, column: int, reason: str) -> None:
        self.kept.append(Kept(self.sheet.name, f"{column_letter(column)}{row}", reason))

    def _in_row(self, row: Element, values: Mapping[int, CellValue | None]) -> None:
        cells = self.part.cells(row)
        known = {cell.number: cell for cell in reversed(cells)}
        added: list[tuple[int, bytes]] = []
        for column in sorted(values):
            cell = known.get(column)
            if cell is not None:
                self._replace(row, cell, values[column])
                continue
            made = self._made((row.number, column), values[column], self._format_of(row, column))
            if made:
                later = (c.start for c in cells if c.number > column)
                added.append((next(later, row.close), made))
        if added:
            self._insert(row, added)

    def _replace(self, row: Element, cell: Element, value: CellValue | None) -> None:
        inside = self.part.mask[cell.inner : cell.close]
        if _FORMULA.search(inside):
            self._keep(row.number, cell.number, "是公式")
            return
        index = index_of(cell.get(b"s"))
        if self._locked(row.number, cell.number, index):
            return
        attributes = cell.attributes
        for name in (b"t", b"s", b"vm", b"cm", b"ph"):
            attributes = without_attribute(attributes, name)
        new, kind, content = (
            (index, b"", b"") if value is None else self._writer.content(value, index)
        )
        more = b"".join(self.part.text[e.start : e.end] for e in self._extensions(cell))
        had_format = cell.get(b"s") is not None
        self.edits.append(
            (
                cell.start,
                cell.end,
                self._writer.cell(
                    attributes, new if had_format or new else None, kind, content + more
                ),
            )
        )

    def _extensions(self, cell: Element) -> Sequence[Element]:
        return list(self.part.elements(b"extLst", cell.inner, cell.close))

    def _made(self, at: tuple[int, int], value: CellValue | None, index: int) -> bytes:
        """Return the cell that is put in; nothing for none and where the sheet is protected."""
        row, column = at
        if value is None or self._locked(row, column, index):
            return b""
        new, kind, content = self._writer.content(value, index)
        place = b' r="%s%d"' % (column_letter(column).encode(), row)
        return self._writer.cell(place, new or None, kind, content)

    def _locked(self, row: int, column: int, index: int) -> bool:
        locked = self._guard.protected and self.formats.is_locked(index)
        if locked:
            self._keep(row, column, "工作表受保护，这一格是锁定的")
        return locked

    def _insert(self, row: Element, added: Sequence[tuple[int, bytes]]) -> None:
        opening = self.part.text[row.start : row.inner]
        if row.get(b"spans") is not None:
            opening = without_attribute(opening, b"spans")  # a hint that may be wrong now
        if row.is_empty:
            name = self.part.prefix + b"row"
            opening = opening[: opening.rindex(b"/")].rstrip() + b">"
            cells = b"".join(cell for _, cell in added)
            self.edits.append((row.start, row.end, b"%s%s</%s>" % (opening, cells, name)))
            return
        self.edits.append((row.start, row.inner, opening))
        self.edits += [(at, at, cell) for at, cell in added]

    def _new_rows(self, new: Mapping[int, Mapping[int, CellValue | None]]) -> None:
        data, rows, name = self.part.data, self.part.rows, self.part.prefix + b"row"
        made: list[tuple[int, bytes]] = []
        for number in sorted(new):
            cells = b"".join(
                self._made((number, column), new[number][column], self._format_of(None, column))
                for column in sorted(new[number])
            )
            if cells:
                later = rows.starts[rows.numbers > number].tolist()
                text = b'<%s r="%d">%s</%s>' % (name, number, cells, name)
                made.append((later[0] if later else data.close, text))
        if made and data.is_empty:
            name = self.part.prefix + b"sheetData"
            text = b"".join(row for _, row in made)
            self.edits.append((data.start, data.end, b"<%s>%s</%s>" % (name, text, name)))
        else:
            self.edits += [(at, at, row) for at, row in made]

    def _format_of(self, row: Element | None, column: int) -> int:
        """Return the format a cell has that is not there: its row's, else its column's."""
        if row is not None and row.get(b"customFormat") in (b"1", b"true"):
            return index_of(row.get(b"s"))
        for item in self.part.elements(b"col", 0, self.part.data.start):
            first, last = (index_of(item.get(n)) for n in (b"min", b"max"))
            if first <= column <= last:
                return index_of(item.get(b"style"))
        return 0


def _has_formula(part: bytes) -> bool:
    start, end = part.find(b"sheetData"), part.rfind(b"sheetData")
    if part.find(b"f", start, end) < 0:  # one byte is found many times quicker than two
        part = part[:start] + part[end:]
    # plain searches are ten times quicker than the pattern
    return (b"<f" in part or b":f" in part) and _FORMULA.search(part) is not None


def _place(cell: str) -> tuple[int, int]:
    area = cell_area(cell)
    if area is None or ":" in cell:
        raise ValueError(f"not a cell: {cell!r}")
    return area.top, area.left
