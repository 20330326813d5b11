"""逾期预警: the lists of open leads and requests that need somebody today, and whose they are."""

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import numpy.typing as npt
import pandas as pd

from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.leads import historical_mean
from sheetcrm.metrics.numbers import Codes, Groups, days_between
from sheetcrm.metrics.recorded import Recorded
from sheetcrm.metrics.requests import REQUEST_LISTS, request_lists, requests_open
from sheetcrm.metrics.results import Overdue, PersonList, Worklist
from sheetcrm.metrics.thresholds import Thresholds


@dataclass(frozen=True)
class LeadWarning:
    """One lead list: flag column, name, the day count shown and sorted by, sentences.

    `definition` may use {limit}, {ratio} and {mean}, `action` {stage}, {days} and {due}. `words`
    names the warning among others of the lead, with {days}; not where one of `unless`, which says
    more, holds as well.
    """

    key: str
    name: str
    days: str
    limit: str
    definition: str
    action: str
    words: str
    unless: tuple[str, ...] = ()


# In the order of what to do first: a promise to the customer that was missed, a lead nobody has
# called, then the longest silences, then what is merely slow.
WARNINGS = (
    LeadWarning(
        "next_follow_up_overdue",
        "下次跟进逾期",
        "plan_days",
        "",
        "进行中，下次跟进时间早于截止日期（当天到期不算逾期）",
        "约定的跟进已过{days}天：今天联系客户，并填写新的下次跟进时间。",
        "下次跟进逾期{days}天",
    ),
    LeadWarning(
        "never_followed_up",
        "从未跟进",
        "age_days",
        "",
        "进行中，没有最后跟进时间，也没有跟进记录",
        "获取{days}天还没有人联系：今天完成首次联系。",
        "从未跟进",
    ),
    LeadWarning(
        "churn_risk",
        "流失风险",
        "silent_days",
        "churn",
        "进行中，超过{limit}天没有跟进（从未跟进的从线索获取时间算起）",
        "{days}天没有联系，有流失风险：挽回任务，{due}前联系上；确认无望的转流失并写明原因。",
        "{days}天未跟进（流失风险）",
    ),
    LeadWarning(
        "silent_manager",
        "未跟进提醒经理",
        "silent_days",
        "silent_manager",
        "进行中，超过{limit}天没有跟进（从未跟进的从线索获取时间算起）",
        "{days}天没有联系：今天跟进，经理核实原因。",
        "{days}天未跟进",
        ("churn_risk",),
    ),
    LeadWarning(
        "silent_owner",
        "未跟进提醒负责人",
        "silent_days",
        "silent_owner",
        "进行中，超过{limit}天没有跟进（从未跟进的从线索获取时间算起）",
        "{days}天没有联系：今天跟进一次。",
        "{days}天未跟进",
        ("silent_manager",),
    ),
    LeadWarning(
        "no_plan",
        "没有跟进计划",
        "silent_days",
        "",
        "进行中，下次跟进时间为空",
        "没有下次跟进时间：与客户约定并填写。",
        "没有跟进计划",
    ),
    LeadWarning(
        "in_stage_over",
        "阶段停留超期",
        "dwell_days",
        "dwell",
        "进行中，在当前阶段停留超过{limit}天",
        "在“{stage}”停留{days}天：列出卡点，定下推进到下一阶段的动作。",
        "阶段停留{days}天",
    ),
    LeadWarning(
        "stalled",
        "停滞",
        "dwell_days",
        "stalled",
        "进行中，在当前阶段停留超过{limit}天，需要重新评估优先级",
        "在“{stage}”停留{days}天：重新评估优先级，推进或放弃。",
        "阶段停留{days}天",
        ("in_stage_over",),
    ),
    LeadWarning(
        "low_value",
        "低优先级商机",
        "age_days",
        "",
        "进行中，预计成交金额低于历史平均成交金额的{ratio:.0%}{mean}",
        "预计金额明显低于历史平均：排在其他客户之后，用标准方案跟进。",
        "低优先级",
    ),
)


def overdue(
    leads: pd.DataFrame,
    requests: pd.DataFrame,
    limits: Thresholds,
    today: pd.Timestamp,
    win_back: date,
    asked: Recorded,
) -> Overdue:
    """Return every warning list and the same by person.

    Args:
        leads: One row a lead, LEAD_COLUMNS.
        requests: One row a request, REQUEST_COLUMNS.
        limits: Days and ratio.
        today: The as-of day.
        win_back: By when customers at risk are to be won back.
        asked: What the files write down; a list says which of them it could not judge.
    """
    work = _Work(leads, limits, today, f"{win_back:%m月%d日}")
    lists = tuple(_open_about(work.listed(warning), asked) for warning in WARNINGS)
    return Overdue((*lists, *request_lists(requests)), _people(work, requests))


