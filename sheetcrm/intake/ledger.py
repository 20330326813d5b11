"""Exports of ERP and finance programs: orders, receipts and invoices, recognised by headings."""

from sheetcrm.table import RawSheet


def is_ledger(sheet: RawSheet) -> bool:
    """Say whether a sheet lists orders, receipts or invoices."""
    return False
