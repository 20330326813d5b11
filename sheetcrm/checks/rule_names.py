"""What a rule's formula may name in a workbook: columns with their kinds, lists, thresholds."""

from collections.abc import Mapping
from datetime import date

from sheetcrm.clean import CleanBook
from sheetcrm.findings import plain_heading
from sheetcrm.kit.model import ColumnType, Kit, TableSpec
from sheetcrm.kit.names import (
    STAGE_KINDS,
    STAGE_LABELS,
    STAGE_PHASES,
    WORKING_DAYS,
    list_name,
    setting_name,
)
from sheetcrm.kit.requirement import PHASE_NAMES
from sheetcrm.kit.words import KIND_NAMES
from sheetcrm.rules.lint import ColumnKind, Known
from sheetcrm.rules.vector import Vector, from_values, serial
from sheetcrm.values.working_time import FIRST_YEAR, LAST_YEAR, work_calendar

# How far 工作日 reaches beyond the as-of date.
YEARS_AHEAD = 3
KINDS: Mapping[ColumnType, ColumnKind] = {
    "date": "date",
    "datetime": "date",
    "integer": "number",
    "number": "number",
    "amount": "number",
    "percent": "number",
    "id": "id",
    "phone": "id",
    "contact": "id",
    "choice": "choice",
}


def column_keys(book: CleanBook, spec: TableSpec) -> dict[str, str]:
    """Return the columns of a table by name: the kit's, and those the sheet has of its own."""
    table = book.tables.get(spec.key)
    headings = table.source.headings if table else ()
    own = {plain_heading(h.text): h.key for h in headings if not h.known}
    return own | {column.name: column.key for column in spec.columns}


def kinds(spec: TableSpec) -> dict[str, ColumnKind]:
    """Return the kind of every column of the kit's table by name."""
    return {column.name: KINDS.get(column.type, "text") for column in spec.columns}


def known(book: CleanBook, spec: TableSpec) -> Known:
    """Return what a formula over a table may name."""
    tables = {each.name: _kinds(book, each) for each in book.kit.tables}
    return Known(_kinds(book, spec), frozenset(name_values(book.kit)) | {WORKING_DAYS}, tables)


def _kinds(book: CleanBook, spec: TableSpec) -> dict[str, ColumnKind]:
    unknown: dict[str, ColumnKind] = dict.fromkeys(column_keys(book, spec), "unknown")
    return unknown | kinds(spec)


def names(kit: Kit, as_of: date) -> dict[str, Vector]:
    """Return what the names of the 设置 tab stand for."""
    lists = {name: from_values(held or (None,), "list") for name, held in name_values(kit).items()}
    last = date(min(as_of.year + YEARS_AHEAD, LAST_YEAR), 12, 31)
    days = work_calendar(kit.working_days).listed(date(FIRST_YEAR, 1, 1), last)
    return {**lists, WORKING_DAYS: from_values([serial(day) for day in days], "list")}


def name_values(kit: Kit) -> dict[str, tuple[object, ...]]:
    """Return the values of every name but 工作日: lists, stages side by side, thresholds."""
    stages = kit.pipeline.by_label
    return {
        **{list_name(item.name): tuple(i.value for i in item.items) for item in kit.lists},
        **{setting_name(setting.name): (setting.value,) for setting in kit.settings},
        STAGE_LABELS: tuple(stages),
        STAGE_KINDS: tuple(KIND_NAMES[stage.kind] for stage in stages.values()),
        STAGE_PHASES: tuple(PHASE_NAMES[stage.phase] for stage in stages.values()),
    }
