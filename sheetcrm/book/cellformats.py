"""The cell formats of a user's workbook: what one shows, and its like for another kind of value."""

import re
from functools import cache, cached_property

from lxml import etree

from sheetcrm.book.styles import Merger
from sheetcrm.book.xmlpart import child, children, integer

DATE, MOMENT, TEXT, GENERAL = "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "@", "General"

# Built-in formats with a day, month or year in them; 27 to 58 are those of Chinese Excel
# (ECMA-376 part 1, 18.8.30, zh-cn).
_BUILT_IN_DATES = frozenset((14, 15, 16, 17, 22, *range(27, 32), 36, *range(50, 55), 57, 58))
_TEXT_FORMAT = 49
_LITERAL = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)


class CellFormats:
    """The cell formats of one styles part; appends to its tree.

    Args:
        root: The tree of the styles part; changed when a format is made.
    """

    def __init__(self, root: etree._Element) -> None:
        self.root = root
        self._merger = Merger(root, root)
        self._made: dict[tuple[int, str], int] = {}
        # asked of every cell that is written
        self._is_text = cache(self._finds_text)
        self._shows_day = cache(self._finds_day)

    @property
    def changed(self) -> bool:
        """Whether a format was appended."""
        return self._merger.changed

    def for_day(self, index: int, *, with_time: bool) -> int:
        """Return the format for a date: as it is if it shows one, else with a date format."""
        return index if self._shows_day(index) else self._with(index, MOMENT if with_time else DATE)

    def for_number(self, index: int) -> int:
        """Return the format for a number: a text or date format gives way to General."""
        plain = not self._is_text(index) and not self._shows_day(index)
        return index if plain else self._with(index, GENERAL)

    def for_digits(self, index: int) -> int:
        """Return the format for a text of digits, so that it stays text when somebody edits it."""
        return index if self._is_text(index) else self._with(index, TEXT)

    def for_risky(self, index: int) -> int:
        """Return the format for a text that editing could turn into a formula."""
        return self._quoted(index, quoted=True)

    def unquoted(self, index: int) -> int:
        """Return the format without Excel's quote prefix, which belongs to one cell's text."""
        return self._quoted(index, quoted=False)

    def is_locked(self, index: int) -> bool:
        """Say whether a protected sheet refuses edits of cells with that format."""
        item = self._item(index)
        rule = child(item, "protection") if item is not None else None
        return rule is None or rule.get("locked") not in ("0", "false")

    def _quoted(self, index: int, *, quoted: bool) -> int:
        key = (index, "'" if quoted else "")
        if key not in self._made:
            same = self._is_quoted(index) == quoted
            self._made[key] = index if same else self._merger.with_quote(index, quoted=quoted)
        return self._made[key]

    def _with(self, index: int, code: str) -> int:
        key = (index, code)
        if key not in self._made:
            self._made[key] = self._merger.with_number_format(index, code)
        return self._made[key]

    @cached_property
    def _codes(self) -> dict[int, str]:
        return {
            integer(item.get("numFmtId")): item.get("formatCode") or ""
            for item in children(self.root, "numFmts")
        }

    def _item(self, index: int) -> etree._Element | None:
        # looked up anew: formats are appended while cells are written
        return self._merger.format_at(index)

    def _number_format(self, index: int) -> int:
        item = self._item(index)
        return integer(item.get("numFmtId"), 0) if item is not None else 0

    def _finds_text(self, index: int) -> bool:
        number = self._number_format(index)
        text = number == _TEXT_FORMAT or self._codes.get(number) == "@"
        return text or self._is_quoted(index)

    def _is_quoted(self, index: int) -> bool:
        item = self._item(index)
        return item is not None and item.get("quotePrefix") in ("1", "true")

    def _finds_day(self, index: int) -> bool:
        number = self._number_format(index)
        code = self._codes.get(number)
        if code is None:
            return number in _BUILT_IN_DATES
        plain = _LITERAL.sub("", code).lower()
        return "general" not in plain and bool(re.search("[yd]", plain))
