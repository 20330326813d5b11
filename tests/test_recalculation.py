"""Every formula of the summary tabs, recalculated from scratch, equals its cached value."""

import os
from collections import Counter
from pathlib import Path

import pytest

from sheetcrm.book.read import read_book
from sheetcrm.table import Cell, RawBook, RawSheet
from tests.recalc import (
    assert_recalculates,
    by_betteroffice,
    differences,
    formulas,
    poisoned,
)
from tests.tables import raw_book, sheet
from tests.tabs.summaries import Made, documents_example, team_book, with_tabs

# Names that mean something to COUNTIFS, blank owners, dates as text, an owner in two spellings,
# a date before 1900-03-01, amounts in 万元 of which one is text.
AWKWARD = """
线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间 | 最后跟进时间 | 下次跟进时间 | 预计成交金额（万元） | 实际成交金额（万元） | 成交时间 | 流失原因 | 线索等级 | 所属行业
L1  | =1+1公司 | '=1+1'   | 线索 | 张*   | 2024-05-01 | 2024-06-29 | 2024-07-02 | 5.5 |     |            |          | A | 制造业
L2  | *号公司  | '>5'     | 意向 | 张三  | 2024-05-02 | 2024-06-01 | 2024-06-10 | 12  |     |            |          | B | 制造业
L3  | ?号公司  | '123'    | 商机 | 张~   | 2024-05-03 | 2024-05-03 |            | 8   |     |            |          | B |
L4  | ~号公司  | 官网     | 成交 | 张三  | 2024-05-04 | 2024-06-20 |            | 20  | 18.25 | 2024-06-20 |        | A | '零售"业'
L5  | @某公司  | 官网     | 流失 |       | 2024-05-05 | 2024-05-20 |            | 3   |     |            | 价格过高 | C | O'Neill
L6  | -某公司  | '官网 '  | 流失 | ANNA  | 2024-05-06 | '2024年5月20日' |       | 4   |     |            |          | C |
L7  | +某公司  | 展会     | 成交 | anna  | '2024/5/7' | 2024-06-21 |            | 7   | 6.5 | 2024-06-21 |          | A | 教育
L8  | 远年公司 | '<>'     | 线索 | 张三  | '1900-01-15' |          | 2024-06-30 | '5万' |   |            |          | A | TRUE
L9  | 空人公司 |          | 线索 |       | 2024-06-28 |            |            |     |     |            |          | C | 教育
"""  # noqa: E501
REQUESTS = """
需求编号 | 线索编号 | 协作部门 | 需求内容 | 提出人 | 责任人 | 提出时间 | 要求完成时间 | 实际完成时间 | 状态 | 优先级
X1 | L1 | 技术 | 方案 | 张三 | =李四 | 2024-06-01 | 2024-06-10 |            | 处理中 | 高
X2 | L2 | 法务 | 合同 | 张三 | 王*   | 2024-06-01 | 2024-06-10 | 2024-06-12 | 已完成 | 中
X3 | L3 | 财务 | 保函 | ANNA | 张三  | 2024-06-20 | 2024-07-10 |            | 待响应 | 低
"""  # noqa: E501
# Follow-ups in the leads' own rows, in one column and in several.
TOLD = """
客户名称 | 来源渠道 | 负责人 | 线索获取时间 | 线索状态 | 预计成交金额 | 跟进情况 | 第一次拜访 | 第二次拜访
明禾机械 | 展会 | 张伟 | 2024-03-01 | 意向 | 50000 | '3.5 电话，要报价\n3.12 上门\n6.28 发合同' | 3.12 看厂 | 6.1 见张总
启明建材 | 官网 | 王芳 | 2024-03-02 | 商机 | 80000 | '3月5日电话；3月20日张伟：上门' | |
东方电气 | 官网 | 王芳 | 2022-03-02 | 线索 | 20000 | 3月5日电话 | |
西方电气 | 官网 | 王芳 | 2023-11-02 | 成交 | 30000 | '12.3电话\n1.5 上门\n1.9 价格偏高' | |
南方电气 | 官网 | 王芳 | 2024-04-02 | 流失 | 40000 | 联系过了 | |
北方电气 | 官网 | 王芳 | 2024-04-02 | 线索 | 60000 | | 6.2 初访 |
"""  # noqa: E501
EMPTY = "线索编号 | 客户名称 | 来源渠道 | 线索状态 | 负责人 | 线索获取时间"


