"""May rows be inserted here? Only where everything that has to move is known to move along.

Rows of the sheet itself move with their formulas, merged cells, links, validations and conditional
formats (`appendranges`). Anything else that refers to what stands below the place, or hangs on it,
is a reason to refuse: another sheet's formula, a chart, a comment, a picture, a pivot table.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from xml.sax.saxutils import escape

from lxml import etree

from sheetcrm.book.appendwhere import Surroundings
from sheetcrm.book.area import cell_area, cell_name
from sheetcrm.book.cells import Kept
from sheetcrm.book.references import references
from sheetcrm.book.rowchange import RowChange, range_text
from sheetcrm.book.sheetnodes import nodes, plain
from sheetcrm.book.xmlpart import as_utf8, child, children, descendants, integer, local_name
from sheetcrm.table import LAST_ROW

_CHART_TYPES = ("drawingml.chart+xml", "ms-office.chartex+xml")
_CACHE_TYPE = "pivotCacheDefinition+xml"
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?(f|formula|formula1|formula2)((?:\s[^>]*)?)>([^<]+)<")
_CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br\s*=\s*["']([A-Za-z]{1,3}\d{1,7})["']""")
_SPELT_IN_CODES = b"&#"  # as openpyxl writes Chinese
_SEVERAL = re.compile(rb"[^!(,]:[^!(,]*!")  # Sheet1:Sheet3!A1
_ANCHOR = re.compile(rb"<(?:[\w.-]+:)?Anchor>([^<]*)<")
_FIXED_THINGS = {
    "scenario": "方案",
    "cellWatch": "监视窗口",
    "dataRef": "合并计算",
    "webPublishItem": "网页发布",
}


def objection(around: Surroundings, change: RowChange) -> str:
    """Say in Chinese why rows cannot be inserted; "" where they can."""
    checks = (
        _protected,
        _beside,
        _formulas_here,
        _things_here,
        _commented,
        _drawn,
        _names,
        _other_sheets,
        _charts,
        _pivot_sources,
    )
    return next((found for check in checks for found in check(around, change)), "")


def _protected(around: Surroundings, _change: RowChange) -> Iterator[str]:
    if around.guard.protected:
        yield "工作表受保护"


def _beside(around: Surroundings, change: RowChange) -> Iterator[str]:
    """Yield what stands beside the table and would be torn apart."""
    header = around.wanted.header_row
    rows = [n for n in around.rows.part.rows.numbers.tolist() if n >= header]
    below = next(_sticking_out(around, [n for n in rows if n >= change.at]), "")
    above = next(_sticking_out(around, [n for n in rows if n < change.at]), "") if below else ""
    if above:
        yield f"表的旁边还有别的内容（{above}、{below}），插入行会把它拆开"


def _sticking_out(around: Surroundings, rows: Sequence[int]) -> Iterator[str]:
    left, right = around.extent
    for number in rows:
        for column, view in around.rows.cells(number).items():
            if not left <= column <= right and (view.text or view.formula):
                yield cell_name(number, column)


def _formulas_here(around: Surroundings, change: RowChange) -> Iterator[str]:
    """Yield formulas of the sheet's cells that cannot be adjusted."""
    part = around.rows.part
    for element in part.elements(b"f", part.data.inner, part.data.close):
        kind = element.get(b"t")
        if kind not in (b"array", b"dataTable", b"shared"):
            continue
        area = cell_area((element.get(b"ref") or b"").decode("ascii", "replace"))
        if area is None:
            continue
        where = range_text(area)
        text = around.rows.formula_text(element)
        if kind == b"shared":
            if area.top < change.at and _reaches(change, text, area.bottom - area.top):
                yield f"{where} 的公式引用了下面的内容"
        elif area.bottom >= change.at or change.reaches_below(text, own=True):
            yield f"{where} 有数组公式"


def _reaches(change: RowChange, text: str, reach: int) -> bool:
    # written once for many rows: relative rows reach further down than the text says
    return any(
        change.is_ours(it, own=True) and not it.rows_fixed and it.bottom + reach >= change.at
        for it in references(text)
        if it.bottom < LAST_ROW
    )


def _things_here(around: Surroundings, change: RowChange) -> Iterator[str]:
    part = around.rows.part
    for area in around.guard.merged:
        if area.top < change.at <= area.bottom:
            yield "有跨过这一行的合并单元格"
    for area in around.guard.pivots:
        if area.bottom >= change.at:
            yield "下面有数据透视表"
    for table in around.tables:
        if table is not around.table and table.area.bottom >= change.at:
            yield "下面或旁边有另一个表格（超级表）"
    for node in nodes(part, part.data.end):
        if node.name in _FIXED_THINGS:
            yield f"工作表里有{_FIXED_THINGS[node.name]}"


