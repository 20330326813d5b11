"""Many cells at once: a worksheet that takes whole columns, some thirty times as fast as by cell.

XlsxWriter keeps an object a cell and writes each through a dozen calls. Long lists are the greater
part of our tabs, so their cells are made into XML here, a column at a time and each distinct value
once, and handed over when the rows are written. XlsxWriter does all the rest.
"""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
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
    """XlsxWriter's worksheet, with room for cells and links that are XML already."""

    fh: Any

    def __init__(self) -> None:
        super().__init__()
        self._bulk_rows: dict[int, list[tuple[int, str]]] = {}
        self._bulk_links: list[str] = []

    def add_cells(self, first_row: int, column: int, cells: Sequence[str]) -> None:
        """Take in the XML of cells below each other; rows and columns count from 1."""
        if not cells:
            return
        self._check_dimensions(first_row - 1, column - 1)
        self._check_dimensions(first_row + len(cells) - 2, column - 1)
        rows = self._bulk_rows
        for row, cell in enumerate(cells, first_row - 1):
            if row in rows:
                rows[row].append((column - 1, cell))
            else:
                rows[row] = [(column - 1, cell)]

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
        for row in sorted({*self.table, *self.row_info, *self.comments, *self._bulk_rows}):
            bulk = self._bulk_rows.get(row)
            cells = self.table.get(row)
            span, height = self.row_spans.get(row // 16), self.row_info.get(row)
            if bulk is None and not cells:
                if row in self.row_info or row in self.comments:
                    self._write_empty_row(row, span, height)
                continue
            self._write_row(row, None if bulk else span, height)
            self._write_cells_of(row, bulk or [])
            self._xml_end_tag("row")

    def _write_cells_of(self, row: int, bulk: list[tuple[int, str]]) -> None:
        single = self.table.get(row) or {}
        if not single:
            self.fh.write("".join([cell for _, cell in sorted(bulk)]))
            return
        ready = dict(bulk)
        for column in sorted({*single, *ready}):
            if column in single:
                self._write_cell(row, column, single[column])
            else:
                self.fh.write(ready[column])

    def _write_hyperlinks(self) -> None:
        if not self._bulk_links:
            super()._write_hyperlinks()
            return
        file, self.fh = self.fh, StringIO()
        super()._write_hyperlinks()
        others = self.fh.getvalue().removeprefix("<hyperlinks>").removesuffix("</hyperlinks>")
        self.fh = file
        file.write(f"<hyperlinks>{others}{''.join(self._bulk_links)}</hyperlinks>")


def cells(column: Column, first_row: int, formats: Formats) -> list[str]:
    """Return the XML of a column's cells, the first of them in `first_row`."""
    letter = column_letter(column.column)
    if isinstance(column.values, Coded):
        codes = column.values.codes
        rests = {
            code: _rest(column.values.values[code], column.style, formats)
            for code in np.unique(codes).tolist()
        }
        numbered = enumerate(codes.tolist(), first_row)
        return [f'<c r="{letter}{row}" {rests[code]}' for row, code in numbered]
    known: dict[Hashable, str] = {}
    made = []
    for row, value in enumerate(column.values, first_row):
        # True is 1 and 1 is 1.0 as keys.
        key = (value.__class__, value)
        rest = known.get(key)
        if rest is None:
            rest = known[key] = _rest(value, column.style, formats)
        made.append(f'<c r="{letter}{row}" {rest}')
    return made


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


def _rest(value: object, style: str, formats: Formats) -> str:
    """Return a cell's XML behind its reference."""
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
    if _AS_IS.fullmatch(text):
        return f's="{_index(formats, style)}" t="inlineStr"><is><t>{text}</t></is></c>'
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
