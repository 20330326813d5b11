"""Sound workbooks that the campaigns break: all kinds of cells and of parts."""

import io
from datetime import date, time
from functools import cache

import xlsxwriter

from tests.book.fixtures import changed, grafted, user_book
from tests.book.packages import SHEET1, sheet_xml, workbook
from tests.soak.biff import Cell, stream
from tests.workflows.workbooks import own_book

HEADINGS = ["线索编号", "客户名称", "联系方式", "预计金额", "线索获取时间", "负责人", "状态"]


@cache
def rich() -> bytes:
    """Leads with all that XlsxWriter can put around them."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    clock = book.add_format({"num_format": "hh:mm"})
    sheet, other = book.add_worksheet("线索"), book.add_worksheet("说明")
    sheet.add_table(0, 0, 12, 6, {"name": "表线索", "columns": [{"header": h} for h in HEADINGS]})
    for row in range(1, 13):
        sheet.write_string(row, 0, f"线索-2026-0501-{row:03d}")
        sheet.write_string(row, 1, f"客户{row}<公司>&" if row % 5 else " 前后有空格 ")
        sheet.write_string(row, 2, f"1380013{row:04d}")
        sheet.write_number(row, 3, row * 1.5)
        sheet.write_datetime(row, 4, date(2026, 5, row), day)
        sheet.write_string(row, 5, "甲" if row % 2 else "乙")
        sheet.write_string(row, 6, ("线索", "意向", "成交")[row % 3])
    sheet.data_validation("G2:G99", {"validate": "list", "source": ["线索", "意向", "成交"]})
    sheet.merge_range("I1:K2", "合并")
    sheet.write_comment("A2", "批注")
    sheet.conditional_format("D2:D13", {"type": "data_bar"})
    sheet.write_formula("D14", "=SUM(D2:D13)", None, 117)
    sheet.write_formula("E14", '="共"&COUNTA(A2:A13)', None, "共12")
    sheet.write_formula("F14", "=1/0", None, "#DIV/0!")
    sheet.write_boolean("G14", True)
    sheet.write_datetime("H14", time(9, 30), clock)
    sheet.write_rich_string("I14", "有", book.add_format({"bold": True}), "粗", "字")
    sheet.set_row(6, None, None, {"hidden": True})
    sheet.write_url("J14", "https://example.com/", None, "链接")
    other.write_string(0, 0, "第一行\n第二行")
    other.write_number(4, 3, 18.25)
    other.hide()
    book.define_name("名称", "=线索!$A$1")
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": "=线索!$D$2:$D$13"})
    sheet.insert_chart("L5", chart)
    book.close()
    return out.getvalue()


@cache
def inline() -> bytes:
    """A sheet as other programs write one: texts in the cells, no positions, typed results."""
    rows = "".join(
        f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>L{n}</t></is></c>'
        f'<c r="B{n}" t="inlineStr"><is><r><t>客</t></r>'
        f'<r><t xml:space="preserve">户 {n}</t></r></is></c>'
        f'<c r="C{n}"><v>{n}.25</v></c><c r="D{n}" t="str"><f>A{n}</f><v>值{n}</v></c></row>'
        for n in range(1, 9)
    )
    rows += '<row><c><v>7</v></c><c t="b"><v>1</v></c><c t="e"><v>#N/A</v></c></row>'
    return changed(workbook(), {SHEET1: lambda _: sheet_xml(rows)})


@cache
def ours() -> bytes:
    """A workbook of our own kit with leads in it."""
    day = date(2026, 5, 1)
    lead: dict[str, object] = {"source": "展会推荐", "contact": "张一", "owner": "甲"}
    lead |= {"status": "线索", "acquired_on": day, "entered_on": day, "phone": "13800131001"}
    return own_book({"lead": [{**lead, "company": f"客户{n}机械"} for n in range(4)]})


@cache
def xlsx_bases() -> tuple[bytes, ...]:
    """Return every workbook of the campaign, the small ones first."""
    return rich(), inline(), grafted(user_book())


@cache
def xls_stream() -> bytes:
    """Return the Workbook stream of an .xls with leads."""
    leads: list[list[Cell]] = [[*HEADINGS]]
    for n in range(1, 25):
        phone = f"1380013{n:04d}"
        leads.append(
            [f"线索-{n:03d}", f"客户{n % 7}机械", phone, n * 1.5, 46000.0, "甲", n % 2 == 0]
        )
    return stream([("线索", leads), ("说明", [["好", None, 3.0], [], ["末", 7.0]])])


@cache
def csv_bases() -> tuple[bytes, ...]:
    """Return the same leads as text in the encodings people send."""
    lines = [
        f"线索-{n:03d},客户{n % 7}机械,1380013{n:04d},{n * 1.5},2026-05-{n:02d},甲,意向"
        for n in range(1, 25)
    ]
    lines[4] = '线索-005,"客户,带""逗号""的",13800130005,,2026-05-05,乙,"两行\n备注"'
    text = "\r\n".join([",".join(HEADINGS), *lines, ""])
    tabbed = text.replace(",", "\t")
    return (
        *(text.encode(name) for name in ("utf-8-sig", "utf-8", "gbk", "utf-16")),
        tabbed.encode("gb18030"),
    )
