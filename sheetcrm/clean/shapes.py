"""What cleaning makes: typed tables, and the cells already found wrong."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from sheetcrm.clean.stage_log import no_log
from sheetcrm.findings import Finding
from sheetcrm.kit.model import Kit, TableSpec
from sheetcrm.kit.tab_exceptions import Exemption
from sheetcrm.kit.under import Talks
from sheetcrm.table import Table


@dataclass(frozen=True)
class CleanTable:
    """A recognised table with typed columns.

    `data` has the index (Excel row numbers) and columns of `source.raw`, and the column owner where
    the sheet has none and its rows are one person's (kit.person). By column type: text, id,
    choice, phone, email, link are pandas `str`; date and datetime are `datetime64[us]`; integer,
    number, amount (in the kit unit), percent are `float64`. Missing and unreadable are NaN/NaT.
    `faulty` holds (row, key) of every cell that already has an error about its type or value, so
    that later rules keep quiet about it.
    """

    source: Table
    spec: TableSpec
    data: pd.DataFrame = field(repr=False)
    faulty: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class ToldTalks:
    """Talks that stand in the rows of the leads themselves.

    `talks` has `lead` (the row in the lead table's data), `followed_on`, `owner`, `method` and
    `content`, one row a talk. `unread` are the leads whose talks nobody could date, and those on
    sheets without such a column: when they were last talked to is not known from here.
    """

    talks: pd.DataFrame = field(repr=False)
    unread: frozenset[int] = frozenset()


@dataclass(frozen=True)
class CleanBook:
    """One workbook, recognised and typed.

    `own` says that it carries our 设置 tab; a foreign workbook is a guest.
    `findings` are those of reading, recognition and cleaning; `exemptions` are the lines of its
    例外 tab. `log` are those of its 阶段日志 tab, LOG_COLUMNS. `under` are the rows of a lead
    sheet, by its name, that only tell of a further talk; `told` the talks of the leads' own cells,
    None where no column tells of any, or nobody has read them (clean.told).
    """

    file: str
    kit: Kit
    own: bool
    tables: Mapping[str, CleanTable]
    findings: tuple[Finding, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    log: pd.DataFrame = field(default_factory=no_log, repr=False, compare=False)
    under: Mapping[str, Talks] = field(default_factory=dict, repr=False, compare=False)
    told: ToldTalks | None = field(default=None, repr=False, compare=False)
