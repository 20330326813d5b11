"""Many cells at once: a worksheet that takes whole columns, some thirty times as fast as by cell.

XlsxWriter keeps an object a cell and writes each through a dozen calls. Long lists are the greater
part of our tabs, so their cells are made into XML here, a column at a time and each distinct value
once, and handed over when the rows are written. XlsxWriter does all the rest.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
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
from xlsxwriter.url import Url
from xlsxwriter.worksheet import CellFormulaTuple, Worksheet

from sheetcrm.book.area import Area, quoted
from sheetcrm.book.limits import EXACT_INTEGER_LIMIT, FIRST_SAFE_DAY, exact
from sheetcrm.book.write_formula import serial
from sheetcrm.book.write_rows import RowTags, XmlColumn, XmlRows, runs
from sheetcrm.book.write_strict import done
from sheetcrm.book.write_text import is_risky, plain_text
from sheetcrm.table import Coded, cell_column, column_letter

Formats = Callable[[str], Format]
Known = dict[object, bytes]
"""Texts and numbers of a workbook that were made into cells: what stands behind their format."""
Target = tuple[str, str, str]
"""Where a link goes: a sheet's name, an A1 cell, the relative path of its file, "" for our own."""

# Texts that a reader would take for an escaped character.
_ESCAPE = re.compile(r"(_x[0-9A-Fa-f]{4}_)")
# Texts that are written as they are: nothing to escape, to cut or to keep from being a formula.
_AS_IS = re.compile(
    r"(?![=+\-@＝＋－＠\s])[^\x00-\x1f&<>_\ud800-\udfff\ufffe\uffff]{1,8000}(?<!\s)"
)


_BLANK = b'"/>'
# Equal ones of these are written alike, in the plain format of any style.
_KEPT = (str, float, int)


@dataclass(frozen=True)
class Column:
    """Cells below each other: `column` counts from 1, `values` are written as `Sheet.put` does.

    Values that are known by their distinct ones are quicker.
    """

    column: int
    values: Sequence[Any] | Coded
    style: str


class BulkWorksheet(Worksheet):  # type: ignore[misc]  # XlsxWriter has no types
    """XlsxWriter's worksheet, with room for cells and links that are XML already.

    `apart` is where the rows go that are only marked in the file; None to write all of them.
    `areas` are those that people fill in.
    """

    fh: Any

    def __init__(self) -> None:
        super().__init__()
        self.apart: list[XmlRows] | None = None
        self.areas: list[Area] = []
        self._columns: list[tuple[int, XmlColumn]] = []
        self._bulk_links: list[tuple[str, str]] = []

    def add_column(self, first_row: int, column: XmlColumn) -> None:
        """Take in cells below each other, the first of them in `first_row`."""
        count = len(column.codes)
        if not count:
            return
        self._check_dimensions(first_row - 1, column.column - 1)
        self._check_dimensions(first_row + count - 2, column.column - 1)
        self._columns.append((first_row, column))

    def add_heights(self, first_row: int, points: Sequence[float]) -> None:
        """Take in the heights of rows below each other."""
        for height in dict.fromkeys(points):
            rows = [row for row, own in enumerate(points, first_row - 1) if own == height]
            for row in (rows[0], rows[-1]):
                done(self.set_row(row, height))
            # what XlsxWriter keeps of a row says nothing about its place
            self.row_info.update(dict.fromkeys(rows, self.row_info[rows[0]]))
            self.row_sizes.update(dict.fromkeys(rows, self.row_sizes[rows[0]]))

    def add_links(self, links: Sequence[tuple[str, str]]) -> None:
        """Take in links: the rest of each tag, and the file it leads to, "" for this one."""
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

    def _tags(self, rows: XmlRows) -> RowTags:
        """Return what stands behind the number in each row's tag; XlsxWriter writes it once."""
        if not self.row_info:
            return rows.tags
        known: dict[int, int] = {}
        tags: list[bytes] = []
        codes = []
        for row in range(rows.first - 1, rows.first - 1 + rows.count):
            info = self.row_info.get(row)
            if id(info) not in known:
                known[id(info)] = len(tags)
                tags.append(self._tag(row, info))
            codes.append(known[id(info)])
        return RowTags(tags, np.array(codes, dtype=np.intc))

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
        files = {path: Url(f"external:{path}")._target() for _, path in self._bulk_links if path}
        ours = []
        for link, path in self._bulk_links:
            if path:  # a relationship a link, as Excel itself writes them
                self.rel_count += 1
                self.external_hyper_links.append(["/hyperlink", files[path], "External"])
            ours.append(
                f'<hyperlink r:id="rId{self.rel_count}" {link}' if path else f"<hyperlink {link}"
            )
        file.write(f"<hyperlinks>{others}{''.join(ours)}</hyperlinks>")


