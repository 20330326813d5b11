"""What the cells of a tab hold, read the same before and after Excel saved it anew.

Our own sheets are written in one regular way and are read by pattern, some ten times as fast as by
the parser, which reads whatever another program made of them. Both give the same.
"""

import html
import io
import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from lxml import etree

from sheetcrm.book.formula_text import skeleton
from sheetcrm.book.write_rows import XmlRows
from sheetcrm.book.xmlpart import MAIN, BadXml, integer, refuse_doctype, unescaped
from sheetcrm.table import column_letter

Strings: TypeAlias = Callable[[], Sequence[str]]
"""Gives the workbook's shared strings; called only if the tab uses them."""

Filled: TypeAlias = list[str]
"""The filled cells of a row, each its column's letters, BEHIND_COLUMN, its kind and its content."""

BEHIND_COLUMN = "\x1f"

_ROW, _INLINE = f"{{{MAIN}}}row", f"{{{MAIN}}}is"
_VALUE, _FORMULA, _TEXT = f"{{{MAIN}}}v", f"{{{MAIN}}}f", f"{{{MAIN}}}t"
_LOGICAL = {"TRUE": "b1", "FALSE": "b0"}  # LibreOffice saves a logical constant as a formula
_PHONETIC = f"{{{MAIN}}}rPh"
_DIGITS = "0123456789"

_START, _END = b"<sheetData>", b"</sheetData>"
_BLANK_CELL = re.compile(rb'<c r="[A-Z]{1,3}\d+"(?: s="\d+")?/>')
# Rows with cells are told from what lies between their cells: rows without any, then the next row.
_BLANK_ROWS = r'(?:<row r="\d+"[^<>]*(?:/>|></row>))*'
_FIRST_ROW = re.compile(_BLANK_ROWS + r'<row r="(\d+)"[^<>]*(?<!/)>')
_NEXT_ROW = re.compile("</row>" + _FIRST_ROW.pattern)
_NO_ROW, _LAST_ROWS = re.compile(_BLANK_ROWS), re.compile("</row>" + _BLANK_ROWS)
# Column, type, value, text, formula.
_REGULAR_CELL = re.compile(
    r'<c r="([A-Z]{1,3})\d+"(?: s="\d+")?(?: t="(n|b|e|s|str|inlineStr)")?'
    r'(?:/>|><v>([^<]*)</v></c>|><is><t(?: xml:space="preserve")?>([^<]*)</t></is></c>'
    r'|><f(?: t="array" ref="[A-Z0-9:]+")?>([^<]+)</f>(?:<v>[^<]*</v>)?</c>)'
)
_NUMBER_START, _NUMBER_END = b'"><v>', b"</v></c>"
_TEXT_START, _TEXT_END = b'" t="inlineStr"><is><t>', b"</t></is></c>"
_IRREGULAR = (b"<!", b"<?", b"\r", b"&#")


def filled_rows(sheet: bytes, strings: Strings, most: int) -> Iterator[tuple[int, Filled]]:
    """Yield the number and the filled cells of every row that has some, down to row `most`.

    Raises:
        BadXml: The part is not well-formed.
    """
    refuse_doctype(sheet)
    regular = _regular_rows(sheet, strings, most)
    rows = _parsed_rows(sheet, strings, most) if regular is None else iter(regular)
    return ((number, filled) for number, filled in rows if filled)


def filled_lists(rows: XmlRows, most: int) -> Iterator[tuple[int, Filled]]:
    """Yield the number and the filled cells of every row of a list, down to row `most`."""
    count = max(0, min(rows.count, most + 1 - rows.first))
    columns = []
    for column in rows.columns:
        letters, codes = column_letter(column.column), column.codes[:count].tolist()
        held = {code: _held(column.cells[code]) for code in set(codes)}
        cells = {code: letters + BEHIND_COLUMN + text for code, text in held.items() if text}
        columns.append([cells.get(code) for code in codes])
    for number, row in enumerate(zip(*columns, strict=True), rows.first):
        filled = [cell for cell in row if cell]
        if filled:
            yield number, filled


def _held(cell: bytes) -> str:
    """Return what a cell holds, given all of it behind the number of its format."""
    if cell.startswith(_NUMBER_START):
        return _constant("n", cell[len(_NUMBER_START) : -len(_NUMBER_END)].decode(), list)
    if cell.startswith(_TEXT_START):
        text = cell[len(_TEXT_START) : -len(_TEXT_END)]
        if b"&" not in text and b"_x" not in text and b"<" not in text:
            return f"t{text.decode()}" if text else ""
    match = _REGULAR_CELL.fullmatch(f'<c r="A1{cell.decode()}')
    if match is None:
        raise ValueError(f"not written as our cells are: {cell!r}")
    return _regular(list, *match.groups()[1:])


