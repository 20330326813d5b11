"""Rows appended to a table of a user's sheet: where they go, what they look like, what stays."""

import io
import math
from collections.abc import Sequence
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from sheetcrm.book.append import Appended, NewRows, append_rows
from sheetcrm.book.cells import CellValue
from sheetcrm.book.lint import lint
from sheetcrm.book.target import open_target
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from sheetcrm.kit.load import load_kit
from sheetcrm.tabs.workbook import build_workbook
from tests.book.fixtures import (
    changed,
    crowded_book,
    moved,
    part,
    parts,
    prefixed,
    put,
    streamed,
    user_book,
)

SHEET = "xl/worksheets/sheet2.xml"
Row = Sequence[CellValue | None]


def appending(
    data: bytes,
    rows: Sequence[Row],
    last: int,
    header: int = 1,
    sheet: str = "说明",
) -> Appended:
    columns = tuple(range(1, len(rows[0]) + 1)) if rows else (1,)
    return append_rows(open_target(data), [NewRows(sheet, header, columns, rows, last)])


def values(data: bytes, sheet: str = "说明") -> list[list[object]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet)
    rows = found.to_python(skip_empty_area=False)
    return [[cell if cell != "" else None for cell in row] for row in rows]


def worksheet(rows: str, tail: str = "", head: str = "") -> bytes:
    return (
        f'<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'.encode()
    )


def with_sheet(rows: str, tail: str = "", head: str = "") -> bytes:
    return changed(user_book(), {SHEET: worksheet(rows, tail, head)})


LIST = (
    '<row r="1"><c r="A1" t="str"><v>编号</v></c><c r="B1" t="str"><v>客户</v></c></row>'
    '<row r="2"><c r="A2" t="str"><v>L-1</v></c><c r="B2" t="str"><v>甲</v></c></row>'
)


def test_append__rows_follow_the_last_one():
    result = appending(with_sheet(LIST), [["L-2", "乙"], ["L-3", None]], last=2)
    assert values(result.data) == [["编号", "客户"], ["L-1", "甲"], ["L-2", "乙"], ["L-3", None]]
    assert result.placed == {"说明": (3, 4)}
    assert result.kept == ()


def test_append__only_the_new_rows_change_in_the_part():
    before = with_sheet(LIST, "<pageMargins left='1'/>", "<sheetPr/>")
    old, new = part(before, SHEET), part(appending(before, [["L-2", "乙"]], last=2).data, SHEET)
    head, tail = old.split("</sheetData>")
    assert new.startswith(head)
    assert new.endswith("</sheetData>" + tail)


