"""The hidden sheet-scoped names by which our sheets are known again.

`_sheetcrm.tab` = `"kind|version|digest"`, `_sheetcrm.rows` and `_sheetcrm.cells` on a tab that runs
replace (`sheetcrm.book.tabstate`);
`_sheetcrm.table` = `"table key"` on an input sheet, which is the user's. Such a name follows a
sheet when it is renamed or moved and goes when it is deleted.

Public: `sheet_roles` and `edited_tabs` for readers, `add_markers` for new workbooks,
`put_tab_marker` and `forget_copies` for write-back.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import cache
from typing import NamedTuple

from lxml import etree

from sheetcrm.book.area import Area
from sheetcrm.book.carry import Carried
from sheetcrm.book.package import Package
from sheetcrm.book.tabcells import Strings, joined_text
from sheetcrm.book.tabcolours import foreign_formats
from sheetcrm.book.tabedits import Edit, Edits, coloured_cells, edited
from sheetcrm.book.tabstate import TabState, kept_drawings, shared_strings, tab_state
from sheetcrm.book.target import (
    CELLS_NAME,
    MARKER_NAMES,
    ROWS_NAME,
    TAB_NAME,
    TAB_NAMES,
    TABLE_NAME,
    Sheet,
    Workbook,
    read_workbook,
)
from sheetcrm.book.xmlpart import (
    WORKBOOK_ORDER,
    BadXml,
    child,
    children,
    ensure_child,
    integer,
    local_name,
    remove,
    serialise,
    sibling_tag,
)
from sheetcrm.table import column_letter

VERSION = "2"
"""Version of the kept state; a tab with another one is known, but not compared."""

_ANCHORS = frozenset(("oneCellAnchor", "twoCellAnchor", "absoluteAnchor"))


class Role(NamedTuple):
    """What one sheet is to us; both empty for a sheet that is only the user's."""

    tab: str = ""
    table: str = ""


def sheet_roles(book: Workbook) -> dict[str, Role]:
    """Return the role of every sheet, by name; a user's copy of one of our tabs has none."""
    kinds = {sheet.index: kind for kind, sheet in book.tabs.items()}
    tables = book.marks.get(TABLE_NAME, {})
    return {
        sheet.name: Role(kinds.get(sheet.index, ""), tables.get(sheet.index, ""))
        for sheet in book.sheets
    }


def edited_tabs(book: Workbook, colours: Collection[str]) -> dict[str, Edits]:
    """Return what people changed on our tabs since we wrote them, by kind of tab.

    Besides cells that is every comment, and the corner of every chart or picture put on the tab.
    Kinds without a change are left out.

    Args:
        book: The workbook.
        colours: The colours our tabs have, six digits each; cells with others are coloured.

    Raises:
        FileProblem: One of our tabs is broken.
    """
    found = {}
    formats = _foreign_formats(book, colours) if book.tabs else frozenset[bytes]()
    for kind, sheet in book.tabs.items():
        version, _, digest = book.marks[TAB_NAME][sheet.index].partition("|")[2].partition("|")
        rows, cells = (
            book.marks.get(name, {}).get(sheet.index, "") for name in (ROWS_NAME, CELLS_NAME)
        )
        if version == VERSION and digest and sheet.part:
            edits = _edits_on(book, sheet, TabState(digest, rows, cells), formats)
            if edits is not None:
                found[kind] = edits
    return found


def _foreign_formats(book: Workbook, colours: Collection[str]) -> frozenset[bytes]:
    return foreign_formats(book.package, book.package.related(book.key, "/styles"), colours)


def _edits_on(
    book: Workbook, sheet: Sheet, kept: TabState, formats: Collection[bytes]
) -> Edits | None:
    package = book.package
    try:
        found = edited(kept, package.read(sheet.part), _strings_of(book))
        marked = coloured_cells(package.read(sheet.part), _strings_of(book), formats)
    except BadXml as problem:
        raise package.damaged() from problem
    others: list[Edit] = []
    comments = package.related(sheet.part, "/comments")
    if comments is not None:
        items = children(package.xml(comments), "commentList")
        others += [Edit(item.get("ref") or "A1", f"批注：{_said(item)}") for item in items]
    anchors, known = _anchor_cells(package, sheet.part), kept_drawings(kept.rows)
    if 0 <= known < len(anchors):
        others += [
            Edit(cell, "图") for cell in anchors[known:]
        ]  # Excel appends what is drawn later
    if not (others or marked):
        return found
    found = found or Edits((), apart=True)
    return replace(found, cells=tuple(dict.fromkeys((*found.cells, *others))), coloured=marked)


