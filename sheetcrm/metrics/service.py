"""服务时限: what the team promised to do within so many working days, and has not done in time.

Days are Chinese working days with the company's exceptions, counted from the day after; what is
still undone is late from the day after the limit.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.kit.model import PHASES
from sheetcrm.kit.readings import LEGAL, LEGAL_REVIEW, SPARSE
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.numbers import Mask, Moments
from sheetcrm.metrics.process import entered, ready_for_proposal
from sheetcrm.metrics.results import Overdue, PersonList, Summary, Worklist

SERVICE_COLUMNS = (
    "file",
    "sheet",
    "row",
    "owner",
    "company",
    "lead_id",
    "level",  # the name of its list
    "since",
    "days",  # working days since then
    "limit",
    "action",
)
_TEXTS = ("file", "sheet", "owner", "company", "lead_id", "level", "action")
Rows = pd.DataFrame


@dataclass(frozen=True)
class Promise:
    """One promise: key, name, the setting of its limit, sentences with {limit}, {days}.

    `waiting` returns rows with file, sheet, row, owner, company, lead_id, `since` and `until`.
    """

    key: str
    name: str
    setting: str
    definition: str
    action: str
    waiting: Callable[[Dataset, Summary], Rows]


def _entry(data: Dataset, summary: Summary) -> Rows:
    leads, source = summary.leads, data.frames["lead"]
    if "entered_on" not in data.columns:
        return _NOBODY
    open_ = (leads["outcome"] == "open").to_numpy()
    until = source["entered_on"].dt.floor("D").to_numpy()
    return _waiting(leads, open_, leads["acquired_on"].to_numpy(), until)


def _needs(data: Dataset, summary: Summary) -> Rows:
    leads, source = summary.leads, data.frames["lead"]
    if "pain_point" not in data.columns:
        return _NOBODY
    log, today = data.frames["follow_up"], pd.Timestamp(summary.as_of)
    day = log["followed_on"].dt.floor("D")
    done = (log["lead"] >= 0) & (day <= today)
    first = day[done].groupby(log.loc[done, "lead"]).min()
    talked = first.reindex(source["key"]).to_numpy()
    blank = source["pain_point"].isna().set_axis(leads.index)
    own = {book.file for book in data.books if book.own}
    asked = blank.groupby(leads["file"]).transform("mean") <= SPARSE
    phases = [PHASES.index(stage.phase) for stage in data.kit.pipeline.funnel]
    last = max((n for n, phase in enumerate(phases) if phase <= PHASES.index("needs")), default=-1)
    early = (leads["outcome"] == "open") & (leads["reached"] <= last)
    mine = early & blank & (asked | leads["file"].isin(own))
    return _waiting(leads, mine.to_numpy(), talked, today)


def _proposal(data: Dataset, summary: Summary) -> Rows:
    leads, funnel = summary.leads, data.kit.pipeline.funnel
    at = next((i for i, s in enumerate(funnel) if s.phase == "proposal" and s.kind == "open"), None)
    if at is None:
        return _NOBODY
    ready, _ = ready_for_proposal(data, summary, at)
    waiting = (leads["outcome"] == "open") & (leads["reached"] < at) & entered(summary, at).isna()
    return _waiting(leads, waiting.to_numpy(), ready.to_numpy(), pd.Timestamp(summary.as_of))


def _waiting(leads: Rows, mine: Mask, since: Moments, until: Moments | pd.Timestamp) -> Rows:
    """Return some leads with since when they wait; `since` and `until` are of all leads."""
    end = until if isinstance(until, pd.Timestamp) else until[mine]
    return leads.loc[mine, list(_SHARED[:-1])].assign(since=since[mine], until=end)


def _review(data: Dataset, summary: Summary) -> Rows:
    today = pd.Timestamp(summary.as_of)
    contracts, requests = data.frames["contract"], data.frames["request"]
    if contracts.empty and requests.empty:
        return _NOBODY
    over = (contracts[["legal_done_on", "approved_on", "signed_on"]] <= today).any(axis=1)
    # Filtered last: an empty frame would take the rows of what is assigned to it.
    sent = contracts.assign(since=contracts["submitted_on"], owner=contracts["responsible"])[~over]
    state = summary.requests["state"].to_numpy()
    legal = requests["department"].str.contains(LEGAL, case=False, na=False)
    legal &= requests["content"].str.contains(LEGAL_REVIEW, case=False, na=False)
    who = requests["responsible"].fillna(requests["department"])
    waits = legal & (state == "open")
    asked = requests.assign(since=requests["requested_on"], owner=who)[waits]
    parts = [part.reindex(columns=_SHARED) for part in (sent, asked) if len(part)]
    if not parts:
        return _NOBODY
    rows: Rows = pd.concat(parts, ignore_index=True)
    return rows.assign(until=today)


_SHARED = ("file", "sheet", "row", "owner", "company", "lead_id", "since")
_NOBODY = pd.DataFrame(columns=[*_SHARED, "until"])
_IN_TIME = pd.DataFrame(columns=list(SERVICE_COLUMNS)).astype(
    {
        **dict.fromkeys(_TEXTS, "str"),
        **{"row": "int64", "since": "datetime64[us]", "days": "float64", "limit": "float64"},
    }
)
# In the order of what to do first: what the customer waits for, then what is only written late.
PROMISES = (
    Promise(
        "service_proposal",
        "方案超时",
        "proposal_working_days",
        "进行中，需求已明确，超过{limit:g}个工作日还没有进入方案或报价阶段",
        "需求明确已{days}个工作日（时限{limit:g}）：今天交出方案，或约定交付日期。",
        _proposal,
    ),
    Promise(
        "service_legal",
        "法务审核超时",
        "legal_working_days",
        "合同或提给法务的审核需求，送审超过{limit:g}个工作日还没有审完",
        "送审已{days}个工作日（时限{limit:g}）：今天催法务审完，必要时请经理协调。",
        _review,
    ),
    Promise(
        "service_needs",
        "需求分析超时",
        "needs_working_days",
        "进行中、还没过需求分析，沟通之后超过{limit:g}个工作日没有填客户痛点",
        "沟通已{days}个工作日（时限{limit:g}）：今天补上需求分析。",
        _needs,
    ),
    Promise(
        "service_entry",
        "录入超时",
        "entry_working_days",
        "进行中，获取之后超过{limit:g}个工作日才录入",
        "获取后{days}个工作日才录入（时限{limit:g}）：以后当天录入；先确认客户没有被耽误。",
        _entry,
    ),
)


def with_services(data: Dataset, summary: Summary) -> Summary:
    """Return the summary with the promises that are late among its warnings, and each person's."""
    calendar = clock(data.kit).calendar
    parts = {
        promise.key: _late(promise, promise.waiting(data, summary), data, calendar.days)
        for promise in PROMISES
    }
    lists = tuple(
        Worklist(
            promise.key,
            promise.name,
            promise.definition.format(limit=data.kit.number(promise.setting)),
            None,
            parts[promise.key],
        )
        for promise in PROMISES
    )
    whole = [rows for rows in parts.values() if len(rows)]
    services = pd.concat(whole, ignore_index=True) if whole else _IN_TIME
    before = summary.overdue
    people = tuple(_people(before, services))
    return replace(summary, overdue=Overdue((*before.lists, *lists), people, services))