def _regular_rows(sheet: bytes, strings: Strings, most: int) -> list[tuple[int, Filled]] | None:
    """Return the rows of a sheet as we write it; None where anything is written otherwise."""
    start, end = sheet.find(_START), end_of_rows(sheet, most)
    head, body = sheet[: max(start, 0)], sheet[start + len(_START) : end]
    ours = b' encoding="UTF-8"' in head and b' xmlns="%s"' % MAIN.encode() in head
    if not ours or end < start or any(odd in body for odd in _IRREGULAR):
        return None
    text = _BLANK_CELL.sub(b"", body).decode("utf-8", "replace")
    found: list[tuple[int, Filled]] = []
    gaps, cells = _split_at_cells(text)
    begins, last = _FIRST_ROW, 0
    for gap, (column, *cell) in zip(gaps, cells, strict=False):
        if gap or not found:
            row = begins.fullmatch(gap)
            if row is None or int(row[1]) <= last:
                return None
            begins, last = _NEXT_ROW, int(row[1])
            found.append((last, []))
        if content := _regular(strings, *cell):
            found[-1][1].append(column + BEHIND_COLUMN + content)
    if not (_LAST_ROWS if found else _NO_ROW).fullmatch(gaps[-1]):
        return None
    return [each for each in found if each[0] <= most]


def end_of_rows(sheet: bytes, most: int) -> int:
    """Return where the rows that count end: blank ones may be missing behind the last of them."""
    ends = (sheet.find(b'<row r="%d"' % number) for number in range(most + 1, most + 9))
    return next((end for end in ends if end >= 0), sheet.find(_END))


def _split_at_cells(text: str) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """Return what is before, between and behind the cells, and the groups of each cell."""
    step = _REGULAR_CELL.groups + 1
    pieces = _REGULAR_CELL.split(text)
    gaps, *groups = (pieces[at::step] for at in range(step))
    return gaps, zip(*groups, strict=True)


def _regular(
    strings: Strings, kind: str | None, value: str | None, text: str | None, formula: str | None
) -> str:
    if text:
        plain = "&" not in text and "_x" not in text
        return f"t{text}" if plain else _text_content(html.unescape(text))
    if value:
        return _constant(kind or "n", html.unescape(value) if "&" in value else value, strings)
    return _formula_text(html.unescape(formula)) if formula else ""


def _parsed_rows(sheet: bytes, strings: Strings, most: int) -> Iterator[tuple[int, Filled]]:
    shared_formulas: dict[str, str] = {}
    events = etree.iterparse(
        io.BytesIO(sheet), tag=_ROW, resolve_entities=False, load_dtd=False, no_network=True
    )
    number = 0
    try:
        for _, row in events:
            number = integer(row.get("r"), number + 1)
            if number > most:
                break
            yield number, list(_filled_cells(row, shared_formulas, strings))
            _forget_row(row)
    except etree.XMLSyntaxError as problem:
        raise BadXml(str(problem)) from problem


def _forget_row(row: etree._Element) -> None:
    row.clear()
    parent = row.getparent()
    while parent is not None and row.getprevious() is not None:
        del parent[0]


def _filled_cells(
    row: etree._Element, shared_formulas: dict[str, str], strings: Strings
) -> Iterator[str]:
    for cell in row:
        formula, value = None, ""
        for part in cell:
            if part.tag == _FORMULA:
                formula = part
            elif part.tag == _VALUE:
                value = part.text or ""
            elif part.tag == _INLINE:
                value = joined_text(part)
        if formula is not None:
            text = _formula_content(formula, shared_formulas)
        else:
            text = _constant(cell.get("t") or "n", value, strings) if value else ""
        if text:
            yield (cell.get("r") or "").rstrip(_DIGITS) + BEHIND_COLUMN + text


def _formula_content(formula: etree._Element, shared: dict[str, str]) -> str:
    group = formula.get("si") or ""
    if formula.text:
        content = _formula_text(formula.text)
        if group:
            shared[group] = content
        return content
    return shared.get(group, "f")


def _constant(kind: str, value: str, strings: Strings) -> str:
    if kind == "n":
        try:
            return f"n{float(value):.15g}"
        except ValueError:
            return f"n{value}"
    if kind == "s":
        known, index = strings(), integer(value)
        value = known[index] if 0 <= index < len(known) else ""
    elif kind not in ("inlineStr", "str"):
        return f"{kind}{value}"
    return _text_content(value)


def _text_content(value: str) -> str:
    if "_x" in value:
        value = unescaped(value)
    if "\r" in value:
        value = value.replace("\r\n", "\n").replace("\r", "\n")
    return f"t{value}" if value else ""


def _formula_text(formula: str) -> str:
    text = skeleton(formula)
    return _LOGICAL.get(text, f"f{text}")


def joined_text(item: etree._Element) -> str:
    """Return the text of a shared or inline string, phonetic guides left out."""
    if len(item) == 1 and item[0].tag == _TEXT:
        return item[0].text or ""
    return "".join(
        text.text or ""
        for text in item.iter(_TEXT)
        if (parent := text.getparent()) is None or parent.tag != _PHONETIC
    )
