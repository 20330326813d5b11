"""What has changed in a workbook's leads since the last run: the lines to append to 阶段日志.

The log itself is the memory: the first run records every lead in one line (stage, owner, grade,
amount), later ones what changed. So a workbook that is copied, renamed or sent on describes
itself. A lead is known by its 线索编号, by its 客户名称 where it has none.
"""

from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.clean import CleanBook
from sheetcrm.clean.stage_log import (
    AMOUNT,
    BASELINE,
    COMPARED,
    GONE,
    GRADE,
    IDENTITY,
    LOG_COLUMNS,
    NEW,
    OWNER,
    STAGE,
    no_log,
)

# The items that are compared, in the order their lines are written, and where a lead's first line
# has each of them.
_FIRST = {STAGE: "new", OWNER: "owner", GRADE: "grade", AMOUNT: "amount"}
_STATE = (STAGE, OWNER, GRADE, AMOUNT)
# What the lead sheet calls them.
_COLUMNS = {STAGE: "status", OWNER: "owner", GRADE: "grade"}
_AMOUNTS = ("amount", "expected_amount")
_ID, _NAME = "#", "@"


def changes(book: CleanBook, as_of: date) -> pd.DataFrame:
    """Return the lines to append to a workbook's log, LOG_COLUMNS; none where nothing changed.

    Nothing is recorded for a day before the log's last one: the workbook as it is today says
    nothing about then.

    Args:
        book: The workbook, with the log it has so far.
        as_of: The day of the run, which the lines carry.
    """
    if "lead" not in book.tables:
        return no_log()
    log, now = book.log, _current(book)
    ours = log[log["origin"].isin((BASELINE, COMPARED))]
    today = pd.Timestamp(as_of)
    if len(ours) and ours["day"].max() > today:
        return no_log()
    if ours.empty:
        lines = _first_lines(now, BASELINE)
    else:
        lines = _compared(_today(log, book), now, [item for item in _STATE if item in now])
    number = log["number"].max() if log["number"].notna().any() else 0
    lines = lines.assign(day=today, number=np.arange(1, len(lines) + 1) + number)
    return pd.concat([no_log(), lines.reindex(columns=LOG_COLUMNS)], ignore_index=True)


def _today(log: pd.DataFrame, book: CleanBook) -> pd.DataFrame:
    """Return the log with the stages under the names they have now: a renamed one is no change."""
    labels = {s.name: s.labels[0] if s.labels else s.name for s in book.kit.pipeline.stages}
    current = {label for s in book.kit.pipeline.stages for label in (*s.labels, s.name)}
    renamed = {
        text: labels[stage.name]
        for text, stage in book.kit.pipeline.by_label.items()
        if text not in current
    }
    told = log["item"].isin((NEW, STAGE))
    new = log["new"]
    return log.assign(new=new.where(~told, new.replace(renamed)))


def _current(book: CleanBook) -> pd.DataFrame:
    """Return the leads as they are now, by identity: lead_id, company and the items there are.

    Of two rows of one lead the first counts, as in the figures. 金额 is the actual amount, the
    expected one until there is one.
    """
    data = book.tables["lead"].data
    blank = pd.Series(index=data.index, dtype="str")
    now = pd.DataFrame({key: data.get(key, blank) for key in ("lead_id", "company")})
    for item, key in _COLUMNS.items():
        if key in data:
            now[item] = data[key].fillna("")
    amounts = [data[key] for key in _AMOUNTS if key in data]
    if amounts:
        now[AMOUNT] = _text_of(amounts[0] if len(amounts) < 2 else amounts[0].fillna(amounts[1]))
    now.index = pd.Index(_identity(now))
    return now[now.index.notna() & ~now.index.duplicated()]


def _identity(rows: pd.DataFrame) -> "pd.Series[str]":
    by_id, by_name = _ID + rows["lead_id"], _NAME + rows["company"]
    return by_id.fillna(by_name)


