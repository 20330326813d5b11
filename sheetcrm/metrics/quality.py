"""How completely and how promptly people keep their records, by person, as figures.

Each rate is a pair of counts, so that parts can be added up: valid cells over the cells required
now, rows written down in time over rows that can be judged, follow-ups marked effective over those
that are marked at all.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import Kit
from sheetcrm.kit.requirement import parse, required_mask
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.numbers import Codes, Groups, Mask

# name of the rate -> its numerator and denominator column
RATES = {
    "completeness": ("filled", "required"),
    "entry_in_time": ("entered_in_time", "entered"),
    "record_in_time": ("recorded_in_time", "recorded"),
    "effective_rate": ("effective", "marked"),
}
RATE_NAMES = {
    "completeness": "必填完整率",
    "entry_in_time": "录入及时率",
    "record_in_time": "跟进记录及时率",
    "effective_rate": "有效跟进率",
}
COUNTS = tuple(name for pair in RATES.values() for name in pair)
QUALITY_COLUMNS = ("owner", *COUNTS, *RATES)
# Each stage row is required only while it is a lead's newest: the lead itself is counted instead.
_COUNTED = ("lead", "account", "follow_up", "request")


def quality(books: Sequence[CleanBook]) -> pd.DataFrame:
    """Return QUALITY_COLUMNS, one row a person, by name; people with nothing to judge are absent.

    必填完整率: required cells of lead, account, follow-up and request rows that hold a valid value
    (a placeholder or an error is none), over those required as things stand, by stage. 录入及时率:
    leads entered within the working days of the setting, over those with both dates.
    跟进记录及时率: the same of follow-ups within the hours of the setting; with dates only, what is
    not provably late is in time. 有效跟进率: 是 over 是 and 否. Rates are fractions, NaN without a
    denominator.
    """
    tables = [part for book in books for part in _counts(book)]
    if not tables:
        return pd.DataFrame(columns=list(QUALITY_COLUMNS))
    totals: dict[str, Counter[str]] = {}
    for table, counts in tables:
        owners = _owners(table)
        for what, rows in counts.items():
            for name, count in zip(owners.names, owners.sums(rows), strict=True):
                totals.setdefault(name, Counter())[what] += count
    people = sorted(name for name, counts in totals.items() if counts.total())
    found = {what: np.array([totals[name][what] for name in people], "int64") for what in COUNTS}
    for name, (numerator, denominator) in RATES.items():
        whole = np.where(found[denominator] > 0, found[denominator], np.nan)
        found[name] = found[numerator] / whole
    return pd.DataFrame({"owner": pd.Series(people, dtype="str"), **found})


def _counts(book: CleanBook) -> Iterator[tuple[CleanTable, dict[str, Codes | Mask]]]:
    """Yield tables with what is counted of each of their rows."""
    for kind in _COUNTED:
        if kind in book.tables:
            yield book.tables[kind], _completeness(book.kit, book.tables[kind])
    for kind, made in (("lead", _entries), ("follow_up", _records)):
        if kind in book.tables:
            yield book.tables[kind], made(book.kit, book.tables[kind])


def _owners(table: CleanTable) -> Groups:
    key = table.spec.owner_column
    if key in table.data:
        return Groups.of(table.data[key].fillna(UNFILLED))
    return Groups(np.zeros(len(table.data), dtype="int64"), (UNFILLED,))


def _completeness(kit: Kit, table: CleanTable) -> dict[str, Codes | Mask]:
    """Count, per row, the cells required now and those of them that hold a valid value."""
    data = table.data
    labels = data.get(table.spec.stage_column, pd.Series(index=data.index, dtype="str"))
    stages = kit.pipeline.by_label
    phases = labels.map({text: stage.phase for text, stage in stages.items()})
    kinds = labels.map({text: stage.kind for text, stage in stages.items()})
    faulty: dict[str, list[int]] = {}
    for row, key in table.faulty:
        faulty.setdefault(key, []).append(row)
    required = np.zeros(len(data), dtype="int64")
    filled = required.copy()
    asked: dict[str, Mask] = {}
    for column in table.spec.columns:
        if not column.required or column.key not in data:
            continue
        needed = asked.get(column.required)
        if needed is None:
            needed = required_mask(parse(column.required), phases, kinds, data).to_numpy()
            asked[column.required] = needed
        required += needed
        valid = needed & data[column.key].notna().to_numpy()
        if column.key in faulty:
            valid &= ~data.index.isin(faulty[column.key])
        filled += valid
    return {"filled": filled, "required": required}


def _entries(kit: Kit, table: CleanTable) -> dict[str, Codes | Mask]:
    """Say, per lead, whether it can be judged and was entered in time."""
    if not {"acquired_on", "entered_on"} <= set(table.data):
        return {}
    days = clock(kit).calendar.days(table.data["acquired_on"], table.data["entered_on"]).to_numpy()
    judged = days >= 0
    return {
        "entered_in_time": judged & (days <= kit.number("entry_working_days")),
        "entered": judged,
    }


def _records(kit: Kit, table: CleanTable) -> dict[str, Codes | Mask]:
    """Say, per follow-up, whether it was written down in time, and whether it was effective."""
    data = table.data
    counts: dict[str, Codes | Mask] = {}
    if {"followed_on", "recorded_at"} <= set(data):
        limit = kit.number("follow_up_record_hours")
        passed = clock(kit).within_hours(data["followed_on"], data["recorded_at"], limit)
        judged = passed.hours.to_numpy() >= np.where(passed.by_day, -24.0, 0.0)
        counts["recorded"] = judged
        counts["recorded_in_time"] = judged & ~passed.late.to_numpy()
    if "effective" in data:
        effective = data["effective"].to_numpy("object")
        counts["effective"] = effective == "是"
        counts["marked"] = counts["effective"] | (effective == "否")
    return counts
