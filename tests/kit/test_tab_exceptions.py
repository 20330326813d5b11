"""The 例外 tab: what is read from it, and what is said of lines that are not in order."""

from datetime import date

import pytest

from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.kit.tab_exceptions import (
    Exemption,
    exceptions_sheet,
    exemptions_block,
    read_exemptions,
)
from sheetcrm.table import RawSheet
from tests.tables import raw_book, sheet

CODES = {"REQ-05", "GRD-01", "我的规则 1"}
HEAD = "行编号|代码|原因|有效期至\n"


def tab(text: str, name: str = "例外") -> RawSheet:
    return sheet(HEAD + text, name)


def read(text: str) -> tuple[list[Exemption], list[str]]:
    lines, findings = read_exemptions(tab(text), CODES)
    return list(lines), [f"{f.cell} {f.code}" for f in findings]


def test_read__a_line_in_order():
    lines, said = read("线索-1|REQ-05|老客户|2024-12-31")
    assert said == []
    assert lines == [
        Exemption("线索-1", "REQ-05", "老客户", date(2024, 12, 31), "例外", 2, "A2", "D2")
    ]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("REQ-05 没有下次跟进计划", "REQ-05"),
        ("req-05", "REQ-05"),
        ("'ＲＥＱ-05 '", "REQ-05"),
        ("我的规则 1", "我的规则 1"),
    ],
)
def test_read__codes_as_people_write_them(text, code):
    lines, said = read(f"线索-1|{text}|老客户|")
    assert ([line.code for line in lines], said) == ([code], [])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("线索-1|REQ-05||", ["C2 EXC-01"]),
        ("线索-1|ABC-01|老客户|", ["B2 EXC-02"]),
        ("线索-1||老客户|", ["B2 EXC-02"]),
        ("线索-1|FIL-01|老客户|", ["B2 EXC-02"]),
        ("|REQ-05|老客户|", ["A2 EXC-03"]),
        ("线索-1|REQ-05|老客户|年底", ["D2 EXC-04"]),
        ("线索-1|ABC||年底", ["B2 EXC-02", "C2 EXC-01", "D2 EXC-04"]),
    ],
)
def test_read__a_line_that_is_not_in_order_is_not_used(text, said):
    assert read(text) == ([], said)


def test_read__text_dates_and_blank_ones():
    lines, _ = read("线索-1|REQ-05|a|'2024年12月31日'\n线索-2|REQ-05|b|")
    assert [line.until for line in lines] == [date(2024, 12, 31), None]


def test_sheet__of_a_guest_by_name_and_headings():
    book = raw_book("编号|客户名称", tab("线索-1|REQ-05|a|"))
    found = exceptions_sheet(book)
    assert found is not None
    assert found.name == "例外"
    assert exceptions_sheet(raw_book(tab("线索-1|REQ-05|a|", "别的"))) is None
    assert exceptions_sheet(raw_book(sheet("日期|说明\n1|2", "例外"))) is None


def test_recognise__a_guests_sheet_is_read_and_is_no_table():
    leads = sheet("线索编号|客户名称|联系方式|线索状态|负责人\n线索-1|明禾|'13800131001'|线索|甲")
    found = recognise(raw_book(leads, tab("线索-1|REQ-05|a|")), load_kit())
    assert [line.code for line in found.exemptions] == ["REQ-05"]
    assert list(found.tables) == ["lead"]


def test_block__offers_every_rule_of_the_kit():
    kit = load_kit()
    offered = exemptions_block(kit).choices["代码"]
    assert {text.split()[0] for text in offered} == {rule.code for rule in kit.rules}
