"""Recognised tables + kit -> typed columns and the findings about cells, once, for all above."""

from sheetcrm.clean.book import clean
from sheetcrm.clean.several import rows_off
from sheetcrm.clean.shapes import CleanBook, CleanTable

__all__ = ["CleanBook", "CleanTable", "clean", "rows_off"]
