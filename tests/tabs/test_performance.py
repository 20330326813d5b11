"""业绩, 趋势, 目标对比, 协作瓶颈 as tabs: every formula recalculates, numbers equal their rows."""

from datetime import date
from pathlib import Path

import pytest

from sheetcrm.table import RawBook
from sheetcrm.tabs.build import Wanted, needs_analysis
from tests.recalc import assert_recalculates, formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, find, shown, team_book, with_tabs

AS_OF = date(2024, 6, 19)
# Names that COUNTIFS would misread, an owner without a target, dates as text, amounts missing.
LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|实际成交金额|成交时间|回款金额|流失阶段
L1|=甲|官网|成交|王芳|2024-05-20|60000|2024-06-03|30000|
L2|乙|官网|成交|王芳|2024-05-30|30000|2024-06-19|30000|
L3|丙|展会|成交|*号|2024-06-01|40000|2024-06-11||
L4|丁|展会|成交|*号|2024-06-01||2024-06-12||
L5|戊|展会|流失|=李|2024-06-01||||线索
L6|己|展会|成交|王芳|2024-04-01|99000|2024-05-31|99000|
L7|庚|展会|成交||2024-04-01|5000|'2024年6月5日'|5000|
L8|辛|展会|线索|张伟|2024-06-18||||
L9|壬|官网|商机|王芳|2024-06-10||||
"""
TARGETS = """
月份|负责人|团队|销售额目标|回款目标|转化率基线|转化率目标|响应时效目标|合同审批目标
2024-06-01|王芳|一队|100000|80000|#0.4|#0.6|24|4
2024-06-01|*号|二队|#40000||||||
2024-06-01|=李|一队|#50000||||||
"""
LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|是否有效跟进
GZ0000001|L1|2024-06-18 10:00|王芳|拜访|谈价|是
GZ0000002|L9|2024-06-12 10:00|王芳|电话|问候|否
"""
REQUESTS = """
需求编号|关联线索|协作部门|需求内容|提出人|提出时间|要求完成时间|优先级|责任人|状态|实际完成时间|响应时间
XZ01|L1|=技术|方案|王芳|2024-06-03 10:00|2024-06-05|高|周工|已完成|2024-06-05|2024-06-03 13:00
XZ02|L1|=技术|方案|王芳|2024-06-03 17:00|2024-06-05|高|周工|已完成|2024-06-07|2024-06-04 14:00
XZ03|L2||方案|王芳|2024-06-12 10:00|2024-06-17|低|周工|处理中||
"""
CONTRACTS = """
合同编号|客户名称|送审时间|法务完成时间|批准时间|签订时间|交付启动时间|责任人
HT2024001|=甲|2024-06-03|2024-06-04|2024-06-06|2024-06-07|2024-06-11|王芳
HT2024003|丙|2024-06-13|2024-06-14||||王芳
"""
FURTHER = ("performance", "trend", "goals", "collaboration")


def raw(*, data: bool = True) -> RawBook:
    if not data:
        return raw_book(sheet(LEADS.strip().split("\n")[0]), file="空.xlsx")
    return raw_book(
        sheet(LEADS),
        sheet(TARGETS, "业绩目标"),
        sheet(LOG, "跟进记录"),
        sheet(REQUESTS, "协作需求"),
        sheet(CONTRACTS, "合同"),
    )


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw(), AS_OF, kit="standard")


def rows(book: Made, kind: str) -> list[list[object]]:
    return shown(book.data, book.names[kind])


def test_process__the_rows_add_up_to_the_total():
    """赵敏 has neither a lead nor a target."""
    log = LOG + "GZ0000003|L2|2024-06-18 10:00|赵敏|拜访|谈价|是\n"
    made = with_tabs(raw_book(sheet(LEADS), sheet(log, "跟进记录")), AS_OF)
    told = rows(made, "performance")
    top = next(n for n, row in enumerate(told) if row[1] == "每周\n跟进次数") + 1
    end = next(n for n, row in enumerate(told) if n > top and row[0] == "合计")
    assert {row[0] for row in told[top:end]} >= {"王芳", "赵敏"}
    for column in (1, 2):
        assert sum(float(str(row[column])) for row in told[top:end]) == told[end][column]
    assert told[end + 2][0] == "负面清单（指标）"
    assert_recalculates({"业绩": made.data})


def test_tabs__all_are_written_with_live_formulas(book):
    places = {sheet for sheet, _ in formulas(book.data)}
    assert {book.names[kind] for kind in FURTHER} <= places


def test_tabs__recalculate(book):
    team = team_book(raw(), raw(), as_of=AS_OF)
    empty = with_tabs(raw(data=False), AS_OF)
    assert_recalculates({"one": book.data, "team": team.data, "empty": empty.data})


