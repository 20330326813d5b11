"""Rules about a worksheet's cells, rows, columns, links and the order of its elements."""

import math
import re
from collections.abc import Iterator
from functools import cache
from itertools import pairwise

from lxml import etree

from sheetcrm.book.area import cell_area, overlapping
from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.lint_book import Level, LintBook, LintFinding, Sheet
from sheetcrm.book.lint_formula import external_problems, formula_problems
from sheetcrm.book.lint_links import MAX_LINKS
from sheetcrm.book.lint_names import folded
from sheetcrm.book.lint_plain import MAX_DATE
from sheetcrm.book.lint_rows import text_of
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import SHEET_ORDER, attribute, descendants, integer, unescaped
from sheetcrm.table import LAST_COLUMN, column_letter, column_number

# Excel specifications and limits; line feeds of a cell, points, characters.
MAX_LINE_FEEDS = 253
MAX_ROW_HEIGHT = 409.5
MAX_COLUMN_WIDTH = 255.72

_RANK = {tag: rank for rank, tag in enumerate(SHEET_ORDER)}
_CELL = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_NAME = re.compile(r"[^\W\d][\w.]*")
_ERRORS = {
    *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
    *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#CONNECT!", "#UNKNOWN!", "#BUSY!"),
    *("#PYTHON!", "#EXTERNAL!", "#TIMEOUT!"),
}
_KINDS = frozenset(("n", "s", "str", "inlineStr", "b", "e", "d"))
_TRUTHS = (None, "", "0", "1", "true", "false")
_REFERRING = (
    ("mergeCell", "ref"),
    ("hyperlink", "ref"),
    ("autoFilter", "ref"),
    ("dataValidation", "sqref"),
    ("conditionalFormatting", "sqref"),
)
_NEAR = re.compile(r"[A-Z]{1,2}[1-9][0-9]{0,5}")
_LINK_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^!']+))!")


