"""The defined names our workbooks carry, which drop-downs, formats and rules refer to."""

from sheetcrm.book.write import safe_name
from sheetcrm.kit.model import STAGE_LIST, Column, Kit

# TODAY() on input sheets; rules evaluated in Python give it the run's date.
TODAY = "今天"
# One line a status label, side by side in the 设置 tab.
STAGE_LABELS = "阶段_状态"
STAGE_PHASES = "阶段_节点"
STAGE_KINDS = "阶段_类型"


def list_name(name: str) -> str:
    """Return the defined name of the list shown under that name in the 设置 tab."""
    return f"名单_{safe_name(name).lstrip('_')}"


def word_list_name(block: str, header: str) -> str:
    """Return the defined name of the closed vocabulary of a block's column."""
    return f"用词_{safe_name(block).lstrip('_')}_{safe_name(header).lstrip('_')}"


def choices_name(kit: Kit, column: Column) -> str:
    """Return the defined name a column's drop-down refers to; "" where it has none."""
    if column.list == STAGE_LIST:
        return STAGE_LABELS
    found = kit.list_by_key.get(column.list)
    return list_name(found.name) if found else ""
