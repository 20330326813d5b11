"""What the tests of the rules' language share."""

from collections.abc import Mapping, Sequence
from datetime import date

from sheetcrm.rules import Scope, evaluate, parse
from sheetcrm.rules.vector import from_values

AS_OF = date(2024, 6, 30)


def scope(
    columns: Mapping[str, Sequence[object]],
    names: Mapping[str, Sequence[object]] | None = None,
    tables: Mapping[str, Mapping[str, Sequence[object]]] | None = None,
) -> Scope:
    """Return a scope whose columns hold these cells; an error is its text (`#N/A`)."""
    return Scope(
        {name: from_values(cells) for name, cells in columns.items()},
        AS_OF,
        {name: from_values(cells, "list") for name, cells in (names or {}).items()},
        {
            table: {name: from_values(cells) for name, cells in others.items()}
            for table, others in (tables or {}).items()
        },
    )


def values(formula: str, where: Scope) -> list[object]:
    """Return a formula's value in every row."""
    found = evaluate(parse(formula), where)
    made = found.values()
    return made * where.rows if found.size == 1 else made


def value(formula: str, cell: object = None) -> object:
    """Return a formula's value where the column 值 of the only row holds `cell`."""
    return values(formula, scope({"值": [cell]}))[0]
