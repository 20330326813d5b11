"""The tables of a workbook that is adopted: its headings become the names of its columns."""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.intake.adopt_lists import without_lists
from sheetcrm.intake.adoption import AdoptedColumn, AdoptedTable
from sheetcrm.kit.blocks import split_words
from sheetcrm.kit.headings import read_heading, vocabulary
from sheetcrm.kit.model import STAGE_LIST, ChoiceList, Column, ColumnType, Kit, TableSpec
from sheetcrm.kit.requirement import (
    Condition,
    Requirement,
    parse,
    render,
    render_chinese,
    required_mask,
)
from sheetcrm.kit.rows import below, data_rows
from sheetcrm.kit.stage_headings import dated_stage
from sheetcrm.table import Heading, RawBook, Table
from sheetcrm.values.text import fold, tidy

# What is filled in this share of the rows that ask for it is required from now on.
_FILLED = 0.97
_FILLED_SOMETIMES = 0.9
_UNIQUE = 0.95
_SAME_FORM = 0.95
_OF_ONE_KIND = 0.8
_IN_PIPELINE = 0.95
_LONGEST_NAME = 40
_DIGITS = re.compile(r"\d+")
_HOW = {"name": "同名", "alias": "同义词", "key": "字段代码"}


def adopted_table(
    table: CleanTable, raw: RawBook, book: CleanBook, lists: Mapping[str, ChoiceList]
) -> tuple[TableSpec, AdoptedTable]:
    """Describe one table as its sheets have it, and say how each heading was understood."""
    spec, source = table.spec, table.source
    words = vocabulary(spec)
    known = [h for h in source.headings if h.known]
    texts = {read_heading(h.text).whole for h in source.headings}
    columns: list[Column] = []
    told: list[AdoptedColumn] = []
    for heading in known:
        base = spec.by_key[heading.key]
        column = without_lists(lists, _named(base, heading, texts))
        columns.append(_as_used(column, table, book, lists))
        found = words.find(heading.text)
        why = _HOW[found[1]] if found and found[0].key == heading.key else "按内容"
        told.append(AdoptedColumn(heading.text, heading.key, base.name, why))
    extra, left = _extra(table, raw, book.kit, {c.name for c in columns})
    columns += extra
    order = {h.key: h.column for h in source.headings}
    columns.sort(key=lambda c: order[c.key])
    made = _with_parts(spec, columns)
    names = {c.key: c.name for c in made.columns}
    required = {c.key: render_chinese(parse(c.required), names) for c in made.columns}
    adopted = AdoptedTable(
        spec.key,
        spec.name,
        tuple(part.sheet for part in source.sheets),
        source.header_row,
        len(table.data),
        tuple(AdoptedColumn(t.heading, t.key, t.name, t.why, required[t.key]) for t in told),
        tuple(c.name for c in extra),
        left,
    )
    return made, adopted


def _with_parts(spec: TableSpec, columns: Sequence[Column]) -> TableSpec:
    keys = {c.key for c in columns}
    return spec.model_copy(
        update={
            "columns": tuple(columns),
            "id_column": spec.id_column if spec.id_column in keys else "",
            "owner_column": spec.owner_column if spec.owner_column in keys else "",
            "stage_column": spec.stage_column if spec.stage_column in keys else "",
            "signature": tuple(k for k in spec.signature if k in keys),
            "date_order": tuple(pair for pair in spec.date_order if keys.issuperset(pair)),
        }
    )


def _named(base: Column, heading: Heading, texts: set[str]) -> Column:
    """Name a column as its heading does; its usual names stay known where no heading has them.

    The heading is an alias too: a field renamed in the 字段 tab is still found on its sheet.
    """
    name = tidy(heading.text)
    mine = read_heading(name)
    usual = {a: read_heading(a).whole for a in (base.name, *base.aliases)}
    others = [alias for alias, whole in usual.items() if whole not in texts | {mine.whole}]
    clear = mine.bare in {mine.whole, *usual.values()} - (texts - {mine.whole})
    own = [name] if clear and split_words(name) == (name,) else []
    return base.model_copy(update={"name": name, "aliases": (*own, *others)})


def _as_used(
    column: Column, table: CleanTable, book: CleanBook, lists: Mapping[str, ChoiceList]
) -> Column:
    """Ask of a column what the workbook itself keeps to."""
    values = table.data[column.key]
    changes: dict[str, object] = {"required": render(_kept(column, table, book))}
    if column.unique:
        said = values.dropna()
        changes["unique"] = bool(len(said)) and said.nunique() >= _UNIQUE * len(said)
    if column.type == "id" and not column.references:
        changes |= _form(values)
    if column.list in lists and lists[column.list].items:
        changes["example"] = lists[column.list].items[0].value
    if column.list == STAGE_LIST and column.key != table.spec.stage_column:
        changes |= _stage_words(values, column, table, book)
    return column.model_copy(update=changes)


