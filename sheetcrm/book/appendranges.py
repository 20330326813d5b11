"""What goes with appended rows outside of them: ranges that grow, and rows that move down.

On the sheet: filters, validations, conditional formats (the extended ones too), merged cells, links
and formulas. Besides it: the Excel table, and the defined names with print areas and filter ranges.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from sheetcrm.book.appendwhere import Surroundings
from sheetcrm.book.area import Area, cell_area, cell_areas
from sheetcrm.book.rowchange import RowChange, range_text
from sheetcrm.book.sheetnodes import Node, attribute_edit, inside, marked_up, nodes, plain
from sheetcrm.book.splice import Edit
from sheetcrm.book.xmlpart import children, descendants, integer, serialise

_OURS = b"sheetcrm:"  # our marks belong to single cells
_RULES = ("conditionalFormatting", "dataValidation")
_FORMULAS = ("formula", "formula1", "formula2", "f")
_MOVE_ONLY = {
    "mergeCell": b"ref",
    "hyperlink": b"ref",
    "protectedRange": b"sqref",
    "ignoredError": b"sqref",
}
_GROW = {"autoFilter": b"ref", "sortState": b"ref", "sortCondition": b"ref"}
_NUMBER = re.compile(rb"(\d+)")
_PLACE = re.compile(rb"""\sr\s*=\s*["'][A-Za-z]+(\d+)["']""")
_RESULT = re.compile(rb"(?:</[\w.:-]+>)?\s*(<(?:[\w.-]+:)?v\b[^<>]*>[^<]*</[\w.:-]+>)")
_NAMES_THAT_STAY = ("_xlnm.print_titles", "_xlnm.criteria", "_xlnm.extract")


def tail_edits(around: Surroundings, change: RowChange) -> list[Edit]:
    """Return the edits of what stands behind the cells."""
    part = around.rows.part
    found = nodes(part, part.data.end)
    edits: list[Edit] = []
    for node in found:
        if "customSheetViews" in node.path:
            continue
        if node.name in _GROW and node.get(_GROW[node.name]) is not None:
            edits += _attribute(around, node, _GROW[node.name], _filter_range(change))
        elif node.name in _MOVE_ONLY and node.get(_MOVE_ONLY[node.name]) is not None:
            edits += _attribute(around, node, _MOVE_ONLY[node.name], _moved_ranges(change))
        elif node.name == "brk" and "rowBreaks" in node.path and change.by:
            edits += _attribute(around, node, b"id", _break(change))
    for name in _RULES:
        rules = [node for node in found if node.name == name]
        edits += _rule_edits(around, change, rules, found)
    return edits


def _attribute(
    around: Surroundings, node: Node, name: bytes, new: Callable[[str], str]
) -> Iterator[Edit]:
    old = (node.get(name) or b"").decode("utf-8", "replace")
    value = new(old)
    if value != old:
        yield attribute_edit(around.rows.part, node, name, value.encode())


def _filter_range(change: RowChange) -> Callable[[str], str]:
    def new(text: str) -> str:
        area = cell_area(text)
        return text if area is None else range_text(_with_heading(change, area))

    return new


def _with_heading(change: RowChange, area: Area) -> Area:
    """Return an area that may consist of the heading row alone, as that of a filter."""
    grown = change.area(area)
    if area == grown and area.bottom == change.header_row == change.last and not change.by:
        meets = area.left <= change.right and change.left <= area.right
        return Area(area.top, area.left, change.new_last, area.right) if meets else area
    return grown


def _moved_ranges(change: RowChange) -> Callable[[str], str]:
    return lambda text: change.ranges(text, grow=lambda _: False)


def _break(change: RowChange) -> Callable[[str], str]:
    def new(text: str) -> str:
        row = integer(text)
        return str(row + change.by) if row >= change.at else text

    return new


def _rule_edits(
    around: Surroundings, change: RowChange, rules: Sequence[Node], found: list[Node]
) -> Iterator[Edit]:
    """Yield the edits of validations or of conditional formats, those in extensions too."""
    part = around.rows.part
    held = [(rule, _sqref(around, rule, found)) for rule in rules]
    every = [area for _, (_, text) in held for area in cell_areas(text.split())]
    for rule, (place, text) in held:
        ours = _OURS in part.text[rule.inner : rule.close]
        single = rule.name == "dataValidation"

        def grow(area: Area, ours: bool = ours, single: bool = single) -> bool:  # noqa: FBT001
            lone = area.top == area.bottom and area.top > change.header_row + 1 and not single
            return not ours and not lone and not _taken(change, area, every)

        new = change.ranges(text, grow=grow)
        if new != text and isinstance(place, Node):
            yield place.inner, place.close, new.encode()
        elif new != text:
            yield attribute_edit(part, rule, b"sqref", new.encode())
        for node in inside(found, rule) if not ours else ():
            if node.name in _FORMULAS:
                yield from _formula_edit(around, change, node.inner, node.close)


def _sqref(around: Surroundings, rule: Node, found: list[Node]) -> tuple[Node | bytes | None, str]:
    own = rule.get(b"sqref")
    if own is not None:
        return b"sqref", own.decode("utf-8", "replace")
    place = next((node for node in inside(found, rule) if node.name == "sqref"), None)
    if place is None:
        return None, ""
    return place, plain(around.rows.part.text[place.inner : place.close])


def _taken(change: RowChange, area: Area, every: Sequence[Area]) -> bool:
    """Say whether another rule of the kind stands where this one would grow to."""
    if change.by or not change.grows(area):
        return False
    new = Area(area.bottom + 1, area.left, change.new_last, area.right)
    return any(other.meets(new) and not other.meets(area) for other in every)


def _formula_edit(around: Surroundings, change: RowChange, start: int, end: int) -> Iterator[Edit]:
    raw = around.rows.part.text[start:end]
    if b"<" in raw:  # another element, or CDATA
        return
    old = plain(raw)
    new = change.formula(old, own=True, fixed=True)
    if new != old:
        yield start, end, marked_up(new)


def formula_edits(around: Surroundings, change: RowChange) -> Iterator[Edit]:
    """Yield the edits of formulas in cells that take in the table, or that refer to moved rows.

    Sums below the table grow whatever row they start at; other formulas grow where they take in
    the table from its top.
    """
    part = around.rows.part
    if part.mask.find(b"f", part.data.inner, part.data.close) < 0:
        return
    filled = [row for row in around.later if row.number <= filled_to(change)]
    skipped = (filled[0].start, filled[-1].end) if filled else (0, 0)
    below = next((row.start for row in around.later if row.number > filled_to(change)), -1)
    totals = _totals_row(around)
    look = _Formulas(around, change)
    for found in _formula_pattern(part.prefix).finditer(
        part.text, part.data.inner, part.data.close
    ):
        start = found.start()
        if skipped[0] <= start < skipped[1]:
            continue  # written by `appendcells`
        under = 0 <= below <= start
        if under and b"shared" in found[1]:
            continue  # written out by `below_edits`
        new = look.changed(found, under=under)
        if new is not None:
            yield found.start(2), found.end(2), new
        if under and (totals[0] <= start < totals[1] or _grows(change, plain(found[2]))):
            yield from _forgotten(around, found.end(2))


def _totals_row(around: Surroundings) -> tuple[int, int]:
    """Return where the totals row of the Excel table stands in the part."""
    table = around.table
    has_one = table is not None and table.bottom < table.area.bottom
    row = around.rows.part.rows.numbered(table.area.bottom) if table and has_one else None
    return (row.start, row.end) if row else (0, 0)


def _grows(change: RowChange, text: str) -> bool:
    """Say whether a formula below the table takes in the new rows."""
    growing = replace(change, at=0, by=0)
    return growing.formula(text, own=True, fixed=False, whole=False) != text


def _forgotten(around: Surroundings, start: int) -> Iterator[Edit]:
    """Yield the edit that takes away the result of a formula: it is no longer right.

    Not every program calculates anew when it opens a file; a missing result it does calculate.
    """
    value = _RESULT.match(around.rows.part.mask, start)
    if value is not None:
        yield value.start(1), value.end(1), b""


@cache
def _formula_pattern(prefix: bytes) -> re.Pattern[bytes]:
    return re.compile(rb"<%sf((?:\s[^<>]*)?)>([^<]+)<" % re.escape(prefix))


@dataclass
class _Formulas:
    """The formulas of a sheet's cells, each kind of a column looked at once.

    `known` are the numbers that change in a formula whose own row reads `R`, by their positions:
    formulas of data rows are mostly one formula filled down.
    """

    around: Surroundings
    change: RowChange
    known: dict[tuple[bytes, ...], dict[int, bytes]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        header = self.around.rows.part.rows.numbered(self.around.wanted.header_row)
        later, close = self.around.later, self.around.rows.part.data.close
        self._data = (header.end if header else close, later[0].start if later else close)

    def changed(self, found: re.Match[bytes], *, under: bool) -> bytes | None:
        """Return the formula as it is afterwards; None where it stays."""
        pieces = _NUMBER.split(found[2])
        if not any(int(number) >= self.change.last for number in pieces[1::2]):
            return None
        in_data = self._data[0] <= found.start() < self._data[1]
        row = _row_before(found) if in_data else b""
        if not (row and self.change.header_row + 2 < int(row) < self.change.last):
            return self._rewritten(found, fixed=in_data, under=under)
        key = (found[1], *(b"R" if piece == row else piece for piece in pieces))
        if key not in self.known:
            new = self._rewritten(found, fixed=True, under=False)
            after = pieces if new is None else _NUMBER.split(new)
            if len(after) != len(pieces):  # it had characters written as numbers
                return new
            self.known[key] = {
                at: after[at] for at in range(1, len(pieces), 2) if pieces[at] != after[at]
            }
        for at, number in self.known[key].items():
            pieces[at] = number
        return b"".join(pieces) if self.known[key] else None

    def _rewritten(self, found: re.Match[bytes], *, fixed: bool, under: bool) -> bytes | None:
        old = plain(found[2])
        fixed = fixed or b"t=" in found[1]
        new = self.change.formula(old, own=True, fixed=fixed, whole=not under)
        return None if new == old else marked_up(new)


def _row_before(found: re.Match[bytes]) -> bytes:
    """Return the row number in the name of the cell that a formula is in, "" without one."""
    text, start = found.string, found.start()
    place = _PLACE.search(text, text.rfind(b"<", 0, start), start)
    return place[1] if place else b""


def filled_to(change: RowChange) -> int:
    """Return the last of the rows that are new, counted as before rows moved down."""
    return change.new_last - change.by


def below_edits(around: Surroundings, change: RowChange) -> Iterator[Edit]:
    """Yield the edits of rows below: shared formulas written out, rows and cells numbered anew."""
    part = around.rows.part
    for row in around.later:
        if row.number <= filled_to(change):
            continue
        shared = b"shared" in part.mask[row.inner : row.close]
        if not change.by and not shared:
            continue
        if change.by and row.get(b"r") is not None:
            node = Node("row", (), row.start, row.inner, row.attributes)
            yield attribute_edit(part, node, b"r", b"%d" % (row.number + change.by))
        for column, view in around.rows.cells(row.number).items():
            cell = view.element
            if change.by and cell.get(b"r") is not None:
                node = Node("c", (), cell.start, cell.inner, cell.attributes)
                place = Area(row.number + change.by, column, row.number + change.by, column)
                yield attribute_edit(part, node, b"r", range_text(place).encode())
            if view.formula and view.formula.kind == "shared" and view.formula.text:
                text = change.formula(view.formula.text, own=True, fixed=False, whole=False)
                name = part.prefix + b"f"
                new = b"<%s>%s</%s>" % (name, marked_up(text), name)
                formula = view.formula.element
                yield formula.start, formula.end, new
                if _grows(change, view.formula.text):
                    yield from _forgotten(around, formula.end)


def dimension_edits(around: Surroundings, change: RowChange) -> Iterator[Edit]:
    """Yield the edit of the sheet's dimension, where it says one."""
    part = around.rows.part
    for element in part.elements(b"dimension", 0, part.data.start):
        area = cell_area((element.get(b"ref") or b"").decode("ascii", "replace"))
        if area is None:
            continue
        last = max(change.new_last, *(row.number + change.by for row in around.later[-1:]), 0)
        left, right = min(area.left, change.left), max(area.right, change.right)
        new = Area(area.top, left, max(area.bottom, last), right)
        if new != area:
            node = Node("dimension", (), element.start, element.inner, element.attributes)
            yield attribute_edit(part, node, b"ref", range_text(new).encode())


def put_table(around: Surroundings, change: RowChange) -> None:
    """Let the Excel table take in the new rows."""
    table, package = around.table, around.book.package
    if table is None:
        return
    root = package.xml(table.part)
    area = change.area(table.area)
    if area == table.area:
        return
    root.set("ref", range_text(area))
    for name in ("autoFilter", "sortState", "sortCondition"):
        for element in descendants(root, name):
            part = cell_area(element.get("ref"))
            if part is not None:
                element.set("ref", range_text(change.area(part)))
    for element in descendants(root, "totalsRowFormula"):
        new = change.formula(element.text or "", own=True, fixed=False, whole=False)
        if new != element.text:
            element.text = new
    package.put(table.part, serialise(root))


def rename_ranges(around: Surroundings, change: RowChange) -> bool:
    """Let the defined names take in the new rows; say whether one changed, in the tree only."""
    changed = False
    for item in children(around.book.root, "definedNames"):
        name, old = (item.get("name") or "").lower(), item.text or ""
        if name in _NAMES_THAT_STAY and not change.by:
            continue
        new = change.formula(old, own=False, fixed=True, whole=False)
        if name == "_xlnm._filterdatabase" and new == old and not change.by:
            new = _filter_name(old, change)
        if new != old:
            item.text, changed = new, True
    return changed


def _filter_name(text: str, change: RowChange) -> str:
    """Return the range of a filter that had the heading row only."""
    sheet, mark, cells = text.rpartition("!")
    area = cell_area(cells)
    named = sheet.strip("'").replace("''", "'").lower() == change.sheet.lower()
    if area is None or not named:
        return text
    new = _with_heading(change, area)
    return text if new == area else f"{sheet}{mark}{new.absolute}"
