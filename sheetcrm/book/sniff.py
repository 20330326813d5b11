"""Reading any lead sheet people send: workbooks, CSV, web pages, and those under a wrong name."""

import hashlib
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Literal

from sheetcrm.book.container import container, text_form
from sheetcrm.book.encoding import codec_named, decode, wide
from sheetcrm.book.guard import inspect, read_bytes
from sheetcrm.book.html_sheet import html_sheets, page_text
from sheetcrm.book.limits import SHEET_NAME_LIMIT
from sheetcrm.book.mhtml import mhtml_sheets
from sheetcrm.book.parse import parse_inspected
from sheetcrm.book.spreadsheetml import spreadsheetml
from sheetcrm.book.text_sheet import text_sheet
from sheetcrm.book.worker import Reader
from sheetcrm.table import RawBook, RawSheet

Container = Literal["xlsx", "xlsb", "ods", "xls", "csv", "tsv", "html", "mhtml", "spreadsheetml"]

_SUFFIXES: dict[Container, tuple[str, ...]] = {
    "xlsx": (".xlsx", ".xlsm", ".xltx", ".xltm", ".et", ".ett"),
    "xlsb": (".xlsb",),
    "ods": (".ods", ".ots", ".fods"),
    "xls": (".xls", ".xlt", ".et", ".ett"),
    "csv": (".csv", ".txt", ".tsv", ".tab"),
    "tsv": (".csv", ".txt", ".tsv", ".tab"),
    "html": (".html", ".htm"),
    "mhtml": (".mht", ".mhtml"),
    "spreadsheetml": (".xml",),
}
_CALLED: dict[Container, str] = {
    "xlsx": " Excel 工作簿（.xlsx）",
    "xlsb": " Excel 二进制工作簿（.xlsb）",
    "ods": " OpenDocument 表格（.ods）",
    "xls": " Excel 97-2003 工作簿（.xls）",
    "csv": "文本（CSV）",
    "tsv": "制表符分隔的文本",
    "html": "网页表格（HTML）",
    "mhtml": "网页存档（MHTML）",
    "spreadsheetml": " Excel 2003 的 XML 表格",
}


@dataclass(frozen=True)
class LeadSheets:
    """A file that came in, as a workbook.

    Cells of texts and web pages are all texts. `assumptions` are sentences that say how it was
    read; `container` is what the content is, whatever the file is called.
    """

    raw: RawBook
    assumptions: tuple[str, ...]
    container: Container


def read_lead_sheet(
    path: str | Path, reader: Reader | None = None, encoding: str | None = None
) -> LeadSheets:
    """Read a lead sheet of any kind in a child process.

    Args:
        path: The file; the book and every message bear it as it is given here.
        reader: The child to use; without one a child is started for this file alone.
        encoding: What a text or a web page is encoded in; found out without one.

    Raises:
        FileProblem: Missing, no table, encrypted, damaged, beyond the limits, in no encoding that
            fits, or it killed the parser.
        UnknownName: There is no encoding of the given name.
    """
    if encoding:
        codec_named(encoding)  # said here: the child knows only problems of files
    if reader is not None:
        return reader.read_lead_sheet(path, encoding)
    with Reader() as own:
        return own.read_lead_sheet(path, encoding)


def parse_lead_sheet_file(file: str, shown: str, encoding: str | None) -> LeadSheets:
    """Read a lead sheet in this process: what the child does.

    Args:
        file: Where it is.
        shown: The path as the user named it.
        encoding: What a text or a web page is encoded in; found out without one.

    Raises:
        FileProblem: As `read_lead_sheet`.
    """
    return parse_lead_sheet(read_bytes(file, shown), shown, encoding)


def parse_lead_sheet(data: bytes, path: str, encoding: str | None = None) -> LeadSheets:
    """Read a lead sheet from its bytes, in this process.

    Raises:
        FileProblem: As `read_lead_sheet`.
    """
    form = text_form(data) or _unmarked(data)
    if form == "spreadsheetml":
        return _made(data, path, spreadsheetml(data, path), "spreadsheetml")
    if form == "mhtml":
        sheets, name = mhtml_sheets(data, path, _stem(path), encoding)
        return _made(data, path, sheets, "mhtml", (f"按 {name} 编码读取网页里的表格",))
    if form == "html":
        page = page_text(data, path, encoding)
        sheets = html_sheets(page.text, path, _stem(path))
        return _made(data, path, sheets, "html", (f"按 {page.name} 编码读取网页里的表格",))
    if form == "text":
        return _text(data, path, encoding)
    container(data, path)  # anything that is no workbook ends here, with its sentence
    inspected = inspect(data, path)
    notes = _misnamed(path, inspected.form)
    return LeadSheets(parse_inspected(inspected), notes, inspected.form)


def _unmarked(data: bytes) -> str:
    """Return the form of a text in UTF-16 without its mark."""
    codec = wide(data)
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(codec)
    return text_form(mark + data) if mark else ""


def _text(data: bytes, path: str, encoding: str | None) -> LeadSheets:
    decoded = decode(data, path, encoding)
    found = text_sheet(decoded.text, path)
    how = f"按 {decoded.name} 编码、{found.separator}读取"
    kind: Container = "tsv" if found.separator.startswith("制表符") else "csv"
    sheets = (RawSheet(_stem(path)[:SHEET_NAME_LIMIT], found.rows),)
    return _made(data, path, sheets, kind, (how, *found.assumptions))


def _made(
    data: bytes,
    path: str,
    sheets: tuple[RawSheet, ...],
    kind: Container,
    notes: tuple[str, ...] = (),
) -> LeadSheets:
    raw = RawBook(path, hashlib.sha256(data).hexdigest(), sheets)
    return LeadSheets(raw, (*_misnamed(path, kind), *notes), kind)


def _misnamed(path: str, kind: Container) -> tuple[str, ...]:
    suffix = PurePath(path).suffix
    if suffix.casefold() in _SUFFIXES[kind]:
        return ()
    named = f"文件名是 {suffix}" if suffix else "文件名没有扩展名"
    return (f"{named}，内容其实是{_CALLED[kind]}，按内容读取",)


def _stem(path: str) -> str:
    return PurePath(path).stem or "导入"
