"""Which rows of a sheet are data: blank, total, example, repeated heading and note rows are not."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
import pandas as pd

from sheetcrm.kit.marks import is_example
from sheetcrm.table import Cell, Heading, RawSheet, column_letter

_TOTAL = re.compile(
    r"(?:本页|本月|本周|本季度?|本年|全年|部门|团队|各)?[ ]*"
    r"(?:合 *计|小 *计|总 *计|共 *计|累 *计|总 *和|汇 *总|平均值?|total|subtotal|sum)"
    r"(?:[ :：(（].{0,20})?",
    re.IGNORECASE,
)
_NOTE = re.compile(
    r"(?:备注|说明|注意?|填表说明|填写说明|制表人?|审核人?|统计时间|数据来源)\d?[:：]"
)
_ASCII_WORDS = re.compile(r"[A-Za-z][A-Za-z _./()-]*")


@dataclass(frozen=True)
class DataRows:
    """The data of a sheet and the rows that were left out.

    `frame` has object columns by heading key, indexed by Excel row. The other fields are Excel row
    numbers; `totals` and `notes` come with their first text. `merged` are ranges inside the data
    whose value was given to every row they cover.
    """

    frame: pd.DataFrame
    blanks: tuple[int, ...] = ()
    totals: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    examples: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()


def data_rows(sheet: RawSheet, header_row: int, headings: Sequence[Heading]) -> DataRows:
    """Take the data rows below a heading row out of a sheet."""
    body = sheet.rows[header_row:]
    width = max(h.column for h in headings)
    columns = list(zip_longest(*(row[:width] for row in body))) if body else []
    columns += [(None,) * len(body)] * (width - len(columns))
    arrays = {h.key: _cells(columns[h.column - 1]) for h in headings}
    merged = _fill_merged(sheet, header_row, headings, arrays)
    filled = _filled(arrays, headings, len(body))
    if not filled.any():
        return DataRows(_frame(arrays, np.flatnonzero(filled), header_row))
    first = _first(arrays, headings, len(body))
    few = _few(arrays, headings, len(body))
    kinds = [
        _kind(str(text), bool(few[i])) if isinstance(text, str) else ""
        for i, text in enumerate(first)
    ]
    kind = np.array(kinds, dtype=object)
    for index in _repeated_headings(arrays, headings, first):
        kind[index] = "note"
    end = int(np.flatnonzero(filled)[-1])

    def rows(mask: np.ndarray) -> tuple[int, ...]:
        return tuple(
            int(i) + header_row + 1 for i in np.flatnonzero(mask & (np.arange(len(body)) <= end))
        )

    def texts(name: str) -> tuple[tuple[int, str], ...]:
        return tuple(
            (row, str(first[row - header_row - 1])) for row in rows(filled & (kind == name))
        )

    keep = np.flatnonzero(filled & (kind == ""))
    return DataRows(
        _frame(arrays, keep, header_row),
        blanks=rows(~filled),
        totals=texts("total"),
        notes=texts("note"),
        examples=rows(filled & (kind == "example")),
        merged=merged,
    )


def _cells(column: Sequence[Cell]) -> np.ndarray:
    cells = np.empty(len(column), dtype=object)
    cells[:] = [
        None if isinstance(cell, str) and (not cell or cell.isspace()) else cell for cell in column
    ]
    return cells


def _filled(arrays: dict[str, np.ndarray], headings: Sequence[Heading], rows: int) -> np.ndarray:
    """Say of each row whether a known column is filled; numbering and notes beside do not count."""
    filled = np.zeros(rows, dtype=bool)
    for heading in headings:
        if heading.known:
            filled |= arrays[heading.key] != None  # noqa: E711  (elementwise)
    return filled


def _first(arrays: dict[str, np.ndarray], headings: Sequence[Heading], rows: int) -> np.ndarray:
    first = np.full(rows, None, dtype=object)
    for heading in sorted(headings, key=lambda h: h.column):
        empty = first == None  # noqa: E711
        first[empty] = arrays[heading.key][empty]
    return first


def _few(arrays: dict[str, np.ndarray], headings: Sequence[Heading], rows: int) -> np.ndarray:
    """Say of each row whether at most two of its cells are filled."""
    count = np.zeros(rows, dtype=int)
    for heading in headings:
        count += arrays[heading.key] != None  # noqa: E711
    return count <= 2


def _kind(text: str, few: bool) -> str:  # noqa: FBT001
    text = text.strip()
    if len(text) <= 30 and _TOTAL.fullmatch(text):
        return "total"
    if is_example(text):
        return "example"
    return "note" if few and _NOTE.match(text) else ""


def _repeated_headings(
    arrays: dict[str, np.ndarray], headings: Sequence[Heading], first: np.ndarray
) -> list[int]:
    """Find heading rows repeated inside the data, and a second heading row in English."""
    by_text = {h.text for h in headings}
    found = []
    for index in (
        i for i, text in enumerate(first) if isinstance(text, str) and text.strip() in by_text
    ):
        same = sum(arrays[h.key][index] == h.text for h in headings)
        if same >= max(2, len(headings) // 2):
            found.append(index)
    cells = [arrays[h.key][0] for h in headings if arrays[h.key][0] is not None]
    texts = [c for c in cells if isinstance(c, str) and _ASCII_WORDS.fullmatch(c.strip())]
    chinese = sum(not h.text.isascii() for h in headings)
    if len(texts) == len(cells) >= max(3, 0.6 * len(headings)) and chinese > len(headings) / 2:
        found.append(0)
    return found


def _fill_merged(
    sheet: RawSheet, header_row: int, headings: Sequence[Heading], arrays: dict[str, np.ndarray]
) -> tuple[str, ...]:
    """Give the value of cells merged downwards to every row they cover."""
    filled = []
    by_letter = {column_letter(h.column): h.key for h in headings}
    for area in sheet.merged:
        match = re.fullmatch(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)", area)
        if not match or match[1] != match[3] or match[1] not in by_letter:
            continue
        top, bottom = int(match[2]) - header_row - 1, int(match[4]) - header_row
        cells = arrays[by_letter[match[1]]]
        if top < 0 or bottom - top < 2 or top >= len(cells) or cells[top] is None:
            continue
        cells[top:bottom] = [cells[top]] * (min(bottom, len(cells)) - top)
        filled.append(area)
    return tuple(filled)


def _frame(arrays: dict[str, np.ndarray], keep: np.ndarray, header_row: int) -> pd.DataFrame:
    index = pd.Index(keep + header_row + 1, dtype="int64")
    columns = {
        key: pd.Series(cells[keep], index=index, dtype=object) for key, cells in arrays.items()
    }
    return pd.DataFrame(columns, index=index, dtype=object)
