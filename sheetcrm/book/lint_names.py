"""Names Excel refuses: of sheets, defined names and tables."""

import re
import unicodedata

from sheetcrm.book.limits import DEFINED_NAME_LIMIT, SHEET_NAME_LIMIT
from sheetcrm.book.write_text import utf16_length
from sheetcrm.table import LAST_COLUMN, LAST_ROW, column_number

_CELL_LIKE = re.compile(r"([A-Za-z]{1,3})(\d+)")
_R1C1_LIKE = re.compile(r"[Rr]\d*(?:[Cc]\d*)?|[Cc]\d*|[RrCc]\d.*")
_FIRST = re.compile(r"[^\W\d]|_|\\")
_FORBIDDEN_IN_SHEET = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


def folded(name: str) -> str:
    """Return the form in which Excel compares names: no case, no width."""
    return unicodedata.normalize("NFKC", name).casefold()


def name_problem(name: str) -> str:
    """Say in Chinese why a defined name or table name is not allowed ("" if it is).

    Names that look like cells, also in R1C1 style, make Excel repair the file although XlsxWriter
    writes some of them.
    """
    if not name or utf16_length(name) > DEFINED_NAME_LIMIT:
        return f"长度应在 1 到 {DEFINED_NAME_LIMIT} 个字符之间"
    if (match := _CELL_LIKE.fullmatch(name)) and _in_grid(match[1], match[2]):
        return "看起来像单元格地址"
    if _R1C1_LIKE.fullmatch(name):
        return "看起来像 R1C1 地址"
    if name.upper() in ("TRUE", "FALSE"):
        return "是 Excel 的保留字"
    if not _FIRST.match(name):
        return "第一个字符应是文字或下划线"
    wrong = next((c for c in name if not (c.isalnum() or c in "_.\\?") or ord(c) > 0xFFFF), "")
    return f"有不允许的字符“{wrong}”" if wrong else ""


def sheet_name_problem(name: str) -> str:
    """Say in Chinese why a sheet name is not allowed ("" if it is)."""
    if not name.strip():
        return "是空的"
    if utf16_length(name) > SHEET_NAME_LIMIT:
        return f"超过 {SHEET_NAME_LIMIT} 个字符"
    if _FORBIDDEN_IN_SHEET.search(name) or name.startswith("'") or name.endswith("'"):
        return "有 Excel 不允许的字符"
    if name.casefold() == "history":
        return "是 Excel 的保留名"
    return ""


def _in_grid(letters: str, digits: str) -> bool:
    return column_number(letters) <= LAST_COLUMN and 1 <= int(digits) <= LAST_ROW
