"""A workbook opened for linting: parts inflated and parsed only when a rule looks at them.

What is published is mostly what the user had: parts with the bytes of the workbook before are
known and not looked at, and of a sheet that was edited only the rows that are new.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from lxml import etree

from sheetcrm.book.area import Area, cell_areas
from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.lint_formats import date_formats, listed
from sheetcrm.book.lint_links import without_plain_links
from sheetcrm.book.lint_names import folded
from sheetcrm.book.lint_plain import without_plain
from sheetcrm.book.lint_rows import RowsOf, SheetPieces, Texts
from sheetcrm.book.outline import Outline, outline, relationships
from sheetcrm.book.package import relationships_name
from sheetcrm.book.xmlpart import BadXml, descendants, parse
from sheetcrm.book.zipraw import RawZip

Level: TypeAlias = Literal["error", "warning"]

# .vml is not: Excel itself writes some that is not well formed
_XML = (".xml", ".rels")


@dataclass(frozen=True)
class LintFinding:
    """One rule a workbook breaks: `text` says it in Chinese, `cell` is "" for a whole part.

    "error": Excel repairs the file, refuses it or drops what is there. "warning": Excel opens it,
    but shows something else than was meant. `sheet` is the worksheet that the part is, "" if none.
    """

    rule: str
    part: str
    cell: str
    text: str
    level: Level = "error"
    sheet: str = ""


class Archive:
    """The parts of a package by name; each is inflated when it is asked for.

    Raises:
        sheetcrm.book.zipraw.DAMAGED: Not a package.
    """

    def __init__(self, data: bytes) -> None:
        self._zip = RawZip(data)
        entries = [e for e in self._zip.entries if not e.filename.endswith("/")]
        self.spelt = [entry.filename for entry in entries]
        self._entries = {e.filename.replace("\\", "/").lstrip("/"): e for e in entries}
        self._by_key = {part_key(name): name for name in self._entries}

    @property
    def names(self) -> Sequence[str]:
        """The parts in stored order, with `/` between folders."""
        return list(self._entries)

    def find(self, name: str) -> str | None:
        """Return a part's name as it is stored, however it is spelt; None if it is not there."""
        return name if name in self._entries else self._by_key.get(part_key(name))

    def read(self, name: str) -> bytes | None:
        """Return a part's bytes, None where there is no such part."""
        found = self.find(name)
        return None if found is None else self._zip.read(self._entries[found])

    def has_same(self, name: str, other: "Archive") -> bool:
        """Say whether a part is in another package too; compressed bytes are compared first."""
        twin = other.find(name)
        if twin is None:
            return False
        mine, theirs = self._entries[name], other._entries[twin]
        if (mine.CRC, mine.file_size) != (theirs.CRC, theirs.file_size):
            return False
        if self._zip.holds(mine, other._zip.compressed(theirs)):
            return True
        return self._zip.read(mine) == other._zip.read(theirs)


@dataclass(frozen=True)
class Sheet:
    """One worksheet: its name, its part, and the rows of it that are to be looked at."""

    name: str
    part: str
    rows: SheetPieces = field(repr=False)

    @property
    def root(self) -> etree._Element:
        """The sheet as a tree; of its rows only those that tables have their headers in."""
        return self.rows.frame

    @cached_property
    def merged(self) -> tuple[Area, ...]:
        """The merged ranges."""
        return tuple(cell_areas(m.get("ref") for m in descendants(self.root, "mergeCell")))


