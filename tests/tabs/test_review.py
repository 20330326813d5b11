"""客户分层, 复盘, 攻坚清单, 抽检, 客户卡片 as tabs: they recalculate, numbers equal their rows."""

from datetime import date
from pathlib import Path

import betteroffice_xlsx
import pytest

from sheetcrm.metrics.analysis import analyse
from sheetcrm.metrics.dataset import dataset
from sheetcrm.metrics.kept import Kept
from sheetcrm.table import RawBook, RawSheet
from sheetcrm.tabs.build import summary_tabs
from sheetcrm.tabs.kept import read_checked, read_kept
from sheetcrm.tabs.titles import TITLES
from tests.recalc import assert_recalculates, formulas
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, find, prepared, shown, team_book, with_tabs

AS_OF = date(2024, 6, 28)
# Names that COUNTIFS and MATCH would misread, a blank owner, a customer twice.
LEADS = """
线索编号|客户名称|来源渠道|线索状态|负责人|线索获取时间|最后跟进时间|下次跟进时间|预计成交金额|实际成交金额|成交时间|流失原因|线索等级|所属行业|区域|初步需求|竞争对手
L1|=甲|官网|成交|王芳|2024-04-01|2024-06-25||50000|40000|2024-05-01||A|制造业|华东|报表自动化|乙软件
L2|*乙|官网|流失|=李|2024-04-01|2024-04-20||50000|||价格过高|C|制造业|华东|报表自动化|乙软件、丙*
L3|?丙~|展会|报价|王芳|2024-06-01|2024-06-24|2024-07-05|60000||||A|教育|华北|对接财务系统|
L4|丁|展会|商机|=李|2024-06-01|2024-06-27||59999||||B|教育|华北||丙*
L5|丁|展会|意向|=李|2024-04-01|2024-05-20||90000||||A|>5|华北|报表|
L6|己|展会|意向||2024-05-01|2024-05-20||10000||||C||||
L7|庚|'123'|流失|王芳|2024-05-01|2024-05-02||10000||||C|||报表|
"""
LOG = """
跟进记录ID|线索编号|跟进时间|跟进人|跟进方式|跟进内容|客户反馈|下一步行动|异议类型
GZ0000001|L1|2024-04-02 10:00|王芳|电话|=演示|价格偏高，再考虑|准备分期方案|
GZ0000002|L3|2024-06-24 10:00|王芳|拜访|@再谈|担心交期|给排期表|交期
GZ0000003|L4|2024-06-27 10:00|=李|电话|介绍|太贵|准备分期方案|价格
"""
STAGES = """
线索编号|销售代表|客户名称|所属阶段|阶段进入时间
L1|王芳|=甲|线索|2024-04-01
L1|王芳|=甲|意向|2024-04-08
L1|王芳|=甲|商机|2024-04-15
L1|王芳|=甲|报价|2024-04-20
L1|王芳|=甲|成交|2024-05-01
L5|=李|丁|意向|2024-04-10
"""
ACCOUNTS = """
客户编号|客户名称|需求标签
CL2024001|=甲|报表、=移动端
"""
KINDS = ("segments", "review", "focus", "sampling", "cards")


def raw(*, data: bool = True) -> RawBook:
    if not data:
        return raw_book(sheet(LEADS.strip().split("\n")[0]), file="空.xlsx")
    return raw_book(
        sheet(LEADS),
        sheet(LOG, "跟进记录"),
        sheet(STAGES, "阶段进度"),
        sheet(ACCOUNTS, "客户档案"),
    )


@pytest.fixture(scope="module")
def book() -> Made:
    return with_tabs(raw(), AS_OF)


def rows(book: Made, kind: str) -> list[list[object]]:
    return shown(book.data, book.names[kind])


def number(cell: object) -> float:
    return float(str(cell))


def test_tabs__all_are_written_with_live_formulas(book):
    places = {name for name, _ in formulas(book.data)}
    assert {book.names[kind] for kind in KINDS} <= places


def test_tabs__recalculate(book):
    team = team_book(raw(), raw(), as_of=AS_OF)
    empty = with_tabs(raw(data=False), AS_OF)
    assert_recalculates({"one": book.data, "team": team.data, "empty": empty.data})


def test_tabs__recalculate_in_libreoffice(book, tmp_path: Path):
    assert_recalculates({"one": book.data}, tmp_path, [book.names[kind] for kind in KINDS])


def test_empty__nothing_is_written():
    assert not {*KINDS} & {*with_tabs(raw(data=False), AS_OF).names}


def test_segments__numbers_equal_the_listed_customers(book):
    table = rows(book, "segments")
    top = find(table, "层级")
    tiers = {r[0]: number(r[1]) for r in table[top + 1 : top + 4]}
    total = table[top + 4]
    listed = table[find(table, "层级", after=top + 1) + 1 :]
    assert tiers == {tier: sum(r[0] == tier for r in listed) for tier in tiers}
    assert (total[0], total[1]) == ("合计", len(listed)) == ("合计", 5)
    assert number(total[4]) == sum(number(r[6]) for r in listed)
    tasks = find(table, "负责人", after=find(table, "挽回任务"))
    assert [(r[0], r[1]) for r in table[tasks + 1 : tasks + 3]] == [("=李", 1), ("（未填）", 1)]


