"""An input sheet with rows filled in, and its conditions evaluated beside them by an engine."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.kit.model import Kit
from sheetcrm.tabs.input_formulas import InputRows
from sheetcrm.tabs.input_sheet import add_input_sheet
from sheetcrm.tabs.names import TODAY
from sheetcrm.tabs.settings import NAME as SETTINGS
from sheetcrm.tabs.settings import add_settings
from sheetcrm.tabs.style import new_book
from tests.recalc import POISON, Value, by_betteroffice, by_libreoffice

TODAY_HERE = date(2024, 6, 30)
PROBE_COLUMN = 60
ROWS = 30


def rows_of(table: str, kit: Kit | None = None) -> InputRows:
    """Return the validated rows of a table of a kit, the standard one if none is given."""
    kit = kit or load_kit()
    return InputRows(kit.by_key[table], kit, ROWS)


def probe(
    sheet_rows: InputRows,
    filled: Sequence[Mapping[str, object]],
    formula: str | Sequence[str],
    typed: Mapping[tuple[int, int], str] | None = None,
    folder: Path | None = None,
) -> list[Value]:
    """Evaluate a condition on each of the filled rows.

    Args:
        sheet_rows: The input sheet.
        filled: The values of each row by column key.
        formula: The condition as it stands for the first data row; one a row if several.
        typed: What a manager has typed into cells (row, column) of the 设置 tab.
        folder: Where LibreOffice may evaluate; betteroffice-xlsx does where it is None.
    """
    book = new_book()
    settings = add_settings(book, sheet_rows.kit)
    for (row, column), text in (typed or {}).items():
        settings.put(row, column, text, "input")
    sheet = add_input_sheet(book, sheet_rows)
    conditions = [formula] * len(filled) if isinstance(formula, str) else formula
    for at, (values, text) in enumerate(zip(filled, conditions, strict=True), FIRST_DATA_ROW):
        for key, value in values.items():
            sheet.put(at, sheet_rows.number(key), value, "plain")
        sheet.formula(at, PROBE_COLUMN, shifted(text, at), POISON, "plain")
    book.name(TODAY, "=DATE(2024,6,30)")
    data = book.finish()
    found = by_libreoffice({"试算": data}, folder)["试算"] if folder else by_betteroffice(data)
    return [found[place] for place in sorted(found, key=_row) if place[0] != SETTINGS]


def shifted(formula: str, row: int) -> str:
    """Return a condition of the first data row as it stands in another row."""
    return re.sub(rf"(\$?[A-Z]+){FIRST_DATA_ROW}\b", rf"\g<1>{row}", formula.removeprefix("="))


def _row(place: tuple[str, str]) -> int:
    return int(re.sub(r"\D", "", place[1]))
