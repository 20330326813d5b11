"""The rules of a workbook as conditional formats of its input sheets, while people type."""

from collections.abc import Iterator
from dataclasses import dataclass

from sheetcrm.checks.required import OWN_CODES
from sheetcrm.checks.rule_names import kinds, name_values
from sheetcrm.findings import Severity
from sheetcrm.kit.builtin import formula_table
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.kit.model import Rule, TableSpec
from sheetcrm.rules import FormulaError, parse
from sheetcrm.rules.lint import Known, check_names, guarded_for
from sheetcrm.rules.render import A1_LIMIT, Layout, Layouts, to_a1
from sheetcrm.rules.syntax import Node, ThisRow, references
from sheetcrm.table import column_letter
from sheetcrm.tabs.input_formulas import InputRows
from sheetcrm.tabs.names import WORKING_DAYS

STYLES: dict[Severity, str] = {"error": "bad", "warning": "warn", "info": "warn"}


@dataclass(frozen=True)
class RuleFormat:
    """One conditional format: on which column (a key), when, and how the cells then look."""

    column: str
    formula: str
    style: str


def rule_formats(rows: InputRows) -> Iterator[RuleFormat]:
    """Yield a format for every rule of the table that Excel can hold, errors first.

    A formula that cannot be used is left out: the check says so at its cell in the 规则 tab.
    """
    covered = set(OWN_CODES.values())  # what `InputRows.missing` colours already
    rules = [
        r
        for r in rows.kit.rules
        if r.formula and r.enabled and r.code not in covered and _is_about(r, rows.table)
    ]
    for rule in sorted(rules, key=lambda r: list(STYLES).index(r.severity)):
        try:
            node = parse(rule.formula)
            written = _written(node, rows)
        except FormulaError:
            continue
        column = _column(node, rows.table)
        if column and len(written) <= A1_LIMIT:
            yield RuleFormat(column, written, STYLES[rule.severity])


def _is_about(rule: Rule, table: TableSpec) -> bool:
    named = rule.table or (formula_table(rule.code) if rule.builtin else "")
    return named in ("", table.key)


def _written(node: Node, rows: InputRows) -> str:
    """Return the condition in A1, false on rows that have not been started.

    Raises:
        FormulaError: It names what the workbook has not.
    """
    tables = {each.name: each for each in rows.kit.tables}
    names = frozenset(name_values(rows.kit)) | {WORKING_DAYS}
    known = Known(kinds(rows.table), names, {name: kinds(t) for name, t in tables.items()})
    check_names(node, known)
    others = {name: _layout(each, rows) for name, each in tables.items()}
    rule = to_a1(guarded_for(node, known), Layouts(_layout(rows.table, rows), others))
    return f"AND({rows.started},{rule.removeprefix('=')})"


def _layout(table: TableSpec, rows: InputRows) -> Layout:
    letters = {c.name: column_letter(at) for at, c in enumerate(table.columns, start=1)}
    return Layout(letters, FIRST_DATA_ROW, rows.last_row, table.name)


def _column(node: Node, table: TableSpec) -> str:
    """Return the key of the first column of the row that a formula names; "" for none."""
    keys = {column.name: column.key for column in table.columns}
    return next((keys[r.column] for r in references(node) if isinstance(r, ThisRow)), "")
