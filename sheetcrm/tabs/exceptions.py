"""例外: where a manager notes which findings are to be lived with, why, and until when."""

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.book.write_validation import Hint, Validation
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW, TITLE_ROW
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_exceptions import (
    CODE_HEADER,
    TAB_NAME,
    TITLE,
    UNTIL_HEADER,
    exemptions_block,
)
from sheetcrm.tabs.blocks import Access, write_block
from sheetcrm.tabs.input_validation import FIRST_DAY, LAST_DAY
from sheetcrm.tabs.names import word_list_name

NAME = TAB_NAME
HINT = (
    "确实不用改的问题，在这里记一行：行编号和代码照“校验结果”抄，写明原因。"
    "之后不再列为问题，只在“校验结果”末尾列出；过了期限又会出现。"
)
WORDS_TITLE = "可选的代码（不要改）"
_WIDTHS = (24, 34, 50, 14)
_WORDS_WIDTH = 34


def add_exceptions(book: Book, kit: Kit) -> Sheet:
    """Add the tab, empty, with the codes to choose from at its right."""
    sheet, block = book.sheet(NAME), exemptions_block(kit)
    sheet.text(1, 1, NAME, "title")
    sheet.text(2, 1, HINT, "muted")
    write_block(sheet, block, Access(asks_only=frozenset({CODE_HEADER})))
    sheet.widths(_WIDTHS)
    _days(sheet, block.headers.index(UNTIL_HEADER) + 1, block.last_row)
    _words(book, sheet, len(block.headers) + 2, block.choices[CODE_HEADER])
    sheet.height(1, 30)
    sheet.freeze(FIRST_ROW, 2)
    sheet.gridlines(shown=False)
    sheet.page(Page(NAME, (HEADER_ROW, HEADER_ROW)))
    sheet.print_area(Area(1, 1, FIRST_ROW + 30, len(block.headers)))
    return sheet


def _days(sheet: Sheet, column: int, last: int) -> None:
    hint = Hint(
        "有效期至",
        "这一天过后问题会重新列出；长期有效就空着。",
        "不是日期",
        "请填日期，如 2024-12-31。",
    )
    cells = Area(FIRST_ROW, column, last, column)
    sheet.validate(cells, Validation("date", hint, low=FIRST_DAY, high=LAST_DAY))


def _words(book: Book, sheet: Sheet, column: int, words: tuple[str, ...]) -> None:
    sheet.text(TITLE_ROW, column, WORDS_TITLE, "subtitle")
    sheet.text(HEADER_ROW, column, "代码和问题", "heading")
    for row, word in enumerate(words, start=FIRST_ROW):
        sheet.text(row, column, word, "fixed")
    sheet.widths([3, _WORDS_WIDTH], column - 1)
    cells = Area(FIRST_ROW, column, FIRST_ROW + max(0, len(words) - 1), column)
    book.name(word_list_name(TITLE, CODE_HEADER), f"={cells.on(NAME)}")
