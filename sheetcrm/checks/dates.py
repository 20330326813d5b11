"""DAT: dates that cannot be, and dates in the wrong order (获取 ≤ 录入 ≤ 跟进 ≤ 成交)."""

from collections.abc import Mapping
from datetime import date
from itertools import chain

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.checks.cells import DATE_TYPES, days_text, name_of, report, values
from sheetcrm.checks.leads import from_lead, kinds, lead_rows, newest, open_leads, subjects
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding, Severity

Mask = npt.NDArray[np.bool_]
# Columns that tell what has happened, and so cannot lie in the future.
PAST: Mapping[str, tuple[str, ...]] = {
    "lead": ("acquired_on", "entered_on", "last_follow_up", "won_on"),
    "account": ("first_contact_on",),
    "follow_up": ("followed_on", "recorded_at"),
    "stage_progress": ("entered_stage_on", "left_stage_on"),
    "request": ("requested_on", "responded_at", "done_on"),
    "status_change": ("changed_at",),
    "contract": ("submitted_on", "legal_done_on", "approved_on", "signed_on"),
    "competitor": ("happened_on",),
}
# Of the kit's `date_order`, the pairs with a code of their own; the rest are DAT-08.
ORDER_CODES: Mapping[tuple[str, str], str] = {
    ("acquired_on", "last_follow_up"): "DAT-01",
    ("acquired_on", "won_on"): "DAT-02",
    ("last_follow_up", "next_follow_up"): "DAT-04",
    ("followed_on", "next_follow_up"): "DAT-04",
}
FIRST_YEAR = 2000
YEARS_AHEAD = 10
_EPOCH = 1970
# So many follow-ups before its acquisition date, and none after it, make the date the mistake.
_SEVERAL = 2