def _commented(around: Surroundings, change: RowChange) -> Iterator[str]:
    """Yield comments that stand at or below the place."""
    package = around.book.package
    for ending in ("/comments", "/threadedComment"):
        for part in around.guard.related(ending):
            for item in package.xml(part).iter():
                area = cell_area(item.get("ref")) if isinstance(item.tag, str) else None
                if area is not None and area.bottom >= change.at:
                    yield f"{item.get('ref')} 有批注"


def _drawn(around: Surroundings, change: RowChange) -> Iterator[str]:
    """Yield pictures, charts and controls that stand at or below the place."""
    package = around.book.package
    for part in around.guard.related("/drawing"):
        for anchor in package.xml(part):
            place = child(anchor, "from") if isinstance(anchor.tag, str) else None
            if place is not None and _row_of(place) >= change.at:
                yield "下面有图表或图片"
    for part in around.guard.related("/vmlDrawing"):
        for match in _ANCHOR.finditer(package.read(part)):
            numbers = match[1].split(b",")
            if (
                len(numbers) > 2
                and integer(numbers[2].strip().decode("ascii", "replace")) + 1 >= change.at
            ):
                yield "下面有批注框或控件"


def _row_of(place: etree._Element) -> int:
    found = next((item for item in place if local_name(item) == "row"), None)
    return integer(found.text if found is not None else None) + 1


def _names(around: Surroundings, change: RowChange) -> Iterator[str]:
    for item in children(around.book.root, "definedNames"):
        for it in references(item.text or ""):
            ours = change.is_ours(it, own=False) and not it.rows_fixed
            if ours or (it.spans and it.bottom >= change.at):
                yield f"名称“{item.get('name')}”用了相对引用"


def _other_sheets(around: Surroundings, change: RowChange) -> Iterator[str]:
    package = around.book.package
    for sheet in around.book.sheets:
        if sheet.part and sheet.part != around.sheet.part:
            text, _ = as_utf8(package.read(sheet.part))
            for cell in mentions(text, change.sheet, partial(change.reaches_below, own=False)):
                yield f"“{sheet.name}”{f'的 {cell} ' if cell else ''}的公式引用了下面的内容"


def mentions(text: bytes, sheet: str, test: Callable[[str], bool]) -> Iterator[str]:
    """Yield the cells of another sheet's part whose formulas name a sheet and meet a test.

    A formula of a validation or a conditional format has no cell: "" for it.
    """
    named = escape(sheet.replace("'", "''")).encode().lower()
    for match in _FORMULA.finditer(text) if b"!" in text else ():
        formula = match[3]
        if b"!" not in formula or not (
            named in formula.lower() or _SPELT_IN_CODES in formula or _SEVERAL.search(formula)
        ):
            continue
        if test(plain(formula)):
            yield _cell_before(text, match.start()) if match[1] == b"f" else ""


def _cell_before(text: bytes, at: int) -> str:
    found = list(_CELL.finditer(text, max(0, text.rfind(b"<row", 0, at)), at))
    return found[-1][1].decode() if found else ""


def left_behind(around: Surroundings, change: RowChange) -> Iterator[Kept]:
    """Yield what takes in the table from elsewhere and does not grow with it."""

    def ends_early(formula: str) -> bool:
        growing = replace(change, at=0, by=0)
        return growing.formula(formula, own=False, fixed=False) != formula

    package, last = around.book.package, change.last
    made_anew = {sheet.part for sheet in around.book.tabs.values()} | {around.sheet.part, ""}
    for sheet in around.book.sheets:
        if sheet.part not in made_anew and sheet.kind == "worksheet":
            text, _ = as_utf8(package.read(sheet.part))
            for cell in dict.fromkeys(mentions(text, change.sheet, ends_early)):
                yield Kept(sheet.name, cell, f"只算到“{change.sheet}”第{last}行，没有包括新行")
    for ending in _CHART_TYPES:
        for part in package.parts_of_type(ending):
            texts = [element.text or "" for element in descendants(package.xml(part), "f")]
            for formula in dict.fromkeys(filter(ends_early, texts)):
                cells = formula.rpartition("!")[2].replace("$", "")
                yield Kept(change.sheet, cells, f"有图表只画到第{last}行，没有包括新行")


def _charts(around: Surroundings, change: RowChange) -> Iterator[str]:
    package = around.book.package
    for ending in _CHART_TYPES:
        for part in package.parts_of_type(ending):
            for element in descendants(package.xml(part), "f"):
                if change.reaches_below(element.text or "", own=False):
                    yield f"有图表引用了下面的内容（{element.text}）"


def _pivot_sources(around: Surroundings, change: RowChange) -> Iterator[str]:
    package = around.book.package
    for part in package.parts_of_type(_CACHE_TYPE):
        for source in descendants(package.xml(part), "worksheetSource"):
            area = cell_area(source.get("ref"))
            here = (source.get("sheet") or "").lower() == change.sheet.lower()
            if here and area is not None and area.bottom >= change.at:
                yield "有数据透视表以这里为数据源"
