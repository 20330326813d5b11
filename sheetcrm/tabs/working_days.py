"""工作日 in the 设置 tab: every day of the years around, and which of them the company works."""

from datetime import date, timedelta

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Sheet
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW, TITLE_ROW, Block
from sheetcrm.kit.describe import settings_blocks
from sheetcrm.kit.model import Kit
from sheetcrm.kit.words import DAY_NAMES
from sheetcrm.tabs.names import WORKING_DAYS
from sheetcrm.tabs.settings import NAME, free_column
from sheetcrm.values.working_time import is_provisional, work_calendar

TITLE = "工作日（不要改）"
HEADERS = ("日期", "国家安排", WORKING_DAYS)
WIDTHS = (12, 10, 12)
YEARS_BACK, YEARS_AHEAD = 2, 2


def add_working_days(sheet: Sheet, book: Book, kit: Kit, today: date) -> None:
    """Write the calendar at the right end of 设置 and name its working days.

    The working days are formulas, so that an exception typed into the tab counts at once.

    Args:
        sheet: The 设置 tab.
        book: Gets the name.
        kit: Its exceptions decide the cached results.
        today: The list reaches from two years before this one to two years after.
    """
    column = free_column(kit)
    first = date(today.year - YEARS_BACK, 1, 1)
    last = date(today.year + YEARS_AHEAD, 12, 31)
    sheet.text(TITLE_ROW, column, _title(first, last), "subtitle")
    sheet.row(HEADER_ROW, HEADERS, "heading", column)
    sheet.widths(WIDTHS, column)
    public, worked = work_calendar(), work_calendar(kit.working_days)
    exceptions = next(b for b in settings_blocks(kit) if b.key == "exceptions")
    for at in range((last - first).days + 1):
        day, row = first + timedelta(at), FIRST_ROW + at
        sheet.put(row, column, day, "fixed+date")
        sheet.text(row, column + 1, DAY_NAMES[public.is_working(day)], "fixed+center")
        formula = _formula(exceptions, row, column)
        sheet.formula(row, column + 2, formula, day if worked.is_working(day) else "", "fixed+date")
    end = FIRST_ROW + (last - first).days
    cells = Area(FIRST_ROW, column + 2, end, column + 2)
    book.name(WORKING_DAYS, f"={cells.on(NAME)}")


def _title(first: date, last: date) -> str:
    years = range(first.year, last.year + 1)
    waiting = "、".join(str(year) for year in years if is_provisional(year))
    return TITLE + (f"　{waiting}年的放假安排还没有公布，为暂定" if waiting else "")


def _formula(exceptions: Block, row: int, column: int) -> str:
    """Return the day if it is worked, else "": the company's exception first, then the public."""
    days, plans = (
        Area(FIRST_ROW, at, exceptions.last_row, at).absolute
        for at in (exceptions.column, exceptions.column + 1)
    )
    day, public = (Area(row, at, row, at).absolute for at in (column, column + 1))
    work = DAY_NAMES[True]
    return (
        f'=IF(COUNTIFS({days},{day},{plans},"*{work}")>0,{day},'
        f'IF(COUNTIFS({days},{day})>0,"",IF({public}="{work}",{day},"")))'
    )
