"""The defined names our workbooks carry, which drop-downs, formats and rules refer to."""

from sheetcrm.book.write import safe_name
from sheetcrm.kit.model import STAGE_LIST, Column, Kit
from sheetcrm.kit.names import (
    STAGE_KINDS,
    STAGE_LABELS,
    STAGE_PHASES,
    TODAY,
    WORKING_DAYS,
    list_name,
    setting_name,
)

__all__ = [
    "STAGE_KINDS",
    "STAGE_LABELS",
    "STAGE_PHASES",
    "TODAY",
    "WORKING_DAYS",
    "choices_name",
    "list_name",
    "setting_name",
    "word_list_name",
]


def word_list_name(block: str, header: str) -> str:
    """Return the defined name of the closed vocabulary of a block's column."""
    return f"用词_{safe_name(block).lstrip('_')}_{safe_name(header).lstrip('_')}"


def choices_name(kit: Kit, column: Column) -> str:
    """Return the defined name a column's drop-down refers to; "" where it has none."""
    if column.list == STAGE_LIST:
        return STAGE_LABELS
    found = kit.list_by_key.get(column.list)
    return list_name(found.name) if found else ""
