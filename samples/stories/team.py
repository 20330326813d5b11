"""A healthy team of six: one workbook a person, made by `sheetcrm new` and filled in."""

from datetime import date
from pathlib import Path

from .generated import write_generated
from .simulate import Flow, Person, simulate

PEOPLE = (
    Person("陈立", 1.1, 1.4),
    Person("王佳宁", 1.05, 1.1),
    Person("周敏", 1.0, 1.0),
    Person("刘洋", 0.98, 0.9),
    Person("孙悦", 0.95, 1.2),
    Person("高峰", 0.9, 0.6),
)
# The stages of the standard kit.
FLOW = Flow(
    (("线索", 0.58, 4), ("意向", 0.6, 6), ("商机", 0.62, 8), ("报价", 0.68, 8)),
    won="成交",
    lost="流失",
    needs=1,
    proposal=3,
)
TABLES = ("lead", "follow_up", "stage_progress", "request", "target")


def write(folder: Path, until: date) -> None:
    """Write the six workbooks."""
    story = simulate(PEOPLE, FLOW, leads=600, until=until, seed=2026)
    for person in PEOPLE:
        tables = story.of(person.name).tables
        write_generated(folder / f"{person.name}.xlsx", TABLES, tables, [p.name for p in PEOPLE])
