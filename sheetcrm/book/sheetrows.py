"""What the cells of a sheet hold, seen by somebody who wants to write below a table."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from sheetcrm.book.area import Area, cell_area
from sheetcrm.book.cellplaces import Element, SheetText, attribute, index_of
from sheetcrm.book.references import moved
from sheetcrm.book.sheetnodes import plain

Strings = Callable[[], Sequence[str]]


@dataclass(frozen=True)
class Formula:
    """The formula of a cell: `text` is None where it cannot be known or copied.

    `kind` is its type: "" for a plain one, shared, array or dataTable.
    """

    element: Element
    kind: str
    text: str | None


@dataclass(frozen=True)
class View:
    """One cell as it is: `text` is what it shows, as far as the part says so."""

    element: Element
    text: str
    is_number: bool
    formula: Formula | None

    @property
    def style(self) -> int:
        """Its cell format."""
        index = self.element.get(b"s")
        return int(index) if index and index.isdigit() else 0


@dataclass(frozen=True)
class _Master:
    row: int
    column: int
    text: str
    area: Area


@dataclass
class SheetRows:
    """The rows of one sheet part, looked at one by one.

    Args:
        part: The sheet part.
        strings: Gives the shared strings; called only when a cell refers to them.
    """

    part: SheetText
    strings: Strings
    _views: dict[int, Mapping[int, View]] = field(default_factory=dict)

    def cells(self, number: int) -> Mapping[int, View]:
        """Return the cells of a row by column; none where the part has no such row."""
        if number not in self._views:
            row = self.part.rows.numbered(number)
            found = [] if row is None else self.part.cells(row)
            self._views[number] = {cell.number: self._view(number, cell) for cell in found}
        return self._views[number]

    def style_of(self, row: int, column: int) -> int:
        """Return the format a cell has, or would have: its own, its row's, else its column's."""
        cell, element = self.cells(row).get(column), self.part.rows.numbered(row)
        if cell is not None:
            return cell.style
        if element is not None and element.get(b"customFormat") in (b"1", b"true"):
            return index_of(element.get(b"s"))
        return self.column_style(column)

    def column_style(self, column: int) -> int:
        """Return the format of a column's untouched cells."""
        for first, last, style in self._column_styles:
            if first <= column <= last:
                return style
        return 0

    @cached_property
    def _column_styles(self) -> list[tuple[int, int, int]]:
        found = self.part.elements(b"col", 0, self.part.data.start)
        return [
            (index_of(c.get(b"min")), index_of(c.get(b"max")), index_of(c.get(b"style")))
            for c in found
        ]

    def _view(self, row: int, cell: Element) -> View:
        kind, part = cell.get(b"t") or b"n", self.part
        if cell.is_empty:
            return View(cell, "", is_number=False, formula=None)
        value = next(part.elements(b"v", cell.inner, cell.close), None)
        raw = b"" if value is None else part.text[value.inner : value.close].strip()
        formula = next(part.elements(b"f", cell.inner, cell.close), None)
        if kind == b"s":
            text = self._shared(raw)
        elif kind == b"inlineStr":
            runs = part.elements(b"t", cell.inner, cell.close)
            text = "".join(plain(part.text[run.inner : run.close]) for run in runs)
        else:
            text = plain(raw)
        found = None if formula is None else self._formula(row, cell.number, formula)
        return View(cell, text.strip(), is_number=bool(raw) and kind == b"n", formula=found)

    def _shared(self, raw: bytes) -> str:
        at, strings = index_of(raw), self.strings()
        return strings[at] if raw.isdigit() and at < len(strings) else "?"

    def _formula(self, row: int, column: int, element: Element) -> Formula:
        kind = (element.get(b"t") or b"").decode("ascii", "replace")
        kind = "" if kind == "normal" else kind
        text: str | None = self.formula_text(element)
        if kind == "shared" and not text:
            text = self._expanded(element.get(b"si"), row, column)
        elif kind in ("array", "dataTable"):
            text = None
        return Formula(element, kind, text)

    def formula_text(self, element: Element) -> str:
        """Return what stands in an `<f>` element; "" where it is empty."""
        raw = self.part.text[element.inner : element.close]
        if raw.startswith(b"<![CDATA[") and raw.endswith(b"]]>"):
            return raw[9:-3].decode("utf-8", "surrogateescape")
        return plain(raw)

    def _expanded(self, number: bytes | None, row: int, column: int) -> str | None:
        here = Area(row, column, row, column)
        for master in reversed(self._masters.get(number or b"", ())):
            if master.area.meets(here):
                return moved(master.text, row - master.row, column - master.column)
        return None

    @cached_property
    def _masters(self) -> dict[bytes, list[_Master]]:
        """The formulas that others repeat, by their number; those of cells without a name not."""
        found: dict[bytes, list[_Master]] = {}
        part = self.part
        if b"shared" not in part.mask:
            return found
        for element in part.elements(b"f", part.data.inner, part.data.close):
            if element.get(b"t") != b"shared" or element.is_empty:
                continue
            start = part.mask.rfind(b"<" + part.prefix + b"c", part.data.inner, element.start)
            place = _named(attribute(part.mask[start : element.start], b"r"))
            area = _named(element.get(b"ref"))
            text = self.formula_text(element)
            if place and area and text:
                key = element.get(b"si") or b""
                found.setdefault(key, []).append(_Master(place.top, place.left, text, area))
        return found


def _named(reference: bytes | None) -> Area | None:
    return cell_area((reference or b"").decode("ascii", "replace"))
