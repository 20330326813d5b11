"""The kit: what a workbook must look like, as pydantic models.

The same models are loaded from `templates/*.toml` and from a workbook's 设置/字段/规则 tabs, and
either can be turned into the other.
"""

from collections.abc import Mapping, Sequence, Set
from datetime import date
from functools import cached_property
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

ColumnType = Literal[
    "text",
    "id",
    "date",
    "datetime",
    "integer",
    "number",
    "amount",
    "percent",
    "phone",
    "email",
    "contact",
    "choice",
    "link",
]
# What is masked wherever it is shown.
CONTACT_TYPES = frozenset({"phone", "email", "contact"})
StageKind = Literal["open", "won", "lost"]
TabPlace = Literal["all", "team", "none"]
# The milestones every pipeline is read against, in order; `required = "from:proposal"` means any
# stage whose phase is proposal or later. "lost" has no place in the order.
Phase = Literal[
    "lead", "contact", "needs", "qualified", "proposal", "negotiation", "won", "delivery", "lost"
]
PHASES: tuple[Phase, ...] = (
    "lead",
    "contact",
    "needs",
    "qualified",
    "proposal",
    "negotiation",
    "won",
    "delivery",
    "lost",
)


# The `list` of a column whose choices are the pipeline's status labels, not one of `Kit.lists`.
STAGE_LIST = "stage"
# The list of the people who may own a lead; `new --owners` fills it.
OWNER_LIST = "owner"


class Model(BaseModel):
    """Base settings: closed, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Copy with changes; cached properties stay behind, they belong to the old values."""
        copy = super().model_copy(update=update, deep=deep)
        for name in copy.__dict__.keys() - type(self).model_fields.keys():
            del copy.__dict__[name]
        return copy


class Column(Model):
    """One column of a table.

    `required` is a small language, the same in TOML (left) and, in Chinese, in the 字段 tab:
    "" optional · "always" 是 · "after:needs" (a phase later than that) · "from:proposal" (that
    phase or later) · "on:won" · "on:lost" · "while:open" · "when:status=已完成" (another column's
    value) · "without:account_id" (that column is blank). Several, joined by ";", ask for the cell
    when one of them holds. It is parsed and evaluated in `kit.requirement`.

    `type` "contact" is a phone, an e-mail address or a WeChat id. `list` is the key of a list, or
    "stage" for the pipeline's labels. `strict` makes Excel refuse a value the list does not hold;
    else it only asks. `references` is "table.column"; `pattern` a regular expression for the whole
    value.
    """

    key: str
    name: str
    type: ColumnType = "text"
    required: str = ""
    aliases: tuple[str, ...] = ()
    list: str = ""
    strict: bool = True
    references: str = ""
    unique: bool = False
    unit: str = ""
    pattern: str = ""
    help: str = ""
    example: str = ""
    width: int = 0


class TableSpec(Model):
    """One kind of sheet people fill in.

    `id_column`, `owner_column`, `stage_column` are column keys; `signature` are column keys that
    tell this table from the others when a foreign sheet is recognised.
    """

    key: str
    name: str
    aliases: tuple[str, ...] = ()
    description: str = ""
    id_column: str = ""
    owner_column: str = ""
    stage_column: str = ""
    signature: tuple[str, ...] = ()
    date_order: tuple[tuple[str, str], ...] = ()
    columns: tuple[Column, ...]

    @cached_property
    def by_key(self) -> dict[str, Column]:
        """Columns by key."""
        return {c.key: c for c in self.columns}

    def referring_to(self, tables: Set[str]) -> Self:
        """Return the table without references to any but those tables."""
        columns = (
            c
            if c.references.partition(".")[0] in tables
            else c.model_copy(update={"references": ""})
            for c in self.columns
        )
        return self.model_copy(update={"columns": tuple(columns)})


class ChoiceItem(Model):
    """One value of a list, and what else people write for it."""

    value: str
    aliases: tuple[str, ...] = ()


class ChoiceList(Model):
    """A drop-down list; `open` lists only warn about a value they do not hold."""

    key: str
    name: str
    items: tuple[ChoiceItem, ...] = ()
    open: bool = False


class Stage(Model):
    """A canonical stage and the status labels people pick for it, in pipeline order.

    `dwell_days` is the expected stay in calendar days; `cadence_days` the longest recommended gap
    to the next follow-up; 0 means no limit.
    """

    name: str
    labels: tuple[str, ...]
    kind: StageKind
    phase: Phase
    aliases: tuple[str, ...] = ()
    probability: float = Field(default=0.0, ge=0, le=1)
    dwell_days: int = Field(default=0, ge=0)
    cadence_days: int = Field(default=0, ge=0)
    role: str = ""
    milestone: str = ""
    deliverable: str = ""


