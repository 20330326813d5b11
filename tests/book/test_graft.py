"""Grafting: our tabs come in, are replaced in place, and everything of the user's stays.

Numbers in brackets are the pitfalls of moving package parts that a test holds off: [1] unique
names and ids, [2] order and scopes, [3] group selection, [4] calculation chain, [6] child order,
[8] prefixes, [11] styles, [13] differential formats, [15] part names, [17] odd paths, [18] content
types, [20] document properties, [21] defined names, [22] inline strings, [23] cached values,
[25] data bars, [29] data descriptors, [33] WPS, [35] macro types, [40] other kinds of sheet.
"""

import io
import re
from functools import cache

import pytest
from lxml import etree
from python_calamine import CalamineWorkbook

from sheetcrm.book.graft import TabSpec, graft, plan_names
from sheetcrm.book.target import open_target
from sheetcrm.book.write_rows import Built
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.book.xmlpart import OFFICE_RELATIONSHIPS as OFFICE
from sheetcrm.book.zipraw import RawZip
from sheetcrm.errors import FileProblem
from tests.book import opclint
from tests.book.fixtures import (
    SPREADSHEET,
    both,
    changed,
    crowded_book,
    grafted,
    inside,
    moved,
    our_tabs,
    override,
    part,
    parts,
    prefixed,
    put,
    relationship,
    roles_in,
    streamed,
    user_book,
    zipped,
)

WORKBOOK, RELS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STYLES = "xl/styles.xml"
SHARED = {WORKBOOK, RELS, TYPES, STYLES}


def utf16(data: bytes) -> bytes:
    return data.decode().replace("UTF-8", "UTF-16").encode("utf-16")


def like_libreoffice(data: bytes) -> bytes:
    """No Default for .rels: each is an Override."""
    line = re.search(rb'<Default Extension="rels"[^>]*/>', data)
    assert line
    rels = "application/vnd.openxmlformats-package.relationships+xml"
    edit = both(*(override(name, rels) for name in parts(user_book()) if name.endswith(".rels")))
    return edit(data.replace(line[0], b""))


@cache
def books() -> dict[str, bytes]:
    book = user_book()
    return {
        "plain": book,
        "crowded": crowded_book(),
        "prefixed": prefixed(book),
        "other folder": moved(book, "Book/资料"),
        "in the root": moved(book, ""),
        "bit 3": streamed(book),
        "utf-16 workbook": changed(book, {WORKBOOK: utf16}),
        "types last": changed(book, {}, order=[*(n for n in parts(book) if n != TYPES), TYPES]),
        "libreoffice types": changed(book, {TYPES: like_libreoffice}),
        "no styles": changed(
            book,
            {
                STYLES: None,
                TYPES: put(
                    f'<Override PartName="/xl/styles.xml" ContentType="{SPREADSHEET}.styles+xml"/>',
                    "",
                ),
                RELS: lambda d: re.sub(rb'<Relationship [^>]*styles.xml"/>', b"", d),
            },
        ),
        "macros": changed(
            book,
            {
                TYPES: put(
                    f"{SPREADSHEET}.sheet.main", "application/vnd.ms-excel.sheet.macroEnabled.main"
                )
            },
        ),
        "dangling sheet3": changed(
            book, {RELS: relationship("rId30", "x", "worksheets/sheet3.xml")}
        ),
        "chart sheet": changed(
            book,
            {
                RELS: put(
                    f'"{OFFICE}/worksheet" Target="worksheets/sheet2',
                    f'"{OFFICE}/chartsheet" Target="worksheets/sheet2',
                ),
                TYPES: put(
                    f'sheet2.xml" ContentType="{SPREADSHEET}.worksheet',
                    f'sheet2.xml" ContentType="{SPREADSHEET}.chartsheet',
                ),
                "xl/worksheets/sheet2.xml": f'<chartsheet xmlns="{MAIN}"/>'.encode(),
            },
        ),
        "hidden sheet": changed(book, {WORKBOOK: put('name="说明"', 'name="说明" state="hidden"')}),
    }


@pytest.mark.parametrize("case", list(books()))
def test_graft__touches_only_the_shared_parts(case):
    data = books()[case]
    out = grafted(data)
    before, after = RawZip(data), RawZip(out)
    streams = {entry.filename: after.compressed(entry) for entry in after.entries}
    for entry in before.entries:
        last = "/".join(entry.filename.rsplit("/", 1)[-1:])
        if last in {"workbook.xml", "workbook.xml.rels", "styles.xml", TYPES, "calcChain.xml"}:
            continue
        assert streams[entry.filename] == before.compressed(entry), entry.filename
    assert set(opclint.faults(out)) <= set(opclint.faults(data))


