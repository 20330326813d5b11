"""What the cells of an .xlsx say, read a second time and differently: lxml, by the letter.

Cells are {(sheet name, row, column): value} with blank ones left out. Numbers stay numbers even
where their format shows a day: `plain` turns what we read into the same terms.
"""

import io
import math
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta

import xlrd
from lxml import etree

from sheetcrm.table import LAST_COLUMN, LAST_ROW, Cell, RawBook, column_number

Cells = dict[tuple[str, int, int], str | float | bool]

_PARSER = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True)
_ADDRESS = re.compile(r"([A-Za-z]{1,3})(\d{1,7})")
_ESCAPE = re.compile(r"_x([0-9A-Fa-f]{4})_")


class Meaningless(Exception):
    """The package breaks the format: there is nothing it could be said to mean."""


def plain(book: RawBook) -> Cells:
    """Return what we read in the terms of this module."""
    return {
        (sheet.name, r, c): _plain(cell)
        for sheet in book.sheets
        for r, row in enumerate(sheet.rows, 1)
        for c, cell in enumerate(row, 1)
        if not _is_blank(cell)
    }


def _is_blank(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())


def _plain(cell: Cell) -> str | float | bool:
    match cell:
        case datetime():
            return _plain_number(cell)
        case date():
            return _rounded(_day_number(cell))
        case time():
            return _rounded(_of_day(cell))
        case timedelta():
            return _rounded(cell / timedelta(days=1))
        case bool() | str():
            return cell
        case int() | float():
            return _rounded(float(cell))
        case _:
            raise TypeError(cell)


def _plain_number(moment: datetime) -> float:
    return _rounded(_day_number(moment.date()) + _of_day(moment.time()))


def _day_number(day: date) -> int:
    number = day.toordinal() - date(1899, 12, 30).toordinal()
    return number if day >= date(1900, 3, 1) else number - 1  # Excel knows a 29th of February 1900


def _of_day(clock: time) -> float:
    seconds = clock.hour * 3600 + clock.minute * 60 + clock.second
    return (seconds + clock.microsecond / 1e6) / 86400


def _rounded(number: float) -> float:
    return float(f"{number:.9g}") if math.isfinite(number) else number


