"""FUP, SLA-03: open leads that wait for somebody, by the definitions of 逾期预警."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import days_text, report, values
from sheetcrm.checks.clocks import (
    PLAN,
    entered_stage,
    ever_contacted,
    last_contact,
    planned_rows,
    silent_since,
)
from sheetcrm.checks.leads import open_leads
from sheetcrm.checks.working import plain, whole
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.clock import clock

# Where a finding about a lead's silence stands: the first of these that the sheet has.
_SILENT_AT = ("last_follow_up", "company", "contact", "status")


def no_first_response(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-03: an open lead nobody has contacted, longer than the limit for a first response.

    The limit is in hours on the clock, resting on days off; with a date only it is late once the
    office has closed on the day the limit reaches. Due on the day of the report is not late.
    """
    leads = book.tables.get("lead")
    if leads is None or not {"status", "acquired_on"} <= set(leads.data):
        return []
    if not _knows_contacts(book):
        return []
    limit = book.kit.number("first_response_hours")
    since = values(leads, "acquired_on")
    since = since.where(since.dt.normalize() <= pd.Timestamp(as_of))
    waiting = open_leads(book) & ~ever_contacted(book)
    if not waiting.any():
        return []
    passed = clock(book.kit).waiting(since, as_of, limit)
    hits = since[waiting & passed.late]
    days = (pd.Timestamp(as_of) - hits.dt.normalize()).dt.days
    facts = {"days": whole(days), "limit": plain(limit)}
    notes = passed.resolution(hits.index)
    return report(
        leads, "SLA-03", "acquired_on", pd.DataFrame({**facts, "resolution": notes}, hits.index)
    )


def plan_overdue(book: CleanBook, as_of: date) -> list[Finding]:
    """FUP-04: the next follow-up of an open lead was due before `as_of`; due today is not late."""
    found = _plans(book, as_of)
    if found is None:
        return []
    table, rows, plans = found
    today = pd.Timestamp(as_of)
    late = plans[(plans < today) & open_leads(book)]
    if late.empty:
        return []
    last = last_contact(book, as_of)[late.index]
    facts = pd.DataFrame({"days": whole((today - late).dt.days)}, index=late.index)
    done = (last >= late).to_numpy()
    facts["suggestion"] = [
        f"{day}已经跟进过：请填写新的下次跟进时间" if after else ""
        for day, after in zip(days_text(last), done, strict=True)
    ]
    return report(table, "FUP-04", PLAN, _at(rows, facts))


def silent(book: CleanBook, as_of: date) -> list[Finding]:
    """FUP-06: an open lead without a follow-up for more days than the limits of the settings.

    Counted from 线索获取时间 where there has been none; the highest limit that is passed speaks.
    """
    leads = book.tables.get("lead")
    if leads is None or "status" not in leads.data or not _knows_contacts(book):
        return []
    key = next((k for k in _SILENT_AT if k in leads.data), "")
    levels = (
        (book.kit.number("churn_days"), "有流失风险"),
        (book.kit.number("silent_days_manager"), "经理也要过问"),
        (book.kit.number("silent_days_owner"), "负责人要跟进"),
    )
    last = last_contact(book, as_of)
    since = silent_since(book, as_of)
    days = (pd.Timestamp(as_of) - since).dt.days
    quiet = days[open_leads(book) & (days > min(limit for limit, _ in levels))]
    if quiet.empty:
        return []
    told = [next(pair for pair in levels if n > pair[0]) for n in quiet]
    facts = pd.DataFrame(
        {
            "days": whole(quiet),
            "limit": [plain(limit) for limit, _ in told],
            "level": [words for _, words in told],
            "since": _since(last[quiet.index], since[quiet.index]),
        },
        index=quiet.index,
    )
    return report(leads, "FUP-06", key, facts)


def plan_too_late(book: CleanBook, as_of: date) -> list[Finding]:
    """FUP-07: the next follow-up is planned later than the stage recommends.

    Only where the workbook says itself what it recommends: a guest's stages have no such limit.
    """
    found = _plans(book, as_of) if book.own else None
    if found is None:
        return []
    table, rows, plans = found
    leads = book.tables["lead"]
    stages = values(leads, "status").map(book.kit.pipeline.by_label)
    limits = stages.map({s: s.cadence_days for s in book.kit.pipeline.stages}).astype("float64")
    since = silent_since(book, as_of)
    gap = (plans - since).dt.days
    hit = open_leads(book) & (plans >= pd.Timestamp(as_of)) & (limits > 0) & (gap > limits)
    limit = limits[hit]
    latest = since[hit] + pd.to_timedelta(limit, unit="D")
    latest = latest.where(latest > pd.Timestamp(as_of), pd.Timestamp(as_of))
    facts = pd.DataFrame(
        {
            "gap": whole(gap[hit]),
            "limit": whole(limit),
            "stage": [stage.name for stage in stages[hit]],
            "latest": days_text(latest),
        },
        index=limit.index,
    )
    # Nobody can follow up before today: a plan for today or tomorrow is as early as can be.
    soon = plans[limit.index] <= pd.Timestamp(as_of) + pd.Timedelta(days=1)
    return report(table, "FUP-07", PLAN, _at(rows, facts[~soon]))


def dwelling(book: CleanBook, as_of: date) -> list[Finding]:
    """STG-06: an open lead has been in its stage for longer than the stage's limit.

    The limit is the stage's own; the setting 阶段停留上限 where it has none, and for guests.
    """
    leads = book.tables.get("lead")
    if leads is None or "status" not in leads.data:
        return []
    setting = book.kit.number("dwell_days")
    stages = values(leads, "status").map(
        {label: stage.name for label, stage in book.kit.pipeline.by_label.items()}
    )
    own = {s.name: float(s.dwell_days or setting) for s in book.kit.pipeline.stages}
    limits = stages.map(own if book.own else dict.fromkeys(own, setting)).astype("float64")
    days = (pd.Timestamp(as_of) - entered_stage(book)).dt.days
    over = days[open_leads(book) & (days > limits)]
    if over.empty:
        return []
    facts = pd.DataFrame(
        {
            "days": whole(over),
            "limit": [plain(limit) for limit in limits[over.index]],
            "stage": stages[over.index],
        },
        index=over.index,
    )
    return report(leads, "STG-06", "status", facts)


def _plans(book: CleanBook, as_of: date) -> tuple[CleanTable, pd.Series, pd.Series] | None:
    """Return the table with the plans, the row of each lead's plan, and the planned days."""
    leads = book.tables.get("lead")
    if leads is None or "status" not in leads.data:
        return None
    found = planned_rows(book, as_of)
    if found is None:
        return None
    table, rows = found
    plans = values(table, PLAN).dt.normalize().reindex(rows).set_axis(rows.index)
    return table, rows, plans


def _at(rows: pd.Series, facts: pd.DataFrame) -> pd.DataFrame:
    """Move facts known by lead to the rows that hold the leads' plans."""
    return facts.set_axis(rows[facts.index].astype("int64"))


def _knows_contacts(book: CleanBook) -> bool:
    """Say whether the workbook can tell of follow-ups at all."""
    if book.told is not None:
        return True
    log = book.tables.get("follow_up")
    typed = "last_follow_up" in book.tables["lead"].data
    return typed or (log is not None and "followed_on" in log.data)


def _since(last: pd.Series, since: pd.Series) -> list[str]:
    return [
        f"{'线索获取' if never else '上次跟进'}的{day}"
        for never, day in zip(last.isna(), days_text(since), strict=True)
    ]
