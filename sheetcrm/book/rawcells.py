"""Cells as a worksheet part writes them, where the parser loses or changes what they hold."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from sheetcrm.table import column_letter, column_number

_ROW_OR_CELL = re.compile(
    rb"<(?:\w+:)?row(?=[\s>])(?P<row>[^>]*+)>"
    rb"|<(?:\w+:)?c(?=[\s/>])(?P<attributes>[^>]*+)>"
    rb"(?:(?<=/>)|(?P<inside>.*?)</(?:\w+:)?c\s*>)",
    re.S,
)
_NUMBER = re.compile(rb'\br="(\d{1,7})"')
_REFERENCE = re.compile(rb'\br="([A-Za-z]{1,3})(\d{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v(?:[^>]*[^>/])?(?:>([^<]*)</|\s*/>)")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s>/]")
_ERROR = re.compile(rb"""\bt\s*=\s*["']e["']""")
_TEXT_RESULT = re.compile(rb"""\bt\s*=\s*["']str["']""")
_OTHER_TYPE = re.compile(rb"""\bt\s*=\s*["'](?!n["'])""")


@dataclass(frozen=True)
class Special:
    """Cells calamine leaves blank: error values, and formulas nobody ever calculated."""

    errors: tuple[tuple[int, int, str], ...] = ()
    uncalculated: tuple[str, ...] = ()


def special(sheet: bytes) -> Special:
    """Return the special cells of a worksheet part in UTF-8."""
    errors, uncalculated = [], []
    for row, column, attributes, inside in _raw_cells(sheet):
        value = _VALUE.search(inside)
        if value is None or not value[1]:
            # As a text, an empty value is a result: IF(A1=1,"",2).
            result = value is not None and _TEXT_RESULT.search(attributes)
            if _FORMULA.search(inside) and not result:
                uncalculated.append(f"{column_letter(column)}{row}")
        elif _ERROR.search(attributes):
            errors.append((row, column, value[1].decode("ascii", "replace")))
    return Special(tuple(errors), tuple(uncalculated))


def signed(sheet: bytes) -> Iterator[tuple[int, int, float]]:
    """Yield row, column and number of the cells with a number below nought, or that is none."""
    for row, column, attributes, inside in _raw_cells(sheet):
        value = _VALUE.search(inside)
        if value is None or not value[1] or _OTHER_TYPE.search(attributes):
            continue
        try:
            number = float(value[1])
        except ValueError:
            continue
        if not number >= 0:
            yield row, column, number


def _raw_cells(sheet: bytes) -> Iterator[tuple[int, int, bytes, bytes]]:
    """Yield row, column, attributes and content of every cell."""
    row = column = 0
    for match in _ROW_OR_CELL.finditer(sheet):
        attributes = match["attributes"]
        if attributes is None:
            number = _NUMBER.search(match["row"])
            row, column = int(number[1]) if number else row + 1, 0
            continue
        place = _REFERENCE.search(attributes)
        column = column_number(place[1].decode()) if place else column + 1
        yield int(place[2]) if place else row, column, attributes, match["inside"] or b""
