"""The package linter: would Excel repair this workbook, refuse it, or drop something from it?

Other validators let nearly all of this through (notes: openxml-audit finds 5 of 64 planted faults,
LibreOffice opens nearly everything), so this is the gate for every workbook we publish. Rules come
from [MS-OI29500], [MS-XLSX], ECMA-376 and from files Excel is known to have repaired.
"""

import zipfile
from collections.abc import Callable, Collection, Iterator

from sheetcrm.book.lint_book import LintBook, LintFinding, Sheet, open_for_lint
from sheetcrm.book.lint_cells import (
    check_cells,
    check_columns,
    check_links,
    check_merges,
    check_order,
    check_page,
    check_rows,
)
from sheetcrm.book.lint_parts import (
    check_calculation_chain,
    check_charts,
    check_names,
    check_package,
    check_properties,
    check_relationships,
    check_sheet_ids,
    check_sheet_list,
    check_types,
)
from sheetcrm.book.lint_ranges import check_arrays, check_conditions, check_validations
from sheetcrm.book.lint_styles import check_styles
from sheetcrm.book.lint_tables import check_table_names, check_tables
from sheetcrm.errors import FileProblem

__all__ = ["LintFinding", "lint"]

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
    check_properties,
)
_SHEET_CHECKS: tuple[Callable[[LintBook, Sheet], Iterator[LintFinding]], ...] = (
    check_order,
    check_rows,
    check_columns,
    check_cells,
    check_merges,
    check_links,
    check_page,
    check_tables,
    check_validations,
    check_conditions,
    check_arrays,
)


def lint(data: bytes, sheets: Collection[str] | None = None) -> list[LintFinding]:
    """Return every rule a workbook breaks.

    Args:
        data: The .xlsx file.
        sheets: Names of the sheets to look into; None for all. What belongs to the workbook as a
            whole (parts, types, names, styles, charts) is always checked.
    """
    try:
        book = open_for_lint(data, None if sheets is None else frozenset(sheets))
    except (zipfile.BadZipFile, FileProblem) as error:
        return [LintFinding("P-package", "", "", f"不是完整的工作簿：{error}")]
    found = [finding for check in _BOOK_CHECKS for finding in check(book)]
    for sheet in book.sheets:
        for check_sheet in _SHEET_CHECKS:
            found += check_sheet(book, sheet)
    return found
