"""Several sheets for one table: which one counts, and what is to be said of the others."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sheetcrm.findings import Finding, Place, Severity, finding
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.locate import Located
from sheetcrm.kit.rows import below, says_total
from sheetcrm.table import Cell
from sheetcrm.values.text import as_text, fold, is_blank

# Sheets with so many headings in common are parts of one table, cut by month or by person.
_SAME_HEADINGS = 0.9
_DOUBT = "无法判断以哪张为准；只计入了“{other}”"
_ALSO = "，这张表有{more}行是那里没有的，没有检查，也没有汇总"
_PART = "表头相同、数据不同，像是分开记的；只计入了“{other}”，这张表的{rows}行没有检查，也没有汇总"
_JOIN = (
    "请把这张表的行并到“{other}”里；要分开保存，就每张表存成一个文件，"
    "放在同一文件夹里用 sheetcrm weekly 一起汇总"
)


def choose(candidates: Sequence[Located]) -> dict[str, Located]:
    """Give each kind of table its best sheet, in the order of the workbook.

    The one that was generated for it, else a visible one, else the fullest.
    """
    chosen: dict[str, Located] = {}
    kinds = Counter(located.spec.key for located in candidates)
    rivals = [located for located in candidates if kinds[located.spec.key] > 1]
    alone = [located for located in candidates if kinds[located.spec.key] == 1]
    for located in (*alone, *sorted(rivals, key=_precedence)):
        chosen.setdefault(located.spec.key, located)
    return {f.spec.key: chosen[f.spec.key] for f in candidates}


def left_out(file: str, loser: Located, winner: Located, *, own: bool) -> Finding:
    """Say of a sheet that another one counts instead of it (SHT-03).

    Rows that stand on no other sheet are an error, whoever made the workbook: the figures lack
    them. A hidden or empty sheet is only mentioned.
    """
    rows = _filled(loser)
    part = rows > 0 and _is_part(loser, winner)
    severity: Severity = "error" if own or part else "warning"
    if loser.sheet.hidden or not rows:
        severity = "info"
    more = len(_subjects(loser) - _subjects(winner)) if rows else 0
    facts = {"other": winner.sheet.name, "rows": rows, "more": more}
    doubt = _PART if part else _DOUBT + (_ALSO if more else "")
    place = Place(file, loser.sheet.name, f"A{loser.header_row}", loser.header_row)
    return finding(
        "SHT-03",
        place,
        suggestion=_JOIN.format(**facts) if part else "",
        severity=severity,
        other=winner.sheet.name,
        table=loser.spec.name,
        doubt=doubt.format(**facts),
    )


def _precedence(located: Located) -> tuple[bool, bool, int]:
    sheet = located.sheet
    filled = _filled(located) * len(located.keys)
    return (sheet.table != located.spec.key, sheet.hidden, -filled)


def _filled(located: Located) -> int:
    """Count the rows below the headings in which one of its columns is filled."""
    rows = located.sheet.by_column
    filled = np.zeros(max(len(rows) - located.header_row, 0), dtype=bool)
    for match in located.matches:
        if match.column:
            column = below(rows, match.position, located.header_row)
            filled |= np.array([not is_blank(value) for value in column.values])[column.codes]
    return int(filled.sum())


def _is_part(one: Located, other: Located) -> bool:
    """Say whether two sheets have the same headings and no row about the same subject."""
    texts = [{read_heading(m.text).whole for m in located.matches} for located in (one, other)]
    if len(texts[0] & texts[1]) < _SAME_HEADINGS * max(map(len, texts)):
        return False
    subjects = [_subjects(located) for located in (one, other)]
    return all(subjects) and not subjects[0] & subjects[1]


def _subjects(located: Located) -> frozenset[tuple[str, ...]]:
    """Return what the rows are about: their id and customer, as far as the sheet has them."""
    wanted = (located.spec.id_column, "lead_id", "company")
    at = [m.position - 1 for m in located.matches if m.column and m.column.key in wanted]
    rows = located.sheet.rows[located.header_row :]
    keys = {tuple(_text(row[i]) if i < len(row) else "" for i in at) for row in rows}
    return frozenset(key for key in keys if any(key) and not any(map(says_total, key)))


def _text(cell: Cell) -> str:
    return "" if is_blank(cell) else fold(as_text(cell))
