import re
import zipfile
from io import BytesIO

import pytest

from tests.recalc import formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, find, shown, team_book

HEAD = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 预计成交金额"
NORTH = f"""
{HEAD}
L1 | 甲 | 官网 | 意向 | 张三 | 2024-06-01 | 10000
L2 | 乙 | 展会 | 成交 | 张三 | 2024-05-01 | 20000
"""
SOUTH = f"""
{HEAD}
L1 | 丙 | 官网 | 流失 | 李四 | 2024-06-01 | 10000
"""


@pytest.fixture(scope="module")
def book() -> Made:
    return team_book(
        raw_book(sheet(NORTH), file="北区 一.xlsx"), raw_book(sheet(SOUTH), file="南区#2.xlsx")
    )


def test_team__one_row_a_lead_with_its_file_and_place(book):
    rows = shown(book.data, book.names["team"])
    top = find(rows, "来源文件") + 1
    assert [(row[0], row[1], row[3], row[9]) for row in rows[top:]] == [
        ("北区 一.xlsx", "线索跟踪 第2行", "甲", "进行中"),
        ("北区 一.xlsx", "线索跟踪 第3行", "乙", "成交"),
        ("南区#2.xlsx", "线索跟踪 第2行", "丙", "流失"),
    ]


def test_team__links_are_relative_paths_to_the_files(book):
    part = f"/sheet{list(book.names).index('team') + 1}.xml.rels"
    with zipfile.ZipFile(BytesIO(book.data)) as package:
        relations = [package.read(n).decode() for n in package.namelist() if n.endswith(part)]
    targets = re.findall(r'Target="([^"]+)"', "".join(relations))
    assert set(targets) == {"数据\\北区%20一.xlsx", "数据\\南区%232.xlsx"}


def test_team__figures_are_formulas_over_the_merged_rows(book):
    text = formulas(book.data)[book.names["funnel"], "C6"].text
    assert text == "COUNTIFS('团队明细'!$J$6:$J$8,\"成交\")"


def test_team__rows_of_the_other_tabs_link_to_the_merged_rows(book):
    rows = shown(book.data, book.names["funnel"])
    assert str(rows[-1][11]).endswith("行")
    assert book.summary.population.leads == 3
