"""The drop-downs a worksheet carries, with their lists resolved to texts."""

import re
from collections.abc import Callable, Iterator, Sequence

from sheetcrm.book.scan import SheetScan
from sheetcrm.book.xmlpart import BadXml, descendants, parse
from sheetcrm.table import Cell, ListValidation, column_number

# name of a sheet (None: the validation's own) -> its rows, None where there is no such sheet
Rows = Callable[[str | None], Sequence[Sequence[Cell]] | None]
Names = Callable[[str], str | None]

MAX_ITEMS = 5_000

_SHEET = r"(?:'(?P<quoted>(?:[^']|'')+)'!|(?P<plain>[^\W\d][\w.]*)!)?"
_RANGE = re.compile(
    _SHEET + r"\$?(?P<left>[A-Za-z]{1,3})\$?(?P<top>\d{1,7})"
    r"(?::\$?(?P<right>[A-Za-z]{1,3})\$?(?P<bottom>\d{1,7}))?"
)
# a list that ends at its last filled cell: A5:INDEX(A5:A204,COUNTA(A5:A204))
_GROWING = re.compile(r"[^:()]+:INDEX\((?P<range>[^,()]+),.*\)", re.I)
_OFFSET = re.compile(r"OFFSET\((?P<start>[^,()]+),0?,0?,COUNTA\((?P<counted>[^()]+)\).*\)", re.I)
_NAME = re.compile(r"[^\W\d][\w.\\?]*")


def list_validations(scan: SheetScan, rows: Rows, names: Names) -> tuple[ListValidation, ...]:
    """Return the list validations of a sheet, the extended (x14) ones too.

    A list whose formula is not a literal, a range of this workbook or a name for one is left out.

    Args:
        scan: What was seen in the worksheet part; only its tail is parsed.
        rows: The cells lists may refer to.
        names: The formula text of a defined name.
    """
    if b"dataValidation" not in scan.tail:
        return ()
    found = []
    for cells, formula in _formulas(scan):
        values = _values(formula, rows, names)
        if cells and values:
            found.append(ListValidation(cells, values))
    return tuple(found)


def _formulas(scan: SheetScan) -> Iterator[tuple[str, str]]:
    """Yield (cells, formula) of each list validation."""
    try:
        root = parse(scan.tail_document())
    except BadXml:
        return  # a tail Excel would repair: the cells were read, its drop-downs are unknown
    for element in descendants(root, "dataValidation"):
        if element.get("type") != "list":
            continue
        extended = descendants(element, "sqref")
        cells = element.get("sqref") or (extended[0].text if extended else "") or ""
        formula = descendants(element, "formula1")
        yield cells, "".join(map(str, formula[0].itertext())).strip() if formula else ""


def _values(formula: str, rows: Rows, names: Names, depth: int = 0) -> tuple[str, ...]:
    text = formula.removeprefix("=").strip()
    if text.startswith('"') and text.endswith('"'):
        items = text[1:-1].replace('""', '"').split(",")
        return tuple(item.strip() for item in items if item.strip())
    if growing := _GROWING.fullmatch(text) or _OFFSET.fullmatch(text):
        text = growing.groupdict().get("range") or growing.groupdict()["counted"]
    if area := _RANGE.fullmatch(text):
        return _texts(area, rows)
    target = names(text) if _NAME.fullmatch(text) else None
    return _values(target, rows, names, depth + 1) if target and depth < 3 else ()


def _texts(area: re.Match[str], rows: Rows) -> tuple[str, ...]:
    sheet = area["quoted"].replace("''", "'") if area["quoted"] else area["plain"]
    cells = rows(sheet)
    if cells is None:
        return ()
    left, right = (column_number(area[k] or area["left"]) for k in ("left", "right"))
    top, bottom = int(area["top"]), int(area["bottom"] or area["top"])
    texts: dict[str, None] = {}
    for row in cells[top - 1 : bottom]:
        for cell in row[left - 1 : right]:
            if cell is not None and (text := as_text(cell)):
                texts[text] = None
        if len(texts) > MAX_ITEMS:
            return ()
    return tuple(texts)


def as_text(cell: Cell) -> str:
    """Return a list item as the drop-down shows it: 5, not 5.0."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).strip()
