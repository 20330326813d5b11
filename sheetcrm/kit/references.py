"""A generic heading (编号, ID) whose values are ids of another table names that table's row."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sheetcrm.kit.headings import vocabulary
from sheetcrm.kit.locate import Located, Match
from sheetcrm.kit.model import Column, Kit
from sheetcrm.kit.rows import below
from sheetcrm.values.text import as_text, fold, is_blank

# The tables whose rows others belong to, in the order they are asked.
TARGETS = ("lead", "account")
# So many of a column's distinct values are ids of the other table; a few may be mistyped.
_SHARE = 0.8
# A sheet's own ids repeat only by mistake.
_REPEATED = 0.3

Ids = Mapping[str, frozenset[str]]


def with_references(
    located: Mapping[str, Located], sheets: Mapping[str, Sequence[Located]], kit: Kit
) -> dict[str, Located]:
    """Give a guest's columns that hold ids of other tables their place in the kit's terms.

    A column is asked where its heading names the sheet's own id, an id of a table that the
    workbook does not have, or what a lead or customer sheet calls its id. In a workbook without
    leads and customers an id column that mostly repeats itself is the lead's.

    Args:
        located: The main sheet of each table.
        sheets: All sheets of each table, whose ids count.
        kit: Whose tables they are.
    """
    if not located.keys() - set(TARGETS):
        return dict(located)
    ids = {
        kind: frozenset[str]().union(*map(_ids, sheets[kind])) for kind in TARGETS if kind in sheets
    }
    return {
        kind: found if kind in TARGETS else _referring(found, ids, kit)
        for kind, found in located.items()
    }


def _referring(found: Located, ids: Ids, kit: Kit) -> Located:
    references = {_target(c): c for c in found.spec.columns if c.references}
    free = {
        kind: references[kind]
        for kind in TARGETS
        if kind in references and references[kind].key not in found.keys
    }
    for match in found.matches:
        if free and _may_refer(match, found, ids, kit):
            values = texts_below(found, match)
            kind = next((k for k in free if _are_ids(values, ids.get(k, frozenset()))), "")
            if not kind and not ids and "lead" in free and _repeat(values):
                kind = "lead"
            if kind:
                return _with(found, match, free[kind])
    return found


def _may_refer(match: Match, found: Located, ids: Ids, kit: Kit) -> bool:
    if match.column is not None:
        elsewhere = bool(ids) and match.column.references and _target(match.column) not in ids
        return match.column.key == found.spec.id_column or bool(elsewhere)
    for kind in TARGETS:
        spec = kit.by_key.get(kind)
        named = vocabulary(spec).find(match.text) if spec else None
        if spec and named and named[0].key == spec.id_column:
            return True
    return False


def _target(column: Column) -> str:
    return column.references.partition(".")[0]


def _are_ids(values: Sequence[str], ids: frozenset[str]) -> bool:
    """Say whether the values are another table's ids, and not the sheet's own running numbers."""
    distinct = set(values)
    if not distinct or sum(v in ids for v in distinct) < _SHARE * len(distinct):
        return False
    numbers = [int(v) for v in values if v.isdecimal()]
    return len(distinct) < len(values) or numbers != list(range(1, len(values) + 1))


def _repeat(values: Sequence[str]) -> bool:
    return bool(values) and len(values) - len(set(values)) > _REPEATED * len(values)


def _with(found: Located, match: Match, column: Column) -> Located:
    named = Match(match.text, match.position, column, "alias")
    return replace(found, matches=tuple(named if m is match else m for m in found.matches))


def _ids(found: Located) -> frozenset[str]:
    own = (m for m in found.matches if m.column and m.column.key == found.spec.id_column)
    return frozenset(text for match in own for text in texts_below(found, match))


def texts_below(found: Located, match: Match) -> list[str]:
    """Return what stands below a heading, folded; blank cells left out."""
    column = below(found.sheet.by_column, match.position, found.header_row)
    said = ["" if is_blank(cell) else fold(as_text(cell)) for cell in column.values]
    return [text for code in column.codes.tolist() if (text := said[code])]
