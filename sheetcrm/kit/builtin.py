"""The built-in checks as rows of the 规则 tab: one for every code a check of data may report."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from sheetcrm.findings import CATALOGUE
from sheetcrm.kit.model import Kit, Rule
from sheetcrm.kit.names import STAGE_KINDS, STAGE_LABELS, WORKING_DAYS, setting_name
from sheetcrm.kit.words import KIND_NAMES

# Findings about files, sheets, headings and our own tabs are no rules one could switch off.
_NOT_RULES = frozenset({"FIL", "SHT", "HDR", "ROW", "KIT", "SUM", "RUL", "EXC"})
_FACT = re.compile(r"“?\{(\w+)[^}]*\}”?")
_KIND = f'IFERROR(INDEX({STAGE_KINDS},MATCH([@status],{STAGE_LABELS},0))="%s",FALSE)'


@dataclass(frozen=True)
class _Formula:
    """A built-in check in Excel's language, its columns by key, its threshold by setting key.

    Whether it finds the same rows as the check of that code is held by a test.
    """

    table: str
    text: str
    columns: tuple[str, ...]
    setting: str = ""


FORMULAS: Mapping[str, _Formula] = {
    "AMT-04": _Formula(
        "lead",
        f'=AND([@amount]="",{_KIND % KIND_NAMES["won"]})',
        ("amount", "status"),
    ),
    "GRD-04": _Formula(
        "lead",
        '=AND([@grade]="A",OR([@budget]="",[@decision_maker]="",[@expected_purchase_on]=""),'
        f"{_KIND % KIND_NAMES['open']})",
        ("grade", "budget", "decision_maker", "expected_purchase_on", "status"),
    ),
    "SLA-01": _Formula(
        "lead",
        f'=COUNTIFS({WORKING_DAYS},"<="&[@entered_on],{WORKING_DAYS},">"&[@acquired_on])>{{limit}}',
        ("entered_on", "acquired_on"),
        "entry_working_days",
    ),
}


def builtin_rules() -> tuple[Rule, ...]:
    """Return the built-in checks in the catalogue's order, all switched on."""
    return tuple(
        Rule(
            code=entry.code,
            severity=entry.severity,
            message=entry.title,
            hint=_FACT.sub(_word, entry.remedy),
            builtin=True,
        )
        for entry in CATALOGUE.values()
        if entry.code.partition("-")[0] not in _NOT_RULES
    )


def with_formulas(kit: Kit) -> Kit:
    """Return the kit with those of its built-in checks that fit it written as formulas."""
    rules = (
        rule.model_copy(update={"formula": _formula(rule.code, kit)}) if rule.builtin else rule
        for rule in kit.rules
    )
    return kit.model_copy(update={"rules": tuple(rules)})


def formula_table(code: str) -> str:
    """Return the key of the table that a built-in check's formula is about; "" without one."""
    return FORMULAS[code].table if code in FORMULAS else ""


def _formula(code: str, kit: Kit) -> str:
    """Write a built-in formula in the kit's own words; "" where the kit lacks a part of it."""
    formula = FORMULAS.get(code)
    table = kit.by_key.get(formula.table) if formula else None
    if formula is None or table is None or not set(formula.columns) <= set(table.by_key):
        return ""
    names = {setting.key: setting_name(setting.name) for setting in kit.settings}
    if formula.setting and formula.setting not in names:
        return ""
    text = formula.text.replace("{limit}", names.get(formula.setting, ""))
    for key in formula.columns:
        text = text.replace(f"[@{key}]", f"[@{table.by_key[key].name}]")
    return text


def _word(fact: re.Match[str]) -> str:
    """Stand in for a fact that only a finding knows."""
    return {"column": "该项", "value": "该值"}.get(fact[1], "…")
