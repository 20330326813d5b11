"""The rows of an import into the book: updated, appended and written down in one go."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeAlias

import numpy as np
import pandas as pd

from sheetcrm.book.append import NewRows, append_rows
from sheetcrm.book.cells import CellValue, set_cells
from sheetcrm.book.changes import ChangedRow
from sheetcrm.book.target import Workbook
from sheetcrm.clean import CleanBook, CleanTable, home
from sheetcrm.intake.decide import open_rows
from sheetcrm.table import Cell, Heading, RawBook, Table, column_letter
from sheetcrm.tabs.decision_plan import SheetPlan, lines
from sheetcrm.workflows.import_plan import Planned

_STAGES = "stage_progress"
# An example row below the headings, which data must not overwrite.
_EXAMPLE = "ROW-02"


@dataclass(frozen=True)
class FilledBook:
    """The book with everything in it: its bytes, what happened row by row, what was left out."""

    data: bytes
    rows: tuple[ChangedRow, ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Home:
    """Where an incoming row ended in the book."""

    sheet: str
    row: int
    id: str


# A row that came in: number of the file, number of its table, row.
Came: TypeAlias = tuple[int, int, int]


@dataclass
class _Batch:
    """The new rows of one table of the book, gathered from all files."""

    table: CleanTable
    frames: list[pd.DataFrame] = field(default_factory=list)
    came: list[Came | None] = field(default_factory=list)
    prints: list[str] = field(default_factory=list)

    @cached_property
    def frame(self) -> pd.DataFrame:
        """All the rows."""
        return pd.concat(self.frames, ignore_index=True)

    @cached_property
    def home(self) -> Table:
        """The sheet the rows are written on."""
        return home(self.table)

    @cached_property
    def columns(self) -> list[tuple[Heading, list[CellValue | None]]]:
        """What is written under the headings that the book has."""
        source = self.home
        headings = [source.by_key[key] for key in self.frame.columns if source.has(key)]
        return [(heading, _values(self.frame[heading.key], heading)) for heading in headings]


def nothing_to_write(planned: Planned) -> bool:
    """Say that no file brings a row or changes a cell."""
    every = [sheet.decided for plan in planned.files for sheet in plan.sheets]
    return not any(len(d.new) or len(d.changes) or len(d.new_stages) for d in every)


def write_rows(target: Workbook, raw: RawBook, book: CleanBook, planned: Planned) -> FilledBook:
    """Set the changed cells and append the new rows, in memory.

    Raises:
        FileProblem: The book cannot be changed so.
    """
    updates = list(_updates(raw, book, planned))
    result = set_cells(target, _cells(updates))
    left = {(k.sheet, k.cell): k.reason for k in result.kept}
    batches = _batches(book, planned)
    appended = append_rows(result.book, [_new_rows(batch, book) for batch in batches])
    homes, created = _created(batches, appended.placed)
    kept = (*result.kept, *appended.kept)
    return FilledBook(
        appended.data,
        (
            *created,
            *(row for update in updates if (row := _without(update, left)) is not None),
            *_remembered(planned, homes),
            *_posted(planned, book, homes),
        ),
        tuple(f"{k.sheet}!{k.cell}：{k.reason}" for k in kept),
    )


def _batches(book: CleanBook, planned: Planned) -> list[_Batch]:
    """Gather the new rows by table, in the order they came."""
    batches: dict[str, _Batch] = {}
    for number, plan in enumerate(planned.files):
        for sheet in plan.sheets:
            kind, new = sheet.table, planned.with_later_changes(number, sheet)
            if len(new):
                batch = batches.setdefault(kind, _Batch(book.tables[kind]))
                prints = sheet.decided.decisions["fingerprint"].reindex(new.index)
                batch.frames.append(new)
                batch.came += [(number, sheet.number, int(row)) for row in new.index]
                batch.prints += [str(mark) for mark in prints]
            stages = sheet.decided.new_stages
            if len(stages) and _STAGES in book.tables:
                batch = batches.setdefault(_STAGES, _Batch(book.tables[_STAGES]))
                batch.frames.append(stages)
                batch.came += [None] * len(stages)
                batch.prints += [""] * len(stages)
    return list(batches.values())


def _new_rows(batch: _Batch, book: CleanBook) -> NewRows:
    source = batch.home
    columns = sorted(batch.columns, key=lambda each: each[0].column)
    examples = [f.row for f in book.findings if f.code == _EXAMPLE and f.sheet == source.sheet]
    taken = [source.header_row, *source.raw.index.tolist(), *examples]
    return NewRows(
        source.sheet,
        source.header_row,
        tuple(heading.column for heading, _ in columns),
        [list(row) for row in zip(*(values for _, values in columns), strict=True)],
        max(taken),
    )


def _values(values: pd.Series, heading: Heading) -> list[CellValue | None]:
    """Return a column as it is written: in the heading's unit, None where there is nothing."""
    if pd.api.types.is_numeric_dtype(values) and heading.factor != 1:
        values = (values / heading.factor).round(10)
    if values.dtype == "datetime64[us]":
        days: list[CellValue | None] = values.to_numpy().astype(object).tolist()
        return days
    cells = values.astype(object).to_numpy(copy=True)
    cells[pd.isna(values).to_numpy()] = None
    found: list[CellValue | None] = cells.tolist()
    return found if values.dtype == "str" else [_plain(cell) for cell in found]


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime(warn=False)
    return value.item() if isinstance(value, np.generic) else value


