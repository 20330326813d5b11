"""Workbooks that tests make themselves: XlsxWriter's own, and ones changed by hand."""

import io
import warnings
import zipfile
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import xlsxwriter
from lxml import etree

from sheetcrm.book.graft import TabSpec, graft, plan_names
from sheetcrm.book.markers import Role, edited_tabs, sheet_roles
from sheetcrm.book.target import open_package, open_target, read_workbook
from sheetcrm.book.write_rows import Built
from sheetcrm.book.xmlpart import MAIN, PACKAGE_RELATIONSHIPS
from sheetcrm.book.xmlpart import OFFICE_RELATIONSHIPS as OFFICE

SPREADSHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml"
COLOURS = frozenset(("1F4E78", "FFFFFF", "FFC7CE", "0563C1"))  # of our_tabs
TITLES = {"funnel": "漏斗分析", "findings": "校验结果", "overdue": "逾期预警"}

Change = bytes | Callable[[bytes], bytes] | None


def user_book(sheets: Sequence[str] = ("线索跟踪", "说明"), **options: Any) -> bytes:
    """A plain workbook of a user's: rows, a formula, a format, a chart on the first sheet."""
    return _user_book(tuple(sheets), tuple(options.items()))


@cache
def _user_book(sheets: tuple[str, ...], options: tuple[tuple[str, Any], ...]) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, **dict(options)})
    money = book.add_format({"num_format": '"¥"#,##0.00', "bold": True})
    for sheet in map(book.add_worksheet, sheets):
        sheet.write_row("A1", ["编号", "客户名称", "金额"])
        sheet.write_row("A2", ["线索-1", "甲<公司>&", 120])
        sheet.write_row("A3", ["线索-2", "乙公司", 80])
        sheet.write_formula("C4", "=SUM(C2:C3)", money, 200)
    first = book.worksheets()[0]
    chart = book.add_chart({"type": "column"})
    chart.add_series({"values": [sheets[0], 1, 2, 2, 2]})
    first.insert_chart("E2", chart)
    first.conditional_format("C2:C3", {"type": "data_bar", "data_bar_2010": True})
    first.data_validation("B2:B9", {"validate": "list", "source": ["甲", "乙"]})
    book.close()
    return out.getvalue()


def our_tabs(names: Mapping[str, str], count: int = 3) -> bytes:
    """Tabs with what summary tabs have: formulas with values, charts, formats, links, titles."""
    return _our_tabs(tuple(names.items()), count)


@cache
def _our_tabs(names: tuple[tuple[str, str], ...], count: int) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    head = book.add_format({"bold": True, "bg_color": "#1F4E78", "font_color": "#FFFFFF"})
    rate = book.add_format({"num_format": "0.0%", "border": 1})
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    bad = book.add_format({"bg_color": "#FFC7CE", "num_format": '0.0"分"'})
    link = book.add_format({"font_color": "#0563C1", "underline": 1})
    for kind, name in names:
        sheet = book.add_worksheet(name)
        quoted = "'" + name.replace("'", "''") + "'"
        sheet.write_row("A1", ["阶段", "数量", "转化率", "截至"], head)
        for row in range(1, count + 1):
            sheet.write_string(row, 0, f"{kind} 第{row}行 <&>")
            sheet.write_number(row, 1, 100 / row)
            sheet.write_formula(row, 2, f"=IF(B2=0,0,B{row + 1}/{quoted}!$B$2)", rate, 1 / row)
            sheet.write_datetime(row, 3, date(2024, 6, row), day)
        sheet.write_boolean(count + 1, 0, True)
        sheet.write_url("F1", f"internal:{quoted}!A1", link, "回到开头")
        sheet.write_url("F2", "https://example.com/", link, "帮助")
        sheet.conditional_format("B2:B9", {"type": "data_bar", "data_bar_2010": True})
        sheet.conditional_format(
            "C2:C9", {"type": "cell", "criteria": "<", "value": 0.2, "format": bad}
        )
        chart = book.add_chart({"type": "bar"})
        chart.add_series({"categories": f"={quoted}!$A$2:$A$4", "values": f"={quoted}!$B$2:$B$4"})
        sheet.insert_chart("H2", chart)
        sheet.data_validation("E2", {"validate": "list", "source": ["是", "否"]})
        sheet.autofilter(0, 0, count, 3)
        sheet.repeat_rows(0)
        sheet.freeze_panes(1, 0)
        sheet.protect()
    book.close()
    return out.getvalue()


