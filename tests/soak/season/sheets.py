"""Rows typed into a sheet of a workbook, part by part as Excel stores them, and tabs read back."""

import posixpath
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeAlias

import python_calamine
from lxml import etree

Value: TypeAlias = str | float | int | date | None
Grid: TypeAlias = list[list[Value]]
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINK = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_EPOCH = date(1899, 12, 30)


@dataclass(frozen=True)
class Typed:
    """The rows of a sheet below its headings; `hidden` are the numbers of those filtered out."""

    top: int
    rows: Sequence[Sequence[Value]]
    headings: Sequence[str] = ()
    hidden: frozenset[int] = frozenset()


def parts(path: Path) -> dict[str, bytes]:
    """Return the inflated parts of a workbook."""
    with zipfile.ZipFile(path) as package:
        return {name: package.read(name) for name in package.namelist()}


def sheet_parts(held: Mapping[str, bytes]) -> dict[str, str]:
    """Return the part of every sheet by its name."""
    links = etree.fromstring(held["xl/_rels/workbook.xml.rels"])
    targets = {link.get("Id"): link.get("Target", "") for link in links}
    book = etree.fromstring(held["xl/workbook.xml"])
    return {
        sheet.get("name", ""): posixpath.normpath(
            posixpath.join("/xl", targets[sheet.get(_LINK)])
        ).lstrip("/")
        for sheet in book.iter(f"{{{_MAIN}}}sheet")
    }


def type_rows(path: Path, sheets: Mapping[str, Typed]) -> None:
    """Write the rows below the headings of these sheets; everything else stays as it is."""
    held = parts(path)
    places = sheet_parts(held)
    for name, typed in sheets.items():
        root = etree.fromstring(held[places[name]])
        _fill(root, typed)
        held[places[name]] = etree.tostring(
            root, xml_declaration=True, encoding="UTF-8", standalone=True
        )
    _save(path, held)


def type_cells(path: Path, sheet: str, cells: Mapping[str, Value]) -> None:
    """Write single cells of a sheet, in their formats."""
    held = parts(path)
    place = sheet_parts(held)[sheet]
    root = etree.fromstring(held[place])
    rows = {row.get("r"): row for row in root.iter(f"{{{_MAIN}}}row")}
    for name, value in cells.items():
        letters = name.rstrip("0123456789")
        row = rows[name[len(letters) :]]
        old = next((cell for cell in row if cell.get("r") == name), None)
        assert old is not None, name
        row.replace(old, _cell(name, value, old.get("s")))
    held[place] = etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True)
    _save(path, held)


def read_tabs(path: Path) -> dict[str, Grid]:
    """Return the cells of every sheet, row 1 first."""
    book = python_calamine.CalamineWorkbook.from_path(path)
    return {
        name: [
            [_plain(cell) for cell in row]
            for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        ]
        for name in book.sheet_names
    }


def table(grid: Grid, first: str, nth: int = 0) -> tuple[int, list[str], Grid]:
    """Return the row number of a table's first row, its headings, its rows to the next blank one.

    Args:
        grid: The tab.
        first: What its first heading is.
        nth: Which of the tables that begin so.
    """
    tops = [n for n, row in enumerate(grid) if row and row[0] == first and _texts(row) > 1]
    top = tops[nth]
    rows: Grid = []
    for row in grid[top + 1 :]:
        if not row or row[0] in (None, ""):
            break
        rows.append(row)
    headings = ["".join(str(cell or "").split()) for cell in grid[top]]
    return top + 2, headings, rows


def _texts(row: Sequence[Value]) -> int:
    return sum(isinstance(cell, str) and bool(cell) for cell in row)


def _plain(cell: object) -> Value:
    if isinstance(cell, datetime):
        return cell.date() if cell.time().isoformat() == "00:00:00" else cell
    if cell == "":
        return None
    assert cell is None or isinstance(cell, str | float | int | date), cell
    return cell


def _fill(root: etree._Element, typed: Typed) -> None:
    data = root.find(f"{{{_MAIN}}}sheetData")
    assert data is not None
    for row in list(data):
        if int(row.get("r", "0")) > typed.top:
            data.remove(row)
    if typed.headings:
        _headings(data, typed)
    styles = _styles(root)
    for number, values in enumerate(typed.rows, typed.top + 1):
        row = etree.SubElement(data, f"{{{_MAIN}}}row", r=str(number))
        if number in typed.hidden:
            row.set("hidden", "1")
        for at, value in enumerate(values):
            if value is not None:
                row.append(_cell(f"{_letters(at)}{number}", value, styles.get(at)))
    width = max((len(row) for row in typed.rows), default=1)
    dimension = root.find(f"{{{_MAIN}}}dimension")
    if dimension is not None:
        dimension.set("ref", f"A1:{_letters(max(width, 1) - 1)}{typed.top + len(typed.rows)}")


def _headings(data: etree._Element, typed: Typed) -> None:
    """Add the headings of columns of people's own behind the others."""
    row = next(row for row in data if row.get("r") == str(typed.top))
    there = {cell.get("r") for cell in row}
    for at, text in enumerate(typed.headings):
        name = f"{_letters(at)}{typed.top}"
        if name not in there:
            row.append(_cell(name, text, None))


def _styles(root: etree._Element) -> dict[int, str]:
    return {
        at: column.get("style", "0")
        for column in root.iter(f"{{{_MAIN}}}col")
        for at in range(int(column.get("min", "1")) - 1, min(int(column.get("max", "1")), 200))
    }


def _cell(name: str, value: Value, style: str | None) -> etree._Element:
    cell = etree.Element(f"{{{_MAIN}}}c", r=name)
    if style:
        cell.set("s", style)
    if isinstance(value, str):
        cell.set("t", "inlineStr")
        text = etree.SubElement(etree.SubElement(cell, f"{{{_MAIN}}}is"), f"{{{_MAIN}}}t")
        text.text = value
    elif value is not None:
        number = etree.SubElement(cell, f"{{{_MAIN}}}v")
        number.text = repr(_serial(value) if isinstance(value, date) else value)
    return cell


def _serial(day: date) -> float | int:
    if isinstance(day, datetime):
        return (day.date() - _EPOCH).days + (day.hour * 60 + day.minute) / 1440
    return (day - _EPOCH).days


def _letters(at: int) -> str:
    return (chr(64 + at // 26) if at >= 26 else "") + chr(65 + at % 26)


def _save(path: Path, held: Mapping[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as package:
        for name, data in held.items():
            package.writestr(name, data)


def column(rows: Iterable[Sequence[Value]], at: int) -> list[Value]:
    """Return one column of rows that may be of different lengths."""
    return [row[at] if at < len(row) else None for row in rows]