def _late(
    promise: Promise, rows: Rows, data: Dataset, days: Callable[[Any, Any], "pd.Series[float]"]
) -> Rows:
    limit = data.kit.number(promise.setting)
    if rows.empty:
        return _IN_TIME
    since = rows["since"].astype("datetime64[us]").dt.floor("D")
    passed = days(since, rows["until"].astype("datetime64[us]"))
    late = rows[passed > limit]
    if late.empty:
        return _IN_TIME
    passed = passed[late.index]
    told = [promise.action.format(days=int(n), limit=limit) for n in passed]
    late = late.assign(
        owner=late["owner"].astype("str").fillna(UNFILLED),
        level=promise.name,
        since=since[late.index],
        days=passed,
        limit=limit,
        action=pd.Series(told, index=late.index, dtype="str"),
    )
    late = late.astype(dict.fromkeys(_TEXTS, "str"))
    ranked = late.sort_values(["days", "file", "row"], ascending=[False, True, True], kind="stable")
    return ranked[list(SERVICE_COLUMNS)]


def _people(before: Overdue, services: Rows) -> Iterator[PersonList]:
    """Give each person the promises that are theirs; add those who have nothing else."""
    known = {person.owner: person for person in before.people}
    nobody = PersonList("", {}, *(person_rows(before)))
    owner = services["owner"].to_numpy("object")
    names = [*known, *sorted(set(owner) - set(known))]
    people = [
        _with(known.get(name, replace(nobody, owner=name)), services[owner == name])
        for name in names
    ]
    yield from sorted(people, key=lambda p: p.owner == UNFILLED)


def person_rows(before: Overdue) -> tuple[Rows, Rows]:
    """Return the two frames of a person with nothing to do."""
    return before.lists[0].rows[:0].assign(reasons=""), before.list("requests_open").rows[:0]


def _with(person: PersonList, mine: Rows) -> PersonList:
    levels = mine["level"].tolist()
    counts = {promise.key: levels.count(promise.name) for promise in PROMISES}
    return replace(person, counts={**person.counts, **counts}, services=mine)
