"""What a workbook brings that runs, connects or reaches out when a person opens it.

Nothing of it is ever run here, and nothing of it gets into a file we make; it stays in the user's
own workbook as it is. People should know of it all the same: a link to a share hands out the
user's password hash, a DDE link starts a program.
"""

import re
from collections.abc import Iterator

from sheetcrm.book.guard import Inspected
from sheetcrm.book.outline import Outline
from sheetcrm.book.package import relationships_name
from sheetcrm.table import Hazard

# Functions that start programs or fetch from elsewhere as soon as they are calculated.
_FUNCTION = re.compile(
    rb"(?<![\w.])(?:_xlfn\.)?(WEBSERVICE|RTD|CALL|REGISTER\.ID|EXEC|IMPORTDATA|IMPORTXML)\s*\(",
    re.IGNORECASE,
)
_PROGRAM = re.compile(rb"(?<![\w.])(\w+)\|(?:'|&apos;)[^!]*!")
_LITERAL = re.compile(rb'"[^"]*"')
_FORMULA = re.compile(rb"<(?:[\w.-]+:)?f(?:\s[^>]*)?(?<!/)>([^<]*)</")
_CELL = re.compile(rb"""<(?:[\w.-]+:)?c\s[^>]*?\br=["']([A-Z]{1,3}\d+)["']""")
_REACHING = re.compile(rb"""Target=["'](file:[^"']*|\\\\[^"']*)["']""", re.IGNORECASE)
_LINK = re.compile(rb"/hyperlink[\"']")
_MACROS_OF_XLS = "_VBA_PROJECT".encode("utf-16-le")

_PARTS = (
    (re.compile(r"(^|/)vbaproject\.bin$"), "宏"),
    (re.compile(r"(^|/)xl/macrosheets/"), "旧式宏表"),
    (re.compile(r"(^|/)(connections\.xml$|querytables/)"), "外部数据连接"),
    (re.compile(r"(^|/)embeddings/"), "嵌入的对象"),
    (re.compile(r"(^|/)activex/"), "ActiveX 控件"),
)
_MOST = 20


def hazards(inspected: Inspected, book: Outline | None) -> tuple[Hazard, ...]:
    """Return what a workbook brings, one of each kind and place.

    Args:
        inspected: The workbook.
        book: Its sheets; None for what is no .xlsx.
    """
    if book is None:
        found = _MACROS_OF_XLS in inspected.data and inspected.form == "xls"
        return (Hazard("宏"),) if found else ()
    return (*_parts(inspected), *_links(inspected, book), *_formulas(inspected, book))


def _parts(inspected: Inspected) -> Iterator[Hazard]:
    for pattern, what in _PARTS:
        if any(pattern.search(name) for name in inspected.parts):
            yield Hazard(what)
    outside = [n for n in inspected.parts if "externallinks/" in n and n.endswith(".xml")]
    texts = [inspected.read(name) or b"" for name in outside]
    if any(b"ddeLink" in text or b"oleLink" in text for text in texts):
        yield Hazard("DDE 或 OLE 链接", acts=True)
    if any(b"externalBook" in text for text in texts):
        yield Hazard("到别的工作簿的链接")


def _links(inspected: Inspected, book: Outline) -> Iterator[Hazard]:
    """Yield the sheets with links to files and shares; opening one hands out who asks."""
    for entry in book.sheets:
        rels = inspected.read(relationships_name(entry.part)) if entry.part else None
        for line in (rels or b"").split(b"<")[1:]:
            if _LINK.search(line) and _REACHING.search(line):
                yield Hazard("指向文件或共享文件夹的超链接", entry.name, acts=True)
                break


def _formulas(inspected: Inspected, book: Outline) -> Iterator[Hazard]:
    for entry in book.sheets:
        scan = inspected.scan(entry.part)
        if scan is None or not scan.reaches_out:
            continue
        text = inspected.searchable(entry.part)
        for count, (called, start) in enumerate(_calls(text)):
            if count == _MOST:
                break
            before = _CELL.findall(text, max(0, start - 300), start)
            cell = before[-1].decode() if before else ""
            yield Hazard(f"会连到外面或启动程序的公式 {called}", entry.name, cell, acts=True)


def _calls(text: bytes) -> Iterator[tuple[str, int]]:
    """Yield what formulas call, and where they stand."""
    for formula in _FORMULA.finditer(text):
        inside = _LITERAL.sub(b"", formula[1].replace(b"&quot;", b'"'))
        name = _FUNCTION.search(inside) or _PROGRAM.search(inside)
        if name is not None:
            yield name[1].decode("ascii", "replace").upper(), formula.start()
