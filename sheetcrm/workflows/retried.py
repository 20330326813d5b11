"""A file that was finished by a process that then died is found so, with its result.

The retry works once more on the bytes that were replaced, comes to the bytes that are there, and
so says what the first try would have said: nothing is appended, numbered or corrected twice.
"""

import os
from dataclasses import replace
from pathlib import Path

from sheetcrm.book.changes import Run
from sheetcrm.book.journal import Entry, open_journal
from sheetcrm.book.state import backups, digest
from sheetcrm.workflows.write_back import Written


def replaced_by(path: Path, run: Run) -> Path | None:
    """Return the workbook as it was before this very run wrote it; None where it did not yet."""
    entry = _written(path, run)
    if entry is None or entry.before is None or entry.after != _digest(path):
        return None
    for backup in backups(Path(os.path.realpath(path))):
        if backup.name == entry.backup and _digest(backup) == entry.before:
            return backup
    return None


def as_at_first(written: Written, run: Run) -> Written:
    """Return what the try said that wrote the file: that it changed, and in which batch."""
    if written.changed:
        return written
    entry = _written(written.path, run)
    if entry is None or entry.after != written.sha256:
        return written
    return replace(written, changed=True, batch=entry.batch)


def _written(path: Path, run: Run) -> Entry | None:
    entry = open_journal(path).of_run(run)
    return entry if entry is not None and entry.state == "committed" else None


def _digest(path: Path) -> str | None:
    try:
        return digest(path)
    except OSError:
        return None
