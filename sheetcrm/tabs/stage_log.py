"""阶段日志: what changed from run to run; appended to, never replaced, people may type into it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.book.append import NewRows
from sheetcrm.book.area import Area
from sheetcrm.book.cellcontent import CellValue
from sheetcrm.book.write import Book
from sheetcrm.book.write_bulk import Column
from sheetcrm.book.write_sheet import Page
from sheetcrm.clean.stage_log import AMOUNT, LOG_COLUMNS, LOG_HEADINGS
from sheetcrm.kit.stage_memory import heading_row
from sheetcrm.table import RawSheet
from sheetcrm.tabs.detail import values
from sheetcrm.tabs.style import NAVY
from sheetcrm.tabs.titles import ALL_TITLES, STAGE_LOG

TITLE = ALL_TITLES[STAGE_LOG]
_LINE = (
    "每次汇总与上次对比，把新增、删除和阶段、负责人、等级、金额的变化记在最后；已有的行不会改。"
    "可以自己补记（项目写“阶段”，新值写阶段），可以排序和筛选，请不要改表头。"
)
_WIDTHS = (12, 20, 28, 9, 16, 16, 11, 12, 8, 13, 8)
_STYLES = {
    "day": "cell",
    "item": "cell+center",
    "grade": "cell+center",
    "amount": "cell+money",
    "number": "cell+integer+center",
}
_TOP = 4


@dataclass(frozen=True)
class LogLines:
    """Lines to append, LOG_COLUMNS, and the tab as it was read; None where there is none yet."""

    lines: pd.DataFrame = field(repr=False)
    tab: RawSheet | None = None


def stage_log_tab(book: Book, name: str, log: LogLines) -> None:
    """Write the tab with its first lines."""
    sheet = book.sheet(name)
    width = len(LOG_COLUMNS)
    sheet.widths(_WIDTHS)
    sheet.merge(Area(1, 1, 1, width), TITLE, "title")
    sheet.height(1, 30)
    sheet.merge(Area(2, 1, 2, width), _LINE, "muted+wrap")
    sheet.height(2, 32)
    sheet.row(_TOP, list(LOG_HEADINGS), "heading")
    sheet.height(_TOP, 24)
    cells = _cells(log.lines)
    styles = [_STYLES.get(key, "cell") for key in cells]
    columns = zip(cells.values(), styles, strict=True)
    sheet.columns(_TOP + 1, [Column(n, *each) for n, each in enumerate(columns, 1)])
    last = _TOP + max(1, len(log.lines))
    sheet.freeze(_TOP + 1, 4)
    sheet.autofilter(Area(_TOP, 1, last, width))
    sheet.gridlines(shown=False)
    sheet.zoom(90)
    sheet.tab_color(NAVY)
    sheet.page(Page(title=TITLE, header_rows=(_TOP, _TOP)))


def new_rows(log: LogLines, tab: RawSheet) -> NewRows | None:
    """Return the lines as rows for the tab that is there, its columns in whatever order.

    None where its headings are gone.
    """
    top = heading_row(tab.rows)
    if top is None:
        return None
    texts = [cell if isinstance(cell, str) else "" for cell in tab.rows[top]]
    cells = _cells(log.lines)
    places = {LOG_HEADINGS[t]: n for n, t in enumerate(texts, 1) if t in LOG_HEADINGS}
    filled = (n for n, row in enumerate(tab.rows, 1) if any(c not in (None, "") for c in row))
    rows = list(zip(*(cells[key] for key in places), strict=True))
    return NewRows(tab.name, top + 1, tuple(places.values()), rows, max(filled))


def _cells(lines: pd.DataFrame) -> Mapping[str, Sequence[CellValue | None]]:
    """Return the cells of each column; what changed of an amount is a number again."""
    cells = {key: values(lines[key]) for key in LOG_COLUMNS}
    money = (lines["item"] == AMOUNT).tolist()
    for key in ("old", "new"):
        pairs = zip(cells[key], money, strict=True)
        cells[key] = [float(cell) if cell and is_money else cell for cell, is_money in pairs]
    return cells