def _text_of(amounts: "pd.Series[float]") -> "pd.Series[str]":
    """Return amounts as the log compares them: texts, blank for none."""
    values, texts = pd.factorize(amounts)
    written = np.array([*(f"{text:.15g}" for text in texts), ""], dtype="object")
    return pd.Series(written[values], index=amounts.index, dtype="str")


def _compared(log: pd.DataFrame, now: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Return the lines that tell the state of the log from that of the workbook."""
    before = _known(log)
    named = _newly_numbered(before, now)
    before = before.rename(index=dict(zip(named["was"], named.index, strict=True)))
    there = before["there"].astype(bool)
    both = now.index.intersection(before.index[there], sort=False)
    was, is_now = before.loc[both], now.loc[both]
    parts = [
        now.loc[named.index].assign(item=IDENTITY, old="", new=now.loc[named.index, "lead_id"])
    ]
    for item in items:
        other = was[item] != is_now[item]
        differing = is_now[other]
        parts.append(differing.assign(item=item, old=was.loc[other, item], new=differing[item]))
    changed = pd.concat(parts)
    changed["place"] = now.index.get_indexer(changed.index)
    changed = changed.sort_values("place", kind="stable").drop(columns="place")
    changed["owner"] = changed.get(OWNER, "")
    fresh = now.loc[now.index.difference(before.index[there], sort=False)]
    gone = before.loc[before.index[there].difference(now.index, sort=False)]
    lines = [
        changed.assign(origin=COMPARED)[
            ["lead_id", "company", "item", "old", "new", "owner", "origin"]
        ],
        _first_lines(fresh, COMPARED),
        gone.assign(item=GONE, old=gone[STAGE], new="", owner=gone[OWNER], origin=COMPARED),
    ]
    return pd.concat(lines, ignore_index=True).replace("", np.nan)


def _first_lines(leads: pd.DataFrame, origin: str) -> pd.DataFrame:
    """Return the line of each lead that is recorded first."""
    blank = pd.Series("", index=leads.index, dtype="str")
    return pd.DataFrame(
        {
            "lead_id": leads["lead_id"],
            "company": leads["company"],
            "item": NEW,
            **{key: leads.get(item, blank) for item, key in _FIRST.items()},
            "amount": pd.to_numeric(leads.get(AMOUNT, blank)),
            "origin": origin,
        }
    ).replace("", np.nan)


def _known(log: pd.DataFrame) -> pd.DataFrame:
    """Return the last known state of every lead of the log, by identity.

    Lines count in the order of their day, of one day in the order they were written; those people
    typed, which have no number, come after them.
    """
    order = np.lexsort((log["number"].fillna(np.inf), log["day"]))
    log = log.iloc[order]
    numbered = log[log["item"] == IDENTITY].drop_duplicates("company", keep="last")
    ids = log["company"].map(numbered.set_index("company")["new"]).astype("str")
    log = log.assign(lead_id=log["lead_id"].fillna(ids))
    log = log[log["lead_id"].notna() | log["company"].notna()]
    first = log["item"] == NEW
    states = {"lead_id": log["lead_id"], "company": log["company"]}
    for item, key in _FIRST.items():
        at_first = _text_of(log[key]) if item == AMOUNT else log[key].fillna("")
        states[item] = log["new"].fillna("").where(log["item"] == item, at_first.where(first))
    there = pd.Series(np.where(first, "1", ""), index=log.index, dtype="object")
    states["there"] = there.where(first | (log["item"] == GONE))
    known = pd.DataFrame(states).groupby(_identity(log), sort=False).last()
    return known.fillna({**dict.fromkeys(_STATE, ""), "there": ""})


def _newly_numbered(before: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Return leads that had no 线索编号 and have one now, by their identity now; `was` before."""
    old = before[before["lead_id"].isna() & ~before.index.isin(now.index)]
    new = now[now["lead_id"].notna() & ~now.index.isin(before.index)]
    new = new[~new["company"].duplicated(keep=False) & new["company"].isin(old["company"])]
    return pd.DataFrame({"was": _NAME + new["company"]}, index=new.index)
