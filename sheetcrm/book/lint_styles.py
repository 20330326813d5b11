"""Rules about the style sheet: limits, references between its lists, number formats."""

import re
from collections.abc import Iterator

from lxml import etree

from sheetcrm.book.lint_book import LintBook, LintFinding
from sheetcrm.book.lint_formats import listed
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import descendants, integer

# [MS-OI29500] 2.1.680: Excel loads no more cell formats than this
MAX_CELL_FORMATS = 65_430
MAX_FONTS = 1_024
MAX_NUMBER_FORMAT = 255
MAX_SECTIONS = 4

_LOCAL_COLOUR = re.compile(r"\[(?:红色|黑色|蓝色|绿色|白色|黄色|青色|洋红)\]")
_LITERAL = re.compile(r'"[^"]*"|\\.|_.')
_ESCAPED = re.compile(r"\\.")


def check_styles(book: LintBook) -> Iterator[LintFinding]:
    """Check the style sheet."""
    if book.styles is None or book.styles_part not in book.new:
        return
    for rule, text in (*_limits(book.styles), *_formats(book.styles), *_references(book.styles)):
        yield LintFinding(rule, book.styles_part, "", text)


def _limits(styles: etree._Element) -> Iterator[tuple[str, str]]:
    for tag, limit, what in (
        ("cellXfs", MAX_CELL_FORMATS, "单元格格式"),
        ("fonts", MAX_FONTS, "字体"),
    ):
        entries = listed(styles, tag)
        if len(entries) > limit:
            yield f"L-{tag}", f"{what}有 {len(entries)} 种，上限是 {limit}"
    for parent in styles.iterchildren("*"):
        count = parent.get("count")
        if (
            count is not None
            and count.isdigit()
            and int(count) != len(list(parent.iterchildren("*")))
        ):
            yield "Y-count", "样式表里登记的个数与实际不符"


def _formats(styles: etree._Element) -> Iterator[tuple[str, str]]:
    for element in descendants(styles, "numFmt"):
        code = element.get("formatCode") or ""
        if utf16_length(code) > MAX_NUMBER_FORMAT:
            yield "L-number-format", f"数字格式超过 {MAX_NUMBER_FORMAT} 个字符"
        if _ESCAPED.sub("", code).count('"') % 2:
            yield "Y-format-quote", f"数字格式的引号不成对：{code}"
        plain = _LITERAL.sub("", code)
        if plain.count(";") > MAX_SECTIONS - 1:
            yield "Y-format-sections", f"数字格式超过 {MAX_SECTIONS} 段：{code}"
        if plain.count("[") != plain.count("]"):
            yield "Y-format-bracket", f"数字格式的方括号不成对：{code}"
        if _LOCAL_COLOUR.search(code):
            yield "Y-format-colour", f"数字格式里的颜色应写英文：{code}"


def _references(styles: etree._Element) -> Iterator[tuple[str, str]]:
    sizes = {
        "fontId": len(listed(styles, "fonts")),
        "fillId": len(listed(styles, "fills")),
        "borderId": len(listed(styles, "borders")),
        "xfId": len(listed(styles, "cellStyleXfs")),
    }
    for number, element in enumerate(listed(styles, "cellXfs")):
        for name, size in sizes.items():
            value = element.get(name)
            if value is not None and size and integer(value, size) >= size:
                yield "Y-reference", f"第 {number} 个单元格格式的 {name} 超出范围"
