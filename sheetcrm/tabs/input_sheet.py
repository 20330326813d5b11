"""The sheet people fill in: headings that say what is wanted, cells that help and object."""

from datetime import datetime

from sheetcrm.book.area import Area
from sheetcrm.book.write import Book
from sheetcrm.book.write_sheet import Page, Sheet
from sheetcrm.kit.marks import (
    CONDITIONAL_MARK,
    EXAMPLE_MARK,
    EXAMPLE_ROW,
    FIRST_DATA_ROW,
    HEADING_ROW,
    LEGEND_ROW,
    REQUIRED_MARK,
    heading_text,
)
from sheetcrm.kit.model import STAGE_LIST, Column, ColumnType
from sheetcrm.tabs.input_formulas import DUE_COLUMNS, InputRows
from sheetcrm.tabs.input_validation import column_validation
from sheetcrm.tabs.layout import row_height
from sheetcrm.tabs.required import required_text
from sheetcrm.tabs.rule_formats import rule_formats

WIDTHS: dict[ColumnType, int] = {
    "id": 21,
    "date": 13,
    "datetime": 17,
    "integer": 10,
    "number": 11,
    "amount": 14,
    "percent": 10,
    "phone": 18,
    "contact": 18,
    "email": 24,
    "choice": 13,
    "link": 22,
    "text": 16,
}
# How the untouched cells of a column are formatted, so that what is typed there keeps its form.
CELL_STYLES: dict[ColumnType, str] = {
    "id": "plain+text",
    "date": "plain+date",
    "datetime": "plain+datetime",
    "integer": "plain+integer",
    "number": "plain+number",
    "amount": "plain+amount",
    "percent": "plain+percent",
    "phone": "plain+text",
    "contact": "plain+text",
    "email": "plain+text",
    "choice": "plain+center",
    "link": "plain+text",
    "text": "plain+wrapped",
}
HEADING_HEIGHT = 36
LEGEND_HEIGHT = 26
# Columns up to the customer's name stay in view, where that leaves room for the others.
NAME_COLUMNS = ("company", "product", "owner")
FROZEN_WIDTH_LIMIT = 64
# Characters that are still easy to read across a landscape A4 page.
PAGE_WIDTH = 150


def add_input_sheet(book: Book, sheet_rows: InputRows) -> Sheet:
    """Add the sheet of one table, with its records below the example row."""
    sheet = book.sheet(sheet_rows.table.name)
    _legend(sheet, sheet_rows)
    for number, column in enumerate(sheet_rows.table.columns, start=1):
        _column(sheet, sheet_rows, number, column)
    _fill(sheet, sheet_rows)
    _formats(sheet, sheet_rows)
    last = len(sheet_rows.table.columns)
    sheet.autofilter(Area(HEADING_ROW, 1, sheet_rows.last_row, last))
    sheet.freeze(FIRST_DATA_ROW, _frozen_columns(sheet_rows) + 1)
    sheet.page(_page(sheet_rows))
    return sheet


def column_width(column: Column) -> int:
    """Return a column's width in characters: the kit's, or that of its type."""
    return column.width or WIDTHS[column.type]


def input_hint(column: Column, sheet_rows: InputRows) -> str:
    """Return the sentences shown when a cell of the column is selected."""
    table, kit = sheet_rows.table, sheet_rows.kit
    needed = required_text(column, table, kit)
    sentences = [column.help, f"{needed}。" if needed else "选填。"]
    if column.list == STAGE_LIST and column.key == table.stage_column:
        done = [f"{s.name}：{s.deliverable}" for s in kit.pipeline.stages if s.deliverable]
        sentences.append("离开各阶段前要有：" + "；".join(done) + "。")
    return "\n".join(s for s in sentences if s)


