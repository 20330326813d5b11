"""对账: every headline figure worked out in two ways, and the rows that are in none of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import isclose

import numpy as np
import pandas as pd

from sheetcrm.metrics.columns import UNFILLED
from sheetcrm.metrics.dataset import CHILDREN, Dataset
from sheetcrm.metrics.performance import Performance
from sheetcrm.metrics.results import GroupRow, Summary
from sheetcrm.metrics.shared_customers import shared_customers

ROW_COLUMNS = ("file", "sheet", "row", "company", "what", "why", "counted")
# Amounts are compared to the cent.
CENT = 0.005
# Rows that the reading itself left out.
_READING = {
    "ROW-02": "示例行，没有当作数据",
    "ROW-03": "合计行，没有当作数据",
    "ROW-05": "说明或重复的表头，没有当作数据",
}
_SHARED = "几本表都有（撞单），仍按行计数"
_TABLES = {
    "stage_progress": "阶段进度",
    "status_change": "状态变更",
    "follow_up": "跟进记录",
    "request": "协作需求",
}


@dataclass(frozen=True)
class Check:
    """Two ways to the same number, each with what it is; `unit` is 条 or 元."""

    key: str
    name: str
    first: str
    left: float
    second: str
    right: float
    unit: str = "条"

    @property
    def same(self) -> bool:
        """Say whether both come to the same."""
        return isclose(self.left, self.right, rel_tol=0.0, abs_tol=CENT)


@dataclass(frozen=True)
class Reconciliation:
    """The checks, and the rows not counted or counted twice (ROW_COLUMNS).

    `counted` says whether a row is in the figures all the same. `shared` is the number of customers
    that several files have, and have not lost.
    """

    checks: tuple[Check, ...]
    rows: pd.DataFrame = field(repr=False, compare=False)
    shared: int = 0

    @property
    def wrong(self) -> int:
        """How many checks do not agree."""
        return sum(not check.same for check in self.checks)


def reconciliation(data: Dataset, summary: Summary, found: Performance) -> Reconciliation:
    """Check the figures of the summary and of the month against the rows they come from."""
    checks = (
        *_counts(data, summary),
        *_groups(summary),
        *_stages(summary),
        *_warnings(summary),
        *_month(summary, found),
    )
    leads = data.frames["lead"]
    shared = shared_customers(leads, (summary.leads["outcome"] != "lost").to_numpy())
    both = _told(leads.iloc[shared.rows], "线索", _SHARED, counted=True)
    parts = [part for part in (both, *_rows(data)) if len(part)]
    rows = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*ROW_COLUMNS])
    return Reconciliation(checks, rows, shared.customers)


def _counts(data: Dataset, summary: Summary) -> Iterator[Check]:
    people, leads = summary.population, len(summary.leads)
    read = sum(len(book.tables["lead"].data) for book in data.books if "lead" in book.tables)
    tables = [book.tables["lead"].source for book in data.books if "lead" in book.tables]
    shown = summary.leads["sheet"].isin({part.sheet for table in tables for part in table.sheets})
    made = leads - int(shown.sum())
    extra = f"＋只在阶段进度里的客户{made}" if made else ""
    yield Check("rows", "行数", f"线索表读到的行{extra}", read + made, "线索总数", leads)
    parts = people.open + people.won + people.lost
    yield Check("outcome", "结果", "进行中＋成交＋流失", parts, "线索总数", people.leads)


def _groups(summary: Summary) -> Iterator[Check]:
    total, won = summary.totals, summary.population.won
    kinds: list[tuple[str, str, Sequence[GroupRow]]] = [
        ("owner", "负责人", summary.by_owner),
        ("source", "来源渠道", summary.by_source),
    ]
    for key, name, rows in kinds:
        leads = sum(row.leads for row in rows)
        yield Check(
            f"{key}_leads", f"按{name}", f"各{name}线索之和", leads, "线索总数", len(summary.leads)
        )
        deals = sum(row.won for row in rows)
        yield Check(f"{key}_won", f"按{name}", f"各{name}成交之和", deals, "成交总数", won)
        money = sum(row.won_amount for row in rows)
        whole = f"各{name}成交金额之和"
        yield Check(f"{key}_amount", f"按{name}", whole, money, "成交金额", total.won_amount, "元")
        money = sum(row.open_amount for row in rows)
        whole = f"各{name}预计金额之和"
        yield Check(
            f"{key}_open", f"按{name}", whole, money, "进行中预计金额", total.open_amount, "元"
        )
    for extra in summary.dimensions:
        if extra.rows and extra.key not in ("owner", "source"):
            leads = sum(row.leads for row in extra.rows)
            whole = f"各{extra.name}线索之和"
            key = f"{extra.key}_leads"
            yield Check(key, f"按{extra.name}", whole, leads, "线索总数", len(summary.leads))


def _stages(summary: Summary) -> Iterator[Check]:
    if not summary.funnel:
        return
    first, leads = summary.funnel[0], summary.leads
    whole = f"到达“{first.stage}”的"
    yield Check("funnel", "漏斗", whole, first.reached, "线索总数", len(leads))
    unknown = int(((leads["stage"] == UNFILLED) & (leads["outcome"] != "lost")).sum())
    current = sum(stage.current for stage in summary.funnel) + unknown
    extra = f"＋阶段不明{unknown}" if unknown else ""
    both = summary.population.open + summary.population.won
    yield Check("stock", "在库", f"各阶段在库之和{extra}", current, "进行中＋成交", both)
    lost = sum(stage.lost_here for stage in summary.funnel)
    yield Check("lost", "流失", "各阶段流失之和", lost, "流失总数", summary.population.lost)


def _warnings(summary: Summary) -> Iterator[Check]:
    for item in summary.overdue.lists:
        if item.key in summary.leads or item.key.startswith("service"):
            listed = sum(p.counts.get(item.key, 0) for p in summary.overdue.people)
            whole = f"“{item.name}”的数量"
            yield Check(item.key, "逾期预警", whole, item.count, "各人名单之和", listed)


def _month(summary: Summary, found: Performance) -> Iterator[Check]:
    leads = summary.leads
    won = leads[(leads["outcome"] == "won") & found.month.has(leads["won_on"])]
    sold = float(np.nansum(won["amount"].to_numpy("float64")))
    parts = sum(person.sales for person in found.people)
    yield Check("month", "业绩", "各人本月销售额之和", parts, "本月成交线索的金额", sold, "元")
    deals = sum(person.deals for person in found.people)
    yield Check("month_deals", "业绩", "各人本月成交单数之和", deals, "本月成交的线索", len(won))


def _rows(data: Dataset) -> Iterator[pd.DataFrame]:
    """Return the rows that are not counted, and those counted though they repeat another."""
    leads = data.frames["lead"]
    again = leads[leads["key"] != np.arange(len(leads))]
    yield _told(again, "线索", "与同一文件中前面的行是同一条线索，仍按行计数", counted=True)
    for kind in CHILDREN:
        frame = data.frames[kind]
        lost = frame[frame["lead"] < 0]
        why = "找不到对应的线索，没有计入阶段、跟进和时钟"
        if kind == "request":
            why = "找不到对应的线索；协作需求本身仍计入"
        yield _told(lost, _TABLES[kind], why, counted=kind == "request")
    found = [f for book in data.books for f in book.findings if f.code in _READING]
    yield pd.DataFrame(
        {
            "file": [f.file for f in found],
            "sheet": [f.sheet for f in found],
            "row": [f.row for f in found],
            "company": None,
            "what": "行",
            "why": [_READING[f.code] for f in found],
            "counted": False,
        }
    )


def _told(rows: pd.DataFrame, what: str, why: str, *, counted: bool) -> pd.DataFrame:
    named = rows[["file", "sheet", "row", "company"]].assign(what=what, why=why, counted=counted)
    return named[list(ROW_COLUMNS)]
