"""Text on its way into a cell: never a formula, never longer or stranger than Excel can hold."""

import re

from sheetcrm.book.limits import CELL_LIMIT

# A cell whose text begins so turns into a formula as soon as somebody edits it, unless its format
# carries Excel's quote prefix; the full-width forms are what a Chinese keyboard types.
RISKY_START = ("=", "+", "-", "@", "＝", "＋", "－", "＠", "\t")

# C0 controls but tab and line feed, lone surrogates and the two non-characters XML forbids.
_FORBIDDEN = re.compile("[\x00-\x08\x0b-\x1f\ud800-\udfff\ufffe\uffff]")


def plain_text(text: str) -> str:
    """Return the text without characters XML cannot carry, cut to what a cell holds."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return clip(_FORBIDDEN.sub("", text), CELL_LIMIT)


def is_risky(text: str) -> bool:
    """Say whether a cell with this text needs the quote prefix."""
    return text.startswith(RISKY_START)


def clip(text: str, limit: int) -> str:
    """Return the text, ended by `…` where it is longer than so many UTF-16 units."""
    if len(text) * 2 <= limit or utf16_length(text) <= limit:
        return text
    kept, used = [], 0
    for char in text:
        used += utf16_length(char)
        if used > limit - 1:
            break
        kept.append(char)
    return "".join(kept) + "…"


def utf16_length(text: str) -> int:
    """Return the length as Excel counts it: characters beyond the first plane count twice."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
