"""What cleaning has to say about one cell, before it is known whose row it is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from sheetcrm.findings import Severity
from sheetcrm.kit.model import CONTACT_TYPES
from sheetcrm.table import Cell, Coded, Heading
from sheetcrm.values.masking import mask_contact
from sheetcrm.values.parsed import Column as ReadColumn
from sheetcrm.values.parsed import Parsed, parse_column
from sheetcrm.values.text import as_text

_LONGEST_SHOWN = 60


@dataclass(frozen=True)
class Note:
    """One cell's finding in the making: `row` is Excel's, `key` the column key."""

    row: int
    key: str
    code: str
    value: str
    facts: Mapping[str, object] = field(default_factory=dict)
    severity: Severity | None = None


@dataclass(frozen=True)
class Cells:
    """One raw column on its way to a typed one.

    `type` is the kit's column type, "text" for a column the kit does not know; `coded` the same
    cells by their distinct values, where they are known.
    """

    heading: Heading
    type: str
    rows: np.ndarray
    cells: np.ndarray
    coded: Coded | None = None

    def read(
        self,
        parse: Callable[[Cell], Parsed[object]],
        plain: Callable[[Sequence[Cell]], Sequence[bool]] | None = None,
    ) -> tuple[ReadColumn[object], list[Note]]:
        """Read every distinct cell once; return what was read and what is to be said."""
        column = parse_column(self.coded or self.cells, parse, plain)
        return column, self.notes(column.notes)

    def notes(self, results: Iterable[tuple[int, Parsed[object]]]) -> list[Note]:
        """Turn results at positions of this column into notes at rows."""
        return [self.note(i, result.note, result.facts) for i, result in results]

    def note(
        self,
        position: int,
        code: str,
        facts: Mapping[str, object],
        severity: Severity | None = None,
    ) -> Note:
        """Make one note; contact values are masked, in the facts too."""
        if self.type in CONTACT_TYPES and "fixed" in facts:
            facts = {**facts, "fixed": mask_contact(str(facts["fixed"]))}
        value = self.shown(self.cells[position])
        return Note(int(self.rows[position]), self.heading.key, code, value, facts, severity)

    def shown(self, cell: Cell) -> str:
        """Return what the cell shows, on one line and masked where it is contact data."""
        text = mask_contact(cell) if self.type in CONTACT_TYPES else as_text(cell)
        text = text.replace("\r\n", "⏎").replace("\n", "⏎").replace("\t", "⇥")
        return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
