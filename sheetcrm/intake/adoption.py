"""What an existing workbook is, in the terms of a kit: proposed first, then written into it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sheetcrm.kit.model import Kit, StageKind


@dataclass(frozen=True)
class AdoptedColumn:
    """One heading and the field it is; `why` says in Chinese how it was known.

    `required` is the requirement it gets, in Chinese, "" for none.
    """

    heading: str
    key: str
    name: str
    why: str
    required: str = ""


@dataclass(frozen=True)
class AdoptedTable:
    """One table and the sheets it goes over; `header_row` is the first one's.

    `extra` are the team's own columns, which are put down as they are; `left` maps headings that
    are not to the reason, in Chinese.
    """

    key: str
    name: str
    sheets: tuple[str, ...]
    header_row: int
    rows: int
    columns: tuple[AdoptedColumn, ...]
    extra: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class AdoptedStage:
    """One stage in its order; `rows` are the leads that stand in it now.

    `why` says what its kind rests on, "" where that is a guess.
    """

    name: str
    kind: StageKind
    rows: int
    why: str = ""


@dataclass(frozen=True)
class AdoptedList:
    """A drop-down list as the workbook uses it, with how often each value occurs.

    `rare` are values that occur now and then and were left out as likely slips; `offered` says
    that it comes from the sheet's own drop-down.
    """

    key: str
    name: str
    values: Mapping[str, int]
    rare: Mapping[str, int]
    offered: bool = False


@dataclass(frozen=True)
class Adoption:
    """A workbook's own kit, and what it was read from.

    `order` says in Chinese what the order of the stages rests on; `left` are sheets in which no
    table was recognised, by name, with what was noticed.
    """

    kit: Kit
    tables: tuple[AdoptedTable, ...]
    stages: tuple[AdoptedStage, ...]
    order: str
    lists: tuple[AdoptedList, ...]
    left: Mapping[str, str]

    @property
    def guessed(self) -> tuple[AdoptedStage, ...]:
        """Stages whose kind is a guess."""
        return tuple(stage for stage in self.stages if not stage.why)
