"""Bytes of a workbook to a RawBook, in this process. Foreign files go through `book.worker`."""

import hashlib
import io
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time
from functools import partial
from typing import TypeAlias, cast

import python_calamine as calamine

from sheetcrm.book.biffcompact import Moved, compacted
from sheetcrm.book.cfb import Broken
from sheetcrm.book.compact import Places, renumbered
from sheetcrm.book.container import RESAVE, encrypted
from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.guard import Inspected, inspect, needs_sparse_read, read_bytes
from sheetcrm.book.hazards import hazards
from sheetcrm.book.markers import Role, sheet_roles
from sheetcrm.book.outline import Outline, SheetEntry, outline, relationships
from sheetcrm.book.package import relationships_name
from sheetcrm.book.plain import rewritten, simplified
from sheetcrm.book.rawcells import Special, signed, special
from sheetcrm.book.scan import SheetScan
from sheetcrm.book.target import Workbook, open_package, read_workbook
from sheetcrm.book.validations import list_validations
from sheetcrm.errors import FileProblem
from sheetcrm.table import Cell, CellRows, RawBook, RawSheet, column_letter

_Corners: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
_Content: TypeAlias = tuple[list[list[Cell]], Sequence[_Corners]]

# What calamine makes of a number that is none, in a cell that shows dates.
_EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001 - cells know no zones

# Summaries of ours are never read back: they are built again from the data.
UNREAD_TABS = frozenset(
    (
        *("dashboard", "funnel", "conversion", "overdue", "performance", "trend", "segments"),
        *("review", "goals", "collaboration", "focus", "reconciliation", "team"),
    )
)


def parse_file(file: str, shown: str) -> RawBook:
    """Read a workbook file once: its hash and its cells come from the same bytes.

    Args:
        file: Where it is.
        shown: The path as the user named it; the book and every message bear it.

    Raises:
        FileProblem: Missing, not a workbook, encrypted, damaged or beyond the limits.
    """
    return parse(read_bytes(file, shown), shown)


def parse(data: bytes, path: str) -> RawBook:
    """Read a workbook from its bytes.

    Raises:
        FileProblem: Not a workbook, encrypted, damaged or beyond the limits.
    """
    return parse_inspected(inspect(data, path))


def parse_inspected(inspected: Inspected) -> RawBook:
    """Read a workbook that passed inspection.

    Raises:
        FileProblem: Damaged, or calamine cannot read it.
    """
    book = outline(inspected.read, inspected.path) if inspected.form == "xlsx" else None
    sheets = _other(inspected) if book is None else _xlsx(inspected, book)
    digest = hashlib.sha256(inspected.data).hexdigest()
    return RawBook(inspected.path, digest, tuple(sheets), hazards(inspected, book))


def _xlsx(inspected: Inspected, book: Outline) -> list[RawSheet]:
    _check_parts(inspected, book)
    marked = _marked(inspected)
    roles = sheet_roles(marked) if marked else {}
    unread = frozenset(name for name, role in roles.items() if role.tab in UNREAD_TABS)
    try:
        cells = _all_cells(inspected, book, unread, simple=False)
    except FileProblem:
        # what calamine stumbles over is mostly outside the cells: try once more without it
        cells = _all_cells(inspected, book, unread, simple=True)
    sheets = []
    for entry, (rows, merged) in zip(book.sheets, cells, strict=True):
        odd = Special() if entry.name in unread else _special(inspected, entry)
        sheet = _described(inspected, entry, odd, rows, merged)
        tab, table = roles.get(entry.name, Role())
        sheets.append(replace(sheet, tab=tab, table=table))
    return _with_validations(inspected, book, sheets)


def _marked(inspected: Inspected) -> Workbook | None:
    """Return the workbook to look for our marks in; None where there can be none."""
    try:
        return read_workbook(open_package(inspected.data, inspected.path))
    except FileProblem:
        return None


