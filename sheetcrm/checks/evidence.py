"""STG-04, GRD-03, REF-03: what the lead says, and what contracts and follow-ups show."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import column, days_text, report, values
from sheetcrm.checks.clocks import contact_unknown, logged_contact, spread, told_rows
from sheetcrm.checks.leads import from_lead, kinds, lead_rows, named_lead, order, subjects
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding

_UNLOGGED = "请把{}的那次补到跟进记录；没有联系过就改正最后跟进时间"


def won_without_proof(book: CleanBook, as_of: date) -> list[Finding]:
    """STG-04: a won lead without a signed contract and, where it can be seen, without a payment.

    Only where the workbook keeps contracts.
    """
    del as_of
    leads, contracts = book.tables.get("lead"), book.tables.get("contract")
    if leads is None or contracts is None or "status" not in leads.data:
        return []
    if "signed_on" not in contracts.data:
        return []
    signed = lead_rows(book, contracts)[values(contracts, "signed_on").notna()]
    proof = spread(book, pd.Series(data=1.0, index=signed.dropna().unique())).notna()
    paid = ""
    if "paid_amount" in leads.data:
        proof |= values(leads, "paid_amount") > 0
        paid = "，也没有回款"
    status = values(leads, "status")
    hits = status[(kinds(book, status) == "won") & ~proof]
    return report(leads, "STG-04", "status", pd.DataFrame({"paid": paid}, index=hits.index))


def log_disagrees(book: CleanBook, as_of: date) -> list[Finding]:
    """REF-03: 最后跟进时间 is not the day of the newest follow-up in the log, or told in the row.

    Where the log is behind, the contact is to be logged: the older day would be wrong. A lead the
    log does not know is left alone.
    """
    leads = book.tables.get("lead")
    if leads is None or "last_follow_up" not in leads.data:
        return []
    if "follow_up" not in book.tables and book.told is None:
        return []
    typed = values(leads, "last_follow_up").dt.normalize()
    typed = typed.where(typed <= pd.Timestamp(as_of))
    logged = logged_contact(book, as_of).mask(contact_unknown(book))
    differ = typed.notna() & logged.notna() & (typed != logged)
    days, other = days_text(typed[differ]), days_text(logged[differ])
    later = (typed > logged)[differ]
    advice = [_UNLOGGED.format(day) if late else "" for day, late in zip(days, later, strict=True)]
    facts = pd.DataFrame({"other": other, "suggestion": advice}, index=later.index)
    return report(leads, "REF-03", "last_follow_up", facts)


def raised_without_follow_up(book: CleanBook, as_of: date) -> list[Finding]:
    """GRD-03: a status raised in 状态变更, and no follow-up since the change before.

    Counted from 线索获取时间 where there was no change before; the day of the change counts.
    """
    del as_of
    changes, log = book.tables.get("status_change"), book.tables.get("follow_up")
    if changes is None or ((log is None or "followed_on" not in log.data) and book.told is None):
        return []
    if not {"from_status", "to_status", "changed_at"} <= set(changes.data):
        return []
    rows = pd.DataFrame(
        {
            "lead": subjects(book, changes),
            "day": values(changes, "changed_at").dt.normalize(),
            "before": values(changes, "from_status"),
            "raised": order(book, values(changes, "to_status"))
            > order(book, values(changes, "from_status")),
        }
    ).dropna(subset=["lead", "day"])
    rows = rows.sort_values(["lead", "day"], kind="stable")
    since = rows.groupby("lead")["day"].shift()
    if "lead" in book.tables:
        since = since.fillna(from_lead(book, changes, "acquired_on").dt.normalize()[rows.index])
    rows = rows.assign(since=since).dropna(subset="since")
    found = _newest_before(book, rows)
    bare = rows[rows["raised"] & ~(found >= rows["since"])]
    if book.told is not None:
        unread = pd.Series(sorted(book.told.unread), dtype="float64")
        bare = bare[~bare["lead"].isin(named_lead(unread))]
    facts = pd.DataFrame(
        {"before": bare["before"], "since": days_text(bare["since"])}, index=bare.index
    )
    return report(changes, "GRD-03", "to_status", facts.sort_index())


def _newest_before(book: CleanBook, rows: pd.DataFrame) -> pd.Series:
    """Return, for each change, the day of the lead's last follow-up up to that day."""
    told = told_rows(book)
    parts = [pd.DataFrame({"lead": named_lead(told["lead"]), "talk": told["day"]})]
    if (log := book.tables.get("follow_up")) is not None:
        days = column(log, "followed_on").dt.normalize()
        parts = [pd.DataFrame({"lead": subjects(book, log), "talk": days}), *parts]
    talks = pd.concat([part for part in parts if len(part)] or parts, ignore_index=True).dropna()
    changes = rows[["lead", "day"]].reset_index(names="row").sort_values("day", kind="stable")
    talks = talks.sort_values("talk", kind="stable")
    found = pd.merge_asof(changes, talks, left_on="day", right_on="talk", by="lead")
    return pd.Series(found["talk"].to_numpy(), index=found["row"]).reindex(rows.index)
