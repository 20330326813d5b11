"""Finding: one problem at one place, with its reason and its remedy."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

from sheetcrm.findings.catalogue import CATALOGUE, SEVERITIES, Severity


@dataclass(frozen=True)
class Place:
    """Where a finding is: `row` is Excel's row number, 0 for the whole sheet or file.

    `column` is the heading as the sheet has it, `key` the row's id, `owner` who answers for it.
    """

    file: str
    sheet: str = ""
    cell: str = ""
    row: int = 0
    column: str = ""
    key: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Finding:
    """One problem at one cell. Field names are the keys of `check --json`.

    `value` is what the cell shows, masked where it is contact data; `message` says what is wrong,
    `suggestion` what to do or to write instead.
    """

    code: str
    severity: Severity
    file: str
    sheet: str
    cell: str
    row: int
    column: str
    key: str
    owner: str
    value: str
    message: str
    suggestion: str

    @property
    def fingerprint(self) -> str:
        """Identify the same problem in the next run (new, still open, fixed).

        Code, file name, sheet, row id and column: it survives moved rows and moved folders as long
        as the row has an id; a row without one is known by its cell. Two findings may share a
        fingerprint (an id given three times), so runs are compared as multisets.
        """
        row = self.key or self.cell
        told = f"{self.code}\x1f{file_name(self.file)}\x1f{self.sheet}\x1f{row}\x1f{self.column}"
        return hashlib.sha256(told.encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """Return the record of `check --json`."""
        return asdict(self)


@lru_cache(maxsize=1024)
def file_name(path: str) -> str:
    """Return the last part of a path, whichever way its folders are separated."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def finding(
    code: str,
    place: Place,
    value: str = "",
    suggestion: str = "",
    severity: Severity | None = None,
    **facts: object,
) -> Finding:
    """Make a finding from the catalogue's sentence for `code` and the facts at hand.

    Args:
        code: A code of the catalogue.
        place: Where it is.
        value: What the cell shows; mask contact data before passing it.
        suggestion: Overrides the catalogue's remedy, e.g. with the corrected value.
        severity: Overrides the catalogue's severity (foreign workbooks, the 规则 tab).
        **facts: Fill the placeholders of the catalogue's sentences; `value` and `column` always do.
    """
    entry = CATALOGUE[code]
    known = {"value": value, "column": plain_heading(place.column), **facts}
    return Finding(
        code=code,
        severity=severity or entry.severity,
        file=place.file,
        sheet=place.sheet,
        cell=place.cell,
        row=place.row,
        column=place.column,
        key=place.key,
        owner=place.owner,
        value=value,
        message=entry.message.format(**known),
        suggestion=suggestion or entry.remedy.format(**known),
    )


def plain_heading(text: str) -> str:
    """Return a heading without the required marks that stand before or after it."""
    return text.strip(" *＊△★\r\n")


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """Count findings by severity; all three keys are always there."""
    total: dict[Severity, int] = dict.fromkeys(SEVERITIES, 0)
    for f in findings:
        total[f.severity] += 1
    return total


def at_least(findings: Iterable[Finding], level: Severity) -> bool:
    """Say whether any finding is at `level` or above."""
    limit = SEVERITIES.index(level)
    return any(SEVERITIES.index(f.severity) <= limit for f in findings)
