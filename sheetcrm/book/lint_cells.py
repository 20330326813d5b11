"""Rules about a worksheet's cells, rows, columns, links and the order of its elements."""

import math
import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from lxml import etree

from sheetcrm.book.area import cell_area, overlapping
from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.lint_book import Level, LintBook, LintFinding, Sheet, text_of
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_styles import listed
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import SHEET_ORDER, attribute, descendants, unescaped
from sheetcrm.table import column_letter

MAX_LINE_FEEDS = 253
MAX_LINKS = 65_530
MAX_ROW_HEIGHT = 409.5
MAX_COLUMN_WIDTH = 255.72
# first serial after 9999-12-31
MAX_DATE = 2_958_466

_RANK = {tag: rank for rank, tag in enumerate(SHEET_ORDER)}
_DATE_FORMATS = frozenset(
    map(str, (*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)))
)
_LITERAL = re.compile(r'"[^"]*"|\[[^\]]*\]|\\.|_.')
_LINK_SHEET = re.compile(r"(?:'((?:[^']|'')+)'|([^!']+))!")


def check_order(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that the elements of the sheet follow the order of the schema."""
    ranks = [
        (_RANK[tag], tag)
        for child in sheet.root.iterchildren("*")
        if (tag := etree.QName(child).localname) in _RANK
    ]
    for (before, _), (rank, tag) in pairwise(ranks):
        if rank < before:
            yield LintFinding("S-order", sheet.part, "", f"元素 {tag} 的位置不对")


def check_rows(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that rows and cells ascend, and their sizes."""
    last = 0
    for row in descendants(sheet.root, "row"):
        number = int(row.get("r") or last + 1)
        if number <= last:
            yield LintFinding("S-row-order", sheet.part, f"A{number}", "行的顺序不对或有重复")
        last = number
        if float(row.get("ht") or 0) > MAX_ROW_HEIGHT:
            yield LintFinding(
                "L-row-height", sheet.part, f"A{number}", f"行高超过 {MAX_ROW_HEIGHT}"
            )
        if int(row.get("outlineLevel") or 0) > 7:
            yield LintFinding("L-outline", sheet.part, f"A{number}", "分级超过 7 层")
        column = 0
        for cell in row.iterchildren("{*}c"):
            place = cell_area(cell.get("r"))
            if place is None:
                continue
            if place.top != number or place.left <= column:
                yield LintFinding("S-cell-order", sheet.part, cell.get("r") or "", "单元格顺序不对")
            column = place.left


def check_columns(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check column widths and that column ranges do not overlap."""
    last = 0
    for column in sheet.root.iterfind("{*}cols/{*}col"):
        first, where = int(column.get("min") or 0), column_letter(int(column.get("min") or 1))
        if float(column.get("width") or 0) > MAX_COLUMN_WIDTH:
            yield LintFinding("L-column-width", sheet.part, f"{where}1", "列宽超过 255")
        if first <= last:
            yield LintFinding("S-column-overlap", sheet.part, f"{where}1", "列的设置互相重叠")
        last = int(column.get("max") or first)


def check_cells(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check values, texts, formulas and formats of the cells."""
    formats = len(listed(book.styles, "cellXfs")) if book.styles is not None else 1
    dates = _date_formats(book)
    for cell in descendants(sheet.root, "c"):
        problems = [*_value_problems(cell, book.texts, dates)]
        style = cell.get("s")
        if style and int(style) >= max(1, formats):
            problems.append(("S-style", "单元格引用了不存在的格式"))
        formula = cell.find("{*}f")
        if formula is not None and (formula.text or formula.get("t") in (None, "array")):
            problems += formula_problems(formula.text or "", book.sheet_names)
        for rule, text in problems:
            level: Level = "warning" if rule in ("V-digits", "V-date") else "error"
            yield LintFinding(rule, sheet.part, cell.get("r") or "", text, level)


def _value_problems(
    cell: etree._Element, texts: Sequence[str], dates: frozenset[str]
) -> Iterator[tuple[str, str]]:
    kind, value = cell.get("t") or "n", cell.findtext("{*}v")
    if kind == "s" and value is not None:
        if not value.isdigit() or int(value) >= len(texts):
            yield "V-text-index", "单元格引用了不存在的文字"
            return
        yield from _text_problems(texts[int(value)])
    elif kind == "inlineStr":
        yield from _text_problems(text_of(cell))
    elif kind == "str":
        yield from _text_problems(unescaped(value or ""))
    elif kind == "n" and value:
        yield from _number_problems(value, is_date=cell.get("s") in dates)


def _text_problems(text: str) -> Iterator[tuple[str, str]]:
    if utf16_length(text) > CELL_LIMIT:
        yield "L-text", f"文字超过 {CELL_LIMIT} 个字符"
    if text.count("\n") > MAX_LINE_FEEDS:
        yield "L-line-feeds", f"一格里超过 {MAX_LINE_FEEDS} 个换行"


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


def _date_formats(book: LintBook) -> frozenset[str]:
    """Return the indexes of cell formats that show dates."""
    if book.styles is None:
        return frozenset()
    codes = {
        e.get("numFmtId"): e.get("formatCode") or "" for e in descendants(book.styles, "numFmt")
    }
    return frozenset(
        str(index)
        for index, xf in enumerate(listed(book.styles, "cellXfs"))
        if (id_ := xf.get("numFmtId") or "0") in _DATE_FORMATS
        or re.search("[ymdhs]", _LITERAL.sub("", codes.get(id_, "")), re.I)
    )


def check_merges(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that merged ranges do not overlap."""
    for _, one in overlapping(sheet.merged):
        where = f"{column_letter(one.left)}{one.top}"
        yield LintFinding("M-overlap", sheet.part, where, "合并区域互相重叠")


def check_links(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the number of links, and that links within the workbook lead to a sheet."""
    links = descendants(sheet.root, "hyperlink")
    if len(links) > MAX_LINKS:
        yield LintFinding("L-links", sheet.part, "", f"超链接超过 {MAX_LINKS} 个")
    for link in links:
        location, where = link.get("location") or "", link.get("ref") or ""
        if not location or attribute(link, "id"):
            continue
        match = _LINK_SHEET.match(location)
        if match is None:
            continue
        name = (match[1] or match[2]).replace("''", "'")
        if name.casefold() not in book.sheet_names:
            yield LintFinding("H-sheet", sheet.part, where, f"链接指向不存在的工作表“{name}”")
        elif match[2] and re.search(r"[^\w.]", match[2]):
            yield LintFinding("H-quote", sheet.part, where, f"链接里的工作表名“{name}”缺少引号")


def check_page(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check headers and footers."""
    for tag in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
        for element in descendants(sheet.root, tag):
            if utf16_length(element.text or "") > 255:
                yield LintFinding("L-header", sheet.part, "", "页眉或页脚超过 255 个字符")