def impossible_year(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-07: a year that no sales record has (before 2000, or over 10 years ahead)."""
    facts = {"low": FIRST_YEAR, "high": as_of.year + YEARS_AHEAD}
    result: list[Finding] = []
    for table in book.tables.values():
        for key in _date_columns(table):
            days = values(table, key)
            wrong = ~_possible(days, as_of)
            if wrong.any():
                result += report(table, "DAT-07", key, _rows(days, wrong, facts))
    return result


def in_future(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-03: something that has happened is dated after the as-of date."""
    facts = {"as_of": as_of.isoformat()}
    result: list[Finding] = []
    for kind, table in book.tables.items():
        for key in PAST.get(kind, ()):
            if key in table.data:
                days = values(table, key)
                late = (_whole(days) > np.datetime64(as_of)) & _possible(days, as_of)
                if late.any():
                    result += report(table, "DAT-03", key, _rows(days, late, facts))
    return result


def out_of_order(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-01, DAT-02, DAT-04, DAT-08: two dates of one row in the wrong order."""
    return list(
        chain.from_iterable(
            _pair(book, table, earlier, later, as_of)
            for table in book.tables.values()
            for earlier, later in table.spec.date_order
            if earlier in table.data and later in table.data
        )
    )


def acquired_late(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-09: a lead acquired after all of its follow-ups, of which there are several."""
    late = _late(book, as_of)
    return [] if late.empty else report(book.tables["lead"], "DAT-09", "acquired_on", late)


def follow_up_before_acquisition(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-01: a follow-up row dated before its lead was acquired."""
    return _before_acquisition(book, as_of, "follow_up", "followed_on", "DAT-01")


def stage_before_acquisition(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-05: a stage entered before its lead was acquired."""
    return _before_acquisition(book, as_of, "stage_progress", "entered_stage_on", "DAT-05")


def won_before_contact(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-02: a lead won before its first follow-up."""
    leads, follow_ups = book.tables.get("lead"), book.tables.get("follow_up")
    if leads is None or follow_ups is None or "won_on" not in leads.data:
        return []
    followed = settled(follow_ups, "followed_on", as_of)
    first = followed.groupby(lead_rows(book, follow_ups)).min().reindex(leads.data.index)
    won = settled(leads, "won_on", as_of)
    early = won.dt.normalize() < first.dt.normalize()
    facts = {"label": "首次跟进", "other": days_text(first[early])}
    return report(leads, "DAT-02", "won_on", _rows(won, early, facts))


def expected_passed(book: CleanBook, as_of: date) -> list[Finding]:
    """DAT-06: an expected purchase or close date has passed and the lead is still open."""
    leads, stages = book.tables.get("lead"), book.tables.get("stage_progress")
    result: list[Finding] = []
    if leads is not None and "expected_purchase_on" in leads.data:
        result += _passed(leads, "expected_purchase_on", open_leads(book), as_of)
    if stages is not None and "expected_close_on" in stages.data:
        lead = subjects(book, stages)
        last = stages.data.index.isin(newest(stages, "entered_stage_on", lead))
        still = kinds(book, values(stages, "stage")) == "open"
        if leads is not None:
            still &= ~kinds(book, from_lead(book, stages, "status")).isin(["won", "lost"])
        result += _passed(stages, "expected_close_on", still & last, as_of)
    return result


def settled(table: CleanTable, key: str, as_of: date) -> pd.Series:
    """Return a date column without the dates that already have a finding of their own."""
    days = values(table, key)
    good = _possible(days, as_of)
    if key in PAST.get(table.spec.key, ()):
        good &= ~(_whole(days) > np.datetime64(as_of))
    return days if good.all() else days.where(good)


def _late(book: CleanBook, as_of: date) -> pd.DataFrame:
    """Return the leads whose acquisition date is the odd one out: it alone is told (DAT-09).

    Index: rows of the lead table; columns `count` of follow-ups and `other`, the first one's day.
    """
    leads, follow_ups = book.tables.get("lead"), book.tables.get("follow_up")
    none = pd.DataFrame({"count": [], "other": []})
    if leads is None or follow_ups is None or "acquired_on" not in leads.data:
        return none
    days = settled(follow_ups, "followed_on", as_of).dt.normalize()
    by_lead = days.groupby(lead_rows(book, follow_ups))
    known = by_lead.agg(["count", "min", "max"])
    known.index = known.index.astype("int64")
    acquired = settled(leads, "acquired_on", as_of).dt.normalize().reindex(known.index)
    late = known[(known["count"] >= _SEVERAL) & (known["max"] < acquired)]
    return pd.DataFrame({"count": late["count"], "other": days_text(late["min"])})


def _acquired(book: CleanBook, as_of: date) -> pd.Series:
    """Return when each lead was acquired, without the dates that have a finding of their own."""
    acquired = settled(book.tables["lead"], "acquired_on", as_of)
    late = _late(book, as_of)
    return acquired if late.empty else acquired.mask(acquired.index.isin(late.index))


def _pair(
    book: CleanBook, table: CleanTable, earlier: str, later: str, as_of: date
) -> list[Finding]:
    second = settled(table, later, as_of)
    first = _acquired(book, as_of) if earlier == "acquired_on" else settled(table, earlier, as_of)
    code = ORDER_CODES.get((earlier, later), "DAT-08")
    wrong = _whole(second) < _whole(first)
    if code == "DAT-04":  # a plan for the very day of the talk is no plan
        wrong = _whole(second) <= _whole(first)
        if table.spec.key == "lead":
            wrong &= open_leads(book).to_numpy()
    if not wrong.any():
        return []
    facts = {"label": name_of(table, earlier), "other": days_text(first[wrong])}
    # Whoever writes the row down late has followed up before: worth a look, no mistake in itself.
    softer: Severity | None = "warning" if earlier == "entered_on" else None
    return report(table, code, later, _rows(second, wrong, facts), softer)


def _before_acquisition(
    book: CleanBook, as_of: date, kind: str, key: str, code: str
) -> list[Finding]:
    leads, table = book.tables.get("lead"), book.tables.get(kind)
    if leads is None or table is None or key not in table.data:
        return []
    start = _acquired(book, as_of).reindex(lead_rows(book, table)).set_axis(table.data.index)
    days = settled(table, key, as_of)
    early = days.dt.normalize() < start.dt.normalize()
    return report(table, code, key, _rows(days, early, {"other": days_text(start[early])}))


def _passed(table: CleanTable, key: str, still: pd.Series, as_of: date) -> list[Finding]:
    days = settled(table, key, as_of)
    past = (_whole(days) < np.datetime64(as_of)) & still
    if not past.any():
        return []
    left = (pd.Timestamp(as_of) - days[past].dt.normalize()).dt.days
    return report(table, "DAT-06", key, _rows(days, past, {"days": left.to_list()}))


def _possible(days: pd.Series, as_of: date) -> Mask:
    """Say for every row that the year is possible; True where there is no date."""
    known = days.to_numpy("datetime64[us]")
    years = known.astype("datetime64[Y]").astype("int64") + _EPOCH
    possible = (years >= FIRST_YEAR) & (years <= as_of.year + YEARS_AHEAD)
    return np.asarray(np.isnat(known) | possible)


def _whole(days: pd.Series) -> npt.NDArray[np.datetime64]:
    """Return the days without their times."""
    return days.to_numpy("datetime64[us]").astype("datetime64[D]")


def _rows(column: pd.Series, hit: pd.Series | Mask, facts: Mapping[str, object]) -> pd.DataFrame:
    return pd.DataFrame(dict(facts), index=column.index[hit])


def _date_columns(table: CleanTable) -> list[str]:
    specs = table.spec.by_key
    return [k for k in table.data if k in specs and specs[k].type in DATE_TYPES]
