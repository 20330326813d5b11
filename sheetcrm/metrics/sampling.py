"""抽检: rows drawn at random each week, some of every person, for a manager to verify by hand.

A row's lot is a hash of the ISO week and of what the row is (file name, table, id), so that a
draw can be repeated, and neither the order of the rows nor the path of the file matters. Rows that
an earlier run of the week drew stay drawn, with what was written beside them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import blake2b
from typing import Any

import numpy as np
import pandas as pd

from sheetcrm.findings import file_name
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.kept import Checked
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

# What a manager may find, and what each of them means.
RESULTS: Mapping[str, str] = {
    "属实": "与客户、合同或附件核对一致",
    "有误": "至少一项不对，在备注里写明哪一项",
    "查不到": "联系不上客户，也没有凭据",
}
TRUE, WRONG = "属实", "有误"
# Follow-ups are drawn from the last four weeks, two rows of five.
_RECENT_DAYS = 28
_FOLLOW_UPS = 0.4
_HISTORY_WEEKS = 26
LEAD, FOLLOW_UP = "线索", "跟进"
_LEAD_FACTS = {
    "contact": "联系人",
    "source": "来源",
    "grade": "等级",
    "status": "状态",
    "expected_amount": "预计金额",
    "amount": "成交金额",
    "won_on": "成交时间",
    "last_follow_up": "最后跟进",
}
_TALK = {
    "followed_on": "",
    "method": "",
    "content": "内容：",
    "feedback": "反馈：",
    "next_action": "下一步：",
}


@dataclass(frozen=True)
class SampledPerson:
    """One person's draw of the week, how many were verified, and how many proved right.

    `accuracy` is 属实 over all that were verified this week; `before` the same of earlier weeks.
    """

    name: str
    drawn: int
    results: Mapping[str, int]
    before: Rate

    @property
    def checked(self) -> int:
        """How many were verified."""
        return sum(self.results.values())

    @property
    def accuracy(self) -> Rate:
        """Share of 属实."""
        return Rate(self.results[TRUE], self.checked)


@dataclass(frozen=True)
class Sampling:
    """The draw of a week.

    `rows` has `week`, `owner`, `table`, `company`, `facts`, `mark`, `result`, `note`, `file`,
    `sheet`, `row`, `position` (in the frame of its table), by person as in `people`.
    `earlier` are other rows with something filled in, the latest first: of the weeks before, and
    such as are no longer drawn, because they are gone or the day of the report is another.
    """

    week: str
    wanted: int
    people: tuple[SampledPerson, ...]
    earlier: tuple[Checked, ...]
    rows: pd.DataFrame = field(repr=False, compare=False)


def iso_week(day: date) -> str:
    """Return the ISO week of a day, as `2026-W27`."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def sampling(data: Dataset, summary: Summary, kept: Sequence[Checked] = ()) -> Sampling:
    """Draw this week's rows.

    Args:
        data: The rows.
        summary: Their figures.
        kept: The rows drawn on earlier runs.
    """
    week, wanted = iso_week(summary.as_of), int(data.kit.number("sample_rows"))
    known = {each.mark: each for each in kept if each.week == week}
    pool = _pool(data, summary)
    pool = pool.assign(lot=_lots(week, pool["mark"]), kept=pool["mark"].isin(list(known)))
    rows = _drawn(pool, wanted).assign(week=week)
    rows = rows.assign(
        facts=_facts(rows, data, summary),
        result=[known[mark].result if mark in known else "" for mark in rows["mark"]],
        note=[known[mark].note if mark in known else "" for mark in rows["mark"]],
    )
    since = iso_week(summary.as_of - pd.Timedelta(weeks=_HISTORY_WEEKS))
    drawn = set(rows["mark"])
    filled = [e for e in kept if e.week >= since and (e.result or e.note)]
    earlier = [e for e in filled if e.week != week or e.mark not in drawn]
    earlier.sort(key=lambda e: (e.owner, e.mark))
    earlier.sort(key=lambda e: e.week, reverse=True)
    before = [e for e in earlier if e.week < week]
    people = tuple(
        _person(str(name), part, before) for name, part in rows.groupby("owner", sort=True)
    )
    return Sampling(week, wanted, people, tuple(earlier), rows.drop(columns=["lot", "kept"]))


