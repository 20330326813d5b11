"""对账: what agrees, what does not, which rows are counted nowhere."""

from dataclasses import replace

import pytest

from sheetcrm.findings import Place, finding
from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.reconciliation import reconciliation
from sheetcrm.tabs.build import summary_tabs
from sheetcrm.tabs.findings_record import CheckReport
from tests.recalc import by_betteroffice
from tests.tables import raw_book, sheet
from tests.tabs.summaries import AS_OF, Made, find, prepared, shown, with_tabs

LEADS = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 预计成交金额 | 实际成交金额 | 成交时间
L1 | 甲 | 官网 | 成交 | 张三 | 2024-05-01 | 300000 | 300000.55 | 2024-06-20
L2 | 乙 | 官网 | 意向 | 李四 | 2024-05-02 | 100000 |        |
L3 | 丙 | 展会 | 流失 | 李四 | 2024-04-02 | 900000 |        |
L3 | 丙 | 展会 | 流失 | 李四 | 2024-04-02 | 900000 |        |
"""  # noqa: E501
LOG = """
线索编号 | 跟进时间 | 跟进人 | 跟进内容 | 跟进方式
L1 | 2024-06-01 | 张三 | 谈价格 | 电话
L9 | 2024-06-02 | 张三 | 不知是谁 | 电话
"""


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw_book(sheet(LEADS), sheet(LOG, "跟进记录")))


def rows_of(made: Made) -> list[list[object]]:
    return shown(made.data, made.names["reconciliation"])


def checks_of(made: Made) -> list[list[object]]:
    rows = rows_of(made)
    first = find(rows, "核对", after=5) + 1
    return [row for row in rows[first : find(rows, "按负责人", after=first + 20) - 1] if row[6]]


def test_checks__all_agree(book):
    checks = checks_of(book)
    assert len(checks) > 25
    assert {row[6] for row in checks} == {"一致"}
    assert all(row[2] == row[4] for row in checks)
    assert "全部一致" in str(rows_of(book)[0][0])


def test_checks__the_numbers_are_those_of_the_rows(book):
    found = {(row[1], row[3]): row[2] for row in checks_of(book)}
    assert found["进行中＋成交＋流失", "线索总数"] == 4
    assert found["各负责人成交金额之和", "成交金额"] == 300000.55
    assert found["各来源渠道预计金额之和", "进行中预计金额"] == 100000


def test_rows__not_counted_are_listed_with_their_reason(book):
    rows = rows_of(book)
    first = find(rows, "没有计入的行")
    listed = [(row[0], row[2], row[3]) for row in rows[first:] if "第" in str(row[3])]
    assert listed == [
        ("线索", "计入", "线索跟踪 第5行"),
        ("跟进记录", "不计入", "跟进记录 第3行"),
    ]


def test_checks__a_figure_that_does_not_agree_is_told():
    clean, summary, _ = prepared(raw_book(sheet(LEADS)))
    data = dataset([clean])
    performance = analyse(data, summary).performance
    broken = replace(summary, by_owner=summary.by_owner[:1])
    found = reconciliation(data, broken, performance)
    wrong = {check.key: (check.left, check.right) for check in found.checks if not check.same}
    assert wrong == {"owner_leads": (3, 4), "owner_won": (0, 1), "owner_amount": (0, 300000.55)}
    assert found.wrong == 3


def test_edits__by_hand_are_listed():
    raw = raw_book(sheet(LEADS))
    clean, summary, places = prepared(raw)
    analysis = analyse(dataset([clean]), summary)
    edit = finding("SUM-02", Place("甲.xlsx", "漏斗分析", "B4", 4), "我写的", backup="备份")
    report = CheckReport(AS_OF, [edit])
    data = summary_tabs({"reconciliation": "对账"}, places, summary, report, analysis).finish()
    rows = shown(data, "对账")
    first = find(rows, "手工改过的汇总格")
    assert rows[first + 2][:3] == ["漏斗分析", "B4", "我写的"]


def test_formulas__both_sides_follow_the_rows(book):
    """A changed cell of the data changes both sides; they still agree."""
    results = by_betteroffice(book.data)
    verdicts = [v for (name, _), v in results.items() if name == "对账" and v in ("一致", "不一致")]
    assert len(verdicts) == len(checks_of(book))
    assert set(verdicts) == {"一致"}
