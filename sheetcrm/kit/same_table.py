"""Several sheets for one table: which one counts, and what is to be said of the others."""

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sheetcrm.findings import Finding, Place, Severity, finding
from sheetcrm.kit.locate import Located
from sheetcrm.kit.rows import below
from sheetcrm.kit.several import ASIDE, goes_on, may_go_on, subjects
from sheetcrm.values.text import is_blank

_DOUBT = "无法判断以哪张为准；只计入了“{other}”"
_ALSO = "，这张表有{more}行是那里没有的，没有检查，也没有汇总"
_PART = "表头相同、数据不同，像是分开记的；只计入了“{other}”，这张表的{rows}行没有检查，也没有汇总"
_JOIN = (
    "请把这张表的行并到“{other}”里；要分开保存，就每张表存成一个文件，"
    "放在同一文件夹里用 sheetcrm weekly 一起汇总"
)
_RENAME = (
    "它的名字像是备份、作废或示例，所以没有和“{other}”合起来；应该计入的，请给它改个名字，"
    "不该计入的，请把它隐藏"
)


def choose(candidates: Sequence[Located]) -> dict[str, Located]:
    """Give each kind of table its best sheet, in the order of the workbook.

    The one that was generated for it, else a visible one that is not called a copy, else the
    fullest.
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
    part = rows > 0 and goes_on(loser, winner, subjects(winner))
    severity: Severity = "error" if own or part else "warning"
    if loser.sheet.hidden or not rows:
        severity = "info"
    more = len(subjects(loser) - subjects(winner)) if rows else 0
    facts = {"other": winner.sheet.name, "rows": rows, "more": more}
    doubt = _PART if part else _DOUBT + (_ALSO if more else "")
    place = Place(file, loser.sheet.name, f"A{loser.header_row}", loser.header_row)
    return finding(
        "SHT-03",
        place,
        suggestion=(_JOIN if may_go_on(loser) else _RENAME).format(**facts) if part else "",
        severity=severity,
        other=winner.sheet.name,
        table=loser.spec.name,
        doubt=doubt.format(**facts),
    )


def _precedence(located: Located) -> tuple[bool, bool, bool, int]:
    sheet = located.sheet
    filled = _filled(located) * len(located.keys)
    aside = bool(ASIDE.search(sheet.name))
    return (sheet.table != located.spec.key, sheet.hidden, aside, -filled)


def _filled(located: Located) -> int:
    """Count the rows below the headings in which one of its columns is filled."""
    rows = located.sheet.by_column
    filled = np.zeros(max(len(rows) - located.header_row, 0), dtype=bool)
    for match in located.matches:
        if match.column:
            column = below(rows, match.position, located.header_row)
            filled |= np.array([not is_blank(value) for value in column.values])[column.codes]
    return int(filled.sum())
