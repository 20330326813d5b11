"""The journal beside the books: what was done, by which run, and how to take it back.

`.sheetcrm/journal.jsonl` of a folder has lines of JSON, only ever added to, each down on the disk
before the next step: "prepared" before a book is replaced, "committed" behind it. A run killed in
between is settled by the next one: a book that has the hash of `after` was written, one that has
that of `before` was not; anything else is "unknown" and said so, never guessed. What happened row
by row is in `.sheetcrm/batches/<batch>.jsonl`, so that the journal stays small.

For commands that write: make one `Run` and hand `Change(run, ...)` to `publish`, which does the
rest, once for every book. The batch (20261122-001) gets its number with the first book that really
changes. Ids are given out in three steps, before the book is built:

    while True:
        taken = journal.high_water()          # highest number by stem
        ... number the rows after it ...
        if journal.reserve(run, {"线索-2026-1122-": (4, 9)}, taken):
            break                             # nobody else took numbers meanwhile

A number that was reserved is never given out again, whatever becomes of the run. `fingerprints`
are those of all rows imported into the book and not taken back since.
"""

import os
import re
import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from sheetcrm.book.changes import Change, ChangedRow, Marking, Run, line, records, row_lines
from sheetcrm.book.journallines import changed_rows, sound_lines
from sheetcrm.book.state import FOLDER, digest, locked, state_folder
from sheetcrm.errors import FileProblem

State: TypeAlias = Literal["prepared", "committed", "aborted", "unknown"]

_JOURNAL, _BATCHES = "journal.jsonl", "batches"
# A line as we write it: the key of an entry that was begun, that of one that was closed.
_LINE = re.compile(
    rb'\{"state": "(?:prepared", "key": "(\w+)", [^\n]*|reserved", [^\n]*'
    rb'|(?:committed|aborted|unknown)", "key": "(\w+)", "time": "[^"\n]*")\}\n'
)


@dataclass(frozen=True)
class Entry:
    """One book that a run published, or set out to.

    `before` and `after` are hashes of its bytes, None where there is no file; `backup` is the file
    name of what was replaced. `created` counts rows that were made, `emptied` those taken back,
    `cells` cells changed in rows that were there. `undoes` is the `key` of the entry that this one
    takes back. `ids` are the numbers (first, last) that the run reserved for this book, by stem.
    """

    key: str
    batch: str
    run: str
    command: str
    book: str
    time: str
    before: str | None
    after: str | None
    state: State = "prepared"
    backup: str = ""
    tabs: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    marking: Marking = ""
    created: int = 0
    emptied: int = 0
    cells: int = 0
    source: str = ""
    undoes: str = ""
    ids: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True)
