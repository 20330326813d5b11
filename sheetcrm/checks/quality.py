"""QLT: follow-up records that say little: filled in afterwards, copied, empty."""

from datetime import date

import pandas as pd

from sheetcrm.checks.cells import cells_of, days_text, folded, report, says, values
from sheetcrm.checks.dates import settled
from sheetcrm.checks.leads import subjects
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding
from sheetcrm.kit.clock import clock

# A text shorter than this is a note in passing: it repeats without being copied.
_SHORTEST = 6
# A longer text says something.
_LONGEST_EMPTY = 20
_EMPTY = (
    r"^(?:已|再次|继续|持续|保持|正常|例行|电话|微信|邮件|上门|今天|客户){0,3}"
    r"(?:联系|沟通|跟进|回访|拜访|电联|交流|接洽|聊天|问候)?"
    r"(?:了|过|中|完|完成|完毕|一下|一次|客户|情况|正常|即可|ok){0,3}[。.!！~]*$"
    r"|^(?:同上|同前|见上|如上|无变化|没变化|暂无进展|了解情况|一切正常)[。.!！]*$"
)


def filled_afterwards(book: CleanBook, as_of: date) -> list[Finding]:
    """QLT-01: one person writes many follow-ups of several earlier days on one day.

    Told once, at the first row of the batch. Many: the setting 成批补录行数; of several days: the
    talks lie on at least 2 days, each at least 2 working days before the writing.
    """
    log = book.tables.get("follow_up")
    if log is None or not {"followed_on", "recorded_at", "owner"} <= set(log.data):
        return []
    talked, written = settled(log, "followed_on", as_of), settled(log, "recorded_at", as_of)
    rows = pd.DataFrame(
        {
            "owner": values(log, "owner"),
            "day": written.dt.normalize(),
            "talk": talked.dt.normalize(),
        }
    )
    rows = rows[clock(book.kit).calendar.days(talked, written) > 1].dropna()
    batches = rows.reset_index(names="row").groupby(["owner", "day"], sort=False)
    found = batches.agg(row=("row", "min"), count=("row", "size"), days=("talk", "nunique"))
    found = found[(found["count"] >= book.kit.number("backfill_rows")) & (found["days"] > 1)]
    found = found.reset_index().set_index("row").sort_index()
    facts = found.assign(day=days_text(found["day"]))
    return report(log, "QLT-01", "recorded_at", facts)


def copied(book: CleanBook, as_of: date) -> list[Finding]:
    """QLT-02: a follow-up text that is an earlier one of the same lead, word for word.

    Also one that a person gave to many customers on one day (the setting 雷同客户数). Short texts
    repeat by themselves; a row that is the same in everything is DUP-06.
    """
    del as_of
    log = book.tables.get("follow_up")
    if log is None or "content" not in log.data:
        return []
    text = folded(values(log, "content"))
    text = text[text.str.len() >= _SHORTEST]
    text = text[text.duplicated(keep=False)]
    text = text[~_empty(text)]
    lead = subjects(book, log)[text.index]
    rows = pd.DataFrame({"row": text.index, "text": text, "lead": lead}, index=text.index)
    first = rows.dropna().groupby(["lead", "text"], sort=False)["row"].transform("min")
    again = first[first < first.index]
    facts = pd.DataFrame({"other": cells_of(log, "content", again), "where": ""}, index=again.index)
    spread = _spread_texts(book, log, rows)
    spread = spread[~spread.index.isin(facts.index)]
    return report(log, "QLT-02", "content", pd.concat([facts, spread]).sort_index())


def says_nothing(book: CleanBook, as_of: date) -> list[Finding]:
    """QLT-03: a follow-up text without any content, such as 已联系."""
    del as_of
    log = book.tables.get("follow_up")
    if log is None or "content" not in log.data:
        return []
    text = values(log, "content").dropna()
    return report(log, "QLT-03", "content", text.index[_empty(text)])


def _spread_texts(book: CleanBook, log: CleanTable, rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose text one person gave to many customers on one day, after the first."""
    if not {"owner", "followed_on"} <= set(log.data):
        return pd.DataFrame({"other": [], "where": []})
    rows = rows.assign(
        owner=values(log, "owner")[rows.index],
        day=values(log, "followed_on").dt.normalize()[rows.index],
    ).dropna()
    groups = rows.groupby(["owner", "day", "text"], sort=False)
    customers, first = groups["lead"].transform("nunique"), groups["row"].transform("min")
    many = (customers >= book.kit.number("copied_customers")) & (first < first.index)
    where = "，同一天写给" + customers[many].astype("str") + "个客户"
    return pd.DataFrame(
        {"other": cells_of(log, "content", first[many]), "where": where},
        index=first[many].index,
    )


def _empty(text: pd.Series) -> pd.Series:
    return says(text.where(text.str.len() <= _LONGEST_EMPTY), _EMPTY)
