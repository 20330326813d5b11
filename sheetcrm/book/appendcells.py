"""The XML of new rows: values, formulas filled down, formats as in the rows above."""

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import cycle

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

    def new_rows(self, first: int, rows: Sequence[Sequence[CellValue | None]]) -> list[bytes]:
        """Return rows that are not in the part yet, below each other from row `first` on.

        Columns are made whole, equal values once; but in the order in which they would be met row
        by row, which is the order that new formats get.
        """
        given = dict(zip(self.around.wanted.columns, zip(*rows, strict=True), strict=True))
        columns = {c: given.get(c, (None,) * len(rows)) for c in self.columns}
        keys = [self._keys(column, values, first) for column, values in columns.items()]
        made = self._made(first, columns, keys)
        names = [b"%d" % number for number in range(first, first + len(rows))]
        row, start = self.writer.prefix + b"row", b'<%sc r="' % self.writer.prefix
        heads = [b'<%s r="%s"%s>' % (row, name, self._row_look) for name in names]
        cells = [
            _below_each_other(start + column_letter(column).encode(), names, own, rests)
            for column, own, rests in zip(columns, keys, made, strict=True)
        ]
        ending = b"</%s>" % row
        return [b"".join((*parts, ending)) for parts in zip(heads, *cells, strict=True)]

    def _keys(self, column: int, values: Sequence[CellValue | None], first: int) -> list[Hashable]:
        """Return what each cell of a column depends on: its row, or its value and its format."""
        if column in self.formulas:
            return list(range(first, first + len(values)))
        looks = cycle((self._style(first, column), self._style(first + 1, column)))
        # True is 1 and 1 is 1.0 as keys
        return list(zip(map(type, values), values, looks, strict=False))

    def _style(self, row: int, column: int) -> int:
        """Return the format of a cell of a new row."""
        return self.styles[1 - (row - self.around.last) % 2][column]

    def _made(
        self,
        first: int,
        columns: Mapping[int, Sequence[CellValue | None]],
        keys: Sequence[list[Hashable]],
    ) -> list[dict[Hashable, bytes]]:
        """Return what follows the place of a cell, by key and column; b"" for no cell."""
        made: list[dict[Hashable, bytes]] = [{} for _ in columns]
        by_place, last = list(columns.items()), len(keys[0]) - 1
        firsts = [dict(zip(reversed(own), range(last, -1, -1), strict=True)) for own in keys]
        for at, place in sorted((at, p) for p, found in enumerate(firsts) for at in found.values()):
            (column, values), key, told = by_place[place], keys[place][at], len(self.kept)
            value, style = written(values[at]), self._style(first + at, column)
            no_cell = value is None and not style and column not in self.formulas
            made[place][key] = (
                b"" if no_cell else b'"' + self._rest((first + at, column), value, style)
            )
            if len(self.kept) > told:
                *_, remark = self.kept.pop()
                here = (row for row, other in enumerate(keys[place], first) if other == key)
                self.kept += [(column, row, remark) for row in here]
        return made

    def filled_row(self, row: Element, values: Sequence[CellValue | None]) -> bytes:
        """Return a prepared blank row with the values in it, all else in it as it is."""
        rows, number = self.around.rows, row.number
        part = rows.part
        given = dict(zip(self.around.wanted.columns, map(written, values), strict=True))
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
                rest = self._rest((number, column), given.get(column), style)
                cells[column] = b"<%sc%s%s" % (self.writer.prefix, attributes, rest)
        for column in self.columns:
            if column not in cells:
                style = rows.style_of(number, column) if own else self._style(number, column)
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
        if value is None and not style and column not in self.formulas:
            return b""  # a blank cell is there for its format only
        place = b' r="%s%d"' % (column_letter(column).encode(), row)
        return b"<%sc%s%s" % (self.writer.prefix, place, self._rest((row, column), value, style))

    def _rest(self, place: tuple[int, int], value: CellValue | None, style: int) -> bytes:
        """Return what follows the other attributes of a cell."""
        row, column = place
        if column in self.formulas:
            made = self.formulas[column]
            text = made.at(row - self.around.last) if made else None
            if text is not None:
                self._refuse(row, column, value)
                return self.writer.rest(style or None, b"", self.writer.formula(text))
            if value is None:
                self.kept.append((column, row, "上一行的公式不能照抄到新行，这一格空着"))
        if value is None:
            return self.writer.rest(style or None, b"", b"")
        if not isinstance(value, str) or len(value) > _SURELY_FITS:
            value, remark = self._fit(value)
            if remark:
                self.kept.append((column, row, remark))
        index, kind, inside = self.writer.content(value, style)
        return self.writer.rest(index or None, kind, inside)

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


def _below_each_other(
    start: bytes, names: Sequence[bytes], keys: Sequence[Hashable], rests: Mapping[Hashable, bytes]
) -> list[bytes]:
    """Return the cells of a column: how they start, the names of their rows, and what follows."""
    return [
        start + name + rest if (rest := rests[key]) else b""
        for name, key in zip(names, keys, strict=True)
    ]


def written(value: CellValue | None) -> CellValue | None:
    """Return a value as it is written: None for what is blank, text for what is no number."""
    if type(value) is str:
        return value or None
    if value is None or value != value:  # NaN and NaT
        return None
    if not isinstance(value, str | date | int | float):  # a scalar of numpy's
        value = value.item() if hasattr(value, "item") else value
    return str(value) if value in (float("inf"), float("-inf")) else value
