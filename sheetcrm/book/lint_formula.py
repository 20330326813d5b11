"""Formula text that Excel answers with its repair dialog, or quietly drops.

Formulas are scanned, not parsed: strings, quoted sheet names and brackets are taken out first, the
rest is looked at.
"""

import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Literal

from sheetcrm.book.formula_text import in_row_one
from sheetcrm.book.limits import FORMULA_LIMIT, RULE_FORMULA_LIMIT, TEXT_CONSTANT_LIMIT
from sheetcrm.book.write_text import utf16_length

Context = Literal["cell", "validation", "format", "name", "chart"]

MAX_NESTING = 64  # levels of functions (Excel specifications and limits)

# Functions newer than the file format: stored with a prefix, or Excel shows #NAME?
# ([MS-XLSX] 2.2.2, future functions).
_FUTURE = re.compile(
    r"ACOT|ARABIC|BASE|BETA\.DIST|BINOM\.DIST|CEILING\.MATH|CHISQ\.DIST|CONCAT"
    r"|CONFIDENCE\.NORM|COVARIANCE\.P|DAYS|DECIMAL|FILTER|FLOOR\.MATH|FORMULATEXT|IFNA|IFS"
    r"|ISFORMULA|ISOWEEKNUM|LAMBDA|LET|MAXIFS|MINIFS|MODE\.MULT|NORM\.DIST|NORM\.INV"
    r"|NUMBERVALUE|PERCENTILE\.EXC|PERCENTILE\.INC|QUARTILE\.EXC|QUARTILE\.INC|RANDARRAY"
    r"|RANK\.AVG|RANK\.EQ|SEQUENCE|SHEET|SHEETS|SORT|SORTBY|STDEV\.P|STDEV\.S|SWITCH|TAKE"
    r"|TEXTAFTER|TEXTBEFORE|TEXTJOIN|TEXTSPLIT|TOCOL|TOROW|UNIQUE|VAR\.P|VAR\.S|VSTACK|HSTACK"
    r"|DROP|CHOOSECOLS|CHOOSEROWS|WRAPROWS|WRAPCOLS|EXPAND|XLOOKUP|XMATCH|XOR"
)
_OPAQUE = re.compile(
    r'"(?:[^"]|"")*"'
    r"|'(?:[^']|'')*'"
    r"|\[(?:'.|[^\[\]']|\[(?:'.|[^\[\]'])*\])*\]"
)
_ERROR_VALUE = re.compile(r"#(?:REF!|NULL!|VALUE!|NUM!|DIV/0!|N/A|NAME\?|SPILL!|CALC!)")
_FUNCTION = re.compile(r"(?<![\w.])([A-Z][A-Z0-9.]*)\(")
_FULL_WIDTH = re.compile("[，；：（）“”‘’＝＋－＞＜！]")
_QUOTED_SHEET = re.compile(r"'((?:[^']|'')+)'!")
_UNQUOTED_SHEET = re.compile(
    r"(?<![\w.$#¤§])(?:\d[\w.]*|[^\W\d][\w.]*(?: [\w.]+)+)!"  # 2024年!A1, 名 单!A1
)
_INTERSECTION = re.compile(r"(?<![A-Za-z(])\$?[A-Z]{1,3}\$?\d+ +\$?[A-Z]{1,3}\$?\d+")
_SPAN_OF_SHEETS = re.compile(
    r"(?<![\w.'])[^\W\d][\w.]*:[^\W\d][\w.]*!|'(?:[^']|'')+:(?:[^']|'')+'!"
)
_PLAIN_SHEET = re.compile(r"(?<![\w\]'.!])([^\W\d][\w.]*)!")
_SHEET_TWICE = re.compile(r"![$A-Z]+[$\d]+:[^!:,()]+!")

_ARRAY = re.compile(r"\{[^}]*\}")


def formula_problems(
    formula: str, sheets: Collection[str], context: Context = "cell"
) -> Iterator[tuple[str, str]]:
    """Yield (rule, Chinese sentence) for what is wrong with a formula as it is stored.

    Args:
        formula: The text of the element, without a leading equals sign.
        sheets: The workbook's sheet names in lower case.
        context: Where it stands; validations and conditional formats allow less.
    """
    if not formula.strip():
        yield "F-empty", "公式是空的"
        return
    if formula.startswith("="):
        yield "F-equals", "公式前面多了一个等号"
    limit = RULE_FORMULA_LIMIT if context == "validation" else FORMULA_LIMIT
    if utf16_length(formula) > limit:
        yield "F-length", f"公式长 {utf16_length(formula)} 个字符，上限是 {limit}"
    problems, names = _of_text(in_row_one(formula))
    yield from problems
    for name in names:
        if any(part.casefold() not in sheets for part in name.split(":")):
            yield "F-sheet", f"公式引用了不存在的工作表“{name}”"
    if context in ("validation", "format"):
        yield from _restricted(formula)


