"""Our sheets are known again, and what people changed on them is found."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.tabedits import edited
from sheetcrm.book.tabstate import TabState, tab_state
from sheetcrm.book.target import open_target
from sheetcrm.book.xmlpart import MAIN
from tests.book import opclint
from tests.book.fixtures import (
    SPREADSHEET,
    changed,
    edits_in,
    grafted,
    our_tabs,
    override,
    part,
    parts,
    put,
    relationship,
    roles_in,
    user_book,
)
from tests.book.office import resaved

WORKBOOK, FUNNEL = "xl/workbook.xml", "xl/worksheets/sheet3.xml"


# roles


def test_sheet_roles__every_sheet_has_one():
    data = add_markers(user_book(), {"线索跟踪": Role(table="lead")})
    assert roles_in(grafted(data)) == {
        "线索跟踪": ("", "lead"),
        "说明": ("", ""),
        "漏斗分析": ("funnel", ""),
        "校验结果": ("findings", ""),
    }


def test_sheet_roles__names_of_missing_sheets_are_passed_over():
    stray = (
        '<definedNames><definedName name="_sheetcrm.tab" localSheetId="{}">"a|2|"</definedName>'
        "</definedNames>"
    )
    for index in ("9", "-1", "x"):
        data = changed(user_book(), {WORKBOOK: put("</sheets>", f"</sheets>{stray.format(index)}")})
        assert set(roles_in(data).values()) == {("", "")}


def test_add_markers__hidden_deterministic_and_sound():
    roles = {"漏斗分析": Role(tab="funnel"), "校验结果": Role(tab="findings", table="x")}
    made = our_tabs({"funnel": "漏斗分析", "findings": "校验结果"})
    out = add_markers(made, roles)
    assert out == add_markers(made, roles)
    assert add_markers(out, roles) == out
    assert roles_in(out) == roles
    names = re.findall(r'<definedName name="_sheetcrm[^>]*>', part(out, WORKBOOK))
    assert len(names) == 7
    assert all('hidden="1"' in name for name in names)
    assert opclint.faults(out) == []
    assert edits_in(out) == {}


def test_add_markers__nothing_else_changes():
    before, after = (
        parts(user_book()),
        parts(add_markers(user_book(), {"说明": Role(table="lead")})),
    )
    assert [name for name in before if before[name] != after[name]] == [WORKBOOK]


def test_add_markers__unknown_sheet():
    with pytest.raises(KeyError):
        add_markers(user_book(), {"没有": Role(tab="funnel")})


@pytest.mark.parametrize("rows", [1, 79, 80, 500, 30_000])
def test_tab_state__fits_a_formula_literal(rows):
    cells = "".join(f'<row r="{r}"><c r="A{r}"><v>{r}</v></c></row>' for r in range(1, rows + 1))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()
    assert len(tab_state(sheet, list, drawings=99).rows) <= 255


# edits


def cells(kept: TabState, sheet: bytes) -> tuple[str, ...]:
    found = edited(kept, sheet, list)
    assert found
    return tuple(edit.cell for edit in found.cells)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (put("funnel 第2行", "甲"), ("A3",)),
        (put("<v>50</v>", "<v>51</v>"), ("B3",)),
        (put('<c r="D3"', '<c r="E3"'), ("E3",)),
        (put("IF(B2=0", "IF(B2=1"), ("C2",)),
        (put("</sheetData>", '<row r="12"><c r="C12"><v>1</v></c></row></sheetData>'), ("C12",)),
        (put("funnel 第1行", "x", 1), ("A2",)),
        (lambda d: re.sub(rb'<row r="3".*?</row>', b"", d, flags=re.DOTALL), ("A3",)),
        (lambda d: re.sub(rb"<sheetData>.*</sheetData>", b"<sheetData/>", d), ("A1",)),
    ],
    ids=[
        "text",
        "number",
        "moved cell",
        "formula",
        "row below",
        "first row",
        "row gone",
        "all gone",
    ],
)
def test_edited_cells__says_where(change, expected):
    found = edits_in(changed(grafted(user_book()), {FUNNEL: change}))
    assert set(found) == {"funnel"}
    assert found["funnel"][: len(expected)] == expected


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data,
        put("<v>0.5</v>", "<v>0.75</v>"),
        put("IF(B2=0,0,B3/'漏斗分析'!$B$2)", " if( B7=0, 0, B9/我的漏斗!$B$12 )"),
        put("<v>33.33333333333334</v>", "<v>33.333333333333336</v>"),
        lambda data: re.sub(rb' s="\d+"', b"", data),
        put("</sheetData>", '<row r="40"><c r="A40" s="1"/></row></sheetData>'),
        put(
            "<t>funnel 第1行 &lt;&amp;&gt;</t>",
            "<r><t>funnel </t></r><r><t>第1行 &lt;&amp;&gt;</t></r><rPh><t>x</t></rPh>",
        ),
    ],
    ids=["none", "cached value", "references", "digits", "styles", "blank row", "runs"],
)
def test_edited_cells__what_programs_change_by_themselves(change):
    assert edits_in(changed(grafted(user_book()), {FUNNEL: change})) == {}


def test_edited_cells__shared_formulas_say_the_same():
    first = "IF(B2=0,0,B2/'漏斗分析'!$B$2)"
    second = "IF(B2=0,0,B3/'漏斗分析'!$B$2)"

    def share(data: bytes) -> bytes:
        data = put(f"<f>{first}</f>", f'<f t="shared" ref="C2:C3" si="0">{first}</f>')(data)
        return put(f"<f>{second}</f>", '<f t="shared" si="0"/>')(data)

    assert edits_in(changed(grafted(user_book()), {FUNNEL: share})) == {}


def test_edited_cells__comments_and_drawings_count():
    drawing = "xl/drawings/drawing2.xml"
    anchor = re.search(
        r"<xdr:twoCellAnchor>.*?</xdr:twoCellAnchor>", part(grafted(user_book()), drawing)
    )
    assert anchor
    comments = f'<comments xmlns="{MAIN}"><commentList><comment ref="B3"/></commentList></comments>'
    added = re.sub(r"<xdr:col>\d+<", "<xdr:col>26<", anchor[0], count=1)
    added = re.sub(r"<xdr:row>\d+<", "<xdr:row>19<", added, count=1)
    data = changed(
        grafted(user_book()),
        {
            drawing: put("</xdr:wsDr>", f"{added}</xdr:wsDr>"),
            "xl/comments1.xml": comments.encode(),
            "xl/worksheets/_rels/sheet3.xml.rels": relationship(
                "rId9", "comments", "../comments1.xml"
            ),
            "[Content_Types].xml": override("xl/comments1.xml", f"{SPREADSHEET}.comments+xml"),
        },
    )
    assert edits_in(data) == {"funnel": ("B3", "AA20")}


def test_edited_cells__long_tab_in_blocks():
    data = grafted(user_book(), kinds=["funnel"], count=28)
    long = changed(
        data,
        {FUNNEL: put("funnel 第20行", "甲")},
    )
    assert edits_in(long) == {"funnel": ("A21",)}
    rows = "".join(f'<row r="{r}"><c r="B{r}"><v>{r}</v></c></row>' for r in range(1, 801))
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    kept = tab_state(sheet.encode(), list)
    touched = sheet.replace("<v>500</v>", "<v>5</v>").encode()
    block = 800 // 79 + 1
    assert cells(kept, touched) == ("B500",)
    assert cells(replace(kept, cells=""), touched) == (f"B{499 // block * block + 1}",)


@pytest.mark.parametrize("text", ["", "x", "funnel|9|abc", "funnel|2|"])
def test_edited_cells__unknown_state_reports_nothing(text):
    def edit(data: bytes) -> bytes:
        return re.sub(rb'"funnel\|2\|[^"]*"', f'"{text or "funnel"}"'.encode(), data)

    data = changed(grafted(user_book()), {WORKBOOK: edit, FUNNEL: put("funnel 第2行", "甲")})
    assert "funnel" not in edits_in(data)


@given(st.integers(1, 300), st.integers(0, 299), st.text("甲乙1 ", min_size=1, max_size=3))
@settings(max_examples=40, deadline=None)
def test_edited__finds_the_block_of_any_change(rows, at, text):
    at %= rows

    def sheet(values: list[str]) -> bytes:
        cells = "".join(
            f'<row r="{n}"><c r="A{n}" t="inlineStr"><is><t>{v}</t></is></c></row>'
            for n, v in enumerate(values, 1)
        )
        return f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>'.encode()

    values = [f"值{n}" for n in range(rows)]
    kept = tab_state(sheet(values), list)
    assert edited(kept, sheet(values), list) is None
    values[at] = text
    assert cells(kept, sheet(values)) == (f"A{at + 1}",)
    size = max(1, -(-rows // 79))
    assert cells(replace(kept, cells=""), sheet(values)) == (f"A{at // size * size + 1}",)


# another program saves the file


def test_edited_cells__after_a_save_in_libreoffice(tmp_path):
    data = add_markers(grafted(user_book(), count=12), {"线索跟踪": Role(table="lead")})
    assert edits_in(data) == {}
    changes = {"same": data, "edited": changed(data, {FUNNEL: put("funnel 第4行", "改过")})}
    files = []
    for name, content in changes.items():
        files.append(tmp_path / f"{name}.xlsx")
        files[-1].write_bytes(content)
    same, touched = resaved(files, tmp_path)
    assert parts(same.read_bytes())["xl/sharedStrings.xml"]
    assert roles_in(same) == roles_in(data)
    assert edits_in(same) == {}
    assert edits_in(touched) == {"funnel": ("A5",)}
    again = grafted(Path(same).read_bytes())
    assert [sheet.name for sheet in open_target(again).sheets] == [
        "线索跟踪",
        "说明",
        "漏斗分析",
        "校验结果",
    ]
