"""What a package says about its sheets: order, parts, state, defined names."""

import posixpath
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import unquote

from lxml import etree

from sheetcrm.errors import FileProblem

REMEDY = "请用 Excel 或 WPS 打开它，另存为 .xlsx 后再试"
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


def parse_xml(data: bytes) -> etree._Element:
    """Parse a part without entities, network or size surprises.

    Raises:
        lxml.etree.XMLSyntaxError: The part is not well formed.
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    return etree.fromstring(data, parser)


def children(element: etree._Element, tag: str) -> list[etree._Element]:
    """Return the descendants of that local name, whatever the namespace."""
    return list(element.iter(f"{{*}}{tag}"))


def attribute(element: etree._Element, local: str) -> str:
    """Return an attribute by its local name, whatever the namespace ("" where it is absent)."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == local:
            return str(value)
    return ""


def relationships(part: str, data: bytes) -> dict[str, tuple[str, str]]:
    """Return id -> (type, part it points to) of a .rels part; no links to the outside."""
    found = {}
    for rel in children(parse_xml(data), "Relationship"):
        if rel.get("TargetMode") == "External":
            continue
        target = unquote((rel.get("Target") or "").partition("#")[0]).replace("\\", "/")
        if not target:
            continue
        path = posixpath.join("/" + posixpath.dirname(part), target)
        found[rel.get("Id") or ""] = (rel.get("Type") or "", posixpath.normpath(path).lstrip("/"))
    return found


def rels_part(part: str) -> str:
    """Return the name of the relationships part that belongs to `part`."""
    folder, base = posixpath.split(part)
    return posixpath.join(folder, "_rels", base + ".rels")


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
            raise FileProblem(path, "文件里没有工作簿内容，可能已损坏或不是 Excel 文件", REMEDY)
        rels = read(rels_part(workbook_part))
        targets = relationships(workbook_part, rels) if rels else {}
        return _outline(parse_xml(workbook), targets, workbook_part)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise FileProblem(path, "工作簿的目录信息已损坏", REMEDY) from error


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
    for element in children(workbook, "definedName"):
        name, scope = element.get("name") or "", element.get("localSheetId")
        index = int(scope) if scope is not None and scope.isdigit() else None
        names[name.casefold(), index] = element.text or ""
    sheets = []
    for element in children(workbook, "sheet"):
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
