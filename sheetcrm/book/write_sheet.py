"""One sheet of a workbook we author; every cell goes through the functions of this class."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from numbers import Real
from typing import Any

from pandas import NA
from xlsxwriter.format import Format

from sheetcrm.book.area import Area, cell_name, quoted
from sheetcrm.book.limits import EXACT_INTEGER_LIMIT, FIRST_SAFE_DAY, RULE_FORMULA_LIMIT, exact
from sheetcrm.book.write_bulk import (
    BulkWorksheet,
    Column,
    Known,
    Target,
    links,
    styled_column,
    xml_column,
)
from sheetcrm.book.write_formula import (
    Cached,
    cached_value,
    checked_formula,
)
from sheetcrm.book.write_strict import done, strictly
from sheetcrm.book.write_text import is_risky, plain_text
from sheetcrm.book.write_validation import Validation
from sheetcrm.values.dates import day_of

PAPER_A4 = 9

Formats = Callable[[str], Format]


@dataclass(frozen=True)
class Page:
    """How a sheet prints: on A4, fitted to the width, `header_rows` repeated on every page.

    `pages_wide` pages side by side carry the width, the first `left_columns` repeated on each;
    `pages_tall` limits the height, 0 leaves it free.
    """

    title: str
    header_rows: tuple[int, int] | None = None
    landscape: bool = True
    left_columns: int = 0
    pages_wide: int = 1
    pages_tall: int = 0
    footer: str = ""


class Sheet:
    """A worksheet in the making; rows and columns count from 1, as in Excel.

    A `style` is one or more names of the book's styles, joined by `+`; later ones win.
    """

    def __init__(self, worksheet: BulkWorksheet, formats: Formats, known: Known) -> None:
        self._worksheet = worksheet
        self._formats, self._known = formats, known
        self.name: str = worksheet.name

    def put(self, row: int, column: int, value: object, style: str) -> None:
        """Write a value by its type; None and NaN leave a formatted blank.

        Text stays text whatever it looks like. Dates get the book's date style unless the style
        already has a number format. Numbers beyond 15 digits and dates before March 1900
        are written as text, since Excel cannot hold them.
        """
        if value is None or value is NA or value != value:
            self.blank(row, column, style)
        elif isinstance(value, str):
            self.text(row, column, value, style)
        elif isinstance(value, bool):
            self._write("write_boolean", row, column, value, self._formats(style))
        elif isinstance(value, date):
            self.date(row, column, value, style)
        elif isinstance(value, Real) and abs(float(value)) < EXACT_INTEGER_LIMIT:
            self.number(row, column, float(value), style)
        else:
            self.text(row, column, str(value), style)

    def row(self, row: int, values: Sequence[object], style: str, first_column: int = 1) -> None:
        """Write values side by side in one style."""
        for offset, value in enumerate(values):
            self.put(row, first_column + offset, value, style)

    def columns(self, first_row: int, columns: Sequence[Column]) -> None:
        """Write whole columns side by side: what `put` does for each cell, for lists of any length.

        No cell among them may be written otherwise as well.
        """
        for column in columns:
            made = xml_column(column, self._formats, self._known)
            self._worksheet.add_column(first_row, made)

    def styled_column(
        self, first_row: int, column: int, values: Sequence[object], styles: Sequence[str]
    ) -> None:
        """Write a whole column as `columns` does, each value in a style of its own."""
        made = styled_column(column, values, styles, self._formats, self._known)
        self._worksheet.add_column(first_row, made)

    def column_links(self, first_row: int, column: int, targets: Sequence[Target | None]) -> None:
        """Make cells below each other jump to places of this workbook or others; None for none."""
        placed = [t and (t[0], t[1], _escaped(t[2])) for t in targets]
        self._worksheet.add_links(links(column, first_row, placed))

    def text(self, row: int, column: int, text: str, style: str) -> None:
        """Write text; what could turn into a formula on editing carries Excel's quote prefix."""
        clean = plain_text(text)
        if not clean:
            self.blank(row, column, style)
            return
        cell_format = self._text_format(clean, style)
        self._write("write_string", row, column, clean, cell_format)

    def number(self, row: int, column: int, number: float, style: str) -> None:
        """Write a finite number, to Excel's 15 digits.

        Raises:
            ValueError: The number is infinite or NaN.
        """
        if not math.isfinite(number):
            raise ValueError(f"{cell_name(row, column)}: a cell cannot hold {number}")
        self._write("write_number", row, column, exact(number), self._formats(style))

    def date(self, row: int, column: int, day: date, style: str) -> None:
        """Write a date or datetime; what zone it may carry is dropped."""
        if day.year < FIRST_SAFE_DAY.year or day_of(day) < FIRST_SAFE_DAY:
            self.text(row, column, day_of(day).isoformat(), style)
            return
        moment = day.replace(tzinfo=None) if isinstance(day, datetime) else day
        cell_format = self._formats(f"date+{style}")
        self._write("write_datetime", row, column, moment, cell_format)

    def blank(self, row: int, column: int, style: str) -> None:
        """Format a cell and leave it empty."""
        self._write("write_blank", row, column, None, self._formats(style))

    def formula(self, row: int, column: int, formula: str, cached: Cached, style: str) -> None:
        """Write a live formula with the result computed here, which readers see until Excel counts.

        Raises:
            ValueError: The formula is outside the common subset, or the result is not finite.
        """
        checked = checked_formula(formula)
        cell_format = self._formats(style)
        made = (cell_format, cached_value(cached))
        self._write("add_formula", row, column, checked.removeprefix("="), made)

    def link(self, row: int, column: int, target: tuple[str, str], text: str, style: str) -> None:
        """Write text that jumps to `target`: a sheet's name and an A1 cell or range."""
        sheet, cells = target
        shown = plain_text(text) or cells
        cell_format = self._text_format(shown, style)
        url = f"internal:{quoted(sheet)}!{cells}"
        strictly(self._worksheet.write_url, row - 1, column - 1, url, cell_format, shown)

    def file_link(
        self, row: int, column: int, target: tuple[str, str, str], text: str, style: str
    ) -> None:
        """Write text that opens `target`: a relative path, a sheet's name and an A1 cell in it."""
        path, sheet, cells = target
        shown = plain_text(text) or path
        cell_format = self._text_format(shown, style)
        url = f"external:{_escaped(path)}#{quoted(sheet)}!{cells}"
        strictly(self._worksheet.write_url, row - 1, column - 1, url, cell_format, shown)

    def merge(self, area: Area, text: str, style: str) -> None:
        """Write text over several cells joined into one (titles and notes, never data)."""
        clean = plain_text(text)
        cell_format = self._text_format(clean, style)
        strictly(self._worksheet.merge_range, *area.zero_based, clean, cell_format)

    def note(self, row: int, column: int, text: str) -> None:
        """Attach a cell note, sized to its text; for sheets we generate, not for grafted ones."""
        options = {"x_scale": 1.6, "y_scale": 1.2, "author": "", "font_size": 9}
        strictly(self._worksheet.write_comment, row - 1, column - 1, plain_text(text), options)

    def widths(self, widths: Sequence[float], first_column: int = 1) -> None:
        """Set column widths in characters, side by side."""
        for offset, width in enumerate(widths):
            column = first_column - 1 + offset
            strictly(self._worksheet.set_column, column, column, width)

    def column_style(self, column: int, width: float, style: str) -> None:
        """Set a column's width and the format its untouched cells take."""
        cell_format = self._formats(style)
        strictly(self._worksheet.set_column, column - 1, column - 1, width, cell_format)

    def hide_column(self, column: int) -> None:
        """Keep a column out of sight (helpers of ours, never data of a user)."""
        strictly(self._worksheet.set_column, column - 1, column - 1, None, None, {"hidden": True})

    def height(self, row: int, points: float) -> None:
        """Set a row's height in points."""
        strictly(self._worksheet.set_row, row - 1, points)

    def heights(self, first_row: int, points: Sequence[float]) -> None:
        """Set the heights of rows below each other."""
        self._worksheet.add_heights(first_row, points)

    def freeze(self, row: int, column: int) -> None:
        """Keep everything above and left of this cell in view."""
        self._worksheet.freeze_panes(row - 1, column - 1)

    def autofilter(self, area: Area) -> None:
        """Give the area's first row filter buttons."""
        strictly(self._worksheet.autofilter, *area.zero_based)

    def validate(self, area: Area, validation: Validation) -> None:
        """Put one data-validation rule on the area."""
        strictly(self._worksheet.data_validation, *area.zero_based, validation.options())

    def condition(self, area: Area, formula: str, style: str, *, stop: bool = False) -> None:
        """Format cells where the formula, relative to the area's first cell, is true."""
        checked = checked_formula(formula, RULE_FORMULA_LIMIT)
        rule = {
            "type": "formula",
            "criteria": checked,
            "format": self._formats(style),
            "stop_if_true": stop,
        }
        strictly(self._worksheet.conditional_format, *area.zero_based, rule)

    def data_bar(self, area: Area, color: str) -> None:
        """Draw solid bars behind the numbers, from zero."""
        rule = {"type": "data_bar", "bar_color": color, "bar_solid": True, "min_type": "num"}
        bounds = {"min_value": 0, "data_bar_2010": True}
        strictly(self._worksheet.conditional_format, *area.zero_based, {**rule, **bounds})

    def chart(self, row: int, column: int, chart: Any, **options: Any) -> None:
        """Place a chart made by `Book.chart` with its corner in this cell."""
        strictly(self._worksheet.insert_chart, row - 1, column - 1, chart, options)

    def page(self, page: Page) -> None:
        """Set the sheet up for printing; every page names the sheet, the page and the date."""
        sheet = self._worksheet
        if page.landscape:
            sheet.set_landscape()
        else:
            sheet.set_portrait()
        sheet.set_paper(PAPER_A4)
        sheet.set_margins(left=0.4, right=0.4, top=0.75, bottom=0.6)
        strictly(sheet.fit_to_pages, page.pages_wide, page.pages_tall)
        if page.header_rows:
            first, last = page.header_rows
            strictly(sheet.repeat_rows, first - 1, last - 1)
        if page.left_columns:
            strictly(sheet.repeat_columns, 0, page.left_columns - 1)
        title = page.title.replace("&", "&&")
        footer = page.footer.replace("&", "&&")
        done(strictly(sheet.set_header, f"&L&10{title}&R&9&A"))
        done(strictly(sheet.set_footer, f"&L&9{footer}&R&9第 &P 页，共 &N 页"))

    def print_area(self, area: Area) -> None:
        """Print only this part of the sheet."""
        strictly(self._worksheet.print_area, *area.zero_based)

    def page_breaks(self, rows: Sequence[int]) -> None:
        """Start a new printed page with each of these rows."""
        self._worksheet.set_h_pagebreaks([row - 1 for row in rows])

    def fill_in(self, area: Area) -> None:
        """Say that people fill this in, and that the next run keeps it."""
        self._worksheet.areas.append(area)

    def protect(self) -> None:
        """Guard against slips, without a password; filtering, sorting and formatting stay free."""
        allowed = ("autofilter", "sort", "format_cells", "format_columns", "format_rows")
        strictly(self._worksheet.protect, "", dict.fromkeys(allowed, True))

    def gridlines(self, *, shown: bool) -> None:
        """Show or hide the grey lines on screen (never printed)."""
        self._worksheet.hide_gridlines(1 if shown else 2)

    def zoom(self, percent: int) -> None:
        """Set the zoom on opening."""
        self._worksheet.set_zoom(percent)

    def tab_color(self, color: str) -> None:
        """Colour the sheet's tab."""
        self._worksheet.set_tab_color(color)

    def open_here(self) -> None:
        """Make this the sheet a reader sees first."""
        self._worksheet.activate()

    def hide(self) -> None:
        """Keep the sheet out of sight (lists and marks of ours, never data of a user)."""
        self._worksheet.hide()

    def _text_format(self, text: str, style: str) -> Format:
        return self._formats(f"{style}+quote" if is_risky(text) else style)

    def _write(self, method: str, row: int, column: int, *rest: Any) -> None:
        # Cell writers only return codes, so the costly watch for warnings is left out here.
        done(getattr(self._worksheet, method)(row - 1, column - 1, *rest))


def _escaped(path: str) -> str:
    """Return a path as a link's target; XlsxWriter escapes all but `#`, or nothing at all."""
    return "".join(f"%{ord(char):02X}" if char in '#%" <>[]^`{}' else char for char in path)
