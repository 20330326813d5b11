"""The 阶段日志 tab, read back: what earlier runs saw change, and what people typed into it."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from functools import cache

import numpy as np
import pandas as pd

from sheetcrm.kit.stage_memory import DAY, ITEM, NEW_LEAD, OLD, heading_row
from sheetcrm.kit.stage_memory import NEW as NEW_VALUE
from sheetcrm.kit.stage_memory import STAGE as STAGE_ITEM
from sheetcrm.table import Cell
from sheetcrm.values.dates import parse_date

# Heading of each column and its key; the tab is read back by these, in any order.
LOG_HEADINGS: Mapping[str, str] = {
    DAY: "day",
    "线索编号": "lead_id",
    "客户名称": "company",
    ITEM: "item",
    OLD: "old",
    NEW_VALUE: "new",
    "负责人": "owner",
    "来源": "origin",
    "等级": "grade",
    "金额(元)": "amount",
    "序号": "number",
}
LOG_COLUMNS = tuple(LOG_HEADINGS.values())
# What a line is about. A lead that is new shows its stage under 新值.
NEW, GONE, STAGE, OWNER, GRADE, AMOUNT, IDENTITY = (
    *(NEW_LEAD, "删除", STAGE_ITEM, "负责人", "等级", "金额", "编号"),
)
# Where a line comes from; whatever else stands there was typed by people.
BASELINE, COMPARED = "首次记录", "与上次对比"
_TEXTS = ("lead_id", "company", "item", "owner", "origin", "grade")
_VALUES = ("old", "new")


def no_log() -> pd.DataFrame:
    """Return the log of a workbook that has none."""
    return _nothing().copy()


@cache
def _nothing() -> pd.DataFrame:
    return _typed({key: [] for key in LOG_COLUMNS})


def read_log(rows: Sequence[Sequence[Cell]]) -> pd.DataFrame:
    """Read the tab's raw rows; LOG_COLUMNS, in the order of the sheet.

    `day` is a date; `old` and `new` are texts, or numbers as text where the item is the amount;
    blank is NaN. Lines without a day or an item are left out.
    """
    top = heading_row(rows)
    if top is None:
        return no_log()
    texts = {cell: i for i, cell in enumerate(rows[top]) if isinstance(cell, str)}
    places = {key: texts[text] for text, key in LOG_HEADINGS.items() if text in texts}
    body = rows[top + 1 :]
    cells: dict[str, list[Cell]] = {}
    for key in LOG_COLUMNS:
        at = places.get(key)
        cells[key] = [row[at] if at is not None and at < len(row) else None for row in body]
    log = _typed(cells)
    return log[log["day"].notna() & log["item"].notna()].reset_index(drop=True)


def _typed(cells: Mapping[str, Sequence[Cell]]) -> pd.DataFrame:
    columns = {
        "day": pd.Series([_day(cell) for cell in cells["day"]], dtype="datetime64[us]"),
        **{
            key: pd.Series([_text(cell) for cell in cells[key]], dtype="str")
            for key in (*_TEXTS, *_VALUES)
        },
        **{
            key: pd.Series([_number(cell) for cell in cells[key]], dtype="float64")
            for key in ("amount", "number")
        },
    }
    return pd.DataFrame({key: columns[key] for key in LOG_COLUMNS})


def _day(cell: Cell) -> date | None:
    value = parse_date(cell).value if isinstance(cell, str) else cell
    if isinstance(value, datetime):
        return value.date()
    return value if isinstance(value, date) else None


def _text(cell: Cell) -> str | None:
    if isinstance(cell, str):
        return cell.strip() or None
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        return f"{cell:.15g}"
    return None


def _number(cell: Cell) -> float:
    return float(cell) if isinstance(cell, float | int) else np.nan
