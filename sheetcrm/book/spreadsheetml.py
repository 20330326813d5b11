"""The XML table of Excel 2002 and 2003 ("XML Spreadsheet Reference", Microsoft 2001) to sheets.

Many systems still export it as .xls. Its cells have types, so numbers and dates come as such.
"""

from collections.abc import Iterator
from datetime import datetime, time

from lxml import etree

from sheetcrm.book.container import RESAVE
from sheetcrm.book.guard import MAX_CELLS
from sheetcrm.book.xmlpart import BadXml, parse
from sheetcrm.errors import FileProblem
from sheetcrm.table import LAST_COLUMN, LAST_ROW, Cell, CellRows, RawSheet, column_letter

MAX_SIZE = 128 << 20

_SS = "{urn:schemas-microsoft-com:office:spreadsheet}"
_X = "{urn:schemas-microsoft-com:office:excel}"


def spreadsheetml(data: bytes, path: str) -> tuple[RawSheet, ...]:
    """Read the worksheets of such a file.

    Raises:
        FileProblem: Damaged, declares entities, or is beyond the limits.
    """
    if len(data) > MAX_SIZE:
        raise _beyond(path)
    try:
        root = parse(data.strip())
    except BadXml as error:
        raise FileProblem(path, "Excel 2003 的 XML 表格已损坏，读不出内容", RESAVE) from error
    sheets = tuple(_sheet(element, path) for element in root.iter(f"{_SS}Worksheet"))
    if not sheets:
        raise FileProblem(path, "工作簿里没有工作表", RESAVE)
    return sheets


def _sheet(element: etree._Element, path: str) -> RawSheet:
    rows: list[list[Cell]] = []
    merged: list[str] = []
    hidden: set[int] = set()
    cells = 0
    for row in element.iterfind(f"{_SS}Table/{_SS}Row"):
        number = _number(row, "Index") or len(rows) + 1
        if number > LAST_ROW:
            raise _beyond(path)
        if number > len(rows):
            rows += [[] for _ in range(number - len(rows))]
        if row.get(f"{_SS}Hidden") == "1":
            hidden.add(number)
        line = rows[number - 1]
        for column, value, area in _cells(row, number, path):
            line += [None] * (column - len(line))
            line[column - 1] = value
            merged += [area] if area else []
        cells += len(line)
        if cells > MAX_CELLS:
            raise _beyond(path)
    while rows and not any(cell is not None for cell in rows[-1]):
        rows.pop()
    state = element.findtext(f"{_X}WorksheetOptions/{_X}Visible") or "SheetVisible"
    return RawSheet(
        element.get(f"{_SS}Name") or "",
        CellRows(rows),
        hidden=state != "SheetVisible",
        hidden_rows=frozenset(hidden),
        merged=tuple(merged),
    )


def _cells(row: etree._Element, number: int, path: str) -> Iterator[tuple[int, Cell, str]]:
    """Yield column, value and merged area of each cell of a row."""
    column = 1
    for cell in row.iterfind(f"{_SS}Cell"):
        column = _number(cell, "Index") or column
        across, down = _number(cell, "MergeAcross"), _number(cell, "MergeDown")
        right, bottom = min(column + across, LAST_COLUMN), min(number + down, LAST_ROW)
        if column > LAST_COLUMN:
            raise _beyond(path)
        area = f"{column_letter(column)}{number}:{column_letter(right)}{bottom}"
        data = cell.find(f"{_SS}Data")
        yield column, None if data is None else _value(data), area if across or down else ""
        column += across + 1


def _value(data: etree._Element) -> Cell:
    text = "".join(map(str, data.itertext()))
    kind = data.get(f"{_SS}Type")
    try:
        if kind == "Number":
            return float(text)
        if kind == "DateTime":
            return _moment(datetime.fromisoformat(text))
    except ValueError:
        return text or None
    if kind == "Boolean":
        return text.strip() in ("1", "true")
    return text or None


def _moment(moment: datetime) -> Cell:
    if moment.year < 1900:  # Excel writes a time of day as one of 1899-12-31
        return moment.time()
    return moment.date() if moment.time() == time() else moment


def _number(element: etree._Element, name: str) -> int:
    text = element.get(_SS + name, "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0


def _beyond(path: str) -> FileProblem:
    return FileProblem(path, "表格太大，超过 Excel 的行列范围或读取上限", "请拆成几个文件再试")
