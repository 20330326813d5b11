"""What people may be asked about headings and values: the rows of 列映射 and 值映射."""

from dataclasses import dataclass

from sheetcrm.intake.model import HeadingHow, Incoming, ValueHow
from sheetcrm.kit.model import Kit

IGNORE = "忽略"
STAGE_PREFIX = "阶段:"


@dataclass(frozen=True)
class HeadingPrompt:
    """One heading and what it may stand for.

    `answer` is what holds now ("" where it has to be said), `choices` everything that may be
    chosen, likeliest first: field names, `阶段:商机`, `忽略`. Each is understood by `given_map`.
    `samples` are up to three cells of the column, masked where they are contact data.
    """

    sheet: str
    text: str
    cell: str
    how: HeadingHow
    answer: str
    choices: tuple[str, ...]
    samples: tuple[str, ...]
    reason: str = ""


@dataclass(frozen=True)
class ValuePrompt:
    """One value that the book's list does not hold, and what it may become.

    `answer` is what goes into the book now; `choices` the list, the suggestion first.
    """

    sheet: str
    field: str
    key: str
    text: str
    count: int
    how: ValueHow
    answer: str
    suggestion: str
    choices: tuple[str, ...]


def heading_prompts(incoming: Incoming, kit: Kit) -> tuple[HeadingPrompt, ...]:
    """Return every heading of a sheet, those that have to be asked about first."""
    raise NotImplementedError


def value_prompts(incoming: Incoming, kit: Kit) -> tuple[ValuePrompt, ...]:
    """Return every value that is not taken as it stands, unknown ones first."""
    raise NotImplementedError
