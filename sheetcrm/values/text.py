"""Text as people paste it: full-width characters, odd spaces, invisible marks, placeholders."""

import re
import unicodedata
from collections.abc import Collection

from sheetcrm.table import Cell

_FULL_WIDTH = {
    code: chr(code - 0xFEE0)
    for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))
}
# Zero-width and direction marks, soft hyphen, byte order mark.
_INVISIBLE = dict.fromkeys(
    (0xAD, 0x200B, 0x200C, 0x200D, 0x200E, 0x200F, 0x2060, 0xFEFF, *range(0x202A, 0x202F)), None
)
_SPACES = dict.fromkeys((0xA0, 0x3000, 0x202F, *range(0x2000, 0x200B), 0x0B, 0x0C, 0x85), " ")
_CONTROLS = dict.fromkeys(
    (*range(0x00, 0x09), *range(0x0E, 0x20), *range(0x7F, 0x85), *range(0x86, 0xA0)), None
)
_TIDY = {**_CONTROLS, **_INVISIBLE, **_SPACES, **_FULL_WIDTH, 0x09: " "}
_TIDY_LONG = {**_CONTROLS, **_INVISIBLE, **_SPACES}
_PLAIN = re.compile(r"[!-~\u4e00-\u9fff]*")
_WIDE = r"[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef]"
_BREAKS = re.compile(r" *[\r\n\u2028\u2029]+ *")
_ALL_FOLDED = re.compile(r"[0-9a-z\u4e00-\u9fff\x1f-]*")
_FOLDED = re.compile(r"[\s\u200b-\u200f\u2060\ufeff]+")

_DASHES = re.compile(r"[-‐-―−－—_/\\.。·~～ ]+")
PLACEHOLDERS = frozenset(
    (
        *(
            "无",
            "暂无",
            "没有",
            "待定",
            "未定",
            "待补",
            "待补充",
            "待填",
            "待填写",
            "待确认",
            "未知",
        ),
        *(
            "不详",
            "不清楚",
            "未填",
            "未填写",
            "空",
            "(空)",
            "n/a",
            "na",
            "nil",
            "null",
            "none",
            "nan",
        ),
        *("tbd", "tba", "xx", "xxx"),
    )
)

ERROR_VALUES = frozenset(
    (
        *("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A", "#GETTING_DATA"),
        *("#SPILL!", "#CALC!", "#FIELD!", "#BLOCKED!", "#UNKNOWN!", "#CONNECT!", "#BUSY!"),
    )
)


def tidy(text: str) -> str:
    """Return one line of text without what only the eye or nobody sees.

    Full-width letters and digits become half-width (Chinese punctuation stays), every kind of space
    one plain space, invisible and control characters go, and a line break inside Chinese goes too.
    """
    if _PLAIN.fullmatch(text):
        return text
    text = _BREAKS.sub("\n", text.translate(_TIDY))
    text = re.sub(rf"(?<={_WIDE})\n(?={_WIDE})", "", text).replace("\n", " ")
    return re.sub(r" {2,}", " ", text).strip()


def tidy_long(text: str) -> str:
    """Return free text trimmed and without invisible characters; its line breaks stay."""
    if _PLAIN.fullmatch(text):
        return text
    return text.translate(_TIDY_LONG).replace("\r\n", "\n").replace("\r", "\n").strip()


def fold(text: str) -> str:
    """Return a key that is equal for spellings that mean the same: width, case and spaces gone."""
    return _FOLDED.sub("", unicodedata.normalize("NFKC", text)).casefold()


def are_folded(texts: Collection[str]) -> bool:
    """Say of many texts at once whether `fold` surely leaves every one as it is."""
    whole = "\x1f".join(texts)
    return _ALL_FOLDED.fullmatch(whole) is not None and whole.count("\x1f") == len(texts) - 1


def as_text(cell: Cell) -> str:
    """Return the text a person sees in a cell: whole numbers without a decimal point."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float | int):
        return f"{cell:.0f}" if float(cell).is_integer() and abs(cell) < 1e15 else f"{cell:.15g}"
    return cell if isinstance(cell, str) else str(cell)


def is_blank(cell: Cell) -> bool:
    """Say whether a cell is empty or holds only spaces and dashes."""
    if cell is None:
        return True
    if not isinstance(cell, str):
        return False
    text = cell.translate(_TIDY_LONG).strip()
    return not text or _DASHES.fullmatch(text) is not None


def is_placeholder(cell: Cell) -> bool:
    """Say whether a cell holds a word that stands for "nothing yet": 无, 暂无, 待定, N/A, ..."""
    return isinstance(cell, str) and fold(cell) in PLACEHOLDERS


def says_nothing(cell: Cell) -> bool:
    """Say whether a cell is blank or holds a word that stands for "nothing yet"."""
    return is_blank(cell) or is_placeholder(cell)


def is_error_value(cell: Cell) -> bool:
    """Say whether a cell shows one of Excel's error values."""
    return isinstance(cell, str) and cell.startswith("#") and cell.strip().upper() in ERROR_VALUES


_FORMULA = re.compile(r"\s*=|[\t\r]\s*[=+@-]|[+@-]\s*[A-Za-z0-9(\"'=]")
_NUMBER_OR_PHONE = re.compile(r"[+-]?[\d\s,.()/%-]*(转\d+)?")


def looks_like_formula(cell: Cell) -> bool:
    """Say whether a text would turn into a formula when typed or saved as CSV (OWASP).

    Plain signed numbers, phone numbers, bullets ("- 已联系") and mentions ("@张伟") are none.
    """
    if not isinstance(cell, str) or cell[:1] not in "=+-@\t\r \u3000" or not cell:
        return False
    return bool(_FORMULA.match(cell)) and not _NUMBER_OR_PHONE.fullmatch(cell.strip())
