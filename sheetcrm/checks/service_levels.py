"""SLA-01, SLA-02, SLA-04, SLA-05, SLA-06: what the team promises to do within so many days.

Days are Chinese working days with the company's exceptions. What is still undone is late from the
day after the limit; what was done late is told where two cells of one row say so.
"""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import days_text, missing, report, says, values
from sheetcrm.checks.clocks import first_contact
from sheetcrm.checks.dates import settled
from sheetcrm.checks.leads import kinds, lead_rows, newest, open_leads, subjects
from sheetcrm.checks.working import end_of, moments_text, plain, until, whole
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import PHASES
from sheetcrm.kit.readings import LEGAL, LEGAL_REVIEW, REQUEST_DONE, REQUEST_REJECTED, SPARSE

# What a needs analysis fills in first.
ANALYSIS = "pain_point"
_DONE_LABEL = r"完成$"


def entered_late(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-01: a lead written down more than so many working days after it was received."""
    leads = book.tables.get("lead")
    if leads is None or not {"acquired_on", "entered_on"} <= set(leads.data):
        return []
    limit = book.kit.number("entry_working_days")
    received = settled(leads, "acquired_on", as_of)
    days = clock(book.kit).calendar.days(received, settled(leads, "entered_on", as_of))
    late = days[days > limit]
    if late.empty:
        return []
    facts = {"days": whole(late), "limit": plain(limit), "other": days_text(received[late.index])}
    notes = clock(book.kit).notes(received[late.index], limit)
    return report(leads, "SLA-01", "entered_on", pd.DataFrame({**facts, "note": notes}, late.index))


def recorded_late(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-02: a follow-up written down later than the limit in hours, resting on days off."""
    log = book.tables.get("follow_up")
    if log is None or not {"followed_on", "recorded_at"} <= set(log.data):
        return []
    limit = book.kit.number("follow_up_record_hours")
    talked, written = settled(log, "followed_on", as_of), settled(log, "recorded_at", as_of)
    passed = clock(book.kit).within_hours(talked, written, limit)
    late = talked[passed.late]
    facts = {"other": moments_text(late), "limit": plain(limit)}
    notes = passed.resolution(late.index)
    return report(
        log, "SLA-02", "recorded_at", pd.DataFrame({**facts, "resolution": notes}, late.index)
    )


def analysis_late(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-04: talked with the customer, and 客户痛点 still blank after so many working days.

    For open leads up to the needs stage; later ones lack a required cell (REQ-02).
    """
    leads = book.tables.get("lead")
    if leads is None or not {ANALYSIS, "status"} <= set(leads.data):
        return []
    limit = book.kit.number("needs_working_days")
    blank = missing(leads, ANALYSIS)
    if not book.own and blank.mean() > SPARSE:
        return []
    stages = values(leads, "status").map(book.kit.pipeline.by_label)
    early = stages.map(
        {s: PHASES.index(s.phase) <= PHASES.index("needs") for s in book.kit.pipeline.stages}
    )
    talked = first_contact(book, as_of)[blank & open_leads(book) & (early == True)]  # noqa: E712
    return _waiting(book, leads, ("SLA-04", ANALYSIS), talked, (limit, as_of))


def proposal_late(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-05: the needs are clear, and there is no proposal after so many working days.

    They are clear where the lead's newest stage row has entered a stage after the needs analysis
    and before the proposal, or a label that says the needs analysis is completed.
    """
    progress = book.tables.get("stage_progress")
    if progress is None or not {"stage", "entered_stage_on"} <= set(progress.data):
        return []
    limit = book.kit.number("proposal_working_days")
    label = values(progress, "stage")
    stages = book.kit.pipeline.by_label
    phase = label.map({text: stage.phase for text, stage in stages.items()})
    ready = (phase == "qualified") | ((phase == "needs") & says(label, _DONE_LABEL))
    last = newest(progress, "entered_stage_on", subjects(book, progress))
    since = settled(progress, "entered_stage_on", as_of)
    since = since[ready & since.index.isin(last) & ~_moved_on(book, progress)]
    return _waiting(book, progress, ("SLA-05", "entered_stage_on"), since, (limit, as_of))


def legal_late(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-06: a contract, or a contract sent to 法务 as a request, reviewed too late or not yet.

    A request that is done nobody knows when is neither.
    """
    result: list[Finding] = []
    contracts, requests = book.tables.get("contract"), book.tables.get("request")
    if contracts is not None and {"submitted_on", "legal_done_on"} <= set(contracts.data):
        everything = pd.Series(data=True, index=contracts.data.index)
        result += _reviewed(book, contracts, ("submitted_on", "legal_done_on"), everything, as_of)
    if requests is not None and {"department", "requested_on", "done_on"} <= set(requests.data):
        legal = says(values(requests, "department"), LEGAL)
        if "content" in requests.data:
            legal &= says(values(requests, "content"), LEGAL_REVIEW)
        if "status" in requests.data:
            status = values(requests, "status")
            undated = status.isin(REQUEST_DONE) & settled(requests, "done_on", as_of).isna()
            legal &= ~status.isin(REQUEST_REJECTED) & ~undated
        result += _reviewed(book, requests, ("requested_on", "done_on"), legal, as_of)
    return result


def _reviewed(
    book: CleanBook, table: CleanTable, keys: tuple[str, str], rows: pd.Series, as_of: date
) -> list[Finding]:
    limit = book.kit.number("legal_working_days")
    sent, done = (settled(table, key, as_of) for key in keys)
    sent = sent[rows]
    days = clock(book.kit).calendar.days(sent, until(done[sent.index], as_of))
    late = days[days > limit]
    open_ = done[late.index].isna()
    facts = {
        "days": whole(late),
        "limit": plain(limit),
        "other": days_text(sent[late.index]),
        "state": open_.map({True: "还没有审完", False: "才审完"}),
        "note": clock(book.kit).notes(sent[late.index], limit),
    }
    return report(table, "SLA-06", keys[1], pd.DataFrame(facts, index=late.index))


def _waiting(
    book: CleanBook,
    table: CleanTable,
    at: tuple[str, str],
    since: pd.Series,
    limit: tuple[float, date],
) -> list[Finding]:
    """Tell the rows that have waited since a day for more working days than the limit."""
    days = clock(book.kit).calendar.days(since, end_of(since, limit[1]))
    late = days[days > limit[0]]
    facts = {
        "days": whole(late),
        "limit": plain(limit[0]),
        "other": days_text(since[late.index]),
        "note": clock(book.kit).notes(since[late.index], limit[0]),
    }
    return report(table, at[0], at[1], pd.DataFrame(facts, index=late.index))


def _moved_on(book: CleanBook, progress: CleanTable) -> pd.Series:
    """Say of every stage row that its lead's own status is beyond it: closed, or proposed."""
    leads = book.tables.get("lead")
    if leads is None or "status" not in leads.data:
        return pd.Series(data=False, index=progress.data.index)
    status = values(leads, "status")
    stages = book.kit.pipeline.by_label
    phase = status.map({text: PHASES.index(stage.phase) for text, stage in stages.items()})
    beyond = (phase >= PHASES.index("proposal")) | kinds(book, status).isin(["won", "lost"])
    rows = lead_rows(book, progress)
    return pd.Series(beyond.reindex(rows, fill_value=False).to_numpy(bool), index=rows.index)
