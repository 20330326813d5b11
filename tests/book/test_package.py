"""Opening a workbook for writing back: what is refused, and parts found however they are named."""

import io
import zipfile
from functools import cache

import pytest

from sheetcrm.book.contenttypes import RELATIONSHIPS_TYPE, part_key
from sheetcrm.book.package import Package, resolve
from sheetcrm.book.target import open_package, open_target, read_workbook
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.book.xmlpart import OFFICE_RELATIONSHIPS as OFFICE
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from tests.book.fixtures import (
    SPREADSHEET,
    both,
    changed,
    crowded_book,
    moved,
    parts,
    prefixed,
    put,
    relationship,
    relationships,
    streamed,
    user_book,
    zipped,
)

WORKBOOK, RELS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STRICT = "http://purl.oclc.org/ooxml/spreadsheetml/main"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)
BOMB = b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'


def doctyped(data: bytes) -> bytes:
    return BOMB + data.partition(b"?>")[2]


@cache
def refusals() -> dict[str, tuple[bytes, str]]:
    """What is refused: name -> (file, a word of the reason)."""
    book = user_book()
    return {
        "encrypted": (OLE + "EncryptedPackage".encode("utf-16-le"), "密码"),
        "xls": (OLE + "Workbook".encode("utf-16-le"), ".xls"),
        "xlsb": (
            changed(book, {TYPES: put("sheet.main+xml", "sheet.binary.macroEnabled.main")}),
            ".xlsb",
        ),
        "ods": (
            zipped(
                [
                    ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
                    ("content.xml", b"<a/>"),
                ]
            ),
            ".ods",
        ),
        "word": (
            changed(book, {TYPES: put(f"{SPREADSHEET}.sheet.main+xml", "x/document.main+xml")}),
            "别的 Office",
        ),
        "text": ("编号,客户\n1,甲".encode(), "文本"),
        "strict": (changed(book, {WORKBOOK: put(MAIN, STRICT)}), "Strict"),
        "old namespace": (
            changed(
                book, {WORKBOOK: put(MAIN, "http://schemas.microsoft.com/office/excel/2005/8")}
            ),
            "不认识",
        ),
        "signed": (
            changed(
                book,
                {
                    "_rels/.rels": relationship(
                        "rId9",
                        "digital-signature/origin",
                        "_xmlsignatures/origin.sigs",
                        "http://schemas.openxmlformats.org/package/2006/relationships",
                    )
                },
            ),
            "签名",
        ),
        "shared": (
            changed(book, {RELS: relationship("rId9", "revisionHeaders", "revisions/r.xml")}),
            "共享",
        ),
        "locked": (
            changed(
                book,
                {
                    WORKBOOK: put(
                        "<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>'
                    )
                },
            ),
            "结构受保护",
        ),
        "zip password": (_flagged(book), "密码"),
        "no types": (changed(book, {TYPES: None}), "没有 Excel"),
        "no root": (changed(book, {"_rels/.rels": None}), "损坏"),
        "no workbook": (changed(book, {WORKBOOK: None}), "损坏"),
        "no sheets": (
            changed(book, {WORKBOOK: f'<workbook xmlns="{MAIN}"/>'.encode()}),
            "损坏",
        ),
        "broken xml": (changed(book, {WORKBOOK: put("</workbook>", "")}), "损坏"),
        "doctype": (changed(book, {WORKBOOK: doctyped}), "损坏"),
        "doctype in utf-16": (
            changed(book, {WORKBOOK: lambda d: doctyped(d).decode().encode("utf-16")}),
            "损坏",
        ),
        "doctype in rels": (changed(book, {RELS: doctyped}), "损坏"),
        "doctype in types": (changed(book, {TYPES: doctyped}), "损坏"),
        "two entries": (zipped([*parts(book).items(), (WORKBOOK, b"<a/>")]), "两份同名"),
        "two cases": (zipped([*parts(book).items(), ("XL/Workbook.xml", b"<a/>")]), "两份同名"),
        "cut off": (book[: len(book) // 2], "损坏"),
    }


def _flagged(data: bytes) -> bytes:
    """The package with the encryption bit set on its first entry."""
    out = bytearray(data)
    out[data.index(b"PK\x01\x02") + 8] |= 1
    return bytes(out)


@pytest.mark.parametrize("case", list(refusals()))
def test_open_target__refuses_with_reason(case):
    data, word = refusals()[case]
    with pytest.raises(FileProblem) as caught:
        open_target(data, "客户.xlsx")
    assert word in caught.value.reason
    assert caught.value.path == "客户.xlsx"
    assert caught.value.remedy


@pytest.mark.parametrize(
    "type_",
    [
        "application/vnd.ms-excel.sheet.macroEnabled.main+xml",
        f"{SPREADSHEET}.template.main+xml",
        "application/vnd.ms-excel.template.macroEnabled.main+xml",
        "application/vnd.ms-excel.addin.macroEnabled.main+xml",
    ],
)
def test_open_target__takes_the_whole_family(type_):
    data = changed(user_book(), {TYPES: put(f"{SPREADSHEET}.sheet.main+xml", type_)})
    assert [sheet.name for sheet in open_target(data).sheets] == ["线索跟踪", "说明"]


@pytest.mark.parametrize(
    "data",
    [
        prefixed(user_book()),
        moved(user_book(), "Book/资料"),
        moved(user_book(), ""),
        streamed(user_book()),
        crowded_book(),
        changed(
            user_book(),
            {WORKBOOK: lambda d: d.decode().replace("UTF-8", "UTF-16").encode("utf-16")},
        ),
        changed(user_book(), {RELS: put('"worksheets/sheet1.xml"', '"/xl/worksheets/sheet1.xml"')}),
        changed(user_book(), {RELS: put('"worksheets/sheet1.xml"', '"worksheets\\SHEET1.xml"')}),
        changed(user_book(), {RELS: put('"worksheets/sheet1.xml"', '"worksheets/%73heet1.xml"')}),
        zipped([(name.replace("/", "\\"), data) for name, data in parts(user_book()).items()]),
    ],
    ids=[
        "prefixed",
        "folder",
        "root",
        "bit3",
        "crowded",
        "utf16",
        "absolute",
        "case",
        "percent",
        "backslash",
    ],
)
def test_open_target__finds_parts_however_they_are_named(data):
    book = open_target(data)
    assert [(sheet.name, sheet.kind) for sheet in book.sheets] == [
        ("线索跟踪", "worksheet"),
        ("说明", "worksheet"),
    ]
    assert all(b"sheetData" in book.package.read(sheet.part) for sheet in book.sheets)


def test_open_target__from_a_path(tmp_path):
    file = tmp_path / "客户.xlsx"
    file.write_bytes(user_book())
    assert open_target(file).package.path == str(file)


def test_workbook__counts_every_kind_of_sheet():
    data = changed(
        user_book(("一", "二", "三")),
        {
            RELS: put(
                f'"{OFFICE}/worksheet" Target="worksheets/sheet2',
                f'"{OFFICE}/chartsheet" Target="worksheets/sheet2',
            ),
            WORKBOOK: put('name="三"', 'name="三" state="veryHidden"'),
        },
    )
    sheets = open_target(data).sheets
    assert [(s.index, s.kind, s.visible) for s in sheets] == [
        (0, "worksheet", True),
        (1, "chartsheet", True),
        (2, "worksheet", False),
    ]


def test_workbook__1904_dates():
    assert open_target(user_book(date_1904=True)).date1904
    assert not open_target(user_book()).date1904


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("xl/workbook.xml", "worksheets/sheet1.xml", "xl/worksheets/sheet1.xml"),
        ("xl/workbook.xml", "/xl/a.xml", "xl/a.xml"),
        ("xl/worksheets/sheet1.xml", "../drawings/d.xml#frag", "xl/drawings/d.xml"),
        ("xl/worksheets/sheet1.xml", "..\\drawings\\d.xml", "xl/drawings/d.xml"),
        ("", "xl/workbook.xml", "xl/workbook.xml"),
        ("a.xml", "../../b.xml", "b.xml"),
    ],
)
def test_resolve__relative_absolute_backslash(source, target, expected):
    assert resolve(source, target) == expected


