"""Move the sheets of a workbook that XlsxWriter made, with all they need, into another package.

XlsxWriter's output is regular, so cells are rewritten by pattern and never parsed: style numbers
are mapped, shared strings become inline ones (the user's strings stay untouched), and the group
selection of its first sheet is taken off. Charts, drawings, pictures and links come along under
free part names.
"""

import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from sheetcrm.book.area import Area
from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.formula_text import rename_sheets
from sheetcrm.book.package import Package, Relationship, resolve
from sheetcrm.book.styles import StyleMap
from sheetcrm.book.target import Workbook
from sheetcrm.book.write_rows import Built, XmlRows, put_in
from sheetcrm.book.xmlpart import children, integer, local_name, parse, serialise

DAYS_FROM_1900_TO_1904 = 1462

_FORMAT = re.compile(
    rb'(<c r="[A-Z]+\d+" s="|<row [^>]*? s="|<col [^>]*? style=")(\d+)(?=")',
)
_DIFFERENTIAL = re.compile(rb'( dxfId=")(\d+)(?=")')
_SHARED = re.compile(rb' t="s"><v>(\d+)</v></c>')
_STRING = re.compile(rb"<si>(.*?)</si>|<si/>", re.DOTALL)
_NUMBER = re.compile(
    rb'(<c r="[A-Z]+\d+" s="(\d+)">(?:<f[^>]*>[^<]*</f>)?<v>)([^<]+)(?=</v>)',
)
_NAME = re.compile(r"(.*?)\d*(\.\w+)")
_DATE_CODE = re.compile(r"[ymdh]", re.IGNORECASE)
_NOT_DATE = re.compile(r'"[^"]*"|\\.|\[(?!h|m|s)[^\]]*\]', re.IGNORECASE)
_BUILT_IN_DATES = frozenset((14, 15, 16, 17, 22))
_FORMULAS = frozenset(("f", "formula", "formula1", "formula2"))
_UNSUPPORTED = ("/table", "/comments", "/vmlDrawing", "/pivotTable", "/slicer")


@dataclass(frozen=True)
class Made:
    """The workbook our tabs were built in.

    `rows` are its long lists, `areas` those that people fill in, both by sheet part.
    """

    book: Workbook
    styles: etree._Element
    rows: Mapping[str, tuple[XmlRows, ...]] = field(default_factory=dict)
    areas: Mapping[str, tuple[Area, ...]] = field(default_factory=dict)

    @property
    def package(self) -> Package:
        """Its package."""
        return self.book.package

    def formats_in_use(self) -> tuple[range, range]:
        """Return the cell formats and the differential formats that its sheets use.

        XlsxWriter writes no others; its first cell format is that of cells without one.
        """
        formats, differential = (
            len(list(children(self.styles, tag))) for tag in ("cellXfs", "dxfs")
        )
        return range(1, formats), range(differential)

    def date_formats(self) -> frozenset[int]:
        """Return the cell formats that show a calendar date."""
        codes = {
            integer(item.get("numFmtId")): item.get("formatCode") or ""
            for item in children(self.styles, "numFmts")
        }
        dates = _BUILT_IN_DATES | {number for number, code in codes.items() if _is_date(code)}
        return frozenset(
            index
            for index, item in enumerate(children(self.styles, "cellXfs"))
            if integer(item.get("numFmtId")) in dates
        )

    def strings(self) -> list[bytes]:
        """Return the content of every shared string, as XML."""
        part = self.package.related(self.book.key, "/sharedStrings")
        return [m[1] or b"" for m in _STRING.finditer(self.package.read(part))] if part else []


def read_made(built: Built) -> Made:
    """Open the workbook our tabs were built in.

    Raises:
        ValueError: It uses what cannot be carried: tables, comments, dynamic arrays.
    """
    package = Package(built.data, "工作簿")
    workbook = package.related("", "/officeDocument")
    if workbook is None:
        raise ValueError("no workbook in the made package")
    book = Workbook(package, workbook, package.xml(workbook))
    if package.related(workbook, "/sheetMetadata"):
        raise ValueError("dynamic arrays cannot be carried")
    for sheet in book.sheets:
        for link in package.relationships(sheet.part):
            if link.type.endswith(_UNSUPPORTED):
                raise ValueError(f"sheet {sheet.name!r} has {link.type.rpartition('/')[2]}")
    styles = package.related(workbook, "/styles")
    if styles is None:
        raise ValueError("no styles in the made package")
    rows = {sheet.part: built.rows.get(sheet.name, ()) for sheet in book.sheets}
    areas = {sheet.part: built.areas.get(sheet.name, ()) for sheet in book.sheets}
    return Made(book, package.xml(styles), rows, areas)


