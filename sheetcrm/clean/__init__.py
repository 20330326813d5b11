"""Recognised tables + kit -> typed columns and the findings about cells, once, for all above."""

from sheetcrm.clean.book import clean
from sheetcrm.clean.several import has_cell, home, next_row, rows_off
from sheetcrm.clean.shapes import CleanBook, CleanTable

__all__ = ["CleanBook", "CleanTable", "clean", "has_cell", "home", "next_row", "rows_off"]
