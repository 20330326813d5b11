"""What was decided for a source of lead sheets, kept for the next: `.sheetcrm/maps/*.json`."""

import json
import os
import re
from pathlib import Path
from typing import Any, NamedTuple

from sheetcrm.book.state import FOLDER, drop, state_folder, write_temp

_MAPS = "maps"
# The file of sheets whose source nobody named.
_UNNAMED = "未指定来源"
_NOT_IN_FILE_NAMES = re.compile(r'[\x00-\x1f<>:"/\\|?*]')
_LONGEST_NAME = 80


class KeptMap(NamedTuple):
    """Field by heading, and value by (field, text), as they are kept."""

    headings: dict[str, str]
    values: dict[tuple[str, str], str]


def load_map(book: Path, source: str) -> KeptMap:
    """Return what was decided before; nothing for a new source or a file that cannot be read."""
    try:
        record = json.loads(_file(book, source).read_text(encoding="utf-8"))
        return KeptMap(
            {str(text): str(key) for text, key in record["headings"].items()},
            {(str(key), str(text)): str(value) for key, text, value in record["values"]},
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return KeptMap({}, {})


def save_map(book: Path, source: str, decided: KeptMap) -> None:
    """Add to what is kept for a source; what was decided last counts.

    Raises:
        OSError: It cannot be written.
    """
    kept = load_map(book, source)
    merged = KeptMap(kept.headings | decided.headings, kept.values | decided.values)
    if merged == kept:
        return
    record: dict[str, Any] = {
        "source": source,
        "headings": merged.headings,
        "values": [[key, text, value] for (key, text), value in merged.values.items()],
    }
    state_folder(book)
    file = _file(book, source)
    file.parent.mkdir(exist_ok=True)
    text = json.dumps(record, ensure_ascii=False, indent=1)
    temp = write_temp(file.parent, text.encode())
    try:
        os.replace(temp, file)  # noqa: PTH105 - one name for the call that publishes
    finally:
        drop(temp)


def _file(book: Path, source: str) -> Path:
    name = _NOT_IN_FILE_NAMES.sub("_", source.strip())[:_LONGEST_NAME].strip(". ") or _UNNAMED
    return book.parent / FOLDER / _MAPS / f"{name}.json"
