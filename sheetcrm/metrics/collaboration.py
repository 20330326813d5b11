"""协作瓶颈: how fast the other departments respond and deliver, and what is late."""

from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.kit.clock import clock
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import Dataset
from sheetcrm.metrics.durations import Duration, duration
from sheetcrm.metrics.rate import Rate
from sheetcrm.metrics.results import Summary

_HOURS = ("response_hours", "waiting_hours", "response_late", "completion_days")


@dataclass(frozen=True)
class Department:
    """The requests to one department, or to all.

    `response` is in working hours, its share of requests answered within the time of their
    priority; `completion` in working days. `overdue` is the requests that are or were late, over
    those done or past their due day; `late_now` are open and late, `done_late` done late.
    """

    name: str
    requests: int
    open: int
    response: Duration
    completion: Duration
    overdue: Rate
    late_now: int
    done_late: int


@dataclass(frozen=True)
class Collaboration:
    """By department, the most overdue first; what is worst in one sentence.

    `rows` are Summary.requests with `response_hours`, `waiting_hours` (open ones without an
    answer), `response_late` and `completion_days`.
    """

    departments: tuple[Department, ...]
    total: Department
    sentence: str
    assumptions: tuple[str, ...]
    rows: pd.DataFrame = field(repr=False, compare=False)


def collaboration(data: Dataset, summary: Summary) -> Collaboration:
    """Sum up 协作需求 by department; rejected requests are counted, but not timed."""
    rows = _timed(data, summary)
    enough = int(data.kit.number("bottleneck_min_n"))
    names = rows["department"].fillna(UNFILLED)
    found = [_department(str(name), part, enough) for name, part in rows.groupby(names)]
    found.sort(key=lambda d: (-(d.overdue.value or 0.0), -d.requests, d.name))
    total = _department("合计", rows, enough)
    unanswered = int((rows["response_hours"].isna() & (rows["state"] == "done")).sum())
    said = []
    if unanswered:
        said.append(f"有{unanswered}项已完成的协作需求没有填响应时间，未计入响应时间。")
    if int(rows["due_on"].isna().sum()):
        said.append(f"有{int(rows['due_on'].isna().sum())}项没有要求完成时间，无法判断是否逾期。")
    return Collaboration(tuple(found), total, _sentence(found), tuple(said), rows)


def _timed(data: Dataset, summary: Summary) -> pd.DataFrame:
    """Return the requests with how long they took, or have waited for an answer."""
    rows, time = summary.requests, clock(data.kit)
    if rows.empty:
        none = dict.fromkeys(_HOURS, pd.Series(dtype="float64"))
        return rows.assign(**none | {"response_late": pd.Series(dtype="bool")})
    asked = data.frames["request"]["requested_on"]
    answered = data.frames["request"]["responded_at"]
    end = pd.Timestamp(summary.as_of) + pd.Timedelta(hours=23, minutes=59)
    known = answered.notna() & (answered <= end)
    waiting = ~known & (rows["state"] == "open")
    hours = time.calendar.hours(asked, answered.where(known, end), time.office)
    days = time.calendar.days(asked.dt.floor("D"), answered.where(known, end).dt.floor("D"))
    limit = data.kit.number("request_hours_high")
    quick = time.within_hours(asked, answered, limit, time.office).late
    quick = quick.where(known, time.waiting(asked, summary.as_of, limit, time.office).late)
    late = _late(data, rows["priority"], quick, days)
    completion = time.calendar.days(rows["requested_on"], rows["done_on"])
    return rows.assign(
        response_hours=hours.where(known),
        waiting_hours=hours.where(waiting),
        response_late=late.where(known | waiting, other=False),
        completion_days=completion.where(rows["state"] == "done"),
    )


def _late(data: Dataset, priority: pd.Series, quick: pd.Series, days: pd.Series) -> pd.Series:
    """Say which answers take longer than the priority allows (as SLA-07).

    `quick` says it of 高, counted in working hours; 中 and 低 count working days.
    """
    number = data.kit.number
    late = (priority == "高") & quick
    late |= (priority == "中") & (days > number("request_days_medium"))
    late |= (priority == "低") & (days > number("request_days_low"))
    return late


def _department(name: str, rows: pd.DataFrame, enough: int) -> Department:
    took, waited = rows["response_hours"].dropna(), rows["waiting_hours"].dropna()
    late = rows["response_late"].astype(bool)
    answered = duration(took, waited, None, enough)
    late_waiting = int((late & rows["waiting_hours"].notna()).sum())
    in_time = Rate(int((~late[took.index]).sum()), len(took) + late_waiting, enough)
    open_, done = rows["state"] == "open", rows["state"] == "done"
    is_late = rows["days_late"] > 0
    due = rows["due_on"].notna() & (done | (open_ & is_late))
    return Department(
        name=name,
        requests=len(rows),
        open=int(open_.sum()),
        response=Duration(
            answered.done,
            answered.waiting,
            answered.median,
            answered.mean,
            answered.slowest,
            in_time,
        ),
        completion=duration(rows["completion_days"].dropna(), pd.Series(dtype=float), None, enough),
        overdue=Rate(int((due & is_late).sum()), int(due.sum()), enough),
        late_now=int((open_ & is_late).sum()),
        done_late=int((done & is_late).sum()),
    )


def _sentence(found: list[Department]) -> str:
    """Name the department that is late most often, where there are enough requests to say so."""
    sound = [d for d in found if d.overdue.denominator >= d.overdue.enough]
    if not sound:
        return "各部门到期的协作需求都太少，暂不判断瓶颈。" if found else ""
    worst = max(sound, key=lambda d: d.overdue.value or 0.0)
    share = worst.overdue
    if not share.numerator:
        return "样本足够的部门没有逾期的协作需求。"
    text = f"协作瓶颈在{worst.name}：{share.denominator}项中{share.numerator}项逾期"
    text += f"（{share.value:.0%}）"
    if worst.completion.median is not None:
        text += f"，完成中位数{worst.completion.median:g}个工作日"
    return text + (f"，现有{worst.late_now}项逾期未完成。" if worst.late_now else "。")
