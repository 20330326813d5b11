"""逾期预警: the lists of open leads and requests that need somebody today, and whose they are."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.leads import historical_mean
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
) -> Overdue:
    """Return every warning list and the same by person.

    Args:
        leads: One row a lead, LEAD_COLUMNS.
        requests: One row a request, REQUEST_COLUMNS.
        limits: Days and ratio.
        today: The as-of day.
        win_back: By when customers at risk are to be won back.
    """
    due = f"{win_back:%m月%d日}"
    leads = leads.assign(plan_days=(today - leads["next_follow_up"]).dt.days.astype("float64"))
    lists = tuple(_worklist(leads, warning, limits, due) for warning in WARNINGS)
    return Overdue((*lists, *request_lists(requests)), _people(leads, requests, due))


def _worklist(leads: pd.DataFrame, warning: LeadWarning, limits: Thresholds, due: str) -> Worklist:
    limit = getattr(limits, warning.limit) if warning.limit else None
    mean = historical_mean(leads)
    definition = warning.definition.format(
        limit=f"{limit:g}" if limit is not None else "",
        ratio=limits.low_value_ratio,
        mean="" if mean is None else f"（平均{mean:,.0f}元）",
    )
    rows = leads[leads[warning.key]]
    action = _written(warning.action.replace("{due}", due), rows, warning.days)
    rows = rows.assign(days=rows[warning.days], action=action)
    return Worklist(warning.key, warning.name, definition, limit, _ranked(rows, ["days"]))


def _written(text: str, rows: pd.DataFrame, days: str) -> pd.Series:
    """Fill {stage} and {days} of a sentence for each of the rows, once for each pair of them."""
    stage, names = pd.factorize(rows["stage"])
    count = rows[days].fillna(-1).to_numpy("int64") + 1
    of_row, pairs = pd.factorize(count * max(len(names), 1) + stage)
    filled = []
    for pair in pairs.tolist():
        number, name = divmod(pair, len(names))
        filled.append(text.format(stage=names[name], days=number - 1 if number else "若干"))
    written = np.array(filled, dtype="object")[of_row]
    return pd.Series(written, index=rows.index, dtype="str")


def _ranked(rows: pd.DataFrame, first: list[str]) -> pd.DataFrame:
    """Sort by the columns given, then the further stage, the larger amount, the sheet's order.

    `days` counts down; a lead of low value comes after the others of its rank.
    """
    keys = [*first, "reached", "expected_amount", "file", "row"]
    rising = [key in ("rank", "low_value", "file", "row") for key in keys]
    return rows.sort_values(keys, ascending=rising, kind="stable").drop(columns="plan_days")


def _people(leads: pd.DataFrame, requests: pd.DataFrame, due: str) -> tuple[PersonList, ...]:
    """Return one list a person with open leads or requests, the longest first."""
    keys = [warning.key for warning in WARNINGS]
    flags = leads[keys].to_numpy(dtype=bool)
    flagged = np.flatnonzero(flags.any(axis=1))
    todo: pd.DataFrame = leads.iloc[flagged]
    rank = pd.Series(flags.argmax(axis=1)[flagged], index=todo.index)
    days = pd.Series(np.nan, index=todo.index)
    action = pd.Series("", index=todo.index, dtype="str")
    words = pd.Series("", index=todo.index, dtype="str")
    for place, warning in enumerate(WARNINGS):
        first = todo[rank == place]
        days = days.fillna(first[warning.days])
        text = warning.action.replace("{due}", due)
        action[first.index] = _written(text, first, warning.days)
        told = todo[todo[warning.key] & ~todo[list(warning.unless)].any(axis=1)]
        words[told.index] += "、" + _written(warning.words, told, warning.days)
    todo = todo.assign(rank=rank, days=days, action=action, reasons=words.str.lstrip("、"))
    todo = _ranked(todo, ["rank", "low_value", "days"]).drop(columns="rank")
    waiting = requests_open(requests)
    owners = leads.loc[leads["outcome"] == "open", "owner"]
    asked = pd.concat([waiting["requester"], waiting["responsible"]]).dropna()
    people = (_person(str(name), todo, waiting, keys) for name in {*owners, *asked})
    return tuple(
        sorted(
            people,
            key=lambda p: (p.owner == UNFILLED, -len(p.rows), -len(p.requests), p.owner),
        )
    )


def _person(name: str, todo: pd.DataFrame, waiting: pd.DataFrame, keys: list[str]) -> PersonList:
    rows = todo[todo["owner"] == name]
    requests = waiting[(waiting["requester"] == name) | (waiting["responsible"] == name)]
    counts = {key: int(rows[key].sum()) for key in keys}
    late = int((requests["days_late"] > 0).sum())
    counts |= dict(zip(REQUEST_LISTS, (len(requests), late), strict=False))
    return PersonList(name, counts, rows, requests)
