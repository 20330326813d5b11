"""Faults across the parts of a package that make Excel offer a repair; for tests.

`faults(data)` returns one short text per fault; compare them before and after a change. Opening in
LibreOffice, openpyxl or calamine notices hardly any of these. It shares no rule with
`sheetcrm.book.lint`, which looks at what we publish: neither can hide a mistake of the other.
"""

import io
import posixpath
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import unquote

from lxml import etree

from sheetcrm.book.xmlpart import SHEET_ORDER, STYLES_ORDER, WORKBOOK_ORDER
from sheetcrm.table import column_number

_NEEDED_TYPES = {
    "worksheet": "worksheet+xml",
    "chartsheet": "chartsheet+xml",
    "styles": "styles+xml",
    "sharedStrings": "sharedStrings+xml",
    "chart": "drawingml.chart+xml",
    "drawing": "drawing+xml",
    "table": "spreadsheetml.table+xml",
    "comments": "comments+xml",
    "calcChain": "calcChain+xml",
}


@dataclass
class _Opened:
    """The package, its trees, and the faults found on the way."""

    names: dict[str, bytes]
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.trees: dict[str, etree._Element] = {}
        for name, data in self.names.items():
            if name.endswith((".xml", ".rels")):
                try:
                    self.trees[name] = etree.fromstring(
                        data, etree.XMLParser(resolve_entities=False, huge_tree=True)
                    )
                except etree.XMLSyntaxError:
                    self.faults.append(f"not well-formed: {name}")

    def links(self, name: str) -> list[tuple[str, str, str, bool]]:
        folder, base = posixpath.split(name)
        root = self.trees.get(posixpath.join(folder, "_rels", f"{base}.rels"))
        if root is None:
            return []
        return [
            (
                item.get("Id") or "",
                (item.get("Type") or "").rpartition("/")[2],
                self.resolve(name, item.get("Target") or ""),
                item.get("TargetMode") == "External",
            )
            for item in root
            if isinstance(item.tag, str)
        ]

    def resolve(self, source: str, target: str) -> str:
        path = target.partition("#")[0].replace("\\", "/")
        if not path.startswith("/"):
            path = posixpath.join(posixpath.dirname(source), path)
        key = posixpath.normpath(path).lstrip("/.").lower()
        return key if key in self.names else unquote(key)


def faults(data: bytes) -> list[str]:
    """Return every fault found, sorted."""
    found: list[str] = []
    content: dict[str, bytes] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        entries = [info for info in package.infolist() if not info.filename.endswith("/")]
        keys = [info.filename.replace("\\", "/").lstrip("/").lower() for info in entries]
        for key, info in zip(keys, entries, strict=True):
            try:
                content[key] = package.read(info)
            except (zipfile.BadZipFile, zlib.error):
                found.append(f"broken entry: {key}")
    opened = _Opened(content, found)
    found += [f"two entries: {key}" for key, count in Counter(keys).items() if count > 1]
    found += _content_types(opened)
    found += _relationships(opened)
    workbook = next((t for _, kind, t, _ in opened.links("") if kind == "officeDocument"), "")
    if workbook not in opened.trees:
        return sorted([*found, "no workbook"])
    found += _workbook(opened, workbook)
    found += _styles_and_cells(opened, workbook)
    found += _tables(opened)
    found += _drawings(opened)
    return sorted(found)


def _local(item: etree._Element) -> str:
    return etree.QName(item).localname if isinstance(item.tag, str) else ""


def _inside(root: etree._Element, name: str) -> list[etree._Element]:
    for item in root:
        if _local(item) == name:
            return [inner for inner in item if isinstance(inner.tag, str)]
    return []


def _number(text: str | None) -> int:
    return int(text) if text is not None and re.fullmatch(r"-?\d+", text) else 0


def _repeated(values: list[str], what: str) -> Iterator[str]:
    yield from (f"{what} twice: {v}" for v, count in Counter(values).items() if count > 1)


def _ordered(root: etree._Element, order: list[str], where: str) -> Iterator[str]:
    places = [order.index(_local(item)) for item in root if _local(item) in order]
    if places != sorted(places):
        yield f"children out of order: {where}"


def _types(opened: _Opened) -> tuple[dict[str, str], dict[str, str]]:
    overrides, defaults = {}, {}
    for item in opened.trees.get("[content_types].xml", []):
        kind = item.get("ContentType") or ""
        if _local(item) == "Override":
            overrides[unquote(item.get("PartName") or "").lstrip("/").lower()] = kind
        elif _local(item) == "Default":
            defaults[(item.get("Extension") or "").lower()] = kind
    return overrides, defaults


