"""Append cell formats to a workbook's styles without disturbing one that is there.

`merge_styles` takes the formats that carried cells use and returns where each now is. Everything
equal to an existing entry is shared, so repeated runs add nothing. Format 0 stays the user's own
Normal.
"""

from collections.abc import Collection, Iterable, Sequence
from copy import deepcopy
from dataclasses import dataclass, field
from itertools import islice

from lxml import etree

from sheetcrm.book.xmlpart import (
    MAIN,
    STYLES_ORDER,
    children,
    descendants,
    ensure_child,
    integer,
    local_name,
)

LARGEST_FORMAT_COUNT = 64_000
"""Cell formats in one workbook (Excel specifications and limits)."""

_FIRST_CUSTOM_FORMAT = 164  # below are Excel's and WPS's own number formats
_APPLIED = ("applyNumberFormat", "applyFont", "applyFill", "applyBorder")

EMPTY_STYLES = (
    f'<styleSheet xmlns="{MAIN}">'
    '<fonts count="1"><font><sz val="11"/><name val="Calibri"/><family val="2"/></font></fonts>'
    '<fills count="2"><fill><patternFill patternType="none"/></fill>'
    '<fill><patternFill patternType="gray125"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/></cellXfs>'
    '<cellStyles count="1"><cellStyle name="Normal" xfId="0" builtinId="0"/></cellStyles>'
    "</styleSheet>"
).encode()
"""What a workbook without a styles part gets; also fills gaps in an incomplete one."""


class TooManyFormats(ValueError):
    """The workbook has no room for more cell formats."""


@dataclass(frozen=True)
class StyleMap:
    """Where formats went: old index -> new index; `changed` if the user's tree was appended to."""

    formats: dict[int, int]
    differential: dict[int, int]
    changed: bool


@dataclass
class _Pool:
    """One list of the style sheet (fonts, fills, ...), appended to without repeats."""

    items: etree._Element
    places: dict[object, int] = field(default_factory=dict)
    grown: bool = False

    def __post_init__(self) -> None:
        entries = [item for item in self.items if isinstance(item.tag, str)]
        for index, item in enumerate(entries):
            self.places.setdefault(_canonical(item), index)
        self.size = len(entries)

    def place(self, item: etree._Element) -> int:
        """Return the index of an equal entry, appending one if there is none."""
        key = _canonical(item)
        if key not in self.places:
            _append_copy(self.items, item)
            self.places[key], self.size, self.grown = self.size, self.size + 1, True
            self.items.set("count", str(self.size))
        return self.places[key]


def merge_styles(
    user: etree._Element,
    ours: etree._Element,
    formats: Collection[int],
    differential: Collection[int],
) -> StyleMap:
    """Append to the user's style sheet what our cells and conditional formats need.

    Args:
        user: The tree of the user's styles part; changed in place.
        ours: The tree of the styles part our indexes point into.
        formats: Indexes of cell formats (`s=`) in use.
        differential: Indexes of differential formats (`dxfId=`) in use.

    Raises:
        TooManyFormats: The workbook's limit is reached.
    """
    merger = Merger(user, ours)
    format_map = {0: 0} | merger.cell_formats(sorted(set(formats) - {0}))
    return StyleMap(format_map, merger.differential_formats(sorted(differential)), merger.changed)


