"""How completely and how promptly people keep their records, by person, as figures.

Each rate is a pair of counts, so that parts can be added up: valid cells over the cells required
now, rows written down in time over rows that can be judged, follow-ups marked effective over those
that are marked at all.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import Kit
from sheetcrm.kit.requirement import parse, required_mask
from sheetcrm.metrics.columns import UNFILLED

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
    parts = [part for book in books for part in _counts(book)]
    if not parts:
        return pd.DataFrame(columns=list(QUALITY_COLUMNS))
    counts = pd.concat(parts).groupby(level=0).sum().reindex(columns=list(COUNTS), fill_value=0)
    counts = counts.fillna(0).astype("int64")
    counts = counts[(counts > 0).any(axis=1)]
    for name, (numerator, denominator) in RATES.items():
        total = counts[denominator].where(counts[denominator] > 0).astype("float64")
        counts[name] = counts[numerator] / total
    return counts.rename_axis("owner").reset_index()[list(QUALITY_COLUMNS)]


def _counts(book: CleanBook) -> list[pd.DataFrame]:
    tables = [book.tables[kind] for kind in _COUNTED if kind in book.tables]
    parts = [_by_owner(table, _completeness(book.kit, table)) for table in tables]
    for kind, made in (("lead", _entries), ("follow_up", _records)):
        if kind in book.tables:
            parts.append(_by_owner(book.tables[kind], made(book.kit, book.tables[kind])))
    return parts


def _by_owner(table: CleanTable, counts: pd.DataFrame) -> pd.DataFrame:
    key = table.spec.owner_column
    if key in table.data:
        owner = table.data[key].fillna(UNFILLED)
    else:
        owner = pd.Series(UNFILLED, index=table.data.index, dtype="str")
    return counts.groupby(owner).sum()


def _completeness(kit: Kit, table: CleanTable) -> pd.DataFrame:
    """Count, per row, the cells required now and those of them that hold a valid value."""
    data = table.data
    labels = data.get(table.spec.stage_column, pd.Series(index=data.index, dtype="str"))
    stages = kit.pipeline.by_label
    phases = labels.map({text: stage.phase for text, stage in stages.items()})
    kinds = labels.map({text: stage.kind for text, stage in stages.items()})
    faulty = pd.DataFrame(list(table.faulty), columns=["row", "key"])
    filled = pd.Series(0, index=data.index)
    required = filled.copy()
    for column in table.spec.columns:
        if not column.required or column.key not in data:
            continue
        needed = required_mask(parse(column.required), phases, kinds, data)
        wrong = data.index.isin(faulty.loc[faulty["key"] == column.key, "row"])
        required += needed
        filled += needed & data[column.key].notna() & ~wrong
    return pd.DataFrame({"filled": filled, "required": required})


def _entries(kit: Kit, table: CleanTable) -> pd.DataFrame:
    """Say, per lead, whether it can be judged and was entered in time."""
    if not {"acquired_on", "entered_on"} <= set(table.data):
        return pd.DataFrame({"entered_in_time": 0, "entered": 0}, index=table.data.index)
    days = clock(kit).calendar.days(table.data["acquired_on"], table.data["entered_on"])
    judged = days >= 0
    in_time = judged & (days <= kit.number("entry_working_days"))
    return pd.DataFrame({"entered_in_time": in_time.astype(int), "entered": judged.astype(int)})


def _records(kit: Kit, table: CleanTable) -> pd.DataFrame:
    """Say, per follow-up, whether it was written down in time, and whether it was effective."""
    data = table.data
    blank = pd.Series(0, index=data.index)
    counts = dict.fromkeys(("recorded_in_time", "recorded", "effective", "marked"), blank)
    if {"followed_on", "recorded_at"} <= set(data):
        limit = kit.number("follow_up_record_hours")
        passed = clock(kit).within_hours(data["followed_on"], data["recorded_at"], limit)
        judged = passed.hours >= np.where(passed.by_day, -24.0, 0.0)
        counts["recorded"] = judged.astype(int)
        counts["recorded_in_time"] = (judged & ~passed.late).astype(int)
    if "effective" in data:
        counts["effective"] = (data["effective"] == "是").astype(int)
        counts["marked"] = data["effective"].isin(["是", "否"]).astype(int)
    return pd.DataFrame(counts)
