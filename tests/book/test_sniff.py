"""Any lead sheet: what the content is whatever the name says, in a child process."""

from pathlib import Path

import pytest

from sheetcrm.book.read import Reader, read_book
from sheetcrm.book.sniff import parse_lead_sheet, read_lead_sheet
from sheetcrm.errors import FileProblem, UnknownName
from tests.book.packages import workbook

CSV = "线索编号,客户名称,联系电话\r\n007,甲公司,013800138000\r\n"
HTML = "<html><table><tr><td>线索编号<td>客户名称<tr><td>007<td>甲</table></html>"


@pytest.fixture(scope="module")
def reader():
    with Reader() as open_reader:
        yield open_reader


@pytest.mark.parametrize(
    ("name", "data", "container", "told"),
    [
        ("a.xlsx", workbook(), "xlsx", ()),
        ("a.XLSM", workbook(), "xlsx", ()),
        ("a.xls", workbook(), "xlsx", (".xls",)),
        ("a.csv", CSV.encode(), "csv", ("UTF-8 编码、逗号分隔",)),
        ("a.txt", CSV.encode("gbk"), "csv", ("GBK 编码、逗号分隔",)),
        ("a.xlsx", CSV.encode("utf-16-le"), "csv", (".xlsx", "UTF-16 编码")),
        ("a.xls", CSV.replace(",", "\t").encode("gbk"), "tsv", (".xls", "制表符分隔")),
        ("a.xls", HTML.encode("gbk"), "html", ("内容其实是网页表格", "GBK")),
        ("线索", HTML.encode(), "html", ("没有扩展名", "UTF-8")),
        ("a.csv", ("甲,乙\n<b>x</b>,1\n" * 3).encode(), "csv", ("UTF-8",)),
        ("a.csv", b"BMW,Audi\n1,2\n", "csv", ("UTF-8",)),
    ],
)
def test_sniff__by_content(name: str, data: bytes, container: str, told: tuple[str, ...]) -> None:
    found = parse_lead_sheet(data, name)
    assert found.container == container
    assert len(found.assumptions) == len(told)
    assert all(word in note for word, note in zip(told, found.assumptions, strict=True))
    assert found.raw.sheets[0].rows


def test_sniff__cells_of_texts_stay_texts() -> None:
    (sheet,) = parse_lead_sheet(CSV.encode("gbk"), "展会线索.csv").raw.sheets
    assert sheet.name == "展会线索"
    assert list(sheet.rows[1]) == ["007", "甲公司", "013800138000"]


def test_read_lead_sheet__child_serves_both_jobs(tmp_path: Path, reader: Reader) -> None:
    text, book = tmp_path / "线索.csv", tmp_path / "线索.xlsx"
    text.write_bytes(CSV.encode("gbk"))
    book.write_bytes(workbook())
    first = read_lead_sheet(text, reader)
    child = reader._child
    assert first == parse_lead_sheet(CSV.encode("gbk"), str(text))
    assert read_lead_sheet(book, reader).raw == read_book(book, reader)
    assert read_lead_sheet(text, reader, "latin-1").raw != first.raw
    assert reader._child is child
    assert read_lead_sheet(book).container == "xlsx"


def test_read_lead_sheet__problems_cross(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "线索.csv"
    path.write_bytes(CSV.encode("gbk"))
    child = reader._child
    with pytest.raises(FileProblem, match="--encoding"):
        read_lead_sheet(path, reader, "utf-8")
    with pytest.raises(UnknownName):
        read_lead_sheet(path, reader, "klingon")
    path.write_bytes(b"")
    with pytest.raises(FileProblem, match="空的"):
        read_lead_sheet(path, reader)
    with pytest.raises(FileProblem, match="找不到"):
        read_lead_sheet(tmp_path / "没有.csv", reader)
    assert reader._child is child


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"%PDF-1.4", "PDF"),
        (b"version https://git-lfs.github.com/spec/v1\n", "占位指针"),
        (b"\x89PNG\r\n\x1a\n\x00", "图片"),
        (b"\xef\xbb\xbf", "空的"),
        (bytes(range(256)) * 40, "不是 Excel 工作簿"),
        (b"<?xml version='1.0'?><a/>", "XML"),
        (b"\x80\x81\xff\xfe\xff" * 50, "编码读不出的字"),
    ],
)
def test_sniff__what_is_no_table(data: bytes, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        parse_lead_sheet(data, "a.csv")


def test_read_book__a_csv_is_refused_and_import_named(tmp_path: Path, reader: Reader) -> None:
    path = tmp_path / "线索.csv"
    path.write_bytes(CSV.encode("gbk"))
    with pytest.raises(FileProblem, match=r"纯文本.*sheetcrm import"):
        read_book(path, reader)
