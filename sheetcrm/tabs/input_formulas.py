"""Excel conditions over one input row: what is required now, what is past due, what repeats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from sheetcrm.book.area import Area
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.kit.model import Kit, StageKind, TableSpec
from sheetcrm.kit.requirement import PHASE_NAMES, Condition, parse
from sheetcrm.kit.words import KIND_NAMES
from sheetcrm.table import column_letter
from sheetcrm.tabs.names import STAGE_KINDS, STAGE_LABELS, STAGE_PHASES, TODAY
from sheetcrm.tabs.required import phases_reached

# Dates somebody has promised to keep: past today, and the row still open, they are overdue.
DUE_COLUMNS = ("next_follow_up", "due_on", "expected_close_on")
# A row with this date filled is done with, whatever its status says.
DONE_COLUMN = "done_on"
# Logs have many rows a customer: only the latest one's plan counts.
LOG_DATES = {"next_follow_up": "followed_on"}


# What rows of an input sheet hold, by column key.
Records: TypeAlias = Sequence[Mapping[str, object]]


@dataclass(frozen=True)
class InputRows:
    """The validated rows of one input sheet: what its conditional formats refer to.

    `records` is what the first of them already hold.
    """

    table: TableSpec
    kit: Kit
    rows: int
    records: Records = ()

    @property
    def last_row(self) -> int:
        """The last validated row."""
        return FIRST_DATA_ROW + self.rows - 1

    def number(self, key: str) -> int:
        """Return a column's number, counted from 1."""
        return list(self.table.by_key).index(key) + 1

    def area(self, first: str, last: str = "") -> Area:
        """Return the data cells of one column, or from one column to another."""
        return Area(FIRST_DATA_ROW, self.number(first), self.last_row, self.number(last or first))

    @property
    def whole(self) -> Area:
        """All data cells."""
        return Area(FIRST_DATA_ROW, 1, self.last_row, len(self.table.columns))

    def cell(self, key: str) -> str:
        """Return a column's cell in the first data row, its column fixed: `$J4`."""
        return f"${column_letter(self.number(key))}{FIRST_DATA_ROW}"

    @property
    def started(self) -> str:
        """The condition that anything has been written in the row."""
        last = column_letter(len(self.table.columns))
        return f"COUNTA($A{FIRST_DATA_ROW}:${last}{FIRST_DATA_ROW})>0"

    @property
    def open(self) -> str:
        """The condition that the row's case is still open; "" where the table cannot tell."""
        if DONE_COLUMN in self.table.by_key:
            return f'{self.cell(DONE_COLUMN)}=""'
        return self._kind_is("open") if self.table.stage_column else ""

    def required_now(self, requirement: str) -> str:
        """Return when a column must be filled, for the `required` language of the kit.

        Raises:
            ConditionError: The requirement is none of that language.
        """
        parts = [self._condition(condition) for condition in parse(requirement)]
        return parts[0] if len(parts) == 1 else f"OR({','.join(parts)})"

    def missing(self, key: str) -> str:
        """Return the condition that the column's cell is empty although it must be filled."""
        column = self.table.by_key[key]
        return f'AND(TRIM({self.cell(key)})="",{self.started},{self.required_now(column.required)})'

    def overdue(self, key: str) -> str:
        """Return the condition that a promised date has passed and the case is still open."""
        cell = self.cell(key)
        parts = [f"ISNUMBER({cell})", f"{cell}<{TODAY}", self.open, self._latest(key)]
        return f"AND({','.join(p for p in parts if p)})"

    def repeated(self, key: str) -> str:
        """Return the condition that an id stands in another row too.

        Compared cell by cell: COUNTIF takes long digit strings for numbers of 15 digits, and `*`
        and `?` in an id for wildcards.
        """
        cell = self.cell(key)
        return f'AND({cell}<>"",SUMPRODUCT(({self.area(key).absolute}={cell})*1)>1)'

    def _condition(self, condition: Condition) -> str:
        match condition:
            case Condition("always"):
                return "TRUE"
            case Condition("while"):
                return self._kind_is("open")
            case Condition("on", phase=phase):
                return self._kind_is("won" if phase == "won" else "lost")
            case Condition("when", column=key, value=value):
                return f'{self.cell(key)}="{value}"'
            case Condition("without", column=key):
                return f'{self.cell(key)}=""'
        return self._phase_reaches(condition)

    def _stage(self, column_name: str) -> str:
        label = self.cell(self.table.stage_column)
        return f"INDEX({column_name},MATCH({label},{STAGE_LABELS},0))"

    def _kind_is(self, kind: StageKind) -> str:
        return f'IFERROR({self._stage(STAGE_KINDS)}="{KIND_NAMES[kind]}",FALSE)'

    def _phase_reaches(self, condition: Condition) -> str:
        # One text of all phases reached, between bars: array constants are not allowed here.
        bars = "|".join(("", *(PHASE_NAMES[p] for p in phases_reached(condition)), ""))
        return f'ISNUMBER(FIND("|"&{self._stage(STAGE_PHASES)}&"|","{bars}"))'

    def _latest(self, key: str) -> str:
        dated = LOG_DATES.get(key, "")
        if dated not in self.table.by_key:
            return ""
        same = [
            f"({self.area(k).absolute}={self.cell(k)})"
            for k in ("lead_id", "account_id")
            if k in self.table.by_key
        ]
        later = f"({self.area(dated).absolute}>{self.cell(dated)})"
        return f"SUMPRODUCT({'*'.join((*same, later))})=0"
