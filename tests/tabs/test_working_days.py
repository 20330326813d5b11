"""工作日: the list in 设置 follows the public calendar and what a manager types into it."""

from datetime import date

import pytest

from sheetcrm.kit.blocks import FIRST_ROW
from sheetcrm.kit.describe import settings_blocks
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.model import DayException
from sheetcrm.table import column_letter
from sheetcrm.tabs.settings import NAME, add_settings, free_column
from sheetcrm.tabs.style import new_book
from sheetcrm.tabs.working_days import add_working_days
from tests.recalc import POISON, assert_recalculates, by_betteroffice, by_libreoffice

YEAR = date(2024, 11, 22)
FORMULAS = (
    "=COUNT(工作日)",
    '=COUNTIFS(工作日,">"&DATE(2024,4,26),工作日,"<="&DATE(2024,4,28))',
    '=COUNTIFS(工作日,">"&DATE(2024,4,30),工作日,"<="&DATE(2024,5,6))',
)


def built(*exceptions: DayException, typed: tuple[tuple[int, int, object], ...] = ()) -> bytes:
    kit = load_kit().model_copy(update={"exceptions": exceptions})
    book = new_book()
    sheet = add_settings(book, kit)
    add_working_days(sheet, book, kit, YEAR)
    for row, column, value in typed:
        sheet.put(row, column, value, "input+date" if column else "input")
    probe = book.sheet("试算")
    for row, formula in enumerate(FORMULAS, start=1):
        probe.formula(row, 1, formula, POISON, "plain")
    return book.finish()


@pytest.mark.parametrize("engine", ["betteroffice", "libreoffice"])
def test_working_days__public_ones_and_what_is_typed_below(engine, tmp_path):
    block = next(b for b in settings_blocks(load_kit()) if b.key == "exceptions")
    row, column = FIRST_ROW, block.column
    typed = (
        (row, column, date(2024, 5, 3)),
        (row, column + 1, "上班"),
        (row + 1, column, date(2024, 4, 28)),
        (row + 1, column + 1, "休息"),
    )
    books = {"公历": built(), "例外": built(typed=typed)}
    if engine == "libreoffice":
        found = by_libreoffice(books, tmp_path)
    else:
        found = {name: by_betteroffice(data) for name, data in books.items()}
    results = {
        name: [each["试算", f"A{row}"] for row in range(1, 4)] for name, each in found.items()
    }
    # Five years: 2022 to 2026. 28 April 2024 was a Sunday worked for the holiday of 1 to 5 May.
    total = 249.0 + 249 + 251 + 248 + 248
    assert results == {"公历": [total, 1.0, 1.0], "例外": [total, 0.0, 2.0]}


def test_working_days__cached_results_are_what_an_engine_finds():
    rest = DayException(day=date(2024, 5, 8), working=False)
    data = built(rest)
    found = by_betteroffice(data)
    column = column_letter(free_column(load_kit()) + 2)
    row = FIRST_ROW + (date(2024, 5, 8) - date(2022, 1, 1)).days
    assert found[NAME, f"{column}{row}"] is None
    assert found[NAME, f"{column}{row + 1}"] == 45421.0


def test_working_days__recalculate_to_themselves():
    kit = load_kit()
    book = new_book()
    add_working_days(add_settings(book, kit), book, kit, YEAR)
    assert_recalculates({"设置": book.finish()})
