"""The rules of reporting: what silences what, and in which order findings are told.

A broken file, sheet or heading silences the rows below it, a missing column only the rules that
need it; a guest's row that points nowhere is one cause. In one cell blank trumps format, format
trumps choice, and that trumps what compares cells with one another; the 规则 tab has the last word.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sheetcrm.clean import CleanBook, CleanTable, rows_off
from sheetcrm.findings import CATALOGUE, Finding
from sheetcrm.kit.model import Rule

STRUCTURE = ("FIL", "SHT", "HDR")
# The order in which the families of one cell are heard; what is not named comes last.
FAMILY_ORDER = ("FIL", "SHT", "HDR", "KIT", "ROW", "REQ", "TYP", "FMT", "VAL", "AMT")
# What says whom a row is about.
_IDENTITY = ("lead_id", "account_id", "company")
_CELL = re.compile(r"([A-Z]+)([0-9]+)")


def broken_sheets(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the sheets whose structure has an error; "" stands for the whole file.

    A missing column (HDR-02) leaves the others to be checked.
    """
    return frozenset(
        f.sheet
        for f in findings
        if f.severity == "error" and f.code.startswith(STRUCTURE) and f.code != "HDR-02"
    )


def without_sheets(book: CleanBook, broken: frozenset[str]) -> CleanBook:
    """Return the book without the tables and row findings of broken sheets."""
    return replace(
        book,
        tables=_without(book, broken),
        findings=tuple(
            f
            for f in book.findings
            if f.code.startswith((*STRUCTURE, "KIT", "SUM")) or not _silenced(f.sheet, broken)
        ),
    )


def without_orphans_gaps(findings: Iterable[Finding], book: CleanBook) -> list[Finding]:
    """Leave out what is blank in a guest's row that points nowhere, but for who it is about."""
    told = list(findings)
    orphans = {(f.sheet, f.row) for f in told if f.code == "REF-01"}
    if book.own or not orphans:
        return told
    identity = {
        (part.sheet, heading.text)
        for t in book.tables.values()
        for part in t.source.sheets
        for heading in part.headings
        if heading.key in _IDENTITY or heading.key == t.spec.id_column
    }
    return [
        f
        for f in told
        if not f.code.startswith("REQ")
        or (f.sheet, f.row) not in orphans
        or (f.sheet, f.column) in identity
    ]


def by_settings(findings: Iterable[Finding], book: CleanBook) -> list[Finding]:
    """Apply the 规则 settings: switched-off codes go, a severity the manager changed is taken."""
    kinds = {part.sheet: kind for kind, t in book.tables.items() for part in t.source.sheets}
    rules: dict[tuple[str, str], Rule] = {
        (r.code, r.table): r for r in book.kit.rules if r.builtin or not r.formula
    }
    result = []
    for f in findings:
        rule = rules.get((f.code, kinds.get(f.sheet, ""))) or rules.get((f.code, ""))
        if rule is None:
            result.append(f)
        elif rule.enabled:
            changed = rule.severity != CATALOGUE[f.code].severity
            result.append(replace(f, severity=rule.severity) if changed else f)
    return result


def one_cause_per_cell(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the first cause of every cell; a note never hides an error or a warning.

    A manager's own rule is always told: it neither hides a cause nor is hidden by one.
    """
    best: dict[tuple[str, ...], Finding] = {}
    rest: list[Finding] = []
    for f in findings:
        if not f.row or f.code not in CATALOGUE:
            rest.append(f)
            continue
        place = (f.file, f.sheet, f.cell, f.column)
        if place not in best or _weight(f) < _weight(best[place]):
            best[place] = f
    return rest + list(best.values())


def in_order(findings: Iterable[Finding], sheets: Iterable[str]) -> list[Finding]:
    """Sort by sheet (in the workbook's order), row and column; what is about the file first."""
    places: Mapping[str, int] = {name: i for i, name in enumerate(("", *sheets))}
    return sorted(findings, key=lambda f: (places.get(f.sheet, len(places)), *_address(f)))


def _without(book: CleanBook, broken: frozenset[str]) -> dict[str, CleanTable]:
    if "" in broken:
        return {}
    kept = {kind: rows_off(table, broken) for kind, table in book.tables.items()}
    return {kind: table for kind, table in kept.items() if table is not None}


def _silenced(sheet: str, broken: frozenset[str]) -> bool:
    return sheet in broken or "" in broken


def _weight(f: Finding) -> tuple[bool, int]:
    family = f.code[:3]
    known = family in FAMILY_ORDER
    return f.severity == "info", FAMILY_ORDER.index(family) if known else len(FAMILY_ORDER)


def _address(f: Finding) -> tuple[int, int, str, str]:
    match = _CELL.fullmatch(f.cell)
    letters = match[1] if match else ""
    return f.row, len(letters), letters, f.code