def test_append__other_parts_keep_their_compressed_bytes():
    before = crowded_book()
    after = appending(before, [["线索-9", "新"]], last=3, sheet="说明").data
    old, new = RawZip(before), RawZip(after)
    streams = {entry.filename: new.compressed(entry) for entry in new.entries}
    may_change = {SHEET, "xl/workbook.xml", "xl/styles.xml"}
    # a row moved down here, with a formula
    may_change |= {"xl/calcChain.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}
    for entry in old.entries:
        if entry.filename not in may_change:
            assert streams[entry.filename] == old.compressed(entry), entry.filename


def test_append__nothing_to_append_changes_nothing():
    data = crowded_book()
    result = append_rows(open_target(data), [NewRows("说明", 1, (1,), [], 3)])
    assert (parts(result.data), result.placed) == (parts(data), {})


SHAPES = {
    "unnumbered": "<row><c><v>1</v></c><c><v>2</v></c></row><row><c><v>3</v></c><c/></row>",
    "missing cells": '<row r="1"><c r="B1"><v>2</v></c></row><row r="2"><c r="A2"/></row>',
    "single quotes": "<row r='1'><c r='A1'><v>2</v></c></row><row r='2'><c r='B2'/></row>",
    "blank rows below": LIST + '<row r="3" spans="1:2" ht="20"/><row r="4"><c r="B4"/></row>',
    "blanks as spaces": LIST + '<row r="3"><c r="A3" t="str"><v>  </v></c></row>',
    "comment": LIST + '<!-- <row r="3"><c r="A3"><v>9</v></c></row> -->',
    "nothing": "",
}


@pytest.mark.parametrize("name", SHAPES)
def test_append__every_shape_of_row(name):
    before = with_sheet(SHAPES[name])
    last = 1 if name == "nothing" else 2
    result = appending(before, [["甲", 5], ["乙", 6]], last=last)
    assert values(result.data)[last:] == [["甲", 5], ["乙", 6]] or name == "nothing"
    assert values(result.data)[-2:] == [["甲", 5], ["乙", 6]]
    assert lint(result.data, ["说明"]) == lint(before, ["说明"])


def utf16(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def gbk(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "GB18030").encode("gb18030")


@pytest.mark.parametrize(
    "data",
    [
        prefixed(user_book()),
        moved(user_book(), "资料"),
        streamed(user_book()),
        changed(user_book(), {SHEET: utf16}),
        changed(user_book(), {SHEET: gbk}),
        changed(user_book(), {SHEET: put("<worksheet", "<!-- 备注 --><worksheet")}),
    ],
    ids=["prefixed", "other folder", "bit 3", "utf-16", "gb18030", "comment"],
)
def test_append__every_kind_of_package(data):
    result = appending(data, [["线索-3", "张三", date(2024, 3, 1)]], last=3)
    book = open_target(result.data)
    sheet = book.package.xml(book.sheets[1].part)
    rows = {row.get("r"): row for row in sheet.iter(f"{{{MAIN}}}row")}
    assert list(rows) == ["1", "2", "3", "4", "5"]
    assert "".join(map(str, rows["4"].itertext())) == "线索-3张三45352"
    assert "".join(map(str, rows["5"].itertext())) == "SUM(C2:C4)"


def formatted() -> bytes:
    """A list from row 4 on, with formats, heights and every other row shaded."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("说明")
        sheet.write_string(0, 0, "标题")
        sheet.write_row(3, 0, ["编号", "金额", "日期", "备注"])
        for row in range(4, 10):
            look = {"bg_color": "#DDDDDD"} if row % 2 else {}
            sheet.set_row(row, 22)
            sheet.write_string(row, 0, f"L-{row}", book.add_format(look))
            sheet.write_number(row, 1, row, book.add_format({"num_format": "#,##0.00", **look}))
            day = book.add_format({"num_format": "yyyy/m/d", **look})
            sheet.write_datetime(row, 2, datetime(2024, 1, row), day)  # noqa: DTZ001
            sheet.write_blank(row, 3, None, book.add_format({"border": 1, **look}))
    return out.getvalue()


def test_append__looks_like_the_rows_above():
    rows: list[Row] = [[f"N-{n}", 1.5, date(2024, 5, n), None] for n in (1, 2, 3)]
    result = appending(formatted(), rows, last=10, header=4)
    sheet = openpyxl.load_workbook(io.BytesIO(result.data))["说明"]
    for number in (11, 12, 13):
        like = [cell.style_id for cell in sheet[number - 2]]
        assert [cell.style_id for cell in sheet[number]] == like
        assert sheet.row_dimensions[number].height == 21.75
    assert result.placed == {"说明": (11, 12, 13)}
    assert lint(result.data) == []


def test_append__a_hidden_row_is_not_taken_as_the_look():
    rows = LIST.replace('<row r="2"', '<row r="2" hidden="1" ht="30" customHeight="1"')
    sheet = part(appending(with_sheet(rows), [["L-2", "乙"]], last=2).data, SHEET)
    assert '<row r="3" ht="30" customHeight="1">' in sheet


def test_append__prepared_rows_are_filled_in_order_and_keep_what_they_have():
    below = (
        '<row r="3" hidden="1" ht="20"><c r="A3"><f>IF(B3="","","L-"&amp;ROW())</f><v></v></c>'
        '<c r="B3" s="1"/></row><row r="4"><c r="B4" s="1"/></row>'
    )
    above = LIST.replace(
        '<c r="A2" t="str"><v>L-1</v>',
        '<c r="A2" t="str"><f>IF(B2="","","L-"&amp;ROW())</f><v>L-2</v>',
    )
    rows: list[Row] = [["手填", "乙"], [None, "丙"], [None, "丁"]]
    result = appending(with_sheet(above + below), rows, last=2)
    sheet = part(result.data, SHEET)
    assert [(kept.cell, "公式" in kept.reason) for kept in result.kept] == [("A3", True)]
    formulas = [f'<f>IF(B{n}="","","L-"&amp;ROW())</f>' for n in (2, 3, 4, 5)]
    assert [sheet.count(formula) for formula in formulas] == [1, 1, 1, 1]
    assert '<row r="3" ht="20">' in sheet
    assert [line[1] for line in values(result.data)] == ["客户", "甲", "乙", "丙", "丁"]
    assert 'fullCalcOnLoad="1"' in part(result.data, "xl/workbook.xml")


def test_append__numbering_typed_ahead_is_no_obstacle():
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c>'
        + (f'<c r="B{n}" t="str"><v>甲{n}</v></c>' if n < 4 else "")
        + "</row>"
        for n in range(1, 7)
    )
    wanted = NewRows("说明", 1, (2,), [["新"], ["新"]], 3)
    result = append_rows(open_target(with_sheet(rows)), [wanted])
    assert values(result.data)[3:] == [[4, "新"], [5, "新"], [6, None]]


def test_append__formula_columns_are_filled_down():
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c>{{}}<c r="C{n}"><f>A{n}*2/$A$1</f></c></row>'
        for n in range(1, 5)
    ).format(
        '<c r="B1"/>',
        '<c r="B2"><f t="shared" ref="B2:B4" si="0">A2&amp;"甲 A2"</f></c>',
        *['<c r="B3"><f t="shared" si="0"/></c>', '<c r="B4"><f t="shared" si="0"/></c>'],
    )
    new: list[Row] = [[7, None, None], [8, "手填", None]]
    result = appending(with_sheet(rows), new, last=4)
    sheet = part(result.data, SHEET)
    for formula in ('A5&amp;"甲 A2"', "A5*2/$A$1", 'A6&amp;"甲 A2"', "A6*2/$A$1"):
        assert f"<f>{formula}</f>" in sheet
    assert [kept.cell for kept in result.kept] == ["B6"]


@pytest.mark.parametrize(
    ("two", "three"),
    [
        ("<f>A2*2</f>", "<f>A3*3</f>"),
        ("<v>4</v>", "<f>A3*3</f>"),
        ("<f>A3*2</f>", "<f>A4*2</f>"),
        ("<f>A2*2</f>", '<f t="array" ref="B3">A3*2</f>'),
    ],
    ids=["differ", "only the last", "rows below", "array"],
)
def test_append__formulas_that_cannot_be_filled_down_leave_a_blank(two, three):
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c><c r="B1" t="str"><v>列</v></c></row>'
        f'<row r="2"><c r="A2"><v>1</v></c><c r="B2">{two}</c></row>'
        f'<row r="3"><c r="A3"><v>1</v></c><c r="B3">{three}</c></row>'
    )
    wanted = NewRows("说明", 1, (1,), [[5], [6]], 3)
    result = append_rows(open_target(with_sheet(rows)), [wanted])
    assert [kept.cell for kept in result.kept] == ["B4:B5"]
    assert values(result.data)[3:] == [[5, None], [6, None]]


def test_append__the_calculation_chain_goes_only_when_formulas_move_or_come():
    before = crowded_book()
    moved_down = appending(before, [["a", "b", 5]], last=3).data
    assert "xl/calcChain.xml" not in parts(moved_down)
    assert lint(moved_down) == lint(before)
    below = append_rows(open_target(before), [NewRows("说明", 20, (1,), [["a"]], 20)]).data
    assert parts(below)["xl/calcChain.xml"] == parts(before)["xl/calcChain.xml"]


def test_append__odd_values():
    early, long = date(1899, 5, 1), "长" * 40_000
    rows: list[Row] = [[math.nan, early, long, True, 10**16, math.inf, ""]]
    result = appending(with_sheet(LIST), rows, last=2)
    read = values(result.data)[2]
    assert read[0] is None
    assert read[1] == "1899-05-01"
    assert len(str(read[2])) == 32_767
    assert read[3:] == [True, str(10**16), "inf"]
    assert [kept.cell for kept in result.kept] == ["B3", "C3"]
    assert lint(result.data, ["说明"]) == []


def test_append__generated_workbook_fills_prepared_rows_then_grows():
    made = build_workbook(load_kit(), 5, date(2026, 6, 30))
    kit = load_kit()
    table = next(t for t in kit.tables if t.key == "lead")
    columns = tuple(range(1, len(table.columns) + 1))
    rows: list[Row] = [[f"L-{n}", *["内容"] * (len(columns) - 1)] for n in range(8)]
    result = append_rows(open_target(made.data), [NewRows(table.name, 3, columns, rows, 3)])
    assert result.placed == {table.name: tuple(range(4, 12))}
    sheet = part(result.data, SHEET)
    last = f"AC{3 + len(rows)}"
    assert f'<autoFilter ref="A3:{last}"/>' in sheet
    assert "A4:A8" not in sheet
    assert "$A$4:$A$8" not in sheet
    assert 'sqref="A4:A11"' in sheet
    assert f"{table.name}!$A$3:$AC$11" in part(result.data, "xl/workbook.xml")
    assert lint(result.data) == []
    fewer = append_rows(open_target(made.data), [NewRows(table.name, 3, columns, rows[:2], 3)])
    assert '<autoFilter ref="A3:AC8"/>' in part(fewer.data, SHEET)


@pytest.mark.parametrize(
    "broken", [put("</row>", "</row><row", 1), put("</sheetData>", "")], ids=["open row", "no end"]
)
def test_append__broken_sheets_are_refused(broken):
    with pytest.raises(FileProblem):
        appending(changed(user_book(), {SHEET: broken}), [["x"]], last=3)


def test_append__rows_out_of_order_are_refused():
    rows = '<row r="3"><c r="A3"><v>1</v></c></row><row r="2"/>'
    with pytest.raises(FileProblem, match="顺序"):
        appending(with_sheet(rows), [["x"]], last=3)


def test_append__the_sheet_is_full():
    with pytest.raises(FileProblem, match="放不下"):
        appending(with_sheet(LIST), [["x"]] * 2, last=1_048_575)


def test_append__wrong_arguments():
    with pytest.raises(ValueError, match="one value a column"):
        append_rows(open_target(user_book()), [NewRows("说明", 1, (1, 2), [["x"]], 3)])
    with pytest.raises(KeyError):
        append_rows(open_target(user_book()), [NewRows("没有", 1, (1,), [["x"]], 3)])
