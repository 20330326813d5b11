"""The guard: impostors by content, damage, limits, and no false alarm on real workbooks."""

import errno
import io
import re
import zipfile
from pathlib import Path

import pytest

from sheetcrm.book import guard
from sheetcrm.book.guard import inspect, needs_sparse_read, read_bytes
from sheetcrm.book.scan import SheetScan
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


def test_guard__workbook_with_a_workbook_on_a_sheet() -> None:
    data = io.BytesIO(workbook())
    with zipfile.ZipFile(data, "a") as package:
        package.writestr("xl/embeddings/Microsoft_Excel_Worksheet.xlsx", b"PK")
    assert inspect(data.getvalue(), "a.xlsx").form == "xlsx"


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
    picture = problem(changed(workbook(), {"xl/media/a.png": b"\0" * 50_000_000})).reason
    found = re.search(r"庞大.* (\d+) 字节膨胀到 (\d+) MB", picture)
    assert found
    most = int(found[1]) * 200 >> 20
    assert most <= int(found[2]) <= most + 1 < 50


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


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {name: package.read(name) for name in package.namelist()}


def packed(parts: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()


def test_guard__presentation_is_no_workbook() -> None:
    assert "PPT" in problem(packed({"[Content_Types].xml": b"", "ppt/a.xml": b"<a/>"})).reason


def test_guard__forms() -> None:
    ods = {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": b"<a/>"}
    assert inspect(packed(ods), "a.ods").form == "ods"
    binary = {"[Content_Types].xml": b"<a/>", "_rels/.rels": b"<a/>", "xl/workbook.bin": b"\0"}
    assert inspect(packed(binary), "a.xlsb").form == "xlsb"
    for name in ("[Content_Types].xml", "_rels/.rels"):
        left = {key: value for key, value in parts_of(workbook()).items() if key != name}
        assert "损坏" in problem(packed(left)).reason


def test_guard__ways_to_compress() -> None:
    parts = parts_of(workbook())
    assert inspect(packed(parts, zipfile.ZIP_STORED), "a.xlsx").form == "xlsx"
    assert "压缩方式" in problem(packed(parts, zipfile.ZIP_BZIP2)).reason


def test_guard__encrypted_by_an_archiver() -> None:
    data = bytearray(packed(parts_of(workbook())))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    assert "密码" in problem(bytes(data)).reason


def test_guard__folders_are_no_parts() -> None:
    folders = {"xl/": b"", "xl/worksheets/": b""}
    for parts in (folders | parts_of(workbook()), parts_of(workbook()) | folders):
        inspected = inspect(packed(parts), "a.xlsx")
        assert inspected.form == "xlsx"
        assert set(inspected.parts) == {name.casefold() for name in parts_of(workbook())}


@pytest.mark.parametrize(
    ("limit", "word"),
    [("MAX_PARTS", "个部件"), ("MAX_TOTAL", "1 GB"), ("MAX_PART", "膨胀"), ("MAX_CELLS", "单元格")],
)
def test_guard__limits(monkeypatch: pytest.MonkeyPatch, limit: str, word: str) -> None:
    parts = parts_of(workbook())
    most = {
        "MAX_PARTS": len(parts),
        "MAX_TOTAL": sum(map(len, parts.values())),
        "MAX_PART": max(map(len, parts.values())),
        "MAX_CELLS": 4,
    }[limit]
    monkeypatch.setattr(guard, limit, most)
    assert inspect(workbook(), "a.xlsx").form == "xlsx"
    monkeypatch.setattr(guard, limit, most - 1)
    found = problem(workbook())
    assert word in found.reason
    assert "庞大" in found.reason


@pytest.mark.parametrize(
    ("limit", "value"),
    [
        *(("MAX_FILE", 536_870_912), ("MAX_PART", 536_870_912), ("MAX_TOTAL", 1_073_741_824)),
        *(("MAX_PARTS", 5_000), ("MAX_RATIO", 200), ("MAX_CELLS", 6_000_000)),
        *(("RATIO_GRACE", 1_048_576), ("MAX_TAG", 1_048_576)),
    ],
)
def test_guard__how_much_there_may_be(limit: str, value: int) -> None:
    assert getattr(guard, limit) == value


def test_guard__says_how_many_cells_there_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "SheetScan", lambda: SheetScan(cells=6_000_000))
    assert "600 万个" in problem(workbook()).reason


@pytest.mark.parametrize("size", [3, 5, 7, 16])
def test_guard__document_type_across_two_pieces(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(guard, "CHUNK", size)
    inside = swap("<Properties", "<!DOCTYPE a><Properties")
    assert "实体" in problem(changed(workbook(), {"docProps/app.xml": inside})).reason
    assert inspect(changed(workbook(), {}), "a.xlsx").form == "xlsx"


@pytest.mark.parametrize(("length", "refused"), [(420, False), (600, True)])
def test_guard__giant_text_across_many_pieces(
    monkeypatch: pytest.MonkeyPatch, length: int, refused: bool
) -> None:
    monkeypatch.setattr(guard, "CHUNK", 200)
    monkeypatch.setattr(guard, "MAX_TAG", 500)
    texts = swap("</sst>", f"<si><t>{'a' * length}</t></si></sst>")
    data = changed(workbook(), {"xl/sharedStrings.xml": texts})
    if refused:
        assert "巨大" in problem(data).reason
    else:
        assert inspect(data, "a.xlsx").form == "xlsx"


def test_guard__ratio(monkeypatch: pytest.MonkeyPatch) -> None:
    """Little data may inflate as it likes, much only so many times."""
    blank = sheet_xml("").replace(b"<sheetData>", b"<sheetData>" + b" " * 900_000)
    assert inspect(changed(workbook(), {SHEET1: blank}), "a.xlsx").form == "xlsx"
    monkeypatch.setattr(guard, "RATIO_GRACE", 1 << 10)
    assert "膨胀" in problem(changed(workbook(), {SHEET1: blank})).reason
    assert inspect(workbook(), "a.xlsx").form == "xlsx"


def test_guard__giant_tag() -> None:
    styles = f'<styleSheet a="{"x" * (2 << 20)}"/>'.encode()
    assert "巨大" in problem(packed(parts_of(workbook()) | {"xl/styles.xml": styles}, 0)).reason


@pytest.mark.parametrize("part", ["xl/sharedStrings.xml", SHEET1, "xl/workbook.xml"])
def test_guard__parts_that_cells_hang_on_are_well_formed(part: str) -> None:
    torn = swap("</", "<//")
    assert "XML" in problem(changed(workbook(), {part: torn})).reason
    assert inspect(changed(workbook(), {"docProps/app.xml": torn}), "a.xlsx").form == "xlsx"
    assert "XML" in problem(changed(workbook(), {part: lambda data: data + b"<"})).reason


@pytest.mark.parametrize("code", [1, 8, 11, 30, 31])
def test_guard__control_characters_in_a_remark_cost_nobody_a_workbook(code: int) -> None:
    text = f'<row r="1"><c r="A1" t="inlineStr"><is><t>备{chr(code)}注</t></is></c></row>'
    scan = inspect(changed(workbook(), {SHEET1: sheet_xml(text)}), "a.xlsx").scan(SHEET1)
    assert scan is not None
    assert scan.cells == 1


@pytest.mark.parametrize(
    ("encoding", "mark"),
    [
        *(("utf-16-le", b""), ("utf-16-be", b""), ("gbk", b"")),
        *(("utf-16-le", b"\xff\xfe"), ("utf-16-be", b"\xfe\xff")),
    ],
)
def test_guard__parts_in_other_encodings(encoding: str, mark: bytes) -> None:
    text = sheet_xml('<row r="1"><c r="C1" t="inlineStr"><is><t>客户</t></is></c></row>').decode()
    said = text.replace("UTF-8", "GBK" if encoding == "gbk" else "UTF-16")
    found = inspect(changed(workbook(), {SHEET1: mark + said.encode(encoding)}), "a.xlsx")
    scan = found.scan(SHEET1)
    assert scan is not None
    assert (scan.last_row, scan.last_column) == (1, 3)
    assert found.foreign == {SHEET1}
    assert "客户".encode() in found.searchable(SHEET1)
    assert found.searchable("xl/没有.xml") == b""
    assert found.read("xl/没有.xml") is None


def test_guard__encoding_that_does_not_exist() -> None:
    text = sheet_xml("").replace(b"UTF-8", b"KLINGON")
    assert "损坏" in problem(changed(workbook(), {SHEET1: text})).reason


@pytest.mark.parametrize(("texts", "refused"), [(1_000_001, True), (1_000_000, False)])
def test_guard__how_many_texts_are_promised(texts: int, refused: bool) -> None:
    lie = swap('uniqueCount="3"', f'uniqueCount="{texts}"')
    data = changed(workbook(), {"xl/sharedStrings.xml": lie})
    if refused:
        assert "总数" in problem(data).reason
    else:
        assert inspect(data, "a.xlsx").form == "xlsx"


@pytest.mark.parametrize(("size", "refused"), [(4_000_004, False), (4_000_003, True)])
def test_guard__texts_take_four_bytes_each(size: int, refused: bool) -> None:
    head = b'<sst uniqueCount="1000001">'
    texts = b"<si/>" * ((size - len(head) - 6) // 5)
    filled = (head + texts).ljust(size - 6) + b"</sst>"
    data = packed(parts_of(workbook()) | {"xl/sharedStrings.xml": filled}, zipfile.ZIP_STORED)
    if refused:
        assert "总数" in problem(data).reason
    else:
        assert inspect(data, "a.xlsx").form == "xlsx"


@pytest.mark.parametrize("root", ["wsDr", "worksheets", "xml", "workbook"])
def test_guard__only_worksheets_need_rows(root: str) -> None:
    data = changed(workbook(), {"xl/drawings/drawing1.xml": f"<{root}></{root}>".encode()})
    assert set(inspect(data, "a.xlsx").scans) == {SHEET1}


@pytest.mark.parametrize(
    ("cell", "refused"), [("XFD1048576", False), ("XFE1", True), ("A1048577", True)]
)
def test_guard__the_last_cell_there_is(cell: str, refused: bool) -> None:
    row = cell.lstrip("AXFDE")
    far = sheet_xml(f'<row r="{row}"><c r="{cell}"><v>1</v></c></row>')
    data = changed(workbook(), {SHEET1: far})
    if refused:
        assert "范围" in problem(data).reason
    else:
        scan = inspect(data, "a.xlsx").scan(SHEET1)
        assert scan is not None
        assert needs_sparse_read(scan)


@pytest.mark.parametrize(("rows", "columns", "cells", "sparse"), [
    (2_000_000, 1, 1, False),
    (2_000_001, 1, 1, True),
    (2_000_001, 1, 200_000, True),
    (2_000_001, 1, 200_001, False),
    (2_000_010, 1, 200_001, False),
    (2_000, 1_000, 1, False),
    (2_000, 1_001, 1, True),
    (100, 30, 1, False),
])  # fmt: skip
def test_needs_sparse_read(rows: int, columns: int, cells: int, sparse: bool) -> None:
    assert needs_sparse_read(SheetScan(cells, rows, columns)) == sparse


@pytest.mark.parametrize(("size", "refused"), [(1 << 20, False), ((512 << 20) + 1, True)])
def test_read_bytes__up_to_512_mb(tmp_path: Path, size: int, refused: bool) -> None:
    path = tmp_path / "线索.xlsx"
    with path.open("wb") as file:
        file.truncate(size)  # takes no room on the disk
    if refused:
        with pytest.raises(FileProblem, match="512 MB"):
            read_bytes(path, "线索.xlsx")
    else:
        assert len(read_bytes(path, "线索.xlsx")) == size


def test_read_bytes__why_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "线索.xlsx"
    path.write_bytes(b"12345")
    assert read_bytes(path, "线索.xlsx") == b"12345"
    monkeypatch.setattr(guard, "MAX_FILE", 5)
    assert read_bytes(path, "线索.xlsx") == b"12345"
    monkeypatch.setattr(guard, "MAX_FILE", 4)
    with pytest.raises(FileProblem, match="512 MB"):
        read_bytes(path, "线索.xlsx")
    for error, word, code in (
        (PermissionError(errno.EACCES, "no"), "权限", "FIL-07"),
        (OSError(errno.EIO, "input/output error"), "读取失败", "FIL-01"),
    ):
        monkeypatch.setattr(Path, "stat", lambda *_, e=error: (_ for _ in ()).throw(e))
        with pytest.raises(FileProblem, match=word) as caught:
            read_bytes(path, "线索.xlsx")
        assert caught.value.code == code


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
