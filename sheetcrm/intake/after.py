"""The book as it will be with the rows of one sheet, for the next sheet of the same import."""

from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable, next_row
from sheetcrm.intake.model import Decided, Incoming
from sheetcrm.intake.new_stages import TABLE as STAGES


def after(book: CleanBook, incoming: Incoming, decided: Decided) -> CleanBook:
    """Return the book with the updates and the new rows of a sheet.

    New rows get the numbers below the last row of the table, of its newest sheet where it goes over
    several, in the order of `decided.new`. A kind the book has no table for stays out.
    """
    tables = dict(book.tables)
    table = tables.get(incoming.kind)
    if table is not None:
        tables[incoming.kind] = _with_rows(_with_changes(table, decided.changes), decided.new)
    stages = tables.get(STAGES)
    if stages is not None and len(decided.new_stages):
        tables[STAGES] = _with_rows(stages, decided.new_stages)
    return replace(book, tables=tables)


def _with_changes(table: CleanTable, changes: pd.DataFrame) -> CleanTable:
    if changes.empty:
        return table
    data = table.data.copy()
    for key, cells in changes.groupby("key"):
        name = str(key)
        values = cells.drop_duplicates("target", keep="last").set_index("target")["new"]
        values.index = values.index.astype("int64")
        both = data[name].astype("object")
        both.loc[values.index] = values
        data[name] = _typed(both, data[name].dtype)
    raw = table.source.raw.copy()
    for name in changes["key"].unique():
        raw[name] = data[name].astype("object").where(data[name].notna(), raw[name])
    return replace(table, data=data, source=replace(table.source, raw=raw, coded={}))


def _with_rows(table: CleanTable, rows: pd.DataFrame) -> CleanTable:
    if rows.empty:
        return table
    first = next_row(table)
    placed = rows.set_axis(pd.RangeIndex(first, first + len(rows)))
    known = placed.reindex(columns=list(table.data))
    typed = pd.DataFrame(
        {key: _typed(known[key].astype("object"), table.data[key].dtype) for key in known}
    )
    data = pd.concat([table.data, typed]).astype(table.data.dtypes.to_dict())
    cells = known.astype("object").where(known.notna(), None)
    raw = pd.concat([table.source.raw, cells.reindex(columns=list(table.source.raw))])
    return replace(table, data=data, source=replace(table.source, raw=raw, coded={}))


def _typed(values: pd.Series, dtype: Any) -> pd.Series:
    """Return values in a column's type; a text that is none of it reads as blank."""
    if pd.api.types.is_datetime64_any_dtype(dtype):
        # a text that is left is no date the import could read: pandas must not guess at it
        days = values.where(values.map(lambda value: isinstance(value, date)))
        return pd.to_datetime(days, errors="coerce").astype("datetime64[us]")
    if pd.api.types.is_numeric_dtype(dtype):
        return pd.to_numeric(values, errors="coerce").astype("float64")
    return values.where(values.notna(), None).astype("str")
