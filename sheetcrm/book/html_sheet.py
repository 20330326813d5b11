"""The tables of a web page to sheets: what "export to Excel" of many systems really writes.

Nothing is fetched and no script runs. A cell that spans others is at its upper left, with the range
it covers in `merged`, as a workbook has it.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from lxml import etree, html

from sheetcrm.book.container import EXPORT_AGAIN
from sheetcrm.book.encoding import Decoded, decode
from sheetcrm.book.guard import MAX_CELLS
from sheetcrm.book.limits import SHEET_NAME_LIMIT
from sheetcrm.errors import FileProblem, UnknownName
from sheetcrm.table import LAST_COLUMN, LAST_ROW, Cell, CellRows, RawSheet, column_letter

MAX_PAGE = 128 << 20  # bytes; a page takes about ten times its size in memory
MAX_TABLES = 200

_CHARSET = re.compile(rb"<meta\b[^>]{0,300}?charset\s*=\s*[\"']?\s*([\w-]+)", re.IGNORECASE)
_SHEET_NAME = re.compile(r"<x:Name>([^<]{1,200})</x:Name>", re.IGNORECASE)
_HIDDEN = re.compile(r"(?:display\s*:\s*none|visibility\s*:\s*hidden)", re.IGNORECASE)
_UNSEEN = frozenset(("script", "style", "head", "noscript", "template", "select", "title"))
_LINES = frozenset(("br", "p", "div", "li", "tr"))
_SPACE = re.compile(r"[ \t\r\n\f]+")
_AROUND_BREAK = re.compile(r" ?\n[ \n]*")
_ROUNDED = re.compile(r"-?\d(?:\.\d+)?E[+-]?\d+|#+", re.IGNORECASE)


def page_text(data: bytes, path: str, given: str | None = None, told: str = "") -> Decoded:
    """Decode a web page: by what the user says, then by what it says itself, then by its bytes.

    Args:
        data: The page.
        path: The file as the user named it, for messages.
        given: The encoding the user names.
        told: The encoding that came with the page.

    Raises:
        FileProblem: Bytes that make no character, or the page is too big.
        UnknownName: There is no encoding of the given name.
    """
    if len(data) > MAX_PAGE:
        raise FileProblem(path, f"网页超过 {MAX_PAGE >> 20} MB，太大了", EXPORT_AGAIN)
    if given:
        return decode(data, path, given)
    declared = _CHARSET.search(data[: 1 << 16])
    for name in (declared[1].decode("ascii", "replace") if declared else "", told):
        with suppress(FileProblem, UnknownName):  # GBK that says UTF-8 is common enough
            if name:
                return decode(data, path, name)
    return decode(data, path)


def html_sheets(text: str, path: str, name: str) -> tuple[RawSheet, ...]:
    """Return the tables of a page in order; those that hold other tables only lay the page out.

    Args:
        text: The page.
        path: The file as the user named it, for messages.
        name: What to call the sheet where the page does not say.

    Raises:
        FileProblem: There is no table in it, or more than a sheet can hold.
    """
    # a page in UTF-8 may say something else about itself; the parser is told
    parser = html.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True)
    try:
        root = html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise _no_table(path) from error
    grids = [(table, _grid(table, path)) for table in _tables(root)]
    filled = [(table, grid) for table, grid in grids if any(map(any, grid.rows))]
    if not filled:
        raise _no_table(path)
    named = _SHEET_NAME.findall(text)
    names = named if len(named) == len(filled) else []
    return tuple(
        grid.sheet(_name(table, names[n] if names else name, n if not names else 0))
        for n, (table, grid) in enumerate(filled)
    )


def _no_table(path: str) -> FileProblem:
    return FileProblem(path, "网页里没有表格", EXPORT_AGAIN, "FIL-02")


def _tables(root: html.HtmlElement) -> Iterator[html.HtmlElement]:
    found = 0
    for table in root.iter("table"):
        if next(table.iterdescendants("table"), None) is not None or _invisible(table):
            continue
        found += 1
        if found > MAX_TABLES:
            return
        yield table


def _invisible(element: html.HtmlElement) -> bool:
    return _hides(element) or any(_hides(above) for above in element.iterancestors())


def _hides(element: html.HtmlElement) -> bool:
    return "hidden" in element.attrib or bool(_HIDDEN.search(element.get("style", "")))


def _name(table: html.HtmlElement, name: str, number: int) -> str:
    caption = table.find("caption")
    text = _text(caption).replace("\n", " ") if caption is not None else ""
    if not text:
        text = f"{name}_{number + 1}" if number else name
    return text[:SHEET_NAME_LIMIT]


@dataclass
class _Grid:
    """A table while it is read: `covered` says until which row each column is taken from above."""

    path: str
    rows: list[list[Cell]] = field(default_factory=list)
    merged: list[tuple[int, int, int, int]] = field(default_factory=list)
    covered: dict[int, int] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    cells: int = 0

    def add(self, row: html.HtmlElement) -> None:
        number = len(self.rows)
        line: list[Cell] = []
        self.rows.append(line)
        if _hides(row):
            self.hidden_rows.add(number + 1)
        for cell in row:
            if cell.tag not in ("td", "th"):
                continue
            bare = not cell.attrib  # as most are: nothing to look up
            if not bare and _hides(cell):
                continue
            while self.covered and self.covered.get(len(line), -1) >= number:
                line.append(None)
            across, down = (1, 1) if bare else (_span(cell, "colspan"), _span(cell, "rowspan"))
            start = len(line)
            line.append((_text(cell) if bare else _value(cell)) or None)
            self.cells += across
            if across > 1:
                line += [None] * (across - 1)
            if len(line) > LAST_COLUMN or len(self.rows) > LAST_ROW or self.cells > MAX_CELLS:
                raise FileProblem(self.path, "网页里的表格比 Excel 工作表还大", EXPORT_AGAIN)
            if down > 1:
                self.covered |= dict.fromkeys(range(start, start + across), number + down - 1)
            if across > 1 or down > 1:
                self.merged.append((number, start, number + down - 1, start + across - 1))

    def sheet(self, name: str) -> RawSheet:
        for row in self.rows:
            while row and row[-1] is None:
                row.pop()
        while self.rows and not self.rows[-1]:
            self.rows.pop()
        height, width = len(self.rows), max(map(len, self.rows), default=0)
        areas = []
        for top, left, bottom, right in self.merged:
            bottom, right = min(bottom, height - 1), min(right, width - 1)
            if top <= bottom and left <= right and (top, left) != (bottom, right):
                first, last = column_letter(left + 1), column_letter(right + 1)
                areas.append(f"{first}{top + 1}:{last}{bottom + 1}")
        hidden = frozenset(n for n in self.hidden_rows if n <= height)
        return RawSheet(name, CellRows(self.rows), hidden_rows=hidden, merged=tuple(areas))


def _grid(table: html.HtmlElement, path: str) -> _Grid:
    grid = _Grid(path)
    for row in table.iter("tr"):
        grid.add(row)
    return grid


def _span(cell: html.HtmlElement, name: str) -> int:
    """Return a span as browsers limit it (HTML standard, 4.9.11); 0 rows means to the end."""
    text = cell.get(name, "").strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 1
    if name == "colspan":
        return min(max(number, 1), 1000)
    return min(number or 65534, 65534)


def _value(cell: html.HtmlElement) -> str:
    text = _text(cell)
    exact: str = cell.get("x:num", "").strip()  # Excel's own pages keep the number beside the text
    return exact if exact and _ROUNDED.fullmatch(text) else text


def _text(cell: html.HtmlElement) -> str:
    """Return what a cell shows: its own line breaks as breaks, runs of white space as one space."""
    if not len(cell):  # as nearly all are, and walking takes ten times as long
        return _SPACE.sub(" ", (cell.text or "").replace("\xa0", " ")).strip()
    pieces: list[str] = []
    unseen: etree._Element | None = None
    for event, element in etree.iterwalk(cell, events=("start", "end")):
        if event == "start":
            if unseen is None and (
                element.tag in _UNSEEN or (element is not cell and _hides(element))
            ):
                unseen = element
            if unseen is None:
                pieces.append(_SPACE.sub(" ", element.text or ""))
            continue
        if element is unseen:
            unseen = None
        if element is cell or unseen is not None:
            continue
        if element.tag in _LINES:
            pieces.append("\n")
        pieces.append(_SPACE.sub(" ", element.tail or ""))
    text = "".join(pieces).replace("\xa0", " ")
    return _AROUND_BREAK.sub("\n", re.sub(r" {2,}", " ", text)).strip()


def sheet_names(text: str) -> Mapping[str, str]:
    """Return the sheets' names by the file they are in, as Excel lists them in a saved page."""
    found = re.findall(
        r"<x:Name>([^<]*)</x:Name>\s*<x:WorksheetSource\s+HRef=\"([^\"]*)\"", text, re.IGNORECASE
    )
    return {
        href.rpartition("/")[2].casefold(): html.fromstring(f"<p>{n}</p>").text or ""
        for n, href in found
    }
