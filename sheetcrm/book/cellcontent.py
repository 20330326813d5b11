"""What a value becomes inside a cell of a user's sheet: its format, its type and its XML.

Text is written into the cell itself and stays text: what could turn into a formula when somebody
edits it carries Excel's quote prefix, text of digits gets the text format. Numbers and days get a
format that shows them where the cell has none.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TypeAlias
from xml.sax.saxutils import escape

from sheetcrm.book.carry import DAYS_FROM_1900_TO_1904
from sheetcrm.book.cellformats import CellFormats
from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.write_text import is_risky, utf16_length
from sheetcrm.values.dates import day_of

CellValue: TypeAlias = str | int | float | date | datetime

# Excel counts a 29 February 1900, so that serial numbers before 1 March are a day off.
FIRST_DAY, _DAY_ZERO = date(1900, 3, 1), date(1899, 12, 30)
# Excel keeps 15 significant digits: a longer whole number would change silently.
_EXACT_INTEGER_LIMIT = 10**15
_MIDNIGHT = time()
_DIGITS = re.compile(r"[+-]?[\d.,]+")
# most texts by far: nothing in them to escape, to keep or to fear
_SIMPLE = re.compile(r"[^\W\d_](?:[^\W_]|[-.:/，。、（）])*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\r\x0e-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


@dataclass(frozen=True)
class CellWriter:
    """Writes cells of one sheet part.

    `prefix` is what its element names start with; `ascii_only` says that the part declares an
    encoding in which other characters must be references.
    """

    formats: CellFormats
    prefix: bytes
    ascii_only: bool
    date1904: bool

    def content(self, value: CellValue, index: int) -> tuple[int, bytes, bytes]:
        """Return the format, the type and what is inside a cell of that value.

        Args:
            value: One that `unfit` has no objection to.
            index: The format the cell has.
        """
        if isinstance(value, str):
            return self._text(value, index)
        if type(value) is float:
            return self.formats.for_number(index), b"", self._value(_number(value))
        if isinstance(value, bool):
            return index, b"b", self._value(b"1" if value else b"0")
        if isinstance(value, date):
            with_time = isinstance(value, datetime) and value.time() != _MIDNIGHT
            shown = self.formats.for_day(index, with_time=with_time)
            return shown, b"", self._value(_number(self._serial(value)))
        if isinstance(value, int) and abs(value) >= _EXACT_INTEGER_LIMIT:
            return self._text(str(value), index)
        return self.formats.for_number(index), b"", self._value(_number(value))

    def unfit(self, value: CellValue) -> str:
        """Say in Chinese why no cell can hold a value; "" where one can."""
        if isinstance(value, str):
            fits = len(value) * 2 <= CELL_LIMIT or utf16_length(value) <= CELL_LIMIT
            return "" if fits else f"内容超过 {CELL_LIMIT:,} 个字符"
        if isinstance(value, date) and day_of(value) < self._first_day:
            return "日期早于 Excel 能记的日期"
        return ""

    @property
    def _first_day(self) -> date:
        return _DAY_ZERO + timedelta(DAYS_FROM_1900_TO_1904) if self.date1904 else FIRST_DAY

    def cell(self, attributes: bytes, index: int | None, kind: bytes, inside: bytes) -> bytes:
        """Return a `<c>` element; without content where `inside` is empty."""
        return b"<%sc%s%s" % (self.prefix, attributes, self.rest(index, kind, inside))

    def rest(self, index: int | None, kind: bytes, inside: bytes) -> bytes:
        """Return what follows a cell's name and its other attributes."""
        style = b"" if index is None else b' s="%d"' % index
        if not inside:
            return style + b"/>"
        type_ = b' t="%s"' % kind if kind else b""
        return b"%s%s>%s</%sc>" % (style, type_, inside, self.prefix)

    def formula(self, text: str) -> bytes:
        """Return the `<f>` element of a formula given without its equals sign."""
        name = self.prefix + b"f"
        return b"<%s>%s</%s>" % (name, self.encoded(escape(text)), name)

    def encoded(self, text: str) -> bytes:
        """Return text that is markup already in the encoding of the part."""
        return text.encode("ascii", "xmlcharrefreplace") if self.ascii_only else text.encode()

    def _text(self, text: str, index: int) -> tuple[int, bytes, bytes]:
        p = self.prefix
        if _SIMPLE.fullmatch(text):
            inside = b"<%sis><%st>%s</%st></%sis>" % (p, p, self.encoded(text), p, p)
            return index, b"inlineStr", inside
        if _DIGITS.fullmatch(text):
            index = self.formats.for_digits(index)
        elif is_risky(text):
            index = self.formats.for_risky(index)
        space = b' xml:space="preserve"' if text != text.strip() or "\n" in text else b""
        # Excel writes control characters as `_x0001_`, never raw
        clean = escape(_CONTROL.sub(lambda m: f"_x{ord(m[0]):04X}_", text))
        inside = b"<%sis><%st%s>%s</%st></%sis>" % (p, p, space, self.encoded(clean), p, p)
        return index, b"inlineStr", inside

    def _value(self, text: bytes) -> bytes:
        p = self.prefix
        return b"<%sv>%s</%sv>" % (p, text, p)

    def _serial(self, value: date) -> float | int:
        days = (day_of(value) - _DAY_ZERO).days
        days -= DAYS_FROM_1900_TO_1904 if self.date1904 else 0
        if not isinstance(value, datetime) or value.time() == _MIDNIGHT:
            return days
        clock = value.hour * 3600 + value.minute * 60 + value.second + value.microsecond / 1e6
        return days + clock / 86_400


def _number(value: float | int) -> bytes:
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT_INTEGER_LIMIT:
        value = int(value)
    return repr(value).upper().encode()
