"""The sheets of the pandas and openpyxl script: blocks of rows, their formats, links and charts."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
from openpyxl.chart import BarChart, LineChart, Reference
from openpyxl.formatting.rule import CellIsRule, DataBarRule
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.hyperlink import Hyperlink

TITLE, BOLD = Font(bold=True, size=14), Font(bold=True)
HEADING, HEADING_FILL = Font(bold=True, color="FFFFFF"), PatternFill("solid", fgColor="305496")
LINK = Font(color="0563C1", underline="single")
LINE = Side(style="thin", color="BFBFBF")
BORDER, MIDDLE = Border(LINE, LINE, LINE, LINE), Alignment(vertical="center")
WRAPPED = Alignment(vertical="center", horizontal="center", wrap_text=True)
RED = PatternFill("solid", bgColor="FFC7CE")
DAY, MONEY, SHARE = "yyyy-mm-dd", "#,##0.00", "0.0%"

Row = Sequence[Any]


@dataclass(frozen=True)
class Chart:
    """A chart of a block: which column names the points, which ones are drawn."""

    title: str
    names: int
    values: tuple[int, ...]
    line: bool = False


@dataclass(frozen=True)
class Block:
    """A table on a sheet.

    `shares` are the columns shown in per cent. The texts of `link` are places like
    “线索跟踪 第7行”, which become links. `bars` are columns with data bars, `red` those where
    more than 0 is red.
    """

    title: str
    headings: tuple[str, ...]
    rows: Sequence[Row]
    shares: tuple[int, ...] = ()
    link: int = -1
    bars: tuple[int, ...] = ()
    red: tuple[int, ...] = ()
    charts: tuple[Chart, ...] = field(default=())


@dataclass(frozen=True)
class Tab:
    """A sheet: its name, sentences under the heading, its tables; a long one can be filtered."""

    name: str
    sentences: tuple[str, ...]
    blocks: tuple[Block, ...]


# How a cell is given its looks, with its number format, "" for none.
Dress = Callable[[Any, str], None]


def dressed(cell: Any, number_format: str) -> None:
    """Give a cell its border, its alignment and its format, as most scripts do."""
    cell.border, cell.alignment = BORDER, MIDDLE
    if number_format:
        cell.number_format = number_format


def named(cell: Any, number_format: str) -> None:
    """Give a cell a named style: what those write who have read on in openpyxl's manual."""
    cell.style = f"格{number_format}"


def write_tabs(path: Path, tabs: Sequence[Tab], dress: Dress, *, new: bool = False) -> None:
    """Put the sheets into a workbook, in place of those of the same names, and save it."""
    book = openpyxl.Workbook() if new else openpyxl.load_workbook(path)
    for text in ("", DAY, MONEY, SHARE) if dress is named else ():
        style = NamedStyle(f"格{text}", border=BORDER, alignment=MIDDLE)
        style.number_format = text or "General"
        if style.name not in book.named_styles:
            book.add_named_style(style)
    for tab in tabs:
        if tab.name in book.sheetnames:
            del book[tab.name]
        _write(book.create_sheet(tab.name), tab, dress)
    if new:
        del book["Sheet"]
    book.save(path)


def _write(sheet: Any, tab: Tab, dress: Dress) -> None:
    sheet.cell(1, 1, tab.name).font = TITLE
    for number, sentence in enumerate(tab.sentences, 2):
        sheet.cell(number, 1, sentence)
    number, place = len(tab.sentences) + 3, 0
    for block in tab.blocks:
        sheet.cell(number, 1, block.title).font = BOLD
        first = number + 1
        for at, text in enumerate(block.headings, 1):
            cell = sheet.cell(first, at, text)
            cell.font, cell.fill = HEADING, HEADING_FILL
            cell.border, cell.alignment = BORDER, WRAPPED
        for line, row in enumerate(block.rows, first + 1):
            _row(sheet, line, block, row, dress)
        last = first + len(block.rows)
        _conditions(sheet, block, first + 1, last)
        for chart in block.charts:
            _draw(sheet, chart, (first, last), place)
            place += 1
        number = last + 2
    longest = tab.blocks[-1]
    if len(tab.blocks) == 1:
        sheet.freeze_panes = f"A{first + 1}"
    if longest.rows:
        sheet.auto_filter.ref = f"A{first}:{get_column_letter(len(longest.headings))}{last}"
    for at in range(1, max(len(block.headings) for block in tab.blocks) + 1):
        sheet.column_dimensions[get_column_letter(at)].width = 14


def _row(sheet: Any, number: int, block: Block, row: Row, dress: Dress) -> None:
    for at, value in enumerate(row):
        cell = sheet.cell(number, at + 1, None if value != value else value)
        shown = DAY if isinstance(value, datetime) else SHARE if at in block.shares else ""
        dress(cell, shown or (MONEY if isinstance(value, float) else ""))
        if at == block.link and value:
            name, _, line = value.partition(" 第")
            place = f"'{name}'!A{line.removesuffix('行')}"
            cell.hyperlink = Hyperlink(ref=cell.coordinate, location=place)
            cell.font = LINK


def _conditions(sheet: Any, block: Block, first: int, last: int) -> None:
    if last < first:
        return
    for at in block.bars:
        letter = get_column_letter(at + 1)
        bars = DataBarRule("min", None, "max", None, color="9BC2E6")
        sheet.conditional_formatting.add(f"{letter}{first}:{letter}{last}", bars)
    for at in block.red:
        letter = get_column_letter(at + 1)
        rule = CellIsRule("greaterThan", ["0"], fill=RED)
        sheet.conditional_formatting.add(f"{letter}{first}:{letter}{last}", rule)


def _draw(sheet: Any, chart: Chart, rows: tuple[int, int], place: int) -> None:
    """Put a chart beside the tables."""
    first, last = rows
    made = LineChart() if chart.line else BarChart()
    made.title, made.height, made.width = chart.title, 7.5, 15
    for at in chart.values:
        data = Reference(sheet, min_col=at + 1, min_row=first, max_row=last)
        made.add_data(data, titles_from_data=True)
    made.set_categories(Reference(sheet, min_col=chart.names + 1, min_row=first + 1, max_row=last))
    sheet.add_chart(made, f"T{3 + 16 * place}")
