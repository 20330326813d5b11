"""What one run of a command does to a book: the shapes that publishing writes into the journal."""

import json
import math
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, Literal, TypeAlias

from sheetcrm.table import Cell

Marking: TypeAlias = Literal["", "on", "off"]

_JSON = json.JSONEncoder(ensure_ascii=False, allow_nan=False)


@dataclass(frozen=True)
class Run:
    """One run of a command; everything it writes shares a batch. Goes to other processes as it is.

    `command` is the name on the command line: new, check, summarise, weekly, import, adopt, undo.
    """

    command: str
    token: str = field(default_factory=lambda: secrets.token_hex(6))


@dataclass(frozen=True)
class ChangedRow:
    """What happened to the user's cells in one row; our own tabs and colours are not among them.

    `old` and `new` map column letters to values, None where the cell is blank. A row that was
    `created` has no `old`; give each value that was written, the id among them. Taking it back
    leaves an `emptied` row. `id` is the row's own id (线索编号, 跟进记录ID, ...), by which it is
    found again when the sheet has been sorted.
    `fingerprint` is that of the imported row, "" where nothing was imported; a row that was taken
    back is `forgotten`, so that it can be imported again.
    """

    sheet: str
    row: int
    new: Mapping[str, Cell]
    old: Mapping[str, Cell] = field(default_factory=dict)
    created: bool = False
    id: str = ""
    fingerprint: str = ""
    emptied: bool = False
    forgotten: bool = False

    def inverse(self) -> "ChangedRow":
        """Return what takes this back."""
        back = {column: self.old.get(column) for column in self.new}
        forgotten = bool(self.fingerprint) and not self.forgotten
        turned = replace(self, created=self.emptied, emptied=self.created, forgotten=forgotten)
        return replace(turned, new=back, old={} if self.emptied else self.new)

    @staticmethod
    def of_json(record: Mapping[str, Any]) -> "ChangedRow":
        """Return the change that a line of JSON holds.

        Raises:
            ValueError: A cell holds what no cell can.
            OverflowError: A number in it is beyond all numbers of a workbook.
        """
        return ChangedRow(
            sheet=record["sheet"],
            row=record["row"],
            new={column: _value(kept) for column, kept in record.get("new", {}).items()},
            old={column: _value(kept) for column, kept in record.get("old", {}).items()},
            created=record.get("created", False),
            id=record.get("id", ""),
            fingerprint=record.get("fingerprint", ""),
            emptied=record.get("emptied", False),
            forgotten=record.get("forgotten", False),
        )


@dataclass(frozen=True)
class Change:
    """What is published, for the journal: which run, and what it did in this book.

    `tabs` are the kinds of our tabs that were written, `added` those that the book did not have
    before; `marking` says whether cells were coloured or colours taken off; `source` names the
    file that was imported; `undoes` is the entry that is taken back.
    """

    run: Run
    rows: Sequence[ChangedRow] = ()
    tabs: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    marking: Marking = ""
    source: str = ""
    undoes: str = ""

    @property
    def created(self) -> int:
        """Number of rows that were made."""
        return sum(1 for row in self.rows if row.created)

    @property
    def emptied(self) -> int:
        """Number of rows that were made before and are empty again."""
        return sum(1 for row in self.rows if row.emptied)

    @property
    def cells(self) -> int:
        """Number of cells changed in rows that were there and stay."""
        return sum(len(row.new) for row in self.rows if not (row.created or row.emptied))


def line(record: Mapping[str, Any]) -> bytes:
    """Return one line of a JSON lines file."""
    return _JSON.encode(record).encode() + b"\n"


def row_lines(entry: str, rows: Iterable[ChangedRow]) -> bytes:
    """Return what an entry did row by row, a line of JSON each; what is empty is left out.

    Most cells of many rows repeat one another: each distinct one is encoded once.
    """
    known: dict[tuple[type, Cell], str] = {}
    return "".join([_row_line(entry, row, known) for row in rows]).encode()


def records(data: bytes) -> list[dict[str, Any]]:
    """Return the records of a JSON lines file; a line that a crash cut short is passed over."""
    found = []
    for text in data.split(b"\n"):
        try:
            record = json.loads(text)
        except (ValueError, RecursionError):  # also text that is no UTF-8
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


def _row_line(entry: str, row: ChangedRow, known: dict[tuple[type, Cell], str]) -> str:
    said = {
        "entry": entry,
        "sheet": row.sheet,
        "row": row.row,
        "created": row.created,
        "id": row.id,
        "fingerprint": row.fingerprint,
        "emptied": row.emptied,
        "forgotten": row.forgotten,
    }
    parts = [_JSON.encode({name: value for name, value in said.items() if value})[:-1]]
    for name, cells in (("old", row.old), ("new", row.new)):
        if cells:
            texts = [f'"{column}": {_encoded(cells[column], known)}' for column in cells]
            parts.append(f'"{name}": {{{", ".join(texts)}}}')
    return f"{', '.join(parts)}}}\n"


def _encoded(value: Cell, known: dict[tuple[type, Cell], str]) -> str:
    key = (value.__class__, value)
    text = known.get(key) if value else None  # 0.0 is -0.0 as a key
    if text is None:
        is_number = value.__class__ is float and math.isfinite(value)
        text = known[key] = repr(value) if is_number else _JSON.encode(_plain(value))
    return text


def _plain(value: object) -> object:
    """Return a cell as JSON can hold it; days and times keep their kind."""
    match value:
        case None | bool() | str() | int():
            return value
        case float():
            return float(value) if math.isfinite(value) else None
        case datetime():
            return {"moment": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
        case time():
            return {"clock": value.isoformat()}
        case timedelta():
            return {"seconds": value.total_seconds()}
        case _:
            raise TypeError(f"no cell value: {value!r}")


def _value(kept: Any) -> Cell:
    match kept:
        case {"moment": str(text)}:
            return datetime.fromisoformat(text)
        case {"day": str(text)}:
            return date.fromisoformat(text)
        case {"clock": str(text)}:
            return time.fromisoformat(text)
        case {"seconds": float() | int() as seconds}:
            return timedelta(seconds=seconds)
        case None | bool() | str():
            return kept
        case int() | float() if math.isfinite(kept):
            return kept
        case _:
            raise ValueError(f"no cell value: {kept!r}")
