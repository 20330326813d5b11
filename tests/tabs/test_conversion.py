import pytest

from sheetcrm.metrics.rate import Rate
from sheetcrm.table import RawBook
from sheetcrm.tabs.conversion import interval_text
from tests.recalc import formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, documents_example, find, shown, with_tabs

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 实际成交金额 | 成交时间 | 流失原因 | 流失阶段
L1 | 甲 | 官网 | 成交 | 张三 | 2024-05-01 | 10000 | 2024-05-20 |          |
L2 | 乙 | 官网 | 流失 | 张三 | 2024-05-01 |       |            | 预算不足 | 线索
L3 | 丙 | 展会 | 流失 |      | 2024-05-01 |       |            | 预算不足 | 意向
L4 | 丁 |      | 意向 | 李四 | 2024-05-01 |       |            |          |
L5 | 戊 |      | 线索 | 李四 | 2024-05-01 |       |            |          |
"""  # noqa: E501


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw_book(sheet(LEADS)), kit="opportunity")


def block(book: Made, title: str) -> list[list[object]]:
    rows = shown(book.data, book.names["conversion"])
    first = find(rows, title, after=find(rows, f"按{title}")) + 1
    return rows[first : find(rows, "合计", after=first) + 1]


def test_groups__counts_and_rates_by_source(book):
    found = [row[:6] for row in block(book, "来源渠道")]
    assert found == [
        ["官网", 2, 1, 1, 0, 0.5],
        ["展会", 1, 0, 1, 0, 0],
        ["（未填）", 2, 0, 0, 2, 0],
        ["合计", 5, 1, 2, 2, ""],
    ]


def test_groups__every_dimension_adds_up_to_all_leads(book):
    for title in ("来源渠道", "负责人"):
        assert block(book, title)[-1][1] == book.summary.population.leads


def test_groups__counts_are_formulas_over_the_users_sheet(book):
    texts = {
        cell: formula.text
        for (name, cell), formula in formulas(book.data).items()
        if name == book.names["conversion"]
    }
    rows = shown(book.data, book.names["conversion"])
    row = find(rows, "官网") + 1
    assert texts[f"B{row}"] == f"COUNTIFS('线索跟踪'!$C$2:$C$1000,$A${row})"
    assert texts[f"F{row}"] == f'IF(B{row}=0,"",C{row}/B{row})'


def test_groups__absent_column_is_said_not_invented(book):
    rows = shown(book.data, book.names["conversion"])
    assert "没有" in str(rows[find(rows, "按区域") + 1][0])


def test_stages__lost_reasons_of_the_step_with_their_share(book):
    rows = shown(book.data, book.names["conversion"])
    first = find(rows, "阶段") + 1
    stages = {row[0]: row for row in rows[first : first + 5]}
    assert stages["意向"][1:3] == [3, 3]
    assert stages["意向"][10] == "预算不足 1（100%）"


def test_stages__documents_example_names_the_bottleneck():
    raw = RawBook("例子.xlsx", "0" * 64, (documents_example(),))
    made = with_tabs(raw, kit="opportunity")
    rows = shown(made.data, made.names["conversion"])
    assert any(str(row[0]).startswith("瓶颈在“线索→意向”") for row in rows)


def test_interval_text__wilson():
    assert interval_text(Rate(5, 10)) == "23.7%～76.3%"
    assert interval_text(Rate(0, 0)) == "—"


def test_groups__grades_stand_in_the_order_of_the_list():
    head = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索等级"
    grades = ("C", "C", "C", "", "B", "B", "A")
    rows = [f"L{n} | 客户{n} | 官网 | 线索 | 张三 | {g}" for n, g in enumerate(grades)]
    made = with_tabs(raw_book(sheet("\n".join([head, *rows]))))
    found = [(row[0], row[1]) for row in block(made, "线索等级")]
    assert found == [("A", 1), ("B", 2), ("C", 3), ("（未填）", 1), ("合计", 7)]


def test_groups__remarks_have_a_column_only_where_there_are_some():
    made = with_tabs(RawBook("例子.xlsx", "0" * 64, (documents_example(),)), kit="opportunity")
    few = with_tabs(raw_book(sheet(LEADS)), kit="opportunity")
    for each, wanted in ((made, 0), (few, 2)):
        rows = shown(each.data, each.names["conversion"])
        tops = [
            find(rows, title, after=find(rows, f"按{title}")) for title in ("来源渠道", "负责人")
        ]
        assert sum("备注" in rows[top] for top in tops) == wanted
