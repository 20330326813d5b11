"""Clean one recognised workbook: type every column, and say what is wrong with which cell."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.clean.amounts import suspected_units
from sheetcrm.clean.choices import choose, guest_choices, own_choices
from sheetcrm.clean.dates import DateColumn, date_column, settle
from sheetcrm.clean.note import Cells, Note
from sheetcrm.clean.readers import plain, reader
from sheetcrm.clean.several import one_table
from sheetcrm.clean.shapes import CleanBook, CleanTable
from sheetcrm.clean.stage_log import read_log
from sheetcrm.clean.talks import with_talks
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.model import OWNER_LIST, Column, Kit, TableSpec
from sheetcrm.kit.person import OWNER
from sheetcrm.kit.recognise import Recognised
from sheetcrm.kit.stage_headings import dated_stage
from sheetcrm.table import Heading, Table
from sheetcrm.values.parsed import Column as ReadColumn

_DATES = ("date", "datetime")
_NUMBERS = ("integer", "number", "amount", "percent")


@dataclass(frozen=True)
class _Context:
    """What cleaning one table needs to know of its workbook."""

    kit: Kit
    own: bool
    spec: TableSpec
    offered: Mapping[tuple[str, str], tuple[str, ...]]
    person: str = ""


def clean(recognised: Recognised) -> CleanBook:
    """Type all tables of a workbook and collect the findings about its cells.

    Dates without a year take it from the dates around them; amounts come out in the kit's unit;
    choices in the spelling of their list. A cell has one finding at most.
    """
    tables: dict[str, CleanTable] = {}
    findings = list(recognised.findings)
    for key, table in recognised.tables.items():
        spec, parts = recognised.kit.by_key[key], []
        for part in table.sheets:
            person = recognised.people.get(part.sheet)
            name = person.name if person else ""
            context = _Context(recognised.kit, recognised.own, spec, recognised.offered, name)
            cleaned, found = _clean_table(part, context)
            if talks := recognised.talks.get(part.sheet):
                data, more = with_talks(part, cleaned.data, talks)
                cleaned, found = replace(cleaned, data=data), [*found, *more]
            parts.append(cleaned)
            findings += found
        tables[key] = one_table(table, parts)
        if key == "lead" and recognised.ticked:
            labels = recognised.ticked.labels.astype("str")
            tables[key] = replace(tables[key], data=tables[key].data.assign(status=labels))
    return CleanBook(
        recognised.file,
        recognised.kit,
        recognised.own,
        tables,
        tuple(findings),
        recognised.exemptions,
        read_log(recognised.log),
        recognised.talks,
    )


def _clean_table(table: Table, context: _Context) -> tuple[CleanTable, list[Finding]]:
    typed: dict[str, pd.Series] = {}
    notes: list[Note] = []
    dates: list[DateColumn] = []
    rows = table.raw.index.to_numpy()
    for heading in table.headings:
        column = _column(heading, context)
        kind = column.type if column else "text"
        raw = table.raw[heading.key].to_numpy(dtype=object)
        cells = Cells(heading, kind, rows, raw, table.coded.get(heading.key))
        read, said = cells.read(reader(column, heading.factor), plain(column, heading.factor))
        if kind in _DATES:
            dates.append(date_column(cells, read, said))
            continue
        values, said = _finish(cells, column, read, said, context)
        typed[heading.key] = _series(values, kind, table.raw.index)
        notes += said
    for day in settle(dates, context.spec.key, context.kit.working_days):
        typed[day.cells.heading.key] = pd.Series(day.days, index=table.raw.index)
        notes += day.notes
    data = pd.DataFrame({h.key: typed[h.key] for h in table.headings}, index=table.raw.index)
    if context.person:
        data[OWNER] = pd.Series(context.person, index=data.index, dtype="str")
    order = {h.key: h.column for h in table.headings}
    notes.sort(key=lambda note: (note.row, order[note.key]))
    found = _findings(table, context.spec, data, notes)
    faulty = frozenset(
        (note.row, note.key)
        for note, made in zip(notes, found, strict=True)
        if made.severity == "error" or made.code in ("REQ-03", "AMT-07")
    )
    return CleanTable(table, context.spec, data, faulty), found


def _column(heading: Heading, context: _Context) -> Column | None:
    """Return what the kit says of a column; the day of a stage for 意向日期 and the like."""
    if heading.known:
        return context.spec.by_key.get(heading.key)
    if context.spec.key == "lead" and dated_stage(heading.text, context.kit.pipeline):
        return Column(key=heading.key, name=heading.text, type="date")
    return None


def _finish(
    cells: Cells,
    column: Column | None,
    read: ReadColumn[object],
    notes: list[Note],
    context: _Context,
) -> tuple[np.ndarray, list[Note]]:
    """Do what needs the whole column: choices, id pattern, units."""
    values = read.values
    if column is None:
        return values, notes
    if column.type == "choice":
        offered = context.offered.get((context.spec.key, column.key), ())
        choices = (
            own_choices(context.kit, column)
            if context.own
            else guest_choices(context.kit, context.spec, column, offered, read)
        )
        return choose(cells, column, read, notes, choices)
    if column.type == "id" and column.pattern and context.own and not column.references:
        wrong = _pattern_notes(cells, column, values, notes)
        rows = {note.row for note in wrong}
        return values, [*(note for note in notes if note.row not in rows), *wrong]
    if column.type == "amount":
        return values, [*notes, *suspected_units(cells, values, notes)]
    return values, notes


def _pattern_notes(
    cells: Cells, column: Column, values: np.ndarray, notes: Sequence[Note]
) -> list[Note]:
    said = {note.row for note in notes if note.code != "FMT-10"}
    pattern = re.compile(column.pattern)
    return [
        cells.note(i, "FMT-09", {"expected": column.example or column.pattern})
        for i, value in enumerate(values)
        if value is not None and int(cells.rows[i]) not in said and not pattern.fullmatch(value)
    ]


def _series(values: np.ndarray, kind: str, index: pd.Index) -> pd.Series:
    if kind in _NUMBERS:
        return pd.Series(np.array(values, dtype="float64"), index=index)
    return pd.Series(values, index=index, dtype="str")


def _findings(
    table: Table, spec: TableSpec, data: pd.DataFrame, notes: Sequence[Note]
) -> list[Finding]:
    """Turn notes into findings: one a cell, with the row's id and who answers for it."""
    rows = pd.Index(sorted({note.row for note in notes}), dtype="int64")
    keys, owners = _texts(data.get(spec.id_column), rows), _texts(_owners(spec, data), rows)
    made = []
    for note in notes:
        here = Place(
            table.file,
            table.sheet,
            table.cell(note.row, note.key),
            note.row,
            table.by_key[note.key].text,
            keys.get(note.row, ""),
            owners.get(note.row, ""),
        )
        facts: dict[str, Any] = {"example": "50000", **note.facts}
        made.append(finding(note.code, here, note.value, severity=note.severity, **facts))
    return made


def _texts(values: pd.Series | None, rows: pd.Index) -> dict[int, str]:
    if values is None:
        return {}
    known = values[rows].dropna()
    return dict(zip(known.index.tolist(), known.tolist(), strict=True))


def _owners(spec: TableSpec, data: pd.DataFrame) -> pd.Series | None:
    """Return who answers for each row: the owner column, else the first that names a colleague."""
    people = (spec.owner_column, OWNER, *(c.key for c in spec.columns if c.list == OWNER_LIST))
    return next((data[key] for key in people if key in data), None)
