"""仪表盘: its figures are those of the rows, and follow them."""

import zipfile
from io import BytesIO

import pytest

from sheetcrm.table import RawBook
from tests.recalc import assert_recalculates, formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, documents_example, shown, team_book, with_tabs

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 最后跟进时间 | 下次跟进时间 | 预计成交金额 | 实际成交金额 | 成交时间
L1 | 甲 | 官网 | 成交 | 张三 | 2024-05-01 | 2024-06-20 |            | 300000 | 300000 | 2024-06-20
L2 | 乙 | 官网 | 成交 | 李四 | 2024-05-02 | 2024-06-21 |            | 100000 | 100000 | 2024-06-21
L3 | 丙 | 展会 | 成交 | 李四 | 2024-04-02 | 2024-05-21 |            | 900000 | 900000 | 2024-05-21
L4 | 丁 | 展会 | 意向 | 李四 | 2024-06-20 | 2024-06-21 | 2024-06-25 | 50000  |        |
L5 | 戊 | 展会 | 意向 | 张三 | 2024-06-28 | 2024-06-29 | 2024-07-05 | 50000  |        |
L6 | 己 | 展会 | 流失 | 张三 | 2024-06-03 | 2024-06-05 |            | 50000  |        |
"""  # noqa: E501
TARGETS = """
月份 | 负责人 | 团队 | 销售额目标
2024-06-01 | 张三 | 一部 | 200000
2024-06-01 | 李四 | 一部 | 300000
"""
_TILES = (0, 2, 4, 6, 8, 10)


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw_book(sheet(LEADS), sheet(TARGETS, "业绩目标")))


def rows_of(made: Made) -> list[list[object]]:
    return shown(made.data, made.names["dashboard"])


def test_dashboard__stands_first():
    made = with_tabs(RawBook("例子.xlsx", "0" * 64, (documents_example(),)))
    assert next(iter(made.names)) == "dashboard"


def test_tiles__are_the_month_of_the_rows(book):
    # 丁 is overdue; 丁 and 戊 are far below the mean of the won deals.
    rows = rows_of(book)
    names = [str(rows[6][column]) for column in _TILES]
    figures = dict(zip(names, (rows[7][column] for column in _TILES), strict=True))
    assert figures == {
        "本月销售额（万元）": 400000,
        "目标完成率": 0.8,
        "本月成交（单）": 2,
        "本月新增线索": 3,
        "进行中线索": 2,
        "待处理线索": 2,
    }
    assert "40万元" in str(rows[0][0])


def test_tiles__are_formulas(book):
    cells = {cell for name, cell in formulas(book.data) if name == book.names["dashboard"]}
    assert cells >= {"A8", "C8", "E8", "G8", "I8", "K8"}


def test_ranking__best_first_with_the_whole_below(book):
    rows = rows_of(book)
    ranking = [(row[4], row[5], row[6]) for row in rows[23:30] if row[4]]
    assert ranking == [
        ("1. 张三", 300000, 1.5),
        ("2. 李四", 100000, pytest.approx(1 / 3)),
        ("全队", 400000, 0.8),
    ]


def test_warnings__are_the_cells_of_the_list(book):
    rows = rows_of(book)
    shown_counts = {row[0]: row[3] for row in rows[23:30]}
    lists = {item.name: item.count for item in book.summary.overdue.lists}
    assert shown_counts["下次跟进逾期"] == 1
    assert all(lists[str(name)] == count for name, count in shown_counts.items())
    found = formulas(book.data)[(book.names["dashboard"], "D24")].text
    assert found.replace("'", "").startswith("逾期预警!$C$")


def test_links__lead_to_every_other_tab(book):
    rows = rows_of(book)
    linked = [str(cell) for row in rows[3:5] for cell in row if cell]
    assert linked == [name for kind, name in book.names.items() if kind != "dashboard"]


def test_text__the_daily_report_stands_below_the_page(book):
    texts = [str(row[0]) for row in rows_of(book)]
    first = texts.index("日报") + 1
    assert texts[first] == "【销售日报】2024-06-30（周日）"
    assert "目标完成率80%" in texts[first + 1]


def test_page__is_one(book):
    with zipfile.ZipFile(BytesIO(book.data)) as package:
        pages = [
            package.read(name).decode() for name in package.namelist() if "worksheets/sheet" in name
        ]
    own = next(text for text in pages if "【销售日报】" in text or 'fitToHeight="1"' in text)
    assert 'orientation="landscape"' in own


def test_dashboard__of_one_person_shows_what_to_do_instead_of_a_ranking():
    one = LEADS.replace("李四", "张三")
    made = with_tabs(raw_book(sheet(one)))
    rows = rows_of(made)
    assert rows[22][4] == "先联系的客户"
    assert rows[23][4] == "丁"
    assert "团队" not in str(rows[0][0]) + str(rows[1][0])


@pytest.mark.parametrize("case", ["people", "one", "empty", "team"])
def test_formulas__equal_their_caches(case):
    raws = {
        "people": raw_book(sheet(LEADS), sheet(TARGETS, "业绩目标"), file="甲.xlsx"),
        "one": raw_book(sheet(LEADS.replace("李四", "张三")), file="乙.xlsx"),
        "empty": raw_book(sheet(LEADS.strip().splitlines()[0]), file="丙.xlsx"),
    }
    made = team_book(raws["people"], raws["one"]) if case == "team" else with_tabs(raws[case])
    names = [made.names[kind] for kind in ("dashboard", "reconciliation")]
    assert_recalculates({case: made.data}, only=names)
