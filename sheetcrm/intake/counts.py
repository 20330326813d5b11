"""How many rows became what: the equation that every import prints."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Self

from sheetcrm.intake.model import Decided, Incoming


@dataclass(frozen=True)
class Counts:
    """Rows of an import by what becomes of them; field names are keys of `import --json`.

    `duplicates` are rows merged into an existing one or skipped, those imported before among them.
    """

    created: int = 0
    updated: int = 0
    duplicates: int = 0
    rejected: int = 0
    blank: int = 0

    @property
    def read(self) -> int:
        """All rows, whatever became of them."""
        return self.created + self.updated + self.duplicates + self.rejected + self.blank

    def __add__(self, other: Self) -> "Counts":
        """Add up the rows of two sheets."""
        mine, theirs = asdict(self), asdict(other)
        return Counts(**{key: mine[key] + theirs[key] for key in mine})

    def as_json(self) -> dict[str, int]:
        """Return the counts of `import --json`."""
        return {"read": self.read, **asdict(self)}


def count(incoming: Incoming, decided: Decided) -> Counts:
    """Count the rows of one sheet."""
    by = decided.decisions["action"].value_counts()

    def of(*actions: str) -> int:
        return int(sum(by.get(action, 0) for action in actions))

    return Counts(
        of("create"), of("update"), of("merge", "skip"), of("reject"), len(incoming.blank)
    )


def total(counts: Iterable[Counts]) -> Counts:
    """Add up the rows of several sheets."""
    return sum(counts, Counts())
