"""What a line of the journal has to be like; one that is not was spoiled, and is passed over."""

import re
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from sheetcrm.book.changes import ChangedRow
from sheetcrm.table import LAST_COLUMN, LAST_ROW, column_number

Shapes: TypeAlias = Mapping[str, Callable[[Any], bool]]

_CLOSED = frozenset({"key"})
_WHO = frozenset({"run", "command", "book", "time"})
_NEEDED = {
    "reserved": _WHO | {"ids"},
    "prepared": _WHO | {"key", "batch", "before", "after"},
    "committed": _CLOSED,
    "aborted": _CLOSED,
    "unknown": _CLOSED,
}
_LONGEST_NAME = 255
_LETTERS = re.compile(r"[A-Z]{1,3}")
_UNPAIRED = re.compile(r"[\ud800-\udfff]")


def sound_lines(kept: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the lines that are whole: every part they need, and every part of its kind."""
    return [
        r for r in kept if _fits(r, _LINE) and _NEEDED.get(r.get("state", ""), {""}) <= r.keys()
    ]


def changed_rows(kept: Iterable[dict[str, Any]], entry: str) -> tuple[ChangedRow, ...]:
    """Return what the lines say that an entry did row by row."""
    rows = (_changed_row(r) for r in kept if r.get("entry") == entry)
    return tuple(row for row in rows if row)


def _changed_row(record: Mapping[str, Any]) -> ChangedRow | None:
    if not (_fits(record, _ROW) and record.keys() >= {"sheet", "row"}):
        return None
    try:
        return ChangedRow.of_json(record)
    except (ValueError, OverflowError):  # a cell that is none
        return None


def _fits(record: Mapping[str, Any], shapes: Shapes) -> bool:
    return all(shapes[name](value) for name, value in record.items() if name in shapes)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\0" not in value and not _UNPAIRED.search(value)


def _is_name(value: Any) -> bool:
    """Say whether something is the name of one file in a folder."""
    short = _is_text(value) and 0 < len(value.encode()) <= _LONGEST_NAME
    return short and value != ".." and Path(value).name == value


def _is_hash(value: Any) -> bool:
    return value is None or _is_text(value)


def _is_count(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_flag(value: Any) -> bool:
    return isinstance(value, bool)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value))


def _are_ids(value: Any) -> bool:
    return isinstance(value, dict) and all(
        isinstance(given, list) and len(given) == 2 and all(map(_is_count, given))
        for given in value.values()
    )


def _is_row(value: Any) -> bool:
    return _is_count(value) and 1 <= value <= LAST_ROW


def _are_cells(value: Any) -> bool:
    return isinstance(value, dict) and all(
        _LETTERS.fullmatch(letters)
        and column_number(letters) <= LAST_COLUMN
        and (_is_text(cell) or not isinstance(cell, str))
        for letters, cell in value.items()
    )


_LINE: Shapes = {
    **dict.fromkeys(("state", "key", "run", "command", "time", "backup"), _is_text),
    **dict.fromkeys(("source", "undoes"), _is_text),
    **dict.fromkeys(("book", "batch"), _is_name),
    **dict.fromkeys(("before", "after"), _is_hash),
    **dict.fromkeys(("tabs", "added"), _are_texts),
    **dict.fromkeys(("created", "emptied", "cells"), _is_count),
    "marking": lambda value: value in ("", "on", "off"),
    "ids": _are_ids,
}
_ROW: Shapes = {
    **dict.fromkeys(("entry", "sheet", "id", "fingerprint"), _is_text),
    **dict.fromkeys(("created", "emptied", "forgotten"), _is_flag),
    **dict.fromkeys(("old", "new"), _are_cells),
    "row": _is_row,
}
