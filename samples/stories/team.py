"""A healthy team of six: one workbook a person, made by `sheetcrm new` and filled in."""

from datetime import date
from pathlib import Path

from .further import fill_out
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
# The team writes its proposals within days.
PROMPT_FLOW = Flow(
    (("线索", 0.58, 4), ("意向", 0.6, 8), ("商机", 0.66, 1.6), ("报价", 0.72, 11)),
    won="成交",
    lost="流失",
    needs=1,
    proposal=3,
)
TABLES = ("lead", "follow_up", "stage_progress", "request", "target")
FURTHER_TABLES = (*TABLES, "contract", "account", "competitor")


def write(folder: Path, until: date) -> None:
    """Write the six workbooks."""
    story = simulate(PEOPLE, PROMPT_FLOW, leads=600, until=until, seed=2026)
    fill_out(story, PEOPLE, until)
    for person in PEOPLE:
        tables = story.of(person.name).tables
        path = folder / f"{person.name}.xlsx"
        write_generated(path, FURTHER_TABLES, tables, [p.name for p in PEOPLE])
