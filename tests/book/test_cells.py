"""Single cells set in a user's sheet: those cells change, and not a byte beside them."""

import io
import warnings
from datetime import date, datetime

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from sheetcrm.book.cells import CellsSet, CellValue, set_cells
from sheetcrm.book.lint import lint
from sheetcrm.book.lint_rows import text_of
from sheetcrm.book.target import open_target
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from tests.book.fixtures import (
    both,
    changed,
    crowded_book,
    moved,
    override,
    part,
    parts,
    prefixed,
    put,
    relationships,
    streamed,
    tree,
    user_book,
)

SHEET, STYLES = "xl/worksheets/sheet2.xml", "xl/styles.xml"
MAY_CHANGE = {"xl/workbook.xml", STYLES, "xl/_rels/workbook.xml.rels", "[Content_Types].xml"}


def setting(data: bytes, sheet: str = "说明", /, **cells: CellValue | None) -> CellsSet:
    return set_cells(open_target(data), {sheet: cells})


def values(data: bytes, sheet: str = "说明") -> list[list[object]]:
    found = CalamineWorkbook.from_filelike(io.BytesIO(data)).get_sheet_by_name(sheet)
    rows = found.to_python(skip_empty_area=False)
    return [[cell if cell != "" else None for cell in row] for row in rows]


def opened(data: bytes) -> openpyxl.Workbook:
    with warnings.catch_warnings(action="ignore"):  # of extensions it does not know
        return openpyxl.load_workbook(io.BytesIO(data))


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def worksheet(rows: str, tail: str = "", head: str = "") -> bytes:
    return (
        f'<worksheet xmlns="{MAIN}">{head}<sheetData>{rows}</sheetData>{tail}</worksheet>'.encode()
    )


def with_sheet(rows: str, tail: str = "", head: str = "") -> bytes:
    return changed(user_book(), {SHEET: worksheet(rows, tail, head)})


def test_set_cells__only_the_cell_changes():
    before = user_book()
    result = setting(before, B2="甲&乙<公司>")
    assert result.kept == ()
    old, new = part(before, SHEET), part(result.data, SHEET)
    head, tail = old.split('<c r="B2" t="s"><v>4</v></c>')
    assert new == f'{head}<c r="B2" t="inlineStr"><is><t>甲&amp;乙&lt;公司&gt;</t></is></c>{tail}'
    assert values(result.data)[1] == ["线索-1", "甲&乙<公司>", 120]


def test_set_cells__other_parts_keep_their_compressed_bytes():
    before = crowded_book()
    after = setting(before, B2="甲").data
    old, new = RawZip(before), RawZip(after)
    streams = {entry.filename: new.compressed(entry) for entry in new.entries}
    assert [e.filename for e in old.entries] == [e.filename for e in new.entries]
    for entry in old.entries:
        if entry.filename not in MAY_CHANGE | {SHEET}:
            assert streams[entry.filename] == old.compressed(entry), entry.filename


def test_set_cells__formulas_make_excel_calculate_and_only_they():
    assert 'fullCalcOnLoad="1"' in part(setting(user_book(), C2=5).data, "xl/workbook.xml")
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        book.add_worksheet("说明").write_row(0, 0, ["甲", 1])
    plain = out.getvalue()
    for name in ("xl/workbook.xml", "[Content_Types].xml", STYLES):
        assert part(setting(plain, B1=5).data, name) == part(plain, name)


def test_set_cells__the_calculation_chain_stays():
    after = setting(crowded_book(), "线索跟踪", B2="甲").data
    assert parts(after)["xl/calcChain.xml"] == parts(crowded_book())["xl/calcChain.xml"]


def test_set_cells__none_empties_a_cell_and_keeps_its_format():
    rows = '<row r="1"><c r="A1" s="1" t="s"><v>0</v></c><c r="B1"><v>2</v></c></row>'
    before = with_sheet(rows)
    result = setting(before, A1=None, B1=None, C1=None, A7=None)
    assert result.kept == ()
    emptied = (
        rows.replace(' t="s"><v>0</v></c>', "/>")
        .replace("<v>2</v></c>", "")
        .replace('<c r="B1">', '<c r="B1"/>')
    )
    assert part(result.data, SHEET) == part(before, SHEET).replace(rows, emptied)


def test_set_cells__none_leaves_formulas_and_cells_that_are_not_there():
    before = user_book()
    result = setting(before, C4=None, H2=None, A90=None)
    assert [(kept.cell, kept.reason) for kept in result.kept] == [("C4", "是公式")]
    assert part(result.data, SHEET) == part(before, SHEET)


