"""Edits of the four parts that every change of a workbook shares.

The workbook part and its .rels are held as trees while they are edited and written by `finish`;
styles are appended to by `add_formats`; content types are kept by the package itself.
"""

import posixpath
from collections.abc import Collection, Sequence

from lxml import etree

from sheetcrm.book.package import (
    Relationship,
    append_relationship,
    relationships_name,
    resolve,
)
from sheetcrm.book.styles import EMPTY_STYLES, StyleMap, TooManyFormats, merge_styles
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import (
    OFFICE_RELATIONSHIPS,
    PACKAGE_RELATIONSHIPS,
    parse,
    serialise,
)
from sheetcrm.errors import FileProblem

SHEET_LINK = f"{OFFICE_RELATIONSHIPS}/worksheet"

_STYLES_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"
_STYLES_LINK = f"{OFFICE_RELATIONSHIPS}/styles"
_OF_USERS = {
    "pivotTable": "数据透视表",
    "slicer": "切片器",
    "timeline": "日程表",
    "table": "表格（超级表）",
    "queryTable": "外部查询",
    "control": "控件",
    "ctrlProp": "控件",
    "oleObject": "嵌入对象",
}


def workbook_links(book: Workbook) -> etree._Element:
    """Return the tree of the workbook's .rels part."""
    key = book.package.find(relationships_name(book.key))
    if key is None:
        return parse(f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"/>'.encode())
    return book.package.xml(key)


def drop_sheet_parts(book: Workbook, sheets: Sequence[Sheet]) -> None:
    """Remove the parts of sheets, and of what they relate to all that nothing else reaches.

    Raises:
        FileProblem: A user put something on such a sheet that other sheets may depend on.
    """
    package = book.package
    for sheet in sheets:
        for link in package.relationships(sheet.part) if sheet.part else ():
            word = _OF_USERS.get(link.type.rpartition("/")[2])
            if word:
                raise package.problem(
                    f"“{sheet.name}”是自动生成的，但里面有你放的{word}，重写会丢掉它",
                    f"请先把{word}移到别的工作表再试",
                )
    roots = [package.target_of("", link) for link in package.relationships("")]
    start = [key for key in roots if key]
    for sheet in sheets:
        if sheet.part:
            ours = package.reachable([sheet.part], without={book.key})
            for key in ours - package.reachable(start, without={sheet.part}):
                package.drop(key)


def drop_calculation_chain(book: Workbook, links: etree._Element) -> None:
    """Remove the calculation chain entirely: part, relationship and content type."""
    for key in book.package.parts_of_type("calcChain+xml"):
        book.package.drop(key)
    for item in list(links):
        if (item.get("Type") or "").endswith("/calcChain"):
            part = book.package.find(resolve(book.key, item.get("Target") or ""))
            if part is not None:
                book.package.drop(part)
            links.remove(item)


def finish(book: Workbook, links: etree._Element) -> bytes:
    """Write the workbook part and its .rels back and return the file."""
    package = book.package
    package.put(book.key, serialise(book.root))
    package.put(relationships_name(package.stored_name(book.key)), serialise(links))
    return package.to_bytes()


def folder_of(book: Workbook) -> str:
    """Return the folder of the workbook part, "" for the package's root."""
    return posixpath.dirname(book.package.stored_name(book.key))


def append_link(book: Workbook, links: etree._Element, type_: str, target: str) -> str:
    """Append a relationship of the workbook part and return its id."""
    # an id that the workbook mentions without defining it must not come alive either
    used = {item.get("Id") or "" for item in links}
    for element in book.root.iter():
        used |= {element.get(name, "") for name in map(str, element.keys()) if _is_link(name)}
    number = 1
    while f"rId{number}" in used:
        number += 1
    append_relationship(links, Relationship(f"rId{number}", type_, target, external=False))
    return f"rId{number}"


def _is_link(attribute: str) -> bool:
    return attribute.startswith(f"{{{OFFICE_RELATIONSHIPS}}}")


def add_formats(
    book: Workbook,
    links: etree._Element,
    ours: etree._Element,
    used: tuple[Collection[int], Collection[int]],
) -> StyleMap:
    """Append cell formats and differential formats to the user's styles part, made if missing.

    Raises:
        FileProblem: The workbook has no room for more cell formats.
    """
    root = styles_of(book)
    try:
        styles = merge_styles(root, ours, *used)
    except TooManyFormats as problem:
        raise no_room(book) from problem
    if styles.changed or book.package.related(book.key, "/styles") is None:
        put_styles(book, links, root)
    return styles


def styles_of(book: Workbook) -> etree._Element:
    """Return a fresh tree of the user's styles part; Excel's defaults where there is none."""
    part = book.package.related(book.key, "/styles")
    return parse(EMPTY_STYLES) if part is None else book.package.xml(part)


def put_styles(book: Workbook, links: etree._Element, root: etree._Element) -> None:
    """Write the styles part, made and linked if missing."""
    package = book.package
    part = package.related(book.key, "/styles")
    if part is not None:
        package.put(part, serialise(root))
        return
    name = posixpath.join(folder_of(book), "styles.xml")
    while package.find(name) is not None:
        name = f"{name.removesuffix('.xml')}1.xml"
    package.put(name, serialise(root), _STYLES_TYPE)
    append_link(book, links, _STYLES_LINK, posixpath.relpath(name, folder_of(book) or "."))


def no_room(book: Workbook) -> FileProblem:
    """Return the exception for a workbook at Excel's limit of cell formats."""
    return book.package.problem(
        "工作簿里的单元格格式已达到 Excel 的上限", "请清理多余的单元格样式后再试"
    )
