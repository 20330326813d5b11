"""Rows under a customer that do not name him again: further talks with the one above."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from sheetcrm.kit.headings import read_heading
from sheetcrm.table import Coded, Heading
from sheetcrm.values.text import tidy

# Whom a row is about; and what a row that is only another talk may say besides.
_WHO = ("lead_id", "account_id", "company")
_TALK = ("last_follow_up", "next_follow_up")
_BESIDES = (*_TALK, "owner", "note")
_TALK_HEADING = re.compile(r"跟进|沟通|拜访|回访|走访|洽谈|进展|反馈")

Columns = Mapping[str, Coded]


@dataclass(frozen=True)
class Talks:
    """Further talks with leads: `rows` has their raw cells, `heads` the lead's row of each."""

    rows: pd.DataFrame = field(repr=False)
    heads: Mapping[int, int]


def talks_under(
    headings: Sequence[Heading], columns: Columns, data: np.ndarray, rows: np.ndarray
) -> dict[int, int]:
    """Return the rows of a lead table that only tell of a talk, each with the lead's row above.

    Such a row names neither customer nor id and fills nothing that a lead has but the day, the
    content and the person of a talk.

    Args:
        headings: Those of the table.
        columns: Its cells by heading key.
        data: Which rows hold data.
        rows: Which may be such rows: where the talks' column is not a known one, they hold no data.
    """
    named = [columns[h.key].codes > 0 for h in headings if h.known and h.key in _WHO]
    talk = [columns[h.key].codes > 0 for h in headings if _tells_talk(h)]
    if not any(h.key == "company" for h in headings if h.known) or not talk:
        return {}
    others = [
        columns[h.key].codes > 0
        for h in headings
        if not _tells_talk(h) and not (h.known and h.key in _BESIDES)
    ]
    further = rows & np.any(talk, axis=0) & ~np.any([*named, *others], axis=0)
    return _above(further, data & columns["company"].codes.astype(bool))


def fill_down(
    headings: Sequence[Heading], columns: dict[str, Coded], data: np.ndarray
) -> list[int]:
    """Give the rows of a log that name no customer the one above; return those rows.

    Where a log has ids, a row without one is a mistake to be told.

    Args:
        headings: Those of the table.
        columns: Its cells by heading key; the customers are changed.
        data: Which rows hold data.
    """
    keys = {h.key for h in headings if h.known}
    if keys.intersection(_WHO) != {"company"} or "followed_on" not in keys:
        return []
    named = columns["company"].codes > 0
    under = _above(data & ~named & (columns["followed_on"].codes > 0), data & named)
    if under:
        rows, heads = np.array([*under.items()], dtype=np.intp).T
        columns["company"] = _with_tidy(columns["company"], rows, heads)
    return sorted(under)


def _with_tidy(column: Coded, rows: np.ndarray, heads: np.ndarray) -> Coded:
    """Copy cells down, without the stray spaces that are only the first one's to be told of."""
    values = [tidy(v) if isinstance(v, str) else v for v in column.values.tolist()]
    doubled = np.empty(2 * len(values), dtype=object)
    doubled[:] = [*column.values.tolist(), *values]
    codes = column.codes.copy()
    copied = codes[heads]
    codes[rows] = np.where(copied > 0, copied + len(values), 0)
    return Coded(doubled, codes)


def _above(further: np.ndarray, heads: np.ndarray) -> dict[int, int]:
    """Return for each further row the head it follows without a gap."""
    found: dict[int, int] = {}
    for row in np.flatnonzero(further).tolist():
        head = found.get(row - 1, row - 1)
        if row and heads[head]:
            found[row] = head
    return found


def _tells_talk(heading: Heading) -> bool:
    if heading.known and heading.key.isascii():  # the others are a team's own columns
        return heading.key in _TALK
    return bool(_TALK_HEADING.search(read_heading(heading.text).bare))
