"""A workbook opened for linting: its parts as trees, and addresses as rectangles."""

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, TypeAlias

from lxml import etree

from sheetcrm.book.area import Area, cell_areas
from sheetcrm.book.outline import Outline, outline, relationships
from sheetcrm.book.package import part_key, relationships_name
from sheetcrm.book.xmlpart import BadXml, descendants, parse, unescaped

Level: TypeAlias = Literal["error", "warning"]


@dataclass(frozen=True)
class LintFinding:
    """One rule a workbook breaks: `text` says it in Chinese, `cell` is "" for a whole part.

    "error": Excel repairs the file, refuses it or drops what is there. "warning": Excel opens it,
    but shows something else than was meant.
    """

    rule: str
    part: str
    cell: str
    text: str
    level: Level = "error"


@dataclass(frozen=True)
class Sheet:
    """One worksheet: its name, its part and the part as a tree."""

    name: str
    part: str
    root: etree._Element = field(repr=False)

    @cached_property
    def merged(self) -> tuple[Area, ...]:
        """The merged ranges."""
        return tuple(cell_areas(m.get("ref") for m in descendants(self.root, "mergeCell")))


@dataclass(frozen=True)
class LintBook:
    """The parts of a package, parsed once; `broken` are those that are not well formed."""

    names: Sequence[str]
    data: Mapping[str, bytes] = field(repr=False)
    trees: Mapping[str, etree._Element] = field(repr=False)
    broken: Mapping[str, str]
    outline: Outline
    wanted: frozenset[str] | None = None

    @cached_property
    def sheet_names(self) -> frozenset[str]:
        """All sheet names in lower case."""
        return frozenset(entry.name.casefold() for entry in self.outline.sheets)

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """The worksheets to lint."""
        return tuple(
            Sheet(entry.name, entry.part, self.trees[entry.part])
            for entry in self.outline.sheets
            if entry.is_worksheet
            and entry.part in self.trees
            and (self.wanted is None or entry.name in self.wanted)
        )

    @cached_property
    def workbook(self) -> etree._Element | None:
        """The workbook part."""
        return self.trees.get(self.outline.workbook_part)

    @cached_property
    def styles(self) -> etree._Element | None:
        """The style sheet, None where there is none."""
        return self._related("/styles")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        """The shared strings."""
        root = self._related("/sharedStrings")
        return tuple(text_of(item) for item in descendants(root, "si")) if root is not None else ()

    def targets(self, part: str) -> dict[str, tuple[str, str]]:
        """Return id -> (type, part) of a part's relationships within the package."""
        name = relationships_name(part)
        if name not in self.data or name in self.broken:
            return {}
        return relationships(part, self.data[name])

    def _related(self, kind: str) -> etree._Element | None:
        for type_, part in self.targets(self.outline.workbook_part).values():
            if type_.endswith(kind):
                return self.trees.get(part)
        return None


def open_for_lint(data: bytes, wanted: frozenset[str] | None) -> LintBook:
    """Open a package.

    Raises:
        zipfile.BadZipFile: Not a package.
        FileProblem: It has no readable workbook.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        names = [info.filename for info in package.infolist() if not info.is_dir()]
        parts = {name.replace("\\", "/").lstrip("/"): package.read(name) for name in names}
    by_key = {part_key(name): name for name in parts}
    book = outline(lambda name: parts.get(by_key.get(part_key(name), "")), "")
    skipped = {
        entry.part for entry in book.sheets if wanted is not None and entry.name not in wanted
    }
    trees, broken = {}, {}
    for name, content in parts.items():
        if name.endswith((".xml", ".rels")) and name not in skipped:
            try:
                trees[name] = parse(content)
            except BadXml as error:
                broken[name] = str(error)
    return LintBook(names, parts, trees, broken, book, wanted)


def text_of(element: etree._Element) -> str:
    """Return the text of a shared or inline string, phonetic runs left out."""
    runs = (
        t.text or ""
        for t in descendants(element, "t")
        if (parent := t.getparent()) is None or not str(parent.tag).endswith("}rPh")
    )
    return unescaped("".join(runs))
