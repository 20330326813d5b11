"""字段: every column of every table, as the tool reads it and the manager may change it."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW
from sheetcrm.kit.describe import fields_rows
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_fields import fields_block
from sheetcrm.tabs.blocks import Access, fit_rows, write_block

NAME = "字段"
HINT = (
    "这里决定每一列怎么检查。米黄色格子可以改；必填可写：是、需求分析之后、从报价起、成交时、未结束时、"
    "状态=已完成时、客户编号为空时。在表里加了一列，就接着最后一行写上它。"
)
# A column is known again by these, so they stay.
_FIXED = frozenset({"表", "字段代码"})


def add_fields(book: Book, kit: Kit) -> Sheet:
    """Add the tab."""
    sheet = book.sheet(NAME)
    block = fields_block(kit)
    sheet.row(1, fields_rows(kit)[0][:1], "title")
    sheet.text(2, 1, HINT, "muted")
    free = frozenset(block.headers) - _FIXED
    write_block(sheet, block, Access(filled=free, asks_only=frozenset({"下拉列表"})))
    fit_rows(sheet, [block])
    sheet.autofilter(Area(HEADER_ROW, 1, block.last_row, len(block.headers)))
    sheet.freeze(FIRST_ROW, 3)
    sheet.page(Page(NAME, (HEADER_ROW, HEADER_ROW), left_columns=2, pages_wide=2))
    sheet.print_area(Area(1, 1, FIRST_ROW + len(block.rows) - 1, len(block.headers)))
    sheet.protect()
    return sheet