class Merger:
    """Appends to one style sheet (`user`) what is taken from another, or made from its own."""

    def __init__(self, user: etree._Element, ours: etree._Element) -> None:
        self._user, self._ours = user, ours
        self._pools: dict[str, _Pool] = {}
        self._parts: dict[tuple[str, int], str] = {}
        self._completed = False
        self._codes = {
            item.get("numFmtId") or "": item.get("formatCode") or ""
            for item in children(ours, "numFmts")
        }

    @property
    def changed(self) -> bool:
        """Whether the user's tree was appended to."""
        return self._completed or any(pool.grown for pool in self._pools.values())

    def with_number_format(self, index: int, code: str) -> int:
        """Return the user's cell format at `index` with another number format, appended if new.

        Raises:
            TooManyFormats: The workbook's limit is reached.
        """
        item = self._copy_of(index)
        built_in = {"General": "0", "@": "49"}.get(code)
        item.set("numFmtId", built_in or self._number_format(code))
        item.set("applyNumberFormat", "1")
        if "quotePrefix" in item.attrib:
            del item.attrib["quotePrefix"]
        return self._place_own(item)

    def with_quote(self, index: int, *, quoted: bool) -> int:
        """Return the user's cell format at `index` with or without Excel's quote prefix.

        Raises:
            TooManyFormats: The workbook's limit is reached.
        """
        item = self._copy_of(index)
        if quoted:
            item.set("quotePrefix", "1")
        elif "quotePrefix" in item.attrib:
            del item.attrib["quotePrefix"]
        return self._place_own(item)

    def format_at(self, index: int) -> etree._Element | None:
        """Return the user's cell format at `index`, None where there is none."""
        return next(islice(children(self._user, "cellXfs"), index, None), None)

    def _copy_of(self, index: int) -> etree._Element:
        self._pool("cellXfs")  # made if missing
        item = self.format_at(index)
        return deepcopy(next(children(self._user, "cellXfs")) if item is None else item)

    def _place_own(self, item: etree._Element) -> int:
        pool = self._pool("cellXfs")
        place = pool.place(item)
        if pool.size > LARGEST_FORMAT_COUNT:
            raise TooManyFormats
        return place

    def cell_formats(self, indexes: Sequence[int]) -> dict[int, int]:
        """Take over cell formats; return old index -> new index."""
        if not indexes:
            return {}
        source = list(children(self._ours, "cellXfs"))
        self._pool("cellStyleXfs")
        placed = {index: self._place_format(source[index]) for index in indexes}
        if self._pool("cellXfs").size > LARGEST_FORMAT_COUNT:
            raise TooManyFormats
        return placed

    def differential_formats(self, indexes: Sequence[int]) -> dict[int, int]:
        """Take over differential formats; return old index -> new index."""
        if not indexes:
            return {}
        source, placed = list(children(self._ours, "dxfs")), {}
        for index in indexes:
            item = deepcopy(source[index])
            for number in descendants(item, "numFmt"):
                code = number.get("formatCode") or ""
                if integer(number.get("numFmtId")) >= _FIRST_CUSTOM_FORMAT:
                    number.set("numFmtId", self._number_format(code))
            placed[index] = self._pool("dxfs").place(item)
        return placed

    def _place_format(self, source: etree._Element) -> int:
        item = deepcopy(source)
        for attribute, name in (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders")):
            item.set(attribute, self._part(name, integer(item.get(attribute), 0)))
        number = item.get("numFmtId") or "0"
        if number in self._codes:
            item.set("numFmtId", self._number_format(self._codes[number]))
        item.set("xfId", "0")
        # without these a reader may take the part from the user's Normal style instead
        for attribute in _APPLIED:
            item.set(attribute, "1")
        return self._pool("cellXfs").place(item)

    def _part(self, name: str, index: int) -> str:
        """Return where a font, fill or border is now; many formats have the same."""
        if (name, index) not in self._parts:
            entry = list(children(self._ours, name))[index]
            self._parts[name, index] = str(self._pool(name).place(entry))
        return self._parts[name, index]

    def _number_format(self, code: str) -> str:
        known = {item.get("formatCode"): item for item in children(self._user, "numFmts")}
        if code in known:
            return known[code].get("numFmtId") or "0"
        everywhere = self._user.iter(f"{{{MAIN}}}numFmt")  # those of dxfs share the numbers
        used = [integer(item.get("numFmtId"), 0) for item in everywhere]
        number = str(max([_FIRST_CUSTOM_FORMAT - 1, *used]) + 1)
        item = etree.Element(f"{{{MAIN}}}numFmt", numFmtId=number, formatCode=code)
        self._pool("numFmts").place(item)
        return number

    def _pool(self, name: str) -> _Pool:
        if name not in self._pools:
            items = ensure_child(self._user, name, STYLES_ORDER)
            if len(items) == 0:
                self._fill(items, children(_parsed_empty(), name))
            self._pools[name] = _Pool(items)
        return self._pools[name]

    def _fill(self, items: etree._Element, defaults: Iterable[etree._Element]) -> None:
        # a list that must not be empty gets Excel's default entries; index 0 is Normal's
        for item in defaults:
            _append_copy(items, item)
            items.set("count", str(len(items)))
            self._completed = True


def _parsed_empty() -> etree._Element:
    return etree.fromstring(EMPTY_STYLES)


def _canonical(item: etree._Element) -> object:
    """Return a comparable form: names without prefix, attributes sorted, blank text dropped."""
    attributes = tuple(sorted((str(k).rpartition("}")[2], v) for k, v in item.attrib.items()))
    inside = tuple(_canonical(part) for part in item if isinstance(part.tag, str))
    return local_name(item), attributes, inside, (item.text or "").strip()


def _append_copy(parent: etree._Element, item: etree._Element) -> None:
    """Append a copy that is spelt with the prefix the user's part has for its namespace."""
    copy = etree.SubElement(parent, item.tag)
    copy.text = item.text
    for name, value in item.attrib.items():
        copy.set(name, value)
    for part in item:
        if isinstance(part.tag, str):
            _append_copy(copy, part)
