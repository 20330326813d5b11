"""Taking our tabs out again: every position counted over the sheets moves along."""

import pytest
from lxml import etree

from sheetcrm.book.removal import drop_tabs
from sheetcrm.book.target import open_target
from sheetcrm.book.xmlpart import MAIN
from sheetcrm.errors import FileProblem
from tests.book import opclint
from tests.book.fixtures import both, changed, grafted, parts, put, roles_in, user_book

WORKBOOK = "xl/workbook.xml"


def scopes(data: bytes) -> list[tuple[str, str]]:
    root = etree.fromstring(parts(data)[WORKBOOK])
    names = root.iter(f"{{{MAIN}}}definedName")
    return sorted((name.get("name") or "", name.get("localSheetId") or "") for name in names)


def test_drop_tabs__the_rest_is_renumbered():
    data = changed(
        grafted(user_book()),
        {WORKBOOK: put("<workbookView", '<workbookView activeTab="3" firstSheet="2"')},
    )
    out = drop_tabs(open_target(data), ["funnel"])
    assert list(roles_in(out)) == ["线索跟踪", "说明", "校验结果"]
    assert {scope for _, scope in scopes(out)} == {"2"}
    assert roles_in(out)["校验结果"].tab == "findings"
    assert b'activeTab="2" firstSheet="2"' in parts(out)[WORKBOOK]
    assert opclint.faults(out) == []


def test_drop_tabs__active_tab_itself():
    data = changed(
        grafted(user_book()), {WORKBOOK: put("<workbookView", '<workbookView activeTab="3"')}
    )
    out = drop_tabs(open_target(data), ["findings", "funnel"])
    assert b'activeTab="1"' in parts(out)[WORKBOOK]
    assert opclint.faults(out) == []


def test_drop_tabs__saved_views_show_another_sheet():
    views = (
        '<customWorkbookViews><customWorkbookView name="a" activeSheetId="3"/>'
        '<customWorkbookView name="b" activeSheetId="2"/></customWorkbookViews></workbook>'
    )
    data = changed(grafted(user_book()), {WORKBOOK: put("</workbook>", views)})
    out = parts(drop_tabs(open_target(data), ["funnel"]))[WORKBOOK]
    assert b'name="a" activeSheetId="1"' in out
    assert b'name="b" activeSheetId="2"' in out


def test_drop_tabs__leaves_the_users_parts():
    data = user_book()
    out = drop_tabs(open_target(grafted(data)), ["funnel", "findings"])
    before, after = parts(data), parts(out)
    assert set(before) == set(after)
    shared = {"[Content_Types].xml", WORKBOOK, "xl/_rels/workbook.xml.rels", "xl/styles.xml"}
    assert {name for name in before if before[name] != after[name]} <= shared


def test_drop_tabs__unknown_kind_changes_nothing():
    data = grafted(user_book())
    assert parts(drop_tabs(open_target(data), ["team"])) == parts(data)


def test_drop_tabs__twice_is_once():
    once = drop_tabs(open_target(grafted(user_book())), ["funnel"])
    assert drop_tabs(open_target(once), ["funnel"]) == once


@pytest.mark.parametrize(
    "formula",
    ["漏斗分析!B2", "'漏斗分析'!B2", "SUM(说明:漏斗分析!B2)", "SUM('漏斗分析:校验结果'!B2)"],
)
def test_drop_tabs__refuses_while_formulas_refer_to_it(formula):
    data = changed(grafted(user_book()), {"xl/worksheets/sheet2.xml": put("SUM(C2:C3)", formula)})
    with pytest.raises(FileProblem, match="漏斗分析"):
        drop_tabs(open_target(data), ["funnel"])


def test_drop_tabs__refuses_while_a_formula_spells_its_name_by_codes():
    spelt = "漏斗分析!B2".encode("ascii", "xmlcharrefreplace").decode()
    data = changed(grafted(user_book()), {"xl/worksheets/sheet2.xml": put("SUM(C2:C3)", spelt)})
    with pytest.raises(FileProblem, match="漏斗分析"):
        drop_tabs(open_target(data), ["funnel"])


def test_drop_tabs__text_that_only_looks_like_a_reference():
    data = changed(
        grafted(user_book()), {"xl/worksheets/sheet2.xml": put("SUM(C2:C3)", '"漏斗分析!B2"')}
    )
    assert "漏斗分析" not in roles_in(drop_tabs(open_target(data), ["funnel"]))


def test_drop_tabs__refuses_to_leave_nothing_visible():
    hide = both(
        put('name="线索跟踪"', 'name="线索跟踪" state="hidden"'),
        put('name="说明"', 'name="说明" state="hidden"'),
    )
    data = changed(grafted(user_book()), {WORKBOOK: hide})
    with pytest.raises(FileProblem, match="可见"):
        drop_tabs(open_target(data), ["funnel", "findings"])
