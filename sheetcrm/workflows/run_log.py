"""The log of runs: one line each in the user's own state folder, never what a workbook holds.

File names, counts and where in this program an error happened are written down; cell values are
not: of an error's message only what cannot be one stays, the rest is masked.
"""

import os
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from platformdirs import user_state_path

from sheetcrm import __version__
from sheetcrm.values.masking import mask_message, mask_within

# A folder to log into, or "off".
VARIABLE = "SHEETCRM_LOG"
NAME = "sheetcrm.log"
MOST_BYTES = 1 << 20
KEPT = 5


@dataclass(frozen=True)
class Line:
    """One run: `typed` the options and files it was given, `problem` what stopped it, else ""."""

    command: str
    exit_code: int
    seconds: float
    typed: Sequence[str] = ()
    counts: Mapping[str, int] = field(default_factory=dict)
    problem: str = ""


def log_file() -> Path | None:
    """Return where runs are logged, None where they are not."""
    given = os.environ.get(VARIABLE, "")
    if given.lower() == "off":
        return None
    with suppress(RuntimeError):  # a user without a home folder
        folder = Path(given).expanduser() if given else user_state_path("sheetcrm", appauthor=False)
        return folder / NAME
    return None


def log_run(line: Line, now: datetime, error: BaseException | None = None) -> Path | None:
    """Write one run into the log, with the traceback of what stopped it unexpectedly.

    A log that cannot be written stops nothing.

    Returns:
        The log, None where nothing was written.
    """
    file = log_file()
    if file is None:
        return None
    counts = " ".join(f"{name}={count}" for name, count in line.counts.items())
    facts = [
        f"{now:%Y-%m-%d %H:%M:%S}",
        f"sheetcrm {__version__}",
        line.command or "-",
        f"exit={line.exit_code}",
        f"{line.seconds:.2f}s",
        counts,
        line.problem,
        mask_within(" ".join(line.typed)),
    ]
    text = " | ".join(" ".join(fact.split()) for fact in facts if fact) + "\n"
    if error is not None:
        text += "".join(f"    {masked}\n" for masked in masked_traceback(error))
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        _rotate(file)
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with os.fdopen(os.open(file, flags, 0o600), "ab") as opened:
            opened.write(text.encode("utf-8", "backslashreplace"))
        return file
    return None


def masked_traceback(error: BaseException) -> list[str]:
    """Return where an error happened and what kind it is, the cause first, values masked."""
    lines = [f"Python {sys.version.split()[0]} {sys.platform}"]
    for each in reversed(list(_chain(error))):
        for frame in traceback.extract_tb(each.__traceback__):
            lines.append(f"{frame.filename}:{frame.lineno} {frame.name}: {frame.line or ''}")
        said = [mask_message(part) for part in str(each).splitlines()]
        lines.append(f"{type(each).__name__}: {' / '.join(said)}")
    return lines


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    at: BaseException | None = error
    while at is not None and id(at) not in seen:
        seen.add(id(at))
        yield at
        at = at.__cause__ or (None if at.__suppress_context__ else at.__context__)


def _rotate(file: Path) -> None:
    """Keep the log and a few older ones below their size."""
    try:
        if file.stat().st_size < MOST_BYTES:
            return
    except FileNotFoundError:
        return
    for number in range(KEPT - 1, 0, -1):
        with suppress(FileNotFoundError):
            file.with_name(f"{NAME}.{number}").replace(file.with_name(f"{NAME}.{number + 1}"))
    file.replace(file.with_name(f"{NAME}.1"))
