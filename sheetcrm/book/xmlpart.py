"""Parse, change and write the small XML parts of a package.

Parsing expands nothing and fetches nothing: a part with a document type is refused. Writing keeps
every prefix, comment and processing instruction; new children go where the schema's order wants
them, never simply to the end.
"""

import re
from collections.abc import Iterator, Sequence

from lxml import etree

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
STRICT_MAIN = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OFFICE_RELATIONSHIPS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE_RELATIONSHIPS = "http://schemas.openxmlformats.org/package/2006/relationships"
CONTENT_TYPES = "http://schemas.openxmlformats.org/package/2006/content-types"
RELATIONSHIP_ID = f"{{{OFFICE_RELATIONSHIPS}}}id"

WORKBOOK_ORDER = [
    "fileVersion",
    "fileSharing",
    "workbookPr",
    "AlternateContent",
    "absPath",
    "workbookProtection",
    "bookViews",
    "sheets",
    "functionGroups",
    "externalReferences",
    "definedNames",
    "calcPr",
    "oleSize",
    "customWorkbookViews",
    "pivotCaches",
    "smartTagPr",
    "smartTagTypes",
    "webPublishing",
    "fileRecoveryPr",
    "webPublishObjects",
    "extLst",
]
"""Children of workbook.xml (ISO 29500-1 §18.2.27, with Microsoft's two additions)."""

STYLES_ORDER = [
    "numFmts",
    "fonts",
    "fills",
    "borders",
    "cellStyleXfs",
    "cellXfs",
    "cellStyles",
    "dxfs",
    "tableStyles",
    "colors",
    "extLst",
]
"""Children of styles.xml (ISO 29500-1 §18.8.39)."""

SHEET_ORDER = [
    "sheetPr",
    "dimension",
    "sheetViews",
    "sheetFormatPr",
    "cols",
    "sheetData",
    "sheetCalcPr",
    "sheetProtection",
    "protectedRanges",
    "scenarios",
    "autoFilter",
    "sortState",
    "dataConsolidate",
    "customSheetViews",
    "mergeCells",
    "phoneticPr",
    "conditionalFormatting",
    "dataValidations",
    "hyperlinks",
    "printOptions",
    "pageMargins",
    "pageSetup",
    "headerFooter",
    "rowBreaks",
    "colBreaks",
    "customProperties",
    "cellWatches",
    "ignoredErrors",
    "smartTags",
    "drawing",
    "legacyDrawing",
    "legacyDrawingHF",
    "drawingHF",
    "picture",
    "oleObjects",
    "controls",
    "webPublishItems",
    "tableParts",
    "extLst",
]
"""Children of a worksheet part (ISO 29500-1 §18.3.1.99)."""

_DOCTYPES = tuple("<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be"))
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_DECLARATION = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'


class BadXml(ValueError):
    """A part is not well-formed, or declares a document type."""


def refuse_doctype(data: bytes) -> None:
    """Raise BadXml if the part declares a document type (entity bombs, external files)."""
    if any(mark in data for mark in _DOCTYPES):
        raise BadXml("document type declared")


def parse(data: bytes) -> etree._Element:
    """Return the root of a part in any encoding its declaration names.

    Raises:
        BadXml: The part is not well-formed, or declares a document type.
    """
    refuse_doctype(data)
    parser = etree.XMLParser(
        resolve_entities=False, load_dtd=False, no_network=True, strip_cdata=False
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as problem:
        raise BadXml(str(problem)) from problem
    if root is None or root.getroottree().docinfo.internalDTD is not None:
        raise BadXml("document type declared, or no content")
    return root


def serialise(root: etree._Element) -> bytes:
    """Return a part as UTF-8 with its declaration, comments beside the root included."""
    return _DECLARATION + etree.tostring(root.getroottree(), encoding="UTF-8")


def local_name(element: etree._Element) -> str:
    """Return the tag without its namespace; empty for comments and processing instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def sibling_tag(element: etree._Element, name: str) -> str:
    """Return the tag of that local name in the element's own namespace."""
    return f"{{{etree.QName(element).namespace}}}{name}"


def child(root: etree._Element, name: str) -> etree._Element | None:
    """Return the first child of that local name in the root's namespace."""
    return root.find(sibling_tag(root, name))


def children(root: etree._Element, name: str) -> Iterator[etree._Element]:
    """Yield the elements inside the first child of that local name, comments left out."""
    parent = child(root, name)
    if parent is not None:
        yield from (item for item in parent if isinstance(item.tag, str))


def descendants(element: etree._Element, name: str) -> list[etree._Element]:
    """Return the element and all inside it of that local name, whatever the namespace."""
    return list(element.iter(f"{{*}}{name}"))


def attribute(element: etree._Element, name: str) -> str:
    """Return an attribute by its local name, whatever the namespace ("" where it is absent)."""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == name:
            return str(value)
    return ""


def ensure_child(root: etree._Element, name: str, order: Sequence[str]) -> etree._Element:
    """Return the child of that local name, made at its place in `order` if missing."""
    found = child(root, name)
    if found is not None:
        return found
    # made inside the root, so that it takes over the root's prefix, then moved to its place
    made = etree.SubElement(root, sibling_tag(root, name))
    later = set(order[order.index(name) + 1 :])
    for position, item in enumerate(root):
        if local_name(item) in later:
            root.insert(position, made)
            break
    return made


def remove(element: etree._Element) -> None:
    """Take an element out of its tree."""
    parent = element.getparent()
    if parent is not None:
        parent.remove(element)


def integer(text: str | None, default: int = -1) -> int:
    """Return an attribute as a number, or the default where it is missing or no number."""
    try:
        return int(text) if text is not None else default
    except ValueError:
        return default


def unescaped(text: str) -> str:
    """Return a text with its `_x000A_` escapes resolved (ISO 29500-1 §22.9.2.19)."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def as_utf8(data: bytes) -> tuple[bytes, str]:
    """Return a part with its markup in ASCII, and the UTF-16 flavour it had ("" for none)."""
    for bom, code in ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")):
        if data.startswith(bom):
            return data[2:].decode(code).encode(), code
    return data, ""


def as_it_was(text: bytes, code: str) -> bytes:
    """Return a part in the encoding it came in; `code` is what `as_utf8` said."""
    return "\ufeff".encode(code) + text.decode().encode(code) if code else text


def in_ascii_only(text: bytes) -> bool:
    """Say whether a part declares an encoding in which new text must be written as references."""
    declared = re.match(rb"""(?:\xef\xbb\xbf)?<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)""", text)
    return declared is not None and declared[1].lower() not in (b"utf-8", b"utf8", b"utf-16")
