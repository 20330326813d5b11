import re
import zipfile
from collections import Counter
from io import BytesIO

import pytest

from tests.recalc import assert_recalculates, formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, find, shown, with_tabs

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 最后跟进时间 | 下次跟进时间 | 预计成交金额
L1 | 甲 | 官网 | 意向 | 张三 | 2024-06-01 | 2024-06-26 | 2024-06-29 | 10000
L2 | 乙 | 官网 | 意向 | 张三 | 2024-05-01 | 2024-05-20 | 2024-06-30 | 20000
L3 | 丙 | 展会 | 线索 | 李四 | 2024-06-29 | 2024-06-30 | 2024-07-02 | 90000
L4 | 丁 | 展会 | 线索 | =李四 | 2024-06-10 |           |            | 90000
L5 | 戊 | 展会 | 成交 | 李四 | 2024-01-10 | 2024-01-20 |            | 90000
"""  # noqa: E501
REQUESTS = """
需求编号 | 线索编号 | 协作部门 | 需求内容 | 提出人 | 责任人 | 提出时间 | 要求完成时间 | 实际完成时间 | 状态
X1 | L1 | 技术 | 方案 | 张三 | 王工 | 2024-06-01 | 2024-06-10 |            | 处理中
X2 | L2 | 法务 | 合同 | 张三 | 赵律 | 2024-06-01 | 2024-06-10 | 2024-06-12 | 已完成
X3 | L3 | 财务 | 保函 | 李四 | 钱会 | 2024-06-01 | 2024-06-30 |            | 待响应
"""  # noqa: E501


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw_book(sheet(LEADS), sheet(REQUESTS, "协作需求")), kit="opportunity")


def rows_of(book: Made) -> list[list[object]]:
    return shown(book.data, book.names["overdue"])


def listed(book: Made) -> list[list[object]]:
    rows = rows_of(book)
    return rows[find(rows, "负责人", after=find(rows, "进行中线索名单")) + 1 :]


def test_lists__numbers_equal_the_listed_rows(book):
    rows = rows_of(book)
    counts = {row[1]: row[2] for row in rows[5:21]}
    leads = listed(book)
    assert counts["下次跟进逾期"] == 1 == sum("2024-06-29" in str(row[6]) for row in leads)
    assert counts["从未跟进"] == sum(row[13] == "从未跟进" for row in leads) == 1
    assert counts["未跟进提醒负责人"] == sum(float(str(row[3])) > 3 for row in leads) == 3
    assert counts["流失风险"] == sum(float(str(row[3])) > 30 for row in leads) == 1
    assert counts["没有跟进计划"] == sum(row[6] == "未计划" for row in leads) == 1
    assert [counts[k] for k in ("未完成的协作需求", "逾期的协作需求", "超期完成的协作需求")] == [
        2,
        1,
        1,
    ]


def test_lists__closed_leads_are_not_listed(book):
    assert sorted(str(row[1]) for row in listed(book)) == ["丁", "丙", "乙", "甲"]


def test_lists__leads_without_a_warning_come_last(book):
    assert listed(book)[-1][1] == "丙"
    assert listed(book)[-1][10] == ""


def test_people__counts_add_up_to_the_lists(book):
    rows = rows_of(book)
    first = find(rows, "负责人", after=find(rows, "按负责人")) + 1
    total: Counter[int] = Counter()
    for row in rows[first : first + len(book.summary.overdue.people)]:
        total.update({column: int(float(str(row[column]))) for column in range(2, 9)})
    counts = {row[1]: row[2] for row in rows[5:21]}
    names = ("下次跟进逾期", "从未跟进", "流失风险", "未跟进提醒经理", "未跟进提醒负责人")
    assert [total[i] for i in range(2, 7)] == [counts[name] for name in names]


def test_clocks__are_formulas_of_the_as_of_cell(book):
    rows = rows_of(book)
    first = find(rows, "负责人", after=find(rows, "进行中线索名单")) + 2
    texts = {
        cell: formula.text
        for (name, cell), formula in formulas(book.data).items()
        if name == book.names["overdue"]
    }
    assert texts[f"F{first}"] == f"MAX(0,$B$3-$P{first})"
    assert not any("TODAY" in text for text in texts.values())
    late = find(rows, "级别") + 2
    assert texts[f"C{late}"].endswith('"<"&$B$3)')


def test_overdue__nothing_to_warn_of():
    calm = with_tabs(raw_book(sheet("线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人")))
    rows = shown(calm.data, calm.names["overdue"])
    assert any("没有进行中的线索" in str(row[0]) for row in rows)
    assert {row[2] for row in rows[5:21]} == {0}


@pytest.mark.parametrize("people", [1, 25])
def test_chart__no_printed_page_ends_within_it(people):
    rows = "\n".join(
        f"L{n} | 客户{n} | 官网 | 意向 | 销售{n} | 2024-06-01 | 2024-06-02" for n in range(people)
    )
    head = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 最后跟进时间"
    made = with_tabs(raw_book(sheet(f"{head}\n{rows}")))
    top = find(rows_of(made), "协作需求名单") + 1
    breaks = page_breaks(made)
    assert len(breaks) == 2
    assert 0 < top - breaks[0] <= 16
    assert breaks[1] > top


def page_breaks(made: Made) -> list[int]:
    """Return the rows that start a printed page of the tab."""
    with zipfile.ZipFile(BytesIO(made.data)) as package:
        texts = [package.read(n).decode() for n in package.namelist() if "worksheets/" in n]
    found = next(text for text in texts if "<rowBreaks" in text)
    return [int(row) + 1 for row in re.findall(r'<brk id="(\d+)"', found)]


def test_services__each_number_equals_its_rows_and_its_people():
    leads = """
        线索编号 | 客户名称 | 线索状态 | 负责人 | 线索获取时间 | 录入时间 | 来源渠道
        L1 | 甲 | 意向 | 张三 | 2024-06-03 | 2024-06-07 | 官网
        L2 | 乙 | 意向 | 李四 | 2024-06-03 | 2024-06-03 | 官网
        L3 | 丙 | 意向 | 李四 | 2024-06-03 | 2024-06-06 | 官网
    """
    contracts = """
        合同编号 | 线索编号 | 送审时间 | 法务完成时间 | 责任人
        H1 | L1 | 2024-06-24 |  | 张三
    """
    made = with_tabs(raw_book(sheet(leads), sheet(contracts, "合同")))
    rows = rows_of(made)
    counts = {row[1]: row[2] for row in rows[5:21]}
    assert (counts["录入超时"], counts["法务审核超时"]) == (2, 1)
    top = find(rows, "责任人", after=find(rows, "服务时限名单"))
    names = [str(row[2]) for row in rows[top + 1 : top + 4]]
    assert names == ["法务审核超时", "录入超时", "录入超时"]
    people = find(rows, "负责人", after=find(rows, "按负责人"))
    assert {rows[people + n][0]: rows[people + n][10] for n in (1, 2)} == {"张三": 2, "李四": 1}
    assert_recalculates({"services": made.data}, only=[made.names["overdue"]])


def test_escalation__the_manager_is_told_of_the_long_silent(book):
    told = {row[1]: row[9] for row in listed(book)}
    assert told == {"甲": "本人", "乙": "本人、经理", "丙": "", "丁": "本人、经理"}
