"""One small workbook with every kind of defect, and the list of what must be found where."""

from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from .simulate import Flow, Person, Record, simulate

OWNER = Person("吴桐", 1.0, 1.0)


@dataclass(frozen=True)
class Defect:
    """What was planted: in which record of which table, and the code that must answer it."""

    table: str
    index: int
    column: str
    code: str


# (column, what is typed, code); each goes into a lead of its own, open ones first
OPEN_LEADS: tuple[tuple[str, Any, str], ...] = (
    ("lead_id", None, "REQ-01"),
    ("company", None, "REQ-01"),
    ("contact", None, "REQ-01"),
    ("owner", None, "REQ-01"),
    ("source", "", "REQ-01"),
    ("initial_need", "待定", "REQ-03"),
    ("phone", "1381234567", "FMT-05"),
    ("phone", "13800O30001", "FMT-05"),
    ("phone", "138****0077", "FMT-06"),
    ("phone", "13800139901 / 13800139902", "FMT-07"),
    ("phone", "１３８００１３９９０３", "FMT-10"),
    ("phone", 13800139904.0, "FMT-11"),
    ("acquired_on", "2026-02-30", "TYP-02"),
    ("acquired_on", "2026.3.9", "FMT-04"),
    ("acquired_on", date(2027, 1, 5), "DAT-03"),
    ("grade", "S", "VAL-01"),
    ("grade", "B级", "VAL-02"),
    ("status", "再说", "VAL-01"),
    ("lead_id", "XS-1", "FMT-09"),
    ("expected_amount", "面议", "TYP-01"),
    ("expected_amount", -36100.0, "AMT-01"),
    ("initial_need", "=1+1", "SEC-01"),
    ("contact", "#REF!", "TYP-12"),
)
LOST_LEADS: tuple[tuple[str, Any, str], ...] = (
    ("lost_reason", None, "REQ-04"),
    ("lost_stage", None, "REQ-04"),
)
WON_LEADS: tuple[tuple[str, Any, str], ...] = (
    ("amount", None, "AMT-04"),
    ("won_on", None, "REQ-02"),
)
FOLLOW_UPS: tuple[tuple[str, Any, str], ...] = (
    ("content", None, "REQ-01"),
    ("lead_id", "线索-2026-0101-999", "REF-01"),
    ("followed_on", date(2027, 3, 1), "DAT-03"),
    ("method", "托梦", "VAL-01"),
)


def records(flow: Flow, until: date) -> tuple[dict[str, list[Record]], list[Defect]]:
    """Return the tables of the messy workbook and what was planted in them."""
    slow = replace(flow, steps=tuple((name, chance, 30.0) for name, chance, _ in flow.steps))
    story = simulate([OWNER], slow, leads=120, until=until, seed=23)
    tables = story.tables
    leads = tables["lead"]
    closed = {flow.won, flow.lost}
    planted = [
        *_plant(
            tables,
            "lead",
            OPEN_LEADS,
            [i for i, r in enumerate(leads) if r["status"] not in closed],
        ),
        *_plant(
            tables, "lead", LOST_LEADS, [i for i, r in enumerate(leads) if r["status"] == flow.lost]
        ),
        *_plant(
            tables, "lead", WON_LEADS, [i for i, r in enumerate(leads) if r["status"] == flow.won]
        ),
        *_plant(tables, "follow_up", FOLLOW_UPS, range(3, len(tables["follow_up"]), 7)),
    ]
    leads.append(dict(leads[-1]))
    planted.append(Defect("lead", len(leads) - 1, "lead_id", "DUP-01"))
    return tables, planted


def _plant(tables: dict[str, list[Record]], table: str, defects: Any, free: Any) -> list[Defect]:
    planted = []
    for (column, value, code), index in zip(defects, free, strict=False):
        tables[table][index][column] = value
        planted.append(Defect(table, index, column, code))
    if len(planted) < len(defects):
        raise ValueError(
            f"{table}: {len(defects)} defects but only {len(planted)} rows to put them in"
        )
    return planted
