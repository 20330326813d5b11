"""The content of a row as text and as a hash: the same from any container, in any order."""

import hashlib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import folded
from sheetcrm.intake.keys import day_texts
from sheetcrm.intake.model import Incoming
from sheetcrm.table import Cell
from sheetcrm.values.text import as_text, fold, says_nothing

_LENGTH = 20


def fingerprints(incoming: Incoming) -> pd.Series:
    """Return a hash of every row's content.

    It is made of the typed values by column key, so that xls, xlsx and csv of one sheet agree
    however their columns and rows are ordered; a cell that could not be read counts as its text.
    """
    unread = unreadable(incoming)
    columns = {str(key): canonical(values) for key, values in incoming.data.items()}
    for key, texts in unread.items():
        columns[key] = columns[key].where(texts.isna(), texts.map(fold, na_action="ignore"))
    columns |= {f"stage:{name}": canonical(days) for name, days in incoming.stages.items()}
    return _hashes(incoming.kind, columns, incoming.data.index)


def canonical(values: pd.Series) -> pd.Series:
    """Return values as texts that are equal where the values mean the same; missing stays so."""
    if pd.api.types.is_datetime64_any_dtype(values):
        return day_texts(values, "%Y-%m-%d %H:%M:%S").str.removesuffix(" 00:00:00")
    if pd.api.types.is_numeric_dtype(values):
        return _by_value(values.round(6), lambda number: f"{number:.15g}")
    if values.dtype == "str":
        return folded(values)
    return _by_value(values, lambda cell: fold(as_text(cell)))


def unreadable(incoming: Incoming) -> dict[str, pd.Series]:
    """Return, by column key, the texts of the cells that hold something no value was read from."""
    found: dict[str, pd.Series] = {}
    for key in map(str, incoming.data):
        raw = incoming.table.raw.get(key)
        if raw is None or not (open_cells := incoming.data[key].isna()).any():
            continue
        cells = raw.reindex(incoming.data.index)[open_cells].to_numpy(dtype=object)
        texts = [_text(cell) for cell in cells]
        if any(texts):
            known = pd.Series(texts, index=incoming.data.index[open_cells], dtype=object)
            found[key] = known.replace("", None).reindex(incoming.data.index)
    return found


def _text(cell: Cell) -> str:
    if cell is None or (isinstance(cell, float) and np.isnan(cell)):
        return ""
    return "" if says_nothing(cell) else as_text(cell)


def _by_value(values: pd.Series, text: Callable[[Any], str]) -> pd.Series:
    distinct = pd.unique(values.dropna().to_numpy(dtype=object)).tolist()
    texts = {value: text(value) for value in distinct}
    return values.map(texts).astype("str")


def _hashes(kind: str, columns: dict[str, pd.Series], index: pd.Index) -> pd.Series:
    said = [_labelled(key, columns[key]) for key in sorted(columns)]
    rows = ("\x1e".join((kind, *filter(None, row))) for row in zip(*said, strict=True))
    made = [hashlib.sha256(content.encode()).hexdigest()[:_LENGTH] for content in rows]
    return pd.Series(made or [""] * len(index), index=index, dtype="str")


def _labelled(key: str, texts: pd.Series) -> list[str]:
    """Return what each row says of a column, "" for nothing."""
    cells = texts.to_numpy(dtype=object).tolist()
    return [f"{key}\x1f{text}" if isinstance(text, str) and text else "" for text in cells]