def cells(data: bytes) -> Cells:
    """Return the cells of every worksheet.

    Raises:
        Meaningless: Something that cells depend on is missing, not well-formed or out of range.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            return _Package(package).cells()
    except (etree.XMLSyntaxError, KeyError, IndexError, ValueError, AttributeError) as error:
        raise Meaningless(repr(error)) from error


def second_reading(data: bytes) -> Cells | None:
    """Return the cells of an .xls as xlrd reads them, None where it does not."""
    try:
        book = xlrd.open_workbook(file_contents=data, logfile=io.StringIO())
    except Exception:  # struct.error, IndexError, AssertionError and others: it stops anywhere
        return None
    found: Cells = {}
    for sheet in book.sheets():
        for r in range(sheet.nrows):
            for c, cell in enumerate(sheet.row(r)):
                value = _of_xlrd(cell.ctype, cell.value)
                if not _is_blank(value):
                    found[sheet.name, r + 1, c + 1] = value
    return found


def _of_xlrd(kind: int, value: object) -> str | float | bool:
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value))
    if isinstance(value, float):
        return _rounded(value) if math.isfinite(value) else str(value)
    return str(value)


def _local(element: etree._Element) -> str:
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def _children(element: etree._Element, name: str) -> Iterator[etree._Element]:
    return (child for child in element if _local(child) == name)


class _Package:
    def __init__(self, package: zipfile.ZipFile) -> None:
        self._package = package
        self._names = {n.replace("\\", "/").casefold(): n for n in package.namelist()}
        if len(self._names) != len(package.namelist()):
            raise Meaningless("names")

    def _part(self, name: str) -> etree._Element:
        data = self._package.read(self._names[name.casefold()])
        return etree.fromstring(data, _PARSER)

    def _relations(self, part: str) -> dict[str, tuple[str, str]]:
        folder, name = posixpath.split(part)
        found = {}
        for rel in _children(
            self._part(posixpath.join(folder, "_rels", name + ".rels")), "Relationship"
        ):
            if rel.get("TargetMode") != "External":
                target = posixpath.normpath(posixpath.join("/", folder, rel.get("Target") or ""))
                found[rel.get("Id") or ""] = (
                    (rel.get("Type") or "").rpartition("/")[2],
                    target.lstrip("/"),
                )
        return found

    def cells(self) -> Cells:
        workbook = next(t for k, t in self._relations("").values() if k == "officeDocument")
        root, relations = self._part(workbook), self._relations(workbook)
        strings = [target for kind, target in relations.values() if kind == "sharedStrings"]
        texts = [_text(si) for si in _children(self._part(strings[0]), "si")] if strings else []
        found: Cells = {}
        (sheets,) = _children(root, "sheets")
        for sheet in _children(sheets, "sheet"):
            key = next(v for k, v in sheet.attrib.items() if etree.QName(str(k)).localname == "id")
            kind, target = relations[str(key)]
            if kind == "worksheet":
                name = sheet.get("name") or ""
                found |= {(str(name), r, c): v for (r, c), v in self._sheet(target, texts).items()}
        return found

    def _sheet(self, part: str, texts: list[str]) -> dict[tuple[int, int], str | float | bool]:
        root = self._part(part)
        if _local(root) != "worksheet":
            raise Meaningless("no worksheet")
        (data,) = _children(root, "sheetData")
        found: dict[tuple[int, int], str | float | bool | None] = {}
        last = 0
        for row in data:
            if _local(row) != "row":
                raise Meaningless("no row")
            number = int(row.get("r") or last + 1)
            if not 0 < number <= LAST_ROW:
                raise Meaningless("rows")
            last, before = number, 0
            for cell in row:
                if _local(cell) != "c":
                    raise Meaningless("no cell")
                place = _place(cell.get("r")) or (number, before + 1)
                if not place[1] <= LAST_COLUMN or not 0 < place[0] <= LAST_ROW:
                    raise Meaningless("place")
                before = place[1]
                found[place] = _value(cell, texts)
        return {p: v for p, v in found.items() if v is not None and not _is_blank(v)}


def _place(address: str | None) -> tuple[int, int] | None:
    """Return (row, column): a cell's own address counts, wherever it stands."""
    match = _ADDRESS.fullmatch(address) if address is not None else None
    if address is not None and match is None:
        raise Meaningless("address")
    return (int(match[2]), column_number(match[1])) if match else None


def _value(cell: etree._Element, texts: list[str]) -> str | float | bool | None:
    kind = cell.get("t") or "n"
    inside = [_text(each) for each in _children(cell, "is")]
    if kind == "inlineStr" or inside:
        return inside[0] if inside else None
    values = [v.text or "" for v in _children(cell, "v")]
    if len(values) > 1:
        raise Meaningless("values")
    if not values or (kind in ("n", "s") and not values[0].strip()):
        return None
    text = values[0]
    if kind == "s":
        index = int(text)
        if index < 0:
            raise Meaningless("index")
        return texts[index]
    if kind == "n":
        return _number(text)
    if kind == "b":
        return {"0": False, "1": True, "true": True, "false": False}[text.strip()]
    if kind not in ("str", "e", "d"):
        raise Meaningless("type")
    return _day(text) if kind == "d" else _unescaped(text)


def _number(text: str) -> str | float:
    """Return a number; what is none stays in sight as the text it is."""
    try:
        number = float(text)
    except ValueError:
        return text
    if text != text.strip() or "_" in text:
        return text
    return _rounded(number) if math.isfinite(number) else str(number)


def _day(text: str) -> str | float:
    """Return the number of a day; what is none stays in sight as the text it is."""
    try:
        return _plain_number(datetime.fromisoformat(text))
    except ValueError:
        return text


def _text(element: etree._Element) -> str:
    """Return the text of a string item: its own or that of its runs, never the phonetics."""
    texts = list(_children(element, "t"))
    for run in _children(element, "r"):
        texts += _children(run, "t")
    return _unescaped("".join(map(_spaced, texts)))


def _spaced(text: etree._Element) -> str:
    """Return the text of an element, spaces around it only where they are said to count."""
    said = "".join(map(str, text.itertext()))
    kept = text.get("{http://www.w3.org/XML/1998/namespace}space") == "preserve"
    return said if kept else said.strip(" \t\r\n")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)), text)
