"""字段: what else each column is called, and which of two columns that share a word has it."""

from collections.abc import Mapping, Sequence

from sheetcrm.kit.blocks import Line, Report, split_words
from sheetcrm.kit.headings import read_heading
from sheetcrm.kit.model import Column, TableSpec


def with_aliases(
    columns: Sequence[Column], lines: Mapping[str, Line], base: TableSpec | None, report: Report
) -> tuple[Column, ...]:
    """Give the columns their aliases, without those that another column has.

    A name is always right, then the earlier alias. What was left out is reported, except an alias
    of the base kit that a column is called by now: nobody wrote it.

    Args:
        columns: The columns of one table, in order.
        lines: The row of each column, by its key.
        base: The table as the workbook was generated with, None for a table of the manager's own.
        report: Collects the findings.
    """
    names = {read_heading(c.name).whole: c for c in columns}
    owner = dict(names)
    result = []
    for column in columns:
        known = base.by_key.get(column.key) if base else None
        written = split_words(lines[column.key].text("别名"))
        kept = []
        for alias in dict.fromkeys((*written, *_former_name(column, known))):
            heading = read_heading(alias)
            texts = (heading.whole, heading.bare)
            others = {t: o for t in texts if (o := owner.setdefault(t, column)) is not column}
            if not others:
                kept.append(alias)
            elif alias not in written:
                continue
            elif not names.keys().isdisjoint(others):
                if known is None or alias not in known.aliases:
                    report.add_alias(lines[column.key], alias, "字段名里")
            else:
                other = next(iter(others.values()))
                report.add_alias(lines[column.key], alias, f"“{other.name}”的别名里")
        result.append(column.model_copy(update={"aliases": tuple(kept)}))
    return tuple(result)


def _former_name(column: Column, known: Column | None) -> tuple[str, ...]:
    """Return the name a column had before: a sheet may have kept it."""
    return () if known is None or known.name in (known.key, column.name) else (known.name,)
