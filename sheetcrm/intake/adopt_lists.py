"""The drop-down lists of a workbook that is adopted: its own values, its own people.

A list is the column's own drop-down where the sheet has one. Else it is what the column holds,
without values that occur once or twice in a long column of otherwise repeated ones: those are
likely slips and are reported by the next check instead.
"""

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field

from sheetcrm.clean import CleanBook
from sheetcrm.intake.adoption import AdoptedList
from sheetcrm.kit.model import OWNER_LIST, STAGE_LIST, ChoiceItem, ChoiceList, Column, Kit
from sheetcrm.kit.recognise import Recognised
from sheetcrm.values.text import fold

# A list of more values is no list but free text.
MOST_VALUES = 40
# In a column of so many names one that occurs no more often than this is likely mistyped.
_ENOUGH_NAMES, _RARE_NAME = 50, 2


@dataclass
class _Use:
    """How all columns of one list use it."""

    counts: Counter[str] = field(default_factory=Counter)
    slips: set[str] = field(default_factory=set)
    offered: dict[str, None] = field(default_factory=dict)


def adopted_lists(
    book: CleanBook, recognised: Recognised
) -> tuple[tuple[ChoiceList, ...], tuple[AdoptedList, ...]]:
    """Return the lists the workbook uses, and what to say of them.

    A list that is used for free text is left out, and so is one without a single value that the
    kit does not prescribe either.
    """
    lists, told = [], []
    for key, use in _uses(book, recognised).items():
        base = book.kit.list_by_key[key]
        if key != OWNER_LIST and len(use.offered or use.counts) > MOST_VALUES:
            continue
        if not use.counts and not use.offered:
            lists.append(base)
            continue
        rare = _rare(use, key)
        values = _in_order([v for v in (*use.offered, *use.counts) if v not in rare], base, use)
        items = tuple(ChoiceItem(value=v, aliases=_aliases(v, base, use)) for v in values)
        lists.append(base.model_copy(update={"items": items, "open": not use.offered}))
        counted = {v: use.counts[v] for v in values}
        slips = {v: use.counts[v] for v in sorted(rare)}
        told.append(AdoptedList(key, base.name, counted, slips, bool(use.offered)))
    return tuple(lists), tuple(told)


def list_columns(kit: Kit, table: str, present: Container[object]) -> list[Column]:
    """Return the columns that take their values from a list, of those the workbook has."""
    return [
        c
        for c in kit.by_key[table].columns
        if c.key in present and c.list != STAGE_LIST and c.list in kit.list_by_key
    ]


def _uses(book: CleanBook, recognised: Recognised) -> dict[str, _Use]:
    slips = {(f.sheet, f.column, f.value) for f in book.findings if f.code == "VAL-01"}
    uses: dict[str, _Use] = {}
    for key, table in book.tables.items():
        for column in list_columns(book.kit, key, set(table.data)):
            use = uses.setdefault(column.list, _Use())
            # the person of a whole sheet has no heading
            parts = [part for part in table.source.sheets if part.has(column.key)]
            places = [(part.sheet, part.by_key[column.key].text) for part in parts]
            counts = table.data[column.key].dropna().value_counts()
            use.counts.update({str(v): int(n) for v, n in counts.items()})
            use.slips |= {v for v in use.counts for place in places if (*place, v) in slips}
            use.offered |= dict.fromkeys(recognised.offered.get((key, column.key), ()))
    return uses


def _rare(use: _Use, key: str) -> set[str]:
    if key != OWNER_LIST:
        return use.slips - set(use.offered)
    if sum(use.counts.values()) < _ENOUGH_NAMES:
        return set()
    return {v for v, n in use.counts.items() if n <= _RARE_NAME and v not in use.offered}


def _in_order(values: Sequence[str], base: ChoiceList, use: _Use) -> list[str]:
    """Put values in the drop-down's order, else in the kit's, then by how often they occur."""
    distinct = dict.fromkeys(values)
    if use.offered:
        return list(distinct)
    place = {fold(item.value): n for n, item in enumerate(base.items)}
    return sorted(distinct, key=lambda v: (place.get(fold(v), len(place)), -use.counts[v], v))


def _aliases(value: str, base: ChoiceList, use: _Use) -> tuple[str, ...]:
    """Return the kit's other spellings of a value, but none that the workbook uses itself."""
    used = {fold(v) for v in (*use.counts, *use.offered)}
    for item in base.items:
        if fold(item.value) == fold(value):
            return tuple(a for a in item.aliases if fold(a) not in used)
    return ()


def without_lists(lists: Mapping[str, ChoiceList], column: Column) -> Column:
    """Return a column as free text where its list was found to be none."""
    if column.list in ("", STAGE_LIST) or column.list in lists:
        return column
    return column.model_copy(update={"list": "", "type": "text"})
