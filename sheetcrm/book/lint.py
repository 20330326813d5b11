"""The package linter: would Excel repair this workbook, refuse it, or drop something from it?

Other validators let nearly all of this through (notes: openxml-audit finds 5 of 64 planted faults,
LibreOffice opens nearly everything), so this is the gate for every workbook we publish. Rules come
from [MS-OI29500], [MS-XLSX], ECMA-376 and from files Excel is known to have repaired.
"""

from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import replace

from lxml import etree

from sheetcrm.book.lint_book import LintBook, LintFinding, Sheet, open_for_lint
from sheetcrm.book.lint_cells import (
    check_cells,
    check_columns,
    check_links,
    check_merges,
    check_order,
    check_page,
    check_references,
    check_rows,
    check_texts,
)
from sheetcrm.book.lint_parts import (
    check_calculation_chain,
    check_charts,
    check_comments,
    check_names,
    check_package,
    check_properties,
    check_relationships,
    check_sheet_ids,
    check_sheet_list,
    check_titles,
    check_types,
)
from sheetcrm.book.lint_ranges import (
    check_arrays,
    check_conditions,
    check_extensions,
    check_shared_formulas,
    check_validations,
)
from sheetcrm.book.lint_styles import check_styles
from sheetcrm.book.lint_tables import check_table_names, check_tables
from sheetcrm.book.xmlpart import BadXml
from sheetcrm.book.zipraw import DAMAGED
from sheetcrm.errors import FileProblem

__all__ = ["LintFinding", "lint", "new_faults"]

_BOOK_CHECKS: tuple[Callable[[LintBook], Iterator[LintFinding]], ...] = (
    check_package,
    check_types,
    check_relationships,
    check_sheet_list,
    check_sheet_ids,
    check_names,
    check_styles,
    check_table_names,
    check_calculation_chain,
    check_charts,
    check_comments,
    check_properties,
    check_texts,
    check_titles,
)
_SHEET_CHECKS: tuple[Callable[[LintBook, Sheet], Iterator[LintFinding]], ...] = (
    check_order,
    check_columns,
    check_merges,
    check_links,
    check_references,
    check_page,
    check_tables,
    check_validations,
    check_conditions,
    check_extensions,
    check_shared_formulas,
)
_ROW_CHECKS: tuple[Callable[[LintBook, Sheet, etree._Element], Iterator[LintFinding]], ...] = (
    check_rows,
    check_cells,
    check_arrays,
)


def lint(
    data: bytes, sheets: Collection[str] | None = None, before: bytes | None = None
) -> list[LintFinding]:
    """Return every rule a workbook breaks.

    Args:
        data: The .xlsx file.
        sheets: Names of the sheets to look into; None for all. What belongs to the workbook as a
            whole (parts, types, names, styles, charts) is always checked.
        before: The workbook as it was. Parts with the same bytes are then passed over, and of a
            sheet that was edited, and is none of `sheets`, only the rows that are new are looked
            at: the work is as much as the change.
    """
    try:
        book = open_for_lint(data, before, sheets)
    except DAMAGED as error:
        return [LintFinding("P-package", "", "", f"不是完整的工作簿：{error}")]
    except FileProblem as error:
        return [LintFinding("P-package", "", "", f"不是完整的工作簿：{error.reason}")]
    return [
        replace(finding, sheet=book.sheet_of.get(finding.part, ""))
        for finding in (*_of_book(book), *_of_sheets(book))
    ]


def new_faults(
    data: bytes, before: bytes | None, sheets: Collection[str] = ()
) -> list[LintFinding]:
    """Return what a changed workbook breaks and did not break before.

    What the user's workbook had wrong is the user's and stays.

    Args:
        data: The workbook as it is to be.
        before: As it was; None for a new one, which is looked at as a whole.
        sheets: Names of the sheets that are ours as a whole.
    """
    found = lint(data, None if before is None else sheets, before)
    if not found or before is None:
        return found
    known = Counter((f.rule, f.part) for f in lint(before, sheets, data))
    fresh = []
    for fault in found:
        known[fault.rule, fault.part] -= 1
        if known[fault.rule, fault.part] < 0:
            fresh.append(fault)
    return fresh


def _of_book(book: LintBook) -> Iterator[LintFinding]:
    for check in _BOOK_CHECKS:
        yield from check(book)


def _of_sheets(book: LintBook) -> Iterator[LintFinding]:
    for sheet in book.sheets:
        for check in _SHEET_CHECKS:
            yield from check(book, sheet)
        try:
            for rows in sheet.rows.chunks(book.without_plain_cells):
                for check_part in _ROW_CHECKS:
                    yield from check_part(book, sheet, rows)
        except BadXml as error:
            yield LintFinding("P-xml", sheet.part, "", f"XML 不合法：{error}")
