import re
import zipfile
from io import BytesIO

import pytest

from sheetcrm.metrics.results import Change, Reasons, ReasonShare
from sheetcrm.table import RawBook
from sheetcrm.tabs.funnel import change_text, reason_text
from tests.recalc import formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, documents_example, find, shown, with_tabs


@pytest.fixture(scope="module")
def example() -> Made:
    return with_tabs(RawBook("例子.xlsx", "0" * 64, (documents_example(),)), kit="opportunity")


def funnel_rows(book: Made, columns: tuple[int, ...]) -> list[list[object]]:
    rows = shown(book.data, book.names["funnel"])
    first = find(rows, "阶段") + 1
    return [[row[i] for i in columns] for row in rows[first : find(rows, "合计")]]


def test_funnel__documents_example(example):
    """100 线索 → 30 意向 → 10 商机 → 5 成交: 30 %, 33.3 %, 50 %."""
    found = [row for row in funnel_rows(example, (0, 1, 5, 6)) if row[0] != "报价"]
    assert [row[:2] for row in found] == [["线索", 100], ["意向", 30], ["商机", 10], ["成交", 5]]
    assert found[1][2:] == [pytest.approx(0.3), pytest.approx(0.7)]
    assert found[2][2:] == [pytest.approx(1 / 3), pytest.approx(2 / 3)]


def test_funnel__current_is_no_rate_and_adds_up_with_the_lost(example):
    rows = shown(example.data, example.names["funnel"])
    total = rows[find(rows, "合计")]
    assert "不是转化率" in str(rows[find(rows, "阶段")][9])
    assert total[9] == example.summary.population.open + example.summary.population.won


def test_funnel__reached_numbers_link_to_exactly_their_rows(example):
    """The rows behind a number are the cells its link selects, no more and no less."""
    rows = shown(example.data, example.names["funnel"])
    targets = links(example.data, example.names["funnel"])
    for number, stage in enumerate(example.summary.funnel):
        cell = f"B{find(rows, '阶段') + 2 + number}"
        first, last = map(int, re.findall(r"\d+", targets[cell]))
        block = rows[first - 1 : last]
        assert len(block) == stage.reached
        assert all(row[6] >= stage.position + 1 for row in block)


def test_funnel__every_row_of_the_list_links_to_its_row(example):
    rows = shown(example.data, example.names["funnel"])
    targets = links(example.data, example.names["funnel"])
    top = find(rows, "客户名称") + 1
    assert len(rows) - top == 100
    for index in (top, len(rows) - 1):
        row = re.search(r"第(\d+)行", str(rows[index][11]))
        assert row is not None
        assert targets[f"L{index + 1}"] == f"'线索跟踪'!A{row[1]}"


def test_funnel__dirty_cells_give_a_value_and_say_so():
    book = with_tabs(
        raw_book(
            sheet("""
            线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 预计成交金额
            L1 | 甲公司 | 官网 | 线索  | 张三 | 2024-05-01 | 10000
            L2 | 乙公司 | 官网 | '线索 ' | 张三 | 2024-05-01 | '5万'
            """)
        ),
        kit="opportunity",
    )
    rows = shown(book.data, book.names["funnel"])
    row = find(rows, "线索")
    places = {cell for name, cell in formulas(book.data) if name == book.names["funnel"]}
    assert rows[row][9:11] == [2, 60000]
    assert not {f"J{row + 1}", f"K{row + 1}"} & places
    assert f"B{row + 1}" in places
    assert "格待修正" in str(rows[row][11])


def test_funnel__empty_book_has_a_tab_that_says_so():
    book = with_tabs(raw_book(sheet("线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人")))
    rows = shown(book.data, book.names["funnel"])
    assert rows[5][:4] == [0, 0, 0, 0]


def test_funnel__same_input_gives_the_same_bytes(example):
    again = with_tabs(RawBook("例子.xlsx", "0" * 64, (documents_example(),)), kit="opportunity")
    assert again.data == example.data


@pytest.mark.parametrize(
    ("current", "previous", "text"),
    [(28, 25, "+12.0%\n（28/25）"), (0, 0, "—\n（0/0）"), (5, 10, "-50.0%\n（5/10）")],
)
def test_change_text__shows_both_counts(current, previous, text):
    assert change_text(Change(30, current, previous)) == text


def test_reason_text__top_three_and_those_without_a_reason():
    items = tuple(
        ReasonShare(name, count, count / 10)
        for name, count in zip("甲乙丙丁", (4, 3, 2, 1), strict=True)
    )
    assert reason_text(Reasons(12, 2, items)) == "甲 4（40%）、乙 3（30%）、丙 2（20%）、缺原因 2"
    assert reason_text(Reasons(0, 0, ())) == "—"


def links(data: bytes, sheet_name: str) -> dict[str, str]:
    """Return the internal links of a sheet by cell, sheet names of the own sheet left out."""
    with zipfile.ZipFile(BytesIO(data)) as package:
        book = package.read("xl/workbook.xml").decode()
        found = re.search(rf'<sheet [^>]*name="{sheet_name}"[^>]*r:id="([^"]+)"', book)
        assert found is not None
        relations = package.read("xl/_rels/workbook.xml.rels").decode()
        item = next(
            r for r in re.findall(r"<Relationship [^>]+>", relations) if f'"{found[1]}"' in r
        )
        part = re.search(r'Target="([^"]+)"', item)
        assert part is not None
        xml = package.read("xl/" + part[1].removeprefix("/xl/")).decode()
    pairs = re.findall(r'<hyperlink ref="([A-Z]+\d+)" location="([^"]+)"', xml)
    own = f"'{sheet_name}'!"
    return {cell: target.replace("&apos;", "'").removeprefix(own) for cell, target in pairs}
