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
    """Return the day of the last follow-up up to `as_of` in the log and the talks told alone."""
    talks = _logged(book, as_of)
    return spread(book, talks["at"].dt.normalize().groupby(talks["lead"]).max())


def first_contact(book: CleanBook, as_of: date) -> pd.Series:
    """Return the moment of the first follow-up up to `as_of` in the log and the talks told."""
    talks = _logged(book, as_of)
    return spread(book, talks["at"].groupby(talks["lead"]).min())


def ever_contacted(book: CleanBook) -> pd.Series:
    """Say of every lead whether its own cells or any row of the log tell of a follow-up."""
    leads = book.tables["lead"]
    typed = values(leads, "last_follow_up").notna() | contact_unknown(book)
    log, own = book.tables.get("follow_up"), own_rows(leads)
    if book.told is not None:
        typed |= own.isin(own.reindex(book.told.talks["lead"].unique()))
    if log is None:
        return typed
    return typed | own.isin(lead_rows(book, log).dropna().unique())


def contact_unknown(book: CleanBook) -> pd.Series:
    """Say of every lead whether it has talks that nobody could date."""
    rows = book.tables["lead"].data.index
    unread = book.told.unread if book.told is not None else frozenset()
    return pd.Series(rows.isin(list(unread)), index=rows)


def silent_since(book: CleanBook, as_of: date) -> pd.Series:
    """Return the day a lead's silence counts from; missing where nobody can know it.

    The last contact; where there has been none, 线索获取时间.
    """
    last = last_contact(book, as_of)
    acquired = values(book.tables["lead"], "acquired_on").dt.normalize()
    return last.fillna(acquired.mask(contact_unknown(book)))


def _logged(book: CleanBook, as_of: date) -> pd.DataFrame:
    """Return the follow-ups up to `as_of` in the log and in the leads' own rows: `lead`, `at`."""
    parts = []
    if (log := book.tables.get("follow_up")) is not None:
        parts.append(pd.DataFrame({"lead": lead_rows(book, log), "at": values(log, "followed_on")}))
    if book.told is not None:
        parts.append(told_rows(book).rename(columns={"day": "at"}))
    if not parts:
        return pd.DataFrame({"lead": [], "at": pd.Series(dtype="datetime64[us]")})
    talks: pd.DataFrame = parts[0] if len(parts) == 1 else pd.concat(parts, ignore_index=True)
    past: pd.DataFrame = talks[talks["at"].dt.normalize() <= pd.Timestamp(as_of)]
    return past


def told_rows(book: CleanBook) -> pd.DataFrame:
    """Return the talks of the leads' own cells: `lead`, the lead's first row, and `day`."""
    if book.told is None:
        return pd.DataFrame({"lead": [], "day": pd.Series(dtype="datetime64[us]")})
    lead = own_rows(book.tables["lead"]).reindex(book.told.talks["lead"]).to_numpy("float64")
    return pd.DataFrame({"lead": lead, "day": book.told.talks["followed_on"].to_numpy()})


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