@pytest.mark.parametrize("case", list(books()))
def test_graft__three_runs_grow_by_nothing(case):
    once = grafted(books()[case])
    assert grafted(grafted(once)) == grafted(once)
    assert len(grafted(once)) == len(once)


READ_BY_CALAMINE = [name for name in books() if name not in ("chart sheet", "utf-16 workbook")]


@pytest.mark.parametrize("case", READ_BY_CALAMINE)
def test_graft__values_read_back_equal(case):
    data = books()[case]
    before = CalamineWorkbook.from_filelike(io.BytesIO(data))
    after = CalamineWorkbook.from_filelike(io.BytesIO(grafted(data)))
    assert after.sheet_names == [*before.sheet_names, "漏斗分析", "校验结果"]
    for name in before.sheet_names:
        rows = before.get_sheet_by_name(name).to_python()
        assert after.get_sheet_by_name(name).to_python() == rows
    funnel = after.get_sheet_by_name("漏斗分析").to_python()
    assert funnel[1][:3] == ["funnel 第1行 <&>", 100.0, 1.0]
    assert funnel[3][2] == pytest.approx(1 / 3)


def test_graft__appends_in_order_with_fresh_ids():  # [1] [2]
    root = etree.fromstring(parts(grafted(user_book()))[WORKBOOK])
    sheets = [(s.get("name"), s.get("sheetId")) for s in root.iter(f"{{{MAIN}}}sheet")]
    assert sheets == [("线索跟踪", "1"), ("说明", "2"), ("漏斗分析", "3"), ("校验结果", "4")]


def test_graft__replaces_in_place():  # [2]
    data = grafted(user_book())
    renamed = changed(
        data,
        {
            WORKBOOK: lambda d: _move_first(
                d.decode()
                .replace('name="漏斗分析"', 'name="我的漏斗"')
                .replace("漏斗分析!", "我的漏斗!")
            ).encode()
        },
    )
    before = etree.fromstring(parts(renamed)[WORKBOOK]).find(f"{{{MAIN}}}sheets")
    after = etree.fromstring(parts(grafted(renamed, count=5))[WORKBOOK]).find(f"{{{MAIN}}}sheets")
    assert before is not None
    assert after is not None
    assert etree.tostring(after, method="c14n") == etree.tostring(before, method="c14n")
    assert "第5行" in parts(grafted(renamed, count=5))["xl/worksheets/sheet3.xml"].decode()


def _move_first(workbook: str) -> str:
    """The tab 我的漏斗 dragged to the front: sheets and scopes as Excel saves them."""
    found = re.search(r'<sheet name="我的漏斗"[^>]*/>', workbook)
    assert found
    text = workbook.replace(found[0], "").replace("<sheets>", f"<sheets>{found[0]}")
    order = {"0": "1", "1": "2", "2": "0", "3": "3"}
    return re.sub(r'localSheetId="(\d)"', lambda m: f'localSheetId="{order[m[1]]}"', text)


def test_graft__moved_tab_keeps_its_names():  # [21]
    data = grafted(user_book())
    moved_tab = changed(
        data, {WORKBOOK: lambda d: _move_first(d.decode().replace("漏斗分析", "我的漏斗")).encode()}
    )
    root = etree.fromstring(parts(grafted(moved_tab))[WORKBOOK])
    scopes = sorted(
        (name.get("name"), name.get("localSheetId")) for name in root.iter(f"{{{MAIN}}}definedName")
    )
    ours = [
        "_sheetcrm.cells",
        "_sheetcrm.rows",
        "_sheetcrm.tab",
        "_xlnm.Print_Titles",
        "_xlnm._FilterDatabase",
    ]
    assert scopes == sorted((name, index) for name in ours for index in ("0", "3"))


def test_graft__user_formula_to_our_tab_still_resolves():
    data = grafted(user_book())
    assert "漏斗分析" in part(data, WORKBOOK)
    user_formula = changed(data, {"xl/worksheets/sheet2.xml": put("SUM(C2:C3)", "漏斗分析!B2")})
    again = grafted(user_formula)
    assert "漏斗分析!B2" in part(again, "xl/worksheets/sheet2.xml")
    assert roles_in(again)["漏斗分析"].tab == "funnel"