def _all_cells(
    inspected: Inspected, book: Outline, unread: Collection[str], *, simple: bool
) -> list[_Content]:
    """Return (rows, merges) of each sheet in order."""
    places: dict[str, Places] = {}
    changes = simplified(book) if simple else {}
    for entry in book.sheets:
        scan = inspected.scan(entry.part)
        if scan is not None and needs_sparse_read(scan):
            small, places[entry.part] = renumbered(inspected.searchable(entry.part))
            places[entry.part].check(inspected.path)
            changes[entry.part] = _always(small)
    data = rewritten(inspected, changes) if changes or inspected.foreign else inspected.data
    workbook = _open(data, inspected.path)
    listed = [e for e in book.sheets if e.is_worksheet or not simple]
    if len(workbook.sheet_names) != len(listed):
        raise FileProblem(inspected.path, "工作簿的工作表目录前后不一致", RESAVE)
    contents: list[_Content] = []
    for entry in book.sheets:
        if not entry.is_worksheet or entry.name in unread:
            contents.append(([], ()))
            continue
        rows, merged = _cells(workbook, listed.index(entry), inspected.path)
        contents.append(
            (places[entry.part].expand(rows), ()) if entry.part in places else (rows, merged)
        )
    return contents


def _always(data: bytes) -> Callable[[bytes], bytes]:
    return lambda _: data


def _check_parts(inspected: Inspected, book: Outline) -> None:
    """Refuse a package without a part its cells cannot be understood without."""
    rels = inspected.read(relationships_name(book.workbook_part))
    targets = relationships(book.workbook_part, rels).values() if rels else ()
    present = {
        kind.rpartition("/")[2] for kind, part in targets if part_key(part) in inspected.parts
    }
    promised = {kind.rpartition("/")[2] for kind, part in targets}
    if not book.sheets:
        raise FileProblem(inspected.path, "工作簿里没有工作表", RESAVE)
    for entry in book.sheets:
        if part_key(entry.part) not in inspected.parts:
            raise FileProblem(inspected.path, f"工作表“{entry.name}”的内容缺失", RESAVE)
        if entry.is_worksheet != (inspected.roots[part_key(entry.part)] == "worksheet"):
            raise FileProblem(inspected.path, f"工作表“{entry.name}”的内容不是工作表", RESAVE)
    for kind, part in targets:
        if kind.endswith("/sharedStrings") and inspected.roots.get(part_key(part), "sst") != "sst":
            raise FileProblem(inspected.path, "文字内容（共享字符串）已损坏", RESAVE)
    if "sharedStrings" not in present and any(s.has_shared_text for s in inspected.scans.values()):
        raise FileProblem(inspected.path, "文字内容（共享字符串）缺失", RESAVE)
    if "styles" in promised - present:
        raise FileProblem(inspected.path, "格式信息缺失，日期会变成数字", RESAVE)


def _other(inspected: Inspected) -> list[RawSheet]:
    data, moved = _made_small(inspected)
    workbook = _open(data, inspected.path)
    sheets = []
    for index, about in enumerate(workbook.sheets_metadata):
        hidden = about.visible != calamine.SheetVisibleEnum.Visible
        read, merged = _cells(workbook, index, inspected.path)
        rows: Sequence[list[Cell]] = _finite(read)
        if index in moved:  # by row, as the sparse sheets of an .xlsx
            rows = moved[index].expand(rows)
        sheets.append(RawSheet(about.name, rows, hidden, merged=_clipped(merged, rows)))
    return sheets


def _made_small(inspected: Inspected) -> tuple[bytes, Mapping[int, Moved]]:
    """Return the file to parse, and where the cells of its sparse sheets belong."""
    sparse = [n for n, scan in enumerate(inspected.sheets) if needs_sparse_read(scan)]
    try:
        return compacted(inspected.data, sparse) if sparse else (inspected.data, {})
    except Broken as error:
        raise FileProblem(inspected.path, "文件已损坏，读不出内容", RESAVE) from error


def _open(data: bytes, path: str) -> calamine.CalamineWorkbook:
    with _calamine_errors(path):
        return calamine.load_workbook(io.BytesIO(data))


@contextmanager
def _calamine_errors(path: str) -> Iterator[None]:
    try:
        yield
    except calamine.PasswordError as error:
        raise encrypted(path) from error
    except OverflowError as error:
        reason = "有按时长显示的数字大得读不出来"
        raise FileProblem(path, reason, "请把那一列的格式改成“常规”再试") from error
    except (calamine.CalamineError, ValueError, OSError) as error:
        raise FileProblem(path, "文件已损坏，读不出内容", RESAVE) from error
    except BaseException as error:
        # a Rust panic arrives as pyo3_runtime.PanicException, which no module exports
        if type(error).__name__ == "PanicException":
            raise FileProblem(path, "文件已损坏，读不出内容", RESAVE) from error
        raise