def _created(
    batches: Sequence[_Batch], placed: Mapping[str, Sequence[int]]
) -> tuple[dict[Came, Home], list[ChangedRow]]:
    homes: dict[Came, Home] = {}
    changes: list[ChangedRow] = []
    for batch in batches:
        sheet, spec = batch.home.sheet, batch.table.spec
        frame = batch.frame
        letters = [column_letter(heading.column) for heading, _ in batch.columns]
        rows = zip(*(values for _, values in batch.columns), strict=True)
        ids = frame.get(spec.id_column, pd.Series([""] * len(frame))).fillna("").astype(str)
        numbers = placed[sheet]
        for row, values, id_, came, mark in zip(
            numbers, rows, ids, batch.came, batch.prints, strict=True
        ):
            new = {c: v for c, v in zip(letters, values, strict=True) if v is not None}
            changes.append(ChangedRow(sheet, row, new, created=True, id=id_, fingerprint=mark))
            if came is not None:
                homes[came] = Home(sheet, row, id_)
    return homes, changes


def _updates(raw: RawBook, book: CleanBook, planned: Planned) -> Iterator[ChangedRow]:
    """Yield what changes in rows that the book has, a row of the sheet each."""
    cells = {sheet.name: sheet.rows for sheet in raw.sheets}
    for plan in planned.files:
        for sheet in plan.sheets:
            table = book.tables[sheet.table]
            prints = sheet.decided.decisions["fingerprint"]
            for _, changes in sheet.decided.changes.groupby(["row", "target"], sort=False):
                row, target = int(changes["row"].iloc[0]), int(changes["target"].iloc[0])
                # A row that an earlier sheet brings is changed before it is written.
                if target in table.data.index:
                    spot = table.source.spot(target, "")
                    there = cells[spot.sheet][spot.row - 1]
                    yield _update(table, there, changes, str(prints.at[row]))


def _update(
    table: CleanTable, there: Sequence[Cell], changes: pd.DataFrame, mark: str
) -> ChangedRow:
    target = int(changes["target"].iloc[0])
    new: dict[str, Cell] = {}
    old: dict[str, Cell] = {}
    spot, headings = table.source.spot(target, ""), table.source.sheet_of(target).by_key
    for _, change in lines(changes):
        heading = headings.get(change["key"])
        if heading is not None:
            letter = column_letter(heading.column)
            new[letter] = _in_unit(change["new"], heading)
            old[letter] = there[heading.column - 1] if heading.column <= len(there) else None
    return ChangedRow(spot.sheet, spot.row, new, old, id=_id(table, target), fingerprint=mark)


