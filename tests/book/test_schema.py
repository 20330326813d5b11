"""What we write, against the schemas of ECMA-376 (ISO/IEC 29500 transitional).

The schemas are not ours to ship: SHEETCRM_SCHEMAS names a folder that holds sml.xsd, dml-chart.xsd
and the others they import, with opc-xsd/ beside them, as the standard comes with them (also in
ref/xsd of the python-docx repository).
"""

import io
import os
import zipfile
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

from sheetcrm.kit.load import load_kit
from sheetcrm.tabs.workbook import build_workbook
from sheetcrm.workflows.check import check
from sheetcrm.workflows.weekly import weekly
from tests.book.fixtures import changed as edited
from tests.book.fixtures import grafted, put, user_book
from tests.book.packages import SHEET1
from tests.workflows.imports import lead_sheet, new_book
from tests.workflows.imports import run as import_sheet
from tests.workflows.workbooks import LEADS, TODAY, write

FOLDER = os.environ.get("SHEETCRM_SCHEMAS", "")
needs_schemas = pytest.mark.skipif(not FOLDER, reason="SHEETCRM_SCHEMAS names no schemas")
pytestmark = needs_schemas

COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
SCHEMAS = {
    MAIN: "sml.xsd",
    "http://schemas.openxmlformats.org/drawingml/2006/chart": "dml-chart.xsd",
    "http://schemas.openxmlformats.org/drawingml/2006/spreadsheetDrawing": (
        "dml-spreadsheetDrawing.xsd"
    ),
    "http://schemas.openxmlformats.org/package/2006/content-types": "opc-xsd/opc-contentTypes.xsd",
    "http://schemas.openxmlformats.org/package/2006/relationships": "opc-xsd/opc-relationships.xsd",
}


@cache
def schema(name: str) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(Path(FOLDER, name)))


def violations(data: bytes) -> list[str]:
    """Return what the parts of a workbook have that the schemas do not allow."""
    found = []
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        for name in package.namelist():
            if not name.endswith((".xml", ".rels")):
                continue
            root = without_extensions(etree.fromstring(package.read(name)))
            wanted = SCHEMAS.get(etree.QName(root).namespace or "")
            if wanted and not schema(wanted).validate(root):
                errors = str(schema(wanted).error_log).splitlines()
                found += [f"{name}: {error}" for error in errors]
    return found


def without_extensions(root: etree._Element) -> etree._Element:
    """Take out what a reader is told to ignore, and the newer of two ways to say a thing."""
    ignored = {
        root.nsmap.get(prefix)
        for prefix in (root.get(f"{{{COMPATIBILITY}}}Ignorable") or "").split()
    } | {COMPATIBILITY}
    for element in list(root.iter("*")):
        # every program writes it where blanks count, the schema of a text does not have it
        element.attrib.pop("{http://www.w3.org/XML/1998/namespace}space", "")
        for key in list(element.attrib):
            if etree.QName(key).namespace in ignored:
                del element.attrib[key]
        parent = element.getparent()
        if parent is not None and etree.QName(element).namespace in ignored:
            fallback = element.find(f"{{{COMPATIBILITY}}}Fallback")
            for child in () if fallback is None else list(fallback):
                element.addprevious(child)
            parent.remove(element)
    return root


def test_schema__a_new_workbook_with_every_table() -> None:
    assert violations(build_workbook(load_kit(), 20, TODAY).data) == []


def test_schema__a_foreign_workbook_after_a_week(tmp_path: Path) -> None:
    """All summaries, findings, marks; and the team's workbook."""
    path = write(tmp_path / "台账.xlsx", LEADS.replace("|甲|线索|", "||线索|"))
    before = violations(path.read_bytes())
    check([str(path)], TODAY, mark=True)
    weekly(tmp_path, TODAY, mark=True)
    files = sorted(tmp_path.glob("*.xlsx"))
    assert len(files) == 2
    assert [v for file in files for v in violations(file.read_bytes()) if v not in before] == []


def test_schema__a_workbook_that_was_imported_into_and_its_decisions(tmp_path: Path) -> None:
    came = lead_sheet(
        tmp_path,
        """
        公司 | 联系人 | 手机 | 渠道
        甲机械公司 | 张三 | 13800130001 | 展会
        乙物流公司 | 李四 | 没有 | 官网
        """,
    )
    book = new_book(tmp_path)
    result = import_sheet(came, book)
    decision = result.files[0].decision
    assert decision is not None
    for file in (book, decision):
        assert violations(file.read_bytes()) == []


def test_schema__grafted_tabs_add_nothing_wrong() -> None:
    book = user_book()
    assert violations(grafted(book)) == violations(book)


def test_schema__finds_what_is_out_of_place() -> None:
    """The check itself works: two elements in the wrong order, and a value of no type."""
    wrong = put("<sheetData>", '<pageMargins left="x"/><sheetData>')
    assert len(violations(edited(user_book(), {SHEET1: wrong}))) >= 1