def _content_types(opened: _Opened) -> Iterator[str]:
    root = opened.trees.get("[content_types].xml")
    if root is None:
        yield "no content types"
        return
    overrides, defaults = _types(opened)
    named = [(item.get("PartName") or "").lower() for item in root if _local(item) == "Override"]
    yield from _repeated(named, "Override")
    extensions = [(i.get("Extension") or "").lower() for i in root if _local(i) == "Default"]
    yield from _repeated(extensions, "Default")
    for name in opened.names:
        declared = name in overrides or name.rpartition(".")[2] in defaults
        if not declared and name != "[content_types].xml":
            yield f"no content type: {name}"
    yield from (f"Override without part: {name}" for name in overrides if name not in opened.names)


def _relationships(opened: _Opened) -> Iterator[str]:
    overrides, defaults = _types(opened)
    for name in ["", *(name for name in opened.names if not name.endswith(".rels"))]:
        links = opened.links(name)
        yield from _repeated([link[0] for link in links], f"relationship id of {name}")
        for _, kind, target, external in links:
            if external or target.endswith("null"):
                continue
            if target not in opened.names:
                yield f"dangling relationship: {name} -> {target}"
                continue
            type_ = overrides.get(target) or defaults.get(target.rpartition(".")[2], "")
            if kind in _NEEDED_TYPES and not type_.endswith(_NEEDED_TYPES[kind]):
                yield f"content type of {target}: {type_}"
        known, root = {link[0] for link in links}, opened.trees.get(name)
        for item in root.iter() if root is not None else ():
            for attribute, value in item.attrib.items():
                a_link = str(attribute).endswith("officeDocument/2006/relationships}id")
                if a_link and value and value not in known:
                    yield f"undefined relationship: {name} {value!r}"


def _workbook(opened: _Opened, workbook: str) -> Iterator[str]:
    root, links = opened.trees[workbook], {link[0]: link for link in opened.links(workbook)}
    sheets = _inside(root, "sheets")
    yield from _ordered(root, WORKBOOK_ORDER, workbook)
    yield from _sheet_names(sheets)
    yield from _repeated([_part(sheet, links) for sheet in sheets], "sheet part")
    scopes = []
    for item in _inside(root, "definedNames"):
        scope = item.get("localSheetId")
        scopes.append(f"{(item.get('name') or '').lower()} in {scope}")
        if scope is not None and not 0 <= _number(scope) < len(sheets):
            yield f"name of no sheet: {scopes[-1]}"
    yield from _repeated(scopes, "defined name")
    for view in _inside(root, "bookViews"):
        for attribute in ("activeTab", "firstSheet"):
            if _number(view.get(attribute)) >= len(sheets):
                yield f"{attribute} beyond the last sheet"
    if all(sheet.get("state", "visible") != "visible" for sheet in sheets):
        yield "no visible sheet"
    if any("calcchain" in name for name in opened.names):
        if not any(link[1] == "calcChain" for link in links.values()):
            yield "calcChain without relationship"
        yield from _calculation_chain(opened, sheets, links)
    selected = [s for s in sheets if _selected(opened.trees.get(_part(s, links)))]
    if len(selected) > 1:
        yield f"{len(selected)} sheets selected"


def _sheet_names(sheets: list[etree._Element]) -> Iterator[str]:
    names = [sheet.get("name") or "" for sheet in sheets]
    yield from _repeated([name.lower() for name in names], "sheet name")
    yield from _repeated([sheet.get("sheetId") or "" for sheet in sheets], "sheetId")
    for name in names:
        bad = re.search(r"[\[\]:*?/\\]", name) or name != name.strip("'")
        if not name or bad or len(name.encode("utf-16-le")) > 62:
            yield f"bad sheet name: {name}"


def _part(sheet: etree._Element, links: dict[str, tuple[str, str, str, bool]]) -> str:
    ids = [str(v) for k, v in sheet.attrib.items() if str(k).endswith("}id")]
    return links[ids[0]][2] if ids and ids[0] in links else ""


def _selected(root: etree._Element | None) -> bool:
    views = _inside(root, "sheetViews") if root is not None else []
    return any(view.get("tabSelected") in ("1", "true") for view in views)


