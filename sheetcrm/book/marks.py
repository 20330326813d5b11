"""Mark cells without touching them, so that the marks can be taken out again to the byte.

A mark is a conditional format over a list of cells with the rule `N("sheetcrm:error")=0`, which
is always true and names itself. Its XML is spliced into the user's sheet part behind the cell
data; the cells are never parsed. `unmark` cuts exactly what `mark` put in: the sheet part is the
original again, byte for byte (inflated). The styles part keeps the two fills, used by nothing; a
later `mark` uses them again.
"""

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from xml.parsers import expat

from sheetcrm.book.edit import add_formats, finish, workbook_links
from sheetcrm.book.target import Workbook
from sheetcrm.book.xmlpart import (
    MAIN,
    SHEET_ORDER,
    BadXml,
    as_it_was,
    as_utf8,
    integer,
    parse,
    refuse_doctype,
)
from sheetcrm.table import LAST_ROW

COLOURS = {"error": "FFFFC7CE", "warning": "FFFFEB9C"}
"""Fill of a marked cell by severity: Excel's own light red and light amber, as ARGB."""

_OWN = 'N("sheetcrm:'
_TRACE = b"sheetcrm:"
_MOST_RANGES = 400  # ranges of one rule, far below any reader's limit for an attribute
_CELL = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_ROOT = re.compile(rb"<((?:[\w.-]+:)?)worksheet\b[^>]*>")
_BEFORE_FORMATS = SHEET_ORDER[
    SHEET_ORDER.index("sheetCalcPr") : SHEET_ORDER.index("conditionalFormatting") + 1
]
"""What stands between the cell data and conditional formats."""


def mark(target: Workbook, cells: Mapping[str, Mapping[str, Iterable[str]]]) -> bytes:
    """Return the workbook with these cells marked, and no others.

    Args:
        target: The opened workbook; not changed.
        cells: Sheet name -> severity (a key of `COLOURS`) -> cells such as "D5". A cell given
            with both severities shows the error.

    Raises:
        FileProblem: A sheet part is broken or in an encoding other than UTF-8 and UTF-16.
        KeyError: No worksheet of that name, or no such severity.
        ValueError: Not a cell address.
    """
    book = target.fork()
    worksheets = {sheet.name: sheet for sheet in book.sheets if sheet.kind == "worksheet"}
    wanted = {
        worksheets[name].part: [
            (severity, ranges(by_severity[severity]))
            for severity in sorted(by_severity, key=list(COLOURS).index)
        ]
        for name, by_severity in cells.items()
    }
    links = workbook_links(book)
    fills = "".join(
        f'<dxf><fill><patternFill><bgColor rgb="{colour}"/></patternFill></fill></dxf>'
        for colour in COLOURS.values()
    )
    ours = parse(f'<styleSheet xmlns="{MAIN}"><dxfs>{fills}</dxfs></styleSheet>'.encode())
    used = range(len(COLOURS)) if any(wanted.values()) else ()
    formats = add_formats(book, links, ours, ((), used)).differential
    numbers = {name: formats.get(at, 0) for at, name in enumerate(COLOURS)}
    _rewrite(book, wanted, numbers)
    return finish(book, links)


def unmark(target: Workbook) -> bytes:
    """Return the workbook without marks.

    Raises:
        FileProblem: A sheet part is broken or in an encoding other than UTF-8 and UTF-16.
    """
    book = target.fork()
    _rewrite(book, {}, {})
    return book.package.to_bytes()


def ranges(cells: Iterable[str]) -> list[str]:
    """Return cells as few ranges, runs down a column joined: A1, D5:D9.

    Raises:
        ValueError: Not a cell address.
    """
    rows: dict[tuple[int, str], list[int]] = {}
    for cell in cells:
        match = _CELL.fullmatch(cell)
        if match is None or int(match[2]) > LAST_ROW:
            raise ValueError(f"not a cell: {cell!r}")
        rows.setdefault((len(match[1]), match[1]), []).append(int(match[2]))
    found = []
    for (_, column), numbers in sorted(rows.items()):
        for first, last in _runs(sorted(set(numbers))):
            end = f":{column}{last}" if last > first else ""
            found.append(f"{column}{first}{end}")
    return found


def _runs(numbers: Sequence[int]) -> Iterable[tuple[int, int]]:
    first = last = numbers[0]
    for number in numbers[1:]:
        if number != last + 1:
            yield first, last
            first = number
        last = number
    yield first, last


