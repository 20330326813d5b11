"""The manager's own rules, written as Excel formulas in the 规则 tab: evaluated, and proof-read.

A rule's findings carry its own code, message and hint, and stand at the row's cell of the first
column that the formula names. A row with a faulty value in one of its columns is not judged. What
is wrong with a formula is a finding at its cell in the 规则 tab (RUL).
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

import numpy as np
import pandas as pd

from sheetcrm.checks.cells import owners, place_of, row_keys, shown
from sheetcrm.checks.rule_names import column_keys, known, names
from sheetcrm.clean import CleanBook, CleanTable
from sheetcrm.findings import Finding, Place, finding
from sheetcrm.kit.marks import FIRST_DATA_ROW
from sheetcrm.kit.model import Rule, TableSpec
from sheetcrm.rules import FormulaError, Node, Scope, parse
from sheetcrm.rules.evaluate import holds
from sheetcrm.rules.lint import check_names, guarded_for, traps
from sheetcrm.rules.render import A1_LIMIT, Layout, Layouts, to_a1
from sheetcrm.rules.syntax import ERRORS, ThisRow, references
from sheetcrm.rules.vector import Vector, from_series
from sheetcrm.table import column_letter

_CODES = {"syntax": "RUL-01", "function": "RUL-02", "reference": "RUL-03", "cost": "RUL-04"}
_PLACEHOLDER = re.compile(r"\{([^{}]+)\}")
BLANK_WORD = "空"
# Rows of a generated input sheet, to tell how long a formula becomes there.
_USUAL_ROWS = 1000


def own_rules(book: CleanBook, as_of: date) -> list[Finding]:
    """Return what the own rules find, and what is wrong with them."""
    rules = [r for r in book.kit.rules if r.formula and r.enabled and not r.builtin]
    run = _Run(book, as_of)
    return [f for rule in rules for f in _findings(rule, run)]


def unchecked_rules(book: CleanBook) -> list[tuple[str, str]]:
    """Return (code, reason in Chinese) of the own rules whose columns a sheet does not have."""
    result: list[tuple[str, str]] = []
    for rule in (r for r in book.kit.rules if r.formula and r.enabled and not r.builtin):
        try:
            node = parse(rule.formula)
        except FormulaError:
            continue
        for spec in _tables(rule, node, book):
            table = book.tables.get(spec.key)
            missing = _missing(node, spec, book) if table else []
            if table and missing:
                columns = "、".join(f"“{name}”" for name in missing)
                result.append((rule.code, f"“{table.source.sheet}”没有{columns}列"))
    return result


@dataclass(frozen=True)
class _Run:
    """One check of a workbook: columns, by table and name, and results that its rules share."""

    book: CleanBook
    as_of: date
    columns: dict[str, dict[str, Vector]] = field(default_factory=dict)
    scopes: dict[str, Scope] = field(default_factory=dict)

    @cached_property
    def names(self) -> dict[str, Vector]:
        return names(self.book.kit, self.as_of)

    def scope(self, spec: TableSpec, node: Node) -> Scope:
        """Return what a formula over a table can name, results of earlier rules included."""
        self._load(spec, [r.column for r in references(node) if not r.table])
        for other in self.book.kit.tables:
            self._load(other, [r.column for r in references(node) if r.table == other.name])
        if spec.key not in self.scopes:
            by_name = {t.name: self._columns(t) for t in self.book.kit.tables}
            own = self._columns(spec)
            self.scopes[spec.key] = Scope(own, self.as_of, self.names, by_name)
        return self.scopes[spec.key]

    def _columns(self, spec: TableSpec) -> dict[str, Vector]:
        return self.columns.setdefault(spec.key, {})

    def _load(self, spec: TableSpec, wanted: Sequence[str]) -> None:
        table, made = self.book.tables.get(spec.key), self._columns(spec)
        if table is None:
            return
        keys = column_keys(self.book, spec)
        for name in wanted:
            if name not in made and keys.get(name) in table.data:
                made[name] = from_series(table.data[keys[name]])


def _findings(rule: Rule, run: _Run) -> Iterator[Finding]:
    try:
        node = parse(rule.formula)
        tables = _tables(rule, node, run.book)
        for spec in tables:
            check_names(node, known(run.book, spec))
            yield from _proof_read(rule, node, spec, run)
        for spec in tables:
            table = run.book.tables.get(spec.key)
            if table is not None and len(table.data) and not _missing(node, spec, run.book):
                yield from _evaluated(rule, node, table, run)
    except FormulaError as problem:
        code = _CODES[problem.problem]
        yield finding(code, _place(rule, run), rule.formula, reason=problem.sentence)


def _tables(rule: Rule, node: Node, book: CleanBook) -> list[TableSpec]:
    """Return the tables a rule is about: the one it names, else all that have its columns.

    Raises:
        FormulaError: It names no table and none has all its columns; about the likeliest one.
    """
    if rule.table:
        return [book.kit.by_key[rule.table]]
    wanted = {r.column for r in references(node) if not r.table}
    if not wanted:
        raise FormulaError("没有写明是哪张表，公式里也没有列名", problem="reference")
    fitting = [t for t in book.kit.tables if wanted <= set(column_keys(book, t))]
    likeliest = max(book.kit.tables, key=lambda t: len(wanted & set(column_keys(book, t))))
    return fitting or [likeliest]


def _missing(node: Node, spec: TableSpec, book: CleanBook) -> list[str]:
    """Return the columns a formula names that the sheets do not have."""
    by_name = {t.name: t for t in book.kit.tables}
    result = []
    for ref in references(node):
        home = by_name.get(ref.table, spec)
        table = book.tables.get(home.key)
        key = column_keys(book, home).get(ref.column)
        if table is None or key not in table.data:
            result.append(ref.column)
    return list(dict.fromkeys(result))


def _proof_read(rule: Rule, node: Node, spec: TableSpec, run: _Run) -> Iterator[Finding]:
    allowed = known(run.book, spec)
    place = _place(rule, run)
    for trap in traps(node, allowed):
        name = trap.name or "列名"
        yield finding(trap.code, place, rule.formula, reason=trap.reason, name=name)
    written = to_a1(guarded_for(node, allowed), _usual_places(run.book, spec))
    if len(written) - 1 > A1_LIMIT:
        yield finding("RUL-12", place, rule.formula, count=len(written) - 1)


def _usual_places(book: CleanBook, spec: TableSpec) -> Layouts:
    def layout(each: TableSpec) -> Layout:
        keys = list(each.by_key)
        letters = {
            name: column_letter(keys.index(key) + 1 if key in keys else len(keys) + 1)
            for name, key in column_keys(book, each).items()
        }
        return Layout(letters, FIRST_DATA_ROW, FIRST_DATA_ROW + _USUAL_ROWS - 1, each.name)

    return Layouts(layout(spec), {each.name: layout(each) for each in book.kit.tables})


def _evaluated(rule: Rule, node: Node, table: CleanTable, run: _Run) -> Iterator[Finding]:
    scope = run.scope(table.spec, node)
    hit, errors = holds(guarded_for(node, known(run.book, table.spec)), scope)
    keys = column_keys(run.book, table.spec)
    mentioned = [keys[r.column] for r in references(node) if isinstance(r, ThisRow)]
    faulty = {row for row, key in table.faulty if key in mentioned}
    judged = ~table.data.index.isin(list(faulty))
    failed = np.flatnonzero(judged & (errors > 0))
    if len(failed):
        spot = table.source.spot(int(table.data.index[failed[0]]), _column(node, table, run.book))
        yield finding(
            "RUL-11",
            _place(rule, run),
            rule.formula,
            sheet=spot.sheet,
            count=len(failed),
            error=ERRORS[int(errors[failed[0]])],
            example=spot.cell,
        )
    yield from _report(rule, node, table, run, table.data.index[judged & hit])


def _column(node: Node, table: CleanTable, book: CleanBook) -> str:
    """Return the key of the column findings stand at: the first named of the row, else any."""
    keys = column_keys(book, table.spec)
    ordered = sorted(references(node), key=lambda r: not isinstance(r, ThisRow))
    named = (keys[r.column] for r in ordered if not r.table or isinstance(r, ThisRow))
    return next(named, table.source.headings[0].key)


def _report(
    rule: Rule, node: Node, table: CleanTable, run: _Run, rows: pd.Index
) -> Iterator[Finding]:
    key = _column(node, table, run.book)
    messages = _filled(rule.message, table, run.book, rows)
    facts = zip(
        rows,
        shown(table, key, rows),
        row_keys(table, rows),
        owners(table, rows),
        messages,
        _filled(rule.hint, table, run.book, rows),
        strict=True,
    )
    for row, value, row_key, owner, message, hint in facts:
        place = place_of(table.source, int(row), key, row_key, owner)
        yield Finding(
            rule.code,
            rule.severity,
            place.file,
            place.sheet,
            place.cell,
            place.row,
            place.column,
            place.key,
            place.owner,
            value,
            message,
            hint,
        )


def _filled(text: str, table: CleanTable, book: CleanBook, rows: pd.Index) -> list[str]:
    """Put into a message what the row has: `{列名}` becomes the cell, 空 where it is blank."""
    keys = column_keys(book, table.spec)
    wanted = {name for name in _PLACEHOLDER.findall(text) if keys.get(name) in table.data}
    texts = [text] * len(rows)
    for name in wanted:
        cells = [cell or BLANK_WORD for cell in shown(table, keys[name], rows)]
        texts = [t.replace(f"{{{name}}}", cell) for t, cell in zip(texts, cells, strict=True)]
    return texts


def _place(rule: Rule, run: _Run) -> Place:
    sheet, _, cell = rule.place.rpartition("!")
    row = int(re.sub(r"\D", "", cell) or 0)
    return Place(run.book.file, sheet, cell, row, "公式" if cell else "", rule.code)
