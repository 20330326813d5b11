"""What is said of whole sheets: one that is missing, hidden rows, formulas without a result."""

from dataclasses import replace
from datetime import date

import pytest

from sheetcrm.book.markers import Role, add_markers
from sheetcrm.book.parse import parse
from sheetcrm.kit.load import load_kit
from sheetcrm.kit.recognise import recognise
from sheetcrm.table import RawBook
from sheetcrm.tabs.workbook import build_workbook
from tests.tables import recognised, sheet

LEADS = """
线索编号 | 客户名称 | 负责人 | 线索状态 | 联系方式
L1 | 明禾机械 | 甲 | 线索 | '13800131001'
L2 | 东方物流 | 甲 | 意向 | '13800131002'
"""


def found(book: RawBook) -> list[tuple[str, str]]:
    return [(f.code, f.severity) for f in recognise(book, load_kit()).findings]


@pytest.fixture(scope="module")
def generated() -> RawBook:
    made = build_workbook(load_kit().with_tables(("lead", "follow_up")), 5, date(2026, 6, 30))
    roles = {name: Role(*role) for name, role in made.roles.items()}
    return parse(add_markers(made.data, roles), "自己的.xlsx")


@pytest.mark.parametrize(("lost", "severity"), [("线索跟踪", "error"), ("跟进记录", "warning")])
def test_recognise__a_sheet_the_book_describes_is_gone(generated, lost, severity):
    rest = tuple(s for s in generated.sheets if s.name != lost)
    assert ("SHT-01", severity) in found(replace(generated, sheets=rest))


def test_recognise__all_sheets_there_is_no_finding(generated):
    assert found(generated) == []


def test_recognise__hidden_rows_are_mentioned():
    hidden = replace(sheet(LEADS), hidden_rows=frozenset({3}))
    assert ("SHT-04", "A1") in [(f.code, f.cell) for f in recognised(hidden).findings]
    assert "SHT-04" not in [f.code for f in recognised(LEADS).findings]


def test_recognise__formulas_without_a_result_are_mentioned_at_the_first():
    stale = replace(sheet(LEADS), uncalculated=("B2", "B3"))
    assert ("SHT-06", "B2") in [(f.code, f.cell) for f in recognised(stale).findings]
    assert "SHT-06" not in [f.code for f in recognised(LEADS).findings]
