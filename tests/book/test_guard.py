"""The guard: impostors by content, damage, limits, and no false alarm on real workbooks."""

import io
import zipfile
from pathlib import Path

import pytest

from sheetcrm.book.guard import inspect, needs_sparse_read, read_bytes
from sheetcrm.errors import FileProblem
from tests.book.fixtures import changed
from tests.book.packages import SHEET1, corpus_files, needs_corpus, sheet_xml, swap, workbook
from tests.soak.biff import xls

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def problem(data: bytes) -> FileProblem:
    with pytest.raises(FileProblem) as caught:
        inspect(data, "跟踪表.xlsx")
    assert "跟踪表.xlsx" in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    ("data", "word", "code"),
    [
        (b"", "空的", "FIL-01"),
        (b"\xef\xbb\xbf\r\n", "空的", "FIL-01"),
        (b"%PDF-1.7 ...", "PDF", "FIL-02"),
        (b"\x89PNG\r\n\x1a\n....", "图片", "FIL-02"),
        (b"Rar!\x1a\x07\x00", "压缩包", "FIL-02"),
        (b"PK\x05\x06" + b"\0" * 18, "压缩包", "FIL-02"),
        ("<html><table><tr><td>客户".encode(), "HTML", "FIL-02"),
        (b"MIME-Version: 1.0\r\n\r\n<html>", "MHTML", "FIL-02"),
        ("客户名称,电话\r\n甲,1\r\n".encode("gbk"), "纯文本", "FIL-02"),
        ("客户名称\t电话\n".encode("utf-16"), "纯文本", "FIL-02"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "LFS", "FIL-02"),
        (b'<?xml version="1.0"?><a/>', "XML", "FIL-02"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "密码", "FIL-01"),
        (b"\x00\x01\x02\x03\x04", "不是 Excel", "FIL-02"),
        (b"\x00" * 512 + workbook(), "开头", "FIL-01"),
    ],
)
def test_guard__impostor_by_content(data: bytes, word: str, code: str) -> None:
    found = problem(data)
    assert word in found.reason
    assert found.code == code


def test_guard__old_excel_with_password() -> None:
    bof = b"\x09\x08\x10\x00\x00\x06\x05\x00" + b"\0" * 12
    assert "密码" in problem(OLE + bof + b"\x2f\x00\x36\x00").reason
    assert inspect(xls([("线索", [["编号"]])]), "x.xls").form == "xls"


def test_guard__ordinary_workbook() -> None:
    inspected = inspect(workbook(), "a.xlsx")
    scan = inspected.scan(SHEET1)
    assert inspected.form == "xlsx"
    assert scan is not None
    assert (scan.last_row, scan.last_column, scan.cells) == (2, 2, 4)
    assert not needs_sparse_read(scan)


def test_guard__flipped_bit_is_damage_not_data() -> None:
    data = bytearray(changed(workbook(), {}))
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        info = package.getinfo(SHEET1)
    data[info.header_offset + 30 + len(SHEET1) + info.compress_size // 2] ^= 0x10
    assert "损坏" in problem(bytes(data)).reason


@pytest.mark.parametrize("kept", [100, -22, -200])
def test_guard__truncated(kept: int) -> None:
    assert "损坏" in problem(workbook()[:kept]).reason


@pytest.mark.parametrize(
    "doctype",
    ["<!DOCTYPE a [<!ENTITY b 'c'>]>", "<!DOCTYPE a SYSTEM 'http://localhost:9/x.dtd'>"],
)
@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", SHEET1, "xl/workbook.xml"])
def test_guard__document_type_refused(doctype: str, part: str) -> None:
    assert "实体" in problem(changed(workbook(), {part: swap("?>\n", f"?>{doctype}\n")})).reason


def test_guard__document_type_in_utf16_refused() -> None:
    text = "<?xml version='1.0' encoding='UTF-16'?><!DOCTYPE a [<!ENTITY b 'c'>]><worksheet/>"
    assert "实体" in problem(changed(workbook(), {SHEET1: text.encode("utf-16")})).reason


def test_guard__bomb_stops_early() -> None:
    bomb = sheet_xml("").replace(b"<sheetData>", b"<sheetData>" + b" " * 30_000_000)
    assert "庞大" in problem(changed(workbook(), {SHEET1: bomb})).reason
    assert "庞大" in problem(changed(workbook(), {"xl/media/a.png": b"\0" * 50_000_000})).reason


def test_guard__shared_strings_that_lie() -> None:
    lie = swap('uniqueCount="3"', 'uniqueCount="99999999999"')
    assert "总数" in problem(changed(workbook(), {"xl/sharedStrings.xml": lie})).reason


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/passwd", "C:\\x.txt", "xl/worksheets/SHEET1.xml"]
)
def test_guard__part_names(name: str) -> None:
    assert "内部有" in problem(changed(workbook(), {name: b"x"})).reason


def test_guard__cut_off_sheet() -> None:
    def cut(data: bytes) -> bytes:
        return data[: data.index(b'<c r="A2"')]

    assert "损坏" in problem(changed(workbook(), {SHEET1: cut})).reason


def test_guard__cell_outside_the_grid() -> None:
    far = sheet_xml('<row r="1048577"><c r="A1048577"><v>1</v></c></row>')
    assert "范围" in problem(changed(workbook(), {SHEET1: far})).reason


@pytest.mark.parametrize(
    ("parts", "word"),
    [
        ({"[Content_Types].xml": b"", "word/document.xml": b"<a/>"}, "Word"),
        ({"客户/线索.xlsx": b"PK"}, "压缩包"),
        ({"a.txt": b"x"}, "压缩包"),
        ({"xl/workbook.xml": b"<workbook/>"}, "损坏"),
    ],
)
def test_guard__archive_that_is_no_workbook(parts: dict[str, bytes], word: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in parts.items():
            package.writestr(name, content)
    assert word in problem(out.getvalue()).reason


def test_guard__blank_formatted_rows_do_not_count() -> None:
    cells = '<row r="1"><c r="A1"><v>1</v></c></row>'
    cells += "".join(f'<row r="{r}"><c r="A{r}" s="1"/></row>' for r in range(2, 3000))
    scan = inspect(changed(workbook(), {SHEET1: sheet_xml(cells)}), "a.xlsx").scan(SHEET1)
    assert scan is not None
    assert (scan.cells, scan.last_row) == (1, 1)


def test_guard__few_texts_used_very_often() -> None:
    often = swap(' count="3"', ' count="2000000"')
    assert inspect(changed(workbook(), {"xl/sharedStrings.xml": often}), "a.xlsx").form == "xlsx"


def test_guard__far_cell_is_flagged_not_refused() -> None:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="AN1048576"><v>2</v></c></row>'
    )
    scan = inspect(changed(workbook(), {SHEET1: sheet_xml(far)}), "a.xlsx").scan(SHEET1)
    assert scan is not None
    assert needs_sparse_read(scan)


def test_read_bytes__missing_file(tmp_path: Path) -> None:
    with pytest.raises(FileProblem, match="找不到"):
        read_bytes(tmp_path / "没有.xlsx", "没有.xlsx")
    with pytest.raises(FileProblem, match="文件夹"):
        read_bytes(tmp_path, "文件夹")


@needs_corpus
def test_guard__no_false_alarm_on_real_workbooks() -> None:
    refused = []
    for path in corpus_files("workbooks"):
        try:
            inspect(read_bytes(path, path.name), path.name)
        except FileProblem as found:
            refused.append((path.suffix, found.code))
    assert refused == [(".xml", "FIL-02")]  # the one file that is Excel 2003 XML