def grafted(data: bytes, kinds: Sequence[str] = ("funnel", "findings"), count: int = 3) -> bytes:
    """The workbook with tabs of those kinds, as the workflows put them in."""
    target = open_target(data, "客户.xlsx")
    names = plan_names(target, {kind: TITLES[kind] for kind in kinds})
    tabs = [TabSpec(kind, names[kind]) for kind in kinds]
    return graft(target, tabs, Built(our_tabs(names, count)))


def roles_in(source: Path | bytes) -> dict[str, Role]:
    return sheet_roles(read_workbook(open_package(source)))


def edits_in(source: Path | bytes) -> dict[str, tuple[str, ...]]:
    edited = edited_tabs(read_workbook(open_package(source)), COLOURS)
    return {kind: tuple(edit.cell for edit in edits.cells) for kind, edits in edited.items()}


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        return {entry.filename: package.read(entry) for entry in package.infolist()}


def tree(data: bytes, name: str) -> etree._Element:
    return etree.fromstring(parts(data)[name])


def inside(root: etree._Element, name: str) -> etree._Element:
    """The first descendant of that name in the spreadsheet namespace; fails if there is none."""
    found = root.find(f".//{{{MAIN}}}{name}")
    assert found is not None, f"no {name}"
    return found


def part(data: bytes, name: str) -> str:
    return parts(data)[name].decode()


def changed(data: bytes, change: Mapping[str, Change], order: Sequence[str] = ()) -> bytes:
    """The package with parts replaced (bytes), edited (a function), added or dropped (None)."""
    content = parts(data)
    for name, what in change.items():
        if what is None:
            del content[name]
        else:
            content[name] = what(content[name]) if callable(what) else what
    return zipped([(name, content[name]) for name in (order or content)])


def zipped(entries: Sequence[tuple[str, bytes]]) -> bytes:
    """A package of just these entries; names may repeat and are written as given."""
    out = io.BytesIO()
    with (
        warnings.catch_warnings(action="ignore"),  # of names that repeat
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package,
    ):
        for name, data in entries:
            info = zipfile.ZipInfo(name)
            info.filename = name  # ZipInfo would turn a backslash round on Windows
            info.compress_type = zipfile.ZIP_DEFLATED
            package.writestr(info, data)
    return out.getvalue()


def streamed(data: bytes) -> bytes:
    """The package as programs write it that cannot seek: bit 3 and data descriptors."""

    class Stream(io.RawIOBase):
        def __init__(self) -> None:
            self.data = bytearray()

        def writable(self) -> bool:
            return True

        def write(self, chunk: Any) -> int:
            self.data += bytes(chunk)
            return len(chunk)

    out = Stream()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts(data).items():
            package.writestr(name, content)
    return bytes(out.data)


def put(old: str, new: str, count: int = 1) -> Callable[[bytes], bytes]:
    """An edit for `changed`; fails where the old text is not there."""

    def edit(data: bytes) -> bytes:
        assert old.encode() in data, f"{old} is not in the part"
        return data.replace(old.encode(), new.encode(), count)

    return edit


def both(*edits: Callable[[bytes], bytes]) -> Callable[[bytes], bytes]:
    def edit(data: bytes) -> bytes:
        for one in edits:
            data = one(data)
        return data

    return edit


def override(name: str, content_type: str) -> Callable[[bytes], bytes]:
    line = f'<Override PartName="/{name}" ContentType="{content_type}"/>'
    return put("</Types>", f"{line}</Types>")


def relationship(
    rel_id: str, kind: str, target: str, base: str = OFFICE
) -> Callable[[bytes], bytes]:
    line = f'<Relationship Id="{rel_id}" Type="{base}/{kind}" Target="{target}"/>'
    return put("</Relationships>", f"{line}</Relationships>")


def relationships(*lines: tuple[str, str, str]) -> bytes:
    inside = "".join(
        f'<Relationship Id="{rel_id}" Type="{kind}" Target="{target}"/>'
        for rel_id, kind, target in lines
    )
    return f'<Relationships xmlns="{PACKAGE_RELATIONSHIPS}">{inside}</Relationships>'.encode()