def check_order(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that the elements of the sheet follow the order of the schema, and its rows ascend."""
    ranks = [
        (_RANK[tag], tag)
        for child in sheet.root.iterchildren("*")
        if (tag := etree.QName(child).localname) in _RANK
    ]
    for (before, _), (rank, tag) in pairwise(ranks):
        if rank < before:
            yield LintFinding("S-order", sheet.part, "", f"元素 {tag} 的位置不对")
    numbers = sheet.rows.numbers or _row_numbers(sheet.root)
    for before, number in pairwise((0, *numbers)):
        if number <= before:
            yield LintFinding("S-row-order", sheet.part, f"A{number}", "行的顺序不对或有重复")


def _row_numbers(root: etree._Element) -> tuple[int, ...]:
    found = [0]
    for row in root.iterfind("{*}sheetData/{*}row"):
        found.append(integer(row.get("r"), found[-1] + 1))
    return tuple(found[1:])


def check_rows(book: LintBook, sheet: Sheet, rows: etree._Element) -> Iterator[LintFinding]:
    """Check the sizes of rows and that their cells ascend."""
    for row in rows.iterfind("{*}sheetData/{*}row"):
        number, where = row.get("r"), f"A{row.get('r') or ''}"
        if _size(row.get("ht")) > MAX_ROW_HEIGHT:
            yield LintFinding("L-row-height", sheet.part, where, f"行高超过 {MAX_ROW_HEIGHT}")
        if integer(row.get("outlineLevel"), 0) > 7:
            yield LintFinding("L-outline", sheet.part, where, "分级超过 7 层")
        last = 0
        for cell in row:
            place = _CELL.fullmatch(cell.get("r") or "A0")
            if place is None or (column := _column(place[1])) > LAST_COLUMN:
                text = f"单元格地址“{cell.get('r')}”不存在"
                yield LintFinding("S-reference", sheet.part, cell.get("r") or "", text)
                continue
            if place[2] != "0" and (column <= last or (number and place[2] != number)):
                yield LintFinding("S-cell-order", sheet.part, cell.get("r") or "", "单元格顺序不对")
            last = column if place[2] != "0" else last


@cache
def _column(letters: str) -> int:
    return column_number(letters)


def _size(text: str | None) -> float:
    try:
        return float(text or 0)
    except ValueError:
        return 0.0


def check_columns(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check column widths and that column ranges do not overlap."""
    last = 0
    for column in sheet.root.iterfind("{*}cols/{*}col"):
        first = integer(column.get("min"), 0)
        where = f"{column_letter(max(first, 1))}1"
        if _size(column.get("width")) > MAX_COLUMN_WIDTH:
            yield LintFinding("L-column-width", sheet.part, where, "列宽超过 255")
        if first <= last:
            yield LintFinding("S-column-overlap", sheet.part, where, "列的设置互相重叠")
        last = integer(column.get("max"), first)


def check_cells(book: LintBook, sheet: Sheet, rows: etree._Element) -> Iterator[LintFinding]:
    """Check values, texts, formulas and formats of the cells."""
    formats = max(1, book.cell_formats)
    for cell in rows.iterfind("{*}sheetData/{*}row/{*}c"):
        formula, value = None, None
        for child in cell:
            tag = str(child.tag)
            if tag.endswith("}v"):
                value = child.text
            elif tag.endswith("}f"):
                formula = child
        problems = [*_value_problems(cell, value, book)]
        style = cell.get("s")
        if style and integer(style, formats) >= formats:
            problems.append(("S-style", "单元格引用了不存在的格式"))
        if formula is not None and (formula.text or formula.get("t") in (None, "array")):
            problems += formula_problems(formula.text or "", book.sheet_names)
            problems += external_problems(formula.text or "", book.external_books)
        for rule, text in problems:
            level: Level = "warning" if rule in ("V-digits", "V-date") else "error"
            yield LintFinding(rule, sheet.part, cell.get("r") or "", text, level)


def _value_problems(
    cell: etree._Element, value: str | None, book: LintBook
) -> Iterator[tuple[str, str]]:
    match cell.get("t") or "n":
        case "n" if value:
            yield from _number_problems(value, is_date=cell.get("s") in book.date_formats)
        case "s" if value is not None:
            yield from _shared_problems(value, book)
        case "inlineStr":
            if sum(map(len, cell.itertext())) > MAX_LINE_FEEDS:
                yield from _text_problems(text_of(cell))
        case "str" if value:
            yield from _text_problems(unescaped(value))
        case "b" if value not in _TRUTHS:
            yield "V-boolean", f"真假单元格里是“{value}”"
        case "e" if value and value not in _ERRORS:
            yield "V-error", f"错误值单元格里是“{value[:20]}”"
        case kind if kind not in _KINDS:
            yield "V-type", f"单元格的类型“{kind}”不存在"


def _shared_problems(value: str, book: LintBook) -> Iterator[tuple[str, str]]:
    texts, index = book.texts, integer(value)
    if not 0 <= index < len(texts):
        yield "V-text-index", "单元格引用了不存在的文字"
    elif texts.is_new and index in texts.long:
        yield from _text_problems(texts[index])


def _text_problems(text: str) -> Iterator[tuple[str, str]]:
    if utf16_length(text) > CELL_LIMIT:
        yield "L-text", f"文字超过 {CELL_LIMIT} 个字符"
    if text.count("\n") > MAX_LINE_FEEDS:
        yield "L-line-feeds", f"一格里超过 {MAX_LINE_FEEDS} 个换行"


def check_texts(book: LintBook) -> Iterator[LintFinding]:
    """Check the shared strings where they are new and the cells that have them may not be."""
    if book.before is not None and book.texts.is_new:
        for index in sorted(book.texts.long):
            for rule, text in _text_problems(book.texts[index]):
                yield LintFinding(rule, "xl/sharedStrings.xml", "", text)


def _number_problems(value: str, *, is_date: bool) -> Iterator[tuple[str, str]]:
    try:
        number = float(value)
    except ValueError:
        yield "V-number", f"数字单元格里是“{value[:20]}”"
        return
    if not math.isfinite(number) or abs(number) > 9.99999999999999e307:
        yield "V-range", "数字超出 Excel 的范围"
    elif is_date and not 0 <= number < MAX_DATE:
        yield "V-date", "日期超出 Excel 的范围"
    elif 1e15 <= abs(number) < 1e20 and number == int(number) and "E" not in value.upper():
        yield "V-digits", "超过 15 位的数字，末尾会变成 0，应存为文字"


def check_merges(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that merged ranges are more than one cell and do not overlap."""
    for one in sheet.merged:
        if one.top == one.bottom and one.left == one.right:
            where = f"{column_letter(one.left)}{one.top}"
            yield LintFinding("M-single", sheet.part, where, "合并区域只有一格", "warning")
    for _, one in overlapping(sheet.merged):
        where = f"{column_letter(one.left)}{one.top}"
        yield LintFinding("M-overlap", sheet.part, where, "合并区域互相重叠")


def check_links(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the number of links, and that links within the workbook lead to a sheet."""
    links = descendants(sheet.root, "hyperlink")
    if len(links) > MAX_LINKS:
        yield LintFinding("L-links", sheet.part, "", f"超链接超过 {MAX_LINKS} 个")
    known: dict[str, tuple[str, str, Level] | None] = {}
    for link in links:
        location = link.get("location") or ""
        if not location or attribute(link, "id"):
            continue
        place, bang, _ = location.rpartition("!")
        key = place + bang or location  # thousands of links lead to one sheet
        if key not in known:
            known[key] = _link_problem(book, location)
        problem = known[key]
        if problem is not None:
            rule, text, level = problem
            yield LintFinding(rule, sheet.part, link.get("ref") or "", text, level)


def _link_problem(book: LintBook, location: str) -> tuple[str, str, Level] | None:
    match = _LINK_SHEET.match(location)
    if match is None:
        if _NAME.fullmatch(location) and not _known_place(book, location):
            return "H-name", f"链接指向不存在的名称“{location}”", "warning"
        return None
    name = (match[1] or match[2]).replace("''", "'")
    if name.casefold() not in book.sheet_names:
        return "H-sheet", f"链接指向不存在的工作表“{name}”", "error"
    if match[2] and re.search(r"[^\w.]", match[2]):
        return "H-quote", f"链接里的工作表名“{name}”缺少引号", "error"
    return None


def _known_place(book: LintBook, location: str) -> bool:
    return cell_area(location) is not None or folded(location) in book.defined_names


def check_references(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that ranges are within the grid."""
    for tag, name in _REFERRING:
        for element in descendants(sheet.root, tag):
            for reference in (element.get(name) or "").split():
                # thousands of links stand in cells that need no closer look
                if not _NEAR.fullmatch(reference) and cell_area(reference) is None:
                    text = f"{tag} 的区域“{reference[:30]}”不存在"
                    yield LintFinding("S-reference", sheet.part, "", text)


def check_page(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check headers and footers."""
    for tag in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
        for element in descendants(sheet.root, tag):
            if utf16_length(element.text or "") > 255:
                yield LintFinding("L-header", sheet.part, "", "页眉或页脚超过 255 个字符")