def test_graft__tab_whose_relationship_was_lost_is_written_anew():
    data = changed(
        grafted(user_book()),
        {RELS: lambda d: re.sub(rb'<Relationship [^>]*worksheets/sheet3.xml"/>', b"", d)},
    )
    out = grafted(data)
    assert [sheet.part != "" for sheet in open_target(out).sheets] == [True] * 4
    assert roles_in(out)["漏斗分析"].tab == "funnel"


def test_graft__one_kind_leaves_the_other_alone():
    data = grafted(user_book())
    again = grafted(data, kinds=["findings"], count=6)
    before, after = parts(data), parts(again)
    assert before["xl/worksheets/sheet3.xml"] == after["xl/worksheets/sheet3.xml"]
    assert before["xl/worksheets/sheet4.xml"] != after["xl/worksheets/sheet4.xml"]


def test_graft__no_group_selection():  # [3]
    out = grafted(user_book())
    selected = [name for name, data in parts(out).items() if b"tabSelected" in data]
    assert selected == ["xl/worksheets/sheet1.xml"]


def test_graft__calculation_chain_goes_entirely():  # [4] [5]
    out = grafted(crowded_book())
    assert "xl/calcChain.xml" not in parts(out)
    assert "calcChain" not in part(out, TYPES)
    assert "calcChain" not in part(out, RELS)


def test_graft__names_element_at_its_place():  # [6]
    def extras(data: bytes) -> bytes:
        mc = "http://schemas.openxmlformats.org/markup-compatibility/2006"
        text = data.decode().replace(
            "<workbook ", f'<workbook xmlns:mc="{mc}" mc:Ignorable="x15" xmlns:x15="u:x15" ', 1
        )
        text = text.replace("<bookViews>", "<mc:AlternateContent/><bookViews>")
        return text.replace(
            "</workbook>", '<pivotCaches/><extLst><ext uri="a"/></extLst></workbook>'
        ).encode()

    root = etree.fromstring(parts(grafted(changed(user_book(), {WORKBOOK: extras})))[WORKBOOK])
    order = [etree.QName(item).localname for item in root]
    assert order == [
        "fileVersion",
        "workbookPr",
        "AlternateContent",
        "bookViews",
        "sheets",
        "definedNames",
        "calcPr",
        "pivotCaches",
        "extLst",
    ]
    assert root.nsmap["x15"] == "u:x15"  # [7]


def test_graft__prefixed_parts_stay_prefixed():  # [8]
    out = grafted(prefixed(user_book()))
    assert "<x:sheet " in part(out, WORKBOOK)
    assert "<sheet " not in part(out, WORKBOOK)
    assert "<ns0:Relationship " in part(out, RELS)
    assert "<x:xf " in part(out, STYLES)


def test_graft__styles_are_appended_once():  # [11]
    data = user_book()
    before = etree.fromstring(parts(data)[STYLES])
    after = etree.fromstring(parts(grafted(data))[STYLES])
    for pool in ("fonts", "fills", "borders", "cellXfs", "numFmts"):
        old = [_plain(item) for item in inside(before, pool)]
        new = [_plain(item) for item in inside(after, pool)]
        assert new[: len(old)] == old
        assert len(set(new)) == len(new)
        assert inside(after, pool).get("count") == str(len(new))


def _plain(item: etree._Element) -> bytes:
    return etree.tostring(item, method="c14n", exclusive=True)


def test_graft__differential_formats_point_at_ours():  # [13]
    out = parts(grafted(user_book()))
    styles = etree.fromstring(out[STYLES])
    dxfs = styles.findall(f".//{{{MAIN}}}dxf")
    rule = re.search(r'dxfId="(\d+)"', out["xl/worksheets/sheet3.xml"].decode())
    assert rule
    assert b"FFFFC7CE" in etree.tostring(dxfs[int(rule[1])])
    code = inside(dxfs[int(rule[1])], "numFmt")
    codes = {f.get("numFmtId"): f.get("formatCode") for f in styles.iter(f"{{{MAIN}}}numFmt")}
    assert codes[code.get("numFmtId")] == '0.0"分"'


def test_graft__free_part_names():  # [15]
    out = grafted(books()["dangling sheet3"])
    assert "xl/worksheets/sheet3.xml" not in parts(out)
    assert {"xl/worksheets/sheet4.xml", "xl/charts/chart2.xml"} <= set(parts(out))