def _said(comment: etree._Element) -> str:
    text = child(comment, "text")
    return "" if text is None else joined_text(text)


def state_of(
    book: Workbook,
    part: str,
    strings: Strings | None = None,
    apart: Carried | None = None,
    areas: Sequence[Area] = (),
) -> TabState:
    """Condense one sheet of a workbook.

    Args:
        book: The workbook.
        part: The key of the sheet's part.
        strings: What its shared texts come from.
        apart: The same sheet with its long lists apart, which is quicker.
        areas: What people fill in, and the next run keeps.

    Raises:
        FileProblem: Its part is broken.
    """
    drawings = len(_anchor_cells(book.package, part))
    sheet, rows = (apart.sheet, apart.rows) if apart else (book.package.read(part), ())
    try:
        return tab_state(sheet, strings or _strings_of(book), drawings, rows, areas)
    except BadXml as problem:
        raise book.package.damaged() from problem


def put_tab_marker(root: etree._Element, index: int, kind: str, state: TabState) -> None:
    """Write the two names of a tab into workbook.xml, in place of older ones."""
    forget(root, {index}, TAB_NAMES)
    _append_name(root, TAB_NAME, index, f"{kind}|{VERSION}|{state.digest}")
    _append_name(root, ROWS_NAME, index, state.rows)
    _append_name(root, CELLS_NAME, index, state.cells)


def forget_copies(book: Workbook) -> None:
    """Take our names off every sheet that a user copied from one of our tabs."""
    ours = {sheet.index for sheet in book.tabs.values()}
    copies = set(book.marks.get(TAB_NAME, {})) - ours
    forget(book.root, copies, TAB_NAMES)


def forget(root: etree._Element, sheets: Collection[int], names: Collection[str]) -> None:
    """Remove sheet-scoped names, given in lower case, from workbook.xml."""
    for item in list(children(root, "definedNames")):
        index = integer(item.get("localSheetId"))
        if index in sheets and (item.get("name") or "").lower() in names:
            remove(item)


def add_markers(made: bytes, roles: Mapping[str, Role]) -> bytes:
    """Return a workbook that XlsxWriter made with the hidden names it cannot write.

    Args:
        made: The workbook's bytes.
        roles: What each marked sheet is, by sheet name.

    Raises:
        KeyError: A sheet is not in the workbook.
    """
    book = read_workbook(Package(made, "工作簿"))
    by_name, strings = {sheet.name: sheet for sheet in book.sheets}, _strings_of(book)
    for name, role in roles.items():
        sheet = by_name[name]
        forget(book.root, {sheet.index}, MARKER_NAMES)
        if role.tab:
            put_tab_marker(book.root, sheet.index, role.tab, state_of(book, sheet.part, strings))
        if role.table:
            _append_name(book.root, TABLE_NAME, sheet.index, role.table)
    package = book.package.fork()
    package.put(book.key, serialise(book.root))
    return package.to_bytes()


def _append_name(root: etree._Element, name: str, index: int, text: str) -> None:
    defined = ensure_child(root, "definedNames", WORKBOOK_ORDER)
    item = etree.SubElement(defined, sibling_tag(root, "definedName"))
    item.set("name", name)
    item.set("localSheetId", str(index))
    item.set("hidden", "1")
    item.text = f'"{text}"'


def _strings_of(book: Workbook) -> Strings:
    @cache
    def strings() -> list[str]:
        part = book.package.related(book.key, "/sharedStrings")
        return shared_strings(book.package.read(part)) if part else []

    return strings


def _anchor_cells(package: Package, sheet: str) -> tuple[str, ...]:
    """Return the top left cell of everything drawn on a sheet, in drawing order."""
    part = package.related(sheet, "/drawing")
    if part is None:
        return ()
    return tuple(_corner(item) for item in package.xml(part).iter() if local_name(item) in _ANCHORS)


def _corner(anchor: etree._Element) -> str:
    place = child(anchor, "from")
    if place is None:
        return "A1"
    column = integer(place.findtext(sibling_tag(place, "col")), 0)
    row = integer(place.findtext(sibling_tag(place, "row")), 0)
    return f"{column_letter(column + 1)}{row + 1}"
