"""Rules about the package and the workbook part: parts, types, relationships, sheets, names."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any, cast

from lxml import etree

from sheetcrm.book.contenttypes import part_key
from sheetcrm.book.limits import CELL_LIMIT
from sheetcrm.book.lint_book import LintBook, LintFinding
from sheetcrm.book.lint_formula import formula_problems
from sheetcrm.book.lint_names import folded, name_problem, sheet_name_problem
from sheetcrm.book.package import relationships_name
from sheetcrm.book.write_text import utf16_length
from sheetcrm.book.xmlpart import as_utf8, attribute, descendants, integer, unescaped

MAX_LINK = 2_079

_TYPES = "[Content_Types].xml"
_FORMULA_CELL = re.compile(
    rb"""<(?:[\w.-]+:)?c\b[^>]*?\sr=["']([A-Z]+\d+)["'][^>]*(?<!/)>\s*<(?:[\w.-]+:)?f[\s>/]"""
)
_RELATIONSHIP_ATTRIBUTES = re.compile(r"\}(id|embed|link|pict)$")
# found by libxml2: a big tab has a hundred thousand attributes of cells
_OF_RELATIONSHIPS = etree.XPath(
    "descendant-or-self::*/@*[contains(concat(namespace-uri(), '}'), '/relationships}')]"
)


def check_package(book: LintBook) -> Iterator[LintFinding]:
    """Check that parts are unique and well formed."""
    doubled = Counter(map(part_key, book.archive.spelt))
    for name, count in doubled.items():
        if count > 1:
            yield LintFinding("P-duplicate", name, "", "文件里有两个同名的部件")
    assert book.looked_at is not None  # parsing them is what finds the broken ones
    for part, error in book.broken.items():
        yield LintFinding("P-xml", part, "", f"XML 不合法：{error}")


def check_types(book: LintBook) -> Iterator[LintFinding]:
    """Check that every part has one content type, and every type a part."""
    root = book.tree(_TYPES)
    if root is None:
        yield LintFinding("P-types", _TYPES, "", "缺少内容类型表")
        return
    defaults = {
        (d.get("Extension") or "").casefold(): d.get("ContentType") or ""
        for d in descendants(root, "Default")
    }
    overrides = Counter(
        (o.get("PartName") or "").lstrip("/").casefold() for o in descendants(root, "Override")
    )
    present = book.present
    for part, count in overrides.items():
        if part not in present:
            yield LintFinding("P-type-missing-part", part, "", "内容类型表里登记的部件不存在")
        if count > 1:
            yield LintFinding("P-type-twice", part, "", "部件在内容类型表里登记了两次")
    for part in present - set(overrides) - {_TYPES.casefold()}:
        type_ = defaults.get(part.rpartition(".")[2], "")
        if not type_ or (type_ == "application/xml" and part.startswith("xl/")):
            yield LintFinding("P-no-type", part, "", "部件没有登记内容类型")


def check_relationships(book: LintBook) -> Iterator[LintFinding]:
    """Check that relationships lead somewhere, and that every id used has one."""
    for part, root in book.looked_at:
        if part.endswith(".rels"):
            yield from _long_links(part, root)
            ids = Counter(r.get("Id") for r in descendants(root, "Relationship"))
            for id_, count in ids.items():
                if count > 1:
                    yield LintFinding("P-rel-twice", part, "", f"关系 {id_} 出现两次")
            continue
        yield from _ids(book, part, root)
    looked_at = {part for part, _ in book.looked_at}
    for part in book.archive.names:
        if part not in looked_at and not book.lost_parts:
            continue
        for id_, (_, target) in book.targets(part).items():
            # NULL is how Office itself writes that a picture is gone
            if target.casefold() not in book.present and not target.endswith("/NULL"):
                yield LintFinding("P-rel-dangling", part, "", f"关系 {id_} 指向不存在的 {target}")


def _long_links(part: str, root: etree._Element) -> Iterator[LintFinding]:
    for link in descendants(root, "Relationship"):
        is_link = (link.get("Type") or "").endswith("/hyperlink")
        if is_link and utf16_length(link.get("Target") or "") > MAX_LINK:
            yield LintFinding("L-link", part, "", f"链接地址超过 {MAX_LINK} 个字符")


def _ids(book: LintBook, part: str, root: etree._Element) -> Iterator[LintFinding]:
    rels = book.tree(relationships_name(part))
    known = {r.get("Id") for r in descendants(rels, "Relationship")} if rels is not None else set()
    for value in cast("list[Any]", _OF_RELATIONSHIPS(root)):
        refers = _RELATIONSHIP_ATTRIBUTES.search(value.attrname)
        if refers and value and value not in known:
            yield LintFinding("P-rel-id", part, "", f"用到了没有定义的关系 {value!s}")


def check_sheet_list(book: LintBook) -> Iterator[LintFinding]:
    """Check names, parts and visibility of the sheets."""
    part, sheets = book.outline.workbook_part, book.outline.sheets
    seen: set[str] = set()
    widths: set[str] = set()
    for entry in sheets:
        problem = sheet_name_problem(entry.name)
        if problem:
            yield LintFinding("S-name", part, "", f"工作表名“{entry.name}”{problem}")
        if entry.name.casefold() in seen:
            yield LintFinding("S-name-twice", part, "", f"工作表名“{entry.name}”重复")
        elif folded(entry.name) in widths:
            text = f"工作表名“{entry.name}”和另一个只差全角半角"
            yield LintFinding("S-name-width", part, "", text)
        seen.add(entry.name.casefold())
        widths.add(folded(entry.name))
        if book.archive.find(entry.part) is None:
            yield LintFinding("S-no-part", part, "", f"工作表“{entry.name}”没有内容")
    if not any(entry.state == "visible" for entry in sheets):
        yield LintFinding("S-none-visible", part, "", "没有一张可见的工作表")