def crowded_book() -> bytes:
    """A workbook with what other libraries lose: hand-made parts of newer Excel and of WPS."""
    microsoft = "http://schemas.microsoft.com/office"
    x14 = f"{microsoft}/spreadsheetml/2009/9/main"
    sheet = "xl/worksheets/sheet1.xml"
    extension = (
        f'<extLst><ext xmlns:x14="{x14}" uri="{{CCE6A557-97BC-4b89-ADB6-D9C93CAAB3DF}}">'
        f'<x14:dataValidations xmlns:xm="{microsoft}/excel/2006/main" count="1">'
        '<x14:dataValidation type="list" allowBlank="1"><x14:formula1><xm:f>说明!$A$1:$A$3</xm:f>'
        "</x14:formula1><xm:sqref>D2:D9</xm:sqref></x14:dataValidation></x14:dataValidations>"
        "</ext>"
    )
    slicer = f'<slicers xmlns="{x14}"><slicer name="客户" cache="切片器_客户"/></slicers>'
    threaded = f"{microsoft}/spreadsheetml/2018/threadedcomments"
    return changed(
        user_book(),
        {
            sheet: put("<extLst>", extension),
            "xl/worksheets/_rels/sheet1.xml.rels": both(
                relationship("rId8", "slicer", "../slicers/slicer1.xml", f"{microsoft}/2007"),
                relationship(
                    "rId9", "threadedComment", "../threadedComments/threadedComment1.xml", microsoft
                ),
                relationship("rId10", "printerSettings", "../printerSettings/printer1.bin"),
            ),
            "xl/slicers/slicer1.xml": slicer.encode(),
            "xl/threadedComments/threadedComment1.xml": (
                f'<ThreadedComments xmlns="{threaded}"><threadedComment ref="B2" id="{{A}}">'
                "<text>已核对</text></threadedComment></ThreadedComments>"
            ).encode(),
            "xl/persons/person.xml": f'<personList xmlns="{threaded}"/>'.encode(),
            "xl/printerSettings/printer1.bin": bytes(range(256)),
            "customXml/item1.xml": "<客户资料/>".encode(),
            "xl/cellimages.xml": b'<etc:cellImages xmlns:etc="http://www.wps.cn/officeDocument"/>',
            "xl/calcChain.xml": f'<calcChain xmlns="{MAIN}"><c r="C4" i="1"/></calcChain>'.encode(),
            "_rels/.rels": relationship("rId9", "customXml", "customXml/item1.xml"),
            "xl/_rels/workbook.xml.rels": both(
                relationship("rId20", "person", "persons/person.xml", microsoft),
                relationship("rId21", "cellImage", "cellimages.xml", "http://www.wps.cn/o"),
                relationship("rId22", "calcChain", "calcChain.xml"),
            ),
            "[Content_Types].xml": both(
                put("<Override", '<Default Extension="bin" ContentType="application/x"/><Override'),
                override("xl/slicers/slicer1.xml", "application/vnd.ms-excel.slicer+xml"),
                override(
                    "xl/threadedComments/threadedComment1.xml",
                    "application/vnd.ms-excel.threadedcomments+xml",
                ),
                override("xl/persons/person.xml", "application/vnd.ms-excel.person+xml"),
                override("xl/cellimages.xml", "application/vnd.wps-officedocument.cellimage+xml"),
                override("xl/calcChain.xml", f"{SPREADSHEET}.calcChain+xml"),
            ),
        },
    )


def prefixed(data: bytes) -> bytes:
    """The workbook with prefixed roots, as some exporters write them."""

    def prefix(name: str, mark: str) -> Callable[[bytes], bytes]:
        def edit(raw: bytes) -> bytes:
            text = raw.decode()
            head, body = text.split("?>", 1)
            body = (
                body.replace("</", "\x00").replace("<", f"<{mark}:").replace("\x00", f"</{mark}:")
            )
            return f"{head}?>{body.replace(' xmlns=', f' xmlns:{mark}=', 1)}".encode()

        return edit

    return changed(
        data,
        {
            "xl/workbook.xml": prefix("workbook", "x"),
            "xl/styles.xml": prefix("styleSheet", "x"),
            "xl/worksheets/sheet2.xml": _prefix_plain("x"),
            "xl/_rels/workbook.xml.rels": prefix("Relationships", "ns0"),
            "[Content_Types].xml": prefix("Types", "ct"),
        },
    )


def _prefix_plain(mark: str) -> Callable[[bytes], bytes]:
    def edit(raw: bytes) -> bytes:
        head, body = raw.decode().split("?>", 1)
        body = body.replace("</", "\x00").replace("<", f"<{mark}:").replace("\x00", f"</{mark}:")
        return f"{head}?>{body.replace(' xmlns=', f' xmlns:{mark}=', 1)}".encode()

    return edit


def moved(data: bytes, folder: str) -> bytes:
    """The workbook with everything of xl/ in another folder (may be "")."""
    where = f"{folder}/" if folder else ""
    entries = []
    for name, content in parts(data).items():
        if name == "[Content_Types].xml":
            content = content.replace(b'"/xl/', f'"/{where}'.encode())
        elif name == "_rels/.rels":
            content = content.replace(b'"xl/', f'"{where}'.encode())
        entries.append((name.replace("xl/", where, 1) if name.startswith("xl/") else name, content))
    return zipped(entries)
