"""A table that goes over several sheets: one a month, a person, a region."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

import pandas as pd

from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.locate import Located, Match
from sheetcrm.kit.references import TARGETS
from sheetcrm.kit.rows import below, says_total
from sheetcrm.table import Cell, Table, rows_on
from sheetcrm.values.text import as_text, fold, is_blank

# Sheets with so many headings in common are parts of one table, cut by month or by person; a
# column more since some month is usual.
_SAME_HEADINGS = 0.8
# Some customers come back in a later month; of two sheets with more in common one is a copy.
_SAME_SUBJECTS = 0.2
# Sheets that people keep beside the table: they have its headings and do not belong to it.
ASIDE = re.compile(
    r"备份|副本|copy|backup|旧版|作废|废弃|删除|回收|测试|黑名单|示例|样例|样表|模板|范例|例子",
    re.IGNORECASE,
)


def gather(
    candidates: Sequence[Located], chosen: Mapping[str, Located]
) -> dict[str, tuple[Located, ...]]:
    """Give each kind of table all the sheets it goes over, in the order of the workbook.

    Those belong together that have the headings of the chosen one and rows of their own: one a
    month, a person, a region. A sheet that is hidden, empty or called a copy stands alone.
    """
    found: dict[str, tuple[Located, ...]] = {}
    for key, main in chosen.items():
        alike = [c for c in candidates if c.spec.key == key and (c is main or may_go_on(c))]
        found[key] = (main,)
        if len(alike) > 1 and may_go_on(main):
            known, gone = subjects(main), []
            for other in alike:
                if other is main or goes_on(other, main, known):
                    known |= subjects(other)
                    gone.append(other)
            found[key] = tuple(gone)
    return found


def read_alike(part: Located, main: Located) -> Located:
    """Read the headings of a sheet as the same headings of the main sheet were read."""
    read = {match.text: match for match in reversed(main.matches)}
    alike = [read.pop(match.text, None) for match in part.matches]
    taken = {match.column.key for match in alike if match and match.column}
    matches = []
    for match, like in zip(part.matches, alike, strict=True):
        if like:
            matches.append(replace(like, position=match.position))
        elif match.column and match.column.key in taken:
            matches.append(Match(match.text, match.position, clash=match.column.key))
        else:
            matches.append(match)
    return replace(part, matches=tuple(matches))


def numbered_apart(parts: Sequence[Located]) -> tuple[Located, ...]:
    """Take running numbers that start anew on every sheet for what they are: no ids."""
    if len(parts) == 1:
        return tuple(parts)
    key = parts[0].spec.id_column
    ids = [_texts(part, (key,)) for part in parts]
    every = frozenset().union(*ids)
    if not every or sum(map(len, ids)) - len(every) <= _SAME_SUBJECTS * len(every):
        return tuple(parts)
    return tuple(
        replace(
            part,
            matches=tuple(
                Match(m.text, m.position) if m.column and m.column.key == key else m
                for m in part.matches
            ),
        )
        for part in parts
    )


def one_table(parts: Sequence[Table]) -> Table:
    """Return one table over the sheets that it is cut over; the only one as it is."""
    if len(parts) == 1:
        return parts[0]
    headings = {h.key: h for part in reversed(parts) for h in part.headings}
    first = parts[0]
    ordered = (*first.headings, *(h for h in headings.values() if h.key not in first.by_key))
    frames = [part.raw.set_axis(rows_on(at, part.raw.index)) for at, part in enumerate(parts)]
    raw = pd.concat(frames).reindex(columns=[h.key for h in ordered]).astype(object)
    raw = raw.where(raw.notna(), None)
    return replace(first, headings=ordered, raw=raw, coded={}, parts=tuple(parts))


def may_go_on(located: Located) -> bool:
    """Say whether a sheet may go on with another one: it is seen, and not called a copy."""
    return not located.sheet.hidden and not ASIDE.search(located.sheet.name)


def goes_on(one: Located, main: Located, known: frozenset[tuple[str, ...]]) -> bool:
    """Say whether a sheet has the headings of the main one and hardly a subject known already."""
    texts = [{read_heading(m.text).whole for m in located.matches} for located in (one, main)]
    if len(texts[0] & texts[1]) < _SAME_HEADINGS * max(map(len, texts)):
        return False
    about = subjects(one)
    fewer = min(len(about), len(known))
    return bool(fewer) and len(about & known) <= _SAME_SUBJECTS * fewer


def subjects(located: Located) -> frozenset[tuple[str, ...]]:
    """Return what the rows are about, as far as the sheet says it.

    A lead or a customer is its id and name, else the person; in other tables a customer has many
    rows, and a row is about all it says.
    """
    if located.spec.key not in TARGETS:
        return _texts(located, tuple(located.keys))
    known = (located.spec.id_column, "company")
    return _texts(located, known) or _texts(located, ("contact", "phone"))


def _texts(located: Located, wanted: Sequence[str]) -> frozenset[tuple[str, ...]]:
    """Return the rows' cells in the wanted columns, each combination once, without totals."""
    known = {m.column.key: m.position for m in located.matches if m.column}
    at = [known[key] for key in sorted(known.keys() & set(wanted))]
    keys = set(zip(*(_column(located, position) for position in at), strict=True))
    return frozenset(key for key in keys if any(key) and not any(map(says_total, key)))


def _column(located: Located, position: int) -> list[str]:
    """Return the texts of a column, folded; each different cell is looked at once."""
    column = below(located.sheet.by_column, position, located.header_row)
    texts = [_text(cell) for cell in column.values]
    return [texts[code] for code in column.codes.tolist()]


def _text(cell: Cell) -> str:
    return "" if is_blank(cell) else fold(as_text(cell))
