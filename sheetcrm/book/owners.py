"""Who has a workbook open: the owner files that Excel, WPS and LibreOffice leave beside it."""

import os
import time
import unicodedata
from dataclasses import dataclass
from pathlib import Path

# An owner file of a program that crashed stays for ever; nobody keeps a workbook open for a week.
STALE_AFTER = 7 * 24 * 3600
# ERROR_SHARING_VIOLATION, ERROR_LOCK_VIOLATION
_SHARING = (32, 33)


@dataclass(frozen=True)
class Owner:
    """One program that has the workbook open; `user` is "" where it does not say who."""

    program: str
    user: str
    file: Path

    def __str__(self) -> str:
        return f"{self.user}（{self.program}）" if self.user else self.program


def is_owner_file(name: str) -> bool:
    """Say whether a file name is one of an owner file, or of another temporary file."""
    return name.startswith(("~$", ".~"))


def owners(path: Path) -> tuple[Owner, ...]:
    """Return who has the workbook open, stale owner files left out.

    Excel writes `~$name`, WPS `~$name` or `.~name`, LibreOffice `.~lock.name#`; Excel and WPS drop
    up to two characters at the start of a name. An owner file that cannot be read counts: the
    program that holds it keeps others from reading.
    """
    try:
        names = [entry.name for entry in path.parent.iterdir()]
    except OSError:
        return ()
    found = []
    for name in names:
        program = _program(name, path.name, names)
        if program and not _stale(path.parent / name, program):
            file = path.parent / name
            found.append(Owner(program, _user(file, program), file))
    return tuple(found)


def _program(name: str, book: str, names: list[str]) -> str:
    """Return the program whose owner file of `book` this is, "" if it is none."""
    if name.startswith(".~lock.") and name.endswith("#"):
        return "LibreOffice" if _same(name[7:-1], book) else ""
    if not is_owner_file(name) or (name.startswith("~$sc") and name.endswith(".tmp")):
        return ""
    owned, program = name[2:], "Excel/WPS" if name.startswith("~$") else "WPS"
    if _same(owned, book):
        return program
    shortened = any(_same(owned, book[dropped:]) for dropped in (1, 2) if len(book) > dropped)
    belongs_elsewhere = any(_same(owned, other) for other in names)
    return program if shortened and not belongs_elsewhere else ""


def _same(one: str, other: str) -> bool:
    return _folded(one) == _folded(other)


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


def _stale(file: Path, program: str) -> bool:
    try:
        if time.time() - file.stat().st_mtime > STALE_AFTER:
            return True
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return os.name == "nt" and program != "LibreOffice" and not held(file)


def held(file: Path) -> bool:
    """Say whether another program keeps us from writing the file (a sharing violation)."""
    try:
        with file.open("r+b"):
            return False
    except FileNotFoundError:
        return False
    except OSError as error:
        # opening a file seldom says more than "denied"
        number = getattr(error, "winerror", None)
        return number in _SHARING if number else not read_only(file)


def read_only(file: Path) -> bool:
    """Say whether a file is there and marked as read-only."""
    return file.exists() and not os.access(file, os.W_OK)


def _user(file: Path, program: str) -> str:
    try:
        data = file.read_bytes()[:512]
    except OSError:
        return ""
    if program == "LibreOffice":
        fields = data.decode("utf-8", "replace").split(",")
        return fields[1].strip() if len(fields) > 1 else ""
    # byte 55 counts UTF-16 units, the name starts at 56 (layout: LibreOffice msodocumentlockfile)
    if len(data) < 56:
        return ""
    return data[56 : 56 + 2 * data[55]].decode("utf-16-le", "replace").strip("\x00 ")