def external_problems(formula: str, books: int) -> Iterator[tuple[str, str]]:
    """Yield (rule, Chinese sentence) where a formula refers to a workbook that is not listed."""
    if "[" not in formula:
        return
    numbers = (o[1:-1] for o in _OPAQUE.findall(formula) if o.startswith("["))
    quoted = re.findall(r"'\[(\d+)\]", formula)
    if any(int(n) > books for n in (*numbers, *quoted) if n.isascii() and n.isdigit()):
        yield "F-external-missing", "公式引用了没有登记的外部工作簿"


def _mask(match: re.Match[str]) -> str:
    return {'"': "§", "'": "¤", "[": "¶"}[match[0][0]]


def _keep_quoted(match: re.Match[str]) -> str:
    """Hide strings, keep quoted sheet names, reduce brackets to a mark."""
    return {'"': "§", "'": match[0], "[": "]"}[match[0][0]]


@lru_cache(maxsize=1024)
def _of_text(formula: str) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Return what is wrong with a formula wherever it stands, and the sheets it names."""
    bare, visible = _bare(formula), _ERROR_VALUE.sub("0", _OPAQUE.sub(_keep_quoted, formula))
    problems = (*_constant_problems(formula), *_text_problems(bare), *_name_problems(visible))
    quoted = [name.replace("''", "'") for name in _QUOTED_SHEET.findall(visible)]
    plain = _PLAIN_SHEET.findall(_QUOTED_SHEET.sub("¤!", visible))
    names = (name for name in (*quoted, *plain) if "[" not in name and "]" not in name)
    return problems, tuple(names)


def _bare(formula: str) -> str:
    return _ERROR_VALUE.sub("0", _OPAQUE.sub(_mask, formula))


def _constant_problems(formula: str) -> Iterator[tuple[str, str]]:
    if any(
        o.startswith('"') and utf16_length(o[1:-1].replace('""', '"')) > TEXT_CONSTANT_LIMIT
        for o in _OPAQUE.findall(formula)
    ):
        yield "F-string", f"公式里有超过 {TEXT_CONSTANT_LIMIT} 个字符的文字"


def _text_problems(bare: str) -> Iterator[tuple[str, str]]:
    if '"' in bare or "'" in bare:
        yield "F-quote", "公式里的引号不成对"
    if bare.count("(") != bare.count(")"):
        yield "F-parenthesis", "公式里的括号不成对"
    if bare.count("(") > MAX_NESTING and _deepest(bare) > MAX_NESTING:
        yield "F-nesting", f"公式嵌套超过 {MAX_NESTING} 层"
    if _FULL_WIDTH.search(bare):
        yield "F-full-width", "公式里有全角标点"
    if ";" in _ARRAY.sub("", bare):
        yield "F-semicolon", "公式用了分号分隔参数，应为逗号"
    for function in _FUNCTION.findall(bare):
        if _FUTURE.fullmatch(function):
            yield "F-prefix", f"函数 {function} 缺少 _xlfn. 前缀"


def _deepest(bare: str) -> int:
    depth = deepest = 0
    for char in bare:
        depth += (char == "(") - (char == ")")
        deepest = max(deepest, depth)
    return deepest


def _name_problems(visible: str) -> Iterator[tuple[str, str]]:
    if _UNQUOTED_SHEET.search(visible):
        yield "F-unquoted", "公式里的工作表名要加引号"


def _restricted(formula: str) -> Iterator[tuple[str, str]]:
    """Yield what validations and conditional formats may not hold ([MS-OI29500] 3.2.3.1.2-3)."""
    bare, opaque = _bare(formula), _OPAQUE.findall(formula)
    if any(o.startswith("[") and not re.fullmatch(r"\[\d+\]", o) for o in opaque):
        yield "F-structured", "数据验证和条件格式里不能用结构化引用或外部工作簿"
    if any(re.fullmatch(r"\[\d+\]", o) for o in opaque):
        yield "F-external", "数据验证和条件格式里不能引用别的工作簿"
    if "{" in bare:
        yield "F-array", "数据验证和条件格式里不能用数组常量"
    if any(_SPAN_OF_SHEETS.search(part) for part in (bare, *_quoted_sheets(formula))):
        yield "F-3d", "数据验证和条件格式里不能同时引用几张工作表"
    if _has_union(_ARRAY.sub("0", bare)) or _INTERSECTION.search(bare):
        yield "F-union", "数据验证和条件格式里不能用区域的并集或交集"
    if _SHEET_TWICE.search(formula):
        yield "F-sheet-twice", "区域的两端都写了工作表名"


def _quoted_sheets(formula: str) -> list[str]:
    return [f"'{name}'!" for name in _QUOTED_SHEET.findall(formula)]


def _has_union(bare: str) -> bool:
    """Say whether a comma stands between references and not between arguments."""
    calls: list[bool] = []
    before = "="
    for char in bare:
        if char == "(":
            calls.append(before.isalnum() or before in "._")
        elif char == ")" and calls:
            calls.pop()
        elif char == "," and not (calls and calls[-1]):
            return True
        before = char if not char.isspace() else before
    return False