def check_sheet_ids(book: LintBook) -> Iterator[LintFinding]:
    """Check that sheet ids are unique and the active sheet exists."""
    if book.workbook is None:
        return
    part, elements = book.outline.workbook_part, descendants(book.workbook, "sheet")
    for name in ("sheetId", "id"):
        if len({attribute(e, name) for e in elements}) < len(elements):
            yield LintFinding("S-id-twice", part, "", f"工作表的 {name} 有重复")
    for view in descendants(book.workbook, "workbookView"):
        if not integer(view.get("activeTab"), 0) < len(elements):
            yield LintFinding("S-active", part, "", "当前工作表的序号超出范围")


def check_names(book: LintBook) -> Iterator[LintFinding]:
    """Check defined names: their form, their scope, their formulas."""
    if book.workbook is None:
        return
    part = book.outline.workbook_part
    seen: set[tuple[str, str]] = set()
    for element in descendants(book.workbook, "definedName"):
        name, scope = element.get("name") or "", element.get("localSheetId") or ""
        problem = "" if name.startswith("_xlnm.") else name_problem(name)
        if problem:
            yield LintFinding("N-name", part, "", f"名称“{name}”{problem}")
        if (folded(name), scope) in seen:
            yield LintFinding("N-twice", part, "", f"名称“{name}”重复")
        seen.add((folded(name), scope))
        if scope and not 0 <= integer(scope) < len(book.outline.sheets):
            yield LintFinding("N-scope", part, "", f"名称“{name}”属于不存在的工作表")
        for rule, text in formula_problems(element.text or "", book.sheet_names, "name"):
            yield LintFinding(rule, part, "", f"名称“{name}”：{text}")


def check_calculation_chain(book: LintBook) -> Iterator[LintFinding]:
    """Check that the calculation chain lists formula cells only."""
    part = book.archive.find("xl/calcChain.xml")
    is_whole = book.whole is None or book.before is not None
    root = book.tree(part) if part in book.new and is_whole else None
    if part is None or root is None or book.workbook is None:
        return
    targets = book.targets(book.outline.workbook_part)
    part_of = {
        e.get("sheetId"): targets.get(attribute(e, "id"), ("", ""))[1]
        for e in descendants(book.workbook, "sheet")
    }
    formulas = {name: _formula_cells(book.archive.read(name)) for name in part_of.values()}
    sheet = None
    for entry in descendants(root, "c"):
        sheet = entry.get("i") or sheet
        cells = formulas.get(part_of.get(sheet, ""))
        if cells is not None and (entry.get("r") or "").encode() not in cells:
            where = entry.get("r") or ""
            yield LintFinding("P-calc-chain", part, where, "计算链里的单元格没有公式")
            return


def _formula_cells(data: bytes | None) -> frozenset[bytes] | None:
    """Return the addresses of the cells with formulas; None where there is no such sheet."""
    return None if data is None else frozenset(_FORMULA_CELL.findall(as_utf8(data)[0]))


def check_titles(book: LintBook) -> Iterator[LintFinding]:
    """Check that docProps/app.xml announces as many titles as it lists."""
    root = book.tree("docProps/app.xml")
    if root is None or "docProps/app.xml" not in book.new:
        return
    counts = [
        integer((number.text or "").strip(), 0)
        for pairs in descendants(root, "HeadingPairs")
        for number in descendants(pairs, "i4")
    ]
    titles = [
        t for listed in descendants(root, "TitlesOfParts") for t in descendants(listed, "lpstr")
    ]
    if counts and titles and sum(counts) != len(titles):
        text = f"标题个数登记为 {sum(counts)}，实际 {len(titles)}"
        yield LintFinding("P-titles", "docProps/app.xml", "", text)


def check_comments(book: LintBook) -> Iterator[LintFinding]:
    """Check comments: one a cell, with an author, not too long."""
    for part, root in book.looked_at:
        if not str(root.tag).endswith("}comments"):
            continue
        authors = len(descendants(root, "author"))
        places: set[str] = set()
        for comment in descendants(root, "comment"):
            where = comment.get("ref") or ""
            if where in places:
                yield LintFinding("K-twice", part, where, "一格里有两条批注")
            places.add(where)
            if not 0 <= integer(comment.get("authorId")) < authors:
                yield LintFinding("K-author", part, where, "批注的作者没有登记")
            if utf16_length("".join(t.text or "" for t in descendants(comment, "t"))) > CELL_LIMIT:
                yield LintFinding("L-comment", part, where, f"批注超过 {CELL_LIMIT} 个字符")


def check_properties(book: LintBook) -> Iterator[LintFinding]:
    """Check custom document properties."""
    root = book.tree("docProps/custom.xml")
    if root is None:
        return
    seen: set[str] = set()
    for element in descendants(root, "property"):
        name = element.get("name") or ""
        if folded(name) in seen:
            yield LintFinding("P-property-twice", "docProps/custom.xml", "", f"属性“{name}”重复")
        if utf16_length(unescaped(name)) > 255:
            yield LintFinding("P-property-name", "docProps/custom.xml", "", "属性名超过 255 个字符")
        seen.add(folded(name))


def check_charts(book: LintBook) -> Iterator[LintFinding]:
    """Check the formulas of charts."""
    for part, root in book.looked_at:
        if "/charts/" in part and not part.endswith(".rels"):
            for element in root.iter("{http://schemas.openxmlformats.org/drawingml/2006/chart}f"):
                for rule, text in formula_problems(element.text or "", book.sheet_names, "chart"):
                    yield LintFinding(rule, part, "", text)
