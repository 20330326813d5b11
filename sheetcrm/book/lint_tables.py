"""Rules about Excel tables: names, headers that must equal their cells, what may not overlap."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from lxml import etree

from sheetcrm.book.area import Area, cell_area, cell_areas
from sheetcrm.book.lint_book import LintBook, LintFinding, Sheet
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_names import folded, name_problem
from sheetcrm.book.lint_rows import text_of
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import descendants, integer, unescaped
from sheetcrm.table import column_letter

MAX_HEADER = 255

_THIS_ROW = re.compile(r"\[#This Row\],\[?((?:'.|[^\[\]'])+)\]")


@dataclass(frozen=True)
class _Table:
    """One table part: where it is and its columns."""

    part: str
    name: str
    area: Area
    columns: tuple[str, ...]
    has_header: bool
    totals: int
    root: etree._Element


def check_table_names(book: LintBook) -> Iterator[LintFinding]:
    """Check that table names are allowed and unique, among the defined names too."""
    taken = {name for name, _ in ((folded(n), s) for n, s in book.outline.names)}
    ids: set[str] = set()
    for entry in book.outline.sheets:
        for table in _tables(book, entry.part):
            problem = name_problem(table.name)
            if problem:
                yield LintFinding("T-name", table.part, "", f"表名“{table.name}”{problem}")
            if folded(table.name) in taken:
                yield LintFinding(
                    "T-name-twice", table.part, "", f"表名“{table.name}”与别的名称重复"
                )
            taken.add(folded(table.name))
            id_ = table.root.get("id") or ""
            if id_ in ids:
                yield LintFinding("T-id-twice", table.part, "", "表的编号重复")
            ids.add(id_)


def check_tables(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the tables of a sheet: header cells, overlaps, formulas."""
    tables = _tables(book, sheet.part)
    for number, table in enumerate(tables):
        yield from _header_problems(book, sheet, table)
        yield from _overlaps(sheet, table, tables[:number])
        yield from _table_formulas(book, table)


def _tables(book: LintBook, sheet_part: str) -> list[_Table]:
    found = []
    for part, root in book.tables_of(sheet_part):
        where = cell_area(root.get("ref"))
        if where is None:
            continue
        columns = tuple(unescaped(c.get("name") or "") for c in descendants(root, "tableColumn"))
        name = root.get("displayName") or ""
        has_header, totals = (
            root.get("headerRowCount") != "0",
            integer(root.get("totalsRowCount"), 0),
        )
        found.append(_Table(part, name, where, columns, has_header, totals, root))
    return found


def _header_problems(book: LintBook, sheet: Sheet, table: _Table) -> Iterator[LintFinding]:
    yield from _shape_problems(table)
    seen: set[str] = set()
    for column in table.columns:
        if not column.strip():
            yield LintFinding("T-header-empty", table.part, "", "表头是空的")
        if utf16_length(column) > MAX_HEADER:
            yield LintFinding("T-header-long", table.part, "", f"表头超过 {MAX_HEADER} 个字符")
        if folded(column) in seen:
            yield LintFinding("T-header-twice", table.part, "", f"表头“{column}”重复")
        seen.add(folded(column))
    if table.has_header:
        yield from _header_cell_problems(book, sheet, table)


def _shape_problems(table: _Table) -> Iterator[LintFinding]:
    if len(table.columns) != table.area.right - table.area.left + 1:
        yield LintFinding("T-width", table.part, "", "表的列数与区域不符")
    if table.area.bottom - table.area.top + 1 <= table.has_header + table.totals:
        yield LintFinding("T-empty", table.part, "", f"表“{table.name}”没有一行数据")
    ids = [column.get("id") for column in descendants(table.root, "tableColumn")]
    if len(set(ids)) < len(ids):
        yield LintFinding("T-column-id", table.part, "", "表的列编号重复")


def _header_cell_problems(book: LintBook, sheet: Sheet, table: _Table) -> Iterator[LintFinding]:
    cells = _header_cells(book, sheet, table)
    for offset, column in enumerate(table.columns):
        where = f"{column_letter(table.area.left + offset)}{table.area.top}"
        if cells.get(where) != column:
            text = f"表头单元格与表里登记的“{column}”不一致"
            yield LintFinding("T-header-cell", sheet.part, where, text)


def _header_cells(book: LintBook, sheet: Sheet, table: _Table) -> Mapping[str, str]:
    """Return the header row's texts; numbers, formulas and blanks are no headers."""
    for row in descendants(sheet.root, "row"):
        if row.get("r") == str(table.area.top):
            return {
                cell.get("r") or "": text
                for cell in row.iterchildren("{*}c")
                if (text := _text(book, cell)) is not None
            }
    return {}


def _text(book: LintBook, cell: etree._Element) -> str | None:
    if cell.find("{*}f") is not None:
        return None
    value = integer(cell.findtext("{*}v"))
    if cell.get("t") == "s" and 0 <= value < len(book.texts):
        return book.texts[value]
    if cell.get("t") == "inlineStr":
        return text_of(cell)
    return None


def _overlaps(sheet: Sheet, table: _Table, others: list[_Table]) -> Iterator[LintFinding]:
    if any(table.area.meets(other.area) for other in others):
        yield LintFinding("T-overlap", table.part, "", f"表“{table.name}”与另一个表重叠")
    if any(table.area.meets(merge) for merge in sheet.merged):
        yield LintFinding("T-merge", table.part, "", f"表“{table.name}”里有合并单元格")
    for own in cell_areas(f.get("ref") for f in sheet.root.iterchildren("{*}autoFilter")):
        if own.meets(table.area):
            yield LintFinding("T-filter", sheet.part, "", f"筛选区域与表“{table.name}”重叠")


def _table_formulas(book: LintBook, table: _Table) -> Iterator[LintFinding]:
    for element in descendants(table.root, "calculatedColumnFormula"):
        for rule, text in formula_problems(element.text or "", book.sheet_names):
            yield LintFinding(rule, table.part, "", text)
        for column in _THIS_ROW.findall(element.text or ""):
            if re.sub(r"'(.)", r"\1", column) not in table.columns:
                yield LintFinding("T-column", table.part, "", f"公式引用了表里没有的列“{column}”")
