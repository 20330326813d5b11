"""Many cells at once: a worksheet that takes whole columns, some thirty times as fast as by cell.

XlsxWriter keeps an object a cell and writes each through a dozen calls. Long lists are the greater
part of our tabs, so their cells are made into XML here, a column at a time and each distinct value
once, and handed over when the rows are written. XlsxWriter does all the rest.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from io import StringIO
from numbers import Real
from typing import Any
from xml.sax.saxutils import escape

import numpy as np
from pandas import NA
from xlsxwriter.format import Format
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from sheetcrm.book.area import quoted
from sheetcrm.book.limits import EXACT_INTEGER_LIMIT, FIRST_SAFE_DAY
from sheetcrm.book.write_formula import serial
from sheetcrm.book.write_rows import XmlColumn, XmlRows, runs
from sheetcrm.book.write_text import is_risky, plain_text
from sheetcrm.table import Coded, column_letter

Formats = Callable[[str], Format]
Target = tuple[str, str]
"""Where a link of this workbook goes: a sheet's name and an A1 cell or range."""

# Texts that a reader would take for an escaped character.
_ESCAPE = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
# Texts that are written as they are: nothing to escape, to cut or to keep from being a formula.
_AS_IS = re.compile(
    r"(?![=+\-@＝＋－＠\s])[^\x00-\x1f&<>_\ud800-\udfff\ufffe\uffff]{1,8000}(?<!\s)"
)


@dataclass(frozen=True)
class Column:
    """Cells below each other: `column` counts from 1, `values` are written as `Sheet.put` does.

    Values that are known by their distinct ones are quicker.
    """

    column: int
    values: Sequence[object] | Coded
    style: str


class BulkWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """XlsxWriter's worksheet, with room for cells and links that are XML already.

    `apart` is where the rows go that are only marked in the file; None to write all of them.
    """

    fh: Any

    def __init__(self) -> None:
        super().__init__()
        self.apart: list[XmlRows] | None = None
        self._columns: list[tuple[int, XmlColumn]] = []
        self._bulk_links: list[str] = []

    def add_column(self, first_row: int, column: XmlColumn) -> None:
        """Take in cells below each other, the first of them in `first_row`."""
        count = len(column.codes)
        if not count:
            return
        self._check_dimensions(first_row - 1, column.column - 1)
        self._check_dimensions(first_row + count - 2, column.column - 1)
        self._columns.append((first_row, column))

    def add_links(self, links: Sequence[str]) -> None:
        """Take in the XML of internal links."""
        self._bulk_links += links
        self.hlink_count += len(links)

    def add_formula(self, row: int, column: int, formula: str, made: tuple[Format, object]) -> int:
        """Take in a checked formula without `=`, its format and its result; counted from 0.

        XlsxWriter itself looks for thirty newer functions in every formula, in sheet names and
        texts as well, and writes what it takes for one as a dynamic array.
        """
        if self._check_dimensions(row, column):
            return -1
        self.table[row][column] = CellFormulaTuple(formula, *made)
        return 0

    def _write_rows(self) -> None:
        self._calculate_spans()
        mixed = self._mixed_rows()
        bulk = {rows.first: rows for rows in runs(self._columns, mixed.keys())}
        inside = {
            row for each in bulk.values() for row in range(each.first, each.first + each.count)
        }
        singles = {row + 1 for row in (*self.table, *self.row_info, *self.comments)}
        for number in sorted((singles - inside) | bulk.keys()):
            if number in bulk:
                self._write_run(replace(bulk[number], tags=self._tags(bulk[number])))
            else:
                self._write_single(number - 1, mixed.get(number) or {})

    def _mixed_rows(self) -> dict[int, dict[int, str]]:
        """Return the cells that are XML already, by column from 0, of rows that have others too."""
        singles = sorted(row + 1 for row, cells in self.table.items() if cells)
        found: dict[int, dict[int, str]] = {}
        for first, column in self._columns:
            end = first + len(column.codes)
            for row in singles[bisect_left(singles, first) : bisect_left(singles, end)]:
                found.setdefault(row, {})[column.column - 1] = column.cell(row - first, row)
        return found

    def _write_run(self, rows: XmlRows) -> None:
        if self.apart is None:
            self.fh.write(rows.xml().decode())
        else:
            self.fh.write(rows.mark.decode())
            self.apart.append(rows)

    def _write_single(self, row: int, bulk: Mapping[int, str]) -> None:
        cells = self.table.get(row) or {}
        span, height = self.row_spans.get(row // 16), self.row_info.get(row)
        if not cells:
            if row in self.row_info or row in self.comments:
                self._write_empty_row(row, span, height)
            return
        self._write_row(row, None if bulk else span, height)
        for column in sorted({*cells, *bulk}):
            if column in cells:
                self._write_cell(row, column, cells[column])
            else:
                self.fh.write(bulk[column])
        self._xml_end_tag("row")

    def _tags(self, rows: XmlRows) -> XmlColumn:
        """Return what stands behind the number in each row's tag; XlsxWriter writes it once."""
        if not self.row_info:
            return rows.tags
        known: dict[object, int] = {}
        tags: list[bytes] = []
        codes = []
        for row in range(rows.first - 1, rows.first - 1 + rows.count):
            info = self.row_info.get(row)
            key = info and (info.height, info.row_format, info.hidden, info.level, info.collapsed)
            if key not in known:
                known[key] = len(tags)
                tags.append(self._tag(row, info))
            codes.append(known[key])
        return XmlColumn(0, tags, np.array(codes, dtype=np.intc))

    def _tag(self, row: int, info: Any) -> bytes:
        file, self.fh = self.fh, StringIO()
        self._write_row(row, None, info)
        tag: str = self.fh.getvalue().removeprefix(f'<row r="{row + 1}')
        self.fh = file
        return tag.encode()

    def _write_hyperlinks(self) -> None:
        if not self._bulk_links:
            super()._write_hyperlinks()
            return
        file, self.fh = self.fh, StringIO()
        super()._write_hyperlinks()
        others = self.fh.getvalue().removeprefix("<hyperlinks>").removesuffix("</hyperlinks>")
        self.fh = file
        file.write(f"<hyperlinks>{others}{''.join(self._bulk_links)}</hyperlinks>")


def xml_column(column: Column, formats: Formats) -> XmlColumn:
    """Return a column's cells as XML, each distinct one once."""
    cell = _CellMaker(column.style, formats).cell
    if isinstance(column.values, Coded):
        codes, cells = column.values.codes, [b""] * len(column.values.values)
        for code in np.unique(codes).tolist():
            cells[code] = cell(column.values.values[code])
        return XmlColumn(column.column, cells, codes)
    known: dict[Hashable, int] = {}
    made: list[bytes] = []
    numbers = []
    for value in column.values:
        # True is 1 and 1 is 1.0 as keys.
        key = (value.__class__, value)
        number = known.get(key)
        if number is None:
            number = known[key] = len(made)
            made.append(cell(value))
        numbers.append(number)
    return XmlColumn(column.column, made, np.array(numbers, dtype=np.intc))


def styled_column(
    column: int, values: Sequence[object], styles: Sequence[str], formats: Formats
) -> XmlColumn:
    """Return cells below each other as XML, each in a style of its own."""
    cells: list[bytes] = []
    codes = np.empty(len(values), dtype=np.intc)
    for style in dict.fromkeys(styles):
        places = [at for at, own in enumerate(styles) if own == style]
        same = xml_column(Column(column, [values[at] for at in places], style), formats)
        codes[places] = same.codes + len(cells)
        cells += same.cells
    return XmlColumn(column, cells, codes)


def links(column: int, first_row: int, targets: Sequence[Target | None]) -> list[str]:
    """Return the XML of links below each other; None for a cell without one."""
    letter = column_letter(column)
    sheets: Mapping[str, str] = {
        name: escape(quoted(name), {'"': "&quot;"})
        for name in {target[0] for target in targets if target}
    }
    return [
        f'<hyperlink ref="{letter}{row}" location="{sheets[target[0]]}!{target[1]}"/>'
        for row, target in enumerate(targets, first_row)
        if target
    ]


@dataclass(frozen=True)
class _CellMaker:
    """Makes the cells of one style, less their addresses."""

    style: str
    formats: Formats

    def cell(self, value: object) -> bytes:
        """Return a cell's XML behind its address."""
        if value.__class__ is str and _AS_IS.fullmatch(value):
            return f"{self._opened}{value}</t></is></c>".encode()
        return f'" {_content(value, self.style, self.formats)}'.encode()

    @cached_property
    def _opened(self) -> str:
        return f'" s="{_index(self.formats, self.style)}" t="inlineStr"><is><t>'


def _content(value: object, style: str, formats: Formats) -> str:
    if value is None or value is NA or value != value:
        return f's="{_index(formats, style)}"/>'
    if isinstance(value, str):
        return _text(value, style, formats)
    if isinstance(value, bool):
        return f's="{_index(formats, style)}" t="b"><v>{int(value)}</v></c>'
    if isinstance(value, date):
        return _day(value, style, formats)
    if isinstance(value, Real) and abs(number := float(value)) < EXACT_INTEGER_LIMIT:
        return f's="{_index(formats, style)}"><v>{number:.16G}</v></c>'
    return _text(str(value), style, formats)


def _day(day: date, style: str, formats: Formats) -> str:
    number = serial(day)
    if number < serial(FIRST_SAFE_DAY):
        return _text(day.isoformat()[:10], style, formats)
    return f's="{_index(formats, f"date+{style}")}"><v>{number:.16G}</v></c>'


def _text(text: str, style: str, formats: Formats) -> str:
    clean = plain_text(text)
    if not clean:
        return f's="{_index(formats, style)}"/>'
    index = _index(formats, f"{style}+quote" if is_risky(clean) else style)
    space = ' xml:space="preserve"' if clean != clean.strip() or "\n" in clean else ""
    escaped = escape(_ESCAPE.sub(r"_x005F\1", clean))
    return f's="{index}" t="inlineStr"><is><t{space}>{escaped}</t></is></c>'


def _index(formats: Formats, style: str) -> int:
    index: int = formats(style)._get_xf_index()
    return index
