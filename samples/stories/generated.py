"""Workbooks as `sheetcrm new` makes them, with rows already filled in."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import OWNER_LIST
from sheetcrm.tabs.workbook import build_workbook

from .simulate import Record

ROWS = 300  # validated rows, enough for the longest story


def write_generated(
    path: Path,
    tables: Sequence[str],
    records: Mapping[str, Sequence[Record]],
    owners: Sequence[str],
) -> None:
    """Write a workbook of the standard kit that holds these records."""
    kit = load_kit().with_tables(tables).with_items(OWNER_LIST, owners)
    rows = max(ROWS, *(len(records[t]) + 50 for t in tables))
    made = build_workbook(kit, rows, date(2026, 6, 30), records)
    roles = {name: Role(*role) for name, role in made.roles.items()}
    path.write_bytes(add_markers(made.data, roles))
