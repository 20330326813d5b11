"""What every summary tab has in common: its head, its figures, its notes and its print set-up."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sheetcrm.book.area import Area, cell_name
from sheetcrm.book.write import ROW_PIXELS, Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.tabs.live import Live, agrees
from sheetcrm.tabs.style import NAVY

AS_OF_ROW, AS_OF_COLUMN = 3, 2
FOOTER = "由 sheetcrm 生成；下次运行会整张替换，请不要在这里录入"
# A point size 10 line of wrapped text, in points.
LINE_POINTS = 16.0
# A row nobody gave a height.
ROW_POINTS = ROW_PIXELS * 0.75
LAST_NARROW = 0x2E7F
_WIDE = re.compile(f"[^\0-{chr(LAST_NARROW)}]")


@dataclass(frozen=True)
class Canvas:
    """A tab in the making; `as_of_cell` is the absolute address of its typed 截止日期."""

    book: Book
    sheet: Sheet
    as_of: date
    last_column: int
    as_of_cell: str = "$B$3"


@dataclass(frozen=True)
class Look:
    """How a tab opens: its title, the line under it, and the width of each column."""

    title: str
    line: str
    widths: Sequence[float]
    editable_date: bool = False


def open_tab(book: Book, name: str, as_of: date, look: Look) -> Canvas:
    """Start a tab: title, what it says in one line, the 截止日期 cell, columns, protection."""
    sheet = book.sheet(name)
    last = len(look.widths)
    sheet.widths(look.widths)
    sheet.merge(Area(1, 1, 1, last), look.title, "title")
    sheet.height(1, 30)
    sheet.merge(Area(2, 1, 2, last), look.line, "muted")
    sheet.text(AS_OF_ROW, 1, "截止日期", "label+right")
    style = "input+bold" if look.editable_date else "cell+bold"
    sheet.date(AS_OF_ROW, AS_OF_COLUMN, as_of, style)
    sheet.gridlines(shown=False)
    sheet.zoom(90)
    sheet.tab_color(NAVY)
    sheet.protect()
    return Canvas(book, sheet, as_of, last)


def close_tab(
    canvas: Canvas, title: str, repeat: tuple[int, int] | None = None, pages_tall: int = 0
) -> None:
    """Set the tab up for printing, on any number of pages or squeezed onto so many."""
    heading = f"{title}（截至 {canvas.as_of:%Y-%m-%d}）"
    canvas.sheet.page(Page(title=heading, header_rows=repeat, pages_tall=pages_tall, footer=FOOTER))


def headings(canvas: Canvas, row: int, texts: Sequence[str], first_column: int = 1) -> None:
    """Write a heading row, tall enough for its wrapped texts."""
    canvas.sheet.row(row, texts, "heading", first_column)
    lines = max((text.count("\n") + 1 for text in texts), default=1)
    canvas.sheet.height(row, max(24.0, lines * LINE_POINTS + 6))


def section(canvas: Canvas, row: int, title: str, line: str = "") -> None:
    """Write a block's title, with a line beside it that says what it holds."""
    canvas.sheet.text(row, 1, title, "subtitle")
    if line:
        canvas.sheet.text(row, 3, line, "muted")
    canvas.sheet.height(row, 24)


def figure(
    canvas: Canvas,
    place: tuple[int, int],
    value: float | None,
    style: str,
    lives: Iterable[Live | None] = (),
) -> str:
    """Write a figure, live where Excel gets the same result.

    Returns:
        Why it is no formula, for the 备注 column; empty where it is one or could never be.
    """
    row, column = place
    if value is None:
        canvas.sheet.text(row, column, "—", f"{style}+center")
        return ""
    candidates = [live for live in lives if live is not None]
    for live in candidates:
        if agrees(live, value):
            canvas.sheet.formula(row, column, live.formula, float(value), style)
            return ""
    canvas.sheet.number(row, column, value, style)
    dirty = max((live.dirty for live in candidates), default=0)
    return f"有{dirty}格待修正" if dirty else ""


def worst(said: Iterable[str]) -> str:
    """Return the one of several such notes that names the most cells."""
    return max(said, key=lambda note: (len(note), note), default="")


def linked_figure(
    canvas: Canvas,
    place: tuple[int, int],
    value: float,
    style: str,
    behind: tuple[str, Iterable[Live | None]],
) -> str:
    """Write a figure that jumps to the cells behind it; `behind` is their range and formulas."""
    cells, lives = behind
    if not cells:
        return figure(canvas, place, value, style, lives)
    row, column = place
    canvas.sheet.link(row, column, (canvas.sheet.name, cells), "明细", style)
    return figure(canvas, place, value, f"{style}+link", lives)


def ratio(
    canvas: Canvas, place: tuple[int, int], cells: tuple[str, str], value: float | None
) -> None:
    """Write numerator / denominator as a formula over two cells of the tab; "" without one."""
    top, bottom = cells
    formula = f'IF({bottom}=0,"",{top}/{bottom})'
    canvas.sheet.formula(*place, formula, "" if value is None else value, "cell+percent+center")


def notes(canvas: Canvas, row: int, lines: Iterable[str]) -> int:
    """Write explanations over the whole width, one a row; return the row after them."""
    for line in lines:
        canvas.sheet.merge(Area(row, 1, row, canvas.last_column), line, "muted+wrap")
        canvas.sheet.height(row, LINE_POINTS * _lines(line))
        row += 1
    return row


def height(texts: Iterable[tuple[object, float]], most: int = 8) -> float:
    """Return the points a row of wrapped texts needs; each comes with its column's width."""
    return heights((([text], width) for text, width in texts), most)[0]


def heights(columns: Iterable[tuple[Sequence[object], float]], most: int = 8) -> list[float]:
    """Return the points every row of a list needs; its columns come with their widths."""
    lines = [_lines_of(values, width) for values, width in columns]
    return [6 + LINE_POINTS * min(max(row), most) for row in zip(*lines, strict=True)]


def _lines_of(values: Sequence[object], width: float) -> list[int]:
    """Return the lines each value of a column takes, reckoned once for each distinct text."""
    known: dict[object, int] = {
        text: max(1, sum(_wrapped(_units(part), width) for part in text.split("\n")))
        for text in set(values)
        # most texts fit on one line, however wide their letters are
        if isinstance(text, str) and (2 * len(text) > width or "\n" in text)
    }
    return [known.get(value, 1) for value in values] if known else [1] * len(values)


def _wrapped(units: int, width: float) -> int:
    # A width counts digits of the workbook's own font, at least 7 pixels; a 10-point Chinese
    # letter has 13.3. Where text wraps, a line may end early for a date or a full stop.
    room = int(width * 1.05)
    return 1 if units <= room else -(-units // (room - 1))


def _units(text: str) -> int:
    # A Chinese letter takes two widths, a Latin one a little over one.
    return len(text) + len(_WIDE.findall(text))


def at(row: int, column: int) -> str:
    """Return a cell's plain A1 name."""
    return cell_name(row, column)


def _lines(text: str) -> int:
    # 9-point letters; the tabs are some 190 widths across.
    return 1 + _units(text) // 190