def test_graft__undefined_relationship_ids_stay_undefined():
    data = changed(
        user_book(),
        {
            WORKBOOK: put(
                "<calcPr",
                '<externalReferences><externalReference r:id="rId6"/></externalReferences><calcPr',
            )
        },
    )
    root = etree.fromstring(parts(grafted(data))[RELS])
    assert "rId6" not in [item.get("Id") for item in root]


def test_graft__new_parts_have_content_types():  # [18] [19]
    out = part(grafted(books()["libreoffice types"]), TYPES)
    assert 'Extension="rels"' in out
    for name in ("worksheets/sheet3.xml", "drawings/drawing2.xml", "charts/chart2.xml"):
        assert f'PartName="/xl/{name}"' in out


def test_graft__macro_type_stays():  # [35]
    out = grafted(books()["macros"])
    assert "sheet.macroEnabled.main+xml" in part(out, TYPES)


def test_graft__inline_strings_and_cached_values():  # [22] [23]
    sheet = part(grafted(user_book()), "xl/worksheets/sheet3.xml")
    assert 't="s"' not in sheet
    assert 't="inlineStr"><is><t>funnel 第1行 &lt;&amp;&gt;</t></is>' in sheet
    assert re.search(r"<f>IF\(B2=0,0,B4/'漏斗分析'!\$B\$2\)</f><v>0\.333", sheet)
    assert "fullCalcOnLoad" in part(user_book(), WORKBOOK)  # XlsxWriter's own habit, left alone


def test_graft__calculation_properties_stay():
    data = changed(user_book(), {WORKBOOK: put(' fullCalcOnLoad="1"', ' calcMode="manual"')})
    assert '<calcPr calcId="124519" calcMode="manual"/>' in part(grafted(data), WORKBOOK)


def test_graft__sheet_features_come_along():  # [25]
    sheet = part(grafted(user_book()), "xl/worksheets/sheet3.xml")
    root = etree.fromstring(sheet.encode())
    tags = {etree.QName(item).localname for item in root}
    assert {"sheetProtection", "autoFilter", "dataValidations", "hyperlinks", "drawing"} <= tags
    bars = set(re.findall(r"<x14:id>({[^}]*})", sheet))
    assert bars
    assert bars == set(re.findall(r'<x14:cfRule type="dataBar" id="({[^}]*})"', sheet))
    links = part(grafted(user_book()), "xl/worksheets/_rels/sheet3.xml.rels")
    assert 'Target="https://example.com/" TargetMode="External"' in links
    assert 'Target="../drawings/drawing2.xml"' in links


def test_graft__source_properties_and_theme_stay_out():  # [20]
    data = crowded_book()
    before, after = parts(data), parts(grafted(data))
    for name in ("docProps/app.xml", "docProps/core.xml", "xl/theme/theme1.xml"):
        assert before[name] == after[name]
    assert before["xl/sharedStrings.xml"] == after["xl/sharedStrings.xml"]


def test_graft__user_names_keep_their_scope():  # [21] [40]
    names = (
        '<definedNames><definedName name="合计" localSheetId="1">说明!$C$4</definedName>'
        '<definedName name="全部">线索跟踪!$A$1</definedName></definedNames>'
    )
    data = changed(user_book(), {WORKBOOK: put("</sheets>", f"</sheets>{names}")})
    root = etree.fromstring(parts(grafted(grafted(data)))[WORKBOOK])
    found = [(n.get("name"), n.get("localSheetId")) for n in root.iter(f"{{{MAIN}}}definedName")]
    assert found[:2] == [("合计", "1"), ("全部", None)]
    assert len(set(found)) == len(found)


@pytest.mark.parametrize("date_1904", [True, False])
def test_graft__dates_show_the_same_day(date_1904):
    out = grafted(user_book(date_1904=date_1904))
    book = CalamineWorkbook.from_filelike(io.BytesIO(out))
    assert [str(row[3]) for row in book.get_sheet_by_name("漏斗分析").to_python()[1:4]] == [
        "2024-06-01",
        "2024-06-02",
        "2024-06-03",
    ]


def test_graft__utf16_sheet_of_the_user_stays_as_it_is():
    data = changed(user_book(), {"xl/worksheets/sheet2.xml": utf16})
    assert parts(grafted(data))["xl/worksheets/sheet2.xml"].startswith(b"\xff\xfe")


def test_graft__backslash_names_keep_their_spelling():
    data = zipped(
        [(name.replace("/", "\\"), content) for name, content in parts(user_book()).items()]
    )
    names = [entry.orig_filename for entry in RawZip(grafted(data)).entries]
    assert "xl\\workbook.xml" in names
    assert "xl/worksheets/sheet3.xml" in names


