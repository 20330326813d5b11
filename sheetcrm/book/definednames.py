"""Carry the defined names of our tabs into the user's workbook.

Names that belong to one sheet (print titles, filter range) replace those the tab had; names for
the whole workbook (the lists in 设置) are added, or brought up to date where the name is ours.
"""

from collections.abc import Mapping

from lxml import etree

from sheetcrm.book.formula_text import rename_sheets, sheets_named
from sheetcrm.book.target import Workbook
from sheetcrm.book.xmlpart import (
    WORKBOOK_ORDER,
    children,
    ensure_child,
    integer,
    remove,
    sibling_tag,
)

_TABLE_TYPE = "spreadsheetml.table+xml"


def carry_names(
    book: Workbook, made: Workbook, places: Mapping[int, int], renamed: Mapping[str, str]
) -> None:
    """Write the names of the made workbook into the user's.

    Args:
        book: The user's workbook; its tree is changed.
        made: The workbook our tabs were built in.
        places: Sheet index in `made` -> sheet index in `book`, of those whose names to write.
        renamed: Sheets that got another name: old name in lower case -> new name.

    Raises:
        FileProblem: A name for the whole workbook is taken by something of the user's.
    """
    local: list[etree._Element] = []
    shared: list[etree._Element] = []
    for item in children(made.root, "definedNames"):
        index = integer(item.get("localSheetId"))
        if index < 0:
            shared.append(item)
        elif index in places:
            local.append(item)
    own = {(places[integer(item.get("localSheetId"))], _name(item)) for item in local}
    _forget_local(book.root, frozenset(places.values()), own)
    for item in local:
        index = places[integer(item.get("localSheetId"))]
        _append(book.root, item, rename_sheets(item.text or "", renamed), index)
    if shared:
        _carry_shared(book, shared, renamed)


def _forget_local(root: etree._Element, sheets: frozenset[int], own: set[tuple[int, str]]) -> None:
    """Remove the built-in names of our sheets, and the names about to be written again."""
    for item in list(children(root, "definedNames")):
        index = integer(item.get("localSheetId"))
        ours = _name(item).startswith("_xlnm.") or (index, _name(item)) in own
        if index in sheets and ours:
            remove(item)


def _carry_shared(book: Workbook, names: list[etree._Element], renamed: Mapping[str, str]) -> None:
    known = {
        _name(item): item
        for item in children(book.root, "definedNames")
        if item.get("localSheetId") is None
    }
    tables = _table_names(book)
    our_sheets = {sheet.name.lower() for sheet in book.tabs.values()}
    for item in names:
        text, there = rename_sheets(item.text or "", renamed), known.get(_name(item))
        if there is None and _name(item) not in tables:
            _append(book.root, item, text)
        elif there is not None and there.text == text:
            continue
        elif there is not None and _only_of(there.text or "", our_sheets):
            there.text = text
        else:
            raise book.package.problem(
                f"工作簿里已有名称“{item.get('name')}”，和要写入的下拉列表同名",
                "请在“公式 → 名称管理器”里给它改名后再试",
            )


def _only_of(formula: str, sheets: set[str]) -> bool:
    named = sheets_named(formula)
    return bool(named) and named <= sheets


def _append(root: etree._Element, source: etree._Element, text: str, index: int = -1) -> None:
    defined = ensure_child(root, "definedNames", WORKBOOK_ORDER)
    item = etree.SubElement(defined, sibling_tag(root, "definedName"))
    for attribute, value in source.attrib.items():
        item.set(attribute, value)
    if index >= 0:
        item.set("localSheetId", str(index))
    item.text = text


def _table_names(book: Workbook) -> set[str]:
    roots = (book.package.xml(part) for part in book.package.parts_of_type(_TABLE_TYPE))
    return {(root.get("displayName") or root.get("name") or "").lower() for root in roots}


def _name(item: etree._Element) -> str:
    return (item.get("name") or "").lower()
