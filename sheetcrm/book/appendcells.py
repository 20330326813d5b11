"""The XML of new rows: values, formulas filled down, formats as in the rows above."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import TypeAlias

from sheetcrm.book.appendwhere import Surroundings
from sheetcrm.book.cellcontent import CellValue, CellWriter
from sheetcrm.book.cellplaces import Element, without_attribute
from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.references import FillDown, fill_down, moved, references
from sheetcrm.book.rowchange import RowChange
from sheetcrm.book.sheetnodes import marked_up
from sheetcrm.book.sheetrows import Formula
from sheetcrm.book.write_text import clip
from sheetcrm.table import column_letter

# Column, format, the tag up to the row's number, and what follows it by kind and value of the cell.
_Column: TypeAlias = tuple[int, int, bytes, dict[tuple[type, CellValue | None], bytes]]

_SURELY_FITS = CELL_LIMIT // 2  # characters beyond the first plane count twice
_OF_VALUE = (b"t", b"s", b"vm", b"cm", b"ph")
_ROW_LOOK = (b"ht", b"customHeight", b"s", b"customFormat", b"outlineLevel")


@dataclass
class NewCells:
    """Makes the rows that are appended; `kept` collects (column, row, reason)."""

    around: Surroundings
    writer: CellWriter
    change: RowChange
    kept: list[tuple[int, int, str]] = field(default_factory=list)

    @cached_property
    def columns(self) -> range:
        """All columns of the table."""
        left, right = self.around.extent
        return range(left, right + 1)

    @cached_property
    def formulas(self) -> Mapping[int, FillDown | None]:
        """The columns of formulas; None where the formula cannot be filled down."""
        found: dict[int, FillDown | None] = {}
        for column, view in self.around.rows.cells(self.around.last).items():
            if column in self.columns and view.formula and self._has_data:
                found[column] = self._filled_down(column, view.formula.text)
        return found

    @property
    def _has_data(self) -> bool:
        return self.around.last > self.around.wanted.header_row

    def _filled_down(self, column: int, text: str | None) -> FillDown | None:
        last, rows = self.around.last, self.around.rows
        if not text:
            return None
        above = rows.cells(last - 1).get(column)
        if last - 1 > self.around.wanted.header_row:
            before = above.formula.text if above and above.formula else None
            if before is None or moved(before, 1, 0) != text:
                return None
        below = [it for it in references(text) if it.bottom > last and not it.sheet]
        if any(not it.rows_fixed for it in below):
            return None
        return fill_down(self.change.formula(text, own=True, fixed=True))

    @cached_property
    def styles(self) -> tuple[Mapping[int, int], Mapping[int, int]]:
        """The formats of odd and of even new rows: the same unless the rows above alternate."""
        last = self._styles_of(self.around.last)
        if self.around.last - 3 > self.around.wanted.header_row:
            one, two, three = (self._styles_of(self.around.last - n) for n in (1, 2, 3))
            if last == two and one == three and last != one:
                return one, last
        return last, last

    def _styles_of(self, row: int) -> dict[int, int]:
        rows = self.around.rows
        if not self._has_data:
            return {column: rows.column_style(column) for column in self.columns}
        found = {column: rows.style_of(row, column) for column in self.columns}
        return {column: self.writer.formats.unquoted(style) for column, style in found.items()}

    @cached_property
    def _row_look(self) -> bytes:
        """The attributes that a new row takes over from the last data row."""
        row = self.around.rows.part.rows.numbered(self.around.last) if self._has_data else None
        if row is None:
            return b""
        look = {name: row.get(name) for name in _ROW_LOOK}
        if look[b"customHeight"] not in (b"1", b"true") or look[b"ht"] == b"0":
            look[b"ht"] = look[b"customHeight"] = None
        if row.get(b"hidden") in (b"1", b"true"):
            look[b"outlineLevel"] = None
        return b"".join(b' %s="%s"' % (n, v) for n, v in look.items() if v is not None)

    def new_row(self, number: int, offset: int, values: Sequence[CellValue | None]) -> bytes:
        """Return a row that is not in the part yet; `offset` counts the new rows from 1."""
        given = dict(zip(self.around.wanted.columns, values, strict=True))
        name, digits = self.writer.prefix + b"row", b"%d" % number
        parts = [b'<%s r="%s"%s>' % (name, digits, self._row_look)]
        for column, style, opening, known in self._plan[1 - offset % 2]:
            value = given.get(column)
            rest = known.get((value.__class__, value))
            if rest is None:
                rest = self._rest(value, style, column)
                if rest is None:
                    parts.append(self._new_cell(number, column, value, style))
                    continue
                known[value.__class__, value] = rest
            if rest:
                parts += opening, digits, rest
        parts.append(b"</%s>" % name)
        return b"".join(parts)

    @cached_property
    def _plan(self) -> tuple[list[_Column], list[_Column]]:
        """The columns of odd and of even new rows."""
        odd, even = self.styles
        plan = self._columns_of(odd)
        return plan, plan if even is odd else self._columns_of(even)

    def _columns_of(self, styles: Mapping[int, int]) -> list[_Column]:
        start = b'<%sc r="' % self.writer.prefix
        return [(c, style, start + column_letter(c).encode(), {}) for c, style in styles.items()]

    def _rest(self, value: CellValue | None, style: int, column: int) -> bytes | None:
        """Return what follows the place of a cell, b"" for no cell.

        None where it depends on the row, or there is something to say of it.
        """
        if column in self.formulas:
            return None
        if value is None:
            return b'"' + self.writer.rest(style, b"", b"") if style else b""
        if not isinstance(value, str) or len(value) > _SURELY_FITS:
            value, remark = self._fit(value)
            if remark:
                return None
        index, kind, inside = self.writer.content(value, style)
        return b'"' + self.writer.rest(index or None, kind, inside)

    def filled_row(self, row: Element, offset: int, values: Sequence[CellValue | None]) -> bytes:
        """Return a prepared blank row with the values in it, all else in it as it is."""
        rows, number = self.around.rows, row.number
        part = rows.part
        given = dict(zip(self.around.wanted.columns, values, strict=True))
        styles = self.styles[1 - offset % 2]
        own = row.get(b"customFormat") in (b"1", b"true")
        cells: dict[int, bytes] = {}
        for column, view in rows.cells(number).items():
            element = view.element
            cells[column] = part.text[element.start : element.end]
            if column not in self.columns:
                continue
            if view.formula is not None:
                cells[column] = self._kept_formula(view.formula, element, cells[column])
                self._refuse(number, column, given.get(column))
            elif given.get(column) is not None or (column in self.formulas and not view.text):
                style = self.writer.formats.unquoted(view.style)
                attributes = element.attributes
                for name in _OF_VALUE:
                    attributes = without_attribute(attributes, name)
                cells[column] = self._cell(number, column, given.get(column), style, attributes)
        for column in self.columns:
            if column not in cells:
                style = rows.style_of(number, column) if own else styles[column]
                cells[column] = self._new_cell(number, column, given.get(column), style)
        opening = part.text[row.start : row.inner]
        for name in (b"spans", b"hidden", b"collapsed"):
            opening = without_attribute(opening, name)
        if row.is_empty:
            opening = opening[: opening.rindex(b"/")].rstrip() + b">"
        content = b"".join(cells[column] for column in sorted(cells))
        return b"%s%s</%s>" % (opening, content, self.writer.prefix + b"row")

    def _kept_formula(self, formula: Formula, cell: Element, old: bytes) -> bytes:
        """Return a cell with its formula, which may have to take in the new rows."""
        new = self.change.formula(formula.text or "", own=True, fixed=True)
        if formula.kind or new == (formula.text or ""):
            return old
        start, end = formula.element.inner - cell.start, formula.element.close - cell.start
        return old[:start] + marked_up(new) + old[end:]

    def _new_cell(self, row: int, column: int, value: CellValue | None, style: int) -> bytes:
        if value is None and column not in self.formulas:
            return self._blank(row, column, style)
        return self._cell(row, column, value, style, self._letters[column] % row)

    @cached_property
    def _letters(self) -> Mapping[int, bytes]:
        return {c: b' r="' + column_letter(c).encode() + b'%d"' for c in self.columns}

    def _blank(self, row: int, column: int, style: int) -> bytes:
        # a blank cell is there for its format only
        place = self._letters[column] % row
        return self.writer.cell(place, style, b"", b"") if style else b""

    def _cell(
        self, row: int, column: int, value: CellValue | None, style: int, attributes: bytes
    ) -> bytes:
        if column in self.formulas:
            made = self.formulas[column]
            text = made.at(row - self.around.last) if made else None
            if text is not None:
                self._refuse(row, column, value)
                return self.writer.cell(attributes, style or None, b"", self.writer.formula(text))
            if value is None:
                self.kept.append((column, row, "上一行的公式不能照抄到新行，这一格空着"))
        if value is None:
            return self.writer.cell(attributes, style or None, b"", b"")
        if not isinstance(value, str) or len(value) > _SURELY_FITS:
            value, remark = self._fit(value)
            if remark:
                self.kept.append((column, row, remark))
        index, kind, inside = self.writer.content(value, style)
        return self.writer.cell(attributes, index or None, kind, inside)

    def _refuse(self, row: int, column: int, value: CellValue | None) -> None:
        if value is not None:
            self.kept.append((column, row, "这一列是公式，给的内容没有写入"))

    def _fit(self, value: CellValue) -> tuple[CellValue, str]:
        """Return what a cell can hold of a value, and what was done about it."""
        if not self.writer.unfit(value):
            return value, ""
        if isinstance(value, str):
            return clip(value, CELL_LIMIT), f"内容超过 {CELL_LIMIT:,} 个字符，只写入了前面的部分"
        day = value.date() if isinstance(value, datetime) else value
        return str(day), "日期早于 Excel 能记的日期，写成了文字"


def written(value: CellValue | None) -> CellValue | None:
    """Return a value as it is written: None for what is blank, text for what is no number."""
    if type(value) is str:
        return value or None
    if value is None or value != value:  # NaN and NaT
        return None
    if not isinstance(value, str | date | int | float):  # a scalar of numpy's
        value = value.item() if hasattr(value, "item") else value
    return str(value) if value in (float("inf"), float("-inf")) else value
