"""Web pages under a workbook's name, saved pages and Excel 2003 XML."""

from datetime import date, datetime, time

import pytest

from sheetcrm.book.html_sheet import html_sheets, page_text
from sheetcrm.book.mhtml import mhtml_sheets
from sheetcrm.book.sniff import parse_lead_sheet
from sheetcrm.book.spreadsheetml import spreadsheetml
from sheetcrm.errors import FileProblem
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import RawSheet


def sheets(body: str) -> list[RawSheet]:
    return list(html_sheets(f"<html><body>{body}</body></html>", "a.xls", "线索"))


def rows(body: str) -> list[list[object]]:
    (sheet,) = sheets(body)
    return [list(row) for row in sheet.rows]


def test_html__cells_are_texts_as_shown() -> None:
    page = (
        "<table><tr><th>客户&nbsp;名称<th>电话<th>备注</tr>"
        "<tr><td>甲&amp;乙 &lt;公司&gt;<td>007\n 008<td>一<br>二<p>三</p></tr>"
        "<tr><td><b>丙</b>公司<td><a href=x>13800138000</a><td><script>alert(1)</script>好</tr>"
        "<tr><td><input value=x><td><select><option>A</select><td></tr></table>"
    )
    assert rows(page) == [
        ["客户 名称", "电话", "备注"],
        ["甲&乙 <公司>", "007 008", "一\n二三"],
        ["丙公司", "13800138000", "好"],
    ]


def test_html__exact_number_where_excel_shows_a_rounded_one() -> None:
    page = '<table><tr><td x:num="13800138000">1.38E+10<td x:num="45292">2024-1-1</table>'
    assert rows(page) == [["13800138000", "2024-1-1"]]


def test_html__hidden_things_are_not_read() -> None:
    page = (
        "<table style='display:none'><tr><td>旧</table><div hidden><table><tr><td>旧</table></div>"
        "<table><tr><td>甲<td style='display: none'>id<td>乙</tr>"
        "<tr style='display:none'><td>丙<td>丁</tr><tr><td>戊<td>己</table>"
    )
    (sheet,) = sheets(page)
    assert [list(r) for r in sheet.rows] == [["甲", "乙"], ["丙", "丁"], ["戊", "己"]]
    assert sheet.hidden_rows == {2}


def test_html__spans_are_merges() -> None:
    (sheet,) = sheets(
        "<table><tr><td colspan=3>标题</tr><tr><td rowspan=2>张伟<td>1<td>2</tr>"
        "<tr><td>3<td>4</tr><tr><td rowspan=0>李娜<td colspan=99>5</tr></table>"
    )
    assert [list(r) for r in sheet.rows] == [
        ["标题", None, None],
        ["张伟", "1", "2"],
        [None, "3", "4"],
        ["李娜", "5", None],
    ]
    assert sheet.merged == ("A1:C1", "A2:A3", "B4:C4")


def test_html__tables_that_lay_out_the_page_and_names() -> None:
    found = sheets(
        "<table><tr><td><table><caption>客户</caption><tr><td>a</table>"
        "<td><table><tr><td>b</table></table><table><tr><td></table>"
    )
    assert [(s.name, [list(r) for r in s.rows]) for s in found] == [
        ("客户", [["a"]]),
        ("线索_2", [["b"]]),
    ]


def test_html__heading_of_two_merged_rows_is_recognised() -> None:
    page = (
        "<table><tr><td colspan=5>2024年线索表</td></tr>"
        "<tr><th rowspan=2>线索编号<th colspan=3>客户<th colspan=2>跟进</tr>"
        "<tr><th>客户名称<th>联系人<th>联系电话<th>负责人<th>当前阶段</tr>"
        "<tr><td>X-1<td>甲公司<td>张三<td>13800138000<td>李四<td>需求分析</tr>"
        "<tr><td colspan=6>华东区</tr>"
        "<tr><td>X-2<td>乙公司<td>王五<td>13900139000<td>李四<td>方案呈现</tr>"
        "<tr><td>合计<td>2</tr></table>"
    )
    found = parse_lead_sheet(page.encode("gbk"), "线索.xls")
    table = recognise(found.raw, load_kit()).tables["lead"]
    assert table.header_row == 3
    assert list(table.raw["lead_id"]) == ["X-1", "X-2"]
    assert list(table.raw["phone"]) == ["13800138000", "13900139000"]