def _rewrite(
    book: Workbook,
    wanted: Mapping[str, Sequence[tuple[str, Sequence[str]]]],
    formats: Mapping[str, int],
) -> None:
    for sheet in book.sheets:
        if sheet.kind != "worksheet" or not sheet.part:
            continue
        data = book.package.read(sheet.part)
        try:
            text, code = as_utf8(data)
            if sheet.part not in wanted and _TRACE not in text:
                continue
            changed = _splice(text, wanted.get(sheet.part, ()), formats)
        except (BadXml, expat.ExpatError, UnicodeError) as problem:
            raise book.package.damaged() from problem
        if changed != text:
            book.package.put(sheet.part, as_it_was(changed, code))


@dataclass
class _Tail:
    """What stands behind the cell data, found in one pass that keeps byte positions.

    `cuts` are the byte ranges of our own rules, `place` is where conditional formats
    belong, `priority` the largest of the other rules.
    """

    document: bytes
    place: int
    cuts: list[tuple[int, int]] = field(default_factory=list)
    priority: int = 0

    def __post_init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._open: list[tuple[str, int]] = []
        self._own_rules: list[tuple[int, int]] = []
        self._rules, self._priority, self._own = 0, 0, False
        self._parser.buffer_text = True
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text
        self._parser.ParseFile(io.BytesIO(self.document))

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        local = name.rpartition(":")[2]
        if len(self._open) == 1:
            self._own_rules, self._rules = [], 0
        if local == "cfRule":
            self._rules, self._own = self._rules + 1, False
            self._priority = integer(attributes.get("priority"), 0)
        self._open.append((local, self._parser.CurrentByteIndex))

    def _text(self, text: str) -> None:
        self._own = self._own or text.startswith(_OWN)

    def _end(self, name: str) -> None:
        local, start = self._open.pop()
        at = self._parser.CurrentByteIndex
        # expat reports </x> at its start, <x/> at the start of the tag or behind it
        closing = self.document.startswith(b"</", at)
        end = self.document.index(b">", at) + 1 if closing or at == start else at
        if local == "cfRule" and self._own:
            self._own_rules.append((start, end))
        elif local == "cfRule":
            self.priority = max(self.priority, self._priority)
        if len(self._open) == 1:
            if local == "conditionalFormatting" and self._own_rules:
                whole = self._rules == len(self._own_rules)
                self.cuts += [(start, end)] if whole else self._own_rules
            if local in _BEFORE_FORMATS:
                self.place = end


def _splice(
    sheet: bytes,
    wanted: Sequence[tuple[str, Sequence[str]]],
    formats: Mapping[str, int],
) -> bytes:
    """Return the sheet part without our old rules and with the wanted ones."""
    root = _ROOT.search(sheet)
    if root is None:
        raise BadXml("no worksheet")
    refuse_doctype(sheet[: root.start()])
    prefix = root[1]
    start = max(sheet.rfind(b"</" + prefix + b"sheetData"), _empty_cell_data(sheet, prefix))
    if start < 0:
        raise BadXml("no cell data")
    start = sheet.index(b">", start) + 1
    tail = _Tail(root[0] + sheet[start:], len(root[0]))
    blocks: list[str] = []
    for severity, cells in wanted:
        for at in range(0, len(cells), _MOST_RANGES):
            sqref = " ".join(cells[at : at + _MOST_RANGES])
            priority = tail.priority + 1 + len(blocks)
            rule = f'type="expression" dxfId="{formats[severity]}" priority="{priority}"'
            blocks.append(_block(prefix.decode(), sqref, rule, severity))
    out, at = [sheet[:start]], len(root[0])
    for first, last in sorted([*tail.cuts, (tail.place, tail.place)]):
        out.append(tail.document[at:first])
        if first == last:
            out.append("".join(blocks).encode())
        at = last
    return b"".join([*out, tail.document[at:]])


def _empty_cell_data(sheet: bytes, prefix: bytes) -> int:
    """Return where a sheet without cells has its <sheetData/>, -1 if it has cells."""
    found = list(re.finditer(rb"<" + prefix + rb"sheetData\b[^>]*/>", sheet))
    return found[-1].start() if found else -1


def _block(prefix: str, sqref: str, rule: str, severity: str) -> str:
    p = prefix
    return (
        f'<{p}conditionalFormatting sqref="{sqref}"><{p}cfRule {rule}>'
        f'<{p}formula>{_OWN}{severity}")=0</{p}formula>'
        f"</{p}cfRule></{p}conditionalFormatting>"
    )
