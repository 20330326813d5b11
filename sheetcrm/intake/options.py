"""What an import is told besides the sheet: the day, what was done before, what a person said."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sheetcrm.intake.model import Action


@dataclass(frozen=True)
class Answer:
    """What a person chose for one row in the decision workbook.

    `target` is the id of the book's row that is meant (its Excel row as text where the table has
    no ids); "" leaves the one that was found.
    """

    action: Action
    target: str = ""


@dataclass(frozen=True)
class Strange:
    """What somebody wrote as a decision that is none, and in which cell of the workbook."""

    sheet: str
    cell: str
    text: str


@dataclass(frozen=True)
class Options:
    """What `decide` needs to know besides the sheet and the book.

    `as_of` is the day grades and dates are judged on; `now` becomes 录入时间 of a row that gives
    none; `received` the day the sheet came in (the day of `now` if None). `source` is the channel
    of rows that name none. `taken` holds the highest number ever given out by id stem
    ("线索-2024-0501-" or "GZ2024"), also of rows that are gone. `imported` are the fingerprints of
    rows brought in before, `answers` what a person chose by fingerprint, `strange` what was written
    there that is no choice, in the file `decision`. `change_owner` lets the
    sheet's owner replace the book's; `overwrite` names columns (keys) whose values in the sheet
    replace those of the book.
    """

    as_of: date
    now: datetime
    received: date | None = None
    source: str = ""
    taken: Mapping[str, int] = field(default_factory=dict)
    imported: Collection[str] = frozenset()
    answers: Mapping[str, Answer] = field(default_factory=dict)
    strange: Mapping[str, Strange] = field(default_factory=dict)
    decision: str = ""
    change_owner: bool = False
    overwrite: frozenset[str] = frozenset()

    @property
    def day(self) -> date:
        """The day the sheet came in."""
        return self.received or self.now.date()