def _pool(data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return every row that may be drawn; rows of nobody are not."""
    parts = [_leads(summary), _follow_ups(data, summary)]
    pool = pd.concat(parts, ignore_index=True)
    pool = pool[pool["owner"].notna() & (pool["owner"] != UNFILLED)]
    return pool.drop_duplicates("mark").reset_index(drop=True)


def _leads(summary: Summary) -> pd.DataFrame:
    leads = summary.leads
    person = leads["company"] == leads["contact"]  # two of them may have one name
    return leads.assign(
        table=LEAD,
        mark=_marks(leads, LEAD, leads["lead_id"].fillna(leads["company"].mask(person))),
        position=np.arange(len(leads)),
    )[["owner", "table", "company", "mark", "file", "sheet", "row", "position"]]


def _follow_ups(data: Dataset, summary: Summary) -> pd.DataFrame:
    log = data.frames["follow_up"]
    day, today = log["followed_on"].dt.floor("D"), pd.Timestamp(summary.as_of)
    log = log[(day > today - pd.Timedelta(days=_RECENT_DAYS)) & (day <= today)]
    company = log["company"]
    if len(log):
        of_lead = summary.leads["company"].reindex(log["lead"]).set_axis(log.index)
        company = company.fillna(of_lead)
    blank = pd.Series(np.nan, index=log.index, dtype="str")
    ids = log.get("follow_up_id", blank)
    told = log["lead_id"].fillna(company) + "@" + log["followed_on"].astype("str")
    made: pd.DataFrame = log.assign(
        table=FOLLOW_UP,
        company=company,
        mark=_marks(log, FOLLOW_UP, ids.fillna(told)),
        position=log.index,
    )
    return made[["owner", "table", "company", "mark", "file", "sheet", "row", "position"]]


def _marks(rows: pd.DataFrame, table: str, ids: pd.Series) -> pd.Series:
    """Say which row each one is, whatever folder its file was read from."""
    places = zip(rows["file"].tolist(), rows["row"].tolist(), ids.isna(), ids, strict=True)
    marks = [
        f"{file_name(file)}|{table}|" + (f"第{row}行" if blank else own)
        for file, row, blank, own in places
    ]
    return pd.Series(marks, index=rows.index, dtype="str")


def _lots(week: str, marks: pd.Series) -> list[int]:
    key = week.encode()
    return [
        int.from_bytes(blake2b(mark.encode("utf-8", "replace"), digest_size=8, key=key).digest())
        for mark in marks
    ]


def _drawn(pool: pd.DataFrame, wanted: int) -> pd.DataFrame:
    """Take each person's rows: those kept, then follow-ups up to their share, then leads."""
    share = int(wanted * _FOLLOW_UPS)
    pool = pool.sort_values(["kept", "lot"], ascending=[False, True], kind="stable")
    nth = pool.groupby(["owner", "table"], sort=False).cumcount()
    quota = np.where(pool["table"] == FOLLOW_UP, share, wanted - share)
    # What one table lacks the other gives: rows beyond the quota wait behind those within.
    ranked = pool.assign(_late=(nth >= quota) & ~pool["kept"])
    ranked = ranked.sort_values(["_late", "kept", "lot"], ascending=[True, False, True])
    taken = ranked[ranked.groupby("owner", sort=False).cumcount() < wanted]
    order = taken.assign(_table=taken["table"] == FOLLOW_UP)
    order = order.sort_values(["owner", "_table", "lot"], kind="stable")
    return order.drop(columns=["_late", "_table"]).reset_index(drop=True)


def _facts(rows: pd.DataFrame, data: Dataset, summary: Summary) -> list[str]:
    """Say what there is to verify, one line a row."""
    log = data.frames["follow_up"]
    pairs = zip(rows["table"], rows["position"], strict=True)
    return [
        _told(summary.leads.loc[at], _LEAD_FACTS) if table == LEAD else _told(log.loc[at], _TALK)
        for table, at in pairs
    ]


def _told(row: "pd.Series[Any]", names: Mapping[str, str]) -> str:
    said = []
    for key, name in names.items():
        value = row.get(key)
        if value is None or value != value or value in ("", UNFILLED):
            continue
        if isinstance(value, pd.Timestamp):
            value = f"{value:%Y-%m-%d}"
        said.append(f"{name}{value:,.0f}" if isinstance(value, float) else f"{name}{value}")
    return "；".join(said)


def _person(name: str, rows: pd.DataFrame, before: Sequence[Checked]) -> SampledPerson:
    results = {each: int((rows["result"] == each).sum()) for each in RESULTS}
    mine = [e for e in before if e.owner == name and e.result in RESULTS]
    right = sum(e.result == TRUE for e in mine)
    return SampledPerson(name, len(rows), results, Rate(right, len(mine)))
