"""Small Chinese tables, written as text in a test, as the shapes the package works on.

A table is one string, one row a line, columns separated by `|`; the first line has the headings:

    线索编号 | 客户名称 | 线索获取时间 | 预计成交金额 | 联系方式
    L1      | 明禾机械 | 2024-03-01  | 50000       | 13800138000
    L2      |          | '2024/3/1'  | '5万'       | #13800138000

A cell is what Excel would have: empty is None; 2024-03-01 and 2024-03-01 14:30 are dates; a number
of up to 8 digits is a number; anything else, and anything in 'quotes' (escapes: \\n, \\t, \\u3000,
\\u200b, \\xa0), is text. `#` forces a number. A line of only `|` is a blank row.
"""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sheetcrm.clean import CleanBook, clean
from sheetcrm.findings import Finding
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import Kit
from sheetcrm.kit.recognise import Recognised, recognise_with
from sheetcrm.table import Cell, ListValidation, RawBook, RawSheet

FILE = "样本.xlsx"


def cell(text: str) -> Cell:
    """Return the cell a piece of text stands for."""
    text = text.strip(" ")
    if not text:
        return None
    if len(text) > 1 and text[0] == text[-1] == "'":
        escapes = {
            "\\n": "\n",
            "\\t": "\t",
            "\\u3000": "\u3000",
            "\\u200b": "\u200b",
            "\\xa0": "\xa0",
        }
        return re.sub(r"\\(?:[nt]|u[0-9a-f]{4}|xa0)", lambda m: escapes[m[0]], text[1:-1])
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return date.fromisoformat(text)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2} \d{1,2}:\d{2}", text):
        return datetime.strptime(text, "%Y-%m-%d %H:%M")  # noqa: DTZ007
    if text.startswith("#") and re.fullmatch(r"-?\d+(\.\d+)?", text[1:]):
        return float(text[1:])
    return float(text) if re.fullmatch(r"-?\d{1,8}(\.\d+)?", text) else text


def rows(text: str) -> list[list[Cell]]:
    """Return the rows of a table written as text."""
    lines = [line for line in text.strip("\n").splitlines() if line.strip()]
    return [[cell(part) for part in line.split("|")] for line in lines]


def sheet(
    text: str,
    name: str = "线索跟踪",
    *,
    above: int = 0,
    table: str = "",
    lists: Mapping[str, Sequence[str]] | None = None,
    hidden: bool = False,
    merged: Sequence[str] = (),
) -> RawSheet:
    """Return a raw sheet.

    Args:
        text: The table.
        name: The sheet's name.
        above: Blank rows above the headings.
        table: The table key a generated sheet carries.
        lists: The sheet's own drop-downs: area ("K2:K99") and values.
        hidden: Whether the sheet is hidden.
        merged: Merged ranges.
    """
    found = [ListValidation(area, tuple(values)) for area, values in (lists or {}).items()]
    return RawSheet(
        name,
        [*([] for _ in range(above)), *rows(text)],
        hidden=hidden,
        table=table,
        validations=tuple(found),
        merged=tuple(merged),
    )


def raw_book(*sheets: RawSheet | str, file: str = FILE) -> RawBook:
    """Return a raw workbook; a bare text is the sheet 线索跟踪."""
    made = tuple(sheet(s) if isinstance(s, str) else s for s in sheets)
    return RawBook(file, "0" * 64, made)


def recognised(
    *sheets: RawSheet | str, own: bool = False, kit: Kit | None = None, file: str = FILE
) -> Recognised:
    """Recognise a workbook; `own` treats it as one that carries the kit in its own tabs."""
    return recognise_with(raw_book(*sheets, file=file), kit or load_kit(), own=own)


def clean_book(
    *sheets: RawSheet | str, own: bool = False, kit: Kit | None = None, file: str = FILE
) -> CleanBook:
    """Recognise and clean a workbook written as text."""
    return clean(recognised(*sheets, own=own, kit=kit, file=file))


def codes(findings: Sequence[Finding], *, level: str = "info") -> list[str]:
    """Return `cell code` of the findings at `level` or above, sorted, headings' notes left out."""
    levels = ("error", "warning", "info")
    wanted = levels[: levels.index(level) + 1]
    return sorted(
        f"{f.cell} {f.code}"
        for f in findings
        if f.severity in wanted and f.code not in ("HDR-02", "HDR-04", "HDR-05", "STG-10")
    )
