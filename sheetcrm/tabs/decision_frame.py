"""What the tabs of a decision workbook have in common: how they open, their lists, their marks."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book, safe_name
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.book.write_validation import Hint, Level, Validation
from sheetcrm.intake.answers import HEADING_ROW
from sheetcrm.tabs.layout import row_height, row_heights
from sheetcrm.tabs.style import AMBER, NAVY

FOOTER = "由 sheetcrm 导入时生成；改好后交回 sheetcrm import 即可"
# A preview shows so many rows; the rest is counted.
MOST_ROWS = 2_000
# The line under the title is merged over that many columns.
_LINE_COLUMNS = 12
INFO_NAME = "导入信息"

# The values of a column, and their style or the style of each.
Listed: TypeAlias = tuple[Sequence[object], str | Sequence[str]]


@dataclass
class Lists:
    """The words that drop-downs offer, gathered while the tabs are written.

    They end up side by side on the hidden sheet, each under a defined name.
    """

    words: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def name(self, title: str, words: Sequence[str]) -> str:
        """Return the defined name of a list, which is kept for the hidden sheet."""
        chosen = tuple(dict.fromkeys(word for word in words if word))
        name, number = f"选项_{safe_name(title).lstrip('_')}", 2
        while self.words.get(name, chosen) != chosen:
            name, number = f"选项_{safe_name(title).lstrip('_')}_{number}", number + 1
        self.words[name] = chosen
        return name

    def drop_down(
        self, title: str, words: Sequence[str], prompt: str, level: Level = "stop"
    ) -> Validation | None:
        """Return the rule of a cell that is chosen from these words; None where there are none."""
        if not any(words):
            return None
        hint = Hint(title[:30], prompt, "不在列表里", "请从下拉列表里选。", level)
        return Validation("list", hint, formula=f"={self.name(title, words)}")


@dataclass(frozen=True)
class Desk:
    """One tab in the making: its sheet and the widths of its columns."""

    sheet: Sheet
    title: str
    widths: Sequence[float]
    top: int = HEADING_ROW

    @property
    def first(self) -> int:
        """The first row below the headings."""
        return self.top + 1

    def height(self, row: int, texts: Sequence[object]) -> None:
        """Make a row as high as its texts need."""
        self.sheet.height(row, max(18.0, row_height(texts, self.widths)))

    def listed(self, row: int, columns: Sequence[Listed], unmeasured: Collection[int] = ()) -> None:
        """Write columns side by side from the first one on, the rows as high as their texts need.

        No cell of these rows may be written otherwise as well. Of the columns at the `unmeasured`
        places, counted from 0, nobody needs to see all of the text.
        """
        for at, (values, style) in enumerate(columns, 1):
            if isinstance(style, str):
                self.sheet.columns(row, [Column(at, values, style)])
            else:
                self.sheet.styled_column(row, at, values, style)
        measured = [at for at in range(len(columns)) if at not in unmeasured]
        found = row_heights(
            [columns[at][0] for at in measured], [self.widths[at] for at in measured]
        )
        self.sheet.heights(row, [max(18.0, points) for points in found])


def open_desk(
    book: Book, title: str, line: str, widths: Sequence[float], *, asks: bool = False
) -> Desk:
    """Start a tab: its title and the line that says what it is for; amber where it asks."""
    sheet = book.sheet(title)
    sheet.widths(widths)
    last = max(2, min(len(widths), _LINE_COLUMNS))
    sheet.merge(Area(1, 1, 1, last), title, "title")
    sheet.height(1, 30)
    sheet.merge(Area(2, 1, 2, last), line, "muted+wrapped")
    room = sum(widths[:last])
    sheet.height(2, max(18.0, row_height([line], [room * 1.1])))
    sheet.gridlines(shown=False)
    sheet.zoom(90)
    sheet.tab_color(AMBER if asks else NAVY)
    return Desk(sheet, title, widths)


def headings(desk: Desk, texts: Sequence[str], style: str = "heading", first: int = 1) -> None:
    """Write heading cells side by side."""
    desk.sheet.row(desk.top, texts, style, first)
    desk.sheet.height(desk.top, 30 if any("\n" in text for text in texts) else 24)


def close_desk(desk: Desk, rows: int, columns: int, printed: int = 0) -> None:
    """Freeze the headings, filter the rows, set the tab up for printing."""
    last = max(desk.first, desk.top + rows)
    desk.sheet.freeze(desk.first, 1)
    if rows:
        desk.sheet.autofilter(Area(desk.top, 1, last, columns))
    desk.sheet.print_area(Area(1, 1, last, printed or columns))
    desk.sheet.page(Page(desk.title, (desk.top, desk.top), footer=FOOTER))


def write_info(book: Book, facts: Sequence[tuple[str, str]], lists: Lists) -> None:
    """Write the hidden sheet: what the workbook belongs to, and the words of its drop-downs."""
    sheet = book.sheet(INFO_NAME)
    for row, (key, value) in enumerate(facts, 1):
        sheet.text(row, 1, key, "plain")
        sheet.text(row, 2, value, "plain+text")
    for column, (name, words) in enumerate(lists.words.items(), 4):
        for row, word in enumerate(words, 1):
            sheet.text(row, column, word, "plain+text")
        book.name(name, f"={Area(1, column, len(words), column).on(INFO_NAME)}")
    sheet.hide()
