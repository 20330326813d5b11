"""AMT: amounts that cannot be."""

from datetime import date

from sheetcrm.checks.cells import found, values
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding

# Amounts that may well be zero for a while.
MAY_BE_ZERO = frozenset({"paid_amount", "paid_target", "sales_target"})


def not_positive(book: CleanBook, as_of: date) -> list[Finding]:
    """AMT-01: a negative amount, or zero where that says nothing."""
    del as_of
    result: list[Finding] = []
    for table in book.tables.values():
        for column in table.spec.columns:
            if column.type == "amount" and column.key in table.data:
                amounts = values(table, column.key)
                wrong = (amounts < 0) if column.key in MAY_BE_ZERO else (amounts <= 0)
                result += found(table, "AMT-01", column.key, amounts.index[wrong])
    return result
