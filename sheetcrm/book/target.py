"""The user's workbook, opened for writing back into it.

`open_target` refuses, with a reason and a remedy, every file that cannot be changed safely.
`Workbook` is the model of workbook.xml that the rest of the engine works on: sheets in order, and
the hidden sheet-scoped names by which our own sheets are known (`sheetcrm.book.markers`).
"""

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from lxml import etree

from sheetcrm.book.container import RESAVE, container
from sheetcrm.book.guard import read_bytes
from sheetcrm.book.package import Package
from sheetcrm.book.xmlpart import (
    MAIN,
    RELATIONSHIP_ID,
    STRICT_MAIN,
    child,
    children,
    integer,
    local_name,
)
from sheetcrm.errors import FileProblem

TAB_NAME, TABLE_NAME = "_sheetcrm.tab", "_sheetcrm.table"
ROWS_NAME, CELLS_NAME = "_sheetcrm.rows", "_sheetcrm.cells"
TAB_NAMES = frozenset((TAB_NAME, ROWS_NAME, CELLS_NAME))
MARKER_NAMES = TAB_NAMES | {TABLE_NAME}

_WORKBOOK_TYPES = (
    "sheet.main+xml",
    "sheet.macroEnabled.main+xml",
    "template.main+xml",
    "template.macroEnabled.main+xml",
    "addin.macroEnabled.main+xml",
)
_SAVE_AS = "请用 Excel 或 WPS 另存为 .xlsx 后再试"


@dataclass(frozen=True)
class Sheet:
    """One tab of the workbook: `part` is its part's key, "" where the file lost it.

    `kind` is the last word of its relationship type: worksheet, chartsheet, dialogsheet, ...
    """

    index: int
    name: str
    sheet_id: int
    link: str
    kind: str
    part: str
    visible: bool


@dataclass(frozen=True)
class Workbook:
    """workbook.xml of a package: `key` is its part's key, `root` a tree nobody else holds.

    `inspected` says that the very same bytes were read through the guard (`sheetcrm.book.guard`),
    so that its sheets are well formed.
    """

    package: Package
    key: str
    root: etree._Element
    inspected: bool = False

    @cached_property
    def sheets(self) -> tuple[Sheet, ...]:
        """All sheets in tab order, hidden ones and chart sheets included."""
        links = {link.id: link for link in self.package.relationships(self.key)}
        found = []
        for index, item in enumerate(children(self.root, "sheets")):
            link = links.get(item.get(RELATIONSHIP_ID) or "")
            part = self.package.target_of(self.key, link) if link else None
            sheet = Sheet(
                index=index,
                name=item.get("name") or "",
                sheet_id=integer(item.get("sheetId"), 0),
                link=link.id if link else "",
                kind=link.type.rpartition("/")[2] if link else "",
                part=part or "",
                visible=item.get("state", "visible") == "visible",
            )
            found.append(sheet)
        return tuple(found)

    @cached_property
    def marks(self) -> dict[str, dict[int, str]]:
        """Our hidden names: name in lower case -> sheet index -> text."""
        found: dict[str, dict[int, str]] = {}
        for item in children(self.root, "definedNames"):
            name, index = (item.get("name") or "").lower(), integer(item.get("localSheetId"))
            if name in MARKER_NAMES and 0 <= index < len(self.sheets):
                text = (item.text or "").strip().strip('"')
                found.setdefault(name, {}).setdefault(index, text)
        return found

    @cached_property
    def tabs(self) -> dict[str, Sheet]:
        """Our own tabs by kind.

        A tab that a user copied has its marker twice. Excel and WPS give a copy a higher sheetId
        wherever they put it, so the lowest is ours and the copy is the user's.
        """
        ours: dict[str, Sheet] = {}
        for index, text in self.marks.get(TAB_NAME, {}).items():
            kind, sheet = text.partition("|")[0], self.sheets[index]
            if kind and (kind not in ours or sheet.sheet_id < ours[kind].sheet_id):
                ours[kind] = sheet
        return ours

    @cached_property
    def date1904(self) -> bool:
        """Whether day 0 is 1904-01-01 (old Excel for Mac)."""
        properties = child(self.root, "workbookPr")
        return properties is not None and properties.get("date1904") in ("1", "true")

    def fork(self) -> "Workbook":
        """Return a copy to change, of the package too."""
        package = self.package.fork()
        return Workbook(package, self.key, package.xml(self.key), self.inspected)


def read_workbook(package: Package) -> Workbook:
    """Return the workbook of a package, wherever it lies in it.

    Raises:
        FileProblem: The package holds no workbook of the .xlsx family.
    """
    key = package.related("", "/officeDocument")
    if key is None:
        raise package.damaged()
    kind = package.content_type(key)
    if "sheet.binary" in kind:
        raise package.problem("这是二进制工作簿（.xlsb），不能在里面写汇总", _SAVE_AS, "FIL-02")
    if not kind.endswith(_WORKBOOK_TYPES):
        raise package.problem(
            "这是别的 Office 文件，不是 Excel 工作簿", "请确认选对了文件", "FIL-02"
        )
    return Workbook(package, key, package.xml(key))


def open_package(source: Path | bytes, path: str = "") -> Package:
    """Return the package in a file or in bytes already read; `path` names it in messages.

    Raises:
        FileProblem: It cannot be read, or is no package: .xls, .ods, encrypted, damaged, or
            something else.
    """
    name = path or ("工作簿" if isinstance(source, bytes) else str(source))
    data = source if isinstance(source, bytes) else read_bytes(source, name)
    if container(data, name) == "xls":
        raise FileProblem(name, "这是旧格式 .xls，不能在里面写汇总", RESAVE, "FIL-02")
    return Package(data, name)


def open_target(source: Path | bytes, path: str = "", *, inspected: bool = False) -> Workbook:
    """Open a workbook that tabs are to be written into.

    Args:
        source: The file, or its bytes as read before.
        path: How messages name it; a file's own path by default.
        inspected: These bytes, known by their hash, were read through the guard.

    Raises:
        FileProblem: It cannot be changed safely: encrypted, .xls, .xlsb, .ods, damaged, strict or
            unknown namespace, signed, shared in the old way, or its structure is protected.
    """
    workbook = replace(read_workbook(open_package(source, path)), inspected=inspected)
    package, namespace = workbook.package, etree.QName(workbook.root).namespace
    if namespace == STRICT_MAIN:
        raise package.problem("这是“Strict Open XML”格式，写回后 Excel 可能要修复", _SAVE_AS)
    if namespace != MAIN or local_name(workbook.root) != "workbook":
        raise package.problem("这是不认识的旧版工作簿格式", _SAVE_AS)
    if any("digital-signature" in link.type for link in package.relationships("")):
        raise package.problem("工作簿有数字签名，改动会使签名失效", "请去掉签名后再试")
    types = {link.type.rpartition("/")[2] for link in package.relationships(workbook.key)}
    if "revisionHeaders" in types:
        raise package.problem(
            "工作簿开着旧式“共享工作簿”，带有修订记录", "请在“审阅”里取消共享后再试"
        )
    protection = child(workbook.root, "workbookProtection")
    if protection is not None and protection.get("lockStructure") in ("1", "true"):
        raise package.problem("工作簿结构受保护，不能增减工作表", "请先撤销工作簿保护再试")
    if not workbook.sheets:
        raise package.damaged()
    return workbook