def _legend(sheet: Sheet, sheet_rows: InputRows) -> None:
    text = (
        f"{sheet_rows.table.name}　从第{FIRST_DATA_ROW}行起填，第{EXAMPLE_ROW}行是示例。"
        f"　{REQUIRED_MARK} 深蓝表头必填　{CONDITIONAL_MARK} 黄色表头到时必填　浅蓝表头选填　"
        "变红的格子：必填未填、已过期、编号重复或不合规则　变黄的格子：请核对"
    )
    sheet.text(LEGEND_ROW, 1, text, "legend")
    sheet.height(LEGEND_ROW, LEGEND_HEIGHT)
    columns = sheet_rows.table.columns
    examples = [f"{EXAMPLE_MARK}：{columns[0].example}", *(c.example for c in columns[1:])]
    sheet.height(EXAMPLE_ROW, row_height(examples, [column_width(c) for c in columns]))
    sheet.height(HEADING_ROW, HEADING_HEIGHT)


def _column(sheet: Sheet, sheet_rows: InputRows, number: int, column: Column) -> None:
    cell = sheet_rows.cell(column.key).replace("$", "")
    hint = input_hint(column, sheet_rows)
    sheet.column_style(number, column_width(column), CELL_STYLES[column.type])
    _example(sheet, number, column)
    sheet.text(HEADING_ROW, number, heading_text(column), _heading_style(column))
    if column.required:
        sheet.note(HEADING_ROW, number, hint)
    validation = column_validation(column, sheet_rows.kit, cell, hint)
    sheet.validate(sheet_rows.area(column.key), validation)


def _fill(sheet: Sheet, sheet_rows: InputRows) -> None:
    for number, column in enumerate(sheet_rows.table.columns, start=1):
        style = CELL_STYLES[column.type]
        for row, record in enumerate(sheet_rows.records, start=FIRST_DATA_ROW):
            if record.get(column.key) is not None:
                sheet.put(row, number, record[column.key], style)


def _heading_style(column: Column) -> str:
    if not column.required:
        return "heading_optional"
    return "heading_required" if column.required == "always" else "heading_conditional"


def _example(sheet: Sheet, number: int, column: Column) -> None:
    style = f"example+{CELL_STYLES[column.type].removeprefix('plain+')}"
    value = example_value(column)
    if number == 1:
        sheet.text(EXAMPLE_ROW, number, f"{EXAMPLE_MARK}：{column.example}", "example+wrapped+text")
    else:
        sheet.put(EXAMPLE_ROW, number, value, style)


def example_value(column: Column) -> object:
    """Return a column's example as the typed value Excel would hold; text where it is none."""
    text = column.example
    if not text:
        return None
    try:
        if column.type in ("date", "datetime"):
            moment = datetime.fromisoformat(text)
            return moment if column.type == "datetime" else moment.date()
        if column.type == "percent":
            return float(text.rstrip("%")) / 100
        if column.type in ("integer", "number", "amount"):
            return float(text)
    except ValueError:
        return text
    return text


def _formats(sheet: Sheet, sheet_rows: InputRows) -> None:
    table = sheet_rows.table
    for column in table.columns:
        area = sheet_rows.area(column.key)
        if column.required:
            sheet.condition(area, sheet_rows.missing(column.key), "missing")
        if column.unique:
            sheet.condition(area, sheet_rows.repeated(column.key), "bad")
        if column.key in DUE_COLUMNS:
            sheet.condition(area, sheet_rows.overdue(column.key), "bad")
    for rule in rule_formats(sheet_rows):
        sheet.condition(sheet_rows.area(rule.column), rule.formula, rule.style)
    sheet.condition(sheet_rows.whole, sheet_rows.started, "grid")


def _page(sheet_rows: InputRows) -> Page:
    """Print a wide sheet over several pages side by side, the customer's name on each."""
    width = sum(column_width(c) for c in sheet_rows.table.columns)
    pages_wide = max(1, round(width / PAGE_WIDTH))
    left = _frozen_columns(sheet_rows) if pages_wide > 1 else 0
    headings = (HEADING_ROW, HEADING_ROW)
    return Page(sheet_rows.table.name, headings, left_columns=left, pages_wide=pages_wide)


def _frozen_columns(sheet_rows: InputRows) -> int:
    table = sheet_rows.table
    named = next((k for k in NAME_COLUMNS if k in table.by_key), table.columns[0].key)
    wanted = sheet_rows.number(named)
    width = sum(column_width(c) for c in table.columns[:wanted])
    return wanted if width <= FROZEN_WIDTH_LIMIT else 1
