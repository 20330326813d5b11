"""The stages that a workbook names beside its stage column: its log, its losses, its changes."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sheetcrm.table import Cell, Table
from sheetcrm.values.text import is_blank, tidy

# Headings of our own 阶段日志 tab, and the items whose values are stages.
DAY, ITEM, OLD, NEW = "日期", "项目", "原值", "新值"
NEW_LEAD, STAGE = "新增", "阶段"
_NEEDED = frozenset((DAY, ITEM, NEW))
_COLUMNS = (
    ("lead", "lost_stage"),
    ("status_change", "from_status"),
    ("status_change", "to_status"),
)


def named_stages(tables: Mapping[str, Table], log: Sequence[Sequence[Cell]]) -> Mapping[str, int]:
    """Count the stages, tidied, that leads were in before: so a stage nobody is in now stays one.

    Args:
        tables: The tables of the workbook.
        log: The raw rows of its 阶段日志 tab.
    """
    cells = list(_logged(log))
    for key, column in _COLUMNS:
        table = tables.get(key)
        if table is not None and table.has(column):
            cells += list(table.raw[column])
    found: Counter[str] = Counter()
    for text, count in Counter(cell for cell in cells if isinstance(cell, str)).items():
        if not is_blank(text):
            found[tidy(text)] += count
    return found


def heading_row(rows: Sequence[Sequence[Cell]]) -> int | None:
    """Return the index of the row with the log's headings."""
    return next((i for i, row in enumerate(rows) if set(row) >= _NEEDED), None)


def _logged(rows: Sequence[Sequence[Cell]]) -> list[Cell]:
    """Return the stages that leads came to, by the log."""
    top = heading_row(rows)
    if top is None:
        return []
    item, new = rows[top].index(ITEM), rows[top].index(NEW)
    body = (row for row in rows[top + 1 :] if len(row) > max(item, new))
    return [row[new] for row in body if row[item] in (NEW_LEAD, STAGE)]