@dataclass(frozen=True)
class Carried:
    """A sheet with marks in the place of its long lists, and these."""

    sheet: bytes
    rows: tuple[XmlRows, ...]


@dataclass
class Carrier:
    """Carries parts into `into`.

    Args:
        made: Where the parts come from.
        into: The package they go to; changed.
        folder: The folder of the user's workbook part, "" for the package's root.
        taken: Keys no new part may take; grows.
        styles: Where the cell formats went.
        renamed: Sheets that get another name: old name in lower case -> new name.
        date1904: Whether the user's workbook counts days from 1904.
        carried: The sheets that were carried, by the name they got; grows.
    """

    made: Made
    into: Package
    folder: str
    taken: set[str]
    styles: StyleMap
    renamed: Mapping[str, str]
    date1904: bool
    carried: dict[str, Carried] = field(default_factory=dict)
    _done: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._strings: Sequence[bytes] = self.made.strings()
        self._dates = self.made.date_formats() if self.date1904 else frozenset()

    def carry(self, part: str) -> str:
        """Copy a part and everything it relates to; return the name it got."""
        if part in self._done:
            return self._done[part]
        source = self.made.package
        name = self._done[part] = self._free_name(source.stored_name(part))
        data, rows = source.read(part), self.made.rows.get(part, ())
        if source.content_type(part).endswith("worksheet+xml"):
            data = self._rewrite_sheet(data)
            rows = tuple(self._rewritten(each) for each in rows)
        if self.renamed and part.endswith(".xml"):
            data = _rename_inside(data, self.renamed)
        if rows:
            self.carried[name] = Carried(data, rows)
            data = put_in(data, rows)
        key = self.into.put(name, data, source.content_type(part))
        links = [self._carried_link(part, name, link) for link in source.relationships(part)]
        if links:
            self.into.put_relationships(key, links)
        return name

    def _carried_link(self, part: str, name: str, link: Relationship) -> Relationship:
        if link.external:
            return link
        found = self.made.package.find(resolve(part, link.target))
        if found is None:
            raise ValueError(f"{part} points at a missing part: {link.target}")
        target = posixpath.relpath(self.carry(found), posixpath.dirname(name) or ".")
        return Relationship(link.id, link.type, target, external=False)

    def _free_name(self, name: str) -> str:
        folder = posixpath.relpath(posixpath.dirname(name), "xl")
        match = _NAME.fullmatch(posixpath.basename(name))
        if match is None:
            raise ValueError(f"unexpected part name: {name}")
        number = 1
        while True:
            free = posixpath.join(self.folder, folder, f"{match[1]}{number}{match[2]}")
            if part_key(free) not in self.taken:
                self.taken.add(part_key(free))
                return free
            number += 1

    def _rewrite_sheet(self, data: bytes) -> bytes:
        strings = self._strings
        data = self._rewrite_cells(data)
        data = _renumbered(_DIFFERENTIAL, data, self.styles.differential)
        data = _SHARED.sub(lambda m: b' t="inlineStr"><is>%s</is></c>' % strings[int(m[1])], data)
        return data.replace(b' tabSelected="1"', b"", 1)

    def _rewritten(self, rows: XmlRows) -> XmlRows:
        if self._dates:
            return rows.rewritten(self._rewrite_cells)
        return rows.with_formats(self.styles.formats)

    def _rewrite_cells(self, data: bytes) -> bytes:
        if self._dates:
            data = _NUMBER.sub(self._since_1904, data)
        return _renumbered(_FORMAT, data, self.styles.formats)

    def _since_1904(self, match: re.Match[bytes]) -> bytes:
        value = float(match[3])
        if int(match[2]) not in self._dates or value < DAYS_FROM_1900_TO_1904:
            return match[0]
        return match[1] + f"{value - DAYS_FROM_1900_TO_1904:.16G}".encode()


def _renumbered(pattern: re.Pattern[bytes], data: bytes, numbers: Mapping[int, int]) -> bytes:
    """Map the second group of every match."""
    parts = pattern.split(data)
    new = {old: b"%d" % numbers[int(old)] for old in set(parts[2::3])}
    parts[2::3] = [new[old] for old in parts[2::3]]
    return b"".join(parts)


def _is_date(code: str) -> bool:
    plain = _NOT_DATE.sub("", code)
    return "[" not in plain and _DATE_CODE.search(plain) is not None and "General" not in plain


def _rename_inside(data: bytes, renamed: Mapping[str, str]) -> bytes:
    root = parse(data)
    for item in root.iter():
        if local_name(item) in _FORMULAS and item.text:
            item.text = rename_sheets(item.text, renamed)
        elif local_name(item) == "hyperlink" and item.get("location"):
            item.set("location", rename_sheets(item.get("location") or "", renamed))
    return serialise(root)
