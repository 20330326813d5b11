"""Take our tabs out of a workbook again."""

import re
from collections.abc import Collection, Iterable, Sequence

from lxml import etree

from sheetcrm.book.edit import drop_calculation_chain, drop_sheet_parts, finish, workbook_links
from sheetcrm.book.formula_text import sheets_named
from sheetcrm.book.markers import forget_copies
from sheetcrm.book.target import Sheet, Workbook
from sheetcrm.book.xmlpart import children, integer, local_name, remove

_FORMULAS = frozenset(("f", "formula", "formula1", "formula2", "definedName"))
_SPELT_ANYHOW = re.compile(r"[&<>'\"]")
_TEXT_CODES = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


def drop_tabs(target: Workbook, kinds: Collection[str]) -> bytes:
    """Return the workbook without our tabs of those kinds; unknown kinds are passed over.

    Every position counted over the sheets is renumbered: scopes of defined names, the active and
    the first visible tab. Nothing but our tabs and the shared parts changes.

    Raises:
        FileProblem: A formula, chart or name elsewhere refers to such a tab, or no visible sheet
            would be left.
    """
    book = target.fork()
    gone = [sheet for kind, sheet in book.tabs.items() if kind in kinds]
    if not gone:
        return book.package.to_bytes()
    indexes = {sheet.index for sheet in gone}
    if not any(sheet.visible for sheet in book.sheets if sheet.index not in indexes):
        raise book.package.problem("删去后没有可见的工作表了", "请先取消隐藏一张工作表再试")
    forget_copies(book)
    drop_sheet_parts(book, gone)
    links = workbook_links(book)
    drop_calculation_chain(book, links)
    for item in list(links):
        if item.get("Id") in {sheet.link for sheet in gone}:
            links.remove(item)
    _drop_entries(book.root, indexes)
    _refuse_references(book, gone)
    return finish(book, links)


def _drop_entries(root: etree._Element, gone: set[int]) -> None:
    for index, item in enumerate(list(children(root, "sheets"))):
        if index in gone:
            remove(item)
    for item in list(children(root, "definedNames")):
        index = integer(item.get("localSheetId"))
        if index in gone:
            remove(item)
        elif index >= 0:
            item.set("localSheetId", str(index - _before(index, gone)))
    _show_others(root, gone)


def _show_others(root: etree._Element, gone: set[int]) -> None:
    """Let no window show a sheet that is gone."""
    left = [item.get("sheetId") or "" for item in children(root, "sheets")]
    for view in children(root, "customWorkbookViews"):
        if view.get("activeSheetId") not in left:
            view.set("activeSheetId", left[0])
    last = len(left) - 1
    for view in children(root, "bookViews"):
        for attribute in ("activeTab", "firstSheet"):
            index = integer(view.get(attribute))
            if index >= 0:
                view.set(attribute, str(min(index - _before(index, gone), last)))


def _before(index: int, gone: Iterable[int]) -> int:
    return sum(1 for other in gone if other < index)


def _refuse_references(book: Workbook, gone: Sequence[Sheet]) -> None:
    """Raise if any remaining part still names a sheet: Excel would call the file damaged."""
    package = book.package
    names = {sheet.name.lower(): sheet.name for sheet in gone}
    roots = [book.root]
    for key in package.part_keys():
        if key.endswith(".xml") and key != book.key and _mentions(package.read(key), names):
            roots.append(package.xml(key))
    for name in set().union(*(_sheets_used(root) for root in roots)) & set(names):
        raise package.problem(
            f"别处还有公式、图表或名称引用“{names[name]}”，删去它这些引用会失效",
            "请先改掉这些引用再试",
        )


def _mentions(data: bytes, names: Iterable[str]) -> bool:
    """Tell cheaply whether a part can name a sheet at all; only such parts are parsed."""
    code = next((code for mark, code in _TEXT_CODES if data.startswith(mark)), "utf-8")
    text = data.decode(code, "replace").lower()
    # &, < and quotes are spelt differently in XML and in formulas: compare what is between them.
    # openpyxl writes all Chinese by its codes.
    return "&#" in text or any(
        all(word in text for word in _SPELT_ANYHOW.split(name)) for name in names
    )


def _sheets_used(root: etree._Element) -> set[str]:
    used: set[str] = set()
    for item in root.iter():
        name = local_name(item)
        if name in _FORMULAS and item.text:
            used |= sheets_named(item.text)
        elif name == "worksheetSource":
            used.add((item.get("sheet") or "").lower())
    return used