def _stage_words(
    values: pd.Series, column: Column, table: CleanTable, book: CleanBook
) -> dict[str, object]:
    """Keep a column of stages one only where it holds stages."""
    if table.spec.key == "stage_progress" and column.key == "stage":
        return {}
    said = values.dropna()
    stages = {fold(text) for text in book.kit.pipeline.by_label}
    known = sum(fold(str(value)) in stages for value in said)
    if known < _IN_PIPELINE * len(said):
        return {"list": "", "type": "text"}
    return {"strict": False}


def _form(values: pd.Series) -> dict[str, object]:
    """Return the form that a column's ids have, and one of them as an example."""
    ids = [str(v) for v in values.dropna()]
    shapes = Counter(_DIGITS.sub(lambda m: f"\x00{len(m[0])}\x00", text) for text in ids)
    none: dict[str, object] = {"pattern": "", "help": "", "example": ids[0] if ids else ""}
    if not shapes:
        return none
    shape, count = shapes.most_common(1)[0]
    if count < _SAME_FORM * len(ids) or not _DIGITS.search(shape) or not shape[0].isalpha():
        return none
    pieces = re.split("\x00(\\d+)\x00", shape)
    last = len(pieces) - 2
    pattern = "".join(
        re.escape(piece) if n % 2 == 0 else rf"\d{{{piece}{',' if n == last else ''}}}"
        for n, piece in enumerate(pieces)
    )
    return none | {"pattern": pattern.replace(r"\-", "-").replace("{1}", "")}


def _kept(column: Column, table: CleanTable, book: CleanBook) -> Requirement:
    """Return those of a column's requirements that the workbook mostly meets."""
    data = table.data
    filled = data[column.key].notna()
    kept: list[Condition] = []
    for condition in parse(column.required):
        if condition.column and condition.column not in data:
            continue
        needed = _needed(condition, table, book)
        least = _FILLED if condition.kind == "always" else _FILLED_SOMETIMES
        if needed.any() and filled[needed].mean() >= least:
            kept.append(condition)
    return tuple(kept)


def _needed(condition: Condition, table: CleanTable, book: CleanBook) -> pd.Series:
    stages = book.kit.pipeline.by_label
    key = table.spec.stage_column
    labels = table.data.get(key, pd.Series(index=table.data.index, dtype="str"))
    phases = labels.map({text: stage.phase for text, stage in stages.items()})
    kinds = labels.map({text: stage.kind for text, stage in stages.items()})
    return required_mask((condition,), phases, kinds, table.data)


def _extra(
    table: CleanTable, raw: RawBook, kit: Kit, taken: set[str]
) -> tuple[list[Column], dict[str, str]]:
    """Return the team's own columns, and the headings that are left as they are, with reasons."""
    columns: list[Column] = []
    left: dict[str, str] = {}
    names = set(taken)
    for heading in table.source.headings:
        if heading.known:
            continue
        name = tidy(heading.text)
        if why := _reason(heading, table, raw, kit, names):
            left[heading.text] = why
            continue
        names.add(name)
        kind = _kind(list(table.source.raw[heading.key]))
        columns.append(Column(key=heading.key, name=name, type=kind))
    return columns, left


def _reason(heading: Heading, table: CleanTable, raw: RawBook, kit: Kit, names: set[str]) -> str:
    stage = dated_stage(heading.text, kit.pipeline) if table.spec.key == "lead" else None
    if stage:
        return f"当作进入“{stage.name}”的日期"
    if tidy(heading.text) in names or heading.key != heading.text:
        return "和另一列同名"
    if len(heading.text) > _LONGEST_NAME:
        return "表头太长"
    having = (part for part in table.source.sheets if part.has(heading.key))
    rows = any(_makes_rows(part.by_key[heading.key], part, raw) for part in having)
    return "没有数据的行里也填着它" if rows else ""


def _makes_rows(heading: Heading, source: Table, raw: RawBook) -> bool:
    """Say whether rows would count as data that do not now, if the column were a known one."""
    sheet = next(each for each in raw.sheets if each.name == source.sheet)
    filled = np.flatnonzero(below(sheet.by_column, heading.column, source.header_row).codes)
    if np.isin(filled + source.header_row + 1, source.raw.index).all():
        return False  # the usual case
    headings = [replace(h, known=h.known or h.key == heading.key) for h in source.headings]
    then = data_rows(sheet, source.header_row, headings, source.kind).frame.index
    return not then.isin(source.raw.index).all()


def _kind(cells: Sequence[object]) -> ColumnType:
    said = [c for c in cells if c is not None and (not isinstance(c, str) or c.strip())]
    if said and sum(isinstance(c, date | datetime) for c in said) >= _OF_ONE_KIND * len(said):
        return "date"
    numbers = sum(isinstance(c, int | float) and not isinstance(c, bool) for c in said)
    return "number" if said and numbers >= _OF_ONE_KIND * len(said) else "text"