SHAPES = {
    "missing cell at the end": ('<row r="2"><c r="A2"><v>1</v></c></row>', "C2"),
    "missing cell in front": ('<row r="2" spans="2:3"><c r="C2"><v>1</v></c></row>', "A2"),
    "missing cell between": ('<row r="2"><c r="A2"/><c r="C2"><v>1</v></c></row>', "B2"),
    "empty row": ('<row r="1"/><row r="2" ht="20"/><row r="3"/>', "B2"),
    "row without cells": ('<row r="2"></row>', "B2"),
    "missing row between": ('<row r="1"/><row r="3"><c r="A3"><v>1</v></c></row>', "B2"),
    "missing row at the end": ('<row r="1"><c r="A1"><v>1</v></c></row>', "B2"),
    "no rows": ("", "B2"),
    "unnumbered": ("<row><c><v>1</v></c></row><row><c><v>2</v></c><c/></row>", "B2"),
    "single quotes": ("<row r='2' ht='15'><c s='0' r='B2' t='str'><v>x</v></c></row>", "B2"),
    "looks like a cell": ('<!-- <row r="2"><c r="B2"/> --><row r="2"><c r="B2"/></row>', "B2"),
    "CDATA": (
        '<row r="2"><c r="A2" t="inlineStr"><is><t><![CDATA[<c r="B2"/>]]></t></is></c></row>',
        "B2",
    ),
    "bracket in an attribute": ('<row r="2" x="a>b"><c r="B2" t="b"><v>1</v></c></row>', "B2"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_set_cells__every_shape_of_row(name):
    rows, cell = SHAPES[name]
    before = with_sheet(rows)
    result = setting(before, **{cell: 7.5})
    assert result.kept == ()
    column, row = ord(cell[0]) - 65, int(cell[1]) - 1
    expected = values(before)
    expected += [[] for _ in range(row + 1 - len(expected))]
    width = max(column + 1, *map(len, expected))
    expected = [line + [None] * (width - len(line)) for line in expected]
    expected[row][column] = 7.5
    assert values(result.data) == expected
    assert lint(result.data, ["说明"]) == lint(before, ["说明"])


@pytest.mark.parametrize("empty", ["<sheetData/>", "<sheetData />", "<sheetData></sheetData>"])
def test_set_cells__sheet_without_cells(empty):
    sheet = f'<worksheet xmlns="{MAIN}">{empty}<pageMargins left="1"/></worksheet>'.encode()
    result = setting(changed(user_book(), {SHEET: sheet}), A1="甲", C2=3, B2=2)
    assert values(result.data) == [["甲", None, None], [None, 2, 3]]


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
def test_set_cells__every_kind_of_package(data):
    result = setting(data, B2="张三 李四", D5=date(2024, 3, 1))
    book = open_target(result.data)
    sheet = book.package.xml(book.sheets[1].part)
    cells = {cell.get("r"): cell for cell in sheet.iter(f"{{{MAIN}}}c")}
    assert text_of(cells["B2"]) == "张三 李四"
    assert cells["D5"].findtext(f"{{{MAIN}}}v") == "45352"
    assert [kept for kept in cells if kept in ("A2", "A3", "C4")] == ["A2", "A3", "C4"]


TEXTS = {
    "spaces": " 前后 ",
    "lines": "一\n二",
    "return": "一\r二",
    "control": "甲\x01乙",
    "escape": "_x0041_",
    "markup": "<c r='A1'>&amp;]]>",
    "formula": "=1+1",
    "emoji": "😀",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_set_cells__text_comes_back_as_it_was(text):
    result = setting(user_book(), B2=text)
    found = tree(result.data, SHEET).find(f".//{{{MAIN}}}c[@r='B2']")
    assert found is not None
    assert (found.get("t"), text_of(found)) == ("inlineStr", text)
    assert lint(result.data, ["说明"]) == lint(user_book(), ["说明"])


def formatted(*codes: str, **options: object) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("说明")
        for row, code in enumerate(codes):
            style = book.add_format({"num_format": code, "bold": True, **options})
            sheet.write_string(row, 0, "x", style)
    return out.getvalue()


@pytest.mark.parametrize(
    ("code", "value", "shown_as"),
    [
        ("yyyy/m/d", date(2024, 3, 1), "yyyy/m/d"),
        ('m"月"d"日"', date(2024, 3, 1), 'm"月"d"日"'),
        ("yyyy-mm-dd", moment("2024-03-01 09:30"), "yyyy-mm-dd"),
        ("General", date(2024, 3, 1), "yyyy-mm-dd"),
        ("@", moment("2024-03-01 09:30"), "yyyy-mm-dd hh:mm"),
        ("h:mm", date(2024, 3, 1), "yyyy-mm-dd"),
        ("#,##0.00", 85000, "#,##0.00"),
        ("@", 85000, "General"),
        ("yyyy-mm-dd", 85000, "General"),
        ("General", "13800138000", "@"),
        ("@", "13800138000", "@"),
        ("yyyy-mm-dd", "待定", "yyyy-mm-dd"),
    ],
)
def test_set_cells__format_that_shows_the_value(code, value, shown_as):
    result = setting(formatted(code), A1=value)
    cell = opened(result.data)["说明"]["A1"]
    assert cell.number_format == shown_as
    assert cell.font.b is True
    read = cell.value.date() if type(value) is date else cell.value
    assert read == value
    assert lint(result.data) == []


def test_set_cells__formats_are_shared_and_repeats_add_nothing():
    once = setting(formatted("@", "@", "General"), A1=1, A2=2, A3=3).data
    twice = setting(once, A1=4, A2=5, A3=6).data
    assert parts(twice)[STYLES] == parts(once)[STYLES]
    styles = opened(once)["说明"]
    assert styles["A1"].style_id == styles["A2"].style_id


def test_set_cells__new_cell_takes_the_format_of_its_row_or_column():
    head = '<cols><col min="2" max="3" width="9" style="1"/></cols>'
    rows = '<row r="2" s="0" customFormat="1"/><row r="3"><c r="A3"/></row>'
    result = setting(with_sheet(rows, head=head), B2="行", B3="列", B9="新行", D9="无")
    sheet = part(result.data, SHEET)
    assert '<c r="B2" t="inlineStr">' in sheet
    assert '<c r="B3" s="1" t="inlineStr">' in sheet
    assert '<c r="B9" s="1" t="inlineStr">' in sheet
    assert '<c r="D9" t="inlineStr">' in sheet


@pytest.mark.parametrize(("mac", "serial"), [(False, "45352.5"), (True, "43890.5")])
def test_set_cells__dates_count_from_the_workbooks_day_zero(mac, serial):
    data = user_book(date_1904=True) if mac else user_book()
    assert f"<v>{serial}</v>" in part(setting(data, D2=moment("2024-03-01 12:00")).data, SHEET)


REFUSED = {
    "formula": (user_book(), "C4", "公式"),
    "shared formula": (
        with_sheet(
            '<row r="2"><c r="C2"><f t="shared" ref="C2:C3" si="0">A2</f><v>1</v></c></row>'
            '<row r="3"><c r="C3"><f t="shared" si="0"/><v>1</v></c></row>'
        ),
        "C3",
        "公式",
    ),
    "array": (
        with_sheet(
            '<row r="2"><c r="C2"><f t="array" ref="C2:D4">A2:B4</f><v>1</v></c>'
            '<c r="D2"><v>1</v></c></row>'
        ),
        "D2",
        "数组",
    ),
    "merged": (
        with_sheet(
            '<row r="2"><c r="B2"/><c r="C2"/></row>',
            '<mergeCells><mergeCell ref="B2:C3"/></mergeCells>',
        ),
        "C3",
        "合并",
    ),
    "protected": (
        with_sheet('<row r="2"><c r="B2"/></row>', '<sheetProtection sheet="1" objects="1"/>'),
        "B2",
        "保护",
    ),
    "protected, missing cell": (with_sheet("", '<sheetProtection sheet="1"/>'), "B2", "保护"),
    "too long": (user_book(), "B2", "32,767"),
    "too early": (user_book(), "B3", "日期"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_set_cells__left_alone_with_a_reason(name):
    data, cell, reason = REFUSED[name]
    special: dict[str, CellValue] = {"too long": "长" * 40_000, "too early": date(1899, 1, 1)}
    value = special.get(name, "新")
    result = setting(data, **{cell: value})
    assert [(kept.sheet, kept.cell) for kept in result.kept] == [("说明", cell)]
    assert reason in result.kept[0].reason
    assert parts(result.data) == parts(data)


def test_set_cells__the_anchor_of_merged_cells_and_unlocked_cells_are_set():
    merged = with_sheet("", '<mergeCells><mergeCell ref="B2:C3"/></mergeCells>')
    assert setting(merged, B2="新").kept == ()
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("说明")
        sheet.write_blank(0, 0, None, book.add_format({"locked": False}))
        sheet.protect()
    assert values(setting(out.getvalue(), A1="新").data) == [["新"]]


def test_set_cells__a_protected_sheet_that_is_switched_off_is_none():
    data = with_sheet("", '<sheetProtection sheet="0"/>')
    assert setting(data, B2="新").kept == ()


def test_set_cells__headings_and_totals_of_a_table_stay():
    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet("说明")
        columns = [{"header": "甲", "total_string": "合计"}, {"header": "乙"}]
        sheet.add_table("A1:B4", {"columns": columns, "total_row": True, "data": [["a", 1]]})
    result = setting(out.getvalue(), A1="改", A2="b", B3=5, A4="改")
    assert [kept.cell for kept in result.kept] == ["A1", "A4"]
    assert values(result.data)[:3] == [["甲", "乙"], ["b", 1], [None, 5]]


def test_set_cells__pivot_tables_stay():
    link = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/pivotTable"
    data = changed(
        user_book(),
        {
            "xl/pivotTables/pivotTable1.xml": (
                f'<pivotTableDefinition xmlns="{MAIN}" name="p" cacheId="1">'
                '<location ref="B2:C3"/></pivotTableDefinition>'
            ).encode(),
            "xl/worksheets/_rels/sheet2.xml.rels": relationships(
                ("rId1", link, "../pivotTables/pivotTable1.xml")
            ),
            "[Content_Types].xml": override(
                "xl/pivotTables/pivotTable1.xml",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.pivotTable+xml",
            ),
        },
    )
    assert [kept.cell for kept in setting(data, B2="新", A2="线索").kept] == ["B2"]


def test_set_cells__what_a_cell_carries_besides_its_value():
    more = '<extLst><ext uri="x"/></extLst>'
    rows = f'<row r="2"><c r="B2" s="1" t="e" vm="1" ph="1"><v>#VALUE!</v>{more}</c></row>'
    sheet = part(setting(with_sheet(rows), B2=5).data, SHEET)
    assert f'<c r="B2" s="1"><v>5</v>{more}</c>' in sheet


def test_set_cells__nothing_to_set_changes_no_part():
    data = crowded_book()
    assert parts(set_cells(open_target(data), {}).data) == parts(data)


@pytest.mark.parametrize("cell", ["B", "2", "A0", "XFE1", "A1048577", "A1:B2", ""])
def test_set_cells__not_a_cell(cell):
    with pytest.raises(ValueError, match="not a cell"):
        setting(user_book(), **{cell: 1})


def test_set_cells__no_such_sheet():
    with pytest.raises(KeyError):
        setting(user_book(), "没有", A1=1)


@pytest.mark.parametrize(
    "broken",
    [
        put("<sheetData>", "<sheetData><row"),
        put("</sheetData>", ""),
        both(put("<sheetData>", "<data>"), put("</sheetData>", "</data>")),
        put("<worksheet", "<!DOCTYPE worksheet><worksheet"),
    ],
    ids=["open row", "no end", "no cells", "document type"],
)
def test_set_cells__broken_sheets_are_refused(broken):
    with pytest.raises(FileProblem):
        setting(changed(user_book(), {SHEET: broken}), B2="新")


@given(
    st.dictionaries(
        st.tuples(st.integers(1, 8), st.integers(1, 6)),
        st.one_of(st.integers(-9, 9), st.sampled_from(["甲", " 乙", "123", "<"])),
        min_size=1,
        max_size=12,
    ),
    st.sets(st.tuples(st.integers(1, 8), st.integers(1, 6))),
)
@settings(max_examples=60, deadline=None)
def test_set_cells__equals_a_grid(wanted, filled):
    rows = "".join(
        f'<row r="{r}">'
        + "".join(f'<c r="{chr(64 + c)}{r}"><v>0</v></c>' for rr, c in sorted(filled) if rr == r)
        + "</row>"
        for r in sorted({r for r, _ in filled})
    )
    data = with_sheet(rows)
    cells: dict[str, CellValue] = {f"{chr(64 + c)}{r}": v for (r, c), v in wanted.items()}
    result = setting(data, **cells)
    grid: dict[tuple[int, int], object] = {**dict.fromkeys(filled, 0), **wanted}
    read = {
        (r, c): cell
        for r, line in enumerate(values(result.data), 1)
        for c, cell in enumerate(line, 1)
        if cell is not None
    }
    assert read == grid
    assert not {f.rule for f in lint(result.data, ["说明"])} & {"S-row-order", "S-cell-order"}
    assert setting(result.data, **cells).data == result.data
