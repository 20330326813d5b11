"""The cell formats of a user's workbook: what one shows, and its like for another kind of value."""

import re
from functools import cached_property

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

    def is_locked(self, index: int) -> bool:
        """Say whether a protected sheet refuses edits of cells with that format."""
        item = self._item(index)
        rule = child(item, "protection") if item is not None else None
        return rule is None or rule.get("locked") not in ("0", "false")

    def _with(self, index: int, code: str) -> int:
        key = (index, code)
        if key not in self._made:
            self._made[key] = self._merger.with_number_format(index, code)
        return self._made[key]

    @cached_property
    def _items(self) -> list[etree._Element]:
        return list(children(self.root, "cellXfs"))

    @cached_property
    def _codes(self) -> dict[int, str]:
        return {
            integer(item.get("numFmtId")): item.get("formatCode") or ""
            for item in children(self.root, "numFmts")
        }

    def _item(self, index: int) -> etree._Element | None:
        return self._items[index] if index < len(self._items) else None

    def _number_format(self, index: int) -> int:
        item = self._item(index)
        return integer(item.get("numFmtId"), 0) if item is not None else 0

    def _is_text(self, index: int) -> bool:
        item, number = self._item(index), self._number_format(index)
        quoted = item is not None and item.get("quotePrefix") in ("1", "true")
        return quoted or number == _TEXT_FORMAT or self._codes.get(number) == "@"

    def _shows_day(self, index: int) -> bool:
        number = self._number_format(index)
        code = self._codes.get(number)
        if code is None:
            return number in _BUILT_IN_DATES
        plain = _LITERAL.sub("", code).lower()
        return "general" not in plain and bool(re.search("[yd]", plain))