def _cells(workbook: calamine.CalamineWorkbook, index: int, path: str) -> _Content:
    """Return a sheet's rows from A1, blank cells "", blank rows at the end left out."""
    if workbook.sheets_metadata[index].typ != calamine.SheetTypeEnum.WorkSheet:
        return [], ()
    with _calamine_errors(path):
        sheet = workbook.get_sheet_by_index(index)
        rows = cast("list[list[Cell]]", sheet.to_python(skip_empty_area=False))
        merged = sheet.merged_cell_ranges or ()
    while rows and not any(cell != "" for cell in rows[-1]):
        rows.pop()
    return rows, merged


def _described(
    inspected: Inspected,
    entry: SheetEntry,
    odd: Special,
    rows: list[list[Cell]],
    merged: Sequence[_Corners],
) -> RawSheet:
    scan = inspected.scan(entry.part) or SheetScan()
    for row, column, text in odd.errors:
        _put(rows, row, column, text)
    if scan.has_signed:
        _put_signed(inspected, entry, rows)
    return RawSheet(
        name=entry.name,
        # a sparse sheet spans far more than it holds: by row it costs only what is there
        rows=rows if needs_sparse_read(scan) else _finite(rows),
        hidden=entry.state != "visible",
        hidden_rows=frozenset(scan.hidden_rows),
        merged=_clipped(merged, rows),
        filtered=scan.filtered,
        uncalculated=odd.uncalculated,
    )


def _special(inspected: Inspected, entry: SheetEntry) -> Special:
    scan = inspected.scan(entry.part)
    if scan is None or not (scan.has_errors or scan.has_uncalculated):
        return Special()
    return special(inspected.searchable(entry.part))


def _put_signed(inspected: Inspected, entry: SheetEntry, rows: list[list[Cell]]) -> None:
    """Put numbers back that calamine takes for a time of day: those below nought have no date."""
    if not any(isinstance(cell, time) or cell == _EPOCH for row in rows for cell in row):
        return
    for row, column, number in signed(inspected.searchable(entry.part)):
        cells = rows[row - 1] if row <= len(rows) else []
        read = cells[column - 1] if column <= len(cells) else None
        if isinstance(read, time | date) or math.isnan(number):
            _put(rows, row, column, number)


def _finite(rows: list[list[Cell]]) -> CellRows:
    """Return rows by column; what is no number, and would pass for a blank, is a text."""
    kept = CellRows(rows)
    for column in kept.columns:
        for at, value in enumerate(column.values):
            if isinstance(value, float) and not math.isfinite(value):
                column.values[at] = str(value)
    return kept


def _put(rows: list[list[Cell]], row: int, column: int, cell: Cell) -> None:
    while len(rows) < row:
        rows.append([])
    if len(rows[row - 1]) < column:
        # rows of a sparse sheet may share one empty list: never lengthen it in place
        rows[row - 1] = rows[row - 1] + [None] * (column - len(rows[row - 1]))
    rows[row - 1][column - 1] = cell


def _clipped(merged: Sequence[_Corners], rows: Sequence[Sequence[Cell]]) -> tuple[str, ...]:
    """Return merged ranges as A1 text, cut to the rows and columns that hold anything."""
    height, width = len(rows), max(map(len, rows), default=0)
    texts = []
    for (top, left), (bottom, right) in merged:
        bottom, right = min(bottom, height - 1), min(right, width - 1)
        if 0 <= top <= bottom and 0 <= left <= right and (top, left) != (bottom, right):
            first, last = column_letter(left + 1), column_letter(right + 1)
            texts.append(f"{first}{top + 1}:{last}{bottom + 1}")
    return tuple(texts)


def _with_validations(
    inspected: Inspected, book: Outline, sheets: Sequence[RawSheet]
) -> list[RawSheet]:
    by_name = {sheet.name.casefold(): sheet.rows for sheet in sheets}
    done = []
    for index, (entry, sheet) in enumerate(zip(book.sheets, sheets, strict=True)):
        scan = inspected.scan(entry.part)
        if scan is None or b"dataValidation" not in scan.tail:
            done.append(sheet)
            continue

        def rows(name: str | None, own: RawSheet = sheet) -> Sequence[Sequence[Cell]] | None:
            return own.rows if name is None else by_name.get(name.casefold())

        found = list_validations(scan, rows, partial(book.name, sheet=index))
        done.append(replace(sheet, validations=found))
    return done