class Pipeline(Model):
    """A stage vocabulary, in order."""

    key: str
    name: str
    stages: tuple[Stage, ...]
    inferred: str = ""

    @cached_property
    def funnel(self) -> tuple[Stage, ...]:
        """The open stages and the first won stage: the rows of a funnel."""
        won = next((s for s in self.stages if s.kind == "won"), None)
        return tuple(s for s in self.stages if s.kind == "open") + ((won,) if won else ())

    @cached_property
    def by_label(self) -> dict[str, Stage]:
        """Stage by exact name, status label or alias."""
        return {text: s for s in self.stages for text in (*s.aliases, *s.labels, s.name)}


class Setting(Model):
    """One threshold or switch a manager may change in the 设置 tab.

    `choices` are the words a switch may be set to, () where it is a number or any text.
    """

    key: str
    name: str
    value: float | int | str
    unit: str = ""
    help: str = ""
    choices: tuple[str, ...] = ()


class DayException(Model):
    """A day on which the company departs from the public calendar."""

    day: date
    working: bool
    note: str = ""


class BonusTier(Model):
    """One step of the bonus: from `floor` of the target (1.0 = met) on, `rate` of the sales."""

    floor: float = Field(ge=0)
    rate: float = Field(ge=0, le=1)


class TabChoice(Model):
    """Where one summary tab is written: in `all` workbooks, in a `team`'s alone, in `none`."""

    key: str
    name: str
    where: TabPlace = "all"
    help: str = ""


class Dimension(Model):
    """A column of the lead table that leads are compared by.

    `top` is how many of its values are shown, the rest being put together; 0 shows all.
    """

    column: str
    top: int = Field(default=0, ge=0)


class Share(Model):
    """What one owner gets of leads that come in without one.

    `regions` and `industries` are those he takes ("" in neither: any); `quota` is the most of one
    import, 0 for no limit.
    """

    owner: str
    regions: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    quota: int = Field(default=0, ge=0)


class Rule(Model):
    """One check: a built-in one, or a manager's own Excel formula.

    A built-in check is made by code; its formula, where it fits one, says the same in Excel's
    language and colours the cells while people type. An own rule is its formula; without a table
    it holds for every table that has its columns. `place` is the cell of the formula in the
    workbook it was read from (`规则!D60`), for findings about the formula itself.
    """

    code: str
    table: str = ""
    severity: Literal["error", "warning", "info"]
    formula: str = ""
    message: str
    hint: str = ""
    enabled: bool = True
    builtin: bool = False
    place: str = ""


class Kit(Model):
    """Everything a workbook is described by."""

    key: str
    name: str
    description: str = ""
    tables: tuple[TableSpec, ...]
    pipeline: Pipeline
    lists: tuple[ChoiceList, ...]
    settings: tuple[Setting, ...]
    rules: tuple[Rule, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    bonus: tuple[BonusTier, ...] = ()
    shares: tuple[Share, ...] = ()
    tabs: tuple[TabChoice, ...] = ()
    dimensions: tuple[Dimension, ...] = ()

    @cached_property
    def by_key(self) -> dict[str, TableSpec]:
        """Tables by key."""
        return {t.key: t for t in self.tables}

    @cached_property
    def list_by_key(self) -> dict[str, ChoiceList]:
        """Choice lists by key."""
        return {item.key: item for item in self.lists}

    @cached_property
    def working_days(self) -> dict[date, bool]:
        """The company's own working days (True) and days off (False), over the public calendar."""
        return {e.day: e.working for e in self.exceptions}

    def choices(self, column: Column) -> tuple[str, ...]:
        """Return the values a column's drop-down offers, in order; () where it has none."""
        if column.list == STAGE_LIST:
            return tuple(label for s in self.pipeline.stages for label in s.labels)
        found = self.list_by_key.get(column.list)
        return tuple(item.value for item in found.items) if found else ()

    def with_items(self, key: str, values: Sequence[str]) -> "Kit":
        """Return the kit with the values of one list replaced, e.g. the owners of a team.

        Raises:
            KeyError: The kit has no such list.
        """
        items = tuple(ChoiceItem(value=v) for v in values)
        changed = self.list_by_key[key].model_copy(update={"items": items})
        lists = tuple(changed if item.key == key else item for item in self.lists)
        return self.model_copy(update={"lists": lists})

    def with_tables(self, keys: Sequence[str]) -> "Kit":
        """Return the kit with only those tables, in the kit's order.

        References to the tables left out go too.

        Raises:
            KeyError: The kit has no such table.
        """
        wanted = {self.by_key[key].key for key in keys}
        kept = (t.referring_to(wanted) for t in self.tables if t.key in wanted)
        return self.model_copy(update={"tables": tuple(kept)})

    def unwanted_tabs(self, *, team: bool) -> frozenset[str]:
        """Return the keys of the summary tabs that a team's or a person's workbook goes without."""
        kept = ("all", "team") if team else ("all",)
        return frozenset(tab.key for tab in self.tabs if tab.where not in kept)

    def number(self, key: str) -> float:
        """Return a numeric setting.

        Raises:
            KeyError: The kit has no such setting.
        """
        return float({s.key: s.value for s in self.settings}[key])