class Journal:
    """The journal of a folder, seen from one of its books (`book` "" for all of them).

    Reads the file anew at every call; makes nothing before something is written.
    """

    folder: Path
    book: str = ""

    @property
    def exists(self) -> bool:
        """Say whether anything was ever written."""
        return self._file.is_file()

    def entries(self) -> tuple[Entry, ...]:
        """Return what was done to the book (or to every book of the folder), oldest first."""
        found = _entries(self._records()).values()
        return tuple(entry for entry in found if self.book in ("", entry.book))

    def undone(self) -> frozenset[str]:
        """Return the keys of the entries that were taken back and not brought back since."""
        gone: set[str] = set()
        for entry in reversed(self.entries()):
            if entry.undoes and entry.state == "committed" and entry.key not in gone:
                gone.add(entry.undoes)
        return frozenset(gone)

    def changes(self, entry: Entry) -> tuple[ChangedRow, ...]:
        """Return what an entry did row by row, in the order it was handed in."""
        return changed_rows(records(_read(self._batch_file(entry.batch))), entry.key)

    def fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of every row imported into the book, and the id it got."""
        found: dict[str, str] = {}
        for entry in self.entries():
            if entry.state != "committed" or not (entry.created or entry.emptied or entry.cells):
                continue
            for row in self.changes(entry):
                if row.fingerprint and row.forgotten:
                    found.pop(row.fingerprint, None)
                elif row.fingerprint:
                    found[row.fingerprint] = row.id
        return found

    def high_water(self) -> dict[str, int]:
        """Return the highest number ever given out in this folder, by id stem."""
        highest: dict[str, int] = {}
        for record in self._records():
            if record.get("state") == "reserved":
                for stem, (_, last) in record["ids"].items():
                    highest[stem] = max(last, highest.get(stem, 0))
        return highest

    def of_run(self, run: Run) -> Entry | None:
        """Return the last thing that a run did to the book so far, settled; quick for nothing."""
        if not self._lines_of(run):
            return None
        self.settle()
        found = [entry for entry in self.entries() if entry.run == run.token]
        return found[-1] if found else None

    def reserved(self, run: Run) -> dict[str, tuple[int, int]]:
        """Return the numbers (first, last) that a run set aside last for the book, by stem."""
        given = [r["ids"] for r in self._lines_of(run) if r["state"] == "reserved"]
        return {stem: (first, last) for stem, (first, last) in given[-1].items()} if given else {}

    def reserve(
        self, run: Run, ids: Mapping[str, tuple[int, int]], seen: Mapping[str, int]
    ) -> bool:
        """Set numbers aside before they are used.

        Args:
            run: Who wants them; the book is this journal's.
            ids: First and last number by stem; they follow on `seen` and on the book's own.
            seen: The high-water mark they were counted on.

        Returns:
            False where another run has taken numbers of these stems since: count again.

        Raises:
            FileProblem: Another process kept the lock for too long.
            OSError: The journal cannot be written.
        """
        if not ids:
            return True
        with locked(self._inside):
            now = self.high_water()
            if any(now.get(stem, 0) != seen.get(stem, 0) for stem in ids):
                return False
            given = {stem: [first, last] for stem, (first, last) in ids.items()}
            self._add({"state": "reserved", **_who(run, self.book), "ids": given})
        return True

    def begin(
        self, change: Change, before: str | None, after: str | None, backup: str = ""
    ) -> Entry:
        """Write down what is about to be published; the folder's lock is held.

        Raises:
            OSError: It could not be written down: nothing may be published.
        """
        who = _who(change.run, self.book)
        key, batch = secrets.token_hex(6), self._batch_of(change.run)
        if change.rows:
            _append(self._batch_file(batch), row_lines(key, change.rows))
        record = {
            "state": "prepared",
            "key": key,
            "batch": batch,
            **who,
            "before": before,
            "after": after,
            "backup": backup,
            "tabs": list(change.tabs),
            "added": list(change.added),
            "marking": change.marking,
            "created": change.created,
            "emptied": change.emptied,
            "cells": change.cells,
            "source": change.source,
            "undoes": change.undoes,
        }
        needed = ("before", "after")
        self._add({name: kept for name, kept in record.items() if kept or name in needed})
        return _entry(record)

    def close(self, entry: Entry, state: State) -> None:
        """Write down how it ended; the folder's lock is held.

        Raises:
            OSError: It could not be written down; `recover` will find out.
        """
        self._add({"state": state, "key": entry.key, "time": _now()})

    def recover(self) -> tuple[Entry, ...]:
        """Settle what killed runs left open in this folder; the folder's lock is held.

        A book that cannot be read now is left for the next time.

        Returns:
            The entries that were settled, as they are now.

        Raises:
            OSError: The journal cannot be written.
        """
        settled = []
        for entry in self._open():
            with suppress(PermissionError):  # a program has the book for itself
                now = digest(self.folder / entry.book)
                state: State = (
                    "committed"
                    if now == entry.after
                    else "aborted"
                    if now == entry.before
                    else "unknown"
                )
                self.close(entry, state)
                settled.append(replace(entry, state=state))
        return tuple(settled)

    def settle(self) -> None:
        """Settle what killed runs left open, if anything, before the journal is read.

        Raises:
            FileProblem: Another process kept the lock for too long.
        """
        if self._open():
            with suppress(OSError), locked(self._inside):  # a read-only folder stays as it is
                self.recover()

    def _open(self) -> list[Entry]:
        """Return what killed runs left open in the folder; most often nothing, and quick for it."""
        if _all_closed(_read(self._file)):
            return []
        return [e for e in Journal(self.folder).entries() if e.state == "prepared"]

    @property
    def _inside(self) -> Path:
        return self.folder / (self.book or FOLDER)

    @property
    def _file(self) -> Path:
        return self.folder / FOLDER / _JOURNAL

    def _batch_file(self, batch: str) -> Path:
        return self.folder / FOLDER / _BATCHES / f"{batch}.jsonl"

    def _records(self) -> list[dict[str, Any]]:
        """Return the lines of the journal; what somebody else put or spoiled is passed over."""
        return sound_lines(records(_read(self._file)))

    def _lines_of(self, run: Run) -> list[dict[str, Any]]:
        """Return the lines of a run about the book."""
        return [r for r in self._lines_with(run.token) if r.get("book") == self.book]

    def _lines_with(self, *words: str) -> list[dict[str, Any]]:
        """Return the lines that have one of some words; the many others are not parsed."""
        sought = [word.encode() for word in words]
        lines = _read(self._file).split(b"\n")
        some = b"\n".join(text for text in lines if any(word in text for word in sought))
        return sound_lines(records(some))

    def _add(self, record: Mapping[str, Any]) -> None:
        state_folder(self._inside)
        _append(self._file, line(record))

    def _batch_of(self, run: Run) -> str:
        """Return the batch of a run: the one it has here already, or the next of today."""
        today, last = f"{datetime.now().astimezone():%Y%m%d}", 0
        for record in self._lines_with(run.token, f'"{today}-'):
            batch = record.get("batch", "")
            if batch and record.get("run") == run.token:
                return str(batch)
            day, _, number = batch.partition("-")
            if day == today and number.isdecimal():
                last = max(last, int(number))
        return f"{today}-{last + 1:03d}"


def open_journal(book: str | Path) -> Journal:
    """Return the journal of a book, or of all books of a folder."""
    path = Path(os.path.realpath(book))
    return Journal(path) if path.is_dir() else Journal(path.parent, path.name)


def _all_closed(journal: bytes) -> bool:
    """Say whether every entry was closed; quick, and False where a line is not as we write it."""
    parts, open_ = _LINE.split(journal), set()
    for begun, closed in zip(parts[1::3], parts[2::3], strict=True):
        open_.add(begun)
        open_.discard(closed)
    return not any(parts[::3]) and open_ <= {None}


def _entries(kept: Sequence[Mapping[str, Any]]) -> dict[str, Entry]:
    """Return the entries by key, in the order they were begun."""
    found: dict[str, Entry] = {}
    ids: dict[tuple[str, str], dict[str, tuple[int, int]]] = {}
    for record in kept:
        state, key = record.get("state"), record.get("key", "")
        if state == "reserved":
            given = ids.setdefault((record["run"], record["book"]), {})
            given |= {stem: (first, last) for stem, (first, last) in record["ids"].items()}
        elif state == "prepared":
            found[key] = _entry(record)
        elif key in found and state in ("committed", "aborted", "unknown"):
            found[key] = replace(found[key], state=state)
    return {k: replace(e, ids=ids.get((e.run, e.book), {})) for k, e in found.items()}


def _entry(record: Mapping[str, Any]) -> Entry:
    return Entry(
        key=record["key"],
        batch=record["batch"],
        run=record["run"],
        command=record["command"],
        book=record["book"],
        time=record["time"],
        before=record["before"],
        after=record["after"],
        backup=record.get("backup", ""),
        tabs=tuple(record.get("tabs", ())),
        added=tuple(record.get("added", ())),
        marking=record.get("marking", ""),
        created=record.get("created", 0),
        emptied=record.get("emptied", 0),
        cells=record.get("cells", 0),
        source=record.get("source", ""),
        undoes=record.get("undoes", ""),
    )


def _who(run: Run, book: str) -> dict[str, str]:
    return {"run": run.token, "command": run.command, "book": book, "time": _now()}


def _now() -> str:
    return datetime.now().astimezone().isoformat(timespec="seconds")


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise FileProblem(
            str(file), "操作记录读不出来，为避免出错没有写入", "请检查磁盘、网络或文件权限后再试"
        ) from error


def _append(file: Path, data: bytes) -> None:
    """Add lines to a file, down to the disk; a line that a crash cut short stays alone."""
    file.parent.mkdir(parents=True, exist_ok=True)
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | getattr(os, "O_BINARY", 0)
    with os.fdopen(os.open(file, flags, 0o666), "r+b") as opened:
        end = opened.seek(0, os.SEEK_END)
        if end:
            opened.seek(end - 1)
            torn = opened.read(1) != b"\n"
            opened.seek(0, os.SEEK_END)
            data = b"\n" + data if torn else data
        opened.write(data)
        opened.flush()
        os.fsync(opened.fileno())
