"""What a package says about its sheets: order, parts, state, defined names."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from sheetcrm.book.container import RESAVE
from sheetcrm.book.package import relationships_name, resolve
from sheetcrm.book.xmlpart import attribute, descendants, parse
from sheetcrm.errors import FileProblem

# ECMA-376 part 1 (transitional) and its strict twin use different URIs for the same relationship
_OFFICE_DOCUMENT = re.compile(r"/relationships/officeDocument$")


@dataclass(frozen=True)
class SheetEntry:
    """One `<sheet>` of workbook.xml: `part` is "" where there is none, `kind` its relationship."""

    name: str
    part: str
    state: str = "visible"
    kind: str = "worksheet"

    @property
    def is_worksheet(self) -> bool:
        """Say whether it has cells: not a chart, dialog or macro sheet."""
        return self.kind == "worksheet"


@dataclass(frozen=True)
class Outline:
    """The sheets in order and the defined names.

    `names` maps (name in lower case, index of its sheet or None) to the formula text.
    """

    sheets: tuple[SheetEntry, ...]
    names: Mapping[tuple[str, int | None], str]
    workbook_part: str = "xl/workbook.xml"

    def name(self, text: str, sheet: int) -> str | None:
        """Return what a defined name stands for on that sheet; a sheet's own name wins."""
        key = text.casefold()
        return self.names.get((key, sheet)) or self.names.get((key, None))


def relationships(part: str, data: bytes) -> dict[str, tuple[str, str]]:
    """Return id -> (type, part it points to) of the .rels part of `part`; no links out of it.

    Raises:
        BadXml: The .rels part is not well-formed.
    """
    found = {}
    for rel in descendants(parse(data), "Relationship"):
        target = rel.get("Target") or ""
        if target.partition("#")[0] and rel.get("TargetMode") != "External":
            leads_to = unquote(resolve(part, target))
            found[rel.get("Id") or ""] = (rel.get("Type") or "", leads_to)
    return found


def outline(read: Callable[[str], bytes | None], path: str) -> Outline:
    """Read the outline of a package.

    Args:
        read: Returns a part's bytes by name, None where there is no such part.
        path: The file as the user named it, for messages.

    Raises:
        FileProblem: There is no workbook in the package, or its description is damaged.
    """
    try:
        workbook_part = _workbook_part(read)
        workbook = read(workbook_part)
        if workbook is None:
            raise FileProblem(path, "文件里没有工作簿内容，可能已损坏或不是 Excel 文件", RESAVE)
        rels = read(relationships_name(workbook_part))
        targets = relationships(workbook_part, rels) if rels else {}
        return _outline(parse(workbook), targets, workbook_part)
    except ValueError as error:
        raise FileProblem(path, "工作簿的目录信息已损坏", RESAVE) from error


def _workbook_part(read: Callable[[str], bytes | None]) -> str:
    root = read("_rels/.rels")
    for kind, target in (relationships("", root) if root else {}).values():
        if _OFFICE_DOCUMENT.search(kind):
            return target
    return "xl/workbook.xml"


def _outline(
    workbook: etree._Element, targets: Mapping[str, tuple[str, str]], workbook_part: str
) -> Outline:
    names: dict[tuple[str, int | None], str] = {}
    for element in descendants(workbook, "definedName"):
        name, scope = element.get("name") or "", element.get("localSheetId")
        index = int(scope) if scope is not None and scope.isdigit() else None
        names[name.casefold(), index] = element.text or ""
    sheets = []
    for element in descendants(workbook, "sheet"):
        kind, part = targets.get(attribute(element, "id"), ("worksheet", ""))
        sheets.append(
            SheetEntry(
                name=element.get("name") or "",
                part=part,
                state=element.get("state") or "visible",
                kind=kind.rpartition("/")[2],
            )
        )
    return Outline(tuple(sheets), names, workbook_part)
