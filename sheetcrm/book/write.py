"""Workbooks we author, built in memory by XlsxWriter and handed over as bytes.

Nothing here touches the disk: `sheetcrm.book.publish` writes files, `sheetcrm.book.graft` moves
the sheets into somebody else's workbook.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from io import BytesIO
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format

from sheetcrm.book.write_bulk import BulkWorksheet, Known
from sheetcrm.book.write_charts import spelled_out
from sheetcrm.book.write_formula import checked_formula
from sheetcrm.book.write_rows import Built
from sheetcrm.book.write_sheet import Sheet
from sheetcrm.book.write_strict import NotWritten, strictly

Style = Mapping[str, object]

# A fixed date keeps the bytes of two equal runs equal.
CREATED = datetime.fromisoformat("2024-01-01")
# 18 points: room for a line of 10-point Chinese text.
ROW_PIXELS = 24
NAME_LIMIT = 100
# One CJK letter or `_` at the front can be neither a cell address (CRM1) nor an R1C1 reference.
_SAFE_NAME = re.compile(r"[_\u4e00-\u9fff][A-Za-z0-9_\u4e00-\u9fff]*")


class Book:
    """A workbook in the making.

    Args:
        styles: Every style by name, as XlsxWriter format properties; it must hold "base" (the
            font of all cells) and "date" (the number format of dates).
    """

    def __init__(self, styles: Mapping[str, Style]) -> None:
        self._styles = {**styles, "quote": {"quote_prefix": True}}
        self._buffer = BytesIO()
        self._formats: dict[str, Format] = {}
        self._known: Known = {}
        options = {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
            "default_row_height": ROW_PIXELS,
            "default_format_properties": {**styles["base"], "font_scheme": "none"},
        }
        self._workbook = xlsxwriter.Workbook(self._buffer, options)
        # The cached values are right: no "save changes?" on closing a file nobody touched.
        self._workbook.calc_on_load = False
        self._workbook.set_properties({"author": "sheetcrm", "created": CREATED})

    def sheet(self, name: str) -> Sheet:
        """Add a sheet at the end.

        Raises:
            NotWritten: The name is no sheet name in Excel or already taken.
        """
        try:
            worksheet = strictly(self._workbook.add_worksheet, name, BulkWorksheet)
        except xlsxwriter.exceptions.XlsxWriterException as error:
            raise NotWritten(str(error)) from error
        return Sheet(worksheet, self._format, self._known)

    def name(self, name: str, formula: str) -> None:
        """Define a name for the whole workbook.

        Raises:
            ValueError: It could be taken for a cell, or has characters Excel forbids in names.
        """
        if not _SAFE_NAME.fullmatch(name) or len(name) > NAME_LIMIT:
            raise ValueError(f"{name!r} is not a safe defined name")
        strictly(self._workbook.define_name, name, checked_formula(formula))

    def chart(self, kind: str, subtype: str = "") -> Any:
        """Return an XlsxWriter chart ("bar", "column", "line", ...; subtype "stacked")."""
        options = {"type": kind, **({"subtype": subtype} if subtype else {})}
        return spelled_out(strictly(self._workbook.add_chart, options))

    def finish(self) -> bytes:
        """Return the finished file; the book cannot be used afterwards.

        Raises:
            NotWritten: XlsxWriter left something out or could not write it.
        """
        try:
            strictly(self._workbook.close)
        except xlsxwriter.exceptions.XlsxWriterException as error:
            raise NotWritten(str(error)) from error
        return self._buffer.getvalue()

    def finish_apart(self) -> Built:
        """Return the finished file for `graft`, its long lists apart; unusable afterwards.

        Raises:
            NotWritten: As `finish`.
        """
        sheets = self._workbook.worksheets()
        for sheet in sheets:
            sheet.apart = []
        data = self.finish()
        rows = {sheet.name: tuple(sheet.apart) for sheet in sheets}
        return Built(data, rows, {sheet.name: tuple(sheet.areas) for sheet in sheets})

    def _format(self, style: str) -> Format:
        known = self._formats.get(style)
        if known is not None:
            return known
        properties: dict[str, object] = {}
        for word in style.split("+"):
            properties.update(self._styles[word])
        made: Format = self._workbook.add_format(properties)
        self._formats[style] = made
        return made


def safe_name(text: str) -> str:
    """Return a defined name made of the text: other characters become `_`, safe at the front."""
    body = re.sub(r"[^A-Za-z0-9_\u4e00-\u9fff]", "_", text)[: NAME_LIMIT - 1]
    return body if _SAFE_NAME.fullmatch(body) else f"_{body}"
