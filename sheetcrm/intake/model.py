"""The shapes of an import between the sheet that came in and the rows that go into the book."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import pandas as pd

from sheetcrm.findings import Finding
from sheetcrm.table import Table

HeadingHow = Literal["name", "given", "saved", "alias", "content", "stage", "ignored", "asked"]
ValueHow = Literal["same", "given", "saved", "alias", "kept"]
Action = Literal["create", "update", "merge", "skip", "reject"]
ACTION_NAMES: Mapping[Action, str] = {
    "create": "新建",
    "update": "更新",
    "merge": "合并",
    "skip": "跳过",
    "reject": "待修正",
}
# What a person may decide about a suspected duplicate.
DECISIONS: tuple[Action, ...] = ("create", "update", "merge", "skip")

# One row an incoming row that is not blank, indexed by its Excel row in the incoming sheet.
DECISION_COLUMNS = (
    "action",  # an Action
    "target",  # Int64: the row of the book's table that is updated or matched; NA without one
    "first",  # Int64: the earlier row of the batch this one repeats; NA without one
    "certain",  # bool: False where a person should look (疑似重复)
    "matched",  # what it matched on, in Chinese: "手机号", "编号", "公司+联系人"; "" for none
    "reason",  # why this action, one Chinese sentence
    "code",  # code of the finding that rejects it, else ""
    "fingerprint",  # hash of the row's content, the same in any container and row order
)


@dataclass(frozen=True)
class HeadingMatch:
    """One heading of the incoming sheet, and the field it fills.

    `column` counts from 1. `key` is a column key of the table, "" where `how` is "ignored" or
    "asked"; with "stage" the column holds the day the lead entered `stage` (a canonical stage name
    of the book's pipeline), as with "given" or "saved" where `stage` is set. `candidates` are the
    keys, or `stage:<name>`, that may be meant where it has to be asked; `reason` says in Chinese
    why. `factor` turns its numbers into the kit's unit. An ignored column fills the field `spare`
    in rows where the column that has it is blank: a landline or an e-mail beside the mobile phone.
    """

    text: str
    column: int
    key: str
    how: HeadingHow
    stage: str = ""
    candidates: tuple[str, ...] = ()
    factor: float = 1.0
    reason: str = ""
    spare: str = ""


@dataclass(frozen=True)
class ValueMatch:
    """One value of a stage, source, owner or other list column, and what it becomes.

    `key` is the column; `text` what the sheet has, `count` times; `value` what goes into the book
    (equal to `text` with "same" and "kept"); `suggestion` is offered where it is kept unknown.
    """

    key: str
    text: str
    value: str
    how: ValueHow
    count: int
    suggestion: str = ""


@dataclass(frozen=True)
class SavedMap:
    """What was decided for a source before, or given on the command line.

    `headings` maps heading texts to column keys, "stage:<name>" for a stage date, or "" to ignore;
    `values` maps (column key, text) to the value meant.
    """

    headings: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[tuple[str, str], str] = field(default_factory=dict)


@dataclass(frozen=True)
class Incoming:
    """One incoming sheet, mapped and typed.

    `kind` is the table it fills. `raw` holds the cells as they came, `data` the typed values by
    column key, `stages` the entry day of each mapped stage (datetime64, a column a stage name);
    all three are indexed by Excel row. `blank` rows held nothing. `table` stands for the sheet
    where findings point. `unmapped` are headings that are kept out until somebody says what they
    mean.
    """

    file: str
    sheet: str
    kind: str
    source: str
    headings: tuple[HeadingMatch, ...]
    values: tuple[ValueMatch, ...]
    table: Table
    data: pd.DataFrame = field(repr=False)
    stages: pd.DataFrame = field(repr=False)
    blank: tuple[int, ...] = ()
    findings: tuple[Finding, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def unmapped(self) -> tuple[HeadingMatch, ...]:
        """Headings that have to be asked about."""
        return tuple(match for match in self.headings if match.how == "asked")


@dataclass(frozen=True)
class Chosen:
    """What a person wrote as the decision about a row, beside what is proposed without it."""

    text: str
    action: Action
    target: int | None
    first: int | None
    reason: str


@dataclass(frozen=True)
class Decided:
    """What becomes of every row of an incoming sheet.

    `decisions` has DECISION_COLUMNS; `changes` one row a cell that an update changes: `row`
    (incoming), `target`, `key`, `old`, `new`; `kept` the same for cells of the book that the sheet
    says otherwise and that stay, with `reason`. `new` holds the rows to append, typed, by column
    key of the book's table (ids, owners, grades and times filled in), indexed by incoming row;
    `new_stages` the stage rows to append beside them. `filled` has one row a cell of `new` that
    the import filled in itself: `row`, `key`, `value`, `reason` (a proposed grade with its
    evidence, an owner with the rule). `chosen` are the rows a person decided about. read =
    create + update + (merge + skip) + reject + blank, always.
    """

    decisions: pd.DataFrame = field(repr=False)
    changes: pd.DataFrame = field(repr=False)
    kept: pd.DataFrame = field(repr=False)
    new: pd.DataFrame = field(repr=False)
    new_stages: pd.DataFrame = field(repr=False)
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()
    filled: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)
    chosen: Mapping[int, Chosen] = field(default_factory=dict)