def raw(case: str) -> RawBook:
    if case == "documents":
        return RawBook("例子.xlsx", "0" * 64, (documents_example(),))
    if case == "sheets":
        head, *rows = AWKWARD.strip().splitlines()
        halves = ("\n".join((head, *rows[:5])), "\n".join(("6月的", head, *rows[5:])))
        leads = (sheet(text, name) for text, name in zip(halves, ("5月", "6月"), strict=True))
        return raw_book(*leads, sheet(REQUESTS, "协作需求"), file="分月.xlsx")
    if case == "told":
        return raw_book(TOLD, file="台账.xlsx")
    if case == "awkward":
        return raw_book(sheet(AWKWARD), sheet(REQUESTS, "协作需求"), file="难.xlsx")
    return raw_book(sheet(EMPTY), file="空.xlsx")


def made(case: str) -> Made:
    if case == "team":
        return team_book(raw("documents"), raw("awkward"))
    return with_tabs(raw(case), kit="opportunity")


CASES = ("documents", "awkward", "sheets", "told", "empty", "team")


@pytest.mark.parametrize("case", CASES)
def test_formulas__equal_their_caches_after_a_recalculation(case):
    book = made(case)
    assert len(formulas(book.data)) > (0 if case == "empty" else 50)
    assert_recalculates({case: book.data})


def test_formulas__equal_their_caches_in_libreoffice(tmp_path: Path):
    assert_recalculates({case: made(case).data for case in CASES}, tmp_path)


@pytest.mark.parametrize("name", ["线索跟踪表_干净.xlsx", "线索跟踪表_带错误.xlsx"])
def test_formulas__equal_their_caches_on_the_corpus(name):
    if "SHEETCRM_CORPUS" not in os.environ:
        pytest.skip("SHEETCRM_CORPUS does not name the corpus")
    path = Path(os.environ["SHEETCRM_CORPUS"]) / "sales" / "zh_synthetic" / name
    book = with_tabs(read_book(str(path)))
    assert len(formulas(book.data)) > 500
    assert_recalculates({name: book.data})


def test_formulas__stand_on_every_summary_of_a_book_with_data():
    book = made("documents")
    assert set(Counter(place[0] for place in formulas(book.data))) >= {
        book.names[kind] for kind in ("funnel", "conversion", "overdue")
    }


def test_formulas__count_rows_typed_below_the_last_one():
    """A lead added under the last row counts at once: no run of the program is needed."""
    source = raw("documents")
    longer = RawSheet("线索跟踪", [*source.sheets[0].rows, _another(source.sheets[0])])
    before = made("documents")
    grown = with_tabs(RawBook("例子.xlsx", "0" * 64, (longer,)), kit="opportunity")
    place = (before.names["funnel"], "A6")
    assert formulas(grown.data)[place].cached == 101
    assert formulas(before.data)[place].text == formulas(grown.data)[place].text


def test_helper__finds_a_wrong_cache_and_a_surviving_poison():
    data = made("documents").data
    found = by_betteroffice(data)
    assert differences(data, found) == []
    place = next(iter(found))
    assert [d.cell for d in differences(data, {**found, place: -1.0})] == [place[1]]
    # Without a recalculation every formula of the poisoned copy is wrong.
    spoilt = poisoned(data)
    assert {f.cached for f in formulas(spoilt).values()} == {"POISON"}


def _another(table: RawSheet) -> list[Cell]:
    return ["L999", "新客户", "展会", "线索", "王芳", table.rows[1][5], 5e4]