@pytest.mark.parametrize("said", ["gb2312", "utf-8", "nonsense"])
def test_html__encoding_as_declared_or_as_it_is(said: str) -> None:
    page = f"<meta charset='{said}'><table><tr><td>客户名称<td>联系方式</table>"
    assert page_text(page.encode("gb18030"), "a.xls").text == page
    assert page_text(page.encode("gb18030"), "a.xls", "gbk").text == page


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ("<p>没有</p>", "没有表格"),
        ("<table><tr><td></table>", "没有表格"),
        ("<table>" + "<tr>" + "<td colspan=1000>x" * 17, "大"),
        ("<table>" + "<tr><td><table>" * 3000, "没有表格"),
    ],
)
def test_html__limits(body: str, sentence: str) -> None:
    with pytest.raises(FileProblem, match=sentence):
        sheets(body)


MHTML = """MIME-Version: 1.0
Content-Type: multipart/related; boundary="b"

--b
Content-Location: file:///C:/a.htm
Content-Type: text/html; charset="utf-8"

<x:ExcelWorksheet><x:Name>线索</x:Name>
<x:WorksheetSource HRef="a.files/sheet001.htm"/></x:ExcelWorksheet><frameset></frameset>
--b
Content-Location: file:///C:/a.files/sheet001.htm
Content-Transfer-Encoding: quoted-printable
Content-Type: text/html; charset="utf-8"

<table><tr><td>=E5=AE=A2=E6=88=B7<td>=
1</table>
--b
Content-Type: image/png

x
--b--
"""


def test_mhtml__pages_and_their_names() -> None:
    found, encoding = mhtml_sheets(MHTML.encode(), "a.mht", "a", None)
    assert [(s.name, [list(r) for r in s.rows]) for s in found] == [("线索", [["客户", "1"]])]
    assert encoding == "UTF-8"
    with pytest.raises(FileProblem, match="没有网页"):
        mhtml_sheets(b"MIME-Version: 1.0\n\nx", "a.mht", "a", None)


XML = """<?xml version="1.0"?>
<Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"
 xmlns:x="urn:schemas-microsoft-com:office:excel"
 xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">
<Worksheet ss:Name="线索"><Table>
<Row><Cell ss:MergeAcross="1"><Data ss:Type="String">标题</Data></Cell>
<Cell><Data ss:Type="Number">5</Data></Cell></Row>
<Row ss:Index="3" ss:Hidden="1"><Cell ss:Index="2"><Data ss:Type="DateTime">{day}</Data></Cell>
<Cell/><Cell><Data ss:Type="Boolean">1</Data></Cell>
<Cell><ss:Data ss:Type="String"><B xmlns="http://www.w3.org/TR/REC-html40">粗</B>体</ss:Data></Cell>
</Row></Table></Worksheet>
<Worksheet ss:Name="旧"><x:WorksheetOptions><x:Visible>SheetHidden</x:Visible>
</x:WorksheetOptions></Worksheet></Workbook>"""


def test_spreadsheetml__typed_cells_places_and_states() -> None:
    for text, value in (
        ("2024-04-27T00:00:00.000", date(2024, 4, 27)),
        ("2024-04-27T08:30:00.000", datetime.fromisoformat("2024-04-27T08:30:00")),
        ("1899-12-31T08:30:00.000", time(8, 30)),
        ("2024-13-45", "2024-13-45"),
    ):
        first, second = spreadsheetml(XML.format(day=text).encode(), "a.xml")
        assert [list(r) for r in first.rows] == [
            ["标题", None, 5, None, None],
            [None] * 5,
            [None, value, None, True, "粗体"],
        ]
        assert (first.name, first.merged, list(first.hidden_rows)) == ("线索", ("A1:B1",), [3])
        assert (second.name, second.hidden) == ("旧", True)


@pytest.mark.parametrize(
    "text",
    [
        XML.replace("<Workbook", '<!DOCTYPE a [<!ENTITY b "c">]><Workbook'),
        XML[:-20],
        XML.replace('Index="3"', 'Index="2000000"'),
        XML.replace('Index="2"', 'Index="20000"'),
    ],
)
def test_spreadsheetml__limits(text: str) -> None:
    with pytest.raises(FileProblem):
        spreadsheetml(text.encode(), "a.xml")
