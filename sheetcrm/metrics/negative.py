"""负面清单: whose figures are below the thresholds, and which leads were lost unattended."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pandas as pd

from sheetcrm.kit.model import Kit
from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.month import Month
from sheetcrm.metrics.quality import RATE_NAMES
from sheetcrm.metrics.rate import Rate

if TYPE_CHECKING:
    from sheetcrm.metrics.performance import Result

_TIMELY = {
    "completeness": "{}格必填中{}格合格",
    "entry_in_time": "{}条线索中{}条及时",
    "record_in_time": "{}次跟进中{}次及时记录",
}
OUT_OF_TOUCH = "联系中断"


@dataclass(frozen=True)
class Shortcoming:
    """One figure of one person below its threshold; `unit` is "rate" or "times".

    `why` says in Chinese from what the figure comes and what it is held against.
    """

    name: str
    figure: str
    value: float
    threshold: float
    unit: str
    why: str


@dataclass(frozen=True)
class LostCases:
    """Leads lost in the month for want of attention.

    `rows` are rows of Summary.leads with `idle_days` (from the last contact to the loss) and `why`;
    `undated` lost leads have no day of loss and could not be judged.
    """

    undated: int
    rows: pd.DataFrame = field(repr=False, compare=False)


def shortcomings(people: Sequence["Result"], month: Month, kit: Kit) -> tuple[Shortcoming, ...]:
    """List the figures below the thresholds of the settings, by person in the order given.

    Rates count from a sample of bottleneck_min_n on; visits only where anybody's are recorded.
    """
    visited = any(p.process and p.process.visits for p in people)
    found: list[Shortcoming] = []
    for person in people:
        if person.name != UNFILLED:
            found += _money(person, month, kit)
            found += _process(person, kit, visits=visited)
    return tuple(found)


def _money(person: "Result", month: Month, kit: Kit) -> Iterator[Shortcoming]:
    floor, done = kit.number("completion_floor"), person.completion
    if done is not None and person.target and done < floor * month.share:
        yield Shortcoming(
            person.name,
            "目标完成率",
            done,
            floor * month.share,
            "rate",
            f"目标{_money_text(person.target)}，已成交{_money_text(person.sales)}；时间进度"
            f"{month.share:.0%}，警戒线为其{floor:.0%}",
        )
    floor, paid = kit.number("paid_floor"), person.paid_rate
    if paid is not None and paid < floor:
        why = f"本月成交{_money_text(person.sales)}，已回款{_money_text(person.paid or 0.0)}"
        yield Shortcoming(person.name, "回款率", paid, floor, "rate", why)


def _process(person: "Result", kit: Kit, *, visits: bool) -> Iterator[Shortcoming]:
    process = person.process
    if process is None:
        return
    least = kit.number("visits_per_week")
    # Someone with nothing under way has nobody to visit.
    busy = process.talks or process.waiting
    if visits and busy and process.visits_per_week < least:
        why = f"近4周跟进{process.talks}次，其中拜访、面谈{process.visits}次"
        if not process.talks:
            why = f"近4周没有跟进记录，而手上有{process.waiting}条进行中线索4周没有人联系"
        yield Shortcoming(person.name, "每周拜访次数", process.visits_per_week, least, "times", why)
    timely, effective = kit.number("timely_floor"), kit.number("effective_floor")
    rates = [("方案及时率", process.proposal, timely, "{}份方案中{}份按时")]
    rates += [(RATE_NAMES[k], process.quality[k], timely, text) for k, text in _TIMELY.items()]
    last = process.quality["effective_rate"]
    rates.append((RATE_NAMES["effective_rate"], last, effective, "{}次跟进中{}次有效"))
    for name, rate, floor, text in rates:
        if _below(rate, floor):
            why = text.format(rate.denominator, rate.numerator)
            yield Shortcoming(person.name, name, rate.value or 0.0, floor, "rate", why)


def _below(rate: Rate, floor: float) -> bool:
    return rate.value is not None and rate.value < floor and rate.denominator >= rate.enough


def lost_cases(leads: pd.DataFrame, month: Month, kit: Kit) -> LostCases:
    """Find the leads lost in the month that nobody had contacted for longer than allowed.

    Never contacted, out of contact for more days before the loss than silent_days_manager, or lost
    for 联系中断. Where no lead has a contact on record, only the last can be told.
    """
    recorded = bool(leads["last_follow_up"].notna().any())
    lost = (leads["outcome"] == "lost").to_numpy()
    undated = int((lost & leads["lost_on"].isna().to_numpy()).sum())
    mine = leads[lost & month.has(leads["lost_on"]).to_numpy()]
    if mine.empty:
        days, why = pd.Series(dtype="int64"), pd.Series(dtype="str")
        return LostCases(undated, mine.assign(idle_days=days, why=why))
    contact = mine["last_follow_up"].fillna(mine["acquired_on"])
    idle = (mine["lost_on"] - contact).dt.days.clip(lower=0)
    limit = kit.number("silent_days_manager")
    known = recorded & ~mine["contact_unknown"].astype(bool)
    never = mine["last_follow_up"].isna() & known
    silent = (idle > limit) & known
    broken = mine["lost_reason"] == OUT_OF_TOUCH
    days = idle.fillna(0).astype("int64").astype("str")
    why = pd.Series("", index=mine.index, dtype="str")
    why = why.mask(broken, f"流失原因写的是“{OUT_OF_TOUCH}”")
    why = why.mask(silent, "流失前" + days + f"天没有联系（上限{limit:g}天）")
    why = why.mask(never, "流失前从未跟进")
    rows = mine.assign(idle_days=idle, why=why)[never | silent | broken]
    ordered = rows.sort_values(["owner", "idle_days"], ascending=[True, False], kind="stable")
    return LostCases(undated, ordered)


def _money_text(value: float) -> str:
    return f"{value / 10000:,.1f}万元" if abs(value) >= 10000 else f"{value:,.0f}元"
