"""What a run said of a workbook, kept for the next run over the same bytes.

Results are kept under the hash of the bytes they stand for (as they are after the run wrote its
tabs), with everything else they depend on: the path, the job, the day, and this program itself.
"""

import hashlib
import pickle
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sheetcrm.book.cache import user_cache
from sheetcrm.book.publish import sha256
from sheetcrm.workflows.program import program


@dataclass(frozen=True)
class Kept:
    """A result and the files it holds for, beside the one it was asked for: path and hash."""

    result: object
    files: tuple[tuple[str, str], ...] = ()


def key_of(*facts: object) -> str:
    """Return the key of a result that depends on these facts (by their repr) and this program."""
    return hashlib.sha256(repr((program(), *facts)).encode("utf-8", "replace")).hexdigest()


def recall(key: str) -> Kept | None:
    """Return what was kept, None where there is nothing, or one of its files has changed."""
    data = user_cache().get(key)
    if data is None:
        return None
    try:
        kept = pickle.loads(data)
    except (pickle.UnpicklingError, AttributeError, ImportError, EOFError, ValueError):
        return None
    if not isinstance(kept, Kept) or any(hash_of(path) != was for path, was in kept.files):
        return None
    return kept


def keep(key: str, result: object, files: Iterable[tuple[str, str]] = ()) -> None:
    """Keep a result for the next run."""
    if user_cache().folder is not None:
        data = pickle.dumps(Kept(result, tuple(files)), pickle.HIGHEST_PROTOCOL)
        user_cache().put(key, data)


def hash_of(path: str | Path) -> str:
    """Return the hash of a file's bytes, "" where it cannot be read."""
    try:
        return sha256(Path(path).read_bytes())
    except OSError:
        return ""
