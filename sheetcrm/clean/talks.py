"""When a customer was last talked to, where the talks stand elsewhere than in the lead's row."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import cast

import pandas as pd

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.under import Talks
from sheetcrm.table import Cell, Table
from sheetcrm.values.dates import MonthDay, parse_date, settle_year
from sheetcrm.values.text import as_text, says_nothing

LAST, NEXT = "last_follow_up", "next_follow_up"


def with_talks(
    table: Table, data: pd.DataFrame, talks: Talks
) -> tuple[pd.DataFrame, list[Finding]]:
    """Give leads the latest day of the talks in the rows under them, and the plan made last.

    Returns:
        The data, and what is wrong with the days in those rows.
    """
    found: list[Finding] = []
    changes: dict[str, pd.Series] = {}
    for key in (LAST, NEXT):
        if key not in data:
            continue
        days = data[key].copy()
        for row, head in talks.heads.items():
            cell = cast(Cell, talks.rows.at[row, key])
            if says_nothing(cell):
                continue
            day = day_in(cell, _nearby(data, head))
            if day is None:
                here = (table.file, table.sheet, table.cell(row, key), row, table.by_key[key].text)
                found.append(finding("TYP-02", Place(*here), as_text(cell)))
            elif key == NEXT or not days[head] >= pd.Timestamp(day):
                days[head] = pd.Timestamp(day)
        changes[key] = days
    return data.assign(**changes), found


def day_in(cell: Cell, near: Mapping[str, date]) -> date | None:
    """Return the day a cell plainly names; without a year, the coming one after the lead came.

    Args:
        cell: The cell.
        near: The lead's own days by column key.
    """
    value = parse_date(cell).value
    if isinstance(value, MonthDay):
        base = near.get("acquired_on") or near.get(LAST)
        value = settle_year(value, base, ahead="acquired_on" in near) if base else None
    return value.date() if isinstance(value, datetime) else None


def _nearby(data: pd.DataFrame, row: int) -> dict[str, date]:
    keys = [key for key in ("acquired_on", LAST) if key in data]
    days = data.loc[row, keys].dropna().to_dict()
    return {str(key): cast(pd.Timestamp, day).date() for key, day in days.items()}
