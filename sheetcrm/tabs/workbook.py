"""A whole generated workbook: its sheets in the order people meet them, and its names."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sheetcrm.kit.model import Kit
from sheetcrm.kit.tab_exceptions import TAB_KIND as EXCEPTIONS_KIND
from sheetcrm.tabs.exceptions import NAME as EXCEPTIONS
from sheetcrm.tabs.exceptions import add_exceptions
from sheetcrm.tabs.fields import NAME as FIELDS
from sheetcrm.tabs.fields import add_fields
from sheetcrm.tabs.guide import NAME as GUIDE
from sheetcrm.tabs.guide import add_guide
from sheetcrm.tabs.input_formulas import InputRows, Records
from sheetcrm.tabs.input_sheet import add_input_sheet
from sheetcrm.tabs.names import TODAY
from sheetcrm.tabs.rules import NAME as RULES
from sheetcrm.tabs.rules import add_rules
from sheetcrm.tabs.settings import NAME as SETTINGS
from sheetcrm.tabs.settings import add_settings
from sheetcrm.tabs.style import new_book
from sheetcrm.tabs.working_days import add_working_days

_TAB_ROLES = {
    GUIDE: ("guide", ""),
    SETTINGS: ("settings", ""),
    FIELDS: ("fields", ""),
    RULES: ("rules", ""),
    EXCEPTIONS: (EXCEPTIONS_KIND, ""),
}


@dataclass(frozen=True)
class Workbook:
    """A finished workbook; `roles` are (kind of tab, table key) by sheet name."""

    data: bytes
    roles: dict[str, tuple[str, str]]


def build_workbook(
    kit: Kit, rows: int, today: date, records: Mapping[str, Records] | None = None
) -> Workbook:
    """Build the workbook a kit describes.

    Args:
        kit: Its tables, lists, settings and rules.
        rows: How many rows of each input sheet are validated.
        today: Stands in for TODAY() in cached results until Excel recalculates them; the years
            around it are in the list of working days.
        records: What the input sheets already hold, by table key.
    """
    book = new_book()
    held = records or {}
    sheets = [InputRows(t, kit, rows, held.get(t.key, ())) for t in kit.tables]
    add_guide(book, kit, sheets, today).open_here()
    for each in sheets:
        add_input_sheet(book, each)
    add_working_days(add_settings(book, kit), book, kit, today)
    add_fields(book, kit)
    add_rules(book, kit)
    add_exceptions(book, kit)
    book.name(TODAY, "=TODAY()")
    roles = _TAB_ROLES | {t.name: ("", t.key) for t in kit.tables}
    return Workbook(book.finish(), roles)