def test_part_key__case_and_slashes():
    assert part_key("\\XL\\Workbook.XML") == part_key("/xl/workbook.xml")


def test_taken_names__dangling_targets_are_reserved():
    data = changed(user_book(), {RELS: relationship("rId30", "worksheet", "worksheets/sheet3.xml")})
    assert "xl/worksheets/sheet3.xml" in Package(data, "x").taken_names()


def test_fork__leaves_the_original():
    package = open_package(user_book())
    twin = package.fork()
    twin.put("xl/new.xml", b"<a/>", "text/xml")
    twin.drop("xl/styles.xml")
    assert package.find("xl/new.xml") is None
    assert package.find("xl/styles.xml") is not None
    assert package.to_bytes() == open_package(user_book()).to_bytes()
    assert "xl/styles.xml" not in parts(twin.to_bytes())
    assert b"/xl/styles.xml" not in parts(twin.to_bytes())[TYPES]


def test_to_bytes__nothing_changed_is_the_file_itself():
    data = streamed(user_book())  # whose headers a new archive would write otherwise
    assert Package(data, "a.xlsx").to_bytes() == data


def test_to_bytes__declares_rels_only_where_missing():
    def no_default(data: bytes) -> bytes:
        line = f'<Default Extension="rels" ContentType="{RELATIONSHIPS_TYPE}"/>'.encode()
        assert line in data
        return data.replace(line, b"")

    package = Package(changed(user_book(), {TYPES: no_default}), "x")
    package.put("xl/_rels/new.xml.rels", relationships(("rId1", "x", "y")))
    assert parts(package.to_bytes())[TYPES].count(b'Extension="rels"') == 1


def test_read_workbook__roles_need_no_permission_to_write():
    data = changed(
        user_book(),
        {WORKBOOK: both(put("<bookViews>", '<workbookProtection lockStructure="1"/><bookViews>'))},
    )
    assert len(read_workbook(open_package(data)).sheets) == 2


def test_write__the_comment_of_the_archive_stays():
    """A document system may keep its own number in it."""
    out = io.BytesIO(user_book())
    with zipfile.ZipFile(out, "a") as archive:
        archive.comment = "档案号 2024-001".encode()
    package = open_package(out.getvalue(), "线索.xlsx")
    package.put("docProps/app.xml", b"<Properties/>")
    again = package.to_bytes()
    assert RawZip(again).comment.decode() == "档案号 2024-001"
    assert open_package(again, "线索.xlsx").read("docprops/app.xml") == b"<Properties/>"