# names


@pytest.mark.parametrize(
    ("sheets", "title", "expected"),
    [
        (["甲"], "漏斗分析", "漏斗分析"),
        (["漏斗分析"], "漏斗分析", "漏斗分析 (2)"),
        (["FUNNEL", "funnel (2)"], "Funnel", "Funnel (3)"),
        (["甲", "甲 (2)", "甲 (3)", "甲 (4)"], "甲", "甲 (5)"),
        (["甲" * 31], "甲" * 40, "甲" * 27 + " (2)"),
        (["乙"], "😀" * 20, "😀" * 15),
    ],
)
def test_plan_names__free_and_short(sheets, title, expected):
    target = open_target(user_book(sheets))
    assert plan_names(target, {"funnel": title}) == {"funnel": expected}


def test_plan_names__two_new_tabs_of_one_title():
    target = open_target(user_book())
    assert plan_names(target, {"a": "汇总", "b": "汇总"}) == {"a": "汇总", "b": "汇总 (2)"}


def test_graft__tab_built_under_another_name_is_renamed_throughout():
    target = open_target(user_book(["漏斗分析"]))
    made = our_tabs({"funnel": "漏斗分析"})
    out = graft(target, [TabSpec("funnel", "漏斗分析")], Built(made))
    assert list(roles_in(out)) == ["漏斗分析", "漏斗分析 (2)"]
    sheet = part(out, "xl/worksheets/sheet2.xml")
    assert "IF(B2=0,0,B2/'漏斗分析 (2)'!$B$2)" in sheet
    assert "location=\"'漏斗分析 (2)'!A1\"" in sheet
    assert "'漏斗分析 (2)'!$B$2:$B$4" in part(out, "xl/charts/chart2.xml")
    assert "'漏斗分析 (2)'!$1:$1</definedName>" in part(out, WORKBOOK)
    assert opclint.faults(out) == []


# a tab the user copied


def copied_tab(data: bytes, sheet_id: str, *, in_front: bool) -> bytes:
    """The workbook after Excel's “move or copy”: part, markers and all, under a new name."""
    workbook = etree.fromstring(parts(data)[WORKBOOK])
    sheets = inside(workbook, "sheets")
    names = inside(workbook, "definedNames")
    copy = etree.SubElement(sheets, f"{{{MAIN}}}sheet")
    copy.set("name", "漏斗分析 (2)")
    copy.set("sheetId", sheet_id)
    copy.set(f"{{{OFFICE}}}id", "rId77")
    place = len(sheets) - 1
    if in_front:
        sheets.insert(0, copy)
        for name in names:
            name.set("localSheetId", str(int(name.get("localSheetId") or "") + 1))
        place = 0
    original = "3" if in_front else "2"
    for name in [
        n
        for n in names
        if n.get("localSheetId") == original and "_sheetcrm" in (n.get("name") or "")
    ]:
        twin = etree.SubElement(names, name.tag)
        twin.set("name", name.get("name") or "")
        twin.set("localSheetId", str(place))
        twin.text = name.text
    sheet = parts(data)["xl/worksheets/sheet3.xml"]
    sheet = re.sub(rb"<hyperlinks>.*?</hyperlinks>|<drawing[^>]*/>", b"", sheet, flags=re.DOTALL)
    return changed(
        data,
        {
            WORKBOOK: etree.tostring(workbook),
            RELS: relationship("rId77", "worksheet", "worksheets/sheet9.xml"),
            TYPES: override("xl/worksheets/sheet9.xml", f"{SPREADSHEET}.worksheet+xml"),
            "xl/worksheets/sheet9.xml": sheet,
        },
    )


@pytest.mark.parametrize("in_front", [True, False], ids=["in front", "behind"])
def test_graft__copied_tab_is_the_users(in_front):
    data = copied_tab(grafted(user_book()), "9", in_front=in_front)
    assert opclint.faults(data) == []
    assert roles_in(data)["漏斗分析 (2)"].tab == ""
    out = grafted(data, count=5)
    assert parts(out)["xl/worksheets/sheet9.xml"] == parts(data)["xl/worksheets/sheet9.xml"]
    assert "第5行" in part(out, "xl/worksheets/sheet3.xml")
    assert part(out, WORKBOOK).count("funnel|2|") == 1
    assert opclint.faults(out) == []


# what cannot be carried, and what must not be lost