def xml_column(column: Column, formats: Formats, known: Known) -> XmlColumn:
    """Return a column's cells as XML, each distinct one once; `known` grows."""
    if isinstance(column.values, Coded):
        values, codes = column.values.values.tolist(), column.values.codes
    else:
        distinct = cell_column(column.values)
        values, codes = distinct.values, np.frombuffer(distinct.codes, dtype=np.intc)
    maker = _CellMaker(column.style, formats, known)
    numbers, cells = [0] * len(values), [b""] * len(values)
    for code in np.flatnonzero(np.bincount(codes, minlength=len(values))).tolist():
        numbers[code], cells[code] = maker.cell(values[code])
    return XmlColumn(column.column, cells, numbers, codes)


def styled_column(
    column: int, values: Sequence[object], styles: Sequence[str], formats: Formats, known: Known
) -> XmlColumn:
    """Return cells below each other as XML, each in a style of its own."""
    cells: list[bytes] = []
    numbers: list[int] = []
    codes = np.empty(len(values), dtype=np.intc)
    for style in dict.fromkeys(styles):
        places = [at for at, own in enumerate(styles) if own == style]
        part = Column(column, [values[at] for at in places], style)
        same = xml_column(part, formats, known)
        codes[places] = same.codes + len(cells)
        cells += same.cells
        numbers += same.formats
    return XmlColumn(column, cells, numbers, codes)


def links(column: int, first_row: int, targets: Sequence[Target | None]) -> list[tuple[str, str]]:
    """Return links below each other as `add_links` takes them; None for a cell without one."""
    letter = column_letter(column)
    sheets: Mapping[str, str] = {
        name: escape(quoted(name), {'"': "&quot;"})
        for name in {target[0] for target in targets if target}
    }
    return [
        (f'ref="{letter}{row}" location="{sheets[target[0]]}!{target[1]}"/>', target[2])
        for row, target in enumerate(targets, first_row)
        if target
    ]


@dataclass(frozen=True)
class _CellMaker:
    """Makes the cells of one style: the number of the format, and the XML behind it."""

    style: str
    formats: Formats
    known: Known

    def cell(self, value: Any) -> tuple[int, bytes]:
        """Return one cell; what lists have in common is made once."""
        if value.__class__ not in _KEPT:
            return self._made(value)
        behind = self.known.get(value)
        if behind is not None:
            return self._plain, behind
        number, behind = self._made(value)
        if number == self._plain:
            self.known[value] = behind
        return number, behind

    def _made(self, value: Any) -> tuple[int, bytes]:
        if value.__class__ is str and _AS_IS.fullmatch(value):
            return self._plain, f'" t="inlineStr"><is><t>{value}</t></is></c>'.encode()
        if value is None or value is NA or value != value:
            return self._plain, _BLANK
        if isinstance(value, bool):
            return self._plain, b'" t="b"><v>%d</v></c>' % value
        if isinstance(value, date):
            return self._day(value)
        if isinstance(value, Real) and abs(number := float(value)) < EXACT_INTEGER_LIMIT:
            return self._plain, _number(exact(number))
        return self._text(str(value))

    @cached_property
    def _plain(self) -> int:
        return _index(self.formats, self.style)

    def _day(self, day: date) -> tuple[int, bytes]:
        number = serial(day)
        if number < serial(FIRST_SAFE_DAY):
            return self._text(day.isoformat()[:10])
        return self._dated, _number(number)

    @cached_property
    def _dated(self) -> int:
        return _index(self.formats, f"date+{self.style}")

    def _text(self, text: str) -> tuple[int, bytes]:
        clean = plain_text(text)
        if not clean:
            return self._plain, _BLANK
        index = _index(self.formats, f"{self.style}+quote") if is_risky(clean) else self._plain
        space = ' xml:space="preserve"' if clean != clean.strip() or "\n" in clean else ""
        escaped = escape(_ESCAPE.sub(r"_x005F\1", clean))
        return index, f'" t="inlineStr"><is><t{space}>{escaped}</t></is></c>'.encode()


def _number(number: float) -> bytes:
    return f'"><v>{number:.16G}</v></c>'.encode()


def _index(formats: Formats, style: str) -> int:
    index: int = formats(style)._get_xf_index()
    return index
