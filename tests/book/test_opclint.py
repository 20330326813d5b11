"""The lint that other tests rely on notices planted faults."""

import pytest

from sheetcrm.book.xmlpart import MAIN
from sheetcrm.book.xmlpart import OFFICE_RELATIONSHIPS as OFFICE
from tests.book import opclint
from tests.book.fixtures import (
    Change,
    changed,
    crowded_book,
    grafted,
    override,
    parts,
    put,
    relationship,
    user_book,
    zipped,
)

WORKBOOK, RELS, TYPES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "[Content_Types].xml"
STYLES, SHEET = "xl/styles.xml", "xl/worksheets/sheet3.xml"
DRAWING = "xl/drawings/drawing2.xml"

FAULTS: dict[str, tuple[dict[str, Change], str]] = {
    "two entries": ({}, "two entries"),
    "sheet name twice": ({WORKBOOK: put('name="说明"', 'name="线索跟踪"')}, "sheet name twice"),
    "bad sheet name": ({WORKBOOK: put('name="说明"', 'name="a/b"')}, "bad sheet name"),
    "sheetId twice": ({WORKBOOK: put('sheetId="2"', 'sheetId="1"')}, "sheetId twice"),
    "one part twice": ({RELS: put("sheet2.xml", "sheet1.xml")}, "sheet part twice"),
    "scope": ({WORKBOOK: put('localSheetId="3"', 'localSheetId="9"')}, "name of no sheet"),
    "name twice": ({WORKBOOK: put("_sheetcrm.rows", "_sheetcrm.tab")}, "defined name twice"),
    "active tab": ({WORKBOOK: put("<workbookView", '<workbookView activeTab="7"')}, "activeTab"),
    "order": ({WORKBOOK: put("<workbookPr", "<calcPr/><workbookPr")}, "out of order"),
    "no rels": ({"xl/worksheets/_rels/sheet3.xml.rels": None}, "undefined relationship"),
    "dangling": ({RELS: relationship("rId40", "theme", "no.xml")}, "dangling"),
    "override": ({TYPES: override("xl/no.xml", "a/b")}, "Override without part"),
    "no type": ({"xl/neu.abc": b"x"}, "no content type"),
    "wrong type": ({TYPES: put("drawingml.chart+xml", "drawing+xml")}, "content type of"),
    "style count": ({STYLES: put('<fonts count="', '<fonts count="9')}, "count of fonts"),
    "font": ({STYLES: put('fontId="1"', 'fontId="99"')}, "fontId out of range"),
    "cell format": ({SHEET: put(' s="', ' s="99')}, "cell format"),
    "dxf": ({SHEET: put('dxfId="', 'dxfId="99')}, "dxfId"),
    "data bar": ({SHEET: put("<x14:id>{D", "<x14:id>{E")}, "data bar"),
    "sheet order": ({SHEET: put("<sheetViews>", "<cols/><sheetViews>")}, "out of order"),
    "cells": ({SHEET: put('<c r="A2"', '<c r="A1"')}, "not ascending"),
    "formula": ({SHEET: put("<f>IF", "<f>=IF")}, "begins with ="),
    "selected": (
        {"xl/worksheets/sheet2.xml": put("<sheetView ", '<sheetView tabSelected="1" ')},
        "sheets selected",
    ),
    "shape id": (
        {DRAWING: put("</xdr:wsDr>", '<a:cNvPr xmlns:a="a" id="2"/></xdr:wsDr>')},
        "shape id",
    ),
    "not xml": ({SHEET: put("</worksheet>", "")}, "not well-formed"),
}


@pytest.mark.parametrize("case", list(FAULTS))
def test_faults__notices(case):
    change, expected = FAULTS[case]
    data = grafted(user_book())
    if case == "two entries":
        data = zipped([*parts(data).items(), (STYLES, b"<a/>")])
    found = opclint.faults(changed(data, change) if change else data)
    assert any(expected in fault for fault in found), found


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"xl/calcChain.xml": put('i="1"', 'i="8"')}, "calcChain of no sheet"),
        ({"xl/calcChain.xml": put('r="C4"', 'r="C3"')}, "calcChain without formula"),
        ({RELS: put(f"{OFFICE}/calcChain", f"{OFFICE}/other")}, "calcChain without relationship"),
    ],
)
def test_faults__calculation_chain(change, expected):
    found = opclint.faults(changed(crowded_book(), change))
    assert any(expected in fault for fault in found), found


def test_faults__none_in_good_books():
    table = f'<table xmlns="{MAIN}" id="1" displayName="a"/>'.encode()
    types = override("xl/tables/table1.xml", "a/b")
    data = changed(user_book(), {"xl/tables/table1.xml": table, TYPES: types})
    assert opclint.faults(data) == []
    assert opclint.faults(crowded_book()) == []
