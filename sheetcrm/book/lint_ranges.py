"""Rules about data validations, conditional formats and array formulas of a worksheet."""

import re
from collections.abc import Iterator

from lxml import etree

from sheetcrm.book.area import Area, cell_area, cell_areas, overlapping
from sheetcrm.book.limits import ERROR_LIMIT, LIST_LIMIT, PROMPT_LIMIT, TITLE_LIMIT
from sheetcrm.book.lint_book import LintBook, LintFinding, Sheet
from sheetcrm.book.lint_formats import listed
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_names import folded
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import descendants, integer, unescaped
from sheetcrm.table import column_letter

MAX_VALIDATIONS = 65_534
_TEXT_LIMITS = (
    ("promptTitle", TITLE_LIMIT),
    ("errorTitle", TITLE_LIMIT),
    ("prompt", PROMPT_LIMIT),
    ("error", ERROR_LIMIT),
)
MAX_RANGES = 8_192

_EXTENDED_FORMULA = "{http://schemas.microsoft.com/office/excel/2006/main}f"
_LITERAL = re.compile(r'"((?:[^"]|"")*)"')
_NAME = re.compile(r"[^\W\d][\w.]*")


def check_validations(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the data validations of a sheet."""
    validations = [
        v for v in descendants(sheet.root, "dataValidation") if v.get("sqref") is not None
    ]
    if len(validations) > MAX_VALIDATIONS:
        yield LintFinding("L-validations", sheet.part, "", f"数据验证超过 {MAX_VALIDATIONS} 条")
    covered: list[Area] = []
    for validation in validations:
        cells = validation.get("sqref") or ""
        ranges = cells.split()
        covered += cell_areas(ranges)
        where = ranges[0] if ranges else ""
        if len(ranges) > MAX_RANGES:
            yield LintFinding("L-validation-ranges", sheet.part, where, "一条数据验证的区域太多")
        for rule, text in (*_text_problems(validation), *_source_problems(book, validation)):
            yield LintFinding(rule, sheet.part, where, text)
    for _, one in overlapping(covered):
        where = f"{column_letter(one.left)}{one.top}"
        yield LintFinding("D-overlap", sheet.part, where, "数据验证的区域互相重叠")


def _text_problems(validation: etree._Element) -> Iterator[tuple[str, str]]:
    for name, limit in _TEXT_LIMITS:
        if utf16_length(unescaped(validation.get(name) or "")) > limit:
            yield f"L-{name}", f"数据验证的提示文字超过 {limit} 个字符"


def _source_problems(book: LintBook, validation: etree._Element) -> Iterator[tuple[str, str]]:
    is_list = validation.get("type") == "list"
    for tag in ("formula1", "formula2"):
        formula = validation.findtext(f"{{*}}{tag}")
        if formula is None or not formula:
            continue
        if is_list and formula.startswith('"'):
            yield from _literal_problems(formula)
            continue
        yield from formula_problems(formula, book.sheet_names, "validation")
        is_name = _NAME.fullmatch(formula) and cell_area(formula) is None
        if is_list and is_name and folded(formula) not in book.defined_names:
            yield "D-name", f"下拉列表的名称“{formula}”不存在"


def _literal_problems(formula: str) -> Iterator[tuple[str, str]]:
    match = _LITERAL.fullmatch(formula)
    if match is None:
        yield "D-literal", "下拉列表的引号不成对"
        return
    if utf16_length(match[1].replace('""', '"')) > LIST_LIMIT:
        yield "L-list", f"下拉列表的文字超过 {LIST_LIMIT} 个字符"
    if '"' in match[1]:
        yield "D-literal-quote", "下拉列表的选项里有引号"


def check_conditions(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the conditional formats of a sheet."""
    formats = len(listed(book.styles, "dxfs")) if book.styles is not None else 0
    for block in descendants(sheet.root, "conditionalFormatting"):
        where = (block.get("sqref") or "").partition(" ")[0]
        for condition in block.iterchildren("{*}cfRule"):
            for formula in condition.iterchildren("{*}formula"):
                for rule, text in formula_problems(formula.text or "", book.sheet_names, "format"):
                    yield LintFinding(rule, sheet.part, where, f"条件格式：{text}")
                if condition.get("type") == "cellIs" and _unquoted(book, formula.text or ""):
                    text = f"条件格式里的文字“{formula.text}”缺少引号"
                    yield LintFinding("C-quote", sheet.part, where, text)
            dxf = condition.get("dxfId")
            if dxf is not None and integer(dxf, formats) >= formats:
                yield LintFinding("C-format", sheet.part, where, "条件格式引用了不存在的格式")
            yield from _extension(sheet, condition, where)


def _unquoted(book: LintBook, formula: str) -> bool:
    is_word = _NAME.fullmatch(formula) is not None and cell_area(formula) is None
    return (
        is_word
        and formula.upper() not in ("TRUE", "FALSE")
        and folded(formula) not in book.defined_names
    )


def _extension(sheet: Sheet, condition: etree._Element, where: str) -> Iterator[LintFinding]:
    """Check that the two halves of an extended data bar know each other."""
    ids = {e.get("id") for e in sheet.root.iter("{*}cfRule") if e.get("id")}
    for element in descendants(condition, "id"):
        if (element.text or "").strip() not in ids:
            yield LintFinding("C-extension", sheet.part, where, "数据条的扩展部分缺失")


def check_arrays(book: LintBook, sheet: Sheet, rows: etree._Element) -> Iterator[LintFinding]:
    """Check that array formulas lie neither over merged cells nor in tables."""
    tables: list[tuple[str, Area]] | None = None
    for formula in rows.iter("{*}f"):
        array = cell_area(formula.get("ref")) if formula.get("t") == "array" else None
        if array is None:
            continue
        where = formula.get("ref") or ""
        if any(array.meets(merge) for merge in sheet.merged):
            yield LintFinding("M-array", sheet.part, where, "数组公式落在合并单元格上")
        if tables is None:
            tables = [
                (root.get("displayName") or "", area)
                for _, root in book.tables_of(sheet.part)
                for area in cell_areas([root.get("ref")])
            ]
        for name, area in tables:
            if array.meets(area):
                yield LintFinding("T-array", sheet.part, where, f"表“{name}”里有数组公式")


def check_shared_formulas(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check that every cell that shares a formula finds it."""
    masters: set[str] = set()
    lost = []
    for number, is_master in sheet.rows.shared_formulas():
        if is_master:
            masters.add(number)
        elif number not in masters:
            lost.append(number)
    for number in dict.fromkeys(lost):
        yield LintFinding("F-shared", sheet.part, "", f"共享公式 {number} 找不到原式")


def check_extensions(book: LintBook, sheet: Sheet) -> Iterator[LintFinding]:
    """Check the formulas of what newer Excel keeps apart: sparklines, lists on other sheets."""
    for element in sheet.root.iter(_EXTENDED_FORMULA):
        if not element.text or element.text.startswith('"'):
            continue
        for rule, text in formula_problems(element.text, book.sheet_names):
            yield LintFinding(rule, sheet.part, "", f"扩展部分：{text}")
