"""规则: the built-in checks, to be switched off or made milder, and the manager's own ones."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW
from sheetcrm.kit.describe import rules_rows
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_rules import rules_block
from sheetcrm.tabs.blocks import Access, fit_rows, write_block

NAME = "规则"
HINT = (
    "内置的检查可以改级别或停用。自己的规则接着最后一行写：公式像写Excel公式一样，"
    "用 [@列名] 代表这一行的列，"
    '结果为TRUE就报出来，例如 =AND([@线索等级]="A",[@预算范围]="")。'
)


def add_rules(book: Book, kit: Kit) -> Sheet:
    """Add the tab."""
    sheet = book.sheet(NAME)
    block = rules_block(kit)
    sheet.row(1, rules_rows(kit)[0][:1], "title")
    sheet.text(2, 1, HINT, "muted")
    write_block(sheet, block, Access(filled=frozenset({"级别", "启用"})))
    fit_rows(sheet, [block])
    sheet.autofilter(Area(HEADER_ROW, 1, block.last_row, len(block.headers)))
    sheet.freeze(FIRST_ROW, 2)
    sheet.page(Page(NAME, (HEADER_ROW, HEADER_ROW)))
    sheet.print_area(Area(1, 1, FIRST_ROW + len(block.rows) - 1, len(block.headers)))
    sheet.protect()
    return sheet