class _Work:
    """The leads with what their warnings are made of, one value a lead."""

    def __init__(
        self, leads: pd.DataFrame, limits: Thresholds, today: pd.Timestamp, due: str
    ) -> None:
        self.leads, self.limits, self.due = leads, limits, due
        self.mean = historical_mean(leads)
        clocks = {key: leads[key].to_numpy("float64") for key in _CLOCKS}
        planned = leads["next_follow_up"].to_numpy()
        self.days = {"plan_days": days_between(planned, np.datetime64(today)), **clocks}
        self.flags = {w.key: leads[w.key].to_numpy(dtype=bool) for w in WARNINGS}
        self.stage = Groups.of(leads["stage"])
        # The further stage, the larger amount, the sheet's order.
        files, _ = pd.factorize(leads["file"].to_numpy("object"), sort=True)
        amount, reached = leads["expected_amount"].to_numpy("float64"), leads["reached"].to_numpy()
        order = np.lexsort((leads["row"].to_numpy(), files, -amount, -reached))
        self.nobody = self._told(np.empty(0, dtype="int64"), WARNINGS[0])
        self.place = np.empty(len(leads), dtype="int64")
        self.place[order] = np.arange(len(leads))

    def listed(self, warning: LeadWarning) -> Worklist:
        """Return the list of a warning, the most days first."""
        limit = getattr(self.limits, warning.limit) if warning.limit else None
        definition = warning.definition.format(
            limit=f"{limit:g}" if limit is not None else "",
            ratio=self.limits.low_value_ratio,
            mean="" if self.mean is None else f"（平均{self.mean:,.0f}元）",
        )
        rows = np.flatnonzero(self.flags[warning.key])
        days = self.days[warning.days]
        rows = rows[np.lexsort((self.place[rows], -days[rows]))]
        told = self._told(rows, warning) if len(rows) else self.nobody
        return Worklist(warning.key, warning.name, definition, limit, told)

    def _told(self, rows: Codes, warning: LeadWarning) -> pd.DataFrame:
        """Return leads with the days of a warning, and what to do."""
        told = self.leads.iloc[rows]
        action = _texts(self.written(warning.action, rows, warning.days), told.index)
        return told.assign(days=self.days[warning.days][rows], action=action)

    def written(self, text: str, rows: Codes, days: str) -> npt.NDArray[np.object_]:
        """Fill {stage}, {days} and {due} of a sentence for these rows, once for each pair."""
        text = text.replace("{due}", self.due)
        numbers = self.days[days][rows]
        count = np.where(np.isnan(numbers), -1, numbers).astype("int64") + 1
        names = self.stage.names
        of_row, pairs = pd.factorize(count * max(len(names), 1) + self.stage.codes[rows])
        filled = np.empty(len(pairs), dtype="object")
        for at, pair in enumerate(pairs.tolist()):
            number, name = divmod(pair, len(names))
            filled[at] = text.format(stage=names[name], days=number - 1 if number else "若干")
        return filled[of_row]


def _open_about(found: Worklist, asked: Recorded) -> Worklist:
    gap = asked.without(found.key)
    return replace(found, definition=f"{found.definition}；{gap}", gap=gap) if gap else found


_CLOCKS = ("age_days", "silent_days", "dwell_days")


def _texts(values: npt.NDArray[np.object_], index: pd.Index) -> pd.Series:
    return pd.Series(values, index=index, dtype="str")


def _people(work: _Work, requests: pd.DataFrame) -> tuple[PersonList, ...]:
    """Return one list a person with open leads or requests, the longest first."""
    flags = np.column_stack([work.flags[warning.key] for warning in WARNINGS])
    rank = flags.argmax(axis=1)
    rows = np.flatnonzero(flags.any(axis=1))
    days, action, words = np.full(len(rank), np.nan), *np.full((2, len(rank)), "", dtype="object")
    for place, warning in enumerate(WARNINGS):
        first = rows[rank[rows] == place]
        days[first] = work.days[warning.days][first]
        action[first] = work.written(warning.action, first, warning.days)
        more = np.any([work.flags[key] for key in warning.unless], axis=0)
        told = rows[(work.flags[warning.key] & ~more)[rows]]
        words[told] += "、" + work.written(warning.words, told, warning.days)
    low = work.flags["low_value"][rows]
    rows = rows[np.lexsort((work.place[rows], -days[rows], low, rank[rows]))]
    todo = work.leads.iloc[rows]
    reasons = _texts(words[rows], todo.index).str.lstrip("、")
    todo = todo.assign(days=days[rows], action=_texts(action[rows], todo.index), reasons=reasons)
    waiting = requests_open(requests)
    open_ = (work.leads["outcome"] == "open").to_numpy()
    owner = work.leads["owner"].to_numpy("object")
    asked = (waiting[key].dropna() for key in ("requester", "responsible"))
    of_row = owner[rows]
    people = (
        _person(str(name), todo[of_row == name], flags[rows[of_row == name]], waiting)
        for name in {*owner[open_], *(who for part in asked for who in part)}
    )
    return tuple(
        sorted(
            people,
            key=lambda p: (p.owner == UNFILLED, -len(p.rows), -len(p.requests), p.owner),
        )
    )


def _person(
    name: str, rows: pd.DataFrame, flags: npt.NDArray[np.bool_], waiting: pd.DataFrame
) -> PersonList:
    requests = waiting
    if len(waiting):
        requests = waiting[(waiting["requester"] == name) | (waiting["responsible"] == name)]
    counts = dict(zip((w.key for w in WARNINGS), flags.sum(axis=0).tolist(), strict=True))
    late = int((requests["days_late"] > 0).sum())
    counts |= dict(zip(REQUEST_LISTS, (len(requests), late), strict=False))
    return PersonList(name, counts, rows, requests)
