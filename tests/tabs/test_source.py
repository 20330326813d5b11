import pytest

from sheetcrm.clean import CleanBook
from sheetcrm.table import RawBook
from sheetcrm.tabs.source import Source, Target, files_places, lead_source
from tests.tables import raw_book, sheet
from tests.tabs.summaries import prepared

HEAD = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 预计成交金额（万元）"


def source(text: str, above: int = 0) -> Source:
    raw: RawBook = raw_book(sheet(text, above=above))
    book: CleanBook = prepared(raw)[0]
    return lead_source(raw.sheets, book.tables["lead"])


def test_ranges__reach_below_the_last_row_when_nothing_stands_there():
    found = source(f"{HEAD}\nL1 | 甲公司 | 官网 | 意向 | 张三 | 2024-06-01 | 1", above=3)
    assert found.sheets[0]["company"].address == "'线索跟踪'!$B$5:$B$1000"
    assert found.anchor == "company"


def test_ranges__stop_above_whatever_stands_below():
    text = f"{HEAD}\nL1 | 甲公司 | 官网 | 意向 | 张三 | 2024-06-01 | 1\n合计 | | | | | | 1"
    assert source(text).sheets[0]["company"].address == "'线索跟踪'!$B$2"


@pytest.mark.parametrize(
    ("cell", "key", "dirty"),
    [
        ("官网", "source", 0),
        ("'官网 '", "source", 1),
        ("2024-06-01", "acquired_on", 0),
        ("'2024年6月1日'", "acquired_on", 1),
        ("5", "expected_amount", 0),
        ("'5万'", "expected_amount", 1),
    ],
)
def test_dirty__counts_cells_excel_reads_otherwise(cell, key, dirty):
    cells = {"source": "展会", "acquired_on": "2024-05-01", "expected_amount": "1", key: cell}
    row = f"L1 | 甲公司 | {cells['source']} | 意向 | 张三 | {cells['acquired_on']}"
    found = source(f"{HEAD}\n{row} | {cells['expected_amount']}")
    assert found.sheets[0][key].dirty == dirty


def test_factor__amounts_in_ten_thousands():
    text = f"{HEAD}\nL1 | 甲公司 | 官网 | 意向 | 张三 | 2024-06-01 | 1"
    assert source(text).sheets[0]["expected_amount"].factor == 10_000


def test_places__links_to_files_are_relative_and_unknown_files_have_none():
    places = files_places({"甲.xlsx": "数据/甲.xlsx"})
    assert places.cell("甲.xlsx", "线索", "B5") == Target("线索", "B5", "数据/甲.xlsx")
    assert places.cell("乙.xlsx", "线索", "B5") is None
    assert places.cell("甲.xlsx", "", "") is None
