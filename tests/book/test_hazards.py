"""What runs, connects or reaches out: listed where it is, and never in a file we make."""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from zipfile import ZipFile

import pytest

from sheetcrm.book.parse import parse
from sheetcrm.book.xmlpart import PACKAGE_RELATIONSHIPS
from sheetcrm.errors import FileProblem
from sheetcrm.findings import Finding
from sheetcrm.workflows.check import check
from sheetcrm.workflows.weekly import weekly
from tests.book.fixtures import Change, changed, put, relationship, user_book
from tests.book.packages import SHEET1, corpus_files, needs_corpus
from tests.workflows.imports import lead_sheet, new_book
from tests.workflows.imports import run as import_sheet
from tests.workflows.workbooks import TODAY, write

RELS, BOOK_RELS = "xl/worksheets/_rels/sheet1.xml.rels", "xl/_rels/workbook.xml.rels"
OUTSIDE = "xl/externalLinks/externalLink1.xml"
SEC = ("SEC-02", "SEC-03")


def formula(text: str) -> Change:
    return put("<f>SUM(C2:C3)</f>", f"<f>{text}</f>")


CASES: list[tuple[str, bool, Mapping[str, Change]]] = [
    ("宏", False, {"xl/vbaProject.bin": b"x"}),
    ("外部数据连接", False, {"xl/connections.xml": b"<connections/>"}),
    ("ActiveX 控件", False, {"xl/activeX/activeX1.bin": b"x"}),
    ("嵌入的对象", False, {"xl/embeddings/oleObject1.bin": b"x"}),
    ("DDE 或 OLE 链接", True, {OUTSIDE: b"<externalLink><ddeLink/></externalLink>"}),
    ("到别的工作簿的链接", False, {OUTSIDE: b"<externalLink><externalBook/></externalLink>"}),
    ("超链接", True, {RELS: relationship("rId9", "hyperlink", r"\\10.0.0.9\share\x")}),
    ("超链接", True, {RELS: relationship("rId9", "hyperlink", "file:///c:/x.exe")}),
    ("WEBSERVICE", True, {SHEET1: formula('_xlfn.WEBSERVICE("http://127.0.0.1:9/"&amp;C2)')}),
    ("CMD", True, {SHEET1: formula("cmd|'/C calc'!A0")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("what", "acts", "change"), CASES, ids=[f"{n}-{c[0]}" for n, c in enumerate(CASES)]
)
def test_hazards__each_kind(what: str, acts: bool, change: Mapping[str, Change]) -> None:
    data = user_book()
    added = {name: made for name, made in change.items() if isinstance(made, bytes)}
    edited = {name: made for name, made in change.items() if name not in added}
    (hazard,) = parse(changed(data, {**edited, **added}), "客户.xlsx").hazards
    assert what in hazard.what
    assert hazard.acts == acts
    if SHEET1 in change:
        assert (hazard.sheet, hazard.cell) == ("线索跟踪", "C4")


@pytest.mark.parametrize("text", ['"WEBSERVICE(x)"', "IF(C2=\"a|'b'!\",1,2)", "RECALL(C2)", "C2"])
def test_hazards__ordinary_formulas_are_none(text: str) -> None:
    assert parse(changed(user_book(), {SHEET1: formula(text)}), "客户.xlsx").hazards == ()


def test_hazards__web_links_and_texts_are_none() -> None:
    link = {RELS: relationship("rId9", "hyperlink", "https://example.com/")}
    assert parse(changed(user_book(), link), "客户.xlsx").hazards == ()
    said = {"xl/sharedStrings.xml": put("乙公司", "cmd|'/C calc'!A0")}
    assert parse(changed(user_book(), said), "客户.xlsx").hazards == ()


def risky(path: Path) -> Path:
    write(path)
    link = {RELS: relationship("rId9", "hyperlink", "file:///c:/x.exe")}
    data = changed(path.read_bytes(), {"xl/vbaProject.bin": b"x"})
    with ZipFile(path) as package:
        if RELS not in package.namelist():
            empty = f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}"></Relationships>'
            data = changed(data, {RELS: empty.encode()})
    path.write_bytes(changed(data, link))
    return path


def security(findings: tuple[Finding, ...]) -> list[tuple[str, str]]:
    return [(f.code, f.sheet) for f in findings if f.code in SEC]


def test_hazards__are_findings_and_stay_out_of_what_we_make(tmp_path: Path) -> None:
    path = risky(tmp_path / "台账.xlsx")
    found = security(check([str(path)], TODAY).findings)
    assert sorted(found) == [("SEC-02", "客户台账"), ("SEC-03", "")]
    weekly(tmp_path, TODAY)
    with ZipFile(path) as user, ZipFile(tmp_path / "团队汇总.xlsx") as team:
        assert "xl/vbaProject.bin" in user.namelist()
        assert not [name for name in team.namelist() if "vba" in name]
        assert not [name for name in team.namelist() if b"x.exe" in team.read(name)]


def test_hazards__of_a_lead_sheet_are_in_the_result_of_the_import(tmp_path: Path) -> None:
    came = risky(tmp_path / "来的.xlsx")
    result = import_sheet(came, new_book(tmp_path), apply=False)
    codes = [f["code"] for f in result.as_json()["findings"]]
    assert codes.count("SEC-02") == codes.count("SEC-03") == 1
    plain = lead_sheet(tmp_path, "公司 | 手机\n甲公司 | 13800130001")
    result = import_sheet(plain, new_book(tmp_path), apply=False)
    assert not [f for f in result.as_json()["findings"] if f["code"] in SEC]


@needs_corpus
def test_hazards__of_real_workbooks() -> None:
    """Those with macros, connections or objects inside are named, and nearly nothing acts."""
    found: dict[str, set[str]] = {}
    for path in corpus_files("workbooks"):
        if path.suffix in (".xlsx", ".xlsm"):
            with suppress(FileProblem):
                for hazard in parse(path.read_bytes(), path.name).hazards:
                    found.setdefault(hazard.what, set()).add(path.name)
    assert all(name.endswith(".xlsm") for name in found["宏"])
    assert "ClosedXML__vba-user-function.xlsm" in found["宏"]
    assert "AsposeCells-for-NET__EmbeddedMolSample.xlsx" in found["嵌入的对象"]
