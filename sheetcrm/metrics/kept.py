"""What people wrote into tabs that are made anew: it is carried over to the next run."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Checked:
    """One row that was drawn for 抽检, and what came of it.

    `week` is an ISO week (`2026-W27`); `mark` says which row it is: file, table, id. `result` and
    `note` are what the manager wrote, "" where nothing yet.
    """

    week: str
    owner: str
    table: str
    company: str
    facts: str
    mark: str
    result: str = ""
    note: str = ""


@dataclass(frozen=True)
class Kept:
    """What earlier tabs say: the rows drawn for 抽检, and the customer picked on 客户卡片."""

    checked: tuple[Checked, ...] = ()
    customer: str = ""


NOTHING = Kept()
