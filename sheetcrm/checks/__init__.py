"""What is wrong with a cleaned workbook: every rule a plain function, all of them listed here."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from sheetcrm.checks import (
    attachments,
    cadence,
    dates,
    duplicates,
    evidence,
    exceptions,
    grades,
    precedence,
    prices,
    quality,
    references,
    requests,
    required,
    service_levels,
    stages,
    transitions,
)
from sheetcrm.checks.exceptions import Suppressed
from sheetcrm.checks.own_rules import own_rules
from sheetcrm.checks.unchecked import unchecked
from sheetcrm.clean import CleanBook
from sheetcrm.findings import Finding

__all__ = ["RULES", "Judged", "attachments", "check", "judge", "unchecked"]

RULES: tuple[Callable[[CleanBook, date], list[Finding]], ...] = (
    required.filled,
    required.planned,
    dates.impossible_year,
    dates.in_future,
    cadence.plan_overdue,
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
    grades.without_basis,
    grades.unsupported,
    transitions.irregular,
    evidence.won_without_proof,
    evidence.raised_without_follow_up,
    cadence.dwelling,
    cadence.no_first_response,
    cadence.silent,
    cadence.plan_too_late,
    evidence.log_disagrees,
    requests.in_vain,
    requests.overdue,
    requests.unanswered,
    service_levels.entered_late,
    quality.filled_afterwards,
    service_levels.recorded_late,
    service_levels.analysis_late,
    service_levels.proposal_late,
    service_levels.legal_late,
    prices.below_floor,
    quality.copied,
    quality.says_nothing,
)


@dataclass(frozen=True)
class Judged:
    """What is wrong with a workbook, and what would be but for its 例外 tab."""

    findings: tuple[Finding, ...]
    suppressed: tuple[Suppressed, ...] = ()


def check(book: CleanBook, as_of: date, absent: Collection[str] = ()) -> list[Finding]:
    """Return the findings of `judge`."""
    return list(judge(book, as_of, absent).findings)


def judge(book: CleanBook, as_of: date, absent: Collection[str] = ()) -> Judged:
    """Check a workbook: the findings of reading and cleaning, and those of every rule.

    Args:
        book: Recognised and typed.
        as_of: The day that "future" and "overdue" are measured from.
        absent: Those of `attachments.named(book)` that do not exist.

    Returns:
        At most one finding a cell, sorted by sheet, row and column, suppressed ones apart.
    """
    sheets = [part.sheet for table in book.tables.values() for part in table.source.sheets]
    whole = precedence.without_sheets(book, precedence.broken_sheets(book.findings))
    raw = [*whole.findings, *(f for rule in RULES for f in rule(whole, as_of))]
    raw += attachments.not_found(whole, absent)
    chosen = precedence.by_settings(precedence.without_orphans_gaps(raw, book), book)
    chosen += own_rules(whole, as_of)
    kept, silenced = exceptions.split(chosen, book.exemptions, as_of)
    kept += exceptions.about(book.exemptions, silenced, book.file, as_of)
    findings = precedence.in_order(precedence.one_cause_per_cell(kept), sheets)
    return Judged(tuple(findings), tuple(silenced))
