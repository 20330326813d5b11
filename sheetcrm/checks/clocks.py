"""The clocks of a lead, by the definitions of 逾期预警: last contact, plan, entry into its stage.

Every function returns one value a row of the lead table; rows that repeat a lead's id share them.
"""

from collections.abc import Iterator
from datetime import date

import pandas as pd

from sheetcrm.checks.cells import column, values
from sheetcrm.checks.leads import lead_rows, newest, order
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.clean.products import a_row_a_product, with_product
from sheetcrm.kit.stage_headings import dated_stage

PLAN = "next_follow_up"


def last_contact(book: CleanBook, as_of: date) -> pd.Series:
    """Return the day of the last follow-up up to `as_of`: the lead's own cell or the log."""
    leads = book.tables["lead"]
    typed = values(leads, "last_follow_up").dt.normalize()
    typed = typed.where(typed <= pd.Timestamp(as_of))
    logged = logged_contact(book, as_of)
    return pd.Series(typed.where(~(logged > typed) & typed.notna(), logged))


def logged_contact(book: CleanBook, as_of: date) -> pd.Series:
    """Return the day of the last follow-up up to `as_of` in the log alone."""
    log = book.tables.get("follow_up")
    if log is None:
        return pd.Series(index=book.tables["lead"].data.index, dtype="datetime64[us]")
    days = values(log, "followed_on").dt.normalize()
    days = days.where(days <= pd.Timestamp(as_of))
    return spread(book, days.groupby(lead_rows(book, log)).max())


def first_contact(book: CleanBook, as_of: date) -> pd.Series:
    """Return the moment of the first follow-up up to `as_of` in the log."""
    log = book.tables.get("follow_up")
    if log is None:
        return pd.Series(index=book.tables["lead"].data.index, dtype="datetime64[us]")
    moments = values(log, "followed_on")
    moments = moments.where(moments.dt.normalize() <= pd.Timestamp(as_of))
    return spread(book, moments.groupby(lead_rows(book, log)).min())


def ever_contacted(book: CleanBook) -> pd.Series:
    """Say of every lead whether its own cell or any row of the log tells of a follow-up."""
    leads = book.tables["lead"]
    typed = values(leads, "last_follow_up").notna()
    log = book.tables.get("follow_up")
    if log is None:
        return typed
    rows = lead_rows(book, log).dropna().unique()
    return typed | own_rows(leads).isin(rows)


def planned_rows(book: CleanBook, as_of: date) -> tuple[CleanTable, pd.Series] | None:
    """Return the table that holds the plans, and the row of each lead's plan in it.

    The lead's own row; the newest row of the follow-up log where the lead table has no such column;
    None where neither has.
    """
    leads, log = book.tables["lead"], book.tables.get("follow_up")
    if PLAN in leads.data:
        return leads, pd.Series(leads.data.index, index=leads.data.index, dtype="float64")
    if log is None or not {"followed_on", PLAN} <= set(log.data):
        return None
    lead = lead_rows(book, log)
    past = values(log, "followed_on") < pd.Timestamp(as_of) + pd.Timedelta(days=1)
    last = newest(log, "followed_on", lead.where(past))
    rows = pd.Series(last, index=pd.Index(lead[last]), dtype="float64")
    return log, spread(book, rows)


def entered_stage(book: CleanBook) -> pd.Series:
    """Return the day each lead last entered the stage its status names.

    From 阶段进度, else 状态变更, else a column that dates the stage (报价日期), else 线索获取时间
    for the first stage. Another label of the stage a lead is in already is no entry.
    """
    leads = book.tables["lead"]
    now = order(book, values(leads, "status"))
    entered = pd.Series(index=leads.data.index, dtype="datetime64[us]")
    for kind, label, day in (
        ("stage_progress", "stage", "entered_stage_on"),
        ("status_change", "to_status", "changed_at"),
    ):
        table = book.tables.get(kind)
        if table is None:
            continue
        lead = lead_rows(book, table)
        stage, days = order(book, values(table, label)), values(table, day).dt.normalize()
        there = (stage == now.reindex(lead).set_axis(lead.index)) & ~_stays(
            table, lead, stage, days
        )
        entered = entered.fillna(spread(book, days[there].groupby(lead[there]).max()))
    for dated, there in _dated(book, now):
        entered = entered.fillna(spread(book, dated[there].groupby(own_rows(leads)).max()))
    first = values(leads, "acquired_on").dt.normalize().where(now == 0)
    return entered.fillna(first)


def _stays(table: CleanTable, lead: pd.Series, stage: pd.Series, days: pd.Series) -> pd.Series:
    """Say which stage rows find a lead in the stage of its row before, which it had not left."""
    rows = pd.DataFrame({"lead": lead, "stage": stage, "day": days})
    rows["left"] = column(table, "left_stage_on").astype("datetime64[us]").dt.normalize()
    rows = rows[days.notna()].sort_values(["lead", "day"], kind="stable")
    before = rows.shift()
    same = (rows["lead"] == before["lead"]) & (rows["stage"] == before["stage"])
    held = same & ~(before["left"] < rows["day"])
    return held.reindex(days.index, fill_value=False)


def _dated(book: CleanBook, now: pd.Series) -> Iterator[tuple[pd.Series, pd.Series]]:
    """Yield the days of every column that dates a stage, and which leads are there `now`."""
    leads = book.tables["lead"]
    for heading in leads.source.headings:
        stage = None if heading.known else dated_stage(heading.text, book.kit.pipeline)
        if stage is not None and pd.api.types.is_datetime64_any_dtype(leads.data[heading.key]):
            place = order(book, pd.Series(stage.name, index=now.index, dtype="str"))
            yield leads.data[heading.key].dt.normalize(), now == place


def spread(book: CleanBook, by_lead: pd.Series) -> pd.Series:
    """Spread values known by the first row of each lead over all rows of the lead table."""
    own = own_rows(book.tables["lead"])
    return pd.Series(by_lead.reindex(own).to_numpy(), index=own.index, dtype=by_lead.dtype)


def own_rows(leads: CleanTable) -> pd.Series:
    """Return the first row with the same id (without one: the same company) for every lead row.

    Where a customer has a row a product, the same product too.
    """
    ids = column(leads, "lead_id")
    rows = pd.Series(leads.data.index, index=leads.data.index)
    who = ids.fillna(column(leads, "company"))
    if not who.duplicated().any():
        return rows
    if a_row_a_product(leads.data):
        who = with_product(who, leads.data)
    return rows.groupby([ids.notna(), who]).transform("min").fillna(rows).astype("int64")