def test_tabs__recalculate_in_libreoffice(book, tmp_path: Path):
    only = [book.names[kind] for kind in FURTHER]
    assert_recalculates({"one": book.data}, tmp_path, only)


def test_performance__people_add_up_to_the_total_and_to_the_listed_deals(book):
    table = rows(book, "performance")
    top = find(table, "负责人")
    last = find(table, "合计", after=top)
    people = table[top + 1 : last]
    assert [(r[0], r[1], r[2], r[7]) for r in people] == [
        ("王芳", 1, 90_000, 2),
        ("*号", 2, 40_000, 2),
        ("=李", 3, 0, 0),
        ("张伟", 3, 0, 0),
        ("（未填）", "—", 5_000, 1),
    ]
    assert table[last][2] == sum(float(str(r[2])) for r in people) == 135_000
    listed = table[find(table, "本月成交明细") + 2 :]
    assert sum(float(str(r[8])) for r in listed if r[8] != "") == 135_000


def test_performance__completion_bonus_and_no_target(book):
    table = rows(book, "performance")
    top = find(table, "负责人")
    by_name = {r[0]: r for r in table[top + 1 : find(table, "合计", after=top)]}
    assert by_name["王芳"][5] == pytest.approx(0.9)
    assert by_name["张伟"][4:7] == ["—", "—", "—"]
    assert "，目标8万元（" in str(by_name["王芳"][13])
    assert "目标" not in str(by_name["张伟"][13])
    below = find(table, "负责人", after=find(table, "月末预测与奖金"))
    bonus = {r[0]: (r[7], r[8]) for r in table[below + 1 : below + 6]}
    assert bonus["王芳"] == (0.01, 900)
    assert bonus["*号"] == (0.02, 800)
    assert bonus["张伟"] == ("—", "—")


def sales_formulas(made: Made) -> list[str]:
    name = made.names["performance"]
    found = {cell: f.text for (tab, cell), f in formulas(made.data).items() if tab == name}
    return [text for cell, text in found.items() if cell.startswith("C") and "SUM" in text]


def test_performance__sales_follow_the_lead_sheet_where_excel_reads_it_as_we_do(book):
    clean = LEADS.replace("'2024年6月5日'", "2024-06-05")
    live = sales_formulas(with_tabs(raw_book(sheet(clean)), AS_OF))
    # Not of =李 and （未填）, whom COUNTIFS would misread.
    assert sum("线索跟踪" in text and "$D$3" in text for text in live) == 3
    # With a date as text in the column they are counted from the list on the tab.
    assert not any("线索跟踪" in text for text in sales_formulas(book))


def test_trend__periods_add_up_to_the_listed_moves(book):
    table = rows(book, "trend")
    top = find(table, "期间", after=find(table, "按月"))
    months = [r for r in table[top + 1 :] if str(r[0]).startswith("2024-")]
    listed = table[find(table, "负责人", after=top) + 1 :]
    assert sum(float(str(r[3])) for r in months) == sum(r[5] != "" for r in listed) == 9
    assert sum(float(str(r[7])) for r in months) == sum(
        float(str(r[9])) for r in listed if r[9] != ""
    )
    assert months[-1][0] == "2024-06*"


def test_goals__gap_and_whether_reached(book):
    table = rows(book, "goals")
    top = find(table, "指标")
    shown_rows = {r[0]: r for r in table[top + 1 : top + 4]}
    assert shown_rows["合同审批时间"][2:7] == ["—", 4, 3, 0, "达到"]
    assert shown_rows["首次响应时间"][6] == "未达到"


def test_collaboration__counts_equal_the_listed_requests(book):
    table = rows(book, "collaboration")
    top = find(table, "协作部门")
    by_name = {r[0]: [r[1], r[2], r[7], r[9], r[10]] for r in table[top + 1 : top + 4]}
    assert by_name == {
        "（未填）": [1, 1, 1, 1, 0],
        "=技术": [2, 0, 1, 0, 1],
        "合计": [3, 1, 2, 1, 1],
    }


def test_empty__nothing_to_show_is_not_written_but_what_is_there_is_kept_up_to_date():
    empty = with_tabs(raw(data=False), AS_OF)
    assert not {"trend", "goals", "collaboration"} & set(empty.names)
    assert "performance" in empty.names
    some = Wanted(("funnel", "goals", "findings"), frozenset({"goals"}))
    assert some.among(()) == ("funnel", "findings")
    assert some.among({"goals": 1}) == ("funnel", "goals", "findings")


def test_analysis__is_only_needed_for_further_tabs():
    assert not needs_analysis(("funnel", "conversion", "overdue", "team", "findings"))
    assert all(needs_analysis((kind,)) for kind in FURTHER)