@pytest.mark.parametrize(
    ("kind", "word"), [("pivotTable", "数据透视表"), ("slicer", "切片器"), ("table", "超级表")]
)
def test_graft__user_objects_on_our_tab_are_not_lost(kind, word):
    data = changed(
        grafted(user_book()),
        {"xl/worksheets/_rels/sheet3.xml.rels": relationship("rId50", kind, "../x/x1.xml")},
    )
    with pytest.raises(FileProblem, match=word):
        grafted(data)


def test_graft__shared_picture_survives_replacing():
    """A part that our old tab and a user's sheet both reach stays."""
    data = grafted(user_book())
    data = changed(
        data,
        {
            "xl/media/image1.png": b"\x89PNG",
            "xl/worksheets/_rels/sheet3.xml.rels": relationship(
                "rId50", "image", "../media/image1.png"
            ),
            "xl/worksheets/_rels/sheet1.xml.rels": relationship(
                "rId50", "image", "../media/image1.png"
            ),
            TYPES: put("<Override", '<Default Extension="png" ContentType="image/png"/><Override'),
        },
    )
    assert parts(grafted(data))["xl/media/image1.png"] == b"\x89PNG"


def test_graft__tables_comments_and_spills_are_refused():
    target = open_target(user_book())
    made = changed(
        our_tabs({"funnel": "漏斗分析"}),
        {
            "xl/worksheets/_rels/sheet1.xml.rels": relationship(
                "rId50", "table", "../tables/table1.xml"
            )
        },
    )
    with pytest.raises(ValueError, match="table"):
        graft(target, [TabSpec("funnel", "漏斗分析")], Built(made))


@pytest.mark.parametrize(
    "tabs",
    [
        [],
        [TabSpec("funnel", "别的")],
        [TabSpec("funnel", "漏斗分析"), TabSpec("funnel", "校验结果")],
    ],
)
def test_graft__tabs_must_fit_the_made_workbook(tabs):
    made = our_tabs({"funnel": "漏斗分析", "findings": "校验结果"})
    with pytest.raises(ValueError, match="tab"):
        graft(open_target(user_book()), tabs, Built(made))


def test_graft__format_limit_is_a_sentence(monkeypatch):
    monkeypatch.setattr("sheetcrm.book.styles.LARGEST_FORMAT_COUNT", 2)
    with pytest.raises(FileProblem, match="格式"):
        grafted(user_book())


# names for the whole workbook


def with_list(name: str = "设置", text: str = "$A$2:$A$4") -> bytes:
    made = our_tabs({"settings": name})
    return changed(
        made,
        {
            WORKBOOK: put(
                "</definedNames>",
                f'<definedName name="来源列表">{name}!{text}</definedName></definedNames>',
            )
        },
    )


def test_graft__global_names_come_along_and_are_kept_up():
    once = graft(open_target(user_book()), [TabSpec("settings", "设置")], Built(with_list()))
    assert '<definedName name="来源列表">设置!$A$2:$A$4</definedName>' in part(once, WORKBOOK)
    longer = with_list(text="$A$2:$A$9")
    twice = graft(open_target(once), [TabSpec("settings", "设置")], Built(longer))
    assert part(twice, WORKBOOK).count("来源列表") == 1
    assert '<definedName name="来源列表">设置!$A$2:$A$9</definedName>' in part(twice, WORKBOOK)


def test_graft__global_names_follow_a_renamed_tab():
    target = open_target(user_book(["设置"]))
    out = graft(target, [TabSpec("settings", "设置")], Built(with_list()))
    assert "<definedName name=\"来源列表\">'设置 (2)'!$A$2:$A$4</definedName>" in part(
        out, WORKBOOK
    )


def test_graft__taken_global_name_is_refused():
    mine = '<definedNames><definedName name="来源列表">说明!$A$1</definedName></definedNames>'
    target = open_target(changed(user_book(), {WORKBOOK: put("</sheets>", f"</sheets>{mine}")}))
    with pytest.raises(FileProblem, match="来源列表"):
        graft(target, [TabSpec("settings", "设置")], Built(with_list()))


def test_graft__global_name_like_a_table_is_refused():
    data = changed(
        user_book(),
        {
            "xl/tables/table1.xml": f'<table xmlns="{MAIN}" displayName="来源列表"/>'.encode(),
            TYPES: override("xl/tables/table1.xml", f"{SPREADSHEET}.table+xml"),
        },
    )
    with pytest.raises(FileProblem, match="来源列表"):
        graft(open_target(data), [TabSpec("settings", "设置")], Built(with_list()))
