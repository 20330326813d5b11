"""设置: thresholds, stages, working-day exceptions and every drop-down list, for the manager."""

from collections.abc import Sequence

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.book.write_validation import Hint, Validation
from sheetcrm.kit.blocks import FIRST_ROW, HEADER_ROW, TITLE_ROW, Block
from sheetcrm.kit.describe import settings_blocks, settings_heading
from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_fields import fields_block
from sheetcrm.kit.tab_rules import rules_block
from sheetcrm.kit.tab_summaries import DIMENSIONS_ANCHOR, TOP, WHERE
from sheetcrm.tabs.blocks import Access, block_widths, fit_rows, write_block
from sheetcrm.tabs.input_validation import FIRST_DAY, LAST_DAY
from sheetcrm.tabs.names import (
    STAGE_KINDS,
    STAGE_LABELS,
    STAGE_PHASES,
    list_name,
    setting_name,
    word_list_name,
)

NAME = "设置"
HINT = (
    "米黄色格子可以改。要增加选项或阶段：接着最后一行往下写，中间不要留空行，下拉列表会自动变长。"
    "改名、删除选项前，先把表里用到它的行改好。"
)
HINT_COLUMN = 3
PAGE_WIDTH = 170
GAP_WIDTH = 3
WORDS_TITLE = "固定用词（不要改）"
_ACCESS = {
    "settings": Access(filled=frozenset({"值"}), spare=False),
    "stages": Access(),
    "exceptions": Access(wrapped=False),
    "bonus": Access(wrapped=False),
    "shares": Access(wrapped=False),
    "tabs": Access(filled=frozenset({WHERE}), spare=False),
    "dimensions": Access(wrapped=False, asks_only=frozenset({DIMENSIONS_ANCHOR})),
}
_LISTS = Access(wrapped=False)


def add_settings(book: Book, kit: Kit) -> Sheet:
    """Add the tab and define the names that drop-downs and conditions refer to."""
    sheet = book.sheet(NAME)
    blocks = settings_blocks(kit)
    title, origin = settings_heading(kit)
    sheet.row(1, title, "title")
    sheet.text(1, HINT_COLUMN, HINT, "muted")
    sheet.row(2, origin, "muted")
    for block in blocks:
        write_block(sheet, block, _ACCESS.get(block.key, _LISTS))
        sheet.widths([GAP_WIDTH], block.column + len(block.headers))
    fit_rows(sheet, blocks)
    _names(book, kit, blocks)
    last = _words(book, sheet, (*blocks, fields_block(kit), rules_block(kit)), blocks)
    _checks(sheet, blocks)
    sheet.height(1, 30)
    sheet.freeze(FIRST_ROW, 2)
    sheet.gridlines(shown=False)
    width = sum(sum(block_widths(b)) for b in blocks)
    sheet.page(Page(NAME, (HEADER_ROW, HEADER_ROW), pages_wide=max(1, round(width / PAGE_WIDTH))))
    sheet.print_area(Area(1, 1, _last_filled(blocks), last))
    sheet.protect()
    return sheet


def free_column(kit: Kit) -> int:
    """Return the first column of the tab, counted from 1, that nothing written here needs."""
    blocks = settings_blocks(kit)
    words = (*blocks, fields_block(kit), rules_block(kit))
    last = blocks[-1].column + len(blocks[-1].headers) - 1
    return last + 2 + sum(len(block.choices) for block in words) + 1


def growing(area: Area) -> str:
    """Return the formula of a name that ends at the last filled row of an area.

    It grows as people type below, and holds at least the first cell.
    """
    cells = area.on(NAME)
    first = Area(area.top, area.left, area.top, area.left).on(NAME)
    return f"={first}:INDEX({cells},MAX(1,COUNTA({cells})))"


def _column(block: Block, header: str) -> Area:
    column = block.column + block.headers.index(header)
    return Area(FIRST_ROW, column, block.last_row, column)


