"""The built-in checks as rows of the 规则 tab: one for every code a check of data may report."""

import re

from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.model import Rule

# Findings about files, sheets, headings and our own tabs are no rules one could switch off.
_NOT_RULES = frozenset({"FIL", "SHT", "HDR", "ROW", "KIT", "SUM"})
_FACT = re.compile(r"“?\{(\w+)[^}]*\}”?")


def builtin_rules() -> tuple[Rule, ...]:
    """Return the built-in checks in the catalogue's order, all switched on."""
    return tuple(
        Rule(
            code=entry.code,
            severity=entry.severity,
            message=entry.title,
            hint=_FACT.sub(_word, entry.remedy),
        )
        for entry in CATALOGUE.values()
        if entry.code.partition("-")[0] not in _NOT_RULES
    )


def _word(fact: re.Match[str]) -> str:
    """Stand in for a fact that only a finding knows."""
    return {"column": "该项", "value": "该值", "open_stage": "成交前的阶段"}.get(fact[1], "…")
