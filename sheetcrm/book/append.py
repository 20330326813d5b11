"""Append rows to a table in a user's sheet, and leave every other byte of the workbook as it is.

Prepared blank rows below the data are filled first, in order; formulas in them stay. Then rows
follow. The table grows with them: the Excel table, filters, validations, conditional formats,
defined names and print areas that end where it ended, and formulas that take it in from its top.
New cells look like those of the last data row; columns of formulas are filled down.

Nothing is overwritten. Where a totals row, a note or another table stands below, rows are inserted
above it, but only where all that moves is known to move along (`appendshift`); else the workbook is
refused with the cell and what to do. Texts are written as texts whatever they look like.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import groupby, islice
from operator import itemgetter

from sheetcrm.book.appendcells import NewCells
from sheetcrm.book.appendranges import (
    below_edits,
    dimension_edits,
    formula_edits,
    put_table,
    rename_ranges,
    tail_edits,
)
from sheetcrm.book.appendshift import left_behind, objection
from sheetcrm.book.appendwhere import Below, NewRows, Surroundings
from sheetcrm.book.cellcontent import CellWriter
from sheetcrm.book.cellformats import CellFormats
from sheetcrm.book.cellguard import Guard
from sheetcrm.book.cellplaces import Element, SheetText
from sheetcrm.book.cells import Kept, calculate_on_opening
from sheetcrm.book.edit import (
    drop_calculation_chain,
    no_room,
    put_styles,
    styles_of,
    workbook_links,
)
from sheetcrm.book.package import relationships_name
from sheetcrm.book.rowchange import RowChange
from sheetcrm.book.sheetrows import SheetRows
from sheetcrm.book.splice import Edit, edited
from sheetcrm.book.styles import TooManyFormats
from sheetcrm.book.tabstate import shared_strings
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import BadXml, as_it_was, as_utf8, in_ascii_only, serialise
from sheetcrm.errors import FileProblem
from sheetcrm.table import LAST_ROW, column_letter

__all__ = ["Appended", "NewRows", "append_rows"]

_RESAVE = "请用 Excel 或 WPS 打开后另存一份再试"


@dataclass(frozen=True)
class Appended:
    """The workbook with the rows in it.

    `placed` are the new rows of each sheet in the order given.
    `kept` are cells, or runs of cells down a column (D5:D9), that did not get what was asked,
    with the reason. `left` are formulas of the user's other sheets (the cell is "" for a rule) and
    ranges drawn by charts that end where a table ended; they are not touched.
    """

    data: bytes
    placed: Mapping[str, tuple[int, ...]]
    kept: tuple[Kept, ...] = ()
    left: tuple[Kept, ...] = ()


def append_rows(target: Workbook, rows: Sequence[NewRows]) -> Appended:
    """Return the workbook with rows appended to its tables.

    Args:
        target: The opened workbook; not changed.
        rows: What to append, at most once a table. Of two tables on one sheet the lower comes
            first, so that its rows are still where it says.

    Raises:
        FileProblem: The rows cannot be put in without changing something else: it stands below and
            cannot move, the sheet is protected or full, or its part is broken.
        KeyError: No worksheet of that name.
        ValueError: A row has not one value a column.
    """
    book = target.fork()
    sheets = {s.name: s for s in book.sheets if s.kind == "worksheet" and s.part}
    formats = CellFormats(styles_of(book))
    placed: dict[str, tuple[int, ...]] = {}
    kept: list[Kept] = []
    left: list[Kept] = []
    names = formulas = False
    for wanted in rows:
        if any(len(row) != len(wanted.columns) for row in wanted.cells):
            raise ValueError("a row has not one value a column")
        if not wanted.cells:
            continue
        try:
            run = _Run(book, sheets[wanted.sheet], wanted, formats)
            run.put()
        except (BadXml, UnicodeError) as problem:
            raise book.package.damaged() from problem
        except TooManyFormats as problem:
            raise no_room(book) from problem
        names, formulas = names or run.renamed, formulas or run.touches_formulas
        placed[wanted.sheet] = (*placed.get(wanted.sheet, ()), *run.numbers)
        kept += run.kept
        left += run.left
    if placed:
        _finish(book, formats, workbook_changed=names, forget_chain=formulas)
    return Appended(book.package.to_bytes(), placed, tuple(kept), tuple(left))


def _finish(
    book: Workbook, formats: CellFormats, *, workbook_changed: bool, forget_chain: bool
) -> None:
    links = workbook_links(book)
    before = serialise(links)
    if forget_chain:
        drop_calculation_chain(book, links)
    if formats.changed:
        put_styles(book, links, formats.root)
    if serialise(links) != before:
        book.package.put(relationships_name(book.package.stored_name(book.key)), serialise(links))
    if calculate_on_opening(book) or workbook_changed:
        book.package.put(book.key, serialise(book.root))


@dataclass
class _Run:
    """The appending of one run of rows to one sheet of a workbook that may be changed."""

    book: Workbook
    sheet: Sheet
    wanted: NewRows
    formats: CellFormats
    renamed: bool = False
    touches_formulas: bool = False
    kept: list[Kept] = field(default_factory=list)
    left: list[Kept] = field(default_factory=list)

    def __post_init__(self) -> None:
        text, self._code = as_utf8(self.book.package.read(self.sheet.part))
        part = SheetText(text)
        ascii_only = in_ascii_only(text) and not self._code
        self._writer = CellWriter(self.formats, part.prefix, ascii_only, self.book.date1904)
        rows = SheetRows(part, lambda: self._strings)
        guard = Guard(self.book, self.sheet, part)
        self._around = Surroundings(self.book, self.sheet, rows, guard, self.wanted)
        if not part.rows.ascend:
            raise self._problem("里面行的顺序是乱的", _RESAVE)

    @cached_property
    def _strings(self) -> Sequence[str]:
        package = self.book.package
        part = package.related(self.book.key, "/sharedStrings")
        return shared_strings(package.read(part)) if part else ()

    @property
    def numbers(self) -> range:
        """The numbers of the new rows."""
        first = self._around.last + 1
        return range(first, first + len(self.wanted.cells))

    def put(self) -> None:
        """Write the rows and what goes with them into the package.

        Raises:
            FileProblem: It cannot be done without changing something else.
        """
        change = self._change()
        cells = NewCells(self._around, self._writer, change)
        self._refuse_locked(cells)
        around = self._around
        edits = [
            *self._row_edits(cells, change),
            *formula_edits(around, change),
            *below_edits(around, change),
            *dimension_edits(around, change),
            *tail_edits(around, change),
        ]
        patched = edited(
            around.rows.part,
            edits,
            as_declared=self._writer.ascii_only,
            inspected=self.book.inspected,
        )
        self.touches_formulas = bool(cells.formulas) or bool(change.by)
        self.renamed = rename_ranges(around, change)
        put_table(around, change)
        self.book.package.put(self.sheet.part, as_it_was(patched, self._code))
        self.kept += _runs(self.sheet.name, cells.kept)
        self.left += left_behind(around, change)

    def _change(self) -> RowChange:
        """Find the place for the rows; rows are inserted where there is no room."""
        around, count = self._around, len(self.wanted.cells)
        left, right = around.extent
        last = around.last
        plain = RowChange(self.sheet.name, self.wanted.header_row, last, last + count, left, right)
        if last + count > LAST_ROW:
            raise self._problem("放不下这么多行", "请先把旧数据移到别的工作簿")
        below = around.below(count + 1)
        if below is None:
            return plain
        room = below.row - last - 1
        if room >= count and below.is_total:
            return plain
        # a blank row stays between the table and what is not its totals row
        spare = 0 if below.is_total or room == 0 or self._is_prepared(below.row - 1) else 1
        missing = count - (room - spare)
        if missing <= 0:
            return plain
        inserting = replace(plain, at=below.row - spare, by=missing)
        reason = self._cannot_insert(inserting)
        if not reason:
            return inserting
        if room >= count:
            return plain
        raise self._in_the_way(below, count - room, reason)

    def _is_prepared(self, row: int) -> bool:
        """Say whether a blank row was made ready for data: its cells are formatted."""
        left, right = self._around.extent
        cells = self._around.rows.cells(row)
        return any(left <= column <= right and view.style for column, view in cells.items())

    def _cannot_insert(self, change: RowChange) -> str:
        lowest = self._around.rows.part.rows[-1].number
        if lowest + change.by > LAST_ROW:
            return "工作表已经到底"
        return objection(self._around, change)

    def _in_the_way(self, below: Below, missing: int, reason: str) -> FileProblem:
        place = f"第{below.row}行上面"
        need = f"{below.cell} 起还有内容（{below.what}），要在{place}插入{missing}行才放得下"
        return self._problem(
            f"表的下面 {need}，但{reason}，不能安全地自动插入",
            f"请在 Excel 或 WPS 里{place}插入{missing}个空行，或把下面的内容移开，保存后再试",
        )

    def _refuse_locked(self, cells: NewCells) -> None:
        if not self._around.guard.protected:
            return
        for column in self.wanted.columns:
            styles = {style[column] for style in cells.styles}
            if column not in cells.formulas and any(map(self.formats.is_locked, styles)):
                cell = f"{column_letter(column)}{self._around.last + 1}"
                raise self._problem(
                    f"受保护，{cell} 等格是锁定的，不能追加行", "请先撤销工作表保护再试"
                )

    def _row_edits(self, cells: NewCells, change: RowChange) -> list[Edit]:
        """Return the edits that fill prepared rows and put in new ones."""
        part, wanted = self._around.rows.part, iter(self.wanted.cells)
        edits: list[Edit] = []
        put_in: dict[int, list[bytes]] = {}
        for home, run in groupby(self._homes(change), key=itemgetter(1)):
            numbers = [number for number, _ in run]
            if isinstance(home, Element):
                edits.append((home.start, home.end, cells.filled_row(home, next(wanted))))
            else:
                rows = list(islice(wanted, len(numbers)))
                put_in.setdefault(home, []).extend(cells.new_rows(numbers[0], rows))
        if put_in and part.data.is_empty:
            name = part.prefix + b"sheetData"
            text = b"".join(row for rows in put_in.values() for row in rows)
            return [(part.data.start, part.data.end, b"<%s>%s</%s>" % (name, text, name))]
        return edits + [(place, place, b"".join(rows)) for place, rows in put_in.items()]

    def _homes(self, change: RowChange) -> Iterator[tuple[int, Element | int]]:
        """Yield the number of each new row, and the prepared row it fills or where it is put in."""
        later, close = self._around.later, self._around.rows.part.data.close
        at = 0
        for number in self.numbers:
            before = change.at if change.by and number >= change.at else number
            while at < len(later) and later[at].number < before:
                at += 1
            row = later[at] if at < len(later) else None
            is_there = row is not None and row.number == number == before
            if row is not None and is_there and number != change.at:
                yield number, row
            else:
                yield number, close if row is None else row.start

    def _problem(self, reason: str, remedy: str) -> FileProblem:
        return self.book.package.problem(f"工作表“{self.sheet.name}”{reason}", remedy)


def _runs(sheet: str, kept: Sequence[tuple[int, int, str]]) -> list[Kept]:
    """Return what was kept, cells below each other with one reason as one range."""
    found: list[tuple[int, int, int, str]] = []
    for column, row, reason in sorted(kept, key=lambda it: (it[0], it[2], it[1])):
        if found and found[-1][0] == column and found[-1][2:] == (row - 1, reason):
            found[-1] = (column, found[-1][1], row, reason)
        else:
            found.append((column, row, row, reason))
    return [Kept(sheet, _cells(column, top, end), reason) for column, top, end, reason in found]


def _cells(column: int, top: int, bottom: int) -> str:
    letter = column_letter(column)
    return f"{letter}{top}" if top == bottom else f"{letter}{top}:{letter}{bottom}"