def _names(book: Book, kit: Kit, blocks: Sequence[Block]) -> None:
    by_key = {block.key: block for block in blocks}
    stages = by_key["stages"]
    book.name(STAGE_LABELS, growing(_column(stages, stages.headers[0])))
    book.name(STAGE_KINDS, f"={_column(stages, '类型').on(NAME)}")
    book.name(STAGE_PHASES, f"={_column(stages, '环节').on(NAME)}")
    for item in kit.lists:
        block = by_key[f"list:{item.key}"]
        book.name(list_name(item.name), growing(_column(block, block.headers[0])))
    settings = by_key["settings"]
    value = settings.column + settings.headers.index("值")
    for row, setting in enumerate(kit.settings, start=FIRST_ROW):
        book.name(setting_name(setting.name), f"={Area(row, value, row, value).on(NAME)}")


def _words(book: Book, sheet: Sheet, all_blocks: Sequence[Block], placed: Sequence[Block]) -> int:
    """Write the closed vocabularies at the right end; return the last column before them."""
    last = placed[-1].column + len(placed[-1].headers) - 1
    column = last + 2
    sheet.text(TITLE_ROW, column, WORDS_TITLE, "subtitle")
    for block in all_blocks:
        for header, words in block.choices.items():
            sheet.text(HEADER_ROW, column, f"{block.title}·{header}", "heading")
            for at, word in enumerate(words):
                sheet.text(FIRST_ROW + at, column, word, "fixed")
            cells = Area(FIRST_ROW, column, FIRST_ROW + max(0, len(words) - 1), column)
            book.name(word_list_name(block.title, header), f"={cells.on(NAME)}")
            column += 1
    return last


def _checks(sheet: Sheet, blocks: Sequence[Block]) -> None:
    by_key = {block.key: block for block in blocks}
    settings = by_key["settings"]
    for at, row in enumerate(settings.rows):
        cell = Area(FIRST_ROW + at, settings.column + 1, FIRST_ROW + at, settings.column + 1)
        if str(row[0]) in settings.choices:
            told = Hint(str(row[0]), str(row[3]), "不在列表里", "请从下拉列表里选。")
            words = f"={word_list_name(settings.title, str(row[0]))}"
            sheet.validate(cell, Validation("list", told, words))
        elif not isinstance(row[1], str):
            hint = Hint(str(row[0]), str(row[3]), "请填数字", "这里要填不小于0的数字。")
            sheet.validate(cell, Validation("decimal", hint, low=0))
    share = Validation("decimal", Hint(error="请填0%到100%。"), low=0, high=1)
    sheet.validate(_column(by_key["stages"], "成交概率"), share)
    floor = Hint(
        "完成率下限",
        "本月销售额达到目标的这个比例，就按右边的比例提成。",
        error="请填比例，如80%。",
    )
    sheet.validate(_column(by_key["bonus"], "完成率下限"), Validation("decimal", floor, low=0))
    sheet.validate(_column(by_key["bonus"], "提成比例"), share)
    most = Hint("每批上限", "一次导入最多分给他几条；空着是不限。", error="请填不小于0的整数。")
    sheet.validate(_column(by_key["shares"], "每批上限"), Validation("whole", most, low=0))
    rows = Hint(TOP, "列出线索最多的几个，其余合成一行；空着是全部。", error="请填不小于0的整数。")
    sheet.validate(_column(by_key["dimensions"], TOP), Validation("whole", rows, low=0))
    meaning = "公司自己的调休上班日或放假日；国家法定的已经算好。"
    day = Hint("例外日期", meaning, "不是日期", "请填日期，如 2024-05-01。")
    days = Validation("date", day, low=FIRST_DAY, high=LAST_DAY)
    sheet.validate(_column(by_key["exceptions"], "例外日期"), days)


def _last_filled(blocks: Sequence[Block]) -> int:
    return FIRST_ROW + max(len(block.rows) for block in blocks)
