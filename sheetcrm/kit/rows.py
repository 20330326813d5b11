"""Which rows of a sheet are data: blank, total, example, repeated heading and note rows are not."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sheetcrm.kit.apart import Apart, below_it
from sheetcrm.kit.marks import is_example
from sheetcrm.kit.under import Talks, fill_down, talks_under
from sheetcrm.table import Cell, CellRows, Coded, Heading, RawSheet, column_letter, column_number

_TOTAL = re.compile(
    r"(?:本页|本月|本周|本季度?|本年|全年|部门|团队|各)?[ ]*"
    r"(?:合 *计|小 *计|总 *计|共 *计|累 *计|总 *和|汇 *总|平均值?|total|subtotal|sum)"
    r"(?:[ :：(（].{0,20})?",
    re.IGNORECASE,
)
# 张三小计, 华东区合计：a name before it, in a row that fills little else.
_NAMED_TOTAL = re.compile(r".{1,12}(?:合 *计|小 *计|总 *计)[:：]?")
_TOTAL_ENDS = ("计", "计:", "计：")
# What a row of instructions under the headings says.
_HINT = re.compile(
    r"[(（]?(?:(?:必|选|可不)填|.*(?:下拉|请填|填写|填全称|格式|自动生成|勿填|不用填).*"
    r"|\d+位(?:数字)?|(?:单位[:：]?)?(?:千|万|百万)?元|文本|文字|数字|日期|年[/.-]?月[/.-]?日)[)）]?"
)
_NOTE = re.compile(
    r"(?:备注|说明|注意?|填表说明|填写说明|制表人?|审核人?|统计时间|数据来源|导出时间)\d?[:：]"
    r"|共 *\d+ *[条行项个家户笔](?:记录|数据|线索|客户)?$"
)
_DATA, _TOTAL_ROW, _EXAMPLE_ROW, _NOTE_ROW, _NAMED_TOTAL_ROW, _REPEAT_ROW, _TALK_ROW = range(7)
_WHO = ("lead_id", "company")
# Where the rows of one merged customer have such cells of their own, each is a lead.
_EACH = ("lead_id", "product", "expected_amount", "amount")
_LONGEST_TOTAL = 30
# What the texts of these patterns, and of example rows, begin with: most ids and names do not.
_FIRST_LETTERS = frozenset("本全部团各合小总共累汇平备说注填制审统数导示样例【[（(TtSs ")
_FEW = 2
_AREA = re.compile(r"\$?([A-Z]+)\$?(\d+):\$?([A-Z]+)\$?(\d+)")
_ASCII_WORDS = re.compile(r"[A-Za-z][A-Za-z _./()-]*")


@dataclass(frozen=True)
class DataRows:
    """The data of a sheet and the rows that were left out.

    `frame` has object columns by heading key, indexed by Excel row; `coded` the same columns by
    their distinct cells. The other fields are Excel row numbers; `totals` and `notes` come with
    their first text. `merged` are ranges inside the data whose value was given to every row they
    cover. `apart` is another table below this one, whose rows are in none of them. `repeats` are
    further rows of one merged lead; `talks` those under a lead that only tell of a talk, `filled`
    those of a log that were given the customer above.
    """

    frame: pd.DataFrame
    coded: Mapping[str, Coded]
    blanks: tuple[int, ...] = ()
    totals: tuple[tuple[int, str], ...] = ()
    notes: tuple[tuple[int, str], ...] = ()
    examples: tuple[int, ...] = ()
    merged: tuple[str, ...] = ()
    apart: Apart | None = None
    repeats: tuple[int, ...] = ()
    talks: Talks | None = None
    filled: tuple[int, ...] = ()


def data_rows(
    sheet: RawSheet, header_row: int, headings: Sequence[Heading], kind: str = ""
) -> DataRows:
    """Take the data rows below a heading row out of a sheet.

    Of the rows that one merged customer of a lead table (`kind` lead) spans only one counts: the
    fullest, of equally full ones the last.
    """
    rows = sheet.by_column
    ordered = sorted(headings, key=lambda h: h.column)
    columns = {h.key: below(rows, h.column, header_row) for h in headings}
    merged = _fill_merged(sheet, header_row, headings, columns)
    known = [columns[h.key].codes > 0 for h in headings if h.known]
    filled = np.logical_or.reduce(known)
    apart = below_it(sheet, header_row, headings)
    above = np.arange(len(filled)) < (apart.row - header_row - 1 if apart else len(filled))
    filled &= above
    if not filled.any():
        return DataRows(*_frame(columns, np.flatnonzero(filled), header_row))
    first, kinds = _kinds([columns[h.key] for h in ordered])
    again = _repeated_headings(columns, headings)
    for index in (*again, *_titles(known, again), *_hints(columns)):
        kinds[index] = _NOTE_ROW
    for index in _banners(sheet, header_row, headings):
        if index < len(kinds) and kinds[index] == _DATA:
            kinds[index] = _NOTE_ROW
    if kind == "lead":
        for index in _repeats(sheet, header_row, headings, columns):
            kinds[index] = _REPEAT_ROW
    rest = above & (kinds == _DATA)
    talks, named = _under(kind, headings, columns, (filled & rest, rest))
    kinds[list(talks)] = _TALK_ROW
    filled[list(talks)] = True
    end = int(np.flatnonzero(filled)[-1])
    inside = np.arange(len(filled)) <= end

    def numbers(mask: np.ndarray) -> tuple[int, ...]:
        return tuple((np.flatnonzero(mask & inside) + header_row + 1).tolist())

    def texts(name: int) -> tuple[tuple[int, str], ...]:
        found = numbers(filled & (kinds == name))
        return tuple((row, str(first(row - header_row - 1))) for row in found)

    return DataRows(
        *_frame(columns, np.flatnonzero(filled & (kinds == _DATA)), header_row),
        blanks=numbers(~filled),
        totals=texts(_TOTAL_ROW),
        notes=texts(_NOTE_ROW),
        examples=numbers(filled & (kinds == _EXAMPLE_ROW)),
        merged=merged,
        apart=apart,
        repeats=numbers(filled & (kinds == _REPEAT_ROW)),
        talks=_talks(columns, talks, header_row) if talks else None,
        filled=tuple(index + header_row + 1 for index in named),
    )


def _under(
    kind: str,
    headings: Sequence[Heading],
    columns: dict[str, Coded],
    among: tuple[np.ndarray, np.ndarray],
) -> tuple[dict[int, int], list[int]]:
    """Return the rows that are talks with the lead above, and those given the customer above.

    `among` says which rows hold data, and which may be talks.
    """
    data, rows = among
    if kind == "lead":
        return talks_under(headings, columns, data, rows), []
    return {}, fill_down(headings, columns, data) if kind == "follow_up" else []


def _talks(columns: Mapping[str, Coded], found: Mapping[int, int], header_row: int) -> Talks:
    frame, _ = _frame(columns, np.array(list(found), dtype=np.intp), header_row)
    first = header_row + 1
    return Talks(frame, {row + first: head + first for row, head in found.items()})


def below(rows: CellRows, column: int, header_row: int) -> Coded:
    """Return what stands below a heading, texts of nothing but spaces as blank."""
    height = max(len(rows) - header_row, 0)
    if column > len(rows.columns):
        return Coded(np.array([None], dtype=object), np.zeros(height, dtype=np.intc))
    whole = rows.columns[column - 1]
    codes = np.frombuffer(whole.codes, dtype=np.intc)[header_row:].copy()
    values = np.empty(len(whole.values), dtype=object)
    values[:] = whole.values
    spaces = [i for i, v in enumerate(whole.values) if v.__class__ is str and v.isspace()]
    if spaces:
        codes[np.isin(codes, spaces)] = 0
    return Coded(values, codes)


def _kinds(columns: Sequence[Coded]) -> tuple[Callable[[int], Cell], np.ndarray]:
    """Tell data rows from totals, examples and notes by the first text of each row.

    Returns:
        What gives the first cell of a row, and the kind of every row.
    """
    filled = np.stack([column.codes > 0 for column in columns])
    few = filled.sum(axis=0) <= _FEW
    leading = filled.argmax(axis=0)
    kind = np.zeros(len(few), dtype=np.int8)
    for at, column in enumerate(columns):
        mine = np.flatnonzero((leading == at) & filled[at])
        if not len(mine):
            continue
        codes = column.codes[mine]
        said = np.zeros(len(column.values), dtype=np.int8)
        listed = column.values.tolist()
        for code in np.flatnonzero(np.bincount(codes)).tolist():
            cell = listed[code]
            if isinstance(cell, str) and (
                cell[0] in _FIRST_LETTERS or cell[0].isspace() or cell.endswith(_TOTAL_ENDS)
            ):
                said[code] = _kind(cell)
        kind[mine] = said[codes]
    kind[(kind == _NOTE_ROW) & ~few] = _DATA
    half = 2 * filled.sum(axis=0) <= len(columns)
    kind[kind == _NAMED_TOTAL_ROW] = np.where(half, _TOTAL_ROW, _DATA)[kind == _NAMED_TOTAL_ROW]

    def first(row: int) -> Cell:
        column = columns[leading[row]]
        cell: Cell = column.values[column.codes[row]]
        return cell

    return first, kind


def says_total(text: str) -> bool:
    """Say whether a text is what a row of totals begins with: 合计, 本月小计."""
    return len(text) <= _LONGEST_TOTAL and _TOTAL.fullmatch(text) is not None


def _kind(cell: str) -> int:
    """Say what a row is that begins with this cell; a note only where little else is filled."""
    text = cell.strip()
    if says_total(text):
        return _TOTAL_ROW
    if _NAMED_TOTAL.fullmatch(text):
        return _NAMED_TOTAL_ROW
    if is_example(text):
        return _EXAMPLE_ROW
    return _NOTE_ROW if _NOTE.match(text) else _DATA


def _repeated_headings(columns: Mapping[str, Coded], headings: Sequence[Heading]) -> list[int]:
    """Find heading rows repeated inside the data, and a second heading row in English."""
    same = sum((_equals(columns[h.key], h.text) for h in headings), np.zeros(1, dtype=np.int64))
    found = np.flatnonzero(same >= max(2, len(headings) // 2)).tolist()
    top = [columns[h.key].values[columns[h.key].codes[0]] for h in headings]
    cells = [cell for cell in top if cell is not None]
    texts = [c for c in cells if isinstance(c, str) and _ASCII_WORDS.fullmatch(c.strip())]
    chinese = sum(not h.text.isascii() for h in headings)
    if len(texts) == len(cells) >= max(3, 0.6 * len(headings)) and chinese > len(headings) / 2:
        found.append(0)
    return [int(index) for index in found]


def _titles(known: Sequence[np.ndarray], again: Sequence[int]) -> list[int]:
    """Find the one-cell rows above headings that are repeated: 李四的客户."""
    cells = np.sum(known, axis=0)
    above = ((index, np.flatnonzero(cells[:index])) for index in again)
    return [int(rows[-1]) for _, rows in above if len(rows) and cells[rows[-1]] == 1]


def _hints(columns: Mapping[str, Coded]) -> list[int]:
    """Find a row of instructions right under the headings: 填全称, 必填, 11位, 下拉选."""
    top = [column.values[column.codes[0]] for column in columns.values() if len(column.codes)]
    texts = [cell for cell in top if cell is not None]
    said = sum(isinstance(cell, str) and bool(_HINT.fullmatch(cell.strip())) for cell in texts)
    return [0] if said >= max(_FEW, len(texts) / 2) else []


def _banners(sheet: RawSheet, header_row: int, headings: Sequence[Heading]) -> list[int]:
    """Find rows that are one cell merged across half the table or more: 华东区, 第2页."""
    found = []
    for area in sheet.merged:
        match = _AREA.fullmatch(area)
        if match and match[2] == match[4] and int(match[2]) > header_row:
            left, right = column_number(match[1]), column_number(match[3])
            across = sum(left <= h.column <= right for h in headings)
            if 2 * across > len(headings):
                found.append(int(match[2]) - header_row - 1)
    return found


def _equals(column: Coded, text: str) -> np.ndarray:
    same = np.array([value == text for value in column.values], dtype=np.int64)
    counts: np.ndarray = same[column.codes]
    return counts


def _fill_merged(
    sheet: RawSheet, header_row: int, headings: Sequence[Heading], columns: Mapping[str, Coded]
) -> tuple[str, ...]:
    """Give the value of cells merged downwards to every row they cover."""
    filled = []
    by_letter = {column_letter(h.column): h.key for h in headings}
    for area in sheet.merged:
        match = _AREA.fullmatch(area)
        if not match or match[1] != match[3] or match[1] not in by_letter:
            continue
        top, bottom = int(match[2]) - header_row - 1, int(match[4]) - header_row
        codes = columns[by_letter[match[1]]].codes
        if top < 0 or bottom - top < 2 or top >= len(codes) or not codes[top]:
            continue
        codes[top:bottom] = codes[top]
        filled.append(area)
    return tuple(filled)


def _repeats(
    sheet: RawSheet, header_row: int, headings: Sequence[Heading], columns: Mapping[str, Coded]
) -> list[int]:
    """Find the rows of a merged customer or id but for the one that counts."""
    each = [below(sheet.by_column, h.column, header_row) for h in headings if h.key in _EACH]
    letters = {column_letter(h.column) for h in headings if h.key in _WHO}
    full = np.sum([column.codes > 0 for column in columns.values()], axis=0)
    found: set[int] = set()
    for area in sheet.merged:
        match = _AREA.fullmatch(area)
        if not match or match[1] != match[3] or match[1] not in letters:
            continue
        top, bottom = int(match[2]) - header_row - 1, min(int(match[4]) - header_row, len(full))
        own = any((column.codes[max(top, 0) : bottom] > 0).sum() > 1 for column in each)
        if top >= 0 and bottom - top > 1 and not own:
            kept = bottom - 1 - int(full[top:bottom][::-1].argmax())
            found |= set(range(top, bottom)) - {kept}
    return sorted(found)


def _frame(
    columns: Mapping[str, Coded], keep: np.ndarray, header_row: int
) -> tuple[pd.DataFrame, dict[str, Coded]]:
    """Return the kept rows as object columns, and by distinct cells; unused ones are left out."""
    index = pd.Index(keep + header_row + 1, dtype="int64")
    coded = {key: _used(column, keep) for key, column in columns.items()}
    frame = pd.DataFrame(
        {key: pd.Series(column.cells, index=index, dtype=object) for key, column in coded.items()},
        index=index,
        dtype=object,
    )
    return frame, coded


def _used(column: Coded, keep: np.ndarray) -> Coded:
    codes = column.codes[keep]
    used = np.zeros(len(column.values), dtype=bool)
    used[codes] = True
    used[0] = True
    if used.all():
        return Coded(column.values, codes)
    return Coded(column.values[used], (np.cumsum(used) - 1)[codes])