def _in_unit(value: Any, heading: Heading) -> Any:
    value = _plain(value)
    scaled = isinstance(value, int | float) and heading.factor != 1
    return round(value / heading.factor, 10) if scaled else value


def _id(table: CleanTable, row: int) -> str:
    if table.spec.id_column not in table.data or row not in table.data.index:
        return ""
    found: Any = table.data.at[row, table.spec.id_column]
    return "" if pd.isna(found) else str(found)


def _cells(updates: Sequence[ChangedRow]) -> dict[str, dict[str, Any]]:
    cells: dict[str, dict[str, Any]] = {}
    for update in updates:
        for letter, value in update.new.items():
            cells.setdefault(update.sheet, {})[f"{letter}{update.row}"] = value
    return cells


def _without(update: ChangedRow, left: Mapping[tuple[str, str], str]) -> ChangedRow | None:
    """Return a change without the cells that stayed; None where nothing is left of it."""
    new = {c: v for c, v in update.new.items() if (update.sheet, f"{c}{update.row}") not in left}
    if not new:
        return None
    old = {column: update.old.get(column) for column in new}
    return ChangedRow(
        update.sheet, update.row, new, old, id=update.id, fingerprint=update.fingerprint
    )


def _remembered(planned: Planned, homes: Mapping[Came, Home]) -> Iterator[ChangedRow]:
    """Yield marks of rows that went into another one, or had another content before mending."""
    for number, plan in enumerate(planned.files):
        for sheet in plan.sheets:
            decisions, name = sheet.decided.decisions, sheet.incoming.sheet
            mended = [row for at, row in plan.before if at == name]
            some = decisions["action"].eq("merge") | decisions.index.isin(mended)
            some &= ~decisions.index.isin(open_rows(sheet.decided))
            for row, decision in lines(decisions[some]):
                marks = set(plan.before.get((name, row), ()))
                if decision["action"] == "merge":
                    marks.add(decision["fingerprint"])
                home = _home(number, sheet, (row, decision), homes)
                if home is None:
                    continue
                for mark in sorted(marks):
                    yield ChangedRow(home.sheet, home.row, {}, id=home.id, fingerprint=mark)


def _posted(planned: Planned, book: CleanBook, homes: Mapping[Came, Home]) -> Iterator[ChangedRow]:
    """Yield marks of the finance documents that went into the amounts of leads."""
    posted = [each for plan in planned.files for each in plan.posted]
    leads = book.tables.get("lead")
    if not posted or leads is None:
        return
    ids = leads.data.get(leads.spec.id_column)
    there = {home.id: home for home in homes.values()}
    if ids is not None:
        named = ids.dropna()
        for row, id_ in zip(named.index.tolist(), named.tolist(), strict=True):
            spot = leads.source.spot(row, "")
            there[id_] = Home(spot.sheet, spot.row, id_)
    for mark, lead in posted:
        home = there.get(lead, Home(leads.source.sheet, 0, lead))
        yield ChangedRow(home.sheet, home.row, {}, id=lead, fingerprint=mark)


def _home(
    number: int,
    sheet: SheetPlan,
    line: tuple[int, Mapping[str, Any]],
    homes: Mapping[Came, Home],
) -> Home | None:
    row, decision = line
    for came in (row, decision["first"]):
        if not pd.isna(came) and (number, sheet.number, int(came)) in homes:
            return homes[number, sheet.number, int(came)]
    target, table = decision["target"], sheet.existing
    if pd.isna(target) or table is None:
        return None
    spot = table.source.spot(int(target), "")
    return Home(spot.sheet, spot.row, _id(table, int(target)))