@dataclass(frozen=True)
class LintBook:
    """A package, and which of its parts are looked at; `broken` are those not well formed.

    Args:
        archive: The package.
        outline: Its sheets and names.
        before: The package as it was; None where everything is new.
        whole: The sheets to look into with all their rows; None for all of them.
    """

    archive: Archive
    outline: Outline
    before: Archive | None = None
    whole: frozenset[str] | None = None
    broken: dict[str, str] = field(default_factory=dict)
    _trees: dict[str, etree._Element | None] = field(default_factory=dict, repr=False)

    @cached_property
    def new(self) -> frozenset[str]:
        """The parts that were not there before with the same bytes."""
        if self.before is None:
            return frozenset(self.archive.names)
        return frozenset(n for n in self.archive.names if not self.archive.has_same(n, self.before))

    @cached_property
    def lost_parts(self) -> bool:
        """Whether parts that were there before are gone."""
        return self.before is not None and any(
            self.archive.find(name) is None for name in self.before.names
        )

    @cached_property
    def looked_at(self) -> tuple[tuple[str, etree._Element], ...]:
        """The new XML parts as trees, of worksheets only those to be looked into."""
        entries = (e.part for e in self.outline.sheets if e.is_worksheet)
        worksheets = {self.archive.find(part) for part in entries}
        found = []
        for name in self.archive.names:
            if name in self.new and name not in worksheets and name.lower().endswith(_XML):
                root = self.tree(name)
                if root is not None:
                    found.append((name, root))
        return (*found, *((sheet.part, sheet.root) for sheet in self.sheets))

    @cached_property
    def present(self) -> frozenset[str]:
        """The names of all parts in lower case."""
        return frozenset(name.casefold() for name in self.archive.names)

    @cached_property
    def sheet_names(self) -> frozenset[str]:
        """All sheet names in lower case."""
        return frozenset(entry.name.casefold() for entry in self.outline.sheets)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The worksheets to look into."""
        found = []
        for entry in self.outline.sheets:
            part = self.archive.find(entry.part) if entry.is_worksheet else None
            wanted = self.whole is None or entry.name in self.whole
            if part is None or not (wanted or self.before) or not self._is_touched(part):
                continue
            data = self.archive.read(part) or b""
            known = None if wanted or self.before is None else self.before.read(part)
            headers = self._header_rows(part)
            if known is None and not headers:
                data = self.without_plain_cells(data)
            try:
                rows = RowsOf(data, known, headers).split()
                found.append(Sheet(entry.name, part, rows))
            except BadXml as error:
                self.broken[part] = str(error)
        return tuple(found)

    def without_plain_cells(self, sheet: bytes) -> bytes:
        """Return a sheet part without cells and links that are looked over in bulk, if sound."""
        rest = without_plain(sheet, self.cell_formats, self.date_formats, self.texts)
        return sheet if rest is None else without_plain_links(rest, self.sheet_names)

    def _is_touched(self, part: str) -> bool:
        """Say whether a sheet, its tables or what it is related to is new."""
        if part in self.new or self.archive.find(relationships_name(part)) in self.new:
            return True
        return any(name in self.new for name, _ in self.tables_of(part))

    def _header_rows(self, part: str) -> frozenset[int]:
        areas = (cell_areas([root.get("ref")]) for _, root in self.tables_of(part))
        return frozenset(area.top for found in areas for area in found)

    @cached_property
    def sheet_of(self) -> Mapping[str, str]:
        """The name of the worksheet that a part is."""
        return {
            found: entry.name
            for entry in self.outline.sheets
            if (found := self.archive.find(entry.part)) is not None
        }

    def tables_of(self, part: str) -> Iterator[tuple[str, etree._Element]]:
        """Yield the table parts of a sheet and their trees."""
        for kind, target in self.targets(part).values():
            root = self.tree(target) if kind.endswith("/table") else None
            if root is not None:
                yield target, root

    def tree(self, name: str) -> etree._Element | None:
        """Return a part as a tree, None where it is missing or not well formed."""
        if name not in self._trees:
            data = self.archive.read(name)
            try:
                self._trees[name] = None if data is None else parse(data)
            except BadXml as error:
                self._trees[name] = None
                self.broken[name] = str(error)
        return self._trees[name]

    @property
    def workbook(self) -> etree._Element | None:
        """The workbook part."""
        return self.tree(self.outline.workbook_part)

    @cached_property
    def styles_part(self) -> str:
        """The name of the style sheet, "" where there is none."""
        return self._related("/styles")

    @property
    def styles(self) -> etree._Element | None:
        """The style sheet, None where there is none."""
        return self.tree(self.styles_part) if self.styles_part else None

    @cached_property
    def cell_formats(self) -> int:
        """How many cell formats there are."""
        return len(listed(self.styles, "cellXfs")) if self.styles is not None else 0

    @cached_property
    def date_formats(self) -> frozenset[str | None]:
        """The indexes of cell formats that show dates."""
        return date_formats(self.styles) if self.styles is not None else frozenset()

    @cached_property
    def defined_names(self) -> frozenset[str]:
        """The defined names as Excel compares them."""
        return frozenset(folded(name) for name, _ in self.outline.names)

    @cached_property
    def external_books(self) -> int:
        """How many other workbooks formulas may refer to."""
        return 0 if self.workbook is None else len(descendants(self.workbook, "externalReference"))

    @cached_property
    def texts(self) -> Texts:
        """The shared strings."""
        part = self._related("/sharedStrings")
        return Texts((self.archive.read(part) if part else None) or b"", is_new=part in self.new)

    def targets(self, part: str) -> Mapping[str, tuple[str, str]]:
        """Return id -> (type, part) of a part's relationships within the package."""
        data = self.archive.read(relationships_name(part))
        try:
            return {} if data is None else relationships(part, data)
        except BadXml:
            return {}

    def _related(self, kind: str) -> str:
        for type_, part in self.targets(self.outline.workbook_part).values():
            if type_.endswith(kind):
                return self.archive.find(part) or ""
        return ""


def open_for_lint(data: bytes, before: bytes | None, whole: Iterable[str] | None) -> LintBook:
    """Open a package.

    Raises:
        sheetcrm.book.zipraw.DAMAGED: Not a package.
        FileProblem: It has no readable workbook.
    """
    archive = Archive(data)
    names = None if whole is None else frozenset(whole)
    known = None if before is None else Archive(before)
    return LintBook(archive, outline(archive.read, ""), known, names)
