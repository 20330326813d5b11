"""What is said of things in a workbook that run, connect or reach out."""

import re

from sheetcrm.findings import Finding, Place, finding
from sheetcrm.table import RawBook


def hazard_findings(raw: RawBook) -> list[Finding]:
    """Return one finding for each of them (SEC-02 where it acts by itself, SEC-03 else)."""
    return [
        finding(
            "SEC-02" if each.acts else "SEC-03",
            Place(raw.path, each.sheet, each.cell, int(re.sub(r"\D", "", each.cell) or 0)),
            what=each.what,
        )
        for each in raw.hazards
    ]
