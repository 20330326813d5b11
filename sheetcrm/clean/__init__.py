"""Recognised tables + kit -> typed columns and the findings about cells, once, for all above."""

from sheetcrm.clean.book import clean
from sheetcrm.clean.several import has_cell, home, next_row, rows_off
from sheetcrm.clean.shapes import CleanBook, CleanTable, ToldTalks
from sheetcrm.clean.told import with_told

__all__ = [
    "CleanBook",
    "CleanTable",
    "ToldTalks",
    "clean",
    "has_cell",
    "home",
    "next_row",
    "rows_off",
    "with_told",
]