def _calculation_chain(
    opened: _Opened,
    sheets: list[etree._Element],
    links: dict[str, tuple[str, str, str, bool]],
) -> Iterator[str]:
    parts = {sheet.get("sheetId") or "": _part(sheet, links) for sheet in sheets}
    chain = next(root for name, root in opened.trees.items() if "calcchain" in name)
    current = "0"
    for cell in chain:
        current = cell.get("i") or current
        sheet = opened.trees.get(parts.get(current, ""))
        if sheet is None:
            yield f"calcChain of no sheet: {current}"
            continue
        if not sheet.xpath(f"//*[local-name()='c'][@r='{cell.get('r')}']/*[local-name()='f']"):
            yield f"calcChain without formula: {cell.get('r')}"


def _styles_and_cells(opened: _Opened, workbook: str) -> Iterator[str]:
    links = opened.links(workbook)
    styles = next((opened.trees.get(t) for _, kind, t, _ in links if kind == "styles"), None)
    strings = next((opened.trees.get(t) for _, k, t, _ in links if k == "sharedStrings"), None)
    pools = ("fonts", "fills", "borders", "cellStyleXfs", "cellXfs", "dxfs", "numFmts")
    sizes = {name: len(_inside(styles, name)) for name in pools} if styles is not None else {}
    if styles is not None:
        yield from _ordered(styles, STYLES_ORDER, "styles")
        for item in styles:
            count = item.get("count")
            if _local(item) in sizes and count and _number(count) != sizes[_local(item)]:
                yield f"count of {_local(item)}: {count} is {sizes[_local(item)]}"
        uses = (("fontId", "fonts"), ("fillId", "fills"), ("borderId", "borders"))
        for item in [*_inside(styles, "cellXfs"), *_inside(styles, "cellStyleXfs")]:
            for attribute, pool in (*uses, ("xfId", "cellStyleXfs")):
                if _number(item.get(attribute)) >= max(sizes[pool], 1):
                    yield f"{attribute} out of range"
        numbers = [item.get("numFmtId") or "" for item in _inside(styles, "numFmts")]
        yield from _repeated(numbers, "numFmtId")
    known_strings = len(strings) if strings is not None else 0
    for _, kind, name, _ in links:
        root = opened.trees.get(name)
        if kind == "worksheet" and root is not None:
            yield from (f"{fault} in {name}" for fault in _sheet(root, sizes, known_strings))


def _sheet(root: etree._Element, sizes: dict[str, int], strings: int) -> Iterator[str]:
    yield from _ordered(root, SHEET_ORDER, "sheet")
    last = (0, 0)
    for cell in root.iter("{*}c"):
        reference = re.fullmatch(r"([A-Z]+)(\d+)", cell.get("r") or "")
        if reference:
            place = (int(reference[2]), column_number(reference[1]))
            if place <= last:
                yield "cells not ascending"
            last = place
        if _number(cell.get("s")) >= max(sizes.get("cellXfs", 1), 1):
            yield f"cell format {cell.get('s')} out of range"
        value = cell.findtext("{*}v")
        if cell.get("t") == "s" and value and _number(value) >= strings:
            yield "shared string out of range"
        formula = cell.findtext("{*}f")
        if formula and formula.startswith("="):
            yield "formula begins with ="
    for rule in root.iter("{*}cfRule"):
        if rule.get("dxfId") and _number(rule.get("dxfId")) >= sizes.get("dxfs", 0):
            yield f"dxfId {rule.get('dxfId')} out of range"
    wanted = {item.text for item in root.iter("{*}id") if (item.text or "").startswith("{")}
    there = {rule.get("id") for rule in root.iter("{*}cfRule") if rule.get("id")}
    yield from (f"data bar without extension: {item!s}" for item in wanted - there)


def _tables(opened: _Opened) -> Iterator[str]:
    tables = [root for name, root in opened.trees.items() if _local(root) == "table"]
    yield from _repeated([table.get("id") or "" for table in tables], "table id")
    yield from _repeated([(t.get("displayName") or "").lower() for t in tables], "table name")


def _drawings(opened: _Opened) -> Iterator[str]:
    for name, root in opened.trees.items():
        if re.search(r"drawings/drawing\d*\.xml$", name):
            ids = [item.get("id") or "" for item in root.iter("{*}cNvPr")]
            yield from _repeated(ids, f"shape id in {name}")
        if re.search(r"charts/chart\d*\.xml$", name):
            axes = {
                item.findtext("{*}axId") or next(iter(item)).get("val")
                for item in root.iter("{*}catAx", "{*}valAx", "{*}dateAx", "{*}serAx")
            }
            used = {item.get("val") for item in root.iter("{*}axId", "{*}crossAx")}
            if axes and not used <= axes:
                yield f"axis without definition: {name}"
