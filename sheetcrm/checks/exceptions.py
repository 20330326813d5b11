"""What the 例外 tab silences, and what has become of its lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.tab_exceptions import Exemption
from sheetcrm.values.text import fold


@dataclass(frozen=True)
class Suppressed:
    """A finding that is not reported, and the line of the 例外 tab that says so."""

    finding: Finding
    exemption: Exemption

    def as_json(self) -> dict[str, Any]:
        """Return the record of `check --json`: that of the finding, with reason and last day."""
        until = self.exemption.until
        return self.finding.as_json() | {
            "reason": self.exemption.reason,
            "until": until.isoformat() if until else None,
        }


def split(
    findings: Iterable[Finding], exemptions: Sequence[Exemption], as_of: date
) -> tuple[list[Finding], list[Suppressed]]:
    """Part the findings: those to report, and those an exception silences on that day.

    An exception holds for all cells of its row, until the end of its last day.
    """
    holding = {
        (fold(line.key), line.code): line
        for line in reversed(exemptions)
        if line.until is None or line.until >= as_of
    }
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    for f in findings:
        line = holding.get((fold(f.key), f.code)) if f.key and holding else None
        if line is None:
            kept.append(f)
        else:
            suppressed.append(Suppressed(f, line))
    return kept, suppressed


def about(
    exemptions: Iterable[Exemption], suppressed: Iterable[Suppressed], file: str, as_of: date
) -> list[Finding]:
    """EXC-05: an exception whose last day has passed; EXC-06: one that silences nothing."""
    used = {s.exemption for s in suppressed}
    found = []
    for line in exemptions:
        if line.until is not None and line.until < as_of:
            place = Place(file, line.sheet, line.until_cell, line.row, "有效期至", line.key)
            found.append(finding("EXC-05", place, line.until.isoformat()))
        elif line not in used:
            place = Place(file, line.sheet, line.key_cell, line.row, "行编号", line.key)
            found.append(finding("EXC-06", place, line.key, rule=line.code))
    return found
