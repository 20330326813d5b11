"""FUP-08, SLA-07, REF-04: requests to other departments that are late, unanswered, or in vain."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import column, report, values
from sheetcrm.checks.dates import settled
from sheetcrm.checks.leads import from_lead, kinds, lead_rows
from sheetcrm.checks.working import end_of, moments_text, plain, whole
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.clock import DAY_ONLY, clock
from sheetcrm.kit.readings import REQUEST_DONE, REQUEST_REJECTED

# What the status of an unanswered request says; a guest's own words for it.
UNANSWERED = ("待响应", "待处理", "未响应", "待受理", "未开始")


def overdue(book: CleanBook, as_of: date) -> list[Finding]:
    """FUP-08: an open request that was due before `as_of`; due today is not late."""
    table = book.tables.get("request")
    if table is None or "due_on" not in table.data:
        return []
    due = values(table, "due_on").dt.normalize()
    late = due[_open(table) & (due < pd.Timestamp(as_of))]
    facts = {"days": whole((pd.Timestamp(as_of) - late).dt.days), "who": _who(table, late.index)}
    return report(table, "FUP-08", "due_on", pd.DataFrame(facts, index=late.index))


def unanswered(book: CleanBook, as_of: date) -> list[Finding]:
    """SLA-07: a request answered later than its priority allows, or not answered yet.

    The limits are working hours for 高 and working days for 中 and 低; with dates only, hours
    count as whole days. Due on the day of the report is not late.
    """
    table = book.tables.get("request")
    if table is None or not {"priority", "requested_on"} <= set(table.data):
        return []
    key = next((k for k in ("responded_at", "status") if k in table.data), "")
    if not key:
        return []
    time, number = clock(book.kit), book.kit.number
    asked = settled(table, "requested_on", as_of)
    answered = settled(table, "responded_at", as_of)
    waiting = answered.isna() & column(table, "done_on").isna() & _says(table, UNANSWERED)
    end = answered.where(~waiting, end_of(asked, as_of))
    priority = values(table, "priority")
    hours = number("request_hours_high")
    quick = time.within_hours(asked, answered, hours, time.office)
    still = time.waiting(asked, as_of, hours, time.office)
    in_hours = quick.late.where(~waiting, still.late)
    by_day = quick.by_day.where(~waiting, still.by_day)
    days = time.calendar.days(asked, end)
    result = []
    for level, limit, late in (
        ("高", f"{plain(hours)}个工作小时", in_hours),
        (
            "中",
            f"{plain(number('request_days_medium'))}个工作日",
            days > number("request_days_medium"),
        ),
        ("低", f"{plain(number('request_days_low'))}个工作日", days > number("request_days_low")),
    ):
        rows = asked[(priority == level) & late]
        exact = ~by_day[rows.index] | (level != "高")
        facts = {
            "priority": level,
            "limit": limit,
            "other": moments_text(rows),
            "state": [
                f"{f'{n}个工作日' if n else ''}还没有响应" if open_ else f"{text}才响应"
                for n, open_, text in zip(
                    whole(days[rows.index]),
                    waiting[rows.index],
                    moments_text(answered[rows.index]),
                    strict=True,
                )
            ],
            "resolution": ["" if known else DAY_ONLY for known in exact],
            "who": _who(table, rows.index),
        }
        result += report(table, "SLA-07", key, pd.DataFrame(facts, index=rows.index))
    return result


def in_vain(book: CleanBook, as_of: date) -> list[Finding]:
    """REF-04: an open request whose lead is lost."""
    del as_of
    table, leads = book.tables.get("request"), book.tables.get("lead")
    if table is None or leads is None or not ("status" in table.data and "status" in leads.data):
        return []
    lost = kinds(book, from_lead(book, table, "status")) == "lost"
    rows = table.data.index[_open(table) & lost]
    name = next((k for k in ("lead_id", "company") if k in leads.data), "status")
    cells = [leads.source.spot(int(row), name).text for row in lead_rows(book, table)[rows]]
    facts = {"other": cells, "who": _who(table, rows)}
    return report(table, "REF-04", "status", pd.DataFrame(facts, index=rows))


def _open(table: CleanTable) -> pd.Series:
    """Say which requests are neither done nor rejected; without a status, not yet done."""
    status = column(table, "status")
    done = status.isin(REQUEST_DONE) | (status.isna() & column(table, "done_on").notna())
    return ~done & ~status.isin(REQUEST_REJECTED)


def _says(table: CleanTable, words: tuple[str, ...]) -> pd.Series:
    status = column(table, "status")
    return status.isin(words) | status.isna()


def _who(table: CleanTable, rows: pd.Index) -> list[str]:
    who = column(table, "responsible").fillna(column(table, "department")).fillna("协作部门")
    return [str(name) for name in who[rows]]
