"""What is wrong with a cleaned workbook: every rule a plain function, all of them listed here."""

from collections.abc import Callable
from datetime import date

from sheetcrm.checks import (
    dates,
    duplicates,
    grades,
    precedence,
    references,
    required,
    stages,
)
from sheetcrm.checks.unchecked import unchecked
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding

__all__ = ["RULES", "check", "unchecked"]

RULES: tuple[Callable[[CleanBook, date], list[Finding]], ...] = (
    required.filled,
    required.planned,
    dates.impossible_year,
    dates.in_future,
    dates.out_of_order,
    dates.acquired_late,
    dates.follow_up_before_acquisition,
    dates.stage_before_acquisition,
    dates.won_before_contact,
    dates.expected_passed,
    duplicates.same_id,
    duplicates.same_customer,
    duplicates.same_follow_up,
    references.unknown_lead,
    references.unknown_owner,
    stages.moved_back,
    grades.missing_evidence,
    grades.unsupported,
)


def check(book: CleanBook, as_of: date) -> list[Finding]:
    """Check a workbook: the findings of reading and cleaning, and those of every rule.

    Args:
        book: Recognised and typed.
        as_of: The day that "future" and "overdue" are measured from.

    Returns:
        At most one finding a cell, sorted by sheet, row and column.
    """
    sheets = [table.source.sheet for table in book.tables.values()]
    whole = precedence.without_sheets(book, precedence.broken_sheets(book.findings))
    raw = [*whole.findings, *(f for rule in RULES for f in rule(whole, as_of))]
    chosen = precedence.by_settings(precedence.without_orphans_gaps(raw, book), book)
    return precedence.in_order(precedence.one_cause_per_cell(chosen), sheets)