def test_segments__spreads_add_up(book):
    table = rows(book, "segments")
    for name in ("行业", "区域", "等级", "来源"):
        top = find(table, name, after=find(table, f"按{name}"))
        mine = []
        for row in table[top + 1 :]:
            if row[0] == "":
                break
            mine.append(row)
        assert sum(number(r[1]) for r in mine) == 5, name
        assert all(number(r[1]) == number(r[3]) + number(r[5]) + number(r[6]) for r in mine)


def test_focus__numbers_equal_the_list(book):
    table = rows(book, "focus")
    top = find(table, "负责人")
    people = {r[0]: number(r[1]) for r in table[top + 1 : find(table, "合计")]}
    listed = table[find(table, "负责人", after=top + 1) + 1 :]
    assert people == {name: sum(r[0] == name for r in listed) for name in people}
    assert number(table[find(table, "合计")][1]) == len(listed)


def test_review__reasons_and_rivals_equal_the_lists(book):
    table = rows(book, "review")
    top = find(table, "流失原因", after=find(table, "流失原因") + 1)
    assert [(r[0], r[1]) for r in table[top + 1 : top + 3]] == [("价格过高", 1), ("缺原因", 1)]
    top = find(table, "竞争对手")
    met = {r[0]: [number(c) for c in r[1:5]] for r in table[top + 1 : top + 3]}
    assert met == {"乙软件": [2, 0, 1, 1], "丙*": [2, 1, 0, 1]}
    listed = table[find(table, "客户名称", after=find(table, "有竞品的线索")) + 1 :]
    assert sorted(str(r[1]) for r in listed) == ["丙*", "丙*", "乙软件", "乙软件"]


def test_review__words_with_examples(book):
    table = rows(book, "review")
    top = find(table, "词")
    assert "报表" in [r[0] for r in table[top + 1 : top + 9]]
    top = find(table, "异议")
    found = {r[0]: (r[1], r[3], r[9]) for r in table[top + 1 : top + 3]}
    assert found == {"价格": (2, 1, "跟进记录 第4行"), "交期": (1, 1, "跟进记录 第3行")}


def chosen(data: bytes, name: str, label: str) -> list[list[object]]:
    """Pick another customer on the card and recalculate; return what it shows then."""
    made = betteroffice_xlsx.Workbook.open(data)
    made.set(name, "B5", label)
    made.recalculate()
    return [[made.value(name, f"{column}{row}") for column in "ABCDEFGH"] for row in range(1, 40)]


def test_cards__show_the_first_customer_and_any_other(book):
    name = book.names["cards"]
    table = rows(book, "cards")
    assert table[4][1] == "1｜？丙～"
    assert table[6][1] == "?丙~"
    top = find(table, "卡片", after=20)
    labels = [str(r[0]) for r in table[top + 1 : top + 5]]
    assert labels == ["1｜？丙～", "2｜丁", "3｜丁", "4｜己"]
    other = chosen(book.data, name, "2｜丁")
    assert (other[6][1], other[6][3]) == ("丁", "L4")
    line = next(row for row in other if row[1] == "跟进")
    assert line[3] == "电话；介绍；太贵；准备分期方案"
    nobody = chosen(book.data, name, "没有这位")
    assert (nobody[4][5], nobody[6][1] or "") == (0, "")


def test_kept__answers_and_the_chosen_customer_are_read_back(book):
    table = rows(book, "sampling")
    top = find(table, "负责人", after=find(table, "本周抽检"))
    heading = [str(cell) for cell in table[top]]
    filled = [list(r) for r in table]
    filled[top + 1][heading.index("核对结果")] = "有误"
    filled[top + 1][heading.index("核对备注")] = "金额不对"
    found = read_checked(filled)  # type: ignore[arg-type]
    assert len(found) == len(table) - top - 1
    assert (found[0].result, found[0].note, found[0].week) == ("有误", "金额不对", "2024-W26")

    def tab(kind: str) -> RawSheet | None:
        return {
            "sampling": RawSheet("抽检", filled),  # type: ignore[arg-type]
            "cards": RawSheet("客户卡片", rows(book, "cards")),  # type: ignore[arg-type]
        }.get(kind)

    kept = read_kept(tab)
    assert kept.checked == found
    assert kept.customer == "1｜？丙～"
    assert read_kept(lambda _kind: None) == Kept()


def test_kept__garbage_is_no_answer():
    assert read_checked([]) == ()
    assert read_checked([["周", "行标识", "核对结果"], [None, 5, True], ["x"]]) == ()


def test_empty__tabs_that_are_there_already_are_brought_up_to_date():
    source = raw(data=False)
    book, summary, places = prepared(source, AS_OF)
    analysis = analyse(dataset([book]), summary)
    names = {kind: TITLES[kind] for kind in KINDS}
    data = summary_tabs(names, places, summary, None, analysis).finish()
    assert_recalculates({"empty": data})
    assert "还没有" in str(shown(data, "客户分层"))
