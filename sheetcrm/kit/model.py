"""The kit: what a workbook must look like, as pydantic models.

The same models are loaded from `templates/*.toml` and from a workbook's 设置/字段/规则 tabs, and
either can be turned into the other.
"""

from functools import cached_property
from typing import Literal

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
    "choice",
    "link",
]
StageKind = Literal["open", "won", "lost"]
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


class Model(BaseModel):
    """Base settings: closed, immutable."""

    model_config = ConfigDict(extra="forbid", frozen=True, ignored_types=(cached_property,))


class Column(Model):
    """One column of a table.

    `required` is a small language, the same in TOML (left) and, in Chinese, in the 字段 tab:
    "" optional · "always" 是 · "after:needs" (phase later than that) · "from:proposal" (that phase
    or later) · "on:won" · "on:lost" · "while:open" · "when:status=已完成" (another column's value).
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
    """One threshold or switch a manager may change in the 设置 tab."""

    key: str
    name: str
    value: float | int | str
    unit: str = ""
    help: str = ""


class Rule(Model):
    """One check: a built-in one (empty formula) or a manager's own Excel formula."""

    code: str
    table: str = ""
    severity: Literal["error", "warning", "info"]
    formula: str = ""
    message: str
    hint: str = ""
    enabled: bool = True


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

    @cached_property
    def by_key(self) -> dict[str, TableSpec]:
        """Tables by key."""
        return {t.key: t for t in self.tables}

    @cached_property
    def list_by_key(self) -> dict[str, ChoiceList]:
        """Choice lists by key."""
        return {item.key: item for item in self.lists}

    def number(self, key: str) -> float:
        """Return a numeric setting.

        Raises:
            KeyError: The kit has no such setting.
        """
        return float({s.key: s.value for s in self.settings}[key])
