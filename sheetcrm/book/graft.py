"""Put our tabs into the user's own workbook and leave everything else as it is.

Order of work: `open_target` (sheetcrm.book.target) opens or refuses the file; `plan_names` says
under which names to build the tabs; XlsxWriter builds them in a workbook of their own; `graft`
returns the user's file with those tabs in it. A tab that is there already is replaced where it
stands: same position, name, sheetId and relationship, so that formulas pointing at it go on
working. New ones go to the end, so that nobody's position moves.

Of the user's parts only [Content_Types].xml, the workbook part, its .rels and the styles are
written anew, with additions only; calcChain.xml, a cache that would go stale, is removed. All
others keep their compressed bytes.
"""

import posixpath
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from sheetcrm.book.carry import Carrier, Made, read_made
from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.definednames import carry_names
from sheetcrm.book.edit import (
    SHEET_LINK,
    add_formats,
    append_link,
    drop_calculation_chain,
    drop_sheet_parts,
    finish,
    folder_of,
    workbook_links,
)
from sheetcrm.book.limits import SHEET_NAME_LIMIT
from sheetcrm.book.markers import forget_copies, put_tab_marker, state_of
from sheetcrm.book.styles import StyleMap
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.write_rows import Built
from sheetcrm.book.xmlpart import (
    RELATIONSHIP_ID,
    WORKBOOK_ORDER,
    children,
    ensure_child,
    integer,
    sibling_tag,
)


@dataclass(frozen=True)
class TabSpec:
    """One of our tabs: its kind ("funnel", ...) and the sheet it was built as."""

    kind: str
    sheet: str


def plan_names(target: Workbook, titles: Mapping[str, str]) -> dict[str, str]:
    """Return the sheet name to build each tab under, by kind.

    A tab that is there keeps the name it has now, whatever the user called it; a new one gets its
    title, cut to 31 characters and numbered if any sheet has that name, compared without case.

    Args:
        target: The opened workbook.
        titles: The usual title of each kind, in the order the tabs will be grafted.
    """
    taken = {sheet.name.lower() for sheet in target.sheets}
    names = {}
    for kind, title in titles.items():
        if kind in target.tabs:
            names[kind] = target.tabs[kind].name
        else:
            names[kind] = _free_name(title, taken)
            taken.add(names[kind].lower())
    return names


def _free_name(title: str, taken: Collection[str]) -> str:
    name, number = _cut(title, SHEET_NAME_LIMIT), 2
    while name.lower() in taken:
        suffix = f" ({number})"
        name, number = _cut(title, SHEET_NAME_LIMIT - len(suffix)) + suffix, number + 1
    return name


def _cut(text: str, units: int) -> str:
    return text.encode("utf-16-le")[: 2 * units].decode("utf-16-le", "ignore")


def graft(target: Workbook, tabs: Sequence[TabSpec], made: Built) -> bytes:
    """Return the user's workbook with the given tabs added or replaced.

    Args:
        target: The opened workbook; not changed.
        tabs: The tabs in the order new ones are to be appended; every sheet of `made` once.
        made: The workbook the tabs were built in. A sheet built under another name than
            `plan_names` gives is renamed, and what refers to it.

    Raises:
        FileProblem: A tab holds something the user put there that would be lost, a global name
            is taken, or the workbook has no room for more cell formats.
        ValueError: `tabs` and `made` do not fit, or `made` has tables, comments or the like.
    """
    book, source = target.fork(), read_made(made)
    sheets = {sheet.name: sheet for sheet in source.book.sheets}
    if sorted(tab.sheet for tab in tabs) != sorted(sheets):
        raise ValueError("tabs and sheets of the made workbook differ")
    if len({tab.kind for tab in tabs}) != len(tabs):
        raise ValueError("two tabs of one kind")
    names = plan_names(book, {tab.kind: tab.sheet for tab in tabs})
    renamed = {tab.sheet.lower(): names[tab.kind] for tab in tabs if tab.sheet != names[tab.kind]}
    old = {tab.kind: book.tabs[tab.kind] for tab in tabs if tab.kind in book.tabs}
    forget_copies(book)
    drop_sheet_parts(book, list(old.values()))
    links = workbook_links(book)
    drop_calculation_chain(book, links)
    carrier = Carrier(
        made=source,
        into=book.package,
        folder=folder_of(book),
        styles=_merge_formats(book, links, source),
        taken=book.package.taken_names({(book.key, sheet.link) for sheet in old.values()}),
        renamed=renamed,
        date1904=book.date1904 and not source.book.date1904,
    )
    places, states = {}, {}
    for tab in tabs:
        sheet = sheets[tab.sheet]
        part = carrier.carry(sheet.part)
        index = _place(book, links, old.get(tab.kind), names[tab.kind], part)
        places[sheet.index] = index
        apart, areas = carrier.carried.get(part), source.areas[sheet.part]
        states[index] = (tab.kind, state_of(book, part_key(part), apart=apart, areas=areas))
    for made_index, index in places.items():
        # Tab by tab: so the names of one lie together, and where they will lie when it alone stays.
        carry_names(book, source.book, {made_index: index}, renamed)
        put_tab_marker(book.root, index, *states[index])
    return finish(book, links)


def _place(book: Workbook, links: etree._Element, old: Sheet | None, name: str, part: str) -> int:
    """Point the old sheet at its new part, or append a sheet; return its index."""
    target = posixpath.relpath(part, folder_of(book) or ".")
    if old is not None:
        known = {item.get("Id"): item for item in links}
        if old.link in known:
            known[old.link].set("Target", target)
        else:  # the file had lost this relationship
            sheet = list(children(book.root, "sheets"))[old.index]
            sheet.set(RELATIONSHIP_ID, append_link(book, links, SHEET_LINK, target))
        return old.index
    parent = ensure_child(book.root, "sheets", WORKBOOK_ORDER)
    sheets = list(children(book.root, "sheets"))
    item = etree.SubElement(parent, sibling_tag(book.root, "sheet"))
    item.set("name", name)
    item.set("sheetId", str(max(integer(sheet.get("sheetId"), 0) for sheet in sheets) + 1))
    item.set(RELATIONSHIP_ID, append_link(book, links, SHEET_LINK, target))
    return len(sheets)


def _merge_formats(book: Workbook, links: etree._Element, source: Made) -> StyleMap:
    return add_formats(book, links, source.styles, source.formats_in_use())
